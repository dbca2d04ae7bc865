// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Starts a tracer, for the benchmark.
 *
 *	start attach HEADER TOOL [ARG...]
 *		Prints the milliseconds from the start until a line with HEADER is on the
 *		terminal; every tool prints it when it is attached. Then ends the tool.
 *	start whole HEADER TOOL [ARG...]
 *		The same, and prints after it the milliseconds from SIGINT until the tool
 *		has ended, and its peak RSS in KiB.
 *	start run OUTPUT ERRORS TOOL [ARG...]
 *		Prints "ready PID" when the tool sleeps in epoll_wait() or poll() or, having
 *		no events, for a time: then it is attached; the header would not tell, it may
 *		wait in a buffer. Ends the tool at SIGTERM. When it has ended, prints
 *		"end STATUS KIB CPU-SECONDS": its peak RSS and CPU time.
 *
 * Some tools want tracefs at /sys/kernel/tracing. Where nobody has mounted it, all tools,
 * ours too, get it in a mount namespace that goes away with them.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRACEFS "/sys/kernel/tracing"
#define START_MS 300000 /* a thousand functions in an emulated guest */
#define END_MS 300000
#define AGAIN_MS 3000
#define AGAIN_WHOLE_MS 500 /* a signal that is missed is the most that a figure is wrong by */
#define QUIET_MS 300 /* until bpftrace, which misses signals while it prints, has printed */

extern char **environ;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void sleep_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void provide_tracefs(void)
{
	if (!access(TRACEFS "/events", F_OK))
		return;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		warn("cannot mount tracefs: a tool that needs it will fail");
}

/* A shell ignores SIGINT for what it runs in the background, and so would the tool. */
static pid_t spawn(char **argv, int in, int out, int errors)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	pid_t pid;

	sigemptyset(&signals);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGINT);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes,
				 POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, errors, 2);
	errno = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
	if (errno)
		err(1, "%s", argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return pid;
}

/* Asks the tool to end, and again, as bpftrace misses a signal while it prints; but not soon, as
 * a second one cuts its last words off, which take it half a second in a guest. Reads on from a
 * terminal, as a tool that cannot write cannot end. */
static int end_tool(pid_t pid, int terminal, int again_ms, struct rusage *used)
{
	double until = now_ms() + END_MS;
	double again = 0;
	char room[4096];
	int status;

	while (now_ms() < until) {
		struct pollfd ready = { .fd = terminal, .events = POLLIN };

		if (now_ms() >= again) {
			kill(pid, SIGINT);
			again = now_ms() + again_ms;
		}
		if (wait4(pid, &status, WNOHANG, used) == pid)
			return status;
		if (poll(&ready, 1, 10) > 0 && read(terminal, room, sizeof(room)) <= 0)
			sleep_ms(1);
	}
	warnx("process %d did not end by SIGINT", pid);
	kill(pid, SIGKILL);
	wait4(pid, &status, 0, used);
	return status;
}

static int measure_attach(const char *header, char **argv, bool whole)
{
	static char seen[65536];
	struct rusage used;
	size_t size = 0;
	int ours, theirs;
	double start;
	int status;
	pid_t pid;

	if (openpty(&ours, &theirs, NULL, NULL, NULL))
		err(1, "openpty");
	fcntl(ours, F_SETFD, FD_CLOEXEC);
	fcntl(theirs, F_SETFD, FD_CLOEXEC);
	start = now_ms();
	pid = spawn(argv, theirs, theirs, theirs);
	close(theirs);
	while (!strstr(seen, header)) {
		struct pollfd ready = { .fd = ours, .events = POLLIN };
		int left = START_MS - (now_ms() - start);
		ssize_t n = left <= 0 || poll(&ready, 1, left) <= 0 ? 0 :
			    read(ours, seen + size, sizeof(seen) - 1 - size);

		if (n <= 0) {
			end_tool(pid, ours, AGAIN_MS, &used);
			errx(1, "no header from %s, but: %s", argv[0], seen);
		}
		size += n;
	}
	printf("%.2f", now_ms() - start);
	if (whole)
		sleep_ms(QUIET_MS);
	start = now_ms();
	status = end_tool(pid, ours, whole ? AGAIN_WHOLE_MS : AGAIN_MS, &used);
	if (whole)
		printf(" %.2f %ld", now_ms() - start, used.ru_maxrss);
	printf("\n");
	/* By a second SIGINT: the kernel lets go of everything then, and that is waited for. */
	if (whole && WIFSIGNALED(status) && WTERMSIG(status) != SIGINT)
		errx(1, "%s died of signal %d", argv[0], WTERMSIG(status));
	return 0;
}

/* The system call that a process sleeps in; -1 when it runs. */
static long sleeps_in(pid_t pid)
{
	char path[64];
	long nr = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &nr) != 1)
		nr = -1;
	fclose(f);
	return nr;
}

static bool is_wait(long nr)
{
#ifdef SYS_epoll_wait
	if (nr == SYS_epoll_wait || nr == SYS_poll) /* BCC's wait for events: poll() */
		return true;
#endif
	return nr == SYS_epoll_pwait || nr == SYS_ppoll || nr == SYS_clock_nanosleep || nr == SYS_nanosleep;
}

static int open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void wait_attached(pid_t pid, const char *tool)
{
	double until = now_ms() + START_MS;

	while (!is_wait(sleeps_in(pid))) {
		if (waitpid(pid, NULL, WNOHANG))
			errx(1, "%s ended before it was attached", tool);
		if (now_ms() > until) {
			kill(pid, SIGKILL);
			errx(1, "%s never slept", tool);
		}
		sleep_ms(2);
	}
}

static int run(const char *output, const char *errors, char **argv)
{
	struct rusage used;
	sigset_t signals;
	int status, got;
	pid_t pid;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	pid = spawn(argv, open("/dev/null", O_RDONLY | O_CLOEXEC), open_file(output),
		    open_file(errors));
	wait_attached(pid, argv[0]);
	printf("ready %d\n", pid);
	fflush(stdout);
	/* SIGCHLD may be an old one, of when the tool was stopped. */
	do
		got = sigwaitinfo(&signals, NULL);
	while (got != SIGTERM && wait4(pid, &status, WNOHANG, &used) != pid);
	if (got == SIGTERM)
		status = end_tool(pid, -1, AGAIN_MS, &used);
	printf("end %d %ld %.3f\n",
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	       used.ru_maxrss,
	       used.ru_utime.tv_sec + used.ru_stime.tv_sec +
		       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	return 0;
}

int main(int argc, char **argv)
{
	provide_tracefs();
	if (argc > 3 && !strcmp(argv[1], "attach"))
		return measure_attach(argv[2], argv + 3, false);
	if (argc > 3 && !strcmp(argv[1], "whole"))
		return measure_attach(argv[2], argv + 3, true);
	if (argc > 4 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3], argv + 4);
	errx(2, "usage: start attach|whole HEADER TOOL [ARG...]\n"
		"       start run OUTPUT ERRORS TOOL [ARG...]");
}
