/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * command: "-- CMD ARG...", started stopped so that it is traced from its first instruction
 * and nothing before it is.
 *
 *	command_start() forks; the child waits.  (its pid is the root of the filter's tree)
 *	command_go() lets it exec, after the probes are attached.
 *
 * The child's standard output is the tool's standard error, so that the tool's own output stays
 * data. The child has default signal handling and runs as the user that the tool runs as. When it
 * ends, whatever its descendants do, the tool stops.
 * Errors: -errno, reported.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct command {
	pid_t pid;   /* 0: there is none */
	int gate;    /* written to: go; private */
	int report;  /* the child's errno if it could not exec; private */
	int pidfd;   /* readable when it has ended */
	bool going;  /* it has been let go; private */
	const char *name;
};

/* argv NULL: no command, and the other functions do nothing. */
int command_start(struct command *c, char **argv);

/* Lets it go. -errno if it could not be executed. */
int command_go(struct command *c);

/* For the end, also when it was never let go: then it ends too. One that runs goes on. */
void command_end(struct command *c);
