// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "expr/lex.h"

struct lexer {
	struct arena *arena;
	const char *text;
	struct token *token;
	struct mistake *mistake;
};

#define FAIL(l, where, ...) mistake_set((l)->mistake, (where) - (l)->text, __VA_ARGS__)

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static const char *name_end(const char *at)
{
	while (is_name(*at))
		at++;
	return at;
}

/* --- numbers -------------------------------------------------------------------------------- */

static int digit_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isalpha((unsigned char)c) ? (c | 0x20) - 'a' + 10
									       : INT_MAX;
}

/* The u, l, ul, ll ... that ends a number. */
static bool read_suffix(const char *at, size_t size, bool *is_unsigned, int *longs)
{
	bool us = false;
	int ls = 0;

	for (size_t i = 0; i < size; i++) {
		if ((at[i] | 0x20) == 'u' && !us) {
			us = true;
		} else if ((at[i] | 0x20) == 'l' && !ls) {
			ls = i + 1 < size && at[i + 1] == at[i] ? 2 : 1;
			i += ls - 1;
		} else {
			return false;
		}
	}
	*is_unsigned = us;
	*longs = ls;
	return true;
}

/* C11 6.4.4.1: the first type of the list that holds the value; false: there is none. */
static bool number_type(struct token *t, bool decimal, bool is_unsigned, int longs)
{
	static const enum base_type of_long[] = { BASE_INT, BASE_LONG, BASE_LLONG };

	if (!longs && t->value > (is_unsigned || !decimal ? UINT_MAX : INT_MAX))
		longs = 1;
	t->base = of_long[longs];
	if (is_unsigned)
		t->base++;
	else if (t->value > (longs ? INT64_MAX : INT_MAX)) {
		if (decimal)
			return false;
		t->base++;
	}
	return true;
}

static int read_number(struct lexer *l, const char *at)
{
	int base = 10, longs;
	bool is_unsigned;
	const char *end = name_end(at), *start = at;

	if (at[0] == '0' && ((at[1] | 0x20) == 'x' || (at[1] | 0x20) == 'b')) {
		base = (at[1] | 0x20) == 'x' ? 16 : 2;
		at += 2;
		if (digit_value(*at) >= base)
			return FAIL(l, at, "a digit is missing behind %.2s", start);
	} else if (at[0] == '0') {
		base = 8;
	}
	for (; digit_value(*at) < base; at++) {
		if (__builtin_mul_overflow(l->token->value, base, &l->token->value) ||
		    __builtin_add_overflow(l->token->value, digit_value(*at), &l->token->value))
			return FAIL(l, start, "this number does not fit into 64 bits");
	}
	if (*end == '.' || (base == 10 && (*at | 0x20) == 'e'))
		return FAIL(l, start, "there is no floating point here: write whole numbers");
	if (isdigit((unsigned char)*at))
		return FAIL(l, at, "%c is no digit of %s number", *at,
			    base == 8 ? "an octal" : "a binary");
	if (!read_suffix(at, end - at, &is_unsigned, &longs))
		return FAIL(l, at, "'%.*s' cannot end a number; u, l, ul, ll and ull can",
			    (int)(end - at > 20 ? 20 : end - at), at);
	if (!number_type(l->token, base == 10, is_unsigned, longs))
		return FAIL(l, start, "this number fits no signed type: end it in u");
	l->token->kind = TOKEN_NUMBER;
	l->token->end = end - l->text;
	return 0;
}

/* --- characters and strings ----------------------------------------------------------------- */

/* \x and any number of hexadecimal digits, as in C. */
static int read_hex_escape(struct lexer *l, const char **at, unsigned int *value)
{
	const char *start = *at - 1;

	*value = 0;
	for (++*at; isxdigit((unsigned char)**at); ++*at) {
		*value = *value * 16 + digit_value(**at);
		if (*value > UCHAR_MAX)
			return FAIL(l, start, "this does not fit into a byte; end the string behind "
				    "two digits and begin another one");
	}
	return *at - start > 2 ? 0 : FAIL(l, start, "hexadecimal digits are missing behind \\x");
}

/* What stands behind a backslash; *at is set to what follows. */
static int read_escape(struct lexer *l, const char **at, unsigned int *value)
{
	static const char letters[] = "ntrabfve\\'\"?", values[] = "\n\t\r\a\b\f\v\033\\'\"?";
	const char *start = *at - 1, *letter = **at ? strchr(letters, **at) : NULL;
	int digits = 0;

	if (letter) {
		*value = values[letter - letters];
		++*at;
		return 0;
	}
	if (**at == 'x')
		return read_hex_escape(l, at, value);
	for (*value = 0; **at >= '0' && **at <= '7' && digits < 3; digits++)
		*value = *value * 8 + *(*at)++ - '0';
	if (*value > UCHAR_MAX)
		return FAIL(l, start, "this does not fit into a byte");
	if (digits)
		return 0;
	if (!**at)
		return FAIL(l, start, "the text ends in a backslash");
	return FAIL(l, start, "an unknown escape; for a backslash write two");
}

static int read_char(struct lexer *l, const char *at)
{
	const char *start = at++;
	unsigned int value = (unsigned char)*at;
	int err;

	if (*at == '\'')
		return FAIL(l, start, "a character is missing between the quotes");
	if (*at && *at++ == '\\') {
		err = read_escape(l, &at, &value);
		if (err)
			return err;
	} else if (value & 0x80) {
		return FAIL(l, start, "this character is more than a byte: write \"...\"");
	}
	if (*at != '\'' && strchr(at, '\''))
		return FAIL(l, start, "one character stands in '...'; write \"...\" for a string");
	if (*at != '\'')
		return FAIL(l, start, "this quote is not closed");
	l->token->kind = TOKEN_NUMBER;
	l->token->value = (int64_t)(char)value;
	l->token->base = BASE_INT;
	l->token->end = at + 1 - l->text;
	return 0;
}

static int read_string(struct lexer *l, const char *at)
{
	const char *start = at++;
	char *to;
	int err;

	for (to = NULL; *at && *at != '"'; at++)
		at += *at == '\\' && at[1];
	if (!*at)
		return FAIL(l, start, "this quote is not closed");
	l->token->text = to = arena_alloc(l->arena, at - start);
	for (at = start + 1; *at != '"';) {
		unsigned int value = *at++;

		if (value == '\\') {
			err = read_escape(l, &at, &value);
			if (err)
				return err;
		}
		*to++ = value;
	}
	l->token->kind = TOKEN_STRING;
	l->token->size = to - l->token->text;
	l->token->end = at + 1 - l->text;
	return 0;
}

/* --- names ---------------------------------------------------------------------------------- */

static enum token_kind word_kind(const char *word)
{
	static const struct {
		const char *word;
		enum token_kind kind;
	} words[] = {
		{ "void", TOKEN_TYPE_WORD },	   { "_Bool", TOKEN_TYPE_WORD },
		{ "bool", TOKEN_TYPE_WORD },	   { "char", TOKEN_TYPE_WORD },
		{ "short", TOKEN_TYPE_WORD },	   { "int", TOKEN_TYPE_WORD },
		{ "long", TOKEN_TYPE_WORD },	   { "signed", TOKEN_TYPE_WORD },
		{ "unsigned", TOKEN_TYPE_WORD },   { "float", TOKEN_TYPE_WORD },
		{ "double", TOKEN_TYPE_WORD },	   { "const", TOKEN_QUALIFIER },
		{ "volatile", TOKEN_QUALIFIER },   { "restrict", TOKEN_QUALIFIER },
		{ "__restrict", TOKEN_QUALIFIER }, { "__user", TOKEN_QUALIFIER },
		{ "struct", TOKEN_STRUCT },	   { "union", TOKEN_UNION },
		{ "enum", TOKEN_ENUM },		   { "sizeof", TOKEN_SIZEOF },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i].word))
			return words[i].kind;
	}
	return TOKEN_NAME;
}

static void set_text(struct lexer *l, enum token_kind kind, const char *at, const char *end)
{
	l->token->kind = kind;
	l->token->text = arena_copy(l->arena, at, end - at);
	l->token->size = end - at;
	l->token->end = end - l->text;
}

static int read_variable(struct lexer *l, const char *at)
{
	const char *end = name_end(at + 1);

	if (end == at + 1 || isdigit((unsigned char)at[1]))
		return FAIL(l, at, "a name follows a $, as in $pid");
	set_text(l, TOKEN_VARIABLE, at, end);
	return 0;
}

/* Where trace pairs probes an @ stands alone, before a key. */
static void read_at(struct lexer *l, const char *at)
{
	const char *end = name_end(at + 1);
	size_t size = end - at - 1;

	if ((size == 4 && !memcmp(at + 1, "user", size)) ||
	    (size == 6 && !memcmp(at + 1, "kernel", size))) {
		set_text(l, TOKEN_SPACE, at + 1, end);
	} else {
		l->token->kind = TOKEN_AT;
		l->token->end = at + 1 - l->text;
	}
}

/* --- operators ------------------------------------------------------------------------------ */

static const struct {
	const char *sign;
	enum token_kind kind;
} signs[] = { /* the longer ones before their beginnings */
	{ "<<=", TOKEN_ASSIGN_OP }, { ">>=", TOKEN_ASSIGN_OP },	 { "...", TOKEN_ELLIPSIS },
	{ "+=", TOKEN_ASSIGN_OP },  { "-=", TOKEN_ASSIGN_OP },	 { "*=", TOKEN_ASSIGN_OP },
	{ "/=", TOKEN_ASSIGN_OP },  { "%=", TOKEN_ASSIGN_OP },	 { "&=", TOKEN_ASSIGN_OP },
	{ "|=", TOKEN_ASSIGN_OP },  { "^=", TOKEN_ASSIGN_OP },	 { "++", TOKEN_INCREMENT },
	{ "--", TOKEN_DECREMENT },  { "->", TOKEN_ARROW },	 { "&&", TOKEN_AND_AND },
	{ "||", TOKEN_OR_OR },	    { "<<", TOKEN_SHIFT_LEFT },	 { ">>", TOKEN_SHIFT_RIGHT },
	{ "==", TOKEN_EQUAL },	    { "!=", TOKEN_UNEQUAL },	 { "<=", TOKEN_LESS_EQUAL },
	{ ">=", TOKEN_GREATER_EQUAL }, { "<", TOKEN_LESS },	 { ">", TOKEN_GREATER },
	{ "=", TOKEN_ASSIGN },	    { "+", TOKEN_PLUS },	 { "-", TOKEN_MINUS },
	{ "*", TOKEN_STAR },	    { "/", TOKEN_SLASH },	 { "%", TOKEN_PERCENT },
	{ "&", TOKEN_AND },	    { "|", TOKEN_OR },		 { "^", TOKEN_XOR },
	{ "~", TOKEN_TILDE },	    { "!", TOKEN_NOT },		 { "(", TOKEN_PAREN },
	{ ")", TOKEN_PAREN_END },   { "[", TOKEN_BRACKET },	 { "]", TOKEN_BRACKET_END },
	{ "{", TOKEN_BRACE },	    { "}", TOKEN_BRACE_END },	 { ",", TOKEN_COMMA },
	{ "?", TOKEN_QUESTION },    { ":", TOKEN_COLON },	 { ";", TOKEN_SEMICOLON },
	{ "#", TOKEN_HASH },	    { ".", TOKEN_DOT },
};

static int read_sign(struct lexer *l, const char *at)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t size = strlen(signs[i].sign);

		if (strncmp(at, signs[i].sign, size))
			continue;
		l->token->kind = signs[i].kind;
		l->token->end = l->token->at + size;
		return 0;
	}
	/* U+2018 to U+201F: what word processors and web pages make of quotes. */
	if (!strncmp(at, "\xe2\x80", 2) && ((unsigned char)at[2] & 0xf8) == 0x98)
		return FAIL(l, at, "a typographic quote; write \" or '");
	return FAIL(l, at, "this character has no meaning here");
}

const char *token_sign(enum token_kind kind)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (signs[i].kind == kind && kind != TOKEN_ASSIGN_OP)
			return signs[i].sign;
	}
	return NULL;
}

int lex_next(struct arena *a, const char *text, size_t start, struct token *t, struct mistake *m)
{
	struct lexer l = { .arena = a, .text = text, .token = t, .mistake = m };
	const char *at = text + start;

	while (isspace((unsigned char)*at))
		at++;
	*t = (struct token){ .at = at - text, .end = at - text };
	if (!*at) {
		t->kind = TOKEN_END;
	} else if (isdigit((unsigned char)*at)) {
		return read_number(&l, at);
	} else if (*at == '.' && isdigit((unsigned char)at[1])) {
		return FAIL(&l, at, "there is no floating point here: write whole numbers");
	} else if (is_name(*at)) {
		set_text(&l, TOKEN_NAME, at, name_end(at));
		t->kind = word_kind(t->text);
	} else if (*at == '$') {
		return read_variable(&l, at);
	} else if (*at == '@') {
		read_at(&l, at);
	} else if (*at == '"') {
		return read_string(&l, at);
	} else if (*at == '\'') {
		return read_char(&l, at);
	} else {
		return read_sign(&l, at);
	}
	return 0;
}
