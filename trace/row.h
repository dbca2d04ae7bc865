/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row: one event as trace shows it: its message, its stacks, and how its cells look. */
#pragma once

#include <linux/bpf.h>

#include "probe/ksyms.h"
#include "probe/usyms.h"
#include "session.h"
#include "table.h"
#include "trace.h"

struct row {
	const struct trace_event *event;
	struct meaning meaning;
	uint64_t time_ns;
	uint32_t pid, tid, uid, cpu;
	char comm[16];
	struct bytes func;
	struct value_read reads[VALUES_MAX];
	struct strbuf message;
	const uint64_t *kernel_stack, *user_stack;
	size_t kernel_frames, user_frames;
	const struct bpf_stack_build_id *ids; /* of user_stack; NULL: they were not needed */
	struct strbuf program; /* its path, or nothing */
};

/* What rows need, once. */
struct row_look {
	struct ksyms ksyms;
	struct usyms usyms;
	bool addresses;	     /* -a */
	bool kernel, user;   /* -K, -U */
	int64_t realtime_ns; /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
};

extern struct row_look row_look;

/* False: the event is damaged. Pointers are into it, so valid as long as it. */
bool row_fill(struct row *r, const struct session *s, const struct trace_event *e, size_t size);

/* Leaves out of the stacks what is no part of them. This takes symbols, so only of rows that are
 * shown. */
void row_trim(struct row *r);

/* The lines of the stacks, below the row. */
void row_stacks(const struct row *r, struct strbuf *out);

/* Cells, for columns[]. */
void unix_text(struct strbuf *out, const void *row);
void message_text(struct strbuf *out, const void *row);
void message_more(struct strbuf *out, const void *row);
