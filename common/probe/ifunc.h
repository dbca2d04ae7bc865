/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ifunc: functions with several implementations, one of which is chosen for the processor when
 * a program starts (STT_GNU_IFUNC; glibc's strlen, memcpy, sin ...). The symbol is the function
 * that chooses, which is called once; what is called later is its choice.
 *
 * To know the choice the chooser has to be asked, and it is code of the file. So it is asked
 * only where it has been already: of a library that is loaded in this very process (the same
 * file, or one of the same build-id), as dlsym() does, and of glibc's libm. A library that
 * somebody names is never loaded: its start code would run, maybe as root.
 *
 * The choice is this process's: GLIBC_TUNABLES in another's environment may change it there.
 */
#pragma once

#include "probe/elffile.h"

/* The file as it is loaded in this process, or NULL. Never to be closed. */
void *ifunc_loaded(const struct elffile *f);

/* Where in the file the implementation lies. Returns NULL, or why it cannot be told. */
const char *ifunc_resolve(const struct elffile *f, void *loaded, const char *name,
			  uint64_t *offset);
