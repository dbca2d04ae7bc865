// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "key.h"
#include "layout.h"

struct line {
	char *text;
	struct tally_row row; /* of all that look like this: no key, no slots */
};

/* What separates frames is no part of one. */
static void semicolons_replace(struct strbuf *out, size_t from)
{
	for (size_t i = from; i < out->size; i++) {
		if (out->data[i] == ';')
			out->data[i] = ':';
	}
}

/* A name without its offset and module; where there is no name, the file: "[libc.so.6]". */
static void frame_cut(struct strbuf *out, size_t from)
{
	size_t end = 0;

	for (size_t i = from; i + 2 < out->size; i++) {
		if (!memcmp(out->data + i, "+0x", 3))
			end = i;
	}
	if (end) {
		out->size = end;
		if (out->data[from] == '[')
			strbuf_char(out, ']');
	}
	semicolons_replace(out, from);
}

/* From the outermost to the innermost. Offsets make no difference to a flame graph. */
static void frames_add(struct show *s, pid_t pid, int64_t id, bool kernel, struct strbuf *out)
{
	struct stack stack;

	if (id < 0 && id != -EFAULT) /* there was one, but no room for it */
		strbuf_str(out, kernel ? ";[lost]_[k]" : ";[lost]");
	stack_read(&s->stacks, id, kernel, pid, &stack);
	for (size_t i = stack.count; i-- > stack.first;) {
		size_t from = out->size;

		strbuf_char(out, ';');
		stack_frame(&s->stacks, &stack, i, out);
		frame_cut(out, from + 1);
		if (kernel)
			strbuf_str(out, "_[k]");
	}
}

/* The keys are frames, too. */
static void keys_add(const struct tally *t, const struct value *values,
		     const struct value_read *reads, struct strbuf *out)
{
	for (size_t i = 0; i < t->action->keys; i++) {
		size_t from = out->size + 1;

		strbuf_char(out, ';');
		key_value(t, &values[i], &reads[i], out);
		if (out->size == from)
			strbuf_str(out, "[empty]");
		semicolons_replace(out, from);
	}
}

static char *line_text(struct show *s, const struct tally *t, const struct tally_row *row)
{
	const struct action *a = t->action;
	struct value_read reads[VALUES_MAX];
	const struct value *values = key_read(t, row, reads);
	struct strbuf out = {};
	pid_t pid = key_pid(t, row);
	char *text;

	if (values)
		keys_add(t, values, reads, &out);
	if (a->user_stack)
		frames_add(s, pid, key_stacks(row)->user, false, &out);
	if (a->kernel_stack)
		frames_add(s, pid, key_stacks(row)->kernel, true, &out);
	if (!out.size)
		strbuf_str(&out, a->kernel_stack ? ";[user]" : ";total");
	text = strdup(strbuf_cstr(&out) + 1);
	if (!text)
		diag_no_memory();
	strbuf_free(&out);
	return text;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static const struct tally *shown;

static int compare_numbers(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return tally_compare(shown, &x->row, &y->row) ?: compare_texts(a, b);
}

/* Calls from two places of a function look alike. Returns how many lines there are then. */
static size_t lines_merge(struct line *lines, size_t count)
{
	size_t kept = 0;

	qsort(lines, count, sizeof(*lines), compare_texts);
	for (size_t i = 0; i < count; i++) {
		if (kept && !compare_texts(&lines[kept - 1], &lines[i])) {
			tally_row_add(&lines[kept - 1].row, &lines[i].row);
			free(lines[i].text);
		} else {
			lines[kept++] = lines[i];
		}
	}
	return kept;
}

void folded_tally(struct show *s, const struct tally *t, struct strbuf *out)
{
	struct line *lines = calloc(t->count + 1, sizeof(*lines));
	size_t count;

	if (!lines)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++) {
		lines[i].text = line_text(s, t, &t->rows[i]);
		tally_row_add(&lines[i].row, &t->rows[i]);
	}
	count = lines_merge(lines, t->count);
	shown = t;
	qsort(lines, count, sizeof(*lines), compare_numbers);
	for (size_t i = 0; i < count; i++) {
		if (i >= show_first(s, count)) {
			strbuf_printf(out, "%s ", lines[i].text);
			tally_number_text(t, &lines[i].row, out);
			strbuf_char(out, '\n');
		}
		free(lines[i].text);
	}
	free(lines);
}
