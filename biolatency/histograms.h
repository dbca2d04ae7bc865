/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side's histograms: their maps, and what was counted in an interval.
 *
 * Nothing is lost between two intervals: the kernel side is told to count into the other cell of
 * each pair (bpf/hist.h), those at work are waited for, and then a cell is read in which nothing
 * moves any more.
 * Errors: -errno, reported.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "biolatency.h"
#include "hist.h"

struct biolatency_bpf;

/* What one key had in the interval. */
struct histogram {
	struct bio_key key;
	struct hist span[SPAN_COUNT]; /* [0] only, but for --split */
	struct hist_pair *seen;       /* the map's cells as they were read last */
};

struct histograms {
	struct biolatency_bpf *skel;
	unsigned int spans;           /* 1, or SPAN_COUNT */
	struct histogram *at;         /* in the order they came */
	size_t count;
	/* private */
	unsigned int *place;          /* number in the map -> index in at + 1 */
	uint64_t total;               /* requests ever seen */
};

/* Before load, after skel->rodata->cfg is set but for lanes and histograms. */
int histograms_setup(struct histograms *h, struct biolatency_bpf *skel);

/* Adds what was counted since the last call. */
int histograms_collect(struct histograms *h);

/* The interval is over: all begin at 0 again. */
void histograms_clear(struct histograms *h);

void histograms_free(struct histograms *h);
