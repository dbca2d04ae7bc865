// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "expr/rules.h"

static struct type_name *type_new(struct parse *p, enum type_kind kind, size_t at)
{
	struct type_name *type = arena_alloc(p->arena, sizeof(*type));

	type->kind = kind;
	type->at = at;
	type->end = p->token.end;
	return type;
}

/* A chain without branches but for the expressions in it: no recursion. */
static struct type_name *type_finish(struct parse *p, struct type_name *whole)
{
	unsigned int depth = 0, length = 0;

	for (struct type_name *t = whole; t; t = t->of) {
		depth = deeper(depth, t->count);
		length++;
	}
	if (depth + length > NODE_DEPTH_MAX)
		return FAIL(p, whole->at, "this is nested too deeply");
	for (struct type_name *t = whole; t; t = t->of)
		t->depth = depth + length--;
	return whole;
}

static bool take_qualifiers(struct parse *p)
{
	bool user = false;

	while (p->token.kind == TOKEN_QUALIFIER) {
		user |= !strcmp(p->token.text, "__user");
		parse_advance(p);
	}
	return user;
}

/* Words of which each set is a type, whatever their order. */
enum {
	WORD_VOID = 1, WORD_BOOL = 1 << 2, WORD_CHAR = 1 << 4, WORD_SHORT = 1 << 6,
	WORD_INT = 1 << 8, WORD_LONG = 1 << 10, WORD_SIGNED = 1 << 13, WORD_UNSIGNED = 1 << 15,
	WORD_FLOAT = 1 << 17, WORD_DOUBLE = 1 << 19,
};

static const struct {
	const char *word;
	unsigned int value;
} type_words[] = {
	{ "void", WORD_VOID },	     { "_Bool", WORD_BOOL }, { "bool", WORD_BOOL },
	{ "char", WORD_CHAR },	     { "short", WORD_SHORT }, { "int", WORD_INT },
	{ "long", WORD_LONG },	     { "signed", WORD_SIGNED }, { "unsigned", WORD_UNSIGNED },
	{ "float", WORD_FLOAT },     { "double", WORD_DOUBLE },
};

static const struct {
	unsigned int words;
	enum base_type base;
} base_types[] = {
	{ WORD_VOID, BASE_VOID },
	{ WORD_BOOL, BASE_BOOL },
	{ WORD_CHAR, BASE_CHAR },
	{ WORD_SIGNED + WORD_CHAR, BASE_SCHAR },
	{ WORD_UNSIGNED + WORD_CHAR, BASE_UCHAR },
	{ WORD_SHORT, BASE_SHORT },
	{ WORD_SHORT + WORD_INT, BASE_SHORT },
	{ WORD_SIGNED + WORD_SHORT, BASE_SHORT },
	{ WORD_SIGNED + WORD_SHORT + WORD_INT, BASE_SHORT },
	{ WORD_UNSIGNED + WORD_SHORT, BASE_USHORT },
	{ WORD_UNSIGNED + WORD_SHORT + WORD_INT, BASE_USHORT },
	{ WORD_INT, BASE_INT },
	{ WORD_SIGNED, BASE_INT },
	{ WORD_SIGNED + WORD_INT, BASE_INT },
	{ WORD_UNSIGNED, BASE_UINT },
	{ WORD_UNSIGNED + WORD_INT, BASE_UINT },
	{ WORD_LONG, BASE_LONG },
	{ WORD_LONG + WORD_INT, BASE_LONG },
	{ WORD_SIGNED + WORD_LONG, BASE_LONG },
	{ WORD_SIGNED + WORD_LONG + WORD_INT, BASE_LONG },
	{ WORD_UNSIGNED + WORD_LONG, BASE_ULONG },
	{ WORD_UNSIGNED + WORD_LONG + WORD_INT, BASE_ULONG },
	{ 2 * WORD_LONG, BASE_LLONG },
	{ 2 * WORD_LONG + WORD_INT, BASE_LLONG },
	{ WORD_SIGNED + 2 * WORD_LONG, BASE_LLONG },
	{ WORD_SIGNED + 2 * WORD_LONG + WORD_INT, BASE_LLONG },
	{ WORD_UNSIGNED + 2 * WORD_LONG, BASE_ULLONG },
	{ WORD_UNSIGNED + 2 * WORD_LONG + WORD_INT, BASE_ULLONG },
	{ WORD_FLOAT, BASE_FLOAT },
	{ WORD_DOUBLE, BASE_DOUBLE },
	{ WORD_LONG + WORD_DOUBLE, BASE_LDOUBLE },
};

static bool words_type(unsigned int words, enum base_type *base)
{
	for (size_t i = 0; i < sizeof(base_types) / sizeof(base_types[0]); i++) {
		if (base_types[i].words == words) {
			*base = base_types[i].base;
			return true;
		}
	}
	return false;
}

/* base := { "void" | "_Bool" | "bool" | "char" | "short" | "int" | "long" | "signed"
 *         | "unsigned" | "float" | "double" | qualifier }
 * The last two are for parameters: BPF has no such values. */
static struct type_name *parse_base(struct parse *p)
{
	struct type_name *type = type_new(p, TYPE_BASE, p->token.at);
	unsigned int words = 0;

	while (p->token.kind == TOKEN_TYPE_WORD) {
		unsigned int value = 0;

		for (size_t i = 0; i < sizeof(type_words) / sizeof(type_words[0]); i++) {
			if (!strcmp(p->token.text, type_words[i].word))
				value = type_words[i].value;
		}
		if (!value || (value >= WORD_FLOAT && !p->floats))
			return FAIL(p, p->token.at, "there is no floating point here");
		words += value;
		/* Never so many that a word counts as the next one. */
		if (!words_type(words, &type->base))
			return FAIL(p, p->token.at, "there is no type %.*s",
				    (int)(p->token.end - type->at), p->text + type->at);
		parse_advance(p);
		type->end = p->last;
		type->user |= take_qualifiers(p);
	}
	return type;
}

/* tagged := ( "struct" | "union" | "enum" ) NAME */
static struct type_name *parse_tagged(struct parse *p)
{
	enum token_kind word = p->token.kind;
	struct type_name *type = type_new(p, word == TOKEN_STRUCT ? TYPE_STRUCT :
					  word == TOKEN_UNION ? TYPE_UNION : TYPE_ENUM,
					  p->token.at);
	size_t end = p->token.end;

	parse_advance(p);
	if (p->token.kind == TOKEN_BRACE)
		return FAIL(p, p->token.at, "types cannot be defined here, only named");
	if (p->token.kind != TOKEN_NAME)
		return FAIL(p, p->token.at, "a name is missing behind %.*s", (int)(end - type->at),
			    p->text + type->at);
	type->name = p->token.text;
	type->end = p->token.end;
	parse_advance(p);
	return type;
}

/* specifier := { qualifier } ( base | tagged | NAME ) { qualifier }
 * qualifier := "const" | "volatile" | "restrict" | "__restrict" | "__user" */
static struct type_name *parse_specifier(struct parse *p)
{
	bool user = take_qualifiers(p);
	struct type_name *type;

	switch (p->token.kind) {
	case TOKEN_TYPE_WORD:
		type = parse_base(p);
		break;
	case TOKEN_STRUCT:
	case TOKEN_UNION:
	case TOKEN_ENUM:
		type = parse_tagged(p);
		break;
	case TOKEN_NAME:
		type = type_new(p, TYPE_TYPEDEF, p->token.at);
		type->name = p->token.text;
		parse_advance(p);
		break;
	default:
		return FAIL(p, p->token.at, "a type is missing here");
	}
	if (type)
		type->user |= take_qualifiers(p) || user;
	return type;
}

/* What a function takes; it does not matter to whoever has a pointer to it. */
static bool skip_parameters(struct parse *p)
{
	size_t open = p->token.at;
	unsigned int depth = 0;

	do {
		if (p->token.kind == TOKEN_END)
			return FAIL(p, open, "this ( is not closed");
		if (p->token.kind == TOKEN_NONE)
			return false;
		depth += (p->token.kind == TOKEN_PAREN) - (p->token.kind == TOKEN_PAREN_END);
		parse_advance(p);
	} while (depth);
	return true;
}

/* suffixes := { "[" [ condition ] "]" | "(" ... ")" }; the first one is the outermost type. */
static struct type_name *parse_suffixes(struct parse *p, struct type_name *of)
{
	struct type_name *whole = NULL, **last = &whole;

	while (p->token.kind == TOKEN_BRACKET || p->token.kind == TOKEN_PAREN) {
		bool array = p->token.kind == TOKEN_BRACKET;
		struct type_name *type = type_new(p, array ? TYPE_ARRAY : TYPE_FUNCTION,
						  p->token.at);

		if (!array && !skip_parameters(p))
			return NULL;
		if (array) {
			parse_advance(p);
			p->floats = false; /* in the expression; behind it comes no other base */
			if (p->token.kind != TOKEN_BRACKET_END)
				type->count = parse_condition(p);
			if (!parse_close(p, type->at, TOKEN_BRACKET_END))
				return NULL;
		}
		type->end = p->last;
		*last = type;
		last = &type->of;
	}
	*last = of;
	return whole;
}

/*
 * declarator := { "*" { qualifier } } [ NAME | "(" declarator ")" ] suffixes
 *
 * What stands in parentheses comes before what the suffixes make of `of`, and is read earlier: it
 * is given an empty type, which is filled in afterwards. name is NULL where there can be none.
 */
static struct type_name *parse_declarator(struct parse *p, struct type_name *of,
					  struct token *name)
{
	struct type_name *inner = NULL, *hole = NULL;
	enum token_kind next;

	while (p->token.kind == TOKEN_STAR) {
		struct type_name *pointer = type_new(p, TYPE_POINTER, p->token.at);

		pointer->of = of;
		of = pointer;
		parse_advance(p);
		pointer->user = take_qualifiers(p);
	}
	next = p->token.kind == TOKEN_PAREN ? parse_peek(p, p->token.end).kind : TOKEN_NONE;
	if (next == TOKEN_STAR || next == TOKEN_PAREN) {
		size_t open = p->token.at;

		if (!parse_enter(p))
			return NULL;
		parse_advance(p);
		hole = type_new(p, TYPE_BASE, open);
		inner = parse_declarator(p, hole, name);
		parse_leave(p);
		if (!inner || !parse_close(p, open, TOKEN_PAREN_END))
			return NULL;
	} else if (name && p->token.kind == TOKEN_NAME) {
		*name = p->token;
		parse_advance(p);
	}
	of = parse_suffixes(p, of);
	if (of && hole)
		*hole = *of;
	return inner && of ? inner : of;
}

struct type_name *parse_type_name(struct parse *p, struct token *name)
{
	struct type_name *type = parse_specifier(p);

	if (type)
		type = parse_declarator(p, type, name);
	return type && !p->failed ? type_finish(p, type) : NULL;
}

int parse_type(struct parse *p, struct type_name **type)
{
	*type = parse_type_name(p, NULL);
	return *type && !p->failed ? 0 : -EINVAL;
}

bool parse_type_next(const struct parse *p, const struct token *t)
{
	return (t->kind >= TOKEN_TYPE_WORD && t->kind <= TOKEN_ENUM) ||
	       (t->kind == TOKEN_NAME && p->is_type && p->is_type(t->text, p->context));
}

/* What follows the stars behind `name`; there is at least one, or it is TOKEN_NONE. */
static struct token behind_stars(const struct parse *p, const struct token *name)
{
	struct token t = parse_peek(p, name->end);

	if (t.kind != TOKEN_STAR)
		return (struct token){};
	while (t.kind == TOKEN_STAR)
		t = parse_peek(p, t.end);
	return t;
}

bool parse_cast_next(const struct parse *p)
{
	struct token t = parse_peek(p, p->token.end);

	return parse_type_next(p, &t) ||
	       (t.kind == TOKEN_NAME && behind_stars(p, &t).kind == TOKEN_PAREN_END);
}

/* --- signatures ----------------------------------------------------------------------------- */

/* parameter := specifier declarator, with a name or without */
static struct parameter *parse_parameter(struct parse *p)
{
	struct parameter *parameter = arena_alloc(p->arena, sizeof(*parameter));
	struct token name = { .at = p->token.at };

	p->floats = true;
	parameter->type = parse_type_name(p, &name);
	p->floats = false;
	if (!parameter->type)
		return NULL;
	parameter->name = name.text;
	parameter->at = name.at;
	if (p->token.kind != TOKEN_COMMA && p->token.kind != TOKEN_PAREN_END &&
	    p->token.kind != TOKEN_END)
		return FAIL(p, p->token.at, "a parameter is TYPE NAME, and , or ) follows");
	return parameter;
}

static bool is_void(const struct parameter *parameter)
{
	return !parameter->name && !parameter->next && parameter->type->kind == TYPE_BASE &&
	       parameter->type->base == BASE_VOID;
}

/* signature := "(" [ parameter { "," parameter } [ "," "..." ] ] ")" */
int parse_signature(struct parse *p, struct parameter **first)
{
	struct parameter **last = first;
	size_t open = p->token.at;

	*first = NULL;
	if (!parse_take(p, TOKEN_PAREN))
		return parse_fail(p, p->token.at, "a signature begins with (");
	if (parse_take(p, TOKEN_PAREN_END))
		return p->failed ? -EINVAL : 0;
	do {
		if (first != last && parse_take(p, TOKEN_ELLIPSIS))
			break;
		*last = parse_parameter(p);
		if (!*last)
			return -EINVAL;
		last = &(*last)->next;
	} while (parse_take(p, TOKEN_COMMA));
	if (!parse_close(p, open, TOKEN_PAREN_END))
		return -EINVAL;
	if (is_void(*first))
		*first = NULL;
	return p->failed ? -EINVAL : 0;
}

/* A name that is not known to be a type is one before another name, and where it cannot be a
 * factor of a product: "(a *b, ...". */
bool parse_signature_next(struct parse *p)
{
	struct token first = parse_peek(p, p->token.end), next;

	if (p->token.kind != TOKEN_PAREN)
		return false;
	if (first.kind != TOKEN_NAME)
		return first.kind == TOKEN_PAREN_END || parse_type_next(p, &first);
	next = parse_peek(p, first.end);
	if (next.kind == TOKEN_NAME || parse_type_next(p, &first))
		return true;
	next = behind_stars(p, &first);
	return next.kind == TOKEN_NAME && parse_peek(p, next.end).kind == TOKEN_COMMA;
}
