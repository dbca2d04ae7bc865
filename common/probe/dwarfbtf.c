// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Two steps. walk_*() looks over what stands at the top of each unit: it notes the definitions of
 * structs, for who has just a declaration, and what the caller asked for. Then types are made, in
 * the order in which they are first mentioned: an item becomes one type of BTF, whose id is known
 * from its place among them. So types that mention each other need no second look,
 * nothing is recursive, and what is left out of too many types is what is farthest away.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "expr/ctype.h"
#include "probe/dwarf.h"
#include "probe/dwarfbtf.h"
#include "probe/dwarfdie.h"
#include "probe/dwarfitems.h"
#include "probe/dwarfpassing.h"
#include "strbuf.h"

#define NAMESPACES_MOST 32
#define DIMENSIONS_MOST 16

/* What was asked for, and where it is: definitions rather than declarations. */
enum { FOUND_FUNCTION, FOUND_TAG, FOUND_NAME, FOUND_CONSTANT, FOUND_KINDS };

struct wanted {
	const struct dwarf_name *is;
	bool has_namesake; /* functions: another one, elsewhere, is wanted, too */
	Dwarf_Die found[FOUND_KINDS];
	unsigned char rank[FOUND_KINDS]; /* 1: a declaration; 2: a definition; 3: it begins there */
};

struct making {
	struct btf *btf;
	struct dwarf_items items;
	size_t done; /* of them */
	struct dwarf_definitions definitions;
	struct wanted *wanted, **by_address; /* both sorted; those that have one */
	size_t wanted_count, address_count;
};

/* --- types ----------------------------------------------------------------------------------- */

static int part_id(struct making *m, Dwarf_Die *die, enum dwarf_part part)
{
	struct dwarf_item item = { .die = dwarf_definition_of(&m->definitions, die), .part = part };

	return dwarf_item_id(&m->items, &item);
}

static int type_id(struct making *m, Dwarf_Die *die)
{
	return part_id(m, die, DWARF_TYPE);
}

static int type_of(struct making *m, Dwarf_Die *die)
{
	Dwarf_Die type;

	return die_type(die, &type) ? type_id(m, &type) : 0;
}

/* A parameter's or, of the function itself, the result's type. */
static int passed_type(struct making *m, Dwarf_Die *function, Dwarf_Die *die)
{
	enum dwarf_part part;
	Dwarf_Die type;

	if (!die_type(die, &type))
		return 0;
	part = dwarf_passing(&m->definitions, function, &type);
	if (part == DWARF_ADDRESS && die == function)
		part = DWARF_IN_MEMORY;
	/* Of classes with virtual bases: some of the copies of a constructor do not have it. */
	if (!strcmp(die_name(die), "__in_chrg"))
		part = DWARF_SOMEHOW;
	return part_id(m, &type, part);
}

/* What C has no word for: nothing is known but how large it is. */
static int opaque_make(struct making *m, Dwarf_Die *die)
{
	uint64_t size = die_number(die, DW_AT_byte_size, 0);

	return btf__add_struct(m->btf, die_name(die), size > INT32_MAX ? 0 : size);
}

static int base_make(struct making *m, Dwarf_Die *die)
{
	uint64_t size = die_number(die, DW_AT_byte_size, 0);
	const char *name = die_name(die);

	if (size > 16)
		return opaque_make(m, die);
	switch (die_number(die, DW_AT_encoding, 0)) {
	case DW_ATE_boolean:
		return btf__add_int(m->btf, name, size, BTF_INT_BOOL);
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		return btf__add_int(m->btf, name, size, BTF_INT_SIGNED);
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		return btf__add_int(m->btf, name, size, 0);
	case DW_ATE_float:
		return btf__add_float(m->btf, name, size);
	default:
		return opaque_make(m, die);
	}
}

/* DWARF 2 has a small program instead of a number. */
static bool member_bytes(Dwarf_Die *die, uint64_t *bytes)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t count;

	*bytes = 0;
	if (!dw.dwarf_attr_integrate(die, DW_AT_data_member_location, &attr) ||
	    !dw.dwarf_formudata(&attr, bytes))
		return true;
	if (dw.dwarf_getlocation(&attr, &ops, &count) || count != 1 ||
	    ops[0].atom != DW_OP_plus_uconst)
		return false;
	*bytes = ops[0].number;
	return true;
}

/* Counted from the unit of storage's upper end, before DWARF 4. */
static bool member_place(Dwarf_Die *die, uint64_t *bit, uint64_t *bits)
{
	uint64_t storage, upper, bytes;
	Dwarf_Die type;

	*bits = die_number(die, DW_AT_bit_size, 0);
	if (*bits && dw.dwarf_hasattr(die, DW_AT_data_bit_offset)) {
		*bit = die_number(die, DW_AT_data_bit_offset, 0);
		return true;
	}
	if (!member_bytes(die, &bytes) || bytes > INT32_MAX / 8)
		return false;
	*bit = bytes * 8;
	if (!*bits || !dw.dwarf_hasattr(die, DW_AT_bit_offset))
		return true;
	upper = die_number(die, DW_AT_bit_offset, 0);
	storage = die_number(die, DW_AT_byte_size, 0);
	type = *die;
	for (int i = 0; !storage && i < DIE_CHAIN && die_ref(&type, DW_AT_type, &type); i++)
		storage = die_number(&type, DW_AT_byte_size, 0);
	*bit += storage * 8 - upper - *bits;
	return true;
}

/* A base class is an anonymous member. */
static void member_make(struct making *m, Dwarf_Die *die)
{
	bool is_base = dw.dwarf_tag(die) == DW_TAG_inheritance;
	uint64_t bit, bits;

	/* C++'s static members are elsewhere. */
	if (die_is_declaration(die) || !member_place(die, &bit, &bits) || bit > INT32_MAX ||
	    bits > UINT8_MAX)
		return;
	btf__add_field(m->btf, is_base ? "" : die_name(die), type_of(m, die), bit, bits);
}

static int struct_make(struct making *m, Dwarf_Die *die)
{
	bool is_union = dw.dwarf_tag(die) == DW_TAG_union_type;
	uint64_t size = die_number(die, DW_AT_byte_size, 0);
	Dwarf_Die child;
	int id;

	if (die_is_declaration(die) && *die_name(die))
		return btf__add_fwd(m->btf, die_name(die), is_union ? BTF_FWD_UNION :
								      BTF_FWD_STRUCT);
	if (size > INT32_MAX)
		return -EINVAL;
	id = is_union ? btf__add_union(m->btf, die_name(die), size) :
			btf__add_struct(m->btf, die_name(die), size);
	for (bool more = id > 0 && die_first(die, &child); more; more = die_next(&child)) {
		int tag = dw.dwarf_tag(&child);

		if (tag == DW_TAG_member || tag == DW_TAG_inheritance)
			member_make(m, &child);
	}
	return id;
}

static bool enum_is_signed(Dwarf_Die *die)
{
	uint64_t encoding = die_number(die, DW_AT_encoding, DW_ATE_unsigned);
	Dwarf_Die type;

	if (die_ref(die, DW_AT_type, &type))
		encoding = die_number(&type, DW_AT_encoding, encoding);
	return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

/* In enums of 32 bits a negative value is what says that there is a sign. */
static int enum_make(struct making *m, Dwarf_Die *die)
{
	uint64_t size = die_number(die, DW_AT_byte_size, 4);
	bool is_wide = size > 4;
	Dwarf_Die child;
	int id;

	if (die_is_declaration(die))
		return opaque_make(m, die);
	id = is_wide ? btf__add_enum64(m->btf, die_name(die), size, enum_is_signed(die)) :
		       btf__add_enum(m->btf, die_name(die), size);
	for (bool more = id > 0 && die_first(die, &child); more; more = die_next(&child)) {
		uint64_t value = die_number(&child, DW_AT_const_value, 0);

		if (dw.dwarf_tag(&child) != DW_TAG_enumerator)
			continue;
		if (is_wide)
			btf__add_enum64_value(m->btf, die_name(&child), value);
		else
			btf__add_enum_value(m->btf, die_name(&child), value);
	}
	return id;
}

/* Elements of each dimension, 0: not known. Returns their number. */
static unsigned int dimensions_read(Dwarf_Die *die, uint32_t counts[DIMENSIONS_MOST])
{
	unsigned int n = 0;
	Dwarf_Die child;

	counts[0] = 0;
	for (bool more = die_first(die, &child); more && n < DIMENSIONS_MOST;
	     more = die_next(&child)) {
		uint64_t count;

		if (dw.dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		count = die_number(&child, DW_AT_upper_bound, -1) + 1;
		count -= die_number(&child, DW_AT_lower_bound, 0);
		count = die_number(&child, DW_AT_count, count);
		counts[n++] = count > INT32_MAX ? 0 : count;
	}
	return n;
}

static int array_make(struct making *m, struct dwarf_item *item)
{
	struct dwarf_item inner = *item;
	uint32_t counts[DIMENSIONS_MOST];
	unsigned int n = dimensions_read(&item->die, counts);
	int element;

	inner.dimension++;
	element = inner.dimension < n ? dwarf_item_id(&m->items, &inner) : type_of(m, &item->die);
	return btf__add_array(m->btf, 1, element, counts[item->dimension]);
}

static int prototype_make(struct making *m, Dwarf_Die *die)
{
	int id = btf__add_func_proto(m->btf, passed_type(m, die, die));
	Dwarf_Die child;

	for (bool more = id > 0 && die_first(die, &child); more; more = die_next(&child)) {
		int tag = dw.dwarf_tag(&child);

		if (tag == DW_TAG_formal_parameter)
			btf__add_func_param(m->btf, die_name(&child), passed_type(m, die, &child));
		else if (tag == DW_TAG_unspecified_parameters)
			btf__add_func_param(m->btf, "", 0);
	}
	return id;
}

static int type_make(struct making *m, struct dwarf_item *item)
{
	Dwarf_Die *die = &item->die;

	switch (dw.dwarf_tag(die)) {
	case DW_TAG_base_type:
		return base_make(m, die);
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return btf__add_ptr(m->btf, type_of(m, die));
	case DW_TAG_typedef:
	case DW_TAG_template_alias:
		return btf__add_typedef(m->btf, die_name(die), type_of(m, die));
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		return struct_make(m, die);
	case DW_TAG_enumeration_type:
		return enum_make(m, die);
	case DW_TAG_array_type:
		if (item->part == DWARF_TYPE && !item->dimension &&
		    dw.dwarf_hasattr(die, DW_AT_GNU_vector))
			return btf__add_type_tag(m->btf, CTYPE_TAG_UNKNOWN,
						 part_id(m, die, DWARF_VECTOR));
		return array_make(m, item);
	case DW_TAG_subroutine_type:
		return prototype_make(m, die);
	default:
		return opaque_make(m, die);
	}
}

static int item_make(struct making *m, struct dwarf_item *item)
{
	struct dwarf_item prototype = { .part = DWARF_PROTOTYPE };

	switch (item->part) {
	case DWARF_TYPE:
	case DWARF_VECTOR:
		return type_make(m, item);
	case DWARF_ADDRESS:
		return btf__add_ptr(m->btf, type_id(m, &item->die));
	case DWARF_IN_MEMORY:
		return btf__add_type_tag(m->btf, CTYPE_TAG_BY_ADDRESS, type_id(m, &item->die));
	case DWARF_SOMEHOW:
		return btf__add_type_tag(m->btf, CTYPE_TAG_UNKNOWN, type_id(m, &item->die));
	case DWARF_PROTOTYPE:
		return prototype_make(m, &item->die);
	case DWARF_FUNCTION:
		break;
	}
	/* Of what is inlined somewhere, too, a copy may lack parameters. */
	if (!die_ref(&item->die, DW_AT_abstract_origin, &prototype.die))
		prototype.die = item->die;
	return btf__add_func(m->btf, item->name, BTF_FUNC_GLOBAL,
			     dwarf_item_id(&m->items, &prototype));
}

static int items_make(struct making *m)
{
	while (m->done < m->items.count) {
		struct dwarf_item item = m->items.list[m->done++];
		int id = item_make(m, &item);

		if (id < 0)
			id = btf__add_struct(m->btf, "", 0); /* in its place: ids have to fit */
		if (id != (int)m->done + 1)
			return id < 0 ? id : -EBADMSG;
	}
	return 0;
}

/* --- what is asked for ------------------------------------------------------------------------ */

static void wanted_set(struct wanted *w, Dwarf_Die *die, int kind, int rank)
{
	if (w->rank[kind] >= rank)
		return;
	w->found[kind] = *die;
	w->rank[kind] = rank;
}

/* The first one of a name; others follow. */
static struct wanted *wanted_named(struct making *m, const char *name)
{
	size_t low = 0, high = m->wanted_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(m->wanted[middle].is->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return &m->wanted[low];
}

/* begin: of a function, where this one is; else 0. */
static void found(struct making *m, Dwarf_Die *die, const char *name, int kind, int rank,
		  uint64_t begin)
{
	const struct wanted *end = m->wanted + m->wanted_count;

	for (struct wanted *w = wanted_named(m, name); w < end && !strcmp(w->is->name, name); w++) {
		if (w->is->is_function != (kind == FOUND_FUNCTION) || (w->has_namesake && begin))
			continue;
		wanted_set(w, die, kind, rank);
	}
}

static void constants_find(struct making *m, Dwarf_Die *die)
{
	Dwarf_Die child;

	for (bool more = die_first(die, &child); more; more = die_next(&child))
		found(m, die, die_name(&child), FOUND_CONSTANT, 2, 0);
}

/* By its names, and rather by where it begins: malloc() of glibc is called __libc_malloc there, and an
 * old version of a function can have its name. */
static void function_find(struct making *m, Dwarf_Die *die, int rank)
{
	Dwarf_Attribute attr;
	const char *linkage = dw.dwarf_formstring(
		dw.dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	uint64_t begin = m->address_count ? die_begin(die) : 0;
	size_t low = 0, high = m->address_count;

	found(m, die, die_name(die), FOUND_FUNCTION, rank, begin);
	if (linkage)
		found(m, die, linkage, FOUND_FUNCTION, rank, begin);
	while (begin && low < high) {
		size_t middle = (low + high) / 2;

		if (m->by_address[middle]->is->address < begin)
			low = middle + 1;
		else
			high = middle;
	}
	for (; begin && low < m->address_count && m->by_address[low]->is->address == begin; low++)
		wanted_set(m->by_address[low], die, FOUND_FUNCTION, 3);
}

static void walk_children(struct making *m, Dwarf_Die *parent, int depth);

static void walk_die(struct making *m, Dwarf_Die *die, int depth)
{
	int tag = dw.dwarf_tag(die), rank = die_is_declaration(die) ? 1 : 2;

	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_module:
		if (depth < NAMESPACES_MOST)
			walk_children(m, die, depth + 1);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		found(m, die, die_name(die), FOUND_TAG, rank, 0);
		if (rank == 2 && *die_name(die))
			dwarf_definition_add(&m->definitions, die, die_name(die));
		if (tag == DW_TAG_enumeration_type)
			constants_find(m, die);
		break;
	case DW_TAG_typedef:
	case DW_TAG_template_alias:
	case DW_TAG_base_type:
		found(m, die, die_name(die), FOUND_NAME, 2, 0);
		break;
	case DW_TAG_subprogram:
		function_find(m, die, rank);
		break;
	}
}

static void walk_children(struct making *m, Dwarf_Die *parent, int depth)
{
	Dwarf_Die child;

	for (bool more = die_first(parent, &child); more; more = die_next(&child))
		walk_die(m, &child, depth);
}

static void walk_units(struct making *m, Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die top, split;
	uint8_t kind;

	while (!dw.dwarf_get_units(dwarf, unit, &unit, NULL, &kind, &top, &split)) {
		/* An assembler knows of functions just where they are. */
		if (dw.dwarf_srclang(&top) == DW_LANG_Mips_Assembler)
			continue;
		bool elsewhere = kind == DW_UT_skeleton && split.addr; /* in a .dwo file */

		walk_children(m, elsewhere ? &split : &top, 0);
	}
}

static int name_compare(const void *one, const void *two)
{
	const struct dwarf_name *a = ((const struct wanted *)one)->is;
	const struct dwarf_name *b = ((const struct wanted *)two)->is;
	int order = strcmp(a->name, b->name);

	if (!order)
		order = a->is_function - b->is_function;
	return order ? order : (a->address > b->address) - (a->address < b->address);
}

static int address_compare(const void *one, const void *two)
{
	uint64_t a = (*(struct wanted *const *)one)->is->address;
	uint64_t b = (*(struct wanted *const *)two)->is->address;

	return (a > b) - (a < b);
}

static bool namesakes(const struct dwarf_name *a, const struct dwarf_name *b)
{
	return a->is_function && b->is_function && a->address != b->address &&
	       !strcmp(a->name, b->name);
}

static void wanted_start(struct making *m, const struct dwarf_name *names, size_t count)
{
	struct wanted *w = calloc(count + 1, sizeof(*w));
	size_t kept = 0;

	m->wanted = w;
	m->by_address = calloc(count + 1, sizeof(*m->by_address));
	if (!w || !m->by_address)
		diag_no_memory();
	for (size_t i = 0; i < count; i++)
		w[i].is = &names[i];
	qsort(w, count, sizeof(*w), name_compare);
	for (size_t i = 0; i < count; i++) {
		if (!kept || name_compare(&w[kept - 1], &w[i]))
			w[kept++] = w[i];
	}
	m->wanted_count = count = kept;
	for (size_t i = 0; i < count; i++) {
		w[i].has_namesake = (i && namesakes(w[i - 1].is, w[i].is)) ||
				    (i + 1 < count && namesakes(w[i].is, w[i + 1].is));
		if (w[i].is->is_function && w[i].is->address)
			m->by_address[m->address_count++] = &w[i];
	}
	qsort(m->by_address, m->address_count, sizeof(*m->by_address), address_compare);
}

/* "NAME@ADDRESS", if the address is known. */
static void function_make(struct making *m, const struct wanted *w)
{
	struct dwarf_item item = { .die = w->found[FOUND_FUNCTION], .part = DWARF_FUNCTION };
	char *name;

	if (w->is->address) {
		if (asprintf(&name, DWARF_FUNCTION_NAME, (int)strlen(w->is->name), w->is->name,
			     (unsigned long long)w->is->address) < 0)
			diag_no_memory();
		item.name = name;
	} else {
		item.name = w->is->name;
	}
	dwarf_item_id(&m->items, &item);
}

static void wanted_make(struct making *m)
{
	for (size_t i = 0; i < m->wanted_count; i++) {
		struct wanted *w = &m->wanted[i];

		if (w->rank[FOUND_FUNCTION])
			function_make(m, w);
		for (int kind = FOUND_TAG; kind < FOUND_KINDS; kind++) {
			if (w->rank[kind])
				type_id(m, &w->found[kind]);
		}
	}
}

int dwarfbtf_make(int fd, bool relocatable, const struct dwarf_name *names, size_t count,
		  struct strbuf *out)
{
	struct making m = { .btf = btf__new_empty() };
	int err = libdw_load();
	const void *data;
	Dwarf *dwarf;
	__u32 size;

	if (err)
		return err;
	dwarf = libdw_open(fd, relocatable);
	if (!dwarf)
		return -EBADMSG;
	if (!m.btf || btf__add_int(m.btf, "__ARRAY_SIZE_TYPE__", 4, 0) != 1)
		diag_no_memory();
	wanted_start(&m, names, count);
	if (dw.dwarf_getalt(dwarf)) /* what dwz moved out of several files */
		walk_units(&m, dw.dwarf_getalt(dwarf));
	walk_units(&m, dwarf);
	wanted_make(&m);
	err = m.items.count ? items_make(&m) : -ESRCH;
	data = err ? NULL : btf__raw_data(m.btf, &size);
	if (!err && !data)
		diag_no_memory();
	if (!err)
		strbuf_add(out, data, size);
	return err;
}
