/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kplaces: functions that ftrace lists by name, and where they lie by the list of symbols.
 *
 *	struct kplaces places = {};
 *	*kplaces_add(&places) = (struct kplace){ .name = ..., .module = ... } for each line
 *	kplaces_sort(&places), kplaces_unite(&places)
 *	kplaces_locate(&places, &symbol) for each function among the symbols
 *	kplaces_free(&places)
 *
 * Static functions of several files can have one name, and perhaps not all of these namesakes can
 * be traced. Hooks (klist.h) tell which. Without them all are taken, and there are more places;
 * or, if asked for, as many as the list had lines, the first ones.
 *
 * Ownership: names are the caller's.
 * Errors: none (no memory ends the process).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/klist.h"

struct kplace {
	const char *name, *module; /* NULL: the kernel itself */
	uint64_t address;	   /* where it begins; 0: not known */
	uint64_t hook;		   /* ftrace's call in it; 0: not known */
	size_t group;		   /* the caller's; namesakes are looked for in each group */
	size_t index;		   /* the caller's */
	int rank;		   /* the caller's */
	bool found;		   /* as_listed: among the symbols, whose addresses may be hidden */
};

struct kplaces {
	struct kplace *list;
	size_t count;
	bool as_listed; /* of each name as many as there are in the list */
	/* private */
	size_t room, sorted, left;
};

struct kplace *kplaces_add(struct kplaces *p);

/* By name, to be asked by name. */
void kplaces_sort(struct kplaces *p);

/* Drops doubles, of name, group and hook, from what is sorted. */
void kplaces_unite(struct kplaces *p);

/* As listed, from now on. True: there are namesakes. */
bool kplaces_namesakes(struct kplaces *p);

/* A line of the list of hooks: of the next namesake that has none. */
void kplaces_hook(struct kplaces *p, const struct klist_symbol *s);

/* A symbol: the address of all that can be it. */
void kplaces_locate(struct kplaces *p, const struct klist_symbol *s);

/* As listed: all have been located. */
bool kplaces_complete(const struct kplaces *p);

void kplaces_free(struct kplaces *p);
