/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * heading: how a text begins that says what to probe and what to do there (trace, argdist):
 *
 *	PLACE [SIGNATURE]
 *	PLACE <- PLACE @ KEY
 *
 * The places (spec.h) are read once: heading_parse(). What follows means something else in each
 * target's scope, so it is read again for each: heading_tree(), and the rest behind it by the tool.
 *
 * Ownership: the text is the caller's; heading_free().
 * Errors: -EINVAL, the mistake is set.
 */
#pragma once

#include "expr/parse.h"
#include "probe/scopes.h"
#include "probe/spec.h"

struct heading {
	const char *text;
	struct spec spec;  /* what is probed; of a pair its end */
	struct spec start; /* of a pair */
	size_t start_at;   /* byte of the text where that begins; 0: this is no pair */
	size_t rest_at;	   /* where what follows begins; of a pair its key */
};

struct heading_tree {
	struct node *key;			 /* of a pair; else NULL */
	const struct scope_signature *signature; /* NULL: none, or (), which only ends a place */
};

/* at: in the text. If the mistake is in a pair's start, start_at is set. */
int heading_parse(struct heading *h, const char *text, const char *at, struct mistake *m);

/* parse: with arena, mistake, functions and is_type set; its next token is what follows. */
int heading_tree(const struct heading *h, struct parse *parse, struct heading_tree *out);

void heading_free(struct heading *h);
