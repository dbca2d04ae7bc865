/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lex: the tokens of C's expressions, and $variables, one at a time.
 *
 * Positions are bytes of the text. Operators are the longest that fit, as in C. Those that
 * would change a value (= += ++ ...) are tokens too, so that the parser can say what to write
 * instead; numbers with a decimal point are refused, the kernel side has none.
 *
 * A number has the type that C gives it where long has 64 bits. A decimal one that fits no signed
 * type is refused without a u (compilers guess). A character has the type int, and its sign
 * is that of char on this machine. Strings that follow each other are not joined here.
 *
 * Ownership: texts of tokens are the arena's.
 * Errors: -EINVAL, the mistake is set.
 */
#pragma once

#include <stdint.h>

#include "expr/arena.h"
#include "mistake.h"

enum token_kind {
	TOKEN_NONE, /* what could not be read */
	TOKEN_END,
	TOKEN_NUMBER,	 /* value, base */
	TOKEN_STRING,	 /* text, size */
	TOKEN_NAME,	 /* text, size */
	TOKEN_VARIABLE,	 /* text, size; with its $ */
	TOKEN_SPACE,	 /* @user or @kernel: text, size; without the @ */
	TOKEN_AT,	 /* another @ */
	TOKEN_TYPE_WORD, /* int, unsigned ...: text, size */
	TOKEN_QUALIFIER, /* const, __user ...: text, size */
	TOKEN_STRUCT, TOKEN_UNION, TOKEN_ENUM, TOKEN_SIZEOF,

	TOKEN_PAREN, TOKEN_PAREN_END, TOKEN_BRACKET, TOKEN_BRACKET_END, TOKEN_BRACE,
	TOKEN_BRACE_END, TOKEN_COMMA, TOKEN_QUESTION, TOKEN_COLON, TOKEN_SEMICOLON, TOKEN_HASH,
	TOKEN_DOT, TOKEN_ARROW, TOKEN_ELLIPSIS,
	TOKEN_PLUS, TOKEN_MINUS, TOKEN_STAR, TOKEN_SLASH, TOKEN_PERCENT,
	TOKEN_AND, TOKEN_OR, TOKEN_XOR, TOKEN_TILDE, TOKEN_NOT, TOKEN_AND_AND, TOKEN_OR_OR,
	TOKEN_SHIFT_LEFT, TOKEN_SHIFT_RIGHT, TOKEN_EQUAL, TOKEN_UNEQUAL,
	TOKEN_LESS, TOKEN_GREATER, TOKEN_LESS_EQUAL, TOKEN_GREATER_EQUAL,
	TOKEN_ASSIGN, TOKEN_ASSIGN_OP, TOKEN_INCREMENT, TOKEN_DECREMENT,
};

enum base_type {
	BASE_VOID, BASE_BOOL, BASE_CHAR, BASE_SCHAR, BASE_UCHAR, BASE_SHORT, BASE_USHORT,
	BASE_INT, BASE_UINT, BASE_LONG, BASE_ULONG, BASE_LLONG, BASE_ULLONG,
	BASE_FLOAT, BASE_DOUBLE, BASE_LDOUBLE, /* of parameters */
};

struct token {
	enum token_kind kind;
	size_t at, end;	     /* from, and the byte behind */
	const char *text;    /* NUL-terminated; of a string: decoded, NULs may be inside */
	size_t size;	     /* of text, without its last NUL */
	uint64_t value;
	enum base_type base; /* of the value */
};

/* The token at or behind `at`; t->end is where the next one is looked for. */
int lex_next(struct arena *a, const char *text, size_t at, struct token *t, struct mistake *m);

/* How it is written ("+"), or NULL: tokens of this kind differ. */
const char *token_sign(enum token_kind kind);
