// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "kernel.h"
#include "kfunc.h"
#include "ktypes.h"
#include "plan.h"
#include "probe/attach.h"
#include "probe/callmap.h"
#include "probe/kfuncs.h"
#include "probe/link.h"
#include "stop.h"

#define PROGRESS_EVERY 10 /* perf events: some milliseconds each */

static const char *const way_names[] = {
	[WAY_KPROBE_MULTI] = "kprobe.multi", [WAY_KPROBE] = "kprobe",
	[WAY_FENTRY] = "fentry",	     [WAY_UPROBE_MULTI] = "uprobe.multi",
	[WAY_UPROBE] = "uprobe",	     [WAY_RAW_TP] = "raw tracepoint",
	[WAY_TRACEPOINT] = "tracepoint",     [WAY_SYSCALLS] = "sys_enter/sys_exit",
};

/* --- what there is --------------------------------------------------------------------------- */

/* Enumerators of the running kernel: their values, -1 where it has none. */
struct feature {
	const char *name;
	int value;
};

static void feature_found(void *features, const char *name, uint64_t value)
{
	for (struct feature *f = features; f->name; f++) {
		if (!strcmp(name, f->name))
			f->value = value;
	}
}

static bool way_hidden(enum attach_way way)
{
	char entry[64];

	snprintf(entry, sizeof(entry), "attach/%s", way_names[way]);
	return plan_hidden(entry);
}

/* Each target may need three descriptors: a program, an event and a link. The command of -- CMD has
 * been started by now, and keeps its limit. */
static void descriptors_allow(size_t count)
{
	static rlim_t wanted = 256;
	struct rlimit limit;

	wanted += 3 * count;
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	if (!setrlimit(RLIMIT_NOFILE, &limit) || getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

#define RETURNS_FEW 64 /* each needs a program of its own */

/*
 * kprobe.multi has room for few calls at once while it uses struct rethook (6.12, not 7.2): of a
 * function that sleeps it misses most returns. A kretprobe can have more (kretprobes.h), fexit has no
 * limit. It can be let go of safely only if the kernel counts who is still in (struct
 * bpf_tramp_image, 5.12).
 */
static bool wants_fexit(const struct attach *a, size_t returns)
{
	if (!returns || returns > RETURNS_FEW || a->failed[WAY_FENTRY])
		return false;
	if (!a->failed[WAY_KPROBE_MULTI] && ktypes_has_member("fprobe", "exit_handler") &&
	    !ktypes_has_member("fprobe", "rethook"))
		return false;
	return ktypes_has_member("bpf_tramp_image", "pcref");
}

static size_t returns_count(const struct targets *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++)
		count += t->list[i].kind == TARGET_KERNEL && t->list[i].ret;
	return count;
}

static size_t syscalls_count(const struct targets *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++)
		count += callmap_has(&t->list[i]);
	return count;
}

int attach_start(struct attach *a, const struct targets *t)
{
	struct feature cookie[] = { { "BPF_FUNC_get_attach_cookie", -1 }, {} };
	struct feature types[] = { { "BPF_TRACE_KPROBE_MULTI", -1 },
				   { "BPF_TRACE_UPROBE_MULTI", -1 },
				   { "BPF_TRACE_UPROBE_SESSION", -1 }, {} };
	size_t returns = returns_count(t);

	ktypes_enum("bpf_func_id", feature_found, cookie);
	ktypes_enum("bpf_attach_type", feature_found, types);
	/* One target needs none, and its program does not have to ask for it. */
	a->cookies = cookie[0].value > 0 && t->count > 1;
	a->type[WAY_KPROBE_MULTI] = types[0].value;
	a->type[WAY_UPROBE_MULTI] = types[1].value;
	/* It came with 6.13; before 6.10 a link for a process saw its first thread only. */
	a->uprobe_multi_pid = types[2].value > 0;
	a->raw_cookies = ktypes_has_member("bpf_raw_tp_link", "cookie");
	for (int way = 0; way < WAY_COUNT; way++) {
		if (way_hidden(way))
			a->failed[way] = -EOPNOTSUPP;
	}
	if (a->type[WAY_KPROBE_MULTI] < 0)
		a->failed[WAY_KPROBE_MULTI] = -EOPNOTSUPP;
	if (a->type[WAY_UPROBE_MULTI] < 0)
		a->failed[WAY_UPROBE_MULTI] = -EOPNOTSUPP;
	a->fexit = wants_fexit(a, returns);
	if (returns && !plan_hidden("attach/room"))
		a->held.kretprobes.room = kretprobes_room(returns);
	a->events_only = ktypes_preemptible_tracepoints();
	if (!a->fexit && !a->failed[WAY_KPROBE] && link_perf_type("kprobe") >= 0)
		return 0;
	a->btf_ids = calloc(t->count + 1, sizeof(*a->btf_ids));
	if (!a->btf_ids)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++) {
		if (t->list[i].kind == TARGET_KERNEL && !t->list[i].module)
			a->btf_ids[i] = ktypes_function(t->list[i].name);
	}
	return 0;
}

void attach_form(struct attach *a, enum attach_form which, const struct bpf_program *program)
{
	a->code.form[which].insns = bpf_program__insns(program);
	a->code.form[which].count = bpf_program__insn_cnt(program);
}

/* --- programs -------------------------------------------------------------------------------- */

static struct attach_code *code_for(struct attach *a, const struct target *t, enum attach_way way)
{
	return a->code_of ? a->code_of(a->context, t, way) : &a->code;
}

static bool way_has_cookies(const struct attach *a, enum attach_way way,
			    const struct attach_code *code)
{
	/* There is one link for all system calls. */
	if (way == WAY_FENTRY || way == WAY_SYSCALLS || !a->cookies ||
	    !code->form[ATTACH_BY_COOKIE].insns)
		return false;
	return way != WAY_RAW_TP || a->raw_cookies;
}

static int program_load(struct attach *a, enum attach_way way, bool ret, int btf_id,
			const struct bpf_insn *insns, size_t count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	enum bpf_prog_type type = BPF_PROG_TYPE_KPROBE;
	int fd;

	if (way == WAY_RAW_TP) {
		type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	} else if (way == WAY_TRACEPOINT || way == WAY_SYSCALLS) {
		type = BPF_PROG_TYPE_TRACEPOINT;
	} else if (way == WAY_FENTRY) {
		type = BPF_PROG_TYPE_TRACING;
		opts.expected_attach_type = ret ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY;
		opts.attach_btf_id = btf_id;
	} else if (way == WAY_KPROBE_MULTI || way == WAY_UPROBE_MULTI) {
		opts.expected_attach_type = a->type[way];
	}
	fd = bpf_prog_load(type, "count", "Dual BSD/GPL", insns, count, &opts);
	if (fd >= 0)
		held_add(&a->held, fd, HELD_PROGRAM);
	return fd;
}

/* A copy of the program whose immediate is the slot. */
static int program_for_slot(struct attach *a, enum attach_way way, const struct attach_code *code,
			    const struct target *t, int btf_id)
{
	size_t count = code->form[ATTACH_BY_SLOT].count;
	struct bpf_insn *insns = malloc(count * sizeof(*insns));
	int fd;

	if (!insns)
		diag_no_memory();
	memcpy(insns, code->form[ATTACH_BY_SLOT].insns, count * sizeof(*insns));
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code == (BPF_ALU64 | BPF_MOV | BPF_K) && insns[i].imm == ATTACH_SLOT)
			insns[i].imm = t->slot;
	}
	fd = program_load(a, way, t->ret, btf_id, insns, count);
	free(insns);
	return fd;
}

/* The program for a target: one for all of the same code where there are cookies. */
static int program_for(struct attach *a, enum attach_way way, struct attach_code *code,
		       const struct target *t, int btf_id)
{
	int *one = &code->programs[way][t->ret], fd;

	if (*one && (way_has_cookies(a, way, code) ||
		     (way != WAY_FENTRY && code->slot_of[way] == t->slot)))
		return *one - 1;
	if (way_has_cookies(a, way, code))
		fd = program_load(a, way, t->ret, 0, code->form[ATTACH_BY_COOKIE].insns,
				  code->form[ATTACH_BY_COOKIE].count);
	else
		fd = program_for_slot(a, way, code, t, btf_id);
	*one = fd < 0 ? 0 : fd + 1;
	code->slot_of[way] = t->slot;
	return fd;
}

/* --- one by one ------------------------------------------------------------------------------ */

static void links_keep(struct attach *a, const struct link_pair *pair, enum held_kind link)
{
	if (pair->event >= 0)
		held_add(&a->held, pair->event, HELD_EVENT);
	if (pair->link >= 0)
		held_add(&a->held, pair->link, link);
}

/* A return, by an event that has room; -errno where there is no tracefs to write to. */
static int kretprobe_try(struct attach *a, const struct link_request *r, struct link_pair *pair)
{
	int id = plan_hidden("attach/tracefs") ? -ENOENT :
						 kretprobe_add(&a->held.kretprobes, r->target);

	return id < 0 ? id : link_event(r, id, pair);
}

/* One target in one way. */
static int way_try(struct attach *a, enum attach_way way, const struct targets *t, size_t at)
{
	const struct target *target = &t->list[at];
	struct link_pair pair = { -1, -1 };
	enum held_kind link = HELD_LINK;
	int btf_id = a->btf_ids ? a->btf_ids[at] : 0;
	struct link_request r = { .target = target, .pid = a->pid, .slot = target->slot };
	struct attach_code *code;
	int err = 0;

	if (a->failed[way])
		return a->failed[way];
	if (way == WAY_FENTRY && (btf_id <= 0 || target->offset))
		return -EOPNOTSUPP;
	code = code_for(a, target, way);
	if (!code)
		return -EOPNOTSUPP;
	r.program = program_for(a, way, code, target, btf_id);
	r.cookie = way_has_cookies(a, way, code);
	if (r.program < 0)
		err = r.program;
	else if (way == WAY_KPROBE && target->ret && !kretprobe_try(a, &r, &pair))
		link = HELD_EVENT; /* what was missed is asked of its event */
	else if (way == WAY_KPROBE)
		err = link_kprobe(&r, &pair);
	else if (way == WAY_UPROBE)
		err = link_uprobe(&r, &pair);
	else if (way == WAY_RAW_TP)
		err = link_raw_tracepoint(&r, &pair);
	else if (way == WAY_TRACEPOINT)
		err = link_tracepoint(&r, &pair);
	else
		err = link_fentry(&r, &pair);
	links_keep(a, &pair, link);
	return err;
}

/* The ways for one target, in their order; WAY_COUNT ends them. */
static const enum attach_way *ways_of(const struct attach *a, const struct target *t)
{
	static const enum attach_way kernel[] = { WAY_KPROBE, WAY_FENTRY, WAY_COUNT };
	static const enum attach_way kernel_return[] = { WAY_FENTRY, WAY_KPROBE, WAY_COUNT };
	static const enum attach_way user[] = { WAY_UPROBE, WAY_COUNT };
	static const enum attach_way tracepoint[] = { WAY_RAW_TP, WAY_TRACEPOINT, WAY_COUNT };
	static const enum attach_way event[] = { WAY_TRACEPOINT, WAY_COUNT };
	static const char syscalls[] = "syscalls:"; /* two raw tracepoints for all of them */

	switch (t->kind) {
	case TARGET_KERNEL:
		return t->ret && a->fexit ? kernel_return : kernel;
	case TARGET_TRACEPOINT:
		return a->events_only || !strncmp(t->name, syscalls, sizeof(syscalls) - 1) ?
			       event :
			       tracepoint;
	default:
		return user;
	}
}

#define ENOTSUPP 524 /* the kernel's own, which never was to be seen outside */

/* What these errors mean here. */
static const char *error_text(enum attach_way way, int err)
{
	switch (-err) {
	case EILSEQ:
		return "no instruction begins there";
	case ENOTSUPP:
		return way == WAY_UPROBE || way == WAY_UPROBE_MULTI ?
			       "the kernel cannot step over the instruction there" :
			       "this kernel does not have it";
	case EOPNOTSUPP:
	case ENODEV:
		return "this kernel does not have it";
	case EADDRNOTAVAIL:
		return "several functions have this name, and their addresses are hidden";
	default:
		return strerror(-err);
	}
}

static void target_skip(struct attach *a, struct targets *t, size_t at, enum attach_way way,
			int err)
{
	const struct target *target = &t->list[at];
	char reason[160];
	int n;

	n = snprintf(reason, sizeof(reason), "%s: %s", way_names[way], error_text(way, err));
	targets_skip(t, target->label, targets_text(t, reason, n));
	if (!a->refused[way])
		a->refused[way] = err;
}

static int attach_one(struct attach *a, struct targets *t, size_t at)
{
	const enum attach_way *way = ways_of(a, &t->list[at]);
	enum attach_way first = *way;
	int err = 0, reason = 0;

	for (; *way != WAY_COUNT; way++) {
		err = way_try(a, *way, t, at);
		if (!err) {
			a->used[*way]++;
			a->attached++;
			return 0;
		}
		if (!a->refused[*way] && err != -EOPNOTSUPP)
			a->refused[*way] = err;
		/* The last word is that of the way that ought to have worked. */
		if (!reason || err != -EOPNOTSUPP) {
			reason = err;
			first = *way;
		}
	}
	target_skip(a, t, at, first, reason);
	return reason;
}

/* --- all at once ------------------------------------------------------------------------------ */

/* Some of the targets by one link; halves of them where that fails, until the bad ones are
 * found. They stay in the list. Before that it is made sure that the addresses are right. */
static void multi_attach(struct attach *a, enum attach_way way, struct targets *t, size_t *list,
			 size_t count, bool *done)
{
	const struct target *first = &t->list[list[0]];
	struct link_many many = {
		.type = a->type[way], .targets = t, .list = list, .count = count,
		.pid = a->uprobe_multi_pid ? a->pid : 0,
	};
	int link;

	if (stop_check())
		return;
	many.program = program_for(a, way, code_for(a, first, way), first, 0);
	if (many.program < 0)
		link = many.program;
	else
		link = way == WAY_KPROBE_MULTI ? link_kprobes(&many) : link_uprobes(&many);
	if (link >= 0) {
		held_add(&a->held, link, HELD_LINK);
		for (size_t i = 0; i < count; i++)
			done[list[i]] = true;
		a->used[way] += count;
		a->attached += count;
		return;
	}
	if (link == -EOPNOTSUPP || many.program < 0)
		a->failed[way] = link;
	if (!a->refused[way])
		a->refused[way] = link;
	if (a->failed[way])
		return;
	if (way == WAY_KPROBE_MULTI && kfuncs_locate(t)) {
		multi_attach(a, way, t, list, count, done);
		return;
	}
	if (count == 1)
		return;
	multi_attach(a, way, t, list, count / 2, done);
	if (!a->failed[way])
		multi_attach(a, way, t, list + count / 2, count - count / 2, done);
}

/* Whether two targets, if they have the same code, go into one link. */
static bool multi_alike(const struct target *a, const struct target *b)
{
	bool kernel = a->kind == TARGET_KERNEL;

	if (kernel != (b->kind == TARGET_KERNEL) || a->ret != b->ret)
		return false;
	return kernel ? !a->address == !b->address : !strcmp(a->path, b->path);
}

static enum attach_way multi_way(const struct target *t)
{
	return t->kind == TARGET_KERNEL ? WAY_KPROBE_MULTI : WAY_UPROBE_MULTI;
}

/* The code with which a target can be one of many, or NULL. */
static struct attach_code *multi_code(struct attach *a, const struct target *t)
{
	enum attach_way way = multi_way(t);

	if (t->kind == TARGET_TRACEPOINT || a->failed[way] ||
	    (t->kind == TARGET_KERNEL && (t->offset || (t->ret && a->fexit))))
		return NULL;
	return code_for(a, t, way);
}

static void multi_all(struct attach *a, struct targets *t, bool *done)
{
	size_t *list = calloc(t->count + 1, sizeof(*list)), count;
	struct attach_code **code = calloc(t->count + 1, sizeof(struct attach_code *));

	if (!list || !code)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++)
		code[i] = multi_code(a, &t->list[i]);
	for (size_t i = 0; i < t->count; i++) {
		enum attach_way way = multi_way(&t->list[i]);
		const struct attach_code *one = code[i];

		if (!one || a->failed[way])
			continue;
		count = 0;
		for (size_t k = i; k < t->count; k++) {
			if (code[k] != one || !multi_alike(&t->list[i], &t->list[k]))
				continue;
			code[k] = NULL;
			list[count++] = k;
		}
		multi_attach(a, way, t, list, count, done);
	}
	free(list);
	free(code);
}

/* --- all together ------------------------------------------------------------------------------ */

/* Nothing worked: what was tried, and why it did not. */
static void tell_failure(const struct attach *a, const struct targets *t)
{
	bool kernel = false, user = false;

	for (size_t i = 0; i < t->count; i++) {
		kernel |= t->list[i].kind == TARGET_KERNEL;
		user |= t->list[i].kind == TARGET_USER || t->list[i].kind == TARGET_USDT;
	}
	diag("nothing can be attached:");
	for (int way = 0; way < WAY_COUNT; way++) {
		int err = a->refused[way] ? a->refused[way] : a->failed[way];

		if (!err || (way <= WAY_FENTRY ? !kernel :
			     (way == WAY_UPROBE_MULTI || way == WAY_UPROBE) && !user))
			continue;
		diag("  %s: %s", way_names[way], error_text(way, err));
	}
	if (kernel && link_perf_type("kprobe") < 0)
		diag("kernel functions cannot be traced here; tracepoints (t:...), functions of "
		     "programs (lib:...) and USDT probes (u:...) need none of these");
}

static void tell_decisions(const struct attach *a, const struct targets *t)
{
	for (int way = 0; way < WAY_COUNT; way++) {
		if (a->used[way])
			diag_verbose("%zu attached by %s", a->used[way], way_names[way]);
	}
	for (size_t i = 0; i < t->skip_count; i++)
		diag_verbose("skipped %s: %s", t->skipped[i].name, t->skipped[i].reason);
}

/* --- system calls ------------------------------------------------------------------------------ */

#define SYSCALLS_FEW 8 /* a program that every call runs is not worth it for less */

/* Where raw tracepoints leave out hits, the calls' own events do, too. */
bool attach_wants_syscalls(const struct attach *a, const struct targets *t)
{
	return syscalls_count(t) > (a->events_only ? 0 : SYSCALLS_FEW) && !a->failed[WAY_SYSCALLS];
}

/* What is done at the target's call; false: nothing, it is to be attached by event. */
static bool syscall_set(struct attach *a, const struct target *t)
{
	uint32_t value = t->slot + 1;
	struct attach_code *code;
	int program;

	if (!callmap_has(t))
		return false;
	if (a->syscalls.jumps) {
		code = code_for(a, t, WAY_SYSCALLS);
		program = code ? program_for(a, WAY_SYSCALLS, code, t, 0) : -EOPNOTSUPP;
		if (program < 0)
			return false;
		value = program;
	}
	return !callmap_set(&a->syscalls, t, value);
}

static void syscalls_attach(struct attach *a, const struct targets *t, bool *done)
{
	size_t count = 0;
	int err = 0;

	if (a->jumps.map)
		err = callmap_jumps(&a->syscalls, &a->jumps, &a->held);
	if (!a->syscalls.map)
		return;
	for (size_t i = 0; i < t->count && !err && !stop_check(); i++) {
		if (i % PROGRESS_EVERY == 0)
			diag_progress("attaching %zu of %zu", i + 1, t->count);
		done[i] |= syscall_set(a, &t->list[i]);
		count += done[i] && callmap_has(&t->list[i]);
	}
	if (!err)
		err = callmap_attach(&a->syscalls, &a->held);
	a->refused[WAY_SYSCALLS] = err;
	if (!err) {
		a->attached += count;
		a->used[WAY_SYSCALLS] = count;
		return;
	}
	for (size_t i = 0; i < t->count; i++)
		done[i] &= !callmap_has(&t->list[i]);
}

/* How many slots have a target that is attached. */
static size_t slots_count(const struct targets *t, const bool *done)
{
	bool *seen = calloc(t->slots + 1, sizeof(*seen));
	size_t count = 0;

	if (!seen)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++) {
		count += done[i] && !seen[t->list[i].slot];
		seen[t->list[i].slot] |= done[i];
	}
	free(seen);
	return count;
}

/*
 * The kernel looks at an instruction when the file is mapped somewhere: for a file that nobody
 * has mapped yet it takes any probe, and drops bad ones in silence when a program maps it. So it
 * is mapped here meanwhile.
 */
static void file_map(struct attach *a, const char *path)
{
	struct attach_map *map;
	struct stat st;
	int fd;

	for (size_t i = 0; i < a->map_count; i++) {
		if (!strcmp(a->maps[i].path, path))
			return;
	}
	a->maps = realloc(a->maps, (a->map_count + 1) * sizeof(*a->maps));
	if (!a->maps)
		diag_no_memory();
	map = &a->maps[a->map_count++];
	*map = (struct attach_map){ .path = path, .data = MAP_FAILED };
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st)) {
		map->size = st.st_size;
		map->data = mmap(NULL, map->size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
}

static void files_map(struct attach *a, const struct targets *t)
{
	const char *last = NULL;

	for (size_t i = 0; i < t->count; i++) {
		if (t->list[i].kind == TARGET_USER && t->list[i].path != last)
			file_map(a, t->list[i].path);
		last = t->list[i].path;
	}
}

static void files_unmap(struct attach *a)
{
	for (size_t i = 0; i < a->map_count; i++) {
		if (a->maps[i].data != MAP_FAILED)
			munmap(a->maps[i].data, a->maps[i].size);
	}
	free(a->maps);
	a->maps = NULL;
	a->map_count = 0;
}

/* One by one they are where somebody says; fentry goes by BTF. */
static bool kprobes_left(const struct attach *a, const struct targets *t, const bool *done)
{
	if (a->failed[WAY_KPROBE] || link_perf_type("kprobe") < 0 || stop_check())
		return false;
	for (size_t i = 0; i < t->count; i++) {
		if (t->list[i].unsure && !done[i])
			return true;
	}
	return false;
}

int attach_targets(struct attach *a, struct targets *t)
{
	bool *done = calloc(t->count + 1, sizeof(*done));
	size_t left = 0;

	if (!done)
		diag_no_memory();
	descriptors_allow(t->count);
	files_map(a, t);
	multi_all(a, t, done);
	syscalls_attach(a, t, done);
	if (kprobes_left(a, t, done))
		kfuncs_locate(t);
	for (size_t i = 0; i < t->count; i++) {
		if (done[i] || stop_check())
			continue;
		if (left++ % PROGRESS_EVERY == 0)
			diag_progress("attaching %zu of %zu", i + 1, t->count);
		done[i] = !attach_one(a, t, i);
	}
	a->given_up = stop_check();
	diag_progress(NULL);
	files_unmap(a);
	a->slots = slots_count(t, done);
	free(done);
	tell_decisions(a, t);
	if (a->attached || stop_check())
		return 0;
	tell_failure(a, t);
	return -ENOENT;
}

uint64_t attach_missed(const struct attach *a)
{
	return held_missed(&a->held);
}

void attach_end(struct attach *a)
{
	/* Who gives up while hundreds are being attached does not want to wait for their end. */
	held_release(&a->held, a->given_up);
	free(a->btf_ids);
	a->btf_ids = NULL;
}
