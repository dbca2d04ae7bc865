// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hist.h"
#include "strbuf.h"

const struct hist_unit hist_usecs = { "usecs", 1000, 128, 125, 10 };
const struct hist_unit hist_msecs = { "msecs", 1000000, 16384, 15625, 20 };

static const struct {
	const char *name;
	double share;
} percentiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99.9", 0.999 } };

#define PERCENTILES (sizeof(percentiles) / sizeof(*percentiles))

/* Counts, and what becomes of them */

uint64_t hist_count(const struct hist *h)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < HIST_SLOTS; i++)
		count += h->slots[i];
	return count;
}

unsigned int hist_rows(const struct hist *h, const struct hist_unit *unit,
		       uint64_t rows[HIST_ROWS])
{
	unsigned int bits, row, used = 0;

	memset(rows, 0, HIST_ROWS * sizeof(*rows));
	for (unsigned int i = 0; i < HIST_SLOTS; i++) {
		if (!h->slots[i])
			continue;
		bits = i ? HIST_LOW_BITS + (i - 1) / HIST_STEPS : 0;
		row = bits > unit->shift ? bits - unit->shift : 0;
		rows[row] += h->slots[i];
		used = row + 1;
	}
	return used;
}

/* The first time of a slot, in ns. The last slot is taken as if there were one after it. */
static double slot_from(unsigned int slot, const struct hist_unit *unit)
{
	uint64_t parts;

	if (!slot)
		return 0;
	slot--;
	parts = (uint64_t)(HIST_STEPS + slot % HIST_STEPS)
		<< (HIST_LOW_BITS - HIST_STEP_BITS + slot / HIST_STEPS);
	return (double)parts * unit->div / unit->mul;
}

/* v, if the extremes allow for it. */
static double time_clamp(const struct hist *h, double v)
{
	if (h->min_ns == UINT64_MAX)
		return v;
	if (v > h->max_ns)
		v = h->max_ns;
	return v < h->min_ns ? h->min_ns : v;
}

double hist_percentile(const struct hist *h, const struct hist_unit *unit, double share)
{
	/* Just below the rank: 0.07 * 100 is 7.000000000000001, but the rank is 7. */
	double a, b, rank = share * hist_count(h) * (1 - 1e-15);
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < HIST_SLOTS; i++) {
		seen += h->slots[i];
		if (seen > rank)
			break;
	}
	if (i == HIST_SLOTS)
		return 0;
	a = time_clamp(h, slot_from(i, unit));
	b = time_clamp(h, slot_from(i + 1, unit));
	return a + b > 0 ? 2 * a * b / (a + b) : 0;
}

/* Text */

void hist_rows_text(struct strbuf *out, const char *label, const uint64_t *rows,
		    unsigned int count)
{
	int wide = count > 32, digits = wide ? 20 : 10, stars = wide ? 20 : 40;
	uint64_t max = 0;

	for (unsigned int i = 0; i < count; i++)
		if (rows[i] > max)
			max = rows[i];
	if (!max)
		return;
	strbuf_printf(out, "%*s%-*s : count     distribution\n", wide ? 15 : 5, "",
		      wide ? 29 : 19, label);
	for (unsigned int i = 0; i < count; i++) {
		size_t full = stars * rows[i] / max;

		strbuf_printf(out, "%*ju -> %-*ju : %-8ju |", digits,
			      (uintmax_t)(i ? 1ULL << i : 0), digits,
			      (uintmax_t)((2ULL << i) - 1), (uintmax_t)rows[i]);
		strbuf_fill(out, '*', full);
		strbuf_fill(out, ' ', stars - full);
		strbuf_str(out, "|\n");
	}
}

void hist_text(struct strbuf *out, const struct hist *h, const struct hist_unit *unit)
{
	uint64_t rows[HIST_ROWS];
	unsigned int count = hist_rows(h, unit, rows);

	hist_rows_text(out, unit->name, rows, count);
}

/* Three digits that count, all of those before the point, and nothing below a nanosecond. */
static void time_text(struct strbuf *out, double ns, const struct hist_unit *unit)
{
	double v = ns / unit->ns;
	int decimals = 0;

	for (double scaled = v; v > 0 && scaled < 99.95 && decimals < 6; scaled *= 10)
		decimals++;
	strbuf_printf(out, "%.*f", decimals, v);
}

void hist_extension_text(struct strbuf *out, const struct hist *h,
			 const struct hist_unit *unit)
{
	uint64_t count = hist_count(h);

	if (!count)
		return;
	strbuf_printf(out, "avg = %ju %s, total: %ju %s, count: %ju\n",
		      (uintmax_t)(h->sum_ns / count / unit->ns), unit->name,
		      (uintmax_t)(h->sum_ns / unit->ns), unit->name, (uintmax_t)count);
	for (size_t i = 0; i < PERCENTILES; i++) {
		strbuf_printf(out, "%s%s = ", i ? ", " : "", percentiles[i].name);
		time_text(out, hist_percentile(h, unit, percentiles[i].share), unit);
	}
	if (h->min_ns != UINT64_MAX) {
		strbuf_str(out, ", min = ");
		time_text(out, h->min_ns, unit);
		strbuf_str(out, ", max = ");
		time_text(out, h->max_ns, unit);
	}
	strbuf_printf(out, " %s\n", unit->name);
}

/* JSON */

static void member_json(struct strbuf *out, const char *name, bool known, double ns,
			const struct hist_unit *unit)
{
	char number[64];
	size_t size;

	strbuf_printf(out, ",\"%s\":", name);
	if (!known) {
		strbuf_str(out, "null");
		return;
	}
	size = snprintf(number, sizeof(number), "%.3f", ns / unit->ns);
	while (number[size - 1] == '0')
		size--;
	if (number[size - 1] == '.')
		size--;
	strbuf_add(out, number, size);
}

void hist_json(struct strbuf *out, const struct hist *h, const struct hist_unit *unit)
{
	uint64_t rows[HIST_ROWS], count = hist_count(h);
	unsigned int used = hist_rows(h, unit, rows);
	bool extremes = count && h->min_ns != UINT64_MAX;
	const char *comma = "";

	strbuf_printf(out, "\"unit\":\"%s\",\"count\":%ju,\"errors\":%ju", unit->name,
		      (uintmax_t)count, (uintmax_t)h->errors);
	member_json(out, "min", extremes, h->min_ns, unit);
	member_json(out, "max", extremes, h->max_ns, unit);
	member_json(out, "mean", count, count ? (double)h->sum_ns / count : 0, unit);
	for (size_t i = 0; i < PERCENTILES; i++)
		member_json(out, percentiles[i].name, count,
			    hist_percentile(h, unit, percentiles[i].share), unit);
	strbuf_str(out, ",\"buckets\":[");
	for (unsigned int i = 0; i < used; i++) {
		if (!rows[i])
			continue;
		strbuf_printf(out, "%s{\"from\":%ju,\"to\":%ju,\"count\":%ju}", comma,
			      (uintmax_t)(i ? 1ULL << i : 0),
			      (uintmax_t)((2ULL << i) - 1), (uintmax_t)rows[i]);
		comma = ",";
	}
	strbuf_str(out, "]");
}
