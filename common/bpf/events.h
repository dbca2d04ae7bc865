/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What common/events.c and common/bpf/events.bpf.h share: the state of the event channel,
 * one per tool, in the BPF object's .bss, which user space has mapped.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Who sleeps on the ring buffer, and what may wake it. */
enum events_wake {
	EVENTS_WAKE_NEVER = 0, /* the reader is at work, or will look again by itself */
	EVENTS_WAKE_FULL = 1,  /* the reader naps: wake it when the buffer fills */
	EVENTS_WAKE_ANY = 2,   /* the reader has nothing to do: wake it for the next event */
};

struct events_state {
	__u64 lost;      /* events that found no room in the ring buffer */
	__u64 nested;    /* events that found this CPU's scratch in use */
	__u64 no_room;   /* events that a full table of the tool could not hold */
	__u32 wake;      /* enum events_wake, written by both sides */
	__u32 wake_size; /* bytes waiting at which EVENTS_WAKE_FULL wakes; set before load */
};
