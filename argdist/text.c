// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hist.h"
#include "key.h"
#include "layout.h"

/* --- stacks --------------------------------------------------------------------------------- */

static void stack_lines(struct show *s, pid_t pid, int64_t id, bool kernel, struct strbuf *out)
{
	struct stack stack;

	stack_read(&s->stacks, id, kernel, pid, &stack);
	for (size_t i = stack.first; i < stack.count; i++) {
		strbuf_str(out, "\t           ");
		stack_frame(&s->stacks, &stack, i, out);
		strbuf_char(out, '\n');
	}
	if (id < 0 && id != -EFAULT)
		strbuf_printf(out, "\t           no %s stack: %s\n", kernel ? "kernel" : "user",
			      id == -EEXIST ? "another one is in its place" : strerror(-id));
	else if (stack.first == stack.count)
		strbuf_printf(out, "\t           no %s stack\n", kernel ? "kernel" : "user");
}

static void stacks_text(struct show *s, const struct tally *t, const struct tally_row *row,
			struct strbuf *out)
{
	const struct action *a = t->action;
	pid_t pid = key_pid(t, row);

	if (a->kernel_stack)
		stack_lines(s, pid, key_stacks(row)->kernel, true, out);
	if (a->user_stack)
		stack_lines(s, pid, key_stacks(row)->user, false, out);
}

/* --- counts --------------------------------------------------------------------------------- */

static void number_add(const struct tally_stats *st, int64_t value, struct strbuf *out)
{
	size_t from = out->size;

	tally_stat_text(st, value, out);
	while (out->size < from + 10)
		strbuf_char(out, ' ');
	strbuf_char(out, ' ');
}

static void count_row(struct show *s, const struct tally *t, const struct tally_row *row,
		      struct strbuf *out)
{
	const struct tally_stats *st = &row->stats;
	size_t from;

	strbuf_char(out, '\t');
	number_add(st, tally_number(t, row), out);
	if (t->action->aggregate == AGGREGATE_STATS) {
		number_add(st, tally_average(st), out);
		number_add(st, st->sum, out);
	}
	from = out->size;
	key_text(t, row, out);
	while (out->size == from && out->data[out->size - 1] == ' ') /* only stacks are keys */
		from = --out->size;
	strbuf_char(out, '\n');
	stacks_text(s, t, row, out);
}

static const char *title(const struct tally *t)
{
	return t->specifier->label ? t->specifier->label : t->specifier->text;
}

static void counts_text(struct show *s, const struct tally *t, struct strbuf *out)
{
	static const char *const headers[] = {
		[AGGREGATE_NONE] = "COUNT", [AGGREGATE_SUM] = "SUM", [AGGREGATE_AVG] = "AVG",
		[AGGREGATE_MIN] = "MIN", [AGGREGATE_MAX] = "MAX", [AGGREGATE_LAST] = "LAST",
	};

	strbuf_printf(out, "%s\n", title(t));
	if (t->action->aggregate == AGGREGATE_STATS)
		strbuf_printf(out, "\t%-10s %-10s %-10s %s\n", "COUNT", "AVG", "TOTAL", "EVENT");
	else
		strbuf_printf(out, "\t%-10s %s\n", headers[t->action->aggregate], "EVENT");
	for (size_t i = show_first(s, t->count); i < t->count; i++)
		count_row(s, t, &t->rows[i], out);
}

/* --- histograms ----------------------------------------------------------------------------- */

static void percentiles_text(const struct tally_row *row, struct strbuf *out)
{
	static const struct {
		const char *name;
		double share;
	} shares[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99.9", 0.999 } };

	strbuf_printf(out, "     count = %llu", (unsigned long long)row->count);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double value = tally_percentile(row, shares[i].share);

		strbuf_printf(out, value < 100 ? ", %s = %.3g" : ", %s = %.0f", shares[i].name, value);
	}
	strbuf_char(out, '\n');
}

static void log2_text(const struct show *s, const struct tally_row *row, const char *label,
		      struct strbuf *out)
{
	uint64_t rows[HIST_ROWS];
	unsigned int count = tally_rows(row, rows);

	hist_rows_text(out, label, rows, count);
	if (row->slots[0] && !count)
		strbuf_printf(out, "     %-19s : count     distribution\n", label);
	if (row->slots[0])
		strbuf_printf(out, "     %-19s : %llu\n", "below 0",
			      (unsigned long long)row->slots[0]);
	if (s->percentiles)
		percentiles_text(row, out);
}

/* BCC's linear layout, with the bucket's first value. */
static void linear_text(const struct tally *t, const struct tally_row *row, const char *label,
			struct strbuf *out)
{
	const struct tally_linear *l = &t->action->linear;
	uint64_t most = 0;

	for (uint32_t i = 0; i < l->buckets + 2; i++)
		most = row->slots[i] > most ? row->slots[i] : most;
	strbuf_printf(out, "     %-13s : count     distribution\n", label);
	for (uint32_t i = 0; i < l->buckets + 2; i++) {
		size_t full = most ? 40 * row->slots[i] / most : 0;
		char text[32];

		if ((i == 0 || i == l->buckets + 1) && !row->slots[i])
			continue;
		if (i == 0)
			snprintf(text, sizeof(text), "< %lld", (long long)l->min);
		else if (i == l->buckets + 1)
			snprintf(text, sizeof(text), ">= %lld", (long long)l->max);
		else
			snprintf(text, sizeof(text), "%lld",
				 (long long)tally_from(l, i));
		strbuf_printf(out, "        %-10s : %-8llu |", text,
			      (unsigned long long)row->slots[i]);
		strbuf_fill(out, '*', full);
		strbuf_fill(out, ' ', 40 - full);
		strbuf_str(out, "|\n");
	}
}

static void histograms_text(struct show *s, const struct tally *t, struct strbuf *out)
{
	const char *label = t->specifier->label ? t->specifier->label : t->action->number->name;
	bool keyed = t->action->keys || t->action->kernel_stack || t->action->user_stack;

	for (size_t i = show_first(s, t->count); i < t->count; i++) {
		const struct tally_row *row = &t->rows[i];

		if (keyed) {
			strbuf_char(out, '\n');
			key_text(t, row, out);
			strbuf_char(out, '\n');
			stacks_text(s, t, row, out);
		}
		if (t->action->kind == TALLY_LOG2)
			log2_text(s, row, label, out);
		else
			linear_text(t, row, label, out);
	}
}

void text_tally(struct show *s, const struct tally *t, struct strbuf *out)
{
	if (t->specifier->histogram)
		histograms_text(s, t, out);
	else
		counts_text(s, t, out);
}
