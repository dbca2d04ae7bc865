/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * usdtargs: where the arguments of a USDT probe lie, from the text in its note ("-4@%edi
 * 8@16(%rbp,%rax,8) 4@$5"; arm64: "8@x0 -4@[sp, 12] 4@5"): operands as the compiler writes them,
 * each behind its size.
 *
 *	struct usdt_args args;
 *	usdtargs_parse(target->arguments, machine, &args);
 *	if (args.arg[0].kind == USDT_ARG_NONE) ... args.arg[0].why
 *
 * What one argument needs may be missing while the others can be had. So only a machine that is
 * not known fails as a whole; an argument says for itself why it cannot be read.
 *
 * Units: bytes; places of registers are offsets into struct pt_regs, which is the context of a
 * uprobe's program (x86: arch/x86/include/asm/ptrace.h; arm64: struct user_pt_regs).
 * Ownership: nothing is allocated; why is constant.
 * Relies on: sourceware.org/systemtap/wiki/UserSpaceProbeImplementation; what GCC and clang write
 * for the constraints of sys/sdt.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USDT_ARGS_MOST 16 /* sys/sdt.h goes up to 12 */

enum usdt_arg_kind {
	USDT_ARG_NONE, /* cannot be read: why */
	USDT_ARG_CONSTANT,
	USDT_ARG_REGISTER,
	USDT_ARG_MEMORY,
};

/* size bytes at offset; the rest of a wider value is zero, but for an index (below). */
struct usdt_register {
	uint16_t offset; /* of the lowest byte: %ah is one above %al */
	uint8_t size;	 /* 1, 2, 4, 8; 0: there is no register (zero; arm64's xzr too) */
};

/*
 * REGISTER: base. MEMORY: size bytes of user memory at base + (index << shift) + value.
 * The value is the lowest size bytes of what is found there, with the sign that is_signed says.
 */
struct usdt_arg {
	enum usdt_arg_kind kind;
	unsigned int size; /* 1, 2, 4, 8 */
	bool is_signed;
	bool is_float;	       /* the bytes are those of a float or double */
	bool index_is_signed;  /* index is to be sign-extended (arm64's sxtw) */
	bool is_narrow;	       /* the address is cut to 32 bits (programs of 32 bits) */
	uint8_t shift;
	struct usdt_register base, index;
	int64_t value;	       /* CONSTANT, extended as its size and sign say; MEMORY: added */
	const char *why;       /* NONE: to stand behind "argument N: " */
	size_t at, length;     /* of the operand in the text */
};

struct usdt_args {
	unsigned int count; /* what the note has, also if some cannot be read */
	struct usdt_arg arg[USDT_ARGS_MOST];
};

/* machine: as the file says (EM_X86_64, EM_386, EM_AARCH64). -ENOTSUP: registers of this kind of
 * machine are not known here. -E2BIG: there are more than USDT_ARGS_MOST; so many are read. */
int usdtargs_parse(const char *text, unsigned int machine, struct usdt_args *args);
