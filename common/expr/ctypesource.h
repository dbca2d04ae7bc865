/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctypesource: a file of BTF, as ctypebtf.c (types and their names) and ctypeparts.c (what is in
 * them) see it; for nobody else.
 *
 * Ownership: ctypes_add() makes it and ctypes_free() ends it; the bytes are the caller's.
 */
#pragma once

#include <bpf/btf.h>

#include "expr/ctype.h"

#define DEPTH_MAX 64 /* of types in types; more than any program's */

/* Names of one space, which C keeps apart. */
enum name_space { TAGS, NAMES, FUNCTIONS, CONSTANTS, SPACES };

struct named {
	__u32 next; /* of the same hash, in the file's order; 0: the last */
	__u32 id;   /* 0: before the first */
	__u32 item; /* CONSTANTS: which of the enum's */
};

struct names {
	unsigned int asked;
	struct named *list; /* from 1; NULL: not made yet */
	__u32 *bucket;
	__u32 count, mask;
};

struct ctype_source {
	struct ctype_source *next, *base;
	struct ctypes *set;
	const char *data, *strings;
	__u32 strings_size, strings_first; /* the offset that a module's strings begin with */
	__u32 count, first;		   /* ... and its ids */
	__u32 *at;			   /* by id - first: where in data it is */
	const struct ctype **made;	   /* by id - first, or NULL */
	struct names names[SPACES];
	bool signs; /* enums say whether they are signed (pahole 1.24, clang 15) */
};

static inline const char *string_at(const struct ctype_source *s, __u32 offset)
{
	if (offset < s->strings_first)
		return string_at(s->base, offset);
	offset -= s->strings_first;
	return offset < s->strings_size ? s->strings + offset : "";
}

static inline const struct btf_type *raw_type(const struct ctype_source *s, __u32 id)
{
	return (const void *)(s->data + s->at[id - s->first]);
}

/* Made when it is first asked for; void: it makes no sense. */
const struct ctype *ctype_by_id(struct ctype_source *s, __u32 id);
