/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* show: what was counted, in BCC's layouts, as JSON, and folded for flame graphs. */
#pragma once

#include "stacks.h"
#include "strbuf.h"
#include "tally.h"

struct show {
	uint32_t top;	  /* -T: rows, the last ones; 0: all */
	bool percentiles, folded, json;
	struct stacks stacks;
	/* private */
	char time[40]; /* of the report, for JSON: ISO 8601, UTC */
};

/* Begins a report: its time. */
void show_begin(struct show *s, struct strbuf *out);

/* Adds a specifier's rows. */
void show_tally(struct show *s, struct tally *t, struct strbuf *out);

void show_free(struct show *s);
