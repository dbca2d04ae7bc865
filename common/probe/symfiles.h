/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * symfiles: the functions of programs and libraries by address, read once for all processes that
 * have them mapped.
 *
 *	file = symfiles_take(&files, fd)
 *	name = symfiles_name(&files, file, offset, &plus)
 *	symfiles_drop(file)
 *
 * Where only a build-id is known, symfiles_find() in place of the first (buildids.h looks for files
 * that nobody has taken yet).
 *
 * A file is known by device, inode, size and time of change, so one that is replaced or written
 * anew is another. It is opened when it is taken, so it can have gone when the first of its
 * functions is asked for; only then it is read (elfsyms.h says what that means). What it had is
 * shared with files of the same build-id and size: the copies in containers' images.
 *
 * Bounds: SYMFILES_BYTES of names, but for those of one file that alone has more, and
 * SYMFILES_OPEN descriptors. What was used least recently goes, and is taken from the file again
 * if that can still be had.
 *
 * Units: offsets are bytes into the file, so where it is loaded and what addresses it was linked
 * for does not matter.
 * Ownership: symfiles_free() ends all of it, whoever still has a file. A name is valid until the
 * next call.
 * Errors: none reported; what cannot be read has no names.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef SYMFILES_BYTES /* a test's own */
#define SYMFILES_BYTES (64u << 20)
#endif
#define SYMFILES_OPEN  256

/* Of a build-id, as the kernel has them in stacks: zeroes behind a shorter one, and longer ones
 * not at all. */
#define SYMFILES_ID 20

struct symfile;

struct symfiles {
	struct symfile *list;
	struct symnames *names;
	uint64_t clock; /* a look-up, a tick */
};

/* The descriptor may be one of O_PATH, and stays the caller's. NULL: no file that can be read.
 * name: as people know it, with folders or without. */
struct symfile *symfiles_take(struct symfiles *s, int fd, const char *name);
void symfiles_drop(struct symfile *f);

/* One that was taken at some time, and can still be read, or was; valid until the next one is
 * taken. NULL: there is none. */
struct symfile *symfiles_find(struct symfiles *s, const unsigned char id[SYMFILES_ID]);

/* The name that it was first taken with, without folders. */
const char *symfiles_module(const struct symfile *f);

/* False: it has no build-id, or one that is too long. */
bool symfiles_id(int fd, unsigned char id[SYMFILES_ID]);

/* The function that has this byte of the file in it, in its readable form, or NULL; plus: bytes
 * into it. Without a name: the address that the file itself has for the byte (for addr2line). */
const char *symfiles_name(struct symfiles *s, struct symfile *f, uint64_t offset, uint64_t *plus);

/* False: this byte of the file is in nothing that is mapped as code. */
bool symfiles_is_code(struct symfiles *s, struct symfile *f, uint64_t offset);

/* Names were dropped and the file was closed: take it anew. */
bool symfiles_lost(const struct symfile *f);

void symfiles_free(struct symfiles *s);
