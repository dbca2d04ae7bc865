// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Executes programs in every way there is, and fails to. Usage: execs CASE [ARG...]; see
 * cases[] at the end.
 *
 * Expected lines: ret, args, argc, args_size, args_cut (for a budget of 16 KB), file, argv0,
 * pid, ppid, interpreter. What is executed by a descriptor is shown by its real path. The
 * program executed is a copy of this one, "t", which EXECS_EXIT in its environment makes return
 * at once. Works in an empty directory, not mounted noexec.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "expect.h"

#define BUDGET (16 << 10)

static char dir[PATH_MAX]; /* where we work, canonical */
static char *const quiet[] = { "EXECS_EXIT=1", NULL };

/* One exec: how it is done, and what is to be seen of it. */
struct call {
	const char *path;    /* for the system call */
	char *const *argv;
	bool at;             /* execveat(dirfd, path, ..., flags) */
	int dirfd;
	int flags;
	bool thread;         /* by a thread that is not the leader */
	int err;             /* 0: succeeds */
	const char *file;    /* the file executed; NULL: not known */
	const char *given;   /* what args begin with; NULL: path */
	const char *interp;  /* "#!": the words before argv[1..], the script's path among them */
	const char *option;
	bool any_argc;       /* an empty argv: old kernels leave argc 0 */
};

static const char *in_dir(const char *name)
{
	static char text[8][PATH_MAX];
	static int next;
	char *s = text[next++ % 8];

	if (snprintf(s, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		fail("%s/%s", dir, name);
	return s;
}

/* A fork leaves a program's constants unmapped until they are read. Where an exec fails before
 * the kernel has read them no tracer can: shells have theirs on the heap. */
static void touch_args(const struct call *c)
{
	for (int i = 0; c->argv && c->argv[i]; i++)
		for (volatile const char *p = c->argv[i]; *p; p++)
			;
}

static long exec_now(const struct call *c)
{
	if (c->err)
		touch_args(c);
	if (c->at)
		return syscall(SYS_execveat, c->dirfd, c->path, c->argv, quiet, c->flags);
	return syscall(SYS_execve, c->path, c->argv, quiet);
}

static int thread_main(void *arg)
{
	exec_now(arg);
	syscall(SYS_exit_group, errno); /* errno is shared with the leader, who only waits */
	return 0;
}

static void __attribute__((noreturn)) child_main(struct call *c)
{
	static char stack[64 << 10] __attribute__((aligned(16)));

	if (!c->thread) {
		exec_now(c);
		_exit(errno);
	}
	if (clone(thread_main, stack + sizeof(stack),
		  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		  c) < 0)
		_exit(98);
	for (;;)
		pause();
}

/* The words the program gets: a script's interpreter comes first, argv[0] is replaced. */
static void print_args(const struct call *c)
{
	char *const *argv = c->argv;

	putchar('[');
	plain_string(c->given ? c->given : c->path);
	putchar(']');
	for (int i = 1; argv && argv[0] && argv[i]; i++) {
		putchar('[');
		plain_string(argv[i]);
		putchar(']');
	}
}

static void print_call(const struct call *c, pid_t pid)
{
	char *const *argv = c->argv;
	size_t size = 0;
	int argc = 0;

	for (; argv && argv[argc]; argc++)
		size += strlen(argv[argc]) + 1;
	if (c->interp) { /* it and the script's path for argv[0] */
		size += strlen(c->interp) + 1 + strlen(c->path) + 1 - strlen(argv[0]) - 1;
		argc++;
	}
	if (c->option) {
		size += strlen(c->option) + 1;
		argc++;
	}
	printf("%d\t", -c->err);
	if (size > BUDGET)
		putchar('*');
	else
		print_args(c);
	if (c->any_argc || c->err == E2BIG) /* what lies behind the cut is not counted then */
		printf("\t*\t*\t");
	else
		printf("\t%d\t%zu\t", argc, size);
	printf("%s\t", size > BUDGET ? "true" : "false");
	plain_string(c->err ? "*" : c->file);
	putchar('\t');
	plain_string(c->any_argc || c->interp || c->err == E2BIG ? "*" : argv[0]);
	printf("\t%d\t%d\t", pid, getpid());
	plain_string(c->interp ? c->interp : "null");
	putchar('\n');
}

static void run(struct call c)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid)
		child_main(&c);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != c.err) {
		errno = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		fail("exec of %s: status %#x, expected error %d", c.path ? c.path : "(null)",
		     status, c.err);
	}
	print_call(&c, pid);
	fflush(stdout);
}

#define ARGV(...) (char *const[]){ __VA_ARGS__, NULL }

static void write_file(const char *path, const void *data, size_t size, int mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || fchmod(fd, mode))
		fail("%s", path);
	close(fd);
}

static void write_text(const char *path, const char *text, int mode)
{
	write_file(path, text, strlen(text), mode);
}

static void copy_self(int to)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	static char block[64 << 10];
	ssize_t n;

	if (from < 0)
		fail("/proc/self/exe");
	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, n) != n)
			fail("copy of the program");
	close(from);
}

static void set_up(void)
{
	char text[PATH_MAX + 32];
	int fd;

	expect_scratch_directory();
	umask(022);
	if (!realpath(".", dir))
		fail("current directory");
	unlink("t");
	fd = open("t", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0)
		fail("t");
	copy_self(fd);
	close(fd);
	sprintf(text, "#!%s/t\n", dir);
	write_text("script", text, 0755);
	sprintf(text, "#!%s/t  -opt two \n", dir);
	write_text("script-opt", text, 0755);
	sprintf(text, "#!%s/script\n", dir);
	write_text("script-nested", text, 0755);
	write_text("script-none", "#!/no/such/interpreter\n", 0755);
	write_text("plain", "no program\n", 0644);
	write_text("garbage", "\001\002\003\004 no program\n", 0755);
	if (mkdir("d", 0755) && errno != EEXIST)
		fail("d");
}

static void run_ways(void)
{
	int file = open("t", O_RDONLY | O_CLOEXEC);
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (file < 0 || here < 0)
		fail("t");
	run((struct call){ .path = "./t", .argv = ARGV("zero", "one", "two"),
			   .file = in_dir("t") });
	run((struct call){ .path = in_dir("t"), .argv = ARGV("t", "-thread"), .thread = true,
			   .file = in_dir("t") });
	run((struct call){ .path = "", .at = true, .dirfd = file, .flags = AT_EMPTY_PATH,
			   .argv = ARGV("t", "-fd"), .given = in_dir("t"), .file = in_dir("t") });
	run((struct call){ .path = "", .at = true, .dirfd = file, .flags = AT_EMPTY_PATH,
			   .argv = ARGV("t", "-fd-thread"), .given = in_dir("t"), .thread = true,
			   .file = in_dir("t") });
	run((struct call){ .path = "t", .at = true, .dirfd = here, .argv = ARGV("t", "-dirfd"),
			   .given = in_dir("t"), .file = in_dir("t") });
	run((struct call){ .path = "t", .at = true, .dirfd = AT_FDCWD,
			   .argv = ARGV("t", "-fdcwd"), .file = in_dir("t") });
	run((struct call){ .path = in_dir("t"), .at = true, .dirfd = 999,
			   .argv = ARGV("t", "-absolute"), .file = in_dir("t") });
	close(file);
	close(here);
}

static void run_memfd(void)
{
	int fd = syscall(SYS_memfd_create, "hidden", 1 /* MFD_CLOEXEC */);

	if (fd < 0) {
		expect_skip("no memfd_create");
		return;
	}
	copy_self(fd);
	run((struct call){ .path = "", .at = true, .dirfd = fd, .flags = AT_EMPTY_PATH,
			   .argv = ARGV("[kworker/0:1]", "-memfd"), .given = "memfd:hidden",
			   .file = "memfd:hidden" });
	close(fd);
}

static void run_scripts(void)
{
	run((struct call){ .path = "./script", .argv = ARGV("./script", "a", "b"),
			   .interp = in_dir("t"), .file = in_dir("t") });
	run((struct call){ .path = "./script-opt", .argv = ARGV("x", "a"),
			   .interp = in_dir("t"), .option = "-opt two", .file = in_dir("t") });
	run((struct call){ .path = in_dir("script-nested"), .argv = ARGV("script-nested"),
			   .interp = in_dir("t"), .option = in_dir("script"), .file = in_dir("t") });
}

/* All that is read lies on pages that no one has touched: the path, the pointers, the words. */
static void run_cold(void)
{
	static char image[5 * 4096];
	char *at = mmap(NULL, sizeof(image), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char **argv = (char **)image;
	int fd = open("pages", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct call c = { .path = at + 4096, .argv = (char *const *)at, .given = "./t",
			  .file = in_dir("t") };

	argv[0] = at + 4096;
	argv[1] = at + 2 * 4096;
	argv[2] = at + 3 * 4096;
	argv[3] = at + 4 * 4096 - 6; /* half of it on the next page */
	strcpy(image + 4096, "./t");
	strcpy(image + 2 * 4096, "-cold");
	strcpy(image + 3 * 4096, "cold argument");
	strcpy(image + 4 * 4096 - 6, "cold across pages");
	if (at == MAP_FAILED || fd < 0 || write(fd, image, sizeof(image)) != sizeof(image) ||
	    mmap(at, sizeof(image), PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) != at)
		fail("pages");
	run(c);
	munmap(at, sizeof(image));
	close(fd);
}

/* count words in all, each of size bytes. */
static char **make_argv(int count, size_t size)
{
	char **argv = calloc(count + 1, sizeof(*argv));

	for (int i = 0; i < count; i++) {
		argv[i] = malloc(size + 16);
		memset(argv[i], 'a' + i % 26, size);
		argv[i][size] = 0;
		if (size < 8)
			sprintf(argv[i], "%d", i);
	}
	return argv;
}

static void run_many_args(void)
{
	run((struct call){ .path = "./t", .argv = make_argv(20, 4), .file = in_dir("t") });
	run((struct call){ .path = "./t", .argv = make_argv(21, 4), .file = in_dir("t") });
	run((struct call){ .path = "./t", .argv = make_argv(100, 4), .file = in_dir("t") });
	run((struct call){ .path = "./t", .argv = make_argv(3, 500), .file = in_dir("t") });
}

/* argv[0] is "t", then words, the last one by extra bytes longer. */
static void run_words(int count, size_t size, size_t extra)
{
	char **argv = make_argv(count + 1, size);

	argv[0] = "t";
	memset(argv[count] + size, 'z', extra);
	argv[count][size + extra] = 0;
	run((struct call){ .path = "./t", .argv = argv, .file = in_dir("t") });
}

/* The budget of 16 KB: exactly full, one byte more, far more, and in one word. */
static void run_big(void)
{
	run_words(2, 8190, 0);
	run_words(2, 8190, 1);
	run_words(100, 400, 0);
	run((struct call){ .path = "./t", .file = in_dir("t"),
			   .argv = ARGV("t", make_argv(1, 100 << 10)[0], "end") });
}

static void run_empty(void)
{
	static char *const none[] = { NULL };

	run((struct call){ .path = "./t", .argv = NULL, .any_argc = true, .file = in_dir("t") });
	run((struct call){ .path = "./t", .argv = none, .any_argc = true, .file = in_dir("t") });
	run((struct call){ .path = "./t", .argv = ARGV(""), .file = in_dir("t") });
	run((struct call){ .path = "./t", .argv = ARGV("", "", "x", ""), .file = in_dir("t") });
}

static void run_names(void)
{
	run((struct call){ .path = "./t", .file = in_dir("t"),
			   .argv = ARGV("t", "new\nline", "\033[31mred", "a\tb\rc", "back\\slash",
					"quo\"te", "it's", "bad\xff\xfeutf", "caf\xc3\xa9",
					"two words", "c1\xc2\x9b", "del\x7f",
					"\xe2\x80\xae" "bidi") });
}

static void run_failures(void)
{
	int file = open("plain", O_RDONLY | O_CLOEXEC);
	char **huge = make_argv(2, 200 << 10);
	char by_fd[32];

	sprintf(by_fd, "/dev/fd/%d", file);

	run((struct call){ .path = "./nowhere", .argv = ARGV("n", "a", "b"), .err = ENOENT });
	run((struct call){ .path = "./plain", .argv = ARGV("plain", "x"), .err = EACCES });
	run((struct call){ .path = "./d", .argv = ARGV("d"), .err = EACCES });
	run((struct call){ .path = "./plain/x", .argv = ARGV("x"), .err = ENOTDIR });
	run((struct call){ .path = "./garbage", .argv = ARGV("g", "y"), .err = ENOEXEC });
	run((struct call){ .path = "./script-none", .argv = ARGV("s", "z"), .err = ENOENT });
	run((struct call){ .path = "./nowhere", .argv = ARGV("n", "-thread"), .thread = true,
			   .err = ENOENT });
	run((struct call){ .path = "nowhere", .at = true, .dirfd = AT_FDCWD,
			   .argv = ARGV("n", "-at"), .err = ENOENT });
	run((struct call){ .path = "x", .at = true, .dirfd = 999, .argv = ARGV("n", "-badfd"),
			   .err = EBADF, .given = "/dev/fd/999/x" });
	run((struct call){ .path = "", .at = true, .dirfd = file, .flags = AT_EMPTY_PATH,
			   .argv = ARGV("n", "-fd"), .err = EACCES, .given = by_fd });
	run((struct call){ .path = "", .argv = ARGV("n", "-nothing"), .err = ENOENT });
	run((struct call){ .path = "./t", .argv = huge, .err = E2BIG });
	close(file);
}

static void run_all(void)
{
	run_ways();
	run_memfd();
	run_scripts();
	run_cold();
	run_many_args();
	run_big();
	run_empty();
	run_names();
}

static void run_basic(void)
{
	run_ways();
	run_scripts();
	run_cold();
	run_many_args();
}

/* ---- the command line ---- */

static int spawn(struct call c)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		fail("fork");
	if (!pid)
		child_main(&c);
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	return status;
}

/* many COUNT: execs of all kinds, quickly; prints how many succeeded and how many failed. */
static int run_many(char **args)
{
	long count = args[0] ? atol(args[0]) : 100, good = 0, bad = 0;
	int file = open("t", O_RDONLY | O_CLOEXEC);
	const struct call kinds[] = {
		{ .path = "./t", .argv = ARGV("t", "-plain") },
		{ .path = "./t", .argv = ARGV("t", "-thread"), .thread = true },
		{ .path = "", .at = true, .dirfd = file, .flags = AT_EMPTY_PATH,
		  .argv = ARGV("t", "-fd") },
		{ .path = "./script", .argv = ARGV("s", "-script") },
		{ .path = "./nowhere", .argv = ARGV("n", "-fails") },
		{ .path = "./nowhere", .argv = ARGV("n", "-fails"), .thread = true },
		{ .path = "", .at = true, .dirfd = file, .flags = AT_EMPTY_PATH,
		  .argv = ARGV("t", "-fd-thread"), .thread = true },
		{ .path = "./garbage", .argv = ARGV("g", "-fails-late") },
	};

	for (long i = 0; i < count; i++)
		if (spawn(kinds[i % (sizeof(kinds) / sizeof(kinds[0]))]))
			bad++;
		else
			good++;
	printf("%ld\t%ld\n", good, bad);
	return 0;
}

/* tick COUNT MILLISECONDS: now and then; an argument holds the monotonic clock. */
static int run_tick(char **args)
{
	int count = args[0] ? atoi(args[0]) : 10, ms = args[0] && args[1] ? atoi(args[1]) : 50;

	for (int i = 0; i < count; i++) {
		struct timespec now;
		char word[64];

		usleep(ms * 1000);
		clock_gettime(CLOCK_MONOTONIC, &now);
		snprintf(word, sizeof(word), "/tick-%lld",
			 now.tv_sec * 1000000000LL + now.tv_nsec);
		spawn((struct call){ .path = "./t", .argv = ARGV("t", word) });
	}
	return 0;
}

/* names NAME...: executes copies of t under these names, with their number as argument. */
static int run_name_list(char **args)
{
	for (int i = 0; args[i]; i++) {
		char number[16], path[300];

		snprintf(path, sizeof(path), "./%s", args[i]);
		sprintf(number, "%d", i);
		if (link("t", args[i]) && errno != EEXIST)
			fail("%s", args[i]);
		spawn((struct call){ .path = path, .argv = ARGV(args[i], number) });
	}
	return 0;
}

static const struct {
	const char *name;
	void (*run)(void);
	int (*with_args)(char **);
} cases[] = {
	{ "all", run_all, NULL },           { "basic", run_basic, NULL },
	{ "failures", run_failures, NULL }, { "many-args", run_many_args, NULL },
	{ "big", run_big, NULL },           { "odd-names", run_names, NULL },
	{ "memfd", run_memfd, NULL },       { "empty", run_empty, NULL },
	{ "many", NULL, run_many },         { "tick", NULL, run_tick },
	{ "names", NULL, run_name_list },
};

int main(int argc, char **argv)
{
	if (getenv("EXECS_EXIT"))
		return 0;
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(argv[1], cases[i].name))
			continue;
		set_up();
		if (cases[i].with_args)
			return cases[i].with_args(argv + 2);
		cases[i].run();
		return 0;
	}
	fprintf(stderr, "usage: execs all|basic|failures|many-args|big|odd-names|memfd|empty|many|"
			"tick|names [ARG...]\n");
	return 2;
}
