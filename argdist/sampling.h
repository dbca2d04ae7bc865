/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sampling: probes that are no place in code: the clock, and events that the kernel or the machine
 * counts. What is counted is what a CPU does at that moment.
 *
 *	profile:hz:N		N times a second on every CPU; also profile:{s|ms|us}:N, every N
 *	interval:s:N		every N seconds on one CPU; also interval:{hz|ms|us}:N
 *	software:EVENT:N	every N-th page fault, context switch ... of each CPU
 *	hardware:EVENT:N	every N-th cycle, cache miss ... of each CPU
 *
 *	sampling_begins(text), sampling_parse(&s, ...)
 *	... s.target is compiled for (WAY_RAW_TP: there are no arguments) ...
 *	sampling_attach(&s, code)
 *	sampling_end(&s)
 *
 * Events are counted for each CPU, also where one process is traced: perf's events of a process
 * do not know the threads that it has already, and all filters mean the same here.
 *
 * Ownership: the text is the caller's.
 * Errors: -errno, reported; of sampling_parse() -EINVAL, the mistake is set.
 * Relies on: kernel/events/core.c (perf_event_open(2); bpf_overflow_handler(), which leaves a
 * sample out if another program is running on this CPU).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/attach.h"

struct mistake;

struct sampling {
	const struct sampling_event *event; /* NULL: this is none */
	uint64_t period; /* events, or ns */
	char *name;	 /* "profile:hz:99" */
	struct target target;
	/* private */
	struct held held;
};

/* Whether the text begins with one of the four words. */
bool sampling_begins(const char *text);

/* at: in the text; end: set to what follows. */
int sampling_parse(struct sampling *s, const char *text, const char *at, const char **end,
		   struct mistake *m);

/* The code's form that has the slot in it; the target's slot is set. */
int sampling_attach(struct sampling *s, const struct attach_code *code);

void sampling_end(struct sampling *s);

/* -l: those that match a pattern, "software:*", and that this machine has, on standard output.
 * -ENOENT: there are none. */
int sampling_list(const char *pattern);
