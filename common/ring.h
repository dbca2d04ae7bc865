/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ring: reads a BPF ring buffer. As libbpf's ring_buffer, with the data mapped once in place of
 * twice: both mappings count as memory of the tool (8 MB more for a buffer of 8 MB). A record
 * that runs over the end of the buffer is copied together first.
 *
 * Ownership: ring_new() allocates, ring_free() gives back; the descriptor stays the caller's.
 * Errors: NULL and errno from ring_new(); nothing is reported.
 * Relies on: Documentation/bpf/ringbuf.rst, kernel/bpf/ringbuf.c (a page of the reader's
 * position, a page of the writers' position, the data; positions only grow; each record has a
 * header of 8 bytes, whose first 4 are the length and two flags, and is aligned to 8).
 */
#pragma once

#include <stddef.h>

struct ring;

/* A record, valid during the call. Below 0: no more for now; this one is done with. */
typedef int ring_record_fn(void *context, void *record, size_t size);

/* fd: the map; size: its max_entries, a power of two in bytes. */
struct ring *ring_new(int fd, size_t size, ring_record_fn *on_record, void *context);

/* What waits, oldest first. 0, or what on_record() returned below 0. */
int ring_consume(struct ring *r);

void ring_free(struct ring *r);
