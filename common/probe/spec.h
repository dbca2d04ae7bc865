/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spec: a specification: text that says what to probe.
 *
 *	FUNC  p::FUNC  r::FUNC           a kernel function; r: where it returns
 *	[MODULE]:FUNC  p:[MODULE]:FUNC   one of a module (these brackets are written)
 *	ksyscall:NAME  r:ksyscall:NAME   this kernel's function of a system call
 *	LIB:FUNC  p:LIB:FUNC  r:LIB:FUNC a function of a library or program: a name or a path
 *	t:CATEGORY:EVENT                 a tracepoint; no CATEGORY: any
 *	u:LIB:PROBE  u:LIB:PROVIDER:PROBE  a USDT probe; no LIB: the traced process's files
 *
 * FUNC may end in +OFFSET (decimal or 0x). FUNC, CATEGORY, EVENT, PROVIDER and PROBE are
 * patterns (pattern.h). Any part may stand in double quotes, for a path with a colon or a C++
 * name where more follows; \" is a quote inside of them, and wildcards keep their meaning.
 *
 * Specifications can be the beginning of a longer text (trace, argdist): a part then ends before
 * a blank, a parenthesis, a colon or another character that names do not have. There a USDT probe
 * with neither provider nor parentheses takes the next ":word" for its name: write ().
 *
 * Ownership: the struct belongs to the caller, what it points to is freed by spec_free().
 * Errors: -EINVAL, not reported; mistake_report() shows it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mistake.h"
#include "probe/pattern.h"

enum spec_kind {
	SPEC_KERNEL,	 /* module, name, syscall, offset, ret */
	SPEC_USER,	 /* library, name, offset, ret */
	SPEC_TRACEPOINT, /* group (category), name */
	SPEC_USDT,	 /* library, group (provider), name */
};

struct spec {
	enum spec_kind kind;
	bool ret;	     /* the function's return */
	char *text;	     /* the specification as it was written */
	char *module;	     /* NULL: the kernel and all modules */
	char *library;	     /* USDT: NULL: none was named */
	struct pattern group;
	struct pattern name;
	const char *syscall; /* in name.text: behind sys_ and the like; NULL: no such prefix */
	uint64_t offset;
	size_t found;	     /* how many targets it brought: counted by who resolves it */
};

/*
 * regex: the patterns are regular expressions.
 * end: NULL: nothing may follow the specification (blanks may), and a function's name of a
 * program is all of the rest: "/bin/x:ns::f(int, char*)". Else it is set to what follows.
 */
int spec_parse(struct spec *s, const char *text, const char **end, bool regex,
	       struct mistake *error);

/* Where the name begins behind the prefix of a system call's function (sys_clone, SyS_clone,
 * __x64_sys_clone ...), or NULL: it does not begin so. */
const char *spec_syscall(const char *name);

void spec_free(struct spec *s);
