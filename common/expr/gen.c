// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "expr/emit.h"

/* The kernel gives a program and what it calls 512 bytes; who calls needs some. */
#define FRAME_MAX 320

/* --- the frame ------------------------------------------------------------------------------ */

/* Some slots of 8 bytes; returns their place, relative to r10. */
int emit_take(struct emit *s, unsigned int slots)
{
	s->slots += slots;
	if (s->slots > s->most)
		s->most = s->slots;
	return -8 * (int)s->slots;
}

void emit_give(struct emit *s, unsigned int slots)
{
	s->slots -= slots;
}

/* --- order ---------------------------------------------------------------------------------- */

/* What can be had in any register without touching the others. */
static bool is_plain(const struct expr *e)
{
	if (e->op == EXPR_CONVERT)
		return is_plain(e->left) && !e->type->is_bool;
	return e->op == EXPR_CONSTANT || e->op == EXPR_CONTEXT || e->op == EXPR_HIT;
}

static unsigned int weight(struct expr *e)
{
	unsigned int left, right;

	if (e->weight)
		return e->weight - 1u;
	left = e->left ? weight(e->left) : 0;
	right = e->right ? weight(e->right) : 0;
	if (e->left && e->right && !is_plain(e->left) && !is_plain(e->right) && left == right &&
	    e->op != EXPR_SELECT)
		left++;
	if (right > left)
		left = right;
	if (e->condition && weight(e->condition) > left)
		left = weight(e->condition);
	if (!left && (e->op == EXPR_LOAD || e->op == EXPR_MATCH || e->op == EXPR_SAME))
		left = 1;
	e->weight = left + 1;
	return left;
}

/* --- values --------------------------------------------------------------------------------- */

static void emit_plain(struct emit *s, const struct expr *e, int dst)
{
	switch (e->op) {
	case EXPR_CONVERT:
		emit_plain(s, e->left, dst);
		if (!expr_is_free(e->left->type, e->type))
			code_extend(&s->code, dst, e->type->size, e->type->is_signed);
		break;
	case EXPR_CONSTANT:
		code_number(&s->code, dst, e->value);
		break;
	case EXPR_CONTEXT:
		code_load(&s->code, e->size, dst, CTX, e->offset);
		if (s->gen->typed_context && e->size == 8) { /* a number from here on */
			code_alu_imm(&s->code, BPF_NEG, dst, 0);
			code_alu_imm(&s->code, BPF_NEG, dst, 0);
		}
		if (e->is_signed)
			code_extend(&s->code, dst, e->size, true);
		break;
	default:
		code_load(&s->code, 8, dst, HIT, e->offset);
		break;
	}
}

void emit_fault(struct emit *s, int op, int reg, int32_t imm)
{
	code_jump(&s->code, op, reg, imm, s->fault);
	s->faults = true;
}

static void emit_helper(struct emit *s, const struct expr *e)
{
	code_call(&s->code, e->value);
	if (e->offset)
		code_alu_imm(&s->code, BPF_RSH, R0, e->offset);
	else if (e->size == 4)
		code_extend(&s->code, R0, 4, false);
}

static void emit_kept(struct emit *s, const struct expr *e)
{
	code_load(&s->code, 8, R1, FRAME, s->kept);
	if (e->may_fault) {
		code_load(&s->code, 8, R0, R1, offsetof(struct gen_kept, faults));
		emit_fault(s, BPF_JSET, R0, 1 << (e->offset / 8));
	}
	code_load(&s->code, 8, R0, R1, offsetof(struct gen_kept, value) + e->offset);
}

/* reg += offset; other is lost if that does not fit into an instruction. */
static void emit_add(struct emit *s, int reg, int64_t offset, int other)
{
	if (offset == (int32_t)offset) {
		if (offset)
			code_alu_imm(&s->code, BPF_ADD, reg, offset);
		return;
	}
	code_number(&s->code, other, offset);
	code_alu(&s->code, BPF_ADD, reg, other);
}

/* Negated twice it is the same number, and to the verifier no pointer any more, with which it
 * would refuse most of arithmetic. */
static void emit_context_address(struct emit *s, struct expr *e)
{
	int reg = e->left ? R1 : R0;

	if (e->left)
		emit_value(s, e->left);
	code_alu(&s->code, BPF_MOV, reg, CTX);
	code_alu_imm(&s->code, BPF_NEG, reg, 0);
	code_alu_imm(&s->code, BPF_NEG, reg, 0);
	if (e->left)
		code_alu(&s->code, BPF_ADD, R0, R1);
	emit_add(s, R0, e->offset, R1);
}

/* r3 = the address of an object or what is to be loaded. */
void emit_place(struct emit *s, const struct expr *e)
{
	if (is_plain(e->left)) {
		emit_plain(s, e->left, R3);
	} else {
		emit_value(s, e->left);
		code_alu(&s->code, BPF_MOV, R3, R0);
	}
	emit_add(s, R3, e->offset, R2);
}

int emit_read_helper(const struct emit *s, enum space space)
{
	if (space == SPACE_USER)
		return BPF_FUNC_probe_read_user;
	return space == SPACE_ANY && s->gen->read_any ? BPF_FUNC_probe_read :
							BPF_FUNC_probe_read_kernel;
}

int emit_string_helper(const struct emit *s, enum space space)
{
	if (space == SPACE_USER)
		return BPF_FUNC_probe_read_user_str;
	return space == SPACE_ANY && s->gen->read_any ? BPF_FUNC_probe_read_str :
							BPF_FUNC_probe_read_kernel_str;
}

static void emit_bitfield(struct emit *s, const struct expr *e, bool padded)
{
	int above = 64 - e->shift - e->bits;

	if (padded && s->gen->big_endian)
		above -= 8 * (8 - e->size);
	if (above)
		code_alu_imm(&s->code, BPF_LSH, R0, above);
	if (e->bits < 64)
		code_alu_imm(&s->code, e->is_signed ? BPF_ARSH : BPF_RSH, R0, 64 - e->bits);
}

/* Of the current task, which is there, the kernel lets programs read members as they are. What an
 * index has led to may lie across several of them, or behind all. */
static bool is_direct(const struct emit *s, const struct expr *e)
{
	const struct ctype *type = e->left->type;
	const struct node *n = e->node;

	if (!s->gen->task_btf || e->left->op != EXPR_TASK || e->bits || type->kind != CTYPE_POINTER ||
	    type->target->kind != CTYPE_STRUCT || !type->target->name ||
	    strcmp(type->target->name, "task_struct"))
		return false;
	while (n->kind == NODE_MEMBER && !n->arrow)
		n = n->left;
	return n->kind == NODE_MEMBER && e->offset >= 0 && e->offset <= INT16_MAX &&
	       (uint64_t)e->offset + e->size <= type->target->size;
}

static void emit_direct(struct emit *s, const struct expr *e)
{
	code_call(&s->code, BPF_FUNC_get_current_task_btf);
	code_load(&s->code, e->size, R0, R0, e->offset);
	if (e->size == 8) { /* if it is a pointer: a number from here on, with which one can reckon */
		code_alu_imm(&s->code, BPF_NEG, R0, 0);
		code_alu_imm(&s->code, BPF_NEG, R0, 0);
	}
	if (e->is_signed)
		code_extend(&s->code, R0, e->size, true);
}

static void emit_load(struct emit *s, struct expr *e)
{
	bool padded = e->size & (e->size - 1); /* a bitfield of 3, 5, 6 or 7 bytes */
	int slot;

	if (is_direct(s, e)) {
		emit_direct(s, e);
		return;
	}
	emit_place(s, e);
	slot = emit_take(s, 1);
	if (padded)
		code_store_imm(&s->code, 8, FRAME, slot, 0);
	code_alu(&s->code, BPF_MOV, R1, FRAME);
	code_alu_imm(&s->code, BPF_ADD, R1, slot);
	code_alu_imm(&s->code, BPF_MOV, R2, e->size);
	code_call(&s->code, emit_read_helper(s, e->lies));
	emit_fault(s, BPF_JNE, R0, 0);
	code_load(&s->code, padded ? 8 : e->size, R0, FRAME, slot);
	emit_give(s, 1);
	if (e->bits)
		emit_bitfield(s, e, padded);
	else if (e->is_signed)
		code_extend(&s->code, R0, e->size, true);
}

/* --- two operands --------------------------------------------------------------------------- */

/* left to r0 and right to r1. */
static void emit_pair(struct emit *s, struct expr *left, struct expr *right)
{
	bool right_first = weight(right) > weight(left);
	int slot;

	if (is_plain(right)) {
		emit_value(s, left);
		emit_plain(s, right, R1);
		return;
	}
	if (is_plain(left)) {
		emit_value(s, right);
		code_alu(&s->code, BPF_MOV, R1, R0);
		emit_plain(s, left, R0);
		return;
	}
	emit_value(s, right_first ? right : left);
	slot = emit_take(s, 1);
	code_store(&s->code, 8, FRAME, slot, R0);
	emit_value(s, right_first ? left : right);
	if (!right_first)
		code_alu(&s->code, BPF_MOV, R1, R0);
	code_load(&s->code, 8, right_first ? R1 : R0, FRAME, slot);
	emit_give(s, 1);
}

static bool is_immediate(const struct expr *e)
{
	return e->op == EXPR_CONSTANT && (int64_t)e->value == (int32_t)e->value;
}

/* reg = -reg, if the other one is negative */
static void emit_negate_if(struct emit *s, int negative, int reg)
{
	int done = code_label(&s->code);

	code_jump(&s->code, BPF_JSGE, negative, 0, done);
	code_alu_imm(&s->code, BPF_NEG, reg, 0);
	code_put(&s->code, done);
}

/* Before 6.6 there is division of unsigned numbers only. r0 is divided by r1. */
static void emit_signed_divide(struct emit *s, enum expr_op op)
{
	code_alu(&s->code, BPF_MOV, R2, R0);
	if (op == EXPR_DIV)
		code_alu(&s->code, BPF_XOR, R2, R1);
	emit_negate_if(s, R0, R0);
	emit_negate_if(s, R1, R1);
	code_alu(&s->code, op == EXPR_DIV ? BPF_DIV : BPF_MOD, R0, R1);
	emit_negate_if(s, R2, R0);
}

/* One of few numbers that the verifier knows. */
static bool is_chosen(const struct expr *e)
{
	while (e->op == EXPR_NEGATE || e->op == EXPR_INVERT || e->op == EXPR_CONVERT)
		e = e->left;
	return e->is_truth || e->op == EXPR_SELECT;
}

/* Of (a ? 1 : 0) + (b ? 2 : 0) ... it would look at each sum by itself, and give up at 16 terms.
 * r0 stays what it is, but by way of a number that it knows nothing about. */
void emit_forget(struct emit *s)
{
	code_alu(&s->code, BPF_MOV, R1, CTX);
	code_alu_imm(&s->code, BPF_NEG, R1, 0);
	code_alu(&s->code, BPF_XOR, R0, R1);
	code_alu(&s->code, BPF_XOR, R0, R1);
}

static void emit_arithmetic(struct emit *s, struct expr *e)
{
	static const unsigned char ops[] = {
		[EXPR_ADD] = BPF_ADD, [EXPR_SUB] = BPF_SUB, [EXPR_MUL] = BPF_MUL,
		[EXPR_DIV] = BPF_DIV, [EXPR_MOD] = BPF_MOD, [EXPR_AND] = BPF_AND,
		[EXPR_OR] = BPF_OR, [EXPR_XOR] = BPF_XOR, [EXPR_SHL] = BPF_LSH,
		[EXPR_SHR] = BPF_RSH,
	};
	bool is_signed = e->type->is_signed;
	bool divides = e->op == EXPR_DIV || e->op == EXPR_MOD;
	int op = e->op == EXPR_SHR && is_signed ? BPF_ARSH : ops[e->op];

	if (divides && is_signed) {
		emit_pair(s, e->left, e->right);
		emit_signed_divide(s, e->op);
	} else if (is_immediate(e->right)) {
		emit_value(s, e->left);
		code_alu_imm(&s->code, op, R0, e->right->value);
	} else {
		emit_pair(s, e->left, e->right);
		code_alu(&s->code, op, R0, R1);
	}
	/* What can have left the type's range. */
	if (e->type->size < 8 && (e->op <= EXPR_MUL || e->op == EXPR_SHL ||
				  (divides && is_signed)))
		code_extend(&s->code, R0, e->type->size, is_signed);
	if (is_chosen(e->left) || is_chosen(e->right))
		emit_forget(s);
}

static void emit_unary(struct emit *s, struct expr *e)
{
	emit_value(s, e->left);
	if (e->op == EXPR_NEGATE)
		code_alu_imm(&s->code, BPF_NEG, R0, 0);
	else if (e->op == EXPR_INVERT)
		code_alu_imm(&s->code, BPF_XOR, R0, -1);
	else if (e->op == EXPR_SWAP)
		code_swap(&s->code, R0, 8 * e->size);
	else if (expr_is_free(e->left->type, e->type))
		return;
	if (e->op != EXPR_SWAP)
		code_extend(&s->code, R0, e->type->size, e->type->is_signed);
}

static void emit_select(struct emit *s, struct expr *e)
{
	int other = code_label(&s->code), end = code_label(&s->code);

	if (!e->left) { /* x ?: y */
		emit_value(s, e->condition);
		code_jump(&s->code, BPF_JNE, R0, 0, end);
		emit_value(s, e->right);
		code_put(&s->code, other);
	} else {
		emit_jump(s, e->condition, false, other);
		emit_value(s, e->left);
		code_jump(&s->code, BPF_JA, 0, 0, end);
		code_put(&s->code, other);
		emit_value(s, e->right);
	}
	code_put(&s->code, end);
}

/* 0 or 1 */
static void emit_truth(struct emit *s, struct expr *e)
{
	int no = code_label(&s->code), end = code_label(&s->code);

	emit_jump(s, e, false, no);
	code_alu_imm(&s->code, BPF_MOV, R0, 1);
	code_jump(&s->code, BPF_JA, 0, 0, end);
	code_put(&s->code, no);
	code_alu_imm(&s->code, BPF_MOV, R0, 0);
	code_put(&s->code, end);
}

/* Nothing more is made of what has become too long; emit_end() says so. */
static bool is_full(const struct emit *s)
{
	return s->code.count > INT16_MAX;
}

void emit_value(struct emit *s, struct expr *e)
{
	if (is_full(s))
		return;
	if (is_plain(e)) {
		emit_plain(s, e, R0);
		return;
	}
	switch (e->op) {
	case EXPR_HELPER:
		emit_helper(s, e);
		break;
	case EXPR_KEPT:
		emit_kept(s, e);
		break;
	case EXPR_TASK:
		code_call(&s->code, BPF_FUNC_get_current_task);
		break;
	case EXPR_CONTEXT_ADDRESS:
		emit_context_address(s, e);
		break;
	case EXPR_LOAD:
		emit_load(s, e);
		break;
	case EXPR_NEGATE:
	case EXPR_INVERT:
	case EXPR_CONVERT:
	case EXPR_SWAP:
		emit_unary(s, e);
		break;
	case EXPR_SELECT:
		emit_select(s, e);
		break;
	default:
		if (e->op >= EXPR_ADD && e->op <= EXPR_SHR)
			emit_arithmetic(s, e);
		else
			emit_truth(s, e);
		break;
	}
}

/* --- truth ---------------------------------------------------------------------------------- */

static int jump_op(const struct expr *e, bool truth)
{
	bool s = e->compare_signed;

	switch (e->op) {
	case EXPR_EQUAL:
		return truth ? BPF_JEQ : BPF_JNE;
	case EXPR_UNEQUAL:
		return truth ? BPF_JNE : BPF_JEQ;
	case EXPR_LESS:
		if (truth)
			return s ? BPF_JSLT : BPF_JLT;
		return s ? BPF_JSGE : BPF_JGE;
	default:
		if (truth)
			return s ? BPF_JSLE : BPF_JLE;
		return s ? BPF_JSGT : BPF_JGT;
	}
}

/* The same for right and left exchanged. */
static int mirrored(int op)
{
	switch (op) {
	case BPF_JLT:
		return BPF_JGT;
	case BPF_JLE:
		return BPF_JGE;
	case BPF_JGT:
		return BPF_JLT;
	case BPF_JGE:
		return BPF_JLE;
	case BPF_JSLT:
		return BPF_JSGT;
	case BPF_JSLE:
		return BPF_JSGE;
	case BPF_JSGT:
		return BPF_JSLT;
	case BPF_JSGE:
		return BPF_JSLE;
	default:
		return op;
	}
}

/* An int as it lies in memory: a comparison of 32 bits needs no more. */
static bool emit_low(struct emit *s, struct expr *e)
{
	if (e->op != EXPR_CONTEXT || e->type->size != 4 || e->size != 4)
		return false;
	code_load(&s->code, 4, R0, CTX, e->offset);
	return true;
}

static void emit_jump_compare(struct emit *s, struct expr *e, bool truth, int label)
{
	struct expr *left = e->left, *right = e->right;
	int op = jump_op(e, truth);

	if (is_immediate(left)) {
		right = left;
		left = e->right;
		op = mirrored(op);
	}
	if (!is_immediate(right)) {
		emit_pair(s, left, right);
		code_jump_reg(&s->code, op, R0, R1, label);
	} else if (emit_low(s, left)) {
		code_jump_low(&s->code, op, R0, right->value, label);
	} else {
		emit_value(s, left);
		code_jump(&s->code, op, R0, right->value, label);
	}
}

/* a && b is false if one is; a || b is true if one is: which jumps, and which goes on. */
static void emit_jump_logical(struct emit *s, struct expr *e, bool truth, int label)
{
	bool decides = e->op == EXPR_LOGICAL_OR; /* the truth of a side that decides at once */
	int end;

	if (truth == decides) {
		emit_jump(s, e->left, truth, label);
		emit_jump(s, e->right, truth, label);
		return;
	}
	end = code_label(&s->code);
	emit_jump(s, e->left, decides, end);
	emit_jump(s, e->right, truth, label);
	code_put(&s->code, end);
}

static void emit_jump_select(struct emit *s, struct expr *e, bool truth, int label)
{
	int other = code_label(&s->code), end = code_label(&s->code);

	if (!e->left) { /* x ?: y is true if one is */
		emit_value(s, e);
		code_jump(&s->code, truth ? BPF_JNE : BPF_JEQ, R0, 0, label);
		return;
	}
	emit_jump(s, e->condition, false, other);
	emit_jump(s, e->left, truth, label);
	code_jump(&s->code, BPF_JA, 0, 0, end);
	code_put(&s->code, other);
	emit_jump(s, e->right, truth, label);
	code_put(&s->code, end);
}

void emit_jump(struct emit *s, struct expr *e, bool truth, int label)
{
	if (is_full(s))
		return;
	switch (e->op) {
	case EXPR_EQUAL:
	case EXPR_UNEQUAL:
	case EXPR_LESS:
	case EXPR_LESS_EQUAL:
		emit_jump_compare(s, e, truth, label);
		break;
	case EXPR_LOGICAL_AND:
	case EXPR_LOGICAL_OR:
		emit_jump_logical(s, e, truth, label);
		break;
	case EXPR_LOGICAL_NOT:
		emit_jump(s, e->left, !truth, label);
		break;
	case EXPR_MATCH:
		emit_match(s, e, truth, label);
		break;
	case EXPR_SAME:
		emit_same(s, e, truth, label);
		break;
	case EXPR_SELECT:
		emit_jump_select(s, e, truth, label);
		break;
	default:
		emit_value(s, e);
		code_jump(&s->code, truth ? BPF_JNE : BPF_JEQ, R0, 0, label);
		break;
	}
}

/* --- functions ------------------------------------------------------------------------------ */

/* A string that is compared with a choice is there twice, and so is what is in it: each is looked at
 * once. */
static bool uses_kept(struct expr *e)
{
	if (!e || e->uses_none)
		return false;
	if (e->op == EXPR_KEPT || uses_kept(e->left) || uses_kept(e->right) ||
	    uses_kept(e->condition))
		return true;
	e->uses_none = true;
	return false;
}

void emit_begin(struct emit *s, struct gen *g, struct expr *const *exprs, size_t count)
{
	*s = (struct emit){ .gen = g, .code = { .arena = g->arena } };
	code_alu(&s->code, BPF_MOV, CTX, R1);
	code_alu(&s->code, BPF_MOV, HIT, R2);
	for (size_t i = 0; i < count && !s->kept; i++) {
		if (uses_kept(exprs[i]))
			s->kept = emit_take(s, 1);
	}
	if (s->kept)
		code_store(&s->code, 8, FRAME, s->kept, R3);
}

int emit_end(struct emit *s, struct code *out, const struct expr *first)
{
	size_t at = first && first->node ? first->node->at : 0;

	if (8 * s->most > FRAME_MAX)
		return mistake_set(s->gen->mistake, at, "this is too much for the 512 bytes of stack "
				   "that the kernel gives a program: compare shorter strings, or use "
				   "fewer parentheses");
	if (!code_end(&s->code))
		return mistake_set(s->gen->mistake, at, "this makes more than %d instructions",
				   INT16_MAX);
	*out = s->code;
	return 0;
}

/* The time, if nobody has asked for it yet. */
static void emit_now(struct emit *s)
{
	int known;

	if (!s->gen->uses_now && !s->gen->uses_delta)
		return;
	known = code_label(&s->code);
	code_load(&s->code, 8, R0, HIT, offsetof(struct gen_hit, now));
	code_jump(&s->code, BPF_JNE, R0, 0, known);
	code_call(&s->code, BPF_FUNC_ktime_get_ns);
	code_store(&s->code, 8, HIT, offsetof(struct gen_hit, now), R0);
	code_put(&s->code, known);
}

/* $seq and $delta count all runs, whatever the predicate says. */
static void emit_counters(struct emit *s)
{
	struct gen *g = s->gen;

	if (!g->uses_seq && !g->uses_delta)
		return;
	code_map_value(&s->code, R1, g->state_map, g->state_at);
	if (g->uses_seq) {
		code_alu_imm(&s->code, BPF_MOV, R0, 1);
		code_atomic(&s->code, g->fetch_atomics ? BPF_ADD | BPF_FETCH : BPF_ADD, R1,
			    offsetof(struct gen_state, seq), R0);
		if (g->fetch_atomics)
			code_alu_imm(&s->code, BPF_ADD, R0, 1);
		else
			code_load(&s->code, 8, R0, R1, offsetof(struct gen_state, seq));
		code_store(&s->code, 8, HIT, offsetof(struct gen_hit, seq), R0);
	}
	if (!g->uses_delta)
		return;
	code_load(&s->code, 8, R2, HIT, offsetof(struct gen_hit, now));
	code_alu(&s->code, BPF_MOV, R0, R2);
	if (g->fetch_atomics) {
		code_atomic(&s->code, BPF_XCHG, R1, offsetof(struct gen_state, last), R0);
	} else {
		code_load(&s->code, 8, R0, R1, offsetof(struct gen_state, last));
		code_store(&s->code, 8, R1, offsetof(struct gen_state, last), R2);
	}
	code_alu(&s->code, BPF_SUB, R2, R0);
	code_store(&s->code, 8, HIT, offsetof(struct gen_hit, delta), R2);
}

int gen_pass(struct gen *g, const struct expr *predicate, int32_t result, struct code *out)
{
	struct expr *e = (struct expr *)predicate; /* weights are noted in it */
	struct emit s;
	int no;

	emit_begin(&s, g, &e, e ? 1 : 0);
	emit_now(&s);
	emit_counters(&s);
	no = code_label(&s.code);
	s.fault = code_label(&s.code);
	if (e && e->op == EXPR_CONSTANT) { /* nothing may be out of reach */
		code_alu_imm(&s.code, BPF_MOV, R0, e->value ? result : 0);
		code_exit(&s.code);
		return emit_end(&s, out, e);
	}
	if (e)
		emit_jump(&s, e, false, no);
	code_alu_imm(&s.code, BPF_MOV, R0, result);
	code_exit(&s.code);
	if (s.faults) {
		code_put(&s.code, s.fault);
		code_store_imm(&s.code, 4, HIT, offsetof(struct gen_hit, fault), 1);
	}
	if (e) {
		code_put(&s.code, no);
		code_alu_imm(&s.code, BPF_MOV, R0, 0);
		code_exit(&s.code);
	}
	return emit_end(&s, out, e);
}
