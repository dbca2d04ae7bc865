/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mytool: a tool with options of all kinds, given one command line after the other.
 *
 * Each is given to a child, since cli_start() may exit. A good one is answered on stdout with what
 * it has set.
 *
 *	TEST(f)..., then cmocka_run_group_tests(tests, begin, NULL)
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli.h"
#include "diag.h"
#include "escape.h"
#include "table.h"

#define ARGS_MAX 16

static bool show_time, fails;
static uint32_t max_args;
static uint64_t bytes_max;
static struct opt_user print_user;
static const char *glob;
static char parsed[256];

static const char *fruit_parse(const char *value)
{
	if (strcmp(value, "apple") && strcmp(value, "pear"))
		return "apple, pear";
	strcat(parsed, value);
	strcat(parsed, ";");
	return NULL;
}

/* clang-format off */
static const struct opt options[] = {
	OPT_FLAG('T', "time", &show_time, "include a TIME column"),
	OPT_FLAG('x', NULL, &fails, "include failed ones"),
	OPT_U32(0, "max-args", &max_args, "N", 0, 100, "show so many arguments"),
	OPT_SIZE('b', "max-bytes", &bytes_max, 1, 65536,
		 "this explanation is so long that it cannot stand in one line of "
		 "eighty columns"),
	OPT_USER(0, "someone", &print_user, "first line\nsecond line"),
	OPT_STRING('g', "glob", &glob, "GLOB", "paths of this form"),
	OPT_PARSE('f', "fruit", fruit_parse, "FRUIT", "may stand more than once"),
	OPT_REST("exec", "run this"),
	OPT_LETTER('u', "uid"),
	OPT_LETTER('p', "pid"),
	OPT_LETTER('d', "duration"),
	OPT_END
};

static const struct column columns[] = {
	{ .name = "TIME", .key = "time", .width = -8, .kind = CELL_CLOCK,
	  .when = &show_time, .help = "when it happened" },
	{ .name = "PID", .key = "pid", .width = -6, .kind = CELL_U32,
	  .help = "process" },
	{ .name = "PATH", .key = "path", .kind = CELL_BYTES, .help = "file" },
	COLUMN_END
};
/* clang-format on */

static struct cli cli;

static const struct cli cli_default = {
	.summary = "Shows things as they happen.",
	.usage = "[OPTION...] [-- CMD [ARG...]]",
	.examples = "mytool -x        # failed ones too\n"
		    "mytool -p 181    # of one process",
	.options = options,
	.columns = columns,
	.run.buffer = 8 << 20,
};

static void show_u64(const char *name, uint64_t value, uint64_t normal)
{
	if (value != normal)
		printf("%s=%llu ", name, (unsigned long long)value);
}

static void show_string(const char *name, const char *value)
{
	if (value)
		printf("%s=%s ", name, value);
}

/* What the command line has set, and nothing that it has not. */
static void show_run(const struct run *r)
{
	show_u64("time", show_time, 0);
	show_u64("fails", fails, 0);
	show_u64("max-args", max_args, 0);
	show_u64("max-bytes", bytes_max, 0);
	if (print_user.set)
		printf("someone=%u ", print_user.uid);
	show_string("glob", glob);
	show_string("fruit", *parsed ? parsed : NULL);
	show_u64("json", r->json, 0);
	show_string("output", r->output);
	if (r->duration != 0)
		printf("duration=%g ", r->duration);
	show_u64("max-events", r->max_events, 0);
	show_u64("buffer", r->buffer, 8 << 20);
	show_string("btf", r->btf);
	show_u64("pid", r->filter.pid, 0);
	show_u64("tid", r->filter.tid, 0);
	show_u64("ppid", r->filter.ppid, 0);
	if (r->filter.by_uid)
		printf("uid=%u ", r->filter.uid);
	show_string("comm", r->filter.comm);
	show_string("cgroup", r->filter.cgroup);
	show_u64("self", r->filter.self, 0);
	show_u64("verbose", diag_level, 0);
	show_u64("width", escape_width("日本", 6), 2);
	for (char **c = r->command; c && *c; c++)
		printf("[%s]", *c);
}

static struct {
	int status; /* -signal if it was killed */
	char out[8192], err[4096];
} result;

static void slurp(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	close(fd);
}

/* Runs cli_start() on the words that the NULL-terminated array holds. */
static void run_words(char **words)
{
	int out = memfd_create("out", 0), err = memfd_create("err", 0), status, argc = 0;
	pid_t pid;

	while (words[argc])
		argc++;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		cli_start(&cli, argc, words);
		show_run(&cli.run);
		exit(0);
	}
	waitpid(pid, &status, 0);
	result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	slurp(out, result.out, sizeof(result.out));
	slurp(err, result.err, sizeof(result.err));
}

/* ... on a line whose words are separated by single spaces; '' is an empty word. */
static void run_line(const char *line)
{
	char *copy = strdup(line), *words[ARGS_MAX] = { "mytool" }, *at = copy;
	int n = 1;

	while (at && *line) {
		char *word = strsep(&at, " ");

		words[n++] = strcmp(word, "''") ? word : "";
	}
	run_words(words);
	free(copy);
}

static int reset(void **state)
{
	(void)state;
	cli = cli_default;
	return 0;
}

static void check_good(const char *line, const char *want)
{
	run_line(line);
	if (result.status || strcmp(result.out, want))
		print_error("for '%s': status %d, %s\n", line, result.status, result.err);
	assert_string_equal(result.out, want);
	assert_string_equal(result.err, "");
	assert_int_equal(result.status, 0);
}

/* A tool that takes an interval and a count, as biolatency does. */
static void operand_take(unsigned int number, const char *value)
{
	if (number == 0)
		printf("interval=%g ", cli_seconds("interval", value));
	else if (number == 1)
		printf("count=%llu ",
		       (unsigned long long)cli_number("count", value, 1, UINT64_MAX));
	else
		cli_bad("one too many: %s", value);
}

#define TEST(f) cmocka_unit_test_setup(f, reset)

static int begin(void **state)
{
	(void)state;
	program_invocation_short_name = "mytool";
	setenv("LC_ALL", "C", 1);
	return 0;
}
