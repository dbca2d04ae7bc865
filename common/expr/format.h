/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * format: what the user wrote between the quotes, and the values of an event put into it.
 *
 *	format_parse(&arena, &mistake, text, node->at, node->end, &format)
 *	... each value is compiled as format_conversion() wants it: 's' asks for text ...
 *	format_check(&format, values, count, &mistake)
 *	... for each event, after values_read():
 *	format_print(&format, values, reads, &context, &message)
 *
 * A conversion is % flags width .precision length letter, as in C: flags -+ #0, width and precision
 * are numbers up to FORMAT_WIDTH_MAX.
 *
 *	d i u x X o	a number, cut to the size that the length says, as by a cast: hh 1 byte,
 *			h 2, none 4, all others 8. Pointers are cut by h and hh only.
 *	x X		of text, a struct or an array: its bytes, "6c 6f 00"; precision: how many
 *	c		one byte as a character; escaped if it is not printing
 *	s		text: strings, arrays of bytes (up to the NUL), the name of an enum's value,
 *			true and false, IP addresses (ntop()). Precision: bytes of the text.
 *	p		0x and hexadecimal
 *	pI4 pI6		an IP address of 4 and 16 bytes, in network order; pI6c is the same as pI6
 *	K U		the symbol of a kernel address, of one of the event's process
 *	S		any value as C writes it (show.h); enums with their number, "BLUE(6)".
 *			Precision: depth, SHOW_DEPTH without.
 *	f F e E g G a A	floats, and integers converted to double
 *	%		a percent sign, without a value
 *
 * Width pads to columns of a terminal, not bytes. What could not be read is <fault> for every
 * conversion.
 *
 * A string that was cut because it was longer than its room has no mark in %s, as in BCC; where it
 * stands in quotes it has: "text"... as in strace.
 *
 * Escaping is done here and nowhere later: what comes from values is escaped (escape.h), text
 * of the format itself and of literals is not, so that the user's \n and \t do what he wants. So a
 * table's column for the message is a CELL_FORMAT that adds it as it is.
 *
 * Ownership: a format is the arena's; values and reads are the caller's.
 * Errors: -EINVAL with the mistake set, and not reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/arena.h"
#include "expr/value.h"
#include "mistake.h"
#include "strbuf.h"

#define FORMAT_WIDTH_MAX 4095 /* as much as C promises of one conversion */

/* Text, and the conversion that follows it. */
struct format_piece {
	const char *text; /* decoded */
	size_t size;
	char conversion;  /* its letter; '4' and '6' for pI4 and pI6; i is d; 0: none, the end */
	bool left;	  /* flag - */
	unsigned int width;
	int precision;	  /* -1: none */
	unsigned int cut; /* bytes of a number that are printed: 1, 2, 4, 8 */
	const char *spec; /* for printf() */
	size_t at, end;	  /* its range of the user's text */
	const char *written; /* "%-5d" */
};

struct format {
	const struct format_piece *pieces;
	size_t count;
	size_t conversions; /* those that take a value, in the order of the pieces */
};

/* Who knows symbols. Callbacks add the symbol's text, escaped, as usyms_print() does; where there
 * is no callback, or it adds nothing, the address is shown. */
struct format_context {
	void (*kernel_symbol)(void *arg, uint64_t address, struct strbuf *out);
	void (*user_symbol)(void *arg, uint64_t address, struct strbuf *out);
	void *arg;
};

/* [at, end) of text: string tokens one after another, as the range of a NODE_STRING is. Places
 * of mistakes, and of conversions, are those in text. */
int format_parse(struct arena *arena, struct mistake *mistake, const char *text, size_t at,
		 size_t end, struct format *out);

/* The letter of the index-th conversion that takes a value, as in struct format_piece; 0: there are
 * not so many. */
char format_conversion(const struct format *format, size_t index);

/* Whether the values fit the conversions. */
int format_check(const struct format *format, const struct value *values, size_t count,
		 struct mistake *mistake);

/* For probes without a format: "name=value name=value", each value as %.1S. Names are the values',
 * for as long as the format is used. */
void format_default(struct arena *arena, const struct value *values, size_t count,
		    struct format *out);

/* Adds the message of one event. The format was checked with these values. context may be NULL. */
void format_print(const struct format *format, const struct value *values,
		  const struct value_read *reads, const struct format_context *context,
		  struct strbuf *out);

/* Adds one value as JSON: integers as numbers with all digits, pointers as "0x..." strings, enums
 * by name, structs as objects; null if it could not be read. conversion: what the user prints it
 * with (format_conversion()), for that makes symbols and IP addresses of numbers; or 0.
 * False: bytes of its text were no valid UTF-8 (see escape_json()), so the caller adds value_hex()
 * beside it. */
bool value_json(const struct value *value, const struct value_read *read, char conversion,
		const struct format_context *context, struct strbuf *out);

/* Adds the text of a value that is text, in hexadecimal without quotes. */
void value_hex(const struct value *value, const struct value_read *read, struct strbuf *out);
