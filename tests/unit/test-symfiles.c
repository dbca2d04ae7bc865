// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* symfiles.c is included: what it holds is looked at, and it may hold little. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#define SYMFILES_BYTES (8u << 20)
#include "probe/symfiles.c"
#include "tests/fuzz/elfmake.h"

static struct symfiles files;

static int done(void **state)
{
	(void)state;
	symfiles_free(&files);
	return 0;
}

#define AT(n)  (ELFMAKE_TEXT + (n))
#define GLOBAL GELF_ST_INFO(STB_GLOBAL, STT_FUNC)
#define LOCAL  GELF_ST_INFO(STB_LOCAL, STT_FUNC)
#define WEAK   GELF_ST_INFO(STB_WEAK, STT_FUNC)

static struct symfile *take_elf(const struct elfmake *m)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);
	struct symfile *f;

	assert_true(elfmake(fd, m));
	f = symfiles_take(&files, fd, "elf");
	close(fd);
	return f;
}

static void check_name(struct symfile *f, uint64_t at, const char *name, uint64_t plus)
{
	uint64_t is_plus;
	const char *is = symfiles_name(&files, f, ELFMAKE_TEXT_OFFSET + at, &is_plus);

	if (name)
		assert_string_equal(is ? is : "none", name);
	else
		assert_null(is);
	assert_int_equal(is_plus, plus);
}

static void test_functions(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "outer", AT(0x10), 0x30, GLOBAL, 1 },
		{ "inner", AT(0x20), 8, LOCAL, 1 },
		{ "_IO_puts", AT(0x50), 4, GLOBAL, 1 },
		{ "puts@@LIB_1", AT(0x50), 4, WEAK, 1 },
		{ "_ZN2ns1fEi", AT(0x60), 4, GLOBAL, 1 },
		{ "work.part.0.cold", AT(0x70), 4, LOCAL, 1 },
		{ "no_size", AT(0x80), 0, LOCAL, 1 },
		{ "behind", AT(0x90), 4, LOCAL, 1 },
		{ "label", AT(0xa0), 4, GELF_ST_INFO(STB_LOCAL, STT_NOTYPE), 1 },
		{ "in_data", ELFMAKE_DATA, 4, GLOBAL, 2 },
		{ "far", UINT64_MAX, 4, GLOBAL, 1 },
		{},
	};
	struct symfile *f = take_elf(&(struct elfmake){ .symtab = table, .dynsym = table });

	(void)state;
	check_name(f, 0, NULL, ELFMAKE_TEXT);
	check_name(f, 0x10, "outer", 0);
	check_name(f, 0x1f, "outer", 0xf);
	check_name(f, 0x20, "inner", 0);
	check_name(f, 0x28, "outer", 0x18);
	check_name(f, 0x3f, "outer", 0x2f);
	check_name(f, 0x40, NULL, AT(0x40));
	check_name(f, 0x51, "puts", 1);
	check_name(f, 0x62, "ns::f(int)", 2);
	check_name(f, 0x63, "ns::f(int)", 3);
	check_name(f, 0x70, "work.part.0.cold", 0);
	check_name(f, 0x8f, "no_size", 0xf);
	check_name(f, 0x93, "behind", 3);
	check_name(f, 0x94, "no_size", 0x14);
	check_name(f, ELFMAKE_TEXT_SIZE - 1, "no_size", ELFMAKE_TEXT_SIZE - 1 - 0x80);
	check_name(f, ELFMAKE_TEXT_SIZE, NULL, AT(ELFMAKE_TEXT_SIZE));
	assert_int_equal(f->names->table.count, 7);
}

static const struct elfmake_symbol one[] = { { "one", AT(0x10), 8, GLOBAL, 1 }, {} };

static void test_no_functions(void **state)
{
	int fd = memfd_create("text", MFD_CLOEXEC), pipes[2];
	uint64_t plus;
	struct symfile *f;

	(void)state;
	assert_int_equal(write(fd, "#!/bin/sh\n", 10), 10);
	f = symfiles_take(&files, fd, "elf");
	close(fd);
	assert_null(symfiles_name(&files, f, 3, &plus));
	assert_int_equal(plus, 3);
	assert_false(symfiles_lost(f));
	assert_int_equal(pipe(pipes), 0);
	assert_null(symfiles_take(&files, pipes[0], "elf"));
	assert_null(symfiles_take(&files, -1, "elf"));
	close(pipes[0]);
	close(pipes[1]);
	check_name(take_elf(&(struct elfmake){}), 0x10, NULL, AT(0x10));
}

/* One build-id, one reading; files of another size or id are others. */
static void test_shared(void **state)
{
	static const struct elfmake_symbol two[] = { { "two", AT(0x10), 8, GLOBAL, 1 }, {} };
	const struct elfmake m = { .symtab = one, .build_id = "\x12\x34" };
	struct elfmake other = { .symtab = two, .build_id = "\x12\x34" };
	struct symfile *a = take_elf(&m), *b = take_elf(&m), *c, *d;

	(void)state;
	assert_ptr_not_equal(a, b);
	check_name(a, 0x10, "one", 0);
	check_name(b, 0x10, "one", 0);
	assert_ptr_equal(a->names, b->names);
	other.dynsym = one;
	c = take_elf(&other);
	check_name(c, 0x10, "one", 0); /* .dynsym's is the first of two equal ones */
	assert_ptr_not_equal(a->names, c->names);
	other = m;
	other.symtab = two;
	other.build_id = "\x12\x35";
	d = take_elf(&other);
	check_name(d, 0x10, "two", 0);
}

/* Another file in the place of one. */
static void test_rewritten(void **state)
{
	static const struct elfmake_symbol two[] = { { "two", AT(0x10), 8, GLOBAL, 1 }, {} };
	int fd = memfd_create("elf", MFD_CLOEXEC);
	struct symfile *a, *b;

	(void)state;
	assert_true(elfmake(fd, &(struct elfmake){ .symtab = one }));
	a = symfiles_take(&files, fd, "elf");
	check_name(a, 0x10, "one", 0);
	assert_ptr_equal(symfiles_take(&files, fd, "elf"), a);
	poll(NULL, 0, 30); /* a tick of the file system's clock */
	assert_true(elfmake(fd, &(struct elfmake){ .symtab = two }));
	b = symfiles_take(&files, fd, "elf");
	check_name(b, 0x10, "two", 0);
	check_name(a, 0x11, "one", 1);
	close(fd);
}

static void test_by_id(void **state)
{
	static const unsigned char id[SYMFILES_ID] = "\x12\x34", none[SYMFILES_ID] = "\x12";
	struct elfmake m = { .symtab = one, .build_id = "\x12\x34" };
	struct symfile *f = take_elf(&m);

	(void)state;
	take_elf(&(struct elfmake){ .symtab = one });
	assert_ptr_equal(symfiles_find(&files, id), f);
	assert_null(symfiles_find(&files, none));
	symfiles_drop(f); /* it may still be asked for */
	assert_ptr_equal(symfiles_find(&files, id), f);
	assert_string_equal(symfiles_module(f), "elf");
	close(f->fd);
	f->fd = -1;
	assert_null(symfiles_find(&files, id)); /* nothing is to be had of it */
	m.build_id = "123456789012345678901"; /* as the kernel has none */
	f = take_elf(&m);
	assert_null(symfiles_find(&files, (const unsigned char *)"12345678901234567890"));
	assert_true(symfiles_is_code(&files, f, ELFMAKE_TEXT_OFFSET));
	assert_true(symfiles_is_code(&files, f, ELFMAKE_TEXT_OFFSET + ELFMAKE_TEXT_SIZE - 1));
	assert_false(symfiles_is_code(&files, f, ELFMAKE_TEXT_OFFSET + ELFMAKE_TEXT_SIZE));
	assert_false(symfiles_is_code(&files, f, ELFMAKE_DATA_OFFSET));
	assert_false(symfiles_is_code(&files, f, (uint64_t)-4096));
}

static void test_bounds(void **state)
{
	struct symfile *list[SYMFILES_OPEN + 10];
	struct elfmake m = { .symtab = one };
	int open_files = 0, lost = 0;

	(void)state;
	for (int i = 0; i < SYMFILES_OPEN + 10; i++)
		list[i] = take_elf(&m);
	for (int i = 0; i < SYMFILES_OPEN + 10; i++) {
		open_files += list[i]->fd >= 0;
		lost += symfiles_lost(list[i]);
	}
	assert_int_equal(open_files, SYMFILES_OPEN);
	assert_int_equal(lost, 10);
	assert_true(symfiles_lost(list[0]));
	check_name(list[0], 0x10, NULL, ELFMAKE_TEXT_OFFSET + 0x10);
	check_name(list[20], 0x10, "one", 0);
	/* As if they were large. */
	list[20]->names->table.text.room = SYMFILES_BYTES;
	check_name(list[21], 0x10, "one", 0);
	assert_null(list[20]->names);
	assert_non_null(list[21]->names);
	check_name(list[20], 0x10, "one", 0); /* from the file, which is open still */
	list[21]->names->table.text.room = SYMFILES_BYTES;
	check_name(list[20], 0x11, "one", 1);
	check_name(list[22], 0x10, "one", 0);
	assert_null(list[21]->names);
	assert_non_null(list[20]->names);
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(functions), TEST(no_functions), TEST(shared),
		TEST(rewritten), TEST(bounds),	     TEST(by_id),
	};

	return cmocka_run_group_tests_name("symfiles", tests, NULL, NULL);
}
