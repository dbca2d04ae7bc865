/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel: what the running kernel offers and allows, found by trying and never by its version
 * number. (Its types are ktypes.h.)
 *
 * Errors: -errno, not reported; kernel_explain() is what reports.
 */
#pragma once

/* The id of a tracepoint "category/event", or -errno (-ENOENT: no such; -EACCES ...). tracefs
 * is used where it is mounted, else mounted for this process's eyes only. */
int kernel_tracepoint_id(const char *name);

/* After a refused bpf(2) call: one line that says what is missing and what to do about it. */
void kernel_explain(int err);
