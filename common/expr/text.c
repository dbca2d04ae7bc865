// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text: what is text, whether two of them are the same, which of two is chosen. */
#include <string.h>

#include "expr/meaning.h"

static bool is_byte(const struct ctype *type)
{
	return type->is_char || (type->kind == CTYPE_INT && type->size == 1 && !type->is_bool);
}

bool expr_is_text(const struct expr *e)
{
	const struct ctype *type = e->type;

	if (e->op == EXPR_TEXT || e->op == EXPR_COMM)
		return true;
	return (type->kind == CTYPE_POINTER || type->kind == CTYPE_ARRAY) && is_byte(type->target);
}

bool text_has_no_value(const struct expr *e)
{
	return e->op == EXPR_TEXT || e->op == EXPR_COMM;
}

/* Nothing but text: of pointers C compares the addresses, and bytes may be anything. */
static bool is_only_text(const struct expr *e)
{
	return text_has_no_value(e) || e->op == EXPR_CHOICE ||
	       (e->type->kind == CTYPE_ARRAY && e->type->target->is_char);
}

/* --- comparisons ---------------------------------------------------------------------------- */

static struct expr *match(struct check *c, struct expr *e, const struct expr *text, uint64_t limit,
			  const struct node *n)
{
	const struct ctype *type = e->type;
	struct expr *out = expr_new(c, EXPR_MATCH, ctype_integer(4, true), n);
	bool prefix = limit <= text->text_size;
	size_t size = prefix ? limit : text->text_size;

	/* An array that is full ends without a NUL. */
	if (e->op == EXPR_OBJECT && type->kind == CTYPE_ARRAY && type->count && size == type->count)
		prefix = true;
	if (memchr(text->text, 0, size))
		return FAIL_AT(c, n->where, "a string ends at its first \\0: this is never equal");
	if (type->kind == CTYPE_ARRAY && type->count && size + !prefix > type->count)
		return FAIL_AT(c, n->where, "%s has no room for this text: they are never equal",
			       type_text(c, type));
	out->left = type->kind == CTYPE_ARRAY ? e : expr_value(c, e);
	out->text = text->text;
	out->text_size = size;
	out->prefix = prefix;
	out->is_truth = out->may_fault = true;
	return out->left ? out : NULL;
}

static struct expr *same_literals(struct check *c, const struct expr *a, const struct expr *b,
				  uint64_t limit, const struct node *n)
{
	size_t size = a->text_size < b->text_size ? a->text_size : b->text_size;
	bool same = limit <= size ? !memcmp(a->text, b->text, limit) :
		    a->text_size == b->text_size && !memcmp(a->text, b->text, size);

	return expr_constant(c, same, ctype_integer(4, true), n);
}

/* (x ? a : b) == c is x ? a == c : b == c: each can be read in its own way. */
static struct expr *same_choice(struct check *c, struct expr *choice, struct expr *other,
				uint64_t limit, const struct node *n)
{
	struct expr *chosen = choice->left ? choice->left : choice->condition;
	struct expr *out = expr_new(c, EXPR_SELECT, ctype_integer(4, true), n);

	out->condition = expr_truth(c, choice->condition);
	out->left = expr_same(c, chosen, other, limit, n);
	out->right = expr_same(c, choice->right, other, limit, n);
	out->is_truth = out->may_fault = true;
	return out->left && out->right ? out : NULL;
}

static struct expr *same_strings(struct check *c, struct expr *a, struct expr *b, uint64_t limit,
				 const struct node *n)
{
	struct expr *out = expr_new(c, EXPR_SAME, ctype_integer(4, true), n);

	out->left = a->type->kind == CTYPE_ARRAY ? a : expr_value(c, a);
	out->right = b->type->kind == CTYPE_ARRAY ? b : expr_value(c, b);
	out->value = limit;
	out->is_truth = out->may_fault = true;
	return out->left && out->right ? out : NULL;
}

struct expr *expr_same(struct check *c, struct expr *a, struct expr *b, uint64_t limit,
		       const struct node *n)
{
	if (a->op == EXPR_CHOICE)
		return same_choice(c, a, b, limit, n);
	if (b->op == EXPR_CHOICE)
		return same_choice(c, b, a, limit, n);
	if (a->op == EXPR_TEXT && b->op == EXPR_TEXT)
		return same_literals(c, a, b, limit, n);
	if (b->op == EXPR_TEXT)
		return match(c, a, b, limit, n);
	return a->op == EXPR_TEXT ? match(c, b, a, limit, n) : same_strings(c, a, b, limit, n);
}

bool text_is_compared(const struct node *n, const struct expr *left, const struct expr *right)
{
	bool equal = n->op == TOKEN_EQUAL || n->op == TOKEN_UNEQUAL;

	if (text_has_no_value(left) || text_has_no_value(right))
		return true;
	return equal && (is_only_text(left) || is_only_text(right)) && expr_is_text(left) &&
	       expr_is_text(right);
}

/* x == "text", x == $comm, x->name == y->name */
struct expr *check_text_equal(struct check *c, const struct node *n, struct expr *left,
			      struct expr *right)
{
	struct expr *other = expr_is_text(left) ? right : left, *e;

	if (n->op != TOKEN_EQUAL && n->op != TOKEN_UNEQUAL)
		return FAIL_AT(c, n->where, "strings can be compared with == and != only");
	if (other->is_ip)
		return FAIL_AT(c, other->node->at, "what ntop() makes can be printed, not compared: "
			       "compare the number, with ntohl()");
	if (!expr_is_text(other))
		return FAIL_AT(c, other->node->at, "this is no string but %s%s", type_text(c, other->type),
			       other->type->size == 8 && ctype_is_scalar(other->type) ?
			       ": to compare what it points to, write (char *) before it" : "");
	e = expr_same(c, left, right, UINT64_MAX, n);
	if (!e || n->op == TOKEN_EQUAL)
		return e;
	if (e->op == EXPR_CONSTANT)
		return expr_constant(c, !e->value, e->type, n);
	other = expr_new(c, EXPR_LOGICAL_NOT, ctype_integer(4, true), n);
	other->left = e;
	other->is_truth = other->may_fault = true;
	return other;
}

/* --- x ? a : b ------------------------------------------------------------------------------ */

bool text_is_chosen(const struct expr *left, const struct expr *right)
{
	const struct ctype *a = left->type, *b = right->type;

	if (!expr_is_text(left) || !expr_is_text(right) || left->is_ip || right->is_ip)
		return false;
	return is_only_text(left) || is_only_text(right) ||
	       (a->kind == CTYPE_POINTER && b->kind == CTYPE_POINTER &&
		ctype_same(a->target, b->target) && left->space != right->space);
}

static struct expr *chosen_side(struct check *c, struct expr *e)
{
	return e->op == EXPR_CHOICE || e->type->kind == CTYPE_ARRAY ? e : expr_value(c, e);
}

struct expr *expr_choice(struct check *c, struct expr *condition, struct expr *left,
			 struct expr *right, const struct node *n)
{
	struct expr *e = expr_new(c, EXPR_CHOICE, NULL, n);

	e->type = ctypes_pointer(c->types, ctype_basic("char"));
	e->condition = left ? expr_truth(c, condition) : condition;
	e->left = left ? chosen_side(c, left) : NULL;
	e->right = chosen_side(c, right);
	e->may_fault = true;
	return e->right && (e->left || !left) ? e : NULL;
}
