/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the verifier knows of a number, made less. */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "vmlinux.h"

/*
 * The same value, of which the verifier knows only that it is at most mask (a constant, all
 * ones below its top bit), by way of a number that it knows nothing about. In a loop that adds
 * up sizes no two rounds are alike to it otherwise, and it walks every mix of branches to the
 * end: 800,000 instructions in place of 45,000 for a path of 192 components (6.18).
 */
static __always_inline __u32 bound_forget(__u32 value, __u32 unknown, __u32 mask)
{
	asm volatile("%0 ^= %1" : "+r"(value) : "r"(unknown));
	asm volatile("%0 ^= %1" : "+r"(value) : "r"(unknown));
	asm volatile("%0 &= %1" : "+r"(value) : "r"(mask));
	return value;
}

/* The smaller of the two, in a form that the compiler leaves to be seen by the verifier. */
static __always_inline __u32 bound_at_most(__u32 value, __u32 max)
{
	asm volatile("" : "+r"(value));
	if (value > max)
		value = max;
	return value;
}
