/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between trace.c and trace.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif
#include "bpf/filter.h"
#include "bpf/path.h"

#define TRACE_FRAMES 127  /* of a stack */
#define TRACE_BUILD_ID 32 /* bytes of a struct bpf_stack_build_id */
#define TRACE_DEPTH 32	  /* of the program's path */

/* Bytes of all that comes with stacks, at most. */
#define TRACE_STACKS                                                                          \
	(TRACE_FRAMES * (2 * 8 + TRACE_BUILD_ID) + sizeof(struct trace_image) + PATH_ROOM)

/* Front end -> BPF, fixed before load. */
struct trace_config {
	__u32 data_room; /* bytes of values at most */
	__u8 kernel_stack, user_stack;
	__u8 build_ids; /* where the frames of user_stack are, if need be */
	__u8 pad;
};

/* One hit. What follows: data_size bytes of values (expr/value.h), then the addresses of the
 * kernel's stack and of the process's; then, if ids_size is not 0, a struct trace_image,
 * a struct bpf_stack_build_id for each frame of the process's, and the program's path (path.h). */
struct trace_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 slot;    /* which target was hit */
	__u32 pid, tid, uid;
	__u32 cpu;
	__u32 data_size;
	__s32 kernel_stack, user_stack; /* bytes, or -errno */
	/* Bytes of what comes with build-ids: with the image; of the program's path. */
	__u16 ids_size, path_size;
	__u32 parent; /* pid */
	char comm[16];
	char data[];
};

/*
 * A program in a process, with what it has mapped as code: as long as this is the same, so is
 * what /proc/PID/maps says of code.
 */
struct trace_image {
	__u64 started;	  /* task_struct.start_boottime */
	__u64 executions; /* task_struct.self_exec_id */
	__u64 pages;	  /* mm_struct.exec_vm */
};
