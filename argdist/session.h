/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * session: the specifiers of a command line, from text to what is attached and what was counted.
 *
 *	session_parse(&s, text, histogram), for each: exits if it is wrong
 *	session_resolve(&s)		targets, and whether all that was written means something there
 *	session_setup(&s, skel)		before load
 *	session_attach(&s, skel)	after load
 *	session_read(&s, skel)		what was counted since the last time
 *	session_end(&s)
 *
 * Errors: -errno, reported. -EINVAL: what the user wrote is wrong.
 */
#pragma once

#include "program.h"
#include "tally.h"

struct argdist_bpf;

struct session {
	struct places places;
	struct specifier *specifiers; /* as many as places, and tallies */
	struct tally *tallies;
	uint32_t string_size, keys; /* keys: at most; 0: as usual */
	bool cumulative;
	/* private */
	uint32_t room; /* bytes of a record and its number, at most */
	int barrier; /* an array of maps + 1 */
	bool attaching; /* slots have their numbers */
};

void session_parse(struct session *s, const char *text, bool histogram);
int session_resolve(struct session *s);

/* -l: what the specifiers' places match, on standard output. */
int session_list(struct session *s);

/* --dump: adds what each specifier is compiled to at its first target. */
int session_dump(struct session *s, struct strbuf *out);

int session_setup(struct session *s, struct argdist_bpf *skel);
int session_attach(struct session *s, struct argdist_bpf *skel);

/* Rows of all tallies; valid until the next time. Nothing is lost in between: what is read is what
 * nobody counts in any more. */
int session_read(struct session *s, struct argdist_bpf *skel);

void session_end(struct session *s);
