/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * session: the probes of a command line, from text to what is attached.
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
#include "probe/resolve.h"
#include "probe/types.h"

struct trace_bpf;

/* A probe and where it is. */
struct place {
	struct session *session;
	struct clause clause;
	uint32_t number;
	struct targets targets, starts;
	struct attach attach, start_attach;
	bool is_pair;
	struct action **cache[2]; /* by target and way: of targets, of starts */
};

/* What a slot of an event means. */
struct meaning {
	const struct action *action;
	const char *func;
};

struct session {
	struct place *places;
	size_t count;
	struct resolve resolve;
	struct types types; /* what --types and -I gave is added before */
	bool kernel_stack; /* raw tracepoints have frames of our own in it */
	bool binary; /* texts of STRCMP are lists of bytes */
	uint32_t string_size;
	/* set by session_resolve() */
	bool has_message;
	bool is_text; /* BEGIN and END only: nothing is to be attached */
	size_t kept;  /* at most */
	uint32_t data_room;
	/* private */
	struct arena arena;
	struct mistake mistake;
	struct programs programs;
	struct meaning *meanings;
	size_t slots;
};

void session_parse(struct session *s, const char *text);

/* -l: what the places match, on standard output; arguments: and what they have. */
int session_list(struct session *s, bool arguments);

int session_resolve(struct session *s);

/* --dump: adds what each probe's first target is compiled to. */
int session_dump(struct session *s, struct strbuf *out);

int session_setup(struct session *s, struct trace_bpf *skel);
int session_attach(struct session *s, struct trace_bpf *skel);

/* Of an event; NULL: there is no such slot. */
const struct meaning *session_meaning(const struct session *s, uint32_t slot);

/* Adds the text of a BEGIN or END as a line. */
void session_text(struct session *s, const struct place *place, bool json, struct strbuf *out);

/* What -v and the end say: what was skipped, what the kernel left out. */
void session_report(const struct session *s);

void session_end(struct session *s);
