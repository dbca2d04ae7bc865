/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps a program from being preempted. The kernel leaves out all runs of a program on a CPU
 * while a task that was preempted in it still holds it there, and on 7.2 (not yet on 6.18)
 * tracepoints of system calls can be preempted: a time slice of events would be missing.
 *
 * The calls are made to bpf_preempt_disable() and bpf_preempt_enable() by kfunc_link()
 * (common/kfunc.h) on kernels that have them, and to nothing elsewhere. Between the two every
 * path has to lead from one to the other.
 */
#pragma once

#include "bpf/preempt.h"

#define PREEMPT_CALL(number)                                                                  \
	asm volatile("call %[n]" : : [n] "i"(number) : "r0", "r1", "r2", "r3", "r4", "r5", "memory")

static __always_inline void preempt_disable(void)
{
	PREEMPT_CALL(PREEMPT_DISABLE_CALL);
}

static __always_inline void preempt_enable(void)
{
	PREEMPT_CALL(PREEMPT_ENABLE_CALL);
}
