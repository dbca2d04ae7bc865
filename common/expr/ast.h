/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ast: what was written, as trees of expressions and of type names. Nothing is looked up yet:
 * whether a name is a parameter, a constant or nothing at all is the type checker's question.
 *
 * Parentheses leave no node, but belong to the range [at, end) of what stands in them. An
 * operator's sign is the token of it, so TOKEN_STAR is a product in a NODE_BINARY and a
 * dereference in a NODE_UNARY.
 *
 * Recursion over trees is safe: none is deeper than NODE_DEPTH_MAX, type names and their
 * expressions included.
 *
 * Ownership: all of it is the arena's of the compile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/lex.h"

#define NODE_DEPTH_MAX 400 /* a person's longest expressions have a tenth */

enum node_kind {
	NODE_NUMBER,	  /* value, base; characters too */
	NODE_STRING,	  /* text, size: decoded, neighbours joined */
	NODE_NAME,	  /* text: arg1, retval, args, a parameter, a constant ... */
	NODE_VARIABLE,	  /* text: with its $ */
	NODE_UNARY,	  /* op left: + - ! ~ * & */
	NODE_BINARY,	  /* left op right: all others, && and || as well */
	NODE_CONDITION,	  /* condition ? left : right; left is NULL in GNU's x ?: y */
	NODE_CAST,	  /* (type) left */
	NODE_SIZEOF,	  /* sizeof left */
	NODE_SIZEOF_TYPE, /* sizeof(type) */
	NODE_CALL,	  /* text(list, list->next ...); the name may begin with $ */
	NODE_MEMBER,	  /* left.text, with arrow: left->text */
	NODE_INDEX,	  /* left[right] */
	NODE_SPACE,	  /* left@user, with kernel: left@kernel */
	NODE_TUPLE,	  /* (list, list->next ...): keys only */
};

struct type_name;

struct node {
	enum node_kind kind;
	enum token_kind op;
	size_t at, end;	  /* the range of the text */
	size_t where;	  /* best place of a caret: the operator, the member's name */
	unsigned int depth;
	bool arrow, kernel;
	enum base_type base;
	uint64_t value;
	const char *text; /* NUL-terminated */
	size_t size;
	struct node *condition, *left, *right;
	struct node *list;
	struct node *next; /* of a list */
	struct type_name *type;
};

enum type_kind {
	TYPE_BASE,	/* base */
	TYPE_TYPEDEF,	/* name: not asked for */
	TYPE_STRUCT,	/* name, as the next two */
	TYPE_UNION,
	TYPE_ENUM,
	TYPE_POINTER,	/* of */
	TYPE_ARRAY,	/* of, count */
	TYPE_FUNCTION,	/* of: what it returns; the parameters are not kept */
};

struct type_name {
	enum type_kind kind;
	enum base_type base;
	size_t at, end; /* of a pointer, array or function: its sign */
	unsigned int depth;
	bool user;	     /* __user: what points here points to user memory */
	const char *name;
	struct type_name *of;
	struct node *count;  /* a constant expression; NULL: [] */
};

/* One of a signature. */
struct parameter {
	const char *name; /* NULL: it has none */
	size_t at;	  /* of the name, or of the type */
	struct type_name *type;
	struct parameter *next;
};
