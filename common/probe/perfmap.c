// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/perfmap.h"

#define CHUNK (64 << 10)

/* --- the file ------------------------------------------------------------------------------- */

/* The pid as the process knows it: the last word of "NSpid:". And who it runs as. */
static pid_t pid_inside(pid_t pid, uid_t *user)
{
	char path[32], line[256], *last;
	pid_t inside = pid;
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file || fstat(fileno(file), &st))
		st.st_uid = -1;
	*user = st.st_uid;
	while (file && fgets(line, sizeof(line), file)) {
		last = strrchr(line, '\t');
		if (!strncmp(line, "NSpid:", 6) && last)
			inside = atoi(last);
	}
	if (file)
		fclose(file);
	return inside;
}

/* Links on the way are the process's own; at the end there is none. */
static int map_open(int root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW,
				.resolve = RESOLVE_IN_ROOT };

	return syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* The same file again, and nothing was taken away from it. */
static bool map_grows(const struct perfmap *p, const struct stat *st)
{
	return p->fd && st->st_dev == p->device && st->st_ino == p->inode && st->st_size >= p->read;
}

static void map_find(struct perfmap *p, pid_t pid, int root)
{
	char module[sizeof(p->module)], path[sizeof("/tmp/") + sizeof(module)];
	struct stat st;
	uid_t user;
	int fd;

	snprintf(module, sizeof(module), "perf-%d.map", pid_inside(pid, &user));
	snprintf(path, sizeof(path), "/tmp/%s", module);
	fd = map_open(root, path);
	if (fd < 0)
		return;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (st.st_uid && st.st_uid != user) ||
	    map_grows(p, &st)) {
		close(fd);
		return;
	}
	perfmap_free(p);
	*p = (struct perfmap){ .fd = fd, .device = st.st_dev, .inode = st.st_ino };
	memcpy(p->module, module, sizeof(module));
}

/* --- its lines ------------------------------------------------------------------------------ */

static void line_add(struct symtab *t, const char *line, size_t size)
{
	char *at, *end;
	uint64_t start, length;

	start = strtoull(line, &at, 16);
	if (at == line || *at != ' ')
		return;
	length = strtoull(at, &end, 16);
	if (end == at || *end != ' ' || !length || start + length < start)
		return;
	end++;
	if (end < line + size)
		symtab_add(t, start, length < UINT32_MAX ? length : UINT32_MAX, end,
			   line + size - end);
}

/* Whole lines; the number of bytes in them. Ends the bytes of each line. */
static size_t lines_add(struct symtab *t, char *bytes, size_t size)
{
	char *at = bytes, *end;

	while ((end = memchr(at, '\n', bytes + size - at))) {
		*end = '\0';
		line_add(t, at, end - at);
		at = end + 1;
	}
	return at - bytes;
}

void perfmap_update(struct perfmap *p, pid_t pid, int root)
{
	off_t before;
	char *bytes;
	ssize_t n;
	size_t used;

	if (root >= 0)
		map_find(p, pid, root);
	if (!p->fd)
		return;
	before = p->read;
	bytes = malloc(CHUNK);
	while (bytes && p->read < PERFMAP_MOST && (n = pread(p->fd, bytes, CHUNK, p->read)) > 0) {
		used = lines_add(&p->table, bytes, n);
		if (!used && n < CHUNK) /* a line that is not finished yet */
			break;
		p->read += used ? used : (size_t)n; /* or is no line at all */
	}
	free(bytes);
	if (p->read != before)
		symtab_finish(&p->table, SYMTAB_LAST);
}

const char *perfmap_name(struct perfmap *p, uint64_t address, uint64_t *plus)
{
	struct symtab_entry *e = symtab_find_sized(&p->table, address);

	*plus = e ? address - e->address : 0;
	return e ? symtab_readable(&p->table, e) : NULL;
}

void perfmap_free(struct perfmap *p)
{
	if (p->fd)
		close(p->fd);
	symtab_free(&p->table);
	*p = (struct perfmap){};
}
