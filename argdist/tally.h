/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tally: what the kernel side has counted for one specifier: its two maps, and what is in them.
 *
 *	tally_create(&t, keys)		after all is compiled
 *	tally_read(&t, ...)		rows, and the map is emptied
 *	tally_clear(&t), tally_free(&t)
 *
 * Ownership: rows are valid until tally_clear().
 * Errors: -errno, reported.
 */
#pragma once

#include "program.h"

struct strbuf;

struct tally_row {
	char *key; /* a record: argdist.h */
	uint64_t count;
	struct tally_stats stats; /* TALLY_STATS */
	uint64_t *slots;	  /* histograms: slot_count of them */
};

struct tally {
	const struct specifier *specifier;
	struct place *place;
	const struct action *action; /* of its first target: records of all are alike */
	struct value *values;	     /* keys and number, as they are right for all targets */
	struct value **by_slot;	     /* where $PROBE is a key: ... for all targets of a slot */
	size_t slots;		     /* in by_slot */
	int fd[2];		     /* maps, + 1 */
	struct tally_row *rows;
	size_t count, room;
	/* private */
	size_t value_size, slot_count;
	bool shared; /* the map has one value for all CPUs */
	int cpus;
	void *read;  /* what is in the map under a key */
};

/* keys: at most. */
int tally_create(struct tally *t, uint32_t keys);

/* Adds what is in a map (0 or 1) to the rows; empty: and deletes it there. */
int tally_read(struct tally *t, int which, bool empty);

/* Forgets the rows. */
void tally_clear(struct tally *t);
void tally_free(struct tally *t);

/* The number that a row is shown with and ordered by; stats.is_unsigned says how to take it. */
int64_t tally_number(const struct tally *t, const struct tally_row *row);

/* Adds one of these values as text; the row's number. */
void tally_stat_text(const struct tally_stats *stats, int64_t value, struct strbuf *out);
void tally_number_text(const struct tally *t, const struct tally_row *row, struct strbuf *out);

/* As strcmp(), by these numbers. */
int tally_compare(const struct tally *t, const struct tally_row *a, const struct tally_row *b);

/* Their average, rounded towards 0. */
int64_t tally_average(const struct tally_stats *stats);

/* Rows whose keys have become equal are one from here on. */
void tally_merge(struct tally *t);

/* Adds a row's hits to another's; not what histograms have. */
void tally_row_add(struct tally_row *to, const struct tally_row *from);

/* By that number, ascending; equal ones by their keys. */
void tally_sort(struct tally *t);

/* The value that a share of a histogram's hits (0 to 1) does not exceed, within 5.9 %. */
double tally_percentile(const struct tally_row *row, double share);

/* The lowest value of a bucket of lhist(), from 1 on; of the one behind the last the bound. */
int64_t tally_from(const struct tally_linear *l, uint32_t bucket);

/* Rows of a log2 histogram (hist.h); returns how many there are. */
unsigned int tally_rows(const struct tally_row *row, uint64_t *rows);
