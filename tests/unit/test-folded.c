// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* argdist --folded: what a line has of keys and stacks; rows that look alike are one line with the
 * sum; the order. The modules are included, with stacks of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "argdist/folded.c"
#include "argdist/json.c"
#include "argdist/key.c"
#include "argdist/show.c"
#include "argdist/tally.c"
#include "argdist/text.c"

/* By number: names, the innermost frame first. */
static const char *const stacks[][4] = {
	{ "leaf+0x1 [x]", "caller+0x10 [x]", "main+0x5 [x]" },
	{ "leaf+0x1 [x]", "caller+0x18 [x]", "main+0x5 [x]" }, /* another line of caller() */
	{ "leaf+0x1 [x]", "caller+0x10 [y]", "main+0x5 [x]" }, /* a function of the same name */
	{ "leaf+0x1 [x]", "other+0x10 [x]", "main+0x5 [x]" },
	{ "operator+(A, B)+0x1a [x]", "a;b+0x1 [x]" },
	{ "[libc.so.6+0x1d0d40]", "0x10" },
};

void stack_read(struct stacks *s, int64_t id, bool is_kernel, pid_t pid, struct stack *out)
{
	(void)s;
	*out = (struct stack){ .is_kernel = is_kernel, .pid = pid };
	for (; id >= 0 && stacks[id][out->count]; out->count++)
		out->address[out->count] = (uintptr_t)stacks[id][out->count];
}

void stack_frame(struct stacks *s, const struct stack *stack, size_t i, struct strbuf *out)
{
	(void)s;
	strbuf_str(out, (const char *)(uintptr_t)stack->address[i]);
}

int64_t stacks_first(struct stacks *s, int64_t id, bool is_kernel, pid_t pid)
{
	(void)s;
	(void)is_kernel;
	(void)pid;
	return id;
}

void stacks_forget(struct stacks *s)
{
	(void)s;
}

void stacks_free(struct stacks *s)
{
	(void)s;
}

#define ROWS_MAX 16

/* A key: the mask of faults, the stacks, a number, a text. */
struct record {
	uint64_t faults;
	struct tally_stacks stacks;
	int64_t number;
	char text[8];
};

static struct value values[] = {
	{ .kind = VALUE_INTEGER, .name = "n", .offset = offsetof(struct record, number) },
	{ .kind = VALUE_BYTES, .is_string = true, .name = "$COMM",
	  .offset = offsetof(struct record, text), .size = 8 },
};
static struct record records[ROWS_MAX];
static struct tally_row rows[ROWS_MAX];
static struct action action;
static struct specifier specifier;
static struct places places;
static struct place place = { .places = &places };
static struct tally tally;
static struct show look;
static struct strbuf out;

static int reset(void **state)
{
	(void)state;
	values[0].type = ctype_basic("int");
	memset(records, 0, sizeof(records));
	memset(rows, 0, sizeof(rows));
	action = (struct action){ .values = values, .key_size = sizeof(struct record) };
	tally = (struct tally){
		.specifier = &specifier, .place = &place, .action = &action,
		.values = values, .rows = rows,
	};
	look = (struct show){ .folded = true };
	strbuf_clear(&out);
	return 0;
}

static struct record *add(int64_t user, int64_t kernel, uint64_t count)
{
	size_t i = tally.count++;

	assert_true(i < ROWS_MAX);
	records[i].stacks = (struct tally_stacks){ .user = user, .kernel = kernel };
	rows[i] = (struct tally_row){ .key = (char *)&records[i], .count = count };
	return &records[i];
}

static void lines_are(const char *wanted)
{
	strbuf_clear(&out);
	show_tally(&look, &tally, &out);
	assert_string_equal(strbuf_cstr(&out), wanted);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void test_names(void **state)
{
	(void)state;
	action.user_stack = true;
	add(4, 0, 1);
	add(5, 0, 2);
	lines_are("a:b;operator+(A, B) 1\n"
		  "0x10;[libc.so.6] 2\n");
}

static void test_both_stacks(void **state)
{
	(void)state;
	action.user_stack = action.kernel_stack = true;
	add(0, 3, 1);
	add(0, -14, 2);
	add(-14, 3, 3);
	add(-14, -14, 4);
	lines_are("main;caller;leaf;main_[k];other_[k];leaf_[k] 1\n"
		  "main;caller;leaf 2\n"
		  "main_[k];other_[k];leaf_[k] 3\n"
		  "[user] 4\n");
}

/* What found no room is told from what is not there. */
static void test_lost(void **state)
{
	(void)state;
	action.user_stack = action.kernel_stack = true;
	add(-17, 3, 1);
	add(0, -17, 2);
	add(-12, -14, 3);
	lines_are("[lost];main_[k];other_[k];leaf_[k] 1\n"
		  "main;caller;leaf;[lost]_[k] 2\n"
		  "[lost] 3\n");
}

static void test_keys(void **state)
{
	(void)state;
	action.user_stack = true;
	action.keys = 2;
	*add(0, 0, 7) = (struct record){ .number = -1, .text = "a;b c" };
	lines_are("-1;a:b c;main;caller;leaf 7\n");
	action.user_stack = false;
	lines_are("-1;a:b c 7\n");
	action.keys = 0;
	lines_are("total 7\n");
}

/* --- what looks alike ------------------------------------------------------------------------- */

static void test_merge(void **state)
{
	(void)state;
	action.user_stack = true;
	add(0, 0, 100);
	add(3, 0, 50);
	add(1, 0, 20);
	add(2, 0, 3);
	lines_are("main;other;leaf 50\n"
		  "main;caller;leaf 123\n");
}

static void test_keys_are_not_merged(void **state)
{
	(void)state;
	action.user_stack = true;
	action.keys = 1;
	add(0, 0, 1)->number = 5;
	add(1, 0, 2)->number = 5;
	add(0, 0, 4)->number = 6;
	lines_are("5;main;caller;leaf 3\n"
		  "6;main;caller;leaf 4\n");
}

/* The largest last; of equal ones it is the text that counts, not the order of the rows. */
static void test_order(void **state)
{
	(void)state;
	action.user_stack = true;
	add(4, 0, 9);
	add(3, 0, 5);
	add(1, 0, 2);
	add(0, 0, 3);
	lines_are("main;caller;leaf 5\n"
		  "main;other;leaf 5\n"
		  "a:b;operator+(A, B) 9\n");
}

/* -T counts lines, and a small row may be part of a large one. */
static void test_top(void **state)
{
	(void)state;
	action.user_stack = true;
	look.top = 1;
	add(0, 0, 3);
	add(1, 0, 4);
	add(2, 0, 2);
	add(3, 0, 8);
	lines_are("main;caller;leaf 9\n");
	look.top = 5;
	lines_are("main;other;leaf 8\n"
		  "main;caller;leaf 9\n");
}

static void stats_add(int64_t stack, struct tally_stats stats)
{
	add(stack, 0, stats.count);
	rows[tally.count - 1].stats = stats;
}

/* An average of all that look alike is no sum of averages. */
static void test_aggregates(void **state)
{
	static const struct {
		enum aggregate aggregate;
		const char *wanted;
	} cases[] = {
		{ AGGREGATE_SUM, "main;caller;leaf 200\n" },
		{ AGGREGATE_AVG, "main;caller;leaf 50\n" },
		{ AGGREGATE_MIN, "main;caller;leaf -7\n" },
		{ AGGREGATE_MAX, "main;caller;leaf 90\n" },
		{ AGGREGATE_LAST, "main;caller;leaf 12\n" },
		{ AGGREGATE_STATS, "main;caller;leaf 4\n" },
	};

	(void)state;
	action.user_stack = true;
	action.kind = TALLY_STATS;
	stats_add(0, (struct tally_stats){ 3, 110, 10, 90, 12, 1002 });
	stats_add(1, (struct tally_stats){ 1, 90, -7, 80, 11, 1001 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		action.aggregate = cases[i].aggregate;
		lines_are(cases[i].wanted);
	}
}

static void test_nothing(void **state)
{
	(void)state;
	action.user_stack = true;
	lines_are("");
}

static int forget(void **state)
{
	(void)state;
	strbuf_free(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names, reset),
		cmocka_unit_test_setup(test_both_stacks, reset),
		cmocka_unit_test_setup(test_lost, reset),
		cmocka_unit_test_setup(test_keys, reset),
		cmocka_unit_test_setup(test_merge, reset),
		cmocka_unit_test_setup(test_keys_are_not_merged, reset),
		cmocka_unit_test_setup(test_order, reset),
		cmocka_unit_test_setup(test_top, reset),
		cmocka_unit_test_setup(test_aggregates, reset),
		cmocka_unit_test_setup(test_nothing, reset),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
