/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ppc64le: arch/powerpc/include/asm/ptrace.h. Included by vmlinux.h. Compiled, not yet run. */

struct pt_regs {
	unsigned long gpr[32];
	unsigned long nip;
	unsigned long msr;
	unsigned long orig_gpr3;
	unsigned long ctr;
	unsigned long link;
	unsigned long result;
};

struct thread_info {
	unsigned long flags;
};
