// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Two steps. walk_*() looks over what stands at the top of each unit: it notes the definitions of
 * structs, for who has just a declaration, and what the caller asked for. Then types are made, in
 * the order in which they are first mentioned: an entry of the queue becomes one type of BTF, and
 * its place in the queue is the type's id. So types that mention each other need no second look,
 * nothing is recursive, and what is left out of too many types is what is farthest away.
 */
#include <bpf/btf.h>
#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "expr/ctype.h"
#include "probe/dwarfbtf.h"
#include "strbuf.h"

#define TYPES_MOST (1 << 17)
#define ROW_MOST 64 /* qualifiers, typedefs; in damaged files they may form a ring */
#define NAMESPACES_MOST 32
#define DIMENSIONS_MOST 16

/* --- libdw ----------------------------------------------------------------------------------- */

#define FUNCTIONS(F) \
	F(dwarf_begin) F(dwarf_get_units) F(dwarf_getalt) F(dwarf_child) F(dwarf_siblingof) \
	F(dwarf_tag) F(dwarf_diename) F(dwarf_attr_integrate) F(dwarf_hasattr) F(dwarf_lowpc) \
	F(dwarf_formstring) F(dwarf_formudata) F(dwarf_formref_die) F(dwarf_getlocation) F(dwarf_srclang) \
	F(dwarf_diecu) \
	F(dwfl_begin) F(dwfl_report_offline) F(dwfl_report_end) F(dwfl_module_getdwarf) \
	F(dwfl_offline_section_address)

static struct {
#define MEMBER(name) __typeof__(name) *name;
	FUNCTIONS(MEMBER)
} dw;

static int libdw_load(void)
{
	void *library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
	bool all = library;

	if (!library)
		return -ENOTSUP;
#define LOAD(function) \
	dw.function = dlsym(library, #function); \
	all = all && dw.function;
	FUNCTIONS(LOAD)
	return all ? 0 : -ENOTSUP;
}

static int debug_file_none(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
			   const char *file, const char *link, GElf_Word crc, char **debug_name)
{
	(void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc;
	(void)debug_name;
	return -1;
}

/* Only libdwfl relocates. It asks no server as long as nobody gives it the standard callback. */
static Dwarf *relocated_open(int fd)
{
	static Dwfl_Callbacks callbacks = { .find_debuginfo = debug_file_none };
	Dwfl_Module *module;
	Dwarf_Addr bias;
	Dwfl *dwfl;

	callbacks.section_address = dw.dwfl_offline_section_address;
	dwfl = dw.dwfl_begin(&callbacks);
	module = dwfl ? dw.dwfl_report_offline(dwfl, "", "", dup(fd)) : NULL;
	if (!module || dw.dwfl_report_end(dwfl, NULL, NULL))
		return NULL;
	return dw.dwfl_module_getdwarf(module, &bias);
}

/* --- attributes ------------------------------------------------------------------------------ */

static uint64_t attr_number(Dwarf_Die *die, unsigned int name, uint64_t otherwise)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	return dw.dwarf_formudata(dw.dwarf_attr_integrate(die, name, &attr), &value) ? otherwise :
										       value;
}

static bool attr_die(Dwarf_Die *die, unsigned int name, Dwarf_Die *to)
{
	Dwarf_Attribute attr;

	return dw.dwarf_formref_die(dw.dwarf_attr_integrate(die, name, &attr), to);
}

static const char *die_name(Dwarf_Die *die)
{
	const char *name = dw.dwarf_diename(die);

	return name ? name : "";
}

static bool is_declaration(Dwarf_Die *die)
{
	return dw.dwarf_hasattr(die, DW_AT_declaration);
}

/* for (bool more = child_first(die, &c); more; more = child_next(&c)) */
static bool child_first(Dwarf_Die *die, Dwarf_Die *child)
{
	return !dw.dwarf_child(die, child);
}

static bool child_next(Dwarf_Die *child)
{
	return !dw.dwarf_siblingof(child, child);
}

/* --- the queue ------------------------------------------------------------------------------- */

enum part {
	PART_TYPE,
	PART_FUNCTION,	/* the function's name ... */
	PART_PROTOTYPE, /* ... and its type */
	PART_ADDRESS,	/* a pointer to the type */
	PART_IN_MEMORY,	/* the type as a result that is not what C would make of it */
	PART_SOMEHOW,	/* the type, and nobody knows how it is handed over */
	PART_VECTOR,	/* an array, of which PART_TYPE says that it is none */
};

struct item {
	Dwarf_Die die;
	enum part part;
	unsigned int dimension; /* arrays */
	const char *name;	/* PART_FUNCTION */
};

struct definition {
	Dwarf_Die die;
	const char *name;
	uint32_t next; /* of the same hash */
};

/* A table of numbers of what has this hash: the newest; 0: none. They count from 1. */
struct table {
	uint32_t *bucket;
	size_t mask;
};

/* What was asked for, and where it is: definitions rather than declarations. */
enum { FOUND_FUNCTION, FOUND_TAG, FOUND_NAME, FOUND_CONSTANT, FOUND_KINDS };

struct wanted {
	const struct dwarf_name *is;
	Dwarf_Die found[FOUND_KINDS];
	unsigned char rank[FOUND_KINDS]; /* 1: a declaration; 2: a definition; 3: it begins there */
};

struct making {
	struct btf *btf;
	struct item *items; /* made: id 1 is the type of arrays' indexes, items[i] is i + 2 */
	uint32_t *item_next;
	size_t count, done, room;
	struct table item_table;
	struct definition *definitions;
	size_t definition_count, definition_room;
	struct table definition_table;
	struct wanted *wanted;
	size_t wanted_count;
};

static void *grown(void *list, size_t *room, size_t size)
{
	*room = *room ? 2 * *room : 1024;
	list = reallocarray(list, *room, size);
	if (!list)
		diag_no_memory();
	return list;
}

static void table_clear(struct table *t, size_t size)
{
	free(t->bucket);
	t->mask = 2 * size - 1;
	t->bucket = calloc(2 * size, sizeof(*t->bucket));
	if (!t->bucket)
		diag_no_memory();
}

static size_t item_hash(const struct making *m, const struct item *item)
{
	uint64_t key = (uintptr_t)item->die.addr * 8 + item->part + 1000003ull * item->dimension;

	return (key * 0x9e3779b97f4a7c15ull >> 32) & m->item_table.mask;
}

static void item_link(struct making *m, size_t index)
{
	uint32_t *bucket = &m->item_table.bucket[item_hash(m, &m->items[index])];

	m->item_next[index] = *bucket;
	*bucket = index + 1;
}

static void items_grow(struct making *m)
{
	size_t room = m->room;

	m->items = grown(m->items, &room, sizeof(*m->items));
	m->item_next = grown(m->item_next, &m->room, sizeof(*m->item_next));
	table_clear(&m->item_table, m->room);
	for (size_t i = 0; i < m->count; i++)
		item_link(m, i);
}

/* The id that this will have; 0, which is void: there are too many. */
static int item_id(struct making *m, const struct item *item)
{
	if (m->room) {
		for (uint32_t i = m->item_table.bucket[item_hash(m, item)]; i;
		     i = m->item_next[i - 1]) {
			const struct item *is = &m->items[i - 1];

			if (is->die.addr == item->die.addr && is->part == item->part &&
			    is->dimension == item->dimension)
				return i + 1;
		}
	}
	if (m->count == TYPES_MOST)
		return 0;
	if (m->count == m->room)
		items_grow(m);
	m->items[m->count] = *item;
	item_link(m, m->count++);
	return m->count + 1;
}

/* --- definitions of what is only declared ----------------------------------------------------- */

static bool is_tagged(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
	       tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type;
}

/* A class is declared as a struct, too. */
static bool same_tag(int a, int b)
{
	return (a == DW_TAG_class_type ? DW_TAG_structure_type : a) ==
	       (b == DW_TAG_class_type ? DW_TAG_structure_type : b);
}

static uint32_t *definition_bucket(struct making *m, const char *name)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3ull;
	return &m->definition_table.bucket[(hash ^ hash >> 32) & m->definition_table.mask];
}

static void definition_link(struct making *m, size_t index)
{
	uint32_t *bucket = definition_bucket(m, m->definitions[index].name);

	m->definitions[index].next = *bucket;
	*bucket = index + 1;
}

static struct definition *definition_find(struct making *m, const char *name, int tag)
{
	if (!m->definition_room || !*name)
		return NULL;
	for (uint32_t i = *definition_bucket(m, name); i; i = m->definitions[i - 1].next) {
		struct definition *d = &m->definitions[i - 1];

		if (!strcmp(d->name, name) && same_tag(dw.dwarf_tag(&d->die), tag))
			return d;
	}
	return NULL;
}

/* The first one of a name counts. */
static void definition_add(struct making *m, Dwarf_Die *die, const char *name)
{
	if (definition_find(m, name, dw.dwarf_tag(die)))
		return;
	if (m->definition_count == m->definition_room) {
		m->definitions = grown(m->definitions, &m->definition_room,
				       sizeof(*m->definitions));
		table_clear(&m->definition_table, m->definition_room);
		for (size_t i = 0; i < m->definition_count; i++)
			definition_link(m, i);
	}
	m->definitions[m->definition_count] = (struct definition){ .die = *die, .name = name };
	definition_link(m, m->definition_count++);
}

/* --- types ----------------------------------------------------------------------------------- */

/* Where a type is defined. */
static Dwarf_Die definition_of(struct making *m, Dwarf_Die *die)
{
	int tag = dw.dwarf_tag(die);
	struct definition *d;
	Dwarf_Die elsewhere;

	/* In a unit of its own (-fdebug-types-section). */
	if (is_tagged(tag) && attr_die(die, DW_AT_signature, &elsewhere))
		return elsewhere;
	d = is_tagged(tag) && is_declaration(die) ? definition_find(m, die_name(die), tag) : NULL;
	return d ? d->die : *die;
}

static int part_id(struct making *m, Dwarf_Die *die, enum part part)
{
	struct item item = { .die = definition_of(m, die), .part = part };

	return item_id(m, &item);
}

static int type_id(struct making *m, Dwarf_Die *die)
{
	return part_id(m, die, PART_TYPE);
}

static bool is_qualifier(int tag)
{
	switch (tag) {
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
	case DW_TAG_immutable_type:
	case DW_TAG_packed_type:
	case DW_TAG_shared_type:
		return true;
	}
	return false;
}

/* What a member, a parameter ... has as its type. False: void. */
static bool type_find(Dwarf_Die *die, Dwarf_Die *type)
{
	*type = *die;
	for (int i = 0; i < ROW_MOST; i++) {
		Dwarf_Die of = *type;
		int tag;

		if (!attr_die(&of, DW_AT_type, type))
			return false;
		tag = dw.dwarf_tag(type);
		if (tag == DW_TAG_unspecified_type)
			return false;
		if (!is_qualifier(tag))
			return true;
	}
	return false;
}

static int type_of(struct making *m, Dwarf_Die *die)
{
	Dwarf_Die type;

	return type_find(die, &type) ? type_id(m, &type) : 0;
}

/* --- how values are handed over --------------------------------------------------------------- */

#define CLASS_DEPTH 8

enum language { LANGUAGE_C, LANGUAGE_CPP, LANGUAGE_RUST, LANGUAGE_OTHER };

/* Units that several files share may not say it. */
static enum language language_of(Dwarf_Die *die)
{
	Dwarf_Die unit;

	switch (dw.dwarf_diecu(die, &unit, NULL, NULL) ? dw.dwarf_srclang(&unit) : -1) {
	case DW_LANG_C89:
	case DW_LANG_C:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case 0x2c: /* C17 */
	case 0x3e: /* C23 */
	case DW_LANG_ObjC:
		return LANGUAGE_C;
	case -1:
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2a: /* C++17 */
	case 0x2b: /* C++20 */
	case 0x3a: /* C++23 */
	case DW_LANG_ObjC_plus_plus:
		return LANGUAGE_CPP;
	case DW_LANG_Rust:
		return LANGUAGE_RUST;
	}
	return LANGUAGE_OTHER;
}

/* Clang handed over __int128 in its own way on x86, before 18. */
static bool is_odd_integer(Dwarf_Die *function, Dwarf_Die *type)
{
	static const char clang[] = "clang version ";
	const char *producer;
	Dwarf_Attribute attr;
	Dwarf_Die unit;

	if (dw.dwarf_tag(type) != DW_TAG_base_type || attr_number(type, DW_AT_byte_size, 0) <= 8 ||
	    attr_number(type, DW_AT_encoding, 0) == DW_ATE_float ||
	    !dw.dwarf_diecu(function, &unit, NULL, NULL) ||
	    !dw.dwarf_attr_integrate(&unit, DW_AT_producer, &attr))
		return false;
	producer = dw.dwarf_formstring(&attr);
	producer = producer ? strstr(producer, clang) : NULL;
	return producer && atoi(producer + strlen(clang)) < 18;
}

static bool is_class(int tag)
{
	return is_tagged(tag) && tag != DW_TAG_enumeration_type;
}

/* Through typedefs and, with arrays, to what they consist of. */
static bool behind_typedefs(Dwarf_Die *type, bool arrays)
{
	for (int i = 0; i < ROW_MOST; i++) {
		Dwarf_Die of = *type;
		int tag = dw.dwarf_tag(type);

		if (dw.dwarf_hasattr(type, DW_AT_alignment))
			return false;
		if (tag != DW_TAG_typedef && tag != DW_TAG_template_alias &&
		    (tag != DW_TAG_array_type || !arrays) && !is_qualifier(tag))
			return true;
		if (!attr_die(&of, DW_AT_type, type))
			return true;
	}
	return false;
}

/* A constructor may be one that copies, and a destructor or a virtual function makes a class one
 * that is not copied as bytes. GCC does not say which it is. */
static bool decides_passing(Dwarf_Die *member, const char *name)
{
	const char *of = die_name(member);
	size_t size = strcspn(name, "<");

	return *of == '~' || dw.dwarf_hasattr(member, DW_AT_virtuality) ||
	       (strlen(of) == size && !memcmp(of, name, size));
}

/* Whether a class is handed over as C would do it with its members. */
static bool class_is_plain(struct making *m, Dwarf_Die *die, bool cpp, int depth)
{
	Dwarf_Die class = definition_of(m, die), child, type;

	if (depth == CLASS_DEPTH || dw.dwarf_hasattr(&class, DW_AT_alignment))
		return false;
	for (bool more = child_first(&class, &child); more; more = child_next(&child)) {
		int tag = dw.dwarf_tag(&child);

		if (cpp && (tag == DW_TAG_subprogram || tag == DW_TAG_inheritance) &&
		    decides_passing(&child, die_name(&class)))
			return false;
		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) || is_declaration(&child))
			continue;
		if (dw.dwarf_hasattr(&child, DW_AT_alignment))
			return false;
		if (!type_find(&child, &type) || !behind_typedefs(&type, true))
			return false;
		if (is_class(dw.dwarf_tag(&type)) && !class_is_plain(m, &type, cpp, depth + 1))
			return false;
	}
	return true;
}

/* DW_CC_pass_by_value says that a class is copied, and not how its members are aligned. */
static enum part class_part(struct making *m, Dwarf_Die *class, bool cpp)
{
	Dwarf_Die full = definition_of(m, class);
	uint64_t how = attr_number(&full, DW_AT_calling_convention, 0);

	if (how == DW_CC_pass_by_reference)
		return PART_ADDRESS;
	return class_is_plain(m, &full, cpp && how != DW_CC_pass_by_value, 0) ? PART_TYPE :
										PART_SOMEHOW;
}

/* Of others than C and C++ it is known what they do with what has one word. */
static enum part passing_part(struct making *m, Dwarf_Die *function, Dwarf_Die *of)
{
	enum language language = language_of(function);
	uint64_t how = attr_number(function, DW_AT_calling_convention, DW_CC_normal);
	Dwarf_Die type = *of;
	int tag;

	if (language == LANGUAGE_OTHER || (how != DW_CC_normal && how != DW_CC_program))
		return PART_SOMEHOW;
	if (!behind_typedefs(&type, false) || is_odd_integer(function, &type))
		return PART_SOMEHOW;
	tag = dw.dwarf_tag(&type);
	if (language == LANGUAGE_RUST)
		return is_class(tag) || tag == DW_TAG_array_type ||
		       attr_number(&type, DW_AT_byte_size, 8) > 8 ? PART_SOMEHOW : PART_TYPE;
	return is_class(tag) ? class_part(m, &type, language == LANGUAGE_CPP) : PART_TYPE;
}

/* A parameter's or, of the function itself, the result's type. */
static int passed_type(struct making *m, Dwarf_Die *function, Dwarf_Die *die)
{
	enum part part;
	Dwarf_Die type;

	if (!type_find(die, &type))
		return 0;
	part = passing_part(m, function, &type);
	if (part == PART_ADDRESS && die == function)
		part = PART_IN_MEMORY;
	/* Of classes with virtual bases: some of the copies of a constructor do not have it. */
	if (!strcmp(die_name(die), "__in_chrg"))
		part = PART_SOMEHOW;
	return part_id(m, &type, part);
}

/* What C has no word for: nothing is known but how large it is. */
static int opaque_make(struct making *m, Dwarf_Die *die)
{
	uint64_t size = attr_number(die, DW_AT_byte_size, 0);

	return btf__add_struct(m->btf, die_name(die), size > INT32_MAX ? 0 : size);
}

static int base_make(struct making *m, Dwarf_Die *die)
{
	uint64_t size = attr_number(die, DW_AT_byte_size, 0);
	const char *name = die_name(die);

	if (size > 16)
		return opaque_make(m, die);
	switch (attr_number(die, DW_AT_encoding, 0)) {
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

	*bits = attr_number(die, DW_AT_bit_size, 0);
	if (*bits && dw.dwarf_hasattr(die, DW_AT_data_bit_offset)) {
		*bit = attr_number(die, DW_AT_data_bit_offset, 0);
		return true;
	}
	if (!member_bytes(die, &bytes) || bytes > INT32_MAX / 8)
		return false;
	*bit = bytes * 8;
	if (!*bits || !dw.dwarf_hasattr(die, DW_AT_bit_offset))
		return true;
	upper = attr_number(die, DW_AT_bit_offset, 0);
	storage = attr_number(die, DW_AT_byte_size, 0);
	type = *die;
	for (int i = 0; !storage && i < ROW_MOST && attr_die(&type, DW_AT_type, &type); i++)
		storage = attr_number(&type, DW_AT_byte_size, 0);
	*bit += storage * 8 - upper - *bits;
	return true;
}

/* A base class is an anonymous member. */
static void member_make(struct making *m, Dwarf_Die *die)
{
	bool is_base = dw.dwarf_tag(die) == DW_TAG_inheritance;
	uint64_t bit, bits;

	/* C++'s static members are elsewhere. */
	if (is_declaration(die) || !member_place(die, &bit, &bits) || bit > INT32_MAX ||
	    bits > UINT8_MAX)
		return;
	btf__add_field(m->btf, is_base ? "" : die_name(die), type_of(m, die), bit, bits);
}

static int struct_make(struct making *m, Dwarf_Die *die)
{
	bool is_union = dw.dwarf_tag(die) == DW_TAG_union_type;
	uint64_t size = attr_number(die, DW_AT_byte_size, 0);
	Dwarf_Die child;
	int id;

	if (is_declaration(die) && *die_name(die))
		return btf__add_fwd(m->btf, die_name(die), is_union ? BTF_FWD_UNION :
								      BTF_FWD_STRUCT);
	if (size > INT32_MAX)
		return -EINVAL;
	id = is_union ? btf__add_union(m->btf, die_name(die), size) :
			btf__add_struct(m->btf, die_name(die), size);
	for (bool more = id > 0 && child_first(die, &child); more; more = child_next(&child)) {
		int tag = dw.dwarf_tag(&child);

		if (tag == DW_TAG_member || tag == DW_TAG_inheritance)
			member_make(m, &child);
	}
	return id;
}

static bool enum_is_signed(Dwarf_Die *die)
{
	uint64_t encoding = attr_number(die, DW_AT_encoding, DW_ATE_unsigned);
	Dwarf_Die type;

	if (attr_die(die, DW_AT_type, &type))
		encoding = attr_number(&type, DW_AT_encoding, encoding);
	return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

/* In enums of 32 bits a negative value is what says that there is a sign. */
static int enum_make(struct making *m, Dwarf_Die *die)
{
	uint64_t size = attr_number(die, DW_AT_byte_size, 4);
	bool is_wide = size > 4;
	Dwarf_Die child;
	int id;

	if (is_declaration(die))
		return opaque_make(m, die);
	id = is_wide ? btf__add_enum64(m->btf, die_name(die), size, enum_is_signed(die)) :
		       btf__add_enum(m->btf, die_name(die), size);
	for (bool more = id > 0 && child_first(die, &child); more; more = child_next(&child)) {
		uint64_t value = attr_number(&child, DW_AT_const_value, 0);

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
	for (bool more = child_first(die, &child); more && n < DIMENSIONS_MOST;
	     more = child_next(&child)) {
		uint64_t count;

		if (dw.dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		count = attr_number(&child, DW_AT_upper_bound, -1) + 1;
		count -= attr_number(&child, DW_AT_lower_bound, 0);
		count = attr_number(&child, DW_AT_count, count);
		counts[n++] = count > INT32_MAX ? 0 : count;
	}
	return n;
}

static int array_make(struct making *m, struct item *item)
{
	struct item inner = *item;
	uint32_t counts[DIMENSIONS_MOST];
	unsigned int n = dimensions_read(&item->die, counts);
	int element;

	inner.dimension++;
	element = inner.dimension < n ? item_id(m, &inner) : type_of(m, &item->die);
	return btf__add_array(m->btf, 1, element, counts[item->dimension]);
}

static int prototype_make(struct making *m, Dwarf_Die *die)
{
	int id = btf__add_func_proto(m->btf, passed_type(m, die, die));
	Dwarf_Die child;

	for (bool more = id > 0 && child_first(die, &child); more; more = child_next(&child)) {
		int tag = dw.dwarf_tag(&child);

		if (tag == DW_TAG_formal_parameter)
			btf__add_func_param(m->btf, die_name(&child), passed_type(m, die, &child));
		else if (tag == DW_TAG_unspecified_parameters)
			btf__add_func_param(m->btf, "", 0);
	}
	return id;
}

static int type_make(struct making *m, struct item *item)
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
		if (item->part == PART_TYPE && !item->dimension &&
		    dw.dwarf_hasattr(die, DW_AT_GNU_vector))
			return btf__add_type_tag(m->btf, CTYPE_TAG_UNKNOWN,
						 part_id(m, die, PART_VECTOR));
		return array_make(m, item);
	case DW_TAG_subroutine_type:
		return prototype_make(m, die);
	default:
		return opaque_make(m, die);
	}
}

static int item_make(struct making *m, struct item *item)
{
	struct item prototype = { .part = PART_PROTOTYPE };

	switch (item->part) {
	case PART_TYPE:
	case PART_VECTOR:
		return type_make(m, item);
	case PART_ADDRESS:
		return btf__add_ptr(m->btf, type_id(m, &item->die));
	case PART_IN_MEMORY:
		return btf__add_type_tag(m->btf, CTYPE_TAG_BY_ADDRESS, type_id(m, &item->die));
	case PART_SOMEHOW:
		return btf__add_type_tag(m->btf, CTYPE_TAG_UNKNOWN, type_id(m, &item->die));
	case PART_PROTOTYPE:
		return prototype_make(m, &item->die);
	case PART_FUNCTION:
		break;
	}
	/* Of what is inlined somewhere, too, a copy may lack parameters. */
	if (!attr_die(&item->die, DW_AT_abstract_origin, &prototype.die))
		prototype.die = item->die;
	return btf__add_func(m->btf, item->name, BTF_FUNC_GLOBAL, item_id(m, &prototype));
}

static int items_make(struct making *m)
{
	while (m->done < m->count) {
		struct item item = m->items[m->done++];
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

static void found(struct making *m, Dwarf_Die *die, const char *name, int kind, int rank)
{
	for (size_t i = 0; i < m->wanted_count; i++) {
		if (!strcmp(m->wanted[i].is->name, name))
			wanted_set(&m->wanted[i], die, kind, rank);
	}
}

static void constants_find(struct making *m, Dwarf_Die *die)
{
	Dwarf_Die child;

	for (bool more = child_first(die, &child); more; more = child_next(&child))
		found(m, die, die_name(&child), FOUND_CONSTANT, 2);
}

/* By its names, and rather by where it begins: malloc() of glibc is called __libc_malloc there, and an
 * old version of a function can have its name. */
static void function_find(struct making *m, Dwarf_Die *die, int rank)
{
	Dwarf_Attribute attr;
	Dwarf_Addr begin;
	const char *linkage = dw.dwarf_formstring(
		dw.dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));

	found(m, die, die_name(die), FOUND_FUNCTION, rank);
	if (linkage)
		found(m, die, linkage, FOUND_FUNCTION, rank);
	if (dw.dwarf_lowpc(die, &begin) || !begin)
		return;
	for (size_t i = 0; i < m->wanted_count; i++) {
		if (m->wanted[i].is->address == begin)
			wanted_set(&m->wanted[i], die, FOUND_FUNCTION, 3);
	}
}

static void walk_children(struct making *m, Dwarf_Die *parent, int depth);

static void walk_die(struct making *m, Dwarf_Die *die, int depth)
{
	int tag = dw.dwarf_tag(die), rank = is_declaration(die) ? 1 : 2;

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
		found(m, die, die_name(die), FOUND_TAG, rank);
		if (rank == 2 && *die_name(die))
			definition_add(m, die, die_name(die));
		if (tag == DW_TAG_enumeration_type)
			constants_find(m, die);
		break;
	case DW_TAG_typedef:
	case DW_TAG_template_alias:
	case DW_TAG_base_type:
		found(m, die, die_name(die), FOUND_NAME, 2);
		break;
	case DW_TAG_subprogram:
		function_find(m, die, rank);
		break;
	}
}

static void walk_children(struct making *m, Dwarf_Die *parent, int depth)
{
	Dwarf_Die child;

	for (bool more = child_first(parent, &child); more; more = child_next(&child))
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

static void wanted_start(struct making *m, const struct dwarf_name *names, size_t count)
{
	m->wanted_count = count;
	m->wanted = calloc(count + 1, sizeof(*m->wanted));
	if (!m->wanted)
		diag_no_memory();
	for (size_t i = 0; i < count; i++)
		m->wanted[i].is = &names[i];
}

static void wanted_make(struct making *m)
{
	for (size_t i = 0; i < m->wanted_count; i++) {
		struct item function = { .part = PART_FUNCTION };
		struct wanted *w = &m->wanted[i];

		if (w->rank[FOUND_FUNCTION]) {
			function.die = w->found[FOUND_FUNCTION];
			function.name = w->is->name;
			item_id(m, &function);
		}
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
	dwarf = relocatable ? relocated_open(fd) : dw.dwarf_begin(fd, DWARF_C_READ);
	if (!dwarf)
		return -EBADMSG;
	if (!m.btf || btf__add_int(m.btf, "__ARRAY_SIZE_TYPE__", 4, 0) != 1)
		diag_no_memory();
	wanted_start(&m, names, count);
	if (dw.dwarf_getalt(dwarf)) /* what dwz moved out of several files */
		walk_units(&m, dw.dwarf_getalt(dwarf));
	walk_units(&m, dwarf);
	wanted_make(&m);
	err = m.count ? items_make(&m) : -ESRCH;
	data = err ? NULL : btf__raw_data(m.btf, &size);
	if (!err && !data)
		diag_no_memory();
	if (!err)
		strbuf_add(out, data, size);
	return err;
}
