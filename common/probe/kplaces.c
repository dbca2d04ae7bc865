// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/kplaces.h"

struct kplace *kplaces_add(struct kplaces *p)
{
	if (p->count == p->room) {
		p->room = p->room ? p->room * 2 : 64;
		p->list = reallocarray(p->list, p->room, sizeof(*p->list));
		if (!p->list)
			diag_no_memory();
	}
	return &p->list[p->count++];
}

static int name_compare(const char *name, const char *module, const struct kplace *place)
{
	int order = strcmp(name, place->name);

	return order ? order : strcmp(module ? module : "", place->module ? place->module : "");
}

static int place_compare(const void *a, const void *b)
{
	const struct kplace *one = a, *two = b;
	int order = name_compare(one->name, one->module, two);

	if (!order)
		order = (one->group > two->group) - (one->group < two->group);
	return order ? order : (one->hook > two->hook) - (one->hook < two->hook);
}

void kplaces_sort(struct kplaces *p)
{
	if (p->count)
		qsort(p->list, p->count, sizeof(*p->list), place_compare);
	p->sorted = p->count;
}

void kplaces_unite(struct kplaces *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->sorted; i++) {
		if (!kept || place_compare(&p->list[kept - 1], &p->list[i]))
			p->list[kept++] = p->list[i];
	}
	p->count = p->sorted = kept;
}

/* Whether two in a row are namesakes, and not one function for two groups. */
static bool are_namesakes(const struct kplace *one, const struct kplace *two)
{
	return !strcmp(one->name, two->name) &&
	       (name_compare(one->name, one->module, two) || one->group == two->group);
}

bool kplaces_namesakes(struct kplaces *p)
{
	bool any = false;

	for (size_t i = 1; i < p->sorted && !any; i++)
		any = are_namesakes(&p->list[i - 1], &p->list[i]);
	p->as_listed = true;
	p->left = p->sorted;
	return any;
}

/* The first of this name, or where it would be. */
static size_t first_of(const struct kplaces *p, const struct klist_symbol *s)
{
	size_t low = 0, high = p->sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (name_compare(s->name, s->module, &p->list[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_named(const struct kplaces *p, size_t at, const struct klist_symbol *s)
{
	return at < p->sorted && !name_compare(s->name, s->module, &p->list[at]);
}

void kplaces_hook(struct kplaces *p, const struct klist_symbol *s)
{
	const struct kplace *served = NULL;

	for (size_t at = first_of(p, s); is_named(p, at, s); at++) {
		struct kplace *place = &p->list[at];

		if (place->hook || (served && served->group == place->group))
			continue;
		place->hook = klist_address(s);
		served = place;
	}
}

static void locate_as_listed(struct kplaces *p, const struct klist_symbol *s)
{
	const struct kplace *served = NULL;

	for (size_t at = first_of(p, s); is_named(p, at, s); at++) {
		struct kplace *place = &p->list[at];

		if (place->found || (served && served->group == place->group))
			continue;
		place->address = klist_address(s);
		place->found = true;
		p->left--;
		served = place;
	}
}

/* The most that ftrace's call lies behind the beginning of its function. */
#define HOOK_FAR 32

void kplaces_locate(struct kplaces *p, const struct klist_symbol *s)
{
	uint64_t address = klist_address(s);

	if (p->as_listed) {
		locate_as_listed(p, s);
		return;
	}
	for (size_t at = first_of(p, s); is_named(p, at, s); at++) {
		struct kplace copy = p->list[at];

		/* Of two that are in reach the later one, which comes later, has the hook. */
		if (copy.hook && (copy.hook < address || copy.hook - address > HOOK_FAR))
			continue;
		if (copy.hook || !copy.address) {
			p->list[at].address = address;
		} else {
			copy.address = address;
			*kplaces_add(p) = copy;
		}
	}
}

bool kplaces_complete(const struct kplaces *p)
{
	return p->as_listed && !p->left;
}

void kplaces_free(struct kplaces *p)
{
	free(p->list);
	*p = (struct kplaces){};
}
