// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/maps.h"

int maps_open(struct maps *m, pid_t pid)
{
	char path[32];

	*m = (struct maps){ .pid = pid };
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	m->file = fopen(path, "re");
	return m->file ? 0 : -errno;
}

/* "start-end perms offset device inode   path" */
static bool line_read(char *text, struct maps_line *l)
{
	static const char gone[] = " (deleted)";
	char perms[5], *path;
	size_t size;
	int at = 0;

	text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %ju %n", &l->start, &l->end,
		   perms, &l->offset, &l->inode, &at) < 5 || perms[2] != 'x')
		return false;
	l->path = path = text + at;
	size = strlen(path);
	l->deleted = size >= sizeof(gone) && !strcmp(path + size - strlen(gone), gone);
	if (l->deleted)
		path[size - strlen(gone)] = '\0';
	return true;
}

bool maps_next(struct maps *m, struct maps_line *l)
{
	while (getline(&m->text, &m->room, m->file) > 0) {
		if (line_read(m->text, l))
			return true;
	}
	return false;
}

bool maps_whole(struct maps *m)
{
	if (ferror(m->file))
		return false;
	rewind(m->file);
	return getline(&m->text, &m->room, m->file) > 0;
}

void maps_close(struct maps *m)
{
	free(m->text);
	if (m->file)
		fclose(m->file);
	*m = (struct maps){};
}

int maps_file(const struct maps *m, const struct maps_line *l, int root, int flags, bool same)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	char path[80];
	struct stat st;
	int fd;

	if (!(flags & O_PATH)) /* it may be a pipe by now, or a device */
		how.flags |= O_NONBLOCK | O_NOCTTY;
	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, m->pid, l->start,
		 l->end);
	fd = open(path, how.flags);
	if (fd >= 0 || l->deleted)
		return fd < 0 ? -errno : fd;
	fd = syscall(SYS_openat2, root, l->path, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	/* Devices differ where file systems lie on others (overlayfs, btrfs). */
	if (same && (fstat(fd, &st) || st.st_ino != l->inode)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}
