// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* argdist's counters: the slots of histograms, which the kernel side finds by the same function;
 * percentiles against sorted lists; what is added up from all CPUs. The module is included with
 * maps of ours. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define CPUS 3
#define KEYS_MAX 1000
#define KEY_SIZE 16

struct map {
	enum bpf_map_type type;
	uint32_t key_size, value_size, room;
	size_t count;
	char keys[KEYS_MAX][KEY_SIZE];
	char *values[KEYS_MAX]; /* one for each CPU, or one */
};

static struct map maps[2];
static int map_count, refused;

static int fake_cpus(void)
{
	return CPUS;
}

static int fake_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		       __u32 room, const struct bpf_map_create_opts *opts)
{
	(void)name;
	(void)opts;
	if (refused)
		return refused;
	assert_true(map_count < 2);
	maps[map_count] = (struct map){ type, key_size, value_size, room, 0, {}, {} };
	return 1000 + map_count++;
}

static struct map *map_of(int fd)
{
	assert_true(fd >= 1000 && fd < 1000 + map_count);
	return &maps[fd - 1000];
}

static size_t find(const struct map *m, const void *key)
{
	size_t i = 0;

	while (i < m->count && memcmp(m->keys[i], key, m->key_size))
		i++;
	return i;
}

static int fake_next_key(int fd, const void *before, void *next)
{
	const struct map *m = map_of(fd);
	size_t i = before ? find(m, before) + 1 : 0;

	if (i >= m->count)
		return -ENOENT;
	memcpy(next, m->keys[i], m->key_size);
	return 0;
}

static size_t value_bytes(const struct map *m)
{
	return m->value_size * (m->type == BPF_MAP_TYPE_PERCPU_HASH ? CPUS : 1);
}

static int fake_lookup(int fd, const void *key, void *value)
{
	const struct map *m = map_of(fd);
	size_t i = find(m, key);

	if (i == m->count)
		return -ENOENT;
	memcpy(value, m->values[i], value_bytes(m));
	return 0;
}

static int fake_delete(int fd, const void *key)
{
	struct map *m = map_of(fd);
	size_t i = find(m, key);

	if (i == m->count)
		return -ENOENT;
	free(m->values[i]);
	m->count--;
	memmove(m->keys[i], m->keys[i + 1], (m->count - i) * KEY_SIZE);
	memmove(&m->values[i], &m->values[i + 1], (m->count - i) * sizeof(m->values[0]));
	return 0;
}

static int fake_close(int fd)
{
	struct map *m = map_of(fd);

	while (m->count)
		free(m->values[--m->count]);
	return 0;
}

#define libbpf_num_possible_cpus fake_cpus
#define bpf_map_create fake_create
#define bpf_map_get_next_key fake_next_key
#define bpf_map_lookup_elem fake_lookup
#define bpf_map_delete_elem fake_delete
#define close fake_close
#include "argdist/tally.c"
#undef close

static struct action action;
static struct tally t;

static int reset(void **state)
{
	(void)state;
	map_count = refused = 0;
	action = (struct action){ .key_size = KEY_SIZE, .keys = 1 };
	t = (struct tally){ .action = &action };
	return 0;
}

static int release(void **state)
{
	(void)state;
	tally_free(&t);
	return 0;
}

static void start(enum tally_kind kind, uint32_t keys)
{
	action.kind = kind;
	assert_int_equal(tally_create(&t, keys), 0);
	assert_int_equal(map_count, 2);
}

/* The kernel's side: the value of a CPU under a key. */
static void *entry(int which, uint64_t key, int cpu)
{
	struct map *m = &maps[which];
	char bytes[KEY_SIZE] = {};
	size_t i;

	memcpy(bytes + 8, &key, 8);
	i = find(m, bytes);
	if (i == m->count) {
		assert_true(i < m->room && i < KEYS_MAX);
		memcpy(m->keys[m->count++], bytes, KEY_SIZE);
		m->values[i] = calloc(1, value_bytes(m));
		assert_non_null(m->values[i]);
	}
	return m->values[i] + (m->type == BPF_MAP_TYPE_PERCPU_HASH ? cpu * m->value_size : 0);
}

static uint64_t key_of(const struct tally_row *row)
{
	uint64_t key;

	memcpy(&key, row->key + 8, 8);
	return key;
}

static uint64_t seed = 88172645463325252;

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Numbers of all magnitudes. */
static int64_t any_number(void)
{
	return any() >> (1 + any() % 63);
}

/* --- slots ------------------------------------------------------------------------------------ */

static void slot_is_right(int64_t value)
{
	uint32_t slot = tally_slot(value, false);

	assert_true(slot > 0 && slot < TALLY_SLOTS);
	/* As numbers: a double has no 2^63 - 1. */
	assert_true((int64_t)slot_from(slot) <= value);
	if (slot + 1 < TALLY_SLOTS && slot_from(slot + 1) < 9e18)
		assert_true((int64_t)slot_from(slot + 1) > value);
}

static void test_slots(void **state)
{
	(void)state;
	for (int64_t v = 0; v < 300000; v++)
		slot_is_right(v);
	for (int i = 0; i < 300000; i++)
		slot_is_right(any_number());
	for (int bit = 1; bit < 63; bit++)
		for (int64_t v = (1LL << bit) - 2; v <= (1LL << bit) + 2; v++)
			if (v >= 0)
				slot_is_right(v);
	for (int64_t v = 0; v < TALLY_EXACT; v++)
		assert_int_equal(tally_slot(v, false), 1 + v);
	assert_true(tally_slot(INT64_MAX, false) < TALLY_SLOTS);
	assert_int_equal(tally_slot(-1, false), 0);
	assert_int_equal(tally_slot(INT64_MIN, false), 0);
}

/* Without a sign the upper half is large: its slots are the last eight. */
static void test_unsigned_slots(void **state)
{
	uint64_t slots[TALLY_SLOTS] = {}, rows[HIST_ROWS];
	struct tally_row row = { .slots = slots };

	(void)state;
	assert_int_equal(tally_slot(-1, true), TALLY_SLOTS - 1);
	for (uint64_t i = 0; i < 8; i++) {
		uint64_t v = (8 + i) << 60;

		assert_int_equal(tally_slot(v, true), TALLY_SLOTS - 8 + i);
		assert_int_equal(tally_slot(v + (1ULL << 60) - 1, true), TALLY_SLOTS - 8 + i);
		assert_true(slot_from(TALLY_SLOTS - 8 + i) == (double)v);
	}
	for (int i = 0; i < 10000; i++) {
		int64_t v = any_number();

		assert_int_equal(tally_slot(v, true), tally_slot(v, false));
	}
	slots[tally_slot(INT64_MIN, true)] = 2;
	slots[tally_slot(-1, true)] = row.count = 3;
	row.count += 2;
	assert_int_equal(tally_rows(&row, rows), 64);
	assert_int_equal(rows[63], 5);
	assert_true(tally_percentile(&row, 1) / 0x1p64 > 0.941 &&
		    tally_percentile(&row, 1) < 0x1p64);
}

/* A slot holds nothing that is more than 5.9 % from its middle. */
static void test_slot_widths(void **state)
{
	(void)state;
	for (unsigned int slot = 1 + TALLY_EXACT; slot + 1 < TALLY_SLOTS; slot++) {
		double a = slot_from(slot), b = slot_from(slot + 1), middle = 2 * a * b / (a + b);

		assert_true(a < b);
		assert_true(middle / a - 1 < 0.059 && 1 - middle / b < 0.059);
	}
}

static void test_log2_rows(void **state)
{
	uint64_t slots[TALLY_SLOTS] = {}, rows[HIST_ROWS], truth[HIST_ROWS] = {};
	struct tally_row row = { .slots = slots };
	unsigned int used = 0;

	(void)state;
	assert_int_equal(tally_rows(&row, rows), 0);
	for (int i = 0; i < 100000; i++) {
		int64_t v = i < 100 ? i : any_number();
		unsigned int bit = 0;

		while (v >> bit > 1)
			bit++;
		truth[bit]++;
		used = bit + 1 > used ? bit + 1 : used;
		slots[tally_slot(v, false)]++;
	}
	slots[0] = 5; /* negative ones are in no row */
	assert_int_equal(tally_rows(&row, rows), used);
	assert_memory_equal(rows, truth, sizeof(rows));
}

/* --- percentiles ------------------------------------------------------------------------------ */

static int compare_numbers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void percentiles_are_near(int64_t *numbers, size_t count)
{
	static const int shares[] = { 1, 10, 500, 900, 990, 999, 1000 }; /* of 1000 */
	uint64_t slots[TALLY_SLOTS] = {};
	struct tally_row row = { .slots = slots, .count = count };

	for (size_t i = 0; i < count; i++)
		slots[tally_slot(numbers[i], false)]++;
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		size_t rank = (count * shares[i] + 999) / 1000;
		double truth = numbers[rank ? rank - 1 : 0];
		double got = tally_percentile(&row, shares[i] / 1000.0);

		if (truth < 0)
			assert_true(got == -1);
		else if (truth < TALLY_EXACT)
			assert_true(got == truth);
		else
			assert_true(got / truth < 1.059 && got / truth > 0.941);
	}
}

static void test_percentiles(void **state)
{
	static int64_t numbers[5000];

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t count = 1 + any() % 5000;

		for (size_t i = 0; i < count; i++)
			numbers[i] = round % 4 == 0 ? (int64_t)(any() % 16) :
				     round % 4 == 1 ? (int64_t)(any() % 1000) - 300 :
						      any_number();
		percentiles_are_near(numbers, count);
	}
	for (int i = 0; i < 5000; i++)
		numbers[i] = i + 1;
	percentiles_are_near(numbers, 5000);
	numbers[0] = 7;
	percentiles_are_near(numbers, 1);
}

static void test_percentile_of_nothing(void **state)
{
	uint64_t slots[TALLY_SLOTS] = {};
	struct tally_row row = { .slots = slots };

	(void)state;
	assert_true(tally_percentile(&row, 0.5) == 0);
	slots[0] = row.count = 3;
	assert_true(tally_percentile(&row, 0.5) == -1);
	assert_true(tally_percentile(&row, 1) == -1);
}

/* --- maps ------------------------------------------------------------------------------------- */

static void test_create(void **state)
{
	(void)state;
	start(TALLY_COUNT, 77);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(maps[i].type, BPF_MAP_TYPE_PERCPU_HASH);
		assert_int_equal(maps[i].key_size, KEY_SIZE);
		assert_int_equal(maps[i].value_size, 8);
		assert_int_equal(maps[i].room, 77);
	}
}

static void test_create_total(void **state)
{
	(void)state;
	action.keys = 0;
	start(TALLY_STATS, 77);
	assert_int_equal(maps[0].room, 1);
	assert_int_equal(maps[0].type, BPF_MAP_TYPE_PERCPU_HASH);
	assert_int_equal(maps[0].value_size, sizeof(struct tally_stats));
}

/* A histogram for each key has one for all CPUs: it is large. */
static void test_create_histograms(void **state)
{
	(void)state;
	start(TALLY_LOG2, 77);
	assert_int_equal(maps[0].type, BPF_MAP_TYPE_HASH);
	assert_int_equal(maps[0].value_size, sizeof(struct tally_hist));
	assert_int_equal(maps[0].room, 77);
	tally_free(&t);
	reset(NULL);
	action.keys = 0;
	start(TALLY_LINEAR_HIST, 77);
	assert_int_equal(maps[0].type, BPF_MAP_TYPE_PERCPU_HASH);
	assert_int_equal(maps[0].value_size, sizeof(struct tally_linear_hist));
	assert_int_equal(maps[0].room, 1);
	tally_free(&t);
	reset(NULL);
	action.keys = 0;
	action.user_stack = true;
	start(TALLY_LOG2, 77);
	assert_int_equal(maps[0].room, 77); /* a stack is a key, too */
}

static void test_create_refused(void **state)
{
	(void)state;
	refused = -ENOMEM;
	assert_int_equal(tally_create(&t, 77), -ENOMEM);
}

static void test_counts(void **state)
{
	(void)state;
	start(TALLY_COUNT, 500);
	for (uint64_t key = 0; key < 300; key++)
		for (int cpu = 0; cpu < CPUS; cpu++)
			*(uint64_t *)entry(1, key, cpu) = key * (cpu + 1);
	assert_int_equal(tally_read(&t, 1, true), 0);
	assert_int_equal(t.count, 300);
	for (size_t i = 0; i < t.count; i++)
		assert_int_equal(t.rows[i].count, 6 * key_of(&t.rows[i]));
	assert_int_equal(maps[1].count, 0); /* emptied */
	tally_clear(&t);
	assert_int_equal(tally_read(&t, 1, true), 0);
	assert_int_equal(t.count, 0);
	*(uint64_t *)entry(0, 5, 2) = 9;
	assert_int_equal(tally_read(&t, 0, false), 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.rows[0].count, 9);
	assert_int_equal(maps[0].count, 1); /* not emptied */
}

static void test_stats(void **state)
{
	(void)state;
	start(TALLY_STATS, 500);
	*(struct tally_stats *)entry(0, 1, 0) =
		(struct tally_stats){ 2, (__u64)-30, -20, -10, -20, 100, 0 };
	*(struct tally_stats *)entry(0, 1, 2) =
		(struct tally_stats){ 1, (__u64)-7, -7, -7, -7, 300, 0 };
	*(struct tally_stats *)entry(0, 2, 1) = (struct tally_stats){ 3, 60, 10, 30, 15, 200, 0 };
	assert_int_equal(tally_read(&t, 0, true), 0);
	assert_int_equal(t.count, 2);
	/* The CPU that has none says nothing of the least and the largest. */
	assert_int_equal(t.rows[0].stats.count, 3);
	assert_int_equal((int64_t)t.rows[0].stats.sum, -37);
	assert_int_equal(t.rows[0].stats.min, -20);
	assert_int_equal(t.rows[0].stats.max, -7);
	assert_int_equal(t.rows[0].stats.last, -7);
	assert_int_equal(t.rows[0].count, 3);
	assert_int_equal(t.rows[1].stats.last, 15);
	assert_int_equal(t.rows[1].stats.min, 10);
	assert_int_equal(t.rows[1].stats.max, 30);
}

static void test_histograms(void **state)
{
	(void)state;
	start(TALLY_LOG2, 5);
	((struct tally_hist *)entry(0, 1, 0))->slots[3] = 7;
	((struct tally_hist *)entry(0, 1, 0))->slots[TALLY_SLOTS - 1] = 2;
	assert_int_equal(tally_read(&t, 0, true), 0);
	assert_int_equal(t.rows[0].count, 9);
	assert_int_equal(t.rows[0].slots[3], 7);
	tally_free(&t);
	reset(NULL);
	action.keys = 0;
	start(TALLY_LINEAR_HIST, 5);
	for (int cpu = 0; cpu < CPUS; cpu++)
		((struct tally_linear_hist *)entry(0, 0, cpu))->slots[TALLY_LINEAR + 1] = cpu + 1;
	assert_int_equal(tally_read(&t, 0, true), 0);
	assert_int_equal(t.rows[0].count, 6);
	assert_int_equal(t.rows[0].slots[TALLY_LINEAR + 1], 6);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int64_t number_as(enum aggregate aggregate, struct tally_stats stats)
{
	struct tally_row row = { .stats = stats, .count = stats.count };

	action.aggregate = aggregate;
	return tally_number(&t, &row);
}

static void test_numbers(void **state)
{
	struct tally_stats stats = { 3, (__u64)-10, -9, 4, -5, 0, 0 };

	(void)state;
	assert_int_equal(number_as(AGGREGATE_NONE, stats), 3);
	assert_int_equal(number_as(AGGREGATE_STATS, stats), 3);
	assert_int_equal(number_as(AGGREGATE_SUM, stats), -10);
	assert_int_equal(number_as(AGGREGATE_AVG, stats), -3);
	assert_int_equal(number_as(AGGREGATE_MIN, stats), -9);
	assert_int_equal(number_as(AGGREGATE_MAX, stats), 4);
	assert_int_equal(number_as(AGGREGATE_LAST, stats), -5);
	assert_int_equal(number_as(AGGREGATE_AVG, (struct tally_stats){}), 0);
}

/* From 2^63 on they are the largest. */
static void test_unsigned_numbers(void **state)
{
	const uint64_t half = 1ULL << 63;
	struct tally_stats stats = { 2, half + 6, 5, half + 1, half + 1, 0, 1 };
	struct tally_row plus = { .stats = stats }, minus = { .stats = { 1, -7, -7, -7, -7, 0, 0 } };
	struct strbuf out = {};

	(void)state;
	assert_true((uint64_t)number_as(AGGREGATE_AVG, stats) == half / 2 + 3);
	action.aggregate = AGGREGATE_MAX;
	tally_number_text(&t, &plus, &out);
	strbuf_char(&out, ' ');
	tally_number_text(&t, &minus, &out);
	assert_string_equal(strbuf_cstr(&out), "9223372036854775809 -7");
	strbuf_free(&out);
	assert_int_equal(tally_compare(&t, &minus, &plus), -1);
	assert_int_equal(tally_compare(&t, &plus, &minus), 1);
	assert_int_equal(tally_compare(&t, &plus, &plus), 0);
	minus.stats.max = 6;
	assert_int_equal(tally_compare(&t, &minus, &plus), -1);
	start(TALLY_STATS, 5);
	*(struct tally_stats *)entry(0, 1, 0) = stats;
	*(struct tally_stats *)entry(0, 1, 2) = (struct tally_stats){ 1, half, half, half, half, 9, 1 };
	*(struct tally_stats *)entry(0, 1, 1) = (struct tally_stats){ 1, 3, 3, 3, 3, 8, 1 };
	assert_int_equal(tally_read(&t, 0, true), 0);
	assert_int_equal(t.rows[0].stats.min, 3);
	assert_true((uint64_t)t.rows[0].stats.max == half + 1);
	assert_true((uint64_t)t.rows[0].stats.last == half);
	assert_true(t.rows[0].stats.is_unsigned);
}

static int64_t buckets_are(int64_t min, int64_t max, int64_t step, uint32_t count)
{
	struct tally_linear l = { .min = min, .max = max, .step = step, .buckets = count };

	for (uint32_t i = 1; i <= count; i++)
		assert_true(tally_from(&l, i) < tally_from(&l, i + 1));
	assert_true(tally_from(&l, 1) == min && tally_from(&l, count + 1) == max);
	return tally_from(&l, count);
}

static void test_linear(void **state)
{
	(void)state;
	assert_int_equal(buckets_are(0, 10, 3, 4), 9);
	assert_int_equal(buckets_are(-50, 41, 7, 13), 34);
	assert_int_equal(buckets_are(-INT64_MAX, INT64_MAX, INT64_MAX, 2), 0);
	assert_true(buckets_are(INT64_MIN, INT64_MAX, INT64_MAX, 3) == INT64_MAX - 1);
	assert_true(buckets_are(INT64_MIN, INT64_MAX, 1LL << 60, 16) == 7LL << 60);
}

static void test_sort(void **state)
{
	(void)state;
	tally_sort(&t); /* nothing */
	start(TALLY_STATS, 500);
	action.aggregate = AGGREGATE_SUM;
	for (uint64_t key = 0; key < 200; key++)
		*(struct tally_stats *)entry(0, 199 - key, 1) =
			(struct tally_stats){ 1, (key % 20) - 10, 0, 0, 0, 0, 0 };
	assert_int_equal(tally_read(&t, 0, true), 0);
	tally_sort(&t);
	assert_int_equal(t.count, 200);
	assert_int_equal((int64_t)t.rows[0].stats.sum, -10);
	for (size_t i = 1; i < t.count; i++) {
		int64_t a = t.rows[i - 1].stats.sum, b = t.rows[i].stats.sum;

		assert_true(a < b || (a == b && key_of(&t.rows[i - 1]) < key_of(&t.rows[i])));
	}
}

/* Sixty keys become three. */
static void keys_cut(void)
{
	for (size_t i = 0; i < t.count; i++) {
		uint64_t key = key_of(&t.rows[i]) % 3;

		memcpy(t.rows[i].key + 8, &key, sizeof(key));
	}
}

static void test_merge_counts(void **state)
{
	(void)state;
	tally_merge(&t); /* nothing */
	start(TALLY_COUNT, 500);
	for (uint64_t key = 0; key < 60; key++)
		*(uint64_t *)entry(0, key, key % CPUS) = key;
	assert_int_equal(tally_read(&t, 0, true), 0);
	tally_merge(&t);
	assert_int_equal(t.count, 60);
	keys_cut();
	tally_merge(&t);
	assert_int_equal(t.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(t.rows[i].count, 20 * key_of(&t.rows[i]) + 3 * 190);
}

static void test_merge_stats(void **state)
{
	(void)state;
	start(TALLY_STATS, 500);
	for (uint64_t key = 0; key < 60; key++)
		*(struct tally_stats *)entry(0, key, 0) =
			(struct tally_stats){ 2, key, -(int64_t)key, key, key, 1000 - key, 0 };
	assert_int_equal(tally_read(&t, 0, true), 0);
	keys_cut();
	tally_merge(&t);
	assert_int_equal(t.count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct tally_stats *stats = &t.rows[i].stats;
		int64_t key = key_of(&t.rows[i]);

		assert_int_equal(t.rows[i].count, 40);
		assert_int_equal(stats->count, 40);
		assert_int_equal(stats->sum, 20 * key + 3 * 190);
		assert_int_equal(stats->min, -(57 + key));
		assert_int_equal(stats->max, 57 + key);
		assert_int_equal(stats->last, key);
	}
}

static void test_merge_histograms(void **state)
{
	(void)state;
	start(TALLY_LOG2, 500);
	for (uint64_t key = 0; key < 60; key++) {
		struct tally_hist *h = entry(0, key, 0);

		h->slots[0] = 1;
		h->slots[1 + key / 3] = key;
	}
	assert_int_equal(tally_read(&t, 0, true), 0);
	keys_cut();
	tally_merge(&t);
	assert_int_equal(t.count, 3);
	for (size_t i = 0; i < 3; i++) {
		uint64_t key = key_of(&t.rows[i]);

		assert_int_equal(t.rows[i].count, 20 + 20 * key + 3 * 190);
		assert_int_equal(t.rows[i].slots[0], 20);
		for (uint64_t k = 0; k < 20; k++)
			assert_int_equal(t.rows[i].slots[1 + k], 3 * k + key);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, reset, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_slots), TEST(test_unsigned_slots), TEST(test_slot_widths),
		TEST(test_log2_rows), TEST(test_unsigned_numbers), TEST(test_linear),
		TEST(test_percentiles), TEST(test_percentile_of_nothing), TEST(test_create),
		TEST(test_create_total), TEST(test_create_histograms), TEST(test_create_refused),
		TEST(test_counts), TEST(test_stats), TEST(test_histograms), TEST(test_numbers),
		TEST(test_sort), TEST(test_merge_counts), TEST(test_merge_stats),
		TEST(test_merge_histograms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
