/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls at their end, from the registers that user space entered with: number,
 * arguments, and whether a 32-bit program (or int 0x80) made the call. A syscall's exit still
 * has the arguments, and the kernel has by then faulted in what it read from user memory.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* Numbers of arch/x86/entry/syscalls, include/uapi/asm-generic/unistd.h and their like;
 * -1: the architecture has no such call. COMPAT_ is the 32-bit table. */
#if defined(__TARGET_ARCH_x86)
enum {
	NR_open = 2, NR_creat = 85, NR_openat = 257, NR_openat2 = 437,
	NR_open_by_handle_at = 304, NR_execve = 59, NR_execveat = 322,
	COMPAT_open = 5, COMPAT_creat = 8, COMPAT_openat = 295, COMPAT_openat2 = 437,
	COMPAT_open_by_handle_at = 342, COMPAT_execve = 11, COMPAT_execveat = 358,
	X32_BIT = 0x40000000,
};
#elif defined(__TARGET_ARCH_arm64)
enum {
	NR_open = -1, NR_creat = -1, NR_openat = 56, NR_openat2 = 437,
	NR_open_by_handle_at = 265, NR_execve = 221, NR_execveat = 281,
	COMPAT_open = 5, COMPAT_creat = 8, COMPAT_openat = 322, COMPAT_openat2 = 437,
	COMPAT_open_by_handle_at = 371, COMPAT_execve = 11, COMPAT_execveat = 387,
};
#elif defined(__TARGET_ARCH_riscv)
enum {
	NR_open = -1, NR_creat = -1, NR_openat = 56, NR_openat2 = 437,
	NR_open_by_handle_at = 265, NR_execve = 221, NR_execveat = 281,
	COMPAT_open = -1, COMPAT_creat = -1, COMPAT_openat = 56, COMPAT_openat2 = 437,
	COMPAT_open_by_handle_at = 265, COMPAT_execve = 221, COMPAT_execveat = 281,
};
#elif defined(__TARGET_ARCH_s390)
enum {
	NR_open = 5, NR_creat = 8, NR_openat = 288, NR_openat2 = 437,
	NR_open_by_handle_at = 336, NR_execve = 11, NR_execveat = 354,
	COMPAT_open = 5, COMPAT_creat = 8, COMPAT_openat = 288, COMPAT_openat2 = 437,
	COMPAT_open_by_handle_at = 336, COMPAT_execve = 11, COMPAT_execveat = 354,
};
#elif defined(__TARGET_ARCH_powerpc)
enum {
	NR_open = 5, NR_creat = 8, NR_openat = 286, NR_openat2 = 437,
	NR_open_by_handle_at = 346, NR_execve = 11, NR_execveat = 362,
	COMPAT_open = 5, COMPAT_creat = 8, COMPAT_openat = 286, COMPAT_openat2 = 437,
	COMPAT_open_by_handle_at = 346, COMPAT_execve = 11, COMPAT_execveat = 362,
};
#endif

/* The registers that user space entered with lie at the end of the kernel stack. Only kernels
 * below 5.15 are asked by this: 16 KB, without KASAN, 4 KB pages. */
#define SYSCALL_STACK_SIZE 16384

/* Whether the current task is in a 32-bit system call. */
static __always_inline bool syscall_compat(void)
{
	struct task_struct *task __attribute__((unused)) = (void *)bpf_get_current_task();

#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & 2; /* TS_COMPAT */
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(task, thread_info.flags) >> 22 & 1; /* TIF_32BIT */
#elif defined(__TARGET_ARCH_s390)
	return BPF_CORE_READ(task, thread_info.flags) >> 16 & 1; /* TIF_31BIT */
#elif defined(__TARGET_ARCH_powerpc)
	return BPF_CORE_READ(task, thread_info.flags) >> 4 & 1; /* TIF_32BIT */
#else
	return false;
#endif
}

/* As the kernel keeps it; x32's have a bit of their own. */
static __always_inline long syscall_kept(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(regs, orig_ax);
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, syscallno);
#elif defined(__TARGET_ARCH_riscv)
	return BPF_CORE_READ(regs, a7);
#elif defined(__TARGET_ARCH_s390)
	return BPF_CORE_READ(regs, int_code) & 0xffff;
#elif defined(__TARGET_ARCH_powerpc)
	return BPF_CORE_READ(regs, gpr[0]);
#endif
}

static __always_inline long syscall_number(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return syscall_kept(regs) & ~(long)X32_BIT;
#else
	return syscall_kept(regs);
#endif
}

#define SYSCALLS_MAX 512 /* numbers are below */

/* The number of a call that the tracepoints syscalls:* are hit by, or -1: 32-bit programs' calls
 * and those of x32 have other numbers, and they leave them out (kernel/trace/trace_syscalls.c,
 * trace_get_syscall_nr()). kept: as the kernel keeps it, or sys_enter's argument. */
static __always_inline int syscall_traced(long kept)
{
	int number = kept;

	if (number < 0 || number >= SYSCALLS_MAX || syscall_compat())
		return -1;
	return number;
}

/* What a program on syscalls/sys_exit_* gets (kernel/trace/trace_syscalls.c; the same as the
 * tracepoint's format file). */
struct syscall_exit_record {
	__u64 common;
	int nr;
	int pad;
	long ret;
};

/* What a program on raw_syscalls/sys_enter and sys_exit gets (include/trace/events/syscalls.h): as
 * at the call's own tracepoint, but that the number is an int there. */
struct call_record {
	__u64 common;
	long number;
	long values[]; /* arguments, or the one that is returned */
};

struct syscall_args {
	unsigned long arg[5];
};

/* The first five arguments. The first one's register holds the result by now on most
 * architectures; the kernel keeps the original apart. */
static __always_inline void syscall_args(struct syscall_args *a, const struct pt_regs *regs,
					 bool compat)
{
#if defined(__TARGET_ARCH_x86)
	struct pt_regs r;

	bpf_probe_read_kernel(&r, sizeof(r), regs); /* a layout of the ABI, never relocated */
	if (compat) {
		a->arg[0] = (u32)r.bx;
		a->arg[1] = (u32)r.cx;
		a->arg[2] = (u32)r.dx;
		a->arg[3] = (u32)r.si;
		a->arg[4] = (u32)r.di;
		return;
	}
	a->arg[0] = r.di;
	a->arg[1] = r.si;
	a->arg[2] = r.dx;
	a->arg[3] = r.r10;
	a->arg[4] = r.r8;
#elif defined(__TARGET_ARCH_arm64)
	a->arg[0] = BPF_CORE_READ(regs, orig_x0);
	bpf_probe_read_kernel(&a->arg[1], sizeof(a->arg) - sizeof(a->arg[0]), &regs->regs[1]);
	if (compat) {
		for (int i = 0; i < 5; i++)
			a->arg[i] = (u32)a->arg[i];
	}
#elif defined(__TARGET_ARCH_riscv)
	a->arg[0] = BPF_CORE_READ(regs, orig_a0);
	a->arg[1] = BPF_CORE_READ(regs, a1);
	a->arg[2] = BPF_CORE_READ(regs, a2);
	a->arg[3] = BPF_CORE_READ(regs, a3);
	a->arg[4] = BPF_CORE_READ(regs, a4);
#elif defined(__TARGET_ARCH_s390)
	a->arg[0] = BPF_CORE_READ(regs, orig_gpr2);
	a->arg[1] = BPF_CORE_READ(regs, gprs[3]);
	a->arg[2] = BPF_CORE_READ(regs, gprs[4]);
	a->arg[3] = BPF_CORE_READ(regs, gprs[5]);
	a->arg[4] = BPF_CORE_READ(regs, gprs[6]);
#elif defined(__TARGET_ARCH_powerpc)
	a->arg[0] = BPF_CORE_READ(regs, orig_gpr3);
	a->arg[1] = BPF_CORE_READ(regs, gpr[4]);
	a->arg[2] = BPF_CORE_READ(regs, gpr[5]);
	a->arg[3] = BPF_CORE_READ(regs, gpr[6]);
	a->arg[4] = BPF_CORE_READ(regs, gpr[7]);
#endif
}

/* bpf_task_pt_regs() came in 5.15 (commit dd6e10fbd9fb), bpf_get_current_task_btf() in 5.11. */
static __always_inline const struct pt_regs *syscall_regs(void)
{
	struct task_struct *task;
	void *stack;

	if (bpf_core_enum_value_exists(enum bpf_func_id___new, BPF_FUNC_task_pt_regs)) {
		task = bpf_get_current_task_btf();
		return (void *)bpf_task_pt_regs(task);
	}
	task = (void *)bpf_get_current_task();
	stack = BPF_CORE_READ(task, stack);
	return stack + SYSCALL_STACK_SIZE - bpf_core_type_size(struct pt_regs);
}
