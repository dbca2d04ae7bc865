/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rules: what the rules of parse.c (expressions) and typename.c (types, signatures) share; for
 * nobody else.
 *
 * A rule begins at the next token and takes what belongs to it. It returns NULL or false when it
 * fails, and the mistake is set then. A token that could not be read sets it too; nothing takes
 * such a token, so rules need not ask.
 */
#pragma once

#include "expr/parse.h"

#define FAIL(p, ...) (parse_fail(p, __VA_ARGS__), NULL)

/* The next token is taken. */
void parse_advance(struct parse *p);

/* The token at or behind `at`, which is not taken. */
struct token parse_peek(const struct parse *p, size_t at);

/* Around rules that can contain themselves: hostile text ends here, not at the end of the stack. */
bool parse_enter(struct parse *p);
void parse_leave(struct parse *p);

/* The next token cannot follow an expression. `end` is the sign that could, or NULL. */
int parse_unexpected(struct parse *p, const char *end);

/* Takes what closes the bracket at `open`. */
bool parse_close(struct parse *p, size_t open, enum token_kind kind);

/* condition := or [ "?" [ condition ] ":" condition ] */
struct node *parse_condition(struct parse *p);

/* type := specifier declarator; name is set to the token of a name, and NULL if there is to be
 * none. */
struct type_name *parse_type_name(struct parse *p, struct token *name);

/* Whether a type begins with the token. */
bool parse_type_next(const struct parse *p, const struct token *t);

/* The next token is a parenthesis: does it begin a cast? Of (name *) this is known without
 * knowing the name. */
bool parse_cast_next(const struct parse *p);

static inline unsigned int deeper(unsigned int depth, const struct node *child)
{
	return child && child->depth > depth ? child->depth : depth;
}
