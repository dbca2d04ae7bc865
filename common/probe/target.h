/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * target: what a specification (spec.h) resolves to, for kernel and user side alike: places
 * where a program can be attached, with all that attaching needs to know, and a list of what
 * matched but cannot be used, with the reason.
 *
 *	struct targets t = {};
 *	kfuncs_match(..., &t); tracepoints_match(..., &t); ... any number of specifications
 *	targets_finish(&t);
 *	for (size_t i = 0; i < t.count; i++) attach t.list[i], count in slot t.list[i].slot
 *	targets_free(&t);
 *
 * Ownership: the list and all text in it belong to struct targets; an all-zero struct is an
 * empty one. Text that is added is either constant or made by targets_text(): it stays where
 * it is until targets_free(). A struct target moves when others are added.
 * Errors: none (no memory ends the process, as everywhere).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum target_kind {
	TARGET_KERNEL,	   /* a kernel function: module, address, name, offset */
	TARGET_USER,	   /* a function of a file: path, offset */
	TARGET_TRACEPOINT, /* name is "category:event"; id */
	TARGET_USDT,	   /* name is "provider:probe"; path, offset, semaphore, arguments */
};

struct target {
	enum target_kind kind;
	bool ret;	       /* where the function returns, not where it begins */
	bool unsure;	       /* kernel: the address is 0, or may be of a namesake that cannot be
				* traced, which kprobe.multi refuses: kfuncs_locate() */
	uint32_t slot;	       /* targets_finish(): equal for what is shown as one */
	uint32_t id;	       /* tracepoint: its number in tracefs */
	const char *name;      /* as the kernel knows a kernel function */
	const char *symbol;    /* user: its name in the file, as debug information has it, too */
	const char *label;     /* targets_finish(): as shown: the name, "NAME+4", "r::NAME" */
	const char *module;    /* kernel: its module, NULL: the kernel itself */
	const char *path;      /* user, USDT: the file, as this process can open it */
	const char *shown;     /* ... as people know it */
	const char *arguments; /* USDT: where the arguments lie, as the note says it; or NULL */
	uint64_t address;      /* kernel: where it begins; 0: probe it by name (unsure, or it is hidden) */
	uint64_t offset;       /* kernel: bytes into the function; user, USDT: into the file */
	uint64_t plus;	       /* user: bytes into the function, of offset */
	uint64_t begin;	       /* user: where the function begins, as the file counts addresses;
				* 0: not known (IFUNC) */
	uint64_t semaphore;    /* USDT: into the file; 0: it has none */
};

struct skip {
	const char *name;
	const char *reason; /* why it cannot be used, to stand behind "NAME: " */
};

struct targets {
	struct target *list;
	size_t count, room;
	struct skip *skipped;
	size_t skip_count, skip_room;
	uint32_t slots;		  /* targets_finish(): how many there are */
	struct targets_text *text; /* private */
};

/* The name by which types know a function; its first bytes, without a compiler's ".isra.0". */
static inline const char *target_symbol(const struct target *t)
{
	return t->symbol ? t->symbol : t->name;
}

static inline size_t target_symbol_size(const struct target *t)
{
	return strcspn(target_symbol(t), ".");
}

/* One more, zeroed but for its kind: fill it in. Valid until the next one is added. */
struct target *targets_add(struct targets *t, enum target_kind kind);

/* A copy of some bytes as a string that stays in its place until targets_free(). */
const char *targets_text(struct targets *t, const char *bytes, size_t size);

/* One that matched and is left out. name and reason: constant, or by targets_text(). */
void targets_skip(struct targets *t, const char *name, const char *reason);

/*
 * Once all is added, or again after more was: drops doubles (two specifications that match the
 * same place), numbers the slots and sets the labels. Targets of one kind, name and path, of entry
 * or of return, have one slot: static functions of equal names are shown once, and so are all
 * places of a USDT probe. (Who compiles something for each function parts them: places.c.) The order
 * of the list stays as it was.
 */
void targets_finish(struct targets *t);

void targets_free(struct targets *t);
