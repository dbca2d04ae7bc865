/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dwarfpassing: how a function is handed values of a type, and returns them.
 *
 * Relies on: the Itanium C++ ABI, section 3.1 (which classes are passed by their address); DWARF 5,
 * section 5.7.1 (DW_AT_calling_convention). What registers hold is abi.h's.
 */
#pragma once

#include <elfutils/libdw.h>

#include "probe/dwarfitems.h"

/*
 * DWARF_TYPE: as C does it with the type; DWARF_ADDRESS: by its address; DWARF_SOMEHOW: not known.
 * type is without qualifiers (die_type()).
 */
enum dwarf_part dwarf_passing(struct dwarf_definitions *defs, Dwarf_Die *function, Dwarf_Die *type);
