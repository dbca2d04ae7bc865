// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "diag.h"
#include "heat.h"
#include "heatmap.h"

int heat_start(struct heat *h, const struct tally *t)
{
	const struct action *a = t->action;

	if (a->keys || a->kernel_stack || a->user_stack || a->kind != TALLY_LOG2) {
		diag("--heatmap draws one histogram: -H without keys and without lhist()");
		return -EINVAL;
	}
	h->map = heatmap_new(t->specifier->label ? t->specifier->label : a->number->name, "hits",
			     0);
	return 0;
}

/* Nothing is hit in an interval without a row. */
void heat_add(struct heat *h, const struct tally *t, struct strbuf *out)
{
	uint64_t rows[HIST_ROWS] = {};

	if (t->count) {
		tally_rows(t->rows, rows);
		h->below += t->rows->slots[0];
	}
	heatmap_add(h->map, rows);
	heatmap_show(h->map, out, false);
}

void heat_end(struct heat *h, struct strbuf *out)
{
	heatmap_show(h->map, out, true);
}

void heat_free(struct heat *h)
{
	heatmap_free(h->map);
}
