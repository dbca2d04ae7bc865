// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* funccount's counters. The module is included with maps of ours: the counters by slot lie in a
 * file in memory, which is mapped as the kernel's map is; the counters by key are an array. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "funccount/counts.h"
#include "funccount.skel.h"

#define CPUS_MAX 4
#define KEYS_MAX 1000
#define KEYS_FD 1000000

static struct {
	int cpus;
	int slots_fd;
	uint32_t slots_size, keys_size; /* as counts_setup() has set them; 0: it has not */
	size_t keys, hidden;
	struct count_key key[KEYS_MAX];
	uint64_t hits[KEYS_MAX][CPUS_MAX];
} kernel;

/* Never looked into: told apart by their addresses. */
static char map_counts, map_keys;

static int fake_cpus(void)
{
	return kernel.cpus;
}

static int fake_set_max_entries(struct bpf_map *map, __u32 size)
{
	*((void *)map == &map_keys ? &kernel.keys_size : &kernel.slots_size) = size;
	return 0;
}

static int fake_fd(const struct bpf_map *map)
{
	return (const void *)map == &map_keys ? KEYS_FD : kernel.slots_fd;
}

/* In the order in which they came; the kernel has none that means anything either. */
static int fake_next_key(int fd, const void *before, void *next)
{
	size_t i = 0;

	assert_int_equal(fd, KEYS_FD);
	if (before) {
		while (i < kernel.keys && memcmp(&kernel.key[i], before, sizeof(kernel.key[i])))
			i++;
		i++;
	}
	if (i >= kernel.keys)
		return -ENOENT;
	memcpy(next, &kernel.key[i], sizeof(kernel.key[i]));
	return 0;
}

static int fake_lookup(int fd, const void *key, void *value)
{
	assert_int_equal(fd, KEYS_FD);
	for (size_t i = 0; i < kernel.keys; i++) {
		if (memcmp(&kernel.key[i], key, sizeof(kernel.key[i])))
			continue;
		if (i == kernel.hidden)
			return -ENOENT;
		memcpy(value, kernel.hits[i], kernel.cpus * sizeof(uint64_t));
		return 0;
	}
	return -ENOENT;
}

#define libbpf_num_possible_cpus fake_cpus
#define bpf_map__set_max_entries fake_set_max_entries
#define bpf_map__fd fake_fd
#define bpf_map_get_next_key fake_next_key
#define bpf_map_lookup_elem fake_lookup
#include "funccount/counts.c"

static struct funccount_bpf__rodata rodata;
static struct funccount_bpf skel;
static struct counts c;

/* The kernel's side of the mapping. */
static uint64_t *cells;
static size_t cells_size;

static int reset(void **state)
{
	(void)state;
	kernel.cpus = 3;
	kernel.slots_fd = -1;
	kernel.slots_size = kernel.keys_size = 0;
	kernel.keys = 0;
	kernel.hidden = SIZE_MAX;
	memset(kernel.hits, 0, sizeof(kernel.hits));
	memset(&rodata, 0, sizeof(rodata));
	memset(&skel, 0, sizeof(skel));
	skel.rodata = &rodata;
	skel.maps.counts = (void *)&map_counts;
	skel.maps.keys = (void *)&map_keys;
	c = (struct counts){};
	return 0;
}

static int release(void **state)
{
	(void)state;
	counts_free(&c);
	if (cells)
		munmap(cells, cells_size);
	cells = NULL;
	if (kernel.slots_fd >= 0)
		close(kernel.slots_fd);
	return 0;
}

static void start(enum count_by by, uint32_t slots)
{
	rodata.cfg.by = by;
	rodata.cfg.slots = slots;
	assert_int_equal(counts_setup(&c, &skel), 0);
	if (kernel.slots_size) { /* whole pages, as a map that is mapped has */
		size_t page = sysconf(_SC_PAGESIZE);

		cells_size = kernel.slots_size * sizeof(*cells);
		cells_size = (cells_size + page - 1) & ~(page - 1);
		kernel.slots_fd = memfd_create("counts", MFD_CLOEXEC);
		assert_true(kernel.slots_fd >= 0);
		assert_int_equal(ftruncate(kernel.slots_fd, cells_size), 0);
		cells = mmap(NULL, cells_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			     kernel.slots_fd, 0);
		assert_ptr_not_equal(cells, MAP_FAILED);
	}
	assert_int_equal(counts_start(&c), 0);
}

/* What the kernel side does for a hit. */
static void hit(uint32_t cpu, uint32_t slot, uint64_t times)
{
	cells[cpu * rodata.cfg.slots + slot] += times;
}

static void hit_key(const struct count_key *key, uint32_t cpu, uint64_t times)
{
	size_t i = 0;

	while (i < kernel.keys && memcmp(&kernel.key[i], key, sizeof(*key)))
		i++;
	assert_true(i < KEYS_MAX);
	if (i == kernel.keys)
		kernel.key[kernel.keys++] = *key;
	kernel.hits[i][cpu] += times;
}

static const struct count *find(const struct count_key *key)
{
	const struct count *found = NULL;

	for (size_t i = 0; i < c.count; i++) {
		if (memcmp(&c.at[i].key, key, sizeof(*key)))
			continue;
		assert_null(found); /* once only */
		found = &c.at[i];
	}
	return found;
}

static void expect(const struct count_key *key, uint64_t total, uint64_t grown)
{
	const struct count *one = find(key);

	assert_non_null(one);
	assert_int_equal(one->total, total);
	assert_int_equal(one->grown, grown);
}

#define KEY(...) (&(struct count_key){ __VA_ARGS__ })

/* --- counters by slot ------------------------------------------------------------------------- */

static void test_sizes(void **state)
{
	(void)state;
	start(BY_NOTHING, 7);
	assert_int_equal(kernel.slots_size, 3 * 7);
	assert_int_equal(kernel.keys_size, 1); /* no memory for what is not used */
}

static void test_sizes_keyed(void **state)
{
	(void)state;
	start(BY_COMM, 7);
	assert_int_equal(kernel.slots_size, 0);
	assert_int_equal(kernel.keys_size, 0); /* as the program has it: COUNT_KEYS */
	assert_null(c.mapped);
}

static void test_no_cpus(void **state)
{
	(void)state;
	kernel.cpus = -EINVAL;
	assert_int_equal(counts_setup(&c, &skel), -EINVAL);
}

static void test_no_map(void **state)
{
	(void)state;
	rodata.cfg.slots = 1;
	assert_int_equal(counts_setup(&c, &skel), 0);
	assert_int_equal(counts_start(&c), -EBADF);
	counts_free(&c);
	c = (struct counts){};
}

static void test_sum_of_cpus(void **state)
{
	(void)state;
	start(BY_NOTHING, 4);
	hit(0, 1, 5);
	hit(1, 1, 70);
	hit(2, 1, 900);
	hit(2, 3, 1);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 4); /* also what was not called: --zero shows it */
	expect(KEY(.slot = 0), 0, 0);
	expect(KEY(.slot = 1), 975, 975);
	expect(KEY(.slot = 2), 0, 0);
	expect(KEY(.slot = 3), 1, 1);
}

static void test_differences(void **state)
{
	uint64_t sum = 0;

	(void)state;
	start(BY_NOTHING, 2);
	for (uint64_t n = 1; n <= 50; n++) {
		hit(n % 3, 1, n);
		assert_int_equal(counts_read(&c), 0);
		sum += n;
		expect(KEY(.slot = 1), sum, n);
		expect(KEY(.slot = 0), 0, 0);
	}
	assert_int_equal(counts_read(&c), 0);
	expect(KEY(.slot = 1), sum, 0); /* an interval without calls */
	assert_int_equal(c.count, 2);
}

static void test_large_numbers(void **state)
{
	(void)state;
	start(BY_NOTHING, 1);
	hit(0, 0, 0xffffffff);
	hit(1, 0, 0xffffffff);
	assert_int_equal(counts_read(&c), 0);
	expect(KEY(.slot = 0), 0x1fffffffe, 0x1fffffffe);
	hit(0, 0, 2);
	hit(1, 0, 1ull << 40);
	assert_int_equal(counts_read(&c), 0);
	expect(KEY(.slot = 0), 0x1fffffffe + 2 + (1ull << 40), (1ull << 40) + 2);
}

/* More than a page for each CPU, and no number of slots that fits pages. */
static void test_many_slots(void **state)
{
	const uint32_t slots = 4999;

	(void)state;
	start(BY_NOTHING, slots);
	for (uint32_t slot = 0; slot < slots; slot++)
		hit(slot % 3, slot, slot);
	assert_int_equal(counts_read(&c), 0);
	hit(2, slots - 1, 1);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, slots);
	for (size_t i = 0; i < c.count; i++) {
		bool last = c.at[i].key.slot == slots - 1;

		assert_int_equal(c.at[i].total, c.at[i].key.slot + last);
		assert_int_equal(c.at[i].grown, last);
	}
}

static void test_by_cpu(void **state)
{
	(void)state;
	start(BY_CPU, 3);
	hit(0, 2, 11);
	hit(2, 2, 13);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 2); /* only CPUs that called it */
	expect(KEY(.slot = 2, .pid = 0), 11, 11);
	expect(KEY(.slot = 2, .pid = 2), 13, 13);
	hit(1, 2, 17);
	hit(2, 2, 19);
	hit(0, 0, 23);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 4);
	expect(KEY(.slot = 2, .pid = 0), 11, 0);
	expect(KEY(.slot = 2, .pid = 1), 17, 17);
	expect(KEY(.slot = 2, .pid = 2), 32, 19);
	expect(KEY(.slot = 0, .pid = 0), 23, 23);
}

/* --- counters by key -------------------------------------------------------------------------- */

static void test_keys(void **state)
{
	const struct count_key cat = { .slot = 1, .comm = "cat" };
	const struct count_key ls = { .slot = 1, .comm = "ls" };
	const struct count_key other = { .slot = 2, .comm = "cat" };

	(void)state;
	start(BY_COMM, 3);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 0);
	hit_key(&cat, 0, 2);
	hit_key(&cat, 2, 3);
	hit_key(&ls, 1, 7);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 2);
	expect(&cat, 5, 5);
	expect(&ls, 7, 7);
	hit_key(&other, 1, 1);
	hit_key(&ls, 1, 4);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 3);
	expect(&cat, 5, 0);
	expect(&ls, 11, 4);
	expect(&other, 1, 1);
}

/* Every part of the key counts. */
static void test_keys_differ(void **state)
{
	const struct count_key keys[] = {
		{ .slot = 1 },
		{ .slot = 1, .pid = 1 },
		{ .slot = 1, .cgroup = 1 },
		{ .slot = 1, .cgroup = 1ull << 32 },
		{ .slot = 1, .comm = "fifteen letters" },
		{ .slot = 1, .comm = "fifteen lettert" },
	};
	const size_t count = sizeof(keys) / sizeof(keys[0]);

	(void)state;
	start(BY_PID, 2);
	for (size_t i = 0; i < count; i++)
		hit_key(&keys[i], 0, i + 1);
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, count);
	for (size_t i = 0; i < count; i++)
		expect(&keys[i], i + 1, i + 1);
}

/* One that cannot be read this time is read the next time, and nothing of it is lost. */
static void test_key_unreadable(void **state)
{
	const struct count_key key = { .slot = 0, .pid = 5 };

	(void)state;
	start(BY_PID, 1);
	hit_key(&key, 0, 4);
	kernel.hidden = 0;
	assert_int_equal(counts_read(&c), 0);
	assert_int_equal(c.count, 0);
	kernel.hidden = SIZE_MAX;
	hit_key(&key, 1, 5);
	assert_int_equal(counts_read(&c), 0);
	expect(&key, 9, 9);
}

static struct count_key key_of(size_t number)
{
	struct count_key key = {};

	memcpy(key.comm, &number, sizeof(number));
	return key;
}

/* The index grows from 64 entries on; what was counted before stays where it can be found. The keys
 * differ in their last part only, so those that meet in the index would be mixed up if it were not
 * compared. */
static void test_index_grows(void **state)
{
	const size_t rounds = 8, each = 97;
	struct count_key key;

	(void)state;
	start(BY_COMM, 1);
	for (size_t round = 1; round <= rounds; round++) {
		for (size_t i = 0; i < each * round; i++) {
			key = key_of(i);
			hit_key(&key, i % 3, i + 1);
		}
		assert_int_equal(counts_read(&c), 0);
		assert_int_equal(c.count, each * round);
	}
	for (size_t i = 0; i < each * rounds; i++) {
		const size_t seen = rounds - i / each;

		key = key_of(i);
		expect(&key, seen * (i + 1), i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sizes, reset, release),
		cmocka_unit_test_setup_teardown(test_sizes_keyed, reset, release),
		cmocka_unit_test_setup_teardown(test_no_cpus, reset, release),
		cmocka_unit_test_setup_teardown(test_no_map, reset, release),
		cmocka_unit_test_setup_teardown(test_sum_of_cpus, reset, release),
		cmocka_unit_test_setup_teardown(test_differences, reset, release),
		cmocka_unit_test_setup_teardown(test_large_numbers, reset, release),
		cmocka_unit_test_setup_teardown(test_many_slots, reset, release),
		cmocka_unit_test_setup_teardown(test_by_cpu, reset, release),
		cmocka_unit_test_setup_teardown(test_keys, reset, release),
		cmocka_unit_test_setup_teardown(test_keys_differ, reset, release),
		cmocka_unit_test_setup_teardown(test_key_unreadable, reset, release),
		cmocka_unit_test_setup_teardown(test_index_grows, reset, release),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
