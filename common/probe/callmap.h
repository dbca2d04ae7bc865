/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * callmap: tracepoints of many system calls by two programs, at the raw tracepoints sys_enter and
 * sys_exit, and an array from the call's number * 2 + (1 at its exit) to the slot + 1.
 *
 * Errors: -errno, not reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "probe/held.h"
#include "probe/target.h"

#define CALLMAP_ENTRIES 1024 /* of the array: numbers below 512 */

/* Descriptors, the caller's. All 0: not to be used. */
struct callmap {
	int enter, exit, map;
};

/* Whether a target is a tracepoint of a system call that has its place in the array. */
bool callmap_has(const struct target *t);

/* All targets that callmap_has(), or none. */
int callmap_attach(const struct callmap *m, const struct targets *t, struct held *held);
