/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tracepoints of many system calls: two programs, at the events raw_syscalls:sys_enter and
 * sys_exit, that go on to the call's own. They are never attached as they stand here:
 * common/probe/callmap.c loads them with a map of their own for each probe.
 *
 * They are not at the raw tracepoints of these names: what these give is not the record that the
 * call's own tracepoint has.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "bpf/syscall.bpf.h"

/* Number of a system call * 2 + (1 at its exit) -> the program (common/probe/callmap.h) */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} calls SEC(".maps");

static __always_inline void call_go_on(struct call_record *ctx, __u32 exit)
{
	int number = syscall_traced(ctx->number);

	if (number >= 0)
		bpf_tail_call(ctx, &calls, number * 2 + exit);
}

SEC("tp")
int call_enter(struct call_record *ctx)
{
	call_go_on(ctx, 0);
	return 0;
}

SEC("tp")
int call_exit(struct call_record *ctx)
{
	call_go_on(ctx, 1);
	return 0;
}
