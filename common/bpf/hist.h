/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What common/hist.c and common/bpf/hist.bpf.h share: a histogram of times in slots fine enough
 * for percentiles, from which the rows of a log2 histogram come out exactly.
 *
 * A time is scaled so that a microsecond (or a millisecond, as the histogram is labelled) is a
 * power of two of parts: parts = ns * mul / div. Each power of two of parts has HIST_STEPS
 * slots of equal width, so a slot's middle, taken as 2ab/(a+b) of its bounds a and b, is within
 * 1/17 = 5.9 % of every time in it; and a power of two of microseconds is a bound of slots.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#define HIST_STEP_BITS 3
#define HIST_STEPS (1 << HIST_STEP_BITS)
#define HIST_LOW_BITS 6  /* below 2^6 parts (62 ns) all is one slot, slot 0 */
#define HIST_TOP_BITS 44 /* from 2^44 parts (4.6 hours) on all is in the last slot */
#define HIST_SLOTS (1 + (HIST_TOP_BITS - HIST_LOW_BITS) * HIST_STEPS + 1)

/*
 * The slot of a time, in a unit of mul / div (struct hist_unit). No unit has fewer parts than
 * nanoseconds, so what is longer than 2^44 ns needs no product, and no product overflows.
 */
static inline __u32 hist_slot(__u64 ns, __u32 mul, __u32 div)
{
	__u64 parts = ns >> HIST_TOP_BITS ? ns : ns * mul / div;
	__u32 bits = 0; /* floor(log2(parts)) */

	for (__u32 half = 32; half; half /= 2)
		if (parts >> bits >> half)
			bits += half;
	if (bits < HIST_LOW_BITS)
		return 0;
	if (bits >= HIST_TOP_BITS)
		return HIST_SLOTS - 1;
	return 1 + (bits - HIST_LOW_BITS) * HIST_STEPS +
	       (parts >> (bits - HIST_STEP_BITS) & (HIST_STEPS - 1));
}

/*
 * One histogram as the kernel side counts it. It exists twice: the reader says in which of them
 * is counted (the generation's lowest bit), and reads the other one, in which nothing moves.
 * Numbers only grow, so readers take differences; minimum and maximum begin anew with each
 * generation.
 */
struct hist_cell {
	__u64 sum_ns;
	__u64 errors;
	__u64 min_ns; /* of this generation; so is max_ns */
	__u64 max_ns;
	__u32 generation;
	__u32 slots[HIST_SLOTS]; /* may wrap around: to be read once a minute */
	__u32 pad;
};

_Static_assert(sizeof(struct hist_cell) == 40 + 4 * HIST_SLOTS, "no hole");

/* What a map holds for one histogram. */
struct hist_pair {
	struct hist_cell cell[2];
};
