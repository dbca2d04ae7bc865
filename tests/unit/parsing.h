/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parsing: a parser for tests that knows some functions and typedefs.
 *
 *	begin(&t, text), then parse_expr(&t.parse, ...) and its like, then end(&t)
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "expr/parse.h"
#include "strbuf.h"

static const char *const functions[] = { "STRCMP", "STRNCMP", "ntop", "ntohs", "ntohl", "$entry",
					 "sum", "lhist", NULL };

#define FUNCTIONS "; there are STRCMP, STRNCMP, ntop, ntohs, ntohl, $entry, sum, lhist"

/* `context` has the typedefs that there are, each between blanks. */
static bool is_type(const char *name, void *context)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(context, word);
}

static char typedefs[] = " u8 u32 u64 size_t pid_t loff_t ";

struct test {
	struct arena arena;
	struct mistake mistake;
	struct parse parse;
	struct strbuf out;
};

static void begin_at(struct test *t, const char *text, size_t at)
{
	*t = (struct test){};
	t->parse = (struct parse){ .arena = &t->arena, .mistake = &t->mistake,
				   .functions = functions, .is_type = is_type,
				   .context = typedefs };
	parse_start(&t->parse, text, at);
}

static void begin(struct test *t, const char *text)
{
	begin_at(t, text, 0);
}

static void end(struct test *t)
{
	strbuf_free(&t->out);
	arena_free(&t->arena);
}

static void check_taken(struct test *t, const char *text, int err)
{
	if (err)
		fail_msg("%s: refused at %zu: %s", text, t->mistake.at, t->mistake.why);
}
