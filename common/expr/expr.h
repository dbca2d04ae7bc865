/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * expr: what an expression means: a tree of few operations on typed values, which a machine can
 * carry out. check.h makes it from what was written (ast.h), gen.h makes instructions of it.
 *
 * Every value has 64 bits and is kept as its type says: sign-extended if it is signed, zero-extended
 * if not. Conversions that change nothing in this are left out, constants are folded, and pointer
 * arithmetic is in bytes.
 *
 * Ownership: the arena's of the compile.
 */
#pragma once

#include "expr/ast.h"
#include "expr/ctype.h"

enum expr_op {
	/* Leaves */
	EXPR_CONSTANT, /* value */
	EXPR_CONTEXT,  /* size bytes of the program's context at offset; is_signed */
	EXPR_KEPT,     /* 8 bytes at offset of what was kept at the entry */
	EXPR_HIT,      /* 8 bytes at offset of struct hit (gen.h) */
	EXPR_HELPER,   /* the result of a helper without arguments, value; shifted by offset */
	EXPR_TASK,     /* the current task */
	/* Addresses and memory */
	EXPR_CONTEXT_ADDRESS, /* offset bytes into the context; left, if it is there: and so many */
	EXPR_LOAD,	      /* size bytes at left + offset, in `space`; is_signed; bits of them */
	EXPR_OBJECT,	      /* what lies at left + offset and is no scalar; no value of its own */
	EXPR_COMM,	      /* the name of the current task: char [16]; an object too */
	EXPR_TEXT,	      /* a string of the user's own: text, size */
	EXPR_CHOICE,	      /* condition ? left : right of texts that lie in different places: the
			       * user's own, arrays, pointers to user memory and others; left is
			       * NULL: condition's own value. No value of its own */
	/* Arithmetic: left and right have the type's size */
	EXPR_ADD, EXPR_SUB, EXPR_MUL, EXPR_DIV, EXPR_MOD, EXPR_AND, EXPR_OR, EXPR_XOR,
	EXPR_SHL, EXPR_SHR,
	EXPR_NEGATE, EXPR_INVERT,
	EXPR_CONVERT, /* left to the type */
	EXPR_SWAP,    /* the lower size bytes of left from the network's order */
	/* Truth: int, 0 or 1. compare_signed says how to take left and right */
	EXPR_EQUAL, EXPR_UNEQUAL, EXPR_LESS, EXPR_LESS_EQUAL,
	EXPR_LOGICAL_AND, EXPR_LOGICAL_OR, EXPR_LOGICAL_NOT,
	EXPR_MATCH,   /* whether the string at left (a pointer or an object) is text; prefix;
		       * is_binary: text is bytes, and no end is looked for */
	EXPR_SAME,    /* whether the strings at left and right (pointers, arrays, COMM) are the same
		       * in their first `value` characters */
	EXPR_SELECT,  /* condition ? left : right; left is NULL: condition's own value */
};

/* Where a pointer points to. */
enum space {
	SPACE_ANY, /* the address tells */
	SPACE_KERNEL,
	SPACE_USER,
};

struct expr {
	enum expr_op op;
	const struct ctype *type; /* objects: their own; others: scalars */
	struct expr *left, *right, *condition;
	uint64_t value;
	int64_t offset;
	enum space space; /* LOAD, OBJECT: where it lies; of pointers: where they point to */
	enum space lies;
	unsigned char size;
	bool is_signed;
	unsigned char shift, bits; /* LOAD: a bitfield, from the lowest bit; bits 0: none */
	bool compare_signed, prefix, is_binary;
	bool may_fault;	     /* it reads memory */
	bool is_ip;	     /* ntop() */
	bool is_truth;	     /* 0 or 1: a comparison */
	const char *text;
	size_t text_size;
	const struct node *node; /* what it was made from */
	unsigned char weight;	 /* gen's: stack slots that its operands need at once, + 1 */
	bool uses_none;		 /* gen's: known to have nothing of what was kept */
};

/* Whether what the one type keeps of a value is what the other would: a conversion that needs no
 * instruction. */
bool expr_is_free(const struct ctype *from, const struct ctype *to);
