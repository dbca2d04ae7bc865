/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A request of --slower, as the columns want it. */
#pragma once

#include <stdint.h>

#include "biolatency.h"

struct strbuf;

struct row {
	uint64_t time_ns;
	uint64_t queue_ns;
	uint64_t device_ns;
	uint64_t sector;
	uint32_t bytes;
	uint32_t dev;
	uint32_t flags;
	uint32_t status;
	uint32_t pid;
	uint32_t tid;
	char comm[16];
};

void row_fill(struct row *r, const struct biolatency_event *e);

/* Cells that format themselves. */
void disk_text(struct strbuf *out, const void *row);
void disk_json(struct strbuf *out, const void *row);
void op_text(struct strbuf *out, const void *row);
void opflags_text(struct strbuf *out, const void *row);
void sector_text(struct strbuf *out, const void *row);
void sector_json(struct strbuf *out, const void *row);
void queue_text(struct strbuf *out, const void *row);
void device_text(struct strbuf *out, const void *row);
void total_text(struct strbuf *out, const void *row);
void error_text(struct strbuf *out, const void *row);
void error_json(struct strbuf *out, const void *row);
