// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "probe/elfsyms.h"
#include "probe/symfiles.h"

#define BUILD_ID_MOST 64
#define FILES_MOST    2048 /* that no process has mapped any more, roughly */

/* Each function is looked for in all segments. Linkers make some ten of them; a file of somebody
 * who wants to stop us can have 65,000. */
#define SEGMENTS_MOST 64

/* What a file has, and its copies. */
struct symnames {
	struct symnames *next;
	struct symtab table; /* by offset, with sizes */
	unsigned char id[BUILD_ID_MOST];
	size_t id_size;
	off_t file_size;
	uint64_t bias; /* from offsets of its code to its own addresses */
	uint64_t code_from, code_to; /* offsets; all of it lies between these */
	uint64_t used;
};

struct symfile {
	struct symfile *next;
	dev_t device;
	ino_t inode;
	struct timespec changed;
	off_t size;
	struct symnames *names; /* NULL: not read */
	int fd;			/* or -1 */
	int users;
	uint64_t used;
	char *module;
	bool id_read, has_id;
	unsigned char id[SYMFILES_ID];
};

/* --- bounds --------------------------------------------------------------------------------- */

static void names_forget(struct symfiles *s, struct symnames *names)
{
	struct symnames **at = &s->names;

	for (struct symfile *f = s->list; f; f = f->next) {
		if (f->names == names)
			f->names = NULL;
	}
	while (*at != names)
		at = &(*at)->next;
	*at = names->next;
	symtab_free(&names->table);
	free(names);
}

/* Room for these, which stay. */
static void names_limit(struct symfiles *s, const struct symnames *keep)
{
	for (;;) {
		struct symnames *oldest = NULL;
		size_t bytes = 0;

		for (struct symnames *n = s->names; n; n = n->next) {
			bytes += sizeof(*n) + symtab_size(&n->table);
			if (n != keep && (!oldest || n->used < oldest->used))
				oldest = n;
		}
		if (bytes <= SYMFILES_BYTES || !oldest)
			return;
		names_forget(s, oldest);
	}
}

static void descriptors_limit(struct symfiles *s)
{
	struct symfile *oldest = NULL;
	int count = 0;

	for (struct symfile *f = s->list; f; f = f->next) {
		if (f->fd < 0)
			continue;
		count++;
		if (!oldest || f->used < oldest->used)
			oldest = f;
	}
	if (count < SYMFILES_OPEN)
		return;
	close(oldest->fd);
	oldest->fd = -1;
}

static void file_free(struct symfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->module);
	free(f);
}

/* Files that nobody has mapped, once there are many: all of them, which is rare. */
static void files_limit(struct symfiles *s)
{
	struct symfile **at = &s->list, *f;
	int count = 0;

	for (f = s->list; f; f = f->next)
		count += !f->users;
	while (count > FILES_MOST && (f = *at)) {
		if (f->users) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		file_free(f);
	}
}

/* --- files ---------------------------------------------------------------------------------- */

static struct symfile *file_find(const struct symfiles *s, const struct stat *st)
{
	struct symfile *f = s->list;

	while (f && (f->inode != st->st_ino || f->device != st->st_dev || f->size != st->st_size ||
		     f->changed.tv_sec != st->st_mtim.tv_sec ||
		     f->changed.tv_nsec != st->st_mtim.tv_nsec))
		f = f->next;
	return f;
}

static struct symfile *file_new(struct symfiles *s, const struct stat *st, const char *name)
{
	struct symfile *f = calloc(1, sizeof(*f));
	const char *slash = strrchr(name, '/');

	if (!f)
		diag_no_memory();
	*f = (struct symfile){ .next = s->list, .device = st->st_dev, .inode = st->st_ino,
			       .size = st->st_size, .changed = st->st_mtim, .fd = -1,
			       .module = strdup(slash ? slash + 1 : name) };
	if (!f->module)
		diag_no_memory();
	s->list = f;
	return f;
}

struct symfile *symfiles_take(struct symfiles *s, int fd, const char *name)
{
	struct symfile *f;
	struct stat st;
	char path[32];

	/* No look into pipes and devices. */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return NULL;
	f = file_find(s, &st);
	if (!f) {
		files_limit(s);
		f = file_new(s, &st, name);
	}
	f->users++;
	f->used = ++s->clock;
	if (f->fd < 0 && !f->names) {
		descriptors_limit(s);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		f->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return f;
}

void symfiles_drop(struct symfile *f)
{
	if (f)
		f->users--;
}

bool symfiles_lost(const struct symfile *f)
{
	return !f->names && f->fd < 0;
}

const char *symfiles_module(const struct symfile *f)
{
	return f->module;
}

/* --- by build-id ---------------------------------------------------------------------------- */

bool symfiles_id(int fd, unsigned char id[SYMFILES_ID])
{
	const void *is = NULL;
	struct elffile elf;
	size_t size = 0;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!elffile_open_quietly(&elf, AT_FDCWD, path))
		is = elffile_build_id(elf.elf, &size);
	if (is && size > SYMFILES_ID)
		is = NULL;
	memset(id, 0, SYMFILES_ID);
	if (is)
		memcpy(id, is, size);
	elffile_close(&elf);
	return is;
}

struct symfile *symfiles_find(struct symfiles *s, const unsigned char id[SYMFILES_ID])
{
	for (struct symfile *f = s->list; f; f = f->next) {
		if (!f->id_read && f->fd >= 0) {
			f->id_read = true;
			f->has_id = symfiles_id(f->fd, f->id);
		}
		if (f->has_id && !symfiles_lost(f) && !memcmp(f->id, id, SYMFILES_ID))
			return f;
	}
	return NULL;
}

/* --- names ---------------------------------------------------------------------------------- */

static bool names_same(const struct symnames *a, const struct symnames *b)
{
	return a->id_size && a->id_size == b->id_size && a->file_size == b->file_size &&
	       !memcmp(a->id, b->id, a->id_size);
}

static void segments_read(struct symnames *n, Elf *elf)
{
	GElf_Phdr p;

	n->code_from = UINT64_MAX;
	for (int i = 0; gelf_getphdr(elf, i, &p); i++) {
		if (p.p_type != PT_LOAD || !(p.p_flags & PF_X))
			continue;
		if (n->code_from == UINT64_MAX)
			n->bias = p.p_vaddr - p.p_offset;
		if (p.p_offset < n->code_from)
			n->code_from = p.p_offset;
		if (p.p_offset + p.p_filesz > n->code_to)
			n->code_to = p.p_offset + p.p_filesz;
	}
}

static struct symnames *names_read(struct symfiles *s, const struct elffile *f)
{
	struct symnames *new = calloc(1, sizeof(*new)), *is;
	const void *id = f->elf ? elffile_build_id(f->elf, &new->id_size) : NULL;
	struct elfsyms symbols;
	size_t segments;

	if (!new)
		diag_no_memory();
	if (id && new->id_size <= BUILD_ID_MOST)
		memcpy(new->id, id, new->id_size);
	else
		new->id_size = 0;
	new->file_size = f->size;
	for (is = s->names; is && !names_same(is, new); is = is->next)
		;
	if (is) {
		free(new);
		return is;
	}
	if (f->elf && !elf_getphdrnum(f->elf, &segments) && segments <= SEGMENTS_MOST) {
		segments_read(new, f->elf);
		elfsyms_open(&symbols, f);
		elfsyms_list(&symbols, &new->table);
		elfsyms_close(&symbols);
	}
	new->next = s->names;
	s->names = new;
	names_limit(s, new);
	return new;
}

/* What is no ELF file has no names, and is not read again. */
static void file_read(struct symfiles *s, struct symfile *f)
{
	struct elffile elf;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	if (!elffile_open_quietly(&elf, AT_FDCWD, path)) {
		elf.path = strdup(path);
		if (!elf.path)
			diag_no_memory();
	}
	f->names = names_read(s, &elf);
	elffile_close(&elf);
}

/* Reads it if that is needed and can be done. */
static struct symnames *names_of(struct symfiles *s, struct symfile *f)
{
	if (!f->names && f->fd >= 0)
		file_read(s, f);
	if (f->names)
		f->used = f->names->used = ++s->clock;
	return f->names;
}

const char *symfiles_name(struct symfiles *s, struct symfile *f, uint64_t offset, uint64_t *plus)
{
	struct symnames *names = names_of(s, f);
	struct symtab_entry *e;

	*plus = offset;
	if (!names)
		return NULL;
	e = symtab_find_sized(&names->table, offset);
	*plus = e ? offset - e->address : offset + names->bias;
	return e ? symtab_readable(&names->table, e) : NULL;
}

bool symfiles_is_code(struct symfiles *s, struct symfile *f, uint64_t offset)
{
	const struct symnames *names = names_of(s, f);

	return !names || (offset >= names->code_from && offset < names->code_to);
}

void symfiles_free(struct symfiles *s)
{
	while (s->list) {
		struct symfile *f = s->list;

		s->list = f->next;
		file_free(f);
	}
	while (s->names)
		names_forget(s, s->names);
	*s = (struct symfiles){};
}
