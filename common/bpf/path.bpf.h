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
#include "bpf/path.h"

static __always_inline struct mount *path_mount(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/*
 * Writes the components of the path into buf, at most depth of them
 * (a constant: the verifier walks them all when the program is loaded). Returns the bytes
 * used, and PATH_CUT or PATH_OUTSIDE in addition. buf has PATH_STEP bytes for a depth of 1, else
 * PATH_ROOM.
 */
static __noinline __u32 path_components(char *buf, const struct path *path, int depth)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct dentry *root_dentry = BPF_CORE_READ(task, fs, root.dentry);
	struct vfsmount *root_mnt = BPF_CORE_READ(task, fs, root.mnt);
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct vfsmount *mnt = BPF_CORE_READ(path, mnt);
	struct mount *mount = path_mount(mnt);
	__u32 used = 0;

	for (int i = 0; i < depth; i++) {
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
		n = bpf_probe_read_kernel_str(buf + used, PATH_STEP, BPF_CORE_READ(dentry, d_name.name));
		if (n <= 0 || n > PATH_STEP)
			return used | PATH_CUT;
		used += n;
		used = bound_forget(used, (__u64)parent, 8191);
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
