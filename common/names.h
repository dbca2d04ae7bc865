/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names: numbers of the kernel's ABI by name: errno and open flags. Numbers without a
 * name are shown as such.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "strbuf.h"

/* "ENOENT" for 2; NULL if there is none. */
const char *errno_name(int err);

/* "O_RDWR|O_CREAT|O_CLOEXEC"; leftover bits in octal. */
void open_flags_text(struct strbuf *out, uint32_t flags);

/* One flag's name to the mask and value that an open with it has: O_RDONLY is
 * mask O_ACCMODE, value 0. False: no such flag. */
bool open_flag_parse(const char *name, uint32_t *mask, uint32_t *value);

/* The names that open_flag_parse() knows, separated by ", ". */
const char *open_flag_list(void);
