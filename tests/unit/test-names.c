// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "names.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void check_flags(uint32_t flags, const char *want)
{
	struct strbuf b = { 0 };

	open_flags_text(&b, flags);
	assert_string_equal(strbuf_cstr(&b), want);
	strbuf_free(&b);
}

static void errno_known(void **state)
{
	(void)state;
	assert_string_equal(errno_name(EPERM), "EPERM");
	assert_string_equal(errno_name(2), "ENOENT");
	assert_string_equal(errno_name(EAGAIN), "EAGAIN");
	assert_string_equal(errno_name(EOPNOTSUPP), "EOPNOTSUPP");
	assert_string_equal(errno_name(EHWPOISON), "EHWPOISON");
	assert_string_equal(errno_name(512), "ERESTARTSYS");
	assert_string_equal(errno_name(516), "ERESTART_RESTARTBLOCK");
	assert_string_equal(errno_name(524), "ENOTSUPP");
	assert_null(errno_name(0));
	assert_null(errno_name(-2));
	assert_null(errno_name(EHWPOISON + 1));
	assert_null(errno_name(511));
	assert_null(errno_name(520));
	assert_null(errno_name(4096));
	assert_null(errno_name(-2147483647 - 1));
}

/* NULL where the library cannot tell. */
static const char *library_name(int err)
{
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 32)
	return strerrorname_np(err);
#endif
#endif
	(void)err;
	return NULL;
}

/* Exactly the numbers for which the C library has a text have a name, as the library names
 * them where it can tell. */
static void errno_all(void **state)
{
	(void)state;
	for (int err = 1; err < 512; err++) {
		bool known = strncmp(strerror(err), "Unknown error", 13);

		assert_int_equal(known, errno_name(err) != NULL);
		if (known && library_name(err))
			assert_string_equal(errno_name(err), library_name(err));
	}
}

static void flags_text(void **state)
{
	(void)state;
	check_flags(O_RDONLY, "O_RDONLY");
	check_flags(O_WRONLY, "O_WRONLY");
	check_flags(O_RDWR | O_CREAT | O_CLOEXEC, "O_RDWR|O_CREAT|O_CLOEXEC");
	check_flags(O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_APPEND,
		    "O_WRONLY|O_CREAT|O_EXCL|O_TRUNC|O_APPEND");
	check_flags(O_DIRECTORY | O_NONBLOCK | O_CLOEXEC,
		    "O_RDONLY|O_NONBLOCK|O_DIRECTORY|O_CLOEXEC");
	check_flags(O_PATH | O_NOFOLLOW, "O_RDONLY|O_NOFOLLOW|O_PATH");
	check_flags(O_NOATIME | O_DIRECT | O_NOCTTY | O_ASYNC,
		    "O_RDONLY|O_NOCTTY|O_ASYNC|O_DIRECT|O_NOATIME");
	check_flags(3, "3");
	check_flags(3 | O_NONBLOCK, "3|O_NONBLOCK");
}

static void flags_of_two_bits(void **state)
{
	(void)state;
	check_flags(O_RDWR | O_SYNC, "O_RDWR|O_SYNC");
	check_flags(O_RDWR | O_DSYNC, "O_RDWR|O_DSYNC");
	check_flags(O_RDWR | O_TMPFILE, "O_RDWR|O_TMPFILE");
	check_flags(O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	/* The other bit of each alone has no name. */
	check_flags(O_SYNC & ~O_DSYNC, "O_RDONLY|04000000");
	check_flags(O_TMPFILE & ~O_DIRECTORY, "O_RDONLY|020000000");
}

/* The C library's O_LARGEFILE may be 0; what the kernel sees is not. */
static void flags_largefile(void **state)
{
	(void)state;
#if defined(__x86_64__) || defined(__riscv)
	check_flags(0100000, "O_RDONLY|O_LARGEFILE");
#elif defined(__aarch64__)
	check_flags(0400000, "O_RDONLY|O_LARGEFILE");
#else
	print_message("O_LARGEFILE: not known for this architecture\n");
	skip();
#endif
}

static void flags_leftover(void **state)
{
	(void)state;
	check_flags(0x80000000, "O_RDONLY|020000000000");
	check_flags(O_WRONLY | O_CREAT | 040, "O_WRONLY|O_CREAT|040");
}

static void flag_parse(void **state)
{
	static const char *const bad[] = {
		"",	   "O_",       "O_FOO",		 "o_rdonly",
		"RDONLY",  " O_RDWR",  "O_RDWR|O_CREAT", "0",
		"O_RDONL", "O_RDONLYX"
	};
	uint32_t mask = 1, value = 1;

	(void)state;
	assert_true(open_flag_parse("O_RDONLY", &mask, &value));
	assert_int_equal(mask, O_ACCMODE);
	assert_int_equal(value, 0);
	assert_true(open_flag_parse("O_WRONLY", &mask, &value));
	assert_int_equal(mask, O_ACCMODE);
	assert_int_equal(value, O_WRONLY);
	assert_true(open_flag_parse("O_TMPFILE", &mask, &value));
	assert_int_equal(mask, O_TMPFILE);
	assert_int_equal(value, O_TMPFILE);
	assert_true(open_flag_parse("O_NDELAY", &mask, &value));
	assert_int_equal(value, O_NONBLOCK);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(open_flag_parse(bad[i], &mask, &value));
}

/* Each name of the list is one, and an open with it is shown with it, aliases apart. */
static void flag_list(void **state)
{
	char *list = strdup(open_flag_list()), *save, *name;
	struct strbuf shown = { 0 };
	size_t count = 0;

	(void)state;
	for (name = strtok_r(list, ", ", &save); name;
	     name = strtok_r(NULL, ", ", &save)) {
		uint32_t mask, value;

		count++;
		assert_true(open_flag_parse(name, &mask, &value));
		assert_int_equal(value & ~mask, 0);
		strbuf_clear(&shown);
		open_flags_text(&shown, value);
		if (strcmp(name, "O_NDELAY") && strcmp(name, "O_RSYNC"))
			assert_non_null(strstr(strbuf_cstr(&shown), name));
	}
	assert_true(count >= 20);
	strbuf_free(&shown);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errno_known),	   cmocka_unit_test(errno_all),
		cmocka_unit_test(flags_text),	   cmocka_unit_test(flags_of_two_bits),
		cmocka_unit_test(flags_largefile), cmocka_unit_test(flags_leftover),
		cmocka_unit_test(flag_parse),	   cmocka_unit_test(flag_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
