/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program: what a specifier means at a target: a program, and what its keys are.
 * Errors: NULL, the mistake is set.
 */
#pragma once

#include "argdist.h"
#include "expr/value.h"
#include "probe/places.h"
#include "specifier.h"

struct action {
	struct place_action base;
	enum tally_kind kind;
	enum aggregate aggregate;
	bool kernel_stack, user_stack;
	struct value *values; /* of the keys; behind them maybe the number */
	size_t keys;
	size_t probe; /* which of them is $PROBE; keys: none is */
	bool has_number;
	bool is_total;	   /* no key: "total calls" */
	uint32_t key_size; /* bytes */
	struct tally_linear linear;
	struct value *number;
	struct strbuf dump;
};

/* all: the values as they are right for all targets (alike.h); NULL: that is not known yet. */
struct action *program_compile(struct compiler *p, const struct specifier *s,
			       const struct request *r, uint32_t string_size,
			       const struct value *all);
