/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * code: instructions of BPF as they are made: jumps go to labels, and get their distances when
 * all is there.
 *
 *	struct code code = { .arena = &arena };
 *	label = code_label(&code);
 *	code_jump(&code, BPF_JEQ, BPF_REG_0, 0, label); ... code_put(&code, label);
 *	code_end(&code);
 *
 * Ownership: the arena's.
 * Errors: code_end() is false if a distance does not fit.
 * Relies on: Documentation/bpf/instruction-set.rst.
 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/arena.h"
#include "strbuf.h"

struct code {
	struct arena *arena;
	struct bpf_insn *insns;
	size_t count;
	/* private */
	size_t room;
	int *labels; /* where each was put; -1: not yet */
	size_t label_count, label_room;
};

/* Register with register, register with number: op is BPF_ADD, BPF_MOV ...; 64 bits. */
void code_alu(struct code *c, int op, int dst, int src);
void code_alu_imm(struct code *c, int op, int dst, int32_t imm);

/* dst = value, in one instruction or two. */
void code_number(struct code *c, int dst, uint64_t value);

/* dst = address of bytes of an array map's value */
void code_map_value(struct code *c, int dst, int map, uint32_t at);

/* size: 1, 2, 4 or 8 bytes */
void code_load(struct code *c, unsigned int size, int dst, int base, int offset);
void code_store(struct code *c, unsigned int size, int base, int offset, int src);
void code_store_imm(struct code *c, unsigned int size, int base, int offset, int32_t imm);

/* op: BPF_ADD, BPF_ADD | BPF_FETCH, BPF_XCHG; on 8 bytes */
void code_atomic(struct code *c, int op, int base, int offset, int src);

/* The lower bits (16, 32, 64) from the network's order; the others become 0. */
void code_swap(struct code *c, int dst, int bits);

/* The lower size bytes, extended. */
void code_extend(struct code *c, int dst, unsigned int size, bool is_signed);

void code_call(struct code *c, int helper);
void code_exit(struct code *c);

int code_label(struct code *c);
void code_put(struct code *c, int label);

/* op: BPF_JA, BPF_JEQ ...; 64 bits */
void code_jump(struct code *c, int op, int dst, int32_t imm, int label);
/* ... on the lower 32 bits */
void code_jump_low(struct code *c, int op, int dst, int32_t imm, int label);
void code_jump_reg(struct code *c, int op, int dst, int src, int label);

bool code_end(struct code *c);

/* Adds a line for each instruction. */
void code_list(const struct bpf_insn *insns, size_t count, struct strbuf *out);
