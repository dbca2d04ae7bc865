/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dwarfitems: what dwarfbtf makes types of BTF of, in the order in which it is first mentioned. An
 * item's id is that of its type, so an item can be mentioned before it is made.
 *
 * And where structs, unions and enums are defined, for who has just a declaration.
 *
 * Ownership: names are libdw's or the caller's. Nothing is given back: the process ends.
 */
#pragma once

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

/* The type that a DIE stands for can be wanted in several ways. */
enum dwarf_part {
	DWARF_TYPE,
	DWARF_FUNCTION,	 /* the function's name ... */
	DWARF_PROTOTYPE, /* ... and its type */
	DWARF_ADDRESS,	 /* a pointer to the type */
	DWARF_IN_MEMORY, /* the type as a result that is not what C would make of it */
	DWARF_SOMEHOW,	 /* the type, and nobody knows how it is handed over */
	DWARF_VECTOR,	 /* an array, of which DWARF_TYPE says that it is none */
};

struct dwarf_item {
	Dwarf_Die die;
	enum dwarf_part part;
	unsigned int dimension; /* arrays */
	const char *name;	/* DWARF_FUNCTION */
};

/* A table of numbers of what has this hash: the newest; 0: none. They count from 1. */
struct dwarf_table {
	uint32_t *bucket;
	size_t mask;
};

/* Of zeroes at first. Id 1 is the type of arrays' indexes, list[i] is i + 2. */
struct dwarf_items {
	struct dwarf_item *list;
	uint32_t *next; /* of the same hash */
	size_t count, room;
	struct dwarf_table table;
};

/* The id that this has or will have; 0, which is void: there are too many. */
int dwarf_item_id(struct dwarf_items *items, const struct dwarf_item *item);

struct dwarf_definition {
	Dwarf_Die die;
	const char *name;
	uint32_t next; /* of the same hash */
};

/* Of zeroes at first. */
struct dwarf_definitions {
	struct dwarf_definition *list;
	size_t count, room;
	struct dwarf_table table;
};

/* The first one of a name counts. */
void dwarf_definition_add(struct dwarf_definitions *defs, Dwarf_Die *die, const char *name);

/* Where the type is defined; the DIE itself: there, or nowhere. */
Dwarf_Die dwarf_definition_of(struct dwarf_definitions *defs, Dwarf_Die *die);
