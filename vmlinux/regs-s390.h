/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* s390x: arch/s390/include/asm/ptrace.h. Included by vmlinux.h. Compiled, not yet run. */

typedef struct {
	unsigned long mask;
	unsigned long addr;
} psw_t;

typedef struct {
	unsigned long args[1];
	psw_t psw;
	unsigned long gprs[16];
	unsigned int acrs[16];
	unsigned long orig_gpr2;
} user_pt_regs;

struct pt_regs {
	unsigned long args[1];
	psw_t psw;
	unsigned long gprs[16];
	unsigned long orig_gpr2;
	unsigned int int_code;
};

struct thread_info {
	unsigned long flags;
};
