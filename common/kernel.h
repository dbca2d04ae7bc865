/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel: facts about the running kernel, found by looking and never by its version number.
 *
 * Ownership: what is returned belongs to this module and lives as long as the process.
 * Errors: -errno; kernel_btf_open() and kernel_explain() report, the rest does not.
 */
#pragma once

#include <stdbool.h>

struct bpf_object;
struct btf;

/* Where the kernel's types come from: --btf FILE (BTF, or an ELF file that has it), or NULL for
 * the running kernel's own /sys/kernel/btf/vmlinux. */
int kernel_btf_open(const char *file);

/* The types; NULL before kernel_btf_open(). */
const struct btf *kernel_btf(void);

/*
 * A file name for bpf_object_open_opts.btf_custom_path, to be filled by kernel_btf_subset()
 * before the object is loaded.
 *
 * libbpf compares every type that a program reads with each of the 120,000 that the kernel has,
 * which is most of a tool's start (0.6 ms a type). The subset holds just the types of the same names,
 * found in one pass.
 */
const char *kernel_btf_path(void);
int kernel_btf_subset(const struct bpf_object *object);

/* The number of arguments of a raw tracepoint, or -ENOENT: there is none of this name, or
 * -ENODATA: not known, because the types are from --btf. */
int kernel_raw_tracepoint_args(const char *name);

/* The id of a tracepoint "category/event", or -errno (-ENOENT: no such; -EACCES ...). tracefs
 * is used where it is mounted, else mounted for this process's eyes only. */
int kernel_tracepoint_id(const char *name);

/* After a refused bpf(2) call: one line that says what is missing and what to do about it. */
void kernel_explain(int err);
