// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag.h"
#include "kernel.h"

/* A mount of a file system that no other process sees, and that ends with its descriptor. */
static int mount_private(const char *type)
{
	int fs = syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
	int mnt = -1;

	if (fs >= 0 && !syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0))
		mnt = syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (fs >= 0)
		close(fs);
	return mnt;
}

struct place {
	const char *path, *proof; /* what it has if the file system is mounted there */
};

static const struct place tracefs_places[] = {
	{ "/sys/kernel/tracing", "events" },
	{ "/sys/kernel/debug/tracing", "events" },
	{},
};

static const struct place debugfs_places[] = { { "/sys/kernel/debug", "kprobes" }, {} };

static int mount_find(const struct place *places, const char *type)
{
	int refused = -ENOENT;
	int fd;

	for (; places->path; places++) {
		fd = open(places->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && !faccessat(fd, places->proof, R_OK, AT_EACCESS))
			return fd;
		if (errno != ENOENT)
			refused = -errno;
		if (fd >= 0)
			close(fd);
	}
	fd = mount_private(type);
	return fd >= 0 ? fd : refused;
}

static int open_below(int folder, const char *path, int flags)
{
	int fd = folder < 0 ? folder : openat(folder, path, flags | O_CLOEXEC);

	return fd < 0 && folder >= 0 ? -errno : fd;
}

static int tracefs_folder(void)
{
	static int folder = -1;

	if (folder < 0)
		folder = mount_find(tracefs_places, "tracefs");
	return folder;
}

int kernel_open_tracefs(const char *path)
{
	return open_below(tracefs_folder(), path, O_RDONLY);
}

int kernel_append_tracefs(const char *path)
{
	return open_below(tracefs_folder(), path, O_WRONLY | O_APPEND);
}

int kernel_open_debugfs(const char *path)
{
	static int folder = -1;

	if (folder < 0)
		folder = mount_find(debugfs_places, "debugfs");
	return open_below(folder, path, O_RDONLY);
}

int kernel_tracepoint_id(const char *name)
{
	char path[256], text[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "events/%s/id", name);
	fd = kernel_open_tracefs(path);
	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	text[n] = 0;
	return atoi(text);
}

static bool has_capability(unsigned int number)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return true;
	return data[number / 32].effective >> number % 32 & 1;
}

static bool is_locked_down(void)
{
	char text[128] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strstr(text, "[confidentiality]");
}

void kernel_explain(int err)
{
	bool bpf = has_capability(CAP_SYS_ADMIN) || has_capability(CAP_BPF);
	bool perfmon = has_capability(CAP_SYS_ADMIN) || has_capability(CAP_PERFMON);

	if (err < 0)
		err = -err;
	if ((err == EPERM || err == EACCES) && !(bpf && perfmon))
		diag("not permitted: needs %s%s%s; run it as root (sudo)",
		     bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : " and ",
		     perfmon ? "" : "CAP_PERFMON");
	else if (err == EPERM && is_locked_down())
		diag("not permitted: the kernel is locked down (confidentiality mode, see "
		     "kernel_lockdown(7))");
	else if ((err == EPERM || err == ENOMEM) && !has_capability(CAP_SYS_RESOURCE))
		diag("not permitted: kernels before 5.11 count BPF memory as locked memory: raise "
		     "the limit (ulimit -l unlimited) or add CAP_SYS_RESOURCE");
	else
		diag_errno(err, "the kernel refuses to load the BPF programs (see -vv)");
}
