/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side's counters and what they grew by in an interval: differences of what was read,
 * so nothing is lost between two readings.
 * Errors: -errno, reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "funccount.h"

struct funccount_bpf;

/* One function, with --by one function and process (or name, cgroup, CPU). */
struct count {
	struct count_key key; /* with --by cpu the CPU is in pid */
	uint64_t total;       /* as read last */
	uint64_t grown;       /* since the reading before that */
};

struct counts {
	struct funccount_bpf *skel;
	struct count *at;
	size_t count;
	/* private */
	const uint64_t *mapped; /* the map counts */
	size_t mapped_size;
	size_t room;
	size_t *index;          /* hash of a key -> its place in at + 1 */
	size_t index_room;
	int cpus;
};

/* Before load, after skel->rodata->cfg is set. */
int counts_setup(struct counts *c, struct funccount_bpf *skel);

/* After load. */
int counts_start(struct counts *c);

int counts_read(struct counts *c);
void counts_free(struct counts *c);
