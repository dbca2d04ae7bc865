/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program: what a clause means at a target: a program, and what its events carry.
 * Errors: NULL, the mistake is set.
 */
#pragma once

#include "clause.h"
#include "expr/format.h"
#include "probe/places.h"

struct action {
	struct place_action base;
	struct format format;
	struct value *values;
	size_t count;
	uint32_t data_size; /* at most */
	bool has_message;
	struct strbuf dump; /* compiler.dump: trees and instructions; the caller's */
};

struct action *program_compile(struct compiler *p, const struct clause *clause,
			       const struct request *r, uint32_t string_size);
