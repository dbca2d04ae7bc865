// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "expr/check.h"
#include "expr/emit.h"

#define BYTES_MAX 16384 /* of a struct that is printed as a whole */
#define MASK_SIZE 8

/* --- layout --------------------------------------------------------------------------------- */

static bool is_array(const struct expr *e)
{
	return e->type->kind == CTYPE_ARRAY;
}

/* Text that something points to, or an array without end. */
static bool is_string(const struct expr *e, enum gen_want want, uint32_t string_size)
{
	const struct ctype *type = e->type;

	if (e->op == EXPR_CHOICE)
		return true;
	if (e->op == EXPR_OBJECT && is_array(e) && expr_is_text(e))
		return want != WANT_NUMBER && (!type->count || type->count > string_size);
	if (e->op == EXPR_OBJECT || e->op == EXPR_COMM || e->is_ip)
		return false;
	if (type->kind == CTYPE_POINTER)
		return want == WANT_TEXT || (want == WANT_ANY && type->target->is_char);
	return want == WANT_TEXT && type->kind == CTYPE_INT && type->size == 8 && !e->is_truth;
}

static int layout_bytes(struct gen *g, const struct expr *e, struct value *v)
{
	uint64_t size;

	if (!ctype_size(e->type, &size) || !size)
		return mistake_set(g->mistake, e->node->where, "how long this is, is not known");
	if (size > BYTES_MAX)
		return mistake_set(g->mistake, e->node->where, "this has %llu bytes, and not more than "
				   "%d can be printed: name a member of it",
				   (unsigned long long)size, BYTES_MAX);
	v->kind = VALUE_BYTES;
	v->size = size;
	return 0;
}

/* What points to something else is no text: who knows better casts it. */
static bool is_other_pointer(const struct expr *e, enum gen_want want)
{
	return want == WANT_TEXT && e->type->kind == CTYPE_POINTER && !e->is_ip &&
	       e->type->target->kind != CTYPE_VOID && !expr_is_text(e);
}

/* Of enums and structs. */
static bool shows_names(const struct value *v)
{
	const struct ctype *type = v->type;

	while (v->kind == VALUE_BYTES && type->kind == CTYPE_ARRAY)
		type = type->target;
	return (v->kind == VALUE_BYTES || v->kind == VALUE_INTEGER) &&
	       (type->kind == CTYPE_ENUM || type->kind == CTYPE_STRUCT ||
		type->kind == CTYPE_UNION);
}

static int layout_kind(struct gen *g, const struct expr *e, enum gen_want want,
		       uint32_t string_size, struct value *v)
{
	v->type = e->type;
	v->bits = e->op == EXPR_LOAD ? e->bits : 0;
	v->can_fault = e->may_fault;
	if (is_other_pointer(e, want))
		return mistake_set(g->mistake, e->node->at, "this points to no text: print it with %%p, "
				   "what it points to with %%S, or write (char *) before it");
	v->show = e->is_ip ? SHOW_IP : e->is_truth ? SHOW_BOOL : SHOW_AS_TYPE;
	if (e->op == EXPR_TEXT) {
		v->kind = VALUE_LITERAL;
		v->text = e->text;
		v->size = e->text_size;
	} else if (is_string(e, want, string_size)) {
		v->kind = VALUE_STRING;
		v->size = text_room(e, string_size);
		v->can_fault = true;
	} else if (e->op == EXPR_OBJECT || e->op == EXPR_COMM) {
		return layout_bytes(g, e, v);
	} else {
		v->kind = VALUE_INTEGER;
		v->size = 8;
	}
	return 0;
}

static int layout_value(struct gen *g, const struct expr *e, enum gen_want want,
			uint32_t string_size, struct value *v)
{
	int err = layout_kind(g, e, want, string_size, v);

	if (!err && g->shows_names)
		*g->shows_names |= shows_names(v);
	return err;
}

int gen_layout(struct gen *g, struct expr *const *exprs, const enum gen_want *wants, size_t count,
	       uint32_t string_size, struct value *values)
{
	uint32_t at = MASK_SIZE;

	if (count > VALUES_MAX)
		return mistake_set(g->mistake, exprs[VALUES_MAX]->node->at,
				   "not more than %d values can be printed", VALUES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct value *v = &values[i];
		int err = layout_value(g, exprs[i], wants[i], string_size, v);

		if (err)
			return err;
		if (v->kind == VALUE_LITERAL)
			continue;
		v->offset = at;
		at += v->kind == VALUE_BYTES ? (v->size + 7) & ~7u : 8;
	}
	return 0;
}

/* Where the strings begin: as values_read() finds it. */
static uint32_t fixed_size(const struct value *values, size_t count)
{
	uint32_t at = MASK_SIZE;

	for (size_t i = 0; i < count; i++) {
		const struct value *v = &values[i];
		uint32_t size = v->kind == VALUE_STRING ? 4 : v->size;

		if (v->kind != VALUE_LITERAL && v->offset + size > at)
			at = v->offset + size;
	}
	return (at + 7) & ~7u;
}

/* --- filling -------------------------------------------------------------------------------- */

static void emit_string(struct emit *s, struct expr *e, const struct value *v)
{
	struct room to = { .base = DATA, .behind = true, .size = v->size };
	int next = code_label(&s->code);

	emit_text(s, e, &to);
	code_store(&s->code, 4, DATA, v->offset, R0);
	code_jump(&s->code, BPF_JGT, R0, v->size, next);
	code_alu(&s->code, BPF_ADD, USED, R0);
	code_put(&s->code, next);
}

static void emit_bytes(struct emit *s, struct expr *e, const struct value *v)
{
	if (e->op == EXPR_OBJECT)
		emit_place(s, e);
	code_alu(&s->code, BPF_MOV, R1, DATA);
	code_alu_imm(&s->code, BPF_ADD, R1, v->offset);
	code_alu_imm(&s->code, BPF_MOV, R2, v->size);
	if (e->op == EXPR_COMM) {
		code_call(&s->code, BPF_FUNC_get_current_comm);
		return;
	}
	code_call(&s->code, emit_read_helper(s, e->lies));
	emit_fault(s, BPF_JNE, R0, 0);
}

/* What could not be read is noted, and the next value comes. */
static void emit_noted(struct emit *s, int base, int at, size_t bit)
{
	code_load(&s->code, 8, R1, base, at);
	code_number(&s->code, R2, 1ULL << bit);
	code_alu(&s->code, BPF_OR, R1, R2);
	code_store(&s->code, 8, base, at, R1);
}

static void emit_field(struct emit *s, struct expr *e, const struct value *v, size_t bit)
{
	int next;

	s->fault = code_label(&s->code);
	s->faults = false;
	if (v->kind == VALUE_STRING) {
		emit_string(s, e, v);
	} else if (v->kind == VALUE_BYTES) {
		emit_bytes(s, e, v);
	} else {
		emit_value(s, e);
		code_store(&s->code, 8, DATA, v->offset, R0);
	}
	if (!s->faults)
		return;
	next = code_label(&s->code);
	code_jump(&s->code, BPF_JA, 0, 0, next);
	code_put(&s->code, s->fault);
	if (v->kind == VALUE_STRING)
		code_store_imm(&s->code, 4, DATA, v->offset, -EFAULT);
	else
		emit_noted(s, DATA, 0, bit);
	code_put(&s->code, next);
}

int gen_fill(struct gen *g, struct expr *const *exprs, const struct value *values, size_t count,
	     struct code *out, uint32_t *largest)
{
	uint32_t fixed = fixed_size(values, count);
	struct emit s;

	emit_begin(&s, g, exprs, count);
	code_alu(&s.code, BPF_MOV, DATA, R4);
	code_alu_imm(&s.code, BPF_MOV, USED, fixed);
	code_store_imm(&s.code, 8, DATA, 0, 0);
	*largest = fixed;
	for (size_t i = 0; i < count; i++) {
		if (values[i].kind == VALUE_LITERAL)
			continue;
		emit_field(&s, exprs[i], &values[i], i);
		if (values[i].kind == VALUE_STRING)
			*largest += values[i].size;
	}
	code_alu(&s.code, BPF_MOV, R0, USED);
	code_exit(&s.code);
	return emit_end(&s, out, count ? exprs[0] : NULL);
}

/* --- records -------------------------------------------------------------------------------- */

static int layout_record(struct gen *g, struct expr *const *exprs, const enum gen_want *wants,
			 size_t count, uint32_t string_size, uint32_t at, struct value *values)
{
	for (size_t i = 0; i < count; i++) {
		struct value *v = &values[i];
		int err = layout_value(g, exprs[i], wants[i], string_size, v);
		bool array = exprs[i]->op == EXPR_OBJECT && is_array(exprs[i]) &&
			     expr_is_text(exprs[i]);

		if (err)
			return err;
		if (v->kind == VALUE_LITERAL)
			return mistake_set(g->mistake, exprs[i]->node->at,
					   "a string in quotes is the same each time");
		/* What is behind the NUL of an array is no part of the text, and one that is full
		 * gets one. */
		if (v->kind == VALUE_BYTES && array)
			v->size++;
		if (v->kind == VALUE_STRING || (v->kind == VALUE_BYTES && array)) {
			v->kind = VALUE_BYTES;
			v->is_string = true;
		}
		v->offset = at;
		at += (v->size + 7) & ~7u;
	}
	return 0;
}

/* What is behind a string's end, and what could not be read, is zero: equal texts are one key. */
static void emit_zero(struct emit *s, const struct value *v)
{
	for (uint32_t at = 0; at < v->size; at += 8)
		code_store_imm(&s->code, 8, DATA, v->offset + at, 0);
}

static void emit_fixed_string(struct emit *s, struct expr *e, const struct value *v)
{
	struct room to = { .base = DATA, .offset = v->offset, .size = v->size };

	emit_text(s, e, &to);
	emit_fault(s, BPF_JSLT, R0, 0);
}

static void emit_part(struct emit *s, struct expr *e, const struct value *v, size_t bit)
{
	int next = code_label(&s->code);

	s->fault = code_label(&s->code);
	s->faults = false;
	if (v->kind == VALUE_BYTES)
		emit_zero(s, v);
	if (v->is_string)
		emit_fixed_string(s, e, v);
	else if (v->kind == VALUE_BYTES)
		emit_bytes(s, e, v);
	else
		emit_value(s, e);
	if (v->kind == VALUE_INTEGER)
		code_store(&s->code, 8, DATA, v->offset, R0);
	if (s->faults) {
		code_jump(&s->code, BPF_JA, 0, 0, next);
		code_put(&s->code, s->fault);
		if (v->kind == VALUE_INTEGER)
			code_store_imm(&s->code, 8, DATA, v->offset, 0);
		emit_noted(s, DATA, 0, bit);
	}
	code_put(&s->code, next);
}

/* The number that is no part of the key. */
static void emit_number(struct emit *s, struct expr *e, const struct value *v)
{
	s->fault = code_label(&s->code);
	s->faults = false;
	emit_value(s, e);
	code_store(&s->code, 8, DATA, v->offset, R0);
	code_alu_imm(&s->code, BPF_MOV, R0, v->offset + 8);
	code_exit(&s->code);
	if (!s->faults)
		return;
	code_put(&s->code, s->fault);
	code_store_imm(&s->code, 4, HIT, offsetof(struct gen_hit, fault), 1);
	code_alu_imm(&s->code, BPF_MOV, R0, 0);
	code_exit(&s->code);
}

int gen_record(struct gen *g, struct expr *const *exprs, const enum gen_want *wants, size_t count,
	       bool number, uint32_t string_size, uint32_t reserve, struct value *values,
	       struct code *out, uint32_t *size)
{
	size_t keys = count - number;
	struct emit s;
	int err;

	err = layout_record(g, exprs, wants, count, string_size, MASK_SIZE + reserve, values);
	if (err)
		return err;
	emit_begin(&s, g, exprs, count);
	code_alu(&s.code, BPF_MOV, DATA, R4);
	code_store_imm(&s.code, 8, DATA, 0, 0);
	*size = MASK_SIZE + reserve;
	for (size_t i = 0; i < keys; i++) {
		emit_part(&s, exprs[i], &values[i], i);
		*size = values[i].offset + ((values[i].size + 7) & ~7u);
	}
	if (number) {
		emit_number(&s, exprs[keys], &values[keys]);
	} else {
		code_alu_imm(&s.code, BPF_MOV, R0, *size);
		code_exit(&s.code);
	}
	return emit_end(&s, out, count ? exprs[0] : NULL);
}

/* One number of those that are stored; what cannot be read is 0, or ends the key. */
static bool emit_stored(struct emit *s, struct expr *e, size_t word, size_t bit, bool is_key)
{
	int next = code_label(&s->code);

	if (!is_key)
		s->fault = code_label(&s->code);
	s->faults = false;
	emit_value(s, e);
	code_store(&s->code, 8, DATA, 8 * word, R0);
	if (!is_key && s->faults) {
		code_jump(&s->code, BPF_JA, 0, 0, next);
		code_put(&s->code, s->fault);
		code_store_imm(&s->code, 8, DATA, 8 * word, 0);
		emit_noted(s, DATA, -8, bit);
	}
	code_put(&s->code, next);
	return s->faults;
}

/* Where in a program's stack this call is. */
static void emit_stack(struct emit *s, const struct gen_key *key)
{
	code_load(&s->code, 8, R0, CTX, key->stack);
	if (key->popped)
		code_alu_imm(&s->code, BPF_ADD, R0, -key->popped);
	code_store(&s->code, 8, HIT, offsetof(struct gen_hit, stack), R0);
	if (!key->link)
		return;
	code_load(&s->code, 8, R0, CTX, key->link);
	code_store(&s->code, 8, HIT, offsetof(struct gen_hit, link), R0);
}

int gen_store(struct gen *g, struct expr *const *exprs, size_t count, const struct gen_key *key,
	      struct code *out)
{
	bool faults = false;
	struct emit s;

	emit_begin(&s, g, NULL, 0);
	code_alu(&s.code, BPF_MOV, DATA, R3);
	s.fault = code_label(&s.code);
	if (key) {
		code_number(&s.code, R0, key->first);
		code_store(&s.code, 8, DATA, 0, R0);
		if (key->stack)
			emit_stack(&s, key);
	} else {
		code_store_imm(&s.code, 8, DATA, -8, 0);
	}
	for (size_t i = 0; i < count; i++)
		faults |= emit_stored(&s, exprs[i], i + (key != NULL), i, key);
	code_alu_imm(&s.code, BPF_MOV, R0, key ? key->result : 1);
	code_exit(&s.code);
	if (key && faults) {
		code_put(&s.code, s.fault);
		code_store_imm(&s.code, 4, HIT, offsetof(struct gen_hit, fault), 1);
		code_alu_imm(&s.code, BPF_MOV, R0, 0);
		code_exit(&s.code);
	}
	return emit_end(&s, out, count ? exprs[0] : NULL);
}
