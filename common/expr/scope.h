/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scope: the names that an expression may use, and how their values are fetched. Entries,
 * returns, tracepoints and USDT probes differ only in the scope that they supply.
 *
 * Offsets are bytes of the program's context: struct pt_regs of kprobes and uprobes, the record
 * of a tracepoint, the array of arguments of a raw tracepoint or fentry.
 *
 * Ownership: the caller's, for as long as what is made with it is used.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "expr/expr.h"

enum fetch_kind {
	FETCH_REGISTER, /* a register of 8 bytes at `at`, whose lower bytes are the value */
	FETCH_FIELD,	/* the value itself lies at `at` */
	FETCH_DATA_LOC, /* at `at` lie 2 bytes that say where in the context it is */
	FETCH_REL_LOC,	/* ... counted from behind these 4 bytes */
	FETCH_INNER,	/* at `at` lies the address of registers: the one at `more` there */
	FETCH_MEMORY,	/* the register at `at`, plus more, plus the register at `index` * scale, is
			 * the address of it; in user space if `space` says so */
	FETCH_CONSTANT, /* more */
};

struct fetch {
	enum fetch_kind kind;
	uint32_t at, index;
	uint8_t scale; /* 0: no index */
	enum space space;
	int64_t more;
};

struct scope_name {
	const char *name;
	const struct ctype *type;
	struct fetch fetch;
	enum space points; /* of a pointer: where to, unless @user or @kernel say else */
};

/* What has a name, but nothing that could be read. */
struct scope_unread {
	const char *name, *why; /* why: the whole message */
};

struct scope {
	const struct scope_name *names;
	size_t count;
	const struct scope_unread *unread;
	size_t unread_count;
	const struct scope_name *fields; /* args->NAME; "ctx->NAME" */
	size_t field_count;
	size_t shown; /* so many of the fields, or of the names if there are none, are what is
		       * printed if nothing else is asked for */
	const char *what; /* "vfs_read", for messages */
	const char *args; /* why there are no args, or no more of them, for messages; or NULL */
};
