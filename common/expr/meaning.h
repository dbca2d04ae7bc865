/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * meaning: what check.c (operators), operand.c (names, members) and convert.c (conversions, folding)
 * share; for nobody else.
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

/* Whether the string that e has or points to is the text, or begins with it. */
struct expr *expr_match(struct check *c, struct expr *e, const char *text, size_t size, bool prefix,
			const struct node *n);

/* A value that is 0 or 1 from one that is asked for its truth. */
struct expr *expr_truth(struct check *c, struct expr *e);

/* operand.c */
struct expr *check_leaf(struct check *c, const struct node *n);	  /* names, variables, numbers */
struct expr *check_member(struct check *c, const struct node *n); /* . -> */
struct expr *check_call(struct check *c, const struct node *n);
