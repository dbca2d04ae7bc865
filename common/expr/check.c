// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "expr/meaning.h"
#include "probe/near.h"
#include "strbuf.h"

/* --- types ---------------------------------------------------------------------------------- */

static const struct ctype *fail_type(struct check *c, const struct type_name *t,
				     enum ctype_kind kind)
{
	static const char *const words[] = {
		[CTYPE_INT] = "type", [CTYPE_STRUCT] = "struct", [CTYPE_UNION] = "union",
		[CTYPE_ENUM] = "enum",
	};
	struct near near = { .wanted = t->name };
	struct strbuf text = {};

	ctypes_near(c->types, kind, &near);
	strbuf_printf(&text, "there is no %s %s", words[kind], t->name);
	near_ask(&near, "", &text);
	check_fail(c, t->at, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

static const struct ctype *type_tag(struct check *c, const struct type_name *t,
				    enum ctype_kind kind)
{
	const struct ctype *type = ctypes_tag(c->types, kind, t->name);

	return type ? type : fail_type(c, t, kind);
}

static const struct ctype *type_array(struct check *c, const struct type_name *t)
{
	const struct ctype *element = check_type(c, t->of);
	struct expr *count;
	uint64_t size;

	if (!element)
		return NULL;
	if (!ctype_size(element, &size))
		return FAIL_AT(c, t->at, "%s has no size: there is no array of it",
			       type_text(c, element));
	if (!t->count)
		return ctypes_array(c->types, element, 0);
	count = check_value(c, t->count);
	if (!count)
		return NULL;
	if (count->op != EXPR_CONSTANT || count->value > UINT32_MAX / (size ? size : 1))
		return FAIL_AT(c, t->count->at, "the length of an array is a constant, and below 4 GB");
	return ctypes_array(c->types, element, count->value);
}

static const char *base_words(enum base_type base)
{
	static const char *const words[] = {
		[BASE_VOID] = "void", [BASE_BOOL] = "_Bool", [BASE_CHAR] = "char",
		[BASE_SCHAR] = "signed char", [BASE_UCHAR] = "unsigned char",
		[BASE_SHORT] = "short", [BASE_USHORT] = "unsigned short", [BASE_INT] = "int",
		[BASE_UINT] = "unsigned int", [BASE_LONG] = "long",
		[BASE_ULONG] = "unsigned long", [BASE_LLONG] = "long long",
		[BASE_ULLONG] = "unsigned long long", [BASE_FLOAT] = "float",
		[BASE_DOUBLE] = "double", [BASE_LDOUBLE] = "long double",
	};

	return words[base];
}

const struct ctype *check_type(struct check *c, const struct type_name *t)
{
	const struct ctype *type;

	switch (t->kind) {
	case TYPE_BASE:
		return ctype_basic(base_words(t->base));
	case TYPE_TYPEDEF:
		type = ctypes_named(c->types, t->name);
		return type ? type : fail_type(c, t, CTYPE_INT);
	case TYPE_STRUCT:
		return type_tag(c, t, CTYPE_STRUCT);
	case TYPE_UNION:
		return type_tag(c, t, CTYPE_UNION);
	case TYPE_ENUM:
		return type_tag(c, t, CTYPE_ENUM);
	case TYPE_ARRAY:
		return type_array(c, t);
	case TYPE_POINTER:
		type = check_type(c, t->of);
		return type ? ctypes_pointer(c->types, type) : NULL;
	case TYPE_FUNCTION:
		break;
	}
	/* What it takes is nobody's business here. */
	return &ctype_void;
}

static bool scope_hides(const struct scope *scope, const char *name)
{
	return scope_find(scope->names, scope->count, name) || scope_unread(scope, name);
}

bool check_is_type(const char *name, void *check)
{
	const struct check *c = check;

	if (scope_hides(c->scope, name) || (c->entry && scope_hides(c->entry, name)))
		return false;
	return ctypes_named(c->types, name) != NULL;
}

/* --- comparisons and truth -------------------------------------------------------------------- */

struct expr *check_truth(struct check *c, const struct node *n)
{
	struct expr *e = check_value(c, n);

	return e ? expr_truth(c, e) : NULL;
}

static bool compared(enum expr_op op, const struct expr *e)
{
	uint64_t a = e->left->value, b = e->right->value;

	switch (op) {
	case EXPR_EQUAL:
		return a == b;
	case EXPR_UNEQUAL:
		return a != b;
	case EXPR_LESS:
		return e->compare_signed ? (int64_t)a < (int64_t)b : a < b;
	default:
		return e->compare_signed ? (int64_t)a <= (int64_t)b : a <= b;
	}
}

/* Both sides as one type; pointers are compared as addresses. */
static struct expr *compare_values(struct check *c, const struct node *n, struct expr *left,
				   struct expr *right)
{
	bool swap = n->op == TOKEN_GREATER || n->op == TOKEN_GREATER_EQUAL;
	enum expr_op op = n->op == TOKEN_EQUAL ? EXPR_EQUAL : n->op == TOKEN_UNEQUAL ? EXPR_UNEQUAL :
			  n->op == TOKEN_LESS || n->op == TOKEN_GREATER ? EXPR_LESS :
									  EXPR_LESS_EQUAL;
	struct expr *e = expr_new(c, op, ctype_integer(4, true), n);
	const struct ctype *common;

	switch (ctype_compare(left->type, right->type)) {
	case CTYPE_COMPARE_NOT:
		return FAIL_AT(c, n->where, "%s and %s cannot be compared",
			       type_text(c, left->type), type_text(c, right->type));
	case CTYPE_COMPARE_INTEGERS:
		common = ctype_arithmetic(left->type, right->type);
		left = expr_convert(c, left, common);
		right = expr_convert(c, right, common);
		e->compare_signed = common->is_signed;
		break;
	default:
		break;
	}
	e->left = swap ? right : left;
	e->right = swap ? left : right;
	e->may_fault = left->may_fault || right->may_fault;
	e->is_truth = true;
	if (left->op == EXPR_CONSTANT && right->op == EXPR_CONSTANT)
		return expr_constant(c, compared(op, e), e->type, n);
	return e;
}

static struct expr *check_compare(struct check *c, const struct node *n)
{
	struct expr *left = check_node(c, n->left), *right = left ? check_node(c, n->right) : NULL;

	if (!right)
		return NULL;
	if (text_is_compared(n, left, right))
		return check_text_equal(c, n, left, right);
	left = expr_promoted(c, expr_value(c, left));
	right = left ? expr_promoted(c, expr_value(c, right)) : NULL;
	return right ? compare_values(c, n, left, right) : NULL;
}

/* && and ||: what is decided by a constant is not looked at further, but checked. */
static struct expr *check_logical(struct check *c, const struct node *n)
{
	bool and = n->op == TOKEN_AND_AND;
	struct expr *left = check_truth(c, n->left), *right = left ? check_truth(c, n->right) : NULL;
	struct expr *e;

	if (!right)
		return NULL;
	if (left->op == EXPR_CONSTANT)
		return !left->value == and ? left : right;
	if (right->op == EXPR_CONSTANT && !right->value != and)
		return left;
	e = expr_new(c, and ? EXPR_LOGICAL_AND : EXPR_LOGICAL_OR, ctype_integer(4, true), n);
	e->left = left;
	e->right = right;
	e->may_fault = left->may_fault || right->may_fault;
	e->is_truth = true;
	return e;
}

static struct expr *check_not(struct check *c, const struct node *n)
{
	struct expr *left = check_truth(c, n->left), *e;

	if (!left)
		return NULL;
	if (left->op == EXPR_CONSTANT)
		return expr_constant(c, !left->value, ctype_integer(4, true), n);
	e = expr_new(c, EXPR_LOGICAL_NOT, ctype_integer(4, true), n);
	e->left = left;
	e->may_fault = left->may_fault;
	e->is_truth = true;
	return e;
}

/* --- x ? a : b ------------------------------------------------------------------------------ */

static void *fail_select(struct check *c, const struct node *n, const struct expr *left,
			 const struct expr *right)
{
	return FAIL_AT(c, n->where, "%s and %s are of no common type: cast one of them",
		       type_text(c, left->type), type_text(c, right->type));
}

static const struct ctype *select_type(struct check *c, const struct node *n,
				       const struct expr *left, const struct expr *right)
{
	const struct ctype *a = left->type, *b = right->type;

	if (ctype_is_integer(a) && ctype_is_integer(b))
		return ctype_arithmetic(a, b);
	if (a->kind == CTYPE_POINTER && b->kind == CTYPE_POINTER) {
		if (ctype_same(a->target, b->target) || b->target->kind == CTYPE_VOID)
			return a;
		if (a->target->kind == CTYPE_VOID)
			return b;
	}
	if (a->kind == CTYPE_POINTER && right->op == EXPR_CONSTANT && !right->value)
		return a;
	if (b->kind == CTYPE_POINTER && left->op == EXPR_CONSTANT && !left->value)
		return b;
	return fail_select(c, n, left, right);
}

/* Where the pointer points to that is chosen; NULL points nowhere. */
static enum space select_space(const struct expr *left, const struct expr *right)
{
	if (left->op == EXPR_CONSTANT)
		return right->space;
	return right->op == EXPR_CONSTANT || left->space == right->space ? left->space : SPACE_ANY;
}

static struct expr *check_promoted(struct check *c, const struct node *n)
{
	return expr_promoted(c, check_value(c, n));
}

struct expr *expr_select(struct check *c, struct expr *condition, struct expr *left,
			 struct expr *right, const struct node *n)
{
	struct expr *first, *e;
	const struct ctype *type;

	first = expr_promoted(c, expr_value(c, left ? left : condition));
	right = first ? expr_promoted(c, expr_value(c, right)) : NULL;
	type = right ? select_type(c, n, first, right) : NULL;
	if (!type)
		return NULL;
	if (condition->op == EXPR_CONSTANT)
		return expr_convert(c, condition->value ? first : right, type);
	e = expr_new(c, EXPR_SELECT, type, n);
	/* x ?: y: what becomes of x when it is taken */
	e->condition = left ? expr_truth(c, condition) : expr_convert(c, first, type);
	e->left = left ? expr_convert(c, first, type) : NULL;
	e->right = expr_convert(c, right, type);
	e->space = select_space(first, right);
	e->may_fault = condition->may_fault || first->may_fault || right->may_fault;
	return e;
}

static struct expr *check_condition(struct check *c, const struct node *n)
{
	struct expr *condition = check_promoted(c, n->condition), *left, *right;

	left = !condition ? NULL : n->left ? check_node(c, n->left) : condition;
	right = left ? check_node(c, n->right) : NULL;
	if (!right)
		return NULL;
	if (!text_is_chosen(left, right) && (text_has_no_value(left) || text_has_no_value(right)))
		return fail_select(c, n, left, right);
	if (!text_is_chosen(left, right))
		return expr_select(c, condition, n->left ? left : NULL, right, n);
	if (condition->op == EXPR_CONSTANT)
		return condition->value ? left : right;
	return expr_choice(c, condition, n->left ? left : NULL, right, n);
}

/* --- arithmetic ------------------------------------------------------------------------------- */

static enum expr_op operation(enum token_kind op)
{
	switch (op) {
	case TOKEN_PLUS:
		return EXPR_ADD;
	case TOKEN_MINUS:
		return EXPR_SUB;
	case TOKEN_STAR:
		return EXPR_MUL;
	case TOKEN_SLASH:
		return EXPR_DIV;
	case TOKEN_PERCENT:
		return EXPR_MOD;
	case TOKEN_AND:
		return EXPR_AND;
	case TOKEN_OR:
		return EXPR_OR;
	case TOKEN_XOR:
		return EXPR_XOR;
	case TOKEN_SHIFT_LEFT:
		return EXPR_SHL;
	default:
		return EXPR_SHR;
	}
}

/* The size of what a pointer points to; of void 1, as GNU C has it. 0: failed. */
static uint64_t step(struct check *c, const struct ctype *pointer, const struct node *n)
{
	uint64_t size;

	if (pointer->target->kind == CTYPE_VOID || pointer->target->kind == CTYPE_FUNCTION)
		return 1;
	if (!ctype_size(pointer->target, &size) || !size) {
		check_fail(c, n->where, "the size of %s is not known, so this pointer cannot be moved",
			   type_text(c, pointer->target));
		return 0;
	}
	return size;
}

/* pointer + number, pointer - number */
static struct expr *pointer_move(struct check *c, enum expr_op op, struct expr *pointer,
				 struct expr *number, const struct node *n)
{
	const struct ctype *word = ctype_integer(8, true);
	uint64_t size = step(c, pointer->type, n);
	struct expr *e;

	if (!size)
		return NULL;
	if (!ctype_promote(number->type, 0))
		return FAIL_AT(c, n->where, "%s and %s cannot be added",
			       type_text(c, pointer->type), type_text(c, number->type));
	number = expr_convert(c, number, word);
	if (size > 1)
		number = expr_binary(c, EXPR_MUL, number, expr_constant(c, size, word, n), word, n);
	if (op == EXPR_SUB && number->op == EXPR_CONSTANT) {
		number = expr_constant(c, -number->value, word, n);
		op = EXPR_ADD;
	}
	if (pointer->op == EXPR_CONTEXT_ADDRESS && op == EXPR_ADD && !pointer->left) {
		e = expr_new(c, EXPR_CONTEXT_ADDRESS, pointer->type, n);
		*e = *pointer;
		if (number->op == EXPR_CONSTANT)
			e->offset += number->value;
		else
			e->left = number;
		e->may_fault = number->may_fault;
		return e;
	}
	e = expr_binary(c, op, pointer, number, pointer->type, n);
	if (e)
		e->space = pointer->space;
	return e;
}

static struct expr *pointer_difference(struct check *c, struct expr *left, struct expr *right,
				       const struct node *n)
{
	const struct ctype *word = ctype_integer(8, true);
	uint64_t size = step(c, left->type, n);
	struct expr *e;

	if (!size)
		return NULL;
	if (!ctype_same(left->type->target, right->type->target))
		return FAIL_AT(c, n->where, "%s and %s point to different things",
			       type_text(c, left->type), type_text(c, right->type));
	e = expr_binary(c, EXPR_SUB, expr_convert(c, left, word), expr_convert(c, right, word), word, n);
	return size == 1 ? e : expr_binary(c, EXPR_DIV, e, expr_constant(c, size, word, n), word, n);
}

static struct expr *check_shift(struct check *c, enum expr_op op, struct expr *left,
				struct expr *right, const struct node *n)
{
	const struct ctype *type = ctype_promote(left->type, left->bits);
	const struct ctype *count = ctype_promote(right->type, 0);

	if (!type || !count)
		return FAIL_AT(c, n->where, "%s cannot be shifted by %s", type_text(c, left->type),
			       type_text(c, right->type));
	return expr_binary(c, op, expr_convert(c, left, type), expr_convert(c, right, count), type, n);
}

static struct expr *check_arithmetic(struct check *c, const struct node *n)
{
	enum expr_op op = operation(n->op);
	struct expr *left = check_promoted(c, n->left);
	struct expr *right = left ? check_promoted(c, n->right) : NULL;
	const struct ctype *type;
	struct expr *e;
	bool a, b;

	if (!right)
		return NULL;
	a = left->type->kind == CTYPE_POINTER;
	b = right->type->kind == CTYPE_POINTER;
	if (op == EXPR_SUB && a && b)
		return pointer_difference(c, left, right, n);
	if (a && !b && (op == EXPR_ADD || op == EXPR_SUB))
		return pointer_move(c, op, left, right, n);
	if (b && !a && op == EXPR_ADD)
		return pointer_move(c, op, right, left, n);
	if (op == EXPR_SHL || op == EXPR_SHR)
		return check_shift(c, op, left, right, n);
	type = a || b ? NULL : ctype_arithmetic(left->type, right->type);
	if (!type)
		return FAIL_AT(c, n->where, "%s and %s cannot be combined by %s%s",
			       type_text(c, left->type), type_text(c, right->type),
			       token_sign(n->op), a || b ? ": cast the pointer, (unsigned long)" : "");
	e = expr_binary(c, op, expr_convert(c, left, type), expr_convert(c, right, type), type, n);
	/* arg1 + 8, where of arg1 no more is known than that it is the user's */
	if (e && (op == EXPR_ADD || op == EXPR_SUB))
		e->space = left->space ? left->space : right->space;
	return e;
}

/* --- one operand -------------------------------------------------------------------------------- */

/* + - ~ */
static struct expr *check_sign(struct check *c, const struct node *n)
{
	struct expr *left = check_promoted(c, n->left), *e;
	const struct ctype *type;

	if (!left)
		return NULL;
	type = ctype_promote(left->type, left->bits);
	if (!type)
		return FAIL_AT(c, n->where, "%s stands before a number, and this is %s",
			       token_sign(n->op), type_text(c, left->type));
	left = expr_convert(c, left, type);
	if (n->op == TOKEN_PLUS)
		return left;
	if (left->op == EXPR_CONSTANT)
		return expr_constant(c, n->op == TOKEN_MINUS ? -left->value : ~left->value, type, n);
	e = expr_new(c, n->op == TOKEN_MINUS ? EXPR_NEGATE : EXPR_INVERT, type, n);
	e->left = left;
	e->may_fault = left->may_fault;
	return e;
}

static struct expr *check_follow_pointer(struct check *c, const struct node *n)
{
	struct expr *left = check_value(c, n->left);

	if (!left)
		return NULL;
	if (left->type->kind != CTYPE_POINTER)
		return FAIL_AT(c, n->where, "* follows a pointer, and this is %s: cast it, "
			       "*(unsigned long *)...", type_text(c, left->type));
	if (left->type->target->kind == CTYPE_VOID)
		return FAIL_AT(c, n->where, "what lies at a void pointer has no type: cast it");
	return expr_target(c, left, left->type->target, n);
}

static struct expr *check_address(struct check *c, const struct node *n)
{
	struct expr *e = check_node(c, n->left);
	const struct ctype *type;

	if (!e)
		return NULL;
	if (e->op != EXPR_OBJECT)
		return FAIL_AT(c, n->where, "this has no address: it is no place in memory");
	if (e->bits)
		return FAIL_AT(c, n->where, "a bitfield has no address");
	type = ctypes_pointer(c->types, e->type);
	e = expr_address(c, e);
	if (e)
		e->type = type;
	return e;
}

static struct expr *check_unary(struct check *c, const struct node *n)
{
	switch (n->op) {
	case TOKEN_NOT:
		return check_not(c, n);
	case TOKEN_STAR:
		return check_follow_pointer(c, n);
	case TOKEN_AND:
		return check_address(c, n);
	default:
		return check_sign(c, n);
	}
}

static struct expr *check_index(struct check *c, const struct node *n)
{
	struct expr *left = check_node(c, n->left), *right = left ? check_value(c, n->right) : NULL;
	struct expr *pointer;

	if (!right)
		return NULL;
	left = expr_value(c, left);
	if (!left)
		return NULL;
	if (left->type->kind == CTYPE_POINTER && left->type->target->kind == CTYPE_VOID)
		return FAIL_AT(c, n->where, "what lies at a void pointer has no type: cast it");
	if (left->type->kind != CTYPE_POINTER)
		return FAIL_AT(c, n->where, "[ ] needs an array or a pointer, and this is %s",
			       type_text(c, left->type));
	pointer = pointer_move(c, EXPR_ADD, left, right, n);
	return pointer ? expr_target(c, pointer, left->type->target, n) : NULL;
}

static struct expr *check_cast(struct check *c, const struct node *n)
{
	const struct ctype *type = check_type(c, n->type);
	struct expr *e = type ? check_value(c, n->left) : NULL, *out;

	if (!e)
		return NULL;
	if (!ctype_is_scalar(type) || type->size > 8)
		return FAIL_AT(c, n->at, "a value can be cast to a number or a pointer, not to %s",
			       type_text(c, type));
	out = expr_convert(c, e, type);
	if (!out)
		return NULL;
	if (n->type->kind == TYPE_POINTER && n->type->of->user)
		out->space = SPACE_USER;
	if (type->kind == CTYPE_POINTER && out->space == SPACE_ANY && c->user)
		out->space = SPACE_USER;
	return out;
}

/* x@user: what it points to lies there. */
static struct expr *check_space(struct check *c, const struct node *n)
{
	struct expr *e = check_value(c, n->left), *out;

	if (!e)
		return NULL;
	if (e->type->size != 8)
		return FAIL_AT(c, n->where, "@%s stands behind an address, and this is %s",
			       n->kernel ? "kernel" : "user", type_text(c, e->type));
	out = expr_new(c, e->op, e->type, n);
	*out = *e;
	out->space = n->kernel ? SPACE_KERNEL : SPACE_USER;
	return out;
}

static struct expr *check_sizeof(struct check *c, const struct node *n)
{
	const struct ctype *type;
	struct expr *e;
	uint64_t size;

	if (n->kind == NODE_SIZEOF_TYPE) {
		type = check_type(c, n->type);
	} else {
		e = check_node(c, n->left);
		if (e && e->op == EXPR_OBJECT && e->bits)
			return FAIL_AT(c, n->where, "a bitfield has no size in bytes");
		type = e ? e->type : NULL;
	}
	if (!type)
		return NULL;
	if (!ctype_size(type, &size))
		return FAIL_AT(c, n->where, ctype_complete(type)->is_incomplete ?
			       "the size of %s is not known: only its name is" : "%s has no size",
			       type_text(c, type));
	if (type->kind == CTYPE_ARRAY && !size) /* [] of a struct, __data_loc */
		return FAIL_AT(c, n->where, "%s has no fixed size", type_text(c, type));
	return expr_constant(c, size, ctype_integer(8, false), n);
}

/* --- all of them -------------------------------------------------------------------------------- */

static struct expr *check_binary(struct check *c, const struct node *n)
{
	switch (n->op) {
	case TOKEN_AND_AND:
	case TOKEN_OR_OR:
		return check_logical(c, n);
	case TOKEN_EQUAL:
	case TOKEN_UNEQUAL:
	case TOKEN_LESS:
	case TOKEN_GREATER:
	case TOKEN_LESS_EQUAL:
	case TOKEN_GREATER_EQUAL:
		return check_compare(c, n);
	default:
		return check_arithmetic(c, n);
	}
}

struct expr *check_node(struct check *c, const struct node *n)
{
	switch (n->kind) {
	case NODE_NUMBER:
	case NODE_STRING:
	case NODE_NAME:
	case NODE_VARIABLE:
		return check_leaf(c, n);
	case NODE_UNARY:
		return check_unary(c, n);
	case NODE_BINARY:
		return check_binary(c, n);
	case NODE_CONDITION:
		return check_condition(c, n);
	case NODE_CAST:
		return check_cast(c, n);
	case NODE_SIZEOF:
	case NODE_SIZEOF_TYPE:
		return check_sizeof(c, n);
	case NODE_CALL:
		return check_call(c, n);
	case NODE_MEMBER:
		return check_member(c, n);
	case NODE_INDEX:
		return check_index(c, n);
	case NODE_SPACE:
		return check_space(c, n);
	case NODE_TUPLE:
		break;
	}
	return FAIL_AT(c, n->at, "a list of values has no meaning here");
}

struct expr *check_value(struct check *c, const struct node *n)
{
	return expr_value(c, check_node(c, n));
}

struct expr *check_cast_to(struct check *c, struct expr *e, const struct ctype *type)
{
	return expr_convert(c, expr_value(c, e), type);
}

struct expr *check_scalar(struct check *c, struct expr *object)
{
	return expr_value(c, object);
}

struct expr *check_any(struct check *c, const struct node *n)
{
	struct expr *e = check_node(c, n);

	/* Scalars are read, the rest is taken as it is. */
	if (!e || e->op != EXPR_OBJECT || !ctype_is_scalar(e->type) || e->type->size > 8)
		return e;
	return expr_value(c, e);
}

struct expr *check_follow(struct check *c, struct expr *e)
{
	uint64_t size;

	if (e->type->kind != CTYPE_POINTER || !ctype_size(e->type->target, &size) ||
	    ctype_is_scalar(e->type->target))
		return e;
	return expr_target(c, e, ctype_complete(e->type->target), e->node);
}
