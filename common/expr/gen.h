/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gen: instructions from expressions (expr.h): the bodies of functions that a precompiled program
 * calls (probe/splice.h).
 *
 *	int pass(void *ctx, struct gen_hit *hit, struct gen_kept *kept)
 *		`result`: the predicate is true. 0: it is not; hit->fault is 1 if it could not be read.
 *	int fill(void *ctx, struct gen_hit *hit, struct gen_kept *kept, void *data)
 *		writes the values (value.h) and returns how many bytes they are
 *	int store(void *ctx, struct gen_hit *hit, __u64 *to)
 *		writes numbers, one behind the other: a key (returns 0, with hit->fault, if one of
 *		them could not be read, else `result`), or what is kept
 *
 * Registers: r6 context, r7 data (or `to`), r8 bytes used, r9 hit; a value is made in r0, with
 * r1 to r5 as scratch. What has to outlive a call of a helper is spilled to the stack. Of an
 * operation the side that needs more slots comes first, so that they are few.
 *
 * Memory is read by the kernel's helpers, as many bytes as the member has; where one fails, the
 * rest of this value is left out, and its bit of the mask is set.
 *
 * Errors: -EINVAL, the mistake is set.
 * Relies on: include/uapi/linux/bpf.h; kernel/bpf/verifier.c (a callee may use its caller's stack
 * through a pointer; scalars that are too large for a pointer's arithmetic are bounded here).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/splice.h"
#include "expr/code.h"
#include "expr/expr.h"
#include "expr/value.h"
#include "mistake.h"

struct gen {
	struct arena *arena;
	struct mistake *mistake;
	bool big_endian;
	bool fetch_atomics; /* 5.12 */
	bool typed_context; /* fentry: what is loaded from it may be a pointer to the verifier */
	bool task_btf;	    /* bpf_get_current_task_btf(), 5.11 */
	bool read_any;	    /* bpf_probe_read() finds out whether an address is the user's */
	int state_map;	    /* its descriptor; gen_state lies at state_at */
	uint32_t state_at;
	bool *shows_names;  /* set if names are looked up when a value is shown; or NULL */
	bool uses_now, uses_seq, uses_delta; /* , , : see gen_hit */
};

/* predicate: NULL: true. result: what the function returns then, not 0. */
int gen_pass(struct gen *g, const struct expr *predicate, int32_t result, struct code *out);

/* What the format does with a value decides how it is carried. */
enum gen_want {
	WANT_ANY,  /* as it is */
	WANT_TEXT, /* as text, if it can be: what it points to */
	WANT_NUMBER,
};

/* Lays the values out: kind, type, offset, size. They are as many as the expressions. */
int gen_layout(struct gen *g, struct expr *const *exprs, const enum gen_want *wants, size_t count,
	       uint32_t string_size, struct value *values);

/* largest: bytes of data at most. */
int gen_fill(struct gen *g, struct expr *const *exprs, const struct value *values, size_t count,
	     struct code *out, uint32_t *largest);

/*
 * A record of fixed size, the key of a map and maybe a number behind it. As fill(), but: strings lie
 * in the fixed part (VALUE_BYTES of string_size, the rest zero), the first `reserve` bytes behind
 * the mask are the caller's, and the function returns 0, with hit->fault, if the number could not
 * be read. number: the last expression, which is no part of the key and in its last 8 bytes.
 */
int gen_record(struct gen *g, struct expr *const *exprs, const enum gen_want *wants, size_t count,
	       bool number, uint32_t string_size, uint32_t reserve, struct value *values,
	       struct code *out, uint32_t *size);

/* A key: its first word is a constant, which tells keys of different kinds apart. */
struct gen_key {
	uint64_t first;
	int result; /* what the function returns, if all could be read */
	/* SPLICE_KEY_STACK: where in the context the stack pointer is and, at an entry, the register
	 * with the address to return to; 0: not wanted. What a return has taken off the stack. */
	int stack, link, popped;
};

/* key: NULL: what is kept, whose faults are noted in the word before the first. Of a key they end
 * it. */
int gen_store(struct gen *g, struct expr *const *exprs, size_t count, const struct gen_key *key,
	      struct code *out);
