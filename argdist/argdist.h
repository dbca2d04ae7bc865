/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between argdist.c and argdist.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif
#include "bpf/filter.h"

#define TALLY_SPECS 32	  /* -C and -H of one run */
#define TALLY_LINEAR 1024 /* buckets of lhist() */
#define TALLY_STACKS 16384
#define TALLY_FRAMES 127
#define TALLY_USER_STACKS 4096
#define TALLY_USER_FRAMES 64 /* each has 32 bytes: the file's build-id and the offset into it */

/* What is done with a hit. */
enum tally_kind {
	TALLY_COUNT,
	TALLY_STATS,  /* sum, avg, min, max, last, stats */
	TALLY_LOG2,   /* -H */
	TALLY_LINEAR_HIST, /* -H with lhist() */
};

/* What pass() returns: these, and the kind and the specification's number in bits of their own. */
#define TALLY_HIT 1
#define TALLY_KSTACK 2
#define TALLY_USTACK 4
#define TALLY_SHARED 8 /* all CPUs add to the same entry */
#define TALLY_UNSIGNED 16 /* the number has no sign: from 2^63 on it is large, not negative */
#define TALLY_KIND_SHIFT 5
#define TALLY_NUMBER_SHIFT 8

struct tally_linear {
	__s64 min, max, step;
	__u32 buckets;
	__u32 pad;
};

/* Front end -> BPF, fixed before load. */
struct argdist_config {
	__u32 room; /* bytes of a record at most */
	__u32 pad;
	struct tally_linear linear[TALLY_SPECS];
};

/*
 * A record is what is looked up: the mask of what could not be read (expr/value.h), the numbers
 * of the stacks if it has any, and the keys. The number that is counted into a histogram or summed
 * up stands behind it.
 */
struct tally_stacks {
	__s64 kernel, user; /* ids, or -errno */
};

struct tally_stats {
	__u64 count;
	__u64 sum;
	__s64 min, max;
	__s64 last;
	__u64 last_ns;
	__u64 is_unsigned; /* so are all values of the entry; else 0 */
};

static inline int tally_less(__s64 a, __s64 b, __u64 is_unsigned)
{
	return is_unsigned ? (__u64)a < (__u64)b : a < b;
}

/*
 * Values from 0 to 15 have a slot each; above, each power of two has 8 of equal width. So a slot's
 * middle, 2ab/(a+b) of its bounds, is within 5.9 % of all that is in it, and the rows of a log2
 * histogram come out exactly. Slot 0 is for negative values.
 */
#define TALLY_STEP_BITS 3
#define TALLY_EXACT 16
#define TALLY_SLOTS (1 + TALLY_EXACT + (64 - 4) * (1 << TALLY_STEP_BITS))

static inline __u32 tally_slot(__s64 value, __u64 is_unsigned)
{
	__u64 v = value;
	__u32 bits = 0; /* floor(log2(v)) */

	if (value < 0 && !is_unsigned)
		return 0;
	if (v < TALLY_EXACT)
		return 1 + v;
	for (__u32 half = 32; half; half /= 2)
		if (v >> bits >> half)
			bits += half;
	return 1 + TALLY_EXACT + (bits - 4) * 8 + (v >> (bits - TALLY_STEP_BITS) & 7);
}

struct tally_hist {
	__u64 slots[TALLY_SLOTS];
};

/* lhist(): slot 0 is what is less than min, the last one what is not less than max. */
struct tally_linear_hist {
	__u64 slots[TALLY_LINEAR + 2];
};

/* BPF -> front end */
struct argdist_state {
	__u64 generation; /* the lowest bit: which of the two maps is counted in; the reader's */
	__u64 full;	  /* hits whose key found no room */
	__u64 nested;	  /* hits that interrupted another on their CPU */
	__u64 faults;	  /* hits whose predicate or number could not be read */
	__u64 stacks_lost; /* stacks that found no room, or another one in their place */
};
