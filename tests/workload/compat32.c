// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A 32-bit program on a 64-bit kernel: opens files, and executes programs, by the old calling
 * convention. No libc, so that it needs nothing but a compiler:
 *
 *	cc -m32 -nostdlib -static -ffreestanding -fno-pic -no-pie -fno-stack-protector
 *	clang --target=armv7a-linux-gnueabi -ffreestanding ... and a linker for ARM
 *
 * Usage: compat32 opens | execs, in an empty directory, its own path absolute.
 * Expected lines: those of opens.c and execs.c. Exits at once where EXECS_EXIT is set.
 */
#if defined(__i386__)
enum { NR_openat = 295, NR_execveat = 358 };
#elif defined(__arm__)
enum { NR_openat = 322, NR_execveat = 387 };
#else
#error "an architecture with a 32-bit twin is wanted"
#endif
enum {
	NR_exit = 1, NR_fork = 2, NR_write = 4, NR_open = 5, NR_close = 6, NR_creat = 8,
	NR_unlink = 10, NR_execve = 11, NR_getpid = 20, NR_wait4 = 114, NR_getcwd = 183,
	NR_openat2 = 437,
};

#if defined(__i386__)
enum { DIRECTORY = 0200000, NOFOLLOW = 0400000 };
#else
enum { DIRECTORY = 040000, NOFOLLOW = 0100000 };
#endif
enum { WRONLY = 1, RDWR = 2, CREAT = 0100, EXCL = 0200, TRUNC = 01000, CLOEXEC = 02000000 };
enum { FDCWD = -100 };

#if defined(__i386__)
static long call(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return ret;
}

__asm__(".globl _start\n_start:\n"
	"	mov %esp, %eax\n"
	"	and $-16, %esp\n"
	"	sub $12, %esp\n"
	"	push %eax\n"
	"	call start\n");
#else
static long call(long nr, long a, long b, long c, long d, long e)
{
	register long r7 __asm__("r7") = nr;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;

	__asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4)
			 : "memory");
	return r0;
}

__asm__(".globl _start\n_start:\n"
	"	mov r0, sp\n"
	"	bic sp, sp, #7\n"
	"	bl start\n");
#endif

/* The empty statements keep compilers from making these loops calls of themselves. */
static unsigned int length(const char *s)
{
	unsigned int n = 0;

	while (s[n]) {
		n++;
		__asm__ volatile("");
	}
	return n;
}

static char line[8192];
static unsigned int line_size;

static void add(const char *s)
{
	for (; *s && line_size < sizeof(line); s++) {
		line[line_size++] = *s;
		__asm__ volatile("");
	}
}

/* No division: the ARM one is a library's. */
static void add_number(long value)
{
	static const unsigned int tens[] = { 1000000000, 100000000, 10000000, 1000000, 100000,
					     10000, 1000, 100, 10, 1 };
	unsigned int v = value < 0 ? -value : value, begun = 0;
	char digit[2] = { 0, 0 };

	if (value < 0)
		add("-");
	for (unsigned int i = 0; i < 10; i++) {
		for (digit[0] = '0'; v >= tens[i]; v -= tens[i])
			digit[0]++;
		if (digit[0] != '0' || begun || i == 9) {
			add(digit);
			begun = 1;
		}
	}
}

static void say_line(void)
{
	add("\n");
	call(NR_write, 1, (long)line, line_size, 0, 0);
	line_size = 0;
}

static void leave(int status)
{
	for (;;)
		call(NR_exit, status, 0, 0, 0, 0);
}

static void fail(const char *what)
{
	call(NR_write, 2, (long)"compat32: failed: ", 18, 0, 0);
	call(NR_write, 2, (long)what, length(what), 0, 0);
	call(NR_write, 2, (long)"\n", 1, 0, 0);
	leave(99);
}

static char cwd[4096];

/* err: 0 or the errno that must have come. */
static void expect(const char *via, const char *path, long ret, int flags, int mode, int err)
{
	if (err ? ret != -err : ret < 0)
		fail(path);
	add(via);
	add("\t");
	add(path);
	add("\t");
	add_number(err);
	add("\t");
	add_number(err ? -1 : ret);
	add("\t");
	add_number(flags);
	add("\t");
	if (flags & CREAT)
		add_number(mode);
	else
		add("null");
	add("\t32\t");
	add(cwd);
	add("/");
	add(path);
	add("\t");
	add_number(call(NR_getpid, 0, 0, 0, 0, 0));
	say_line();
	if (!err)
		call(NR_close, ret, 0, 0, 0, 0);
}

static void try_open(const char *path, int flags, int mode, int err)
{
	expect("open", path, call(NR_open, (long)path, flags, mode, 0, 0), flags, mode, err);
}

static void try_openat(const char *path, int flags, int mode, int err)
{
	expect("openat", path, call(NR_openat, FDCWD, (long)path, flags, mode, 0), flags, mode,
	       err);
}

static void try_openat2(const char *path, int flags, int mode, int err)
{
	unsigned long long how[3];

	how[0] = flags;
	how[1] = mode;
	how[2] = 0;
	expect("openat2", path, call(NR_openat2, FDCWD, (long)path, (long)how, sizeof(how), 0),
	       flags, mode, err);
}

static void opens(void)
{
	call(NR_openat, FDCWD, (long)"/opens-begin", 0, 0, 0);
	expect("creat", "c32-creat", call(NR_creat, (long)"c32-creat", 0604, 0, 0, 0),
	       CREAT | WRONLY | TRUNC, 0604, 0);
	try_open("c32-open", CREAT | RDWR, 0640, 0);
	try_open("c32-open", CLOEXEC, 0, 0);
	try_open("c32-none", 0, 0, 2);
	try_open("c32-open", DIRECTORY, 0, 20);
	try_openat("c32-openat", CREAT | WRONLY | CLOEXEC, 0600, 0);
	try_openat("c32-openat", NOFOLLOW, 0, 0);
	try_openat("c32-openat-none", RDWR, 0, 2);
	try_openat2("c32-openat2", CREAT | EXCL | RDWR, 0644, 0);
	try_openat2("c32-openat2", CREAT | EXCL | RDWR, 0644, 17);
	call(NR_openat, FDCWD, (long)"/opens-end", 0, 0, 0);
	call(NR_unlink, (long)"c32-openat2", 0, 0, 0, 0);
}

static char *quiet[] = { "EXECS_EXIT=1", 0 };

static void expect_exec(const char *given, char **argv, long pid, int err)
{
	unsigned int argc = 0, size = 0;

	add_number(-err);
	add("\t[");
	add(given);
	add("]");
	for (; argv[argc]; argc++) {
		size += length(argv[argc]) + 1;
		if (!argc)
			continue;
		add("[");
		add(argv[argc]);
		add("]");
	}
	add("\t");
	add_number(argc);
	add("\t");
	add_number(size);
	add("\tfalse\t");
	add(err ? "*" : given);
	add("\t");
	add(argv[0]);
	add("\t");
	add_number(pid);
	add("\t");
	add_number(call(NR_getpid, 0, 0, 0, 0, 0));
	say_line();
}

static void try_exec(const char *path, char **argv, int at, int err)
{
	long pid = call(NR_fork, 0, 0, 0, 0, 0), ret;
	int status = 0;

	if (pid < 0)
		fail("fork");
	if (!pid) {
		ret = at ? call(NR_execveat, FDCWD, (long)path, (long)argv, (long)quiet, 0) :
			   call(NR_execve, (long)path, (long)argv, (long)quiet, 0, 0);
		leave(-ret);
	}
	if (call(NR_wait4, pid, (long)&status, 0, 0, 0) != pid || status != err << 8)
		fail(path);
	expect_exec(path, argv, pid, err);
}

static void execs(const char *self)
{
	char *good[] = { "c32", "one", "two words", 0 };
	char *at[] = { "c32", "-at", 0 };
	char *none[] = { "none", "-fails", 0 };

	try_exec(self, good, 0, 0);
	try_exec(self, at, 1, 0);
	try_exec("./c32-no-program", none, 0, 2);
	try_exec("./c32-no-program", none, 1, 2);
}

__attribute__((used)) void start(long *stack)
{
	char **argv = (char **)(stack + 1);
	char **env = argv + stack[0] + 1;

	for (; *env; env++)
		if ((*env)[0] == 'E' && (*env)[1] == 'X' && (*env)[5] == '_' && (*env)[6] == 'E')
			leave(0);
	if (call(NR_getcwd, (long)cwd, sizeof(cwd), 0, 0, 0) < 0)
		fail("getcwd");
	if (stack[0] == 2 && argv[1][0] == 'o')
		opens();
	else if (stack[0] == 2 && argv[1][0] == 'e')
		execs(argv[0]);
	else
		fail("usage: compat32 opens|execs");
	leave(0);
}
