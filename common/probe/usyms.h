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
 * A process that ends before it is first asked for has nothing that could be read. Its frames have
 * names if the kernel said where in which file they are (struct bpf_stack_build_id), and the file
 * is found: with the process's parent, with us, or by buildids.h. Then the caller hears of each change of
 * what processes have mapped, so he may say when to read that:
 *
 *	usyms_follow(&symbols, pid, time) after a change,
 *	usyms_forget(&symbols, pid) when the pid is another process's, or another program's
 *	usyms_print_frame(&symbols, &frame, &out)
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
#include "probe/buildids.h"
#include "strbuf.h"

#define USYMS_PROCESSES 512

struct usyms {
	struct process *first; /* the one asked for last */
	int count;
	struct symfiles files;
	struct buildids ids;
	/* One is no longer known: there were too many. */
	void (*dropped)(void *context, pid_t pid);
	void *context;
	int vdso[2]; /* copies, of 32-bit programs' and of others'; 0: none yet */
};

struct usym {
	const char *name;   /* of the function; NULL: not known */
	const char *module; /* file's name without folders, "vdso", "anon"; NULL: none is there */
	uint64_t offset;    /* into the function; without a name: the file's own address, or 0 */
};

struct usyms_frame {
	pid_t pid;
	pid_t parent;	     /* 0: not known */
	const char *program; /* the path of its file in its root, or NULL */
	uint64_t address;	 /* 0: only the file and the place in it are known */
	const unsigned char *id; /* SYMFILES_ID bytes; NULL: not known */
	uint64_t offset;	 /* into the file with this id */
};

/* Reads what the process has mapped now; a tenth of a millisecond. */
void usyms_keep(struct usyms *u, pid_t pid);

/* Reads what the process has mapped, unless that was done after this time (CLOCK_MONOTONIC,
 * nanoseconds); from now on it is not read again but for code that compilers made. False: it has
 * ended. */
bool usyms_follow(struct usyms *u, pid_t pid, uint64_t time_ns);

void usyms_forget(struct usyms *u, pid_t pid);

/* True: it has a name. */
bool usyms_lookup(struct usyms *u, pid_t pid, uint64_t address, struct usym *out);

/* False: no code can be there. That is what walks of stacks find behind their end. */
bool usyms_is_code(struct usyms *u, const struct usyms_frame *f);

/* Adds it as a line of a stack, escaped: "name+0x1a [module]", "0x7f1234561234 [module+0x1234]",
 * "0x7f1234561234 [anon]", or just the number. */
void usyms_print(struct usyms *u, pid_t pid, uint64_t address, struct strbuf *out);

/* The same; of a file that is not found it has the build-id: "0x7f1234561234 [1f..e0+0x1234]",
 * where the number is the offset into the file. */
void usyms_print_frame(struct usyms *u, const struct usyms_frame *f, struct strbuf *out);

void usyms_free(struct usyms *u);
