// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "probe/usdt.h"
#include "strbuf.h"

#define NOTE_OWNER "stapsdt"
#define NOTE_TYPE 3

struct note {
	uint64_t address, base, semaphore;
	const char *provider, *name, *arguments;
};

/* The next string of a description, or NULL if it does not end there. */
static const char *string_take(const char **at, const char *end)
{
	const char *string = *at;
	const char *zero = memchr(string, '\0', end - string);

	if (zero)
		*at = zero + 1;
	return zero ? string : NULL;
}

/* Three addresses of the file's class, then three strings. */
static bool note_read(Elf *elf, const char *at, size_t size, struct note *note)
{
	size_t wide = gelf_fsize(elf, ELF_T_ADDR, 3, EV_CURRENT);
	const char *end = at + size;
	union {
		Elf32_Addr a32[3];
		Elf64_Addr a64[3];
	} addresses;
	Elf_Data from = { .d_type = ELF_T_ADDR, .d_version = EV_CURRENT, .d_size = wide }, to;
	GElf_Ehdr h;

	if (!wide || size < wide || !gelf_getehdr(elf, &h))
		return false;
	to = from;
	from.d_buf = (void *)at;
	to.d_buf = &addresses;
	if (!gelf_xlatetom(elf, &to, &from, h.e_ident[EI_DATA]))
		return false;
	if (wide == sizeof(addresses.a32)) {
		note->address = addresses.a32[0];
		note->base = addresses.a32[1];
		note->semaphore = addresses.a32[2];
	} else {
		note->address = addresses.a64[0];
		note->base = addresses.a64[1];
		note->semaphore = addresses.a64[2];
	}
	at += wide;
	note->provider = string_take(&at, end);
	note->name = note->provider ? string_take(&at, end) : NULL;
	note->arguments = note->name ? string_take(&at, end) : NULL;
	return note->arguments;
}

/* Prelink moves code and leaves the notes as they were; the base section moves with the code. */
static void note_adjust(struct note *note, const GElf_Shdr *base)
{
	if (!base || !note->base)
		return;
	note->address += base->sh_addr - note->base;
	if (note->semaphore)
		note->semaphore += base->sh_addr - note->base;
}

static const char *name_text(const struct note *note, struct targets *t)
{
	struct strbuf name = {};
	const char *text;

	strbuf_printf(&name, "%s:%s", note->provider, note->name);
	text = targets_text(t, name.data, name.size);
	strbuf_free(&name);
	return text;
}

/* file: path and shown */
static void note_add(const struct elffile *f, const struct note *note, const struct target *file,
		     struct targets *t)
{
	const char *name = name_text(note, t);
	uint64_t offset, semaphore = 0;
	struct target *target;

	if (!elffile_offset(f, note->address, PF_X, &offset)) {
		targets_skip(t, name, "the file has no code where its note says");
		return;
	}
	if (note->semaphore && !elffile_offset(f, note->semaphore, PF_W, &semaphore)) {
		targets_skip(t, name, "the file has no semaphore where its note says");
		return;
	}
	target = targets_add(t, TARGET_USDT);
	target->name = name;
	target->path = file->path;
	target->shown = file->shown;
	target->offset = offset;
	target->semaphore = semaphore;
	target->arguments = targets_text(t, note->arguments, strlen(note->arguments));
}

static bool note_wanted(const struct usdt_wanted *w, const struct note *note)
{
	return pattern_match(w->provider, note->provider) && pattern_match(w->probe, note->name);
}

struct notes {
	Elf *elf;
	Elf_Data *data;
	size_t at;
	GElf_Shdr base;
	bool has_base;
};

static bool notes_open(struct notes *n, const struct elffile *f)
{
	GElf_Shdr h;

	*n = (struct notes){ .elf = f->elf };
	n->data = elffile_data(elffile_section(f->elf, ".note.stapsdt", &h));
	n->has_base = elffile_section(f->elf, ".stapsdt.base", &n->base);
	return n->data && h.sh_type == SHT_NOTE;
}

/* The next one of ours; false: there are no more. */
static bool notes_next(struct notes *n, struct note *note)
{
	size_t next, name, desc;
	GElf_Nhdr h;

	while ((next = gelf_getnote(n->data, n->at, &h, &name, &desc)) > n->at) {
		const char *bytes = n->data->d_buf;

		n->at = next;
		if (h.n_type != NOTE_TYPE || h.n_namesz != sizeof(NOTE_OWNER) ||
		    memcmp(bytes + name, NOTE_OWNER, sizeof(NOTE_OWNER)))
			continue;
		if (!note_read(n->elf, bytes + desc, h.n_descsz, note))
			continue;
		note_adjust(note, n->has_base ? &n->base : NULL);
		return true;
	}
	return false;
}

size_t usdt_match(const struct elffile *f, const struct usdt_wanted *w, struct targets *t)
{
	const struct target file = { .path = targets_text(t, f->path, strlen(f->path)),
				     .shown = targets_text(t, f->shown, strlen(f->shown)) };
	size_t before = t->count;
	struct notes notes;
	struct note note;

	if (!notes_open(&notes, f))
		return 0;
	while (notes_next(&notes, &note)) {
		if (note_wanted(w, &note))
			note_add(f, &note, &file, t);
	}
	return t->count - before;
}

bool usdt_any(const struct elffile *f)
{
	struct notes notes;
	struct note note;

	return notes_open(&notes, f) && notes_next(&notes, &note);
}
