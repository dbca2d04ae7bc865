/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which processes are traced: filter_pass() is the first thing a handler calls. The process
 * tree of "-- CMD" is kept by the programs below, whose plan rows are FILTER_PLAN in
 * common/filter.h.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "bpf/filter.h"
#include "bpf/preempt.bpf.h"

#define CLONE_THREAD 0x10000 /* include/uapi/linux/sched.h */

const volatile struct filter_config filter = {};
volatile struct filter_state filter_state = {};

/* 0 -> the cgroup v2 directory given with --cgroup */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} filter_cgroup SEC(".maps");

/* tgid -> 1 for the processes of "-- CMD"; added at fork, deleted at the last thread's exit */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_TREE_MAX); /* 1 where there is no command */
	__type(key, __u32);
	__type(value, __u8);
} filter_tree SEC(".maps");

static __always_inline bool filter_comm_pass(void)
{
	union {
		char text[16];
		__u64 word[2];
	} comm = {};

	bpf_get_current_comm(comm.text, sizeof(comm.text));
#pragma unroll
	for (int i = 0; i < 16; i++) {
		if (((comm.word[0] ^ filter.comm[0]) & filter.comm_mask[0]) == 0 &&
		    ((comm.word[1] ^ filter.comm[1]) & filter.comm_mask[1]) == 0)
			return true;
		if (!filter.comm_anywhere)
			return false;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		comm.word[0] = comm.word[0] >> 8 | comm.word[1] << 56;
		comm.word[1] >>= 8;
#else
		comm.word[0] = comm.word[0] << 8 | comm.word[1] >> 56;
		comm.word[1] <<= 8;
#endif
	}
	return false;
}

/* Whether the current task is one to trace. Cheapest tests first. */
static __always_inline bool filter_pass(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 pid = id >> 32;

	if (pid == filter.self)
		return false;
	if (filter.pid && pid != filter.pid)
		return false;
	if (filter.tid && (__u32)id != filter.tid)
		return false;
	if (filter.by_uid && (__u32)bpf_get_current_uid_gid() != filter.uid)
		return false;
	if (filter.by_tree && !bpf_map_lookup_elem(&filter_tree, &pid))
		return false;
	if (filter.by_ppid) {
		struct task_struct *task = (void *)bpf_get_current_task();

		if ((__u32)BPF_CORE_READ(task, real_parent, tgid) != filter.ppid)
			return false;
	}
	if (filter.by_cgroup && bpf_current_task_under_cgroup(&filter_cgroup, 0) != 1)
		return false;
	if (filter.by_comm && !filter_comm_pass())
		return false;
	return true;
}

static __always_inline int tree_add(__u32 parent, __u32 pid)
{
	__u8 one = 1;

	preempt_disable();
	if (bpf_map_lookup_elem(&filter_tree, &parent) &&
	    bpf_map_update_elem(&filter_tree, &pid, &one, BPF_ANY))
		__sync_fetch_and_add(&filter_state.tree_full, 1);
	preempt_enable();
	return 0;
}

/* sched_process_fork(parent, child) */
SEC("raw_tp")
int tree_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *parent = (void *)ctx->args[0];
	struct task_struct *child = (void *)ctx->args[1];
	__u32 from = BPF_CORE_READ(parent, tgid);
	__u32 pid = BPF_CORE_READ(child, tgid);

	return pid == from ? 0 : tree_add(from, pid);
}

/* task/task_newtask: in the parent, and it knows threads from processes */
SEC("tp")
int tree_newtask(struct trace_event_raw_task_newtask *ctx)
{
	if (ctx->clone_flags & CLONE_THREAD)
		return 0;
	return tree_add(bpf_get_current_pid_tgid() >> 32, ctx->pid);
}

/* signal->live has already been lowered (kernel/exit.c) */
static __always_inline int tree_drop(struct task_struct *task)
{
	__u32 pid = BPF_CORE_READ(task, tgid);

	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	preempt_disable();
	bpf_map_delete_elem(&filter_tree, &pid);
	preempt_enable();
	return 0;
}

/* sched_process_exit(task) */
SEC("raw_tp")
int tree_exit(struct bpf_raw_tracepoint_args *ctx)
{
	return tree_drop((void *)ctx->args[0]);
}

/* sched/sched_process_exit: in that task */
SEC("tp")
int tree_exit_event(void *ctx)
{
	return tree_drop((void *)bpf_get_current_task());
}
