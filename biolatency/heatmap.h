/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --heatmap: latency over time in the terminal. A row is one of a log2 histogram, the longest
 * times on top; a column is an interval, the newest at the right; a cell is the darker, or the
 * hotter, the more requests it counts. Shades are logarithmic, so that one slow request among
 * a million is seen.
 *
 * Ownership: heatmap_new() to heatmap_free(). The unit is not copied.
 * Errors: none.
 */
#pragma once

#include <stdbool.h>

struct heatmap;
struct hist;
struct hist_unit;
struct strbuf;

/* width: of the terminal, in characters. Less than 40 is taken as 40, or lines would wrap. */
struct heatmap *heatmap_new(const struct hist_unit *unit, unsigned int width);
void heatmap_free(struct heatmap *m);

/* One interval. When the map is as wide as the terminal the oldest is forgotten. */
void heatmap_add(struct heatmap *m, const struct hist *h);

/*
 * Appends the map, a time axis and a legend; returns how many lines, which differs from one
 * interval to the next: only the rows from the lowest used to the highest used are drawn.
 * colours: backgrounds of the 256 colours, else characters. 0 lines before the first interval.
 */
unsigned int heatmap_draw(struct heatmap *m, struct strbuf *out, bool colours);
