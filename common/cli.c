// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "diag.h"
#include "strbuf.h"
#include "table.h"

#ifndef VERSION
#define VERSION "unknown" /* the Makefile says */
#endif

#define STATUS_FAILED 1
#define STATUS_BAD    2
#define OPTIONS_MAX 64
#define LONG_FIRST  256 /* getopt's value for long options: this and the row's number */
#define PID_MAX	    4194304    /* PID_MAX_LIMIT of 64-bit kernels */
#define UID_MAX	    4294967294 /* (uid_t)-1 is none */
#define COMM_MAX    15
#define YEARS_10    315360000.0
#define BUFFER_MIN  (64 << 10)
#define BUFFER_MAX  (1 << 30)

#define HELP_INDENT 27
#define HELP_WIDTH  80

/* What the common options below set; cli_start() moves it to and from the tool's. */
static struct run run;
static struct opt_user uid;

/* clang-format off */
static const struct opt common[] = {
	OPT_U32(0, "pid", &run.filter.pid, "PID", 1, PID_MAX, "trace this process only"),
	OPT_U32(0, "tid", &run.filter.tid, "TID", 1, PID_MAX, "trace this thread only"),
	OPT_U32(0, "ppid", &run.filter.ppid, "PID", 1, PID_MAX,
		"trace children of this process only"),
	OPT_USER(0, "uid", &uid, "trace this user only (number or name)"),
	{ 0, "comm", OPT_KIND_STRING, .string = &run.filter.comm, .metavar = "NAME",
	  .max = COMM_MAX, .help = "trace processes of exactly this name only" },
	OPT_STRING(0, "cgroup", &run.filter.cgroup, "PATH",
		   "trace this directory of cgroup v2 and what is below it only"),
	OPT_FLAG(0, "self", &run.filter.self, "show the tool's own events too"),
	OPT_U64(0, "max-events", &run.max_events, "N", 1, UINT64_MAX,
		"end after so many events"),
	OPT_SECONDS(0, "duration", &run.duration, "end after so many seconds"),
	OPT_STRING('o', "output", &run.output, "LIST",
		   "show these columns: \"a,b\" exactly these in this order, "
		   "\"+a,+b\" these too"),
	OPT_FLAG(0, "json", &run.json, "print one JSON object per line"),
	OPT_SIZE(0, "buffer", &run.buffer, BUFFER_MIN, BUFFER_MAX,
		 "size of the buffer between kernel and tool, such as 8M"),
	OPT_STRING(0, "btf", &run.btf, "FILE", "read the kernel's types from this file"),
	{ 'v', "verbose", OPT_KIND_COUNT, .count = &diag_level,
	  .help = "say what is decided; twice: libbpf's messages too" },
	{ 'V', "version", OPT_KIND_VERSION, .help = "print the version" },
	{ 'h', "help", OPT_KIND_HELP, .help = "print this help" },
	OPT_END
};
/* clang-format on */

/* The tool's rows, then the common ones: what getopt knows. */
static struct choice {
	const struct opt *opt;
	int letter;
} choices[OPTIONS_MAX];
static size_t choice_count, choice_common;

static char typed[64];	      /* the option at hand as it was typed: "-p" or "--pid" */
static char output_typed[64]; /* ... as -o was */

void cli_bad(const char *format, ...)
{
	struct strbuf message = { 0 };
	va_list args;

	va_start(args, format);
	strbuf_vprintf(&message, format, args);
	va_end(args);
	diag("%s", strbuf_cstr(&message));
	strbuf_free(&message);
	exit(STATUS_BAD);
}

/* What is wrong with the value of the option at hand: "PROGRAM: --pid: 'x' is not ..." */
static void __attribute__((format(printf, 2, 3), noreturn))
value_bad(const char *value, const char *format, ...)
{
	struct strbuf message = { 0 };
	va_list args;

	va_start(args, format);
	strbuf_vprintf(&message, format, args);
	va_end(args);
	cli_bad("%s: '%s' %s", typed, value, strbuf_cstr(&message));
}

/* Values */

/* Decimal digits; where they end. NULL: none, or more than 64 bits hold. */
static const char *digits_parse(const char *text, uint64_t *value)
{
	const char *at = text;
	uint64_t v = 0;

	for (; isdigit((unsigned char)*at); at++) {
		unsigned int digit = *at - '0';

		if (v > (UINT64_MAX - digit) / 10)
			return NULL;
		v = v * 10 + digit;
	}
	*value = v;
	return at == text ? NULL : at;
}

static uint64_t number_parse(const struct opt *o, const char *text)
{
	uint64_t value;
	const char *end = digits_parse(text, &value);

	if (end && !*end && value >= o->min && value <= o->max)
		return value;
	if (o->max == UINT64_MAX)
		value_bad(text, "is not a number of at least %llu",
			  (unsigned long long)o->min);
	value_bad(text, "is not a number from %llu to %llu", (unsigned long long)o->min,
		  (unsigned long long)o->max);
}

static int unit_shift(char unit)
{
	switch (toupper((unsigned char)unit)) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

/* A size as one would type it. */
static void size_text(struct strbuf *out, uint64_t size)
{
	static const char units[] = "GMK";

	for (const char *unit = units; *unit; unit++) {
		int shift = unit_shift(*unit);

		if (size && !(size & ((1ull << shift) - 1))) {
			strbuf_printf(out, "%llu%c", (unsigned long long)size >> shift,
				      *unit);
			return;
		}
	}
	strbuf_u64(out, size);
}

static uint64_t size_parse(const struct opt *o, const char *text)
{
	struct strbuf range = { 0 };
	uint64_t value;
	const char *end = digits_parse(text, &value);
	int shift = end ? unit_shift(*end) : 0;

	if (!end || end[shift ? 1 : 0])
		value_bad(text, "is not a size such as 512K or 8M");
	if (value <= UINT64_MAX >> shift) {
		value <<= shift;
		if (value >= o->min && value <= o->max)
			return value;
	}
	size_text(&range, o->min);
	strbuf_str(&range, " to ");
	size_text(&range, o->max);
	value_bad(text, "is not a size from %s", strbuf_cstr(&range));
}

static double seconds_parse(const char *text)
{
	const char *at = text + strspn(text, "0123456789");
	const char *dot = at;
	double value;

	if (*at == '.')
		at += 1 + strspn(at + 1, "0123456789");
	/* strtod() alone would take hexadecimal, exponents and "inf". */
	value = at == text || *at || (dot == text && !at[-1]) ? 0 : strtod(text, NULL);
	if (value <= 0)
		value_bad(text, "is not a number of seconds above 0");
	if (value > YEARS_10)
		value_bad(text, "is more than %.0f seconds (10 years)", YEARS_10);
	return value;
}

static struct opt_user user_parse(const char *text)
{
	uint64_t value;
	const char *end = digits_parse(text, &value);
	const struct passwd *user;

	if (end && !*end && value <= UID_MAX)
		return (struct opt_user){ true, value };
	if (!text[strspn(text, "0123456789")])
		value_bad(text, "is not a user's number from 0 to %llu",
			  (unsigned long long)UID_MAX);
	user = getpwnam(text);
	if (!user)
		cli_bad("%s: no user '%s'", typed, text);
	return (struct opt_user){ true, user->pw_uid };
}

static const char *string_parse(const struct opt *o, const char *text)
{
	if (o->max && strlen(text) > o->max)
		value_bad(text, "is not a name of 1 to %llu bytes",
			  (unsigned long long)o->max);
	return text;
}

static void other_parse(const struct opt *o, const char *text)
{
	const char *right = o->parse(text);

	if (right)
		value_bad(text, "is not valid; expected: %s", right);
}

/* --help */

/* One row: what it is about, then its explanation, wrapped, all in the same place. */
static void help_row(struct strbuf *out, const char *what, const char *text)
{
	size_t at = 2 + strlen(what), word;

	strbuf_printf(out, "  %s", what);
	if (text && *text && at + 2 > HELP_INDENT) {
		strbuf_char(out, '\n');
		at = 0;
	}
	for (bool first = true; text && *text; first = false) {
		word = strcspn(text, " \n");
		if (first || at + 1 + word > HELP_WIDTH) {
			if (!first) {
				strbuf_char(out, '\n');
				at = 0;
			}
			strbuf_fill(out, ' ', HELP_INDENT - at);
			at = HELP_INDENT;
		} else {
			strbuf_char(out, ' ');
			at++;
		}
		strbuf_add(out, text, word);
		at += word;
		text += word;
		if (*text == '\n')
			at = HELP_WIDTH;
		if (*text)
			text++;
	}
	strbuf_char(out, '\n');
}

static void help_option(struct strbuf *out, const struct choice *c)
{
	const struct opt *o = c->opt;
	struct strbuf what = { 0 };

	if (c->letter)
		strbuf_printf(&what, "-%c%s", c->letter, o->name ? ", " : "");
	else
		strbuf_str(&what, "    ");
	if (o->name)
		strbuf_printf(&what, "--%s", o->name);
	if (o->metavar)
		strbuf_printf(&what, " %s", o->metavar);
	help_row(out, strbuf_cstr(&what), o->help);
	strbuf_free(&what);
}

static void help_examples(struct strbuf *out, const char *line)
{
	strbuf_str(out, "\nExamples:\n");
	while (*line) {
		size_t size = strcspn(line, "\n");

		strbuf_printf(out, "  %.*s\n", (int)size, line);
		line += size + (line[size] == '\n');
	}
}

/* A common option that the tool has no use for. */
static bool is_absent(const struct cli *cli, const struct opt *o)
{
	if (o->kind == OPT_KIND_STRING && o->string == &run.output)
		return !cli->columns;
	return cli->counts && ((o->kind == OPT_KIND_U64 && o->u64 == &run.max_events) ||
			       (o->kind == OPT_KIND_SIZE && o->u64 == &run.buffer));
}

static void help_print(const struct cli *cli)
{
	struct strbuf out = { 0 };
	int err;

	strbuf_printf(&out, "Usage: %s %s\n%s\n", program_invocation_short_name,
		      cli->usage, cli->summary);
	for (size_t i = 0; i < choice_count; i++) {
		if (i == choice_common)
			strbuf_str(&out, "\nCommon options:\n");
		else if (!i)
			strbuf_str(&out, "\nOptions:\n");
		if (!is_absent(cli, choices[i].opt))
			help_option(&out, &choices[i]);
	}
	help_row(&out, "-- CMD [ARG...]",
		 "run this and trace only it and its descendants");
	if (cli->columns)
		strbuf_str(&out, "\nColumns for -o:\n");
	for (const struct column *c = cli->columns; c && c->kind != CELL_END; c++)
		help_row(&out, c->key, c->help);
	if (cli->examples)
		help_examples(&out, cli->examples);
	err = strbuf_write(&out, STDOUT_FILENO);
	if (err)
		diag_errno(err, "cannot write to standard output");
	exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void version_print(void)
{
	struct strbuf out = { 0 };
	int err;

	strbuf_printf(&out, "%s %s\n", program_invocation_short_name, VERSION);
	err = strbuf_write(&out, STDOUT_FILENO);
	if (err)
		diag_errno(err, "cannot write to standard output");
	exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* The options of the tool and the common ones as one list */

static bool has_value(const struct opt *o)
{
	return o->kind != OPT_KIND_FLAG && o->kind < OPT_KIND_COUNT;
}

static void choice_add(const struct opt *o, int letter)
{
	assert(choice_count < OPTIONS_MAX);
	assert(letter || o->name);
	assert(letter < LONG_FIRST && letter != '?' && letter != ':' && letter != '-');
	for (size_t i = 0; i < choice_count; i++) {
		const char *name = choices[i].opt->name;

		assert(!letter || choices[i].letter != letter);
		assert(!o->name || !name || strcmp(name, o->name));
	}
	choices[choice_count++] = (struct choice){ o, letter };
}

/* The letter that the tool has given to a common option, or its own. */
static int common_letter(const struct opt *options, const struct opt *c)
{
	for (const struct opt *o = options; o->kind != OPT_KIND_END; o++)
		if (o->kind == OPT_KIND_LETTER && !strcmp(o->name, c->name))
			return o->letter;
	return c->letter;
}

static bool is_common(const char *name)
{
	for (const struct opt *c = common; c->kind != OPT_KIND_END; c++)
		if (!strcmp(c->name, name))
			return true;
	return false;
}

static void choices_build(const struct opt *options)
{
	choice_count = 0;
	for (const struct opt *o = options; o->kind != OPT_KIND_END; o++) {
		if (o->kind == OPT_KIND_LETTER)
			assert(is_common(o->name));
		else
			choice_add(o, o->letter);
	}
	choice_common = choice_count;
	for (const struct opt *c = common; c->kind != OPT_KIND_END; c++)
		choice_add(c, common_letter(options, c));
}

/* In getopt's terms. "-": operands come in their order, as the value of option OPERAND;
 * ":": we do the talking. */
#define OPERAND 1

static void choices_getopt(char *letters, struct option *longs)
{
	*letters++ = '-';
	*letters++ = ':';
	for (size_t i = 0; i < choice_count; i++) {
		const struct opt *o = choices[i].opt;

		if (choices[i].letter) {
			*letters++ = choices[i].letter;
			if (has_value(o))
				*letters++ = ':';
		}
		if (o->name)
			*longs++ = (struct option){ o->name, has_value(o), NULL,
						    LONG_FIRST + i };
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

/* The row for getopt's value; remembers how it was typed. */
static const struct opt *choice_find(int value)
{
	size_t i;

	if (value >= LONG_FIRST) {
		snprintf(typed, sizeof(typed), "--%s",
			 choices[value - LONG_FIRST].opt->name);
		return choices[value - LONG_FIRST].opt;
	}
	snprintf(typed, sizeof(typed), "-%c", value);
	for (i = 0; i < choice_count; i++)
		if (choices[i].letter == value)
			return choices[i].opt;
	return NULL;
}

/* A long option that getopt does not know, or knows too often. */
static void __attribute__((noreturn)) long_bad(const char *argument)
{
	struct strbuf which = { 0 };
	size_t size = strcspn(argument, "=");

	for (size_t i = 0; i < choice_count; i++) {
		const char *name = choices[i].opt->name;

		if (name && size > 2 && !strncmp(name, argument + 2, size - 2))
			strbuf_printf(&which, "%s--%s", which.size ? ", " : "", name);
	}
	if (which.size)
		cli_bad("'%.*s' may be any of %s", (int)size, argument,
			strbuf_cstr(&which));
	cli_bad("unknown option '%.*s'; see %s --help", (int)size, argument,
		program_invocation_short_name);
}

/* getopt's '?' */
static void __attribute__((noreturn)) option_bad(const char *argument)
{
	if (!optopt)
		long_bad(argument);
	if (choice_find(optopt))
		cli_bad("%s takes no value", typed);
	cli_bad("unknown option '%s'; see %s --help", typed,
		program_invocation_short_name);
}

/* The rest of the command line from argv[first] on is the command to run. */
static void take_command(char **argv, int first, const char *after)
{
	if (!argv[first] || !*argv[first])
		cli_bad("%s needs a command after it", after);
	run.command = argv + first;
	run.filter.by_tree = true;
}

static void take_rest(char **argv)
{
	/* The value may stand in the same argument: "--exec=ls". */
	argv[optind - 1] = optarg;
	take_command(argv, strcmp(optarg, "--") ? optind - 1 : optind, typed);
}

static void take_value(const struct cli *cli, const struct opt *o, const char *value)
{
	switch (o->kind) {
	case OPT_KIND_FLAG:
		*o->flag = true;
		break;
	case OPT_KIND_U32:
		*o->u32 = number_parse(o, value);
		break;
	case OPT_KIND_U64:
		*o->u64 = number_parse(o, value);
		break;
	case OPT_KIND_SIZE:
		*o->u64 = size_parse(o, value);
		break;
	case OPT_KIND_SECONDS:
		*o->seconds = seconds_parse(value);
		break;
	case OPT_KIND_USER:
		*o->user = user_parse(value);
		break;
	case OPT_KIND_STRING:
		*o->string = string_parse(o, value);
		break;
	case OPT_KIND_PARSE:
		other_parse(o, value);
		break;
	case OPT_KIND_COUNT:
		++*o->count;
		break;
	case OPT_KIND_HELP:
		help_print(cli);
		break;
	case OPT_KIND_VERSION:
		version_print();
		break;
	default:
		break;
	}
}

static void take_operand(const struct cli *cli, unsigned int number, const char *value)
{
	if (!cli->operand)
		cli_bad("unexpected argument '%s'; to run a command put it after --", value);
	cli->operand(number, value);
}

static void options_parse(const struct cli *cli, int argc, char **argv)
{
	char letters[2 * OPTIONS_MAX + 3];
	struct option longs[OPTIONS_MAX + 1];
	unsigned int operands = 0;
	const struct opt *o;
	int c, before;

	choices_getopt(letters, longs);
	for (;;) {
		before = optind;
		c = getopt_long(argc, argv, letters, longs, NULL);
		if (c == -1)
			break;
		if (c == OPERAND) {
			take_operand(cli, operands++, optarg);
			continue;
		}
		if (c == '?')
			option_bad(argv[optind - 1]);
		o = choice_find(c == ':' ? optopt : c);
		if (is_absent(cli, o))
			cli_bad("%s: there are no %s", typed, o->kind == OPT_KIND_STRING ?
				"columns here" : "events here, only counts");
		if (c == ':' || (has_value(o) && !*optarg))
			cli_bad("%s needs a %s", typed,
				o->kind == OPT_KIND_REST ? "command after it" : "value");
		if (o->kind == OPT_KIND_REST) {
			take_rest(argv);
			return;
		}
		if (o->kind == OPT_KIND_STRING && o->string == &run.output)
			memcpy(output_typed, typed, sizeof(typed));
		take_value(cli, o, optarg);
	}
	/* A "--" that was an option's value is none: getopt steps over one that ends
	 * them. */
	if (optind == before + 1)
		take_command(argv, optind, "--");
}

static bool is_gone(uint32_t tid)
{
	return tid && kill(tid, 0) && errno == ESRCH;
}

void cli_process(const struct filter *f)
{
	unsigned int process = f->pid;
	char path[32], line[128];
	FILE *status;

	if (is_gone(f->pid))
		cli_bad("-p: there is no process %u", f->pid);
	if (is_gone(f->tid))
		cli_bad("--tid: there is no thread %u", f->tid);
	snprintf(path, sizeof(path), "/proc/%u/status", f->pid);
	status = f->pid ? fopen(path, "re") : NULL;
	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "Tgid: %u", &process) == 1)
			break;
	}
	if (status)
		fclose(status);
	if (process != f->pid)
		cli_bad("-p: %u is a thread of process %u: say --tid %u, or -p %u", f->pid, process,
			f->pid, process);
}

double cli_seconds(const char *what, const char *value)
{
	snprintf(typed, sizeof(typed), "%s", what);
	return seconds_parse(value);
}

uint64_t cli_number(const char *what, const char *value, uint64_t min, uint64_t max)
{
	const struct opt range = { .min = min, .max = max };

	snprintf(typed, sizeof(typed), "%s", what);
	return number_parse(&range, value);
}

static void output_check(const struct cli *cli)
{
	struct table t = { .columns = cli->columns, .json = run.json, .fd = -1 };
	const char *wrong;

	if (!run.output)
		return;
	wrong = table_select(&t, run.output);
	if (wrong)
		cli_bad("%s: %s", output_typed, wrong);
	table_free(&t);
}

/* The kernel wants whole pages, and a power of two of them. */
static uint64_t buffer_size(uint64_t wanted)
{
	uint64_t size = sysconf(_SC_PAGESIZE);

	while (size < wanted)
		size *= 2;
	return wanted ? size : 0;
}

/* Who closes standard output (>&-) would have the next file that is opened there, and the events
 * written into it. To write to one that is open for reading fails as to one that is closed. */
static void descriptors_fill(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			exit(STATUS_FAILED);
	}
}

void cli_start(struct cli *cli, int argc, char **argv)
{
	descriptors_fill();
	diag_start();
	/* For wcwidth() only: numbers and messages stay as they are. */
	setlocale(LC_CTYPE, "");
	run = cli->run;
	uid = (struct opt_user){ run.filter.by_uid, run.filter.uid };
	choices_build(cli->options);
	options_parse(cli, argc, argv);
	output_check(cli);
	run.buffer = buffer_size(run.buffer);
	run.filter.by_uid = uid.set;
	run.filter.uid = uid.uid;
	cli->run = run;
}
