/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel types that the tools read, cut down to the fields they use.
 *
 * Every struct is CO-RE: libbpf rewrites each access to the offset of the running kernel
 * (preserve_access_index), so the order, the padding and the omissions here mean nothing.
 * A type or field without a suffix exists on every kernel of the test matrix. One that some
 * kernels lack stands in a flavour of its own (struct name___why, libbpf ignores the suffix)
 * and its readers ask bpf_core_field_exists() or bpf_core_type_exists() first, in
 * common/bpf/. tests/vmlinux holds this file against the BTF of every kernel.
 *
 * `make vmlinux` writes the running kernel's full header into build/ for whoever looks for
 * more types.
 */
#pragma once

/* bpf_tracing.h: registers have the kernel's names here, not the ones of the UAPI header. */
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;

typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

typedef int pid_t;
typedef unsigned int uid_t;
typedef _Bool bool;
enum { false = 0, true = 1 };

#define NULL ((void *)0)

/* The parts of the BPF UAPI that libbpf's own headers name (include/uapi/linux/bpf.h). */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

enum {
	BPF_F_STACK_BUILD_ID = 32,
	BPF_F_USER_STACK = 256,
	BPF_F_USER_BUILD_ID = 2048,
	BPF_F_MMAPABLE = 1024,
};

enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
};

/* Helpers that 5.10 lacks: bpf_core_enum_value_exists() first. */
enum bpf_func_id___new {
	BPF_FUNC_task_pt_regs = 175,
};

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
#include "regs-x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "regs-arm64.h"
#elif defined(__TARGET_ARCH_riscv)
#include "regs-riscv.h"
#elif defined(__TARGET_ARCH_s390)
#include "regs-s390.h"
#elif defined(__TARGET_ARCH_powerpc)
#include "regs-powerpc.h"
#else
#error "no pt_regs for this architecture: add vmlinux/regs-ARCH.h"
#endif

typedef struct {
	int counter;
} atomic_t;

/* --- processes: include/linux/sched.h, sched/signal.h, pid.h ------------------------- */

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct tty_struct {
	char name[64];
};

struct signal_struct {
	atomic_t live;
	struct tty_struct *tty;
};

/* What a program at the event task/task_newtask gets (include/trace/events/task.h). */
struct trace_event_raw_task_newtask {
	pid_t pid;
	unsigned long clone_flags; /* CLONE_* of include/uapi/linux/sched.h */
};

/* kernel/events/uprobes.c */
struct xol_area {
	unsigned long vaddr;
};

/* include/linux/uprobes.h */
struct uprobes_state {
	struct xol_area *xol_area;
};

struct uprobe_task {
	unsigned int depth;
};

struct mm_struct {
	unsigned long exec_vm;
	unsigned long arg_start;
	unsigned long arg_end;
	struct file *exe_file;
	struct uprobes_state uprobes_state;
};

typedef struct {
	uid_t val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct fs_struct;
struct files_struct;
struct css_set;

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	struct mm_struct *mm;
	pid_t pid;
	pid_t tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	u64 self_exec_id;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct uprobe_task *utask;
};

/* --- cgroup v2: include/linux/cgroup-defs.h, kernfs.h -------------------------------- */

struct kernfs_node {
	const char *name;
	u64 id;
};

/* parent in 6.12, __parent in 6.18. */
struct kernfs_node___parent {
	struct kernfs_node *parent;
};

struct kernfs_node___rcu_parent {
	struct kernfs_node *__parent;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
};

/* From the root (0) to itself (level): ids in 5.10, later pointers. */
struct cgroup___ids {
	u64 ancestor_ids[0];
};
struct cgroup___pointers {
	struct cgroup *ancestors[0];
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

/* --- files: include/linux/fs.h, dcache.h, fdtable.h, fs/mount.h ----------------------- */

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

struct filename {
	const char *name;
};

struct open_how {
	__u64 flags;
	__u64 mode;
};

/* --- exec: include/linux/binfmts.h ---------------------------------------------------- */

struct linux_binprm {
	struct file *file;
	int argc;
	const char *filename;
	const char *interp;
	const char *fdpath;
};

/* --- block I/O: include/linux/blk-mq.h, blk_types.h, blkdev.h, block/blk-cgroup.h --------- */

struct bio;

struct block_device_operations {
	void *submit_bio;
};

struct gendisk {
	int major;
	int first_minor;
	const struct block_device_operations *fops;
};

/* Since 5.17; before it the request knows its disk itself. */
struct request_queue___disk {
	struct gendisk *disk;
};

struct request_queue;

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int __data_len;
	u64 __sector;
	struct bio *bio;
	u64 start_time_ns;
};
struct request___disk {
	struct gendisk *rq_disk;
};

struct blkcg {
	struct cgroup_subsys_state css;
};

struct blkcg_gq {
	struct blkcg *blkcg;
};

struct bvec_iter {
	u64 bi_sector;
	unsigned int bi_size;
};

struct block_device {
	struct gendisk *bd_disk;
};

struct bio {
	unsigned int bi_opf;
	unsigned char bi_status;
	struct bvec_iter bi_iter;
};
/* CONFIG_BLK_CGROUP */
struct bio___cgroup {
	struct blkcg_gq *bi_blkg;
};
/* Since 5.12 a bio has its device, before it the disk. */
struct bio___bdev {
	struct block_device *bi_bdev;
};
struct bio___disk {
	struct gendisk *bi_disk;
};

/* --- io_uring: include/linux/io_uring_types.h, io_uring/openclose.c --------------------- */

struct io_kiocb {
	u8 opcode;
};

/* In 5.10; 6.1 has it in cqe. */
struct io_kiocb___user_data {
	u64 user_data;
};

struct io_uring_cqe {
	__s32 res;
};

/* An open request starts with this in place of io_kiocb's union. */
struct io_open {
	int dfd;
	u32 file_slot; /* not 0: the result goes into the ring's own table */
	struct open_how how;
};

struct io_open___pointer {
	struct filename *filename;
};

/* 7.2 wraps the pointer. */
struct delayed_filename___new {
	struct filename *__incomplete_filename;
};

struct io_open___delayed {
	struct delayed_filename___new filename;
};

#pragma clang attribute pop
