// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "probe/registers.h"

#define WORD(n) (8 * (n))

/* Names in the order of the struct, one for each 8 bytes. */
#if defined(__x86_64__)
const struct registers registers = {
	.count = 6,
	.args = { WORD(14), WORD(13), WORD(12), WORD(11), WORD(9), WORD(8) },
	.result = WORD(10), .stack = WORD(19), .ip = WORD(16),
	.syscall = { WORD(14), WORD(13), WORD(12), WORD(7), WORD(9), WORD(8) },
	.return_pops = 8,
	.stack_args = 8, /* behind the return address */
	.syscall_prefix = "__x64_sys_",
};
static const char *const names[] = {
	"r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax", "cx", "dx", "si",
	"di", "orig_ax", "ip", "cs", "flags", "sp", "ss", NULL,
};
#elif defined(__aarch64__)
const struct registers registers = {
	.count = 8,
	.args = { WORD(0), WORD(1), WORD(2), WORD(3), WORD(4), WORD(5), WORD(6), WORD(7) },
	.result = WORD(0), .stack = WORD(31), .ip = WORD(32), .link = WORD(30),
	.syscall = { WORD(0), WORD(1), WORD(2), WORD(3), WORD(4), WORD(5) },
	.syscall_prefix = "__arm64_sys_",
};
static const char *const names[] = {
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
	"x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26",
	"x27", "x28", "x29", "x30", "sp", "pc", "pstate", NULL,
};
#elif defined(__riscv) && __riscv_xlen == 64
const struct registers registers = {
	.count = 8,
	.args = { WORD(10), WORD(11), WORD(12), WORD(13), WORD(14), WORD(15), WORD(16), WORD(17) },
	.result = WORD(10), .stack = WORD(2), .ip = WORD(0), .link = WORD(1),
	.syscall = { WORD(10), WORD(11), WORD(12), WORD(13), WORD(14), WORD(15) },
	.syscall_prefix = "__riscv_sys_",
};
static const char *const names[] = {
	"epc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4",
	"a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4",
	"t5", "t6", NULL,
};
#elif defined(__s390x__)
/* As user_pt_regs: args, psw (mask, addr), gprs. */
const struct registers registers = {
	.count = 5,
	.args = { WORD(5), WORD(6), WORD(7), WORD(8), WORD(9) },
	.result = WORD(5), .stack = WORD(18), .ip = WORD(2), .link = WORD(17),
	.syscall = { WORD(5), WORD(6), WORD(7), WORD(8), WORD(9), WORD(10) },
	.stack_args = 160,
	.syscall_prefix = "__s390x_sys_",
};
static const char *const names[] = {
	"args", "mask", "addr", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10",
	"r11", "r12", "r13", "r14", "r15", NULL,
};
#elif defined(__powerpc64__)
const struct registers registers = {
	.count = 8,
	.args = { WORD(3), WORD(4), WORD(5), WORD(6), WORD(7), WORD(8), WORD(9), WORD(10) },
	.result = WORD(3), .stack = WORD(1), .ip = WORD(32), .link = WORD(36),
	.syscall = { WORD(3), WORD(4), WORD(5), WORD(6), WORD(7), WORD(8) },
	.stack_args = 96,
	.syscall_prefix = "sys_",
};
static const char *const names[] = {
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13",
	"r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26",
	"r27", "r28", "r29", "r30", "r31", "nip", "msr", "orig_gpr3", "ctr", "link", "xer", "ccr",
	NULL,
};
#else
#error "this architecture's registers are to be written here"
#endif

int registers_find(const char *name)
{
	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], name))
			return WORD(i);
	}
	return -1;
}

const char *registers_name(size_t index)
{
	return names[index];
}
