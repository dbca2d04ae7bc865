/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The current process: its parents, its pid as its own namespace has it, its cgroup. */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "bpf/bound.bpf.h"
#include "bpf/events.bpf.h"
#include "bpf/path.h"
#include "bpf/process.h"

/* The process (not the thread) that is the parent. */
static __always_inline struct task_struct *process_parent(struct task_struct *task)
{
	return BPF_CORE_READ(task, real_parent, group_leader);
}

/* The process's number in its own pid namespace (kernel/pid.c, task_tgid_vnr). */
static __always_inline __u32 process_ns_pid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	bpf_core_read(&upid.nr, sizeof(upid.nr),
		      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
			      level * bpf_core_type_size(struct upid) +
			      bpf_core_field_offset(struct upid, nr));
	return upid.nr;
}

static __always_inline struct kernfs_node *process_kernfs_parent(struct kernfs_node *node)
{
	if (bpf_core_field_exists(struct kernfs_node___rcu_parent, __parent))
		return BPF_CORE_READ((struct kernfs_node___rcu_parent *)node, __parent);
	return BPF_CORE_READ((struct kernfs_node___parent *)node, parent);
}

/* The directory names of the current task's cgroup v2, leaf first, each with its NUL, at
 * record + at. Returns the bytes used (0: the root), and PATH_CUT if the front is missing. */
__noinline int process_cgroup(__u32 at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
	char *buf = events_record();
	__u32 used = 0;

	if (!buf)
		return 0;
	buf += bound_at_most(at, events_room - PROCESS_CGROUP_ROOM);
	for (int i = 0; i < PROCESS_CGROUP_DEPTH; i++) {
		struct kernfs_node *parent = process_kernfs_parent(node);
		long n;

		if (!parent)
			return used;
		if (used > PROCESS_CGROUP_ROOM - PROCESS_CGROUP_STEP)
			break;
		n = bpf_probe_read_kernel_str(buf + used, PROCESS_CGROUP_STEP,
					      BPF_CORE_READ(node, name));
		if (n <= 0)
			break;
		used = bound_forget(used + n, (__u64)node, 2047);
		node = parent;
	}
	return used | PATH_CUT;
}
