/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row: one exec as execsnoop shows it, and how its cells look. */
#pragma once

#include "arguments.h"
#include "execsnoop.h"
#include "table.h"

/* One event, as the columns want it. */
struct row {
	const struct execsnoop_event *e;
	uint64_t time_ns;
	uint32_t pid, ppid, ns_pid, uid, cpu;
	int32_t ret;
	char comm[16], parent[16];
	struct arguments args;
	struct bytes file, interp, argv0, cwd, cgroup, tty;
	struct strbuf file_text, cwd_text, cgroup_text, tty_text, line;
	const struct exec_ancestor *ancestors;
	size_t ancestor_count;
};

/* cfg: what the kernel side collected. False: the event is damaged. Pointers are into the event,
 * so valid as long as it. */
bool row_fill(struct row *r, const struct execsnoop_event *e, size_t size,
	      const struct execsnoop_config *cfg);

/* Cells, for columns[]. */
void user_text(struct strbuf *out, const void *row);
void error_text(struct strbuf *out, const void *row);
void error_json(struct strbuf *out, const void *row);
void ancestors_text(struct strbuf *out, const void *row);
void ancestors_json(struct strbuf *out, const void *row);
