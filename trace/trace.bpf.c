// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace, kernel side: what all probes have in common. What differs, the predicate and the values,
 * is put in place of the functions of bpf/splice.bpf.h, so these programs are never attached as
 * they stand here (bpf/hits.bpf.h).
 */
#include "vmlinux.h"
#include "trace.h"
#include "bpf/events.bpf.h"
#include "bpf/hits.bpf.h"
#include "bpf/path.bpf.h"

const volatile struct trace_config cfg = {};

/*
 * pid -> what of it the front end knows, so that it can name addresses when the process has gone.
 * The front end adds and deletes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set by the front end */
	__type(key, __u32);
	__type(value, struct trace_image);
} images SEC(".maps");

/* --- stacks --------------------------------------------------------------------------------- */

static __always_inline __u32 add_stack(void *ctx, struct trace_event *e, __u32 at, __s32 *size,
				       __u64 flags)
{
	long n;

	if (at > cfg.data_room + 8 * TRACE_FRAMES)
		return at;
	n = bpf_get_stack(ctx, e->data + at, 8 * TRACE_FRAMES, flags);
	*size = n;
	if (n < 0 || n > 8 * TRACE_FRAMES)
		return at;
	return at + n;
}

/* Of the leader: another thread that becomes a new program takes over its time, and a thread has
 * the count of the one that made it. */
static __always_inline void image_get(struct trace_image *image, __u32 *parent)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	image->started = BPF_CORE_READ(task, group_leader, start_boottime);
	image->executions = BPF_CORE_READ(task, self_exec_id);
	image->pages = BPF_CORE_READ(task, mm, exec_vm);
	*parent = BPF_CORE_READ(task, real_parent, tgid);
}

static __always_inline bool image_known(__u32 pid, const struct trace_image *image)
{
	const struct trace_image *known = bpf_map_lookup_elem(&images, &pid);

	return known && known->started == image->started &&
	       known->executions == image->executions && known->pages == image->pages;
}

static __always_inline __u32 add_program(struct trace_event *e, __u32 at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	__u32 walked = path_components(sizeof(*e) + at, (__u64)&file->f_path);

	if (walked & (PATH_CUT | PATH_OUTSIDE))
		return at;
	e->path_size = walked = bound_at_most(walked & 8191, PATH_ROOM);
	return at + walked;
}

/* Where in files the frames are: a process of which nothing is known yet may have ended when the
 * event is read. */
static __always_inline __u32 add_build_ids(void *ctx, struct trace_event *e, __u32 at)
{
	struct trace_image image;
	__u32 ids = at + sizeof(image);
	long n;

	if (!cfg.build_ids || e->user_stack <= 0)
		return at;
	image_get(&image, &e->parent);
	if (image_known(e->pid, &image) || at > cfg.data_room + 2 * 8 * TRACE_FRAMES)
		return at;
	/* A copy by the kernel: strings before it leave no alignment. */
	bpf_probe_read_kernel(e->data + at, sizeof(image), &image);
	n = bpf_get_stack(ctx, e->data + ids, TRACE_BUILD_ID * TRACE_FRAMES,
			  BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
	if (n < 0 || n > TRACE_BUILD_ID * TRACE_FRAMES)
		n = 0;
	e->ids_size = sizeof(image) + n;
	return add_program(e, ids + n);
}

/* --- events --------------------------------------------------------------------------------- */

static __always_inline void fill_header(struct trace_event *e, const struct gen_hit *hit)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->time_ns = hit->now;
	e->slot = hit->slot;
	e->pid = id >> 32;
	e->tid = id;
	e->uid = bpf_get_current_uid_gid();
	e->cpu = bpf_get_smp_processor_id();
	e->kernel_stack = e->user_stack = 0;
	e->ids_size = e->path_size = e->parent = 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
}

static __always_inline void show_event(void *ctx, struct gen_hit *hit, struct gen_kept *kept)
{
	struct trace_event *e;
	__u32 size;

	if (!splice_pass(ctx, hit, kept)) {
		if (hit->fault)
			__sync_fetch_and_add(&entries_state.faults, 1);
		return;
	}
	if (!hit->now)
		hit->now = bpf_ktime_get_ns();
	e = events_begin();
	if (!e)
		return;
	fill_header(e, hit);
	size = splice_fill(ctx, hit, kept, e->data);
	if (size > cfg.data_room)
		size = cfg.data_room;
	e->data_size = size;
	if (cfg.kernel_stack)
		size = add_stack(ctx, e, size, &e->kernel_stack, 0);
	if (cfg.user_stack) {
		size = add_stack(ctx, e, size, &e->user_stack, BPF_F_USER_STACK);
		size = add_build_ids(ctx, e, size);
	}
	events_submit(e, sizeof(*e) + size);
}

HIT_PROGRAMS(show_event)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
