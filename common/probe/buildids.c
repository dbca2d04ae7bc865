// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "probe/buildids.h"
#include "probe/soname.h"
#include "strbuf.h"

#define MISSING_MS 1000

/* Of systems without ld.so's cache (musl). */
static const char *const library_folders[] = { "/lib", "/usr/lib", "/usr/local/lib" };

static const char *const link_folders[] = { "/usr/lib/.build-id", "/usr/lib/debug/.build-id" };

#define EACH(at, list) (size_t at = 0; at < sizeof(list) / sizeof(list[0]); at++)

struct entry {
	unsigned char id[SYMFILES_ID];
	size_t path;
};

/* What lies below a root. */
struct buildindex {
	struct buildindex *next;
	dev_t device;
	ino_t inode;
	uint64_t read_at; /* milliseconds */
	struct entry *list;
	size_t count, room;
	struct strbuf paths;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* --- files ---------------------------------------------------------------------------------- */

/* Links mean what they mean below the root. Not opened for reading: who knows what it is. */
static int root_open(int root, const char *path, int flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

	return syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static int regular_open(int root, const char *path)
{
	int fd = root_open(root, path, O_PATH);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Only if it has the id. */
static int matching_open(int root, const char *path, const unsigned char *id)
{
	int fd = regular_open(root, path);
	unsigned char is[SYMFILES_ID];

	if (fd >= 0 && (!symfiles_id(fd, is) || memcmp(is, id, SYMFILES_ID))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* --- an index ------------------------------------------------------------------------------- */

static void index_add(struct buildindex *x, const char *path, const unsigned char *id)
{
	if (x->count == x->room) {
		x->room = x->room ? x->room * 2 : 16;
		x->list = reallocarray(x->list, x->room, sizeof(*x->list));
		if (!x->list)
			diag_no_memory();
	}
	x->list[x->count].path = x->paths.size;
	memcpy(x->list[x->count++].id, id, SYMFILES_ID);
	strbuf_add(&x->paths, path, strlen(path) + 1);
}

static int index_open(const struct buildindex *x, int root, const unsigned char *id)
{
	int fd = -1;

	for (size_t i = 0; i < x->count && fd < 0; i++) {
		if (!memcmp(x->list[i].id, id, SYMFILES_ID))
			fd = matching_open(root, x->paths.data + x->list[i].path, id);
	}
	return fd;
}

static struct buildindex *index_new(void)
{
	struct buildindex *x = calloc(1, sizeof(*x));

	if (!x)
		diag_no_memory();
	return x;
}

static void index_clear(struct buildindex *x)
{
	free(x->list);
	strbuf_free(&x->paths);
	x->list = NULL;
	x->count = x->room = 0;
}

static void index_free(struct buildindex *x)
{
	if (x)
		index_clear(x);
	free(x);
}

/* --- all that lies below a root ------------------------------------------------------------- */

struct scan {
	struct buildindex *index;
	int root;
	size_t files;
};

/* Returns whether there may be more, as soname_cache() wants it. */
static int scan_file(const char *path, void *arg)
{
	struct scan *s = arg;
	unsigned char id[SYMFILES_ID];
	int fd;

	if (s->files++ >= BUILDIDS_FILES)
		return 0;
	fd = regular_open(s->root, path);
	if (fd < 0)
		return 1;
	if (symfiles_id(fd, id))
		index_add(s->index, path, id);
	close(fd);
	return 1;
}

/* A folder that is a link (/lib) has another name, too. */
static void scan_folder(struct scan *s, const char *folder)
{
	int fd = root_open(s->root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	char path[PATH_MAX];
	struct dirent *e;

	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(list)) && s->files < BUILDIDS_FILES) {
		if (e->d_type == DT_DIR)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		scan_file(path, s);
	}
	closedir(list);
}

static void index_read(struct buildindex *x, int root)
{
	struct scan s = { .index = x, .root = root };
	int cache = regular_open(root, SONAME_CACHE), fd = -1;
	char path[32];

	index_clear(x);
	if (cache >= 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", cache);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		close(cache);
	}
	if (fd >= 0) {
		soname_cache(fd, NULL, scan_file, &s);
		close(fd);
	} else {
		for EACH(i, library_folders)
			scan_folder(&s, library_folders[i]);
	}
	x->read_at = now();
}

/* Moves it to the front, or makes one in place of the last of too many. */
static struct buildindex *root_index(struct buildids *b, const struct stat *st)
{
	struct buildindex **at = &b->roots, *x;
	int count = 0;

	while (*at && ((*at)->device != st->st_dev || (*at)->inode != st->st_ino) &&
	       (count++ < BUILDIDS_ROOTS - 1 || (*at)->next))
		at = &(*at)->next;
	x = *at;
	if (x && (x->device != st->st_dev || x->inode != st->st_ino)) {
		*at = x->next;
		index_free(x);
		x = NULL;
	} else if (x) {
		*at = x->next;
	}
	if (!x)
		x = index_new();
	x->device = st->st_dev;
	x->inode = st->st_ino;
	x->next = b->roots;
	b->roots = x;
	return x;
}

static int root_search(struct buildids *b, int root, const unsigned char *id)
{
	struct buildindex *x;
	struct stat st;
	int fd;

	if (fstat(root, &st))
		return -1;
	x = root_index(b, &st);
	fd = index_open(x, root, id);
	if (fd >= 0 || (x->read_at && now() - x->read_at < BUILDIDS_AGAIN_S * 1000))
		return fd;
	index_read(x, root);
	return index_open(x, root, id);
}

/* --- links ---------------------------------------------------------------------------------- */

static int link_search(int root, const unsigned char *id)
{
	char path[128], digits[2 * SYMFILES_ID + 1];
	size_t size = SYMFILES_ID;
	int fd = -1;

	while (size > 2 && !id[size - 1])
		size--;
	for (size_t i = 0; i < size; i++)
		sprintf(digits + 2 * i, "%02x", id[i]);
	for EACH(i, link_folders) {
		snprintf(path, sizeof(path), "%s/%.2s/%s", link_folders[i], digits, digits + 2);
		if (fd < 0)
			fd = matching_open(root, path, id);
	}
	return fd;
}

/* --- all together --------------------------------------------------------------------------- */

int buildids_offer(struct buildids *b, const char *path)
{
	unsigned char id[SYMFILES_ID];
	char *full = realpath(path, NULL);
	int fd = open(path, O_PATH | O_CLOEXEC), err = 0;

	if (fd < 0 || !full)
		err = -errno;
	else if (!symfiles_id(fd, id))
		err = -ENOEXEC;
	if (!b->offered)
		b->offered = index_new();
	if (!err)
		index_add(b->offered, full, id);
	if (fd >= 0)
		close(fd);
	free(full);
	return err;
}

static bool is_missing(const struct buildids *b, const unsigned char *id)
{
	for EACH(i, b->missing) {
		if (b->missing[i].until > now() && !memcmp(b->missing[i].id, id, SYMFILES_ID))
			return true;
	}
	return false;
}

static void missing_add(struct buildids *b, const unsigned char *id)
{
	struct buildids_missing *m = &b->missing[b->missing_next++ % BUILDIDS_MISSING];

	memcpy(m->id, id, SYMFILES_ID);
	m->until = now() + MISSING_MS;
}

static int where_search(struct buildids *b, const struct buildids_where *where,
			const unsigned char *id)
{
	int fd = -1;

	if (where->program)
		fd = matching_open(where->root, where->program, id);
	if (fd < 0)
		fd = link_search(where->root, id);
	return fd < 0 ? root_search(b, where->root, id) : fd;
}

int buildids_open(struct buildids *b, const unsigned char id[SYMFILES_ID],
		  const struct buildids_where *where)
{
	struct buildids_where here = { .program = where->program };
	int fd;

	if (is_missing(b, id))
		return -ENOENT;
	here.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = b->offered ? index_open(b->offered, here.root, id) : -1;
	if (fd < 0 && where->root >= 0)
		fd = where_search(b, where, id);
	if (fd < 0)
		fd = where_search(b, &here, id);
	if (fd < 0)
		missing_add(b, id);
	if (here.root >= 0)
		close(here.root);
	return fd < 0 ? -ENOENT : fd;
}

void buildids_free(struct buildids *b)
{
	index_free(b->offered);
	while (b->roots) {
		struct buildindex *x = b->roots;

		b->roots = x->next;
		index_free(x);
	}
	*b = (struct buildids){};
}
