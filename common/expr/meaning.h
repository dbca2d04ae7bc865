/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * meaning: what the files share that find out what an expression means: check.c (operators),
 * text.c, operand.c (names, constants), fetch.c, member.c, call.c and convert.c (conversions,
 * folding); for nobody else.
 *
 * Each function returns NULL when it fails, and the mistake is set then; NULL as an argument is
 * handed through.
 */
#pragma once

#include "expr/check.h"

#define FAIL_AT(c, ...) (check_fail(c, __VA_ARGS__), NULL)

int check_fail(struct check *c, size_t at, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/* A type as a message names it; the arena's. */
const char *type_text(struct check *c, const struct ctype *type);

struct expr *expr_new(struct check *c, enum expr_op op, const struct ctype *type,
		      const struct node *n);
struct expr *expr_constant(struct check *c, uint64_t value, const struct ctype *type,
			   const struct node *n);

/* The value of a constant as its type keeps it. */
uint64_t expr_canonical(uint64_t value, const struct ctype *type);

/* Any node: objects stay objects. */
struct expr *check_node(struct check *c, const struct node *n);

/* An object as a value: what it holds, or where it is (arrays, functions). Structs have none. */
struct expr *expr_value(struct check *c, struct expr *e);

/* The address of an object. */
struct expr *expr_address(struct check *c, struct expr *object);

/* What a pointer points to. */
struct expr *expr_target(struct check *c, struct expr *pointer, const struct ctype *type,
			 const struct node *n);

/* A bitfield as the integer that it is in arithmetic; else the value itself. */
struct expr *expr_promoted(struct check *c, struct expr *e);

struct expr *expr_convert(struct check *c, struct expr *e, const struct ctype *type);

/* One operation on values of the type, folded if they are constants. */
struct expr *expr_binary(struct check *c, enum expr_op op, struct expr *left, struct expr *right,
			 const struct ctype *type, const struct node *n);

/* x ? y : z of values; left is NULL: x ?: z. */
struct expr *expr_select(struct check *c, struct expr *condition, struct expr *left,
			 struct expr *right, const struct node *n);

/* A value that is 0 or 1 from one that is asked for its truth. */
struct expr *expr_truth(struct check *c, struct expr *e);

/* text.c */

/* Whether == and the like mean the strings: one side is nothing but text. */
bool text_is_compared(const struct node *n, const struct expr *left, const struct expr *right);
struct expr *check_text_equal(struct check *c, const struct node *n, struct expr *left,
			      struct expr *right);

/* Whether the strings that a and b are or point to are the same in their first `limit` characters. */
struct expr *expr_same(struct check *c, struct expr *a, struct expr *b, uint64_t limit,
		       const struct node *n);

/* Text that is no pointer and does not become one. */
bool text_has_no_value(const struct expr *e);

/* Whether a pointer would not do for what is chosen; a choice of texts then. */
bool text_is_chosen(const struct expr *left, const struct expr *right);
struct expr *expr_choice(struct check *c, struct expr *condition, struct expr *left,
			 struct expr *right, const struct node *n);

/* fetch.c */

/* NULL: there is none. */
const struct scope_name *scope_find(const struct scope_name *names, size_t count, const char *text);

/* Why a name of the scope has no value; NULL: it has one, or there is no such name. */
const char *scope_unread(const struct scope *scope, const char *text);
struct expr *expr_fetch(struct check *c, const struct scope_name *name, const struct node *n);

/* operand.c: names, variables, numbers; $entry() */
struct expr *check_leaf(struct check *c, const struct node *n);
struct expr *check_entry(struct check *c, const struct node *n);

/* member.c: . -> */
struct expr *check_member(struct check *c, const struct node *n);

/* call.c */
struct expr *check_call(struct check *c, const struct node *n);
