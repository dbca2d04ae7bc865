// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text from wherever it lies to where it is wanted. */
#include "expr/emit.h"

/* The first two arguments of a helper that reads: `size` bytes, from the room's byte `at` on. */
static void emit_room(struct emit *s, const struct room *to, uint32_t at, uint32_t size)
{
	code_alu(&s->code, BPF_MOV, R1, to->base);
	if (to->behind)
		code_alu(&s->code, BPF_ADD, R1, USED);
	if (to->offset + (int32_t)at)
		code_alu_imm(&s->code, BPF_ADD, R1, to->offset + (int32_t)at);
	code_alu_imm(&s->code, BPF_MOV, R2, size);
}

/* The last byte of an array, if it is no NUL, belongs to the text: but a helper that ends what it
 * reads with a NUL would have to be given one byte more, and reads it. So this one comes alone. */
static void emit_last_byte(struct emit *s, enum space space, const struct room *to, uint32_t count,
			   int address)
{
	int done = code_label(&s->code);

	code_jump(&s->code, BPF_JNE, R0, count, done);
	emit_room(s, to, count - 1, 1);
	code_load(&s->code, 8, R3, FRAME, address);
	code_alu_imm(&s->code, BPF_ADD, R3, count - 1);
	code_call(&s->code, emit_read_helper(s, space));
	emit_fault(s, BPF_JNE, R0, 0);
	emit_room(s, to, count - 1, 1);
	code_load(&s->code, 1, R2, R1, 0);
	code_store_imm(&s->code, 1, R1, 1, 0);
	code_alu_imm(&s->code, BPF_MOV, R0, count);
	code_jump(&s->code, BPF_JEQ, R2, 0, done);
	code_alu_imm(&s->code, BPF_MOV, R0, count + 1);
	code_put(&s->code, done);
}

void emit_read_text(struct emit *s, enum space space, const struct room *to, uint32_t count)
{
	bool whole = count && count < to->size;
	int address = whole ? emit_take(s, 1) : 0;

	if (whole)
		code_store(&s->code, 8, FRAME, address, R3);
	emit_room(s, to, 0, whole ? count : to->size);
	code_call(&s->code, emit_string_helper(s, space));
	if (!whole)
		return;
	emit_last_byte(s, space, to, count, address);
	emit_give(s, 1);
}

/* Byte by byte: what stands before it in an event leaves no alignment. */
static void emit_literal(struct emit *s, const struct expr *e, const struct room *to)
{
	uint32_t size = e->text_size < to->size ? e->text_size : to->size - 1;

	emit_room(s, to, 0, size);
	for (uint32_t i = 0; i < size; i++)
		code_store_imm(&s->code, 1, R1, i, e->text[i]);
	code_store_imm(&s->code, 1, R1, size, 0);
	code_alu_imm(&s->code, BPF_MOV, R0, size + 1);
}

/* By way of the frame, because bpf_get_current_comm() does not say how long it is. */
static void emit_comm(struct emit *s, const struct room *to)
{
	int place = emit_take(s, 2);

	code_alu(&s->code, BPF_MOV, R1, FRAME);
	code_alu_imm(&s->code, BPF_ADD, R1, place);
	code_alu_imm(&s->code, BPF_MOV, R2, 16);
	code_call(&s->code, BPF_FUNC_get_current_comm);
	code_alu(&s->code, BPF_MOV, R3, FRAME);
	code_alu_imm(&s->code, BPF_ADD, R3, place);
	emit_read_text(s, SPACE_KERNEL, to, 0);
	emit_give(s, 2);
}

/* Each side is read in its own way, and how long it is has to look alike to the verifier: with the
 * length of a literal it would go on by itself for each of them. */
static void emit_choice(struct emit *s, struct expr *e, const struct room *to)
{
	int other = code_label(&s->code), end = code_label(&s->code);

	if (e->left) {
		emit_jump(s, e->condition, false, other);
		emit_text(s, e->left, to);
	} else { /* x ?: y */
		emit_value(s, e->condition);
		code_jump(&s->code, BPF_JEQ, R0, 0, other);
		code_alu(&s->code, BPF_MOV, R3, R0);
		emit_read_text(s, e->condition->space, to, 0);
	}
	code_jump(&s->code, BPF_JA, 0, 0, end);
	code_put(&s->code, other);
	emit_text(s, e->right, to);
	code_put(&s->code, end);
	emit_forget(s);
}

void emit_text(struct emit *s, struct expr *e, const struct room *to)
{
	switch (e->op) {
	case EXPR_CHOICE:
		emit_choice(s, e, to);
		break;
	case EXPR_TEXT:
		emit_literal(s, e, to);
		break;
	case EXPR_COMM:
		emit_comm(s, to);
		break;
	case EXPR_OBJECT:
		emit_place(s, e);
		emit_read_text(s, e->lies, to, e->type->count);
		break;
	default:
		emit_value(s, e);
		code_alu(&s->code, BPF_MOV, R3, R0);
		emit_read_text(s, e->space, to, 0);
		break;
	}
}

static bool is_text_array(const struct expr *e)
{
	return e->op == EXPR_OBJECT && e->type->kind == CTYPE_ARRAY && e->type->count;
}

/* One more than it takes, or it would seem to be cut. */
uint32_t text_room(const struct expr *e, uint32_t most)
{
	uint32_t left, right;

	if (e->op == EXPR_CHOICE) {
		left = text_room(e->left ? e->left : e->condition, most);
		right = text_room(e->right, most);
		return left > right ? left : right;
	}
	if (e->op == EXPR_TEXT)
		return e->text_size + 2;
	if (e->op == EXPR_COMM)
		return 17;
	if (is_text_array(e) && e->type->count + 2 < most)
		return e->type->count + 2;
	return most;
}
