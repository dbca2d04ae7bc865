// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <time.h>

#include "layout.h"

size_t show_first(const struct show *s, size_t count)
{
	return s->top && count > s->top ? count - s->top : 0;
}

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
	if (s->json)
		json_tally(s, t, out);
	else if (s->folded)
		folded_tally(s, t, out);
	else
		text_tally(s, t, out);
}

void show_free(struct show *s)
{
	stacks_free(&s->stacks);
}
