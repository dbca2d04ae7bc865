// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* a->b, a.b, and what only looks like it: args->FIELD, ctx->REGISTER. */
#include <stdio.h>
#include <string.h>

#include "expr/meaning.h"
#include "probe/near.h"
#include "strbuf.h"

static struct expr *fail_member(struct check *c, const struct node *n, const struct ctype *type)
{
	struct near near = { .wanted = n->text };
	struct strbuf text = {};

	ctype_member_near(type, &near);
	strbuf_printf(&text, "%s has no member %s", type_text(c, type), n->text);
	near_ask(&near, "", &text);
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

static struct expr *fail_field(struct check *c, const struct node *n)
{
	const size_t prefix = strlen("ctx->");
	struct near near = { .wanted = n->text };
	const struct scope *s = c->scope;
	bool has_registers = s->field_count && !strncmp(s->fields[0].name, "ctx->", prefix);
	bool is_register = !strcmp(n->left->text, "ctx");
	size_t skip = is_register ? prefix : 0;
	struct strbuf text = {};
	bool guessed;

	if (is_register && !has_registers)
		return FAIL_AT(c, n->left->at, "there are no registers here");
	if (!is_register && (!s->field_count || has_registers))
		return FAIL_AT(c, n->left->at, "%s", s->args ? s->args :
			       "args is for tracepoints (t:...)");
	for (size_t i = 0; i < s->field_count; i++)
		near_offer(&near, s->fields[i].name + skip);
	strbuf_printf(&text, is_register ? "%s has no register %s" : "%s has no field %s", s->what,
		      n->text);
	guessed = near_ask(&near, "", &text);
	for (size_t i = 0; !guessed && i < s->field_count && text.size < 180; i++)
		strbuf_printf(&text, "%s%s", i ? ", " : ": it has ", s->fields[i].name + skip);
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

/* args->FIELD, ctx->REGISTER: what only looks like a pointer. Else NULL, and nothing failed. */
static struct expr *check_field(struct check *c, const struct node *n)
{
	const struct node *left = n->left;
	const struct scope_name *name;
	char text[32];

	if (left->kind != NODE_NAME || scope_find(c->scope->names, c->scope->count, left->text))
		return NULL;
	if (!strcmp(left->text, "ctx")) {
		snprintf(text, sizeof(text), "ctx->%s", n->text);
		name = scope_find(c->scope->fields, c->scope->field_count, text);
		return name ? expr_fetch(c, name, n) : fail_field(c, n);
	}
	if (strcmp(left->text, "args"))
		return NULL;
	name = scope_find(c->scope->fields, c->scope->field_count, n->text);
	return name ? expr_fetch(c, name, n) : fail_field(c, n);
}

/* The member of an object. */
static struct expr *member_of(struct check *c, struct expr *object, const struct node *n)
{
	const struct ctype *type = ctype_complete(object->type);
	struct ctype_member m;
	struct expr *e;

	if (type->is_incomplete)
		return FAIL_AT(c, n->where, "what is in %s is not known: only its name is",
			       type_text(c, type));
	if (!ctype_member_find(type, n->text, &m))
		return fail_member(c, n, type);
	if (m.type->is_percpu)
		return FAIL_AT(c, n->where, "%s is different for each CPU: it cannot be followed",
			       n->text);
	e = expr_new(c, EXPR_OBJECT, m.type, n);
	e->left = object->left;
	e->lies = object->lies;
	e->offset = object->offset + m.bit_offset / 8;
	e->space = object->lies == SPACE_USER || m.type->is_user ? SPACE_USER : SPACE_ANY;
	e->may_fault = true;
	if (m.bits) {
		e->shift = m.bit_offset % 8;
		e->bits = m.bits;
	}
	return e;
}

static bool is_record(const struct ctype *type)
{
	return type->kind == CTYPE_STRUCT || type->kind == CTYPE_UNION;
}

static struct expr *fail_no_record(struct check *c, const struct node *n, const struct expr *e)
{
	const struct ctype *type = e->type;

	if (n->arrow && is_record(type))
		return FAIL_AT(c, n->where, "this is no pointer but %s: write . in place of ->",
			       type_text(c, type));
	if (!n->arrow && type->kind == CTYPE_POINTER && is_record(type->target))
		return FAIL_AT(c, n->where, "this is a pointer, %s: write -> in place of .",
			       type_text(c, type));
	if (n->arrow && type->kind == CTYPE_POINTER)
		return FAIL_AT(c, n->where, "%s points to no struct: cast it, "
			       "((struct NAME *)...)->%s", type_text(c, type), n->text);
	if (ctype_is_integer(type) && type->size < 8)
		return FAIL_AT(c, n->where, "this is a number, %s: it has no members",
			       type_text(c, type));
	if (ctype_is_integer(type))
		return FAIL_AT(c, n->where, "this is a number, %s: if it is an address, cast it, "
			       "((struct NAME *)...)->%s", type_text(c, type), n->text);
	return FAIL_AT(c, n->where, "%s has no members", type_text(c, type));
}

struct expr *check_member(struct check *c, const struct node *n)
{
	struct expr *e = check_field(c, n);

	if (e || c->failed)
		return e;
	e = check_node(c, n->left);
	if (!e)
		return NULL;
	if (n->arrow) {
		if (e->type->kind == CTYPE_ARRAY || e->type->kind == CTYPE_POINTER)
			e = expr_value(c, e);
		if (!e)
			return NULL;
		if (e->type->kind != CTYPE_POINTER || !is_record(e->type->target))
			return fail_no_record(c, n, e);
		e = expr_target(c, e, e->type->target, n);
	}
	if (!is_record(e->type) || e->op != EXPR_OBJECT)
		return fail_no_record(c, n, e);
	return member_of(c, e, n);
}
