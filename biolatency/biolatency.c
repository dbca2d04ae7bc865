// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * biolatency: shows how long block I/O takes, as histograms.
 *
 * A request's time is taken from its issue to the device (with -Q from its start) to the
 * completion of its last byte, by tracepoints of the block layer. See biolatency.8.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "biolatency.h"
#include "biolatency.skel.h"
#include "cli.h"
#include "command.h"
#include "diag.h"
#include "disk.h"
#include "events.h"
#include "flags.h"
#include "histograms.h"
#include "interval.h"
#include "ktypes.h"
#include "object.h"
#include "plan.h"
#include "row.h"
#include "show.h"
#include "stop.h"
#include "table.h"

/* What the options set: cfg goes to the kernel side, the rest stays here. */
static struct biolatency_config cfg;
static struct show show;
static struct interval interval;
static struct {
	bool queued, milliseconds, by_disk, by_flags, split, bio, slower;
	const char *disk;
	double slower_ms;
} opt;
static struct disk disk;
static bool requests, requests_start, requests_again; /* which rows of the plan are on */
static const bool never;
static struct cli cli;

static const char *parse_disk(const char *value)
{
	opt.disk = value;
	return NULL;
}

static const char *parse_slower(const char *value)
{
	char *end;

	opt.slower_ms = strtod(value, &end);
	if (value[0] < '0' || value[0] > '9' || *end || !(opt.slower_ms > 0) ||
	    opt.slower_ms > 1e9)
		return "milliseconds, more than 0";
	opt.slower = true;
	return NULL;
}

static void operand(unsigned int number, const char *value)
{
	if (number == 0)
		interval.seconds = cli_seconds("interval", value);
	else if (number == 1)
		interval.count = cli_number("count", value, 1, UINT64_MAX);
	else
		cli_bad("unexpected argument '%s' after interval and count", value);
}

// clang-format off
#define FIELD(name) offsetof(struct row, name)
static const struct column columns[] = {
	{ "TIME",       "time",       -8,  CELL_CLOCK,  FIELD(time_ns), .help = "when it was completed" },
	{ "DISK",       "disk",       -8,  CELL_FORMAT, .text = disk_text, .json = disk_json, .help = "disk" },
	{ "OP",         "op",         -8,  CELL_FORMAT, .text = op_text, .help = "operation, as the kernel names it" },
	{ "FLAGS",      "flags",      -16, CELL_FORMAT, .when = &never, .text = opflags_text, .help = "operation and flags" },
	{ "SECTOR",     "sector",     10,  CELL_FORMAT, .text = sector_text, .json = sector_json, .help = "first sector on the disk; - for none" },
	{ "BYTES",      "bytes",      7,   CELL_U32,    FIELD(bytes), .help = "size" },
	{ "QUEUE(ms)",  "queue_ms",   9,   CELL_FORMAT, .text = queue_text, .json = queue_text, .help = "from its start to its issue to the device" },
	{ "DEVICE(ms)", "device_ms",  10,  CELL_FORMAT, .text = device_text, .json = device_text, .help = "from there to its completion" },
	{ "TOTAL(ms)",  "total_ms",   9,   CELL_FORMAT, .when = &never, .text = total_text, .json = total_text, .help = "both" },
	{ "ERROR",      "error",      -10, CELL_FORMAT, .when = &never, .text = error_text, .json = error_json, .help = "errno by name; - for none" },
	{ "COMM",       "comm",       -16, CELL_CHARS,  FIELD(comm), .help = "name of the thread that submitted it" },
	{ "PID",        "pid",        -6,  CELL_U32,    FIELD(pid), .help = "its process" },
	{ "TID",        "tid",        -6,  CELL_U32,    FIELD(tid), .when = &never, .help = "the thread" },
	COLUMN_END
};

static const struct opt options[] = {
	OPT_FLAG('T', "timestamp",    &show.timestamp,    "print the time of day above each interval"),
	OPT_FLAG('Q', "queued",       &opt.queued,        "include the time in the queue"),
	OPT_FLAG('m', "milliseconds", &opt.milliseconds,  "histograms of milliseconds, not microseconds"),
	OPT_FLAG('D', "disks",        &opt.by_disk,       "a histogram for each disk"),
	OPT_FLAG('F', "flags",        &opt.by_flags,      "a histogram for each mix of operation and flags"),
	OPT_FLAG('e', "extension",    &show.extension,    "print average, total, count, percentiles, minimum\nand maximum below each histogram"),
	OPT_PARSE('d', "disk",        parse_disk, "DISK", "trace this disk or partition only"),
	OPT_FLAG(0, "split",          &opt.split,         "histograms of queue, device and total time"),
	OPT_FLAG(0, "bio",            &opt.bio,           "trace devices that have bios and no requests:\ndm (LVM, crypt), md (RAID)"),
	OPT_FLAG(0, "heatmap",        &show.map,          "draw latency over time, one column an interval"),
	OPT_PARSE(0, "slower",        parse_slower, "MS", "list the requests that take as long, in place of\nhistograms; queue time counts"),
	OPT_LETTER('c', "cgroup"),
	OPT_LETTER('j', "json"),
	OPT_END
};

static struct cli cli = {
	.summary = "Show the latency of block I/O as histograms.",
	.usage = "[OPTION...] [interval [count]] [-- CMD [ARG...]]",
	.examples =
		"biolatency                  # one histogram, when Ctrl-C ends it\n"
		"biolatency 1 10             # one a second, ten times\n"
		"biolatency -mT 1            # milliseconds, with the time of day\n"
		"biolatency -Q               # with the time in the queue\n"
		"biolatency --split -e       # queue, device and total, with percentiles\n"
		"biolatency -D -F            # by disk, operation and flags\n"
		"biolatency -d nvme0n1p2 5   # one partition\n"
		"biolatency --bio -d dm-0    # a logical volume\n"
		"biolatency --slower 10      # requests of 10 ms and more, one by one\n"
		"biolatency --heatmap 1      # latency over time\n"
		"biolatency -e -- make       # I/O that a command causes\n",
	.options = options,
	.columns = columns,
	.operand = operand,
};

#define SKELETON struct biolatency_bpf
static const struct probe probes[] = {
	{ "completion", REQUIRED, RAW_TP, "block_rq_complete", PROG(complete), .args = 3, .when = &requests },
	{ "requeue", REQUIRED, RAW_TP, "block_rq_requeue", PROG(requeue), .args = 1, .when = &requests },
	{ "requeue", REQUIRED, RAW_TP, "block_rq_requeue", PROG(requeue_q), .args = 2, .when = &requests },       /* before 5.11 and 5.10.137 */
	{ "merge", REQUIRED, RAW_TP, "block_rq_merge", PROG(merge), .args = 1, .when = &requests_start },
	{ "merge", REQUIRED, RAW_TP, "block_rq_merge", PROG(merge_q), .args = 2, .when = &requests_start },       /* before 5.11 and 5.10.137 */
	{ "start", REQUIRED, RAW_TP, "block_io_start", PROG(start), .args = 1, .when = &requests_start },         /* 6.5 */
	{ "start", REQUIRED, RAW_TP, "block_rq_insert", PROG(insert), .args = 1, .when = &requests_start },
	{ "start", REQUIRED, RAW_TP, "block_rq_insert", PROG(insert_q), .args = 2, .when = &requests_start },     /* before 5.11 and 5.10.137 */
	{ "issue", REQUIRED, RAW_TP, "block_rq_issue", PROG(issue), .args = 1, .when = &requests },
	{ "issue", REQUIRED, RAW_TP, "block_rq_issue", PROG(issue_q), .args = 2, .when = &requests },             /* before 5.11 and 5.10.137 */
	{ "completion again", OPTIONAL, RAW_TP, "block_rq_complete", PROG(complete_again), .args = 3, .when = &requests_again }, /* 7.x */
	{ "issue again", OPTIONAL, RAW_TP, "block_rq_issue", PROG(issue_again), .args = 1, .when = &requests_again },            /* 7.x */
	{ "bio completion", REQUIRED, RAW_TP, "block_bio_complete", PROG(bio_complete), .args = 2, .when = &opt.bio },
	{ "bio queue", REQUIRED, RAW_TP, "block_bio_queue", PROG(bio_queue), .args = 1, .when = &opt.bio },
	{ "bio queue", REQUIRED, RAW_TP, "block_bio_queue", PROG(bio_queue_q), .args = 2, .when = &opt.bio },     /* before 5.11 */
	FILTER_PLAN(&cli.run.filter.by_tree),
	PLAN_END
};
// clang-format on

/* --- options --------------------------------------------------------------------------------- */

static void options_check(void)
{
	bool histogram = show.timestamp || show.extension || opt.milliseconds || opt.by_disk ||
			 opt.by_flags || opt.split || show.map || interval.seconds;

	if (opt.slower && histogram)
		cli_bad("--slower lists requests: it goes with no interval, and with none of "
			"-T -m -D -F -e --split --heatmap");
	if (!opt.slower && (cli.run.max_events || cli.run.output || cli.run.buffer))
		cli_bad("--max-events, -o and --buffer need --slower");
	if (show.map && (opt.by_disk || opt.by_flags || opt.split || cli.run.json ||
			 show.timestamp || show.extension))
		cli_bad("--heatmap draws one map: it goes with none of -D -F -T -e -j --split "
			"(-d chooses a disk)");
	if (opt.bio && (opt.split || opt.queued))
		cli_bad("a bio has one time only: --bio goes with neither --split nor -Q");
}

static void disk_check(void)
{
	const char *wrong = disk_find(&disk, opt.disk);

	if (wrong)
		cli_bad("-d: '%s' %s", opt.disk, wrong);
	if (opt.bio && disk.has_requests)
		cli_bad("-d: '%s' has requests of its own: leave --bio out", opt.disk);
	if (!opt.bio && !disk.has_requests)
		cli_bad("-d: '%s' passes its I/O on to other devices and has no requests of its "
			"own: add --bio", opt.disk);
	cfg.dev = disk.dev;
	cfg.sector_first = disk.sector_first;
	cfg.sector_end = disk.sector_end;
}

/* The cgroup of v2 whose I/O the kernel itself tells apart: the bio says whose it is, also for
 * writeback. Elsewhere it is the submitting task's. */
static void cgroup_choose(void)
{
	struct strbuf path = {};
	char line[256] = " ";
	struct stat st;
	FILE *file;

	strbuf_printf(&path, "%s/cgroup.controllers", cli.run.filter.cgroup);
	file = fopen(strbuf_cstr(&path), "re");
	if (file && fgets(line + 1, sizeof(line) - 2, file))
		line[strcspn(line, "\n")] = ' ';
	if (file && strstr(line, " io ") && !stat(cli.run.filter.cgroup, &st))
		cfg.cgroup_id = st.st_ino;
	else if (file)
		diag("--cgroup: the io controller is not enabled in '%s': I/O counts for the "
		     "task that submits it, and writeback for none",
		     cli.run.filter.cgroup);
	if (file)
		fclose(file);
	strbuf_free(&path);
}

/* What the options mean for the kernel side. */
static void configure(void)
{
	const struct filter *f = &cli.run.filter;

	options_check();
	if (opt.disk)
		disk_check();
	if (f->cgroup)
		cgroup_choose();
	cfg.slower_ns = opt.slower ? opt.slower_ms * 1e6 : 0;
	cfg.by_disk = opt.by_disk;
	cfg.by_flags = opt.by_flags;
	cfg.span = opt.split ? SPAN_COUNT : opt.queued || opt.bio ? SPAN_TOTAL : SPAN_DEVICE;
	cfg.by_task = f->pid || f->tid || f->ppid || f->by_uid || f->comm || f->by_tree ||
		      (f->cgroup && !cfg.cgroup_id);
	requests = !opt.bio;
	requests_start = requests && (cfg.by_task || opt.slower ||
				      (cfg.span != SPAN_DEVICE && disk_lacks_start(cfg.dev)));
	cfg.wide = requests_start || opt.bio;
	show.unit = opt.milliseconds ? &hist_msecs : &hist_usecs;
	cfg.hist_mul = show.unit->mul;
	cfg.hist_div = show.unit->div;
	show.json = cli.run.json;
	show.by_disk = opt.by_disk;
	show.by_flags = opt.by_flags;
	show.span = cfg.span;
	if (show.map && !interval.seconds)
		interval.seconds = 1;
}

/* --- requests one by one --------------------------------------------------------------------- */

static void on_event(void *context, const void *record, size_t size)
{
	struct row row;

	if (size < sizeof(struct biolatency_event))
		return;
	row_fill(&row, record);
	table_row(context, &row);
	stop_shown();
}

static int flush(void *context)
{
	return table_flush(context);
}

/* --- the kernel side ------------------------------------------------------------------------- */

static void events_off(struct biolatency_bpf *skel)
{
	bpf_map__set_autocreate(skel->maps.events, false);
	bpf_map__set_autocreate(skel->maps.events_scratch, false);
}

static int load(struct biolatency_bpf *skel, struct plan *plan, const struct events *events,
		struct histograms *h)
{
	int err = 0;

	skel->rodata->cfg = cfg;
	if (!cfg.wide)
		bpf_map__set_value_size(skel->maps.in_flight, sizeof(__u64));
	/* Entries are allocated as they are needed, where the kernel can in a tracing program
	 * (6.1: kernel/bpf/memalloc.c). */
	if (ktypes_has_member("bpf_htab", "ma"))
		bpf_map__set_map_flags(skel->maps.in_flight, BPF_F_NO_PREALLOC);
	flags_start();
	requests_again = requests && ktypes_preemptible_tracepoints();
	if (opt.slower)
		err = events_setup(events, cli.run.buffer);
	else
		events_off(skel);
	if (!err)
		err = histograms_setup(h, skel);
	if (!err)
		err = filter_setup(&cli.run.filter, &skel->rodata->filter, skel->maps.filter_tree);
	if (cfg.cgroup_id)
		skel->rodata->filter.by_cgroup = 0;
	return err ? err : object_load(plan, skel->skeleton);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* What was not measured. */
static void report(const struct biolatency_bpf *skel, const struct histograms *h)
{
	volatile const struct biolatency_state *s = &skel->bss->state;
	const struct {
		uint64_t count;
		const char *text;
	} notes[] = {
		{ s->before, "requests not measured: they were issued before tracing began" },
		{ s->unissued, "requests not measured: their issue to the device was not seen" },
		{ s->full, "requests not measured: too many at a time" },
		{ s->no_histogram, "requests not counted: too many mixes of disk and flags" },
		{ s->no_start, "requests without a start time: their queue time counts as 0" },
		{ s->negative, "requests not counted: their time is below 0" },
	};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (notes[i].count)
			diag("%llu %s", (unsigned long long)notes[i].count, notes[i].text);
	if (!opt.slower) /* else events_poll() has said it */
		events_tell_misses(skel->obj);
	if (opt.disk && !opt.slower && !h->total)
		diag("no request to %s was seen", opt.disk);
	filter_report(&skel->bss->filter_state);
}

static int histograms_run(struct histograms *h)
{
	int err;

	err = show_start(&show);
	if (!err)
		err = interval_start(&interval);
	while (!err && interval_next(&interval)) {
		err = histograms_collect(h);
		if (err || !interval.show)
			continue;
		err = show_interval(&show, h, interval.length);
		histograms_clear(h);
	}
	if (!err)
		err = show_end(&show);
	interval_end(&interval);
	return err == -EPIPE ? 0 : err;
}

static int trace(struct biolatency_bpf *skel, struct plan *plan, struct table *table)
{
	struct histograms h = {};
	struct command command;
	struct events events = {
		EVENTS_OF(skel),
		.largest = sizeof(struct biolatency_event),
		.on_event = on_event,
		.flush = flush,
		.context = table,
	};
	int err;

	err = load(skel, plan, &events, &h);
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
	skel->bss->state.attached_ns = now_ns();
	stop_attached();
	if (opt.slower)
		table_start(table);
	events.ends = interval.ends = command.pidfd;
	err = command_go(&command);
	if (!err)
		err = opt.slower ? events_poll(&events) : histograms_run(&h);
	report(skel, &h);
	command_end(&command);
	histograms_free(&h);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = { .columns = columns, .fd = 1 };
	struct plan plan = { .rows = probes };
	const struct bpf_object_open_opts *opts;
	struct biolatency_bpf *skel = NULL;
	int err = -1;

	cli_start(&cli, argc, argv);
	configure();
	table.json = cli.run.json;
	table_select(&table, cli.run.output);
	stop_start(cli.run.duration, cli.run.max_events);

	opts = plan_open(&plan, cli.run.btf);
	if (opts)
		skel = biolatency_bpf__open_opts(opts);
	if (skel) {
		plan.skeleton = skel;
		plan.object = skel->obj;
		err = trace(skel, &plan, &table);
	}
	plan_detach(&plan);
	biolatency_bpf__destroy(skel);
	table_free(&table);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
