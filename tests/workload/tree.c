// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A family of processes: root, a thread of it, child, grandchild, session (setsid), orphan (its
 * parent has ended) and vfork. All but vfork open /tree-NAME (ENOENT); all but root and thread
 * execute this program with the arguments NAME and "done". Prints the NAMEs, one a line, when
 * all others have ended. Usage: tree, by an absolute path.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "expect.h"

static const char *self;

static void open_tree(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/tree-%s", name);
	syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

static void act(const char *name)
{
	open_tree(name);
	execl(self, "tree", name, "done", (char *)NULL);
	fail("%s", self);
}

static void wait_all(void)
{
	int status;

	while (wait(&status) > 0)
		if (status)
			fail("a process ended with status %#x", status);
	if (errno != ECHILD)
		fail("wait");
}

static void start_grandchild(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid)
		act("grandchild");
	act("child");
}

/* Its parent ends at once. */
static void start_orphan(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid)
		_exit(0);
	while (getppid() == parent)
		usleep(1000);
	act("orphan");
}

static int thread_main(void *arg)
{
	(void)arg;
	open_tree("thread");
	return 0;
}

static void run_thread(void)
{
	static char stack[64 << 10] __attribute__((aligned(16)));
	static volatile int tid;

	tid = 1;
	if (clone(thread_main, stack + sizeof(stack),
		  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_SYSVSEM | CLONE_CHILD_CLEARTID,
		  NULL, NULL, NULL, &tid) < 0)
		fail("clone");
	while (tid)
		usleep(1000);
}

int main(int argc, char **argv)
{
	int ends[2];
	char c;

	if (argc > 1)
		return 0;
	self = argv[0];
	if (pipe(ends))
		fail("pipe");
	open_tree("root");
	run_thread();
	if (!fork())
		start_grandchild();
	if (!fork()) {
		if (setsid() < 0)
			fail("setsid");
		act("session");
	}
	if (!fork())
		start_orphan();
	if (!vfork()) {
		execl(self, "tree", "vfork", "done", (char *)NULL);
		_exit(97);
	}
	wait_all();
	close(ends[1]);
	if (read(ends[0], &c, 1) != 0) /* all holders of the other end are gone */
		fail("pipe");
	puts("root\nthread\nchild\ngrandchild\nsession\norphan\nvfork");
	return 0;
}
