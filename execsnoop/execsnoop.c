// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * execsnoop: shows programs as they are executed, with their arguments.
 *
 * It looks at the kernel's sched_process_exec, so it misses none, whichever call or thread
 * made it; with -x also at the end of failed execve and execveat calls. It does not see
 * processes that fork without executing. See execsnoop.8.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/path.h"
#include "bpf/process.h"
#include "cli.h"
#include "command.h"
#include "events.h"
#include "execsnoop.h"
#include "execsnoop.skel.h"
#include "ktypes.h"
#include "object.h"
#include "plan.h"
#include "row.h"
#include "stop.h"
#include "table.h"

/* What the options set: cfg goes to the kernel side, show stays here. */
static struct execsnoop_config cfg;
static struct {
	bool clock, since, uid, cpu, parent, fails, quote, by_name, by_line;
	uint32_t max_args;
	uint64_t max_bytes;
	regex_t name, line;
} show = { .max_args = UINT32_MAX, .max_bytes = 16384 };
static const bool never;
static bool failed, again; /* -x, and tasks can be preempted in probes; the plan looks at them */
static struct cli cli;

static const char *parse_regex(regex_t *regex, bool *set, const char *value)
{
	static char message[256];
	int err;

	if (*set)
		return "only one";
	err = regcomp(regex, value, REG_EXTENDED | REG_NOSUB);
	*set = !err;
	if (!err)
		return NULL;
	regerror(err, regex, message, sizeof(message));
	return message;
}

static const char *parse_name(const char *value)
{
	return parse_regex(&show.name, &show.by_name, value);
}

static const char *parse_line(const char *value)
{
	return parse_regex(&show.line, &show.by_line, value);
}

static void args_text(struct strbuf *out, const void *row)
{
	arguments_text(out, &((const struct row *)row)->args, show.max_args, show.quote);
}

static void args_json(struct strbuf *out, const void *row)
{
	arguments_json(out, &((const struct row *)row)->args, show.max_args);
}

static void args_json_more(struct strbuf *out, const void *row)
{
	arguments_json_more(out, &((const struct row *)row)->args, show.max_args);
}

// clang-format off
#define FIELD(name) offsetof(struct row, name)
static const struct column columns[] = {
	{ "TIME",      "time",        -8,  CELL_CLOCK,  FIELD(time_ns), .when = &show.clock, .help = "time of day (-T)" },
	{ "TIME(s)",   "time_s",      -7,  CELL_SINCE,  FIELD(time_ns), .when = &show.since, .decimals = 3, .help = "seconds since the start (-t)" },
	{ "UID",       "uid",         -5,  CELL_U32,    FIELD(uid), .when = &show.uid, .help = "user (-U)" },
	{ "USER",      "user",        -8,  CELL_FORMAT, .when = &never, .text = user_text, .help = "user by name" },
	{ "PCOMM",     "pcomm",       -16, CELL_CHARS,  FIELD(comm), .help = "name of the process" },
	{ "PID",       "pid",         -7,  CELL_U32,    FIELD(pid), .help = "process" },
	{ "NSPID",     "ns_pid",      -7,  CELL_U32,    FIELD(ns_pid), .when = &never, .help = "the process in its own pid namespace" },
	{ "PARENT",    "parent",      -16, CELL_CHARS,  FIELD(parent), .when = &show.parent, .help = "name of the parent process (-M)" },
	{ "PPID",      "ppid",        -7,  CELL_U32,    FIELD(ppid), .help = "parent process" },
	{ "CPU",       "cpu",         -4,  CELL_U32,    FIELD(cpu), .when = &show.cpu, .help = "CPU that it happened on (-C)" },
	{ "RET",       "ret",         3,   CELL_S32,    FIELD(ret), .help = "0, or -errno of a failure (-x)" },
	{ "ERROR",     "error",       -8,  CELL_FORMAT, .when = &never, .text = error_text, .json = error_json, .help = "errno by name" },
	{ "TTY",       "tty",         -7,  CELL_BYTES,  FIELD(tty), .when = &never, .unknown = "-", .help = "controlling terminal" },
	{ "ARGV0",     "argv0",       -16, CELL_BYTES,  FIELD(argv0), .when = &never, .help = "what the program is told it is called" },
	{ "INTERP",    "interpreter", -16, CELL_BYTES,  FIELD(interp), .when = &never, .unknown = "-", .help = "interpreter of a script" },
	{ "FILE",      "file",        -24, CELL_BYTES,  FIELD(file), .extra = true, .help = "path of the file that runs" },
	{ "CWD",       "cwd",         -24, CELL_BYTES,  FIELD(cwd), .extra = true, .help = "working directory" },
	{ "CGROUP",    "cgroup",      -24, CELL_BYTES,  FIELD(cgroup), .extra = true, .help = "cgroup v2" },
	{ "ANCESTORS", "ancestors",   -24, CELL_FORMAT, .extra = true, .text = ancestors_text, .json = ancestors_json, .help = "chain of parents, pid:name, nearest first" },
	{ "ARGS",      "args",        0,   CELL_FORMAT, .text = args_text, .json = args_json, .json_more = args_json_more, .help = "file and arguments" },
	COLUMN_END
};

static const struct opt options[] = {
	OPT_FLAG('T', "time",         &show.clock,   "print the time of day"),
	OPT_FLAG('t', "timestamp",    &show.since,   "print seconds since the start"),
	OPT_FLAG('x', "fails",        &show.fails,   "show failed execs too"),
	OPT_FLAG('U', "print-uid",    &show.uid,     "print the user's number"),
	OPT_LETTER('u', "uid"),
	OPT_FLAG('q', "quote",        &show.quote,   "put arguments in quotation marks"),
	OPT_PARSE('n', "name",        parse_name, "REGEX", "show processes whose name matches"),
	OPT_PARSE('l', "line",        parse_line, "REGEX", "show execs whose arguments, joined, match"),
	OPT_LETTER('P', "ppid"),
	OPT_FLAG('C', "print-cpu",    &show.cpu,     "print the CPU"),
	OPT_FLAG('M', "print-pcomm",  &show.parent,  "print the parent's name"),
	OPT_U32(0, "max-args",        &show.max_args, "N", 1, UINT32_MAX - 1, "show so many arguments at most\n(default: all)"),
	OPT_SIZE(0, "max-bytes",      &show.max_bytes, 64, 131072, "copy so many bytes of arguments at most\n(default 16K)"),
	OPT_END
};

static struct cli cli = {
	.summary = "Show programs as they are executed, with their arguments.",
	.usage = "[OPTION...] [-- CMD [ARG...]]",
	.examples =
		"execsnoop                # every program on the system\n"
		"execsnoop -x             # failed ones too\n"
		"execsnoop -TUu 1000      # with time and user, of user 1000\n"
		"execsnoop -n '^ssh'      # programs whose name begins with ssh\n"
		"execsnoop -l /etc/       # with /etc/ somewhere in the arguments\n"
		"execsnoop -o +cwd,+tty   # with working directory and terminal\n"
		"execsnoop --json -- make # what a command runs\n",
	.options = options,
	.columns = columns,
};

#define SKELETON struct execsnoop_bpf
static const struct probe probes[] = {
	{ "execs", REQUIRED, RAW_TP, "sched_process_exec", PROG(exec_done) },
	{ "execs again", OPTIONAL, RAW_TP, "sched_process_exec", PROG(exec_done_again), .when = &again },       /* 7.x */
	{ "failed execs", REQUIRED, RAW_TP, "sys_exit", PROG(failed_raw), .when = &failed },
	{ "failed execs", REQUIRED, TRACEPOINT, "raw_syscalls/sys_exit", PROG(failed_event), .when = &failed }, /* 7.x */
	{ "failed execs", REQUIRED, TRACEPOINT, "syscalls/sys_exit_execve syscalls/sys_exit_execveat", PROG(failed_tp), .when = &failed },
	{ "failed execs", REQUIRED, KRETSYSCALL, "execve execveat", PROG(failed_ret), .when = &failed },
	FILTER_PLAN(&cli.run.filter.by_tree),
	PLAN_END
};
// clang-format on

static bool row_wanted(struct row *r)
{
	if (show.by_name) {
		strbuf_clear(&r->line);
		strbuf_add(&r->line, r->comm, strnlen(r->comm, sizeof(r->comm)));
		if (regexec(&show.name, strbuf_cstr(&r->line), 0, NULL, 0))
			return false;
	}
	if (show.by_line) {
		strbuf_clear(&r->line);
		arguments_join(&r->line, &r->args);
		if (regexec(&show.line, strbuf_cstr(&r->line), 0, NULL, 0))
			return false;
	}
	return true;
}

static void on_event(void *context, const void *record, size_t size)
{
	static struct row row;

	if (!row_fill(&row, record, size, &cfg) || !row_wanted(&row))
		return;
	table_row(context, &row);
	stop_shown();
}

static int flush(void *context)
{
	return table_flush(context);
}

/* What the options mean for the kernel side. */
static void configure(const struct table *table)
{
	failed = show.fails;
	cfg.max_bytes = show.max_bytes;
	/* A failed exec's last argument is read at full length, and then cut. */
	cfg.args_room = (failed ? 2 : 1) * cfg.max_bytes + 8;
	if (!cli.run.output)
		return;
	cfg.want_file = table_shows(table, "file");
	cfg.want_cwd = table_shows(table, "cwd");
	cfg.want_cgroup = table_shows(table, "cgroup");
	cfg.want_ancestors = table_shows(table, "ancestors");
}

static size_t largest_event(void)
{
	return sizeof(struct execsnoop_event) + 2 * EXEC_NAME_MAX + PATH_ROOM +
	       (cfg.want_cwd ? PATH_ROOM : 0) + (cfg.want_cgroup ? PROCESS_CGROUP_ROOM : 0) +
	       (cfg.want_ancestors ? EXEC_ANCESTORS * sizeof(struct exec_ancestor) : 0) +
	       cfg.args_room;
}

/* Fixes what the kernel side is to know, and loads the programs that this kernel needs. */
static int load(struct execsnoop_bpf *skel, struct plan *plan, const struct events *events)
{
	int err;

	again = ktypes_preemptible_tracepoints();
	cfg.again = again;
	bpf_map__set_autocreate(skel->maps.execs_seen, again);
	skel->rodata->cfg = cfg;
	skel->rodata->path_depth = cfg.want_file || cfg.want_cwd ? PATH_DEPTH : EXEC_FILE_DEPTH;
	err = filter_setup(&cli.run.filter, &skel->rodata->filter, skel->maps.filter_tree);
	if (!err)
		err = events_setup(events, cli.run.buffer);
	return err ? err : object_load(plan, skel->skeleton);
}

static int trace(struct execsnoop_bpf *skel, struct plan *plan, struct table *table)
{
	struct command command;
	struct events events = {
		EVENTS_OF(skel),
		.largest = largest_event(),
		.on_event = on_event,
		.flush = flush,
		.context = table,
	};
	int err;

	err = load(skel, plan, &events);
	if (!err)
		err = command_start(&command, cli.run.command);
	if (err)
		return err;
	err = filter_start(&cli.run.filter, skel->maps.filter_cgroup, skel->maps.filter_tree,
			   command.pid);
	if (!err)
		err = plan_attach(plan);
	if (err)
		return err;
	stop_attached();
	table_start(table);
	events.ends = command.pidfd;
	err = command_go(&command);
	if (!err)
		err = events_poll(&events);
	filter_report(&skel->bss->filter_state);
	command_end(&command);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = { .columns = columns, .fd = 1 };
	struct plan plan = { .rows = probes };
	const struct bpf_object_open_opts *opts;
	struct execsnoop_bpf *skel = NULL;
	int err = -1;

	cli_start(&cli, argc, argv);
	table.json = cli.run.json;
	table_select(&table, cli.run.output);
	configure(&table);
	stop_start(cli.run.duration, cli.run.max_events);

	opts = plan_open(&plan, cli.run.btf);
	if (opts)
		skel = execsnoop_bpf__open_opts(opts);
	if (skel) {
		plan.skeleton = skel;
		plan.object = skel->obj;
		err = trace(skel, &plan, &table);
	}
	plan_detach(&plan);
	execsnoop_bpf__destroy(skel);
	table_free(&table);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
