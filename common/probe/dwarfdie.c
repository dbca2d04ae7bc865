// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "probe/dwarfdie.h"

/* --- libdw ----------------------------------------------------------------------------------- */

struct libdw dw;

int libdw_load(void)
{
	void *library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
	bool all = library;

	if (!library)
		return -ENOTSUP;
#define LOAD(function) \
	dw.function = dlsym(library, #function); \
	all = all && dw.function;
	LIBDW_FUNCTIONS(LOAD)
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

Dwarf *libdw_open(int fd, bool relocatable)
{
	return relocatable ? relocated_open(fd) : dw.dwarf_begin(fd, DWARF_C_READ);
}

/* --- a DIE ----------------------------------------------------------------------------------- */

uint64_t die_number(Dwarf_Die *die, unsigned int name, uint64_t otherwise)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	return dw.dwarf_formudata(dw.dwarf_attr_integrate(die, name, &attr), &value) ? otherwise :
										       value;
}

bool die_ref(Dwarf_Die *die, unsigned int name, Dwarf_Die *to)
{
	Dwarf_Attribute attr;

	return dw.dwarf_formref_die(dw.dwarf_attr_integrate(die, name, &attr), to);
}

const char *die_name(Dwarf_Die *die)
{
	const char *name = dw.dwarf_diename(die);

	return name ? name : "";
}

bool die_is_declaration(Dwarf_Die *die)
{
	return dw.dwarf_hasattr(die, DW_AT_declaration);
}

/* Of several pieces the first has the entry, the others what is seldom run. */
uint64_t die_begin(Dwarf_Die *die)
{
	Dwarf_Addr base, begin, end;

	return dw.dwarf_ranges(die, 0, &base, &begin, &end) > 0 ? begin : 0;
}

bool die_first(Dwarf_Die *die, Dwarf_Die *child)
{
	return !dw.dwarf_child(die, child);
}

bool die_next(Dwarf_Die *child)
{
	return !dw.dwarf_siblingof(child, child);
}

bool die_type(Dwarf_Die *die, Dwarf_Die *type)
{
	*type = *die;
	for (int i = 0; i < DIE_CHAIN; i++) {
		Dwarf_Die of = *type;
		int tag;

		if (!die_ref(&of, DW_AT_type, type))
			return false;
		tag = dw.dwarf_tag(type);
		if (tag == DW_TAG_unspecified_type)
			return false;
		if (!tag_is_qualifier(tag))
			return true;
	}
	return false;
}

/* --- tags ------------------------------------------------------------------------------------ */

bool tag_is_tagged(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type ||
	       tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type;
}

bool tag_is_class(int tag)
{
	return tag_is_tagged(tag) && tag != DW_TAG_enumeration_type;
}

bool tag_is_qualifier(int tag)
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
