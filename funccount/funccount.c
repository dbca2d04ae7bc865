// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * funccount: counts calls of functions of the kernel and of programs, tracepoints and USDT probes.
 *
 * What to count is said by patterns (common/probe/spec.h); all that matches is attached at once
 * where the kernel can. See funccount.8.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "counts.h"
#include "diag.h"
#include "filter.h"
#include "funccount.h"
#include "funccount.skel.h"
#include "interval.h"
#include "object.h"
#include "plan.h"
#include "probe/attach.h"
#include "probe/list.h"
#include "row.h"
#include "show.h"
#include "stop.h"
#include "table.h"
#include "what.h"

/* What the options set: cfg goes to the kernel side, the rest stays here. */
static struct funccount_config cfg;
static struct show show;
static struct interval interval;
static struct what what;
static struct {
	bool debug, list, rate;
	bool by_pid, by_comm, by_cgroup, by_cpu;
	uint32_t cpu;
} opt = { .cpu = UINT32_MAX };
static const bool never;
static struct cli cli;

static void operand(unsigned int number, const char *value)
{
	(void)number;
	what_add(&what, value);
}

static const char *parse_exclude(const char *value)
{
	what_exclude(&what, value);
	return NULL;
}

static const char *parse_by(const char *value)
{
	static const char *const names[] = {
		[BY_PID] = "pid", [BY_COMM] = "comm", [BY_CGROUP] = "cgroup", [BY_CPU] = "cpu",
	};

	for (int by = BY_PID; by <= BY_CPU; by++) {
		if (!strcmp(value, names[by])) {
			cfg.by = by;
			return NULL;
		}
	}
	return "pid, comm, cgroup or cpu";
}

static const char *parse_sort(const char *value)
{
	show.by_name = !strcmp(value, "name");
	return show.by_name || !strcmp(value, "count") ? NULL : "count or name";
}

// clang-format off
#define FIELD(name) offsetof(struct row, name)
static const struct column columns[] = {
	{ "TIME",   "time",   -8,  CELL_CLOCK,  FIELD(time_ns), .when = &never, .help = "end of the interval" },
	{ "INTERVAL", "interval", 8, CELL_FORMAT, .when = &never, .text = seconds_text, .json = seconds_text, .help = "its length in seconds" },
	{ "FUNC",   "func",   -36, CELL_BYTES,  FIELD(function), .help = "function, tracepoint or USDT probe" },
	{ "MODULE", "module", -20, CELL_BYTES,  FIELD(module), .when = &never, .unknown = "-", .help = "its kernel module or file" },
	{ "KIND",   "kind",   -10, CELL_BYTES,  FIELD(kind), .when = &never, .help = "kernel, user, tracepoint or usdt" },
	{ "PID",    "pid",    7,   CELL_FORMAT, .when = &opt.by_pid, .text = pid_text, .json = pid_json, .help = "process (--by pid)" },
	{ "CPU",    "cpu",    4,   CELL_FORMAT, .when = &opt.by_cpu, .text = cpu_text, .json = cpu_json, .help = "CPU (--by cpu)" },
	{ "COMM",   "comm",   -16, CELL_FORMAT, .when = &opt.by_comm, .text = comm_text, .json = comm_json, .help = "name of the thread (--by comm)" },
	{ "CGROUP", "cgroup", -30, CELL_BYTES,  FIELD(cgroup), .when = &opt.by_cgroup, .unknown = "-", .help = "cgroup v2 (--by cgroup)" },
	{ "COUNT",  "count",  8,   CELL_U64,    FIELD(count), .help = "calls in the interval" },
	{ "RATE",   "rate",   10,  CELL_FORMAT, .when = &opt.rate, .text = rate_text, .json = rate_text, .help = "calls per second (--rate)" },
	{ "SHARE",  "share",  6,   CELL_FORMAT, .when = &never, .text = share_text, .json = share_text, .help = "per cent of all calls" },
	{ "SINCE",  "since_start", 10, CELL_U64, FIELD(since_start), .when = &never, .help = "calls since the start" },
	COLUMN_END
};

static const struct opt options[] = {
	OPT_LETTER('p', "pid"),
	OPT_SECONDS('i', "interval",  &interval.seconds,  "print a table every so many seconds"),
	OPT_LETTER('d', "duration"),
	OPT_FLAG('T', "timestamp",    &show.timestamp,    "print the time of day above each table"),
	OPT_FLAG('r', "regexp",       &what.regex,        "patterns are extended regular expressions"),
	OPT_FLAG('D', "debug",        &opt.debug,         "say all that is decided and done: the same as -vv"),
	OPT_U32('c', "cpu",           &opt.cpu, "CPU", 0, 65535, "count on this CPU only"),
	OPT_FLAG('l', "list",         &opt.list,          "list what matches and end; with -v also arguments"),
	OPT_PARSE(0, "exclude",       parse_exclude, "PATTERN", "leave out what has a name like this;\nmay be repeated"),
	OPT_PARSE(0, "by",            parse_by, "WHAT", "count for each pid, comm, cgroup or cpu by itself"),
	OPT_PARSE(0, "sort",          parse_sort, "ORDER", "count (the default; ascending) or name"),
	OPT_U32(0, "top",             &show.top, "N", 1, 1000000, "show the N most called ones only"),
	OPT_FLAG(0, "rate",           &opt.rate,          "print calls per second too"),
	OPT_FLAG(0, "zero",           &show.zero,         "print what was never called, too"),
	OPT_FLAG(0, "total",          &show.total,        "print the sum below the table"),
	OPT_FLAG(0, "live",           &show.live,         "redraw the table in place, on a terminal"),
	OPT_FLAG(0, "force",          &what.resolve.force,"count functions that put the machine at risk,\nand more of them than 5000"),
	OPT_END
};

static struct cli cli = {
	.counts = true,
	.summary = "Count calls of functions, tracepoints and USDT probes.",
	.usage = "[OPTION...] PATTERN... [-- CMD [ARG...]]",
	.examples =
		"funccount 'vfs_*'               # kernel functions that begin with vfs_\n"
		"funccount -r '^vfs_(read|write)$' # by a regular expression\n"
		"funccount -Ti 5 'vfs_*'         # a table every 5 seconds, with the time\n"
		"funccount -d 10 'tcp_*' 'udp_*' # for 10 seconds, two patterns\n"
		"funccount -p 185 'vfs_*'        # calls of one process\n"
		"funccount 't:syscalls:sys_enter_*' # system calls by tracepoint\n"
		"funccount c:malloc              # of a library\n"
		"funccount /usr/bin/bash:'*'     # of a program\n"
		"funccount u:c:'*'               # USDT probes of libc\n"
		"funccount --by comm vfs_read    # for each name of a process\n"
		"funccount -l 't:block:*'        # what there is\n"
		"funccount 'c:str*' -- ls        # of a command\n",
	.options = options,
	.columns = columns,
	.operand = operand,
};

#define SKELETON struct funccount_bpf
static const struct probe probes[] = {
	FILTER_PLAN(&cli.run.filter.by_tree),
	PLAN_END
};
// clang-format on

/* --- options ------------------------------------------------------------------------------ */

/* JSON has all that is known, and of --by what was asked for. */
static const char *json_columns(void)
{
	static char list[128];
	static const char *const by[] = {
		[BY_NOTHING] = "", [BY_PID] = "pid,", [BY_COMM] = "comm,",
		[BY_CGROUP] = "cgroup,", [BY_CPU] = "cpu,",
	};

	if (!cli.run.json)
		return NULL;
	snprintf(list, sizeof(list), "time,interval,func,module,kind,%scount,rate,share,since_start",
		 by[cfg.by]);
	return list;
}

static void options_check(void)
{
	if (!what.pattern_count)
		cli_bad("what is to be counted? Give a pattern, such as 'vfs_*', c:malloc or "
			"'t:sched:*'; see %s --help", program_invocation_short_name);
	if (show.live && (!isatty(STDOUT_FILENO) || cli.run.json))
		cli_bad("--live draws on a terminal, and standard output is none, or is JSON");
	if (show.live && !interval.seconds)
		interval.seconds = 1;
	if (opt.cpu != UINT32_MAX && (int)opt.cpu >= libbpf_num_possible_cpus())
		cli_bad("-c: there is no CPU %u: the last one is %d", opt.cpu,
			libbpf_num_possible_cpus() - 1);
	show.by = cfg.by;
	cfg.by_cpu = opt.cpu != UINT32_MAX;
	cfg.cpu = opt.cpu;
	opt.by_pid = cfg.by == BY_PID;
	opt.by_comm = cfg.by == BY_COMM;
	opt.by_cgroup = cfg.by == BY_CGROUP;
	opt.by_cpu = cfg.by == BY_CPU;
	if (opt.debug)
		diag_level = 2;
	what.resolve.pid = cli.run.filter.pid;
	what.broad = what.resolve.force || opt.list;
	if (opt.list && cli.run.json)
		cli_bad("--json: a list (-l) is text only");
	cli_process(&cli.run.filter);
}

/* --- the kernel side ------------------------------------------------------------------------------ */

static int load(struct funccount_bpf *skel, struct plan *plan, struct attach *attach,
		struct counts *counts, const struct targets *t)
{
	bool events = attach->events_only, syscalls = attach_wants_syscalls(attach, t);
	struct bpf_program *enter = events ? skel->progs.hit_enter_event : skel->progs.hit_enter;
	struct bpf_program *exit = events ? skel->progs.hit_exit_event : skel->progs.hit_exit;
	int err;

	skel->rodata->cfg = cfg;
	bpf_program__set_autoload(skel->progs.hit_cookie, attach->cookies);
	bpf_program__set_autoload(enter, syscalls);
	bpf_program__set_autoload(exit, syscalls);
	err = counts_setup(counts, skel);
	if (!err)
		err = filter_setup(&cli.run.filter, &skel->rodata->filter, skel->maps.filter_tree);
	if (!err)
		err = object_load(plan, skel->skeleton);
	if (err)
		return err;
	if (attach->cookies)
		attach_form(attach, ATTACH_BY_COOKIE, skel->progs.hit_cookie);
	attach_form(attach, ATTACH_BY_SLOT, skel->progs.hit_slot);
	if (syscalls) {
		attach->syscalls.events = events;
		attach->syscalls.enter = bpf_program__fd(enter);
		attach->syscalls.exit = bpf_program__fd(exit);
		attach->syscalls.map = bpf_map__fd(skel->maps.syscall_slots);
	}
	return counts_start(counts);
}

static void banner_add(struct strbuf *out, size_t functions)
{
	strbuf_printf(out, "Tracing %zu functions for \"", functions);
	for (size_t i = 0; i < what.pattern_count; i++)
		strbuf_printf(out, "%s%s", i ? " " : "", what.patterns[i]);
	strbuf_str(out, "\"... Hit Ctrl-C to end.\n");
}

static void report(const struct funccount_bpf *skel, const struct attach *attach,
		   const struct targets *t)
{
	uint64_t missed = attach_missed(attach);

	if (attach->given_up)
		diag("stopped after %zu of %zu were attached: nothing was counted",
		     attach->attached, t->count);
	if (missed && !attach->given_up)
		diag("up to %llu calls not counted: the kernel left out so many runs of the programs",
		     (unsigned long long)missed);
	if (skel->bss->state.full)
		diag("%llu calls not counted: more than %d functions and what they are split by",
		     (unsigned long long)skel->bss->state.full, COUNT_KEYS);
	if (t->skip_count && attach->attached)
		diag("not attached: %zu%s", t->skip_count, diag_level ? "" : "; -v lists them");
	filter_report(&skel->bss->filter_state);
}

static int count_run(struct counts *counts, struct command *command, size_t functions,
		     const struct targets *t)
{
	int err;

	stop_attached();
	interval.ends = command->pidfd;
	err = command_go(command);
	if (!err && !cli.run.json)
		banner_add(&show.table->out, functions);
	if (!err)
		err = table_flush(show.table);
	if (!err)
		err = interval_start(&interval);
	while (!err && interval_next(&interval)) {
		if (!interval.show)
			continue;
		err = counts_read(counts);
		if (!err)
			err = show_interval(&show, counts, t, &interval);
	}
	interval_end(&interval);
	return err == -EPIPE ? 0 : err;
}

static int trace(struct funccount_bpf *skel, struct plan *plan, struct attach *attach,
		 struct targets *t)
{
	struct counts counts = {};
	struct command command;
	int err;

	err = load(skel, plan, attach, &counts, t);
	if (!err)
		err = command_start(&command, cli.run.command);
	if (err)
		return err;
	err = filter_start(&cli.run.filter, skel->maps.filter_cgroup, skel->maps.filter_tree,
			   command.pid);
	if (!err) {
		err = attach_targets(attach, t);
		if (err == -ENOENT)
			what_explain(&what, t);
	}
	if (!err)
		err = plan_attach(plan);
	if (!err && !attach->given_up)
		err = count_run(&counts, &command, attach->slots, t);
	report(skel, attach, t);
	command_end(&command);
	counts_free(&counts);
	return err;
}

/* From the patterns to counts. */
static int run(struct plan *plan, struct targets *t)
{
	const struct bpf_object_open_opts *opts;
	struct attach attach = { .pid = cli.run.filter.pid };
	struct funccount_bpf *skel = NULL;
	int err = -1;

	opts = plan_open(plan, cli.run.btf);
	if (opts)
		skel = funccount_bpf__open_opts(opts);
	if (skel) {
		plan->skeleton = skel;
		plan->object = skel->obj;
		cfg.slots = t->slots;
		err = attach_start(&attach, t);
		if (!err)
			err = trace(skel, plan, &attach, t);
	}
	attach_end(&attach);
	plan_detach(plan);
	funccount_bpf__destroy(skel);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = { .columns = columns, .fd = 1 };
	struct plan plan = { .rows = probes };
	struct targets targets = {};
	int err;

	cli_start(&cli, argc, argv);
	options_check();
	what_parse(&what);
	table.json = cli.run.json;
	table_select(&table, cli.run.output ? cli.run.output : json_columns());
	show.table = &table;
	stop_start(cli.run.duration, 0);

	err = what_find(&what, &targets);
	if (!err)
		err = opt.list ? list_show(&targets, diag_level > 0) : run(&plan, &targets);
	what_free(&what);
	targets_free(&targets);
	table_free(&table);
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
