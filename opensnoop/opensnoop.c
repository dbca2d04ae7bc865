// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * opensnoop: shows files as they are opened, and opens that fail.
 *
 * It looks at the end of the system calls (open, openat, openat2, creat, open_by_handle_at, in
 * 64-bit and 32-bit programs) and at io_uring's open requests. It does not see what the kernel
 * opens for itself (a program being executed, a core dump). See opensnoop.8.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/path.h"
#include "cli.h"
#include "command.h"
#include "events.h"
#include "names.h"
#include "opensnoop.h"
#include "opensnoop.skel.h"
#include "object.h"
#include "plan.h"
#include "row.h"
#include "stop.h"
#include "summary.h"
#include "table.h"

/* What the options set: cfg goes to the kernel side, show stays here. */
static struct opensnoop_config cfg;
static struct {
	bool time, uid, pid, tid, extended, failed, full_path, summary;
	const char *name, *path;
} show;
static const bool never;
static struct cli cli;

static const char *parse_flag(const char *value)
{
	if (cfg.flags_count == OPEN_FLAGS_MAX)
		return "16 flags at most";
	if (!open_flag_parse(value, &cfg.flags_mask[cfg.flags_count],
			     &cfg.flags_value[cfg.flags_count]))
		return open_flag_list();
	cfg.flags_count++;
	return NULL;
}

/* BCC's way to give the buffer's size. */
static uint64_t buffer_pages;

static const char *parse_pages(const char *value)
{
	char *end;

	buffer_pages = strtoull(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || buffer_pages < 16 ||
	    buffer_pages > 16384 || (buffer_pages & (buffer_pages - 1)))
		return "a power of two from 16 to 16384";
	return NULL;
}

/* A pattern of glob(7). fnmatch(3) has no word for one that is broken. */
static const char *parse_path(const char *value)
{
	const char *open = NULL;

	for (const char *p = value; *p; p++) {
		if (*p == '\\' && !p[1])
			return "a character after the last backslash";
		if (*p == '\\')
			p++;
		else if (*p == '[' && !open)
			open = p;
		else if (*p == ']' && open && p > open + 1)
			open = NULL;
	}
	show.path = value;
	return open ? "a ] for each [" : NULL;
}

// clang-format off
#define FIELD(name) offsetof(struct row, name)
static const struct column columns[] = {
	{ "TIME",      "time",       -8,  CELL_CLOCK,  FIELD(time_ns), .when = &never, .help = "time of day" },
	{ "TIME(s)",   "time_s",     -13, CELL_SINCE,  FIELD(time_ns), .when = &show.time, .decimals = 9, .since_first = true, .help = "seconds since the first event (-T)" },
	{ "UID",       "uid",        -5,  CELL_U32,    FIELD(uid), .when = &show.uid, .help = "user (-U)" },
	{ "PID",       "pid",        -6,  CELL_U32,    FIELD(pid), .when = &show.pid, .help = "process" },
	{ "TID",       "tid",        -6,  CELL_U32,    FIELD(tid), .when = &show.tid, .help = "thread (in place of PID with -t)" },
	{ "COMM",      "comm",       -16, CELL_CHARS,  FIELD(comm), .help = "name of the thread" },
	{ "FD",        "fd",         4,   CELL_S32,    FIELD(fd), .help = "descriptor, or -1" },
	{ "ERR",       "err",        3,   CELL_S32,    FIELD(err), .help = "errno, or 0" },
	{ "ERROR",     "error",      -12, CELL_FORMAT, .when = &never, .text = error_text, .json = error_json, .help = "errno by name" },
	{ "FLAGS",     "flags",      -8,  CELL_FORMAT, .when = &show.extended, .text = flags_text, .json = flags_json, .help = "flags in octal (-e)" },
	{ "MODE",      "mode",       -4,  CELL_FORMAT, .when = &show.extended, .text = mode_text, .json = mode_json, .help = "permissions of a file that is made (-e)" },
	{ "FLAGNAMES", "flag_names", -28, CELL_FORMAT, .when = &never, .text = flag_names_text, .help = "flags by name" },
	{ "VIA",       "via",        -17, CELL_FORMAT, .when = &never, .text = via_text, .help = "system call, or io_uring" },
	{ "BITS",      "bits",       4,   CELL_FORMAT, .when = &never, .text = bits_text, .json = bits_json, .help = "32 if a 32-bit call was made" },
	{ "DIRFD",     "dirfd",      5,   CELL_S32,    FIELD(dirfd), .when = &never, .help = "directory descriptor; -100: working directory" },
	{ "FULLPATH",  "full_path",  0,   CELL_BYTES,  FIELD(full_path), .when = &never, .help = "path as the kernel resolved it" },
	{ "PATH",      "path",       0,   CELL_BYTES,  FIELD(shown), .help = "path (with -F the full one)" },
	COLUMN_END
};

static const struct opt options[] = {
	OPT_FLAG('T', "timestamp",       &show.time,      "print seconds since the first event"),
	OPT_FLAG('U', "print-uid",       &show.uid,       "print the user's number"),
	OPT_FLAG('x', "failed",          &show.failed,    "show failed opens only"),
	OPT_LETTER('p', "pid"),
	OPT_LETTER('t', "tid"),
	OPT_LETTER('u', "uid"),
	OPT_LETTER('d', "duration"),
	{ 'n', "name", OPT_KIND_STRING,  .string = &show.name, .metavar = "NAME", .max = 15, .help = "show processes whose name contains NAME" },
	OPT_FLAG('e', "extended_fields", &show.extended,  "print flags and mode, in octal"),
	OPT_PARSE('f', "flag_filter",    parse_flag, "FLAG", "show opens with this flag (O_WRONLY);\nmay be repeated: any of them"),
	OPT_FLAG('F', "full-path",       &show.full_path, "print the full path of what was opened"),
	OPT_PARSE('b', "buffer-pages",   parse_pages, "PAGES", "size of the event buffer in pages\n(see --buffer)"),
	OPT_REST("exec",                 "run a command and trace it: the same as -- CMD"),
	OPT_PARSE(0, "path",             parse_path, "GLOB", "show opens whose path matches the pattern"),
	OPT_FLAG(0, "summary",           &show.summary,   "at the end print opens and failures by path\nand by process, and nothing before"),
	OPT_END
};

static struct cli cli = {
	.summary = "Show files as they are opened, and opens that fail.",
	.usage = "[OPTION...] [-- CMD [ARG...]]",
	.examples =
		"opensnoop                       # every open on the system\n"
		"opensnoop -x                    # only those that fail\n"
		"opensnoop -p 181                # by one process\n"
		"opensnoop -Fn nginx             # full paths, processes named *nginx*\n"
		"opensnoop -f O_WRONLY -f O_RDWR # opens for writing\n"
		"opensnoop --path '/etc/*'       # files below /etc\n"
		"opensnoop --summary -d 10       # who opened what in ten seconds\n"
		"opensnoop --json -- make        # a command and its children\n",
	.options = options,
	.columns = columns,
};

#define SKELETON struct opensnoop_bpf
static const struct probe probes[] = {
	{ "opens", REQUIRED, RAW_TP, "sys_exit", PROG(open_raw) },
	{ "opens", REQUIRED, TRACEPOINT, "raw_syscalls/sys_exit", PROG(open_event) },                      /* 7.x */
	{ "opens", REQUIRED, TRACEPOINT, "syscalls/sys_exit_openat syscalls/sys_exit_open? syscalls/sys_exit_openat2? "
	  "syscalls/sys_exit_creat? syscalls/sys_exit_open_by_handle_at?", PROG(open_tp) },
	{ "opens", REQUIRED, KRETSYSCALL, "openat open? openat2? creat? open_by_handle_at?", PROG(open_ret) },
	{ "io_uring open", OPTIONAL, RAW_TP, "io_uring_submit_req", PROG(uring_submit), .args = 1 },       /* 6.12 */
	{ "io_uring open", OPTIONAL, RAW_TP, "io_uring_submit_sqe", PROG(uring_submit), .args = 2 },       /* 6.1 */
	{ "io_uring open", OPTIONAL, RAW_TP, "io_uring_submit_sqe", PROG(uring_submit_510), .args = 7 },   /* 5.10 */
	{ "io_uring result", OPTIONAL, RAW_TP, "io_uring_complete", PROG(uring_complete), .args = 3 },     /* 6.18 */
	{ "io_uring result", OPTIONAL, RAW_TP, "io_uring_complete", PROG(uring_done_res), .args = 7 },     /* 6.1, 6.12 */
	{ "io_uring result", OPTIONAL, RAW_TP, "io_uring_complete", PROG(uring_done_510), .args = 4 },     /* 5.10 */
	FILTER_PLAN(&cli.run.filter.by_tree),
	PLAN_END
};
// clang-format on

/* --path; its literal beginning has already been compared by the kernel side, without -F. */
static bool row_wanted(const struct row *r)
{
	const struct bytes *path = cfg.full_path && r->full_path.data ? &r->full_path : &r->path;
	static struct strbuf text;

	if (!show.path)
		return true;
	if (!path->data)
		return false;
	strbuf_clear(&text);
	strbuf_add(&text, path->data, path->size);
	return fnmatch(show.path, strbuf_cstr(&text), 0) == 0;
}

static void on_event(void *context, const void *record, size_t size)
{
	const struct opensnoop_event *e = record;
	static struct row row;

	if (size < sizeof(*e) || size < sizeof(*e) + e->path_size + e->walk_size)
		return;
	row_fill(&row, e, cfg.full_path);
	if (!row_wanted(&row))
		return;
	if (show.summary || !cli.run.json)
		row_show(&row, show.full_path, !show.summary);
	if (show.summary)
		summary_add(row.shown, row.pid, row.comm, row.err != 0);
	else
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
	size_t n;

	cfg.failed_only = show.failed;
	cfg.full_path = show.full_path || (cli.run.output && table_shows(table, "full_path"));
	if (show.path && !cfg.full_path) {
		n = strcspn(show.path, "*?[\\");
		cfg.prefix_size = n < OPEN_PREFIX_MAX ? n : OPEN_PREFIX_MAX;
		memcpy(cfg.prefix, show.path, cfg.prefix_size);
	}
}

/* What --summary has counted, also when nobody reads it any more. */
static int summary_show(struct table *table)
{
	int err;

	summary_print(&table->out, cli.run.json);
	err = table_flush(table);
	return err == -EPIPE ? 0 : err;
}

/* Fixes what the kernel side is to know, and loads the programs that this kernel needs. */
static int load(struct opensnoop_bpf *skel, struct plan *plan, const struct events *events)
{
	int err;

	skel->rodata->cfg = cfg;
	skel->rodata->path_depth = cfg.full_path ? PATH_DEPTH : 1;
	err = filter_setup(&cli.run.filter, &skel->rodata->filter, skel->maps.filter_tree);
	if (!err)
		err = events_setup(events, cli.run.buffer);
	return err ? err : object_load(plan, skel->skeleton);
}

static int trace(struct opensnoop_bpf *skel, struct plan *plan, struct table *table)
{
	struct command command;
	struct events events = {
		EVENTS_OF(skel),
		.largest = sizeof(struct opensnoop_event) + OPEN_PATH_MAX + PATH_ROOM,
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
	if (!show.summary)
		table_start(table);
	events.ends = command.pidfd;
	err = command_go(&command);
	if (!err)
		err = events_poll(&events);
	if (!err && show.summary)
		err = summary_show(table);
	filter_report(&skel->bss->filter_state);
	command_end(&command);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = { .columns = columns, .fd = 1 };
	struct plan plan = { .rows = probes };
	const struct bpf_object_open_opts *opts;
	struct opensnoop_bpf *skel = NULL;
	int err = -1;

	show.pid = true;
	cli_start(&cli, argc, argv);
	show.tid = cli.run.filter.tid != 0;
	show.pid = !show.tid;
	cli.run.filter.name = show.name;
	if (show.name && cli.run.filter.comm)
		cli_bad("--comm and -n cannot be used together");
	if (buffer_pages)
		cli.run.buffer = buffer_pages * sysconf(_SC_PAGESIZE);
	table.json = cli.run.json;
	table_select(&table, cli.run.output);
	configure(&table);
	stop_start(cli.run.duration, cli.run.max_events);

	opts = plan_open(&plan, cli.run.btf);
	if (opts)
		skel = opensnoop_bpf__open_opts(opts);
	if (skel) {
		plan.skeleton = skel;
		plan.object = skel->obj;
		err = trace(skel, &plan, &table);
	}
	plan_detach(&plan);
	opensnoop_bpf__destroy(skel);
	table_free(&table);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
