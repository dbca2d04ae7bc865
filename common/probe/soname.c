// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "probe/soname.h"

/* --- names ------------------------------------------------------------------------------------ */

/* What may follow a library's name: .so .so.6 -2.31.so */
static bool ending_matches(const char *rest)
{
	size_t size = strlen(rest);

	if (!strncmp(rest, ".so", 3))
		return !rest[3] || rest[3] == '.';
	return rest[0] == '-' && isdigit((unsigned char)rest[1]) && size > 3 &&
	       !strcmp(rest + size - 3, ".so");
}

bool soname_matches(const char *meant, const char *file_name)
{
	size_t size = strlen(meant);

	if (!strcmp(meant, file_name))
		return true;
	if (!strncmp(meant, file_name, size)) {
		if (ending_matches(file_name + size))
			return true;
		/* "libc.so" */
		if (size > 3 && !strcmp(meant + size - 3, ".so") && file_name[size] == '.')
			return true;
	}
	return !strncmp(file_name, "lib", 3) && !strncmp(file_name + 3, meant, size) &&
	       ending_matches(file_name + 3 + size);
}

/* --- the cache -------------------------------------------------------------------------------- */

#define CACHE_MOST (64 << 20)

#define OLD_MAGIC "ld.so-1.7.0" /* then one byte, the number, and the entries */
#define NEW_MAGIC "glibc-ld.so.cache1.1"

struct old_entry { /* the beginning of the new one */
	int32_t flags;
	uint32_t name, path;
};

struct new_entry {
	int32_t flags;
	uint32_t name, path;
	uint32_t os_version;
	uint64_t hwcap; /* not 0: for some processors only */
};

struct new_header {
	char magic[sizeof(NEW_MAGIC) - 1];
	uint32_t count;
	uint32_t strings_size;
	uint32_t flags, extension, unused[3];
};

struct cache {
	char *data;
	size_t size;
	const char *entries;
	size_t count, entry_size;
	const char *strings; /* what offsets count from, up to the end */
	size_t strings_size;
};

static int cache_read(struct cache *c, int fd)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > CACHE_MOST)
		return -EBADMSG;
	c->data = malloc(st.st_size + 1);
	if (!c->data)
		diag_no_memory();
	while ((n = pread(fd, c->data + c->size, st.st_size - c->size, c->size)) > 0)
		c->size += n;
	return n < 0 ? -errno : 0;
}

static bool new_index(struct cache *c, size_t at)
{
	struct new_header h;

	if (at > c->size || c->size - at < sizeof(h))
		return false;
	memcpy(&h, c->data + at, sizeof(h));
	if (memcmp(h.magic, NEW_MAGIC, sizeof(h.magic)))
		return false;
	c->strings = c->data + at;
	c->strings_size = c->size - at;
	c->entries = c->data + at + sizeof(h);
	c->entry_size = sizeof(struct new_entry);
	c->count = h.count;
	return true;
}

static int cache_index(struct cache *c)
{
	uint32_t count;
	size_t end;

	if (!new_index(c, 0)) {
		if (c->size < sizeof(OLD_MAGIC) + sizeof(count) ||
		    memcmp(c->data, OLD_MAGIC, sizeof(OLD_MAGIC) - 1))
			return -EBADMSG;
		memcpy(&count, c->data + sizeof(OLD_MAGIC), sizeof(count));
		c->entries = c->data + sizeof(OLD_MAGIC) + sizeof(count);
		c->entry_size = sizeof(struct old_entry);
		c->count = count;
		end = sizeof(OLD_MAGIC) + sizeof(count) + count * c->entry_size;
		c->strings = c->data + (end < c->size ? end : c->size);
		c->strings_size = end < c->size ? c->size - end : 0;
		new_index(c, (end + 7) & ~(size_t)7);
	}
	return c->count <= (c->size - (c->entries - c->data)) / c->entry_size ? 0 : -EBADMSG;
}

static const char *string_at(const struct cache *c, uint32_t offset)
{
	if (offset >= c->strings_size ||
	    !memchr(c->strings + offset, '\0', c->strings_size - offset))
		return NULL;
	return c->strings + offset;
}

static int cache_search(const struct cache *c, const char *meant,
			int (*each)(const char *path, void *arg), void *arg)
{
	for (size_t i = 0; i < c->count; i++) {
		struct new_entry e = {};
		const char *name, *path;

		memcpy(&e, c->entries + i * c->entry_size, c->entry_size);
		name = string_at(c, e.name);
		path = string_at(c, e.path);
		if (!name || !path)
			return -EBADMSG;
		if ((!meant || (!e.hwcap && soname_matches(meant, name))) && !each(path, arg))
			return 1;
	}
	return 0;
}

int soname_cache(int fd, const char *meant, int (*each)(const char *path, void *arg), void *arg)
{
	struct cache c = {};
	int ret = cache_read(&c, fd);

	if (!ret)
		ret = cache_index(&c);
	if (!ret)
		ret = cache_search(&c, meant, each, arg);
	free(c.data);
	return ret;
}
