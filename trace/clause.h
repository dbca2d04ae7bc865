/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clause: one argument of the command line:
 *
 *	PLACE [SIGNATURE] [(PREDICATE)] ["FORMAT" [, VALUE ...]]
 *	PLACE <- PLACE @ KEY [(PREDICATE)] ["FORMAT" [, VALUE ...]]
 *	BEGIN "TEXT"	END "TEXT"
 *
 * The places (probe/spec.h) are read first. What follows means something else in each target's
 * scope, so it is read again for each: clause_tree().
 *
 * Errors: -EINVAL, the mistake is set.
 */
#pragma once

#include "expr/parse.h"
#include "probe/spec.h"

enum clause_kind {
	CLAUSE_PLACE,
	CLAUSE_PAIR,  /* with start and key */
	CLAUSE_BEGIN, /* only text */
	CLAUSE_END,
};

struct clause {
	enum clause_kind kind;
	const char *text; /* all of it */
	struct spec spec, start;
	size_t key_at, rest_at;
};

struct clause_tree {
	struct node *key; /* of a pair */
	bool has_signature;
	size_t signature_at;
	struct parameter *signature;
	struct node *predicate; /* NULL: none */
	struct node *format;	/* a string; NULL: none was given */
	struct node *values;	/* a list */
};

int clause_parse(struct clause *c, const char *text, struct mistake *m);

/* parse: with arena, mistake, functions and is_type set. */
int clause_tree(const struct clause *c, struct parse *parse, struct clause_tree *out);

void clause_free(struct clause *c);
