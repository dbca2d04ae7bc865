/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * arguments: what was executed and with which arguments, as execsnoop shows it: the file's name
 * in the place of argv[0], then argv[1] and so on, also where an interpreter got them behind
 * its own. Pointers are into the event; lists are kept from event to event.
 */
#pragma once

#include "execsnoop.h"
#include "table.h"

struct arguments {
	struct bytes *list; /* [0] is the file; data NULL: could not be read */
	size_t count;
	size_t room;
	struct bytes argv0;
	uint64_t total; /* bytes, all of them */
	uint32_t argc;
	bool cut;       /* the list ends before the arguments do */
	struct strbuf name;
};

/* args: the event's argument bytes. file: the path walked for it, if any. */
void arguments_set(struct arguments *a, const struct execsnoop_event *e, const char *args,
		   struct bytes file);

/* argv[0] as given; not known for a script, where the kernel drops it. */
struct bytes arguments_argv0(const struct arguments *a);

/* With single blanks and as they are, for a regular expression. */
void arguments_join(struct strbuf *out, const struct arguments *a);

/* Escaped; at most max of them; " ..." at the end if there are more. */
void arguments_text(struct strbuf *out, const struct arguments *a, size_t max, bool quote);

/* An array of strings (null: could not be read). */
void arguments_json(struct strbuf *out, const struct arguments *a, size_t max);

/* ,"argc":N,"args_size":BYTES,"args_cut":BOOL and, if some are no valid UTF-8, ,"args_hex":[] */
void arguments_json_more(struct strbuf *out, const struct arguments *a, size_t max);
