/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * splice: code made from the user's text put into a precompiled program, in place of the bodies of
 * functions that stand there for it (bpf/splice.bpf.h).
 *
 *	splice_program(bpf_program__insns(p), bpf_program__insn_cnt(p), bodies, 2, &insns, &count)
 *
 * libbpf has relocated the program by then: maps and CO-RE are done, and its functions follow each
 * other, found by the calls of them. A function that calls nothing and has a body's mark as a
 * constant is that body's. Functions are verified anew for each call, so the arguments keep their
 * kinds: context, stack, memory of a map.
 *
 * Ownership: the caller frees the instructions.
 * Errors: -EINVAL: the program has no function with one of the marks (a mistake in the program).
 * Relies on: libbpf appending the functions that a program calls to its instructions.
 */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "bpf/splice.h"

struct splice_body {
	int mark; /* SPLICE_PASS ... */
	const struct bpf_insn *insns;
	size_t count;
};

int splice_program(const struct bpf_insn *program, size_t size, const struct splice_body *bodies,
		   size_t body_count, struct bpf_insn **insns, size_t *count);
