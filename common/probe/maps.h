/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps: what a process has mapped as code, by /proc/PID/maps.
 *
 *	struct maps maps;
 *	err = maps_open(&maps, pid);
 *	while (maps_next(&maps, &line)) ...
 *	whole = maps_whole(&maps);
 *	maps_close(&maps);
 *
 * Ownership: a line's path is valid until the next call.
 * Errors: -errno, not reported.
 * Relies on: show_map_vma() in fs/proc/task_mmu.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct maps {
	pid_t pid;
	FILE *file;
	char *text;
	size_t room;
};

struct maps_line {
	uint64_t start, end, offset;
	uintmax_t inode;  /* 0: of no file */
	const char *path; /* "[vdso]" and the like; "": it is nobody's */
	bool deleted;	  /* the file has no name any more, this was it */
};

int maps_open(struct maps *m, pid_t pid);
bool maps_next(struct maps *m, struct maps_line *l);

/* False: that may not have been all, as the process ended or became another program meanwhile. The
 * kernel does not say so, but then it has no first line either. */
bool maps_whole(struct maps *m);

void maps_close(struct maps *m);

/* The very file, even if another has its name by now; without the right to open these, what has
 * the name in root, the process's "/". same: only if it has the same inode, too. */
int maps_file(const struct maps *m, const struct maps_line *l, int root, int flags, bool same);
