// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The module is included: it finds tracefs and the lockdown state of the test where it
 * looks for the machine's, and never mounts anything. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <cmocka.h>
#include "child.h"

static const char *first, *second, *debug, *lockdown; /* in the place of the machine's */
static uint32_t capabilities[2];

static int open_place(const char *path, int flags)
{
	if (!strcmp(path, "/sys/kernel/tracing"))
		path = first;
	else if (!strcmp(path, "/sys/kernel/debug/tracing"))
		path = second;
	else if (!strcmp(path, "/sys/kernel/debug"))
		path = debug;
	else if (!strcmp(path, "/sys/kernel/security/lockdown"))
		path = lockdown;
	else
		CHECK(!"a file that is known");
	return open(path ? path : "/nonexistent", flags);
}

static int call(long number, void *data)
{
	struct __user_cap_data_struct *d = data;

	if (number == SYS_capget) {
		d[0].effective = capabilities[0];
		d[1].effective = capabilities[1];
		return 0;
	}
	errno = EPERM; /* tracefs cannot be mounted */
	return -1;
}

#define open(path, flags) open_place(path, flags)
#define syscall(number, one, two, ...) \
	((void)(one),                  \
	 call(number, (number) == SYS_capget ? (void *)(intptr_t)(two) : NULL))
#include "kernel.c"
#undef open

static char folder[] = "/tmp/test-kernel-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *in_folder(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* --- tracepoints -------------------------------------------------------------------- */

static void found_child(const void *unused)
{
	(void)unused;
	CHECK(kernel_tracepoint_id("sched/exec") == 321);
	CHECK(kernel_tracepoint_id("sched/fork") == 7);
	CHECK(kernel_tracepoint_id("sched/none") == -ENOENT);
	CHECK(kernel_tracepoint_id("none/exec") == -ENOENT);
	CHECK(kernel_tracepoint_id("sched/empty") == -EIO);
	for (int i = 0; i < 2000; i++) /* descriptors are not used up */
		CHECK(kernel_tracepoint_id("sched/fork") == 7);
}

static void first_child(const void *unused)
{
	first = in_folder("tracefs");
	found_child(unused);
}

static void second_child(const void *unused)
{
	second = in_folder("tracefs");
	found_child(unused);
}

/* The folder is there where tracefs is not mounted, and empty. */
static void not_mounted_child(const void *unused)
{
	char empty[256];

	snprintf(empty, sizeof(empty), "%s", in_folder("empty"));
	first = empty;
	second = in_folder("tracefs");
	found_child(unused);
}

static void nowhere_child(const void *unused)
{
	(void)unused;
	CHECK(kernel_tracepoint_id("sched/exec") == -ENOENT);
	CHECK(kernel_tracepoint_id("sched/exec") == -ENOENT);
}

static void tracepoints(void **state)
{
	(void)state;
	put("tracefs/events/sched/exec/id", "321\n");
	put("tracefs/events/sched/fork/id", "7");
	put("tracefs/events/sched/empty/id", "");
	put("empty/x", "");
	unlink(in_folder("empty/x"));
	assert_true(child_run_good(first_child, NULL));
	assert_true(child_run_good(second_child, NULL));
	assert_true(child_run_good(not_mounted_child, NULL));
	assert_true(child_run_good(nowhere_child, NULL));
	assert_string_equal(child_said, ""); /* whoever asked tells */
}

static void files_child(const void *unused)
{
	char text[8] = "";
	int fd;

	(void)unused;
	CHECK(kernel_open_debugfs("kprobes/blacklist") == -ENOENT);
	first = in_folder("tracefs");
	fd = kernel_open_tracefs("events/sched/fork/id");
	CHECK(fd >= 0 && read(fd, text, sizeof(text)) == 1 && text[0] == '7');
	CHECK(kernel_open_tracefs("events/sched") >= 0);
	CHECK(kernel_open_tracefs("none") == -ENOENT);
	debug = in_folder("debugfs"); /* one that was not there is looked for again */
	fd = kernel_open_debugfs("kprobes/blacklist");
	CHECK(fd >= 0 && read(fd, text, sizeof(text)) == 2);
}

static void files(void **state)
{
	(void)state;
	put("tracefs/events/sched/fork/id", "7");
	put("debugfs/kprobes/blacklist", "0x");
	assert_true(child_run_good(files_child, NULL));
}

/* --- refusals ----------------------------------------------------------------------- */

/* linux/capability.h has these since 5.8; the numbers are the kernel's for ever. */
enum { SYS_RESOURCE = 24, SYS_ADMIN = 21, PERFMON = 38, BPF = 39 };

struct refusal {
	int err;
	uint64_t has; /* bits of capabilities */
	const char *lockdown;
	const char *said;
};

#define BIT(n) (1ull << (n))

static void refusal_child(const void *argument)
{
	const struct refusal *r = argument;

	capabilities[0] = r->has;
	capabilities[1] = r->has >> 32;
	lockdown = r->lockdown ? in_folder(r->lockdown) : NULL;
	kernel_explain(r->err);
	kernel_explain(-r->err); /* the same */
}

static void refusals(void **state)
{
	static const struct refusal all[] = {
		{ EPERM, 0, NULL, "needs CAP_BPF and CAP_PERFMON;" },
		{ EACCES, 0, NULL, "needs CAP_BPF and CAP_PERFMON;" },
		{ EPERM, BIT(BPF), NULL, "needs CAP_PERFMON;" },
		{ EPERM, BIT(PERFMON), NULL, "needs CAP_BPF;" },
		{ EPERM, BIT(SYS_RESOURCE), "open", "needs CAP_BPF and CAP_PERFMON;" },
		{ EPERM, BIT(BPF) | BIT(PERFMON), NULL, "CAP_SYS_RESOURCE" },
		{ EPERM, BIT(SYS_ADMIN), "open", "CAP_SYS_RESOURCE" },
		{ ENOMEM, BIT(SYS_ADMIN), NULL, "CAP_SYS_RESOURCE" },
		{ ENOMEM, 0, NULL, "CAP_SYS_RESOURCE" },
		{ EPERM, BIT(SYS_ADMIN) | BIT(SYS_RESOURCE), "closed", "locked down" },
		{ EPERM, BIT(SYS_ADMIN), "closed", "locked down" },
		{ EPERM, BIT(SYS_ADMIN) | BIT(SYS_RESOURCE), "integrity",
		  "refuses to load" },
		{ EPERM, BIT(SYS_ADMIN) | BIT(SYS_RESOURCE), NULL,
		  "refuses to load the BPF programs (see -vv): Operation not permitted\n" },
		{ EINVAL, 0, NULL,
		  "refuses to load the BPF programs (see -vv): Invalid" },
		{ 524, ~0ull, NULL,
		  "refuses to load the BPF programs (see -vv): ENOTSUPP\n" },
	};
	size_t half;

	(void)state;
	put("open", "[none] integrity confidentiality\n");
	put("integrity", "none [integrity] confidentiality\n");
	put("closed", "none integrity [confidentiality]\n");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_true(child_run_good(refusal_child, &all[i]));
		if (!strstr(child_said, all[i].said))
			fail_msg("%zu: '%s' is not in '%s'", i, all[i].said, child_said);
		half = strlen(child_said) / 2; /* one line, twice */
		assert_ptr_equal(strchr(child_said, '\n'), child_said + half - 1);
		assert_memory_equal(child_said, child_said + half, half);
	}
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracepoints),
		cmocka_unit_test(files),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
