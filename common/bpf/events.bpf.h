/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way of an event to user space: events_begin() lends this CPU's scratch, the handler
 * fills it, events_submit() copies just the used bytes into the ring buffer.
 *
 * Waking the reader costs the traced program microseconds (an interrupt to its own CPU), many
 * times the record itself, so submit never wakes by the record. It looks at a flag that the
 * reader raises when it goes to sleep (common/events.c), and lowers it when it rings: one
 * wake-up for a burst, and none while the reader is at work.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "bpf/events.h"

volatile struct events_state events_state = {};

/* The largest record in bytes: set by the front end, so that it is as large as the options of
 * this run ask for and no larger. */
const volatile __u32 events_room = 0;

/* The ring buffer's size is set by the front end (--buffer). */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct events_scratch {
	__u32 busy;
	__u32 pad;
	char record[]; /* events_room bytes */
};

/* CPU -> its scratch. An array and no per-CPU array, which ends at 32 KB an entry. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the number of possible CPUs; set by the front end */
	__uint(key_size, 4);
	__uint(value_size, 8); /* and the room; set by the front end */
} events_scratch SEC(".maps");

/*
 * The record that events_begin() lent, for functions that are called in between.
 *
 * A function with loops over many bytes is best made global (not static) and given numbers
 * only: the verifier then looks at it once, by itself, and not again for every way that leads
 * to its call. So it fetches the record by this, and takes as "at" where in it to write.
 */
static __always_inline void *events_record(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct events_scratch *scratch = bpf_map_lookup_elem(&events_scratch, &cpu);

	return scratch ? scratch->record : NULL;
}

/*
 * This CPU's scratch, or NULL: then the event is counted as lost. Each success is followed by
 * one events_submit() or events_cancel().
 *
 * Tracing programs run with preemption or at least migration off, so the scratch is safe but
 * for a program that interrupts another on the same CPU; that one finds it busy.
 */
static __always_inline void *events_begin(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct events_scratch *scratch = bpf_map_lookup_elem(&events_scratch, &cpu);

	if (!scratch)
		return NULL;
	if (scratch->busy) {
		__sync_fetch_and_add(&events_state.nested, 1);
		return NULL;
	}
	scratch->busy = 1;
	return scratch->record;
}

static __always_inline void events_cancel(void *record)
{
	struct events_scratch *scratch;

	scratch = record - __builtin_offsetof(struct events_scratch, record);
	scratch->busy = 0;
}

/* An event that a table of the tool has no room for. */
static __always_inline void events_no_room(void)
{
	__sync_fetch_and_add(&events_state.no_room, 1);
}

/* Rings the reader's bell with an empty record: after the event's own commit, so that a reader
 * which raised the flag too late to be seen there has not missed the event. */
static __always_inline void events_wake(void)
{
	void *bell;

	events_state.wake = EVENTS_WAKE_NEVER;
	bell = bpf_ringbuf_reserve(&events, 8, 0);
	if (bell)
		bpf_ringbuf_discard(bell, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void events_submit(void *record, __u32 size)
{
	__u32 wake;

	if (size > events_room)
		size = events_room;
	if (bpf_ringbuf_output(&events, record, size, BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&events_state.lost, 1);
	events_cancel(record);

	wake = events_state.wake;
	if (wake == EVENTS_WAKE_NEVER)
		return;
	if (wake == EVENTS_WAKE_ANY ||
	    bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= events_state.wake_size)
		events_wake();
}
