/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * soname: names of libraries as users shorten them, and ld.so's cache of where they lie.
 *
 * Relies on: glibc's elf/cache.c, both forms of the file: the old one (libc 5's and before
 * glibc 2.2), the new one, and the new one behind the old one.
 * Errors: -errno, not reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SONAME_CACHE "/etc/ld.so.cache"

/*
 * Whether a file name is of the library that is meant: "c", "libc" and "libc.so" mean libc.so.6
 * and the libc-2.31.so of older glibc; "libc.so.6" means nothing else.
 */
bool soname_matches(const char *meant, const char *file_name);

/*
 * Calls each() with the paths of the entries whose library is meant, in the cache's order (newest
 * version first), until it returns 0. meant NULL: all, also those for single processors. 1: it
 * did; 0: it did not; -EBADMSG: damaged; -errno.
 */
int soname_cache(int fd, const char *meant, int (*each)(const char *path, void *arg), void *arg);
