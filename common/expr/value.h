/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * value: what an event carries of the user's expressions, and where. The compiler (gen.h) lays the
 * values out and writes the code that fills them in; values_read() finds them again.
 *
 * The data of an event is a fixed part, filled up to a multiple of 8 bytes, then the bytes of all
 * strings that were read, one behind the other in the order of the values. In the fixed part are:
 *
 *	INTEGER   8 bytes at `offset`, sign- or zero-extended as its type is; pointers too
 *	STRING    4 bytes at `offset`: how many bytes of it follow in the second part, its NUL
 *		  included, or -errno
 *	BYTES     `size` bytes at `offset`
 *
 * and, at offset 0, 8 bytes with a bit for each value that could not be read (`fault`).
 *
 * Ownership: what is read points into the event's data.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/ctype.h"

enum value_kind {
	VALUE_INTEGER,
	VALUE_STRING,  /* text that something points to */
	VALUE_BYTES,   /* a struct, an array, a float */
	VALUE_LITERAL, /* a string of the user's own: text, size; not in the data */
};

/* How it is meant to be shown where the format leaves that open. */
enum value_show {
	SHOW_AS_TYPE,
	SHOW_IP,   /* ntop(): an address in network order, of 4 or 16 bytes (INTEGER: 4) */
	SHOW_BOOL, /* a comparison: 0 or 1 */
};

#define VALUES_MAX 64 /* of one event: bits of the mask */

struct value {
	enum value_kind kind;
	enum value_show show;
	const struct ctype *type; /* INTEGER, BYTES: its own; STRING: the pointer or array it was
				   * read from */
	unsigned int bits;	  /* of a bitfield, else 0 */
	const char *name;	  /* how the user called it; NUL-terminated */
	size_t at, end;		  /* its range of the user's text */
	uint32_t offset;
	uint32_t size;		  /* STRING: the most bytes that are read, its NUL included */
	bool can_fault;
	bool is_string;		  /* BYTES: text that was read up to its NUL, and zeros */
	const char *text;	  /* LITERAL */
};

/* One value of one event. */
struct value_read {
	bool fault;	   /* it could not be read: nothing else is set */
	bool cut;	   /* STRING: it was as long as there was room, and may go on */
	uint64_t integer;  /* INTEGER */
	const char *bytes; /* others; STRING: without the NUL */
	size_t size;
};

/* Finds all values of an event. False: the data is too short for them. */
bool values_read(const struct value *values, size_t count, const void *data, size_t size,
		 struct value_read *out);
