// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is no program, and what is a damaged one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "elfmatch.h"
#include "child.h"

struct refusal {
	const char *path, *text;
	int err;
};

static void refuse(const void *argument)
{
	const struct refusal *r = argument;

	CHECK(elffile_open(&file, r->path, NULL) == r->err);
}

static void check_refused(const char *path, int err, const char *text)
{
	struct refusal r = { path, text, err };

	assert_true(child_run_good(refuse, &r));
	if (!strstr(child_said, text))
		fail_msg("'%s' is not in: %s", text, child_said);
}

static void file_write(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void test_refused(void **state)
{
	static unsigned char bytes[8192];
	size_t size;

	(void)state;
	check_refused("nothing", -ENOENT, "cannot open 'nothing'");
	check_refused(".", -EISDIR, "cannot open '.'");
	check_refused("/dev/null", -ENOEXEC, "not an ELF file");
	assert_int_equal(mkfifo("pipe", 0600), 0);
	check_refused("pipe", -ENOEXEC, "not an ELF file"); /* and nobody waits for its writer */
	file_write("script", "#!/bin/sh\n", 10);
	check_refused("script", -ENOEXEC, "not an ELF file");
	file_write("empty", "", 0);
	check_refused("empty", -ENOEXEC, "not an ELF file");
	write_elf("alien", &(struct elfmake){ .machine = EM_68K });
	check_refused("alien", -ENOEXEC, "another kind of machine");
	write_elf("object", &(struct elfmake){});
	size = file_read("object", bytes, sizeof(bytes));
	((Elf64_Ehdr *)bytes)->e_type = ET_REL;
	file_write("object", bytes, size);
	check_refused("object", -ENOEXEC, "neither a program nor a library");
	((Elf64_Ehdr *)bytes)->e_type = ET_DYN;
	file_write("object", bytes, 40);
	check_refused("object", -ENOEXEC, "");
}

static const struct elfmake_symbol exported[] = {
	{ "shown", AT(0x10), 4, GLOBAL, 1 },
	{},
};

static const struct elfmake_symbol hidden[] = {
	{ "secret", AT(0x20), 4, LOCAL, 1 },
	{},
};

static void try_damaged(const void *bytes, size_t size)
{
	file_write("damaged", bytes, size);
	if (elffile_open(&file, "damaged", NULL))
		return;
	elfsyms_open(&symbols, &file);
	match("*");
	for (size_t i = 0; i < targets.count; i++)
		CHECK(targets.list[i].offset < size);
	done(NULL);
}

/* Cut at every byte; every byte at the edges of its range. (tests/fuzz/elf.c does more.) */
static void damage(const void *argument)
{
	static unsigned char bytes[8192];
	size_t size = file_read("made", bytes, sizeof(bytes));

	(void)argument;
	if (!freopen("/dev/null", "w", stderr))
		_exit(98);
	for (size_t i = 0; i < size; i += 3)
		try_damaged(bytes, i);
	for (size_t i = 0; i < size; i++) {
		unsigned char was = bytes[i];

		bytes[i] = was == 0xff ? 0x80 : 0xff;
		try_damaged(bytes, size);
		bytes[i] = was;
	}
}

static void test_damaged(void **state)
{
	(void)state;
	write_elf("made", &(struct elfmake){ .symtab = hidden, .dynsym = exported,
					     .build_id = "abcdefgh", .link = "x" });
	assert_true(child_run_good(damage, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused),
		TEST(damaged),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_remove);
}
