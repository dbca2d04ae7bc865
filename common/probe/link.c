// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag.h"
#include "probe/link.h"

/* What include/uapi/linux/bpf.h has since 6.6, for builds with older headers. */
#define UPROBE_MULTI_RETURN 1
struct uprobe_multi_attr {
	__u32 program, target, type, flags;
	__u64 path, offsets, semaphores, cookies;
	__u32 count, multi_flags, pid, pad;
};

/* ... since 6.10. */
struct raw_tracepoint_attr {
	__u64 name;
	__u32 program, pad;
	__u64 cookie;
};

/* --- perf events ------------------------------------------------------------------------------ */

/* A number in a file of sysfs that may have words around it: "config:0". */
static int sysfs_number(const char *source, const char *file, const char *format)
{
	char path[128];
	int value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/%s", source, file);
	f = fopen(path, "re");
	if (f && fscanf(f, format, &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value < 0 ? -ENODEV : value;
}

int link_perf_type(const char *source)
{
	return sysfs_number(source, "type", "%d");
}

/* The event's program, by a link where there are cookies (5.15), else for the event's life. */
static int event_program(const struct link_request *r, struct link_pair *out)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .perf_event.bpf_cookie = r->slot);

	if (r->cookie)
		out->link = bpf_link_create(r->program, out->event, BPF_PERF_EVENT, &opts);
	if (r->cookie ? out->link < 0 : ioctl(out->event, PERF_EVENT_IOC_SET_BPF, r->program))
		return -errno;
	if (ioctl(out->event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	if (r->cookie) { /* the link holds the event: one descriptor is enough */
		close(out->event);
		out->event = -1;
	}
	return 0;
}

static int event_open(struct perf_event_attr *attr, pid_t pid, const struct link_request *r,
		      struct link_pair *out)
{
	int err;

	attr->size = sizeof(*attr);
	attr->sample_period = 1;
	attr->wakeup_events = 1;
	out->event = syscall(SYS_perf_event_open, attr, pid ? pid : -1, pid ? -1 : 0, -1,
			     PERF_FLAG_FD_CLOEXEC);
	if (out->event < 0)
		return -errno;
	err = event_program(r, out);
	if (err) {
		close(out->event);
		if (out->link >= 0)
			close(out->link);
		*out = (struct link_pair){ -1, -1 };
	}
	return err;
}

static int probe_attr(struct perf_event_attr *attr, const char *source, bool ret)
{
	int type = link_perf_type(source);
	int bit = ret ? sysfs_number(source, "format/retprobe", "config:%d") : 0;

	if (type < 0 || bit < 0)
		return -ENODEV;
	*attr = (struct perf_event_attr){ .type = type, .config = ret ? 1ull << bit : 0 };
	return 0;
}

int link_kprobe(const struct link_request *r, struct link_pair *out)
{
	const struct target *t = r->target;
	struct perf_event_attr attr;
	int err = probe_attr(&attr, "kprobe", t->ret);

	if (err)
		return err;
	if (t->address) {
		attr.kprobe_addr = t->address + t->offset;
	} else {
		attr.kprobe_func = (uintptr_t)t->name;
		attr.probe_offset = t->offset;
	}
	return event_open(&attr, 0, r, out);
}

#define SEMAPHORE_SHIFT 32 /* format/ref_ctr_offset: config:32-63 */

int link_uprobe(const struct link_request *r, struct link_pair *out)
{
	const struct target *t = r->target;
	struct perf_event_attr attr;
	int err = probe_attr(&attr, "uprobe", t->ret);

	if (err)
		return err;
	if (t->semaphore >> 32)
		return -ERANGE;
	attr.config |= t->semaphore << SEMAPHORE_SHIFT;
	attr.uprobe_path = (uintptr_t)t->path;
	attr.probe_offset = t->offset;
	return event_open(&attr, r->pid, r, out);
}

int link_event(const struct link_request *r, int id, struct link_pair *out)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .config = id };

	return event_open(&attr, 0, r, out);
}

int link_tracepoint(const struct link_request *r, struct link_pair *out)
{
	return link_event(r, r->target->id, out);
}

/* --- others one by one -------------------------------------------------------------------------- */

/* A raw tracepoint has the event's name, without the category; most events have one. */
int link_raw_tracepoint(const struct link_request *r, struct link_pair *out)
{
	const char *event = strchr(r->target->name, ':');
	struct raw_tracepoint_attr attr = {
		.name = (uintptr_t)(event ? event + 1 : r->target->name),
		.program = r->program,
		.cookie = r->slot,
	};
	size_t size = r->cookie ? sizeof(attr) : offsetof(struct raw_tracepoint_attr, cookie);

	out->link = syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, size);
	return out->link < 0 ? -errno : 0;
}

int link_fentry(const struct link_request *r, struct link_pair *out)
{
	out->link = bpf_raw_tracepoint_open(NULL, r->program);
	return out->link < 0 ? -errno : 0;
}

/* --- many at once -------------------------------------------------------------------------------- */

static uint64_t *column(const struct link_many *m, size_t member)
{
	uint64_t *values = calloc(m->count, sizeof(*values));

	if (!values)
		diag_no_memory();
	for (size_t i = 0; i < m->count; i++)
		values[i] = *(const uint64_t *)((const char *)&m->targets->list[m->list[i]] + member);
	return values;
}

static uint64_t *cookies(const struct link_many *m)
{
	uint64_t *values = calloc(m->count, sizeof(*values));

	if (!values)
		diag_no_memory();
	for (size_t i = 0; i < m->count; i++)
		values[i] = m->targets->list[m->list[i]].slot;
	return values;
}

int link_kprobes(const struct link_many *m)
{
	const struct target *first = &m->targets->list[m->list[0]];
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	uint64_t *slots = cookies(m), *addresses = column(m, offsetof(struct target, address));
	const char **names = calloc(m->count, sizeof(*names));
	int link;

	if (!names)
		diag_no_memory();
	for (size_t i = 0; i < m->count; i++)
		names[i] = m->targets->list[m->list[i]].name;
	opts.kprobe_multi.flags = first->ret ? BPF_F_KPROBE_MULTI_RETURN : 0;
	opts.kprobe_multi.cnt = m->count;
	opts.kprobe_multi.cookies = (const __u64 *)slots;
	if (first->address)
		opts.kprobe_multi.addrs = (const unsigned long *)addresses;
	else
		opts.kprobe_multi.syms = names;
	link = bpf_link_create(m->program, 0, m->type, &opts);
	if (link < 0)
		link = -errno;
	free(names);
	free(addresses);
	free(slots);
	return link;
}

int link_uprobes(const struct link_many *m)
{
	const struct target *first = &m->targets->list[m->list[0]];
	uint64_t *slots = cookies(m), *offsets = column(m, offsetof(struct target, offset));
	uint64_t *semaphores = column(m, offsetof(struct target, semaphore));
	struct uprobe_multi_attr attr = {
		.program = m->program,
		.type = m->type,
		.path = (uintptr_t)first->path,
		.offsets = (uintptr_t)offsets,
		.semaphores = (uintptr_t)semaphores,
		.cookies = (uintptr_t)slots,
		.count = m->count,
		.multi_flags = first->ret ? UPROBE_MULTI_RETURN : 0,
		.pid = m->pid,
	};
	int link = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	if (link < 0)
		link = -errno;
	free(semaphores);
	free(offsets);
	free(slots);
	return link;
}

/* --- what was missed ----------------------------------------------------------------------------- */

/* struct bpf_link_info of 6.7, as far as it is needed. */
struct link_info {
	__u32 type, id, prog_id, pad;
	union {
		struct {
			__u64 addresses;
			__u32 count, flags;
			__u64 missed;
		} kprobe_multi;
		struct {
			__u32 type, pad;
			__u64 name;
			__u32 name_size, offset;
			__u64 address, missed;
		} kprobe;
		char room[256];
	};
};

#define LINK_PERF_EVENT 7
#define LINK_KPROBE_MULTI 8
#define PERF_KPROBE 3 /* BPF_PERF_EVENT_KPROBE */
#define PERF_KRETPROBE 4

uint64_t link_missed(int link)
{
	struct link_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link, &info, &size))
		return 0;
	if (info.type == LINK_KPROBE_MULTI && size >= offsetof(struct link_info, room) + 24)
		return info.kprobe_multi.missed;
	if (info.type == LINK_PERF_EVENT &&
	    (info.kprobe.type == PERF_KPROBE || info.kprobe.type == PERF_KRETPROBE))
		return info.kprobe.missed;
	return 0;
}
