/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * usdt: the static probes that a program or library declares in its notes (.note.stapsdt).
 *
 * A probe is a NOP in the code; the note tells its address, provider, name, where its arguments
 * lie (as text, for a later parser), and maybe a semaphore: a counter that the program looks at
 * before it prepares the arguments. The kernel raises it if the uprobe is told where it lies
 * (ref_ctr_offset, 4.20). A probe may stand at many places: each is a target.
 *
 * Relies on: sourceware.org/systemtap/wiki/UserSpaceProbeImplementation
 * Errors: none. A damaged note ends the list; places that cannot be used are skips.
 */
#pragma once

#include "probe/elffile.h"
#include "probe/pattern.h"
#include "probe/target.h"

struct usdt_wanted {
	const struct pattern *provider, *probe;
};

/* The number of targets added; they are named "provider:probe". */
size_t usdt_match(const struct elffile *f, const struct usdt_wanted *w, struct targets *t);

/* Whether the file declares any probe. */
bool usdt_any(const struct elffile *f);
