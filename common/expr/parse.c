// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expr/parse.h"
#include "probe/near.h"
#include "strbuf.h"

/* Rules return NULL when they fail; the mistake is set then. */

int parse_fail(struct parse *p, size_t at, const char *why, ...)
{
	va_list args;
	char text[sizeof(p->mistake->why)];

	if (p->failed)
		return -EINVAL;
	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);
	p->failed = true;
	return mistake_set(p->mistake, at, "%s", text);
}

#define FAIL(p, ...) (parse_fail(p, __VA_ARGS__), NULL)

/* --- tokens --------------------------------------------------------------------------------- */

static void read_token(struct parse *p, size_t at)
{
	struct mistake mistake;

	if (lex_next(p->arena, p->text, at, &p->token, &mistake))
		parse_fail(p, mistake.at, "%s", mistake.why);
}

static void advance(struct parse *p)
{
	p->last = p->token.end;
	read_token(p, p->token.end);
}

/* The token at or behind `at`, which is not taken. */
static struct token peek(const struct parse *p, size_t at)
{
	struct mistake ignored;
	struct token token;

	lex_next(p->arena, p->text, at, &token, &ignored);
	return token;
}

bool parse_take(struct parse *p, enum token_kind kind)
{
	if (p->token.kind != kind)
		return false;
	advance(p);
	return true;
}

/* Rules that can contain themselves: hostile text ends here, not at the end of the stack. */
static bool enter(struct parse *p)
{
	if (p->depth >= NODE_DEPTH_MAX)
		return FAIL(p, p->token.at, "this is nested too deeply");
	p->depth++;
	return true;
}

static void leave(struct parse *p)
{
	p->depth--;
}

/* The next token cannot follow an expression. `end` is what could: ") or ','", or NULL. */
static int fail_unexpected(struct parse *p, const char *end)
{
	const struct token *t = &p->token;

	switch (t->kind) {
	case TOKEN_ASSIGN:
		return parse_fail(p, t->at, "nothing can be changed here; to compare, write ==");
	case TOKEN_ASSIGN_OP:
		return parse_fail(p, t->at, "nothing can be changed here");
	case TOKEN_INCREMENT:
	case TOKEN_DECREMENT:
		return parse_fail(p, t->at, "nothing can be changed here; if two signs are meant, "
				  "put a blank between them");
	case TOKEN_PAREN_END:
	case TOKEN_BRACKET_END:
		return parse_fail(p, t->at, "this %s closes nothing", token_sign(t->kind));
	case TOKEN_AT:
		return parse_fail(p, t->at, "behind an @ only user or kernel can stand here");
	case TOKEN_SEMICOLON:
	case TOKEN_BRACE:
	case TOKEN_BRACE_END:
		return parse_fail(p, t->at, "this is the place of an expression; there are no "
				  "statements");
	case TOKEN_COLON:
		return parse_fail(p, t->at, "this : belongs to no ?");
	case TOKEN_COMMA:
		return parse_fail(p, t->at, "a comma has no meaning here");
	default:
		return end ? parse_fail(p, t->at, "an operator or %s is missing here", end) :
			     parse_fail(p, t->at, "an operator is missing here");
	}
}

/* What closes the bracket at `open`. */
static bool take_close(struct parse *p, size_t open, enum token_kind kind)
{
	if (parse_take(p, kind))
		return true;
	if (p->token.kind == TOKEN_END)
		return FAIL(p, open, "this %c is not closed", p->text[open]);
	fail_unexpected(p, token_sign(kind));
	return false;
}

/* --- nodes ---------------------------------------------------------------------------------- */

/* Its range begins at `at`, its caret stands at the next token. */
static struct node *node_new(struct parse *p, enum node_kind kind, size_t at)
{
	struct node *n = arena_alloc(p->arena, sizeof(*n));

	n->kind = kind;
	n->at = at;
	n->where = p->token.at;
	n->op = p->token.kind;
	return n;
}

static unsigned int deeper(unsigned int depth, const struct node *child)
{
	return child && child->depth > depth ? child->depth : depth;
}

/* All that belongs to it has been read. */
static struct node *node_finish(struct parse *p, struct node *n)
{
	unsigned int depth = n->type ? n->type->depth : 0;

	depth = deeper(deeper(deeper(depth, n->condition), n->left), n->right);
	for (const struct node *child = n->list; child; child = child->next)
		depth = deeper(depth, child);
	n->depth = depth + 1;
	n->end = p->last;
	if (n->depth > NODE_DEPTH_MAX)
		return FAIL(p, n->where, "this expression has too many parts; %d within each other "
			    "are possible", NODE_DEPTH_MAX);
	return n;
}

/* --- type names ----------------------------------------------------------------------------- */

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
		advance(p);
	}
	return user;
}

/* Words of which each set is a type, whatever their order. */
enum {
	WORD_VOID = 1, WORD_BOOL = 1 << 2, WORD_CHAR = 1 << 4, WORD_SHORT = 1 << 6,
	WORD_INT = 1 << 8, WORD_LONG = 1 << 10, WORD_SIGNED = 1 << 13, WORD_UNSIGNED = 1 << 15,
};

static const struct {
	const char *word;
	unsigned int value;
} type_words[] = {
	{ "void", WORD_VOID },	     { "_Bool", WORD_BOOL }, { "bool", WORD_BOOL },
	{ "char", WORD_CHAR },	     { "short", WORD_SHORT }, { "int", WORD_INT },
	{ "long", WORD_LONG },	     { "signed", WORD_SIGNED }, { "unsigned", WORD_UNSIGNED },
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
 *         | "unsigned" | qualifier } */
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
		if (!value)
			return FAIL(p, p->token.at, "there is no floating point here");
		words += value;
		/* Never so many that a word counts as the next one. */
		if (!words_type(words, &type->base))
			return FAIL(p, p->token.at, "there is no type %.*s",
				    (int)(p->token.end - type->at), p->text + type->at);
		advance(p);
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

	advance(p);
	if (p->token.kind == TOKEN_BRACE)
		return FAIL(p, p->token.at, "types cannot be defined here, only named");
	if (p->token.kind != TOKEN_NAME)
		return FAIL(p, p->token.at, "a name is missing behind %.*s", (int)(end - type->at),
			    p->text + type->at);
	type->name = p->token.text;
	type->end = p->token.end;
	advance(p);
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
		advance(p);
		break;
	default:
		return FAIL(p, p->token.at, "a type is missing here");
	}
	if (type)
		type->user |= take_qualifiers(p) || user;
	return type;
}

static struct node *parse_condition(struct parse *p);

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
		advance(p);
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
			advance(p);
			if (p->token.kind != TOKEN_BRACKET_END)
				type->count = parse_condition(p);
			if (!take_close(p, type->at, TOKEN_BRACKET_END))
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
		advance(p);
		pointer->user = take_qualifiers(p);
	}
	next = p->token.kind == TOKEN_PAREN ? peek(p, p->token.end).kind : TOKEN_NONE;
	if (next == TOKEN_STAR || next == TOKEN_PAREN) {
		size_t open = p->token.at;

		if (!enter(p))
			return NULL;
		advance(p);
		hole = type_new(p, TYPE_BASE, open);
		inner = parse_declarator(p, hole, name);
		leave(p);
		if (!inner || !take_close(p, open, TOKEN_PAREN_END))
			return NULL;
	} else if (name && p->token.kind == TOKEN_NAME) {
		*name = p->token;
		advance(p);
	}
	of = parse_suffixes(p, of);
	if (of && hole)
		*hole = *of;
	return inner && of ? inner : of;
}

/* type := specifier declarator */
static struct type_name *read_type(struct parse *p, struct token *name)
{
	struct type_name *type = parse_specifier(p);

	if (type)
		type = parse_declarator(p, type, name);
	return type && !p->failed ? type_finish(p, type) : NULL;
}

int parse_type(struct parse *p, struct type_name **type)
{
	*type = read_type(p, NULL);
	return *type && !p->failed ? 0 : -EINVAL;
}

static bool is_type(const struct parse *p, const struct token *t)
{
	return (t->kind >= TOKEN_TYPE_WORD && t->kind <= TOKEN_ENUM) ||
	       (t->kind == TOKEN_NAME && p->is_type && p->is_type(t->text, p->context));
}

/* What follows the stars behind `name`; there is at least one, or it is TOKEN_NONE. */
static struct token behind_stars(const struct parse *p, const struct token *name)
{
	struct token t = peek(p, name->end);

	if (t.kind != TOKEN_STAR)
		return (struct token){};
	while (t.kind == TOKEN_STAR)
		t = peek(p, t.end);
	return t;
}

/* The next token is a parenthesis: does it begin a cast? Of (name *) this is known without
 * knowing the name. */
static bool is_cast(const struct parse *p)
{
	struct token t = peek(p, p->token.end);

	return is_type(p, &t) ||
	       (t.kind == TOKEN_NAME && behind_stars(p, &t).kind == TOKEN_PAREN_END);
}

/* --- expressions ---------------------------------------------------------------------------- */

/* strings := STRING { STRING } */
static struct node *parse_strings(struct parse *p)
{
	struct node *n = node_new(p, NODE_STRING, p->token.at);
	struct strbuf joined = {};

	while (p->token.kind == TOKEN_STRING) {
		strbuf_add(&joined, p->token.text, p->token.size);
		advance(p);
	}
	n->size = joined.size;
	n->text = arena_copy(p->arena, strbuf_cstr(&joined), joined.size);
	strbuf_free(&joined);
	return node_finish(p, n);
}

static struct node *fail_function(struct parse *p, const struct node *n)
{
	struct near near = { .wanted = n->text };
	struct strbuf asked = {};

	for (const char *const *f = p->functions; f && *f; f++)
		near_offer(&near, *f);
	near_ask(&near, "", &asked);
	parse_fail(p, n->at, "there is no function %.60s%s", n->text, strbuf_cstr(&asked));
	strbuf_free(&asked);
	near_free(&near);
	return NULL;
}

static bool is_function(const struct parse *p, const char *name)
{
	for (const char *const *f = p->functions; f && *f; f++) {
		if (!strcmp(*f, name))
			return true;
	}
	return false;
}

/* list := condition { "," condition } */
static struct node *parse_conditions(struct parse *p)
{
	struct node *first = NULL, **last = &first;

	do {
		*last = parse_condition(p);
		if (!*last)
			return NULL;
		last = &(*last)->next;
	} while (parse_take(p, TOKEN_COMMA));
	return first;
}

/* call := ( NAME | VARIABLE ) "(" [ list ] ")" */
static struct node *parse_call(struct parse *p, struct node *n)
{
	size_t open = p->token.at;
	bool key = p->key;

	if (!is_function(p, n->text))
		return fail_function(p, n);
	n->kind = NODE_CALL;
	advance(p);
	p->key = false;
	if (p->token.kind != TOKEN_PAREN_END)
		n->list = parse_conditions(p);
	p->key = key;
	return take_close(p, open, TOKEN_PAREN_END) ? node_finish(p, n) : NULL;
}

/* name := NAME | VARIABLE | call */
static struct node *parse_name(struct parse *p)
{
	struct node *n = node_new(p, p->token.kind == TOKEN_NAME ? NODE_NAME : NODE_VARIABLE,
				  p->token.at);

	n->text = p->token.text;
	n->size = p->token.size;
	advance(p);
	if (p->token.kind == TOKEN_PAREN && (!p->key || is_function(p, n->text)))
		return parse_call(p, n);
	return node_finish(p, n);
}

static struct node *parse_number(struct parse *p)
{
	struct node *n = node_new(p, NODE_NUMBER, p->token.at);

	n->value = p->token.value;
	n->base = p->token.base;
	advance(p);
	return node_finish(p, n);
}

/* group := "(" condition ")" */
static struct node *parse_group(struct parse *p)
{
	size_t open = p->token.at;
	bool key = p->key;
	struct node *n;

	advance(p);
	p->key = false;
	n = parse_condition(p);
	p->key = key;
	if (!n || !take_close(p, open, TOKEN_PAREN_END))
		return NULL;
	if (n->kind == NODE_NAME && (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_NUMBER ||
				     p->token.kind == TOKEN_VARIABLE))
		return FAIL(p, n->where, "there is no type %.60s, so this is no cast", n->text);
	n->at = open;
	n->end = p->last;
	return n;
}

/* No rule begins with the next token. */
static struct node *fail_missing(struct parse *p, const char *sign)
{
	const struct token *t = &p->token;

	switch (t->kind) {
	case TOKEN_TYPE_WORD:
	case TOKEN_QUALIFIER:
	case TOKEN_STRUCT:
	case TOKEN_UNION:
	case TOKEN_ENUM:
		return FAIL(p, t->at, "a type is no value; a cast is (TYPE)value");
	case TOKEN_SPACE:
		return FAIL(p, t->at, "@%s stands behind a value", t->text);
	case TOKEN_AT:
	case TOKEN_INCREMENT:
	case TOKEN_DECREMENT:
	case TOKEN_BRACE:
		return fail_unexpected(p, NULL), NULL;
	default:
		return sign ? FAIL(p, t->at, "a value is missing behind %s", sign) :
			      FAIL(p, t->at, "a value is missing here");
	}
}

/* primary := NUMBER | strings | name | group; sign is the operator before it, or NULL. */
static struct node *parse_primary(struct parse *p, const char *sign)
{
	switch (p->token.kind) {
	case TOKEN_NUMBER:
		return parse_number(p);
	case TOKEN_STRING:
		return parse_strings(p);
	case TOKEN_NAME:
	case TOKEN_VARIABLE:
		return parse_name(p);
	case TOKEN_PAREN:
		return parse_group(p);
	default:
		return fail_missing(p, sign);
	}
}

/* member := ( "." | "->" ) NAME */
static bool parse_member(struct parse *p, struct node *n)
{
	n->kind = NODE_MEMBER;
	n->arrow = p->token.kind == TOKEN_ARROW;
	advance(p);
	if (p->token.kind != TOKEN_NAME)
		return FAIL(p, p->token.at, "a member's name is missing behind %s",
			    n->arrow ? "->" : ".");
	n->where = p->token.at;
	n->text = p->token.text;
	n->size = p->token.size;
	advance(p);
	return true;
}

/* index := "[" condition "]" */
static bool parse_index(struct parse *p, struct node *n)
{
	size_t open = p->token.at;
	bool key = p->key;

	advance(p);
	p->key = false;
	n->right = parse_condition(p);
	p->key = key;
	return n->right && take_close(p, open, TOKEN_BRACKET_END);
}

/* postfix := primary { member | index | "@user" | "@kernel" } */
static struct node *parse_postfix(struct parse *p, const char *sign)
{
	struct node *n = parse_primary(p, sign), *outer;

	for (; n; n = node_finish(p, outer)) {
		outer = node_new(p, NODE_INDEX, n->at);
		outer->left = n;
		if (p->token.kind == TOKEN_DOT || p->token.kind == TOKEN_ARROW) {
			if (!parse_member(p, outer))
				return NULL;
		} else if (p->token.kind == TOKEN_BRACKET) {
			if (!parse_index(p, outer))
				return NULL;
		} else if (p->token.kind == TOKEN_SPACE) {
			outer->kind = NODE_SPACE;
			outer->kernel = !strcmp(p->token.text, "kernel");
			advance(p);
		} else {
			break;
		}
	}
	return n;
}

static struct node *parse_unary(struct parse *p, const char *sign);

/* "(" type ")" */
static bool parse_type_group(struct parse *p, struct node *n)
{
	size_t open = p->token.at;

	advance(p);
	n->type = read_type(p, NULL);
	if (!n->type)
		return false;
	if (p->token.kind != TOKEN_PAREN_END && p->token.kind != TOKEN_END)
		return FAIL(p, p->token.at, "a type ends here, and ) is missing behind it");
	return take_close(p, open, TOKEN_PAREN_END);
}

/* cast := "(" type ")" unary */
static struct node *parse_cast(struct parse *p)
{
	struct node *n = node_new(p, NODE_CAST, p->token.at);

	if (!parse_type_group(p, n))
		return NULL;
	if (p->token.kind == TOKEN_BRACE)
		return FAIL(p, p->token.at, "values of structures cannot be written here");
	n->left = parse_unary(p, "the cast");
	return n->left ? node_finish(p, n) : NULL;
}

/* sizeof := "sizeof" ( "(" type ")" | unary ) */
static struct node *parse_sizeof(struct parse *p)
{
	struct node *n = node_new(p, NODE_SIZEOF, p->token.at);

	advance(p);
	if (is_type(p, &p->token))
		return FAIL(p, p->token.at, "write sizeof(TYPE), with parentheses");
	if (p->token.kind == TOKEN_PAREN && is_cast(p)) {
		n->kind = NODE_SIZEOF_TYPE;
		return parse_type_group(p, n) ? node_finish(p, n) : NULL;
	}
	n->left = parse_unary(p, "sizeof");
	return n->left ? node_finish(p, n) : NULL;
}

/* operation := ( "+" | "-" | "!" | "~" | "*" | "&" ) unary */
static struct node *parse_operation(struct parse *p)
{
	struct node *n = node_new(p, NODE_UNARY, p->token.at);

	advance(p);
	n->left = parse_unary(p, token_sign(n->op));
	return n->left ? node_finish(p, n) : NULL;
}

/* unary := operation | sizeof | cast | postfix */
static struct node *parse_unary(struct parse *p, const char *sign)
{
	struct node *n;

	if (!enter(p))
		return NULL;
	switch (p->token.kind) {
	case TOKEN_PLUS:
	case TOKEN_MINUS:
	case TOKEN_NOT:
	case TOKEN_TILDE:
	case TOKEN_STAR:
	case TOKEN_AND:
		n = parse_operation(p);
		break;
	case TOKEN_SIZEOF:
		n = parse_sizeof(p);
		break;
	case TOKEN_PAREN:
		n = is_cast(p) ? parse_cast(p) : parse_postfix(p, sign);
		break;
	default:
		n = parse_postfix(p, sign);
	}
	leave(p);
	return n;
}

/* How tightly it binds; 0: it is no operator between two values. */
static unsigned int precedence(enum token_kind kind)
{
	switch (kind) {
	case TOKEN_OR_OR:
		return 1;
	case TOKEN_AND_AND:
		return 2;
	case TOKEN_OR:
		return 3;
	case TOKEN_XOR:
		return 4;
	case TOKEN_AND:
		return 5;
	case TOKEN_EQUAL:
	case TOKEN_UNEQUAL:
		return 6;
	case TOKEN_LESS:
	case TOKEN_GREATER:
	case TOKEN_LESS_EQUAL:
	case TOKEN_GREATER_EQUAL:
		return 7;
	case TOKEN_SHIFT_LEFT:
	case TOKEN_SHIFT_RIGHT:
		return 8;
	case TOKEN_PLUS:
	case TOKEN_MINUS:
		return 9;
	case TOKEN_STAR:
	case TOKEN_SLASH:
	case TOKEN_PERCENT:
		return 10;
	default:
		return 0;
	}
}

/*
 * or      := and { "||" and }                 and     := bit-or { "&&" bit-or }
 * bit-or  := xor { "|" xor }                  xor     := bit-and { "^" bit-and }
 * bit-and := equal { "&" equal }              equal   := less { ( "==" | "!=" ) less }
 * less    := shift { ( "<" | ">" | "<=" | ">=" ) shift }
 * shift   := sum { ( "<<" | ">>" ) sum }      sum     := product { ( "+" | "-" ) product }
 * product := unary { ( "*" | "/" | "%" ) unary }
 *
 * All of them at once: operators that bind at least as tightly as `least`. `sign` is what stands
 * before the first value.
 */
static struct node *parse_binary(struct parse *p, unsigned int least, const char *sign)
{
	struct node *left = parse_unary(p, sign);

	while (left) {
		unsigned int binds = precedence(p->token.kind);
		struct node *n;

		if (!binds || binds < least)
			break;
		n = node_new(p, NODE_BINARY, left->at);
		n->left = left;
		advance(p);
		n->right = parse_binary(p, binds + 1, token_sign(n->op));
		left = n->right ? node_finish(p, n) : NULL;
	}
	return left;
}

/* The two sides, from the "?" on. */
static struct node *parse_sides(struct parse *p, struct node *n)
{
	size_t question = p->token.at;

	advance(p);
	if (p->token.kind != TOKEN_COLON) {
		n->left = parse_condition(p);
		if (!n->left)
			return NULL;
	}
	if (p->token.kind == TOKEN_END)
		return FAIL(p, question, "the : of this ? is missing");
	if (!parse_take(p, TOKEN_COLON))
		return fail_unexpected(p, "the : of ?"), NULL;
	n->right = parse_condition(p);
	return n->right ? node_finish(p, n) : NULL;
}

/* condition := or [ "?" [ condition ] ":" condition ] */
static struct node *parse_condition(struct parse *p)
{
	struct node *n, *condition;

	if (!enter(p))
		return NULL;
	n = condition = parse_binary(p, 1, NULL);
	if (n && p->token.kind == TOKEN_QUESTION) {
		n = node_new(p, NODE_CONDITION, condition->at);
		n->condition = condition;
		n = parse_sides(p, n);
	}
	leave(p);
	return n;
}

/* --- what callers begin with ---------------------------------------------------------------- */

void parse_start(struct parse *p, const char *text, size_t at)
{
	p->text = text;
	p->last = at;
	p->depth = 0;
	p->key = false;
	p->failed = false;
	read_token(p, at);
}

int parse_expr(struct parse *p, struct node **node)
{
	*node = parse_condition(p);
	return *node && !p->failed ? 0 : -EINVAL;
}

int parse_list(struct parse *p, struct node **first)
{
	*first = parse_conditions(p);
	return *first && !p->failed ? 0 : -EINVAL;
}

/* tuple := "(" list ")" */
static struct node *parse_tuple(struct parse *p)
{
	struct node *n = node_new(p, NODE_TUPLE, p->token.at);
	size_t open = p->token.at;

	advance(p);
	n->list = parse_conditions(p);
	if (!n->list || !take_close(p, open, TOKEN_PAREN_END))
		return NULL;
	return node_finish(p, n);
}

/* key := condition | tuple; a parenthesis may also be the beginning of (a + b) * c, so what was
 * read without finding a comma is read again. */
int parse_key(struct parse *p, struct node **node)
{
	struct token first = p->token;
	size_t last = p->last;

	if (first.kind == TOKEN_PAREN && !is_cast(p)) {
		*node = parse_tuple(p);
		if (!*node || p->failed)
			return -EINVAL;
		if ((*node)->list->next)
			return 0;
		p->token = first;
		p->last = last;
	}
	p->key = true;
	*node = parse_condition(p);
	p->key = false;
	return *node && !p->failed ? 0 : -EINVAL;
}

/* parameter := specifier declarator, with a name or without */
static struct parameter *parse_parameter(struct parse *p)
{
	struct parameter *parameter = arena_alloc(p->arena, sizeof(*parameter));
	struct token name = { .at = p->token.at };

	parameter->type = read_type(p, &name);
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
	if (!take_close(p, open, TOKEN_PAREN_END))
		return -EINVAL;
	if (is_void(*first))
		*first = NULL;
	return p->failed ? -EINVAL : 0;
}

/* A name that is not known to be a type is one before another name, and where it cannot be a
 * factor of a product: "(a *b, ...". */
bool parse_signature_next(struct parse *p)
{
	struct token first = peek(p, p->token.end), next;

	if (p->token.kind != TOKEN_PAREN)
		return false;
	if (first.kind != TOKEN_NAME)
		return first.kind == TOKEN_PAREN_END || is_type(p, &first);
	next = peek(p, first.end);
	if (next.kind == TOKEN_NAME || is_type(p, &first))
		return true;
	next = behind_stars(p, &first);
	return next.kind == TOKEN_NAME && peek(p, next.end).kind == TOKEN_COMMA;
}

int parse_end(struct parse *p)
{
	if (!p->failed && p->token.kind != TOKEN_END)
		fail_unexpected(p, NULL);
	return p->failed ? -EINVAL : 0;
}
