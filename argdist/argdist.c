// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * argdist: distributions of any values of functions, tracepoints and USDT probes: how often each
 * comes (-C), or how large they are (-H), counted in the kernel. What the user writes is compiled to
 * BPF when the tool starts (common/expr). See argdist.8.
 */
#include <errno.h>
#include <stdlib.h>

#include "argdist.h"
#include "bpf/entries.h"
#include "argdist.skel.h"
#include "cli.h"
#include "command.h"
#include "diag.h"
#include "heat.h"
#include "interval.h"
#include "object.h"
#include "plan.h"
#include "probe/options.h"
#include "session.h"
#include "show.h"
#include "stop.h"
#include "table.h"

static struct session session = { .string_size = 80 };
static struct show show;
static struct heat heat;
static struct {
	uint32_t interval;
	uint64_t number;
	bool heatmap;
} opt = { .interval = 1 };
static struct cli cli;

/* All -C come first in a report, then all -H. */
static const char *counts[TALLY_SPECS], *histograms[TALLY_SPECS];
static size_t count_n, histogram_n;

static const char *spec_add(const char **list, size_t *n, const char *value)
{
	if (count_n + histogram_n == TALLY_SPECS)
		return "32 of -C and -H at most";
	list[(*n)++] = value;
	return NULL;
}

static const char *add_count(const char *value)
{
	return spec_add(counts, &count_n, value);
}

static const char *add_histogram(const char *value)
{
	return spec_add(histograms, &histogram_n, value);
}

// clang-format off
static const struct opt options[] = {
	OPT_PARSE('C', "count",       add_count, "SPEC", "count how often each value comes"),
	OPT_PARSE('H', "histogram",   add_histogram, "SPEC", "print a histogram of the values"),
	OPT_LETTER('p', "pid"),
	OPT_LETTER('t', "tid"),
	OPT_U32('z', "string-size",   &session.string_size, "BYTES", 2, 400, "read at most so many bytes of a char * (80)"),
	OPT_U32('i', "interval",      &opt.interval, "SEC", 0, 86400, "print every so many seconds (1); 0: at the end"),
	OPT_LETTER('d', "duration"),
	OPT_U64('n', "number",        &opt.number, "N", 1, UINT64_MAX, "end after so many reports"),
	OPT_FLAG('c', "cumulative",   &session.cumulative, "do not begin anew after each report"),
	OPT_U32('T', "top",           &show.top, "N", 1, UINT32_MAX, "print the N largest only"),
	OPT_U32(0, "keys",            &session.keys, "N", 1, 1 << 24, "different values at most (10240, -H: 1024)"),
	OPT_FLAG(0, "percentiles",    &show.percentiles, "-H: print p50, p90, p99 and p99.9, too"),
	OPT_FLAG(0, "heatmap",        &opt.heatmap, "-H without keys: draw it over time, one column a report"),
	OPT_FLAG(0, "folded",         &show.folded, "print stacks in a line, for flame graphs"),
	PROBE_OPTIONS,
	OPT_END
};

static void add_operand(unsigned int number, const char *value);

static struct cli cli = {
	.counts = true,
	.summary = "Distributions of any values of functions, tracepoints and USDT probes.",
	.usage = "[OPTION...] {-C | -H} SPEC ... [-- CMD [ARG...]]",
	.examples =
		"argdist -C 'p::vfs_read(struct file *f, char *b, size_t count):size_t:count'\n"
		"argdist -H 'r::vfs_read::$latency/1000#usecs'      # how long it takes\n"
		"argdist -H 'p::vfs_read::$COMM,count'              # sizes, by process name\n"
		"argdist -C 't:syscalls:sys_enter_openat::$COMM'    # who opens files\n"
		"argdist -i 0 -C 'p::vfs_read::$KSTACK' -- CMD      # who calls it\n"
		"argdist -i 0 -C 'profile:hz:99::$USTACK' -- CMD    # where it spends its time\n"
		"argdist -C 'r::vfs_read::$COMM,sum(retval):retval > 0'\n",
	.options = options,
	.operand = add_operand,
};

#define SKELETON struct argdist_bpf
static const struct probe probes[] = {
	FILTER_PLAN(&cli.run.filter.by_tree),
	PLAN_END
};
// clang-format on

/* With -l patterns are operands. */
static const char *operand;

static void add_operand(unsigned int number, const char *value)
{
	(void)number;
	operand = value;
	if (spec_add(counts, &count_n, value))
		cli_bad("%s: too many patterns", value);
}

/* --- the kernel side ------------------------------------------------------------------------------ */

static int load(struct argdist_bpf *skel, struct plan *plan)
{
	int err = filter_setup(&cli.run.filter, &skel->rodata->filter, skel->maps.filter_tree);

	return err ? err : object_load(plan, skel->skeleton);
}

static void told(uint64_t count, const char *why)
{
	if (count)
		diag("%llu hit%s not counted: %s", (unsigned long long)count, count == 1 ? "" : "s",
		     why);
}

static void report(const struct argdist_bpf *skel)
{
	const volatile struct argdist_state *s = &skel->bss->state;

	told(s->full, "more different values than --keys has room for");
	told(s->nested, "they interrupted another one");
	told(s->faults + skel->bss->entries_state.faults,
	     "their predicate or value reads memory that could not be read");
	told(skel->bss->entries_state.full, "too many calls were in flight");
	told(heat.below, "--heatmap has no row for values below 0");
	if (s->stacks_lost)
		diag("%llu stacks found no room", (unsigned long long)s->stacks_lost);
	if (skel->bss->entries_state.unmatched)
		diag_verbose("%llu returns or ends not counted: they had begun before the tracing",
			     (unsigned long long)skel->bss->entries_state.unmatched);
	places_report(&session.places, &skel->bss->entries_state, bpf_map__fd(skel->maps.entries),
		      "hits");
	filter_report(&skel->bss->filter_state);
}

/* --- reports ---------------------------------------------------------------------------------- */

static int report_print(struct argdist_bpf *skel, struct table *table)
{
	int err = session_read(&session, skel);

	if (err)
		return err;
	if (opt.heatmap) {
		heat_add(&heat, session.tallies, &table->out);
		return table_flush(table);
	}
	show_begin(&show, &table->out);
	for (size_t i = 0; i < session.places.count; i++)
		show_tally(&show, &session.tallies[i], &table->out);
	return table_flush(table);
}

static int count_run(struct argdist_bpf *skel, struct command *command, struct table *table)
{
	struct interval interval = {
		.seconds = opt.interval, .count = opt.number, .ends = command->pidfd,
	};
	int err;

	stop_attached();
	show.stacks.kernel = bpf_map__fd(skel->maps.stacks);
	show.stacks.user = bpf_map__fd(skel->maps.user_stacks);
	places_offer(&session.places, cli.run.command, &show.stacks.usyms.ids);
	err = command_go(command);
	if (!err)
		err = interval_start(&interval);
	while (!err && interval_next(&interval)) {
		if (interval.show)
			err = report_print(skel, table);
	}
	interval_end(&interval);
	if (opt.heatmap && !err) {
		heat_end(&heat, &table->out);
		err = table_flush(table);
	}
	return err == -EPIPE ? 0 : err;
}

static int trace(struct argdist_bpf *skel, struct plan *plan, struct table *table)
{
	struct command command;
	int err;

	err = session_setup(&session, skel);
	if (!err)
		err = load(skel, plan);
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
	if (!err)
		err = count_run(skel, &command, table);
	report(skel);
	command_end(&command);
	return err;
}

/* --- start ---------------------------------------------------------------------------------- */

static void options_check(void)
{
	if (cli.run.filter.pid && cli.run.filter.tid)
		cli_bad("-p and -t cannot be used together");
	probe_options_give(&session.places, &cli.run.filter);
	if (operand && !probe_options.list)
		cli_bad("'%s': write -C or -H before it", operand);
	show.json = cli.run.json;
	if (show.json && show.folded)
		cli_bad("--json and --folded cannot be used together");
	if (opt.heatmap && (count_n || histogram_n != 1 || session.cumulative || show.top ||
			    show.percentiles || show.folded || show.json))
		cli_bad("--heatmap draws one -H, and goes with none of -C -c -T --percentiles "
			"--folded --json");
}

static void specs_parse(void)
{
	if (probe_options.list && count_n + histogram_n == 0) {
		add_count("*");
		add_count("t:*:*");
	}
	if (count_n + histogram_n == 0)
		cli_bad("what is to be counted? Give a specifier, such as -C 'p::vfs_read::$COMM'; see "
			"%s --help", program_invocation_short_name);
	for (size_t i = 0; i < count_n; i++) {
		if (!probe_options.list || !sampling_begins(counts[i]))
			session_parse(&session, counts[i], false);
	}
	for (size_t i = 0; i < histogram_n; i++)
		session_parse(&session, histograms[i], true);
}

static int run_list(void)
{
	int err = 0;

	for (size_t i = 0; i < count_n && !err; i++) {
		if (sampling_begins(counts[i]))
			err = sampling_list(counts[i]);
	}
	return err || !session.places.count ? err : session_list(&session);
}

static int run(struct plan *plan, struct table *table)
{
	const struct bpf_object_open_opts *opts = plan_open(plan, cli.run.btf);
	struct argdist_bpf *skel = NULL;
	int err;

	err = opts ? session_resolve(&session) : -1;
	if (!err && opt.heatmap)
		err = heat_start(&heat, session.tallies);
	if (err)
		return err;
	if (probe_options.dump)
		return session_dump(&session, &table->out) ?: table_flush(table);
	skel = argdist_bpf__open_opts(opts);
	err = -1;
	if (skel) {
		plan->skeleton = skel;
		plan->object = skel->obj;
		err = trace(skel, plan, table);
	}
	plan_detach(plan);
	argdist_bpf__destroy(skel);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = { .fd = 1 };
	struct plan plan = { .rows = probes };
	int err;

	cli_start(&cli, argc, argv);
	options_check();
	specs_parse();
	stop_start(cli.run.duration, 0);
	err = probe_options.list ? run_list() : run(&plan, &table);
	session_end(&session);
	show_free(&show);
	heat_free(&heat);
	table_free(&table);
	return err == -EINVAL ? 2 : err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
