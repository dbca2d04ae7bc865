/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * typetext: a type as C writes it; the text is good until the next one.
 */
#pragma once

#include "expr/ctype.h"
#include "strbuf.h"

static const char *text_of(const struct ctype *type, const char *name)
{
	static struct strbuf b;

	strbuf_clear(&b);
	ctype_print(type, name, &b);
	return strbuf_cstr(&b);
}
