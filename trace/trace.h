/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between trace.c and trace.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif
#include "bpf/filter.h"

#define TRACE_FRAMES 127  /* of a stack */
#define TRACE_LEVELS 8	  /* calls within calls that one entry of the map has room for */
#define TRACE_ENTRIES 8192 /* calls, or keys, in flight */

/* Front end -> BPF, fixed before load. */
struct trace_config {
	__u32 data_room;  /* bytes of values at most */
	__u32 level_size; /* of what is kept at an entry */
	__u8 kernel_stack, user_stack;
	__u8 pad[6];
};

/* One hit. What follows: data_size bytes of values (expr/value.h), then the addresses of the
 * kernel's stack and of the process's. */
struct trace_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 slot;    /* which target was hit */
	__u32 pid, tid, uid;
	__u32 cpu;
	__u32 data_size;
	__s32 kernel_stack, user_stack; /* bytes, or -errno */
	char comm[16];
	char data[];
};

/* BPF -> front end */
struct trace_state {
	__u64 faults;	 /* predicates and keys that could not be read */
	__u64 unmatched; /* returns and ends without an entry or start */
	__u64 full;	 /* entries and starts that found no room */
};
