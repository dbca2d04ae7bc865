/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line of the table, as the columns want it. */
#pragma once

#include <stdint.h>

#include "counts.h"
#include "probe/target.h"
#include "table.h"

struct row {
	uint64_t time_ns;     /* of the interval's end, CLOCK_MONOTONIC */
	struct bytes function;
	struct bytes module;  /* of the kernel, or the file; none: the kernel itself */
	struct bytes kind;
	enum count_by by;     /* what of the next three is known */
	uint32_t number;      /* of the process, or of the CPU */
	char comm[16];
	struct bytes cgroup;
	uint64_t count;
	double seconds;       /* of the interval */
	uint64_t all;         /* what all functions have together */
	uint64_t since_start;
};

/* Cells that format themselves. */
void seconds_text(struct strbuf *out, const void *row);
void pid_text(struct strbuf *out, const void *row);
void pid_json(struct strbuf *out, const void *row);
void cpu_text(struct strbuf *out, const void *row);
void cpu_json(struct strbuf *out, const void *row);
void comm_text(struct strbuf *out, const void *row);
void comm_json(struct strbuf *out, const void *row);
void rate_text(struct strbuf *out, const void *row);
void share_text(struct strbuf *out, const void *row);

/* target: one of the slot's. The row is valid until the next call. */
void row_fill(struct row *r, const struct count *c, const struct target *target,
	      enum count_by by);
