/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * buildids: from a build-id to the file, for stacks of processes that have gone.
 *
 *	struct buildids ids = {};
 *	buildids_offer(&ids, path), for files that are likely or that the user named
 *	fd = buildids_open(&ids, id, &where)
 *	buildids_free(&ids)
 *
 * It is looked for in this order: the files that were offered; the process's program;
 * /usr/lib/.build-id and /usr/lib/debug/.build-id, where packages have links; all libraries of
 * ld.so's cache, or else in the folders of libraries. The last takes some tens of milliseconds, so
 * it is done when nothing else has helped, and again after BUILDIDS_AGAIN_S at the earliest. A file
 * that is found has the id.
 *
 * Nothing is asked of the network, and no file is run.
 *
 * Bounds: BUILDIDS_ROOTS roots (containers), BUILDIDS_FILES files of each.
 * Ownership: buildids_free() gives back what it holds; descriptors are the caller's.
 * Errors: -ENOENT, not reported. What was not found is not looked for again within a second.
 */
#pragma once

#include "probe/symfiles.h"

#define BUILDIDS_AGAIN_S 60
#define BUILDIDS_ROOTS   16
#define BUILDIDS_FILES   30000
#define BUILDIDS_MISSING 64

struct buildids_missing {
	unsigned char id[SYMFILES_ID];
	uint64_t until; /* milliseconds */
};

struct buildids {
	struct buildindex *offered;
	struct buildindex *roots; /* the one read last comes first */
	struct buildids_missing missing[BUILDIDS_MISSING];
	unsigned int missing_next;
};

struct buildids_where {
	int root;	     /* the "/" that the process had; -1: not known. Ours comes next. */
	const char *program; /* the path of the process's file there, or NULL */
};

/* 0, or -errno: not an ELF file with a build-id. */
int buildids_offer(struct buildids *b, const char *path);

/* A descriptor of O_PATH. */
int buildids_open(struct buildids *b, const unsigned char id[SYMFILES_ID],
		  const struct buildids_where *where);

void buildids_free(struct buildids *b);
