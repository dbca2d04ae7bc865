// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * execsnoop, kernel side. A successful exec is seen at sched_process_exec, whichever call and
 * whichever thread made it: the new program's arguments lie in one piece in pages that the
 * kernel has just written. A failed one (-x) is seen at the end of its system call.
 *
 * Nothing is kept between two probes, so nothing can be left behind; but see execs_seen.
 */
#include "vmlinux.h"
#include "execsnoop.h"
#include "bpf/events.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/path.bpf.h"
#include "bpf/preempt.bpf.h"
#include "bpf/process.bpf.h"
#include "bpf/syscall.bpf.h"
#include <bpf/bpf_tracing.h>

#define AT_FDCWD -100

const volatile struct execsnoop_config cfg = {};

/* --- what both kinds of event have ---------------------------------------------------------- */

static __always_inline void fill_process(struct execsnoop_event *e)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *parent = process_parent(task);
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	__u64 id = bpf_get_current_pid_tgid();

	e->time_ns = bpf_ktime_get_ns();
	e->pid = id >> 32;
	e->tid = id;
	e->uid = bpf_get_current_uid_gid();
	e->cpu = bpf_get_smp_processor_id();
	e->ppid = BPF_CORE_READ(parent, tgid);
	e->ns_pid = process_ns_pid(task);
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	BPF_CORE_READ_STR_INTO(&e->parent, parent, comm);
	e->tty[0] = 0;
	if (tty)
		bpf_probe_read_kernel_str(e->tty, sizeof(e->tty), &tty->name);
}

/* The parts are written one behind the other; at is where the next one goes. */

static __always_inline __u32 add_file(struct execsnoop_event *e, __u32 at, struct file *file)
{
	__u32 walked = path_components(sizeof(*e) + at, (__u64)&file->f_path);

	if (walked & PATH_CUT)
		e->bits |= EXEC_FILE_CUT;
	if (walked & PATH_OUTSIDE)
		e->bits |= EXEC_FILE_OUTSIDE;
	walked = bound_at_most(walked & 8191, PATH_ROOM);
	e->file_size = walked;
	return at + walked;
}

static __always_inline __u32 add_cwd(struct execsnoop_event *e, __u32 at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 walked;

	walked = path_components(sizeof(*e) + at, (__u64)&BPF_CORE_READ(task, fs)->pwd);
	if (walked & PATH_CUT)
		e->bits |= EXEC_CWD_CUT;
	if (walked & PATH_OUTSIDE)
		e->bits |= EXEC_CWD_OUTSIDE;
	walked = bound_at_most(walked & 8191, PATH_ROOM);
	e->cwd_size = walked;
	return at + walked;
}

static __always_inline __u32 add_cgroup(struct execsnoop_event *e, __u32 at)
{
	__u32 walked = process_cgroup(sizeof(*e) + at);
	__u32 n = bound_at_most(walked & 2047, PROCESS_CGROUP_ROOM);

	if (walked & PATH_CUT)
		e->bits |= EXEC_CGROUP_CUT;
	e->cgroup_size = n;
	return at + n;
}

#define ANCESTORS_ROOM (EXEC_ANCESTORS * sizeof(struct exec_ancestor))

/* Writes them at record + at; returns the bytes used. */
__noinline int ancestors_fill(__u32 at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	char *buf = events_record();
	__u32 n = 0;

	if (!buf)
		return 0;
	buf += bound_at_most(at, events_room - ANCESTORS_ROOM);
	for (int i = 0; i < EXEC_ANCESTORS; i++) {
		struct exec_ancestor *a = (void *)buf + i * sizeof(*a);

		task = process_parent(task);
		a->pid = BPF_CORE_READ(task, tgid);
		if (!a->pid) /* above init there is only the idle task */
			break;
		BPF_CORE_READ_STR_INTO(&a->comm, task, comm);
		n += sizeof(*a);
	}
	return n;
}

static __always_inline __u32 add_ancestors(struct execsnoop_event *e, __u32 at)
{
	__u32 n = bound_at_most(ancestors_fill(sizeof(*e) + at), ANCESTORS_ROOM);

	e->ancestors_size = n;
	return at + n;
}

static __always_inline __u32 add_extras(struct execsnoop_event *e, __u32 at)
{
	e->cwd_size = 0;
	e->cgroup_size = 0;
	e->ancestors_size = 0;
	if (cfg.want_cwd)
		at = add_cwd(e, at);
	if (cfg.want_cgroup)
		at = add_cgroup(e, at);
	if (cfg.want_ancestors)
		at = add_ancestors(e, at);
	return at;
}

/* Where the arguments go: the room for them is at the end (largest_event() in execsnoop.c). */
static __always_inline __u32 parts_end(__u32 at)
{
	return bound_at_most(at, events_room - sizeof(struct execsnoop_event) - cfg.args_room);
}

/* The bytes of a string that was read, without its NUL; 0 for an error. */
static __always_inline __u32 string_size(long n)
{
	return bound_at_most(n > 0 ? n - 1 : 0, EXEC_NAME_MAX - 1);
}

/* --- a successful exec ---------------------------------------------------------------------- */

/* N of the name /dev/fd/N..., which the kernel makes up for execveat (fs/exec.c, alloc_bprm). */
static __always_inline __u32 name_descriptor(const struct execsnoop_event *e)
{
	__u32 fd = 0;

	for (int i = 8; i < 18; i++) {
		char c = e->data[i];

		if (c < '0' || c > '9')
			break;
		fd = fd * 10 + (c - '0');
	}
	return fd;
}

/* A script's own file is open at its descriptor only, bprm->file is its interpreter by now. */
static __always_inline struct file *executed_file(const struct execsnoop_event *e,
						  const struct linux_binprm *bprm)
{
	if ((e->bits & EXEC_BY_DESCRIPTOR) && (e->bits & EXEC_SCRIPT))
		return path_file(name_descriptor(e));
	return BPF_CORE_READ(bprm, file);
}

static __always_inline __u32 add_names(struct execsnoop_event *e, const struct linux_binprm *bprm)
{
	const char *name = BPF_CORE_READ(bprm, filename);
	const char *interp = BPF_CORE_READ(bprm, interp);
	__u32 at, n;

	e->bits = 0;
	e->interp_size = 0;
	at = string_size(bpf_probe_read_kernel_str(e->data, EXEC_NAME_MAX, name));
	e->name_size = at;
	if (BPF_CORE_READ(bprm, fdpath))
		e->bits |= EXEC_BY_DESCRIPTOR;
	if (interp != name && interp != BPF_CORE_READ(bprm, fdpath)) {
		e->bits |= EXEC_SCRIPT;
		n = string_size(bpf_probe_read_kernel_str(e->data + at, EXEC_NAME_MAX, interp));
		e->interp_size = n;
		at += n;
	}
	return at;
}

/* The arguments as the new program has them, in one piece. */
static __always_inline __u32 add_args(struct execsnoop_event *e, __u32 at)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 start = BPF_CORE_READ(task, mm, arg_start);
	__u64 total = BPF_CORE_READ(task, mm, arg_end) - start;
	__u32 size = total < cfg.max_bytes ? total : cfg.max_bytes;

	e->args_total = total;
	e->args_unread = 0;
	at = parts_end(at);
	if (total > size)
		e->bits |= EXEC_ARGS_CUT;
	size = bound_at_most(size, cfg.max_bytes);
	if (bpf_probe_read_user(e->data + at, size, (void *)start)) {
		e->bits |= EXEC_ARGS_CUT;
		size = 0;
	}
	e->args_size = size;
	return at + size;
}

static __always_inline void exec_succeeded(const struct linux_binprm *bprm)
{
	struct execsnoop_event *e = events_begin();
	__u32 at;

	if (!e)
		return;
	fill_process(e);
	e->ret = 0;
	e->dirfd = AT_FDCWD;
	e->argc = BPF_CORE_READ(bprm, argc);
	at = add_names(e, bprm);
	e->file_size = 0;
	if (cfg.want_file || (e->bits & EXEC_BY_DESCRIPTOR))
		at = add_file(e, at, executed_file(e, bprm));
	at = add_extras(e, at);
	at = add_args(e, at);
	events_submit(e, sizeof(*e) + at);
}

/* tid -> self_exec_id of the exec that exec_done() has seen, if cfg.again; gone when
 * exec_done_again() has seen it too. One whose second run the kernel left out stays, until its
 * place is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} execs_seen SEC(".maps");

static __always_inline __u64 exec_id(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, self_exec_id);
}

/* sched_process_exec(task, old_pid, bprm): in the task that is the new program already */
SEC("raw_tp")
int exec_done(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 id;

	preempt_disable();
	if (filter_pass()) {
		exec_succeeded((void *)ctx->args[2]);
		if (cfg.again) {
			id = exec_id();
			bpf_map_update_elem(&execs_seen, &tid, &id, BPF_ANY);
		}
	}
	preempt_enable();
	return 0;
}

/*
 * Once more, where tasks can be preempted in raw tracepoints (7.x): while one that was preempted in
 * a program still holds it, the kernel leaves out the program's other runs on that CPU. Then this
 * does its work. It runs after the other, because it is attached after it.
 */
SEC("raw_tp")
int exec_done_again(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	const __u64 *seen;

	preempt_disable();
	if (filter_pass()) {
		seen = bpf_map_lookup_elem(&execs_seen, &tid);
		if (seen && *seen == exec_id())
			bpf_map_delete_elem(&execs_seen, &tid);
		else
			exec_succeeded((void *)ctx->args[2]);
	}
	preempt_enable();
	return 0;
}

/* --- a failed exec -------------------------------------------------------------------------- */

/* A 32-bit pointer fills the low half (no 32-bit programs run on the big-endian kernels that are
 * left). */
static __always_inline long arg_pointer(__u64 *pointer, __u64 argv, __u32 size)
{
	*pointer = 0;
	return bpf_probe_read_user(pointer, bound_at_most(size, sizeof(*pointer)), (void *)argv);
}

/*
 * The arguments from the caller's memory, at record + at. The kernel may not have come to read
 * them, so one on a page that was never touched cannot be read here either.
 */
__noinline int failed_args(__u32 at, __u64 argv, __u32 pointer_size)
{
	struct execsnoop_event *e = events_record();
	__u64 pointer = 0;
	__u32 used = 0;
	char *args;
	int i;

	if (!e)
		return 0;
	args = (char *)e + bound_at_most(at, events_room - cfg.args_room);
	for (i = 0; i < EXEC_FAILED_ARGS && used < cfg.max_bytes; i++) {
		long n;

		if (arg_pointer(&pointer, argv, pointer_size) || !pointer)
			break;
		argv += pointer_size;
		n = bpf_probe_read_user_str(args + used, cfg.max_bytes, (void *)pointer);
		if (n <= 0) {
			args[used] = 0;
			if (n < 0 && i < 64)
				e->args_unread |= 1ull << i; /* in memory: it forks no states */
			n = 1; /* "" has the size 0 on some kernels */
		}
		used = bound_at_most(bound_forget(used + n, pointer, 0x3ffff), cfg.max_bytes);
	}
	/* The end of the list, or not? (No list is an empty one to the kernel.) */
	if (argv && (arg_pointer(&pointer, argv, pointer_size) || pointer))
		e->bits |= EXEC_ARGS_CUT;
	e->argc = i;
	e->args_total = used;
	e->args_size = used;
	return used;
}

static __always_inline void exec_failed(const struct pt_regs *regs, bool at_call, bool compat,
					long ret)
{
	struct execsnoop_event *e;
	struct syscall_args a = {};
	__u64 name, argv;
	__u32 at;
	long n;

	if (!filter_pass())
		return;
	e = events_begin();
	if (!e)
		return;
	syscall_args(&a, regs, compat);
	name = at_call ? a.arg[1] : a.arg[0];
	argv = at_call ? a.arg[2] : a.arg[1];
	fill_process(e);
	e->ret = ret;
	e->dirfd = at_call ? a.arg[0] : AT_FDCWD;
	e->bits = 0;
	e->interp_size = 0;
	e->file_size = 0;
	n = bpf_probe_read_user_str(e->data, EXEC_NAME_MAX, (void *)name);
	if (n < 0)
		e->bits |= EXEC_NAME_UNREAD;
	at = string_size(n);
	e->name_size = at;
	at = add_extras(e, at);
	e->args_unread = 0;
	at = parts_end(at);
	at += bound_at_most(failed_args(sizeof(*e) + at, argv, compat ? 4 : 8), cfg.max_bytes);
	events_submit(e, sizeof(*e) + at);
}

/* An execve or execveat has failed. */
static __always_inline void exec_call_failed(const struct pt_regs *regs, long nr, long ret)
{
	bool compat = syscall_compat();

	if (nr == (compat ? COMPAT_execve : NR_execve))
		exec_failed(regs, false, compat, ret);
	else if (nr == (compat ? COMPAT_execveat : NR_execveat))
		exec_failed(regs, true, compat, ret);
}

/* Any system call has ended; nr is its number. */
static __always_inline int syscall_done(const struct pt_regs *regs, long nr, long ret)
{
	if (ret >= 0 || (nr != NR_execve && nr != NR_execveat && nr != COMPAT_execve &&
			 nr != COMPAT_execveat))
		return 0;
	preempt_disable();
	exec_call_failed(regs, nr, ret);
	preempt_enable();
	return 0;
}

/* sys_exit(regs, ret): every call of every architecture table, 32-bit ones too. */
SEC("raw_tp")
int failed_raw(struct bpf_raw_tracepoint_args *ctx)
{
	const struct pt_regs *regs = (void *)ctx->args[0];

	return syscall_done(regs, syscall_number(regs), ctx->args[1]);
}

/* raw_syscalls/sys_exit: the same by a perf event */
SEC("tp")
int failed_event(struct call_record *ctx)
{
	const struct pt_regs *regs = syscall_regs();

	return syscall_done(regs, syscall_number(regs), ctx->values[0]);
}

/* syscalls/sys_exit_execve and sys_exit_execveat */
SEC("tp")
int failed_tp(struct syscall_exit_record *ctx)
{
	return syscall_done(syscall_regs(), ctx->nr, ctx->ret);
}

/* The return of __x64_sys_execve() and its like. */
SEC("kretprobe")
int failed_ret(struct pt_regs *ctx)
{
	const struct pt_regs *regs = syscall_regs();

	return syscall_done(regs, syscall_number(regs), PT_REGS_RC(ctx));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
