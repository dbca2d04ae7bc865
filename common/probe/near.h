/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * near: of many names the few that somebody who mistyped one may have meant.
 *
 *	struct near near = { .wanted = "vfs_raed" };
 *	near_offer(&near, name), for each there is
 *	near_ask(&near, &text)
 *	near_free(&near)
 *
 * Ownership: wanted is the caller's, the copies of the names are near's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

#define NEAR_MAX 3

struct near {
	const char *wanted;
	struct {
		char *name;
		unsigned int distance; /* letters to add, leave out, change, or swap */
	} list[NEAR_MAX];	       /* private: the nearest first */
};

/* Kept if it is near enough: 1 to 3 letters, by the length. */
void near_offer(struct near *n, const char *name);

/* Adds "; did you mean A, B or C?", of those that are equally near; prefix stands before each.
 * False: there are none. */
bool near_ask(const struct near *n, const char *prefix, struct strbuf *text);

void near_free(struct near *n);
