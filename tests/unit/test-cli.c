// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Each command line is given to a child, since cli_start() may exit. A good one is
 * answered on stdout with what it has set. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
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
#include "child.h"
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

static void check_bad(const char *line, const char *want)
{
	char whole[4096];

	run_line(line);
	snprintf(whole, sizeof(whole), "mytool: %s\n", want);
	if (result.status != 2 || strcmp(result.err, whole))
		print_error("for '%s'\n", line);
	assert_string_equal(result.err, whole);
	assert_string_equal(result.out, "");
	assert_int_equal(result.status, 2);
}

static void good_tool_options(void **state)
{
	(void)state;
	check_good("", "");
	check_good("-T", "time=1 ");
	check_good("--time -x", "time=1 fails=1 ");
	check_good("-xT", "time=1 fails=1 ");
	check_good("--max-args 0", "");
	check_good("--max-args=100", "max-args=100 ");
	check_good("--max-args 007", "max-args=7 ");
	check_good("--max-a 5 --max-args 6", "max-args=6 ");
	check_good("-b 1", "max-bytes=1 ");
	check_good("-b64K", "max-bytes=65536 ");
	check_good("--max-bytes 2k", "max-bytes=2048 ");
	check_good("--someone 0", "someone=0 ");
	check_good("-g *.c --glob --", "glob=-- ");
	check_good("-f apple -f pear --fruit=apple", "fruit=apple;pear;apple; ");
	check_good("-f apple -- true", "fruit=apple; [true]");
}

static void good_common_options(void **state)
{
	(void)state;
	check_good("--json -o pid,path", "json=1 output=pid,path ");
	check_good("--output=+time", "output=+time ");
	check_good("-o PATH,Time", "output=PATH,Time ");
	check_good("-d 1", "duration=1 ");
	check_good("--duration 0.25", "duration=0.25 ");
	check_good("--duration .5", "duration=0.5 ");
	check_good("--duration 315360000", "duration=3.1536e+08 ");
	check_good("--max-events 1", "max-events=1 ");
	check_good("--max-events 18446744073709551615",
		   "max-events=18446744073709551615 ");
	check_good("-p 1 --tid 4194304 --ppid 77", "pid=1 tid=4194304 ppid=77 ");
	check_good("-p1", "pid=1 ");
	check_good("-u root", "uid=0 ");
	check_good("-u 0", "uid=0 ");
	check_good("--uid 4294967294", "uid=4294967294 ");
	check_good("--comm x --cgroup /a/b --self --btf f",
		   "btf=f comm=x cgroup=/a/b self=1 ");
	check_good("--comm 123456789012345", "comm=123456789012345 ");
	check_good("-v", "verbose=1 ");
	check_good("-vv", "verbose=2 ");
	check_good("-v --verbose -v", "verbose=3 ");
}

static void good_buffer(void **state)
{
	char want[64];

	(void)state;
	check_good("--buffer 64K", "buffer=65536 ");
	check_good("--buffer 65536", "buffer=65536 ");
	check_good("--buffer 65537", "buffer=131072 ");
	check_good("--buffer 3M", "buffer=4194304 ");
	check_good("--buffer 8m", "");
	check_good("--buffer 1G", "buffer=1073741824 ");
	cli.run.buffer = 100000;
	check_good("", "buffer=131072 ");
	cli.run.buffer = sysconf(_SC_PAGESIZE) / 2 + 1;
	snprintf(want, sizeof(want), "buffer=%ld ", sysconf(_SC_PAGESIZE));
	check_good("", want);
	cli.run.buffer = 0;
	check_good("", "buffer=0 ");
}

static void good_command(void **state)
{
	(void)state;
	check_good("-- ls -l --json", "[ls][-l][--json]");
	check_good("--json -- ls -- x", "json=1 [ls][--][x]");
	check_good("-T --exec ls -l", "time=1 [ls][-l]");
	check_good("--exec=ls -l", "[ls][-l]");
	check_good("--exec ls", "[ls]");
	check_good("--exec -- ls -x", "[ls][-x]");
	check_good("--exec ls -- x", "[ls][--][x]");
	check_good("-- ls ''", "[ls][]");
}

static void bad_numbers(void **state)
{
	static const char *const bad[] = { "abc",
					   "0",
					   "4194305",
					   "-1",
					   "+1",
					   "1 ",
					   "1x",
					   "0x10",
					   "1.0",
					   "1e3",
					   "--",
					   "-T",
					   "٣",
					   "18446744073709551617",
					   "99999999999999999999999999" };
	char line[128], want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *words[] = { "mytool", "-p", (char *)bad[i], NULL };

		snprintf(want, sizeof(want),
			 "mytool: -p: '%s' is not a number from 1 to 4194304\n", bad[i]);
		run_words(words);
		assert_string_equal(result.err, want);
		assert_int_equal(result.status, 2);
	}
	snprintf(line, sizeof(line), "--pid=%s", bad[0]);
	check_bad(line, "--pid: 'abc' is not a number from 1 to 4194304");
	check_bad("--tid 0", "--tid: '0' is not a number from 1 to 4194304");
	check_bad("--ppid x", "--ppid: 'x' is not a number from 1 to 4194304");
	check_bad("--pp x", "--ppid: 'x' is not a number from 1 to 4194304");
	check_bad("--max-args 101", "--max-args: '101' is not a number from 0 to 100");
	check_bad("--max-events 0", "--max-events: '0' is not a number of at least 1");
	check_bad("--max-events 18446744073709551616",
		  "--max-events: '18446744073709551616' is not a number of at least 1");
}

static void bad_seconds(void **state)
{
	static const char *const bad[] = { "0",	  "0.0",   "-1",  "+1",	 "abc",
					   "1e3", "0x1",   "inf", "nan", ".",
					   "1s",  "1.2.3", "1,5", " 1" };
	char want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *words[] = { "mytool", "-d", (char *)bad[i], NULL };

		snprintf(want, sizeof(want),
			 "mytool: -d: '%s' is not a number of seconds above 0\n", bad[i]);
		run_words(words);
		assert_string_equal(result.err, want);
		assert_int_equal(result.status, 2);
	}
	check_bad("--duration 0", "--duration: '0' is not a number of seconds above 0");
	check_bad("-d 315360001",
		  "-d: '315360001' is more than 315360000 seconds (10 years)");
}

static void bad_sizes(void **state)
{
	(void)state;
	check_bad("--buffer 3X", "--buffer: '3X' is not a size such as 512K or 8M");
	check_bad("--buffer abc", "--buffer: 'abc' is not a size such as 512K or 8M");
	check_bad("--buffer M", "--buffer: 'M' is not a size such as 512K or 8M");
	check_bad("--buffer 8MB", "--buffer: '8MB' is not a size such as 512K or 8M");
	check_bad("--buffer 1.5M", "--buffer: '1.5M' is not a size such as 512K or 8M");
	check_bad("--buffer -8M", "--buffer: '-8M' is not a size such as 512K or 8M");
	check_bad("--buffer 63K", "--buffer: '63K' is not a size from 64K to 1G");
	check_bad("--buffer 0", "--buffer: '0' is not a size from 64K to 1G");
	check_bad("--buffer 2G", "--buffer: '2G' is not a size from 64K to 1G");
	check_bad("--buffer 1073741825",
		  "--buffer: '1073741825' is not a size from 64K to 1G");
	/* 2^64 and more, which must not wrap into what is allowed. */
	check_bad("--buffer 17179869185G",
		  "--buffer: '17179869185G' is not a size from 64K to 1G");
	check_bad("-b 0", "-b: '0' is not a size from 1 to 64K");
}

static void bad_users(void **state)
{
	(void)state;
	check_bad("--uid nosuch", "--uid: no user 'nosuch'");
	check_bad("-u -1", "-u: no user '-1'");
	check_bad("-u 0x0", "-u: no user '0x0'");
	check_bad("-u 4294967295",
		  "-u: '4294967295' is not a user's number from 0 to 4294967294");
	check_bad(
		"-u 99999999999999999999",
		"-u: '99999999999999999999' is not a user's number from 0 to 4294967294");
	check_bad("--someone nosuch", "--someone: no user 'nosuch'");
}

static void bad_strings(void **state)
{
	(void)state;
	check_bad("--comm 1234567890123456",
		  "--comm: '1234567890123456' is not a name of 1 to 15 bytes");
	check_bad("--comm ''", "--comm needs a value");
	check_bad("--comm=", "--comm needs a value");
	check_bad("--btf ''", "--btf needs a value");
	check_bad("--cgroup=", "--cgroup needs a value");
	check_bad("-g ''", "-g needs a value");
	check_bad("-f ''", "-f needs a value");
	check_bad("-p ''", "-p needs a value");
	check_bad("-f plum", "-f: 'plum' is not valid; expected: apple, pear");
	check_bad("-f apple --fruit plum",
		  "--fruit: 'plum' is not valid; expected: apple, pear");
}

static void bad_columns(void **state)
{
	(void)state;
	check_bad("-o foo", "-o: no column 'foo'; there are: time, pid, path");
	check_bad("--output pid,foo",
		  "--output: no column 'foo'; there are: time, pid, path");
	check_bad("-o ''", "-o needs a value");
	check_bad("-o pid,", "-o: a column name is empty; there are: time, pid, path");
	check_bad("-o pid,PID", "-o: 'PID' stands twice");
	/* The last one counts, also as to how it was typed. */
	check_bad("-o foo --output bar",
		  "--output: no column 'bar'; there are: time, pid, path");
	check_good("-o foo -o pid", "output=pid ");
	cli.columns = NULL;
	check_bad("-o foo", "-o: there are no columns here");
}

static void bad_of_counts(void **state)
{
	(void)state;
	cli.counts = true;
	check_bad("--buffer 1M", "--buffer: there are no events here, only counts");
	check_bad("--max-events=3", "--max-events: there are no events here, only counts");
	check_good("-o pid", "output=pid ");
}

static void bad_options(void **state)
{
	(void)state;
	check_bad("--foo", "unknown option '--foo'; see mytool --help");
	check_bad("--foo=bar", "unknown option '--foo'; see mytool --help");
	check_bad("-Q", "unknown option '-Q'; see mytool --help");
	check_bad("-TQx", "unknown option '-Q'; see mytool --help");
	check_bad("-T5", "unknown option '-5'; see mytool --help");
	check_bad("-:", "unknown option '-:'; see mytool --help");
	check_bad("-?", "unknown option '-?'; see mytool --help");
	check_bad("--x", "unknown option '--x'; see mytool --help");
	check_bad("--=x", "unknown option '--'; see mytool --help");
	check_bad("--ti", "'--ti' may be any of --time, --tid");
	check_bad("--max=3",
		  "'--max' may be any of --max-args, --max-bytes, --max-events");
	check_bad("--time=3", "--time takes no value");
	check_bad("--json=yes", "--json takes no value");
	check_bad("--help=x", "--help takes no value");
	check_bad("--pid", "--pid needs a value");
	check_bad("--json -p", "-p needs a value");
	check_bad("--buf", "--buffer needs a value");
	check_bad("-xg", "-g needs a value");
}

static void bad_operands(void **state)
{
	(void)state;
	check_bad("a", "unexpected argument 'a'; to run a command put it after --");
	check_bad("-T a -x", "unexpected argument 'a'; to run a command put it after --");
	check_bad("a --help",
		  "unexpected argument 'a'; to run a command put it after --");
	check_bad("a -- ls", "unexpected argument 'a'; to run a command put it after --");
	check_bad("-", "unexpected argument '-'; to run a command put it after --");
	check_bad("''", "unexpected argument ''; to run a command put it after --");
	check_bad("--", "-- needs a command after it");
	check_bad("-T --", "-- needs a command after it");
	check_bad("-- ''", "-- needs a command after it");
	check_bad("--exec", "--exec needs a command after it");
	check_bad("--exec=", "--exec needs a command after it");
	check_bad("--exec --", "--exec needs a command after it");
	/* This "--" is the value of -g, so nothing has ended the options. */
	check_bad("-g -- ls",
		  "unexpected argument 'ls'; to run a command put it after --");
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

static void good_operands(void **state)
{
	(void)state;
	cli.operand = operand_take;
	check_good("", "");
	check_good("1", "interval=1 ");
	check_good("0.25 10", "interval=0.25 count=10 ");
	check_good("1 18446744073709551615", "interval=1 count=18446744073709551615 ");
	/* Options before, between and behind them, with values and without. */
	check_good("-T 1 5", "interval=1 count=5 time=1 ");
	check_good("1 5 -T", "interval=1 count=5 time=1 ");
	check_good("1 -T 5 -x", "interval=1 count=5 time=1 fails=1 ");
	check_good("1 -g 7 5 --max-args 3", "interval=1 count=5 max-args=3 glob=7 ");
	check_good("-g 7 1", "interval=1 glob=7 ");
	/* What follows -- is the command's, numbers too. */
	check_good("1 5 -- ls -x 3", "interval=1 count=5 [ls][-x][3]");
	check_good("1 -T -- 5", "interval=1 time=1 [5]");
	check_good("-- 1 5", "[1][5]");
	check_good("1 --exec ls 5", "interval=1 [ls][5]");
}

static void bad_operand_values(void **state)
{
	(void)state;
	cli.operand = operand_take;
	check_bad("0", "interval: '0' is not a number of seconds above 0");
	check_bad("x", "interval: 'x' is not a number of seconds above 0");
	check_bad("''", "interval: '' is not a number of seconds above 0");
	check_bad("-", "interval: '-' is not a number of seconds above 0");
	check_bad("315360001",
		  "interval: '315360001' is more than 315360000 seconds (10 years)");
	/* To getopt it is an option. */
	check_bad("-1", "unknown option '-1'; see mytool --help");
	check_bad("--", "-- needs a command after it");
}

/* operand_take() prints before the one that is wrong is seen. */
static void check_bad_later(const char *line, const char *want)
{
	char whole[256];

	run_line(line);
	snprintf(whole, sizeof(whole), "mytool: %s\n", want);
	assert_string_equal(result.err, whole);
	assert_int_equal(result.status, 2);
}

static void bad_later_operands(void **state)
{
	(void)state;
	cli.operand = operand_take;
	check_bad_later("1 0", "count: '0' is not a number of at least 1");
	check_bad_later("1 x", "count: 'x' is not a number of at least 1");
	check_bad_later("1 1.5", "count: '1.5' is not a number of at least 1");
	check_bad_later("1 18446744073709551616",
			"count: '18446744073709551616' is not a number of at least 1");
	check_bad_later("1 2 3", "one too many: 3");
	check_bad_later("1 -T 2 -x 3 -- ls", "one too many: 3");
	check_bad_later("1 --foo", "unknown option '--foo'; see mytool --help");
	check_bad_later("1 --", "-- needs a command after it");
}

/* The value comes from the user, who may have copied it from somewhere. */
static void bad_is_escaped(void **state)
{
	char *words[] = { "mytool", "-p", "1\n\033[2J", NULL };

	(void)state;
	run_words(words);
	assert_string_equal(
		result.err,
		"mytool: -p: '1\\n\\e[2J' is not a number from 1 to 4194304\n");
	assert_int_equal(result.status, 2);
}

/* Padding needs to know how wide characters are: the user's locale says. */
static void locale_is_set(void **state)
{
	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		print_message("no locale C.UTF-8 here\n");
		skip();
	}
	setlocale(LC_CTYPE, "C");
	setenv("LC_ALL", "C.UTF-8", 1);
	check_good("", "width=4 ");
	setenv("LC_ALL", "C", 1);
	check_good("", "");
}

static void no_arguments_at_all(void **state)
{
	char *words[] = { NULL };

	(void)state;
	run_words(words);
	assert_string_equal(result.err, "");
	assert_int_equal(result.status, 0);
}

static const char help_tool[] =
	"Usage: mytool [OPTION...] [-- CMD [ARG...]]\n"
	"Shows things as they happen.\n"
	"\n"
	"Options:\n"
	"  -T, --time               include a TIME column\n"
	"  -x                       include failed ones\n"
	"      --max-args N         show so many arguments\n"
	"  -b, --max-bytes SIZE     this explanation is so long that it cannot stand in\n"
	"                           one line of eighty columns\n"
	"      --someone USER       first line\n"
	"                           second line\n"
	"  -g, --glob GLOB          paths of this form\n"
	"  -f, --fruit FRUIT        may stand more than once\n"
	"      --exec CMD ...       run this\n"
	"\n"
	"Common options:\n"
	"  -p, --pid PID            ";

static const char help_end[] = "\n"
			       "Columns for -o:\n"
			       "  time                     when it happened\n"
			       "  pid                      process\n"
			       "  path                     file\n"
			       "\n"
			       "Examples:\n"
			       "  mytool -x        # failed ones too\n"
			       "  mytool -p 181    # of one process\n";

static void help(void **state)
{
	static const char *const names[] = {
		"  -h, --help ",	 "  -V, --version ",	 "  -v, --verbose ",
		"      --json ",	 "  -o, --output LIST ", "  -d, --duration SEC ",
		"      --max-events N ", "  -p, --pid PID ",	 "      --tid TID ",
		"      --ppid PID ",	 "  -u, --uid USER ",	 "      --comm NAME ",
		"      --cgroup PATH ",	 "      --self ",	 "      --btf FILE ",
		"      --buffer SIZE ",	 "  -- CMD [ARG...] ",
	};
	size_t end;

	(void)state;
	run_line("--help");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
	assert_int_equal(strncmp(result.out, help_tool, sizeof(help_tool) - 1), 0);
	end = strlen(result.out) - (sizeof(help_end) - 1);
	assert_string_equal(result.out + end, help_end);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(result.out, names[i]));
	for (char *line = result.out; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	assert_null(strstr(result.out, " \n"));
	run_line("-xh --foo");
	assert_int_equal(result.status, 0);
}

/* A long name does not push its explanation out of line. */
static void help_long_name(void **state)
{
	static const struct opt long_options[] = {
		OPT_STRING(0, "a-very-long-option-name", &glob, "SOMETHING", "short"),
		OPT_END
	};

	(void)state;
	cli.options = long_options;
	cli.columns = NULL;
	cli.examples = NULL;
	run_line("-h");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "      --a-very-long-option-name SOMETHING\n"
					   "                           short\n"));
	assert_null(strstr(result.out, "Columns"));
	assert_null(strstr(result.out, "Examples"));
	run_line("-x");
	assert_int_equal(result.status, 2);
}

static void version(void **state)
{
	(void)state;
	check_good("--version", "mytool " VERSION "\n");
	check_good("-V", "mytool " VERSION "\n");
}

static void check_full_disk(char *option)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		cli_start(&cli, 2, (char *[]){ "mytool", option, NULL });
		_exit(99);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void full_disk(void **state)
{
	(void)state;
	check_full_disk("--help");
	check_full_disk("--version");
}

static void *thread_tell(void *tid)
{
	*(volatile pid_t *)tid = gettid();
	pause();
	return NULL;
}

static void process_child(const void *filter)
{
	cli_process(filter);
}

static void processes(void **state)
{
	static volatile pid_t tid;
	struct filter own = { .pid = getpid() }, none = { .pid = 4194304 }, thread = {};
	struct filter no_thread = { .tid = 4194304 };
	pthread_t handle;
	char said[128];

	(void)state;
	assert_int_equal(pthread_create(&handle, NULL, thread_tell, (void *)&tid), 0);
	while (!tid)
		sched_yield();
	thread.pid = own.tid = tid;
	assert_true(child_run_good(process_child, &own));
	assert_string_equal(child_said, "");
	assert_false(child_run_good(process_child, &none));
	assert_non_null(strstr(child_said, "-p: there is no process 4194304\n"));
	assert_false(child_run_good(process_child, &no_thread));
	assert_non_null(strstr(child_said, "--tid: there is no thread 4194304\n"));
	assert_false(child_run_good(process_child, &thread));
	snprintf(said, sizeof(said), "-p: %u is a thread of process %u: say --tid %u, or -p %u\n",
		 thread.pid, own.pid, thread.pid, own.pid);
	assert_non_null(strstr(child_said, said));
	pthread_cancel(handle);
	pthread_join(handle, NULL);
}

static void check_asserts(const struct opt *rows)
{
	cli.options = rows;
	run_line("");
	assert_int_equal(result.status, -SIGABRT);
	assert_non_null(strstr(result.err, "Assertion"));
}

static void duplicates_assert(void **state)
{
	static const struct opt letter[] = { OPT_FLAG('a', "aa", &fails, ""),
					     OPT_FLAG('a', "bb", &fails, ""), OPT_END };
	static const struct opt name[] = { OPT_FLAG('a', "aa", &fails, ""),
					   OPT_FLAG('b', "aa", &fails, ""), OPT_END };
	static const struct opt common_name[] = { OPT_FLAG(0, "pid", &fails, ""),
						  OPT_END };
	static const struct opt common_letter[] = { OPT_FLAG('v', "vv", &fails, ""),
						    OPT_END };
	static const struct opt given_letter[] = { OPT_FLAG('p', "pp", &fails, ""),
						   OPT_LETTER('p', "pid"), OPT_END };
	static const struct opt no_such[] = { OPT_LETTER('p', "pidd"), OPT_END };

	(void)state;
	check_asserts(letter);
	check_asserts(name);
	check_asserts(common_name);
	check_asserts(common_letter);
	check_asserts(given_letter);
	check_asserts(no_such);
}

#define TEST(f) cmocka_unit_test_setup(f, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_tool_options),   TEST(good_common_options),
		TEST(good_buffer),	   TEST(good_command),
		TEST(bad_numbers),	   TEST(bad_seconds),
		TEST(bad_sizes),	   TEST(bad_users),
		TEST(bad_strings),	   TEST(bad_columns),
		TEST(bad_of_counts),
		TEST(bad_options),	   TEST(bad_operands),
		TEST(good_operands),	   TEST(bad_operand_values),
		TEST(bad_later_operands),
		TEST(bad_is_escaped),	   TEST(locale_is_set),
		TEST(no_arguments_at_all), TEST(help),
		TEST(help_long_name),	   TEST(version),
		TEST(full_disk),	   TEST(processes),
		TEST(duplicates_assert),
	};

	program_invocation_short_name = "mytool";
	setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
