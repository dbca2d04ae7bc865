// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "strbuf.h"

static void empty(void **state)
{
	struct strbuf b = { 0 };

	(void)state;
	strbuf_add(&b, NULL, 0);
	strbuf_fill(&b, 'x', 0);
	strbuf_str(&b, "");
	strbuf_printf(&b, "%s", "");
	assert_int_equal(b.size, 0);
	assert_string_equal(strbuf_cstr(&b), "");
	assert_int_equal(b.size, 0);
	strbuf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.room, 0);
}

static void pieces(void **state)
{
	struct strbuf b = { 0 };

	(void)state;
	strbuf_str(&b, "one");
	strbuf_char(&b, ' ');
	strbuf_add(&b, "two-three", 3);
	strbuf_fill(&b, '.', 4);
	strbuf_printf(&b, "%d %s", 5, "six");
	assert_string_equal(strbuf_cstr(&b), "one two....5 six");
	assert_int_equal(b.size, 16);
	strbuf_clear(&b);
	assert_string_equal(strbuf_cstr(&b), "");
	strbuf_add(&b, "a\0b", 3);
	assert_int_equal(b.size, 3);
	assert_memory_equal(b.data, "a\0b", 3);
	strbuf_free(&b);
}

/* Every size around the first allocations, so that each way of growing is walked. */
static void growth(void **state)
{
	(void)state;
	for (size_t n = 0; n < 1200; n++) {
		struct strbuf b = { 0 };

		for (size_t i = 0; i < n; i++)
			strbuf_char(&b, 'a' + i % 26);
		strbuf_fill(&b, '-', n);
		assert_int_equal(b.size, 2 * n);
		assert_true(b.room >= b.size);
		for (size_t i = 0; i < 2 * n; i++)
			assert_int_equal(b.data[i], i < n ? (int)('a' + i % 26) : '-');
		assert_int_equal(strlen(strbuf_cstr(&b)), 2 * n);
		strbuf_free(&b);
	}
}

/* The text that does not fit at first is formatted again: with the same arguments. */
static void printf_growth(void **state)
{
	char *text = malloc(1000);

	(void)state;
	for (size_t n = 0; n < 1000; n++) {
		struct strbuf b = { 0 };

		memset(text, 'x', n);
		text[n] = '\0';
		strbuf_printf(&b, "%zu:%s:%d", n, text, -7);
		assert_int_equal(strtoul(strbuf_cstr(&b), NULL, 10), n);
		assert_int_equal(strlen(strbuf_cstr(&b)), b.size);
		assert_string_equal(strbuf_cstr(&b) + b.size - 3, ":-7");
		strbuf_free(&b);
	}
	free(text);
}

static void check_u64(uint64_t value)
{
	struct strbuf b = { 0 };
	char want[32];

	strbuf_u64(&b, value);
	snprintf(want, sizeof(want), "%" PRIu64, value);
	assert_string_equal(strbuf_cstr(&b), want);
	strbuf_clear(&b);
	strbuf_s64(&b, (int64_t)value);
	snprintf(want, sizeof(want), "%" PRId64, (int64_t)value);
	assert_string_equal(strbuf_cstr(&b), want);
	strbuf_free(&b);
}

static void numbers(void **state)
{
	(void)state;
	for (uint64_t power = 1, i = 0; i < 20; i++, power *= 10) {
		check_u64(power - 1);
		check_u64(power);
		check_u64(-power);
	}
	for (int shift = 0; shift < 64; shift++) {
		check_u64((uint64_t)1 << shift);
		check_u64(((uint64_t)1 << shift) - 1);
	}
	check_u64(UINT64_MAX);
}

/* Sizes that cannot be end the process in a known way, not with a wrapped sum. */
static void too_large(void **state)
{
	struct strbuf b = { 0 };
	int status;
	pid_t pid;

	(void)state;
	strbuf_str(&b, "some");
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		strbuf_grow(&b, SIZE_MAX - 2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	strbuf_free(&b);
}

static void write_file(void **state)
{
	struct strbuf b = { 0 };
	int fd = memfd_create("out", 0);
	char got[8] = "";

	(void)state;
	strbuf_str(&b, "abc\n");
	assert_int_equal(strbuf_write(&b, fd), 0);
	assert_int_equal(b.size, 0);
	assert_int_equal(strbuf_write(&b, fd), 0);
	assert_int_equal(pread(fd, got, sizeof(got), 0), 4);
	assert_string_equal(got, "abc\n");
	close(fd);
	strbuf_str(&b, "lost");
	assert_int_equal(strbuf_write(&b, fd), -EBADF);
	assert_int_equal(b.size, 0);
	strbuf_free(&b);
}

/* A pipe that does not block and is full most of the time: nothing is lost or doubled. */
static void write_slow_reader(void **state)
{
	enum { SIZE = 1 << 20 };
	struct strbuf b = { 0 };
	unsigned char part[4096];
	int ends[2], status;
	size_t at = 0;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	for (size_t i = 0; i < SIZE; i++)
		strbuf_char(&b, i % 251);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		_exit(strbuf_write(&b, ends[1]) ? 1 : 0);
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, 0);
	while ((n = read(ends[0], part, sizeof(part))) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			assert_int_equal(part[i], at % 251);
	assert_int_equal(at, SIZE);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(ends[0]);
	strbuf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),      cmocka_unit_test(pieces),
		cmocka_unit_test(growth),     cmocka_unit_test(printf_growth),
		cmocka_unit_test(numbers),    cmocka_unit_test(too_large),
		cmocka_unit_test(write_file), cmocka_unit_test(write_slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
