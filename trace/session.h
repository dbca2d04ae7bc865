/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * session: the clauses of a command line, from text to what is attached.
 *
 *	session_parse(&s, text), for each argument: exits if it is wrong
 *	session_resolve(&s)	targets, and whether all that was written means something there
 *	session_setup(&s)	sizes of the maps, before load
 *	session_attach(&s)	after load
 *	session_end(&s)
 *
 * Errors: -errno, reported. -EINVAL: what the user wrote is wrong.
 */
#pragma once

#include "program.h"

struct trace_bpf;

/* What a slot of an event means. */
struct meaning {
	const struct action *action;
	const char *func;
};

struct session {
	struct places places;
	struct clause *clauses; /* as many as places */
	bool kernel_stack;	/* raw tracepoints have frames of our own in it */
	uint32_t string_size;
	/* set by session_resolve() */
	bool has_message;
	bool is_text; /* BEGIN and END only: nothing is to be attached */
	uint32_t data_room;
};

void session_parse(struct session *s, const char *text);
int session_resolve(struct session *s);

/* -l: what the probes match, on standard output. */
int session_list(struct session *s);

/* --dump: adds what each probe's first target is compiled to. */
int session_dump(struct session *s, struct strbuf *out);

int session_setup(struct session *s, struct trace_bpf *skel);
int session_attach(struct session *s, struct trace_bpf *skel);

/* Of an event. False: there is no such slot. */
bool session_meaning(const struct session *s, uint32_t slot, struct meaning *m);

/* Adds the texts of BEGIN or END, each as a line. */
void session_texts(struct session *s, enum clause_kind kind, bool json, struct strbuf *out);

void session_end(struct session *s);
