// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "diag.h"
#include "probe/demangle.h"
#include "probe/symtab.h"

/* How many entries that begin later may lie within one: labels in assembly, code that a JIT
 * compiler wrote over other code. */
#define NESTED_MOST 16

uint32_t symtab_text(struct symtab *t, const char *text, size_t size)
{
	size_t at = t->text.size;

	strbuf_add(&t->text, text, size);
	strbuf_char(&t->text, '\0');
	return at;
}

void symtab_add(struct symtab *t, uint64_t address, uint32_t info, const char *name, size_t size)
{
	if (size >= UINT32_MAX - t->text.size)
		return;
	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 64;
		t->list = reallocarray(t->list, t->room, sizeof(*t->list));
		if (!t->list)
			diag_no_memory();
	}
	t->list[t->count++] = (struct symtab_entry){
		.address = address, .info = info, .text = symtab_text(t, name, size) };
}

/* Texts lie in the order in which they were added. */
static int entry_compare(const void *one, const void *two)
{
	const struct symtab_entry *a = one, *b = two;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->text < b->text ? -1 : a->text > b->text;
}

void symtab_finish(struct symtab *t, enum symtab_which which)
{
	size_t n = 0;

	if (!t->count)
		return;
	qsort(t->list, t->count, sizeof(*t->list), entry_compare);
	for (size_t i = 1; i < t->count; i++) {
		if (t->list[i].address != t->list[n].address)
			t->list[++n] = t->list[i];
		else if (which == SYMTAB_LAST)
			t->list[n] = t->list[i];
	}
	t->count = n + 1;
}

void symtab_shrink(struct symtab *t)
{
	struct symtab_entry *list;
	char *text;

	list = t->count ? reallocarray(t->list, t->count, sizeof(*t->list)) : NULL;
	if (list) {
		t->list = list;
		t->room = t->count;
	}
	text = t->text.size ? realloc(t->text.data, t->text.size) : NULL;
	if (text) {
		t->text.data = text;
		t->text.room = t->text.size;
	}
}

struct symtab_entry *symtab_find(const struct symtab *t, uint64_t address)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &t->list[low - 1] : NULL;
}

struct symtab_entry *symtab_find_sized(const struct symtab *t, uint64_t address)
{
	struct symtab_entry *e = symtab_find(t, address);

	for (int i = 0; e && i <= NESTED_MOST; i++) {
		if (address - e->address < e->info)
			return e;
		e = e > t->list ? e - 1 : NULL;
	}
	return NULL;
}

const char *symtab_name(const struct symtab *t, const struct symtab_entry *e)
{
	return t->text.data + e->text;
}

const char *symtab_readable(struct symtab *t, struct symtab_entry *e)
{
	struct strbuf readable = {};

	/* What is readable does not look mangled, so nothing is done twice. */
	if (demangle_may(symtab_name(t, e)) && demangle(symtab_name(t, e), true, &readable) &&
	    readable.size < UINT32_MAX - t->text.size)
		e->text = symtab_text(t, readable.data, readable.size);
	strbuf_free(&readable);
	return symtab_name(t, e);
}

size_t symtab_size(const struct symtab *t)
{
	return t->room * sizeof(*t->list) + t->text.room;
}

void symtab_free(struct symtab *t)
{
	free(t->list);
	strbuf_free(&t->text);
	*t = (struct symtab){};
}
