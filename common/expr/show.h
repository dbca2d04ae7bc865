/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * show: bytes of a type as one line of text, or as JSON.
 *
 *	{.f_mode=29, .f_flags=32768, .f_path={.mnt=0xffff8a0c010f3e20, ...}, .name="x"}
 *
 * Text is as C's initializers write it. What they may leave out as zero is left out: members that
 * are zero, and the elements of an array behind the last one that is not. Members of anonymous
 * structs and unions stand among the others, and of a union all members are shown.
 *
 *	integers	decimal; char: 'a' if it is printing ASCII
 *	_Bool		false, true
 *	enums		their constant's name; A|B|0x40 if the constants are bits; else the number
 *	pointers	0x and hexadecimal
 *	__int128	0x and hexadecimal
 *	floats		as few digits as lead back to the same number
 *	char arrays	"text" up to its NUL
 *	other arrays	[1, 2, 3]; at most SHOW_ELEMENTS, then ...
 *	void, functions, what is only declared	?
 *
 * JSON has objects, arrays, numbers and true, with all members and all elements; texts, names of
 * constants, pointers, __int128, and what floats have besides numbers ("nan", "inf") are strings.
 * A member whose text is no valid UTF-8 is followed by "NAME_hex" (escape.h).
 *
 * Depth is how many braces and brackets may be open: what lies deeper is {...} or [...], in JSON
 * null. If size is less than the type's, what lies behind it is ..., and in JSON left out, or null.
 * The same is done behind SHOW_MAX values, so that damaged types come to an end.
 *
 * What other processes control is escaped (escape.h): the text can be shown as it is.
 * Ownership: bytes need no alignment, and are the caller's.
 * Errors: none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/ctype.h"
#include "strbuf.h"

#define SHOW_DEPTH    3
#define SHOW_ELEMENTS 16
#define SHOW_MAX      65536

void show_text(const struct ctype *type, const void *bytes, size_t size, unsigned int depth,
	       struct strbuf *out);

/* False: the type is an array of char, and its text no valid UTF-8; see escape_json(). */
bool show_json(const struct ctype *type, const void *bytes, size_t size, unsigned int depth,
	       struct strbuf *out);

/* An integer, enum or pointer that is in a register: extended to 64 bits as its type is. */
void show_integer(const struct ctype *type, uint64_t value, struct strbuf *out);
void show_integer_json(const struct ctype *type, uint64_t value, struct strbuf *out);

/* The name of an enum's value, as above. False: it has none, nothing was added. */
bool show_enum(const struct ctype *type, uint64_t value, struct strbuf *out);
