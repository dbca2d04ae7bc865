// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* biolatency's names of operations and flags. The module is included; the enums are made up, or
 * those of the running kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "ktypes.h"

typedef void value_fn(void *context, const char *name, uint64_t value);

static int enum_get(const char *type, value_fn *each, void *context);
#define ktypes_enum enum_get
#include "biolatency/flags.c"
#undef ktypes_enum

static struct strbuf out;

struct made_up {
	const char *type, *name;
	uint64_t value;
};

static const struct made_up *made_up; /* NULL: ask the kernel */

static int enum_get(const char *type, value_fn *each, void *context)
{
	int err = -ENOENT;

	if (!made_up)
		return ktypes_enum(type, each, context);
	for (const struct made_up *m = made_up; m->type; m++) {
		if (strcmp(m->type, type))
			continue;
		each(context, m->name, m->value);
		err = 0;
	}
	return err;
}

static int tidy(void **state)
{
	(void)state;
	made_up = NULL;
	memset(ops, 0, sizeof(ops));
	memset(flags, 0, sizeof(flags));
	strbuf_free(&out);
	return 0;
}

static const char *named(uint32_t value)
{
	strbuf_clear(&out);
	flags_text(&out, value);
	return strbuf_cstr(&out);
}

static const char *op_named(uint32_t value)
{
	strbuf_clear(&out);
	flags_op_text(&out, value);
	return strbuf_cstr(&out);
}

static void start(const struct made_up *values)
{
	made_up = values;
	flags_start();
}

static void spelling(void **state)
{
	static const struct made_up values[] = {
		{ "req_op", "REQ_OP_READ", 0 },
		{ "req_op", "REQ_OP_WRITE", 1 },
		{ "req_op", "REQ_OP_WRITE_ZEROES", 9 },
		{ "req_op", "REQ_OP_ZONE_RESET_ALL", 255 },
		{ "req_op", "REQ_OP_LAST", 36 }, /* is none */
		{ "req_op", "REQ_OP_BEYOND", 256 },
		{ "req_op", "OTHER", 7 },
		{ "req_flag_bits", "__REQ_FAILFAST_DEV", 8 },
		{ "req_flag_bits", "__REQ_SYNC", 11 },
		{ "req_flag_bits", "__REQ_META", 12 },
		{ "req_flag_bits", "__REQ_PRIO", 13 },
		{ "req_flag_bits", "__REQ_FUA", 17 },
		{ "req_flag_bits", "__REQ_RAHEAD", 19 },
		{ "req_flag_bits", "__REQ_DRV", 24 },
		{ "req_flag_bits", "__REQ_SWAP", 24 }, /* the first one stays */
		{ "req_flag_bits", "__REQ_TOP", 31 },
		{ "req_flag_bits", "__REQ_NR_BITS", 25 },
		{ "req_flag_bits", "__REQ_BEYOND", 32 },
		{ "req_flag_bits", "__REQ_BELOW", 7 },
		{}
	};

	(void)state;
	start(values);
	assert_string_equal(named(0), "Read");
	assert_string_equal(named(1 | 1u << 11), "Sync-Write");
	assert_string_equal(named(9), "WriteZeroes");
	assert_string_equal(named(255), "ZoneResetAll");
	assert_string_equal(named(1u << 8), "FailfastDev-Read");
	/* The highest bit first, in BCC's words. */
	assert_string_equal(named(1 | 1u << 17 | 1u << 11 | 1u << 12 | 1u << 13),
			    "ForcedUnitAccess-Priority-Metadata-Sync-Write");
	assert_string_equal(named(1u << 19), "ReadAhead-Read");
	assert_string_equal(named(1u << 24), "Driver-Read");
	assert_string_equal(named(1u << 31 | 1), "Top-Write");
	assert_string_equal(op_named(1 | 1u << 11), "Write");
}

/* What has no name has a number. */
static void unnamed(void **state)
{
	static const struct made_up values[] = { { "req_op", "REQ_OP_READ", 0 }, {} };

	(void)state;
	start(values);
	assert_string_equal(named(0), "Read");
	assert_string_equal(named(36), "Op36");
	assert_string_equal(named(17 | 1u << 25), "Flag25-Op17");
	assert_string_equal(op_named(17 | 1u << 25), "Op17");
}

static void no_enums(void **state)
{
	static const struct made_up values[] = { {} };

	(void)state;
	start(values);
	assert_string_equal(named(0), "Op0");
	assert_string_equal(named(1u << 8 | 1), "Flag8-Op1");
}

/* Before 6.0 the enum has another name. */
static void old_name(void **state)
{
	static const struct made_up values[] = {
		{ "req_opf", "REQ_OP_READ", 0 },
		{ "req_opf", "REQ_OP_WRITE_SAME", 7 },
		{ "req_flag_bits", "__REQ_SYNC", 11 },
		{}
	};

	(void)state;
	start(values);
	assert_string_equal(named(7 | 1u << 11), "Sync-WriteSame");
}

static void long_names(void **state)
{
	static const struct made_up values[] = {
		{ "req_op", "REQ_OP_A_NAME_THAT_IS_LONGER_THAN_ANY_THAT_THE_KERNEL_EVER_HAD", 3 },
		{ "req_flag_bits", "__REQ_", 8 },
		{}
	};

	(void)state;
	start(values);
	assert_string_equal(named(3), "ANameThatIsLongerThanAnyThatThe");
	assert_string_equal(named(3 | 1u << 8), "Flag8-ANameThatIsLongerThanAnyThatThe");
}

/* Numbers that every kernel has (include/linux/blk_types.h); flags' numbers differ. */
static void running_kernel(void **state)
{
	static const char *const wanted[] = {
		[0] = "Read", [1] = "Write", [2] = "Flush", [3] = "Discard", [9] = "WriteZeroes",
	};
	uint64_t sync = 0;

	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		print_message("# skipped: the running kernel has no BTF\n");
		skip();
	}
	assert_int_equal(ktypes_open(NULL), 0);
	flags_start();
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i])
			assert_string_equal(op_named(i), wanted[i]);
	for (int i = 0; i < FLAGS; i++)
		if (!strcmp(flags[i], "Sync"))
			sync = 1u << (OP_BITS + i);
	assert_true(sync != 0);
	assert_string_equal(named(sync | 1), "Sync-Write");
	/* The lowest flag of all kernels. */
	assert_string_equal(named(1u << OP_BITS), "FailfastDev-Read");
}

#define TEST(f) cmocka_unit_test_teardown(f, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(spelling), TEST(unnamed),	  TEST(no_enums),
		TEST(old_name), TEST(long_names), TEST(running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
