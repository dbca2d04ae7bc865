// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <cmocka.h>
#include "child.h"
#include "command.h"
#include "stop.h"

#define ARGV(...) ((char *[]){ __VA_ARGS__, NULL })

static bool ends_within(const struct command *c, int ms)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && (p.revents & POLLIN);
}

/* How it ended; asked before command_end(), which reaps it. */
static siginfo_t ending(const struct command *c)
{
	siginfo_t info = { 0 };

	CHECK(!waitid(P_PID, c->pid, &info, WEXITED | WNOWAIT));
	return info;
}

static int exit_status(const struct command *c)
{
	siginfo_t info = ending(c);

	return info.si_code == CLD_EXITED ? info.si_status : -1;
}

/* The inode of what a process executes. */
static ino_t program(pid_t pid)
{
	char name[64];
	struct stat st;

	snprintf(name, sizeof(name), "/proc/%d/exe", pid);
	CHECK(!stat(name, &st));
	return st.st_ino;
}

static void none_child(const void *unused)
{
	struct command c;

	(void)unused;
	memset(&c, 0x55, sizeof(c));
	CHECK(command_start(&c, NULL) == 0);
	CHECK(c.pid == 0 && c.pidfd == -1);
	CHECK(command_go(&c) == 0);
	command_end(&c);
	CHECK(c.pid == 0);
}

static void none(void **state)
{
	(void)state;
	assert_true(child_run_good(none_child, NULL));
	assert_string_equal(child_said, "");
}

static void good_child(const void *unused)
{
	struct command c;

	(void)unused;
	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("sh", "-c", "exit 7")) == 0);
	CHECK(c.pid > 0 && c.pidfd >= 0);
	CHECK(command_go(&c) == 0);
	CHECK(ends_within(&c, 20000));
	CHECK(exit_status(&c) == 7);
	command_end(&c);
	CHECK(c.pid == 0);
	CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD); /* it was reaped */
	command_end(&c); /* once more does nothing */
}

static void good(void **state)
{
	(void)state;
	assert_true(child_run_good(good_child, NULL));
	assert_string_equal(child_said, "");
}

/* Nothing of it has happened before it is let go, however long that takes. */
static void gate_child(const void *unused)
{
	struct command c;
	ino_t own = program(getpid());

	(void)unused;
	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("sleep", "100")) == 0);
	CHECK(!ends_within(&c, 100));
	CHECK(program(c.pid) == own);
	CHECK(command_go(&c) == 0);
	CHECK(program(c.pid) != own); /* command_go() comes back after the exec */
	CHECK(!ends_within(&c, 50));
	kill(c.pid, SIGKILL);
	CHECK(ends_within(&c, 20000));
	command_end(&c);
}

static void gate(void **state)
{
	(void)state;
	assert_true(child_run_good(gate_child, NULL));
}

struct bad {
	const char *name;
	int err;
};

static void bad_child(const void *argument)
{
	const struct bad *bad = argument;
	struct command c;

	stop_start(0, 0);
	CHECK(command_start(&c, ARGV((char *)bad->name)) == 0);
	CHECK(command_go(&c) == -bad->err);
	CHECK(ends_within(&c, 20000));
	CHECK(exit_status(&c) == 127);
	command_end(&c);
}

static void bad(void **state)
{
	static const struct bad missing = { "/nonexistent/program", ENOENT },
				in_path = { "no-such-program-in-the-path", ENOENT },
				folder = { "/", EACCES },
				escaped = { "no\nsuch\x1b[2J", ENOENT };

	(void)state;
	assert_true(child_run_good(bad_child, &missing));
	assert_non_null(strstr(child_said, ": cannot run '/nonexistent/program': "
					   "No such file or directory\n"));
	assert_true(child_run_good(bad_child, &in_path));
	assert_non_null(
		strstr(child_said, ": cannot run 'no-such-program-in-the-path': "));
	assert_true(child_run_good(bad_child, &folder));
	assert_non_null(strstr(child_said, ": cannot run '/': Permission denied\n"));
	assert_true(child_run_good(bad_child, &escaped));
	assert_non_null(strstr(child_said, ": cannot run 'no\\nsuch\\e[2J': "));
	assert_ptr_equal(strchr(child_said, '\n'), child_said + strlen(child_said) - 1);
}

/* Its output is our stderr, in our stdout there is nothing of it; its input is ours. */
static void streams_child(const void *unused)
{
	int input[2], data = memfd_create("stdout", 0);
	struct command c;
	char byte;

	(void)unused;
	stop_start(0, 0);
	CHECK(!pipe(input) && write(input[1], "typed\n", 6) == 6);
	close(input[1]);
	dup2(input[0], STDIN_FILENO);
	dup2(data, STDOUT_FILENO);
	CHECK(command_start(&c, ARGV("sh", "-c",
				     "read x; echo out-$x; echo err-$x >&2")) == 0);
	CHECK(command_go(&c) == 0);
	CHECK(ends_within(&c, 20000));
	CHECK(exit_status(&c) == 0);
	command_end(&c);
	CHECK(pread(data, &byte, 1, 0) == 0);
}

static void streams(void **state)
{
	(void)state;
	assert_true(child_run_good(streams_child, NULL));
	assert_string_equal(child_said, "out-typed\nerr-typed\n");
}

/* No descriptor of ours is left to it, but the three. */
static void descriptors_child(const void *unused)
{
	static char script[] =
		"for n in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$n ] || echo $n; done";
	struct command c;

	(void)unused;
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("sh", "-c", script)) == 0);
	CHECK(fcntl(c.pidfd, F_GETFD) & FD_CLOEXEC);
	CHECK(command_go(&c) == 0);
	CHECK(ends_within(&c, 20000));
	CHECK(exit_status(&c) == 0);
	command_end(&c);
	for (int fd = 3; fd < 64; fd++) /* and of the gate nothing is left to us */
		CHECK(fcntl(fd, F_GETFD) == -1);
}

static void descriptors(void **state)
{
	(void)state;
	assert_true(child_run_good(descriptors_child, NULL));
	assert_string_equal(child_said, "");
}

/* A tool that gives up before the probes are attached: the command never runs. */
static void never_child(const void *file)
{
	struct command c;

	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("touch", (char *)file)) == 0);
	command_end(&c);
	for (int i = 0; i < 2000 && waitpid(-1, NULL, WNOHANG) != -1; i++)
		usleep(10000);
	CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* ... one that dies: so it is too, by the end of the pipe. */
static void dead_child(const void *file)
{
	struct command c;
	int pids[2];
	pid_t tool;

	CHECK(!pipe(pids));
	tool = fork();
	if (tool == 0) {
		stop_start(0, 0);
		CHECK(command_start(&c, ARGV("touch", (char *)file)) == 0);
		/* Passed on to the grandparent, for it to see the end. */
		CHECK(write(pids[1], &c.pid, sizeof(c.pid)) == sizeof(c.pid));
		for (;;)
			pause();
	}
	close(pids[1]);
	CHECK(read(pids[0], &c.pid, sizeof(c.pid)) == sizeof(c.pid));
	kill(tool, SIGKILL);
	CHECK(waitpid(tool, NULL, 0) == tool);
	/* The child holds the pipe's other end until it ends, too. */
	CHECK(poll(&(struct pollfd){ .fd = pids[0], .events = POLLIN }, 1, 20000) == 1);
}

static void never_let_go(void **state)
{
	char file[] = "/tmp/test-command-XXXXXX";

	(void)state;
	close(mkstemp(file));
	unlink(file);
	assert_true(child_run_good(never_child, file));
	assert_int_equal(access(file, F_OK), -1);
	assert_true(child_run_good(dead_child, file));
	assert_int_equal(access(file, F_OK), -1);
}

/* Killed while it waits: an error, and not our end. */
static void killed_child(const void *unused)
{
	struct command c;

	(void)unused;
	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("true")) == 0);
	kill(c.pid, SIGKILL);
	CHECK(ends_within(&c, 20000));
	CHECK(command_go(&c) < 0);
	command_end(&c);
	CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void killed(void **state)
{
	(void)state;
	assert_true(child_run_good(killed_child, NULL));
	assert_non_null(strstr(child_said, ": cannot run 'true': "));
}

/* The tool holds signals back; the command does not. */
static void signals_child(const void *unused)
{
	struct command c;

	(void)unused;
	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("sleep", "100")) == 0);
	CHECK(command_go(&c) == 0);
	kill(c.pid, SIGINT);
	CHECK(ends_within(&c, 20000));
	CHECK(ending(&c).si_code == CLD_KILLED && ending(&c).si_status == SIGINT);
	command_end(&c);
	CHECK(command_start(&c, ARGV("sh", "-c", "kill -PIPE $$; exit 3")) == 0);
	CHECK(command_go(&c) == 0);
	CHECK(ends_within(&c, 20000));
	CHECK(ending(&c).si_code == CLD_KILLED && ending(&c).si_status == SIGPIPE);
	command_end(&c);
}

static void signals(void **state)
{
	(void)state;
	assert_true(child_run_good(signals_child, NULL));
}

/* Still running at our end: it goes on. */
static void goes_on_child(const void *unused)
{
	struct timespec before, after;
	struct command c;
	pid_t pid;

	(void)unused;
	stop_start(0, 0);
	CHECK(command_start(&c, ARGV("sleep", "100")) == 0);
	CHECK(command_go(&c) == 0);
	pid = c.pid;
	clock_gettime(CLOCK_MONOTONIC, &before);
	command_end(&c);
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK(after.tv_sec - before.tv_sec < 20);
	CHECK(waitpid(pid, NULL, WNOHANG) == 0);
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

static void goes_on(void **state)
{
	(void)state;
	assert_true(child_run_good(goes_on_child, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none),		cmocka_unit_test(good),
		cmocka_unit_test(gate),		cmocka_unit_test(bad),
		cmocka_unit_test(streams),	cmocka_unit_test(descriptors),
		cmocka_unit_test(never_let_go), cmocka_unit_test(killed),
		cmocka_unit_test(signals),	cmocka_unit_test(goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
