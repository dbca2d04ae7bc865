/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line of the table, as the columns want it. */
#pragma once

#include <stdint.h>

#include "counts.h"
#include "probe/target.h"
#include "table.h"

struct row {
	struct bytes function;
	struct bytes module;  /* of the kernel, or the file; none: the kernel itself */
	struct bytes kind;
	uint32_t pid;         /* --by pid; --by cpu: the CPU */
	char comm[16];
	struct bytes cgroup;
	uint64_t count;
	double seconds;       /* of the interval */
	uint64_t all;         /* what all functions have together */
	uint64_t since_start;
};

/* Cells that format themselves. */
void rate_text(struct strbuf *out, const void *row);
void share_text(struct strbuf *out, const void *row);

/* target: one of the slot's. The row is valid until the next call. */
void row_fill(struct row *r, const struct count *c, const struct target *target);
