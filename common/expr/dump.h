/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dump: trees as text, for --dump and for tests.
 *
 * Operators come first, in parentheses: "a + b * c" is (+ a (* b c)). Numbers are decimal and
 * end in what their type takes. Types are in braces and read from the left: {char[16]*} is a
 * pointer to an array.
 *
 * Errors: none.
 */
#pragma once

#include "expr/ast.h"
#include "strbuf.h"

void dump_node(struct strbuf *out, const struct node *n);
void dump_type(struct strbuf *out, const struct type_name *type);

/* "(NAME {TYPE}, ...)" */
void dump_signature(struct strbuf *out, const struct parameter *first);

/* "unsigned int" */
const char *dump_base(enum base_type base);
