/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scopes: what a target (target.h) offers to expressions (expr/scope.h), by the way in which it is
 * reached.
 *
 *	function's entry	its parameters by name, if their types are known and it is known
 *				where they lie (abi.h); arg1 ...; ctx->REGISTER
 *	... return		retval; ctx->REGISTER
 *	system call's function	its arguments, behind the registers that it is given
 *	tracepoint		args->FIELD
 *	USDT probe		arg1 ...
 *
 * Names that there are but that cannot be read (floating point, structs) are kept with the reason.
 * Types are those of types.h. Of a program's function that has no debug information argN is unsigned
 * long and retval is long.
 *
 * Ownership: scopes are the arena's.
 * Errors: -errno; -EINVAL has the mistake set (a signature's types), others are reported.
 * Relies on: registers.h; Documentation/bpf/ (fentry's context is an array of arguments).
 */
#pragma once

#include "expr/arena.h"
#include "expr/scope.h"
#include "mistake.h"
#include "probe/attach.h"

struct parameter;
struct types;

struct scopes {
	struct arena *arena;
	struct mistake *mistake;
	struct types *types;
};

/* What a signature says, instead of what is known of the target; NULL: none was given. */
struct scope_signature {
	const struct parameter *first;
	size_t at; /* in the text */
};

/* The types that are meant where this target is traced. */
struct ctypes *scopes_types(const struct scopes *s, const struct target *t);

/* At the entry, or at a tracepoint or USDT probe; t->ret is not looked at. */
int scope_entry(struct scopes *s, const struct target *t, enum attach_way way,
		const struct scope_signature *signature, struct scope *out);

/* At the return. */
int scope_return(struct scopes *s, const struct target *t, enum attach_way way,
		 struct scope *out);
