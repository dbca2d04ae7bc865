// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether a string is some text: a piece of it is read to the stack, and compared 8 bytes at a
 * time without a branch for each, because branches multiply what the verifier has to look at.
 */
#include <string.h>

#include "expr/emit.h"

#define PIECE 54 /* characters; with one more to see the end, and its NUL, in 7 slots */

/* r3 |= (n bytes at the frame's place) ^ what they should be */
static void emit_word(struct emit *s, int place, const char *text, unsigned int n, bool first)
{
	uint64_t word = 0;
	int difference = first ? R3 : R1;

	/* As the machine itself would load them; both sides of a run have one byte order. */
	if (n == 8)
		memcpy(&word, text, 8);
	else if (s->gen->big_endian)
		for (unsigned int i = 0; i < n; i++)
			word = word << 8 | (unsigned char)text[i];
	else
		for (unsigned int i = n; i--;)
			word = word << 8 | (unsigned char)text[i];
	code_load(&s->code, n, difference, FRAME, place);
	if (word) {
		code_number(&s->code, R2, word);
		code_alu(&s->code, BPF_XOR, difference, R2);
	}
	if (!first)
		code_alu(&s->code, BPF_OR, R3, R1);
}

static void emit_compare(struct emit *s, int place, const char *text, unsigned int size, int no)
{
	unsigned int at = 0;

	for (unsigned int n = 8; n; n /= 2) {
		for (; size - at >= n; at += n)
			emit_word(s, place + at, text + at, n, at == 0);
	}
	if (size)
		code_jump(&s->code, BPF_JNE, R3, 0, no);
}

/* r3 has the address. The piece of the string there has to have `size` characters, and be its
 * last if `ends`. Behind an array that is full there may be no memory, so of it no more is read
 * than it has; what a pointer points to ends where its NUL is. */
static void emit_piece(struct emit *s, const struct expr *e, const char *text, unsigned int size,
		       bool ends, int place, int no)
{
	bool object = e->left->op == EXPR_OBJECT;
	enum space space = object ? e->left->lies : e->left->space;
	bool array = (object && e->left->type->count) || e->is_binary;

	code_alu(&s->code, BPF_MOV, R1, FRAME);
	code_alu_imm(&s->code, BPF_ADD, R1, place);
	code_alu_imm(&s->code, BPF_MOV, R2, size + ends + !array);
	if (array) {
		code_call(&s->code, emit_read_helper(s, space));
		emit_fault(s, BPF_JNE, R0, 0);
		emit_compare(s, place, text, size + ends, no);
		return;
	}
	code_call(&s->code, emit_string_helper(s, space));
	emit_fault(s, BPF_JSLT, R0, 0);
	/* Of an empty string in user space 6.1 says that it has 0 bytes, 6.18 that it has 1. */
	code_jump(&s->code, size ? BPF_JNE : BPF_JGT, R0, size + 1, no);
	emit_compare(s, place, text, size, no);
}

static void emit_match_comm(struct emit *s, const struct expr *e, int no)
{
	int place = emit_take(s, 2);
	char text[16] = {};

	memcpy(text, e->text, e->text_size);
	code_alu(&s->code, BPF_MOV, R1, FRAME);
	code_alu_imm(&s->code, BPF_ADD, R1, place);
	code_alu_imm(&s->code, BPF_MOV, R2, 16);
	code_call(&s->code, BPF_FUNC_get_current_comm);
	emit_compare(s, place, text, e->text_size + !e->prefix, no);
	emit_give(s, 2);
}

/* A pointer's string, or an array's, in pieces. */
static void emit_match_memory(struct emit *s, struct expr *e, int no)
{
	bool many = e->text_size > PIECE;
	int address = many ? emit_take(s, 1) : 0, place;
	size_t at = 0;

	if (e->left->op == EXPR_OBJECT) {
		emit_place(s, e->left);
	} else {
		emit_value(s, e->left);
		code_alu(&s->code, BPF_MOV, R3, R0);
	}
	if (many)
		code_store(&s->code, 8, FRAME, address, R3);
	place = emit_take(s, 7);
	do {
		size_t size = e->text_size - at < PIECE ? e->text_size - at : PIECE;

		if (at) {
			code_load(&s->code, 8, R3, FRAME, address);
			code_alu_imm(&s->code, BPF_ADD, R3, at);
		}
		emit_piece(s, e, e->text + at, size, at + size == e->text_size && !e->prefix,
			   place, no);
		at += size;
	} while (at < e->text_size);
	emit_give(s, 7 + many);
}

void emit_match(struct emit *s, struct expr *e, bool truth, int label)
{
	int no = truth ? code_label(&s->code) : label;

	if (e->left->op == EXPR_COMM)
		emit_match_comm(s, e, no);
	else
		emit_match_memory(s, e, no);
	if (truth) {
		code_jump(&s->code, BPF_JA, 0, 0, label);
		code_put(&s->code, no);
	}
}
