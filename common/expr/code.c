// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "expr/code.h"

static struct bpf_insn *code_add(struct code *c)
{
	struct bpf_insn *insns;

	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		insns = arena_alloc(c->arena, c->room * sizeof(*insns));
		if (c->count)
			memcpy(insns, c->insns, c->count * sizeof(*insns));
		c->insns = insns;
	}
	return &c->insns[c->count++];
}

static void put(struct code *c, int opcode, int dst, int src, int offset, int32_t imm)
{
	*code_add(c) = (struct bpf_insn){
		.code = opcode, .dst_reg = dst, .src_reg = src, .off = offset, .imm = imm,
	};
}

void code_alu(struct code *c, int op, int dst, int src)
{
	put(c, BPF_ALU64 | op | BPF_X, dst, src, 0, 0);
}

void code_alu_imm(struct code *c, int op, int dst, int32_t imm)
{
	put(c, BPF_ALU64 | op | BPF_K, dst, 0, 0, imm);
}

void code_number(struct code *c, int dst, uint64_t value)
{
	if ((int64_t)value == (int32_t)value) {
		code_alu_imm(c, BPF_MOV, dst, value);
		return;
	}
	put(c, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, value);
	put(c, 0, 0, 0, 0, value >> 32);
}

void code_map_value(struct code *c, int dst, int map, uint32_t at)
{
	put(c, BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_VALUE, 0, map);
	put(c, 0, 0, 0, 0, at);
}

static int width(unsigned int size)
{
	return size == 1 ? BPF_B : size == 2 ? BPF_H : size == 4 ? BPF_W : BPF_DW;
}

void code_load(struct code *c, unsigned int size, int dst, int base, int offset)
{
	put(c, BPF_LDX | BPF_MEM | width(size), dst, base, offset, 0);
}

void code_store(struct code *c, unsigned int size, int base, int offset, int src)
{
	put(c, BPF_STX | BPF_MEM | width(size), base, src, offset, 0);
}

void code_store_imm(struct code *c, unsigned int size, int base, int offset, int32_t imm)
{
	put(c, BPF_ST | BPF_MEM | width(size), base, 0, offset, imm);
}

void code_atomic(struct code *c, int op, int base, int offset, int src)
{
	put(c, BPF_STX | BPF_ATOMIC | BPF_DW, base, src, offset, op);
}

void code_swap(struct code *c, int dst, int bits)
{
	put(c, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, bits);
}

void code_extend(struct code *c, int dst, unsigned int size, bool is_signed)
{
	if (size >= 8)
		return;
	if (size == 4 && !is_signed) {
		put(c, BPF_ALU | BPF_MOV | BPF_X, dst, dst, 0, 0);
		return;
	}
	if (!is_signed) {
		code_alu_imm(c, BPF_AND, dst, size == 1 ? 0xff : 0xffff);
		return;
	}
	code_alu_imm(c, BPF_LSH, dst, 64 - 8 * size);
	code_alu_imm(c, BPF_ARSH, dst, 64 - 8 * size);
}

void code_call(struct code *c, int helper)
{
	put(c, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

void code_exit(struct code *c)
{
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* --- jumps ---------------------------------------------------------------------------------- */

int code_label(struct code *c)
{
	int *labels;

	if (c->label_count == c->label_room) {
		c->label_room = c->label_room ? 2 * c->label_room : 32;
		labels = arena_alloc(c->arena, c->label_room * sizeof(*labels));
		if (c->label_count)
			memcpy(labels, c->labels, c->label_count * sizeof(*labels));
		c->labels = labels;
	}
	c->labels[c->label_count] = -1;
	return c->label_count++;
}

void code_put(struct code *c, int label)
{
	c->labels[label] = c->count;
}

/* Until code_end() a jump has its label as the distance. */
void code_jump(struct code *c, int op, int dst, int32_t imm, int label)
{
	put(c, BPF_JMP | op | BPF_K, dst, 0, label, imm);
}

void code_jump_low(struct code *c, int op, int dst, int32_t imm, int label)
{
	put(c, BPF_JMP32 | op | BPF_K, dst, 0, label, imm);
}

void code_jump_reg(struct code *c, int op, int dst, int src, int label)
{
	put(c, BPF_JMP | op | BPF_X, dst, src, label, 0);
}

static bool is_jump(const struct bpf_insn *insn)
{
	int class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

bool code_end(struct code *c)
{
	if (c->count > INT16_MAX || c->label_count > INT16_MAX)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		struct bpf_insn *insn = &c->insns[i];

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
			i++;
		else if (is_jump(insn))
			insn->off = c->labels[insn->off] - (int)i - 1;
	}
	return true;
}

/* --- as text ---------------------------------------------------------------------------------- */

static const char *alu_sign(int op)
{
	static const char *const signs[] = {
		"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "end",
	};

	return op >> 4 < 14 ? signs[op >> 4] : "?";
}

static const char *jump_sign(int op)
{
	static const char *const signs[] = {
		"", "==", ">", ">=", "&", "!=", "s>", "s>=", "", "", "<", "<=", "s<", "s<=",
	};

	return op >> 4 < 14 ? signs[op >> 4] : "?";
}

static int bytes(const struct bpf_insn *insn)
{
	static const int sizes[] = { 32, 16, 8, 64 };

	return sizes[BPF_SIZE(insn->code) >> 3];
}

static void list_alu(const struct bpf_insn *insn, struct strbuf *out)
{
	char reg = BPF_CLASS(insn->code) == BPF_ALU ? 'w' : 'r';
	int op = BPF_OP(insn->code);

	if (op == BPF_END)
		strbuf_printf(out, "r%d = be%d r%d", insn->dst_reg, insn->imm, insn->dst_reg);
	else if (op == BPF_NEG)
		strbuf_printf(out, "%c%d = -%c%d", reg, insn->dst_reg, reg, insn->dst_reg);
	else if (BPF_SRC(insn->code) == BPF_X)
		strbuf_printf(out, "%c%d %s %c%d", reg, insn->dst_reg, alu_sign(op), reg,
			      insn->src_reg);
	else
		strbuf_printf(out, "%c%d %s %d", reg, insn->dst_reg, alu_sign(op), insn->imm);
}

static void list_jump(const struct bpf_insn *insn, size_t at, struct strbuf *out)
{
	int op = BPF_OP(insn->code);
	long target = (long)at + 1 + insn->off;

	if (op == BPF_EXIT)
		strbuf_str(out, "exit");
	else if (op == BPF_CALL && insn->src_reg == BPF_PSEUDO_CALL)
		strbuf_printf(out, "call %ld", (long)at + 1 + insn->imm);
	else if (op == BPF_CALL)
		strbuf_printf(out, "call helper %d", insn->imm);
	else if (op == BPF_JA)
		strbuf_printf(out, "goto %ld", target);
	else if (BPF_CLASS(insn->code) == BPF_JMP32)
		strbuf_printf(out, "if w%d %s %d goto %ld", insn->dst_reg, jump_sign(op), insn->imm,
			      target);
	else if (BPF_SRC(insn->code) == BPF_X)
		strbuf_printf(out, "if r%d %s r%d goto %ld", insn->dst_reg, jump_sign(op),
			      insn->src_reg, target);
	else
		strbuf_printf(out, "if r%d %s %d goto %ld", insn->dst_reg, jump_sign(op), insn->imm,
			      target);
}

static void list_memory(const struct bpf_insn *insn, struct strbuf *out)
{
	int class = BPF_CLASS(insn->code);

	if (class == BPF_LDX)
		strbuf_printf(out, "r%d = *(u%d *)(r%d %+d)", insn->dst_reg, bytes(insn),
			      insn->src_reg, insn->off);
	else if (class == BPF_ST)
		strbuf_printf(out, "*(u%d *)(r%d %+d) = %d", bytes(insn), insn->dst_reg, insn->off,
			      insn->imm);
	else if (BPF_MODE(insn->code) == BPF_ATOMIC)
		strbuf_printf(out, "lock *(u%d *)(r%d %+d) %s r%d", bytes(insn), insn->dst_reg,
			      insn->off, insn->imm & BPF_FETCH ? "fetch" : "+=", insn->src_reg);
	else
		strbuf_printf(out, "*(u%d *)(r%d %+d) = r%d", bytes(insn), insn->dst_reg, insn->off,
			      insn->src_reg);
}

static void list_wide(const struct bpf_insn *insn, struct strbuf *out)
{
	uint32_t low = insn[0].imm, high = insn[1].imm;

	if (insn->src_reg)
		strbuf_printf(out, "r%d = map %u + %u", insn->dst_reg, low, high);
	else
		strbuf_printf(out, "r%d = %#llx", insn->dst_reg, (unsigned long long)high << 32 | low);
}

void code_list(const struct bpf_insn *insns, size_t count, struct strbuf *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct bpf_insn *insn = &insns[i];
		int class = BPF_CLASS(insn->code);

		strbuf_printf(out, "%4zu: ", i);
		if (class == BPF_ALU || class == BPF_ALU64) {
			list_alu(insn, out);
		} else if (class == BPF_JMP || class == BPF_JMP32) {
			list_jump(insn, i, out);
		} else if (class == BPF_LD && i + 1 < count) {
			list_wide(insn, out);
			i++;
		} else {
			list_memory(insn, out);
		}
		strbuf_char(out, '\n');
	}
}
