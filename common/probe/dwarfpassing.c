// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "probe/dwarfdie.h"
#include "probe/dwarfpassing.h"

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

	if (dw.dwarf_tag(type) != DW_TAG_base_type || die_number(type, DW_AT_byte_size, 0) <= 8 ||
	    die_number(type, DW_AT_encoding, 0) == DW_ATE_float ||
	    !dw.dwarf_diecu(function, &unit, NULL, NULL) ||
	    !dw.dwarf_attr_integrate(&unit, DW_AT_producer, &attr))
		return false;
	producer = dw.dwarf_formstring(&attr);
	producer = producer ? strstr(producer, clang) : NULL;
	return producer && atoi(producer + strlen(clang)) < 18;
}

/* Through typedefs and, with arrays, to what they consist of. */
static bool behind_typedefs(Dwarf_Die *type, bool arrays)
{
	for (int i = 0; i < DIE_CHAIN; i++) {
		Dwarf_Die of = *type;
		int tag = dw.dwarf_tag(type);

		if (dw.dwarf_hasattr(type, DW_AT_alignment))
			return false;
		if (tag != DW_TAG_typedef && tag != DW_TAG_template_alias &&
		    (tag != DW_TAG_array_type || !arrays) && !tag_is_qualifier(tag))
			return true;
		if (!die_ref(&of, DW_AT_type, type))
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
static bool class_is_plain(struct dwarf_definitions *defs, Dwarf_Die *die, bool cpp, int depth)
{
	Dwarf_Die class = dwarf_definition_of(defs, die), child, type;

	if (depth == CLASS_DEPTH || dw.dwarf_hasattr(&class, DW_AT_alignment))
		return false;
	for (bool more = die_first(&class, &child); more; more = die_next(&child)) {
		int tag = dw.dwarf_tag(&child);

		if (cpp && (tag == DW_TAG_subprogram || tag == DW_TAG_inheritance) &&
		    decides_passing(&child, die_name(&class)))
			return false;
		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) || die_is_declaration(&child))
			continue;
		if (dw.dwarf_hasattr(&child, DW_AT_alignment))
			return false;
		if (!die_type(&child, &type) || !behind_typedefs(&type, true))
			return false;
		if (tag_is_class(dw.dwarf_tag(&type)) && !class_is_plain(defs, &type, cpp, depth + 1))
			return false;
	}
	return true;
}

/* DW_CC_pass_by_value says that a class is copied, and not how its members are aligned. */
static enum dwarf_part class_part(struct dwarf_definitions *defs, Dwarf_Die *class, bool cpp)
{
	Dwarf_Die full = dwarf_definition_of(defs, class);
	uint64_t how = die_number(&full, DW_AT_calling_convention, 0);

	if (how == DW_CC_pass_by_reference)
		return DWARF_ADDRESS;
	return class_is_plain(defs, &full, cpp && how != DW_CC_pass_by_value, 0) ? DWARF_TYPE :
										DWARF_SOMEHOW;
}

/* Of others than C and C++ it is known what they do with what has one word. */
enum dwarf_part dwarf_passing(struct dwarf_definitions *defs, Dwarf_Die *function, Dwarf_Die *of)
{
	enum language language = language_of(function);
	uint64_t how = die_number(function, DW_AT_calling_convention, DW_CC_normal);
	Dwarf_Die type = *of;
	int tag;

	if (language == LANGUAGE_OTHER || (how != DW_CC_normal && how != DW_CC_program))
		return DWARF_SOMEHOW;
	if (!behind_typedefs(&type, false) || is_odd_integer(function, &type))
		return DWARF_SOMEHOW;
	tag = dw.dwarf_tag(&type);
	if (language == LANGUAGE_RUST)
		return tag_is_class(tag) || tag == DW_TAG_array_type ||
		       die_number(&type, DW_AT_byte_size, 8) > 8 ? DWARF_SOMEHOW : DWARF_TYPE;
	return tag_is_class(tag) ? class_part(defs, &type, language == LANGUAGE_CPP) : DWARF_TYPE;
}
