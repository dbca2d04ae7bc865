/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach: programs to targets (target.h), by the best way that the kernel has.
 *
 *	kernel function   kprobe.multi, all at once; else a perf kprobe each; else fentry
 *	... some returns  kprobe.multi without rethook; else fexit; else a kretprobe each
 *	user function     uprobe.multi, all at once; else a perf uprobe each
 *	USDT probe        the same, with its semaphore
 *	tracepoint        raw tracepoint; else a perf event
 *	... of many system calls: sys_enter (sys_exit) once, and a map from the number to the
 *			  slot or (code_of) to the program
 *
 * The caller gives a program as instructions, in two forms: one asks the kernel for the slot of
 * the target that was hit (bpf_get_attach_cookie), and serves all targets; the other has
 * ATTACH_SLOT as an immediate, for kernels or ways without cookies, and where one target is all:
 * it is loaded anew for each slot, with the number in its place. Neither may read its context,
 * unless there is code for each target (code_of).
 *
 *	attach_start(&a)            while ktypes has the kernel's types
 *	... load the object that the instructions come from, attach_form() ...
 *	attach_targets(&a, &targets)
 *	attach_end(&a)
 *
 * The environment variable PLAN_HIDE, "attach/WAY[,...]", hides ways (attach/kprobe.multi), so that
 * a test can reach every one of them; "attach/tracefs" hides kretprobes that have room,
 * "attach/room" the room.
 *
 * A target that cannot be attached is skipped, with the reason, and listed at -v; it never ends
 * the run. If nothing can be attached, all ways that were tried are reported.
 * Errors: -errno, reported.
 * Relies on: kernel/trace/bpf_trace.c, kernel/events/core.c (perf_kprobe, perf_uprobe).
 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe/callmap.h"
#include "probe/held.h"
#include "probe/target.h"

#define ATTACH_SLOT 0x510751 /* the immediate that becomes the slot */

struct bpf_program;

enum attach_form {
	ATTACH_BY_COOKIE,
	ATTACH_BY_SLOT,
	ATTACH_FORMS,
};

enum attach_way {
	WAY_KPROBE_MULTI,
	WAY_KPROBE,
	WAY_FENTRY,
	WAY_UPROBE_MULTI,
	WAY_UPROBE,
	WAY_RAW_TP,
	WAY_TRACEPOINT,
	WAY_SYSCALLS,
	WAY_COUNT,
};

struct attach_map {
	const char *path;
	void *data;
	size_t size;
};

/* Instructions, in one or both forms, and what attach keeps of them. */
struct attach_code {
	struct {
		const struct bpf_insn *insns;
		size_t count;
	} form[ATTACH_FORMS];
	/* private */
	int programs[WAY_COUNT][2]; /* descriptor + 1; for entries and returns */
	uint32_t slot_of[WAY_COUNT];
};

struct attach {
	struct attach_code code; /* of all targets, if code_of is not set */
	/* The code for a target in a way (and so for a kind of context): what is given for several
	 * targets is loaded once where it can be. It stays until attach_end(). NULL: the target
	 * cannot be used in this way. A program with code_of may read its context. */
	struct attach_code *(*code_of)(void *context, const struct target *t, enum attach_way way);
	void *context;
	/* All 0 if attach_wants_syscalls() was false; with code_of it is made of these. */
	struct callmap syscalls;
	struct callmap_jumps jumps;
	pid_t pid;          /* user probes: this process only, where the kernel can; 0: all */
	bool cookies;       /* the kernel has them, and there are several targets: ATTACH_BY_COOKIE
			     * is to be loaded */
	size_t attached;    /* targets */
	size_t slots;       /* ... shown as so many */
	bool given_up;      /* a stop came before all were attached */
	bool events_only;   /* tasks can be preempted in raw tracepoints, and the kernel leaves out
			     * hits that come meanwhile: events are taken instead */
	size_t used[WAY_COUNT];
	/* private */
	bool uprobe_multi_pid, raw_cookies, fexit;
	int type[WAY_COUNT];        /* bpf_attach_type, where the kernel has it */
	int failed[WAY_COUNT];      /* the way is not there: -errno */
	int refused[WAY_COUNT];     /* what it said first */
	int *btf_ids;               /* fentry: of the targets */
	struct held held;
	struct attach_map *maps;    /* files, while probes are put into them */
	size_t map_count;
};

/* What the kernel has, by its types; t: kernel functions that fentry may have to know. */
int attach_start(struct attach *a, const struct targets *t);

/* Whether there are so many tracepoints of system calls that a->syscalls (a->jumps) is worth it: to
 * attach and, above all, to detach them one by one takes up to a tenth of a second each. */
bool attach_wants_syscalls(const struct attach *a, const struct targets *t);

/* Takes the instructions of a program that has been loaded, for all targets. */
void attach_form(struct attach *a, enum attach_form which, const struct bpf_program *program);

/* t's slots are what the programs are given. -ENOENT: nothing could be attached (reported). */
int attach_targets(struct attach *a, struct targets *t);

/* Hits that the kernel left out: recursion, and returns for which it had no room. */
uint64_t attach_missed(const struct attach *a);

void attach_end(struct attach *a);
