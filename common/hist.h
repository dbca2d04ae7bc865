/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hist: histograms of times as text in BCC's log2 layout, with percentiles, and as JSON. What
 * the kernel side counts is in bpf/hist.h, which also says how exact the slots are.
 *
 * Ownership: the caller's structs; nothing is allocated.
 * Errors: none.
 */
#pragma once

#include <stdint.h>

#include "bpf/hist.h"

struct strbuf;

/* The unit a histogram is labelled with, and what its times are scaled by (bpf/hist.h). */
struct hist_unit {
	const char *name;     /* "usecs" */
	uint32_t ns;          /* nanoseconds in one */
	uint32_t mul, div;    /* parts = ns * mul / div */
	uint32_t shift;       /* 2^shift parts in one */
};

extern const struct hist_unit hist_usecs, hist_msecs;

struct hist {
	uint64_t slots[HIST_SLOTS];
	uint64_t sum_ns;
	uint64_t errors; /* not in the slots */
	uint64_t min_ns; /* UINT64_MAX: there is none */
	uint64_t max_ns;
};

/* Rows of a log2 histogram: row 0 counts 0 and 1, row i counts 2^i to 2^(i+1)-1. */
#define HIST_ROWS 64

uint64_t hist_count(const struct hist *h);

/* The rows in this unit; returns how many are used (the last used one and those before it). */
unsigned int hist_rows(const struct hist *h, const struct hist_unit *unit,
		       uint64_t rows[HIST_ROWS]);

/* The time that the share of all (0 < share <= 1, "nearest rank") does not exceed, in ns and
 * within 5.9 % (from 62 ns to 4.6 hours), never outside of min_ns..max_ns. 0 if the histogram
 * is empty. */
double hist_percentile(const struct hist *h, const struct hist_unit *unit, double share);

/* BCC's layout: header line and rows, nothing if there are none. label is the unit's name. */
void hist_rows_text(struct strbuf *out, const char *label, const uint64_t *rows,
		    unsigned int count);

/* hist_rows_text() of a histogram of times. */
void hist_text(struct strbuf *out, const struct hist *h, const struct hist_unit *unit);

/* The two lines of -e below it:
 *	avg = 95 usecs, total: 950 usecs, count: 10
 *	p50 = 85.2, p90 = 120, p99 = 311, p99.9 = 311, min = 30.1, max = 311 usecs
 * The first is BCC's (whole numbers), the numbers of the second have three digits that count. */
void hist_extension_text(struct strbuf *out, const struct hist *h,
			 const struct hist_unit *unit);

/* The members of a JSON object, without braces and without a comma around them:
 * "unit":"usecs","count":10,"errors":0,"min":..,"max":..,"mean":..,"p50":..,"p90":..,"p99":..,
 * "p99.9":..,"buckets":[{"from":64,"to":127,"count":3},...]
 * min to p99.9 are numbers in the unit with up to three decimals, null if count is 0; buckets
 * are the log2 rows that are not empty, both bounds included. */
void hist_json(struct strbuf *out, const struct hist *h, const struct hist_unit *unit);
