/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ksyms: addresses of the kernel by name.
 *
 *	struct ksyms symbols = {};
 *	ksyms_print(&symbols, address, &out), any number of times: "vfs_read+0x1a [kernel]"
 *	ksyms_free(&symbols)
 *
 * All symbols are read when the first is asked for, and once: what is loaded later, a module or
 * a BPF program, has the name of nothing or of what lay there before. Of several names of one
 * place it is the first of the kernel's list, which is also what the kernel itself prints (%pS).
 *
 * Where the kernel hides its addresses (kernel.kptr_restrict) none has a name, and that is said
 * once.
 *
 * Ownership: a ksym's texts are valid until ksyms_free().
 * Errors: reported once; a place without a name is a number.
 * Relies on: klist.h.
 */
#pragma once

#include <stdbool.h>
#include "probe/symtab.h"

struct ksyms {
	struct symtab table;
	bool read;
};

struct ksym {
	const char *name;
	const char *module; /* NULL: the kernel itself; "bpf": BPF programs */
	uint64_t offset;    /* bytes into it */
};

/* False: no symbol is near. */
bool ksyms_lookup(struct ksyms *k, uint64_t address, struct ksym *out);

/* Whether it is in a BPF program or trampoline. */
bool ksyms_is_program(struct ksyms *k, uint64_t address);

/* Adds it as a line of a stack: name, offset, and [module] or [kernel]; or just the number. */
void ksyms_print(struct ksyms *k, uint64_t address, struct strbuf *out);

void ksyms_free(struct ksyms *k);
