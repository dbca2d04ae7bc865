/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * events: records from the kernel side (bpf/events.bpf.h) to the tool's on_event().
 *
 * The kernel side does not wake us for an event. While events come we look every
 * EVENTS_NAP_MS; when the buffer is an eighth full it rings before that; and when a while has
 * brought nothing we sleep until the next event rings. So output appears within a tenth of a
 * second, a quiet machine has no wake-ups at all, and a busy one has few.
 *
 * Accounting: every event is handed to on_event(), or counted as lost, and losses are said on
 * stderr: as they grow (at most once a second), and at the end.
 * Errors: -errno, reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"

struct bpf_map;
struct bpf_object;

#define EVENTS_NAP_MS 40
#define EVENTS_BUFFER (8 << 20) /* the default of --buffer, bytes */

struct events {
	struct bpf_object *object;
	struct bpf_map *ring;                 /* skel->maps.events */
	struct bpf_map *scratch;              /* skel->maps.events_scratch */
	volatile struct events_state *state;  /* &skel->bss->events_state */
	__u32 *room;                          /* &skel->rodata->events_room */
	size_t largest;                       /* record in bytes, with this run's options */
	/* One record; it is valid during the call only. */
	void (*on_event)(void *context, const void *record, size_t size);
	/* After a batch: write out what has been gathered. -EPIPE: nobody reads any more. */
	int (*flush)(void *context);
	void *context;
	int ends;                             /* a descriptor whose end is ours too; -1: none */
};

/* The parts that are the skeleton's. */
#define EVENTS_OF(skel)                                                                       \
	.object = (skel)->obj, .ring = (skel)->maps.events, .scratch = (skel)->maps.events_scratch, \
	.state = &(skel)->bss->events_state, .room = &(skel)->rodata->events_room

/* Before load: sizes of the maps. buffer in bytes, rounded up to a power of two of pages;
 * 0: EVENTS_BUFFER. */
int events_setup(const struct events *e, uint64_t buffer);

/* Until stop_wanted(). Then what waits is shown, and losses are said. */
int events_poll(const struct events *e);

/* Says on stderr how often the kernel left out the object's programs, if it did: for a tool that
 * does not poll. A program X_again, attached behind X, does what X was left out for. */
void events_tell_misses(const struct bpf_object *object);
