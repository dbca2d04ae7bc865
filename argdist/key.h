/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* key: what a row of a tally is counted by, as text and as JSON. */
#pragma once

#include <sys/types.h>

#include "tally.h"

struct strbuf;

/* What its keys are; NULL: the row has no such keys. reads: VALUES_MAX of them; they point into the
 * row. */
const struct value *key_read(const struct tally *t, const struct tally_row *row,
			     struct value_read *reads);

/* One of them. */
void key_value(const struct tally *t, const struct value *v, const struct value_read *r,
	       struct strbuf *out);

/* All: "count = 4096, $COMM = cat". */
void key_text(const struct tally *t, const struct tally_row *row, struct strbuf *out);

/* {"count":4096,"$COMM":"cat"} */
void key_json(const struct tally *t, const struct tally_row *row, struct strbuf *out);

/* What of the stacks the row has. */
struct tally_stacks *key_stacks(const struct tally_row *row);

/* The process: known if it is a key, or the only one that is traced; else 0. */
pid_t key_pid(const struct tally *t, const struct tally_row *row);
