/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between funccount.c and funccount.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif
#include "bpf/filter.h"

#define COUNT_KEYS 16384 /* --by: of functions and what they are split by */

enum count_by {
	BY_NOTHING, /* and by CPU: those have counters of their own anyway */
	BY_PID,
	BY_COMM,
	BY_CGROUP,
	BY_CPU,
};

/* Front end -> BPF, fixed before load. */
struct funccount_config {
	__u32 slots; /* counters of each CPU */
	__u32 cpu;   /* -c */
	__u8 by_cpu; /* ... is given */
	__u8 by;     /* enum count_by */
	__u8 pad[2];
};

/* --by: what is counted by itself. */
struct count_key {
	__u32 slot;
	__u32 pid;
	__u64 cgroup;
	char comm[16];
};

/* BPF -> front end */
struct funccount_state {
	__u64 full; /* hits whose key found no room */
};
