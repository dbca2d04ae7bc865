/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * held: what keeps programs attached, for attach.c: descriptors, and the events of kretprobes.h.
 *
 * Ownership: held_add() takes a descriptor over, held_release() closes all and removes the events.
 * Errors: none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/kretprobes.h"

enum held_kind {
	HELD_PROGRAM,
	HELD_MAP,
	HELD_EVENT,
	HELD_LINK,
};

struct held_fd {
	int fd;
	enum held_kind kind;
};

struct held {
	struct held_fd *fds;
	size_t count, room;
	struct kretprobes kretprobes; /* what is attached to these is held as HELD_EVENT */
};

void held_add(struct held *h, int fd, enum held_kind kind);

/* Hits that the kernel left out, of programs (recursion), kretprobes and links (6.7). */
uint64_t held_missed(const struct held *h);

/* To let go of hundreds of perf events takes seconds, with a word about it on a terminal.
 * aside: a process of its own does it, and the caller goes on. */
void held_release(struct held *h, bool aside);
