/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dwarf: functions and types of a program or library from its debug information, as BTF, so that
 * who reads types (expr/ctype.h) knows one kind of file only.
 *
 *	struct dwarf_name names[] = { { .name = "request" },
 *				      { .name = "handle", .is_function = true, .address = 0x4010 } };
 *	data = dwarf_types("/usr/sbin/server", names, 2, &size, &err);
 *	if (data)
 *		ctypes_add(&types, data, size, NULL);
 *	...
 *	free(data);
 *
 * Names are those of types (tags and typedefs) and enum constants, or of functions, in C or as
 * linkers know them (_ZN1a1bEi). Each that is found comes with all that it is made of; a function
 * with the names and types of its parameters.
 *
 * A function's address is that of its symbol: it tells static functions of one name from each other,
 * old versions from new ones, and knows malloc as what is __libc_malloc in glibc's source. Such a
 * function's name in BTF has the address behind it (DWARF_FUNCTION_NAME).
 *
 * C++: references are pointers, and so are parameters that are handed over by their address; base
 * classes are anonymous members, templates are not kept apart from others of their name.
 *
 * Types of parameters and results that a language or compiler hands over in a way of its own, or in
 * one that is not known, have a tag that says so: ctype.h's enum ctype_passing.
 *
 * libdw reads, in a process of its own that has ended when the call returns: a tool that needs no
 * DWARF never loads it, one that does keeps nothing of its memory, and a file that it cannot stand
 * ends that process only. Debug files are found as elfdebug.h says. Nothing is asked of the
 * network.
 *
 * Ownership: the caller frees the bytes.
 * Errors: NULL, and *err; not reported, dwarf_why() is the sentence about it. Of what is damaged
 * types may be missing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dwarf_name {
	const char *name;
	bool is_function;
	uint64_t address; /* of a function, as the file counts; 0: not known */
};

/* Of the size and bytes of the name, and the address. */
#define DWARF_FUNCTION_NAME "%.*s@%llx"

/* -ESRCH: none of them is there; -ENODATA: the file has no debug information; -ENOTSUP: libdw is not
 * installed; -ENOEXEC: no ELF file, or one of 32 bits; -ETIME: it took too long; -EBADMSG: it is
 * damaged; others: the file cannot be opened. */
void *dwarf_types(const char *file, const struct dwarf_name *names, size_t count, size_t *size,
		  int *err);

/* Of an error of dwarf_types() what is missing, to stand behind "FILE: ". */
const char *dwarf_why(int err);
