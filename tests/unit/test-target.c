// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Targets: doubles, slots, and text that stays in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "probe/target.h"

static struct target *add_kernel(struct targets *t, const char *name, uint64_t address)
{
	struct target *target = targets_add(t, TARGET_KERNEL);

	target->name = name;
	target->address = address;
	return target;
}

static void test_slots(void **state)
{
	struct targets t = {};

	(void)state;
	add_kernel(&t, "b", 1);
	add_kernel(&t, "a", 2);
	add_kernel(&t, "b", 3);	     /* another function of this name */
	add_kernel(&t, "b", 1);	     /* the first one again */
	add_kernel(&t, "b", 1)->ret = true;
	add_kernel(&t, "b", 1)->offset = 4;
	add_kernel(&t, "b", 1)->module = "m"; /* of a module: still a "b" */
	targets_finish(&t);
	assert_int_equal(t.count, 6);
	assert_int_equal(t.slots, 4);
	assert_string_equal(t.list[0].name, "b"); /* the order is that of adding */
	assert_string_equal(t.list[1].name, "a");
	assert_int_equal(t.list[2].address, 3);
	assert_int_equal(t.list[0].slot, t.list[2].slot);
	assert_int_equal(t.list[0].slot, t.list[5].slot);
	for (size_t i = 0; i < t.count; i++) {
		assert_in_range(t.list[i].slot, 0, 3);
		if (i == 1 || i == 3 || i == 4)
			assert_int_not_equal(t.list[i].slot, t.list[0].slot);
	}
	assert_int_not_equal(t.list[3].slot, t.list[4].slot);
	/* More may come: all is numbered anew, and nothing is lost. */
	add_kernel(&t, "c", 9);
	add_kernel(&t, "a", 2);
	targets_finish(&t);
	assert_int_equal(t.count, 7);
	assert_int_equal(t.slots, 5);
	targets_free(&t);
}

static struct target *add_user(struct targets *t, enum target_kind kind, const char *name,
			       const char *path, uint64_t offset)
{
	struct target *target = targets_add(t, kind);

	target->name = name;
	target->path = path;
	target->offset = offset;
	return target;
}

static void test_user(void **state)
{
	struct targets t = {};

	(void)state;
	add_user(&t, TARGET_USER, "f", "/a", 16);
	add_user(&t, TARGET_USER, "f", "/b", 16);  /* another file's */
	add_user(&t, TARGET_USER, "f", "/a", 32);  /* a second one of this name */
	add_user(&t, TARGET_USER, "f", "/a", 16);  /* twice */
	add_user(&t, TARGET_USDT, "p:f", "/a", 16);
	add_user(&t, TARGET_USDT, "p:f", "/a", 64); /* a second place of the probe */
	add_kernel(&t, "f", 16);
	targets_finish(&t);
	assert_int_equal(t.count, 6);
	assert_int_equal(t.slots, 4);
	assert_int_equal(t.list[0].slot, t.list[2].slot);
	assert_int_equal(t.list[3].slot, t.list[4].slot);
	targets_free(&t);
}

static void test_empty(void **state)
{
	struct targets t = {};

	(void)state;
	targets_finish(&t);
	assert_int_equal(t.slots, 0);
	targets_free(&t);
	targets_free(&t);
}

/* Much text, long text, text with zero bytes: each stays where it is, as it was. */
static void test_text(void **state)
{
	static char big[100000];
	const char *texts[5000], *long_one;
	struct targets t = {};
	char name[32];

	(void)state;
	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "name %zu", i);
		texts[i] = targets_text(&t, name, strlen(name));
		targets_skip(&t, texts[i], "a reason");
	}
	long_one = targets_text(&t, big, sizeof(big));
	assert_string_equal(targets_text(&t, "", 0), "");
	for (size_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "name %zu", i);
		assert_string_equal(texts[i], name);
		assert_ptr_equal(t.skipped[i].name, texts[i]);
	}
	assert_int_equal(strlen(long_one), sizeof(big));
	assert_int_equal(t.skip_count, 5000);
	targets_free(&t);
	assert_int_equal(t.skip_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
