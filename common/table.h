/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table: one table of columns gives the header, the text rows, --json and -o LIST.
 *
 * A row is a C struct; a column says where in it the cell's value lies and of which kind
 * it is, or formats it itself. Header and rows are made by the same loop, so they cannot
 * disagree. Strings are escaped here (escape.h) and nowhere else.
 *
 * JSON: one object per line; the keys are column.key, numbers are numbers, bytes are
 * strings. A string whose bytes are no valid UTF-8 has U+FFFD in their place and is
 * followed by "KEY_hex", the bytes in hexadecimal. JSON shows all columns but those
 * marked extra, or exactly those of -o.
 *
 * Output is gathered and written by table_flush(): whole lines, one write(2) for a batch.
 * Errors: table_select() returns what is wrong with the list; table_flush() returns
 * -errno, -EPIPE when the reader is gone (no error of ours), anything else reported.
 * After an error nothing more is written, and table_flush() keeps returning it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "strbuf.h"

enum cell {
	CELL_END,
	CELL_U32,
	CELL_S32,
	CELL_U64,
	CELL_BYTES,  /* struct bytes */
	CELL_CHARS,  /* char[16], ends at its NUL: a comm */
	CELL_CLOCK,  /* uint64_t CLOCK_MONOTONIC ns, as local HH:MM:SS; JSON: ISO 8601
		      * with us, UTC */
	CELL_SINCE,  /* uint64_t CLOCK_MONOTONIC ns, as seconds since table_start() or
		      * the first row; decimals are cut off, not rounded */
	CELL_FORMAT, /* text() and json() do it */
};

/* Bytes of another process: not terminated, not trusted. data NULL: not known. */
struct bytes {
	const char *data;
	size_t size;
};

struct column {
	const char *name;    /* header; -o LIST takes it too, in any case */
	const char *key;     /* JSON key */
	int width;           /* at least; negative: left-aligned; 0: as it comes */
	enum cell kind;
	size_t offset;       /* of the value in the row */
	const bool *when;    /* shown by default if *when; NULL: always */
	bool extra;          /* shown only when -o names it */
	int decimals;        /* CELL_SINCE: 0..9 */
	bool since_first;    /* CELL_SINCE: since the first row, not table_start() */
	const char *unknown; /* text for a value not known; NULL: "?"; JSON has null */
	/* CELL_FORMAT; text() escapes what it adds itself. json() adds one JSON value, or
	 * NULL: the text as a string. */
	void (*text)(struct strbuf *out, const void *row);
	void (*json)(struct strbuf *out, const void *row);
	/* More JSON members after this one, each beginning with ','; NULL: none. */
	void (*json_more)(struct strbuf *out, const void *row);
	const char *help;    /* for --help: what it is */
};

#define COLUMN_END { .kind = CELL_END }

/* One second of a clock as text, kept because most rows fall into the same one. */
struct table_second {
	int64_t second;
	char text[24];
	size_t size; /* 0: nothing kept */
};

struct table {
	const struct column *columns;
	bool json;
	int fd;                /* where to; -1: keep everything in out (tests) */
	/* private */
	const struct column **shown;
	size_t count;
	struct strbuf out;
	uint64_t start_ns;     /* CLOCK_MONOTONIC at table_start() */
	int64_t realtime_ns;   /* CLOCK_REALTIME minus CLOCK_MONOTONIC then */
	uint64_t first_ns;     /* of the first row, for since_first */
	bool first_known;
	int err;               /* of writing; what comes later is thrown away */
	struct strbuf scratch;
	struct table_second local, utc;
};

/*
 * Chooses the columns, after t->json is set: list NULL for the default, "pid,comm" for
 * exactly these in this order, "+uid,+cpu" for the default and these (before the last one
 * if that has no width; one that is shown already stays where it is). A column is named
 * by its key or its header. Returns NULL, or a message about the list (static storage).
 */
const char *table_select(struct table *t, const char *list);

/* Whether a column will be shown: so that its cost is paid only then. */
bool table_shows(const struct table *t, const char *key);

/* Takes the clocks and prints the header (no header with json). */
void table_start(struct table *t);

void table_row(struct table *t, const void *row);

/* Writes what is gathered. */
int table_flush(struct table *t);

void table_free(struct table *t);
