// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* execsnoop's arguments, as a kernel side would have written them. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "execsnoop/arguments.c"

/* What one exec was. args: each with its NUL, args_size bytes. */
struct exec {
	const char *name, *file;
	const char *args;
	size_t args_size;
	unsigned int bits;
	int dirfd; /* 0: AT_FDCWD */
	uint64_t unread;
	uint64_t total; /* 0: args_size */
	uint32_t argc;	/* 0: as many as there are NULs */
};

/* The string constants that ARGS() takes have their NULs inside and the last one
 * implied. */
#define ARGS(s) .args = (s), .args_size = sizeof(s)
#define ALL	UINT32_MAX

static struct arguments a;
static struct strbuf out;
static struct execsnoop_event *event;
static char *exact; /* the argument bytes, behind which nothing may be read */

static void set(struct exec x)
{
	size_t name_size = strlen(x.name);

	free(event);
	free(exact);
	event = calloc(1, sizeof(*event) + name_size);
	exact = malloc(x.args_size + 1);
	memcpy(event->data, x.name, name_size);
	memcpy(exact + 1, x.args ? x.args : "", x.args_size); /* flush with the end */
	event->name_size = name_size;
	event->args_size = x.args_size;
	event->args_total = x.total ? x.total : x.args_size;
	event->args_unread = x.unread;
	event->bits = x.bits;
	event->dirfd = x.dirfd ? x.dirfd : AT_FDCWD;
	event->argc = x.argc;
	for (size_t i = 0; i < x.args_size && !x.argc; i++)
		event->argc += x.args[i] == 0;
	arguments_set(&a, event, exact + 1,
		      (struct bytes){ x.file, x.file ? strlen(x.file) : 0 });
}

static const char *text(size_t max, bool quote)
{
	strbuf_clear(&out);
	arguments_text(&out, &a, max, quote);
	return strbuf_cstr(&out);
}

static const char *joined(void)
{
	strbuf_clear(&out);
	arguments_join(&out, &a);
	return strbuf_cstr(&out);
}

static const char *json(size_t max)
{
	strbuf_clear(&out);
	arguments_json(&out, &a, max);
	return strbuf_cstr(&out);
}

static const char *json_more(size_t max)
{
	strbuf_clear(&out);
	arguments_json_more(&out, &a, max);
	return strbuf_cstr(&out);
}

static void check_argv0(const char *want)
{
	struct bytes got = arguments_argv0(&a);

	if (!want) {
		assert_null(got.data);
		return;
	}
	assert_non_null(got.data);
	assert_int_equal(got.size, strlen(want));
	assert_memory_equal(got.data, want, got.size);
}

#define SET(...) set((struct exec){ __VA_ARGS__ })

static int tidy(void **state)
{
	(void)state;
	free(event);
	free(exact);
	free(a.list);
	strbuf_free(&a.name);
	strbuf_free(&out);
	event = NULL;
	exact = NULL;
	a = (struct arguments){};
	return 0;
}

/* --- programs ----------------------------------------------------------------------- */

static void program(void **state)
{
	(void)state;
	SET("/bin/ls", ARGS("ls\0-l\0/tmp"));
	assert_string_equal(text(ALL, false), "/bin/ls -l /tmp");
	assert_string_equal(text(ALL, true), "\"/bin/ls\" \"-l\" \"/tmp\"");
	assert_string_equal(joined(), "/bin/ls -l /tmp");
	assert_string_equal(json(ALL), "[\"/bin/ls\",\"-l\",\"/tmp\"]");
	assert_string_equal(json_more(ALL),
			    ",\"argc\":3,\"args_size\":11,\"args_cut\":false");
	check_argv0("ls");
}

static void few(void **state)
{
	(void)state;
	SET("/bin/true", .args_size = 0); /* an empty argv */
	assert_string_equal(text(ALL, false), "/bin/true");
	assert_string_equal(json_more(ALL),
			    ",\"argc\":0,\"args_size\":0,\"args_cut\":false");
	check_argv0(NULL);
	SET("/bin/true", ARGS("")); /* argv[0] is "" */
	assert_string_equal(text(ALL, true), "\"/bin/true\"");
	check_argv0("");
	SET("/bin/true", ARGS("\0\0"));
	assert_string_equal(text(ALL, true), "\"/bin/true\" \"\" \"\"");
	assert_string_equal(joined(), "/bin/true  ");
	assert_string_equal(json(ALL), "[\"/bin/true\",\"\",\"\"]");
	SET("", ARGS("x")); /* execve("") */
	assert_string_equal(json(ALL), "[\"\"]");
}

/* Lists are kept from event to event: of a longer one nothing may be left. */
static void again(void **state)
{
	(void)state;
	SET("/bin/long", ARGS("long\0a\0b\0c"), .bits = EXEC_ARGS_CUT);
	SET("/bin/short", .args_size = 0);
	assert_string_equal(text(ALL, false), "/bin/short");
	check_argv0(NULL);
	SET("", .dirfd = 3, .bits = 0, ARGS("x"));
	SET("/bin/short", ARGS("s"));
	assert_string_equal(text(ALL, false), "/bin/short");
}

static void bytes(void **state)
{
	(void)state;
	SET("/bin/echo", ARGS("echo\0a\nb\t\x1b[2J\0say \"x\"\0back\\slash"));
	assert_string_equal(text(ALL, false),
			    "/bin/echo a\\nb\\t\\e[2J say \"x\" back\\\\slash");
	assert_string_equal(text(ALL, true), "\"/bin/echo\" \"a\\nb\\t\\e[2J\" "
					     "\"say \\\"x\\\"\" \"back\\\\slash\"");
	assert_string_equal(joined(), "/bin/echo a\nb\t\x1b[2J say \"x\" back\\slash");
	assert_string_equal(json(ALL), "[\"/bin/echo\",\"a\\nb\\t\\u001b[2J\","
				       "\"say \\\"x\\\"\",\"back\\\\slash\"]");
}

static void invalid(void **state)
{
	(void)state;
	SET("/bin/\xfe", ARGS("echo\0ok\0\xff\x80z"));
	assert_string_equal(text(ALL, false), "/bin/\\xfe ok \\xff\\x80z");
	assert_string_equal(json(ALL), "[\"/bin/\xef\xbf\xbd\",\"ok\","
				       "\"\xef\xbf\xbd\xef\xbf\xbdz\"]");
	assert_string_equal(json_more(ALL),
			    ",\"argc\":3,\"args_size\":12,\"args_cut\":false,"
			    "\"args_hex\":[\"2f62696e2ffe\",\"6f6b\",\"ff807a\"]");
	/* Only where it is among those that are shown. */
	SET("/bin/e", ARGS("echo\0ok\0\xff"));
	assert_string_equal(json_more(2),
			    ",\"argc\":3,\"args_size\":10,\"args_cut\":true");
}

/* --- how many ----------------------------------------------------------------------- */

static void limit(void **state)
{
	(void)state;
	SET("/bin/x", ARGS("x\0a\0b"));
	assert_string_equal(text(3, false),
			    "/bin/x a b"); /* exactly the limit: no ellipsis */
	assert_string_equal(json_more(3),
			    ",\"argc\":3,\"args_size\":6,\"args_cut\":false");
	assert_string_equal(json(3), "[\"/bin/x\",\"a\",\"b\"]");
	assert_string_equal(text(2, false), "/bin/x a ...");
	assert_string_equal(json(2), "[\"/bin/x\",\"a\"]");
	assert_string_equal(json_more(2),
			    ",\"argc\":3,\"args_size\":6,\"args_cut\":true");
	assert_string_equal(text(4, false), "/bin/x a b");
	assert_string_equal(text(1, true), "\"/bin/x\" ...");
	assert_string_equal(joined(), "/bin/x a b"); /* -l sees them all */
}

static void cut(void **state)
{
	(void)state;
	/* 100,000 bytes were given, and the budget ended in the second one. */
	SET("/bin/x", .args = "x\0aaaa", .args_size = 6, .bits = EXEC_ARGS_CUT,
	    .total = 100000, .argc = 9);
	assert_string_equal(text(ALL, false), "/bin/x aaaa ...");
	assert_string_equal(text(2, false), "/bin/x aaaa ...");
	assert_string_equal(text(1, false), "/bin/x ...");
	assert_string_equal(json(ALL), "[\"/bin/x\",\"aaaa\"]");
	assert_string_equal(json_more(ALL),
			    ",\"argc\":9,\"args_size\":100000,\"args_cut\":true");
}

static void many(void **state)
{
	enum { COUNT = 5000 };
	char *args = malloc(2 * COUNT);

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		args[2 * i] = 'a' + i % 26;
		args[2 * i + 1] = 0;
	}
	SET("/n", .args = args, .args_size = 2 * COUNT);
	assert_int_equal(a.count, COUNT);
	text(ALL, false);
	assert_int_equal(strlen(strbuf_cstr(&out)), 2 * COUNT);
	assert_memory_equal(strbuf_cstr(&out), "/n b c d", 8);
	for (int i = 1; i < COUNT; i++)
		assert_int_equal(*a.list[i].data, 'a' + i % 26);
	free(args);
}

/* --- what could not be read --------------------------------------------------------- */

static void unread(void **state)
{
	(void)state;
	SET("/bin/x", ARGS("\0a\0\0b"), .unread = 1 | 4);
	assert_string_equal(text(ALL, true), "\"/bin/x\" \"a\" ? \"b\"");
	assert_string_equal(joined(), "/bin/x a  b");
	assert_string_equal(json(ALL), "[\"/bin/x\",\"a\",null,\"b\"]");
	check_argv0(NULL);
	SET("/bin/x", ARGS("\0a\0\0\xff"), .unread = 1 | 4);
	assert_string_equal(json_more(ALL),
			    ",\"argc\":4,\"args_size\":6,\"args_cut\":false,"
			    "\"args_hex\":[\"2f62696e2f78\",\"61\",\"\",\"ff\"]");
	SET("", ARGS("x\0a"), .bits = EXEC_NAME_UNREAD);
	assert_string_equal(text(ALL, true), "? \"a\"");
	assert_string_equal(json(ALL), "[null,\"a\"]");
}

/* The bits are for the first 64; one behind them must not take the bit of another. */
static void unread_far(void **state)
{
	char args[2 * 80];

	(void)state;
	for (int i = 0; i < 80; i++) {
		args[2 * i] = 'x';
		args[2 * i + 1] = 0;
	}
	SET("/n", .args = args, .args_size = sizeof(args), .unread = 1ull << 63 | 2);
	for (int i = 1; i < 80; i++) {
		if (i == 1 || i == 63)
			assert_null(a.list[i].data);
		else
			assert_non_null(a.list[i].data);
	}
}

/* --- by descriptor ------------------------------------------------------------------ */

static void descriptor(void **state)
{
	(void)state;
	SET("/dev/fd/3", .file = "/usr/bin/ls", ARGS("ls\0-l"),
	    .bits = EXEC_BY_DESCRIPTOR);
	assert_string_equal(text(ALL, false), "/usr/bin/ls -l");
	check_argv0("ls");
	/* A program's own path was walked: nothing comes behind it. */
	SET("/dev/fd/3/ls", .file = "/usr/bin/ls", ARGS("ls"),
	    .bits = EXEC_BY_DESCRIPTOR);
	assert_string_equal(text(ALL, false), "/usr/bin/ls");
	SET("/dev/fd/3", .file = "memfd:x", ARGS("y"), .bits = EXEC_BY_DESCRIPTOR);
	assert_string_equal(text(ALL, false), "memfd:x");
	/* No path was walked: the kernel's name for it stands. */
	SET("/dev/fd/3/sub", ARGS("y"), .bits = EXEC_BY_DESCRIPTOR);
	assert_string_equal(text(ALL, false), "/dev/fd/3/sub");
}

static void descriptor_script(void **state)
{
	(void)state;
	/* The directory's path was walked; the script's name stands behind the number. */
	SET("/dev/fd/17/sub/script", .file = "/srv",
	    .bits = EXEC_BY_DESCRIPTOR | EXEC_SCRIPT,
	    ARGS("/bin/sh\0/dev/fd/17/sub/script\0a"));
	assert_string_equal(text(ALL, false), "/srv/sub/script a");
	check_argv0(NULL);
	/* fexecve: the path is the script's own. */
	SET("/dev/fd/17", .file = "/srv/script", .bits = EXEC_BY_DESCRIPTOR | EXEC_SCRIPT,
	    ARGS("/bin/sh\0-e\0/dev/fd/17\0a\0b"));
	assert_string_equal(text(ALL, false), "/srv/script a b");
}

/* execveat that failed: the kernel has made no name, so it is as the kernel would. */
static void failed(void **state)
{
	(void)state;
	SET("sub/prog", .dirfd = 5, ARGS("prog\0a"));
	assert_string_equal(text(ALL, false), "/dev/fd/5/sub/prog a");
	check_argv0("prog");
	SET("", .dirfd = 5, ARGS("prog\0a"));
	assert_string_equal(text(ALL, false), "/dev/fd/5 a");
	SET("/abs/prog", .dirfd = 5, ARGS("prog"));
	assert_string_equal(text(ALL, false), "/abs/prog");
	SET("rel", ARGS("prog"));
	assert_string_equal(text(ALL, false), "rel");
	SET("x", .dirfd = -1, ARGS("prog"));
	assert_string_equal(text(ALL, false), "/dev/fd/-1/x");
}

/* --- scripts ------------------------------------------------------------------------ */

static void script(void **state)
{
	(void)state;
	SET("./s.sh", .bits = EXEC_SCRIPT, ARGS("/bin/sh\0./s.sh\0a\0b"));
	assert_string_equal(text(ALL, false), "./s.sh a b");
	check_argv0(NULL);
	SET("./s.sh", .bits = EXEC_SCRIPT, ARGS("/bin/sh\0-e -x\0./s.sh\0a"));
	assert_string_equal(text(ALL, false), "./s.sh a");
	SET("./s.sh", .bits = EXEC_SCRIPT, ARGS("/bin/sh\0./s.sh"));
	assert_string_equal(text(ALL, false), "./s.sh");
	assert_string_equal(json(ALL), "[\"./s.sh\"]");
	/* An interpreter that is a script: both are in front. */
	SET("./outer", .bits = EXEC_SCRIPT, ARGS("/bin/sh\0./inner\0-x\0./outer\0a"));
	assert_string_equal(text(ALL, false), "./outer a");
	/* An argument of the same name stays: the first one is the script's. */
	SET("s", .bits = EXEC_SCRIPT, ARGS("/bin/sh\0s\0s\0t\0s"));
	assert_string_equal(text(ALL, false), "s s t s");
}

/* Its name is not among the arguments: they are shown as they are. */
static void script_odd(void **state)
{
	(void)state;
	SET("./s", .bits = EXEC_SCRIPT, ARGS("/usr/bin/qemu\0/abs/s\0a"));
	assert_string_equal(text(ALL, false), "./s /usr/bin/qemu /abs/s a");
	SET("./s", .bits = EXEC_SCRIPT, .args_size = 0);
	assert_string_equal(text(ALL, false), "./s");
	SET("./s", .bits = EXEC_SCRIPT, ARGS("/bin/sh"));
	assert_string_equal(text(ALL, false), "./s /bin/sh");
	/* The budget ended in the script's name. */
	SET("./script", .bits = EXEC_SCRIPT | EXEC_ARGS_CUT, .args = "/bin/sh\0./scr",
	    .args_size = 13, .total = 50, .argc = 4);
	assert_string_equal(text(ALL, false), "./script /bin/sh ./scr ...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(program, tidy),
		cmocka_unit_test_teardown(few, tidy),
		cmocka_unit_test_teardown(again, tidy),
		cmocka_unit_test_teardown(bytes, tidy),
		cmocka_unit_test_teardown(invalid, tidy),
		cmocka_unit_test_teardown(limit, tidy),
		cmocka_unit_test_teardown(cut, tidy),
		cmocka_unit_test_teardown(many, tidy),
		cmocka_unit_test_teardown(unread, tidy),
		cmocka_unit_test_teardown(unread_far, tidy),
		cmocka_unit_test_teardown(descriptor, tidy),
		cmocka_unit_test_teardown(descriptor_script, tidy),
		cmocka_unit_test_teardown(failed, tidy),
		cmocka_unit_test_teardown(script, tidy),
		cmocka_unit_test_teardown(script_odd, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
