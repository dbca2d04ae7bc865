// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The values of the names that a scope has, from wherever it says. */
#include <string.h>

#include "expr/meaning.h"

const struct scope_name *scope_find(const struct scope_name *names, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i].name, text))
			return &names[i];
	}
	return NULL;
}

const char *scope_unread(const struct scope *scope, const char *text)
{
	for (size_t i = 0; i < scope->unread_count; i++) {
		if (!strcmp(scope->unread[i].name, text))
			return scope->unread[i].why;
	}
	return NULL;
}

static struct expr *register_read(struct check *c, uint32_t at, const struct node *n)
{
	struct expr *e = expr_new(c, EXPR_CONTEXT, ctype_integer(8, false), n);

	e->offset = at;
	e->size = 8;
	return e;
}

/* An object at base + offset. */
static struct expr *fetch_object(struct check *c, const struct scope_name *name, struct expr *base,
				 int64_t offset, enum space lies)
{
	struct expr *e = expr_new(c, EXPR_OBJECT, name->type, base->node);

	e->left = base;
	e->offset = offset;
	e->lies = lies;
	e->space = name->points;
	e->may_fault = true;
	return e;
}

/* 8 bytes somewhere that hold a register, of which the type takes the lower ones. */
static struct expr *fetch_register(struct check *c, const struct scope_name *name, struct expr *e)
{
	/* Of a bool's register one byte counts, and of an address all. */
	if (name->type->is_bool)
		e = expr_convert(c, e, ctype_integer(1, false));
	/* Above the byte of a bool there may be anything. */
	if (name->type->is_bool)
		e = expr_convert(c, e, ctype_integer(1, false));
	e = expr_convert(c, e, name->type);
	if (e)
		e->space = name->points;
	return e;
}

static struct expr *fetch_memory(struct check *c, const struct scope_name *name,
				 const struct node *n)
{
	const struct fetch *f = &name->fetch;
	const struct ctype *word = ctype_integer(8, false);
	struct expr *base = register_read(c, f->at, n), *index;

	if (f->scale) {
		index = expr_binary(c, EXPR_MUL, register_read(c, f->index, n),
				    expr_constant(c, f->scale, word, n), word, n);
		base = expr_binary(c, EXPR_ADD, base, index, word, n);
	}
	return fetch_object(c, name, base, f->more, f->space);
}

static struct expr *fetch_inner(struct check *c, const struct scope_name *name,
				const struct node *n)
{
	struct expr *e = expr_new(c, EXPR_LOAD, ctype_integer(8, false), n);

	e->left = register_read(c, name->fetch.at, n);
	e->offset = name->fetch.more;
	e->lies = SPACE_KERNEL;
	e->size = 8;
	e->may_fault = true;
	return fetch_register(c, name, e);
}

/* Text that lies somewhere in the record. */
static struct expr *fetch_loc(struct check *c, const struct scope_name *name, const struct node *n)
{
	const struct ctype *word = ctype_integer(8, false);
	struct expr *where = expr_new(c, EXPR_CONTEXT, ctype_integer(4, false), n);
	struct expr *base = expr_new(c, EXPR_CONTEXT_ADDRESS, word, n), *mask;

	where->offset = name->fetch.at;
	where->size = 4;
	mask = expr_constant(c, 0xffff, ctype_integer(4, false), n);
	base->left = expr_binary(c, EXPR_AND, where, mask, ctype_integer(4, false), n);
	base->offset = name->fetch.kind == FETCH_REL_LOC ? name->fetch.at + 4 : 0;
	return fetch_object(c, name, base, 0, SPACE_KERNEL);
}

struct expr *expr_fetch(struct check *c, const struct scope_name *name, const struct node *n)
{
	struct expr *e;

	switch (name->fetch.kind) {
	case FETCH_REGISTER:
		return fetch_register(c, name, register_read(c, name->fetch.at, n));
	case FETCH_FIELD:
		e = expr_new(c, EXPR_CONTEXT_ADDRESS, ctype_integer(8, false), n);
		return fetch_object(c, name, e, name->fetch.at, SPACE_KERNEL);
	case FETCH_DATA_LOC:
	case FETCH_REL_LOC:
		return fetch_loc(c, name, n);
	case FETCH_INNER:
		return fetch_inner(c, name, n);
	case FETCH_MEMORY:
		return fetch_memory(c, name, n);
	case FETCH_CONSTANT:
		break;
	}
	e = expr_constant(c, name->fetch.more, name->type, n);
	e->space = name->points;
	return e;
}

struct expr *check_name(struct check *c, const struct scope_name *name)
{
	static const struct node nowhere;

	return expr_fetch(c, name, &nowhere);
}
