/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * link: the system calls that attach a program, for attach.c.
 * Errors: -errno, not reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe/target.h"

/* One program to one target. */
struct link_request {
	const struct target *target;
	int program;
	bool cookie;   /* the target's slot as the cookie */
	uint32_t slot;
	pid_t pid;     /* uprobes: of this process; 0: of all */
};

/* What keeps it attached: descriptors, or -1. */
struct link_pair {
	int event, link;
};

/* The number of a perf event source: "kprobe", "uprobe"; -ENODEV: the kernel has none. */
int link_perf_type(const char *source);

int link_kprobe(const struct link_request *r, struct link_pair *out);
int link_uprobe(const struct link_request *r, struct link_pair *out);
int link_tracepoint(const struct link_request *r, struct link_pair *out);
int link_event(const struct link_request *r, int id, struct link_pair *out); /* of tracefs */
int link_raw_tracepoint(const struct link_request *r, struct link_pair *out);
int link_fentry(const struct link_request *r, struct link_pair *out);

/* One program to many targets of one kind (and path), entries or returns. */
struct link_many {
	int program;
	int type;            /* enum bpf_attach_type of the running kernel */
	const struct targets *targets;
	const size_t *list;  /* which of them */
	size_t count;
	pid_t pid;
};

/* The link, or -errno: one of them is bad, or (-EOPNOTSUPP) the kernel cannot. */
int link_kprobes(const struct link_many *m);
int link_uprobes(const struct link_many *m);

/* What a link says that it missed (6.7); 0 where it does not say. */
uint64_t link_missed(int link);
