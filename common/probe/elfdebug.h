/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elfdebug: the symbols that were taken out of a program or library: those that lie compressed
 * in it (.gnu_debugdata, "mini debug info"), and those in a file of their own, found on this
 * machine by its build-id or by its name (.gnu_debuglink). Nothing is asked of the network.
 *
 * liblzma unpacks, not libdw: libdw loads libdebuginfod and with it libcurl when a program
 * starts, and its unpacking has no limit.
 *
 * Ownership: the caller frees, with elf_end() and free(), or elffile_close().
 * Errors: -ENOENT: there are none; else -errno. Not reported: they are an extra.
 */
#pragma once

#include "probe/elffile.h"

/* More than this is not unpacked; the largest libraries' have some 20 MB. */
#define ELFDEBUG_MOST (128u << 20)

/* The image belongs to *elf, which goes first. */
int elfdebug_unpack(const struct elffile *f, Elf **elf, void **image);

int elfdebug_open(const struct elffile *f, struct elffile *debug);
