/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting into a histogram of times (bpf/hist.h). Adds are atomic, because an interrupt may come
 * between (before 5.18 a program may meet itself so) and CPUs may share a histogram; minimum and
 * maximum are not, so where they share one, of two extremes at the same instant one may be lost.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "bpf/bound.bpf.h"
#include "bpf/hist.h"

/* Changed by the reader; its lowest bit chooses the cell. Cells begin with 0. */
volatile __u32 hist_generation = 1;

/* mul, div: of the unit (common/hist.h), read-only data. */
static __always_inline void hist_add(struct hist_pair *pair, __u64 ns, __u32 mul, __u32 div)
{
	__u32 generation = hist_generation;
	struct hist_cell *cell = &pair->cell[generation & 1];
	__u32 slot = bound_at_most(hist_slot(ns, mul, div), HIST_SLOTS - 1);

	__sync_fetch_and_add(&cell->slots[slot], 1);
	__sync_fetch_and_add(&cell->sum_ns, ns);
	if (cell->generation != generation) {
		cell->generation = generation;
		cell->min_ns = ns;
		cell->max_ns = ns;
		return;
	}
	if (ns < cell->min_ns)
		cell->min_ns = ns;
	if (ns > cell->max_ns)
		cell->max_ns = ns;
}

static __always_inline void hist_add_error(struct hist_pair *pair)
{
	__sync_fetch_and_add(&pair->cell[hist_generation & 1].errors, 1);
}
