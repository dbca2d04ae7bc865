// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "expr/rules.h"
#include "probe/near.h"
#include "strbuf.h"

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

/* --- tokens --------------------------------------------------------------------------------- */

static void read_token(struct parse *p, size_t at)
{
	struct mistake mistake;

	if (lex_next(p->arena, p->text, at, &p->token, &mistake))
		parse_fail(p, mistake.at, "%s", mistake.why);
}

void parse_advance(struct parse *p)
{
	p->last = p->token.end;
	read_token(p, p->token.end);
}

struct token parse_peek(const struct parse *p, size_t at)
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
	parse_advance(p);
	return true;
}

bool parse_enter(struct parse *p)
{
	if (p->depth >= NODE_DEPTH_MAX)
		return FAIL(p, p->token.at, "this is nested too deeply");
	p->depth++;
	return true;
}

void parse_leave(struct parse *p)
{
	p->depth--;
}

int parse_unexpected(struct parse *p, const char *end)
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

bool parse_close(struct parse *p, size_t open, enum token_kind kind)
{
	if (parse_take(p, kind))
		return true;
	if (p->token.kind == TOKEN_END)
		return FAIL(p, open, "this %c is not closed", p->text[open]);
	parse_unexpected(p, token_sign(kind));
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

/* --- expressions ---------------------------------------------------------------------------- */

/* strings := STRING { STRING } */
static struct node *parse_strings(struct parse *p)
{
	struct node *n = node_new(p, NODE_STRING, p->token.at);
	struct strbuf joined = {};

	while (p->token.kind == TOKEN_STRING) {
		strbuf_add(&joined, p->token.text, p->token.size);
		parse_advance(p);
	}
	n->size = joined.size;
	n->text = arena_copy(p->arena, strbuf_cstr(&joined), joined.size);
	strbuf_free(&joined);
	return node_finish(p, n);
}

int parse_string(struct parse *p, struct node **node)
{
	*node = parse_strings(p);
	return p->failed ? -EINVAL : 0;
}

/* Which one may have been meant, or which there are. */
static void suggest_function(const struct parse *p, const char *name, struct strbuf *text)
{
	struct near near = { .wanted = name };
	const char *const *f;

	for (f = p->functions; f && *f && strcasecmp(*f, name); f++)
		near_offer(&near, *f);
	if (f && *f) {
		strbuf_printf(text, "; did you mean %s?", *f);
	} else if (!near_ask(&near, "", text)) {
		for (f = p->functions; f && *f; f++)
			strbuf_printf(text, "%s %s", f == p->functions ? "; there are" : ",", *f);
	}
	near_free(&near);
}

static struct node *fail_function(struct parse *p, const struct node *n)
{
	struct strbuf text = {};

	if (n->text[0] == '$' && strncmp(n->text, "$en", 3)) {
		parse_fail(p, n->at, "%.60s is a value: write it without ( )", n->text);
		return NULL;
	}
	suggest_function(p, n->text, &text);
	parse_fail(p, n->at, "there is no function %.60s%s", n->text, strbuf_cstr(&text));
	strbuf_free(&text);
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
	parse_advance(p);
	p->key = false;
	if (p->token.kind != TOKEN_PAREN_END)
		n->list = parse_conditions(p);
	p->key = key;
	return parse_close(p, open, TOKEN_PAREN_END) ? node_finish(p, n) : NULL;
}

/* name := NAME | VARIABLE | call */
static struct node *parse_name(struct parse *p)
{
	struct node *n = node_new(p, p->token.kind == TOKEN_NAME ? NODE_NAME : NODE_VARIABLE,
				  p->token.at);

	n->text = p->token.text;
	n->size = p->token.size;
	parse_advance(p);
	if (p->token.kind == TOKEN_PAREN && (!p->key || is_function(p, n->text)))
		return parse_call(p, n);
	return node_finish(p, n);
}

static struct node *parse_number(struct parse *p)
{
	struct node *n = node_new(p, NODE_NUMBER, p->token.at);

	n->value = p->token.value;
	n->base = p->token.base;
	parse_advance(p);
	return node_finish(p, n);
}

/* group := "(" condition ")" */
static struct node *parse_group(struct parse *p)
{
	size_t open = p->token.at;
	bool key = p->key;
	struct node *n;

	parse_advance(p);
	p->key = false;
	n = parse_condition(p);
	p->key = key;
	if (!n || !parse_close(p, open, TOKEN_PAREN_END))
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
		return parse_unexpected(p, NULL), NULL;
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
	parse_advance(p);
	if (p->token.kind != TOKEN_NAME)
		return FAIL(p, p->token.at, "a member's name is missing behind %s",
			    n->arrow ? "->" : ".");
	n->where = p->token.at;
	n->text = p->token.text;
	n->size = p->token.size;
	parse_advance(p);
	return true;
}

/* index := "[" condition "]" */
static bool parse_index(struct parse *p, struct node *n)
{
	size_t open = p->token.at;
	bool key = p->key;

	parse_advance(p);
	p->key = false;
	n->right = parse_condition(p);
	p->key = key;
	return n->right && parse_close(p, open, TOKEN_BRACKET_END);
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
			parse_advance(p);
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

	parse_advance(p);
	n->type = parse_type_name(p, NULL);
	if (!n->type)
		return false;
	if (p->token.kind != TOKEN_PAREN_END && p->token.kind != TOKEN_END)
		return FAIL(p, p->token.at, "a type ends here, and ) is missing behind it");
	return parse_close(p, open, TOKEN_PAREN_END);
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

	parse_advance(p);
	if (parse_type_next(p, &p->token))
		return FAIL(p, p->token.at, "write sizeof(TYPE), with parentheses");
	if (p->token.kind == TOKEN_PAREN && parse_cast_next(p)) {
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

	parse_advance(p);
	n->left = parse_unary(p, token_sign(n->op));
	return n->left ? node_finish(p, n) : NULL;
}

/* unary := operation | sizeof | cast | postfix */
static struct node *parse_unary(struct parse *p, const char *sign)
{
	struct node *n;

	if (!parse_enter(p))
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
		n = parse_cast_next(p) ? parse_cast(p) : parse_postfix(p, sign);
		break;
	default:
		n = parse_postfix(p, sign);
	}
	parse_leave(p);
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
		parse_advance(p);
		n->right = parse_binary(p, binds + 1, token_sign(n->op));
		left = n->right ? node_finish(p, n) : NULL;
	}
	return left;
}

/* The two sides, from the "?" on. */
static struct node *parse_sides(struct parse *p, struct node *n)
{
	size_t question = p->token.at;

	parse_advance(p);
	if (p->token.kind != TOKEN_COLON) {
		n->left = parse_condition(p);
		if (!n->left)
			return NULL;
	}
	if (p->token.kind == TOKEN_END || p->token.kind == TOKEN_PAREN_END ||
	    p->token.kind == TOKEN_BRACKET_END)
		return FAIL(p, question, "the : of this ? is missing");
	if (!parse_take(p, TOKEN_COLON))
		return parse_unexpected(p, "the : of ?"), NULL;
	n->right = parse_condition(p);
	return n->right ? node_finish(p, n) : NULL;
}

/* condition := or [ "?" [ condition ] ":" condition ] */
struct node *parse_condition(struct parse *p)
{
	struct node *n, *condition;

	if (!parse_enter(p))
		return NULL;
	n = condition = parse_binary(p, 1, NULL);
	if (n && p->token.kind == TOKEN_QUESTION) {
		n = node_new(p, NODE_CONDITION, condition->at);
		n->condition = condition;
		n = parse_sides(p, n);
	}
	parse_leave(p);
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

	parse_advance(p);
	n->list = parse_conditions(p);
	if (!n->list || !parse_close(p, open, TOKEN_PAREN_END))
		return NULL;
	return node_finish(p, n);
}

/* key := condition | tuple; a parenthesis may also be the beginning of (a + b) * c, so what was
 * read without finding a comma is read again. */
int parse_key(struct parse *p, struct node **node)
{
	struct token first = p->token;
	size_t last = p->last;

	if (first.kind == TOKEN_PAREN && !parse_cast_next(p)) {
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

int parse_end(struct parse *p)
{
	if (!p->failed && p->token.kind != TOKEN_END)
		parse_unexpected(p, NULL);
	return p->failed ? -EINVAL : 0;
}
