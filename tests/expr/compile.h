/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compile: a text to an expression, with the names of the worlds (world.h).
 *
 *	struct compile c = { .types = &types };
 *	e = compile_text(&c, text, COMPILE_VALUE)	NULL: c.mistake says why
 *	arena_free(&c.arena)
 */
#pragma once

#include "expr/check.h"
#include "expr/parse.h"

enum compile_wish { COMPILE_VALUE, COMPILE_TRUTH, COMPILE_ANY };

struct compile {
	struct arena arena;
	struct mistake mistake;
	struct ctypes *types;
	struct scope *scope, *entry;
	bool binary;	    /* -B */
	struct check check; /* of the last text */
};

/* The names of world.h, for REGISTERS registers as the context. */
struct scope *compile_scope(struct ctypes *types);

struct expr *compile_text(struct compile *c, const char *text, enum compile_wish wish);
