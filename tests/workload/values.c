// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls with known values. Usage: values [wait] NAME[=COUNT]...
 *
 * Each NAME is done COUNT times (1), one after another, by one thread:
 *
 *	signed      values_signed(-5, -300, -70000, -5000000000)
 *	unsigned    values_unsigned(250, 65000, 4000000000, 18000000000000000000)
 *	many        values_many(101, 102, 103, 104, 105, 106, 107, 108)
 *	strings     values_strings("alpha", 150 times 'x', "tab\there", 8, NULL)
 *	bytes       values_bytes("\x01\xfe\0\x7f", 4)
 *	item        values_item(): see there
 *	time        values_time(): a struct timespec of 5 s and 250 ns
 *	returns     values_int(7) -5, values_bool(7) true, values_byte(7) 200, values_text(7) "text 7"
 *	factorial   values_factorial(5): recursion
 *	levels      values_level(100): calls itself down to 0, and returns its argument
 *	signal      values_level_signal(109), which returns 109; meanwhile a handler that has a stack
 *	            of its own calls values_level(3)
 *	throw       values_throw_catch(20), which returns 21; meanwhile values_throw(3), which calls
 *	            itself down to 0 and leaves all by longjmp(), and values_throw(-7), which returns
 *	            -7
 *	jump        values_jump(5), whose last deed is values_jump_on(15), which returns 30 for both
 *	slow        values_slow(20): takes 20 ms
 *	places      values_floats() to values_large(): see there
 *	deep        values_deep() calls values_middle() calls values_leaf()
 *	order       values_first(i) and values_second(i), i = 1, 2, 3, in turn
 *	usdt        values:three of an int -7, a pointer to "usdt text", and a long 77
 *	guarded     values:guarded(i), if somebody has raised its semaphore, else nothing
 *	node        node:http__server__request with six arguments, the last of them the text "/index"
 *	mysql       mysql:query__start, the first argument is the text "SELECT 1"
 *	open        openat() of "/values/none", which is not there
 *	oldopen     open() of the same, by the system call of this name; x86 only
 *	exec        execve() of /bin/true, behind which nothing is done
 *	tmpfile     read() of 12345 bytes and fallocate(mode 0, offset 4096, length 8192) of a file
 *	kill        kill(4194303, 0), which no process has
 *	nanosleep   nanosleep() of 1000 ns
 *	strlen      strlen("length of this")
 *	clone       fork(), and the child ends
 *	sync        sync()
 *	rename      the thread's name becomes "renamed", then "values"
 *	connect     to 127.0.0.1, port 9, where nobody listens
 *	random      read() of 64 bytes from /dev/urandom
 *
 * "wait": not before there is a byte, or the end, on stdin.
 *
 * Dynamic, because a function of libc is one of a library then. What stands in stacks takes the
 * address of its frame, so that it has one.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "expect.h"
#include "probed.h"

volatile unsigned short values_semaphore __attribute__((section(".probes")));
volatile unsigned short node_semaphore __attribute__((section(".probes")));

enum colour { RED = 1, GREEN = 2, BLUE = 6 };
enum bits { BIT_READ = 1, BIT_WRITE = 2, BIT_EXEC = 4 };

struct item {
	int number;
	char name[16];
	struct item *next;
	unsigned int low : 3, high : 5;
	signed int below : 4;
	enum colour colour;
	enum bits bits;
	union {
		uint32_t word;
		uint8_t bytes[4];
	};
	short list[3];
	const char *text;
	bool yes;
};

struct pair {
	long a, b;
};

struct point {
	double x, y;
};

struct mixed {
	double x;
	long n;
};

struct triple {
	long a, b, c;
};

void values_signed(signed char c, short s, int i, long l);
void values_unsigned(unsigned char c, unsigned short s, unsigned int i, unsigned long l);
void values_many(long a, long b, long c, long d, long e, long f, long g, long h);
void values_strings(const char *s, const char *more, const char *odd, const char *bad,
		    const char *null);
void values_bytes(const unsigned char *bytes, unsigned int size);
void values_item(const struct item *item);
void values_time(const struct timespec *t);
int values_int(int n);
bool values_bool(int n);
unsigned char values_byte(int n);
const char *values_text(int n);
long values_factorial(long n);
long values_level(long n);
long values_level_signal(long n);
long values_throw(long n);
long values_throw_catch(long n);
long values_jump(long n);
long values_jump_on(long n);
void values_slow(int ms);
void values_leaf(void);
void values_middle(void);
void values_deep(void);
double values_floats(double x, int i, float y, const char *s);
void values_point(struct point p, int z);
void values_mixed(struct mixed m, int z);
struct triple values_triple(int z);
void values_pair(int a, int b, int c, int d, int e, struct pair p, int f, int g);
void values_wide(int a, __int128 w, int b);
void values_large(int a, struct triple t, long double l, int b);
void values_far(int a, int b, int c, int d, int e, int f, int g, int h, long double l, short i,
		struct triple t, int j);
void values_first(long i);
void values_second(long i);

/* --- functions that are probed ---------------------------------------------------------------- */

PROBED void values_signed(signed char c, short s, int i, long l)
{
	USED(c + s + i + l);
}

PROBED void values_unsigned(unsigned char c, unsigned short s, unsigned int i, unsigned long l)
{
	USED(c + s + i + l);
}

PROBED void values_many(long a, long b, long c, long d, long e, long f, long g, long h)
{
	USED(a + b + c + d + e + f + g + h);
}

PROBED void values_strings(const char *s, const char *more, const char *odd, const char *bad,
			   const char *null)
{
	USED(s);
	USED(more);
	USED(odd);
	USED(bad);
	USED(null);
}

PROBED void values_bytes(const unsigned char *bytes, unsigned int size)
{
	USED(bytes);
	USED(size);
}

PROBED void values_item(const struct item *item)
{
	USED(item);
}

PROBED void values_time(const struct timespec *t)
{
	USED(t);
}

PROBED int values_int(int n)
{
	USED(n);
	return 2 - n;
}

PROBED bool values_bool(int n)
{
	USED(n);
	return n > 1;
}

PROBED unsigned char values_byte(int n)
{
	USED(n);
	return 193 + n;
}

PROBED const char *values_text(int n)
{
	static char text[16];

	snprintf(text, sizeof(text), "text %d", n);
	return text;
}

PROBED long values_factorial(long n)
{
	long smaller;

	if (n < 2)
		return 1;
	smaller = values_factorial(n - 1);
	USED(smaller); /* no loop instead */
	return n * smaller;
}

PROBED long values_level(long n)
{
	long below = n ? values_level(n - 1) : -1;

	USED(below); /* no loop instead */
	return below + 1;
}

PROBED long values_level_signal(long n)
{
	raise(SIGUSR1);
	return n;
}

static jmp_buf catcher;

PROBED long values_throw(long n)
{
	long below;

	if (n < 0)
		return n;
	if (!n)
		longjmp(catcher, 1);
	below = values_throw(n - 1);
	USED(below);
	return below;
}

PROBED long values_throw_catch(long n)
{
	volatile long kept = n;

	if (!setjmp(catcher))
		values_throw(3);
	values_throw(-7);
	return kept + 1;
}

PROBED long values_jump_on(long n)
{
	USED(n);
	return 2 * n;
}

#ifdef __clang__
#define JUMPS
#else /* not by itself, with -O1 */
#define JUMPS __attribute__((optimize("optimize-sibling-calls")))
#endif

PROBED JUMPS long values_jump(long n)
{
	USED(n);
	return values_jump_on(3 * n);
}

PROBED void values_slow(int ms)
{
	struct timespec t = { 0, ms * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

PROBED void values_leaf(void)
{
	USED(__builtin_frame_address(0));
}

PROBED void values_middle(void)
{
	USED(__builtin_frame_address(0));
	values_leaf();
	USED(1); /* not its last deed: no jump */
}

PROBED void values_deep(void)
{
	USED(__builtin_frame_address(0));
	values_middle();
	USED(1);
}

/* Parameters that are not handed over in one register each. */
PROBED double values_floats(double x, int i, float y, const char *s)
{
	USED(i);
	USED(s);
	return x + (double)y;
}

PROBED void values_point(struct point p, int z)
{
	USED(p.x + p.y);
	USED(z);
}

PROBED void values_mixed(struct mixed m, int z)
{
	USED(m.n);
	USED(z);
}

PROBED struct triple values_triple(int z)
{
	USED(z);
	return (struct triple){ z, z, z };
}

PROBED void values_pair(int a, int b, int c, int d, int e, struct pair p, int f, int g)
{
	USED(a + b + c + d + e + p.a + f + g);
}

PROBED void values_wide(int a, __int128 w, int b)
{
	USED(a + w + b);
}

PROBED void values_large(int a, struct triple t, long double l, int b)
{
	USED(a + t.a + (long)l + b);
}

PROBED void values_far(int a, int b, int c, int d, int e, int f, int g, int h, long double l,
		       short i, struct triple t, int j)
{
	USED(a + b + c + d + e + f + g + h + (long)l + i + t.a + j);
}

PROBED void values_first(long i)
{
	USED(i);
}

PROBED void values_second(long i)
{
	USED(i);
}

/* --- what is done by name --------------------------------------------------------------------- */

static void do_signed(long i)
{
	(void)i;
	values_signed(-5, -300, -70000, -5000000000);
}

static void do_unsigned(long i)
{
	(void)i;
	values_unsigned(250, 65000, 4000000000, 18000000000000000000u);
}

static void do_many(long i)
{
	(void)i;
	values_many(101, 102, 103, 104, 105, 106, 107, 108);
}

static void do_strings(long i)
{
	char more[151];

	(void)i;
	memset(more, 'x', 150);
	more[150] = '\0';
	values_strings("alpha", more, "tab\there", (char *)8, NULL);
}

static void do_bytes(long i)
{
	(void)i;
	values_bytes((const unsigned char *)"\x01\xfe\0\x7f", 4);
}

static void do_item(long i)
{
	struct item second = { .number = 43, .name = "second", .colour = GREEN };
	struct item first = {
		.number = -42, .name = "first", .next = &second, .low = 5, .high = 19, .below = -3,
		.colour = BLUE, .bits = BIT_READ | BIT_EXEC, .word = 0x04030201,
		.list = { 10, -20, 30 }, .text = "text of item", .yes = true,
	};

	(void)i;
	values_item(&first);
}

static void do_time(long i)
{
	struct timespec t = { 5, 250 };

	(void)i;
	values_time(&t);
}

static void do_returns(long i)
{
	(void)i;
	USED(values_int(7));
	USED(values_bool(7));
	USED(values_byte(7));
	USED(values_text(7));
}

static void do_factorial(long i)
{
	(void)i;
	USED(values_factorial(5));
}

static void do_levels(long i)
{
	(void)i;
	USED(values_level(100));
}

static void on_signal(int number)
{
	(void)number;
	USED(values_level(3));
}

static void do_signal(long i)
{
	static char room[65536] __attribute__((aligned(16)));
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };

	(void)i;
	if (sigaltstack(&stack, NULL) || sigaction(SIGUSR1, &action, NULL))
		fail("a signal's stack");
	USED(values_level_signal(109));
}

static void do_throw(long i)
{
	(void)i;
	USED(values_throw_catch(20));
}

static void do_jump(long i)
{
	(void)i;
	USED(values_jump(5));
}

static void do_slow(long i)
{
	(void)i;
	values_slow(20);
}

static void do_places(long i)
{
	const struct triple t = { 21, 22, 23 };

	(void)i;
	USED(values_floats(1.5, 7, 2.5f, "behind"));
	values_point((struct point){ 1, 2 }, -8);
	values_mixed((struct mixed){ 1, 2 }, 9);
	USED(values_triple(10).c);
	values_pair(1, 2, 3, 4, 5, (struct pair){ 31, 32 }, 6, 7);
	values_wide(11, (__int128)1 << 100, 12);
	values_large(13, t, 2.5L, 14);
	values_far(1, 2, 3, 4, 5, 6, 7, 8, 2.5L, -9, t, 10);
}

static void do_deep(long i)
{
	(void)i;
	USED(__builtin_frame_address(0));
	values_deep();
	USED(1);
}

static void do_order(long i)
{
	(void)i;
	for (long k = 1; k <= 3; k++) {
		values_first(k);
		values_second(k);
	}
}

static void do_usdt(long i)
{
	int minus = -7;

	(void)i;
	asm volatile(NOTE("values", "three", "0", INT(0) " " LONG(1) " " LONG(2))
		     : : "r"(minus), "r"("usdt text"), "r"(77L));
}

static void do_guarded(long i)
{
	if (values_semaphore)
		asm volatile(NOTE("values", "guarded", "values_semaphore", LONG(0)) : : "r"(i));
}

static void do_node(long i)
{
	(void)i;
	if (node_semaphore)
		asm volatile(NOTE("node", "http__server__request", "node_semaphore",
				  LONG(0) " " LONG(0) " " LONG(0) " " LONG(0) " " LONG(0) " " LONG(1))
			     : : "r"(5L), "r"("/index"));
}

static void do_mysql(long i)
{
	(void)i;
	asm volatile(NOTE("mysql", "query__start", "0", LONG(0)) : : "r"("SELECT 1"));
}

static void do_open(long i)
{
	(void)i;
	if (openat(AT_FDCWD, "/values/none", O_RDONLY | O_CLOEXEC) >= 0)
		fail("/values/none is there");
}

static void do_oldopen(long i)
{
	(void)i;
#ifdef SYS_open
	if (syscall(SYS_open, "/values/none", O_RDONLY, 0) >= 0)
		fail("/values/none is there");
#endif
}

static void do_exec(long i)
{
	(void)i;
	execl("/bin/true", "true", NULL);
	fail("/bin/true");
}

static void do_tmpfile(long i)
{
	static char buffer[12345];
	int file = memfd_create("values", MFD_CLOEXEC);

	(void)i;
	if (file < 0 || read(file, buffer, sizeof(buffer)) || fallocate(file, 0, 4096, 8192))
		fail("a file in memory");
	close(file);
}

static void do_kill(long i)
{
	(void)i;
	if (!kill(4194303, 0))
		fail("there is a process 4194303");
}

static void do_nanosleep(long i)
{
	struct timespec t = { 0, 1000 };

	(void)i;
	syscall(SYS_nanosleep, &t, NULL);
	nanosleep(&t, NULL);
}

static void do_strlen(long i)
{
	const char *volatile text = "length of this";

	(void)i;
	USED(strlen(text));
}

static void do_clone(long i)
{
	pid_t pid = fork();

	(void)i;
	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		fail("fork");
}

static void do_sync(long i)
{
	(void)i;
	sync();
}

static void do_rename(long i)
{
	(void)i;
	prctl(PR_SET_NAME, "renamed");
	prctl(PR_SET_NAME, "values");
}

static void do_connect(long i)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	(void)i;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (s < 0 || !connect(s, (struct sockaddr *)&to, sizeof(to)))
		fail("somebody listens");
	close(s);
}

static void do_random(long i)
{
	char buffer[64];
	int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	(void)i;
	if (file < 0 || read(file, buffer, sizeof(buffer)) != sizeof(buffer))
		fail("/dev/urandom");
	close(file);
}

static const struct deed {
	const char *name;
	void (*run)(long i);
} deeds[] = {
	{ "signed", do_signed },       { "unsigned", do_unsigned },   { "many", do_many },
	{ "strings", do_strings },     { "bytes", do_bytes },	      { "item", do_item },
	{ "time", do_time },	       { "returns", do_returns },     { "factorial", do_factorial },
	{ "places", do_places },
	{ "slow", do_slow },	       { "deep", do_deep },	      { "order", do_order },
	{ "usdt", do_usdt },	       { "guarded", do_guarded },     { "node", do_node },
	{ "mysql", do_mysql },	       { "open", do_open },	      { "tmpfile", do_tmpfile },
	{ "kill", do_kill },	       { "nanosleep", do_nanosleep }, { "clone", do_clone },
	{ "sync", do_sync },	       { "rename", do_rename },	      { "connect", do_connect },
	{ "random", do_random },       { "exec", do_exec },	      { "oldopen", do_oldopen },
	{ "strlen", do_strlen },       { "levels", do_levels },	      { "signal", do_signal },
	{ "throw", do_throw },	       { "jump", do_jump },	      { NULL },
};

/* NAME[=COUNT] */
static void run_deed(const char *text)
{
	size_t size = strcspn(text, "=");
	long count = text[size] ? atol(text + size + 1) : 1;

	errno = EINVAL;
	for (const struct deed *d = deeds; d->name; d++) {
		if (strncmp(text, d->name, size) || d->name[size])
			continue;
		for (long i = 0; i < count; i++)
			d->run(i);
		return;
	}
	fail("%s", text);
}

int main(int argc, char **argv)
{
	int at = 1;

	if (argc > 1 && !strcmp(argv[1], "wait")) {
		wait_for_go();
		at++;
	}
	for (; at < argc; at++)
		run_deed(argv[at]);
	return 0;
}
