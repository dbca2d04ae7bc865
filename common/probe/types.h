/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * types: which types of C are known where: the kernel's and its modules', those of a program from
 * its debug information, libc's, and what the user gave.
 *
 *	struct types types = {};
 *	types_add_file(&types, file)	--types
 *	types_add_header(&types, name)	-I
 *	types_start(&types, text)	while ktypes has the kernel's
 *	types_expect(&types, targets)	for all that is traced
 *	types_of(&types, target)	as often as needed
 *	types_end(&types)
 *
 * Of a name that several know, the first of these counts: the user's files; for programs their own
 * debug information, then libc; the module's, the kernel's; for the kernel's functions at last libc.
 * A program's functions are none of the kernel's of the same name.
 *
 * Debug information is looked through only for the functions that are traced and the words of what
 * the user wrote.
 *
 * Ownership: types are valid until types_end().
 * Errors: -errno, reported. A program without debug information is none.
 */
#pragma once

#include "expr/ctype.h"
#include "probe/target.h"

struct types {
	/* private */
	struct types_file *files;  /* the user's */
	struct types_set *sets;	   /* kernel, modules, programs */
	char *text;		   /* all that the user wrote */
};

int types_add_file(struct types *t, const char *file);

/* A header, as #include has it: FILE.h or ./FILE.h. The compiler that is installed reads it. */
int types_add_header(struct types *t, const char *name);

/* text: all that the user wrote: of debug information its words are looked for. */
int types_start(struct types *t, const char *text);

/* Functions of programs that will be asked for: a file's debug information is read once, at the
 * first types_of(). Of what is expected later nothing is known. (This and types_of() do without
 * types_start(), too: functions are known then, and no words are looked for.) */
void types_expect(struct types *t, const struct targets *targets);

/* What is known where this target is traced. */
struct ctypes *types_of(struct types *t, const struct target *target);

/* What is known of a target's function, in what types_of() said. False: nothing. */
bool types_function(struct ctypes *types, const struct target *target, struct ctype_function *f);

/* When all is compiled, and no names of enums and structs are to be shown: lets go of what the
 * types were read from. They stay, but nothing can be looked up in them. */
void types_settle(struct types *t);

void types_end(struct types *t);
