/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * usyms: addresses of processes by name.
 *
 *	struct usyms symbols = {};
 *	usyms_keep(&symbols, pid), when a process is first seen
 *	usyms_print(&symbols, pid, address, &out), any number of times: "main+0x1a [program]"
 *	usyms_free(&symbols)
 *
 * What a process has mapped as code is read when it is first asked for, again when an address
 * lies in nothing of it, and once in a second: it loads libraries, and a pid is used again. Its
 * files are opened then (symfiles.h), so names are found when the process and the files have gone.
 * Files are the very ones that it has mapped, in whatever container and deleted or not; without
 * the right to open these (CAP_CHECKPOINT_RESTORE), those that it sees by the same name.
 *
 * Names are those of files (symfiles.h), of the kernel's own page in each process (vdso), and of
 * compiled code (perfmap.h).
 *
 * Not known: what lay at an address that meanwhile, within that second, is in something else.
 *
 * Bounds: USYMS_PROCESSES; who was asked for least recently goes.
 * Units: pids as /proc has them, of processes and not of threads.
 * Ownership: a usym's texts are valid until the next call.
 * Errors: none reported. What cannot be read has no names.
 */
#pragma once

#include <sys/types.h>
#include "probe/symfiles.h"
#include "strbuf.h"

#define USYMS_PROCESSES 512

struct usyms {
	struct process *first; /* the one asked for last */
	int count;
	struct symfiles files;
	int vdso[2]; /* copies, of 32-bit programs' and of others'; 0: none yet */
};

struct usym {
	const char *name;   /* of the function; NULL: not known */
	const char *module; /* file's name without folders, "vdso", "anon"; NULL: none is there */
	uint64_t offset;    /* into the function; without a name: the file's own address, or 0 */
};

/* Reads what the process has mapped now; a tenth of a millisecond. */
void usyms_keep(struct usyms *u, pid_t pid);

/* True: it has a name. */
bool usyms_lookup(struct usyms *u, pid_t pid, uint64_t address, struct usym *out);

/* Adds it as a line of a stack, escaped: "name+0x1a [module]", "0x7f1234561234 [module+0x1234]",
 * "0x7f1234561234 [anon]", or just the number. */
void usyms_print(struct usyms *u, pid_t pid, uint64_t address, struct strbuf *out);

void usyms_free(struct usyms *u);
