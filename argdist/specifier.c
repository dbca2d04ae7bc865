// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "specifier.h"

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* The # that no quotes are open at, or NULL. */
static const char *label_find(const char *text)
{
	char quote = 0;

	for (; *text; text++) {
		if (quote && *text == '\\' && text[1])
			text++;
		else if (quote)
			quote = *text == quote ? 0 : quote;
		else if (*text == '"' || *text == '\'')
			quote = *text;
		else if (*text == '#')
			return text;
	}
	return NULL;
}

/* "vfs_read::x", where trace takes it: here the colons end a field. */
static bool is_bare(const char *text)
{
	size_t size = strcspn(text, ":/ (");

	return size > 1 && !strncmp(text + size, "::", 2);
}

static int sample_parse(struct specifier *s, const char *at, struct mistake *m)
{
	const char *end;
	int err = sampling_parse(&s->sampling, s->fields, at, &end, m);

	if (err)
		return err;
	end = skip_blanks(end);
	s->heading = (struct heading){ .text = s->fields, .rest_at = end - s->fields };
	if (end[0] == '<' && end[1] == '-')
		return mistake_set(m, s->heading.rest_at, "a sample has no start");
	return 0;
}

static int place_parse(struct specifier *s, const char *at, struct mistake *m)
{
	int err = heading_parse(&s->heading, s->fields, at, m);
	size_t start = s->heading.start_at;

	if (start && sampling_begins(s->fields + start))
		return mistake_set(m, start, "a sample starts nothing");
	return err;
}

int specifier_parse(struct specifier *s, const char *text, bool histogram, struct mistake *m)
{
	const char *label = label_find(text), *at;

	*s = (struct specifier){ .text = text, .histogram = histogram };
	s->fields = strndup(text, label ? (size_t)(label - text) : strlen(text));
	if (!s->fields)
		diag_no_memory();
	s->label = label && label[1] ? label + 1 : NULL;
	if (is_bare(s->fields))
		return mistake_set(m, 0, "a kernel function has p:: or r:: before it here: p::%.80s",
				   s->fields);
	at = skip_blanks(s->fields);
	return sampling_begins(at) ? sample_parse(s, at, m) : place_parse(s, at, m);
}

void specifier_free(struct specifier *s)
{
	heading_free(&s->heading);
	sampling_end(&s->sampling);
	free(s->fields);
}

/* --- the fields ----------------------------------------------------------------------------- */

static bool is_text_type(const struct type_name *t)
{
	return t->kind == TYPE_POINTER && t->of->kind == TYPE_BASE && t->of->base == BASE_CHAR;
}

/* type { "," type }, each of which may be empty */
static int types_parse(struct parse *parse, struct specifier_tree *out)
{
	struct specifier_type **last = &out->types;

	do {
		struct specifier_type *t = arena_alloc(parse->arena, sizeof(*t));
		enum token_kind next = parse->token.kind;

		if (next != TOKEN_COMMA && next != TOKEN_COLON && next != TOKEN_END) {
			if (parse_type(parse, &t->type))
				return -EINVAL;
			if (parse->token.kind == TOKEN_NAME)
				return parse_fail(parse, parse->token.at, "a type has no name here: values "
						  "stand behind the next colon");
			t->is_text = is_text_type(t->type);
		}
		*last = t;
		last = &t->next;
		out->type_count++;
	} while (parse_take(parse, TOKEN_COMMA));
	return 0;
}

static const struct {
	const char *name;
	enum aggregate aggregate;
	size_t arguments;
} aggregates[] = {
	{ "sum", AGGREGATE_SUM, 1 },   { "avg", AGGREGATE_AVG, 1 },
	{ "min", AGGREGATE_MIN, 1 },   { "max", AGGREGATE_MAX, 1 },
	{ "last", AGGREGATE_LAST, 1 }, { "stats", AGGREGATE_STATS, 1 },
	{ "lhist", AGGREGATE_LINEAR, 4 },
};

#define AGGREGATES (sizeof(aggregates) / sizeof(aggregates[0]))

static size_t list_count(const struct node *n)
{
	size_t count = 0;

	for (; n; n = n->next)
		count++;
	return count;
}

static int aggregate_set(struct parse *parse, struct specifier_tree *out, size_t index,
			 struct node **at, bool histogram)
{
	struct node *call = *at;
	bool linear = aggregates[index].aggregate == AGGREGATE_LINEAR;

	if (call->next)
		return parse_fail(parse, call->at, "%s() is the last of the values", call->text);
	if (linear != histogram)
		return parse_fail(parse, call->at, linear ? "lhist() is for histograms: -H" :
				  "%s() is for -C; -H counts the values themselves", call->text);
	if (list_count(call->list) != aggregates[index].arguments)
		return parse_fail(parse, call->at, linear ? "lhist() takes a value, the lowest, the "
				  "highest, and the width of a bucket" :
				  "%s() takes one value", call->text);
	out->aggregate = aggregates[index].aggregate;
	out->bounds = call->list->next;
	*at = call->list;
	call->list->next = NULL;
	return 0;
}

static int values_parse(struct parse *parse, const struct specifier *s,
			struct specifier_tree *out)
{
	int err;

	if (parse->token.kind == TOKEN_COLON || parse->token.kind == TOKEN_END)
		return 0;
	err = parse_list(parse, &out->values);
	for (struct node **n = &out->values; !err && *n; n = &(*n)->next) {
		for (size_t i = 0; i < AGGREGATES && (*n)->kind == NODE_CALL && !err; i++) {
			if (!strcmp((*n)->text, aggregates[i].name)) {
				err = aggregate_set(parse, out, i, n, s->histogram);
				break;
			}
		}
	}
	out->value_count = list_count(out->values);
	return err;
}

static int fields_parse(struct parse *parse, const struct specifier *s,
			struct specifier_tree *out)
{
	int err = 0;

	if (!parse_take(parse, TOKEN_COLON))
		return 0;
	err = types_parse(parse, out);
	if (!err && parse_take(parse, TOKEN_COLON))
		err = values_parse(parse, s, out);
	if (!err && parse_take(parse, TOKEN_COLON) && parse->token.kind != TOKEN_END)
		err = parse_expr(parse, &out->predicate);
	return err;
}

int specifier_tree(const struct specifier *s, struct parse *parse, struct specifier_tree *out)
{
	static const char *const functions[] = {
		"STRCMP", "STRNCMP", "$entry", "ntohs", "ntohl", "ntop", "sum", "avg", "min", "max",
		"last", "stats", "lhist", NULL,
	};
	int err;

	*out = (struct specifier_tree){};
	parse->functions = functions;
	err = heading_tree(&s->heading, parse, &out->heading);
	if (!err && parse->token.kind == TOKEN_PAREN && !s->fields[parse->token.end])
		return parse_fail(parse, parse->token.at, "this ( is not closed");
	if (!err)
		err = fields_parse(parse, s, out);
	if (err)
		return err;
	if (parse->token.kind == TOKEN_COLON)
		return parse_fail(parse, parse->token.at, "there is no field behind the predicate");
	return parse_end(parse);
}
