/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cli: one typed, ranged table of options over getopt_long, help made from it, and the
 * options that every tool has. The only module that calls exit(): status 0 after --help
 * and --version (1 if they cannot be written), 2 for a bad command line (one line on
 * stderr: the option, the value, what would be right).
 *
 * A tool's options[] has its own rows; a row OPT_LETTER('d', "duration") gives one of the
 * common options a letter in this tool. cli_start() asserts that no letter and no long
 * name stands twice. -o LIST is checked there as well, if cli->columns is set.
 *
 * Operands go to cli->operand(), and options may stand before and after them; a tool without
 * it takes none. What follows "--" (or an OPT_REST row) is the command to run.
 *
 * Ownership: strings point into argv.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "filter.h"

struct column;

enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,    /* bool: present or not */
	OPT_KIND_U32,     /* uint32_t, min..max */
	OPT_KIND_U64,     /* uint64_t, min..max */
	OPT_KIND_SIZE,    /* uint64_t bytes, with K, M or G; min..max */
	OPT_KIND_SECONDS, /* double, more than 0, decimals allowed; max 10 years */
	OPT_KIND_USER,    /* struct opt_user: a number or a name */
	OPT_KIND_STRING,  /* const char *, not empty; max bytes at most, if not 0 */
	OPT_KIND_PARSE,   /* given to parse(), may be repeated */
	OPT_KIND_LETTER,  /* a letter for a common option */
	OPT_KIND_REST,    /* takes the rest of the command line as the command to run */
	/* cli.c's own */
	OPT_KIND_COUNT, /* int: how often it stands */
	OPT_KIND_HELP,
	OPT_KIND_VERSION,
};

struct opt_user {
	bool set;
	uint32_t uid;
};

struct opt {
	int letter; /* 0: none */
	const char *name;
	enum opt_kind kind;
	union {
		bool *flag;
		uint32_t *u32;
		uint64_t *u64;
		double *seconds;
		struct opt_user *user;
		const char **string;
		int *count;
		/* NULL if the value is good, else what would be right: "O_RDONLY, ..." */
		const char *(*parse)(const char *value);
	};
	const char *metavar;
	uint64_t min, max;
	const char *help; /* starts in lower case, no full stop; '\n' breaks a line */
};

#define OPT_FLAG(l, n, dest, h) { l, n, OPT_KIND_FLAG, .flag = (dest), .help = (h) }
#define OPT_U32(l, n, dest, meta, lo, hi, h)                                       \
	{ l, n, OPT_KIND_U32, .u32 = (dest), .metavar = (meta), .min = (lo),       \
	  .max = (hi), .help = (h) }
#define OPT_U64(l, n, dest, meta, lo, hi, h)                                       \
	{ l, n, OPT_KIND_U64, .u64 = (dest), .metavar = (meta), .min = (lo),       \
	  .max = (hi), .help = (h) }
#define OPT_SIZE(l, n, dest, lo, hi, h)                                            \
	{ l, n, OPT_KIND_SIZE, .u64 = (dest), .metavar = "SIZE", .min = (lo),      \
	  .max = (hi), .help = (h) }
#define OPT_SECONDS(l, n, dest, h)                                                 \
	{ l, n, OPT_KIND_SECONDS, .seconds = (dest), .metavar = "SEC", .help = (h) }
#define OPT_USER(l, n, dest, h)                                                    \
	{ l, n, OPT_KIND_USER, .user = (dest), .metavar = "USER", .help = (h) }
#define OPT_STRING(l, n, dest, meta, h)                                            \
	{ l, n, OPT_KIND_STRING, .string = (dest), .metavar = (meta), .help = (h) }
#define OPT_PARSE(l, n, function, meta, h)                                         \
	{ l, n, OPT_KIND_PARSE, .parse = (function), .metavar = (meta), .help = (h) }
#define OPT_LETTER(l, n) { l, n, OPT_KIND_LETTER, .help = NULL }
#define OPT_REST(n, h) { 0, n, OPT_KIND_REST, .metavar = "CMD ...", .help = (h) }
#define OPT_END { 0 }

/* What the common options set. Zero is the default unless said otherwise. */
struct run {
	bool json;            /* --json */
	const char *output;   /* -o, --output LIST; NULL: the tool's default columns */
	double duration;      /* --duration, seconds; 0: until stopped */
	uint64_t max_events;  /* --max-events; 0: no limit */
	uint64_t buffer;      /* --buffer, bytes: a power of two and at least a page; the
			       * tool sets its default before cli_start() */
	const char *btf;      /* --btf FILE */
	struct filter filter; /* --pid --tid --ppid --uid --comm --cgroup --self */
	char **command;       /* after "--", NULL-terminated; NULL: none */
};

struct cli {
	const char *summary;  /* one sentence: what the tool shows */
	const char *usage;    /* after the name: "[OPTION...] [-- CMD [ARG...]]" */
	const char *examples; /* lines of "COMMAND  # what it does", not indented */
	const struct opt *options;
	const struct column *columns; /* named in --help under -o; NULL: there is no -o */
	bool counts; /* it shows no events: there is no --max-events and no --buffer */
	/* Takes an operand, counted from 0; calls cli_bad() if it is wrong. */
	void (*operand)(unsigned int number, const char *value);
	struct run run;
};

/* Parses the command line and fills options and cli->run, or prints and exits. */
void cli_start(struct cli *cli, int argc, char **argv);

/* Refuses a process or thread that is not there, and -p of a thread: it would show nothing. */
void cli_process(const struct filter *f);

/* The value of an operand, in the terms of the options' kinds. what: its name in messages. */
double cli_seconds(const char *what, const char *value);
uint64_t cli_number(const char *what, const char *value, uint64_t min, uint64_t max);

/* For what the table cannot check: "tool: MESSAGE", then exit status 2. */
void cli_bad(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
