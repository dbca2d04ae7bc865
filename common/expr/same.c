// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether two strings are the same: pieces of both are read to the stack, between zeros, and
 * compared 8 bytes at a time without a branch for each. What is read until its NUL comes may be
 * long, and is read in a loop; of arrays it is known how many pieces they have.
 */
#include "expr/emit.h"

#define PIECE	 63 /* characters, and a NUL: 8 slots */
#define PIECES	 65 /* 4095 characters, as many as a path has at most */

struct side {
	struct expr *expr;
	uint32_t count; /* characters that it has at most; 0: until its NUL */
	int address;	/* the frame's places of where it lies, */
	int buffer;	/* and of the piece */
};

struct same {
	struct side sides[2];
	unsigned int pieces, span, words; /* span: characters of a piece */
	bool loops;
	int at; /* the frame's place of how far it is */
	int no, yes;
};

static uint32_t characters(const struct expr *e, uint64_t limit)
{
	uint32_t count = e->op == EXPR_COMM ? 16 : e->op == EXPR_OBJECT ? e->type->count : 0;

	if (limit <= PIECE * PIECES && (!count || limit < count))
		return limit;
	return count;
}

/* The shorter one's end is seen with the character behind it, and both have ended when the longer
 * one has. */
static void same_plan(struct same *m)
{
	uint32_t a = m->sides[0].count, b = m->sides[1].count;
	uint32_t less = !a || (b && b < a) ? b : a, most = a && b ? a > b ? a : b : 0;
	uint32_t all = PIECE * PIECES;

	m->loops = !less;
	if (less && less + 1 < all)
		all = less + 1;
	if (most && most < all)
		all = most;
	m->span = all < PIECE ? all : PIECE;
	m->pieces = (all + PIECE - 1) / PIECE;
	m->words = m->span / 8 + 1;
}

/* Goes on only if the condition is true, else to the label. The verifier looks at what stands behind
 * a jump before it looks at where it leads: so it is through with one way out of the loop when it
 * comes to the next, of which there may not be more than 8192 that wait. */
static void emit_go_on(struct emit *s, int op, int reg, int32_t imm, int label)
{
	int next = code_label(&s->code);

	code_jump(&s->code, op, reg, imm, next);
	code_jump(&s->code, BPF_JA, 0, 0, label);
	code_put(&s->code, next);
}

/* r3 = where the rest of it lies. */
static void emit_rest(struct emit *s, const struct same *m, const struct side *side, uint32_t at)
{
	code_load(&s->code, 8, R3, FRAME, side->address);
	if (m->loops) {
		code_load(&s->code, 8, R1, FRAME, m->at);
		code_alu(&s->code, BPF_ADD, R3, R1);
	} else if (at) {
		code_alu_imm(&s->code, BPF_ADD, R3, at);
	}
}

static void emit_side(struct emit *s, const struct same *m, const struct side *side, uint32_t at)
{
	struct room to = { .base = FRAME, .offset = side->buffer, .size = m->span + 1 };

	for (unsigned int i = 0; i < m->words; i++)
		code_store_imm(&s->code, 8, FRAME, side->buffer + 8 * (int)i, 0);
	if (side->expr->op == EXPR_COMM) {
		code_alu(&s->code, BPF_MOV, R1, FRAME);
		code_alu_imm(&s->code, BPF_ADD, R1, side->buffer);
		code_alu_imm(&s->code, BPF_MOV, R2, to.size < 16 ? to.size : 16);
		code_call(&s->code, BPF_FUNC_get_current_comm);
		return;
	}
	if (side->count && side->count <= at)
		return;
	emit_rest(s, m, side, at);
	emit_read_text(s, side->expr->op == EXPR_OBJECT ? side->expr->lies : side->expr->space,
		       &to, side->count ? side->count - at : 0);
	emit_go_on(s, BPF_JSGE, R0, 0, s->fault);
	s->faults = true;
}

/* r3 = 0 if the pieces are the same. */
static void emit_difference(struct emit *s, const struct same *m)
{
	for (unsigned int i = 0; i < m->words; i++) {
		int difference = i ? R2 : R3;

		code_load(&s->code, 8, difference, FRAME, m->sides[0].buffer + 8 * (int)i);
		code_load(&s->code, 8, R1, FRAME, m->sides[1].buffer + 8 * (int)i);
		code_alu(&s->code, BPF_XOR, difference, R1);
		if (i)
			code_alu(&s->code, BPF_OR, R3, R2);
	}
}

/* Where the last character of a piece is a NUL, both have ended. */
static void emit_pieces(struct emit *s, const struct same *m)
{
	int again = code_label(&s->code);

	if (m->loops) {
		code_alu_imm(&s->code, BPF_MOV, R1, 0);
		code_put(&s->code, again);
		code_store(&s->code, 8, FRAME, m->at, R1);
	}
	for (unsigned int i = 0; i < (m->loops ? 1 : m->pieces); i++) {
		emit_side(s, m, &m->sides[0], PIECE * i);
		emit_side(s, m, &m->sides[1], PIECE * i);
		emit_difference(s, m);
		emit_go_on(s, BPF_JEQ, R3, 0, m->no);
		if (!m->loops && i + 1 == m->pieces)
			return;
		code_load(&s->code, 1, R1, FRAME, m->sides[0].buffer + PIECE - 1);
		emit_go_on(s, BPF_JNE, R1, 0, m->yes);
	}
	code_load(&s->code, 8, R1, FRAME, m->at);
	code_alu_imm(&s->code, BPF_ADD, R1, PIECE);
	code_jump(&s->code, BPF_JLT, R1, PIECE * PIECES, again);
}

static void emit_address(struct emit *s, const struct side *side)
{
	if (side->expr->op == EXPR_COMM)
		return;
	if (side->expr->op == EXPR_OBJECT) {
		emit_place(s, side->expr);
	} else {
		emit_value(s, side->expr);
		code_alu(&s->code, BPF_MOV, R3, R0);
	}
	code_store(&s->code, 8, FRAME, side->address, R3);
}

void emit_same(struct emit *s, struct expr *e, bool truth, int label)
{
	struct same m = {
		.sides = { { .expr = e->left, .count = characters(e->left, e->value) },
			   { .expr = e->right, .count = characters(e->right, e->value) } },
		.no = truth ? code_label(&s->code) : label,
		.yes = truth ? label : code_label(&s->code),
	};
	unsigned int slots = s->slots;

	same_plan(&m);
	for (int i = 0; i < 2; i++) {
		m.sides[i].address = emit_take(s, 1);
		emit_address(s, &m.sides[i]);
	}
	m.at = emit_take(s, m.loops);
	for (int i = 0; i < 2; i++)
		m.sides[i].buffer = emit_take(s, m.words);
	emit_pieces(s, &m);
	emit_give(s, s->slots - slots);
	if (truth)
		code_jump(&s->code, BPF_JA, 0, 0, label);
	code_put(&s->code, truth ? m.no : m.yes);
}
