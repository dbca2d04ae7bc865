/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ktypes: the kernel's types (BTF), read once at the start and let go before the programs run.
 *
 *	ktypes_open(file)
 *	opts.btf_custom_path = ktypes_path();  ... open the object ...
 *	ktypes_raw_tracepoint_args(name), as often as needed
 *	ktypes_subset(object)                  ... load the object ...
 *
 * Why not leave it to libbpf: for each type that a program reads it compares names with each of
 * the kernel's 120,000 types, most of a tool's start, and it holds the 6 MB
 * twice for a moment. The subset is a BTF file of a few kilobytes with the types of the same
 * names, found in one pass, and that is what libbpf relocates against.
 *
 * Ownership: everything belongs to this module.
 * Errors: -errno, reported, but for ktypes_raw_tracepoint_args().
 * Relies on: Documentation/bpf/btf.rst, "BTF type and string encoding".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_object;

/* file: --btf FILE (BTF, or an ELF file that has it); NULL: /sys/kernel/btf/vmlinux. */
int ktypes_open(const char *file);

/* The number of arguments of a raw tracepoint, or -ENOENT: there is none of this name, or
 * -ENODATA: not known, because the file of --btf was cut down to what some program reads. */
int ktypes_raw_tracepoint_args(const char *name);

/* The id of a function of the running kernel, or -ENOENT: there is none, or the types are from
 * --btf, whose ids need not be the kernel's. */
int ktypes_function(const char *name);

/* Whether a struct has a member of this name. */
bool ktypes_has_member(const char *type, const char *member);

/* Whether tasks can be preempted in tracepoints' programs (7.x): they are protected by the fast
 * kind of SRCU, for which the kernel has a variable and a struct srcu_struct that says its kind
 * (include/linux/tracepoint.h, srcu.h). */
bool ktypes_preemptible_tracepoints(void);

/* Calls each() for the values of an enum, in its order; names are valid until ktypes_subset().
 * -ENOENT: there is none of this name. */
int ktypes_enum(const char *type, void (*each)(void *context, const char *name, uint64_t value),
		void *context);

/* The kernel's BTF as it is, for who wants more of it (expr/ctype.h). Who has asked keeps it:
 * ktypes_subset() then lets go of it no more; ktypes_release() does, after it. */
const void *ktypes_bytes(size_t *size);
void ktypes_release(void);

/* The BTF of another file: a module's (/sys/kernel/btf/MODULE, continues the kernel's), or a
 * user's, BTF or an ELF file that has it. The caller frees it. NULL: *err says why, -EINVAL that
 * there is no BTF in the file; not reported. It is a copy, since files of users may change. */
void *ktypes_read(const char *file, size_t *size, int *err);

/* The name of the file that ktypes_subset() will have filled. */
const char *ktypes_path(void);

/* Makes the subset for the object's programs, and frees the rest. */
int ktypes_subset(const struct bpf_object *object);
