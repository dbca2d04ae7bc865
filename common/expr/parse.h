/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse: C's expressions, type names and lists of parameters, as trees (ast.h). The grammar is in
 * README.md and above each rule.
 *
 * An expression may be a piece of a longer text: a rule reads as much as belongs to it, and the
 * caller looks at what follows.
 *
 *	struct parse p = { .arena = &arena, .mistake = &mistake, ... };
 *
 *	parse_start(&p, text, at);
 *	... parse_take(&p, TOKEN_PAREN), parse_expr(&p, &node), p.token.kind == TOKEN_COMMA ...
 *	parse_end(&p)
 *
 * So argdist's fields are simply read one after the other: a colon that belongs to no ?: ends an
 * expression, and so does a comma that belongs to no call.
 *
 * Ownership: trees are the arena's. text, functions and the struct itself are the caller's.
 * Errors: -EINVAL, with the mistake set and not reported; nothing else is to be read then.
 */
#pragma once

#include "expr/ast.h"

struct parse {
	struct arena *arena;
	struct mistake *mistake;
	const char *const *functions; /* what may be called, "STRCMP", "$entry" ..., NULL last */
	/* Whether the name is a typedef, and no value that hides it: (name)x or (name *)x is a
	 * cast then. Where only a type can stand it is not asked. NULL: there are none. */
	bool (*is_type)(const char *name, void *context);
	void *context;

	struct token token; /* what comes next, to be looked at; TOKEN_NONE: it is no token */

	/* private */
	const char *text;
	size_t last;	    /* where the token before ended */
	unsigned int depth; /* of rules within rules */
	bool key;	    /* name ( is no call */
	bool floats;	    /* float and double are types */
	bool failed;	    /* the mistake is set: the first one counts */
};

void parse_start(struct parse *p, const char *text, size_t at);

int parse_expr(struct parse *p, struct node **node);

/* One or more, separated by commas: their next. */
int parse_list(struct parse *p, struct node **first);

/* The strings that come next, as one. */
int parse_string(struct parse *p, struct node **node);

/* An expression or (a, b ...). A name and a parenthesis are no call if there is no such
 * function: "@ arg1 (predicate)". */
int parse_key(struct parse *p, struct node **node);

/* A type without a name. Any name is taken for a typedef. */
int parse_type(struct parse *p, struct type_name **type);

/* "(char *s, int n)", "()": *first is NULL if there are none. "..." at its end is passed over. */
int parse_signature(struct parse *p, struct parameter **first);

/* A parenthesis comes next: does it begin a signature, not an expression? */
bool parse_signature_next(struct parse *p);

/* If it is the next one it is taken. */
bool parse_take(struct parse *p, enum token_kind kind);

/* Nothing follows. */
int parse_end(struct parse *p);

/* What the caller finds wrong: as mistake_set(), but an earlier mistake stays. */
int parse_fail(struct parse *p, size_t at, const char *why, ...)
	__attribute__((format(printf, 3, 4)));
