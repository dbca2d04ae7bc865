// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <time.h>

#include "key.h"
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

/* What a walk found behind a stack's end is left out: other stacks are like it then. */
static void stacks_merge(struct show *s, struct tally *t)
{
	const struct action *a = t->action;

	for (size_t i = 0; i < t->count; i++) {
		struct tally_stacks *stacks = key_stacks(&t->rows[i]);
		pid_t pid = key_pid(t, &t->rows[i]);

		if (a->kernel_stack)
			stacks->kernel = stacks_first(&s->stacks, stacks->kernel, true, pid);
		if (a->user_stack)
			stacks->user = stacks_first(&s->stacks, stacks->user, false, pid);
	}
	stacks_forget(&s->stacks);
	tally_merge(t);
}

void show_tally(struct show *s, struct tally *t, struct strbuf *out)
{
	s->stacks.sampled = t->specifier->sampling.event;
	if (t->action->kernel_stack || t->action->user_stack)
		stacks_merge(s, t);
	tally_sort(t);
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
