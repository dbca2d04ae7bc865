/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * khints: why a kernel function was not found or cannot be probed, and what may have been meant:
 * from the kernel's own lists (klist.h), and from a small table of functions that books, talks
 * and scripts name and that kernels since have renamed or gone around.
 *
 * It reads the lists again, so it is asked only once something has gone wrong.
 */
#pragma once

#include "probe/spec.h"
#include "probe/target.h"

/* On stderr: why this specification of kind SPEC_KERNEL brought nothing, or, where it did
 * (spec.found), what is known of why a function cannot be probed; t: has what was left out. */
void khints_explain(const struct spec *spec, const struct targets *t);

/* The function that does the work of this one on kernels that have both, or NULL. */
const char *khints_bypass(const char *name);

/* What the kernel calls this function now, if that takes the same arguments; or NULL: it has no
 * other name, or nothing is known. While ktypes has the kernel's types. */
const char *khints_renamed(const char *name);
