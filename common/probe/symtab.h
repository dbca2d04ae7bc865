/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * symtab: names by address, compactly: 16 bytes for each and one text for all names.
 *
 *	symtab_add(), for any number
 *	symtab_finish(&t, SYMTAB_FIRST)
 *	symtab_find(&t, address), any number of times; and again from the start
 *
 * What an address is (of the kernel, a process, a file) is the caller's.
 *
 * Ownership: names are copied. A name is valid until something is added or made readable.
 * Errors: none. Names behind the first 4 GB are left out.
 */
#pragma once

#include <stdbool.h>
#include "strbuf.h"

struct symtab_entry {
	uint64_t address;
	uint32_t text; /* where the name begins */
	uint32_t info; /* the caller's: a size, or another text */
};

struct symtab {
	struct symtab_entry *list;
	size_t count, room;
	struct strbuf text;
};

enum symtab_which { SYMTAB_FIRST, SYMTAB_LAST };

void symtab_add(struct symtab *t, uint64_t address, uint32_t info, const char *name, size_t size);

/* A text beside the names, as an info. */
uint32_t symtab_text(struct symtab *t, const char *text, size_t size);

/* Sorts. Of several names of one address the first or the last that was added stays. */
void symtab_finish(struct symtab *t, enum symtab_which which);

/* The last entry that begins at or before the address, or NULL. */
struct symtab_entry *symtab_find(const struct symtab *t, uint64_t address);

/* The same where infos are sizes: the innermost entry that has the address in it. */
struct symtab_entry *symtab_find_sized(const struct symtab *t, uint64_t address);

const char *symtab_name(const struct symtab *t, const struct symtab_entry *e);

/* The name in its readable form (demangle.h), worked out when first asked for. */
const char *symtab_readable(struct symtab *t, struct symtab_entry *e);

/* Gives back what was allocated in advance. */
void symtab_shrink(struct symtab *t);

/* Bytes of memory. */
size_t symtab_size(const struct symtab *t);

void symtab_free(struct symtab *t);
