// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate.h"
#include "diag.h"

struct line {
	uint64_t count;
	size_t order; /* of equally frequent ones the first that came */
	char text[];
};

static void *tree; /* of struct line, by text */
static struct line **lines;
static size_t line_count;

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static int compare_counts(const void *a, const void *b)
{
	const struct line *x = *(struct line *const *)a, *y = *(struct line *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->order < y->order ? -1 : 1;
}

void aggregate_take(struct strbuf *out, size_t from)
{
	size_t size = out->size - from;
	struct line *line = malloc(sizeof(*line) + size + 1), **found;

	if (!line)
		diag_no_memory();
	while (size && out->data[from + size - 1] == '\n')
		size--;
	memcpy(line->text, out->data + from, size);
	line->text[size] = '\0';
	out->size = from;
	found = tsearch(line, &tree, compare_texts);
	if (!found)
		diag_no_memory();
	if (*found != line) {
		(*found)->count++;
		free(line);
		return;
	}
	line->count = 1;
	line->order = line_count;
	lines = realloc(lines, (line_count + 1) * sizeof(struct line *));
	if (!lines)
		diag_no_memory();
	lines[line_count++] = line;
}

void aggregate_print(struct strbuf *out)
{
	if (line_count)
		qsort(lines, line_count, sizeof(struct line *), compare_counts);
	for (size_t i = 0; i < line_count; i++)
		strbuf_printf(out, "%s-->COUNT %llu\n\n", lines[i]->text,
			      (unsigned long long)lines[i]->count);
}

void aggregate_free(void)
{
	for (size_t i = 0; i < line_count; i++) {
		tdelete(lines[i], &tree, compare_texts);
		free(lines[i]);
	}
	free(lines);
}
