// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What samples are to find. Usage: samples [wait] NAME N
 *
 *	spin      samples_spin() for N ms of CPU time, and next to nothing else; then a line with
 *	          the milliseconds that the process has used
 *	thread    the same by a second thread, which is there before "wait" is over; the line has its
 *	          number, too
 *	pages     samples_touch() N pages that nobody has touched; the process is called "touching"
 *	          meanwhile
 *	switches  sleeps N times, called "switching" meanwhile; then a line with the context
 *	          switches that the kernel counted
 *	sizes     samples_take(100) 8 * N times, samples_take(5) N times
 *
 * "wait": not before there is a byte, or the end, on stdin.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include "expect.h"
#include "probed.h"

static bool waits;

static void wait_if_told(void)
{
	if (waits)
		wait_for_go();
}

static double used_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* --- spin, thread --------------------------------------------------------------------------- */

void samples_spin(unsigned long rounds);
void samples_touch(volatile char *at, long pages, long size);
void samples_take(long size);

PROBED void samples_spin(unsigned long rounds)
{
	for (volatile unsigned long i = 0; i < rounds; i++)
		;
}

static void spin(long ms)
{
	while (used_ms(CLOCK_THREAD_CPUTIME_ID) < ms)
		samples_spin(1000000);
}

static void do_spin(long ms)
{
	wait_if_told();
	spin(ms);
	printf("%.0f\n", used_ms(CLOCK_PROCESS_CPUTIME_ID));
}

static void *spin_thread(void *ms)
{
	wait_if_told();
	spin((long)ms);
	printf("%.0f %ld\n", used_ms(CLOCK_PROCESS_CPUTIME_ID), syscall(SYS_gettid));
	return NULL;
}

static void do_thread(long ms)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, spin_thread, (void *)ms))
		exit(1);
	pthread_join(thread, NULL);
}

/* --- pages ---------------------------------------------------------------------------------- */

PROBED void samples_touch(volatile char *at, long pages, long size)
{
	for (long i = 0; i < pages; i++)
		at[i * size] = 1;
}

/* Whatever else is needed is in memory before it begins. */
static void do_pages(long pages)
{
	long size = sysconf(_SC_PAGESIZE);
	char warm[16], *at;

	at = mmap(NULL, pages * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		exit(1);
	madvise(at, pages * size, MADV_NOHUGEPAGE);
	samples_touch(warm, 1, size);
	prctl(PR_SET_NAME, "samples");
	wait_if_told();
	prctl(PR_SET_NAME, "touching");
	samples_touch(at, pages, size);
	prctl(PR_SET_NAME, "samples");
}

/* --- switches ------------------------------------------------------------------------------- */

static long switches(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return used.ru_nvcsw + used.ru_nivcsw;
}

static void do_switches(long count)
{
	const struct timespec t = { .tv_nsec = 1000000 };
	long before;

	wait_if_told();
	before = switches();
	prctl(PR_SET_NAME, "switching");
	for (long i = 0; i < count; i++)
		nanosleep(&t, NULL);
	prctl(PR_SET_NAME, "samples");
	printf("%ld\n", switches() - before);
}

/* --- sizes ---------------------------------------------------------------------------------- */

PROBED void samples_take(long size)
{
	USED(size);
}

static void do_sizes(long count)
{
	wait_if_told();
	for (long i = 0; i < 8 * count; i++)
		samples_take(100);
	for (long i = 0; i < count; i++)
		samples_take(5);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(long count);
	} deeds[] = {
		{ "spin", do_spin }, { "thread", do_thread }, { "pages", do_pages },
		{ "switches", do_switches }, { "sizes", do_sizes },
	};

	if (argc > 1 && !strcmp(argv[1], "wait")) {
		waits = true;
		argv++;
		argc--;
	}
	for (size_t i = 0; argc == 3 && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (!strcmp(argv[1], deeds[i].name)) {
			deeds[i].run(atol(argv[2]));
			return 0;
		}
	}
	fprintf(stderr, "usage: samples [wait] spin|thread|pages|switches|sizes N\n");
	return 2;
}
