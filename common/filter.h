/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter: which processes a tool traces, from the common options to the kernel side
 * (bpf/filter.bpf.h).
 *
 * Two steps, because constants go down before load and map entries after it:
 *	filter_setup(&run.filter, &skel->rodata->filter, skel->maps.filter_tree);
 *	... load ...
 *	filter_start(&run.filter, skel->maps.filter_cgroup, skel->maps.filter_tree, pid);
 * Errors: -errno, reported.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/filter.h"

struct bpf_map;

struct filter {
	uint32_t pid;         /* 0: any */
	uint32_t tid;         /* 0: any */
	uint32_t ppid;        /* 0: any */
	bool by_uid;
	uint32_t uid;
	const char *comm;     /* exactly this name, at most 15 bytes; NULL: any */
	const char *name;     /* a part of the name; NULL: any */
	const char *cgroup;   /* a directory of cgroup v2; NULL: any */
	bool self;            /* show the tool itself too */
	bool by_tree;         /* only the tree below the root that filter_start() is given */
};

int filter_setup(const struct filter *f, struct filter_config *config, struct bpf_map *tree);

/* root: the process whose tree is traced, if by_tree. */
int filter_start(const struct filter *f, struct bpf_map *cgroup, struct bpf_map *tree,
		 pid_t root);

/* Says so on stderr if processes of the tree found no room. */
void filter_report(const struct filter_state *state);

/* The plan rows that keep the tree of "-- CMD"; on if by_tree is set. */
#define FILTER_PLAN(tree)                                                                  \
	{ "process tree: fork", REQUIRED, RAW_TP, "sched_process_fork", PROG(tree_fork),      \
	  .when = (tree) },                                                                \
	{ "process tree: fork", REQUIRED, TRACEPOINT, "task/task_newtask",                    \
	  PROG(tree_newtask), .when = (tree) },                                            \
	{ "process tree: exit", REQUIRED, RAW_TP, "sched_process_exit", PROG(tree_exit),      \
	  .when = (tree) },                                                                \
	{ "process tree: exit", REQUIRED, TRACEPOINT, "sched/sched_process_exit",             \
	  PROG(tree_exit_event), .when = (tree) }
