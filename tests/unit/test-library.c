// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "child.h"

#include "probe/library.h"
#include "probe/soname.h"
#include "strbuf.h"
#include "tests/fuzz/elfmake.h"

/* --- names ---------------------------------------------------------------------------------- */

static void test_names(void **state)
{
	(void)state;
	assert_true(soname_matches("c", "libc.so.6"));
	assert_true(soname_matches("c", "libc.so"));
	assert_true(soname_matches("c", "libc-2.31.so"));
	assert_true(soname_matches("libc", "libc.so.6"));
	assert_true(soname_matches("libc.so", "libc.so.6"));
	assert_true(soname_matches("libc.so.6", "libc.so.6"));
	assert_true(soname_matches("ssl", "libssl.so.1.1"));
	assert_true(soname_matches("stdc++", "libstdc++.so.6"));
	assert_true(soname_matches("ld-linux-x86-64", "ld-linux-x86-64.so.2"));
	assert_true(soname_matches("bash", "bash"));

	assert_false(soname_matches("c", "libcrypt.so.1"));
	assert_false(soname_matches("c", "libc.soup"));
	assert_false(soname_matches("c", "libc"));
	assert_false(soname_matches("c", "libc-client.so.2007e"));
	assert_false(soname_matches("c", "libc-2.31.a"));
	assert_false(soname_matches("libc.so", "libc.sox"));
	assert_false(soname_matches("libc.so.6", "libc.so.60"));
	assert_false(soname_matches("libc.so.6", "libc.so"));
	assert_false(soname_matches("bash", "bashbug"));
	assert_false(soname_matches("", "bash"));
}

/* --- ld.so's cache -------------------------------------------------------------------------- */

struct entry {
	const char *name, *path;
	uint64_t hwcap;
};

static const struct entry entries[] = {
	{ "libc.so.6", "/lib/newest/libc.so.6", 1 },
	{ "libc.so.6", "/lib/libc.so.6", 0 },
	{ "libcrypt.so.1", "/lib/libcrypt.so.1", 0 },
	{ "libc.so.5", "/lib/libc.so.5", 0 },
	{},
};

static void add_u32(struct strbuf *b, uint32_t value)
{
	strbuf_add(b, &value, sizeof(value));
}

static void add_strings(struct strbuf *b)
{
	for (const struct entry *e = entries; e->name; e++) {
		strbuf_add(b, e->name, strlen(e->name) + 1);
		strbuf_add(b, e->path, strlen(e->path) + 1);
	}
}

static void add_entries(struct strbuf *b, uint32_t strings, bool wide)
{
	for (const struct entry *e = entries; e->name; e++) {
		add_u32(b, 0x303);
		add_u32(b, strings);
		strings += strlen(e->name) + 1;
		add_u32(b, strings);
		strings += strlen(e->path) + 1;
		if (wide) {
			add_u32(b, 0);
			strbuf_add(b, &e->hwcap, sizeof(e->hwcap));
		}
	}
}

static void make_old(struct strbuf *b)
{
	strbuf_add(b, "ld.so-1.7.0", 12);
	add_u32(b, 4);
	add_entries(b, 0, false);
}

static void make_new(struct strbuf *b)
{
	strbuf_str(b, "glibc-ld.so.cache1.1");
	add_u32(b, 4);
	for (int i = 0; i < 6; i++)
		add_u32(b, 0);
	add_entries(b, 48 + 4 * 24, true);
	add_strings(b);
}

static int path_add(const char *path, void *list)
{
	strbuf_printf(list, "%s ", path);
	return 1;
}

static int path_first(const char *path, void *list)
{
	strbuf_str(list, path);
	return 0;
}

static int read_cache(const void *bytes, size_t size, const char *meant, struct strbuf *paths,
		      int (*each)(const char *, void *))
{
	int fd = memfd_create("cache", MFD_CLOEXEC), ret;

	assert_int_equal(write(fd, bytes, size), size);
	strbuf_clear(paths);
	ret = soname_cache(fd, meant, each, paths);
	close(fd);
	return ret;
}

static void check_cache(const struct strbuf *b, const char *all)
{
	struct strbuf paths = {};

	assert_int_equal(read_cache(b->data, b->size, "c", &paths, path_add), 0);
	assert_string_equal(strbuf_cstr(&paths), all);
	assert_int_equal(read_cache(b->data, b->size, "crypt", &paths, path_first), 1);
	assert_string_equal(strbuf_cstr(&paths), "/lib/libcrypt.so.1");
	assert_int_equal(read_cache(b->data, b->size, "m", &paths, path_add), 0);
	assert_string_equal(strbuf_cstr(&paths), "");
	strbuf_free(&paths);
}

/* An old one does not know of processors. */
static void test_cache(void **state)
{
	struct strbuf b = {};

	(void)state;
	make_new(&b);
	check_cache(&b, "/lib/libc.so.6 /lib/libc.so.5 ");
	strbuf_clear(&b);
	make_old(&b);
	add_strings(&b);
	check_cache(&b, "/lib/newest/libc.so.6 /lib/libc.so.6 /lib/libc.so.5 ");
	/* Both in one: the old one's entries, then the new one. */
	strbuf_clear(&b);
	make_old(&b);
	while (b.size % 8)
		strbuf_char(&b, 0);
	make_new(&b);
	check_cache(&b, "/lib/libc.so.6 /lib/libc.so.5 ");
	strbuf_free(&b);
}

static void test_cache_damaged(void **state)
{
	struct strbuf b = {}, paths = {};
	int good = 0;

	(void)state;
	make_new(&b);
	/* Cut anywhere: each is damaged, as the last string is the last entry's. */
	for (size_t i = 0; i < b.size; i++) {
		char *bytes = malloc(i + 1); /* so that ASan knows its end */

		memcpy(bytes, b.data, i);
		assert_int_equal(read_cache(bytes, i, "c", &paths, path_add), -EBADMSG);
		free(bytes);
	}
	for (size_t i = 0; i < b.size; i++) {
		b.data[i] ^= 0xff;
		good += read_cache(b.data, b.size, "c", &paths, path_add) == 0;
		b.data[i] ^= 0xff;
	}
	assert_true(good > 0 && good < (int)b.size);
	assert_int_equal(read_cache("", 0, "c", &paths, path_add), -EBADMSG);
	assert_int_equal(read_cache("ld.so-1.7.0\0\xff\xff\xff\xff", 16, "c", &paths, path_add),
			 -EBADMSG);
	strbuf_free(&b);
	strbuf_free(&paths);
}

/* --- files of this machine ------------------------------------------------------------------ */

static bool same_file(const char *a, const char *b)
{
	struct stat one, two;

	return !stat(a, &one) && !stat(b, &two) && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

static int libc_find(struct dl_phdr_info *info, size_t size, void *found)
{
	const char *base = strrchr(info->dlpi_name, '/');

	(void)size;
	if (!base || !soname_matches("c", base + 1))
		return 0;
	*(const char **)found = info->dlpi_name;
	return 1;
}

static void check_found(const char *name, pid_t pid, const char *file)
{
	struct library l;

	assert_int_equal(library_find(&l, name, pid), 0);
	assert_true(same_file(l.path, file));
	library_close(&l);
	library_close(&l); /* twice is as good */
}

/* What is found is what ld.so found. */
static void test_libc(void **state)
{
	const char *libc = NULL;

	(void)state;
	if (!dl_iterate_phdr(libc_find, &libc)) {
		print_message("# this C library has no file of a known name\n");
		skip();
	}
	check_found("c", 0, libc);
	check_found("libc", 0, libc);
	check_found("libc.so.6", 0, libc);
	check_found("c", getpid(), libc);
	check_found("libc.so", getpid(), libc);
	check_found(libc, 0, libc);
	check_found(libc, getpid(), libc);
}

static char folder[] = "/tmp/test-library-XXXXXX";

static void copy_file(const char *from, const char *to)
{
	static char bytes[1 << 16];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, n), n);
	close(in);
	close(out);
}

static void make_elf(const char *path, uint16_t machine)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0755);

	assert_true(fd >= 0 && elfmake(fd, &(struct elfmake){ .machine = machine }));
	close(fd);
}

struct expected {
	const char *name;
	pid_t pid;
	int err;
};

static void find_refused(const void *argument)
{
	const struct expected *e = argument;
	struct library l;

	CHECK(library_find(&l, e->name, e->pid) == e->err);
	CHECK(!l.path && !l.shown && l.fd == -1);
}

static void check_refused(const char *name, pid_t pid, int err, const char *text)
{
	const struct expected e = { name, pid, err };

	assert_true(child_run_good(find_refused, &e));
	if (!strstr(child_said, text) || strchr(child_said, '\n') != strrchr(child_said, '\n'))
		fail_msg("'%s' is not the one line: %s", text, child_said);
}

static void test_path(void **state)
{
	char path[2 * sizeof(folder)], list[4 * sizeof(folder)];
	char *was = strdup(getenv("PATH"));
	FILE *script;

	(void)state;
	snprintf(list, sizeof(list), "%s/none::.:%s:/bin", folder, folder);
	setenv("PATH", list, 1);
	snprintf(path, sizeof(path), "%s/a-program", folder);
	make_elf(path, 0);
	check_found("a-program", 0, path);
	/* What lies in the working folder is not taken for a program. */
	assert_int_equal(chdir(folder), 0);
	setenv("PATH", ".::", 1);
	check_refused("a-program", 0, -ENOENT, "there is no library or program 'a-program'");
	assert_int_equal(chdir("/"), 0);
	setenv("PATH", list, 1);
	assert_int_equal(unlink(path), 0);
	check_refused("a-program", 0, -ENOENT, "there is no library or program 'a-program'");
	make_elf(path, EM_68K);
	check_refused("a-program", 0, -ENOEXEC, "not made for this kind of machine");
	script = fopen(path, "w");
	fputs("#!/bin/sh\n", script);
	fclose(script);
	check_refused("a-program", 0, -ENOEXEC, "is not an ELF file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0); /* nobody waits for it */
	check_refused("a-program", 0, -ENOEXEC, "is not an ELF file");
	assert_int_equal(unlink(path), 0);
	setenv("PATH", was, 1);
	free(was);
}

static void test_refused(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	check_refused("c", pid, -ENOENT, "there is no process");
	check_refused("/bin/sh", pid, -ENOENT, "there is no process");
	check_refused("/no/such/file", 0, -ENOENT, "cannot open '/no/such/file'");
	check_refused("/no/such/file", getpid(), -ENOENT, "cannot open '/no/such/file'");
	check_refused("no-such-thing", 0, -ENOENT, "there is no library or program");
	check_refused("no-such-thing", getpid(), -ENOENT, "has no library or program");
	check_refused("", 0, -ENOENT, "there is no library or program ''");
	check_refused("a\x1b[31m", 0, -ENOENT, "a\\e[31m");
}

/* --- a process's ---------------------------------------------------------------------------- */

static int library_seen(struct library *l, void *seen)
{
	struct stat st;

	assert_int_equal(stat(l->path, &st), 0);
	*(int *)seen += same_file(l->path, "/proc/self/exe");
	return 0;
}

static int library_keep(struct library *l, void *kept)
{
	*(struct library *)kept = *l;
	*l = (struct library){ .fd = -1 };
	return 17;
}

static void test_each(void **state)
{
	struct library kept = {};
	int seen = 0;

	(void)state;
	assert_int_equal(library_each(getpid(), library_seen, &seen), 0);
	assert_int_equal(seen, 1);
	assert_int_equal(library_each(getpid(), library_keep, &kept), 17);
	assert_true(same_file(kept.path, kept.path));
	library_close(&kept);
}

static bool is_root(void)
{
	if (!geteuid())
		return true;
	print_message("# needs root\n");
	return false;
}

/* Deleted, and another lies in its place: the process has the first. */
static void test_deleted(void **state)
{
	char path[2 * sizeof(folder)];
	struct stat was, is;
	struct library l;
	void *map;
	int fd;

	(void)state;
	if (!is_root())
		skip();
	snprintf(path, sizeof(path), "%s/libgone.so.1", folder);
	copy_file("/proc/self/exe", path);
	fd = open(path, O_RDONLY);
	map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	assert_true(map != MAP_FAILED && !fstat(fd, &was));
	close(fd);
	check_found("gone", getpid(), path);
	assert_int_equal(unlink(path), 0);
	make_elf(path, 0);
	assert_int_equal(library_find(&l, "gone", getpid()), 0);
	munmap(map, 4096);
	assert_int_equal(stat(l.path, &is), 0);
	assert_int_equal(is.st_ino, was.st_ino);
	assert_string_equal(l.shown, path);
	library_close(&l);
	assert_int_equal(unlink(path), 0);
}

/* Another "/", as in a container: what it has not mapped is looked for there, and links lead to
 * places there. */
static void test_root(void **state)
{
	char path[4 * sizeof(folder)], inner[4 * sizeof(folder)];
	struct library l;
	char byte;
	int go[2];
	pid_t pid;

	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(pipe(go), 0);
	snprintf(path, sizeof(path), "%s/lib", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(inner, sizeof(inner), "%s/lib/real", folder);
	make_elf(inner, 0);
	snprintf(path, sizeof(path), "%s/lib/libinner.so.1", folder);
	assert_int_equal(symlink("/lib/real", path), 0);
	snprintf(path, sizeof(path), "%s/lib/libinner.so.2", folder);
	make_elf(path, EM_68K); /* newer, but nothing for us */
	pid = fork();
	if (!pid) {
		close(go[1]);
		_exit(chroot(folder) || chdir("/") || read(go[0], &byte, 1));
	}
	close(go[0]);
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	for (int i = 0; i < 1000 && !same_file(path, folder); i++)
		usleep(1000);
	check_found("inner", pid, inner);
	check_found("/lib/libinner.so.1", pid, inner);
	assert_int_equal(library_find(&l, "/lib/real", pid), 0);
	assert_string_equal(l.shown, "/lib/real");
	close(go[1]); /* and now it ends */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(same_file(l.path, inner));
	library_close(&l);
}

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	cmocka_unit_test(test_cache),
		cmocka_unit_test(test_libc),	cmocka_unit_test(test_cache_damaged),
		cmocka_unit_test(test_path),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_each),	cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_root),
	};

	return cmocka_run_group_tests_name("library", tests, folder_make, folder_remove);
}
