// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "expr/value.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* What an event brings, with just its size, so that the sanitizer sees a byte too far. */
struct event {
	unsigned char *data;
	size_t size;
};

static struct event event_new(size_t fixed)
{
	struct event e = { calloc(1, fixed ? fixed : 1), fixed };

	assert_non_null(e.data);
	return e;
}

static void put(struct event *e, size_t offset, const void *bytes, size_t size)
{
	assert_true(offset + size <= e->size);
	memcpy(e->data + offset, bytes, size);
}

static void append(struct event *e, const void *bytes, size_t size)
{
	e->data = realloc(e->data, e->size + size);
	assert_non_null(e->data);
	memcpy(e->data + e->size, bytes, size);
	e->size += size;
}

#define PUT(e, offset, type, value) put(e, offset, &(type){ value }, sizeof(type))

/* An integer, a string, bytes and another string; the fixed part ends at 35, filled up to 40. */
static const struct value mixed[] = {
	{ .kind = VALUE_INTEGER, .offset = 8 },
	{ .kind = VALUE_STRING, .offset = 16, .size = 8 },
	{ .kind = VALUE_LITERAL, .text = "own\0text", .size = 8 },
	{ .kind = VALUE_BYTES, .offset = 24, .size = 11 },
	{ .kind = VALUE_STRING, .offset = 20, .size = 4 },
};

static void all_kinds(void **state)
{
	struct event e = event_new(40);
	struct value_read r[COUNT(mixed)];

	(void)state;
	PUT(&e, 8, int64_t, -5);
	PUT(&e, 16, int32_t, 6);
	PUT(&e, 20, int32_t, 4);
	put(&e, 24, "0123456789a", 11);
	append(&e, "hello\0abc", 10);
	memset(r, 0xff, sizeof(r));
	assert_true(values_read(mixed, COUNT(mixed), e.data, e.size, r));
	for (size_t i = 0; i < COUNT(r); i++)
		assert_false(r[i].fault);
	assert_int_equal(r[0].integer, -5);
	assert_null(r[0].bytes);
	assert_int_equal(r[1].size, 5);
	assert_memory_equal(r[1].bytes, "hello", 6);
	assert_false(r[1].cut);
	assert_int_equal(r[2].size, 8);
	assert_ptr_equal(r[2].bytes, mixed[2].text);
	assert_int_equal(r[3].size, 11);
	assert_memory_equal(r[3].bytes, "0123456789a", 11);
	assert_int_equal(r[4].size, 3);
	assert_memory_equal(r[4].bytes, "abc", 4);
	assert_true(r[4].cut); /* it fills its room */
	free(e.data);
}

static void too_short(void **state)
{
	struct event e = event_new(40);
	struct value_read r[COUNT(mixed)];

	(void)state;
	PUT(&e, 16, int32_t, 6);
	PUT(&e, 20, int32_t, 4);
	append(&e, "hello\0abc", 10);
	for (size_t size = 0; size <= e.size; size++) {
		unsigned char *data = malloc(size ? size : 1);

		assert_non_null(data);
		memcpy(data, e.data, size);
		assert_int_equal(values_read(mixed, COUNT(mixed), data, size, r), size == e.size);
		free(data);
	}
	free(e.data);
}

/* What follows a string that could not be read is found all the same. */
static void faults(void **state)
{
	static const struct {
		uint64_t mask;
		int32_t first; /* length of the first string */
		unsigned int fault; /* a bit for each value */
	} rows[] = {
		{ 0, -14, 1 << 1 },
		{ 1 << 1, -14, 1 << 1 },
		{ 1 << 1, 0, 1 << 1 }, /* its address could not be read */
		{ 1 << 0, 0, 1 << 0 },
		{ 1 << 3 | 1 << 0, -1, 1 << 3 | 1 << 1 | 1 << 0 },
		{ 0, INT32_MIN, 1 << 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event e = event_new(40);
		struct value_read r[COUNT(mixed)];

		PUT(&e, 0, uint64_t, rows[i].mask);
		PUT(&e, 8, uint64_t, 77);
		PUT(&e, 16, int32_t, rows[i].first);
		PUT(&e, 20, int32_t, 3);
		append(&e, "ab", 3);
		assert_true(values_read(mixed, COUNT(mixed), e.data, e.size, r));
		for (size_t k = 0; k < COUNT(mixed); k++) {
			assert_int_equal(r[k].fault, rows[i].fault >> k & 1);
			if (!r[k].fault)
				continue;
			assert_null(r[k].bytes);
			assert_int_equal(r[k].size, 0);
			assert_int_equal(r[k].integer, 0);
			assert_false(r[k].cut);
		}
		assert_int_equal(r[4].size, 2);
		assert_memory_equal(r[4].bytes, "ab", 3);
		assert_false(r[4].cut);
		free(e.data);
	}
}

static void lengths(void **state)
{
	static const struct {
		int32_t length;
		bool good, cut;
		size_t size;
	} rows[] = {
		{ 0, true, false, 0 },
		{ 1, true, false, 0 },
		{ 7, true, false, 6 },
		{ 8, true, true, 7 },
		{ 9, false }, /* more than the program may have read */
		{ INT32_MAX, false },
	};
	static const struct value value = { .kind = VALUE_STRING, .offset = 8, .size = 8 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct event e = event_new(16);
		struct value_read r;

		PUT(&e, 8, int32_t, rows[i].length);
		append(&e, "abcdefgh", 9);
		assert_int_equal(values_read(&value, 1, e.data, e.size, &r), rows[i].good);
		if (rows[i].good) {
			assert_false(r.fault);
			assert_int_equal(r.size, rows[i].size);
			assert_int_equal(r.cut, rows[i].cut);
			if (r.size)
				assert_memory_equal(r.bytes, "abcdefgh", r.size);
		}
		free(e.data);
	}
}

static void many(void **state)
{
	struct value values[VALUES_MAX] = {};
	struct value_read r[VALUES_MAX];
	struct event e = event_new(8 + 8 * VALUES_MAX);

	(void)state;
	PUT(&e, 0, uint64_t, 1ull << 63 | 1ull << 32);
	for (size_t i = 0; i < VALUES_MAX; i++) {
		values[i].offset = 8 * (VALUES_MAX - i);
		PUT(&e, values[i].offset, uint64_t, 100 + i);
	}
	assert_true(values_read(values, VALUES_MAX, e.data, e.size, r));
	for (size_t i = 0; i < VALUES_MAX; i++) {
		assert_int_equal(r[i].fault, i == 63 || i == 32);
		assert_int_equal(r[i].integer, r[i].fault ? 0 : 100 + i);
	}
	assert_false(values_read(values, VALUES_MAX, e.data, e.size - 1, r));
	free(e.data);
}

static void none(void **state)
{
	static const struct value literal = { .kind = VALUE_LITERAL, .text = "", .size = 0 };
	struct value_read r;

	(void)state;
	assert_true(values_read(NULL, 0, "\0\0\0\0\0\0\0", 8, NULL));
	assert_false(values_read(NULL, 0, "\0\0\0\0\0\0\0", 7, NULL));
	assert_true(values_read(&literal, 1, "\0\0\0\0\0\0\0", 8, &r));
	assert_int_equal(r.size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds), cmocka_unit_test(too_short), cmocka_unit_test(faults),
		cmocka_unit_test(lengths),   cmocka_unit_test(many),	  cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
