/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * perfmap: names of code that was compiled while its process ran (Java, JavaScript, .NET ...), as
 * their virtual machines write them for perf: /tmp/perf-PID.map, "START SIZE NAME" a line.
 *
 * The file is the one that the process itself sees under that name, in its root and with the
 * number that it has in its own pid namespace; it must be the process's user's, or root's. It
 * stays open, so what is in it can be read when the process has gone, and only what was added is
 * read again. Where code was written over other code, the later name holds.
 *
 * Ownership: perfmap_free() gives back what it holds. A name is valid until the next call.
 * Errors: none; damaged lines are left out, and what is behind the first PERFMAP_MOST bytes.
 */
#pragma once

#include <sys/types.h>
#include "probe/symtab.h"

#define PERFMAP_MOST (64u << 20)

struct perfmap {
	struct symtab table;
	int fd; /* 0: none yet */
	dev_t device;
	ino_t inode;
	off_t read;
	char module[32]; /* the file's name */
};

/* Looks for the process's file, or for what is new in it; root is the process's "/". */
void perfmap_update(struct perfmap *p, pid_t pid, int root);

/* NULL: nothing is known there. */
const char *perfmap_name(struct perfmap *p, uint64_t address, uint64_t *plus);

void perfmap_free(struct perfmap *p);
