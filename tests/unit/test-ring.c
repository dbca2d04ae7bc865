// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The reader of a ring buffer, on a file with the layout of the kernel's. */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "ring.h"

#define SIZE 4096u

static size_t page;
static unsigned char *file; /* the reader's page, the writers' page, the data */
static int fd;

/* What on_record() saw. */
static unsigned int seen;
static unsigned char last[SIZE];
static size_t last_size;
static int answer;

static unsigned long *consumed(void)
{
	return (unsigned long *)file;
}

static unsigned long *produced(void)
{
	return (unsigned long *)(file + page);
}

static int on_record(void *context, void *record, size_t size)
{
	assert_ptr_equal(context, &answer);
	assert_true(size <= sizeof(last));
	memcpy(last, record, size);
	last_size = size;
	seen++;
	return answer;
}

static void write_at(unsigned long at, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		file[2 * page + (at + i) % SIZE] = ((const unsigned char *)bytes)[i];
}

/* A record of size bytes, each of them fill, with these flags. */
static void produce(uint32_t size, uint32_t flags, unsigned char fill)
{
	uint32_t header[2] = { size | flags, 0 };
	unsigned long at = *produced();

	write_at(at, header, sizeof(header));
	for (uint32_t i = 0; i < size; i++)
		write_at(at + 8 + i, &fill, 1);
	*produced() = at + (8 + size + 7) / 8 * 8;
}

static int setup(void **state)
{
	page = sysconf(_SC_PAGESIZE);
	fd = memfd_create("ring", 0);
	assert_int_equal(ftruncate(fd, 2 * page + SIZE), 0);
	file = mmap(NULL, 2 * page + SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(file, MAP_FAILED);
	seen = 0;
	answer = 0;
	*state = ring_new(fd, SIZE, on_record, &answer);
	assert_non_null(*state);
	return 0;
}

static int teardown(void **state)
{
	ring_free(*state);
	munmap(file, 2 * page + SIZE);
	close(fd);
	return 0;
}

static void assert_last(size_t size, unsigned char fill)
{
	assert_int_equal(last_size, size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(last[i], fill);
}

static void empty(void **state)
{
	assert_int_equal(ring_consume(*state), 0);
	assert_int_equal(seen, 0);
	assert_int_equal(*consumed(), 0);
}

static void in_order(void **state)
{
	produce(13, 0, 'a');
	produce(0, 0, 'b');
	produce(24, 0, 'c');
	assert_int_equal(ring_consume(*state), 0);
	assert_int_equal(seen, 3);
	assert_last(24, 'c');
	assert_int_equal(*consumed(), *produced());
	assert_int_equal(*consumed(), 24 + 8 + 32);
}

static void discarded(void **state)
{
	produce(8, BPF_RINGBUF_DISCARD_BIT, 'x');
	produce(5, 0, 'a');
	produce(8, BPF_RINGBUF_DISCARD_BIT, 'x');
	assert_int_equal(ring_consume(*state), 0);
	assert_int_equal(seen, 1);
	assert_last(5, 'a');
	assert_int_equal(*consumed(), *produced());
}

static void busy(void **state)
{
	uint32_t header[2] = { 16, 0 };

	produce(8, 0, 'a');
	produce(16, BPF_RINGBUF_BUSY_BIT, 'b');
	produce(8, 0, 'c');
	assert_int_equal(ring_consume(*state), 0);
	assert_int_equal(seen, 1);
	assert_int_equal(*consumed(), 16);
	write_at(16, header, sizeof(header)); /* now it is committed */
	assert_int_equal(ring_consume(*state), 0);
	assert_int_equal(seen, 3);
	assert_last(8, 'c');
}

static void stopped(void **state)
{
	produce(8, 0, 'a');
	produce(8, 0, 'b');
	answer = -5;
	assert_int_equal(ring_consume(*state), -5);
	assert_int_equal(seen, 1);
	assert_int_equal(*consumed(), 16); /* that one is done with */
	answer = 0;
	assert_int_equal(ring_consume(*state), 0);
	assert_last(8, 'b');
}

/* Records of all sizes at all offsets: many of them run over the end, in the body or at it. */
static void around(void **state)
{
	unsigned int n = 0;

	for (uint32_t size = 0; size < 3 * 1024; size += 7) {
		produce(size, 0, size % 251);
		assert_int_equal(ring_consume(*state), 0);
		assert_int_equal(seen, ++n);
		assert_last(size, size % 251);
		assert_int_equal(*consumed(), *produced());
	}
	assert_true(*consumed() > 100 * SIZE);
}

/* Our position is told while a long row of records is read, so that writers find room. */
static unsigned long told_early;

static int watch(void *context, void *record, size_t size)
{
	(void)record;
	(void)size;
	if (++*(unsigned int *)context == 100)
		told_early = *consumed();
	return 0;
}

static void position(void **state)
{
	unsigned int count = 0;
	struct ring *r = ring_new(fd, SIZE, watch, &count);

	(void)state;
	for (int i = 0; i < 150; i++)
		produce(8, 0, i);
	assert_int_equal(ring_consume(r), 0);
	assert_int_equal(count, 150);
	assert_int_equal(told_early, 64 * 16);
	assert_int_equal(*consumed(), 150 * 16);
	ring_free(r);
}

static void no_map(void **state)
{
	(void)state;
	assert_null(ring_new(-1, SIZE, on_record, NULL));
	ring_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(empty),   TEST(in_order), TEST(discarded), TEST(busy),
		TEST(stopped), TEST(around),   TEST(position),  TEST(no_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
