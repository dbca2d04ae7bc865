/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * library: from what a user types to the file that is meant.
 *
 * A name with a slash is a path. Any other is that of a library ("c", "libc", "libssl.so.3"), in
 * ld.so's cache, then in the standard folders; else that of a program in PATH. Of several files
 * the first that is made for this machine is taken: the cache has the newest version first, and
 * its entries for single processors (glibc-hwcaps) are left out.
 *
 * With a process, what it has mapped comes first, then the same search among the files that it
 * sees: in a container they are others. Such a file stays reachable after it was deleted or the
 * process has gone.
 *
 * Ownership: library_close() gives back what a struct library holds. Its path may be one of
 * this process's descriptors: do not close before the probes are attached.
 * Errors: -errno, reported.
 */
#pragma once

#include <sys/types.h>

struct library {
	char *path;  /* as this process, and the kernel for it, can open it */
	char *shown; /* as users know it, or the process that has it mapped */
	int fd;	     /* what path stands for, or -1 */
	dev_t device; /* both together are the file's, whatever its names */
	ino_t inode;
};

/* pid: 0: no process. */
int library_find(struct library *l, const char *name, pid_t pid);

/* All files with code that a process has mapped, once each. each() returns 0 to go on; what else
 * it returns is handed on. The library is closed after it, unless it keeps it: copies the struct
 * and leaves { .fd = -1 } in its place. Only what concerns the process itself is reported. */
int library_each(pid_t pid, int (*each)(struct library *l, void *arg), void *arg);

void library_close(struct library *l);
