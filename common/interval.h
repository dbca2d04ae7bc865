/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interval: the main loop of a tool that counts: sleep until the next interval ends, show.
 *
 *	for (interval_start(&i); interval_next(&i);)
 *		look at the counters, and if (i.show) print them
 *
 * Intervals end at fixed times after the start, so that printing does not delay them. A stop
 * (stop.h) or the end of the command ends the last one early. Between, a look at the counters is
 * asked for every INTERVAL_LOOK_S seconds, so that the kernel side's numbers may be small.
 * Errors: -errno, reported.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct strbuf;

#define INTERVAL_LOOK_S 30.0

struct interval {
	double seconds;  /* 0: one, until the end */
	uint64_t count;  /* of intervals; 0: no limit */
	int ends;        /* a descriptor whose end is ours too; -1: none */
	bool show;       /* an interval has ended */
	double length;   /* ... after so many seconds; the last one may be shorter */
	uint64_t end_ns; /* ... at this time, CLOCK_MONOTONIC */
	/* private */
	int epoll;
	uint64_t done;
	double started, shown;
	bool over;
};

int interval_start(struct interval *i);

/* False after the last. */
bool interval_next(struct interval *i);

void interval_end(struct interval *i);

/* -T: the time of day as BCC's tools print it, a line by itself. */
void interval_timestamp(struct strbuf *out);
