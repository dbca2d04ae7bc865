// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "diag.h"
#include "mistake.h"
#include "probe/pattern.h"
#include "what.h"

#define BROAD 5000 /* kernel functions that are too many to be meant */

static void text_add(const char ***list, size_t *count, const char *text)
{
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	if (!*list)
		diag_no_memory();
	(*list)[(*count)++] = text;
}

void what_add(struct what *w, const char *pattern)
{
	text_add(&w->patterns, &w->pattern_count, pattern);
}

void what_exclude(struct what *w, const char *pattern)
{
	text_add(&w->excludes, &w->exclude_count, pattern);
}

void what_parse(struct what *w)
{
	struct mistake error;

	w->specs = calloc(w->pattern_count, sizeof(*w->specs));
	if (!w->specs)
		diag_no_memory();
	for (size_t i = 0; i < w->pattern_count; i++) {
		if (spec_parse(&w->specs[i], w->patterns[i], NULL, w->regex, &error)) {
			mistake_report(w->patterns[i], &error);
			exit(2);
		}
	}
}

/* --exclude: the targets with these names go. */
static void targets_exclude(const struct what *w, struct targets *t)
{
	for (size_t n = 0; n < w->exclude_count; n++) {
		struct pattern pattern = {};
		const char *wrong = pattern_set(&pattern, w->excludes[n], w->regex);
		size_t kept = 0;

		if (wrong)
			cli_bad("--exclude: '%s': %s", w->excludes[n], wrong);
		for (size_t i = 0; i < t->count; i++) {
			if (!pattern_match(&pattern, t->list[i].name))
				t->list[kept++] = t->list[i];
		}
		t->count = kept;
		for (size_t i = kept = 0; i < t->skip_count; i++) {
			if (!pattern_match(&pattern, t->skipped[i].name))
				t->skipped[kept++] = t->skipped[i];
		}
		t->skip_count = kept;
		pattern_free(&pattern);
	}
	if (w->exclude_count)
		targets_finish(t);
}

static int targets_check(const struct what *w, const struct targets *t)
{
	size_t kernel = 0;

	for (size_t i = 0; i < t->count; i++)
		kernel += t->list[i].kind == TARGET_KERNEL;
	if (!t->count) {
		diag("nothing is left to count: --exclude matches all");
		return -ENOENT;
	}
	if (kernel > BROAD && !w->broad) {
		diag("the patterns mean %zu kernel functions, which would slow the machine down: "
		     "narrow them, or add --force", kernel);
		return -E2BIG;
	}
	return 0;
}

int what_find(struct what *w, struct targets *t)
{
	int err = resolve_targets(&w->resolve, w->specs, w->pattern_count, t);

	if (err)
		return err;
	targets_exclude(w, t);
	return targets_check(w, t);
}

void what_explain(const struct what *w, const struct targets *t)
{
	resolve_explain(w->specs, w->pattern_count, t);
}

void what_free(struct what *w)
{
	for (size_t i = 0; i < w->pattern_count; i++)
		spec_free(&w->specs[i]);
	resolve_end(&w->resolve);
	free(w->specs);
	free(w->patterns);
	free(w->excludes);
}
