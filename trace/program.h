/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program: from a probe's text and a target to a program that can be attached, and what its
 * events mean.
 *
 *	struct programs p = { .arena, .mistake, .scopes, .gen, .templates ... };
 *	action = program_compile(&p, &request)
 *
 * Programs with the same instructions are one: a glob's, as long as they need no names.
 *
 * Errors: NULL, the mistake is set.
 */
#pragma once

#include "expr/check.h"
#include "expr/format.h"
#include "expr/gen.h"
#include "clause.h"
#include "probe/attach.h"
#include "probe/scopes.h"
#include "probe/splice.h"

/* What a program does; templates of trace.bpf.c. */
enum side {
	SIDE_HIT,    /* shows an event */
	SIDE_ENTER,  /* keeps something */
	SIDE_RETURN, /* shows an event, with what was kept */
	SIDES,
};

struct action {
	struct attach_code *code;
	struct format format;
	struct value *values;
	size_t count;
	uint32_t data_size; /* at most */
	size_t kept;	    /* values that are kept at the entry */
	bool is_pair;	    /* SIDE_ENTER is needed as well */
	bool has_message;
	struct strbuf dump; /* programs.dump: trees and instructions; the caller's */
};

/* One probe on one target. For returns and pairs: start is what is entered first. */
struct request {
	const struct clause *clause;
	uint32_t number; /* of the probe */
	enum side side;
	const struct target *target, *start;
	enum attach_way way; /* to the side's target; the other's way does not matter */
};

struct programs {
	struct arena *arena;
	struct mistake *mistake;
	struct scopes scopes;
	struct gen gen; /* what the kernel has; state_map */
	uint32_t string_size;
	bool binary, dump;
	/* The programs of the skeleton as libbpf loaded them; NULL: not this form. */
	const struct bpf_program *templates[SIDES][ATTACH_FORMS];
	/* private */
	struct unit *units;
};

/* Without templates everything is checked and compiled, and put into no program. */
struct action *program_compile(struct programs *p, const struct request *r);

void programs_free(struct programs *p);
