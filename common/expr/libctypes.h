/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libctypes: the types of libc that programs talk to each other and to the kernel with (struct
 * timespec, stat, sockaddr_in, size_t ...), as BTF. They are those of the headers of the system
 * for which the tool was built.
 *
 *	data = libctypes_bytes(&size);
 *	ctypes_add(&types, data, size, NULL);
 *
 * What they are used for lies in user memory. The kernel has types of the same names that differ
 * (struct stat, struct msghdr): user-space probes ask this file first.
 *
 * Macros of the headers are no types: st_mtime is st_mtim.tv_sec.
 *
 * Ownership: the bytes are part of the program.
 * Errors: none.
 */
#pragma once

#include <stddef.h>

/* BTF, aligned for 8 bytes. */
const void *libctypes_bytes(size_t *size);
