// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "interval.h"
#include "row.h"
#include "show.h"
#include "stop.h"

#define LINES_AROUND 4 /* empty line, time, header, total */

/* --live counts lines of the terminal: what is too long for it is cut there (DECAWM). */
#define NO_WRAP "\033[?7l"
#define WRAP	"\033[?7h"

/* A count with the function that it is of. */
struct line {
	const struct count *count;
	const struct target *target;
};

static int count_compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order;

	if (x->count->grown != y->count->grown)
		return x->count->grown < y->count->grown ? -1 : 1;
	order = strcmp(x->target->label, y->target->label);
	return order ? order : memcmp(&x->count->key, &y->count->key, sizeof(x->count->key));
}

static int name_compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->target->label, y->target->label);

	return order ? order : count_compare(a, b);
}

/* One target for each slot: places of one slot have one name. */
static const struct target **targets_by_slot(const struct targets *t)
{
	const struct target **by_slot = calloc(t->slots + 1, sizeof(*by_slot));

	if (!by_slot)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++)
		by_slot[t->list[i].slot] = &t->list[i];
	return by_slot;
}

static unsigned int terminal_lines(void)
{
	struct winsize size;

	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row ? size.ws_row : 24;
}

static void heading_add(struct show *s)
{
	struct strbuf *out = &s->table->out;

	if (s->live && s->lines)
		strbuf_printf(out, "\033[%uA\033[J", s->lines);
	if (s->live)
		strbuf_str(out, NO_WRAP);
	if (s->table->json)
		return;
	strbuf_char(out, '\n');
	if (s->timestamp)
		interval_timestamp(out);
}

/* all: the sums of all lines. */
static void rows_add(struct show *s, const struct line *lines, size_t count,
		     const struct interval *i, const struct count *all)
{
	struct row row = { .seconds = i->length, .all = all->grown, .time_ns = i->end_ns };

	for (size_t n = 0; n < count; n++) {
		row_fill(&row, lines[n].count, lines[n].target, s->by);
		table_row(s->table, &row);
	}
	if (!s->total)
		return;
	row = (struct row){ .function = { "TOTAL", 5 }, .seconds = i->length, .all = all->grown,
			    .time_ns = i->end_ns, .count = all->grown,
			    .since_start = all->total, .kind = { "total", 5 } };
	table_row(s->table, &row);
}

/* The most called ones are the last: of too many the first are left out. */
static void lines_show(struct show *s, struct line *lines, size_t count,
		       const struct interval *i, const struct count *all)
{
	size_t most = s->top ? s->top : count;
	size_t screen = terminal_lines();

	qsort(lines, count, sizeof(*lines), count_compare);
	if (s->live && most + LINES_AROUND > screen)
		most = screen > LINES_AROUND ? screen - LINES_AROUND : 1;
	if (most < count) {
		lines += count - most;
		count = most;
	}
	if (s->by_name)
		qsort(lines, count, sizeof(*lines), name_compare);
	heading_add(s);
	table_start(s->table);
	rows_add(s, lines, count, i, all);
	if (s->live)
		strbuf_str(&s->table->out, WRAP);
	s->lines = 2 + s->timestamp + count + s->total;
}

/* --zero: a slot of which there is no count at all has one of nothing. */
static size_t zeros_add(struct line *lines, size_t count, struct count *zeros,
			const struct target **by_slot, const struct counts *c, uint32_t slots)
{
	bool *seen = calloc(slots + 1, sizeof(*seen));

	if (!seen)
		diag_no_memory();
	for (size_t i = 0; i < c->count; i++)
		seen[c->at[i].key.slot] = true;
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (seen[slot] || !by_slot[slot])
			continue;
		zeros[slot] = (struct count){ .key = { .slot = slot } };
		lines[count++] = (struct line){ &zeros[slot], by_slot[slot] };
	}
	free(seen);
	return count;
}

int show_interval(struct show *s, const struct counts *c, const struct targets *t,
		  const struct interval *interval)
{
	const struct target **by_slot = targets_by_slot(t);
	struct line *lines = calloc(c->count + t->slots + 1, sizeof(*lines));
	struct count *zeros = calloc(t->slots + 1, sizeof(*zeros)), all = {};
	size_t count = 0;

	if (!lines || !zeros)
		diag_no_memory();
	for (size_t i = 0; i < c->count; i++) {
		const struct count *one = &c->at[i];

		all.total += one->total;
		all.grown += one->grown;
		if (by_slot[one->key.slot] && (one->grown || s->zero))
			lines[count++] = (struct line){ one, by_slot[one->key.slot] };
	}
	if (s->zero)
		count = zeros_add(lines, count, zeros, by_slot, c, t->slots);
	lines_show(s, lines, count, interval, &all);
	free(zeros);
	free(lines);
	free(by_slot);
	return table_flush(s->table);
}
