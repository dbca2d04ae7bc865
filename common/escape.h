/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * escape: bytes that another process controls, made fit to be shown.
 *
 * Text: a terminal or a line-reading script must not be fooled, so control bytes (C0,
 * DEL, and C1 in UTF-8 form), newline, backslash and bytes that are no valid UTF-8 become
 * C escapes: \n \t \r \e \\ \xNN (two digits, lower case). U+2028, U+2029 and the
 * bidirectional controls (U+202A..U+202E, U+2066..U+2069, U+200E, U+200F, U+061C) become
 * \u{xxxx}: they reorder what a reader sees. All else, UTF-8 included, stays as it is.
 * The result reverses without loss.
 *
 * JSON: a string by RFC 8259, in which the same characters as in text are escaped
 * (\uxxxx), so that it is as safe on a terminal. Each byte that is no valid UTF-8 becomes
 * U+FFFD; the caller then adds the raw bytes in hexadecimal beside it (table.h): nothing
 * is lost.
 *
 * Errors: none.
 */
#pragma once

#include <stdbool.h>
#include "strbuf.h"

/* quote: also escape the double quote, for text that stands between two of them. */
void escape_text(struct strbuf *out, const char *bytes, size_t size, bool quote);

/* With its double quotes. Returns false if some bytes were no valid UTF-8. */
bool escape_json(struct strbuf *out, const char *bytes, size_t size);

void escape_hex(struct strbuf *out, const char *bytes, size_t size);

/* How many columns of a terminal escaped text takes: wcwidth by the LC_CTYPE that
 * cli_start() has set, 1 where that knows nothing. */
size_t escape_width(const char *text, size_t size);
