// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag.h"
#include "kernel.h"
#include "ktypes.h"
#include "plan.h"

static const char *const how_names[] = {
	[RAW_TP] = "RAW_TP",
	[TRACEPOINT] = "TRACEPOINT",
	[KRETSYSCALL] = "KRETSYSCALL",
};

/* What of a row's targets the kernel is known to have. */
enum known { ABSENT, UNKNOWN, PRESENT };

/* One target of row->where, and whether it may be absent. */
struct target {
	char name[128];
	bool optional;
};

/* Cuts the next target out of *where; false: there is none. */
static bool target_next(const char **where, struct target *t)
{
	size_t n;

	*where += strspn(*where, " ");
	n = strcspn(*where, " ");
	if (n == 0 || n >= sizeof(t->name))
		return false;
	memcpy(t->name, *where, n);
	*where += n;
	t->optional = t->name[n - 1] == '?';
	t->name[n - t->optional] = 0;
	return true;
}

static struct bpf_program *row_program(const struct plan *p, const struct probe *row)
{
	return *(struct bpf_program **)((char *)p->skeleton + row->program);
}

const struct bpf_object_open_opts *plan_open(struct plan *p, const char *btf)
{
	static struct bpf_object_open_opts opts = { .sz = sizeof(opts) };
	size_t n = 0;

	if (ktypes_open(btf))
		return NULL;
	opts.btf_custom_path = ktypes_path();
	while (p->rows[n].how != PLAN_LAST)
		n++;
	p->off = calloc(n + 1, sizeof(*p->off));
	if (!p->off)
		diag_no_memory();
	return &opts;
}

bool plan_hidden(const char *entry)
{
	const char *hide = secure_getenv("PLAN_HIDE");
	size_t n;

	for (; hide && *hide; hide += hide[n] ? n + 1 : n) {
		n = strcspn(hide, ",");
		if (n == strlen(entry) && !strncmp(hide, entry, n))
			return true;
	}
	return false;
}

/* By "WHAT/HOW" or "WHAT/HOW/WHERE". */
static bool row_hidden(const struct probe *row)
{
	char entry[512];
	int n = snprintf(entry, sizeof(entry), "%s/%s", row->what, how_names[row->how]);

	if (plan_hidden(entry))
		return true;
	snprintf(entry + n, sizeof(entry) - n, "/%s", row->where);
	return plan_hidden(entry);
}

static enum known target_known(const struct probe *row, const char *name)
{
	int args;

	switch (row->how) {
	case RAW_TP:
		args = ktypes_raw_tracepoint_args(name);
		if (args == -ENODATA) /* an optional row may be of another kernel's types */
			return row->need == OPTIONAL ? ABSENT : UNKNOWN;
		return args < 0 || (row->args && row->args != args) ? ABSENT : PRESENT;
	case TRACEPOINT:
		return kernel_tracepoint_id(name) > 0 ? PRESENT : ABSENT;
	default:
		return UNKNOWN;
	}
}

static enum known row_known(const struct probe *row)
{
	const char *where = row->where;
	enum known known = PRESENT, one;
	struct target t;
	bool any = false;

	while (target_next(&where, &t)) {
		one = target_known(row, t.name);
		any |= one != ABSENT;
		if (one == ABSENT && t.optional)
			continue;
		if (one < known)
			known = one;
	}
	return any ? known : ABSENT;
}

/* Another row that stays on uses the same program. */
static bool program_needed(const struct plan *p, size_t program)
{
	for (size_t i = 0; p->rows[i].how != PLAN_LAST; i++) {
		if (!p->off[i] && p->rows[i].program == program)
			return true;
	}
	return false;
}

/* An earlier row of the same "what" is known to attach. */
static bool row_settled(const struct plan *p, const enum known *known, size_t row)
{
	for (size_t i = 0; i < row; i++) {
		if (!p->off[i] && known[i] == PRESENT && !strcmp(p->rows[i].what, p->rows[row].what))
			return true;
	}
	return false;
}

static bool row_wanted(const struct probe *row)
{
	return (!row->when || *row->when) && !row_hidden(row);
}

/* Where tasks can be preempted in raw tracepoints: whether there is a perf event to take instead.
 * Those of single system calls are not protected from it (kernel/trace/trace_syscalls.c). */
static bool row_has_event(const struct plan *p, const struct probe *row)
{
	for (const struct probe *r = p->rows; r->how != PLAN_LAST; r++) {
		if (r->how == TRACEPOINT && !strcmp(r->what, row->what) && row_wanted(r) &&
		    strncmp(r->where, "syscalls/", strlen("syscalls/")) && row_known(r) == PRESENT)
			return true;
	}
	return false;
}

void plan_select(struct plan *p)
{
	bool events = ktypes_preemptible_tracepoints();
	size_t n = 0;

	while (p->rows[n].how != PLAN_LAST)
		n++;
	enum known known[n + 1];

	for (size_t i = 0; i < n; i++) {
		const struct probe *row = &p->rows[i];

		p->off[i] = !row_wanted(row) || row_settled(p, known, i) ||
			    (events && row->how == RAW_TP && row_has_event(p, row));
		known[i] = p->off[i] ? ABSENT : row_known(row);
		p->off[i] |= known[i] == ABSENT;
	}
	for (size_t i = 0; i < n; i++) {
		struct bpf_program *program = row_program(p, &p->rows[i]);

		bpf_program__set_autoload(program, program_needed(p, p->rows[i].program));
	}
}

static int plan_keep(struct plan *p, struct bpf_link *link)
{
	struct bpf_link **links;
	int err = libbpf_get_error(link);

	if (err)
		return err;
	links = realloc(p->links, (p->link_count + 1) * sizeof(*links));
	if (!links)
		diag_no_memory();
	p->links = links;
	p->links[p->link_count++] = link;
	return 0;
}

/* As bpf_program__attach_tracepoint(), which knows tracefs in two places only. */
static int attach_tracepoint(struct plan *p, struct bpf_program *program, const char *name)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int id = kernel_tracepoint_id(name);
	int fd, err;

	if (id < 0)
		return id;
	attr.config = id;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = plan_keep(p, bpf_program__attach_perf_event(program, fd));
	if (err)
		close(fd);
	return err;
}

/*
 * The functions behind a system call: arch/x86/include/asm/syscall_wrapper.h and its like. A
 * 32-bit table uses __ia32_compat_sys_x where the arguments differ, else __ia32_sys_x; on arm64
 * __arm64_compat_sys_x, else the native one.
 */
static int attach_syscall(struct plan *p, struct bpf_program *program, const char *name)
{
	static const char *const forms[] = {
#if defined(__x86_64__)
		"__x64_sys_%s", "__ia32_sys_%s", "__ia32_compat_sys_%s",
#elif defined(__aarch64__)
		"__arm64_sys_%s", "__arm64_compat_sys_%s",
#elif defined(__s390x__)
		"__s390x_sys_%s", "__s390_compat_sys_%s",
#elif defined(__riscv)
		"__riscv_sys_%s", "__riscv_compat_sys_%s",
#else
		"sys_%s", "compat_sys_%s",
#endif
	};
	char function[160];
	int err = -ENOENT, one;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(function, sizeof(function), forms[i], name);
		one = plan_keep(p, bpf_program__attach_kprobe(program, true, function));
		if (i == 0 || !one)
			err = one;
	}
	return err;
}

static int attach_target(struct plan *p, const struct probe *row, const char *name)
{
	struct bpf_program *program = row_program(p, row);

	switch (row->how) {
	case RAW_TP:
		return plan_keep(p, bpf_program__attach_raw_tracepoint(program, name));
	case TRACEPOINT:
		return attach_tracepoint(p, program, name);
	case KRETSYSCALL:
		return attach_syscall(p, program, name);
	default:
		return -EINVAL;
	}
}

static void links_drop(struct plan *p, size_t keep)
{
	while (p->link_count > keep)
		bpf_link__destroy(p->links[--p->link_count]);
}

/* All of a row's targets, or none: then what was attached is detached again. */
static int row_attach(struct plan *p, const struct probe *row)
{
	size_t before = p->link_count;
	const char *where = row->where;
	struct target t;
	int err;

	while (target_next(&where, &t)) {
		err = attach_target(p, row, t.name);
		if (!err || t.optional)
			continue;
		links_drop(p, before);
		diag_verbose("%s: not by %s %s: %s", row->what, how_names[row->how], t.name,
			     strerror(-err));
		return err;
	}
	return p->link_count > before ? 0 : -ENOENT;
}

/* The rows of one "what", from the first on. */
static int what_attach(struct plan *p, size_t first)
{
	const struct probe *row = &p->rows[first];
	int err = -ENOENT;
	bool on = false;

	for (size_t i = first; p->rows[i].how != PLAN_LAST; i++) {
		if (strcmp(p->rows[i].what, row->what))
			continue;
		if (p->rows[i].when && !*p->rows[i].when)
			continue;
		on = true;
		if (p->off[i])
			continue;
		err = row_attach(p, &p->rows[i]);
		if (!err) {
			diag_verbose("%s: attached by %s %s", row->what,
				     how_names[p->rows[i].how], p->rows[i].where);
			return 0;
		}
	}
	if (!on)
		return 0;
	if (row->need == OPTIONAL) {
		diag_verbose("%s: not observed on this kernel", row->what);
		return 0;
	}
	diag_replay();
	diag_errno(err, "cannot observe %s (-v tells what was tried)", row->what);
	return err;
}

static bool what_first(const struct plan *p, size_t row)
{
	for (size_t i = 0; i < row; i++) {
		if (!strcmp(p->rows[i].what, p->rows[row].what))
			return false;
	}
	return true;
}

int plan_attach(struct plan *p)
{
	int err;

	for (size_t i = 0; p->rows[i].how != PLAN_LAST; i++) {
		if (!what_first(p, i))
			continue;
		err = what_attach(p, i);
		if (err)
			return err;
	}
	diag_drop();
	diag_verbose("attached");
	return 0;
}

void plan_detach(struct plan *p)
{
	links_drop(p, 0);
	free(p->links);
	free(p->off);
	p->links = NULL;
	p->off = NULL;
}
