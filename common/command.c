// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "diag.h"
#include "stop.h"

/* The program of this name in PATH. */
static bool command_find(const char *name, char *path, size_t size)
{
	const char *folder = getenv("PATH");
	struct stat st;

	while (folder && *folder && !strchr(name, '/')) {
		int n = strcspn(folder, ":");

		if (snprintf(path, size, "%.*s%s%s", n, folder, n ? "/" : "", name) < (int)size &&
		    !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK))
			return true;
		folder += n + (folder[n] == ':');
	}
	return false;
}

/* In the child: waits at the gate, becomes the command or says why not. */
static void child_run(char **argv, int gate, int report)
{
	char path[4096], go;
	bool found;
	int err;

	stop_child();
	/* Found before it is traced: execvp() tries one folder after the other. */
	found = command_find(argv[0], path, sizeof(path));
	if (read(gate, &go, 1) != 1)
		_exit(127); /* the tool gave up */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (found)
		execv(path, argv);
	execvp(argv[0], argv);
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int command_start(struct command *c, char **argv)
{
	int gate[2], report[2];
	pid_t pid;

	*c = (struct command){ .gate = -1, .report = -1, .pidfd = -1 };
	if (!argv)
		return 0;
	if (pipe2(gate, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		goto failed; /* and the process ends, with its descriptors */
	c->name = argv[0];
	pid = fork();
	if (pid < 0)
		goto failed;
	c->pid = pid;
	if (c->pid == 0) {
		close(gate[1]);
		child_run(argv, gate[0], report[1]);
	}
	close(gate[0]);
	close(report[1]);
	c->gate = gate[1];
	c->report = report[0];
	c->pidfd = syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd >= 0)
		return 0;
failed:
	diag_errno(errno, "cannot start '%s'", argv[0]);
	return -errno;
}

int command_go(struct command *c)
{
	int err = 0;

	if (!c->pid)
		return 0;
	c->going = true;
	if (write(c->gate, "g", 1) != 1)
		err = errno;
	/* Ends when the exec has closed the child's side, or brings its errno. */
	else if (read(c->report, &err, sizeof(err)) < 0)
		err = errno;
	if (err)
		diag_errno(err, "cannot run '%s'", c->name);
	return -err;
}

void command_end(struct command *c)
{
	if (!c->pid)
		return;
	close(c->gate);
	close(c->report);
	waitpid(c->pid, NULL, c->going ? WNOHANG : 0);
	close(c->pidfd);
	c->pid = 0;
}
