/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * callmap: tracepoints of many system calls by two programs, at sys_enter and sys_exit, and an
 * array from the call's number * 2 + (1 at its exit) to what is done there. It has the slot + 1,
 * which the two count in; or, at the events raw_syscalls:*, a program, to which they go on
 * (bpf/calls.bpf.h), and which finds the same record there as at the call's own.
 *
 * The raw tracepoints of these names are quicker than the events, but see attach.h, events_only.
 *
 *	callmap_jumps(&m, &jumps, &held), if programs are wanted
 *	callmap_set(&m, target, value), for each target
 *	callmap_attach(&m, &held)
 *
 * Errors: -errno, not reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/held.h"
#include "probe/target.h"

#define CALLMAP_ENTRIES 1024 /* of the array: numbers below 512 */

struct bpf_map;
struct bpf_program;

struct callmap {
	int enter, exit, map; /* descriptors, the caller's. All 0: not to be used. */
	bool events;	      /* raw_syscalls:*; else the two are for raw tracepoints */
	bool jumps;	      /* to programs */
	/* private */
	bool any[2];
};

/* Of a skeleton that has been loaded: what bpf/calls.bpf.h has. */
struct callmap_jumps {
	const struct bpf_program *enter, *exit;
	const struct bpf_map *map;
};

/* Whether a target is a tracepoint of a system call that has its place in the array. */
bool callmap_has(const struct target *t);

/* A map of its own, and programs that look there. */
int callmap_jumps(struct callmap *m, const struct callmap_jumps *from, struct held *held);

/* value: the slot + 1, or the program's descriptor. */
int callmap_set(struct callmap *m, const struct target *t, uint32_t value);

/* From now on what was set is hit. */
int callmap_attach(const struct callmap *m, struct held *held);
