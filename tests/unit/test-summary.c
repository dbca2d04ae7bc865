// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* opensnoop's --summary. The module is included, so that each test begins with no
 * counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "opensnoop/summary.c"

#define PATHS	  "   OPENS   FAILED PATH\n"
#define PROCESSES "\n   OPENS   FAILED PID     COMM\n"

static struct strbuf out;

static void add(const char *path, uint32_t pid, const char *comm, bool failed)
{
	size_t size = path ? strlen(path) : 0;
	char *exact = size ? malloc(size) : NULL; /* a path has no NUL in an event */
	char *name = calloc(1, 16);

	memcpy(name, comm, strnlen(comm, 16));
	if (size)
		memcpy(exact, path, size);
	summary_add((struct bytes){ path && !size ? "" : exact, size }, pid, name,
		    failed);
	free(exact);
	free(name);
}

static const char *printed(bool json)
{
	strbuf_clear(&out);
	summary_print(&out, json);
	return strbuf_cstr(&out);
}

static int tidy(void **state)
{
	(void)state;
	tdestroy(paths, free);
	tdestroy(processes, free);
	paths = processes = NULL;
	strbuf_free(&out);
	return 0;
}

static void nothing(void **state)
{
	(void)state;
	assert_string_equal(printed(false), PATHS PROCESSES);
	assert_string_equal(printed(true), "");
}

static void counts(void **state)
{
	(void)state;
	add("/etc/passwd", 10, "cat", false);
	add("/etc/passwd", 10, "cat", false);
	add("/none", 10, "cat", true);
	add("/etc/passwd", 11, "sh", true);
	assert_string_equal(printed(false), PATHS "       3        1 /etc/passwd\n"
						  "       1        1 /none\n" PROCESSES
						  "       3        1 10      cat\n"
						  "       1        1 11      sh\n");
	assert_string_equal(printed(true),
			    "{\"opens\":3,\"failed\":1,\"path\":\"/etc/passwd\"}\n"
			    "{\"opens\":1,\"failed\":1,\"path\":\"/none\"}\n"
			    "{\"opens\":3,\"failed\":1,\"pid\":10,\"comm\":\"cat\"}\n"
			    "{\"opens\":1,\"failed\":1,\"pid\":11,\"comm\":\"sh\"}\n");
	/* To print changes nothing. */
	assert_int_equal(strlen(printed(true)), strlen(printed(true)));
}

/* A process that changes its name by exec has a row for each. */
static void processes_by_name(void **state)
{
	(void)state;
	add("/a", 5, "sh", false);
	add("/a", 5, "cat", false);
	add("/a", 5, "cat", false);
	add("/a", 5, "0123456789abcdef", false); /* 16 bytes without a NUL */
	assert_string_equal(printed(false),
			    PATHS "       4        0 /a\n" PROCESSES
				  "       2        0 5       cat\n"
				  "       1        0 5       sh\n"
				  "       1        0 5       0123456789abcdef\n");
}

/* The same counts: always in the same order, in whichever order they came. */
static void equal_counts(void **state)
{
	static const char *const names[] = { "/b", "/a", "/ab", "/", "/c", "/aa" };
	char first[2048];

	(void)state;
	for (size_t i = 0; i < 6; i++)
		add(names[i], 100 - i, "x", false);
	snprintf(first, sizeof(first), "%s", printed(false));
	tidy(NULL);
	for (size_t i = 6; i-- > 0;)
		add(names[i], 100 - i, "x", false);
	assert_string_equal(printed(false), first);
	assert_non_null(strstr(first, " 95      x\n       1        0 96      x\n"));
	/* Most opens first, whatever the name. */
	add("/c", 100, "x", true);
	assert_memory_equal(printed(false), PATHS "       2        1 /c\n",
			    strlen(PATHS "       2        1 /c\n"));
}

static void odd_bytes(void **state)
{
	(void)state;
	add("/a\nb\x1b[2J", 1, "e\nvil", false);
	add("/\xff", 1, "\xfe", false);
	add("/\xff", 1, "\xfe", false);
	add("/\xfe", 1, "\xfe", false); /* shown alike in JSON, but two paths */
	assert_string_equal(printed(false),
			    PATHS "       2        0 /\\xff\n"
				  "       1        0 /\\xfe\n"
				  "       1        0 /a\\nb\\e[2J\n" PROCESSES
				  "       3        0 1       \\xfe\n"
				  "       1        0 1       e\\nvil\n");
	assert_string_equal(
		printed(true),
		"{\"opens\":2,\"failed\":0,\"path\":\"/\xef\xbf\xbd\",\"path_hex\":\"2fff\"}\n"
		"{\"opens\":1,\"failed\":0,\"path\":\"/\xef\xbf\xbd\",\"path_hex\":\"2ffe\"}\n"
		"{\"opens\":1,\"failed\":0,\"path\":\"/a\\nb\\u001b[2J\"}\n"
		"{\"opens\":3,\"failed\":0,\"pid\":1,\"comm\":\"\xef\xbf\xbd\",\"comm_hex\":\"fe\"}\n"
		"{\"opens\":1,\"failed\":0,\"pid\":1,\"comm\":\"e\\nvil\"}\n");
}

static void unknown(void **state)
{
	(void)state;
	add(NULL, 1, "x", true);
	add(NULL, 1, "x", true);
	add("", 1, "", true);
	assert_string_equal(printed(false), PATHS "       2        2 ?\n"
						  "       1        1 \n" PROCESSES
						  "       2        2 1       x\n"
						  "       1        1 1       \n");
}

static void many(void **state)
{
	char path[64];
	const char *at;
	unsigned long long opens, before = UINT64_MAX;
	size_t lines = 0, sum = 0;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), "/dir/%u",
			 i * 2654435761u % 997 * (i % 13) / 7);
		add(path, 1 + i % 50, "x", i % 3 == 0);
	}
	at = printed(true);
	for (; strstr(at, "\"path\""); at = strchr(at, '\n') + 1, lines++) {
		if (strncmp(strstr(at, "\"p"), "\"path\"", 6))
			break;
		assert_int_equal(sscanf(at, "{\"opens\":%llu", &opens), 1);
		assert_true(opens <= before);
		before = opens;
		sum += opens;
	}
	assert_int_equal(sum, 20000);
	assert_true(lines > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing, tidy),
		cmocka_unit_test_teardown(counts, tidy),
		cmocka_unit_test_teardown(processes_by_name, tidy),
		cmocka_unit_test_teardown(equal_counts, tidy),
		cmocka_unit_test_teardown(odd_bytes, tidy),
		cmocka_unit_test_teardown(unknown, tidy),
		cmocka_unit_test_teardown(many, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
