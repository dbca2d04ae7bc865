// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The work that is measured: so many times the same thing, as fast as it goes.
 *
 *	loop UID opens N PATH [PROCESSES]   openat() of a path that does not exist
 *	loop UID calls N                    getppid(), which no tool asks about
 *	loop UID steps N                    bench_step(), a function of this program
 *	loop UID execs N PROGRAM            start a program and wait for its end
 *	loop UID reads N DEVICE             read its first 4096 bytes, past the page cache
 *
 * Prints nanoseconds each, by the wall clock and of CPU time (also its children's), the
 * surer figure where other work goes on. The work is done as user UID: nobody else's, so
 * the tools can be told to look at this work only. PROCESSES do N each at the same time;
 * the wall time is of the slowest, the CPU time the mean.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 64

#define BLOCK 100 /* reads that are timed together */

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double rusage_ns(int who)
{
	struct rusage used;

	getrusage(who, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e9 +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e3;
}

static double cpu_ns(void)
{
	return rusage_ns(RUSAGE_SELF) + rusage_ns(RUSAGE_CHILDREN);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || !n)
		errx(2, "'%s' is no number above 0", text);
	return n;
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		err(1, "cannot become user %u", uid);
}

static void do_opens(unsigned long n, const char *path)
{
	for (unsigned long i = 0; i < n; i++) {
		long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);

		if (fd >= 0 || errno != ENOENT)
			err(1, "%s: an open did not end with ENOENT", path);
	}
}

static void do_calls(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		syscall(SYS_getppid);
}

void bench_step(unsigned long i);

__attribute__((noinline)) void bench_step(unsigned long i)
{
	asm volatile("" : : "r"(i) : "memory");
}

static void do_steps(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		bench_step(i);
}

static void do_execs(unsigned long n, char *program)
{
	char *argv[] = { program, "an", "argument", NULL };
	char *envp[] = { NULL };
	int status;
	pid_t pid;

	for (unsigned long i = 0; i < n; i++) {
		errno = posix_spawn(&pid, program, NULL, NULL, argv, envp);
		if (errno || waitpid(pid, &status, 0) != pid)
			err(1, "%s", program);
		if (status)
			errx(1, "%s: did not end with 0", program);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * One at a time: what a tool adds to an I/O is waited for. A device that completes by another
 * thread wakes up a CPU or not, and that is ten times what a tool adds; so the mean says nothing,
 * and told is the block of reads that a quarter of the blocks are quicker than.
 */
static double do_reads(int device, unsigned long n)
{
	static _Alignas(4096) char room[4096];
	unsigned long blocks = n / BLOCK;
	double *ns = calloc(blocks, sizeof(*ns));
	double quarter;

	for (unsigned long i = 0; ns && i < blocks; i++) {
		double start = now_ns();

		for (int k = 0; k < BLOCK; k++)
			if (pread(device, room, sizeof(room), 0) != sizeof(room))
				err(1, "a read failed");
		ns[i] = (now_ns() - start) / BLOCK;
	}
	if (!ns)
		err(1, "memory");
	qsort(ns, blocks, sizeof(*ns), compare);
	quarter = ns[blocks / 4];
	free(ns);
	return quarter;
}

static int main_reads(uid_t uid, unsigned long n, const char *path)
{
	int device = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC); /* before we are nobody */
	double cpu;

	if (device < 0)
		err(1, "%s", path);
	if (n % BLOCK)
		errx(2, "reads are done by the hundred");
	become(uid);
	cpu = cpu_ns();
	printf("%.2f ", do_reads(device, n));
	printf("%.2f\n", (cpu_ns() - cpu) / n);
	return 0;
}

static void do_work(const char *what, unsigned long n, char *object)
{
	if (!strcmp(what, "calls"))
		do_calls(n);
	else if (!strcmp(what, "steps"))
		do_steps(n);
	else if (!object)
		errx(2, "%s of what?", what);
	else if (!strcmp(what, "opens"))
		do_opens(n, object);
	else if (!strcmp(what, "execs"))
		do_execs(n, object);
	else
		errx(2, "unknown work '%s'", what);
}

/* All of them wait for the gate's end of file, so that they begin together. */
static void do_together(unsigned int processes, const char *what, unsigned long n,
			char *object)
{
	bool failed = false;
	int gate[2];
	int status;
	char byte;

	if (pipe(gate))
		err(1, "pipe");
	for (unsigned int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid)
			continue;
		close(gate[1]);
		if (read(gate[0], &byte, 1))
			err(1, "read");
		do_work(what, n, object);
		exit(0);
	}
	close(gate[1]);
	while (wait(&status) > 0)
		failed |= status != 0;
	if (failed)
		errx(1, "a process did not do its work");
}

int main(int argc, char **argv)
{
	unsigned int processes = 1;
	unsigned long n;
	double start, start_cpu;

	if (argc < 4 || argc > 6)
		errx(2, "usage: loop UID opens|calls|steps|execs|reads N "
			"[PATH|PROGRAM|DEVICE [PROCESSES]]");
	n = number(argv[3]);
	if (argc == 6)
		processes = number(argv[5]);
	if (processes > PROCESSES_MAX)
		errx(2, "at most %d processes", PROCESSES_MAX);
	if (!strcmp(argv[2], "reads") && argc == 5)
		return main_reads(number(argv[1]), n, argv[4]);
	become(number(argv[1]));
	start_cpu = cpu_ns();
	start = now_ns();
	if (processes == 1)
		do_work(argv[2], n, argv[4]);
	else
		do_together(processes, argv[2], n, argv[4]);
	printf("%.2f %.2f\n", (now_ns() - start) / n,
	       (cpu_ns() - start_cpu) / n / processes);
	return 0;
}
