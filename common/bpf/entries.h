/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What bpf/entries.bpf.h and probe/places.c share: what is kept at entries and starts. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif
#include "bpf/splice.h"

#define ENTRIES_LEVELS 8 /* calls within calls that one entry of the map has room for */
#define ENTRIES_MAX 8192 /* calls, or keys, in flight; of more the oldest are given up */
#define ENTRIES_SPARE 128 /* that a CPU may hold back: LOCAL_FREE_TARGET in kernel/bpf/bpf_lru_list.c */
#define ENTRIES_FLOWS 16
#define ENTRIES_DEEP 64  /* as many returns in programs does the kernel keep in mind for a thread:
			  * MAX_URETPROBE_DEPTH in include/linux/uprobes.h */

struct entries_state {
	__u64 faults;	 /* predicates and keys that could not be read */
	__u64 unmatched; /* returns and ends without an entry or start */
	__u64 full;	 /* entries and starts that found no room */
	struct {	 /* entries of the map, by CPU % ENTRIES_FLOWS: each has its cache line */
		__u64 made, dropped, pad[6];
	} flow[ENTRIES_FLOWS];
	__u64 missed;	 /* calls in programs whose returns do not come */
};
