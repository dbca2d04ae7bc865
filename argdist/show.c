// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "expr/format.h"
#include "expr/show.h"
#include "hist.h"
#include "show.h"

/* --- keys ----------------------------------------------------------------------------------- */

static bool is_probe(const struct value *v)
{
	return !strcmp(v->name, "$PROBE");
}

static const char *probe_name(const struct tally *t, uint64_t slot)
{
	const struct place_slot *found = places_slot(t->place->places, slot);

	return found ? place_name(found->target) : "?";
}

/* Text ends at its NUL; it is not in quotes, as in BCC. */
static void bytes_text(const struct value *v, const struct value_read *r, struct strbuf *out)
{
	bool text = v->is_string || (v->type->kind == CTYPE_ARRAY && v->type->target->is_char);

	if (text)
		escape_text(out, r->bytes, strnlen(r->bytes, r->size), false);
	else
		show_text(v->type, r->bytes, r->size, 1, out);
}

static void value_text(const struct tally *t, const struct value *v, const struct value_read *r,
		       struct strbuf *out)
{
	struct format_piece piece = { .conversion = 's', .precision = -1, .cut = 8, .text = "" };
	struct format one = { .pieces = &piece, .count = 1, .conversions = 1 };

	if (r->fault)
		strbuf_str(out, "<fault>");
	else if (is_probe(v))
		strbuf_str(out, probe_name(t, r->integer));
	else if (v->show == SHOW_IP)
		format_print(&one, v, r, NULL, out);
	else if (v->kind == VALUE_BYTES)
		bytes_text(v, r, out);
	else
		show_integer(v->type, r->integer, out);
}

static bool key_read(const struct tally *t, const struct tally_row *row, struct value_read *reads)
{
	const struct action *a = t->action;

	return values_read(a->values, a->keys, row->key, a->key_size, reads);
}

/* "count = 4096, $COMM = cat" */
static void key_text(const struct tally *t, const struct tally_row *row, struct strbuf *out)
{
	const struct action *a = t->action;
	struct value_read reads[VALUES_MAX];

	if (a->is_total)
		strbuf_str(out, "total calls");
	else if (!a->keys && a->number)
		strbuf_str(out, a->number->name);
	if (!key_read(t, row, reads))
		return;
	for (size_t i = 0; i < a->keys; i++) {
		strbuf_printf(out, "%s%s = ", i ? ", " : "", a->values[i].name);
		value_text(t, &a->values[i], &reads[i], out);
	}
}

/* --- stacks --------------------------------------------------------------------------------- */

static const struct tally_stacks *stacks_of(const struct tally_row *row)
{
	return (const void *)(row->key + 8);
}

/* The process is known only if it is a key. */
static pid_t pid_of(const struct tally *t, const struct tally_row *row)
{
	struct value_read reads[VALUES_MAX];

	if (!key_read(t, row, reads))
		return 0;
	for (size_t i = 0; i < t->action->keys; i++) {
		const char *name = t->action->values[i].name;

		if (!strcmp(name, "$PID") || !strcmp(name, "$tgid"))
			return reads[i].integer;
	}
	return t->place->places->resolve.pid;
}

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
	pid_t pid = pid_of(t, row);

	if (a->kernel_stack)
		stack_lines(s, pid, stacks_of(row)->kernel, true, out);
	if (a->user_stack)
		stack_lines(s, pid, stacks_of(row)->user, false, out);
}

/* A name without its offset and module; what separates frames is no part of one. */
static void folded_cut(struct strbuf *out, size_t from)
{
	size_t end = out->size;

	for (size_t i = from; i + 2 < out->size; i++) {
		if (!memcmp(out->data + i, "+0x", 3))
			end = i;
	}
	out->size = end;
	for (size_t i = from; i < out->size; i++) {
		if (out->data[i] == ';')
			out->data[i] = ':';
	}
}

/* One line: the keys, then the frames from the outermost to the innermost; offsets make no
 * difference to a flame graph, so they are left out. */
static void folded_frames(struct show *s, pid_t pid, int64_t id, bool kernel, struct strbuf *out)
{
	struct stack stack;

	stack_read(&s->stacks, id, kernel, pid, &stack);
	for (size_t i = stack.count; i-- > stack.first;) {
		size_t from = out->size;

		strbuf_char(out, ';');
		stack_frame(&s->stacks, &stack, i, out);
		folded_cut(out, from + 1);
		if (kernel)
			strbuf_str(out, "_[k]");
	}
}

static void folded_line(struct show *s, const struct tally *t, const struct tally_row *row,
			struct strbuf *out)
{
	const struct action *a = t->action;
	struct value_read reads[VALUES_MAX];
	size_t from = out->size;
	pid_t pid = pid_of(t, row);

	if (!key_read(t, row, reads))
		return;
	for (size_t i = 0; i < a->keys; i++) {
		strbuf_str(out, ";");
		value_text(t, &a->values[i], &reads[i], out);
	}
	if (a->user_stack)
		folded_frames(s, pid, stacks_of(row)->user, false, out);
	if (a->kernel_stack)
		folded_frames(s, pid, stacks_of(row)->kernel, true, out);
	if (out->size == from)
		strbuf_str(out, a->kernel_stack ? ";[user]" : ";total");
	memmove(out->data + from, out->data + from + 1, out->size - from - 1);
	out->size--;
	strbuf_printf(out, " %lld\n", (long long)tally_number(t, row));
}

/* --- counts --------------------------------------------------------------------------------- */

static void count_row(struct show *s, const struct tally *t, const struct tally_row *row,
		      struct strbuf *out)
{
	const struct tally_stats *st = &row->stats;

	if (t->action->aggregate == AGGREGATE_STATS)
		strbuf_printf(out, "\t%-10llu %-10lld %-10lld ", (unsigned long long)st->count,
			      (long long)st->sum / (long long)(st->count ? st->count : 1),
			      (long long)st->sum);
	else
		strbuf_printf(out, "\t%-10lld ", (long long)tally_number(t, row));
	key_text(t, row, out);
	while (out->data[out->size - 1] == ' ')
		out->size--;
	strbuf_char(out, '\n');
	stacks_text(s, t, row, out);
}

static const char *title(const struct tally *t)
{
	return t->specifier->label ? t->specifier->label : t->specifier->text;
}

static size_t first_row(const struct show *s, const struct tally *t)
{
	return s->top && t->count > s->top ? t->count - s->top : 0;
}

static void show_counts(struct show *s, struct tally *t, struct strbuf *out)
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
	for (size_t i = first_row(s, t); i < t->count; i++)
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
				 (long long)(l->min + (int64_t)(i - 1) * l->step));
		strbuf_printf(out, "        %-10s : %-8llu |", text,
			      (unsigned long long)row->slots[i]);
		strbuf_fill(out, '*', full);
		strbuf_fill(out, ' ', 40 - full);
		strbuf_str(out, "|\n");
	}
}

static void show_histograms(struct show *s, struct tally *t, struct strbuf *out)
{
	const char *label = t->specifier->label ? t->specifier->label : t->action->number->name;
	bool keyed = t->action->keys || t->action->kernel_stack || t->action->user_stack;

	for (size_t i = first_row(s, t); i < t->count; i++) {
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

/* --- JSON ----------------------------------------------------------------------------------- */

static void json_string(struct strbuf *out, const char *text)
{
	escape_json(out, text, strlen(text));
}

static void json_value(const struct tally *t, const struct value *v, const struct value_read *r,
		       struct strbuf *out)
{
	struct value_read text = *r;
	struct value as_text = *v;

	if (is_probe(v) && !r->fault) {
		json_string(out, probe_name(t, r->integer));
		return;
	}
	if (v->is_string && !r->fault) {
		escape_json(out, r->bytes, strnlen(r->bytes, r->size));
		return;
	}
	if (v->show == SHOW_BOOL) /* an int, as C has it */
		as_text.show = SHOW_AS_TYPE;
	value_json(&as_text, &text, 0, NULL, out);
}

static void json_keys(const struct tally *t, const struct tally_row *row, struct strbuf *out)
{
	struct value_read reads[VALUES_MAX];

	strbuf_str(out, ",\"key\":{");
	if (key_read(t, row, reads)) {
		for (size_t i = 0; i < t->action->keys; i++) {
			if (i)
				strbuf_char(out, ',');
			json_string(out, t->action->values[i].name);
			strbuf_char(out, ':');
			json_value(t, &t->action->values[i], &reads[i], out);
		}
	}
	strbuf_char(out, '}');
}

static void json_stack(struct show *s, pid_t pid, const char *name, int64_t id, bool kernel,
		       struct strbuf *out)
{
	struct strbuf text = {};
	struct stack stack;

	stack_read(&s->stacks, id, kernel, pid, &stack);
	strbuf_printf(out, ",\"%s\":[", name);
	for (size_t i = stack.first; i < stack.count; i++) {
		strbuf_clear(&text);
		stack_frame(&s->stacks, &stack, i, &text);
		if (i > stack.first)
			strbuf_char(out, ',');
		escape_json(out, text.data, text.size);
	}
	strbuf_char(out, ']');
	strbuf_free(&text);
}

static void json_stats(const struct tally_stats *st, struct strbuf *out)
{
	strbuf_printf(out, ",\"sum\":%lld,\"avg\":%lld,\"min\":%lld,\"max\":%lld,\"last\":%lld",
		      (long long)st->sum,
		      (long long)st->sum / (long long)(st->count ? st->count : 1),
		      (long long)st->min, (long long)st->max, (long long)st->last);
}

static void json_log2(const struct tally_row *row, struct strbuf *out)
{
	uint64_t rows[HIST_ROWS];
	unsigned int count = tally_rows(row, rows);
	bool any = false;

	strbuf_printf(out, ",\"negative\":%llu,\"p50\":%.6g,\"p90\":%.6g,\"p99\":%.6g,\"p99.9\":%.6g"
		      ",\"buckets\":[", (unsigned long long)row->slots[0],
		      tally_percentile(row, 0.5), tally_percentile(row, 0.9),
		      tally_percentile(row, 0.99), tally_percentile(row, 0.999));
	for (unsigned int i = 0; i < count; i++) {
		if (!rows[i])
			continue;
		strbuf_printf(out, "%s{\"from\":%llu,\"to\":%llu,\"count\":%llu}", any ? "," : "",
			      i ? 1ULL << i : 0, (2ULL << i) - 1, (unsigned long long)rows[i]);
		any = true;
	}
	strbuf_char(out, ']');
}

static void json_linear(const struct tally *t, const struct tally_row *row, struct strbuf *out)
{
	const struct tally_linear *l = &t->action->linear;
	bool any = false;

	strbuf_printf(out, ",\"below\":%llu,\"above\":%llu,\"buckets\":[",
		      (unsigned long long)row->slots[0],
		      (unsigned long long)row->slots[l->buckets + 1]);
	for (uint32_t i = 1; i <= l->buckets; i++) {
		int64_t from = l->min + (int64_t)(i - 1) * l->step;

		if (!row->slots[i])
			continue;
		strbuf_printf(out, "%s{\"from\":%lld,\"to\":%lld,\"count\":%llu}", any ? "," : "",
			      (long long)from, (long long)(from + l->step - 1),
			      (unsigned long long)row->slots[i]);
		any = true;
	}
	strbuf_char(out, ']');
}

static void json_row(struct show *s, const struct tally *t, const struct tally_row *row,
		     struct strbuf *out)
{
	const struct action *a = t->action;
	pid_t pid = pid_of(t, row);

	strbuf_printf(out, "{\"time\":\"%s\",\"spec\":", s->time);
	json_string(out, t->specifier->text);
	if (t->specifier->label) {
		strbuf_str(out, ",\"label\":");
		json_string(out, t->specifier->label);
	}
	json_keys(t, row, out);
	if (a->kernel_stack)
		json_stack(s, pid, "kernel_stack", stacks_of(row)->kernel, true, out);
	if (a->user_stack)
		json_stack(s, pid, "user_stack", stacks_of(row)->user, false, out);
	strbuf_printf(out, ",\"count\":%llu", (unsigned long long)row->count);
	if (a->kind == TALLY_STATS)
		json_stats(&row->stats, out);
	else if (a->kind == TALLY_LOG2)
		json_log2(row, out);
	else if (a->kind == TALLY_LINEAR_HIST)
		json_linear(t, row, out);
	strbuf_str(out, "}\n");
}

/* --- a report -------------------------------------------------------------------------------- */

void show_begin(struct show *s, struct strbuf *out)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(s->time, sizeof(s->time), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(s->time + n, sizeof(s->time) - n, ".%06ldZ", now.tv_nsec / 1000);
	if (s->json || s->folded)
		return;
	localtime_r(&now.tv_sec, &tm);
	strbuf_printf(out, "[%02d:%02d:%02d]\n", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void show_tally(struct show *s, struct tally *t, struct strbuf *out)
{
	tally_sort(t);
	s->stacks.sampled = t->specifier->sampling.event;
	if (s->json || s->folded) {
		for (size_t i = first_row(s, t); i < t->count; i++) {
			if (s->json)
				json_row(s, t, &t->rows[i], out);
			else
				folded_line(s, t, &t->rows[i], out);
		}
	} else if (t->specifier->histogram) {
		show_histograms(s, t, out);
	} else {
		show_counts(s, t, out);
	}
}

void show_free(struct show *s)
{
	stacks_free(&s->stacks);
}
