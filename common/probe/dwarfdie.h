/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dwarfdie: libdw, which is loaded by who needs it, and what dwarfbtf asks of a DIE (an entry of
 * the debug information).
 *
 * Relies on: DWARF 5, sections 2 (attributes), 5 (types); elfutils' libdw.so.1.
 * Ownership: what is opened is not closed; the process ends.
 */
#pragma once

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

#define LIBDW_FUNCTIONS(F) \
	F(dwarf_begin) F(dwarf_get_units) F(dwarf_getalt) F(dwarf_child) F(dwarf_siblingof) \
	F(dwarf_tag) F(dwarf_diename) F(dwarf_attr_integrate) F(dwarf_hasattr) F(dwarf_ranges) \
	F(dwarf_formstring) F(dwarf_formudata) F(dwarf_formref_die) F(dwarf_getlocation) F(dwarf_srclang) \
	F(dwarf_diecu) \
	F(dwfl_begin) F(dwfl_report_offline) F(dwfl_report_end) F(dwfl_module_getdwarf) \
	F(dwfl_offline_section_address)

/* Its functions; libdw_load() sets them. */
extern struct libdw {
#define LIBDW_MEMBER(name) __typeof__(name) *name;
	LIBDW_FUNCTIONS(LIBDW_MEMBER)
#undef LIBDW_MEMBER
} dw;

/* -ENOTSUP: it is not installed, or lacks one of them. */
int libdw_load(void);

/* relocatable: the file is an object file (ET_REL). NULL: no debug information, or damaged. */
Dwarf *libdw_open(int fd, bool relocatable);

/* A chain of types is followed so far: in damaged files it may be a ring. */
#define DIE_CHAIN 64

uint64_t die_number(Dwarf_Die *die, unsigned int attribute, uint64_t otherwise);
bool die_ref(Dwarf_Die *die, unsigned int attribute, Dwarf_Die *to);
const char *die_name(Dwarf_Die *die); /* "": it has none */
bool die_is_declaration(Dwarf_Die *die);
uint64_t die_begin(Dwarf_Die *die); /* where its code begins; 0: it has none */

/* What a member, a parameter ... has as its type, without qualifiers. False: void. */
bool die_type(Dwarf_Die *die, Dwarf_Die *type);

/* for (bool more = die_first(die, &child); more; more = die_next(&child)) */
bool die_first(Dwarf_Die *die, Dwarf_Die *child);
bool die_next(Dwarf_Die *child);

bool tag_is_class(int tag);  /* a struct, a class or a union */
bool tag_is_tagged(int tag); /* one of these or an enum: C has a name space for them */
bool tag_is_qualifier(int tag);
