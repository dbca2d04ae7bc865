/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * plan: the one place of a tool that names kernel targets. Rows of the same "what" are
 * alternatives, tried in order; the first that attaches wins and the others are left alone.
 *
 *	static struct plan plan = { .rows = rows };
 *	skel = x_bpf__open_opts(plan_open(&plan, btf));
 *	plan.skeleton = skel; plan.object = skel->obj;
 *	object_load(&plan, skel->skeleton)   plan_select() first: what cannot be needed stays out
 *	plan_attach(&plan)   after load
 *	plan_detach(&plan)
 *
 * Selecting goes by the kernel's BTF and tracefs, never by a version: a row whose target is
 * known to be absent is off, and the rows after one whose target is known to be there are off
 * too, so that a start loads one program for each "what". Where nothing is known all stay on.
 * Where tasks can be preempted in raw tracepoints (7.x), the kernel leaves out the events that come
 * meanwhile on that CPU: RAW_TP rows are off there if another row has a TRACEPOINT for it.
 * Programs must not care which row of another "what" was taken: state is keyed by task or
 * object, never by how it was reached.
 *
 * The environment variable PLAN_HIDE, "WHAT/HOW[/WHERE][,...]", hides rows, so that a test can
 * reach every one of them on any kernel. -v tells the decisions.
 *
 * Ownership: links belong to the plan until plan_detach().
 * Errors: -errno, reported with the row that failed; libbpf's own words only if no row worked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct bpf_link;
struct bpf_object;
struct bpf_object_open_opts;

enum probe_need {
	REQUIRED,
	OPTIONAL, /* not to have it is worth a word at -v only */
};

enum probe_how {
	PLAN_LAST,
	RAW_TP,     /* SEC("raw_tp"): needs neither tracefs nor perf events */
	TRACEPOINT, /* SEC("tp"): a perf event; needs tracefs */
	KRETSYSCALL,/* SEC("kretprobe"): the return of a system call's functions, 32-bit ones too */
};

struct probe {
	const char *what;
	enum probe_need need;
	enum probe_how how;
	const char *where;   /* targets, by blanks; one that ends in '?' may be absent */
	size_t program;      /* PROG(name) */
	int args;            /* RAW_TP: only if the tracepoint has so many; 0: any */
	const bool *when;    /* the row is on if *when; NULL: always */
};

/* The place of a program's pointer in the skeleton; SKELETON is its struct, defined by the
 * tool. A misspelt program does not compile. */
#define PROG(name) offsetof(SKELETON, progs.name)
#define PLAN_END { .how = PLAN_LAST }

struct plan {
	const struct probe *rows;
	void *skeleton;
	struct bpf_object *object;
	/* private */
	bool *off;
	struct bpf_link **links;
	size_t link_count;
};

/* Whether PLAN_HIDE has this entry; probe/attach hides its ways by it too. */
bool plan_hidden(const char *entry);

/* Options for the skeleton's open_opts(), or NULL (reported). btf: --btf FILE or NULL. */
const struct bpf_object_open_opts *plan_open(struct plan *p, const char *btf);

/* While ktypes has the kernel's types (object.h). */
void plan_select(struct plan *p);
int plan_attach(struct plan *p);
void plan_detach(struct plan *p);
