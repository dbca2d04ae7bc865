/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elfsyms: the functions of a program or library, by name.
 *
 *	elffile_open(&file, path, shown)
 *	elfsyms_open(&symbols, &file)
 *	elfsyms_match(&symbols, &wanted, &targets), for any number of patterns
 *	elfsyms_close(&symbols), elffile_close(&file)
 *
 * Names come from .symtab and .dynsym; where there is no .symtab, also from .gnu_debugdata and a
 * separate debug file (elfdebug.h). What counts as a function:
 * - STT_FUNC and STT_GNU_IFUNC in executable bytes of the file; of any size, as hand-written
 *   assembly may have none. Imports are no functions of this file, and so are PLT entries.
 * - IFUNC stands for the implementation that this machine uses (ifunc.h).
 * - Compilers' copies (f.isra.0, f.constprop.0, f.part.0 ...) also go by their base name, and are
 *   shown with their own. ".cold" parts are left out: they are jumped into, not called.
 * - Where the first instruction cannot have a uprobe, the place is right behind it, or the
 *   function is skipped (uinsn.h).
 * - Several names of one place are one target, shown as the best of those that matched.
 * - One name at several places (static functions; old and new version of a symbol) is several
 *   targets.
 *
 * A name is tried as it stands in the file without its version (@GLIBC_2.34); a mangled one also
 * in its readable form, "ns::f", and as "ns::f(int)" if the pattern has a parenthesis. Readable
 * names are shown, with parameters.
 *
 * Errors: none. A damaged table is as good as the entries in it; what matched and cannot be
 * used goes to the targets' list of skips.
 */
#pragma once

#include "probe/elffile.h"
#include "probe/pattern.h"
#include "probe/symtab.h"
#include "probe/target.h"
#include "strbuf.h"

/* No more are listed; the largest browser has some 1,500,000. */
#define ELFSYMS_MOST (4u << 20)

struct elfsyms_table {
	Elf *elf;
	Elf_Data *data;
	size_t count, names; /* symbols; the section of their names */
};

struct elfsyms {
	const struct elffile *file; /* the caller's */
	struct elfsyms_table table[4];
	int tables;
	bool stripped;	       /* no more than .dynsym, or nothing at all */
	struct elffile debug;  /* if there is one */
	Elf *packed;
	void *packed_image;
};

struct elfsyms_wanted {
	const struct pattern *name;
	bool ret;      /* for where functions return; goes into the targets */
	uint64_t plus; /* bytes into the function */
};

void elfsyms_open(struct elfsyms *s, const struct elffile *f);
void elfsyms_close(struct elfsyms *s);

/* The number of targets added. Wildcards leave out what chooses for an IFUNC, unless there is
 * nothing else. */
size_t elfsyms_match(const struct elfsyms *s, const struct elfsyms_wanted *w, struct targets *t);

/* After no match: what may be the reason, to stand right behind a message (": ..."); or nothing. */
void elfsyms_explain(const struct elfsyms *s, const struct elfsyms_wanted *w, struct strbuf *out);

/* All functions, .cold parts too, by their offset into the file, with their sizes: names as they
 * stand there without the version, one for each place. IFUNC is what chooses. */
void elfsyms_list(const struct elfsyms *s, struct symtab *out);
