/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* arm64: arch/arm64/include/asm/ptrace.h, thread_info.h. Included by vmlinux.h. */

struct user_pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
};

struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
	u64 orig_x0;
	s32 syscallno;
};

struct thread_info {
	unsigned long flags;
};
