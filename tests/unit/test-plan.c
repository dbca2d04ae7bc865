// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The module is included: a kernel that has what a test says stands in for the running
 * one, and attaching is written down in place of being done. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <cmocka.h>
#include "child.h"

/* --- the kernel of the test --------------------------------------------------------- */

/* What it has, separated by blanks: "raw:NAME/ARGS", "tp:CATEGORY/NAME", "fn:FUNCTION".
 * "refuse:NAME": it is there, but a program cannot be attached to it. */
static const char *kernel;
static bool types_unknown; /* --btf with a file that was cut down */
static bool preemptible;   /* tasks, in raw tracepoints */
static char attached[1024];
static int links, events_open;

struct program {
	char name;
	bool loaded;
};

static bool kernel_has(const char *form, const char *name, int *args)
{
	char wanted[256];
	const char *at = kernel;
	size_t n = snprintf(wanted, sizeof(wanted), "%s:%s", form, name);

	while ((at = strstr(at, wanted))) {
		if ((at == kernel || at[-1] == ' ') && (!at[n] || at[n] == ' ' || args)) {
			if (!args)
				return true;
			if (at[n] == '/')
				return *args = atoi(at + n + 1), true;
		}
		at++;
	}
	return false;
}

static void *attach(const void *program, const char *form, const char *name, bool there)
{
	const struct program *p = program;
	size_t n = strlen(attached);

	if (!p->loaded)
		errno = EINVAL; /* as libbpf: it has no descriptor */
	else if (!there)
		errno = ENOENT;
	else if (kernel_has("refuse", name, NULL))
		errno = EPERM;
	if (!p->loaded || !there || kernel_has("refuse", name, NULL))
		return NULL;
	snprintf(attached + n, sizeof(attached) - n, "%s%c=%s:%s", n ? " " : "", p->name,
		 form, name);
	links++;
	return malloc(1);
}

static void *attach_raw(const void *program, const char *name)
{
	int args;

	return attach(program, "raw", name, kernel_has("raw", name, &args));
}

static void *attach_return(const void *program, bool returns, const char *function)
{
	CHECK(returns);
	return attach(program, "fn", function, kernel_has("fn", function, NULL));
}

static char tracepoint[128]; /* of the last kernel_tracepoint_id() */

static void *attach_event(const void *program, int fd)
{
	CHECK(fd == 1000);
	return attach(program, "tp", tracepoint, true);
}

static void detach(void *link)
{
	char *last = strrchr(attached, ' ');

	free(link);
	links--;
	*(last ? last : attached) = '\0'; /* the last one attached goes first */
}

static int event_open(const struct perf_event_attr *attr)
{
	CHECK(attr->config == 7);
	events_open++;
	return 1000;
}

static int event_close(int fd)
{
	CHECK(fd == 1000);
	events_open--;
	return 0;
}

#define bpf_program__set_autoload(p, on)	    (((struct program *)(p))->loaded = (on))
#define bpf_program__attach_raw_tracepoint(p, name) attach_raw(p, name)
#define bpf_program__attach_kprobe(p, ret, name)    attach_return(p, ret, name)
#define bpf_program__attach_perf_event(p, fd)	    attach_event(p, fd)
#define bpf_link__destroy(link)			    detach(link)
#define syscall(number, attr, ...)		    event_open(attr)
#define close(fd)				    event_close(fd)
#include "plan.c"
#undef close
#undef syscall

int ktypes_open(const char *file)
{
	return file ? -ENOENT : 0;
}

const char *ktypes_path(void)
{
	return "/the/types";
}

int ktypes_raw_tracepoint_args(const char *name)
{
	int args;

	if (types_unknown)
		return -ENODATA;
	return kernel_has("raw", name, &args) ? args : -ENOENT;
}

bool ktypes_preemptible_tracepoints(void)
{
	return preemptible;
}

int kernel_tracepoint_id(const char *name)
{
	snprintf(tracepoint, sizeof(tracepoint), "%s", name);
	return kernel_has("tp", name, NULL) ? 7 : -ENOENT;
}

/* --- a tool ------------------------------------------------------------------------- */

struct skeleton {
	struct {
		struct bpf_program *a, *b, *c, *d;
	} progs;
};
#define SKELETON struct skeleton

/* A run of the plan from open to detach, in a child. */
struct run {
	const struct probe *rows;
	const char *kernel, *hide;
	bool types_unknown, preemptible;
	const char *loaded;   /* the names of the programs that are */
	const char *attached; /* in this order */
	int err;
};

static void run_child(const void *argument)
{
	const struct run *r = argument;
	struct program programs[] = { { 'a' }, { 'b' }, { 'c' }, { 'd' } };
	struct skeleton skeleton = { { (void *)&programs[0], (void *)&programs[1],
				       (void *)&programs[2], (void *)&programs[3] } };
	struct plan plan = { .rows = r->rows,
			     .skeleton = &skeleton,
			     .object = (void *)&skeleton };
	const struct bpf_object_open_opts *opts;
	char loaded[8] = "";

	kernel = r->kernel;
	types_unknown = r->types_unknown;
	preemptible = r->preemptible;
	diag_level = 1;
	if (r->hide)
		setenv("PLAN_HIDE", r->hide, 1);
	opts = plan_open(&plan, NULL);
	CHECK(opts && !strcmp(opts->btf_custom_path, "/the/types"));
	plan_select(&plan);
	for (size_t i = 0; i < 4; i++) {
		if (programs[i].loaded)
			loaded[strlen(loaded)] = programs[i].name;
	}
	dprintf(STDERR_FILENO, "loaded '%s'\n", loaded);
	CHECK(!r->loaded || !strcmp(loaded, r->loaded));
	CHECK(plan_attach(&plan) == r->err);
	dprintf(STDERR_FILENO, "attached '%s'\n", attached);
	CHECK(!strcmp(attached, r->attached));
	plan_detach(&plan);
	CHECK(links == 0 && !*attached);
}

/* The messages are in child_said. */
#define RUN(...) assert_true(child_run_good(run_child, &(struct run){ __VA_ARGS__ }))

#define SAID(text) assert_non_null(strstr(child_said, text))

#if defined(__x86_64__)
#define NATIVE "fn:__x64_sys_"
#elif defined(__aarch64__)
#define NATIVE "fn:__arm64_sys_"
#elif defined(__s390x__)
#define NATIVE "fn:__s390x_sys_"
#elif defined(__riscv)
#define NATIVE "fn:__riscv_sys_"
#else
#define NATIVE "fn:sys_"
#endif

/* --- targets ------------------------------------------------------------------------ */

static void check_targets(const char *where, const char *want)
{
	char got[1024] = "";
	struct target t;

	while (target_next(&where, &t))
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%s%s]", t.name,
			 t.optional ? ",maybe" : "");
	assert_string_equal(got, want);
}

static void targets(void **state)
{
	char name[200];
	const char *where = name;
	struct target t;

	(void)state;
	check_targets("", "");
	check_targets("   ", "");
	check_targets("one", "[one]");
	check_targets("one?", "[one,maybe]");
	check_targets("  one  two? three ", "[one][two,maybe][three]");
	check_targets("syscalls/sys_exit_openat syscalls/sys_exit_open?",
		      "[syscalls/sys_exit_openat][syscalls/sys_exit_open,maybe]");
	/* The longest that there is room for, and one that is none. */
	memset(name, 'x', sizeof(name));
	name[127] = 0;
	assert_true(target_next(&where, &t));
	assert_string_equal(t.name, name);
	name[127] = 'x';
	name[128] = 0;
	where = name;
	assert_false(target_next(&where, &t));
}

/* --- which rows --------------------------------------------------------------------- */

static const struct probe opens[] = {
	{ "opens", REQUIRED, RAW_TP, "sys_exit", PROG(a) },
	{ "opens", REQUIRED, TRACEPOINT, "x/openat x/open?", PROG(b) },
	{ "opens", REQUIRED, KRETSYSCALL, "openat open?", PROG(c) },
	PLAN_END
};

#define ALL_OPENS "raw:sys_exit/2 tp:x/openat tp:x/open " NATIVE "openat " NATIVE "open"

static void first_known(void **state)
{
	(void)state;
	RUN(opens, ALL_OPENS, .loaded = "a", .attached = "a=raw:sys_exit");
	SAID(": opens: attached by RAW_TP sys_exit\n");
	SAID(": attached\n");
	RUN(opens, "tp:x/openat tp:x/open " NATIVE "openat", .loaded = "b",
	    .attached = "b=tp:x/openat b=tp:x/open");
	/* An optional target that is not there. */
	RUN(opens, "tp:x/openat " NATIVE "openat", .loaded = "b",
	    .attached = "b=tp:x/openat");
	/* A necessary one. */
	RUN(opens, "tp:x/open " NATIVE "openat", .loaded = "c",
	    .attached = "c=" NATIVE "openat");
	RUN(opens, NATIVE "openat " NATIVE "open", .loaded = "c",
	    .attached = "c=" NATIVE "openat c=" NATIVE "open");
}

static void none(void **state)
{
	(void)state;
	RUN(opens, "", .loaded = "c", .attached = "", .err = -ENOENT);
	SAID(": cannot observe opens (-v tells what was tried): No such file");
	RUN(opens, NATIVE "open", .loaded = "c", .attached = "", .err = -ENOENT);
}

/* Hidden rows are those that a test does not want; all names are whole ones. */
static void hidden(void **state)
{
	(void)state;
	RUN(opens, ALL_OPENS, .hide = "opens/RAW_TP", .loaded = "b",
	    .attached = "b=tp:x/openat b=tp:x/open");
	RUN(opens, ALL_OPENS, .hide = "opens/RAW_TP,opens/TRACEPOINT", .loaded = "c",
	    .attached = "c=" NATIVE "openat c=" NATIVE "open");
	RUN(opens, ALL_OPENS, .hide = "x,opens/RAW_TP/sys_exit,", .loaded = "b",
	    .attached = "b=tp:x/openat b=tp:x/open");
	RUN(opens, ALL_OPENS, .hide = ",,opens/TRACEPOINT/x/openat x/open?,opens/RAW_TP",
	    .loaded = "c", .attached = "c=" NATIVE "openat c=" NATIVE "open");
	RUN(opens, ALL_OPENS, .hide = "opens/RAW_TP,opens/TRACEPOINT,opens/KRETSYSCALL",
	    .loaded = "", .attached = "", .err = -ENOENT);
	static const char *const others[] = {
		"",
		",",
		"opens",
		"opens/",
		"opens/RAW",
		"opens/RAW_TPX",
		"opens/RAW_TP/",
		"opens/RAW_TP/sys_exi",
		"opens/RAW_TP/sys_exit2",
		"Opens/RAW_TP",
		"pens/RAW_TP",
		" opens/RAW_TP",
		"opens/RAW_TP ",
		"closes/RAW_TP",
		"opens/TRACEPOINT",
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		RUN(opens, ALL_OPENS, .hide = others[i], .loaded = "a",
		    .attached = "a=raw:sys_exit");
}

static void by_arguments(void **state)
{
	static const struct probe rows[] = {
		{ "done", REQUIRED, RAW_TP, "complete", PROG(a), .args = 3 },
		{ "done", REQUIRED, RAW_TP, "complete", PROG(b), .args = 7 },
		{ "done", REQUIRED, RAW_TP, "complete", PROG(c) },
		PLAN_END
	};

	(void)state;
	RUN(rows, "raw:complete/3", .loaded = "a", .attached = "a=raw:complete");
	RUN(rows, "raw:complete/7", .loaded = "b", .attached = "b=raw:complete");
	RUN(rows, "raw:complete/4", .loaded = "c", .attached = "c=raw:complete");
}

/* Optional rows of which none is there are no error, and the others are attached. */
static void optional(void **state)
{
	static const struct probe rows[] = {
		{ "ring", OPTIONAL, RAW_TP, "ring", PROG(a) },
		{ "ring", OPTIONAL, RAW_TP, "ring_old", PROG(b) },
		{ "opens", REQUIRED, RAW_TP, "sys_exit", PROG(c) },
		PLAN_END
	};

	(void)state;
	RUN(rows, "raw:sys_exit/2", .loaded = "c", .attached = "c=raw:sys_exit");
	SAID(": ring: not observed on this kernel\n");
	RUN(rows, "raw:sys_exit/2 raw:ring_old/1", .loaded = "bc",
	    .attached = "b=raw:ring_old c=raw:sys_exit");
	/* Where types are not known an optional row might read another kernel's: it is
	 * off. */
	RUN(rows, "raw:sys_exit/2 raw:ring/1", .types_unknown = true, .loaded = "c",
	    .attached = "c=raw:sys_exit");
}

/* Where nothing is known, all are loaded and tried. */
static void unknown(void **state)
{
	(void)state;
	RUN(opens, "raw:sys_exit/2 tp:x/openat", .types_unknown = true, .loaded = "ab",
	    .attached = "a=raw:sys_exit");
	RUN(opens, "tp:x/openat", .types_unknown = true, .loaded = "ab",
	    .attached = "b=tp:x/openat");
	SAID(": opens: not by RAW_TP sys_exit: No such file or directory\n");
}

/* What is known to be there and refuses all the same: there are no others left. */
static void refused(void **state)
{
	(void)state;
	RUN(opens, ALL_OPENS " refuse:sys_exit", .loaded = "a", .attached = "",
	    .err = -EPERM);
	SAID(": opens: not by RAW_TP sys_exit: Operation not permitted\n");
	SAID(": cannot observe opens");
	/* A row is all of its targets or none: the first is detached again. */
	static const struct probe pair[] = {
		{ "pair", REQUIRED, KRETSYSCALL, "first second", PROG(a) },
		{ "pair", REQUIRED, KRETSYSCALL, "third", PROG(b) },
		PLAN_END
	};
	RUN(pair, NATIVE "first " NATIVE "third", .loaded = "ab",
	    .attached = "b=" NATIVE "third");
	SAID(": pair: not by KRETSYSCALL second: No such file");
	RUN(pair, NATIVE "first " NATIVE "second " NATIVE "third", .loaded = "ab",
	    .attached = "a=" NATIVE "first a=" NATIVE "second");
	/* All of them optional, and none there. */
	static const struct probe maybe[] = {
		{ "maybe", REQUIRED, KRETSYSCALL, "first? second?", PROG(a) }, PLAN_END
	};
	RUN(maybe, NATIVE "second", .attached = "a=" NATIVE "second");
	RUN(maybe, "", .attached = "", .err = -ENOENT);
}

static bool on = true, off;

/* Where raw tracepoints leave out what comes meanwhile, events go first that do not. */
static void preempted(void **state)
{
	static const struct probe rows[] = {
		{ "opens", REQUIRED, RAW_TP, "sys_exit", PROG(a) },
		{ "opens", REQUIRED, TRACEPOINT, "raw_syscalls/sys_exit", PROG(b) },
		{ "opens", REQUIRED, TRACEPOINT, "syscalls/openat", PROG(c) },
		{ "execs", REQUIRED, RAW_TP, "exec", PROG(d) },
		PLAN_END
	};
	static const struct probe called[] = {
		{ "opens", REQUIRED, RAW_TP, "sys_exit", PROG(a) },
		{ "opens", REQUIRED, TRACEPOINT, "raw_syscalls/sys_exit", PROG(b), .when = &off },
		{ "opens", REQUIRED, TRACEPOINT, "syscalls/openat", PROG(c) },
		PLAN_END
	};
#define ALL_EVENTS "raw:sys_exit/2 raw:exec/3 tp:raw_syscalls/sys_exit tp:syscalls/openat"

	(void)state;
	RUN(rows, ALL_EVENTS, .loaded = "ad", .attached = "a=raw:sys_exit d=raw:exec");
	RUN(rows, ALL_EVENTS, .preemptible = true, .loaded = "bd",
	    .attached = "b=tp:raw_syscalls/sys_exit d=raw:exec");
	RUN(rows, ALL_EVENTS, .preemptible = true, .hide = "opens/TRACEPOINT/raw_syscalls/sys_exit",
	    .loaded = "ad", .attached = "a=raw:sys_exit d=raw:exec");
	RUN(rows, "raw:sys_exit/2 raw:exec/3 tp:syscalls/openat", .preemptible = true, .loaded = "ad",
	    .attached = "a=raw:sys_exit d=raw:exec");
	/* An event that is not wanted is none, and those of single calls are as bad. */
	RUN(called, ALL_EVENTS, .preemptible = true, .loaded = "a", .attached = "a=raw:sys_exit");
}

static void when(void **state)
{
	static const struct probe rows[] = {
		{ "tree", REQUIRED, RAW_TP, "fork", PROG(a), .when = &off },
		{ "execs", REQUIRED, RAW_TP, "exec", PROG(b), .when = &on },
		{ "fails", REQUIRED, RAW_TP, "fork", PROG(c), .when = &off },
		{ "fails", REQUIRED, RAW_TP, "exit", PROG(d) },
		PLAN_END
	};

	(void)state;
	RUN(rows, "raw:fork/2 raw:exec/3 raw:exit/1", .loaded = "bd",
	    .attached = "b=raw:exec d=raw:exit");
	/* A row that is off is no error, whatever the kernel has. */
	RUN(rows, "raw:exec/3 raw:exit/1", .loaded = "bd",
	    .attached = "b=raw:exec d=raw:exit");
	RUN(rows, "raw:exit/1", .loaded = "d", .attached = "", .err = -ENOENT);
	SAID(": cannot observe execs");
}

/* One program on several rows is loaded if one of them is on. */
static void shared(void **state)
{
	static const struct probe rows[] = {
		{ "one", OPTIONAL, RAW_TP, "first", PROG(a) },
		{ "two", REQUIRED, RAW_TP, "second", PROG(a) },
		{ "two", REQUIRED, RAW_TP, "third", PROG(b) },
		PLAN_END
	};

	(void)state;
	RUN(rows, "raw:second/1", .loaded = "a", .attached = "a=raw:second");
	RUN(rows, "raw:first/1 raw:second/1", .loaded = "a",
	    .attached = "a=raw:first a=raw:second");
	RUN(rows, "raw:third/1", .loaded = "b", .attached = "b=raw:third");
}

/* A perf event that no program could be put on is closed again. */
static void events_child(const void *argument)
{
	run_child(argument);
	CHECK(events_open == 0);
}

static void events(void **state)
{
	(void)state;
	assert_true(child_run_good(events_child,
				   &(struct run){ opens, "tp:x/openat refuse:x/openat",
						  .loaded = "b", .attached = "",
						  .err = -EPERM }));
}

static void open_child(const void *unused)
{
	struct plan plan = { .rows = opens };

	(void)unused;
	CHECK(plan_open(&plan, "/nonexistent") == NULL);
	plan_detach(&plan);
	plan_detach(&plan);
}

static void open_failed(void **state)
{
	(void)state;
	assert_true(child_run_good(open_child, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),  cmocka_unit_test(first_known),
		cmocka_unit_test(none),	    cmocka_unit_test(hidden),
		cmocka_unit_test(optional), cmocka_unit_test(by_arguments),
		cmocka_unit_test(unknown),  cmocka_unit_test(refused),
		cmocka_unit_test(when),	    cmocka_unit_test(preempted),
		cmocka_unit_test(shared),   cmocka_unit_test(events),
		cmocka_unit_test(open_failed),
	};

	unsetenv("PLAN_HIDE");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
