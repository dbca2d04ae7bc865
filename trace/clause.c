// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "clause.h"

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* BEGIN or END as a word by itself: what stands behind it, or NULL. */
static const char *word(const char *at, const char *expected)
{
	size_t size = strlen(expected);

	if (strncmp(at, expected, size) || (at[size] && !strchr(" \t\n\"", at[size])))
		return NULL;
	return at + size;
}

/* A string with nothing behind it, or values: no quoted name of a probe. */
static bool is_format(const char *at)
{
	for (at++; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
	}
	at = *at ? skip_blanks(at + 1) : at;
	return !*at || *at == ',';
}

int clause_parse(struct clause *c, const char *text, struct mistake *m)
{
	const char *at = skip_blanks(text), *end;

	*c = (struct clause){ .text = text };
	end = word(at, "BEGIN");
	if (end)
		c->kind = CLAUSE_BEGIN;
	else if ((end = word(at, "END")))
		c->kind = CLAUSE_END;
	if (end) {
		c->heading.rest_at = end - text;
		return 0;
	}
	if (*at == '"' && is_format(at))
		return mistake_set(m, at - text, "a probe stands before the text, such as c:open \"...\"");
	if (heading_parse(&c->heading, text, at, m))
		return -EINVAL;
	if (strncmp(text + c->heading.rest_at, "::", 2))
		return 0;
	return mistake_set(m, c->heading.rest_at, "the name of a C++ function stands in double quotes");
}

void clause_free(struct clause *c)
{
	heading_free(&c->heading);
}

/* "FORMAT" [, VALUE ...] */
static int action_parse(struct parse *parse, struct clause_tree *out)
{
	if (parse->token.kind != TOKEN_STRING) {
		if (parse->token.kind == TOKEN_END)
			return 0;
		return parse_fail(parse, parse->token.at, "what is to be printed stands in quotes, such "
				  "as \"%%d\", and the values behind it");
	}
	if (parse_string(parse, &out->format))
		return -EINVAL;
	if (parse_take(parse, TOKEN_COMMA) && parse_list(parse, &out->values))
		return -EINVAL;
	switch (parse->token.kind) {
	case TOKEN_NAME:
	case TOKEN_VARIABLE:
	case TOKEN_NUMBER:
	case TOKEN_STRING:
		return parse_fail(parse, parse->token.at, out->values ?
				  "a comma or an operator is missing here" :
				  "a comma is missing here");
	default:
		return 0;
	}
}

int clause_tree(const struct clause *c, struct parse *parse, struct clause_tree *out)
{
	int err = 0;

	*out = (struct clause_tree){};
	if (c->kind == CLAUSE_PROBE)
		err = heading_tree(&c->heading, parse, &out->heading);
	else
		parse_start(parse, c->text, c->heading.rest_at);
	if (!err && parse->token.kind == TOKEN_PAREN)
		err = parse_expr(parse, &out->predicate);
	if (!err)
		err = action_parse(parse, out);
	return err ? err : parse_end(parse);
}
