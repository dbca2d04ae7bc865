// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * funccount, kernel side: a hit adds one to the counter of its function and CPU. The programs are
 * never attached as they stand here: common/probe/attach.c takes their instructions and loads
 * them for whatever way a target is reached by. So they do not look at their context. The two for
 * many system calls at once do, and are attached as they are.
 *
 * Adds are atomic: since 6.0 a program of a uprobe can be preempted, by another one that counts
 * the same function on the same CPU.
 */
#include "vmlinux.h"
#include "funccount.h"
#include "bpf/filter.bpf.h"
#include "bpf/preempt.bpf.h"
#include "bpf/syscall.bpf.h"

#define ATTACH_SLOT	0x510751 /* common/probe/attach.h */
#define CALLMAP_ENTRIES 1024	 /* common/probe/callmap.h */

const volatile struct funccount_config cfg = {};
volatile struct funccount_state state = {};

/* CPU * cfg.slots + slot -> hits. Read through a mapping, never cleared. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* set by the front end */
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

/* Hits by key, for each CPU; entries are never deleted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, COUNT_KEYS); /* 1 without --by */
	__type(key, struct count_key);
	__type(value, __u64);
} keys SEC(".maps");

static __always_inline void count_slot(__u32 slot, __u32 cpu)
{
	__u32 at = cpu * cfg.slots + slot;
	__u64 *count = bpf_map_lookup_elem(&counts, &at);

	if (count)
		__sync_fetch_and_add(count, 1);
}

static __always_inline void count_key(__u32 slot)
{
	struct count_key key = { .slot = slot };
	__u64 zero = 0, *count;

	if (cfg.by == BY_PID)
		key.pid = bpf_get_current_pid_tgid() >> 32;
	else if (cfg.by == BY_COMM)
		bpf_get_current_comm(key.comm, sizeof(key.comm));
	else
		key.cgroup = bpf_get_current_cgroup_id();
	count = bpf_map_lookup_elem(&keys, &key);
	if (!count) {
		bpf_map_update_elem(&keys, &key, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&keys, &key);
	}
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		__sync_fetch_and_add(&state.full, 1);
}

static __always_inline void count_hit(__u32 slot)
{
	__u32 cpu;

	if (!filter_pass())
		return;
	cpu = bpf_get_smp_processor_id();
	if (cfg.by_cpu && cpu != cfg.cpu)
		return;
	if (cfg.by == BY_NOTHING || cfg.by == BY_CPU)
		count_slot(slot, cpu);
	else
		count_key(slot);
}

SEC("kprobe")
int hit_cookie(void *ctx)
{
	preempt_disable();
	count_hit(bpf_get_attach_cookie(ctx));
	preempt_enable();
	return 0;
}

SEC("kprobe")
int hit_slot(void *ctx)
{
	__u64 slot;

	asm volatile("%0 = %1" : "=r"(slot) : "i"(ATTACH_SLOT));
	preempt_disable();
	count_hit(slot);
	preempt_enable();
	return 0;
}

/* Number of a system call * 2 + (1 at its exit) -> slot + 1 (common/probe/callmap.h) */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALLMAP_ENTRIES);
	__type(key, __u32);
	__type(value, __u32);
} syscall_slots SEC(".maps");

/* What the tracepoints leave out is left out here, too: syscall_traced(), but most calls are nobody's. */
static __always_inline void count_syscall(long kept, __u32 exit)
{
	int number = kept;
	__u32 at = number * 2 + exit;
	__u32 *slot;

	if (number < 0 || number >= CALLMAP_ENTRIES / 2)
		return;
	slot = bpf_map_lookup_elem(&syscall_slots, &at);
	if (slot && *slot && !syscall_compat())
		count_hit(*slot - 1);
}

/* sys_enter(regs, number) */
SEC("?raw_tp")
int hit_enter(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	count_syscall(ctx->args[1], 0);
	preempt_enable();
	return 0;
}

/* sys_exit(regs, ret) */
SEC("?raw_tp")
int hit_exit(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	count_syscall(syscall_kept((void *)ctx->args[0]), 1);
	preempt_enable();
	return 0;
}

/* raw_syscalls:sys_enter and sys_exit, where raw tracepoints leave out hits (attach.h) */
SEC("?tp")
int hit_enter_event(struct call_record *ctx)
{
	count_syscall(ctx->number, 0);
	return 0;
}

SEC("?tp")
int hit_exit_event(struct call_record *ctx)
{
	count_syscall(ctx->number, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
