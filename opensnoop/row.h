/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row: one open as opensnoop shows it, and how its cells look. */
#pragma once

#include "opensnoop.h"
#include "table.h"

/* One event, as the columns want it. */
struct row {
	uint64_t time_ns;
	uint32_t pid, tid, uid;
	int32_t fd, err;
	uint32_t flags, mode;
	int32_t dirfd;
	uint8_t via, bits;
	char comm[16];
	struct bytes path;      /* as the program gave it */
	struct bytes full_path; /* as the kernel resolved it; not known without -F */
	struct bytes shown;     /* the PATH column */
	struct strbuf walked, marked;
};

/* walked: full paths were asked for (-F). Pointers are into the event, so valid as long as it. */
void row_fill(struct row *r, const struct opensnoop_event *e, bool walked);

/* The PATH column of text: the full path if it is known and wanted, and the mark of io_uring. */
void row_show(struct row *r, bool full, bool mark);

/* Cells, for columns[]. */
void via_text(struct strbuf *out, const void *row);
void error_text(struct strbuf *out, const void *row);
void error_json(struct strbuf *out, const void *row);
void flags_text(struct strbuf *out, const void *row);
void flags_json(struct strbuf *out, const void *row);
void flag_names_text(struct strbuf *out, const void *row);
void mode_text(struct strbuf *out, const void *row);
void mode_json(struct strbuf *out, const void *row);
void bits_text(struct strbuf *out, const void *row);
void bits_json(struct strbuf *out, const void *row);
