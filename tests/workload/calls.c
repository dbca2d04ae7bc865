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
 * THREADS share each COUNT (kinds.h). "wait": not before there is a byte, or the end, on stdin.
 * At the end a line "NAME COUNT" for each, and with semaphore also "raised N": what it is then.
 *
 * Dynamic, because a function of libc is one of a library then.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "kinds.h"
#include "probed.h"

volatile unsigned short calls_guarded __attribute__((section(".probes")));
extern const uint64_t calls_offset;
static int file;

void calls_step(long i);
void calls_outer(long i);

PROBED void calls_step(long i)
{
	USED(i);
}

/* No clones: there is but one such place. */
PROBED void calls_outer(long i)
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
		asm volatile(NOTE("calls", "plain", "0", LONG(0)) : : "r"(i));
	else
		asm volatile(NOTE("calls", "plain", "0", LONG(0)) : : "r"(i + 1));
}

static void call_semaphore(long i)
{
	if (calls_guarded)
		asm volatile(NOTE("calls", "guarded", "calls_guarded", LONG(0)) : : "r"(i));
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

static struct kind kinds[] = {
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

int main(int argc, char **argv)
{
	int at = 1;

	if (argc == 2 && !strcmp(argv[1], "offset"))
		return printf("%llu\n", (unsigned long long)calls_offset) < 0;
	if (argc > 1 && !strcmp(argv[1], "wait"))
		at++;
	errno = EINVAL;
	if (argc < at + 2)
		fail("usage: calls [wait] THREADS NAME=COUNT...");
	for (int i = at + 1; i < argc; i++)
		kind_set(kinds, argv[i]);
	file = memfd_create("calls", MFD_CLOEXEC);
	if (file < 0)
		fail("memfd_create");
	if (at > 1)
		wait_for_go();
	kinds_run(kinds, number_read(argv[at]), 0);
	for (const struct kind *k = kinds; k->name; k++) {
		if (k->count)
			printf("%s %ld\n", k->name, k->count);
		if (k->count && k->call == call_semaphore)
			printf("raised %u\n", calls_guarded);
	}
	return 0;
}
