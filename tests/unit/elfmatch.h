/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elfmatch: files that a test makes, and the functions that are found in them.
 *
 *	TEST(names)..., then cmocka_run_group_tests(tests, folder_enter, folder_remove)
 */
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "probe/elffile.h"
#include "probe/elfsyms.h"
#include "tests/fuzz/elfmake.h"

static struct elffile file;
static struct elfsyms symbols;
static struct targets targets;
static struct strbuf why;

static void write_elf(const char *path, const struct elfmake *m)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_true(elfmake(fd, m));
	close(fd);
}

static size_t match_with(const char *text, bool regex, uint64_t plus)
{
	struct pattern name;
	struct elfsyms_wanted wanted = { .name = &name, .plus = plus };
	size_t found;

	targets_free(&targets);
	strbuf_clear(&why);
	assert_null(pattern_set(&name, text, regex));
	found = elfsyms_match(&symbols, &wanted, &targets);
	assert_int_equal(found, targets.count);
	if (!found)
		elfsyms_explain(&symbols, &wanted, &why);
	pattern_free(&name);
	return found;
}

static size_t match(const char *text)
{
	return match_with(text, false, 0);
}

static int done(void **state)
{
	(void)state;
	targets_free(&targets);
	strbuf_free(&why);
	elfsyms_close(&symbols);
	elffile_close(&file);
	return 0;
}

#define AT(n) (ELFMAKE_TEXT + (n))
#define GLOBAL GELF_ST_INFO(STB_GLOBAL, STT_FUNC)
#define WEAK GELF_ST_INFO(STB_WEAK, STT_FUNC)
#define LOCAL GELF_ST_INFO(STB_LOCAL, STT_FUNC)

static size_t file_read(const char *path, unsigned char *bytes, size_t room)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, room);

	close(fd);
	assert_true(n > 0);
	return n;
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, done)
