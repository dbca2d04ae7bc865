// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The module is included, so that calls of bpf(2) and the look at the pid namespace
 * can be answered here. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "child.h"

static ino_t pid_namespace;
static __u32 map_entries; /* what set_max_entries was called with */
static int update_fd;
static __u32 update_key, update_value;
static int update_errno;

static int stat_answer(const char *path, struct stat *st)
{
	if (strcmp(path, "/proc/self/ns/pid"))
		return -1;
	st->st_ino = pid_namespace;
	return 0;
}

static int update_answer(int fd, const void *key, const void *value, size_t value_size)
{
	update_fd = fd;
	memcpy(&update_key, key, sizeof(update_key));
	update_value = 0;
	memcpy(&update_value, value, value_size);
	errno = update_errno;
	return update_errno ? -1 : 0;
}

/* A map is the number of its descriptor here. */
#define stat(path, st)			 stat_answer(path, st)
#define bpf_map__set_max_entries(map, n) (map_entries = (map) == TREE ? (n) : 0, 0)
#define bpf_map__fd(map)		 ((int)(intptr_t)(map))
#define bpf_map_update_elem(fd, key, value, flags) \
	update_answer(fd, key, value, sizeof(*(value)))
#define TREE   ((struct bpf_map *)41)
#define CGROUP ((struct bpf_map *)42)
#include "filter.c"

#define HOST_NAMESPACE 0xEFFFFFFCu /* PROC_PID_INIT_INO */

static int reset(void **state)
{
	(void)state;
	pid_namespace = HOST_NAMESPACE;
	map_entries = 77;
	update_fd = -1;
	update_errno = 0;
	return 0;
}

/* --- names -------------------------------------------------------------------------- */

/* As filter_comm_pass() of bpf/filter.bpf.h: the same steps on a task's 16 bytes. */
static bool kernel_side(const struct filter_config *c, const char *task)
{
	union {
		char text[16];
		__u64 word[2];
	} comm = {};

	memcpy(comm.text, task, strlen(task));
	for (int i = 0; i < 16; i++) {
		if (((comm.word[0] ^ c->comm[0]) & c->comm_mask[0]) == 0 &&
		    ((comm.word[1] ^ c->comm[1]) & c->comm_mask[1]) == 0)
			return true;
		if (!c->comm_anywhere)
			return false;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		comm.word[0] = comm.word[0] >> 8 | comm.word[1] << 56;
		comm.word[1] >>= 8;
#else
		comm.word[0] = comm.word[0] << 8 | comm.word[1] >> 56;
		comm.word[1] <<= 8;
#endif
	}
	return false;
}

static void check_name(const char *task, const char *wanted)
{
	struct filter_config whole = {}, part = {};
	bool is = !strcmp(task, wanted), has = strstr(task, wanted);

	assert_int_equal(filter_setup(&(struct filter){ .comm = wanted }, &whole, TREE),
			 0);
	assert_int_equal(filter_setup(&(struct filter){ .name = wanted }, &part, TREE),
			 0);
	assert_true(whole.by_comm && !whole.comm_anywhere);
	assert_true(part.by_comm && part.comm_anywhere);
	if (kernel_side(&whole, task) != is || kernel_side(&part, task) != has)
		fail_msg("'%s' wanted, task is '%s': whole %d (%d), part %d (%d)", wanted,
			 task, kernel_side(&whole, task), is, kernel_side(&part, task),
			 has);
}

/* Every part of names of every length, and the same with one letter changed. */
static void name_parts(void **state)
{
	char task[16], wanted[16];

	(void)state;
	for (size_t size = 1; size <= 15; size++) {
		for (size_t i = 0; i <= size; i++)
			task[i] = i < size ? 'a' + i : 0;
		for (size_t from = 0; from < size; from++) {
			for (size_t n = 1; n <= size - from; n++) {
				memcpy(wanted, task + from, n);
				wanted[n] = 0;
				check_name(task, wanted);
				for (size_t i = 0; i < n; i++) {
					wanted[i] ^= 0x20;
					check_name(task, wanted);
					wanted[i] ^= 0x20;
				}
			}
		}
	}
}

/* Two letters only, so that parts begin in many places and go on differently. */
static void name_repeats(void **state)
{
	uint64_t random = 88172645463325252u;
	char task[16], wanted[16];
	size_t size, n;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		size = random >> 40 & 15;
		n = (random >> 44) % 15 + 1;
		for (size_t i = 0; i < 16; i++) {
			task[i] = i < size ? "ab"[random >> i & 1] : 0;
			wanted[i] = i < n ? "ab"[random >> (i + 16) & 1] : 0;
		}
		if (round & 1) /* a part, more often than by chance */
			wanted[n < 4 ? n : 3] = 0;
		check_name(task, wanted);
	}
}

static void name_pairs(void **state)
{
	static const char *const names[] = {
		"",
		"a",
		"b",
		"ab",
		"sh",
		"bash",
		"dash",
		"sshd",
		"systemd",
		"systemd-journa",
		"kworker/0:1-eve",
		"kworker/0:1",
		"Web Content",
		"(sd-pam)",
		"ba sh",
		"bas",
		"bashbashbashbas",
		"bashbashbashba",
		"\xff\xfe",
		"\xff",
		"\x01",
		"\x80",
		"ü",
		"\xc3",
		"aaaaaaaaaaaaaaa",
		"aaaaaaaa",
		"aaaaaaa",
		"aaaaaaaaa",
		"aaaaaaab",
		"baaaaaaa",
	};
	size_t count = sizeof(names) / sizeof(names[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			if (*names[j]) /* the command line takes no empty one */
				check_name(names[i], names[j]);
		}
	}
}

/* --- the other fields --------------------------------------------------------------- */

static void nothing(void **state)
{
	struct filter_config want = { .self = getpid() }, got = {};

	(void)state;
	assert_int_equal(filter_setup(&(struct filter){}, &got, TREE), 0);
	assert_memory_equal(&got, &want, sizeof(got));
	assert_int_equal(map_entries, 1); /* the tree's map takes no memory then */
	got = (struct filter_config){};
	want.self = 0;
	assert_int_equal(filter_setup(&(struct filter){ .self = true }, &got, TREE), 0);
	assert_memory_equal(&got, &want, sizeof(got));
}

static void fields(void **state)
{
	struct filter all = {
		.pid = 11,
		.tid = 12,
		.ppid = 13,
		.by_uid = true,
		.uid = 14,
		.comm = "sh",
		.cgroup = "/sys/fs/cgroup/x",
		.by_tree = true,
		.self = true,
	};
	struct filter_config want = {
		.pid = 11,
		.tid = 12,
		.ppid = 13,
		.uid = 14,
		.by_ppid = 1,
		.by_uid = 1,
		.by_cgroup = 1,
		.by_tree = 1,
		.by_comm = 1,
	};
	struct filter_config got = {};

	(void)state;
	memcpy(want.comm, "sh", 2);
	memcpy(want.comm_mask, "\xff\xff\xff", 3);
	assert_int_equal(filter_setup(&all, &got, TREE), 0);
	assert_memory_equal(&got, &want, sizeof(got));
	assert_int_equal(map_entries, 77); /* the tree's map stays as it is */
	/* The user 0 is one to filter by. */
	got = (struct filter_config){};
	assert_int_equal(filter_setup(&(struct filter){ .by_uid = true }, &got, TREE), 0);
	assert_true(got.by_uid && got.uid == 0);
}

static void namespace_child(const void *filter)
{
	struct filter_config c = {};

	pid_namespace = 4026532000u;
	CHECK(filter_setup(filter, &c, TREE) == -EOPNOTSUPP);
}

static void good_namespace_child(const void *filter)
{
	struct filter_config c = {};

	pid_namespace = 4026532000u;
	CHECK(filter_setup(filter, &c, TREE) == 0);
}

/* Numbers of another pid namespace are not the kernel's; all else can be filtered by. */
static void namespaces(void **state)
{
	static const struct filter bad[] = {
		{ .pid = 1 },
		{ .tid = 1 },
		{ .ppid = 1 },
		{ .by_tree = true },
	};
	static const struct filter good[] = {
		{ .comm = "sh" },
		{ .name = "sh" },
		{ .by_uid = true },
		{ .cgroup = "/" },
		{},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(child_run_good(namespace_child, &bad[i]));
		assert_non_null(strstr(child_said, "pid namespace"));
		assert_ptr_equal(strchr(child_said, '\n'),
				 child_said + strlen(child_said) - 1);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(child_run_good(good_namespace_child, &good[i]));
		assert_string_equal(child_said, "");
	}
}

/* --- after load --------------------------------------------------------------------- */

static void start(void **state)
{
	(void)state;
	assert_int_equal(filter_start(&(struct filter){ .pid = 1 }, CGROUP, TREE, 99), 0);
	assert_int_equal(update_fd, -1);
	assert_int_equal(
		filter_start(&(struct filter){ .by_tree = true }, CGROUP, TREE, 99), 0);
	assert_int_equal(update_fd, 41);
	assert_int_equal(update_key, 99);
	assert_int_equal(update_value, 1);
}

static void full_tree_child(const void *unused)
{
	(void)unused;
	update_errno = E2BIG;
	CHECK(filter_start(&(struct filter){ .by_tree = true }, CGROUP, TREE, 9) ==
	      -E2BIG);
}

struct bad_cgroup {
	const char *path;
	int err;
};

static void bad_cgroup_child(const void *argument)
{
	const struct bad_cgroup *bad = argument;

	CHECK(filter_start(&(struct filter){ .cgroup = bad->path }, CGROUP, TREE, 0) ==
	      -bad->err);
	CHECK(update_fd == -1);
}

static void start_errors(void **state)
{
	static const struct bad_cgroup bad[] = {
		{ "/nonexistent/x", ENOENT },
		{ "/proc/self/status", ENOTDIR },
		{ "/proc", EINVAL }, /* a directory, but of another file system */
	};

	(void)state;
	assert_true(child_run_good(full_tree_child, NULL));
	assert_non_null(strstr(child_said, "Argument list too long"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(child_run_good(bad_cgroup_child, &bad[i]));
		assert_non_null(strstr(child_said, ": --cgroup: "));
		assert_non_null(strstr(child_said, bad[i].path));
		assert_ptr_equal(strchr(child_said, '\n'),
				 child_said + strlen(child_said) - 1);
	}
}

static void report_child(const void *state)
{
	filter_report(state);
}

static void report(void **state)
{
	(void)state;
	assert_true(child_run_good(report_child, &(struct filter_state){}));
	assert_string_equal(child_said, "");
	assert_true(
		child_run_good(report_child, &(struct filter_state){ .tree_full = 3 }));
	assert_non_null(
		strstr(child_said, ": 3 processes of the command were not traced"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(name_parts, reset),
		cmocka_unit_test_setup(name_repeats, reset),
		cmocka_unit_test_setup(name_pairs, reset),
		cmocka_unit_test_setup(nothing, reset),
		cmocka_unit_test_setup(fields, reset),
		cmocka_unit_test_setup(namespaces, reset),
		cmocka_unit_test_setup(start, reset),
		cmocka_unit_test_setup(start_errors, reset),
		cmocka_unit_test_setup(report, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
