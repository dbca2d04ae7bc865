// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * For each NAME a process that takes it as its comm and opens /comm-NUMBER (ENOENT), NUMBER
 * counting from 0. Prints the comm, the path and the pid, tab-separated, in plain form.
 * Usage: comm NAME...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "expect.h"

static void open_as(const char *name, int number)
{
	char path[32], comm[16];

	snprintf(path, sizeof(path), "/comm-%d", number);
	if (prctl(PR_SET_NAME, name) || prctl(PR_GET_NAME, comm))
		fail("%s", name);
	syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
	plain_string(comm);
	printf("\t%s\t%d\n", path, getpid());
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	int status;

	for (int i = 1; i < argc; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (!pid)
			open_as(argv[i], i - 1);
		if (waitpid(pid, &status, 0) != pid || status)
			fail("a process ended with status %#x", status);
	}
	return 0;
}
