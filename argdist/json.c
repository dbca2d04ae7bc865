// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "escape.h"
#include "hist.h"
#include "key.h"
#include "layout.h"

static void json_string(struct strbuf *out, const char *text)
{
	escape_json(out, text, strlen(text));
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
	const struct {
		const char *name;
		int64_t value;
	} members[] = { { "sum", st->sum }, { "avg", tally_average(st) }, { "min", st->min },
			{ "max", st->max }, { "last", st->last } };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		strbuf_printf(out, ",\"%s\":", members[i].name);
		tally_stat_text(st, members[i].value, out);
	}
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
		int64_t from = tally_from(l, i), to = tally_from(l, i + 1) - 1;

		if (!row->slots[i])
			continue;
		strbuf_printf(out, "%s{\"from\":%lld,\"to\":%lld,\"count\":%llu}", any ? "," : "",
			      (long long)from, (long long)to,
			      (unsigned long long)row->slots[i]);
		any = true;
	}
	strbuf_char(out, ']');
}

static void json_row(struct show *s, const struct tally *t, const struct tally_row *row,
		     struct strbuf *out)
{
	const struct action *a = t->action;
	pid_t pid = key_pid(t, row);

	strbuf_printf(out, "{\"time\":\"%s\",\"spec\":", s->time);
	json_string(out, t->specifier->text);
	if (t->specifier->label) {
		strbuf_str(out, ",\"label\":");
		json_string(out, t->specifier->label);
	}
	strbuf_str(out, ",\"key\":");
	key_json(t, row, out);
	if (a->kernel_stack)
		json_stack(s, pid, "kernel_stack", key_stacks(row)->kernel, true, out);
	if (a->user_stack)
		json_stack(s, pid, "user_stack", key_stacks(row)->user, false, out);
	strbuf_printf(out, ",\"count\":%llu", (unsigned long long)row->count);
	if (a->kind == TALLY_STATS)
		json_stats(&row->stats, out);
	else if (a->kind == TALLY_LOG2)
		json_log2(row, out);
	else if (a->kind == TALLY_LINEAR_HIST)
		json_linear(t, row, out);
	strbuf_str(out, "}\n");
}

void json_tally(struct show *s, const struct tally *t, struct strbuf *out)
{
	for (size_t i = show_first(s, t->count); i < t->count; i++)
		json_row(s, t, &t->rows[i], out);
}
