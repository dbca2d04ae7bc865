// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * opensnoop, kernel side: one program at the end of the system call. The user's registers
 * still hold the arguments there, and the kernel has faulted the path in, so there is no
 * entry probe, no map of calls in flight, and no path lost to a cold page.
 *
 * io_uring opens need two programs: the request is read when it is submitted (its copy of the
 * path is freed before it completes), its result when it completes.
 */
#include "vmlinux.h"
#include "opensnoop.h"
#include "bpf/events.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/path.bpf.h"
#include "bpf/preempt.bpf.h"
#include "bpf/syscall.bpf.h"
#include <bpf/bpf_tracing.h>

#define AT_FDCWD -100
#define O_CREAT 0100
#define O_TMPFILE 020000000 /* the bit of its own; O_DIRECTORY comes with it */
#define O_CREAT_WRONLY_TRUNC 01101 /* what creat(2) means */

const volatile struct opensnoop_config cfg = {};

/* An open as it was asked for. */
struct open_request {
	__u64 path;  /* where its text is: user memory, or the kernel's copy (io_uring) */
	__s32 dirfd;
	__u32 flags;
	__u32 mode;
	__u8 via;    /* enum open_via */
	__u8 compat;
	__u8 pad[2];
};

static __always_inline bool flags_pass(__u32 flags)
{
	if (!cfg.flags_count)
		return true;
	for (int i = 0; i < OPEN_FLAGS_MAX; i++) {
		if (i < cfg.flags_count && (flags & cfg.flags_mask[i]) == cfg.flags_value[i])
			return true;
	}
	return false;
}

static __always_inline bool prefix_pass(const char *path)
{
	for (int i = 0; i < OPEN_PREFIX_MAX; i++) {
		if (i >= cfg.prefix_size)
			return true;
		if (path[i] != cfg.prefix[i])
			return false;
	}
	return true;
}

/* The request's own fields, and its path text into e->data, from user memory or from the
 * kernel's copy. False: --path does not want it. */
static __always_inline bool fill_request(struct opensnoop_event *e, const struct open_request *r)
{
	long n = -1;

	e->time_ns = bpf_ktime_get_ns();
	e->flags = r->flags;
	e->mode = r->mode;
	e->dirfd = r->dirfd;
	e->via = r->via;
	e->bits = r->compat ? OPEN_COMPAT : 0;
	e->walk_size = 0;

	if (r->via == VIA_IO_URING)
		n = bpf_probe_read_kernel_str(e->data, OPEN_PATH_MAX, (void *)r->path);
	else if (r->via != VIA_HANDLE)
		n = bpf_probe_read_user_str(e->data, OPEN_PATH_MAX, (void *)r->path);
	if (n < 0) {
		e->bits |= OPEN_NO_PATH;
		e->data[0] = 0;
	}
	/* With its NUL; but 0 for "" from user memory up to 6.12. */
	e->path_size = bound_at_most(n > 0 ? n - 1 : 0, OPEN_PATH_MAX - 1);
	return !cfg.prefix_size || prefix_pass(e->data);
}

static __always_inline void fill_task(struct opensnoop_event *e)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->pid = id >> 32;
	e->tid = id;
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
}

/* The components of what was opened, or of the directory that a failed open started from. An
 * open by handle has no path text: at least its last component is shown. */
static __always_inline void fill_components(struct opensnoop_event *e)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	const struct path *path = NULL;
	struct file *file;
	__u32 at = e->path_size;
	__u32 walked;

	if (e->ret >= 0) {
		file = path_file(e->ret);
		if (file)
			path = &file->f_path;
	} else if (e->data[0] == '/') {
		return;
	} else if (e->dirfd == AT_FDCWD) {
		e->bits |= OPEN_RELATIVE;
		path = &BPF_CORE_READ(task, fs)->pwd;
	} else {
		e->bits |= OPEN_RELATIVE;
		file = path_file(e->dirfd);
		if (file)
			path = &file->f_path;
	}
	if (!path)
		return;
	walked = path_components(sizeof(*e) + at, (__u64)path);
	e->bits |= OPEN_WALKED;
	if (walked & PATH_CUT)
		e->bits |= OPEN_WALK_CUT;
	if (walked & PATH_OUTSIDE)
		e->bits |= OPEN_OUTSIDE;
	e->walk_size = walked;
}

static __always_inline void open_done(const struct open_request *r, long ret)
{
	struct opensnoop_event *e = events_begin();

	if (!e)
		return;
	if (!fill_request(e, r)) {
		events_cancel(e);
		return;
	}
	fill_task(e);
	e->ret = ret;
	if (cfg.full_path || e->via == VIA_HANDLE)
		fill_components(e);
	events_submit(e, sizeof(*e) + e->path_size + e->walk_size);
}

/* The call's name, or VIA_NONE for all others. */
static __always_inline int open_via(long nr, bool compat)
{
	if (nr == (compat ? COMPAT_openat : NR_openat))
		return VIA_OPENAT;
	if (nr == (compat ? COMPAT_openat2 : NR_openat2))
		return VIA_OPENAT2;
	if (nr == (compat ? COMPAT_open_by_handle_at : NR_open_by_handle_at))
		return VIA_HANDLE;
	if ((compat ? COMPAT_open : NR_open) >= 0 && nr == (compat ? COMPAT_open : NR_open))
		return VIA_OPEN;
	if ((compat ? COMPAT_creat : NR_creat) >= 0 && nr == (compat ? COMPAT_creat : NR_creat))
		return VIA_CREAT;
	return VIA_NONE;
}

static __always_inline void request_fill(struct open_request *r, const struct syscall_args *a)
{
	struct open_how how = {};

	r->path = a->arg[1];
	r->dirfd = a->arg[0];
	switch (r->via) {
	case VIA_OPEN:
		r->path = a->arg[0];
		r->dirfd = AT_FDCWD;
		r->flags = a->arg[1];
		r->mode = a->arg[2];
		break;
	case VIA_CREAT:
		r->path = a->arg[0];
		r->dirfd = AT_FDCWD;
		r->flags = O_CREAT_WRONLY_TRUNC;
		r->mode = a->arg[1];
		break;
	case VIA_OPENAT:
		r->flags = a->arg[2];
		r->mode = a->arg[3];
		break;
	case VIA_OPENAT2:
		bpf_probe_read_user(&how, sizeof(how), (void *)a->arg[2]);
		r->flags = how.flags;
		r->mode = how.mode;
		break;
	case VIA_HANDLE:
		r->path = 0;
		r->flags = a->arg[2];
		break;
	}
	if (!(r->flags & O_CREAT) && !(r->flags & O_TMPFILE))
		r->mode = 0; /* ignored by the kernel, and garbage in the register */
}

/* A system call of these kinds has ended. */
static __always_inline void open_call_done(const struct pt_regs *regs, long nr, long ret)
{
	struct open_request r = {};
	struct syscall_args a = {};

	r.compat = syscall_compat();
	r.via = open_via(nr, r.compat);
	if (!r.via || !filter_pass())
		return;
	syscall_args(&a, regs, r.compat);
	request_fill(&r, &a);
	if (!flags_pass(r.flags))
		return;
	open_done(&r, ret);
}

/* Any system call has ended; nr is its number. */
static __always_inline int syscall_done(const struct pt_regs *regs, long nr, long ret)
{
	if (cfg.failed_only && ret >= 0)
		return 0;
	if (!open_via(nr, false) && !open_via(nr, true))
		return 0;
	preempt_disable();
	open_call_done(regs, nr, ret);
	preempt_enable();
	return 0;
}

/* sys_exit(regs, ret): every call of every architecture table, 32-bit ones too. */
SEC("raw_tp")
int open_raw(struct bpf_raw_tracepoint_args *ctx)
{
	const struct pt_regs *regs = (void *)ctx->args[0];

	return syscall_done(regs, syscall_number(regs), ctx->args[1]);
}

/* raw_syscalls/sys_exit: the same by a perf event */
SEC("tp")
int open_event(struct call_record *ctx)
{
	const struct pt_regs *regs = syscall_regs();

	return syscall_done(regs, syscall_number(regs), ctx->values[0]);
}

/* syscalls/sys_exit_*: struct trace_event_raw_sys_exit of the kernel */
SEC("tp")
int open_tp(struct syscall_exit_record *ctx)
{
	return syscall_done(syscall_regs(), ctx->nr, ctx->ret);
}

/* The return of __x64_sys_openat() and its like. */
SEC("kretprobe")
int open_ret(struct pt_regs *ctx)
{
	const struct pt_regs *regs = syscall_regs();

	return syscall_done(regs, syscall_number(regs), PT_REGS_RC(ctx));
}

/* --- io_uring ------------------------------------------------------------------------- */

#define IORING_OP_OPENAT 18
#define IORING_OP_OPENAT2 28

/* A struct opensnoop_event and its path. */
struct uring_open {
	char record[sizeof(struct opensnoop_event) + OPEN_PATH_MAX];
};

/* The request (5.10: its user_data) -> the open, as far as it is known when it is submitted;
 * deleted when it completes. Preallocated, 1 MB: kernels before 6.1 warn of anything else. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct uring_open);
} uring_opens SEC(".maps");

static __always_inline __u64 uring_filename(const struct io_kiocb *request)
{
	if (bpf_core_field_exists(struct io_open___delayed, filename.__incomplete_filename))
		return (__u64)BPF_CORE_READ((struct io_open___delayed *)request,
					    filename.__incomplete_filename);
	return (__u64)BPF_CORE_READ((struct io_open___pointer *)request, filename);
}

static __always_inline bool uring_is_open(const struct io_kiocb *request)
{
	__u8 opcode = BPF_CORE_READ(request, opcode);

	return opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2;
}

static __always_inline int uring_submitted(const struct io_kiocb *request, __u64 key)
{
	const struct io_open *open = (const void *)request;
	struct opensnoop_event *e;
	struct open_request r = { .via = VIA_IO_URING };

	if (!uring_is_open(request) || !filter_pass())
		return 0;
	r.path = (__u64)BPF_CORE_READ((struct filename *)uring_filename(request), name);
	r.dirfd = BPF_CORE_READ(open, dfd);
	r.flags = BPF_CORE_READ(open, how.flags);
	r.mode = BPF_CORE_READ(open, how.mode);
	if (!flags_pass(r.flags))
		return 0;
	e = events_begin();
	if (!e)
		return 0;
	if (fill_request(e, &r)) {
		fill_task(e);
		if (BPF_CORE_READ(open, file_slot))
			e->bits |= OPEN_RING_TABLE;
		if (bpf_map_update_elem(&uring_opens, &key, e, BPF_ANY))
			events_no_room();
	}
	events_cancel(e);
	return 0;
}

static __always_inline int uring_completed(__u64 key, __s32 ret)
{
	struct uring_open *open = bpf_map_lookup_elem(&uring_opens, &key);
	struct opensnoop_event *e;

	if (!open)
		return 0;
	e = cfg.failed_only && ret >= 0 ? NULL : events_begin();
	if (e) {
		bpf_probe_read_kernel(e, sizeof(*open), open);
		e->ret = ret;
		/* The descriptor is of this task's table in the submitter and its workers, but
		 * for one of the ring's own table. */
		if (cfg.full_path && !(e->bits & OPEN_RING_TABLE) &&
		    e->pid == bpf_get_current_pid_tgid() >> 32)
			fill_components(e);
		events_submit(e, sizeof(*e) + e->path_size + e->walk_size);
	}
	bpf_map_delete_elem(&uring_opens, &key);
	return 0;
}

/* io_uring_submit_req(req); 6.1: io_uring_submit_sqe(req, force_nonblock) */
SEC("raw_tp")
int uring_submit(struct bpf_raw_tracepoint_args *ctx)
{
	return uring_submitted((void *)ctx->args[0], ctx->args[0]);
}

/* 5.10: io_uring_submit_sqe(ctx, req, ...) */
SEC("raw_tp")
int uring_submit_510(struct bpf_raw_tracepoint_args *ctx)
{
	const struct io_kiocb *request = (void *)ctx->args[1];

	return uring_submitted(request,
			       BPF_CORE_READ((struct io_kiocb___user_data *)request, user_data));
}

/* io_uring_complete(ctx, req, cqe) */
SEC("raw_tp")
int uring_complete(struct bpf_raw_tracepoint_args *ctx)
{
	const struct io_kiocb *request = (void *)ctx->args[1];

	if (!uring_is_open(request))
		return 0;
	return uring_completed((__u64)request,
			       BPF_CORE_READ((struct io_uring_cqe *)ctx->args[2], res));
}

/* 6.1, 6.12: io_uring_complete(ctx, req, user_data, res, ...) */
SEC("raw_tp")
int uring_done_res(struct bpf_raw_tracepoint_args *ctx)
{
	const struct io_kiocb *request = (void *)ctx->args[1];

	if (!uring_is_open(request))
		return 0;
	return uring_completed((__u64)request, ctx->args[3]);
}

/* 5.10: io_uring_complete(ctx, user_data, res, cflags) */
SEC("raw_tp")
int uring_done_510(struct bpf_raw_tracepoint_args *ctx)
{
	return uring_completed(ctx->args[1], ctx->args[2]);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
