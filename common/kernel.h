/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel: what the running kernel offers and allows, found by trying and never by its version
 * number. (Its types are ktypes.h.)
 *
 * Errors: -errno, not reported; kernel_explain() is what reports.
 */
#pragma once

/* A file or folder of tracefs ("available_filter_functions", "events") or debugfs, opened for
 * reading: a descriptor that is the caller's, or -errno. The file systems are used where they
 * are mounted, else mounted for this process's eyes only. */
int kernel_open_tracefs(const char *path);
int kernel_append_tracefs(const char *path); /* ... for writing at its end */
int kernel_open_debugfs(const char *path);

/* The id of a tracepoint "category/event", or -errno (-ENOENT: no such; -EACCES ...). */
int kernel_tracepoint_id(const char *name);

/* After a refused bpf(2) call: one line that says what is missing and what to do about it. */
void kernel_explain(int err);
