/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dwarfbtf: the part of dwarf.h that reads the debug information. It runs in a process of its own:
 * libdw maps the file and believes much of what stands in it.
 *
 * Ownership: fd stays the caller's. Nothing is given back: the process ends.
 * Errors: as dwarf.h says.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct dwarf_name;
struct strbuf;

/* relocatable: the file is an object file (ET_REL). */
int dwarfbtf_make(int fd, bool relocatable, const struct dwarf_name *names, size_t count,
		  struct strbuf *btf);
