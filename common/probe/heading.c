// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "probe/heading.h"

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* spec_parse() counts bytes from where it begins. Returns what follows, NULL: a mistake. */
static const char *place_parse(struct spec *spec, const char *text, const char *at,
			       struct mistake *m)
{
	const char *end;

	if (!spec_parse(spec, at, &end, false, m))
		return skip_blanks(end);
	m->at += at - text;
	return NULL;
}

int heading_parse(struct heading *h, const char *text, const char *at, struct mistake *m)
{
	*h = (struct heading){ .text = text };
	at = place_parse(&h->spec, text, at, m);
	if (!at)
		return -EINVAL;
	h->rest_at = at - text;
	if (at[0] != '<' || at[1] != '-')
		return 0;
	at = skip_blanks(at + 2);
	h->start_at = at - text;
	at = place_parse(&h->start, text, at, m);
	if (!at)
		return -EINVAL;
	if (*at == '(')
		return mistake_set(m, at - text, "a start has no signature: what is there is "
				   "$entry(arg1) and the like");
	if (*at != '@')
		return mistake_set(m, at - text, "behind a pair stands what connects its two "
				   "sides: END <- START @ KEY, such as @ $tid");
	h->rest_at = at + 1 - text;
	return 0;
}

static int signature_parse(const struct heading *h, struct parse *parse, struct heading_tree *out)
{
	struct scope_signature *s = arena_alloc(parse->arena, sizeof(*s));
	bool empty = *skip_blanks(h->text + parse->token.end) == ')';
	struct parameter *first;
	int err;

	s->at = parse->token.at;
	err = parse_signature(parse, &first);
	if (err)
		return err;
	s->first = first;
	out->signature = empty ? NULL : s;
	return 0;
}

int heading_tree(const struct heading *h, struct parse *parse, struct heading_tree *out)
{
	int err = 0;

	*out = (struct heading_tree){};
	parse_start(parse, h->text, h->rest_at);
	if (h->start_at)
		err = parse_key(parse, &out->key);
	if (err || parse->token.kind != TOKEN_PAREN || !parse_signature_next(parse))
		return err;
	if (h->start_at)
		return parse_fail(parse, parse->token.at, "a pair has no signature: what is at the "
				  "start is $entry(arg1) and the like");
	return signature_parse(h, parse, out);
}

void heading_free(struct heading *h)
{
	spec_free(&h->spec);
	spec_free(&h->start);
}
