/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elfmake: small ELF files with what a test wants in them: symbols, notes of USDT probes, packed
 * symbols, the name of a debug file. A file has 256 bytes of code and 32 of data, each loaded at
 * another distance from where it lies in the file, as linkers do.
 */
#pragma once

#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ELFMAKE_TEXT 0x11100 /* addresses, of sections 1 and 2 */
#define ELFMAKE_TEXT_OFFSET 0x100
#define ELFMAKE_TEXT_SIZE 0x100
#define ELFMAKE_DATA 0x33200
#define ELFMAKE_DATA_OFFSET 0x200
#define ELFMAKE_DATA_SIZE 0x20 /* in memory twice as many */
#define ELFMAKE_BASE (ELFMAKE_TEXT + 0xf0)

struct elfmake_symbol {
	const char *name;
	uint64_t value, size;
	unsigned char info; /* GELF_ST_INFO(bind, type) */
	uint16_t section;
};

struct elfmake_note {
	uint64_t address, base, semaphore;
	const char *text;
	size_t size;
};

#define ELFMAKE_NOTE(literal) literal, sizeof(literal) /* "provider\0name\0arguments" */

struct elfmake {
	bool narrow; /* 32-bit */
	uint16_t machine;
	const void *code; /* ELFMAKE_TEXT_SIZE bytes, NULL: x86's NOPs */
	const struct elfmake_symbol *symtab, *dynsym; /* up to one without a name */
	const struct elfmake_note *notes;	      /* up to one without text */
	const void *packed;			      /* .gnu_debugdata */
	size_t packed_size;
	const char *link; /* .gnu_debuglink */
	uint32_t link_crc;
	const char *build_id; /* up to 20 bytes */
};

struct elfmake_state {
	Elf *elf;
	char names[512]; /* of sections */
	size_t names_size;
	void *keep[32]; /* what libelf writes at the end */
	int kept;
};

static void *elfmake_room(struct elfmake_state *s, size_t size)
{
	void *room = calloc(1, size + 1);

	if (!room || s->kept == 32)
		abort();
	return s->keep[s->kept++] = room;
}

static Elf_Scn *elfmake_section(struct elfmake_state *s, const char *name, uint32_t type,
				void *bytes, size_t size, Elf_Type form, size_t align)
{
	Elf_Scn *section = elf_newscn(s->elf);
	Elf_Data *data = elf_newdata(section);
	GElf_Shdr h;

	*data = (Elf_Data){ .d_buf = bytes, .d_size = size, .d_type = form, .d_align = align,
			    .d_version = EV_CURRENT };
	gelf_getshdr(section, &h);
	h.sh_type = type;
	h.sh_name = s->names_size;
	gelf_update_shdr(section, &h);
	strcpy(s->names + s->names_size, name);
	s->names_size += strlen(name) + 1;
	return section;
}

static void elfmake_loaded(Elf_Scn *section, uint64_t address, uint64_t flags)
{
	GElf_Shdr h;

	gelf_getshdr(section, &h);
	h.sh_addr = address;
	h.sh_flags = flags | SHF_ALLOC;
	gelf_update_shdr(section, &h);
}

static void elfmake_symbols(struct elfmake_state *s, const struct elfmake_symbol *list,
			    uint32_t type)
{
	bool dynamic = type == SHT_DYNSYM;
	size_t count = 1, size = 1, entry = gelf_fsize(s->elf, ELF_T_SYM, 1, EV_CURRENT);
	Elf_Data symbols = { .d_type = ELF_T_SYM, .d_version = EV_CURRENT };
	Elf_Scn *section;
	GElf_Shdr h;
	char *names;

	for (; list[count - 1].name; count++)
		size += strlen(list[count - 1].name) + 1;
	names = elfmake_room(s, size);
	symbols.d_size = count * entry;
	symbols.d_buf = elfmake_room(s, symbols.d_size);
	section = elfmake_section(s, dynamic ? ".dynsym" : ".symtab", type, symbols.d_buf,
				  symbols.d_size, ELF_T_SYM, 8);
	size = 1;
	for (size_t i = 1; i < count; i++) {
		GElf_Sym symbol = { .st_name = size, .st_value = list[i - 1].value,
				    .st_size = list[i - 1].size, .st_info = list[i - 1].info,
				    .st_shndx = list[i - 1].section };

		strcpy(names + size, list[i - 1].name);
		size += strlen(list[i - 1].name) + 1;
		gelf_update_sym(elf_getdata(section, NULL), i, &symbol);
	}
	gelf_getshdr(section, &h);
	h.sh_entsize = entry;
	h.sh_link = elf_ndxscn(section) + 1;
	h.sh_info = 1;
	gelf_update_shdr(section, &h);
	elfmake_section(s, dynamic ? ".dynstr" : ".strtab", SHT_STRTAB, names, size, ELF_T_BYTE, 1);
}

/* One note; returns its size. */
static size_t elfmake_note(char *at, const char *owner, uint32_t type, const void *one,
			   size_t one_size, const void *two, size_t two_size)
{
	size_t owner_size = strlen(owner) + 1, size = sizeof(Elf32_Nhdr);
	Elf32_Nhdr h = { .n_namesz = owner_size, .n_descsz = one_size + two_size, .n_type = type };

	memcpy(at, &h, sizeof(h));
	memcpy(at + size, owner, owner_size);
	size += (owner_size + 3) & ~3ul;
	memcpy(at + size, one, one_size);
	memcpy(at + size + one_size, two, two_size);
	return size + ((one_size + two_size + 3) & ~3ul);
}

static void elfmake_notes(struct elfmake_state *s, const struct elfmake *m)
{
	size_t size = 0, room = 0;
	char *bytes;

	for (const struct elfmake_note *n = m->notes; n->text; n++)
		room += 64 + n->size;
	bytes = elfmake_room(s, room);
	for (const struct elfmake_note *n = m->notes; n->text; n++) {
		uint32_t narrow[] = { n->address, n->base, n->semaphore };
		uint64_t wide[] = { n->address, n->base, n->semaphore };

		size += elfmake_note(bytes + size, "stapsdt", 3,
				     m->narrow ? (void *)narrow : (void *)wide,
				     m->narrow ? sizeof(narrow) : sizeof(wide), n->text, n->size);
	}
	/* As bytes: libelf's form of notes may not be what a test wants to have. */
	elfmake_section(s, ".note.stapsdt", SHT_NOTE, bytes, size, ELF_T_BYTE, 4);
	elfmake_loaded(elfmake_section(s, ".stapsdt.base", SHT_PROGBITS, elfmake_room(s, 1), 1,
				       ELF_T_BYTE, 1),
		       ELFMAKE_BASE, 0);
}

static void elfmake_link(struct elfmake_state *s, const struct elfmake *m)
{
	size_t size = (strlen(m->link) + 4) & ~3ul;
	char *bytes = elfmake_room(s, size + 4);

	strcpy(bytes, m->link);
	memcpy(bytes + size, &m->link_crc, 4);
	elfmake_section(s, ".gnu_debuglink", SHT_PROGBITS, bytes, size + 4, ELF_T_BYTE, 4);
}

static void elfmake_extras(struct elfmake_state *s, const struct elfmake *m)
{
	char *bytes;

	if (m->notes)
		elfmake_notes(s, m);
	if (m->dynsym)
		elfmake_symbols(s, m->dynsym, SHT_DYNSYM);
	if (m->symtab)
		elfmake_symbols(s, m->symtab, SHT_SYMTAB);
	if (m->packed)
		elfmake_section(s, ".gnu_debugdata", SHT_PROGBITS, (void *)m->packed,
				m->packed_size, ELF_T_BYTE, 1);
	if (m->link)
		elfmake_link(s, m);
	if (m->build_id) {
		bytes = elfmake_room(s, 64);
		elfmake_section(s, ".note.gnu.build-id", SHT_NOTE, bytes,
				elfmake_note(bytes, "GNU", NT_GNU_BUILD_ID, m->build_id,
					     strlen(m->build_id), "", 0),
				ELF_T_BYTE, 4);
	}
}

static void elfmake_segments(Elf *elf)
{
	GElf_Phdr text = { .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_align = 0x1000,
			   .p_offset = ELFMAKE_TEXT_OFFSET, .p_vaddr = ELFMAKE_TEXT,
			   .p_filesz = ELFMAKE_TEXT_SIZE, .p_memsz = ELFMAKE_TEXT_SIZE };
	GElf_Phdr data = { .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_align = 0x1000,
			   .p_offset = ELFMAKE_DATA_OFFSET, .p_vaddr = ELFMAKE_DATA,
			   .p_filesz = ELFMAKE_DATA_SIZE, .p_memsz = 2 * ELFMAKE_DATA_SIZE };

	gelf_newphdr(elf, 2);
	gelf_update_phdr(elf, 0, &text);
	gelf_update_phdr(elf, 1, &data);
}

/* What this test is made for. */
static uint16_t elfmake_machine(void)
{
	Elf64_Ehdr h = {};
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &h, 20) != 20)
		abort();
	close(fd);
	return h.e_machine;
}

/* Writes it into a descriptor; false: libelf did not want to. */
static bool elfmake(int fd, const struct elfmake *m)
{
	static unsigned char code[ELFMAKE_TEXT_SIZE], bytes[ELFMAKE_DATA_SIZE];
	struct elfmake_state s = { .names_size = 1 };
	Elf_Scn *last;
	GElf_Ehdr h;
	bool good;

	elf_version(EV_CURRENT);
	s.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!s.elf || !gelf_newehdr(s.elf, m->narrow ? ELFCLASS32 : ELFCLASS64))
		return false;
	elfmake_segments(s.elf);
	if (m->code)
		memcpy(code, m->code, sizeof(code));
	else
		memset(code, 0x90, sizeof(code));
	elfmake_loaded(elfmake_section(&s, ".text", SHT_PROGBITS, code, sizeof(code), ELF_T_BYTE,
				       ELFMAKE_TEXT_OFFSET),
		       ELFMAKE_TEXT, SHF_EXECINSTR);
	elfmake_loaded(elfmake_section(&s, ".data", SHT_PROGBITS, bytes, sizeof(bytes), ELF_T_BYTE,
				       ELFMAKE_DATA_OFFSET),
		       ELFMAKE_DATA, SHF_WRITE);
	elfmake_extras(&s, m);
	last = elfmake_section(&s, ".shstrtab", SHT_STRTAB, s.names,
			       s.names_size + sizeof(".shstrtab"), ELF_T_BYTE, 1);
	gelf_getehdr(s.elf, &h);
	h.e_shstrndx = elf_ndxscn(last);
	h.e_type = ET_DYN;
	h.e_machine = m->machine ? m->machine : elfmake_machine();
	h.e_version = EV_CURRENT;
	gelf_update_ehdr(s.elf, &h);
	good = elf_update(s.elf, ELF_C_WRITE) > 0;
	elf_end(s.elf);
	while (s.kept)
		free(s.keep[--s.kept]);
	return good;
}

/* The file's bytes; 0: it cannot be made, or has more than there is room for. */
static inline size_t elfmake_bytes(const struct elfmake *m, unsigned char *out, size_t room)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0 && elfmake(fd, m))
		n = pread(fd, out, room, 0);
	close(fd);
	return n > 0 && (size_t)n < room ? n : 0;
}
