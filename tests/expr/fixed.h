/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fixed: what the parts of the test of chosen expressions share (strings.c, values.c).
 */
#pragma once

#include <string.h>

#include "tests/expr/compile.h"
#include "tests/expr/program.h"

struct fixed {
	struct ctypes types; /* of world.h, and the kernel's behind them */
	struct compile compile;
	struct program program;
	struct gen gen;
	uint64_t registers[12];
};

/* A result as TAP; the format says what was tested. */
void tell(bool good, const char *what, ...) __attribute__((format(printf, 2, 3)));

/* The text has been compiled to an expression, or the test ends. */
struct expr *must_compile(struct fixed *f, const char *text, enum compile_wish wish);

/* Loads what was added and runs it, or the test ends. */
void must_run(struct fixed *f, const char *what);

/* A predicate: 1, 0, or -1: it could not be read. */
int pass(struct fixed *f, const char *text);

void strings_test(struct fixed *f);
void values_test(struct fixed *f);
