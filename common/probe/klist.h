/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * klist: the kernel's lists of its functions, read a line at a time.
 *
 *	struct klist list;
 *	err = klist_open(&list, KLIST_SYMBOLS);
 *	while (klist_next(&list, &symbol)) ...
 *	klist_close(&list);
 *
 * Reading one costs the kernel some 30 ms (it looks up or unpacks a name for each line), so it is
 * read once for all that is looked for, and nothing of it is kept.
 *
 * Ownership: what a symbol points to is valid until the next call.
 * Errors: -errno, not reported. Lines that make no sense are left out.
 * Relies on: t_show() in kernel/trace/ftrace.c, s_show() in kernel/kallsyms.c,
 * kprobe_blacklist_seq_show() in kernel/kprobes.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum klist_kind {
	KLIST_FUNCTIONS, /* tracefs: what ftrace can trace */
	/* The same (6.5) with addresses: of ftrace's calls, some bytes into the functions. They are
	 * not for probes: kprobe.multi takes them, but does not find their cookies again. */
	KLIST_HOOKS,
	KLIST_SYMBOLS,	 /* /proc/kallsyms: all symbols; those of the kernel by address */
	KLIST_REFUSED,	 /* debugfs: where the kernel takes no kprobe */
};

struct klist {
	enum klist_kind kind;
	int fd;
	char *buffer;
	size_t next, size; /* where the next line begins, and all that has been read ends */
	char needle[32];   /* what wanted lines have in them; needle_size 0: all are wanted */
	size_t needle_size;
	bool startup; /* reading symbols between those that mark the start-up code */
};

struct klist_symbol {
	char *name;
	char *module;	  /* NULL: the kernel itself */
	bool function;	  /* SYMBOLS: it is code */
	bool startup;	  /* SYMBOLS: of code that was freed when the system had started */
	const char *hex; /* the address as text, or NULL; see klist_address() */
};

int klist_open(struct klist *l, enum klist_kind kind);

/* From now on just names that begin so, and perhaps some others: most lines are not even looked at.
 * Then it is not known what is startup. */
void klist_only(struct klist *l, const char *prefix, size_t size);

bool klist_next(struct klist *l, struct klist_symbol *s);
void klist_close(struct klist *l);

/* The symbol's address; 0: there is none, or the kernel hides it (kernel.kptr_restrict). */
uint64_t klist_address(const struct klist_symbol *s);

/* The name of the file, as a person can look it up. */
const char *klist_file(enum klist_kind kind);
