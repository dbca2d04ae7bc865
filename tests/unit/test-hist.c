// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Slots, rows and percentiles against what comes out of the times themselves. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "hist.h"
#include "strbuf.h"

#define EDGE_NS 62.5	     /* what is shorter is in slot 0, exact to this only */
#define TOP_NS	(1ULL << 43) /* what is longer may be in the last slot, which has no end */

static const struct hist_unit *const units[] = { &hist_usecs, &hist_msecs };
static struct strbuf out;

static int tidy(void **state)
{
	(void)state;
	strbuf_free(&out);
	return 0;
}

static void hist_clear(struct hist *h)
{
	*h = (struct hist){ .min_ns = UINT64_MAX };
}

static unsigned int slot_of(uint64_t ns, const struct hist_unit *unit)
{
	return hist_slot(ns, unit->mul, unit->div);
}

static void hist_add(struct hist *h, uint64_t ns, const struct hist_unit *unit)
{
	h->slots[slot_of(ns, unit)]++;
	h->sum_ns += ns;
	if (ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

static uint64_t random_u64(void)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* As many of each length in bits. */
static uint64_t random_time(void)
{
	return random_u64() >> (random_u64() % 43 + 21);
}

/* Slots and rows */

/* BCC's: floor(log2 v) of whole microseconds or milliseconds, 0 and 1 in one row. */
static unsigned int row_direct(uint64_t ns, const struct hist_unit *unit)
{
	unsigned int row = 0;

	for (uint64_t v = ns / unit->ns; v > 1; v >>= 1)
		row++;
	return row;
}

static void slot_check(uint64_t ns, const struct hist_unit *unit)
{
	uint64_t rows[HIST_ROWS];
	struct hist h;
	unsigned int used, row = row_direct(ns, unit);

	hist_clear(&h);
	assert_in_range(slot_of(ns, unit), 0, HIST_SLOTS - 1);
	hist_add(&h, ns, unit);
	used = hist_rows(&h, unit, rows);
	if (used != row + 1 || rows[row] != 1)
		fail_msg("%ju ns in %s: row %u, not %u", (uintmax_t)ns, unit->name,
			 used - 1, row);
}

static void rows_exact(void **state)
{
	(void)state;
	for (size_t u = 0; u < 2; u++) {
		for (uint64_t ns = 0; ns < 5000; ns++)
			slot_check(ns, units[u]);
		for (int bit = 0; bit < 44; bit++)
			for (int off = -1; off <= 1; off++)
				slot_check((1ULL << bit) + off, units[u]);
		for (uint64_t ns = units[u]->ns; ns < TOP_NS; ns *= 2)
			for (int off = -2; off <= 2; off++)
				slot_check(ns + off, units[u]);
		for (int i = 0; i < 200000; i++)
			slot_check(random_time(), units[u]);
	}
}

/* Every slot is used, longer is in a higher one, and none is wider than an eighth. */
static void slots_in_order(void **state)
{
	uint64_t first = 0;
	unsigned int slot, before = 0;

	(void)state;
	for (size_t u = 0; u < 2; u++, before = 0) {
		assert_int_equal(slot_of(0, units[u]), 0);
		assert_int_equal(slot_of((uint64_t)EDGE_NS - 2, units[u]), 0);
		assert_int_equal(slot_of((uint64_t)EDGE_NS + 1, units[u]), 1);
		for (uint64_t ns = 0; ns < 3000000; ns++) {
			slot = slot_of(ns, units[u]);
			if (slot == before)
				continue;
			assert_int_equal(slot, before + 1);
			if (before)
				assert_true((ns - first) * 8 <= first + 8);
			first = ns;
			before = slot;
		}
	}
}

/* No time is so long that it wraps around into a slot of short ones. */
static void longest(void **state)
{
	(void)state;
	for (size_t u = 0; u < 2; u++) {
		uint64_t below =
			((units[u]->div * 1ULL << HIST_TOP_BITS) - 1) / units[u]->mul;

		assert_int_equal(slot_of(below, units[u]), HIST_SLOTS - 2);
		assert_int_equal(slot_of(below + 1, units[u]), HIST_SLOTS - 1);
		for (int bit = 44; bit < 64; bit++) {
			assert_int_equal(slot_of(1ULL << bit, units[u]), HIST_SLOTS - 1);
			assert_int_equal(
				slot_of((1ULL << bit) + random_u64() % (1ULL << bit),
					units[u]),
				HIST_SLOTS - 1);
		}
		assert_int_equal(slot_of(UINT64_MAX, units[u]), HIST_SLOTS - 1);
	}
}

static void rows_add_up(void **state)
{
	uint64_t rows[HIST_ROWS], direct[HIST_ROWS], ns;
	struct hist h;
	unsigned int last, used;

	(void)state;
	for (size_t u = 0; u < 2; u++) {
		memset(direct, 0, sizeof(direct));
		hist_clear(&h);
		last = 0;
		for (int i = 0; i < 100000; i++) {
			ns = random_time();
			hist_add(&h, ns, units[u]);
			direct[row_direct(ns, units[u])]++;
			if (row_direct(ns, units[u]) > last)
				last = row_direct(ns, units[u]);
		}
		memset(rows, 0xff, sizeof(rows));
		used = hist_rows(&h, units[u], rows);
		assert_int_equal(used, last + 1);
		assert_memory_equal(rows, direct, sizeof(rows));
		assert_int_equal(hist_count(&h), 100000);
	}
}

/* Percentiles */

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Nearest rank, in thousandths so that it is whole numbers. */
static void percentile_check(uint64_t *times, size_t count, const struct hist_unit *unit)
{
	static const unsigned int thousandths[] = { 1, 10, 250, 500, 900, 990, 999, 1000 };
	struct hist h;

	hist_clear(&h);
	for (size_t i = 0; i < count; i++)
		hist_add(&h, times[i], unit);
	qsort(times, count, sizeof(*times), compare_u64);
	for (size_t i = 0; i < sizeof(thousandths) / sizeof(*thousandths); i++) {
		double exact = times[(thousandths[i] * count + 999) / 1000 - 1];
		double estimate = hist_percentile(&h, unit, thousandths[i] / 1000.0);
		double error = estimate > exact ? estimate - exact : exact - estimate;

		if (error > exact / 17 * 1.0000001 &&
		    (exact >= EDGE_NS || error > EDGE_NS))
			fail_msg("%g is %g of %zu times, not %g (%s)", exact,
				 thousandths[i] / 1000.0, count, estimate, unit->name);
		if (estimate < times[0] || estimate > times[count - 1])
			fail_msg("%g is outside of %ju to %ju", estimate,
				 (uintmax_t)times[0], (uintmax_t)times[count - 1]);
	}
}

static void percentiles_close(void **state)
{
	static uint64_t times[5000];
	size_t count;

	(void)state;
	for (size_t u = 0; u < 2; u++) {
		for (int round = 0; round < 200; round++) {
			count = round < 100 ? (size_t)round + 1 : random_u64() % 5000 + 1;
			for (size_t i = 0; i < count; i++)
				times[i] = random_time() % TOP_NS;
			percentile_check(times, count, units[u]);
			for (size_t i = 0; i < count; i++)
				times[i] = 90000 + random_u64() % 300000;
			percentile_check(times, count, units[u]);
		}
		/* At both bounds of a slot, where the error is largest. */
		for (uint64_t k = 64; k < (1 << 20); k++) {
			if (slot_of(k, units[u]) == slot_of(k - 1, units[u]))
				continue;
			for (int i = 0; i < 1000; i++)
				times[i] = i ? k : k - 1;
			percentile_check(times, 1000, units[u]);
		}
	}
}

/* Shares that binary fractions do not hold: the product must not be taken for the next rank. */
static void percentiles_rank(void **state)
{
	const unsigned int low = slot_of(1000, &hist_usecs),
			   high = slot_of(900000, &hist_usecs);
	struct hist h;

	(void)state;
	hist_clear(&h);
	h.min_ns = 1000;
	h.max_ns = 900000;
	for (uint64_t count = 1000; count < 50000; count += 1000) {
		for (unsigned int thousandths = 1; thousandths < 1000; thousandths++) {
			h.slots[low] = count * thousandths / 1000;
			h.slots[high] = count - h.slots[low];
			assert_true(hist_percentile(&h, &hist_usecs,
						    thousandths / 1000.0) < 2000);
			h.slots[low]--;
			h.slots[high]++;
			assert_true(hist_percentile(&h, &hist_usecs,
						    thousandths / 1000.0) > 800000);
		}
	}
}

static void percentiles_odd(void **state)
{
	struct hist h;

	(void)state;
	hist_clear(&h);
	assert_true(hist_percentile(&h, &hist_usecs, 0.5) == 0);
	hist_add(&h, 0, &hist_usecs);
	assert_true(hist_percentile(&h, &hist_usecs, 0.5) == 0);
	assert_true(hist_percentile(&h, &hist_usecs, 1) == 0);

	/* Exact where all times are the same, however long. */
	for (int bit = 0; bit < 64; bit++) {
		hist_clear(&h);
		hist_add(&h, 1ULL << bit, &hist_usecs);
		assert_true(hist_percentile(&h, &hist_usecs, 0.99) == 1ULL << bit);
	}

	/* The kernel side may lose an extreme: the slot is not between them then. */
	hist_clear(&h);
	hist_add(&h, 1000000, &hist_usecs);
	h.min_ns = h.max_ns = 500000;
	assert_true(hist_percentile(&h, &hist_usecs, 0.5) == 500000);
	h.min_ns = h.max_ns = 2000000;
	assert_true(hist_percentile(&h, &hist_usecs, 0.5) == 2000000);
	h.min_ns = UINT64_MAX;
	h.max_ns = 0;
	assert_true(hist_percentile(&h, &hist_usecs, 0.5) > 940000);
	assert_true(hist_percentile(&h, &hist_usecs, 0.5) < 1060000);
}

/* Text */

static const char *rows_text(const uint64_t *rows, unsigned int count)
{
	strbuf_clear(&out);
	hist_rows_text(&out, "usecs", rows, count);
	return strbuf_cstr(&out);
}

static void text_narrow(void **state)
{
	static const uint64_t rows[HIST_ROWS] = { 0, 0, 3, 0, 40, 39, 1 };
	static const uint64_t thirds[] = { 1, 2, 3 };

	(void)state;
	assert_string_equal(
		rows_text(rows, 7),
		"     usecs               : count     distribution\n"
		"         0 -> 1          : 0        |                                        |\n"
		"         2 -> 3          : 0        |                                        |\n"
		"         4 -> 7          : 3        |***                                     |\n"
		"         8 -> 15         : 0        |                                        |\n"
		"        16 -> 31         : 40       |****************************************|\n"
		"        32 -> 63         : 39       |*************************************** |\n"
		"        64 -> 127        : 1        |*                                       |\n");
	/* 13.3 and 26.7 stars: rounded down. */
	assert_string_equal(
		rows_text(thirds, 3),
		"     usecs               : count     distribution\n"
		"         0 -> 1          : 1        |*************                           |\n"
		"         2 -> 3          : 2        |**************************              |\n"
		"         4 -> 7          : 3        |****************************************|\n");
}

static void text_wide(void **state)
{
	uint64_t rows[HIST_ROWS] = { [1] = 1, [31] = 3 };
	const char *last;

	(void)state;
	/* 32 rows are still narrow. */
	assert_non_null(strstr(rows_text(rows, 32),
			       "\n2147483648 -> 4294967295 : 3        |*****"));
	rows[32] = 20;
	assert_memory_equal(
		rows_text(rows, 33),
		"               usecs                         : count     distribution\n"
		"                   0 -> 1                    : 0        |                    |\n"
		"                   2 -> 3                    : 1        |*                   |\n",
		3 * 80 - 20);
	last = strstr(strbuf_cstr(&out), "          2147483648 -> ");
	assert_string_equal(
		last,
		"          2147483648 -> 4294967295           : 3        |***                 |\n"
		"          4294967296 -> 8589934591           : 20       |********************|\n");
	rows[63] = 1;
	last = strstr(rows_text(rows, 64), " 9223372036854775808");
	assert_string_equal(last,
			    " 9223372036854775808 -> 18446744073709551615 : 1        "
			    "|*                   |\n");
}

static void text_empty(void **state)
{
	static const uint64_t rows[HIST_ROWS];
	struct hist h;

	(void)state;
	assert_string_equal(rows_text(rows, 0), "");
	assert_string_equal(rows_text(rows, 64), "");
	hist_clear(&h);
	h.errors = 3;
	strbuf_clear(&out);
	hist_text(&out, &h, &hist_usecs);
	hist_extension_text(&out, &h, &hist_usecs);
	assert_string_equal(strbuf_cstr(&out), "");
}

static void text_units(void **state)
{
	struct hist h;

	(void)state;
	for (size_t u = 0; u < 2; u++) {
		hist_clear(&h);
		hist_add(&h, 2000000, units[u]);
		hist_add(&h, 3999999, units[u]);
		strbuf_clear(&out);
		hist_text(&out, &h, units[u]);
		if (units[u] == &hist_msecs)
			assert_string_equal(
				strbuf_cstr(&out),
				"     msecs               : count     distribution\n"
				"         0 -> 1          : 0        |                                        |\n"
				"         2 -> 3          : 2        |****************************************|\n");
		else
			assert_non_null(strstr(strbuf_cstr(&out),
					       "\n      1024 -> 2047       : 1 "));
	}
}

static const char *extension(const struct hist *h, const struct hist_unit *unit)
{
	strbuf_clear(&out);
	hist_extension_text(&out, h, unit);
	return strbuf_cstr(&out);
}

static void text_extension(void **state)
{
	struct hist h;

	(void)state;
	hist_clear(&h);
	hist_add(&h, 30100, &hist_usecs);
	assert_string_equal(
		extension(&h, &hist_usecs),
		"avg = 30 usecs, total: 30 usecs, count: 1\n"
		"p50 = 30.1, p90 = 30.1, p99 = 30.1, p99.9 = 30.1, min = 30.1, "
		"max = 30.1 usecs\n");
	/* How many digits: exact times, so that no estimate is in the way. */
	for (size_t i = 0; i < 10; i++) {
		static const struct {
			uint64_t ns;
			const char *text;
		} times[] = { { 0, "0" },	   { 7, "0.00700" },
			      { 999, "0.999" },	   { 1000, "1.00" },
			      { 9994, "9.99" },	   { 9996, "10.0" },
			      { 99940, "99.9" },   { 99960, "100" },
			      { 1234567, "1235" }, { 3600000000000, "3600000000" } };
		char text[64];

		hist_clear(&h);
		hist_add(&h, times[i].ns, &hist_usecs);
		snprintf(text, sizeof(text), "min = %s, max = %s usecs\n", times[i].text,
			 times[i].text);
		assert_non_null(strstr(extension(&h, &hist_usecs), text));
	}
	/* In milliseconds down to the nanosecond. */
	hist_clear(&h);
	hist_add(&h, 1, &hist_msecs);
	hist_add(&h, 4500000, &hist_msecs);
	assert_non_null(strstr(extension(&h, &hist_msecs),
			       "avg = 2 msecs, total: 4 msecs, count: 2\n"));
	assert_non_null(strstr(strbuf_cstr(&out), "min = 0.000001, max = 4.50 msecs\n"));
	/* No extremes: none are said. */
	h.min_ns = UINT64_MAX;
	assert_null(strstr(extension(&h, &hist_msecs), "min"));
	assert_non_null(strstr(strbuf_cstr(&out), " msecs\n"));
}

/* JSON */

static const char *json(const struct hist *h, const struct hist_unit *unit)
{
	strbuf_clear(&out);
	hist_json(&out, h, unit);
	return strbuf_cstr(&out);
}

static void json_members(void **state)
{
	struct hist h;

	(void)state;
	hist_clear(&h);
	h.errors = 2;
	assert_string_equal(
		json(&h, &hist_usecs),
		"\"unit\":\"usecs\",\"count\":0,\"errors\":2,\"min\":null,\"max\":null,"
		"\"mean\":null,\"p50\":null,\"p90\":null,\"p99\":null,"
		"\"p99.9\":null,\"buckets\":[]");
	hist_add(&h, 100000, &hist_usecs);
	assert_string_equal(
		json(&h, &hist_usecs),
		"\"unit\":\"usecs\",\"count\":1,\"errors\":2,\"min\":100,\"max\":100,"
		"\"mean\":100,\"p50\":100,\"p90\":100,\"p99\":100,\"p99.9\":100,"
		"\"buckets\":[{\"from\":64,\"to\":127,\"count\":1}]");
	hist_add(&h, 0, &hist_usecs);
	hist_add(&h, 1250, &hist_usecs);
	json(&h, &hist_usecs);
	assert_non_null(strstr(out.data, "\"min\":0,\"max\":100,\"mean\":33.75,"));
	assert_non_null(strstr(out.data, "\"buckets\":[{\"from\":0,\"to\":1,\"count\":2},"
					 "{\"from\":64,\"to\":127,\"count\":1}]"));
	h.min_ns = UINT64_MAX;
	assert_non_null(strstr(json(&h, &hist_usecs),
			       "\"min\":null,\"max\":null,\"mean\":33.75,"));

	hist_clear(&h);
	hist_add(&h, 1234567, &hist_msecs);
	assert_non_null(strstr(json(&h, &hist_msecs), "\"min\":1.235,\"max\":1.235,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_exact),
		cmocka_unit_test(slots_in_order),
		cmocka_unit_test(longest),
		cmocka_unit_test(rows_add_up),
		cmocka_unit_test(percentiles_close),
		cmocka_unit_test(percentiles_rank),
		cmocka_unit_test(percentiles_odd),
		cmocka_unit_test_teardown(text_narrow, tidy),
		cmocka_unit_test_teardown(text_wide, tidy),
		cmocka_unit_test_teardown(text_empty, tidy),
		cmocka_unit_test_teardown(text_units, tidy),
		cmocka_unit_test_teardown(text_extension, tidy),
		cmocka_unit_test_teardown(json_members, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
