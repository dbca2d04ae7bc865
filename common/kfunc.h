/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kfunc: fills in the calls of bpf/preempt.bpf.h, before the object is loaded and while ktypes
 * still has the kernel's types. libbpf could do it too, but reads the kernel's types once more
 * for that.
 *
 * Errors: -errno, not reported.
 * Relies on: Documentation/bpf/kfuncs.rst (6.10); kernel/bpf/verifier.c: calls to global functions
 * are allowed with preemption off where bpf_subprog_info has might_sleep (6.18; not yet in 6.12).
 */
#pragma once

struct bpf_object;
struct bpf_program;

/* Types' ids of the functions that are called; 0: of none, because the kernel does not have both, or
 * would refuse the object's programs with them. */
struct kfunc {
	int disable, enable;
};

struct kfunc kfunc_find(const struct bpf_object *object);

int kfunc_link(const struct kfunc *k, struct bpf_program *program);
