// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "path.h"

/* The result for components of exactly this size, behind which nothing may be read. */
static const char *joined(const char *components, size_t size, bool cut, bool outside)
{
	static struct strbuf out;
	char *exact = malloc(size ? size : 1);

	if (size)
		memcpy(exact, components, size);
	strbuf_free(&out);
	path_join(&out, size ? exact : exact + 1, size, cut, outside);
	free(exact);
	return strbuf_cstr(&out);
}

/* components: a string constant; its own NUL ends the last one. */
#define JOINED(components, cut, outside) \
	joined(components, sizeof(components), cut, outside)

static void plain(void **state)
{
	(void)state;
	assert_string_equal(JOINED("a", false, false), "/a");
	assert_string_equal(JOINED("passwd\0etc", false, false), "/etc/passwd");
	assert_string_equal(JOINED("d\0c\0b\0a", false, false), "/a/b/c/d");
}

static void root(void **state)
{
	(void)state;
	assert_string_equal(joined(NULL, 0, false, false), "/");
}

static void cut(void **state)
{
	(void)state;
	assert_string_equal(JOINED("leaf", true, false), ".../leaf");
	assert_string_equal(JOINED("leaf\0dir", true, false), ".../dir/leaf");
	assert_string_equal(JOINED("leaf", true, true), ".../leaf");
	assert_string_equal(JOINED("leaf\0dir", true, true), ".../dir/leaf");
	assert_string_equal(joined(NULL, 0, true, false), "...");
	assert_string_equal(joined(NULL, 0, true, true), "...");
}

/* A single name that hangs off no root has no slash; a path that does has. */
static void outside(void **state)
{
	(void)state;
	assert_string_equal(JOINED("memfd:x", false, true), "memfd:x");
	assert_string_equal(JOINED("leaf\0dir", false, true), "/dir/leaf");
	assert_string_equal(joined(NULL, 0, false, true), "/");
}

/* Names may contain any byte but NUL and the slash; they are escaped later. */
static void odd_bytes(void **state)
{
	(void)state;
	assert_string_equal(JOINED("\xff\n\0 \0..", false, false), "/../ /\xff\n");
}

static void appends(void **state)
{
	struct strbuf out = { 0 };

	(void)state;
	strbuf_str(&out, "at ");
	path_join(&out, "b\0a", 4, false, false);
	assert_string_equal(strbuf_cstr(&out), "at /a/b");
	strbuf_free(&out);
}

/* count components of length bytes, all different, in the form of the kernel side. */
static void check_many(size_t count, size_t length)
{
	size_t size = count * (length + 1);
	char *components = malloc(size), *want = malloc(size + 1);
	const char *got;

	for (size_t i = 0; i < count; i++) {
		char *leaf = components + i * (length + 1);
		char *part = want + (count - 1 - i) * (length + 1);

		memset(leaf, 'a' + i % 26, length);
		leaf[length] = '\0';
		part[0] = '/';
		memset(part + 1, 'a' + i % 26, length);
	}
	want[size] = '\0';
	got = joined(components, size, false, false);
	assert_int_equal(strlen(got), size);
	assert_string_equal(got, want);
	got = joined(components, size, true, false);
	assert_memory_equal(got, "...", 3);
	assert_string_equal(got + 3, want);
	got = joined(components, size, false, true);
	assert_string_equal(got, count == 1 ? want + 1 : want);
	free(components);
	free(want);
}

static void many(void **state)
{
	(void)state;
	check_many(PATH_DEPTH, 1);
	check_many(2048, 1);	       /* 4096 bytes of single letters */
	check_many(16, PATH_STEP - 1); /* 4096 bytes of the longest names */
	check_many(17, PATH_STEP - 1); /* all the room */
	check_many(1, PATH_STEP - 1);
	for (size_t length = 1; length < 40; length++)
		check_many(4096 / (length + 1), length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),   cmocka_unit_test(root),
		cmocka_unit_test(cut),	   cmocka_unit_test(outside),
		cmocka_unit_test(appends), cmocka_unit_test(odd_bytes),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
