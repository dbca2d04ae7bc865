/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --heatmap: a histogram over time in the terminal. A row is one of a log2 histogram, the largest
 * values on top; a column is an interval, the newest at the right; a cell is the darker, or the
 * hotter, the more it counts. Shades are logarithmic, so that one slow request among a million is
 * seen.
 *
 *	heatmap_new(...)
 *	heatmap_add(m, rows), heatmap_show(m, &out, false)	for each interval
 *	heatmap_show(m, &out, true)
 *	heatmap_free(m)
 *
 * Ownership: heatmap_new() to heatmap_free(). Texts are not copied.
 * Errors: none.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hist.h"

struct heatmap;
struct strbuf;

/* unit: of the rows, "usecs"; counted: what the cells count, "requests". width: in characters, less
 * than 40 is taken as 40, or lines would wrap; 0: the terminal's. */
struct heatmap *heatmap_new(const char *unit, const char *counted, unsigned int width);
void heatmap_free(struct heatmap *m);

/* One interval. When the map is as wide as the terminal the oldest is forgotten. */
void heatmap_add(struct heatmap *m, const uint64_t rows[HIST_ROWS]);

/*
 * Appends the map, a time axis and a legend; returns how many lines, which differs from one
 * interval to the next: only the rows from the lowest used to the highest used are drawn.
 * colours: backgrounds of the 256 colours, else characters. 0 lines before the first interval.
 */
unsigned int heatmap_draw(struct heatmap *m, struct strbuf *out, bool colours);

/* Draws it for standard output: on a terminal each map takes the place of the one before it, and
 * if there are too few lines the lowest rows are drawn as one, from 0 on; elsewhere only the last
 * is drawn, when all is over. */
void heatmap_show(struct heatmap *m, struct strbuf *out, bool last);
