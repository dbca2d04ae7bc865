/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi: in which registers, or where on the stack, a function is handed its parameters.
 *
 *	struct abi a;
 *
 *	abi_start(&a, ABI_MACHINE);
 *	abi_result(&a, function->target);
 *	place = abi_parameter(&a, parameter.type);	for one after the other
 *
 * ABI_X86_64	System V Application Binary Interface, AMD64 Processor Supplement, 3.2.3
 * ABI_ARM64	Procedure Call Standard for the Arm 64-bit Architecture (AAPCS64), 6.8 and 6.9
 * ABI_WORDS	others, and system calls: each scalar takes the next place of 8 bytes
 * ABI_SLOTS	what fentry's programs are given: each argument takes (size + 7) / 8 places of its
 *		array (btf_distill_func_proto() in kernel/bpf/btf.c)
 *
 * What a type of C has is known from BTF, but not how it is aligned, if somebody has said
 * otherwise, and nothing of C++: see ctype.h's enum ctype_passing. Where it cannot be told how a
 * parameter is handed over, this one is ABI_UNKNOWN, and so are all behind it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ctype;

enum abi_kind { ABI_X86_64, ABI_ARM64, ABI_WORDS, ABI_SLOTS };

#if defined(__x86_64__)
#define ABI_MACHINE ABI_X86_64
#elif defined(__aarch64__)
#define ABI_MACHINE ABI_ARM64
#else
#define ABI_MACHINE ABI_WORDS
#endif

struct abi {
	enum abi_kind kind;
	unsigned int integers, floats; /* registers that are taken */
	uint64_t stack;		       /* ... and bytes of the stack */
	bool lost;		       /* nobody knows */
};

enum abi_where {
	ABI_REGISTERS, /* for integers and pointers: `at` and, if it is larger, the next ones. Of
			* ABI_WORDS and ABI_SLOTS: places of 8 bytes, without an end */
	ABI_FLOATS,    /* for floating point */
	ABI_BOTH,      /* the one half here, the other there */
	ABI_STACK,     /* `at` bytes behind the first argument that lies there */
	ABI_UNKNOWN,
};

struct abi_place {
	enum abi_where where;
	uint64_t at;
	bool is_address; /* what lies there is the address of it */
};

void abi_start(struct abi *a, enum abi_kind kind);

/* A result in memory takes a register; before the parameters. */
void abi_result(struct abi *a, const struct ctype *type);

struct abi_place abi_parameter(struct abi *a, const struct ctype *type);
