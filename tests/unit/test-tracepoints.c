// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The module is included, with a folder of the test's own in the place of tracefs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "child.h"
#include "kernel.h"
#include "probe/spec.h"

static char folder[] = "/tmp/test-tracepoints-XXXXXX";
static int refuse; /* the error of tracefs as a whole */

static int tracefs_file(const char *path)
{
	char whole[512];
	int fd;

	snprintf(whole, sizeof(whole), "%s/%s", folder, path);
	fd = refuse ? -1 : open(whole, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : refuse ? -refuse : -errno;
}

static int event_id(const char *name)
{
	char path[256], text[16] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "events/%s/id", name);
	fd = tracefs_file(path);
	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atoi(text) : -EIO;
}

#define kernel_open_tracefs(path) tracefs_file(path)
#define kernel_tracepoint_id(name) event_id(name)
#include "probe/tracepoints.c"

static void put(const char *name, const char *text)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/events/%s", folder, name);
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	put("enable", "0\n");
	put("header_page", "\n");
	put("sched/enable", "0\n");
	put("sched/filter", "none\n");
	put("sched/sched_switch/id", "11\n");
	put("sched/sched_switch/format", "name: sched_switch\n");
	put("sched/sched_wakeup/id", "12\n");
	put("sched/broken/id", "");
	put("syscalls/sys_enter_read/id", "21\n");
	put("syscalls/sys_enter_write/id", "22\n");
	put("syscalls/sys_exit_read/id", "23\n");
	put("irq/sched_alike/id", "31\n");
	put("ftrace/function/id", "1\n");
	return 0;
}

static int tear_down(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

/* --- what is found ---------------------------------------------------------------------------- */

static int line_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void check(const char *text, bool regex, const char *expected)
{
	char lines[16][64] = {}, all[1024] = "";
	struct mistake error;
	struct targets t = {};
	struct spec s;
	size_t n = 0;

	assert_int_equal(spec_parse(&s, text, NULL, regex, &error), 0);
	assert_int_equal(tracepoints_match(&s, 1, &t), 0);
	targets_finish(&t);
	assert_int_equal(s.found, t.count);
	assert_int_equal(t.slots, t.count);
	for (size_t i = 0; i < t.count; i++) {
		assert_int_equal(t.list[i].kind, TARGET_TRACEPOINT);
		sprintf(lines[n++], "%s=%u", t.list[i].name, t.list[i].id);
	}
	for (size_t i = 0; i < t.skip_count; i++)
		sprintf(lines[n++], "!%s", t.skipped[i].name);
	qsort(lines, n, sizeof(lines[0]), line_compare);
	for (size_t i = 0; i < n; i++)
		sprintf(all + strlen(all), "%s%s", i ? " " : "", lines[i]);
	if (strcmp(all, expected))
		fail_msg("%s: found\n    %s, not\n    %s", text, all, expected);
	targets_free(&t);
	spec_free(&s);
}

static void test_found(void **state)
{
	(void)state;
	check("t:sched:sched_switch", false, "sched:sched_switch=11");
	check("t:sched:sched_*", false, "sched:sched_switch=11 sched:sched_wakeup=12");
	check("t:sched:*", false, "!sched:broken sched:sched_switch=11 sched:sched_wakeup=12");
	check("t:sys*:sys_enter_*", false,
	      "syscalls:sys_enter_read=21 syscalls:sys_enter_write=22");
	check("t:*:sched_[as]*", false, "irq:sched_alike=31 sched:sched_switch=11");
	check("t::sched_switch", false, "sched:sched_switch=11");
	check("t::sched_*", false,
	      "irq:sched_alike=31 sched:sched_switch=11 sched:sched_wakeup=12");
	check("t:(sched|irq):sched_(al.*|wakeup)", true,
	      "irq:sched_alike=31 sched:sched_wakeup=12");
	check("t:*:function", false, "");
	check("t:ftrace:function", false, "ftrace:function=1"); /* who asks for it gets it */
}

static void test_not_found(void **state)
{
	(void)state;
	check("t:sched:enable", false, "");
	check("t:sched:filter*", false, "");
	check("t:enable:*", false, "");
	check("t:enable:id", false, "");
	check("t:none:sched_switch", false, "");
	check("t:none:*", false, "");
	check("t:sched:sched_switch*x", false, "");
	check("t:irq:sched_switch", false, "");
	check("t:*:format", false, "");
}

/* Specifications of other kinds are left to others, without a look at tracefs. */
static void test_others(void **state)
{
	struct mistake error;
	struct targets t = {};
	struct spec s[2];

	(void)state;
	refuse = EPERM;
	assert_int_equal(spec_parse(&s[0], "vfs_*", NULL, false, &error), 0);
	assert_int_equal(spec_parse(&s[1], "c:malloc", NULL, false, &error), 0);
	assert_int_equal(tracepoints_match(s, 2, &t), 0);
	assert_int_equal(t.count, 0);
	spec_free(&s[0]);
	spec_free(&s[1]);
	refuse = 0;
}

/* --- what is said ---------------------------------------------------------------------------- */

static void refused(const void *text)
{
	struct mistake error;
	struct targets t = {};
	struct spec s;

	CHECK(spec_parse(&s, text, NULL, false, &error) == 0);
	refuse = EPERM;
	CHECK(tracepoints_match(&s, 1, &t) == -EPERM);
	refuse = ENOENT;
	CHECK(tracepoints_match(&s, 1, &t) == -ENOENT);
	spec_free(&s);
}

static void test_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(child_run_good(refused, i ? "t:sched:sched_switch" : "t:*:*"));
		assert_non_null(strstr(child_said, "cannot read the tracepoints (tracefs): "
						   "Operation not permitted\n"));
		assert_non_null(strstr(child_said, "tracefs is not mounted"));
	}
}

static void explain(const void *text)
{
	struct mistake error;
	struct spec s;

	CHECK(spec_parse(&s, text, NULL, false, &error) == 0);
	tracepoints_explain(&s);
	spec_free(&s);
}

static void test_hints(void **state)
{
	static const char *const said[][2] = {
		{ "t:irq:sched_switch", "in this category; did you mean t:sched:sched_switch?\n" },
		{ "t:none:sched_switch", "category none (those of a module are there when it is "
		  "loaded); did you mean t:sched:sched_switch?\n" },
		{ "t:shced:nothing", "category shced (those of a module are there when it is "
		  "loaded); did you mean sched?\n" },
		{ "t:sched:sched_swtich", "in this category; did you mean sched_switch?\n" },
		{ "t::sched_swtich", "no such tracepoint; did you mean sched_switch?\n" },
		{ "t:sched:x*", "no such tracepoint in this category\n" },
		{ "t:x*:y", "no tracepoints of a category x*\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		assert_true(child_run_good(explain, said[i][0]));
		if (!strstr(child_said, said[i][1]))
			fail_msg("%s: says\n    %s, not\n    %s", said[i][0], child_said,
				 said[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),	cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_others),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hints),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
