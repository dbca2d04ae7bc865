// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls of a known number. Usage: calls [wait] THREADS NAME=COUNT...
 *
 *	getpriority  libc's function and the system call of this name
 *	getrusage    the same, and a function of the kernel that nothing else calls here
 *	fallocate    of a file in memory: the kernel's vfs_fallocate()
 *	rename       the tracepoint task:task_rename; exec() is another one
 *	step         calls_step(), of this program
 *	outer        calls_outer(), which goes beyond the byte that is `calls offset` bytes behind
 *	             its beginning every second time
 *	usdt         the probe calls:plain, at two places in turn
 *	semaphore    the probe calls:guarded, if somebody has raised its semaphore
 *
 * THREADS share each COUNT: thread n of N does those from COUNT * n / N to COUNT * (n + 1) / N, and
 * stays on CPU n. "wait": not before there is a byte, or the end, on stdin.
 * At the end a line "NAME COUNT" for each, and with semaphore also "raised N": what it is then.
 *
 * Dynamic, because a function of libc is one of a library then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "expect.h"

/* As sourceware.org/systemtap/wiki/UserSpaceProbeImplementation has it. */
#define PROBE(name, semaphore, value)                                                              \
	asm volatile("990:	nop\n"                                                             \
		     "	.pushsection .note.stapsdt, \"\", \"note\"\n"                              \
		     "	.balign 4\n"                                                               \
		     "	.4byte 992f - 991f, 994f - 993f, 3\n"                                      \
		     "991:	.asciz \"stapsdt\"\n"                                              \
		     "992:	.balign 4\n"                                                       \
		     "993:	.8byte 990b, 0, " semaphore "\n"                                   \
		     "	.asciz \"calls\"\n"                                                        \
		     "	.asciz \"" name "\"\n"                                                     \
		     "	.asciz \"8@%0\"\n"                                                         \
		     "994:	.balign 4\n"                                                       \
		     "	.popsection\n"                                                             \
		     :                                                                             \
		     : "r"(value))

volatile unsigned short calls_guarded __attribute__((section(".probes")));
extern const uint64_t calls_offset;
static int file;

void calls_step(long i);
void calls_outer(long i);

__attribute__((noinline)) void calls_step(long i)
{
	asm volatile("" : : "r"(i) : "memory");
}

/* noclone: there is but one such place. */
__attribute__((noinline, noclone)) void calls_outer(long i)
{
	if (i % 2)
		return;
	asm volatile("991:	nop\n"
		     "	.pushsection .rodata\n"
		     "	.balign 8\n"
		     "	.globl calls_offset\n"
		     "calls_offset:\n"
		     "	.8byte 991b - calls_outer\n"
		     "	.popsection\n");
}

static void call_usdt(long i)
{
	if (i % 2)
		PROBE("plain", "0", i);
	else
		PROBE("plain", "0", i + 1);
}

static void call_semaphore(long i)
{
	if (calls_guarded)
		PROBE("guarded", "calls_guarded", i);
}

static void call_getpriority(long i)
{
	(void)i;
	getpriority(PRIO_PROCESS, 0);
}

static void call_getrusage(long i)
{
	struct rusage usage;

	(void)i;
	getrusage(RUSAGE_SELF, &usage);
}

static void call_fallocate(long i)
{
	if (fallocate(file, 0, i, 1))
		fail("fallocate");
}

static void call_rename(long i)
{
	(void)i;
	prctl(PR_SET_NAME, program_invocation_short_name);
}

static struct kind {
	const char *name;
	void (*call)(long i);
	long count;
} kinds[] = {
	{ "getpriority", call_getpriority },
	{ "getrusage", call_getrusage },
	{ "fallocate", call_fallocate },
	{ "rename", call_rename },
	{ "step", calls_step },
	{ "outer", calls_outer },
	{ "usdt", call_usdt },
	{ "semaphore", call_semaphore },
	{ NULL },
};

struct thread {
	pthread_t id;
	long number, of;
};

static void *run_thread(void *arg)
{
	const struct thread *t = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(t->number % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	if (t->of > 1 && sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("CPU %ld", t->number);
	for (const struct kind *k = kinds; k->name; k++) {
		long end = k->count * (t->number + 1) / t->of;

		for (long i = k->count * t->number / t->of; i < end; i++)
			k->call(i);
	}
	return NULL;
}

static void run_threads(long count)
{
	struct thread *list = calloc(count, sizeof(*list));

	for (long n = 0; list && n < count; n++) {
		list[n] = (struct thread){ .number = n, .of = count };
		errno = pthread_create(&list[n].id, NULL, run_thread, &list[n]);
		if (errno)
			fail("pthread_create");
	}
	for (long n = 0; list && n < count; n++)
		pthread_join(list[n].id, NULL);
	free(list);
}

static long number(const char *text)
{
	char *rest;
	long n = strtol(text, &rest, 10);

	errno = EINVAL;
	if (*rest || rest == text || n < 1)
		fail("%s", text);
	return n;
}

/* NAME=COUNT */
static void kind_set(const char *text)
{
	size_t size = strcspn(text, "=");

	for (struct kind *k = kinds; k->name; k++) {
		if (!strncmp(text, k->name, size) && !k->name[size] && text[size]) {
			k->count = number(text + size + 1);
			return;
		}
	}
	errno = EINVAL;
	fail("%s", text);
}

int main(int argc, char **argv)
{
	int at = 1;
	char byte;

	if (argc == 2 && !strcmp(argv[1], "offset"))
		return printf("%llu\n", (unsigned long long)calls_offset) < 0;
	if (argc > 1 && !strcmp(argv[1], "wait"))
		at++;
	errno = EINVAL;
	if (argc < at + 2)
		fail("usage: calls [wait] THREADS NAME=COUNT...");
	for (int i = at + 1; i < argc; i++)
		kind_set(argv[i]);
	file = memfd_create("calls", MFD_CLOEXEC);
	if (file < 0)
		fail("memfd_create");
	if (at > 1 && read(0, &byte, 1) < 0)
		fail("stdin");
	run_threads(number(argv[at]));
	for (const struct kind *k = kinds; k->name; k++) {
		if (k->count)
			printf("%s %ld\n", k->name, k->count);
		if (k->count && k->call == call_semaphore)
			printf("raised %u\n", calls_guarded);
	}
	return 0;
}
