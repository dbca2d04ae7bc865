/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kretprobes: returns of kernel functions as events of tracefs, which can be given room.
 *
 * A kretprobe remembers calls that have not returned yet in a fixed number of places, and leaves
 * out the others. A perf event of the source "kprobe" has as many as there are CPUs (CONFIG_PREEMPTION:
 * twice as many, and at least 10), and until 6.7 does not tell what it left out; an event of tracefs
 * can have up to 4,096, and kprobe_profile tells.
 *
 *	struct kretprobes k = { .room = kretprobes_room(returns) };
 *	id = kretprobe_add(&k, target);		attach to the tracepoint of this id
 *	kretprobes_missed(&k)
 *	... let go of all that is attached to them ...
 *	kretprobes_remove(&k)
 *
 * The events have names of their own (their group is returns_PID_TIME) and last until they are
 * removed: what a process that was killed leaves behind does nothing, and the next one removes it.
 * Errors: -errno, not reported.
 * Relies on: kernel/trace/trace_kprobe.c ("r[MAXACTIVE]:GROUP/EVENT SYMBOL"), kernel/kprobes.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "probe/target.h"

struct kretprobes {
	unsigned int room; /* calls at once, for each function; 0: what the kernel gives */
	/* private */
	int definitions;   /* kprobe_events + 1 */
	unsigned int count;
	char name[64];
};

/* What each of so many functions gets: less, if they are many, but never less than the kernel gives. */
unsigned int kretprobes_room(size_t functions);

/* One more event: its id, or -errno (-ENOENT, -EACCES: no tracefs to write to). */
int kretprobe_add(struct kretprobes *k, const struct target *t);

/* Returns that were left out, up to now. */
uint64_t kretprobes_missed(const struct kretprobes *k);

/* All of them, and all that k holds; k can be used again. */
void kretprobes_remove(struct kretprobes *k);
