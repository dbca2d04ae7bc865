// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "bpf/filter.h"
#include "diag.h"
#include "filter.h"

#ifndef CGROUP2_SUPER_MAGIC
#define CGROUP2_SUPER_MAGIC 0x63677270
#endif

/* The name's bytes in the words' place, and ones in mask for each byte that counts. */
static void comm_words(struct filter_config *c, const char *name, bool whole)
{
	size_t n = strnlen(name, sizeof(c->comm) - 1);

	memcpy(c->comm, name, n);
	memset(c->comm_mask, 0xff, whole ? n + 1 : n);
	c->comm_anywhere = !whole;
	c->by_comm = 1;
}

/* Numbers of processes are the host's in the kernel, but ours are those of our own pid
 * namespace. The first one has this inode (include/linux/proc_ns.h, PROC_PID_INIT_INO). */
static bool is_host_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) || st.st_ino == 0xEFFFFFFCu;
}

int filter_setup(const struct filter *f, struct filter_config *c, struct bpf_map *tree)
{
	if (!is_host_namespace() && (f->by_tree || f->pid || f->tid || f->ppid)) {
		diag("processes cannot be chosen by number, nor by -- CMD, in a pid namespace other "
		     "than the host's; use --cgroup, or run in the host's (docker run --pid=host)");
		return -EOPNOTSUPP;
	}
	c->self = f->self ? 0 : getpid();
	c->pid = f->pid;
	c->tid = f->tid;
	c->ppid = f->ppid;
	c->by_ppid = f->ppid != 0;
	c->uid = f->uid;
	c->by_uid = f->by_uid;
	c->by_cgroup = f->cgroup != NULL;
	c->by_tree = f->by_tree;
	if (f->comm)
		comm_words(c, f->comm, true);
	else if (f->name)
		comm_words(c, f->name, false);
	return f->by_tree ? 0 : bpf_map__set_max_entries(tree, 1);
}

static int cgroup_start(const char *path, struct bpf_map *map)
{
	__u32 zero = 0;
	struct statfs fs;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		diag_errno(err, "--cgroup: cannot open '%s'", path);
		return err;
	}
	if (fstatfs(fd, &fs) || (unsigned long)fs.f_type != CGROUP2_SUPER_MAGIC) {
		diag("--cgroup: '%s' is no directory of a cgroup v2 hierarchy "
		     "(see mount -t cgroup2)", path);
		err = -EINVAL;
	} else if (bpf_map_update_elem(bpf_map__fd(map), &zero, &fd, BPF_ANY)) {
		err = -errno;
		diag_errno(err, "--cgroup: cannot filter by '%s'", path);
	}
	close(fd);
	return err;
}

int filter_start(const struct filter *f, struct bpf_map *cgroup, struct bpf_map *tree,
		 pid_t root)
{
	__u32 pid = root;
	__u8 one = 1;
	int err;

	if (f->cgroup) {
		err = cgroup_start(f->cgroup, cgroup);
		if (err)
			return err;
	}
	if (f->by_tree && bpf_map_update_elem(bpf_map__fd(tree), &pid, &one, BPF_ANY)) {
		err = -errno;
		diag_errno(err, "cannot follow the command's processes");
		return err;
	}
	return 0;
}

void filter_report(const struct filter_state *state)
{
	if (state->tree_full)
		diag("%llu processes of the command were not traced: more than %d at a time",
		     (unsigned long long)state->tree_full, FILTER_TREE_MAX);
}
