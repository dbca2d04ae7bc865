// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "alike.h"

/* Whether both are read from the same bytes in the same way. */
static bool value_check(const struct value *a, const struct value *b, bool own_types)
{
	if (a->kind != b->kind || a->offset != b->offset || a->is_string != b->is_string)
		return false;
	return a->kind == VALUE_INTEGER ||
	       (a->size == b->size && (own_types || a->is_string || ctype_same(a->type, b->type)));
}

bool alike_check(const struct action *a, const struct action *b)
{
	if (a->key_size != b->key_size || a->kind != b->kind || a->keys != b->keys)
		return false;
	for (size_t i = 0; i < a->keys; i++) {
		if (!value_check(&a->values[i], &b->values[i], a->probe < a->keys))
			return false;
	}
	return true;
}

static bool is_pointer(const struct value *v)
{
	return v->type->kind == CTYPE_POINTER;
}

static void value_add(struct value *to, const struct value *v)
{
	if (to->kind != VALUE_INTEGER)
		return;
	if (to->show == v->show &&
	    (ctype_same(to->type, v->type) || (is_pointer(to) && is_pointer(v))))
		return;
	to->show = SHOW_AS_TYPE;
	to->bits = 0;
	to->type = ctype_integer(8, to->type->is_signed || v->type->is_signed);
}

struct value *alike_add(struct arena *arena, struct value *all, const struct action *a)
{
	size_t count = a->keys + a->has_number;

	if (!all) {
		all = arena_alloc(arena, (count + 1) * sizeof(*all));
		memcpy(all, a->values, count * sizeof(*all));
	}
	for (size_t i = 0; i < count; i++)
		value_add(&all[i], &a->values[i]);
	return all;
}
