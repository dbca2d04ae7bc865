// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/dwarfdie.h"
#include "probe/dwarfitems.h"

#define TYPES_MOST (1 << 17)

static void *grown(void *list, size_t *room, size_t size)
{
	*room = *room ? 2 * *room : 1024;
	list = reallocarray(list, *room, size);
	if (!list)
		diag_no_memory();
	return list;
}

static void table_clear(struct dwarf_table *t, size_t size)
{
	free(t->bucket);
	t->mask = 2 * size - 1;
	t->bucket = calloc(2 * size, sizeof(*t->bucket));
	if (!t->bucket)
		diag_no_memory();
}

/* --- the queue ------------------------------------------------------------------------------- */

static size_t item_hash(const struct dwarf_items *items, const struct dwarf_item *item)
{
	uint64_t key = (uintptr_t)item->die.addr * 8 + item->part + 1000003ull * item->dimension;

	return (key * 0x9e3779b97f4a7c15ull >> 32) & items->table.mask;
}

static void item_link(struct dwarf_items *items, size_t index)
{
	uint32_t *bucket = &items->table.bucket[item_hash(items, &items->list[index])];

	items->next[index] = *bucket;
	*bucket = index + 1;
}

static void items_grow(struct dwarf_items *items)
{
	size_t room = items->room;

	items->list = grown(items->list, &room, sizeof(*items->list));
	items->next = grown(items->next, &items->room, sizeof(*items->next));
	table_clear(&items->table, items->room);
	for (size_t i = 0; i < items->count; i++)
		item_link(items, i);
}

int dwarf_item_id(struct dwarf_items *items, const struct dwarf_item *item)
{
	if (items->room) {
		for (uint32_t i = items->table.bucket[item_hash(items, item)]; i;
		     i = items->next[i - 1]) {
			const struct dwarf_item *is = &items->list[i - 1];

			if (is->die.addr == item->die.addr && is->part == item->part &&
			    is->dimension == item->dimension && is->name == item->name)
				return i + 1;
		}
	}
	if (items->count == TYPES_MOST)
		return 0;
	if (items->count == items->room)
		items_grow(items);
	items->list[items->count] = *item;
	item_link(items, items->count++);
	return items->count + 1;
}

/* --- definitions of what is only declared ----------------------------------------------------- */

/* A class is declared as a struct, too. */
static bool tags_agree(int a, int b)
{
	return (a == DW_TAG_class_type ? DW_TAG_structure_type : a) ==
	       (b == DW_TAG_class_type ? DW_TAG_structure_type : b);
}

static uint32_t *definition_bucket(struct dwarf_definitions *defs, const char *name)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3ull;
	return &defs->table.bucket[(hash ^ hash >> 32) & defs->table.mask];
}

static void definition_link(struct dwarf_definitions *defs, size_t index)
{
	uint32_t *bucket = definition_bucket(defs, defs->list[index].name);

	defs->list[index].next = *bucket;
	*bucket = index + 1;
}

static struct dwarf_definition *definition_find(struct dwarf_definitions *defs, const char *name,
						int tag)
{
	if (!defs->room || !*name)
		return NULL;
	for (uint32_t i = *definition_bucket(defs, name); i; i = defs->list[i - 1].next) {
		struct dwarf_definition *d = &defs->list[i - 1];

		if (!strcmp(d->name, name) && tags_agree(dw.dwarf_tag(&d->die), tag))
			return d;
	}
	return NULL;
}

void dwarf_definition_add(struct dwarf_definitions *defs, Dwarf_Die *die, const char *name)
{
	if (definition_find(defs, name, dw.dwarf_tag(die)))
		return;
	if (defs->count == defs->room) {
		defs->list = grown(defs->list, &defs->room, sizeof(*defs->list));
		table_clear(&defs->table, defs->room);
		for (size_t i = 0; i < defs->count; i++)
			definition_link(defs, i);
	}
	defs->list[defs->count] = (struct dwarf_definition){ .die = *die, .name = name };
	definition_link(defs, defs->count++);
}

Dwarf_Die dwarf_definition_of(struct dwarf_definitions *defs, Dwarf_Die *die)
{
	int tag = dw.dwarf_tag(die);
	struct dwarf_definition *d;
	Dwarf_Die elsewhere;

	/* In a unit of its own (-fdebug-types-section). */
	if (tag_is_tagged(tag) && die_ref(die, DW_AT_signature, &elsewhere))
		return elsewhere;
	if (!tag_is_tagged(tag) || !die_is_declaration(die))
		return *die;
	d = definition_find(defs, die_name(die), tag);
	return d ? d->die : *die;
}
