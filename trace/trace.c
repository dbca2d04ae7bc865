// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace: shows calls of functions, tracepoints and USDT probes with whatever values of them the
 * user asks for. What he writes is compiled to BPF when the tool starts (common/expr). See trace.8.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregate.h"
#include "bpf/entries.h"
#include "cli.h"
#include "command.h"
#include "diag.h"
#include "events.h"
#include "images.h"
#include "object.h"
#include "plan.h"
#include "probe/options.h"
#include "row.h"
#include "session.h"
#include "stop.h"
#include "table.h"
#include "trace.h"
#include "trace.skel.h"

static struct session session = { .string_size = 80 };
static struct {
	bool time, since, epoch, cpu, aggregate;
	const char *name, *filter;
	uint64_t buffer_pages;
	/* which columns that means */
	bool clock, seconds, message;
} show;
static struct cli cli;

static const char *parse_pages(const char *value)
{
	char *end;

	show.buffer_pages = strtoull(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || !show.buffer_pages ||
	    show.buffer_pages > 65536 || (show.buffer_pages & (show.buffer_pages - 1)))
		return "a power of two from 1 to 65536";
	return NULL;
}

/* A file that is not there is a mistake; one without a build-id helps nobody. */
static const char *add_symbols(const char *value)
{
	char *list = strdup(value), *rest = list, *path;

	if (!list)
		diag_no_memory();
	while ((path = strsep(&rest, ","))) {
		int err = *path ? buildids_offer(&row_look.usyms.ids, path) : 0;

		if (err == -ENOEXEC)
			diag("-s: '%s' has no build-id, so frames cannot be known to be of it",
			     path);
		else if (err)
			diag_errno(err, "-s: cannot open '%s'", path);
		if (err && err != -ENOEXEC)
			exit(EXIT_FAILURE);
	}
	free(list);
	return NULL;
}

// clang-format off
#define FIELD(name) offsetof(struct row, name)
static const struct column columns[] = {
	{ "TIME",    "time",    -8,  CELL_CLOCK,  FIELD(time_ns), .when = &show.clock, .help = "time of day (-T)" },
	{ "TIME",    "time_s",  -8,  CELL_SINCE,  FIELD(time_ns), .when = &show.seconds, .decimals = 6, .help = "seconds since the start (-t)" },
	{ "TIME",    "time_unix", -17, CELL_FORMAT, .when = &show.epoch, .text = unix_text, .json = unix_text, .help = "seconds since 1970 (-t -u)" },
	{ "CPU",     "cpu",     -3,  CELL_U32,    FIELD(cpu), .when = &show.cpu, .help = "CPU (-C)" },
	{ "UID",     "uid",     -7,  CELL_U32,    FIELD(uid), .extra = true, .help = "user" },
	{ "PID",     "pid",     -7,  CELL_U32,    FIELD(pid), .help = "process" },
	{ "TID",     "tid",     -7,  CELL_U32,    FIELD(tid), .help = "thread" },
	{ "COMM",    "comm",    -15, CELL_CHARS,  FIELD(comm), .help = "name of the thread" },
	{ "FUNC",    "func",    -16, CELL_BYTES,  FIELD(func), .help = "function, tracepoint or probe" },
	{ "-",       "message", 0,   CELL_FORMAT, .when = &show.message, .text = message_text, .json_more = message_more, .help = "what the format says" },
	COLUMN_END
};

static const struct opt options[] = {
	OPT_PARSE('b', "buffer-pages",    parse_pages, "PAGES", "size of the event buffer in pages\n(see --buffer)"),
	OPT_LETTER('p', "pid"),
	OPT_LETTER('L', "tid"),
	OPT_U32('Z', "string-size",       &session.string_size, "BYTES", 2, 16384, "read at most so many bytes of a string (80)"),
	OPT_LETTER('S', "self"),
	OPT_LETTER('M', "max-events"),
	OPT_FLAG('t', "timestamp",        &show.since,     "print seconds since the start"),
	OPT_FLAG('u', "unix-timestamp",   &show.epoch,     "with -t: seconds since 1970"),
	OPT_FLAG('T', "time",             &show.time,      "print the time of day"),
	OPT_FLAG('C', "print_cpu",        &show.cpu,       "print the CPU"),
	OPT_LETTER('c', "cgroup"),
	{ 'n', "name", OPT_KIND_STRING,   .string = &show.name, .metavar = "NAME", .max = 15, .help = "show threads whose name contains NAME" },
	OPT_STRING('f', "msg-filter",     &show.filter, "TEXT", "show events whose message contains TEXT"),
	OPT_FLAG('K', "kernel-stack",     &row_look.kernel, "print the kernel's stack"),
	OPT_FLAG('U', "user-stack",       &row_look.user,   "print the process's stack"),
	OPT_FLAG('A', "aggregate",        &show.aggregate, "with -M: count equal events, and print them at the end"),
	OPT_FLAG('B', "bin_cmp",          &session.places.compiler.binary, "the texts of STRCMP are bytes: \"{0x6c, 0}\""),
	OPT_PARSE('s', "sym_file_list",   add_symbols, "FILES", "with -U: look for names in these files, too,\nseparated by commas"),
	OPT_FLAG('a', "address",          &row_look.addresses, "with stacks: print addresses, too"),
	PROBE_OPTIONS,
	OPT_END
};

static void add_probe(unsigned int number, const char *value);

static struct cli cli = {
	.summary = "Show calls of functions, tracepoints and USDT probes, and any values of them.",
	.usage = "[OPTION...] PROBE... [-- CMD [ARG...]]",
	.examples =
		"trace do_sys_openat2                          # each call, with all its arguments\n"
		"trace 'do_sys_openat2 \"%s\", filename'          # ... one of them\n"
		"trace 'vfs_read (count > 4096) \"%s %d\", file->f_path.dentry->d_name.name, count'\n"
		"trace 'r::vfs_read (retval < 0) \"%d\", retval'  # returns that fail\n"
		"trace 'r:bash:readline \"%s\", retval'           # what is typed into shells\n"
		"trace 't:sched:sched_switch \"%s\", args->next_comm'\n"
		"trace -K t:block:block_rq_issue                # with the kernel's stack\n",
	.options = options,
	.columns = columns,
	.operand = add_probe,
};

#define SKELETON struct trace_bpf
static const struct probe probes[] = {
	FILTER_PLAN(&cli.run.filter.by_tree),
	PLAN_END
};
// clang-format on

static void add_probe(unsigned int number, const char *value)
{
	(void)number;
	session_parse(&session, value);
}

/* --- events --------------------------------------------------------------------------------- */

static bool row_wanted(struct row *r)
{
	return !show.filter || strstr(strbuf_cstr(&r->message), show.filter);
}

static void on_event(void *context, const void *record, size_t size)
{
	struct table *table = context;
	static struct row row;
	size_t from = table->out.size;

	if (!row_fill(&row, &session, record, size) || !row_wanted(&row))
		return;
	row_trim(&row);
	table_row(table, &row);
	if (!cli.run.json)
		row_stacks(&row, &table->out);
	if (show.aggregate)
		aggregate_take(&table->out, from);
	stop_shown();
}

static int flush(void *context)
{
	return table_flush(context);
}

/* --- the kernel side ------------------------------------------------------------------------------ */

static int load(struct trace_bpf *skel, struct plan *plan, const struct events *events)
{
	int err;

	skel->rodata->cfg.kernel_stack = row_look.kernel;
	skel->rodata->cfg.user_stack = row_look.user;
	err = row_look.user ? images_setup(skel) : 0;
	if (!err)
		err = filter_setup(&cli.run.filter, &skel->rodata->filter, skel->maps.filter_tree);
	if (!err)
		err = events_setup(events, cli.run.buffer);
	if (!err)
		err = object_load(plan, skel->skeleton);
	if (!err && row_look.user)
		images_start(skel, &row_look.usyms);
	return err;
}

static void report(const struct trace_bpf *skel)
{
	const volatile struct entries_state *state = &skel->bss->entries_state;

	if (state->faults)
		diag("%llu event%s not shown: the predicate or key reads memory that could not be read",
		     (unsigned long long)state->faults, state->faults == 1 ? "" : "s");
	if (state->unmatched)
		diag_verbose("%llu returns or ends not shown: they had begun before the tracing",
			     (unsigned long long)state->unmatched);
	if (state->full)
		diag("%llu call%s not shown: more than %d were in flight",
		     (unsigned long long)state->full, state->full == 1 ? "" : "s", ENTRIES_MAX);
	places_report(&session.places, state, bpf_map__fd(skel->maps.entries), "events");
	filter_report(&skel->bss->filter_state);
}

static int trace(struct trace_bpf *skel, struct plan *plan, struct table *table)
{
	struct command command;
	struct events events = {
		EVENTS_OF(skel),
		.largest = sizeof(struct trace_event) + session.data_room + TRACE_STACKS + 8,
		.on_event = on_event,
		.flush = flush,
		.context = table,
	};
	int err;

	err = session_setup(&session, skel);
	if (!err)
		err = load(skel, plan, &events);
	if (!err)
		err = command_start(&command, cli.run.command);
	if (err)
		return err;
	err = filter_start(&cli.run.filter, skel->maps.filter_cgroup, skel->maps.filter_tree,
			   command.pid);
	if (!err)
		err = session_attach(&session, skel);
	if (!err)
		err = plan_attach(plan);
	if (err)
		return err;
	stop_attached();
	session_texts(&session, CLAUSE_BEGIN, cli.run.json, &table->out);
	table_start(table);
	row_look.realtime_ns = table->realtime_ns;
	events.ends = command.pidfd;
	err = command_go(&command);
	if (!err)
		err = events_poll(&events);
	if (show.aggregate)
		aggregate_print(&table->out);
	session_texts(&session, CLAUSE_END, cli.run.json, &table->out);
	if (!err)
		err = table_flush(table);
	report(skel);
	command_end(&command);
	return err == -EPIPE ? 0 : err;
}

/* --- start ---------------------------------------------------------------------------------- */

static void options_check(void)
{
	if (probe_options.list && !session.places.count) {
		session_parse(&session, "*");
		session_parse(&session, "t:*:*");
	}
	if (!session.places.count)
		cli_bad("what is to be traced? Give a probe, such as do_sys_openat2 or "
			"'t:sched:sched_switch'; see %s --help", program_invocation_short_name);
	if (cli.run.filter.pid && cli.run.filter.tid)
		cli_bad("-p and -L cannot be used together");
	probe_options_give(&session.places, &cli.run.filter);
	if (show.name && cli.run.filter.comm)
		cli_bad("--comm and -n cannot be used together");
	if (show.epoch && !show.since)
		cli_bad("-u goes with -t");
	if (show.aggregate && (!cli.run.max_events || cli.run.json))
		cli_bad(cli.run.json ? "-A and --json cannot be used together" :
				       "-M/--max-events should be specified with -A/--aggregate");
	if (row_look.addresses && !row_look.kernel && !row_look.user)
		cli_bad("-a goes with -K or -U");
	show.seconds = show.since && !show.epoch;
	show.clock = show.time && !show.since;
	cli.run.filter.name = show.name;
	if (show.buffer_pages)
		cli.run.buffer = show.buffer_pages * sysconf(_SC_PAGESIZE);
	session.kernel_stack = row_look.kernel;
}

/* From the probes to events. */
static int run(struct plan *plan, struct table *table)
{
	const struct bpf_object_open_opts *opts = plan_open(plan, cli.run.btf);
	struct trace_bpf *skel = NULL;
	int err = opts ? session_resolve(&session) : -1;

	if (err)
		return err;
	if (row_look.user)
		places_offer(&session.places, cli.run.command, &row_look.usyms.ids);
	show.message = session.has_message;
	table_select(table, cli.run.output);
	if (session.is_text) {
		session_texts(&session, CLAUSE_BEGIN, cli.run.json, &table->out);
		session_texts(&session, CLAUSE_END, cli.run.json, &table->out);
		return table_flush(table);
	}
	if (probe_options.dump)
		return session_dump(&session, &table->out) ?: table_flush(table);
	skel = trace_bpf__open_opts(opts);
	err = -1;
	if (skel) {
		plan->skeleton = skel;
		plan->object = skel->obj;
		err = trace(skel, plan, table);
	}
	plan_detach(plan);
	trace_bpf__destroy(skel);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = { .columns = columns, .fd = 1 };
	struct plan plan = { .rows = probes };
	int err;

	cli_start(&cli, argc, argv);
	options_check();
	table.json = cli.run.json;
	stop_start(cli.run.duration, cli.run.max_events);
	err = probe_options.list ? session_list(&session) : run(&plan, &table);
	session_end(&session);
	aggregate_free();
	usyms_free(&row_look.usyms);
	ksyms_free(&row_look.ksyms);
	table_free(&table);
	return err == -EINVAL ? 2 : err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
