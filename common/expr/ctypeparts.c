// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is in a type of BTF: members, parameters. */
#include <stddef.h>
#include <string.h>

#include "expr/ctypesource.h"
#include "probe/near.h"

#define MEMBERS_MAX (1 << 16) /* looked at for a name: in damaged BTF a struct may hold itself */

/* --- members -------------------------------------------------------------------------------- */

/* The struct or union in BTF, or NULL: it is none, or nobody has its members. */
static const struct btf_type *raw_record(const struct ctype *type)
{
	if ((type->kind != CTYPE_STRUCT && type->kind != CTYPE_UNION) || type->is_incomplete)
		return NULL;
	return raw_type(type->source, type->id);
}

/* Where and how wide it is. Before kind_flag the width of a bitfield lay in its int. */
static void member_place(const struct btf_type *t, unsigned int index, struct ctype_member *m)
{
	const struct btf_type *raw;

	m->bit_offset = btf_member_bit_offset(t, index);
	m->bits = btf_member_bitfield_size(t, index);
	if (!btf_kflag(t) && m->type->kind == CTYPE_INT && m->type->source) {
		raw = raw_type(m->type->source, m->type->id);
		if (btf_int_bits(raw) != m->type->size * 8 || btf_int_offset(raw)) {
			m->bit_offset += btf_int_offset(raw);
			m->bits = btf_int_bits(raw);
		}
	}
	if (m->bits && (!ctype_is_integer(m->type) || m->bits > m->type->size * 8)) {
		m->type = &ctype_void;
		m->bits = 0;
	}
}

bool ctype_member(const struct ctype *type, unsigned int index, struct ctype_member *m)
{
	const struct btf_type *t;

	type = ctype_complete(type);
	t = raw_record(type);
	if (!t || index >= btf_vlen(t))
		return false;
	m->name = string_at(type->source, btf_members(t)[index].name_off);
	m->type = ctype_by_id(type->source, btf_members(t)[index].type);
	member_place(t, index, m);
	return true;
}

struct search {
	const char *name;  /* or NULL: offer all to near */
	struct near *near;
	struct ctype_member *found;
	unsigned int depth, looked;
};

static bool member_search(struct search *s, const struct ctype *type, uint64_t bit_offset)
{
	const struct btf_type *t = raw_record(type);
	struct ctype_member inner;
	const char *name;

	for (int i = 0; t && i < btf_vlen(t) && s->looked++ < MEMBERS_MAX; i++) {
		name = string_at(type->source, btf_members(t)[i].name_off);
		if (*name && !s->name) {
			near_offer(s->near, name);
		} else if (*name && !strcmp(name, s->name)) {
			ctype_member(type, i, s->found);
			s->found->bit_offset += bit_offset;
			return true;
		}
		if (*name || s->depth == DEPTH_MAX)
			continue;
		ctype_member(type, i, &inner);
		s->depth++;
		if (member_search(s, inner.type, bit_offset + inner.bit_offset))
			return true;
		s->depth--;
	}
	return false;
}

bool ctype_member_find(const struct ctype *type, const char *name, struct ctype_member *m)
{
	struct search s = { .name = name, .found = m };

	return *name && member_search(&s, ctype_complete(type), 0);
}

void ctype_member_near(const struct ctype *type, struct near *near)
{
	struct search s = { .near = near };

	member_search(&s, ctype_complete(type), 0);
}

/* --- parameters ----------------------------------------------------------------------------- */

/* A last parameter without type and name stands for "...". */
static bool param_is_rest(const struct btf_type *t, unsigned int index)
{
	return index + 1 == btf_vlen(t) && !btf_params(t)[index].type &&
	       !btf_params(t)[index].name_off;
}

bool ctype_param(const struct ctype *type, unsigned int index, struct ctype_param *p)
{
	const struct btf_type *t;

	if (type->kind != CTYPE_FUNCTION)
		return false;
	t = raw_type(type->source, type->id);
	if (index >= btf_vlen(t) || param_is_rest(t, index))
		return false;
	p->name = string_at(type->source, btf_params(t)[index].name_off);
	p->type = ctype_by_id(type->source, btf_params(t)[index].type);
	return true;
}

bool ctype_is_variadic(const struct ctype *type)
{
	const struct btf_type *t;

	if (type->kind != CTYPE_FUNCTION)
		return false;
	t = raw_type(type->source, type->id);
	return btf_vlen(t) && param_is_rest(t, btf_vlen(t) - 1);
}

bool ctype_function_param(const struct ctype_function *f, unsigned int index,
			  struct ctype_param *p)
{
	return ctype_param(f->type, index + f->hidden, p);
}
