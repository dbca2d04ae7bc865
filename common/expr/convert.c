// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expr/meaning.h"
#include "strbuf.h"

int check_fail(struct check *c, size_t at, const char *why, ...)
{
	char text[sizeof(c->mistake->why)];
	va_list args;

	if (c->failed)
		return -EINVAL;
	c->failed = true;
	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);
	return mistake_set(c->mistake, at, "%s", text);
}

const char *type_text(struct check *c, const struct ctype *type)
{
	struct strbuf text = {};
	const char *copy;

	ctype_print(type, NULL, &text);
	copy = arena_copy(c->arena, text.data, text.size);
	strbuf_free(&text);
	return copy;
}

struct expr *expr_new(struct check *c, enum expr_op op, const struct ctype *type,
		      const struct node *n)
{
	struct expr *e = arena_alloc(c->arena, sizeof(*e));

	e->op = op;
	e->type = type;
	e->node = n;
	return e;
}

/* --- constants ------------------------------------------------------------------------------ */

static uint64_t extended(uint64_t value, unsigned int size, bool is_signed)
{
	unsigned int shift = 64 - 8 * size;

	if (size >= 8)
		return value;
	return is_signed ? (uint64_t)((int64_t)(value << shift) >> shift) : value << shift >> shift;
}

uint64_t expr_canonical(uint64_t value, const struct ctype *type)
{
	if (type->is_bool)
		return value != 0;
	return ctype_is_integer(type) ? extended(value, type->size, type->is_signed) : value;
}

struct expr *expr_constant(struct check *c, uint64_t value, const struct ctype *type,
			   const struct node *n)
{
	struct expr *e = expr_new(c, EXPR_CONSTANT, type, n);

	e->value = expr_canonical(value, type);
	return e;
}

static uint64_t divided(enum expr_op op, uint64_t a, uint64_t b, const struct ctype *type)
{
	if (!type->is_signed)
		return op == EXPR_DIV ? a / b : a % b;
	if (b == UINT64_MAX) /* INT64_MIN / -1 */
		return op == EXPR_DIV ? -a : 0;
	return op == EXPR_DIV ? (int64_t)a / (int64_t)b : (int64_t)a % (int64_t)b;
}

static uint64_t folded(enum expr_op op, uint64_t a, uint64_t b, const struct ctype *type)
{
	switch (op) {
	case EXPR_ADD:
		return a + b;
	case EXPR_SUB:
		return a - b;
	case EXPR_MUL:
		return a * b;
	case EXPR_AND:
		return a & b;
	case EXPR_OR:
		return a | b;
	case EXPR_XOR:
		return a ^ b;
	case EXPR_SHL:
		return a << b;
	case EXPR_SHR:
		return type->is_signed ? (uint64_t)((int64_t)a >> b) : a >> b;
	default:
		return divided(op, a, b, type);
	}
}

struct expr *expr_binary(struct check *c, enum expr_op op, struct expr *left, struct expr *right,
			 const struct ctype *type, const struct node *n)
{
	bool divides = op == EXPR_DIV || op == EXPR_MOD;
	struct expr *e;

	if (!left || !right)
		return NULL;
	if (right->op == EXPR_CONSTANT) {
		if (divides && !right->value)
			return FAIL_AT(c, n->where, "this divides by zero");
		if ((op == EXPR_SHL || op == EXPR_SHR) && right->value >= 8 * type->size)
			return FAIL_AT(c, n->where, "%s has %llu bits: a shift by %lld has no result",
				       type_text(c, type), (unsigned long long)(8 * type->size),
				       (long long)right->value);
		if (left->op == EXPR_CONSTANT)
			return expr_constant(c, folded(op, left->value, right->value, type), type, n);
	}
	e = expr_new(c, op, type, n);
	e->left = left;
	e->right = right;
	e->may_fault = left->may_fault || right->may_fault;
	return e;
}

/* --- conversions ---------------------------------------------------------------------------- */

bool expr_is_free(const struct ctype *from, const struct ctype *to)
{
	if (to->size >= 8)
		return true;
	if (from->is_bool)
		return true;
	if (!ctype_is_integer(from) || from->size > to->size)
		return false;
	if (from->size == to->size)
		return from->is_signed == to->is_signed;
	return !from->is_signed || to->is_signed;
}

/* What does not work differently on different types. */
static bool is_leaf(const struct expr *e)
{
	return e->op <= EXPR_TASK || e->op == EXPR_LOAD;
}

struct expr *expr_truth(struct check *c, struct expr *e)
{
	struct expr *out;

	if (!e || e->is_truth)
		return e;
	if (e->op == EXPR_CONSTANT)
		return expr_constant(c, e->value != 0, ctype_integer(4, true), e->node);
	out = expr_new(c, EXPR_UNEQUAL, ctype_integer(4, true), e->node);
	out->left = e;
	out->right = expr_constant(c, 0, e->type, e->node);
	out->may_fault = e->may_fault;
	out->is_truth = true;
	return out;
}

struct expr *expr_promoted(struct check *c, struct expr *e)
{
	struct expr *out;

	if (!e || e->op == EXPR_OBJECT || !e->bits || !ctype_promote(e->type, e->bits))
		return e;
	out = expr_new(c, e->op, NULL, NULL);
	*out = *e;
	out->type = ctype_promote(e->type, e->bits);
	return out;
}

struct expr *expr_convert(struct check *c, struct expr *e, const struct ctype *type)
{
	struct expr *out;

	/* A bitfield is promoted once; what it is converted to is no bitfield any more. */
	e = expr_promoted(c, e);
	if (!e || e->type == type)
		return e;
	if (e->op == EXPR_CONSTANT) {
		out = expr_constant(c, e->value, type, e->node);
		out->space = e->space;
		return out;
	}
	if (type->is_bool && !e->type->is_bool)
		e = expr_truth(c, e);
	out = expr_new(c, EXPR_CONVERT, type, e->node);
	if (is_leaf(e) && !e->bits && expr_is_free(e->type, type)) {
		*out = *e;
		out->type = type;
		return out;
	}
	out->left = e;
	out->may_fault = e->may_fault;
	out->space = e->space;
	return out;
}

/* --- objects -------------------------------------------------------------------------------- */

/* Whether these bytes are of a field: of what lies elsewhere in the context nobody here knows if
 * the verifier lets programs read it. */
static bool context_has(const struct scope_name *names, size_t count, int64_t offset, uint64_t size)
{
	for (size_t i = 0; i < count; i++) {
		const struct fetch *f = &names[i].fetch;

		if (f->kind == FETCH_FIELD && offset >= f->at &&
		    offset + size <= f->at + names[i].type->size)
			return true;
	}
	return false;
}

/* What is loaded directly: the kernel lets programs read their context at fixed places, by as
 * many bytes as the place is aligned for. */
static struct expr *context_value(struct check *c, struct expr *object)
{
	struct expr *base = object->left;
	int64_t offset = base->offset + object->offset;
	struct expr *e;

	if (base->op != EXPR_CONTEXT_ADDRESS || base->left || object->bits ||
	    offset % (int64_t)object->type->size)
		return NULL;
	if (!context_has(c->scope->names, c->scope->count, offset, object->type->size) &&
	    !context_has(c->scope->fields, c->scope->field_count, offset, object->type->size))
		return NULL;
	e = expr_new(c, EXPR_CONTEXT, object->type, object->node);
	e->offset = offset;
	e->size = object->type->size;
	e->is_signed = object->type->is_signed;
	e->space = object->space;
	return e;
}

/* The bytes of a bitfield, which begins in the first one: the fewest that have all of it. */
static bool bitfield_set(struct check *c, struct expr *load)
{
	load->size = (load->shift + load->bits + 7u) / 8;
	if (load->size > 8)
		return !check_fail(c, load->node->where, "this bitfield lies in nine bytes");
	if (c->big_endian)
		load->shift = 8 * load->size - load->shift - load->bits;
	return true;
}

static struct expr *object_load(struct check *c, struct expr *object)
{
	struct expr *e = context_value(c, object);

	if (e)
		return e;
	e = expr_new(c, EXPR_LOAD, object->type, object->node);
	e->left = object->left;
	e->offset = object->offset;
	e->lies = object->lies;
	e->space = object->space;
	e->size = object->type->size;
	e->is_signed = object->type->is_signed;
	e->shift = object->shift;
	e->bits = object->bits;
	e->may_fault = true;
	if (e->bits && !bitfield_set(c, e))
		return NULL;
	return e;
}

struct expr *expr_address(struct check *c, struct expr *object)
{
	const struct ctype *type = object->type;
	struct expr *base = object->left, *e;
	struct expr *offset;

	if (object->op == EXPR_COMM)
		return FAIL_AT(c, object->node->at, "$comm is text: it can be compared with text, "
			       "chosen with ?: or printed");
	type = type->kind == CTYPE_ARRAY || type->kind == CTYPE_FUNCTION ?
		       ctypes_decay(c->types, type) : ctypes_pointer(c->types, type);
	if (base->op == EXPR_CONTEXT_ADDRESS) {
		e = expr_new(c, EXPR_CONTEXT_ADDRESS, type, object->node);
		e->left = base->left;
		e->offset = base->offset + object->offset;
		e->may_fault = base->may_fault;
	} else if (object->offset) {
		offset = expr_constant(c, object->offset, ctype_integer(8, true), object->node);
		e = expr_binary(c, EXPR_ADD, base, offset, type, object->node);
	} else {
		e = expr_new(c, base->op, type, object->node);
		*e = *base;
		e->type = type;
	}
	e->space = object->lies;
	return e;
}

struct expr *expr_value(struct check *c, struct expr *e)
{
	if (!e)
		return NULL;
	if (e->op == EXPR_TEXT)
		return FAIL_AT(c, e->node->at, "a string in quotes can be compared with == and !=, "
			       "chosen with ?: or printed, nothing else");
	if (e->op == EXPR_CHOICE)
		return expr_select(c, e->condition, e->left, e->right, e->node);
	if (e->op != EXPR_OBJECT && e->op != EXPR_COMM)
		return e;
	if (e->type->kind == CTYPE_ARRAY || e->type->kind == CTYPE_FUNCTION)
		return expr_address(c, e);
	if (e->type->kind == CTYPE_FLOAT)
		return FAIL_AT(c, e->node->where, "%s: BPF has no floating point; it can be printed "
			       "with %%f, nothing else", type_text(c, e->type));
	if (!ctype_is_scalar(e->type)) {
		if (e->type->kind == CTYPE_VOID)
			return FAIL_AT(c, e->node->where, "this is void, which has no value");
		return FAIL_AT(c, e->node->where, "this is %s: name a member of it, or print it "
			       "with %%S", type_text(c, e->type));
	}
	if (e->type->size > 8)
		return FAIL_AT(c, e->node->where, "%s is wider than a register",
			       type_text(c, e->type));
	return object_load(c, e);
}

struct expr *expr_target(struct check *c, struct expr *pointer, const struct ctype *type,
			 const struct node *n)
{
	struct expr *e;

	if (!pointer)
		return NULL;
	e = expr_new(c, EXPR_OBJECT, type, n);
	e->left = pointer;
	e->lies = pointer->space;
	/* What user memory holds points to user memory; of the kernel's nobody knows. */
	e->space = pointer->space == SPACE_USER || type->is_user ? SPACE_USER : SPACE_ANY;
	e->may_fault = true;
	/* Constant parts of the address are the load's. */
	if (pointer->op == EXPR_ADD && pointer->right->op == EXPR_CONSTANT &&
	    (int64_t)pointer->right->value == (int32_t)pointer->right->value) {
		e->offset = pointer->right->value;
		e->left = pointer->left;
	}
	return e;
}
