// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which type is right for the values of several targets. The module is included: it is argdist's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "argdist/alike.c"

static struct arena arena;

static const struct ctype colour = { .kind = CTYPE_ENUM, .size = 4, .name = "colour" };
static const struct ctype chars = { .kind = CTYPE_ARRAY, .size = 16, .count = 16 };
static const struct ctype record = { .kind = CTYPE_STRUCT, .size = 16, .name = "record" };
static const struct ctype pointer = { .kind = CTYPE_POINTER, .size = 8, .target = &ctype_void };
static const struct ctype other = { .kind = CTYPE_POINTER, .size = 8, .target = &record };

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct value integer(const struct ctype *type)
{
	return (struct value){ .kind = VALUE_INTEGER, .type = type, .size = 8, .offset = 8 };
}

static struct action action(struct value *v)
{
	return (struct action){ .values = v, .keys = 1, .probe = 1, .key_size = 16 };
}

/* What both are shown as; the order makes no difference. */
static const struct ctype *both(const struct ctype *a, const struct ctype *b)
{
	struct value x = integer(a), y = integer(b);
	struct action first = action(&x), second = action(&y);
	const struct value *one = alike_add(&arena, alike_add(&arena, NULL, &first), &second);
	const struct value *two = alike_add(&arena, alike_add(&arena, NULL, &second), &first);

	assert_true(alike_check(&first, &second));
	assert_true(ctype_same(one->type, two->type) || one->type->kind == CTYPE_POINTER);
	assert_int_equal(one->type->kind, two->type->kind);
	assert_ptr_equal(x.type, a); /* its own stays */
	return one->type;
}

static void test_types(void **state)
{
	const struct ctype *s8 = ctype_integer(8, true), *u8 = ctype_integer(8, false);
	const struct ctype *s4 = ctype_integer(4, true), *u4 = ctype_integer(4, false);
	const struct ctype *truth = ctype_basic("_Bool");

	(void)state;
	assert_ptr_equal(both(s4, s4), s4);
	assert_ptr_equal(both(&colour, &colour), &colour);
	assert_ptr_equal(both(truth, truth), truth);
	assert_ptr_equal(both(&pointer, &other), &pointer);
	assert_true(ctype_same(both(s4, s8), s8));
	assert_true(ctype_same(both(u4, u8), u8));
	assert_true(ctype_same(both(u8, s4), s8));
	assert_true(ctype_same(both(truth, u4), u8));
	assert_true(ctype_same(both(truth, s4), s8));
	assert_true(ctype_same(both(&colour, u4), u8));
	assert_true(ctype_same(both(&pointer, u8), u8));
	assert_true(ctype_same(both(&pointer, s4), s8));
}

static void test_shows(void **state)
{
	struct value x = integer(ctype_integer(4, false)), y = x;
	struct action first = action(&x), second = action(&y);
	const struct value *all;

	(void)state;
	x.show = SHOW_IP;
	all = alike_add(&arena, alike_add(&arena, NULL, &first), &second);
	assert_int_equal(all->show, SHOW_AS_TYPE);
	y.show = SHOW_IP;
	all = alike_add(&arena, alike_add(&arena, NULL, &first), &second);
	assert_int_equal(all->show, SHOW_IP);
}

/* The number behind the keys, too. */
static void test_numbers(void **state)
{
	struct value x[] = { integer(&colour), integer(ctype_integer(8, false)) };
	struct value y[] = { integer(&colour), integer(ctype_integer(4, true)) };
	struct action first = action(x), second = action(y);
	const struct value *all;

	(void)state;
	first.has_number = second.has_number = true;
	all = alike_add(&arena, alike_add(&arena, NULL, &first), &second);
	assert_ptr_equal(all[0].type, &colour);
	assert_true(all[1].type->is_signed);
}

static void test_layouts(void **state)
{
	struct value x = integer(ctype_integer(8, true)), y = x;
	struct action first = action(&x), second = action(&y);

	(void)state;
	assert_true(alike_check(&first, &second));
	second.key_size = 24;
	assert_false(alike_check(&first, &second));
	second = action(&y);
	second.kind = TALLY_STATS;
	assert_false(alike_check(&first, &second));
	second = action(&y);
	second.keys = 0;
	assert_false(alike_check(&first, &second));
	second = action(&y);
	y.kind = VALUE_BYTES;
	assert_false(alike_check(&first, &second));
	x = y = (struct value){ .kind = VALUE_BYTES, .type = &chars, .size = 16, .offset = 8 };
	y.type = &record;
	assert_false(alike_check(&first, &second));
	x.is_string = y.is_string = true; /* text is text, wherever it comes from */
	assert_true(alike_check(&first, &second));
	y.is_string = false;
	assert_false(alike_check(&first, &second));
	x.is_string = false;
	first.probe = second.probe = 0; /* each has its own types */
	assert_true(alike_check(&first, &second));
	y.size = 15;
	assert_false(alike_check(&first, &second));
	y.size = 16;
	y.offset = 16;
	assert_false(alike_check(&first, &second));
}

#define TEST(f) cmocka_unit_test_teardown(f, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_types), TEST(test_shows), TEST(test_numbers), TEST(test_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
