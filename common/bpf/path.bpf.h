/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path of an open file or directory, as the task sees it: dentries and mounts are walked
 * up to the task's own root (fs/d_path.c does the same). Names are written leaf first, each
 * with its NUL; common/path.c turns them round. bpf_d_path() is allowed in few hooks only.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "bpf/bound.bpf.h"
#include "bpf/events.bpf.h"
#include "bpf/path.h"

static __always_inline struct mount *path_mount(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* How many components and mounts are walked at most: set by the front end, because the verifier
 * walks them all when the program is loaded (some 0.2 ms each). */
const volatile __u32 path_depth = 1;

/*
 * Writes the components of a struct path at record + at, PATH_ROOM bytes at most. Returns the
 * bytes used, and PATH_CUT or PATH_OUTSIDE in addition.
 */
__noinline int path_components(__u32 at, __u64 address)
{
	const struct path *path = (const void *)address;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct dentry *root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	struct vfsmount *root_mnt = BPF_CORE_READ(task, fs, root.mnt);
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct vfsmount *mnt = BPF_CORE_READ(path, mnt);
	struct mount *mount = path_mount(mnt);
	char *buf = events_record();
	__u32 used = 0;

	if (!buf)
		return PATH_CUT;
	buf += bound_at_most(at, events_room - PATH_ROOM);
	for (int i = 0; i < path_depth; i++) {
		struct dentry *parent;
		long n;

		if (dentry == root_dentry && mnt == root_mnt)
			return used;
		if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
			struct mount *up = BPF_CORE_READ(mount, mnt_parent);

			if (up == mount || !up)
				return used | PATH_OUTSIDE;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = up;
			mnt = (void *)up + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		if (used > PATH_ROOM - PATH_STEP)
			return used | PATH_CUT;
		n = bpf_probe_read_kernel_str(buf + used, PATH_STEP,
					      BPF_CORE_READ(dentry, d_name.name));
		if (n <= 0)
			return used | PATH_CUT;
		used = bound_forget(used + n, (__u64)parent, 8191);
		if (parent == dentry) /* memfd:x, a pipe, another thing without a directory */
			return used | PATH_OUTSIDE;
		dentry = parent;
	}
	return used | PATH_CUT;
}

/* The open file behind a descriptor of the current task, or NULL. */
static __always_inline struct file *path_file(unsigned int fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **slots = BPF_CORE_READ(fdt, fd);
	struct file *file = NULL;

	if (fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
	return file;
}
