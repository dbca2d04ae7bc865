/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * list: what specifications match, a line each, for -l; and with -v what is known of its
 * arguments: by the kernel's types, the file's debug information, the tracepoint's format, or the
 * USDT probe's note.
 * Errors: -errno, reported, but for -EPIPE.
 */
#pragma once

#include <stdbool.h>

#include "probe/target.h"

int list_show(const struct targets *t, bool arguments);
