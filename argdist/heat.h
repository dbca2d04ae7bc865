/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* heat: --heatmap: the histogram of one specifier over time (heatmap.h), a column a report. */
#pragma once

#include "tally.h"

struct heatmap;
struct strbuf;

struct heat {
	uint64_t below; /* hits without a row: a logarithm has none for values below 0 */
	/* private */
	struct heatmap *map;
};

/* -EINVAL, reported: this is not one histogram. */
int heat_start(struct heat *h, const struct tally *t);

/* Adds what was counted since the last time, and draws the map. */
void heat_add(struct heat *h, const struct tally *t, struct strbuf *out);

/* The last look. */
void heat_end(struct heat *h, struct strbuf *out);
void heat_free(struct heat *h);
