/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What code that is made at run time (expr/gen.h), the programs that call it (bpf/splice.bpf.h),
 * and who puts it there (probe/splice.h) agree on.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

/* One run of a program: on its stack. */
struct gen_hit {
	__u64 now; /* ns, as bpf_ktime_get_ns(); 0: not read yet; pass() does, if it is asked for */
	union {
		__u64 seq;   /* pass() sets it, if it is asked for: 1 at the first run */
		__u64 stack; /* key() of SPLICE_KEY_STACK: the stack pointer at the entry */
	};
	union {
		__u64 delta; /* pass(): ns since the run before */
		__u64 link;  /* key() at the entry: where to return to, if a register has that */
	};
	__u64 latency; /* ns since the entry */
	__u64 slot;
	__u32 fault;
	__u32 pad;
};

/* What was kept at the entry. */
struct gen_kept {
	__u64 at;     /* ns */
	__u64 stack;  /* gen_hit's */
	__u64 faults; /* bits of what could not be read */
	__u64 value[];
};

/* Shared by all runs of a probe; in an array map. */
struct gen_state {
	__u64 seq;
	__u64 last; /* ns */
};

/* Constants by which the functions are found. */
#define SPLICE_PASS 0x5711ce01 /* whether the predicate is true */
#define SPLICE_FILL 0x5711ce02 /* writes the values */
#define SPLICE_KEY  0x5711ce03 /* writes the key of what is kept at the entry */
#define SPLICE_KEEP 0x5711ce04 /* writes what is kept */

#define SPLICE_KEY_WORDS 7 /* parts of a key */

/* What key() returns, besides 0: it could not be read. */
#define SPLICE_KEY_PLAIN 1 /* the last entry with it counts */
#define SPLICE_KEY_NEST	 2 /* entries with it nest, as calls do */
#define SPLICE_KEY_STACK 3 /* ... and by the stack pointer it is seen which calls are over */
