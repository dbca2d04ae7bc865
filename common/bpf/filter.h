/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What common/filter.c and common/bpf/filter.bpf.h share: the filters that the kernel side
 * applies before anything else. Set before load, constant afterwards, so the verifier removes
 * the tests that are off.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#define FILTER_TREE_MAX 16384 /* processes of one command at a time; 1 MB */

struct filter_config {
	__u32 self; /* the tool's own process, never shown; 0: show it too */
	__u32 pid;  /* 0: any */
	__u32 tid;  /* 0: any */
	__u32 ppid;
	__u32 uid;
	__u8 by_ppid;
	__u8 by_uid;
	__u8 by_cgroup; /* the process is in filter_cgroup's entry 0 or below */
	__u8 by_tree;   /* the process is in filter_tree */
	__u8 by_comm;
	__u8 comm_anywhere; /* comm contains the name; else it is the name */
	__u8 pad[6];
	/* The name as two little-endian words and the bits of them that count. */
	__u64 comm[2];
	__u64 comm_mask[2];
};

struct filter_state {
	__u64 tree_full; /* processes of the tree that found no room in filter_tree */
};
