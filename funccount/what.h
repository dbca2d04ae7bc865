/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * what: what the user wants to be counted: patterns, and those that --exclude takes away again.
 *
 * Ownership: the texts are the command line's. what_free() after the targets are attached.
 * Errors: -errno, reported; what is wrong with the text of a pattern ends the process (2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "probe/resolve.h"
#include "probe/spec.h"
#include "probe/target.h"

struct what {
	bool regex;		/* patterns are regular expressions */
	bool broad;		/* any number of kernel functions will do */
	struct resolve resolve; /* its pid and force are the caller's */
	const char **patterns, **excludes;
	size_t pattern_count, exclude_count;
	/* private */
	struct spec *specs;
};

void what_add(struct what *w, const char *pattern);
void what_exclude(struct what *w, const char *pattern);

/* Before anything is opened: mistakes in patterns. */
void what_parse(struct what *w);

/* What of it there is. */
int what_find(struct what *w, struct targets *t);

/* After targets that were found could not be attached: what is known of why. */
void what_explain(const struct what *w, const struct targets *t);

void what_free(struct what *w);
