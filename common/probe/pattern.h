/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pattern: names as users ask for them: one name, a glob (* ? [...], \ takes the meaning from the
 * next), or an extended regular expression that has to match the whole name.
 *
 * Ownership: the struct belongs to the caller, what it points to is freed by pattern_free().
 * An all-zero struct matches every name.
 */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pattern {
	char *text;	/* as it was given */
	bool wild;	/* it may match more than one name */
	regex_t *regex; /* NULL: it is a name or a glob */
	size_t prefix;	/* what every match begins with: so many bytes of text */
	char *needle;	/* private: what every match has in it, or NULL */
};

/* Returns NULL, or what is wrong with the regular expression (valid until the next call). */
const char *pattern_set(struct pattern *p, const char *text, bool regex);

bool pattern_match(const struct pattern *p, const char *name);

/* What to say behind "nothing matches": "", or what is often forgotten. */
static inline const char *pattern_reminder(const struct pattern *p)
{
	return p->regex ? " (a regular expression has to match the whole name, as ^vfs_.* does)" : "";
}

/* False: no name that begins like this one matches. */
static inline bool pattern_begins(const struct pattern *p, const char *name)
{
	return !p->prefix || (*p->text == *name && !strncmp(p->text, name, p->prefix));
}

void pattern_free(struct pattern *p);
