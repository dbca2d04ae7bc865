// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* buildids.c is included: what it remembers is looked at, and made old. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <cmocka.h>

#include "probe/buildids.c"
#include "tests/fuzz/elfmake.h"

static struct buildids ids;
static char folder[] = "/tmp/test-buildids-XXXXXX";
static int root; /* the folder */

static const unsigned char *id_of(const char *text)
{
	static unsigned char id[SYMFILES_ID];

	memset(id, 0, sizeof(id));
	memcpy(id, text, strlen(text));
	return id;
}

static void make(const char *path, const char *id)
{
	int fd = openat(root, path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0 && elfmake(fd, &(struct elfmake){ .build_id = id }));
	close(fd);
}

/* Which file it is, "" if there is none. */
static const char *found(const char *id, const char *program)
{
	struct buildids_where where = { .root = root, .program = program };
	int fd = buildids_open(&ids, id_of(id), &where);
	static char path[4096];
	char link[32];
	ssize_t n;

	if (fd < 0) {
		assert_int_equal(fd, -ENOENT);
		return "";
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	close(fd);
	path[n > 0 ? n : 0] = '\0';
	assert_int_equal(strncmp(path, folder, strlen(folder)), 0);
	return path + strlen(folder);
}

static void missing_forget(void)
{
	memset(ids.missing, 0, sizeof(ids.missing));
}

static void test_program(void **state)
{
	(void)state;
	make("opt/program", "program-id");
	assert_string_equal(found("program-id", "/opt/program"), "/opt/program");
	/* Another one has its name by now, or a folder, or nobody. */
	assert_string_equal(found("other-id", "/opt/program"), "");
	assert_string_equal(found("folder-id", "/opt"), "");
	assert_string_equal(found("nobody-id", "/opt/nobody"), "");
	/* Links stay below the root. */
	assert_int_equal(symlinkat("/opt/program", root, "opt/link"), 0);
	assert_string_equal(found("program-id", "/opt/link"), "/opt/program");
	assert_string_equal(found("program-id", "/../../opt/link"), "/opt/program");
}

static void test_links(void **state)
{
	(void)state;
	make("opt/linked", "linked-id");
	assert_int_equal(symlinkat("../../../../opt/linked", root,
				   "usr/lib/.build-id/6c/696e6b65642d6964"), 0);
	assert_string_equal(found("linked-id", NULL), "/opt/linked");
	/* A link to what was replaced. */
	make("opt/linked", "new-id");
	assert_string_equal(found("linked-id", NULL), "");
}

static void test_folders(void **state)
{
	(void)state;
	make("lib/libx.so.1", "libx-id");
	make("usr/lib/liby.so", "liby-id");
	make("opt/hidden", "hidden-id");
	assert_string_equal(found("libx-id", NULL), "/lib/libx.so.1");
	assert_string_equal(found("liby-id", "/opt/nobody"), "/usr/lib/liby.so");
	assert_string_equal(found("hidden-id", NULL), "");
	/* They are read once in a while. */
	make("usr/lib/late", "late-id");
	assert_string_equal(found("late-id", NULL), "");
	missing_forget();
	assert_string_equal(found("late-id", NULL), "");
	missing_forget();
	for (struct buildindex *x = ids.roots; x; x = x->next)
		x->read_at = 0;
	assert_string_equal(found("late-id", NULL), "/usr/lib/late");
}

static void test_missing(void **state)
{
	(void)state;
	assert_string_equal(found("comes-id", "/opt/comes"), "");
	make("opt/comes", "comes-id");
	assert_string_equal(found("comes-id", "/opt/comes"), ""); /* not looked for */
	missing_forget();
	assert_string_equal(found("comes-id", "/opt/comes"), "/opt/comes");
}

static void test_offered(void **state)
{
	char path[128];
	FILE *file;

	(void)state;
	make("opt/offered", "offered-id");
	snprintf(path, sizeof(path), "%s/opt/offered", folder);
	assert_string_equal(found("other-id", NULL), "");
	assert_int_equal(buildids_offer(&ids, path), 0);
	assert_string_equal(found("offered-id", NULL), "/opt/offered");
	make("opt/offered", "replaced-id");
	assert_string_equal(found("offered-id", NULL), "");
	strcat(path, "-not");
	assert_int_equal(buildids_offer(&ids, path), -ENOENT);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(buildids_offer(&ids, path), -ENOEXEC);
	assert_int_equal(buildids_offer(&ids, folder), -ENOEXEC);
	make("opt/long", "21-bytes-are-too-many");
	snprintf(path, sizeof(path), "%s/opt/long", folder);
	assert_int_equal(buildids_offer(&ids, path), -ENOEXEC);
}

/* More containers than are kept. */
static void test_roots(void **state)
{
	int own = root, count = 0;
	char name[32];

	(void)state;
	for (int i = 0; i < BUILDIDS_ROOTS + 3; i++) {
		snprintf(name, sizeof(name), "opt/root-%d", i);
		assert_int_equal(mkdirat(own, name, 0755), 0);
		root = openat(own, name, O_PATH | O_DIRECTORY);
		assert_true(root >= 0);
		snprintf(name, sizeof(name), "id-%d", i);
		assert_string_equal(found(name, NULL), "");
		close(root);
	}
	root = own;
	for (struct buildindex *x = ids.roots; x; x = x->next)
		count++;
	assert_int_equal(count, BUILDIDS_ROOTS);
}

static int start(void **state)
{
	static const char *const folders[] = {
		"opt", "lib", "usr", "usr/lib", "usr/lib/.build-id",
		"usr/lib/.build-id/6c",
	};

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	root = open(folder, O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mkdirat(root, folders[i], 0755);
	return root < 0;
}

static int end(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	close(root);
	return system(command);
}

static int done(void **state)
{
	(void)state;
	buildids_free(&ids);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(program), TEST(links), TEST(folders), TEST(missing), TEST(offered), TEST(roots),
	};

	return cmocka_run_group_tests_name("buildids", tests, start, end);
}
