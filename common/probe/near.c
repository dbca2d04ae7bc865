// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/near.h"

#define LETTERS_MAX 96 /* names that are longer have no near ones */

/* How many letters have to be added, left out, changed or swapped with the next one; more than
 * limit: limit + 1. */
static unsigned int name_distance(const char *a, const char *b, unsigned int limit)
{
	size_t m = strlen(a), n = strlen(b);
	unsigned int rows[3][LETTERS_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2], *next, best;

	if (m > LETTERS_MAX || n > LETTERS_MAX || (m > n ? m - n : n - m) > limit)
		return limit + 1;
	for (size_t j = 0; j <= n; j++)
		last[j] = j;
	for (size_t i = 1; i <= m; i++) {
		best = row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			unsigned int d = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (row[j - 1] + 1 < d)
				d = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			row[j] = d;
			best = d < best ? d : best;
		}
		if (best > limit)
			return limit + 1;
		next = before;
		before = last;
		last = row;
		row = next;
	}
	return last[n];
}

void near_offer(struct near *n, const char *name)
{
	size_t size = strlen(n->wanted), at = NEAR_MAX;
	unsigned int limit = size < 5 ? 1 : size < 12 ? 2 : 3;
	unsigned int distance = name_distance(n->wanted, name, limit);

	if (distance > limit)
		return;
	for (size_t i = 0; i < NEAR_MAX && n->list[i].name; i++) {
		if (!strcmp(n->list[i].name, name))
			return;
	}
	while (at > 0 && (!n->list[at - 1].name || n->list[at - 1].distance > distance))
		at--;
	if (at == NEAR_MAX)
		return;
	free(n->list[NEAR_MAX - 1].name);
	memmove(&n->list[at + 1], &n->list[at], (NEAR_MAX - 1 - at) * sizeof(n->list[0]));
	n->list[at].name = strdup(name);
	n->list[at].distance = distance;
	if (!n->list[at].name)
		diag_no_memory();
}

bool near_ask(const struct near *n, const char *prefix, struct strbuf *text)
{
	size_t count = 0;

	while (count < NEAR_MAX && n->list[count].name &&
	       n->list[count].distance == n->list[0].distance)
		count++;
	for (size_t i = 0; i < count; i++)
		strbuf_printf(text, "%s%s%s", !i ? "; did you mean " :
			      i + 1 == count ? " or " : ", ", prefix, n->list[i].name);
	if (count)
		strbuf_char(text, '?');
	return count;
}

void near_free(struct near *n)
{
	for (size_t i = 0; i < NEAR_MAX; i++)
		free(n->list[i].name);
	*n = (struct near){};
}
