/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mistake: what is wrong in a text that the user wrote (a specification, an expression), and
 * where. Who reads the text notes it, who knows that nothing else can be tried reports it.
 *
 * Ownership: the struct belongs to the caller and needs no freeing.
 */
#pragma once

#include <stddef.h>

struct mistake {
	size_t at; /* byte of the text */
	char why[512];
};

/* Notes it, and returns -EINVAL, for the caller to return. */
int mistake_set(struct mistake *m, size_t at, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/* On stderr: what is wrong, the text (all of what was read), and a caret below the place. */
void mistake_report(const char *text, const struct mistake *m);
