/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check: from what was written (ast.h) to what it means (expr.h): names looked up, C's
 * conversions made, types held against each other.
 *
 *	struct check c = { .arena = &arena, .mistake = &mistake, .types = &types, .scope = &scope };
 *	struct expr *e = check_value(&c, node);
 *
 * Besides the scope's names an expression has
 *
 *	$pid $tgid $tid $uid $gid $cpu $comm $task $cgroup $nsecs $seq $delta
 *	$latency, $entry(expression)	with c.entry
 *
 * the constants of enums and of errno (ENOENT), and the functions of check_functions. As in BCC,
 * $pid is what the kernel calls so, the thread: $tid; the process is $tgid. A name that only the
 * entry's scope has means $entry(NAME).
 *
 * Errors: NULL or false, the mistake is set.
 */
#pragma once

#include <stdbool.h>

#include "expr/scope.h"
#include "mistake.h"

#define CHECK_KEPT_MAX 32 /* different $entry() of one probe */

struct check {
	struct arena *arena;
	struct mistake *mistake;
	struct ctypes *types;
	const struct scope *scope;
	const struct scope *entry; /* what $entry() sees; NULL: nothing was kept */
	bool big_endian, user;	   /* user: pointers of casts from integers point to user space */
	bool binary;		   /* texts of STRCMP are bytes: "{0x6c, 0}" */

	/* What was asked of the entry: expressions in its scope, in the order of EXPR_KEPT. */
	struct expr *kept[CHECK_KEPT_MAX];
	size_t kept_count;
	bool uses_now, uses_seq, uses_delta, uses_latency;

	/* private */
	bool in_entry, failed;
};

/* For struct parse: what may be called, NULL last. */
extern const char *const check_functions[];

/* For struct parse, with struct check as the context: typedefs that nothing in the scope hides. */
bool check_is_type(const char *name, void *check);

/* A scalar. */
struct expr *check_value(struct check *c, const struct node *n);

/* A scalar that is asked for its truth. */
struct expr *check_truth(struct check *c, const struct node *n);

/* What is to be printed: a scalar, an object, a text. */
struct expr *check_any(struct check *c, const struct node *n);

/* A type that was named. NULL: there is none. */
const struct ctype *check_type(struct check *c, const struct type_name *t);

/* What a fetched name is, as check_any() would say. */
struct expr *check_name(struct check *c, const struct scope_name *name);

/* A value as another scalar type, as a cast does it. */
struct expr *check_cast_to(struct check *c, struct expr *e, const struct ctype *type);

/* An object that holds a scalar, as its value. */
struct expr *check_scalar(struct check *c, struct expr *object);

/* A struct or array behind a pointer, for "%S"; or the expression itself. */
struct expr *check_follow(struct check *c, struct expr *e);

/* Whether it is text when it is asked for as such: a pointer or array of char. */
bool expr_is_text(const struct expr *e);
