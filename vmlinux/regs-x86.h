/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* x86-64: arch/x86/include/asm/ptrace.h, thread_info.h. Included by vmlinux.h. */

struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long sp;
};

struct thread_info {
	unsigned long flags;
	u32 status;
};
