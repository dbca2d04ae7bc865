// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* argdist's stacks: where they end, and which are the same. The module is included with a map of
 * ours; the files are not there, so all of a file may be code. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define FRAMES 4

/* By number: offsets into one file. 0: no frame. */
static const uint64_t offsets[][FRAMES] = {
	{ 0x10, 0x20, 0x30 },
	{ 0x10, 0x20, 0x30, 0xffffaa65c1060000 }, /* before the file's mapping */
	{ 0x10, 0x20, 0x30, 0xffffaa0644569000 },
	{ 0x10, 0x20 },
	{ 0x10, 0x21, 0x30 },
	{ 0xffffaa0644569000 },
};

enum { USER_MAP = 1, KERNEL_MAP };

static int fake_lookup(int fd, const void *key, void *value)
{
	struct bpf_stack_build_id *place = value;
	uint32_t id = *(const uint32_t *)key;
	uint64_t *address = value;
	const uint64_t *found;

	if (id >= sizeof(offsets) / sizeof(offsets[0]))
		return -1;
	found = offsets[id];
	for (size_t i = 0; i < FRAMES && found[i]; i++) {
		if (fd == KERNEL_MAP)
			address[i] = found[i];
		else
			place[i] = (struct bpf_stack_build_id){
				.status = BPF_STACK_BUILD_ID_VALID, .build_id = { 1 },
				.offset = found[i],
			};
	}
	return 0;
}

#define bpf_map_lookup_elem fake_lookup
#include "argdist/stacks.c"

static struct stacks s;

static int start(void **state)
{
	(void)state;
	s = (struct stacks){ .user = USER_MAP, .kernel = KERNEL_MAP, .sampled = true };
	return 0;
}

static int end(void **state)
{
	(void)state;
	stacks_forget(&s);
	stacks_free(&s);
	return 0;
}

static size_t count_of(int64_t id, bool is_kernel)
{
	struct stack stack;

	stack_read(&s, id, is_kernel, 0, &stack);
	return stack.count - stack.first;
}

static void test_ends(void **state)
{
	(void)state;
	assert_int_equal(count_of(0, false), 3);
	assert_int_equal(count_of(1, false), 3);
	assert_int_equal(count_of(3, false), 2);
	assert_int_equal(count_of(5, false), 1); /* something has to be shown */
	assert_int_equal(count_of(1, true), 4);
	assert_int_equal(count_of(-14, false), 0);
	assert_int_equal(count_of(100, false), 0);
}

static void test_first(void **state)
{
	(void)state;
	assert_int_equal(stacks_first(&s, 1, false, 0), 1);
	assert_int_equal(stacks_first(&s, 0, false, 0), 1);
	assert_int_equal(stacks_first(&s, 2, false, 0), 1);
	assert_int_equal(stacks_first(&s, 3, false, 0), 3);
	assert_int_equal(stacks_first(&s, 4, false, 0), 4);
	assert_int_equal(stacks_first(&s, 1, false, 0), 1);
	/* The kernel's are others, and nothing is left out of them. */
	assert_int_equal(stacks_first(&s, 2, true, 0), 2);
	assert_int_equal(stacks_first(&s, 1, true, 0), 1);
	assert_int_equal(stacks_first(&s, 0, true, 0), 0);
	/* What went wrong stays what it is. */
	assert_int_equal(stacks_first(&s, -17, false, 0), -17);
	stacks_forget(&s);
	assert_int_equal(stacks_first(&s, 2, false, 0), 2);
	assert_int_equal(stacks_first(&s, 0, false, 0), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ends, start, end),
		cmocka_unit_test_setup_teardown(test_first, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
