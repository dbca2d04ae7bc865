// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls whose values have known distributions. Usage:
 *
 *	dist [wait] [seconds=S] THREADS NAME=COUNT...
 *	dist list NAME=COUNT		a line for each call: its values, separated by tabs
 *
 *	number     dist_number(v): 0 to 2^32, of all magnitudes		list: v
 *	signed     dist_signed(v): -100 to 100; returns 3 * v		list: v
 *	keyed      dist_keyed(key, v, colour, flags)			list: all four
 *	extreme    dist_number() of 0, 1, 2, powers of two and their neighbours, the largest and the
 *	           least number, -1					list: v
 *	edge       dist_edge(v), unsigned: 0, 1, 2, 5, 2^63 - 1, 2^63, 2^63 + 5, 2^64 - 1
 *	typed      typed_bool(v), typed_int(v), typed_uint(v), typed_colour(v), typed_ulong(v); each
 *	           returns v					list: function and v of each
 *	blanks     dist_text(s) of "a", "a ", "a  " and ""; dist_same(s), which returns s
 *	text       dist_text(s): some texts, with other bytes behind each one's NUL every time; two
 *	           differ in their 90th byte only			list: s
 *	depth      dist_depth(n) of 20, which calls itself down to 1; returns 2 * n
 *									list: n of each
 *	deep       dist_depth() of 100					list: n of the outer 64
 *	slow       dist_slow(ms): takes 1, 6 or 12 ms			list: ms
 *	pair       dist_begin(id, v) and dist_end(id) of two at a time; every fourth has no end, and each
 *	           has an end without a beginning			list: id and v of whole ones
 *	stack      dist_leaf() by dist_through(), and that by dist_left() two times in three, else by
 *	           dist_right(). (At its first instruction a function has no frame yet, and before
 *	           6.1 the kernel passes over its caller then.)
 *	usdt       the probe dist:value of an int, a text and a long	list: all three
 *	strlen     libc's, of the texts of "text"			list: s
 *	write      write() to /dev/null, each tenth to no file		list: size, result
 *	read       read() from /dev/zero, each tenth from no file	list: size, result
 *	open       openat() of /dist/N, which is not there		list: path
 *	fallocate  of a file in memory: the kernel's vfs_fallocate(file, mode, offset, length), each
 *	           fifth of length 0, which is refused			list: offset, length, result
 *	kill       kill(4194303, 0)
 *	rename     the tracepoint task:task_rename, from and to the same name
 *	nanosleep  the system call, of 1 us
 *	doze       the same, of 4 s: with a thread for each, all are in it at once
 *	fork       a process that ends at once
 *
 * THREADS share each COUNT (kinds.h), with seconds again and again; then there is at the end a line
 * for each thread: its number of rounds. "wait": not before there is a byte, or the end, on stdin.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "kinds.h"
#include "probed.h"

enum dist_colour { DIST_RED, DIST_GREEN, DIST_BLUE };
enum dist_flags { DIST_ONE = 1, DIST_TWO = 2, DIST_FOUR = 4 };

void dist_number(long v);
int dist_signed(int v);
void dist_keyed(int key, long v, enum dist_colour colour, enum dist_flags flags);
void dist_edge(unsigned long v);
bool typed_bool(bool v);
int typed_int(int v);
unsigned int typed_uint(unsigned int v);
enum dist_colour typed_colour(enum dist_colour v);
unsigned long typed_ulong(unsigned long v);
void dist_text(const char *s);
const char *dist_same(const char *s);
long dist_depth(long n);
void dist_slow(int ms);
void dist_begin(long id, long v);
void dist_end(long id);
void dist_leaf(void);
void dist_through(void);
void dist_left(void);
void dist_right(void);

/* --- functions that are probed ---------------------------------------------------------------- */

PROBED void dist_number(long v)
{
	USED(v);
}

PROBED int dist_signed(int v)
{
	USED(v);
	return 3 * v;
}

PROBED void dist_keyed(int key, long v, enum dist_colour colour, enum dist_flags flags)
{
	USED(key + v + colour + flags);
}

PROBED void dist_edge(unsigned long v)
{
	USED(v);
}

PROBED bool typed_bool(bool v)
{
	USED(v);
	return v;
}

PROBED int typed_int(int v)
{
	USED(v);
	return v;
}

PROBED unsigned int typed_uint(unsigned int v)
{
	USED(v);
	return v;
}

PROBED enum dist_colour typed_colour(enum dist_colour v)
{
	USED(v);
	return v;
}

PROBED unsigned long typed_ulong(unsigned long v)
{
	USED(v);
	return v;
}

PROBED void dist_text(const char *s)
{
	USED(s);
}

PROBED const char *dist_same(const char *s)
{
	USED(s);
	return s;
}

PROBED long dist_depth(long n)
{
	long below = n > 1 ? dist_depth(n - 1) : 0;

	USED(below); /* no loop instead */
	return below + 2;
}

PROBED void dist_slow(int ms)
{
	struct timespec t = { 0, ms * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

PROBED void dist_begin(long id, long v)
{
	USED(id + v);
}

PROBED void dist_end(long id)
{
	USED(id);
}

/* What stands in stacks takes the address of its frame, so that it has one. */
PROBED void dist_leaf(void)
{
	USED(__builtin_frame_address(0));
}

PROBED void dist_through(void)
{
	USED(__builtin_frame_address(0));
	dist_leaf();
	USED(0); /* not its last deed: no jump */
}

PROBED void dist_left(void)
{
	USED(__builtin_frame_address(0));
	dist_through();
	USED(1);
}

PROBED void dist_right(void)
{
	USED(__builtin_frame_address(0));
	dist_through();
	USED(2);
}

/* --- values ----------------------------------------------------------------------------------- */

static long number_of(long i)
{
	return (uint32_t)(i * 2654435761u) >> i % 33;
}

static int signed_of(long i)
{
	return i * 7919 % 201 - 100;
}

static long extreme_of(long i)
{
	static const long rest[] = { 0, LONG_MAX, LONG_MIN, -1 };

	i %= 193;
	return i < 189 ? (1L << i / 3) + i % 3 - 1 : rest[i - 189];
}

#define TEXT_ROOM 256

/* The text, and behind it bytes that are others each time. */
static const char *text_of(long i, char buffer[TEXT_ROOM])
{
	static const char *const texts[] = { "alpha", "beta", "alphabet", "", "two words", "LL", "LM" };
	const char *text = texts[i % 11 % 7];

	for (int k = 0; k < TEXT_ROOM; k++)
		buffer[k] = 1 + (i + k) % 251;
	if (*text == 'L') {
		memset(buffer, 'L', 100);
		buffer[90] = text[1];
		buffer[100] = '\0';
	} else {
		strcpy(buffer, text);
	}
	return buffer;
}

static size_t size_of(long i)
{
	return i * 37 % 5000;
}

static long length_of(long i)
{
	return i % 5 ? 1 + i % 997 : 0;
}

/* --- calls ------------------------------------------------------------------------------------ */

static int file_null, file_zero, file_memory;

static void call_number(long i)
{
	dist_number(number_of(i));
}

static void list_number(long i)
{
	printf("%ld\n", number_of(i));
}

static void call_signed(long i)
{
	USED(dist_signed(signed_of(i)));
}

static void list_signed(long i)
{
	printf("%d\n", signed_of(i));
}

static void call_keyed(long i)
{
	dist_keyed(i % 7, number_of(i), i % 3, i % 8);
}

static void list_keyed(long i)
{
	printf("%ld\t%ld\t%ld\t%ld\n", i % 7, number_of(i), i % 3, i % 8);
}

static void call_extreme(long i)
{
	dist_number(extreme_of(i));
}

static void list_extreme(long i)
{
	printf("%ld\n", extreme_of(i));
}

static void call_edge(long i)
{
	static const unsigned long edges[] = {
		0, 1, 2, 5, LONG_MAX, 1UL << 63, (1UL << 63) + 5, ULONG_MAX
	};

	dist_edge(edges[i % 8]);
}

static void call_typed(long i)
{
	USED(typed_bool(i % 2));
	USED(typed_int(signed_of(i)));
	USED(typed_uint(4000000000u + i % 3));
	USED(typed_colour(i % 3));
	USED(typed_ulong(number_of(i)));
}

static void list_typed(long i)
{
	printf("typed_bool\t%ld\ntyped_int\t%d\ntyped_uint\t%u\ntyped_colour\t%ld\n"
	       "typed_ulong\t%ld\n", i % 2, signed_of(i), 4000000000u + (unsigned int)(i % 3),
	       i % 3, number_of(i));
}

static void call_blanks(long i)
{
	static const char *const texts[] = { "a", "a ", "a  ", "" };

	dist_text(texts[i % 4]);
	USED(dist_same(texts[i % 4]));
}

static void call_text(long i)
{
	char buffer[TEXT_ROOM];

	dist_text(text_of(i, buffer));
}

static void list_text(long i)
{
	char buffer[TEXT_ROOM];

	puts(text_of(i, buffer));
}

static void call_depth(long i)
{
	(void)i;
	USED(dist_depth(20));
}

static void list_depth(long i)
{
	(void)i;
	for (int n = 1; n <= 20; n++)
		printf("%d\n", n);
}

static int slow_of(long i)
{
	static const int ms[] = { 1, 6, 12 };

	return ms[i % 3];
}

static void call_deep(long i)
{
	(void)i;
	USED(dist_depth(100));
}

static void list_deep(long i)
{
	(void)i;
	for (int n = 37; n <= 100; n++)
		printf("%d\n", n);
}

static void call_slow(long i)
{
	dist_slow(slow_of(i));
}

static void list_slow(long i)
{
	printf("%d\n", slow_of(i));
}

static void call_pair(long i)
{
	dist_begin(2 * i, 20 * i);
	dist_begin(2 * i + 1, 20 * i + 10);
	dist_end(2 * i);
	dist_end(-1 - i);
	if (i % 2)
		dist_end(2 * i + 1);
}

static void list_pair(long i)
{
	for (long id = 2 * i; id <= 2 * i + i % 2; id++)
		printf("%ld\t%ld\n", id, 10 * id);
}

static void call_stack(long i)
{
	if (i % 3 < 2)
		dist_left();
	else
		dist_right();
}

static void call_usdt(long i)
{
	char buffer[TEXT_ROOM];

	asm volatile(NOTE("dist", "value", "0", INT(0) " " LONG(1) " " LONG(2)) : :
		     "r"(signed_of(i)), "r"(text_of(i, buffer)), "r"(number_of(i)) : "memory");
}

static void list_usdt(long i)
{
	char buffer[TEXT_ROOM];

	printf("%d\t%s\t%ld\n", signed_of(i), text_of(i, buffer), number_of(i));
}

static void call_strlen(long i)
{
	static size_t (*volatile function)(const char *s) = strlen;
	char buffer[TEXT_ROOM];

	USED(function(text_of(i, buffer)));
}

static char bytes[5000];

static void call_write(long i)
{
	syscall(SYS_write, i % 10 ? file_null : -1, bytes, size_of(i));
}

static void call_read(long i)
{
	char buffer[sizeof(bytes)];

	syscall(SYS_read, i % 10 ? file_zero : -1, buffer, size_of(i));
}

static void list_size(long i)
{
	printf("%zu\t%ld\n", size_of(i), i % 10 ? (long)size_of(i) : -EBADF);
}

static void path_of(long i, char path[16])
{
	snprintf(path, 16, "/dist/%ld", i % 4);
}

static void call_open(long i)
{
	char path[16];

	path_of(i, path);
	syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

static void list_open(long i)
{
	char path[16];

	path_of(i, path);
	puts(path);
}

static void call_fallocate(long i)
{
	fallocate(file_memory, 0, i % 11, length_of(i));
}

static void list_fallocate(long i)
{
	printf("%ld\t%ld\t%d\n", i % 11, length_of(i), length_of(i) ? 0 : -EINVAL);
}

static void call_kill(long i)
{
	(void)i;
	kill(4194303, 0);
}

static void call_rename(long i)
{
	(void)i;
	prctl(PR_SET_NAME, program_invocation_short_name);
}

static void call_nanosleep(long i)
{
	struct timespec t = { 0, 1000 };

	(void)i;
	syscall(SYS_nanosleep, &t, NULL);
}

static void call_doze(long i)
{
	struct timespec t = { 4, 0 };

	(void)i;
	syscall(SYS_nanosleep, &t, NULL);
}

static void call_fork(long i)
{
	pid_t pid = fork();

	(void)i;
	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		fail("fork");
}

#define LISTED(name) { #name, call_##name, list_##name, 0 }
#define SILENT(name) { #name, call_##name, NULL, 0 }

static struct kind kinds[] = {
	LISTED(number), LISTED(signed), LISTED(keyed), LISTED(extreme), SILENT(edge),
	LISTED(typed), SILENT(blanks), LISTED(text),
	LISTED(depth), LISTED(deep), LISTED(slow), LISTED(pair), SILENT(stack), LISTED(usdt),
	{ "strlen", call_strlen, list_text, 0 }, { "write", call_write, list_size, 0 },
	{ "read", call_read, list_size, 0 }, LISTED(open), LISTED(fallocate), SILENT(kill),
	SILENT(rename), SILENT(nanosleep), SILENT(doze), SILENT(fork),
	{ NULL, NULL, NULL, 0 },
};

/* --- command line ----------------------------------------------------------------------------- */

static int run_list(const char *text)
{
	const struct kind *k = kind_set(kinds, text);

	for (long i = 0; k->list && i < k->count; i++)
		k->list(i);
	return 0;
}

int main(int argc, char **argv)
{
	long seconds = 0;
	int at = 1;

	if (argc == 3 && !strcmp(argv[1], "list"))
		return run_list(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "wait"))
		at++;
	if (argc > at && !strncmp(argv[at], "seconds=", 8))
		seconds = number_read(argv[at++] + 8);
	errno = EINVAL;
	if (argc < at + 2)
		fail("usage: dist [wait] [seconds=S] THREADS NAME=COUNT...");
	for (int i = at + 1; i < argc; i++)
		kind_set(kinds, argv[i]);
	file_null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	file_zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	file_memory = memfd_create("dist", MFD_CLOEXEC);
	if (file_null < 0 || file_zero < 0 || file_memory < 0)
		fail("files");
	if (!strcmp(argv[1], "wait"))
		wait_for_go();
	kinds_run(kinds, number_read(argv[at]), seconds);
	return 0;
}
