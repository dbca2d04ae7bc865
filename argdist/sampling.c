// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fnmatch.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag.h"
#include "mistake.h"
#include "sampling.h"
#include "strbuf.h"

#define SECOND 1000000000ULL /* ns */
#define CLOCK_LEAST 10000    /* ns: the kernel makes shorter periods this long */

struct sampling_event {
	const char *class, *name;
	uint32_t type, config;
	uint64_t ns;   /* of one: the period is a time. 0: it is a number of events */
	bool rate;     /* so many in so many ns */
	bool one_cpu;
	const char *other; /* as perf(1) calls it, too */
};

#define CLOCK(class_, name_, ...) \
	{ class_, name_, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, __VA_ARGS__ }
#define SOFT(name_, id, ...) \
	{ "software", name_, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##id, __VA_ARGS__ }
#define HARD(name_, id, ...) \
	{ "hardware", name_, PERF_TYPE_HARDWARE, PERF_COUNT_HW_##id, __VA_ARGS__ }

static const struct sampling_event events[] = {
	CLOCK("profile", "hz", .ns = SECOND, .rate = true),
	CLOCK("profile", "s", .ns = SECOND),
	CLOCK("profile", "ms", .ns = SECOND / 1000),
	CLOCK("profile", "us", .ns = SECOND / 1000000),
	CLOCK("interval", "hz", .ns = SECOND, .rate = true, .one_cpu = true),
	CLOCK("interval", "s", .ns = SECOND, .one_cpu = true),
	CLOCK("interval", "ms", .ns = SECOND / 1000, .one_cpu = true),
	CLOCK("interval", "us", .ns = SECOND / 1000000, .one_cpu = true),
	SOFT("cpu-clock", CPU_CLOCK, .ns = 1),
	SOFT("task-clock", TASK_CLOCK, .ns = 1),
	SOFT("page-faults", PAGE_FAULTS, .other = "faults"),
	SOFT("minor-faults", PAGE_FAULTS_MIN),
	SOFT("major-faults", PAGE_FAULTS_MAJ),
	SOFT("context-switches", CONTEXT_SWITCHES, .other = "cs"),
	SOFT("cpu-migrations", CPU_MIGRATIONS, .other = "migrations"),
	SOFT("alignment-faults", ALIGNMENT_FAULTS),
	SOFT("emulation-faults", EMULATION_FAULTS),
	HARD("cycles", CPU_CYCLES, .other = "cpu-cycles"),
	HARD("instructions", INSTRUCTIONS),
	HARD("cache-references", CACHE_REFERENCES),
	HARD("cache-misses", CACHE_MISSES),
	HARD("branches", BRANCH_INSTRUCTIONS, .other = "branch-instructions"),
	HARD("branch-misses", BRANCH_MISSES),
	HARD("bus-cycles", BUS_CYCLES),
	HARD("ref-cycles", REF_CPU_CYCLES),
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

/* --- parsing -------------------------------------------------------------------------------- */

static bool is_word(const char *word, const char *at, size_t size)
{
	return word && strlen(word) == size && !memcmp(word, at, size);
}

static const struct sampling_event *event_find(const char *class, size_t class_size,
					       const char *name, size_t size)
{
	for (size_t i = 0; i < EVENTS; i++) {
		const struct sampling_event *e = &events[i];

		if (is_word(e->class, class, class_size) &&
		    (!name || is_word(e->name, name, size) || is_word(e->other, name, size)))
			return e;
	}
	return NULL;
}

/* -l may ask for "profile*". */
static size_t class_size(const char *text)
{
	return strcspn(text, ":*");
}

bool sampling_begins(const char *text)
{
	size_t size = class_size(text);

	return text[size] && event_find(text, size, NULL, 0);
}

static int event_unknown(const char *class, size_t size, size_t at, struct mistake *m)
{
	struct strbuf names = {};
	int err;

	for (size_t i = 0; i < EVENTS; i++) {
		if (is_word(events[i].class, class, size))
			strbuf_printf(&names, "%s%s", names.size ? ", " : "", events[i].name);
	}
	err = mistake_set(m, at, "behind %.*s: stands one of %s", (int)size, class,
			  strbuf_cstr(&names));
	strbuf_free(&names);
	return err;
}

static int period_set(struct sampling *s, uint64_t number, size_t at, struct mistake *m)
{
	const struct sampling_event *e = s->event;

	if (!number)
		return mistake_set(m, at, "this is to be 1 or more");
	if (e->rate)
		s->period = e->ns / number;
	else if (number > INT64_MAX / (e->ns ? e->ns : 1))
		return mistake_set(m, at, "this is too large");
	else
		s->period = number * (e->ns ? e->ns : 1);
	if (e->ns && s->period < CLOCK_LEAST)
		return mistake_set(m, at, "the kernel's clock samples every %d ns (100000 hz) at most",
				   CLOCK_LEAST);
	return 0;
}

static void target_set(struct sampling *s)
{
	s->target = (struct target){ .kind = TARGET_KERNEL, .name = s->name, .label = s->name };
}

int sampling_parse(struct sampling *s, const char *text, const char *at, const char **end,
		   struct mistake *m)
{
	const char *name = at + class_size(at) + 1, *number;
	size_t class = class_size(at), size = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
	char *stop;
	uint64_t n;

	s->event = event_find(at, class, name, size);
	if (!s->event)
		return event_unknown(at, class, name - text, m);
	number = name + size + (name[size] == ':');
	if (number == name + size || *number < '0' || *number > '9')
		return mistake_set(m, name + size - text, "%s: %s:%s:%d", s->event->ns ?
				   "the number is missing" :
				   "how many of them make a sample is missing", s->event->class,
				   s->event->name, s->event->type == PERF_TYPE_HARDWARE ? 1000000 :
				   s->event->ns == 1 ? 1000000 : s->event->rate ? 99 : 1);
	errno = 0;
	n = strtoull(number, &stop, 10);
	if (errno || n > INT64_MAX)
		return mistake_set(m, number - text, "this is too large");
	*end = stop;
	if (**end == '(')
		return mistake_set(m, *end - text, "a sample has no arguments");
	s->name = strndup(at, stop - at);
	if (!s->name)
		diag_no_memory();
	target_set(s);
	return period_set(s, n, number - text, m);
}

/* --- attaching ------------------------------------------------------------------------------ */

static int event_open(const struct sampling_event *e, uint64_t period, int cpu)
{
	struct perf_event_attr attr = {
		.type = e->type, .size = sizeof(attr), .config = e->config,
		.sample_period = period, .disabled = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_failed(const struct sampling *s, int err)
{
	if (err == -ENOENT || err == -EOPNOTSUPP || err == -ENODEV)
		diag("'%s': this machine does not offer %s", s->name, s->event->name);
	else
		diag_errno(err, "'%s': the kernel refuses it", s->name);
	return err;
}

/* A descriptor for each CPU may be more than the usual limit. */
static void descriptors_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int program_load(struct sampling *s, const struct attach_code *code)
{
	size_t count = code->form[ATTACH_BY_SLOT].count;
	struct bpf_insn *insns = malloc(count * sizeof(*insns));
	int fd;

	if (!insns)
		diag_no_memory();
	memcpy(insns, code->form[ATTACH_BY_SLOT].insns, count * sizeof(*insns));
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code == (BPF_ALU64 | BPF_MOV | BPF_K) && insns[i].imm == ATTACH_SLOT)
			insns[i].imm = s->target.slot;
	}
	fd = bpf_prog_load(BPF_PROG_TYPE_PERF_EVENT, "sample", "Dual BSD/GPL", insns, count, NULL);
	free(insns);
	if (fd < 0)
		diag_errno(fd, "'%s': the kernel refuses the program", s->name);
	else
		held_add(&s->held, fd, HELD_PROGRAM);
	return fd;
}

/* One event for each CPU that is online; of the others the kernel says -ENODEV. */
static int events_open(struct sampling *s, int program)
{
	int cpus = libbpf_num_possible_cpus();
	size_t opened = 0;

	for (int cpu = 0; cpu < cpus && !(opened && s->event->one_cpu); cpu++) {
		int fd = event_open(s->event, s->period, cpu);

		if (fd == -ENODEV)
			continue;
		if (fd < 0)
			return open_failed(s, fd);
		held_add(&s->held, fd, HELD_EVENT);
		opened++;
		if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program))
			return open_failed(s, -errno);
	}
	diag_verbose("%s: on %zu CPU%s", s->name, opened, opened == 1 ? "" : "s");
	return opened ? 0 : open_failed(s, -ENODEV);
}

int sampling_attach(struct sampling *s, const struct attach_code *code)
{
	int err = program_load(s, code);

	if (err < 0)
		return err;
	descriptors_allow();
	err = events_open(s, err);
	for (size_t i = 0; i < s->held.count && !err; i++) {
		if (s->held.fds[i].kind == HELD_EVENT &&
		    ioctl(s->held.fds[i].fd, PERF_EVENT_IOC_ENABLE, 0))
			err = open_failed(s, -errno);
	}
	return err;
}

void sampling_end(struct sampling *s)
{
	held_release(&s->held, false);
	free(s->name);
}

/* --- listing -------------------------------------------------------------------------------- */

static bool event_exists(const struct sampling_event *e)
{
	int fd = event_open(e, e->ns ? SECOND : 1, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int sampling_list(const char *pattern)
{
	struct strbuf out = {}, name = {};
	int err;

	for (size_t i = 0; i < EVENTS; i++) {
		strbuf_clear(&name);
		strbuf_printf(&name, "%s:%s:N", events[i].class, events[i].name);
		if (!fnmatch(pattern, strbuf_cstr(&name), 0) && event_exists(&events[i]))
			strbuf_printf(&out, "%s\n", strbuf_cstr(&name));
	}
	err = out.size ? strbuf_write(&out, STDOUT_FILENO) : -ENOENT;
	if (err == -ENOENT)
		diag("'%s': this machine offers no such event", pattern);
	strbuf_free(&out);
	strbuf_free(&name);
	return err;
}
