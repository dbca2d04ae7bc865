// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/pattern.h"
#include "strbuf.h"

static const char *regex_set(struct pattern *p)
{
	static char why[128];
	struct strbuf whole = {};
	int err;

	strbuf_printf(&whole, "^(%s)$", p->text);
	p->wild = true;
	p->regex = malloc(sizeof(*p->regex));
	if (!p->regex)
		diag_no_memory();
	err = regcomp(p->regex, strbuf_cstr(&whole), REG_EXTENDED | REG_NOSUB);
	strbuf_free(&whole);
	if (!err)
		return NULL;
	if (err == REG_ESPACE)
		diag_no_memory();
	regerror(err, p->regex, why, sizeof(why));
	free(p->regex);
	p->regex = NULL;
	pattern_free(p);
	return why;
}

/* The longest piece without wildcards behind the first one. */
static char *find_needle(const char *text)
{
	size_t longest = 0, size;
	const char *found = NULL;

	if (strpbrk(text, "[\\"))
		return NULL;
	for (; *text; text += size) {
		text += strspn(text, "*?");
		size = strcspn(text, "*?");
		if (size > longest) {
			longest = size;
			found = text;
		}
	}
	return found ? strndup(found, longest) : NULL;
}

const char *pattern_set(struct pattern *p, const char *text, bool regex)
{
	*p = (struct pattern){ .text = strdup(text) };
	if (!p->text)
		diag_no_memory();
	if (regex)
		return regex_set(p);
	p->prefix = strcspn(text, "*?[\\");
	p->wild = text[p->prefix];
	p->needle = find_needle(text + p->prefix);
	return NULL;
}

bool pattern_match(const struct pattern *p, const char *name)
{
	if (!p->text)
		return true;
	if (p->regex)
		return !regexec(p->regex, name, 0, NULL, 0);
	if (!p->wild)
		return !strcmp(p->text, name);
	/* Most names fail here, at a fraction of what fnmatch() costs. */
	if (!pattern_begins(p, name) || (p->needle && !strstr(name, p->needle)))
		return false;
	return !strcmp(p->text + p->prefix, "*") ||
	       !fnmatch(p->text + p->prefix, name + p->prefix, 0);
}

void pattern_free(struct pattern *p)
{
	if (p->regex)
		regfree(p->regex);
	free(p->regex);
	free(p->needle);
	free(p->text);
	*p = (struct pattern){};
}
