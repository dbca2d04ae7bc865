/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * arena: memory that is given back all at once. One for each compile: what the stages hand to
 * each other lives in it, so nothing of it is freed by itself and errors leave nothing behind.
 *
 * Ownership: the struct belongs to the caller, all-zero is an empty arena; what comes from it
 * is valid until arena_free().
 * Errors: none. No memory ends the process (diag_no_memory()).
 */
#pragma once

#include <stddef.h>

struct arena {
	struct arena_chunk *chunks; /* private: the newest first */
};

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy that ends in a NUL. */
char *arena_copy(struct arena *a, const char *bytes, size_t size);

void arena_free(struct arena *a);
