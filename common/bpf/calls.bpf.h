/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tracepoints of many system calls: two programs, at the raw tracepoints sys_enter and sys_exit,
 * that go on to the call's own. They are never attached as they stand here: common/probe/callmap.c
 * loads them with a map of their own for each probe.
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

/* sys_enter(regs, number) */
SEC("raw_tp")
int call_enter(struct bpf_raw_tracepoint_args *ctx)
{
	int number = syscall_traced(ctx->args[1]);

	if (number >= 0)
		bpf_tail_call(ctx, &calls, number * 2);
	return 0;
}

/* sys_exit(regs, ret) */
SEC("raw_tp")
int call_exit(struct bpf_raw_tracepoint_args *ctx)
{
	int number = syscall_traced(syscall_kept((void *)ctx->args[0]));

	if (number >= 0)
		bpf_tail_call(ctx, &calls, number * 2 + 1);
	return 0;
}
