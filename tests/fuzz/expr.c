// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * expr: odd expressions, types and signatures. Nothing may crash, hang, leak or nest without end;
 * a mistake has a place within the text; a tree's ranges are right: what one of them has, read by
 * itself, is the same tree.
 */
#include "expr/dump.h"
#include "expr/parse.h"
#include "strbuf.h"
#include "tests/fuzz/fuzz.h"

#define RANGES_MAX 40 /* of a text, read again */

static bool is_type(const char *name, void *context)
{
	(void)context;
	return !strcmp(name, "u32") || !strcmp(name, "t");
}

struct attempt {
	struct arena arena;
	struct mistake mistake;
	struct parse parse;
};

static void attempt_begin(struct attempt *a, const char *text)
{
	static const char *const functions[] = { "STRCMP", "f", "$entry", NULL };

	*a = (struct attempt){ .mistake.at = SIZE_MAX };
	a->parse = (struct parse){ .arena = &a->arena, .mistake = &a->mistake,
				   .functions = functions, .is_type = is_type };
	parse_start(&a->parse, text, 0);
}

static void attempt_end(struct attempt *a, const char *text, int err)
{
	MUST(!err || a->mistake.at <= strlen(text));
	MUST(!err || *a->mistake.why);
	arena_free(&a->arena);
}

static void check_piece(const char *text, const struct node *n)
{
	struct strbuf expected = {}, is = {};
	char *piece = strndup(text + n->at, n->end - n->at);
	struct attempt a;
	struct node *again;

	attempt_begin(&a, piece);
	MUST(!parse_expr(&a.parse, &again));
	MUST(!parse_end(&a.parse));
	dump_node(&expected, n);
	dump_node(&is, again);
	MUST(!strcmp(strbuf_cstr(&expected), strbuf_cstr(&is)));
	arena_free(&a.arena);
	strbuf_free(&expected);
	strbuf_free(&is);
	free(piece);
}

static void check_tree(const char *text, const struct node *n, unsigned int room, size_t *pieces);

static void check_type(const char *text, const struct type_name *t, unsigned int room,
		       size_t *pieces)
{
	for (; t; t = t->of, room--) {
		MUST(room > 0 && t->depth <= room);
		MUST(t->at <= t->end && t->end <= strlen(text));
		MUST(t->kind < TYPE_TYPEDEF || t->kind > TYPE_ENUM || (t->name && *t->name));
		MUST((t->kind >= TYPE_POINTER) == !!t->of);
		if (t->count)
			check_tree(text, t->count, room - 1, pieces);
	}
}

/* room: how deep it may be. A tuple is none of the expressions that can be read again. */
static void check_tree(const char *text, const struct node *n, unsigned int room, size_t *pieces)
{
	MUST(n->depth > 0 && n->depth <= room);
	MUST(n->at <= n->where && n->where < n->end && n->end <= strlen(text));
	MUST(!n->text || strlen(n->text) == n->size || n->kind == NODE_STRING);
	if (n->kind != NODE_TUPLE && *pieces && --*pieces)
		check_piece(text, n);
	if (n->condition)
		check_tree(text, n->condition, room - 1, pieces);
	if (n->left)
		check_tree(text, n->left, room - 1, pieces);
	if (n->right)
		check_tree(text, n->right, room - 1, pieces);
	for (const struct node *child = n->list; child; child = child->next)
		check_tree(text, child, room - 1, pieces);
	check_type(text, n->type, room - 1, pieces);
}

static void list_try(const char *text)
{
	size_t pieces = RANGES_MAX;
	struct attempt a;
	struct node *n;
	int err;

	attempt_begin(&a, text);
	err = parse_list(&a.parse, &n);
	for (; !err && n; n = n->next)
		check_tree(text, n, NODE_DEPTH_MAX, &pieces);
	if (!err)
		err = parse_end(&a.parse);
	attempt_end(&a, text, err);
}

/* Where a name before a parenthesis is no call a piece by itself may be one, and refused. */
static void key_try(const char *text)
{
	size_t none = 0;
	struct attempt a;
	struct node *n;
	int err;

	attempt_begin(&a, text);
	err = parse_key(&a.parse, &n);
	if (!err)
		check_tree(text, n, NODE_DEPTH_MAX, &none);
	attempt_end(&a, text, err);
}

static void type_try(const char *text)
{
	size_t pieces = RANGES_MAX;
	struct type_name *type;
	struct strbuf out = {};
	struct attempt a;
	int err;

	attempt_begin(&a, text);
	err = parse_type(&a.parse, &type);
	if (!err) {
		check_type(text, type, NODE_DEPTH_MAX, &pieces);
		dump_type(&out, type);
	}
	attempt_end(&a, text, err);
	strbuf_free(&out);
}

static void signature_try(const char *text)
{
	size_t pieces = RANGES_MAX;
	struct parameter *first;
	struct strbuf out = {};
	struct attempt a;
	int err;

	attempt_begin(&a, text);
	parse_signature_next(&a.parse);
	err = parse_signature(&a.parse, &first);
	for (struct parameter *p = first; !err && p; p = p->next) {
		MUST(p->at <= strlen(text));
		check_type(text, p->type, NODE_DEPTH_MAX, &pieces);
	}
	if (!err)
		dump_signature(&out, first);
	attempt_end(&a, text, err);
	strbuf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	fuzz_trying = text;
	list_try(text);
	key_try(text);
	type_try(text);
	signature_try(text);
	free(text);
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	static const char *const pieces[] = {
		"a", "b", "arg1", "retval", "$pid", "$entry", "STRCMP", "f", "t", "u32", "x", "0",
		"1", "0x7fULL", "08", "'c'", "'\\n'", "'", "\"s\"", "\"%d\\x4\"", "\"", "\\",
		"(", "(", "(", ")", ")", ")", "[", "]", "{", "}", ",", "?", ":", ";", "#", ".",
		"->", "...", "+", "-", "*", "*", "/", "%", "&", "|", "^", "~", "!", "&&", "||",
		"<<", ">>", "==", "!=", "<", ">", "<=", ">=", "=", "+=", "++", "--", "@user",
		"@kernel", "@", "sizeof", "struct", "union s", "enum", "int", "unsigned", "long",
		"char", "void", "float", "const", "__user", " ", " ", "\t", "\xc3\xa4", "\xe2\x80",
		"(int)", "(struct s *)", "(*)", "(t)", "a->b", "a[1]", "\x01",
	};
	unsigned long rounds = fuzz_begin(argc, argv, 20000);

	fuzz_texts(rounds, pieces, COUNT(pieces), 13, false);
	return fuzz_end(rounds);
}
#endif
