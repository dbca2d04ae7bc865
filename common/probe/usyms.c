// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "escape.h"
#include "probe/maps.h"
#include "probe/perfmap.h"
#include "probe/usyms.h"

#define READ_AGAIN_MS 1000 /* what a process has mapped */
#define RETRY_MS      100  /* after a look that did not help */
#define VDSO_MOST     (1u << 20)

/* Below the first no kernel maps anything, and from the second on no machine's programs have
 * addresses. */
#define ADDRESS_LEAST 4096ull
#define ADDRESS_END   (1ull << 56)

struct mapping {
	uint64_t start, end, offset;
	struct symfile *file; /* or NULL */
	size_t module;	      /* in the process's text */
	bool compiled;	      /* may have code that was compiled while it ran */
};

struct process {
	struct process *next;
	pid_t pid;
	struct mapping *list; /* by address, as the kernel lists them */
	size_t count, room;
	struct strbuf text;
	struct perfmap compiled;
	uint64_t read_at, retry_at; /* milliseconds */
	bool followed;		    /* somebody says when to read it again */
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* --- what it has mapped --------------------------------------------------------------------- */

/* What compilers at run time write to is nobody's, or a file that is in no folder. */
static bool may_be_compiled(const char *path)
{
	return !path[0] || !strncmp(path, "[anon", 5) || !strncmp(path, "/memfd:", 7) ||
	       !strncmp(path, "/dev/zero", 9);
}

static int vdso_copy(pid_t pid, const struct maps_line *l)
{
	size_t size = l->end - l->start;
	char path[32], *image;
	int fd, memory;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	fd = memfd_create("vdso", MFD_CLOEXEC);
	image = malloc(size);
	if (memory < 0 || fd < 0 || !image ||
	    pread(memory, image, size, l->start) != (ssize_t)size ||
	    write(fd, image, size) != (ssize_t)size) {
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(image);
	if (memory >= 0)
		close(memory);
	return fd;
}

/* It is the same in all processes, and no file. */
static struct symfile *vdso_take(struct usyms *u, pid_t pid, const struct maps_line *l)
{
	int *copy = &u->vdso[l->start > UINT32_MAX], fd;

	if (!*copy && l->end - l->start <= VDSO_MOST) {
		fd = vdso_copy(pid, l);
		*copy = fd < 0 ? 0 : fd;
	}
	return *copy ? symfiles_take(&u->files, *copy, "vdso") : NULL;
}

static struct symfile *file_take(struct usyms *u, const struct maps *m, int root,
				 const struct maps_line *l)
{
	struct symfile *file;
	int fd;

	if (!l->inode)
		return strcmp(l->path, "[vdso]") ? NULL : vdso_take(u, m->pid, l);
	fd = maps_file(m, l, root, O_PATH, true);
	if (fd < 0)
		return NULL;
	file = symfiles_take(&u->files, fd, l->path);
	close(fd);
	return file;
}

/* The file's name without folders; what the kernel has in brackets; "anon". */
static void module_add(struct strbuf *out, const char *path)
{
	const char *slash = path[0] == '/' ? strrchr(path, '/') : NULL;
	size_t size = strlen(path);

	if (slash)
		strbuf_str(out, slash + 1);
	else if (path[0] == '[' && path[size - 1] == ']')
		strbuf_add(out, path + 1, size - 2);
	else
		strbuf_str(out, "anon");
	strbuf_char(out, '\0');
}

static void mapping_add(struct process *p, const struct maps_line *l, struct symfile *file)
{
	if (p->count == p->room) {
		p->room = p->room ? p->room * 2 : 16;
		p->list = reallocarray(p->list, p->room, sizeof(*p->list));
		if (!p->list)
			diag_no_memory();
	}
	p->list[p->count++] = (struct mapping){ .start = l->start, .end = l->end,
						.offset = l->offset, .file = file,
						.module = p->text.size,
						.compiled = may_be_compiled(l->path) };
	module_add(&p->text, l->path);
}

static void mappings_drop(struct process *p)
{
	for (size_t i = 0; i < p->count; i++)
		symfiles_drop(p->list[i].file);
	free(p->list);
	strbuf_free(&p->text);
}

/* False: it may not be all. */
static bool mappings_read(struct usyms *u, struct process *p, int root, bool *compiled)
{
	struct maps_line l;
	struct maps maps;
	bool whole;

	if (maps_open(&maps, p->pid))
		return false;
	while (maps_next(&maps, &l)) {
		*compiled |= may_be_compiled(l.path);
		mapping_add(p, &l, file_take(u, &maps, root, &l));
	}
	whole = maps_whole(&maps);
	maps_close(&maps);
	return whole;
}

static int root_open(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void process_read(struct usyms *u, struct process *p)
{
	struct process new = { .pid = p->pid }, old = *p;
	int root = root_open(p->pid);
	bool compiled = false;

	if (mappings_read(u, &new, root, &compiled) || !p->count) {
		p->list = new.list;
		p->count = new.count;
		p->room = new.room;
		p->text = new.text;
		mappings_drop(&old);
	} else {
		mappings_drop(&new);
	}
	if (compiled || p->compiled.fd)
		perfmap_update(&p->compiled, p->pid, root);
	if (root >= 0)
		close(root);
	p->read_at = now();
}

/* --- processes ------------------------------------------------------------------------------ */

static void process_free(struct process *p)
{
	mappings_drop(p);
	perfmap_free(&p->compiled);
	free(p);
}

/* The last in the row. */
static void process_forget(struct usyms *u)
{
	struct process **at = &u->first;

	while ((*at)->next)
		at = &(*at)->next;
	if (u->dropped)
		u->dropped(u->context, (*at)->pid);
	process_free(*at);
	*at = NULL;
	u->count--;
}

/* Moves it to the front, where it is found at once for the other addresses of a stack. */
static struct process *process_get(struct usyms *u, pid_t pid)
{
	struct process **at = &u->first, *p;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	p = *at;
	if (p) {
		*at = p->next;
	} else {
		if (u->count == USYMS_PROCESSES)
			process_forget(u);
		p = calloc(1, sizeof(*p));
		if (!p)
			diag_no_memory();
		p->pid = pid;
		u->count++;
	}
	p->next = u->first;
	u->first = p;
	return p;
}

void usyms_keep(struct usyms *u, pid_t pid)
{
	process_read(u, process_get(u, pid));
}

bool usyms_follow(struct usyms *u, pid_t pid, uint64_t time_ns)
{
	struct process *p = process_get(u, pid);

	p->followed = true;
	/* The clock's steps are coarse, and back. */
	if (p->read_at <= time_ns / 1000000)
		process_read(u, p);
	return p->count;
}

void usyms_forget(struct usyms *u, pid_t pid)
{
	struct process **at = &u->first, *p;

	while ((p = *at) && p->pid != pid)
		at = &p->next;
	if (!p)
		return;
	*at = p->next;
	process_free(p);
	u->count--;
}

void usyms_free(struct usyms *u)
{
	while (u->first) {
		struct process *p = u->first;

		u->first = p->next;
		process_free(p);
	}
	symfiles_free(&u->files);
	buildids_free(&u->ids);
	for (int i = 0; i < 2; i++) {
		if (u->vdso[i])
			close(u->vdso[i]);
	}
	*u = (struct usyms){};
}

/* --- addresses ------------------------------------------------------------------------------ */

static struct mapping *mapping_find(const struct process *p, uint64_t address)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->list[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->count && p->list[low].start <= address ? &p->list[low] : NULL;
}

/* False: it is better to read anew what the process has mapped. */
static bool process_lookup(struct usyms *u, struct process *p, uint64_t address, struct usym *out)
{
	struct mapping *m = mapping_find(p, address);
	uint64_t plus;

	*out = (struct usym){ .module = m ? p->text.data + m->module : NULL };
	if (m && m->file)
		out->name = symfiles_name(&u->files, m->file, address - m->start + m->offset,
					  &out->offset);
	/* Where compilers just work, pages are no code for a moment. */
	if (!out->name && p->compiled.fd &&
	    (out->name = perfmap_name(&p->compiled, address, &plus))) {
		out->module = p->compiled.module;
		out->offset = plus;
	}
	return out->name || (m && !m->compiled && !(m->file && symfiles_lost(m->file)));
}

bool usyms_lookup(struct usyms *u, pid_t pid, uint64_t address, struct usym *out)
{
	struct process *p = process_get(u, pid);
	uint64_t t = now();

	if (!p->read_at || (!p->followed && t - p->read_at >= READ_AGAIN_MS))
		process_read(u, p);
	if (!process_lookup(u, p, address, out) && t >= p->retry_at) {
		process_read(u, p);
		if (!process_lookup(u, p, address, out))
			p->retry_at = t + RETRY_MS;
	}
	return out->name;
}

/* --- frames --------------------------------------------------------------------------------- */

/* The name of the file, not that of a link to it. */
static struct symfile *found_take(struct usyms *u, int fd)
{
	char path[32], name[PATH_MAX];
	struct symfile *file;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = '\0';
	file = symfiles_take(&u->files, fd, name);
	symfiles_drop(file);
	close(fd);
	return file;
}

static struct symfile *file_of_process(struct usyms *u, pid_t pid, const unsigned char *id)
{
	struct process *p = process_get(u, pid);

	if (!p->read_at)
		process_read(u, p);
	return symfiles_find(&u->files, id);
}

/* The parent of a process that has ended is often in the same container, and has its libraries
 * mapped. We have some of those of programs outside. */
static struct symfile *file_of_id(struct usyms *u, const struct usyms_frame *f)
{
	struct symfile *file = symfiles_find(&u->files, f->id);
	struct buildids_where where = { .program = f->program };
	int fd;

	if (!file && f->parent)
		file = file_of_process(u, f->parent, f->id);
	if (!file)
		file = file_of_process(u, getpid(), f->id);
	if (file)
		return file;
	where.root = root_open(f->parent);
	fd = buildids_open(&u->ids, f->id, &where);
	if (where.root >= 0)
		close(where.root);
	return fd < 0 ? NULL : found_take(u, fd);
}

static bool frame_lookup(struct usyms *u, const struct usyms_frame *f, struct usym *out)
{
	struct symfile *file = f->id ? file_of_id(u, f) : NULL;

	if (!file)
		return usyms_lookup(u, f->pid, f->address, out);
	*out = (struct usym){ .module = symfiles_module(file) };
	out->name = symfiles_name(&u->files, file, f->offset, &out->offset);
	return out->name;
}

/* The kernel looks for the mapping at an address or behind it, and at those of data, too. */
bool usyms_is_code(struct usyms *u, const struct usyms_frame *f)
{
	struct symfile *file;
	struct usym symbol;

	if ((f->address < ADDRESS_LEAST && !(f->id && !f->address)) || f->address >= ADDRESS_END)
		return false;
	file = f->id ? file_of_id(u, f) : NULL;
	if (file)
		return symfiles_is_code(&u->files, file, f->offset);
	return usyms_lookup(u, f->pid, f->address, &symbol) || symbol.module ||
	       !process_get(u, f->pid)->count;
}

void usyms_print_frame(struct usyms *u, const struct usyms_frame *f, struct strbuf *out)
{
	struct usym symbol;
	bool found = frame_lookup(u, f, &symbol);

	if (found) {
		escape_text(out, symbol.name, strlen(symbol.name), false);
		strbuf_printf(out, "+0x%" PRIx64, symbol.offset);
	} else if (f->address || !f->id) {
		strbuf_printf(out, "0x%" PRIx64, f->address);
	}
	if (!symbol.module && !f->id)
		return;
	strbuf_str(out, found || f->address ? " [" : "[");
	if (symbol.module) {
		escape_text(out, symbol.module, strlen(symbol.module), false);
	} else {
		for (int i = 0; i < SYMFILES_ID; i++)
			strbuf_printf(out, "%02x", f->id[i]);
		symbol.offset = f->offset;
	}
	if (!symbol.name && symbol.offset)
		strbuf_printf(out, "+0x%" PRIx64, symbol.offset);
	strbuf_char(out, ']');
}

void usyms_print(struct usyms *u, pid_t pid, uint64_t address, struct strbuf *out)
{
	usyms_print_frame(u, &(struct usyms_frame){ .pid = pid, .address = address }, out);
}
