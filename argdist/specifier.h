/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * specifier: one -C or -H of the command line:
 *
 *	PLACE[(SIGNATURE)][:TYPES[:VALUES[:PREDICATE]]][#LABEL]
 *	PLACE <- PLACE @ KEY[:TYPES[:VALUES[:PREDICATE]]][#LABEL]
 *	SAMPLE[:TYPES[:VALUES[:PREDICATE]]][#LABEL]
 *
 * What it begins with is probe/heading.h's, or a sample (sampling.h); specifier_tree() for each
 * target.
 * Colons separate where no ?: and no parentheses are open, so do commas.
 *
 * Errors: -EINVAL, the mistake is set.
 */
#pragma once

#include "probe/heading.h"
#include "sampling.h"

struct specifier {
	const char *text;  /* all of it */
	const char *label; /* behind the #; NULL: there is none */
	char *fields;	   /* text without the label */
	bool histogram;	   /* -H */
	struct heading heading;
	struct sampling sampling; /* in place of heading.spec, if it has an event */
};

enum aggregate {
	AGGREGATE_NONE,
	AGGREGATE_SUM,
	AGGREGATE_AVG,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE_LAST,
	AGGREGATE_STATS,
	AGGREGATE_LINEAR, /* lhist() */
};

struct specifier_type {
	struct type_name *type; /* NULL: the value's own */
	bool is_text;		/* char *: what it points to */
	struct specifier_type *next;
};

struct specifier_tree {
	struct heading_tree heading;
	struct specifier_type *types;
	size_t type_count;
	struct node *values; /* a list; NULL: none was given */
	size_t value_count;
	struct node *predicate;
	enum aggregate aggregate; /* of the last value, which is its argument then */
	struct node *bounds;	  /* lhist(): min, max, step */
};

int specifier_parse(struct specifier *s, const char *text, bool histogram, struct mistake *m);

/* parse: with arena, mistake and is_type set. */
int specifier_tree(const struct specifier *s, struct parse *parse, struct specifier_tree *out);

void specifier_free(struct specifier *s);
