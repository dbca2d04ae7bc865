/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of an interval. Errors: -errno of writing (-EPIPE: nobody reads any more). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "counts.h"
#include "probe/target.h"
#include "table.h"

struct show {
	struct table *table;
	bool timestamp;  /* -T */
	bool by_name;    /* --sort name */
	bool zero;       /* --zero: also what was not called */
	bool total;      /* --total */
	bool live;       /* --live: in place of the table before */
	uint32_t top;    /* --top: so many at most, the most called ones; 0: all */
	enum count_by by;
	/* private */
	unsigned int lines; /* of the table that is on the screen */
};

struct interval;

/* t's targets are what the counters count; interval: the one that has ended. */
int show_interval(struct show *s, const struct counts *c, const struct targets *t,
		  const struct interval *interval);
