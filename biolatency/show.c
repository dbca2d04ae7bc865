// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "disk.h"
#include "escape.h"
#include "flags.h"
#include "heatmap.h"
#include "interval.h"
#include "show.h"
#include "strbuf.h"

static const char *const span_names[] = {
	[SPAN_QUEUE] = "queue",
	[SPAN_DEVICE] = "device",
	[SPAN_TOTAL] = "total",
};

int show_start(struct show *s)
{
	struct strbuf out = {};
	int err;

	if (s->map)
		s->heatmap = heatmap_new(s->unit->name, "requests", 0);
	if (s->json)
		return 0;
	strbuf_str(&out, "Tracing block device I/O... Hit Ctrl-C to end.\n");
	err = strbuf_write(&out, STDOUT_FILENO);
	strbuf_free(&out);
	return err;
}

/* --- text ------------------------------------------------------------------------------------ */

/* Who makes a device chooses its name. */
static void name_add(struct strbuf *out, const char *name)
{
	escape_text(out, name, strlen(name), false);
}

static void text_heading(struct strbuf *out, const struct show *s, const struct bio_key *key,
			 unsigned int span)
{
	const char *before = "\n";

	if (s->by_disk) {
		strbuf_printf(out, "%sdisk = ", before);
		name_add(out, disk_name(key->dev));
		before = ", ";
	}
	if (s->by_flags) {
		strbuf_printf(out, "%sflags = ", before);
		flags_text(out, key->flags);
		before = ", ";
	}
	if (s->span == SPAN_COUNT) {
		strbuf_printf(out, "%stime = %s", before, span_names[span]);
		before = ", ";
	}
	if (*before == ',')
		strbuf_char(out, '\n');
}

static void text_add(struct strbuf *out, const struct show *s, const struct histogram *one,
		     unsigned int spans)
{
	for (unsigned int i = 0; i < spans; i++) {
		const struct hist *h = &one->span[i];

		if (!hist_count(h) && !h->errors)
			continue;
		text_heading(out, s, &one->key, i);
		hist_text(out, h, s->unit);
		if (s->extension && hist_count(h)) {
			strbuf_char(out, '\n');
			hist_extension_text(out, h, s->unit);
		}
		if (h->errors && i == spans - 1)
			strbuf_printf(out, "errors = %llu\n", (unsigned long long)h->errors);
	}
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void json_time(struct strbuf *out)
{
	struct timespec now;
	char text[32];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	strbuf_printf(out, "\"time\":\"%s.%06ldZ\"", text, now.tv_nsec / 1000);
}

static void json_add(struct strbuf *out, const struct show *s, const struct histogram *one,
		     unsigned int spans, double seconds)
{
	bool keyed = s->by_disk || s->by_flags;

	for (unsigned int i = 0; i < spans; i++) {
		const struct hist *h = &one->span[i];

		if (keyed && !hist_count(h) && !h->errors)
			continue;
		strbuf_char(out, '{');
		json_time(out);
		strbuf_printf(out, ",\"interval\":%.3f", seconds);
		if (s->by_disk) {
			const char *name = disk_name(one->key.dev);

			strbuf_str(out, ",\"disk\":");
			escape_json(out, name, strlen(name));
		}
		if (s->by_flags) {
			strbuf_str(out, ",\"op\":\"");
			flags_op_text(out, one->key.flags);
			strbuf_str(out, "\",\"flags\":\"");
			flags_text(out, one->key.flags);
			strbuf_char(out, '"');
		}
		strbuf_printf(out, ",\"span\":\"%s\",",
			      span_names[s->span == SPAN_COUNT ? i : s->span]);
		hist_json(out, h, s->unit);
		strbuf_str(out, "}\n");
	}
}

/* --- all -------------------------------------------------------------------------------------- */

static int key_compare(const void *a, const void *b)
{
	const struct bio_key *x = &(*(const struct histogram *const *)a)->key;
	const struct bio_key *y = &(*(const struct histogram *const *)b)->key;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->flags < y->flags ? -1 : x->flags > y->flags;
}

static void histograms_add(struct strbuf *out, const struct show *s, const struct histograms *h,
			   double seconds)
{
	const struct histogram **sorted = calloc(h->count + 1, sizeof(*sorted));

	if (!sorted)
		diag_no_memory();
	for (size_t i = 0; i < h->count; i++)
		sorted[i] = &h->at[i];
	qsort(sorted, h->count, sizeof(*sorted), key_compare);
	for (size_t i = 0; i < h->count; i++) {
		if (s->json)
			json_add(out, s, sorted[i], h->spans, seconds);
		else
			text_add(out, s, sorted[i], h->spans);
	}
	free(sorted);
}

int show_interval(struct show *s, const struct histograms *h, double seconds)
{
	uint64_t rows[HIST_ROWS];
	struct strbuf out = {};
	int err;

	if (s->map) {
		hist_rows(&h->at[0].span[0], s->unit, rows);
		heatmap_add(s->heatmap, rows);
		heatmap_show(s->heatmap, &out, false);
	} else {
		if (!s->json)
			strbuf_char(&out, '\n');
		if (!s->json && s->timestamp)
			interval_timestamp(&out);
		histograms_add(&out, s, h, seconds);
	}
	err = strbuf_write(&out, STDOUT_FILENO);
	strbuf_free(&out);
	return err;
}

int show_end(struct show *s)
{
	struct strbuf out = {};
	int err = 0;

	if (s->map) {
		heatmap_show(s->heatmap, &out, true);
		err = strbuf_write(&out, STDOUT_FILENO);
	}
	heatmap_free(s->heatmap);
	s->heatmap = NULL;
	strbuf_free(&out);
	return err;
}
