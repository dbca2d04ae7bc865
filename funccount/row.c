// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "row.h"
#include "strbuf.h"

#define FILEID_KERNFS 0xfe /* include/linux/exportfs.h */

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, text ? strlen(text) : 0 };
}

void rate_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	strbuf_printf(out, "%.1f", r->seconds > 0 ? r->count / r->seconds : 0);
}

void share_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	strbuf_printf(out, "%.1f", r->all ? 100.0 * r->count / r->all : 0);
}

/* Where cgroup v2 is mounted. */
static int cgroup_mount(void)
{
	static int fd = -2;
	char line[1024], path[512];
	FILE *file;

	if (fd != -2)
		return fd;
	fd = -1;
	file = fopen("/proc/self/mounts", "re");
	while (file && fd < 0 && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %511s cgroup2 ", path) == 1)
			fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (file)
		fclose(file);
	return fd;
}

/* The path of a cgroup by its number, or the number. */
static struct bytes cgroup_name(uint64_t id)
{
	static struct {
		struct file_handle handle;
		uint64_t id;
	} h = { { sizeof(uint64_t), FILEID_KERNFS }, 0 };
	static char name[4096];
	char link[64];
	ssize_t n = -1;
	int fd;

	h.id = id;
	fd = open_by_handle_at(cgroup_mount(), &h.handle, O_PATH | O_CLOEXEC);
	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, name, sizeof(name));
		close(fd);
	}
	if (n <= 0)
		n = snprintf(name, sizeof(name), "%llu", (unsigned long long)id);
	return (struct bytes){ name, n };
}

void row_fill(struct row *r, const struct count *c, const struct target *target)
{
	static const char *const kinds[] = {
		[TARGET_KERNEL] = "kernel", [TARGET_USER] = "user",
		[TARGET_TRACEPOINT] = "tracepoint", [TARGET_USDT] = "usdt",
	};
	bool user = target->kind == TARGET_USER || target->kind == TARGET_USDT;

	r->function = bytes_of(target->name);
	r->module = bytes_of(user ? target->path : target->module);
	r->kind = bytes_of(kinds[target->kind]);
	r->pid = c->key.pid;
	memcpy(r->comm, c->key.comm, sizeof(r->comm));
	r->cgroup = (struct bytes){};
	if (c->key.cgroup)
		r->cgroup = cgroup_name(c->key.cgroup);
	r->count = c->grown;
	r->since_start = c->total;
}
