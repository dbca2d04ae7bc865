// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/bpf.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "diag.h"
#include "ring.h"

#define TELL_EVERY 64 /* records between two stores of our position, which the writers read */

struct ring {
	size_t page, size;
	_Atomic unsigned long *consumed; /* our position */
	_Atomic unsigned long *produced; /* the writers', and behind its page the data */
	char *data;
	char *whole; /* a record that ran over the end; grown to the largest */
	size_t whole_room;
	ring_record_fn *on_record;
	void *context;
};

struct ring *ring_new(int fd, size_t size, ring_record_fn *on_record, void *context)
{
	struct ring *r = calloc(1, sizeof(*r));
	void *map;

	if (!r)
		diag_no_memory();
	r->page = sysconf(_SC_PAGESIZE);
	r->size = size;
	r->on_record = on_record;
	r->context = context;
	map = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		free(r);
		return NULL;
	}
	r->consumed = map;
	map = mmap(NULL, r->page + size, PROT_READ, MAP_SHARED, fd, r->page);
	if (map == MAP_FAILED) {
		ring_free(r);
		return NULL;
	}
	r->produced = map;
	r->data = (char *)map + r->page;
	return r;
}

/* The record at an offset of the data; in one piece. Headers never run over the end. */
static char *record_at(struct ring *r, size_t offset, size_t size)
{
	size_t first = r->size - offset;

	if (size <= first)
		return r->data + offset;
	if (size > r->whole_room) {
		free(r->whole);
		r->whole = malloc(size);
		r->whole_room = size;
		if (!r->whole)
			diag_no_memory();
	}
	memcpy(r->whole, r->data + offset, first);
	memcpy(r->whole + first, r->data, size - first);
	return r->whole;
}

int ring_consume(struct ring *r)
{
	unsigned long at = atomic_load_explicit(r->consumed, memory_order_relaxed);
	unsigned long end = atomic_load_explicit(r->produced, memory_order_acquire);
	int untold = 0, result = 0;

	while (at != end && result >= 0) {
		size_t offset = at & (r->size - 1);
		uint32_t header = atomic_load_explicit(
			(_Atomic uint32_t *)(r->data + offset), memory_order_acquire);
		size_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (header & BPF_RINGBUF_BUSY_BIT) /* still being written */
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			size_t body = (offset + BPF_RINGBUF_HDR_SZ) & (r->size - 1);

			result = r->on_record(r->context, record_at(r, body, size), size);
		}
		at += (size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
		if (++untold == TELL_EVERY) {
			atomic_store_explicit(r->consumed, at, memory_order_release);
			untold = 0;
		}
		if (at == end)
			end = atomic_load_explicit(r->produced, memory_order_acquire);
	}
	atomic_store_explicit(r->consumed, at, memory_order_release);
	return result < 0 ? result : 0;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	munmap((void *)r->consumed, r->page);
	if (r->produced)
		munmap((void *)r->produced, r->page + r->size);
	free(r->whole);
	free(r);
}
