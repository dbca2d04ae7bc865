/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * child: a part of a test in a process of its own, because it changes what a process has
 * once only (signals, state of a module) or because it ends. What it says on stderr is
 * kept.
 *
 * In the child it is CHECK() that tests: cmocka's assertions would jump back into the
 * parent's list of tests and go on with it.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(what)                                                             \
	do {                                                                    \
		if (!(what)) {                                                  \
			dprintf(STDERR_FILENO, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #what);                               \
			_exit(99);                                              \
		}                                                               \
	} while (0)

/* What the last child wrote to stderr. */
static char child_said[16384];

/* Runs it; true if it came to its end with all of its checks good. */
static inline bool child_run_good(void (*run)(const void *), const void *argument)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	int ear = memfd_create("stderr", MFD_CLOEXEC), status = -1;
	ssize_t n;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(ear, STDERR_FILENO);
		/* cmocka's handlers would jump back, too. */
		for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
			signal(crashes[i], SIG_DFL);
		alarm(60); /* one that hangs has failed */
		run(argument);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	n = pread(ear, child_said, sizeof(child_said) - 1, 0);
	child_said[n > 0 ? n : 0] = '\0';
	close(ear);
	if (status)
		fprintf(stderr, "# child ended with status %#x and said:\n%s\n",
			(unsigned int)status, child_said);
	return status == 0;
}
