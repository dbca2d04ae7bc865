/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stacks: what the numbers of stacks in a record mean.
 * Ownership: the maps are the caller's. Errors: none; what cannot be read has no frames.
 */
#pragma once

#include <linux/bpf.h>

#include "argdist.h"
#include "probe/ksyms.h"
#include "probe/usyms.h"

struct stacks {
	int kernel, user; /* descriptors of the maps */
	struct ksyms ksyms;
	struct usyms usyms;
	bool sampled; /* samples begin where the CPU was: none of the frames is our own */
	/* private */
	void *firsts; /* a tree, of stacks_first() */
};

struct stack {
	bool is_kernel;
	pid_t pid; /* user: whose it is, if that is known; else 0 */
	size_t count, first; /* frames, the innermost first; those before `first` are our own */
	union {
		uint64_t address[TALLY_FRAMES];
		struct bpf_stack_build_id place[TALLY_USER_FRAMES];
	};
};

void stack_read(struct stacks *s, int64_t id, bool is_kernel, pid_t pid, struct stack *out);

/* Adds a frame by name: of first to count. */
void stack_frame(struct stacks *s, const struct stack *stack, size_t i, struct strbuf *out);

/*
 * The first stack, of those that were asked for since stacks_forget(), whose frames are the same.
 * The kernel's numbers tell stacks apart by all that it found, also by what is left out here.
 */
int64_t stacks_first(struct stacks *s, int64_t id, bool is_kernel, pid_t pid);
void stacks_forget(struct stacks *s);

void stacks_free(struct stacks *s);
