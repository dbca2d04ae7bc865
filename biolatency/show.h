/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The histograms of an interval on standard output: as BCC lays them out, as JSON, or as a map
 * of latency over time. Errors: -errno of writing (-EPIPE: nobody reads any more).
 */
#pragma once

#include <stdbool.h>

#include "hist.h"
#include "histograms.h"

struct heatmap;

struct show {
	const struct hist_unit *unit;
	bool json;
	bool timestamp;   /* -T */
	bool extension;   /* -e */
	bool by_disk, by_flags;
	enum bio_span span;
	bool map;         /* --heatmap */
	/* private */
	struct heatmap *heatmap;
};

int show_start(struct show *s);

/* seconds: the interval's length. */
int show_interval(struct show *s, const struct histograms *h, double seconds);

/* After the last. */
int show_end(struct show *s);
