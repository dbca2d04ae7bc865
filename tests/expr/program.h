/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program: the functions that gen.h makes, called by a program that does no more, and run once by
 * the kernel (BPF_PROG_TEST_RUN of a raw tracepoint, 5.10).
 *
 *	struct program p;
 *	program_begin(&p);			a map for the results
 *	program_add(&p, &code, to, kept)	a function, as often as needed
 *	program_load(&p, log, size); program_run(&p, registers); p.data, p.results[i]
 *	program_end(&p);
 *
 * A program may be loaded and run again after program_again(), with the same map.
 * Ownership: the struct is the caller's, code that was added too, until it is loaded.
 * Errors: -errno, not reported; log has what the verifier said.
 */
#pragma once

#include "expr/gen.h"

#define PROGRAM_FUNCTIONS 64
#define PROGRAM_DATA	  (256 * 1024)
#define PROGRAM_NOW	  123456789 /* gen_hit.now */

enum program_kind {
	PROGRAM_STORE, /* to, but for the first */
	PROGRAM_PASS,
	PROGRAM_FILL, /* to */
};

struct program_result {
	uint32_t returned, fault;
	uint64_t seq, delta;
};

struct program {
	int map, fd;
	unsigned char *data;		/* PROGRAM_DATA bytes that functions write to */
	struct program_result *results; /* of functions, in their order */
	struct gen_state *states;
	/* private */
	void *mapped;
	struct arena arena;
	struct code main;
	struct {
		const struct code *code;
		int call; /* where it is called */
	} functions[PROGRAM_FUNCTIONS];
	unsigned int count;
};

int program_begin(struct program *p);
void program_again(struct program *p);
void program_end(struct program *p);

/* to: where in the data it writes; kept: where in the data what was kept lies, or -1. code may be
 * made afterwards, but before the load. */
void program_add(struct program *p, enum program_kind kind, const struct code *code,
		 uint32_t to, int kept);

int program_load(struct program *p, char *log, size_t size);
int program_run(struct program *p, const void *registers, size_t size);

/* Instructions of one gen_state that pass() may use. */
uint32_t program_state(const struct program *p);
