// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "diag.h"
#include "probe/elffile.h"
#include "probe/library.h"
#include "probe/maps.h"
#include "probe/soname.h"
#include "strbuf.h"

struct search {
	const char *name;
	pid_t pid;
	int root; /* the process's "/", or AT_FDCWD: ours */
	/* The first file of that name which cannot be used. */
	char *unfit;
	enum elffile_fit why;
	struct library *library; /* what was found */
};

/* --- opening -------------------------------------------------------------------------------- */

/* Symbolic links mean what they mean to the process: /lib64 -> /usr/lib64 is its own. */
static int root_open(int root, const char *path, int flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

	if (!(flags & O_PATH))
		how.flags |= O_NONBLOCK | O_NOCTTY;
	if (root == AT_FDCWD)
		return open(path, how.flags);
	return syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* Takes the descriptor over. By name where the name is good for us, too. */
static void library_set(struct library *l, const char *path, int fd)
{
	struct stat file = {}, ours;
	char by_fd[32];

	fstat(fd, &file);
	snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
	*l = (struct library){ .fd = fd, .shown = strdup(path), .device = file.st_dev,
			       .inode = file.st_ino };
	if (!stat(path, &ours) && ours.st_dev == file.st_dev && ours.st_ino == file.st_ino) {
		l->path = strdup(path);
		l->fd = -1;
		close(fd);
	} else {
		l->path = strdup(by_fd);
	}
	if (!l->path || !l->shown)
		diag_no_memory();
}

void library_close(struct library *l)
{
	free(l->path);
	free(l->shown);
	if (l->fd >= 0)
		close(l->fd);
	*l = (struct library){ .fd = -1 };
}

/* The kind of file, S_IFMT's. */
static mode_t kind_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_mode & S_IFMT;
}

/* Takes the file if it is there and made for this machine; -ENOENT, -ENOEXEC. */
static int candidate_try(struct search *s, const char *path, bool compat)
{
	int fd = root_open(s->root, path, 0);
	enum elffile_fit fit = ELFFILE_NO_ELF;
	mode_t kind;

	if (fd < 0)
		return -errno;
	kind = kind_of(fd);
	if (kind == S_IFREG)
		fit = elffile_fit(fd);
	if (fit == ELFFILE_NATIVE || (compat && fit == ELFFILE_COMPAT)) {
		library_set(s->library, path, fd);
		return 0;
	}
	close(fd);
	if (!s->unfit && kind != S_IFDIR) {
		s->unfit = strdup(path);
		s->why = fit;
		if (!s->unfit)
			diag_no_memory();
	}
	return -ENOEXEC;
}

/* --- what a process has mapped -------------------------------------------------------------- */

static int mappings_unreadable(pid_t pid, int err)
{
	diag_errno(err, "cannot read what process %d has mapped", pid);
	return err;
}

/* Goes through files until each() returns anything but 0. An error is reported. */
static int mappings_each(pid_t pid, int (*each)(const struct maps *m, const struct maps_line *l,
						void *arg), void *arg)
{
	struct maps_line line;
	struct maps maps;
	int ret;

	ret = maps_open(&maps, pid);
	if (ret)
		return mappings_unreadable(pid, ret);
	while (!ret && maps_next(&maps, &line)) {
		if (line.path[0] == '/')
			ret = each(&maps, &line, arg);
	}
	/* The kernel answers so when the process ends meanwhile. */
	if (!ret && ferror(maps.file))
		ret = mappings_unreadable(pid, -ESRCH);
	maps_close(&maps);
	return ret;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

struct mapped_search {
	struct search *search;
	bool exact;
};

static int mapping_match(const struct maps *m, const struct maps_line *l, void *arg)
{
	struct mapped_search *ms = arg;
	struct search *s = ms->search;
	const char *base = base_name(l->path);
	int fd = -1;

	if (ms->exact ? !strcmp(base, s->name) : soname_matches(s->name, base))
		fd = maps_file(m, l, s->root, O_RDONLY, false);
	if (fd >= 0)
		library_set(s->library, l->path, fd);
	return fd >= 0;
}

/* 1: found, 0: not, -errno */
static int mapped_find(struct search *s)
{
	struct mapped_search ms = { .search = s, .exact = true };
	int found = mappings_each(s->pid, mapping_match, &ms);

	ms.exact = false;
	return found ? found : mappings_each(s->pid, mapping_match, &ms);
}

/* --- by name -------------------------------------------------------------------------------- */

static int cache_try(const char *path, void *search)
{
	struct search *s = search;

	return candidate_try(s, path, false) != 0; /* 0: found */
}

static bool find_in_cache(struct search *s)
{
	int fd = root_open(s->root, SONAME_CACHE, 0);
	int found;

	if (fd < 0)
		return false; /* other C libraries have none */
	found = soname_cache(fd, s->name, cache_try, s);
	close(fd);
	if (found < 0)
		diag("'" SONAME_CACHE "' is damaged (ldconfig makes a new one): looking for '%s' "
		     "in the standard folders only", s->name);
	return found > 0;
}

/* Of a folder's files the newest that fits. */
static bool find_in_folder(struct search *s, const char *folder)
{
	int fd = root_open(s->root, folder, O_DIRECTORY);
	struct dirent **list = NULL;
	struct strbuf path = {};
	bool found = false;
	int n;

	if (fd < 0)
		return false;
	n = scandirat(fd, ".", &list, NULL, versionsort);
	while (n-- > 0) {
		if (!found && soname_matches(s->name, list[n]->d_name)) {
			strbuf_clear(&path);
			strbuf_printf(&path, "%s/%s", folder, list[n]->d_name);
			found = !candidate_try(s, strbuf_cstr(&path), false);
		}
		free(list[n]);
	}
	free(list);
	strbuf_free(&path);
	close(fd);
	return found;
}

static bool find_in_folders(struct search *s)
{
	static const char *const folders[] = {
		"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib64", "/usr/local/lib",
	};
	struct utsname system;
	char multiarch[128];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (find_in_folder(s, folders[i]))
			return true;
	}
	if (uname(&system))
		return false;
	snprintf(multiarch, sizeof(multiarch), "/usr/lib/%s-linux-gnu", system.machine);
	return find_in_folder(s, multiarch) || find_in_folder(s, multiarch + strlen("/usr"));
}

static bool find_in_path(struct search *s)
{
	const char *list = getenv("PATH"), *folder, *end;
	struct strbuf path = {};
	bool found = false;

	if (!list || s->root != AT_FDCWD) /* ours says nothing about a container */
		list = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (folder = list; !found && *folder; folder = *end ? end + 1 : end) {
		end = strchrnul(folder, ':');
		if (*folder != '/') /* the working folder is no place to take programs from */
			continue;
		strbuf_clear(&path);
		strbuf_printf(&path, "%.*s/%s", (int)(end - folder), folder, s->name);
		found = !candidate_try(s, strbuf_cstr(&path), true);
	}
	strbuf_free(&path);
	return found;
}

static int not_found(const struct search *s)
{
	if (s->unfit && s->why == ELFFILE_NO_ELF)
		diag("'%s' is not an ELF file: it is neither a program nor a library", s->unfit);
	else if (s->unfit)
		diag("'%s' is not made for this kind of machine", s->unfit);
	else if (s->pid)
		diag("process %d has no library or program '%s', and there is none among the "
		     "files that it sees", s->pid, s->name);
	else if (strlen(s->name) == 1)
		diag("there is no type of probe '%s' (there are p, r, t and u), and no library or program "
		     "of this name", s->name);
	else
		diag("there is no library or program '%s': looked for it in ld.so's cache, the "
		     "standard folders and PATH", s->name);
	return s->unfit ? -ENOEXEC : -ENOENT;
}

static int name_find(struct search *s)
{
	int found = s->pid ? mapped_find(s) : 0;

	if (found < 0)
		return found;
	if (found || find_in_cache(s) || find_in_folders(s) || find_in_path(s))
		return 0;
	return not_found(s);
}

struct path_search {
	struct search *search;
	char real[PATH_MAX]; /* the name without symbolic links; "": it cannot be opened */
};

static int mapping_is(const struct maps *m, const struct maps_line *l, void *arg)
{
	struct path_search *p = arg;
	int fd;

	if (strcmp(l->path, p->search->name) && strcmp(l->path, p->real))
		return 0;
	fd = maps_file(m, l, p->search->root, O_RDONLY, false);
	if (fd >= 0)
		library_set(p->search->library, p->search->name, fd);
	return fd >= 0;
}

/* The file that a process has mapped by this name, if it was deleted or replaced since. 1: found,
 * 0: not, -errno. fd: what has the name now, or < 0. */
static int path_mapped(struct search *s, int fd)
{
	struct path_search p = { .search = s };
	char link[32];
	ssize_t n = -1;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (fd >= 0)
		n = readlink(link, p.real, sizeof(p.real) - 1);
	p.real[n > 0 ? n : 0] = '\0';
	return mappings_each(s->pid, mapping_is, &p);
}

/* A path is the process's, where it has such a file, else ours. Not looked into, so a pipe is
 * not waited for. */
static int path_find(struct search *s)
{
	int fd = -1, err, found;

	if (s->name[0] == '/')
		fd = root_open(s->root, s->name, O_PATH);
	if (fd < 0)
		fd = open(s->name, O_PATH | O_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	found = s->pid ? path_mapped(s, fd) : 0;
	if (found) {
		if (fd >= 0)
			close(fd);
		return found < 0 ? found : 0;
	}
	if (err) {
		diag_errno(err, "cannot open '%s'", s->name);
		return err;
	}
	library_set(s->library, s->name, fd);
	return 0;
}

static int root_of(pid_t pid)
{
	char path[32];
	int root;

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root >= 0)
		return root;
	root = -errno;
	if (root == -ENOENT)
		diag("there is no process %d", pid);
	else
		diag_errno(root, "cannot look at the files of process %d", pid);
	return root;
}

int library_find(struct library *l, const char *name, pid_t pid)
{
	struct search s = { .name = name, .pid = pid, .root = AT_FDCWD, .library = l };
	int err;

	*l = (struct library){ .fd = -1 };
	if (pid)
		s.root = root_of(pid);
	if (pid && s.root < 0)
		return s.root;
	err = strchr(name, '/') ? path_find(&s) : name_find(&s);
	if (pid)
		close(s.root);
	free(s.unfit);
	return err;
}

/* --- all of a process ----------------------------------------------------------------------- */

struct each_call {
	int root;
	int (*each)(struct library *l, void *arg);
	void *arg;
	struct strbuf seen; /* whether deleted, and the path, each with its NUL */
};

/* A file has one mapping of code, or some in a row. A new one can have a deleted one's name. */
static bool seen_before(struct each_call *c, const struct maps_line *l)
{
	char key[4200];
	size_t size = snprintf(key, sizeof(key), "%d%s", l->deleted, l->path);

	for (size_t at = 0; at < c->seen.size; at += strlen(c->seen.data + at) + 1) {
		if (!strcmp(c->seen.data + at, key))
			return true;
	}
	strbuf_add(&c->seen, key, (size < sizeof(key) ? size : sizeof(key) - 1) + 1);
	return false;
}

static int mapping_call(const struct maps *m, const struct maps_line *l, void *arg)
{
	struct each_call *c = arg;
	struct library library;
	int fd, ret;

	if (seen_before(c, l))
		return 0;
	fd = maps_file(m, l, c->root, O_RDONLY, false);
	if (fd < 0)
		return 0;
	library_set(&library, l->path, fd);
	ret = c->each(&library, c->arg);
	library_close(&library);
	return ret;
}

int library_each(pid_t pid, int (*each)(struct library *l, void *arg), void *arg)
{
	struct each_call c = { .root = root_of(pid), .each = each, .arg = arg };
	int ret;

	if (c.root < 0)
		return c.root;
	ret = mappings_each(pid, mapping_call, &c);
	strbuf_free(&c.seen);
	close(c.root);
	return ret;
}
