/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clause: one argument of the command line:
 *
 *	PLACE [SIGNATURE] [(PREDICATE)] ["FORMAT" [, VALUE ...]]
 *	PLACE <- PLACE @ KEY [(PREDICATE)] ["FORMAT" [, VALUE ...]]
 *	BEGIN "TEXT"	END "TEXT"
 *
 * What it begins with is probe/heading.h's; clause_tree() for each target.
 *
 * Errors: -EINVAL, the mistake is set.
 */
#pragma once

#include "probe/heading.h"

enum clause_kind {
	CLAUSE_PROBE,
	CLAUSE_BEGIN, /* only text */
	CLAUSE_END,
};

struct clause {
	enum clause_kind kind;
	const char *text; /* all of it */
	struct heading heading;
};

struct clause_tree {
	struct heading_tree heading;
	struct node *predicate; /* NULL: none */
	struct node *format;	/* a string; NULL: none was given */
	struct node *values;	/* a list */
};

int clause_parse(struct clause *c, const char *text, struct mistake *m);

/* parse: with arena, mistake, functions and is_type set. */
int clause_tree(const struct clause *c, struct parse *parse, struct clause_tree *out);

void clause_free(struct clause *c);
