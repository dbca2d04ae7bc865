/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * object: loads a tool's programs when its settings are made: the calls of kfunc.h are filled in,
 * what the plan does not need stays out, and if the kernel refuses them, it is said why.
 *
 * Errors: -errno, reported.
 */
#pragma once

struct bpf_object_skeleton;
struct plan;

/* skeleton: skel->skeleton, of the plan's object. While ktypes has the kernel's types. */
int object_load(struct plan *plan, struct bpf_object_skeleton *skeleton);
