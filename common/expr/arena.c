// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "expr/arena.h"

#define CHUNK_SIZE 8192 /* most expressions take one */

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, room; /* bytes of data */
	alignas(max_align_t) char data[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
	struct arena_chunk *chunk = calloc(1, sizeof(*chunk) + room);

	if (!chunk)
		diag_no_memory();
	chunk->room = room;
	return chunk;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *chunk = a->chunks;
	void *memory;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!chunk || chunk->room - chunk->used < size) {
		chunk = chunk_new(size);
		chunk->next = a->chunks;
		a->chunks = chunk;
	}
	memory = chunk->data + chunk->used;
	chunk->used += size;
	return memory;
}

char *arena_copy(struct arena *a, const char *bytes, size_t size)
{
	char *copy = arena_alloc(a, size + 1);

	memcpy(copy, bytes, size);
	return copy;
}

void arena_free(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
}
