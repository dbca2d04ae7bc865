// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "probe/usdt.h"
#include "tests/fuzz/elfmake.h"

static struct elffile file;
static struct targets targets;

static void file_open(const struct elfmake *m)
{
	char path[32];
	int fd = memfd_create("made", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(elfmake(fd, m));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(elffile_open(&file, path, "made"), 0);
	close(fd);
}

static size_t match(const char *provider, const char *probe)
{
	struct pattern p = {}, q = {};
	const struct usdt_wanted wanted = { .provider = &p, .probe = &q };
	size_t found;

	targets_free(&targets);
	if (provider)
		assert_null(pattern_set(&p, provider, false));
	assert_null(pattern_set(&q, probe, false));
	found = usdt_match(&file, &wanted, &targets);
	assert_int_equal(found, targets.count);
	pattern_free(&p);
	pattern_free(&q);
	return found;
}

static int done(void **state)
{
	(void)state;
	targets_free(&targets);
	elffile_close(&file);
	return 0;
}

static const struct elfmake_note plain[] = {
	{ ELFMAKE_TEXT + 2, ELFMAKE_BASE, 0, ELFMAKE_NOTE("server\0start\0-4@%eax 8@$5") },
	{ ELFMAKE_TEXT + 8, ELFMAKE_BASE, ELFMAKE_DATA + 4, ELFMAKE_NOTE("server\0stop\0") },
	{ ELFMAKE_TEXT + 5, ELFMAKE_BASE, 0, ELFMAKE_NOTE("server\0start\0-4@%edx 8@$6") },
	{ ELFMAKE_TEXT + 9, ELFMAKE_BASE, 0, ELFMAKE_NOTE("client\0start\0") },
	{},
};

static void check_plain(void)
{
	assert_int_equal(match("server", "start"), 2); /* at two places */
	assert_int_equal(targets.list[0].kind, TARGET_USDT);
	assert_string_equal(targets.list[0].name, "server:start");
	assert_string_equal(targets.list[0].path, file.path);
	assert_string_equal(targets.list[0].arguments, "-4@%eax 8@$5");
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 2);
	assert_int_equal(targets.list[0].semaphore, 0);
	assert_string_equal(targets.list[1].arguments, "-4@%edx 8@$6");
	assert_int_equal(targets.list[1].offset, ELFMAKE_TEXT_OFFSET + 5);
	targets_finish(&targets);
	assert_int_equal(targets.count, 2);
	assert_int_equal(targets.slots, 1); /* and shown as one */

	assert_int_equal(match(NULL, "sto?"), 1);
	assert_string_equal(targets.list[0].arguments, "");
	assert_int_equal(targets.list[0].semaphore, ELFMAKE_DATA_OFFSET + 4);
	assert_int_equal(match(NULL, "start"), 3);
	assert_int_equal(match("c*", "*"), 1);
	assert_int_equal(match("*", "*"), 4);
	assert_int_equal(match("server", "star"), 0);
	assert_int_equal(match("serve", "start"), 0);
	assert_int_equal(targets.skip_count, 0);
}

static void test_64(void **state)
{
	(void)state;
	file_open(&(struct elfmake){ .notes = plain });
	assert_true(usdt_any(&file));
	check_plain();
}

static void test_32(void **state)
{
	(void)state;
	if (elfmake_machine() != EM_X86_64) {
		print_message("# this machine has no 32-bit programs that can be probed\n");
		skip();
	}
	file_open(&(struct elfmake){ .notes = plain, .narrow = true, .machine = EM_386 });
	check_plain();
}

/* The file was moved by 0x1000 since the notes were written. */
static void test_prelink(void **state)
{
	static const struct elfmake_note notes[] = {
		{ ELFMAKE_TEXT + 2 - 0x1000, ELFMAKE_BASE - 0x1000, ELFMAKE_DATA - 0x1000,
		  ELFMAKE_NOTE("p\0low\0") },
		{ ELFMAKE_TEXT + 3 + 0x1000, ELFMAKE_BASE + 0x1000, 0, ELFMAKE_NOTE("p\0high\0") },
		{ ELFMAKE_TEXT + 4, 0, 0, ELFMAKE_NOTE("p\0unknown\0") },
		{},
	};

	(void)state;
	file_open(&(struct elfmake){ .notes = notes });
	assert_int_equal(match(NULL, "*"), 3);
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 2);
	assert_int_equal(targets.list[0].semaphore, ELFMAKE_DATA_OFFSET);
	assert_int_equal(targets.list[1].offset, ELFMAKE_TEXT_OFFSET + 3);
	assert_int_equal(targets.list[1].semaphore, 0);
	assert_int_equal(targets.list[2].offset, ELFMAKE_TEXT_OFFSET + 4);
}

static void test_places(void **state)
{
	static const struct elfmake_note notes[] = {
		{ ELFMAKE_DATA, ELFMAKE_BASE, 0, ELFMAKE_NOTE("p\0in_data\0") },
		{ ELFMAKE_TEXT + ELFMAKE_TEXT_SIZE, ELFMAKE_BASE, 0, ELFMAKE_NOTE("p\0behind\0") },
		{ ELFMAKE_TEXT, ELFMAKE_BASE, ELFMAKE_TEXT, ELFMAKE_NOTE("p\0read_only\0") },
		/* Loaded, but not from the file: the kernel could not find it. */
		{ ELFMAKE_TEXT, ELFMAKE_BASE, ELFMAKE_DATA + ELFMAKE_DATA_SIZE,
		  ELFMAKE_NOTE("p\0in_bss\0") },
		{ UINT64_MAX, ELFMAKE_BASE, 0, ELFMAKE_NOTE("p\0far\0") },
		{ ELFMAKE_TEXT + ELFMAKE_TEXT_SIZE - 1, ELFMAKE_BASE, 0,
		  ELFMAKE_NOTE("p\0last\0") },
		{},
	};

	(void)state;
	file_open(&(struct elfmake){ .notes = notes });
	assert_int_equal(match(NULL, "*"), 1);
	assert_string_equal(targets.list[0].name, "p:last");
	assert_int_equal(targets.skip_count, 5);
	assert_string_equal(targets.skipped[0].name, "p:in_data");
	assert_non_null(strstr(targets.skipped[0].reason, "no code"));
	assert_non_null(strstr(targets.skipped[3].reason, "no semaphore"));
}

/* A bad note is left out; the ones around it are whole. */
static void test_damaged(void **state)
{
	static const struct elfmake_note notes[] = {
		{ ELFMAKE_TEXT, ELFMAKE_BASE, 0, ELFMAKE_NOTE("p\0first\0") },
		{ ELFMAKE_TEXT, ELFMAKE_BASE, 0, "p\0no_end", 8 },
		{ ELFMAKE_TEXT, ELFMAKE_BASE, 0, "p", 1 },
		{ ELFMAKE_TEXT, ELFMAKE_BASE, 0, "p\0no_arguments", 15 },
		{ ELFMAKE_TEXT, ELFMAKE_BASE, 0, "", 0 },
		{ ELFMAKE_TEXT, ELFMAKE_BASE, 0, ELFMAKE_NOTE("p\0last\0") },
		{},
	};

	(void)state;
	file_open(&(struct elfmake){ .notes = notes });
	assert_int_equal(match(NULL, "*"), 2);
	assert_string_equal(targets.list[0].name, "p:first");
	assert_string_equal(targets.list[1].name, "p:last");
}

static void test_none(void **state)
{
	static const struct elfmake_note none[] = { {} };

	(void)state;
	file_open(&(struct elfmake){});
	assert_false(usdt_any(&file));
	assert_int_equal(match(NULL, "*"), 0);
	elffile_close(&file);
	file_open(&(struct elfmake){ .notes = none });
	assert_false(usdt_any(&file));
	assert_int_equal(match(NULL, "*"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_64, done),
		cmocka_unit_test_teardown(test_32, done),
		cmocka_unit_test_teardown(test_prelink, done),
		cmocka_unit_test_teardown(test_places, done),
		cmocka_unit_test_teardown(test_damaged, done),
		cmocka_unit_test_teardown(test_none, done),
	};

	return cmocka_run_group_tests_name("usdt", tests, NULL, NULL);
}
