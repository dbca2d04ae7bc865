// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "diag.h"

/* stderr is one end of a socket that keeps messages apart: each read is one write(2). */
static int real_stderr, ear;

static int listen_start(void **state)
{
	int ends[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends))
		return -1;
	real_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	fcntl(STDERR_FILENO, F_SETFL, 0);
	ear = ends[0];
	diag_level = 0;
	return 0;
}

static int listen_end(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(ear);
	return 0;
}

/* The next message, "" if there is none. */
static const char *heard(void)
{
	static char text[64 * 1024];
	ssize_t n = recv(ear, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void lines(void **state)
{
	(void)state;
	diag("cannot do %s: %d", "this", 7);
	diag("second");
	assert_string_equal(heard(), "mytool: cannot do this: 7\n");
	assert_string_equal(heard(), "mytool: second\n");
	assert_string_equal(heard(), "");
}

static void control_characters(void **state)
{
	(void)state;
	diag("'%s'", "a\nb\033[2J\\\xff\xc2\x9b\xe2\x80\xae ü");
	assert_string_equal(heard(),
			    "mytool: 'a\\nb\\e[2J\\\\\\xff\\xc2\\x9b\\u{202e} ü'\n");
	assert_string_equal(heard(), "");
}

static void long_line(void **state)
{
	char value[5001];

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	diag("%s.", value);
	assert_int_equal(strlen(heard()), 8 + 5000 + 2);
	assert_string_equal(heard(), "");
}

static void errors(void **state)
{
	(void)state;
	diag_errno(ENOENT, "cannot open '%s'", "x");
	diag_errno(-ENOENT, "cannot open '%s'", "x");
	assert_string_equal(heard(),
			    "mytool: cannot open 'x': No such file or directory\n");
	assert_string_equal(heard(),
			    "mytool: cannot open 'x': No such file or directory\n");
	/* The kernel's own: strerror() would say "Unknown error 524". */
	diag_errno(-524, "cannot attach");
	assert_string_equal(heard(), "mytool: cannot attach: ENOTSUPP\n");
}

static void errno_kept(void **state)
{
	(void)state;
	errno = EXDEV;
	close(STDERR_FILENO);
	diag("lost");
	assert_int_equal(errno, EXDEV);
	diag_errno(EPERM, "lost");
	assert_int_equal(errno, EXDEV);
	/* For the end of the test to have something to replace. */
	dup2(real_stderr, STDERR_FILENO);
}

static void verbose(void **state)
{
	(void)state;
	diag_verbose("decided");
	assert_string_equal(heard(), "");
	diag_level = 1;
	diag_verbose("decided %c", 'x');
	assert_string_equal(heard(), "mytool: decided x\n");
}

/* What libbpf would call. */
static void __attribute__((format(printf, 2, 3)))
libbpf_says(enum libbpf_print_level level, const char *format, ...)
{
	libbpf_print_fn_t printer = libbpf_set_print(NULL);
	va_list args;

	libbpf_set_print(printer);
	va_start(args, format);
	printer(level, format, args);
	va_end(args);
}

static void libbpf_kept_back(void **state)
{
	(void)state;
	diag_start();
	libbpf_says(LIBBPF_WARN, "libbpf: prog '%s': failed\n", "open");
	libbpf_says(LIBBPF_WARN,
		    "libbpf: -- BEGIN --\nline\033 1\n\nline 2\n-- END --\n");
	libbpf_says(LIBBPF_WARN, "libbpf: no newline");
	libbpf_says(LIBBPF_INFO, "libbpf: info\n");
	libbpf_says(LIBBPF_DEBUG, "libbpf: debug\n");
	assert_string_equal(heard(), "");
	diag_replay();
	assert_string_equal(heard(), "mytool: libbpf: prog 'open': failed\n");
	assert_string_equal(heard(), "mytool: libbpf: -- BEGIN --\n");
	assert_string_equal(heard(), "mytool: line\\e 1\n");
	assert_string_equal(heard(), "mytool: line 2\n");
	assert_string_equal(heard(), "mytool: -- END --\n");
	assert_string_equal(heard(), "mytool: libbpf: no newline\n");
	assert_string_equal(heard(), "");
	diag_replay();
	assert_string_equal(heard(), "");
}

static void libbpf_dropped(void **state)
{
	(void)state;
	diag_start();
	libbpf_says(LIBBPF_WARN, "libbpf: one\n");
	diag_drop();
	libbpf_says(LIBBPF_WARN, "libbpf: two\n");
	diag_replay();
	assert_string_equal(heard(), "mytool: libbpf: two\n");
	assert_string_equal(heard(), "");
}

static void libbpf_very_verbose(void **state)
{
	(void)state;
	diag_start();
	diag_level = 1;
	libbpf_says(LIBBPF_INFO, "libbpf: info\n");
	assert_string_equal(heard(), "");
	diag_level = 2;
	libbpf_says(LIBBPF_WARN, "libbpf: warning\n");
	libbpf_says(LIBBPF_DEBUG, "libbpf: debug\nmore\n");
	assert_string_equal(heard(), "mytool: libbpf: warning\n");
	assert_string_equal(heard(), "mytool: libbpf: debug\n");
	assert_string_equal(heard(), "mytool: more\n");
	diag_replay();
	assert_string_equal(heard(), "");
}

/* The real library, whose first warning is about a file that is not there. */
static void libbpf_itself(void **state)
{
	struct bpf_object *object;

	(void)state;
	diag_start();
	object = bpf_object__open_file("/nonexistent/x.bpf.o", NULL);
	assert_null(object);
	assert_string_equal(heard(), "");
	diag_replay();
	assert_non_null(strstr(heard(), "/nonexistent/x.bpf.o"));
}

/* 16 lines of 1024 bytes are all that is kept, and they are whole. */
static void libbpf_limit_exact(void **state)
{
	char want[64];

	(void)state;
	diag_start();
	for (int i = 0; i < 100; i++)
		libbpf_says(LIBBPF_WARN, "%1023d\n", i);
	diag_replay();
	for (int i = 84; i < 100; i++) {
		const char *line = heard();

		assert_int_equal(strlen(line), 8 + 1024);
		snprintf(want, sizeof(want), " %d\n", i);
		assert_string_equal(line + strlen(line) - strlen(want), want);
	}
	assert_string_equal(heard(), "");
}

static void libbpf_limit_whole_lines(void **state)
{
	(void)state;
	diag_start();
	for (int i = 0; i < 30; i++)
		libbpf_says(LIBBPF_WARN, "%999d\n", i);
	/* 16 of 1000 bytes and this one fit into 16384. */
	libbpf_says(LIBBPF_WARN, "last\n");
	diag_replay();
	for (int i = 14; i < 30; i++)
		assert_int_equal(strtol(heard() + 8, NULL, 10), i);
	assert_string_equal(heard(), "mytool: last\n");
	assert_string_equal(heard(), "");
}

/* One line that is longer than all the room: its end is kept. */
static void libbpf_limit_long_line(void **state)
{
	const char *line;

	(void)state;
	diag_start();
	libbpf_says(LIBBPF_WARN, "%40000d!\n", 7);
	diag_replay();
	line = heard();
	assert_int_equal(strlen(line), 8 + 16384);
	assert_string_equal(line + strlen(line) - 4, " 7!\n");
	assert_string_equal(heard(), "");
}

static void no_memory(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		diag_no_memory();
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_string_equal(heard(), "mytool: out of memory\n");
	assert_string_equal(heard(), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listen_start, listen_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines),
		TEST(control_characters),
		TEST(long_line),
		TEST(errors),
		TEST(errno_kept),
		TEST(verbose),
		TEST(libbpf_kept_back),
		TEST(libbpf_dropped),
		TEST(libbpf_very_verbose),
		TEST(libbpf_itself),
		TEST(libbpf_limit_exact),
		TEST(libbpf_limit_whole_lines),
		TEST(libbpf_limit_long_line),
		TEST(no_memory),
	};

	program_invocation_short_name = "mytool";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
