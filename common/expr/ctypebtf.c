// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ctype.h's types as they lie in BTF. */
#include <bpf/btf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "expr/ctypesource.h"
#include "probe/near.h"

static const unsigned int space_kinds[SPACES] = {
	[TAGS] = 1 << BTF_KIND_STRUCT | 1 << BTF_KIND_UNION | 1 << BTF_KIND_ENUM |
		 1 << BTF_KIND_ENUM64 | 1 << BTF_KIND_FWD,
	[NAMES] = 1 << BTF_KIND_TYPEDEF | 1 << BTF_KIND_INT | 1 << BTF_KIND_FLOAT,
	[FUNCTIONS] = 1 << BTF_KIND_FUNC,
	[CONSTANTS] = 1 << BTF_KIND_ENUM | 1 << BTF_KIND_ENUM64,
};

/* Of the kernel's 56,000 functions one is found in 0.7 ms, and a hash made in 2.8: it is made when
 * it is clear that many will be asked for. */
#define SCANS 4

/* --- BTF -------------------------------------------------------------------------------------- */

/* The bytes of a type behind its struct btf_type, or -EINVAL for a kind that came later. */
static int kind_size(const struct btf_type *t)
{
	static const struct {
		bool known;
		unsigned char fixed, each;
	} sizes[] = {
		[BTF_KIND_INT] = { true, 4 },
		[BTF_KIND_PTR] = { true },
		[BTF_KIND_ARRAY] = { true, sizeof(struct btf_array) },
		[BTF_KIND_STRUCT] = { true, 0, sizeof(struct btf_member) },
		[BTF_KIND_UNION] = { true, 0, sizeof(struct btf_member) },
		[BTF_KIND_ENUM] = { true, 0, sizeof(struct btf_enum) },
		[BTF_KIND_FWD] = { true },
		[BTF_KIND_TYPEDEF] = { true },
		[BTF_KIND_VOLATILE] = { true },
		[BTF_KIND_CONST] = { true },
		[BTF_KIND_RESTRICT] = { true },
		[BTF_KIND_FUNC] = { true },
		[BTF_KIND_FUNC_PROTO] = { true, 0, sizeof(struct btf_param) },
		[BTF_KIND_VAR] = { true, sizeof(struct btf_var) },
		[BTF_KIND_DATASEC] = { true, 0, sizeof(struct btf_var_secinfo) },
		[BTF_KIND_FLOAT] = { true },
		[BTF_KIND_DECL_TAG] = { true, sizeof(struct btf_decl_tag) },
		[BTF_KIND_TYPE_TAG] = { true },
		[BTF_KIND_ENUM64] = { true, 0, sizeof(struct btf_enum64) },
	};
	unsigned int kind = btf_kind(t);

	if (kind >= sizeof(sizes) / sizeof(*sizes) || !sizes[kind].known)
		return -EINVAL;
	/* A function's vlen is its linkage. */
	return sizes[kind].fixed + sizes[kind].each * btf_vlen(t);
}

static int index_types(struct ctype_source *s, __u32 size)
{
	__u32 at = 0;

	s->at = malloc((size / sizeof(struct btf_type) + 1) * sizeof(*s->at));
	if (!s->at)
		diag_no_memory();
	while (size - at >= sizeof(struct btf_type)) {
		const struct btf_type *t = (const void *)(s->data + at);
		int more = kind_size(t);

		if (more < 0 || (__u32)more > size - at - sizeof(*t))
			return -EINVAL;
		s->signs |= btf_kind(t) == BTF_KIND_ENUM64 || (btf_is_enum(t) && btf_kflag(t));
		s->at[s->count++] = at;
		at += sizeof(*t) + more;
	}
	return at == size ? 0 : -EINVAL;
}

static int index_data(struct ctype_source *s, const char *data, size_t size)
{
	const struct btf_header *h = (const void *)data;
	size_t least = offsetof(struct btf_header, str_len) + sizeof(h->str_len);

	/* Later kernels' headers are longer. */
	if (size < least || h->magic != BTF_MAGIC || h->hdr_len > size || h->hdr_len < least)
		return -EINVAL;
	data += h->hdr_len;
	size -= h->hdr_len;
	if (h->hdr_len % 4 || h->type_off % 4 || (size_t)h->type_off + h->type_len > size ||
	    (size_t)h->str_off + h->str_len > size || !h->str_len ||
	    data[h->str_off + h->str_len - 1])
		return -EINVAL;
	s->data = data + h->type_off;
	s->strings = data + h->str_off;
	s->strings_size = h->str_len;
	if (s->base) {
		s->first = s->base->first + s->base->count;
		s->strings_first = s->base->strings_first + s->base->strings_size;
		s->signs = s->base->signs;
	} else {
		s->first = 1; /* 0 is void */
	}
	return index_types(s, h->type_len);
}

static void source_settle(struct ctype_source *s)
{
	for (int i = 0; i < SPACES; i++) {
		free(s->names[i].list);
		free(s->names[i].bucket);
		s->names[i] = (struct names){};
	}
	free(s->at);
	free(s->made);
	s->at = NULL;
	s->made = NULL;
	s->count = s->strings_size = 0;
}

static void source_free(struct ctype_source *s)
{
	source_settle(s);
	free(s);
}

struct ctype_source *ctypes_add(struct ctypes *types, const void *data, size_t size,
				struct ctype_source *base)
{
	struct ctype_source *s = calloc(1, sizeof(*s));

	if (!s)
		diag_no_memory();
	s->set = types;
	s->base = base;
	if (index_data(s, data, size)) {
		source_free(s);
		return NULL;
	}
	s->made = calloc(s->count + 1, sizeof(*s->made));
	if (!s->made)
		diag_no_memory();
	if (!types->first)
		types->last = &types->first;
	*types->last = s;
	types->last = &s->next;
	return s;
}

void ctypes_settle(struct ctypes *types)
{
	for (struct ctype_source *s = types->first; s; s = s->next)
		source_settle(s);
}

void ctypes_free(struct ctypes *types)
{
	struct ctype_source *s = types->first, *next;

	for (; s; s = next) {
		next = s->next;
		source_free(s);
	}
	arena_free(&types->arena);
	*types = (struct ctypes){};
}

/* --- names ------------------------------------------------------------------------------------ */

/* Eight bytes at a time: byte by byte it would be most of what a start takes. */
static __u32 name_hash(const char *name)
{
	const __u64 factor = 0x9e3779b97f4a7c15u;
	size_t size = strlen(name);
	__u64 hash = size, word;

	for (; size >= sizeof(word); size -= sizeof(word), name += sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		hash = (hash ^ word) * factor;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, name, size);
	hash = (hash ^ word) * factor;
	return hash >> 32;
}

static __u32 enum_name(const struct btf_type *t, __u32 item)
{
	return btf_is_enum(t) ? btf_enum(t)[item].name_off : btf_enum64(t)[item].name_off;
}

static const char *named_name(const struct ctype_source *s, enum name_space space,
			      const struct named *n)
{
	const struct btf_type *t = raw_type(s, n->id);

	return string_at(s, space == CONSTANTS ? enum_name(t, n->item) : t->name_off);
}

/* On to the next that has a name, in the file's order. */
static bool named_next(const struct ctype_source *s, enum name_space space, struct named *n)
{
	const struct btf_type *t;

	if (n->id && space == CONSTANTS && n->item + 1 < btf_vlen(raw_type(s, n->id))) {
		n->item++;
		return true;
	}
	n->item = 0;
	for (n->id = n->id ? n->id + 1 : s->first; n->id < s->first + s->count; n->id++) {
		t = raw_type(s, n->id);
		if (space_kinds[space] >> btf_kind(t) & 1 &&
		    (space == CONSTANTS ? btf_vlen(t) : t->name_off))
			return true;
	}
	return false;
}

static void names_make(struct ctype_source *s, enum name_space space)
{
	struct names *names = &s->names[space];
	struct named n = {};
	__u32 buckets = 64;

	while (named_next(s, space, &n))
		names->count++;
	while (buckets < names->count)
		buckets *= 2;
	names->mask = buckets - 1;
	names->bucket = calloc(buckets, sizeof(*names->bucket));
	names->list = malloc((names->count + 1) * sizeof(*names->list));
	if (!names->bucket || !names->list)
		diag_no_memory();
	n = (struct named){};
	for (__u32 i = 1; named_next(s, space, &n); i++)
		names->list[i] = n;
	for (__u32 i = names->count; i > 0; i--) { /* so that the first is found first */
		__u32 *b = &names->bucket[name_hash(named_name(s, space, &names->list[i])) &
					  names->mask];

		names->list[i].next = *b;
		*b = i;
	}
}

/* All of a name, one after the other. */
struct lookup {
	enum name_space space;
	const char *name;
	struct named at;
	bool begun, scans;
};

static bool lookup_next(struct ctype_source *s, struct lookup *l)
{
	struct names *names = &s->names[l->space];

	if (!l->begun) {
		l->begun = true;
		l->scans = !names->list && ++names->asked <= SCANS;
		if (!l->scans && !names->list)
			names_make(s, l->space);
		if (!l->scans)
			l->at.next = names->bucket[name_hash(l->name) & names->mask];
	}
	while (l->scans ? named_next(s, l->space, &l->at) : l->at.next) {
		if (!l->scans)
			l->at = names->list[l->at.next];
		if (!strcmp(named_name(s, l->space, &l->at), l->name))
			return true;
	}
	return false;
}

/* --- making types ----------------------------------------------------------------------------- */

static const struct ctype *type_new(struct ctypes *types, const struct ctype *from)
{
	struct ctype *type = arena_alloc(&types->arena, sizeof(*type));

	*type = *from;
	return type;
}

static bool is_register_size(__u32 size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static const struct ctype *make_int(struct ctype_source *s, const struct btf_type *t,
				    struct ctype *type)
{
	const struct ctype *basic;

	if (!is_register_size(t->size) && t->size != 16)
		return &ctype_void;
	/* "long unsigned int", as DWARF has it, is written otherwise. */
	basic = ctype_basic(type->name ? type->name : "");
	if (basic && basic->size == t->size)
		type->name = basic->name;
	type->kind = CTYPE_INT;
	type->size = t->size;
	type->is_signed = btf_int_encoding(t) & BTF_INT_SIGNED;
	type->is_bool = btf_int_encoding(t) & BTF_INT_BOOL;
	type->is_char = t->size == 1 && type->name && !strcmp(type->name, "char");
	return type_new(s->set, type);
}

/* Whether -1 and the like are in it. BTF of old compilers does not say which enums are signed;
 * there small negative numbers are taken for such, and others for flags in the highest bit. */
static bool enum_is_signed(const struct ctype_source *s, const struct btf_type *t)
{
	if (s->signs || btf_is_enum64(t))
		return btf_kflag(t);
	for (int i = 0; i < btf_vlen(t); i++) {
		if (btf_enum(t)[i].val < 0 && btf_enum(t)[i].val >= -4096)
			return true;
	}
	return false;
}

static const struct ctype *make_enum(struct ctype_source *s, const struct btf_type *t,
				     struct ctype *type)
{
	if (!is_register_size(t->size))
		return &ctype_void;
	type->kind = CTYPE_ENUM;
	type->size = t->size;
	type->is_signed = enum_is_signed(s, t);
	return type_new(s->set, type);
}

static const struct ctype *make_pointer(struct ctype_source *s, const struct btf_type *t,
					struct ctype *type)
{
	struct ctype_source *in = s;
	__u32 id = t->type;

	for (int i = 0; i < DEPTH_MAX && id && id < in->first + in->count; i++) {
		const char *tag;

		while (id < in->first)
			in = in->base;
		t = raw_type(in, id);
		if (!btf_is_type_tag(t) && !btf_is_mod(t))
			break;
		tag = btf_is_type_tag(t) ? string_at(in, t->name_off) : "";
		type->is_user |= !strcmp(tag, "user");
		type->is_percpu |= !strcmp(tag, "percpu");
		id = t->type;
	}
	type->kind = CTYPE_POINTER;
	type->size = 8;
	type->target = ctype_by_id(in, id);
	return type_new(s->set, type);
}

static const struct ctype *make_array(struct ctype_source *s, const struct btf_type *t,
				      struct ctype *type)
{
	const struct btf_array *a = btf_array(t);

	type->kind = CTYPE_ARRAY;
	type->count = a->nelems;
	type->target = ctype_by_id(s, a->type);
	if (type->target->kind == CTYPE_VOID || type->target->kind == CTYPE_FUNCTION ||
	    __builtin_mul_overflow(type->target->size, (uint64_t)a->nelems, &type->size))
		return &ctype_void;
	return type_new(s->set, type);
}

static const struct ctype *make_record(struct ctype_source *s, const struct btf_type *t,
				       struct ctype *type)
{
	bool is_union = btf_is_union(t) || (btf_is_fwd(t) && btf_kflag(t));

	type->kind = is_union ? CTYPE_UNION : CTYPE_STRUCT;
	type->is_incomplete = btf_is_fwd(t);
	type->size = btf_is_fwd(t) ? 0 : t->size;
	return type_new(s->set, type);
}

static const struct ctype *make_typedef(struct ctype_source *s, const struct btf_type *t,
					const struct ctype *named)
{
	struct ctype type = *ctype_by_id(s, t->type);

	type.alias = named->name;
	return type_new(s->set, &type);
}

/* Tags of pointers' targets are the pointers': make_pointer(). */
static const struct ctype *make_tagged(struct ctype_source *s, const struct btf_type *t,
				       const char *tag)
{
	struct ctype type = *ctype_by_id(s, t->type);

	if (!strcmp(tag, CTYPE_TAG_BY_ADDRESS))
		type.passing = CTYPE_PASSED_BY_ADDRESS;
	else if (!strcmp(tag, CTYPE_TAG_UNKNOWN))
		type.passing = CTYPE_PASSED_SOMEHOW;
	else
		return ctype_by_id(s, t->type);
	return type_new(s->set, &type);
}

static const struct ctype *make(struct ctype_source *s, __u32 id)
{
	const struct btf_type *t = raw_type(s, id);
	const char *name = string_at(s, t->name_off);
	struct ctype type = { .name = *name ? name : NULL, .source = s, .id = id };

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return make_int(s, t, &type);
	case BTF_KIND_FLOAT:
		type.kind = CTYPE_FLOAT;
		type.size = t->size;
		return type_new(s->set, &type);
	case BTF_KIND_PTR:
		return make_pointer(s, t, &type);
	case BTF_KIND_ARRAY:
		return make_array(s, t, &type);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_FWD:
		return make_record(s, t, &type);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return make_enum(s, t, &type);
	case BTF_KIND_TYPEDEF:
		return make_typedef(s, t, &type);
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
		return ctype_by_id(s, t->type);
	case BTF_KIND_TYPE_TAG:
		return make_tagged(s, t, name);
	case BTF_KIND_FUNC_PROTO:
		type.kind = CTYPE_FUNCTION;
		type.target = ctype_by_id(s, t->type);
		return type_new(s->set, &type);
	default: /* names for something else than a type */
		return &ctype_void;
	}
}

/* The type of an id. One that leads back to itself without a struct in between is void. */
const struct ctype *ctype_by_id(struct ctype_source *s, __u32 id)
{
	const struct ctype **made;

	if (!id || id >= s->first + s->count)
		return &ctype_void;
	while (id < s->first)
		s = s->base;
	made = &s->made[id - s->first];
	if (*made)
		return *made;
	if (s->set->depth == DEPTH_MAX)
		return &ctype_void;
	*made = &ctype_void;
	s->set->depth++;
	*made = make(s, id);
	s->set->depth--;
	return *made;
}

/* --- by name ---------------------------------------------------------------------------------- */

static const struct ctype *source_tag(struct ctype_source *s, enum ctype_kind kind,
				      const char *name)
{
	const struct ctype *declared = NULL, *type;
	struct lookup l = { .space = TAGS, .name = name };

	while (lookup_next(s, &l)) {
		type = ctype_by_id(s, l.at.id);
		if (type->kind == kind && !type->is_incomplete)
			return type;
		if (type->kind == kind && !declared)
			declared = type;
	}
	return declared;
}

const struct ctype *ctypes_tag(struct ctypes *types, enum ctype_kind kind, const char *name)
{
	const struct ctype *declared = NULL, *type;

	for (struct ctype_source *s = types->first; s; s = s->next) {
		type = source_tag(s, kind, name);
		if (type && !type->is_incomplete)
			return type;
		if (!declared)
			declared = type;
	}
	return declared;
}

const struct ctype *ctypes_named(struct ctypes *types, const char *name)
{
	const struct ctype *basic = ctype_basic(name);

	for (struct ctype_source *s = types->first; s && !basic; s = s->next) {
		struct lookup l = { .space = NAMES, .name = name };

		if (lookup_next(s, &l))
			return ctype_by_id(s, l.at.id);
	}
	return basic;
}

int ctypes_function(struct ctypes *types, const char *name, struct ctype_function *f)
{
	for (struct ctype_source *s = types->first; s; s = s->next) {
		struct lookup l = { .space = FUNCTIONS, .name = name };

		if (s == types->foreign)
			continue;
		while (lookup_next(s, &l)) {
			const struct btf_type *t = raw_type(s, l.at.id);
			const struct ctype *type = ctype_by_id(s, t->type);

			if (type->kind != CTYPE_FUNCTION)
				continue;
			*f = (struct ctype_function){
				.name = string_at(s, t->name_off), .type = type, .id = l.at.id,
			};
			return 0;
		}
	}
	return -ENOENT;
}

static bool same_params(const struct ctype *a, const struct ctype *b)
{
	struct ctype_param of_a, of_b;
	unsigned int i = 0;

	for (; ctype_param(a, i, &of_a); i++) {
		if (!ctype_param(b, i, &of_b) || !ctype_same(of_a.type, of_b.type))
			return false;
	}
	return !ctype_param(b, i, &of_b);
}

/* The typedef's parameters have no names; the functions that the kernel makes of the same list
 * have them (include/linux/tracepoint.h): of 6.4, and of 5.10. */
static const struct ctype *tracepoint_names(struct ctypes *types, const char *name,
					    const struct ctype *type)
{
	static const char *const made[] = { "__probestub_", "__traceiter_" };
	struct ctype_function f;
	char wanted[256];

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		snprintf(wanted, sizeof(wanted), "%s%s", made[i], name);
		if (!ctypes_function(types, wanted, &f) && same_params(f.type, type))
			return f.type;
	}
	return type;
}

int ctypes_tracepoint(struct ctypes *types, const char *name, struct ctype_function *f)
{
	const struct ctype *type;
	char wanted[256];
	int size = snprintf(wanted, sizeof(wanted), "btf_trace_%s", name);

	type = size < (int)sizeof(wanted) ? ctypes_named(types, wanted) : NULL;
	if (!type || type->kind != CTYPE_POINTER || type->target->kind != CTYPE_FUNCTION)
		return -ENOENT;
	*f = (struct ctype_function){
		.name = type->alias + strlen("btf_trace_"),
		.type = tracepoint_names(types, name, type->target),
		.hidden = 1,
	};
	return 0;
}

static void constant_fill(const struct ctype *type, unsigned int item, struct ctype_constant *c)
{
	const struct btf_type *t = raw_type(type->source, type->id);

	*c = (struct ctype_constant){
		.name = string_at(type->source, enum_name(t, item)), .type = type,
	};
	if (btf_is_enum64(t))
		c->value = btf_enum64_value(&btf_enum64(t)[item]);
	else if (type->is_signed)
		c->value = (int64_t)btf_enum(t)[item].val;
	else
		c->value = (__u32)btf_enum(t)[item].val;
	c->is_cut = btf_is_enum(t) && type->size == 8;
}

int ctypes_constant(struct ctypes *types, const char *name, struct ctype_constant *c)
{
	struct ctype_constant other;
	const struct ctype *type;
	bool found = false;

	for (struct ctype_source *s = types->first; s; s = s->next) {
		struct lookup l = { .space = CONSTANTS, .name = name };

		while (lookup_next(s, &l)) {
			type = ctype_by_id(s, l.at.id);
			if (type->kind != CTYPE_ENUM)
				continue;
			constant_fill(type, l.at.item, found ? &other : c);
			if (found)
				c->is_ambiguous |= other.value != c->value;
			found = true;
		}
	}
	return found ? 0 : -ENOENT;
}

static void near_space(struct ctypes *types, enum name_space space, unsigned int kinds,
		       struct near *near)
{
	for (struct ctype_source *s = types->first; s; s = s->next) {
		struct named n = {};

		while (named_next(s, space, &n)) {
			if (kinds >> btf_kind(raw_type(s, n.id)) & 1)
				near_offer(near, named_name(s, space, &n));
		}
	}
}

void ctypes_near(struct ctypes *types, enum ctype_kind kind, struct near *near)
{
	static const struct {
		enum name_space space;
		unsigned int kinds;
	} where[] = {
		[CTYPE_INT] = { NAMES, ~0u },
		[CTYPE_STRUCT] = { TAGS, 1 << BTF_KIND_STRUCT },
		[CTYPE_UNION] = { TAGS, 1 << BTF_KIND_UNION },
		[CTYPE_ENUM] = { TAGS, 1 << BTF_KIND_ENUM | 1 << BTF_KIND_ENUM64 },
		[CTYPE_FUNCTION] = { FUNCTIONS, ~0u },
	};

	near_space(types, where[kind].space, where[kind].kinds, near);
}

void ctypes_near_constant(struct ctypes *types, struct near *near)
{
	near_space(types, CONSTANTS, ~0u, near);
}

/* --- what is in a type ------------------------------------------------------------------------ */

const struct ctype *ctype_complete(const struct ctype *type)
{
	const struct ctype *full;

	if (!type->is_incomplete || !type->name)
		return type;
	for (struct ctype_source *s = type->source; s; s = s->base) {
		full = source_tag(s, type->kind, type->name);
		if (full && !full->is_incomplete)
			return full;
	}
	return type;
}

bool ctype_enumerator(const struct ctype *type, unsigned int index, struct ctype_constant *c)
{
	if (type->kind != CTYPE_ENUM || index >= btf_vlen(raw_type(type->source, type->id)))
		return false;
	constant_fill(type, index, c);
	return true;
}

/* --- made from others ------------------------------------------------------------------------- */

const struct ctype *ctypes_pointer(struct ctypes *types, const struct ctype *target)
{
	return type_new(types, &(struct ctype){ .kind = CTYPE_POINTER, .size = 8,
						.target = target });
}

const struct ctype *ctypes_array(struct ctypes *types, const struct ctype *element,
				 uint32_t count)
{
	struct ctype type = { .kind = CTYPE_ARRAY, .count = count, .target = element };

	if (!ctype_size(element, &type.size) ||
	    __builtin_mul_overflow(type.size, (uint64_t)count, &type.size))
		return NULL;
	return type_new(types, &type);
}

const struct ctype *ctypes_decay(struct ctypes *types, const struct ctype *type)
{
	if (type->kind == CTYPE_ARRAY)
		return ctypes_pointer(types, type->target);
	return type->kind == CTYPE_FUNCTION ? ctypes_pointer(types, type) : type;
}
