// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
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

void seconds_text(struct strbuf *out, const void *row)
{
	strbuf_printf(out, "%.3f", ((const struct row *)row)->seconds);
}

/* by: what it is known of. A function that was never called (--zero) was called by nobody. */
static void number_or(struct strbuf *out, const struct row *r, enum count_by by, const char *none)
{
	if (r->by == by)
		strbuf_u64(out, r->number);
	else
		strbuf_str(out, none);
}

void pid_text(struct strbuf *out, const void *row)
{
	number_or(out, row, BY_PID, "-");
}

void pid_json(struct strbuf *out, const void *row)
{
	number_or(out, row, BY_PID, "null");
}

void cpu_text(struct strbuf *out, const void *row)
{
	number_or(out, row, BY_CPU, "-");
}

void cpu_json(struct strbuf *out, const void *row)
{
	number_or(out, row, BY_CPU, "null");
}

void comm_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	if (r->by == BY_COMM)
		escape_text(out, r->comm, strnlen(r->comm, sizeof(r->comm)), false);
	else
		strbuf_char(out, '-');
}

void comm_json(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	if (r->by == BY_COMM)
		escape_json(out, r->comm, strnlen(r->comm, sizeof(r->comm)));
	else
		strbuf_str(out, "null");
}

/* Where cgroup v2 is mounted. */
static int cgroup_mount(void)
{
	static int fd = -2;
	char line[1024], path[512], type[16];
	FILE *file;

	if (fd != -2)
		return fd;
	fd = -1;
	file = fopen("/proc/self/mounts", "re");
	while (file && fd < 0 && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %511s %15s", path, type) == 2 && !strcmp(type, "cgroup2"))
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

void row_fill(struct row *r, const struct count *c, const struct target *target,
	      enum count_by by)
{
	static const char *const kinds[] = {
		[TARGET_KERNEL] = "kernel", [TARGET_USER] = "user",
		[TARGET_TRACEPOINT] = "tracepoint", [TARGET_USDT] = "usdt",
	};
	bool user = target->kind == TARGET_USER || target->kind == TARGET_USDT;

	r->function = bytes_of(target->label);
	r->module = bytes_of(user ? target->shown : target->module);
	r->kind = bytes_of(kinds[target->kind]);
	r->by = c->total || c->grown ? by : BY_NOTHING;
	r->number = c->key.pid;
	memcpy(r->comm, c->key.comm, sizeof(r->comm));
	r->cgroup = (struct bytes){};
	if (r->by == BY_CGROUP)
		r->cgroup = cgroup_name(c->key.cgroup);
	r->count = c->grown;
	r->since_start = c->total;
}
