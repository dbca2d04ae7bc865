/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * alike: the records of all targets of a specifier lie in one map, so what is told of a record
 * has to be right for whichever of them made it.
 *
 * Values of one type keep it. Others are shown as numbers of 64 bits, to which they are extended by
 * their own types anyway: signed if any of them is.
 *
 * Ownership: the arena's. Errors: none.
 */
#pragma once

#include "program.h"

/* Whether records of both targets can lie in one map. */
bool alike_check(const struct action *a, const struct action *b);

/* Adds an action's values, keys and number, to those that all had before; NULL: there were none. */
struct value *alike_add(struct arena *arena, struct value *all, const struct action *a);
