// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "probe/elffile.h"

/* The first bytes of both classes are alike. */
static bool header_read(int fd, Elf32_Ehdr *header)
{
	const size_t want = offsetof(Elf32_Ehdr, e_version);

	return pread(fd, header, want, 0) == (ssize_t)want &&
	       !memcmp(header->e_ident, ELFMAG, SELFMAG);
}

/* What runs on this machine is what this program is. */
static const Elf32_Ehdr *header_own(void)
{
	static Elf32_Ehdr own;
	int fd;

	if (own.e_ident[EI_MAG0])
		return &own;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return &own;
	if (!header_read(fd, &own))
		own.e_ident[EI_MAG0] = 0;
	close(fd);
	return &own;
}

enum elffile_fit elffile_fit(int fd)
{
	const Elf32_Ehdr *own = header_own();
	Elf32_Ehdr h;

	if (!header_read(fd, &h))
		return ELFFILE_NO_ELF;
	if (!own->e_ident[EI_MAG0]) /* no /proc: who knows */
		return ELFFILE_NATIVE;
	if (h.e_ident[EI_DATA] != own->e_ident[EI_DATA])
		return ELFFILE_FOREIGN;
	if (h.e_machine == own->e_machine)
		return h.e_ident[EI_CLASS] == own->e_ident[EI_CLASS] ? ELFFILE_NATIVE :
								       ELFFILE_COMPAT;
	/* arm64's kernel refuses probes in 32-bit programs. */
	if (h.e_machine == EM_386 && own->e_machine == EM_X86_64)
		return ELFFILE_COMPAT;
	return ELFFILE_FOREIGN;
}

static int elf_open(struct elffile *f)
{
	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOEXEC;
	f->elf = elf_begin(f->fd, ELF_C_READ, NULL);
	return f->elf && elf_kind(f->elf) == ELF_K_ELF ? 0 : -ENOEXEC;
}

/* No waiting for who writes into a pipe, no rewinding of a tape. */
static int file_open(struct elffile *f, int folder, const char *path)
{
	struct stat st;

	f->fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -ENOEXEC;
	f->size = st.st_size;
	return 0;
}

int elffile_open_quietly(struct elffile *f, int folder, const char *path)
{
	int err;

	*f = (struct elffile){};
	err = file_open(f, folder, path);
	if (!err)
		err = elf_open(f);
	if (err)
		elffile_close(f);
	return err;
}

/* Programs and libraries only: their addresses are laid out already. */
static int type_check(const struct elffile *f)
{
	GElf_Ehdr h;
	size_t n;

	if (!gelf_getehdr(f->elf, &h) || elf_getphdrnum(f->elf, &n)) {
		diag("'%s' is damaged: %s", f->shown, elf_errmsg(-1));
		return -EBADMSG;
	}
	/* The table of sections is what most files end with. */
	if (h.e_shoff > f->size || h.e_shnum * (uint64_t)h.e_shentsize > f->size - h.e_shoff) {
		diag("'%s' is damaged: it is shorter than its header says", f->shown);
		return -EBADMSG;
	}
	if (h.e_type == ET_EXEC || h.e_type == ET_DYN) {
		if (n)
			return 0;
		diag("'%s' is damaged: nothing of it can be loaded", f->shown);
		return -EBADMSG;
	}
	diag("'%s' is neither a program nor a library", f->shown);
	return -ENOEXEC;
}

static int open_check(struct elffile *f)
{
	enum elffile_fit fit;
	int err = file_open(f, AT_FDCWD, f->path);

	if (err && err != -ENOEXEC) {
		diag_errno(err, "cannot open '%s'", f->shown);
		return err;
	}
	fit = err ? ELFFILE_NO_ELF : elffile_fit(f->fd);
	if (fit == ELFFILE_FOREIGN) {
		diag("'%s' is for another kind of machine than this one", f->shown);
		return -ENOEXEC;
	}
	if (fit == ELFFILE_NO_ELF || elf_open(f)) {
		diag("'%s' is not an ELF file: it is neither a program nor a library", f->shown);
		return -ENOEXEC;
	}
	return type_check(f);
}

int elffile_open(struct elffile *f, const char *path, const char *shown)
{
	int err;

	*f = (struct elffile){ .path = strdup(path), .shown = strdup(shown ? shown : path) };
	if (!f->path || !f->shown)
		diag_no_memory();
	f->fd = -1;
	err = open_check(f);
	if (err)
		elffile_close(f);
	return err;
}

void elffile_close(struct elffile *f)
{
	elf_end(f->elf);
	if (f->fd > 0)
		close(f->fd);
	free(f->path);
	free(f->shown);
	*f = (struct elffile){ .fd = -1 };
}

bool elffile_offset(const struct elffile *f, uint64_t address, uint32_t flags, uint64_t *offset)
{
	GElf_Phdr p;
	size_t n;

	if (elf_getphdrnum(f->elf, &n))
		return false;
	for (size_t i = 0; i < n && gelf_getphdr(f->elf, i, &p); i++) {
		if (p.p_type != PT_LOAD || (p.p_flags & flags) != flags)
			continue;
		if (address < p.p_vaddr || address - p.p_vaddr >= p.p_filesz)
			continue;
		*offset = address - p.p_vaddr;
		/* No sum that wraps, nothing behind the file's end. */
		if (p.p_offset >= f->size || *offset >= f->size - p.p_offset)
			return false;
		*offset += p.p_offset;
		return true;
	}
	return false;
}

Elf_Scn *elffile_section(Elf *elf, const char *name, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		const char *is;

		if (!gelf_getshdr(section, header))
			continue;
		is = elf_strptr(elf, names, header->sh_name);
		if (is && !strcmp(is, name))
			return section;
	}
	return NULL;
}

Elf_Data *elffile_data(Elf_Scn *section)
{
	Elf_Data *data;
	GElf_Shdr h;

	if (!section || !gelf_getshdr(section, &h) || h.sh_type == SHT_NOBITS ||
	    h.sh_size > ELFFILE_MOST)
		return NULL;
	data = elf_getdata(section, NULL);
	return data && data->d_buf && data->d_size ? data : NULL;
}

const void *elffile_build_id(Elf *elf, size_t *size)
{
	GElf_Shdr shdr;
	Elf_Data *data = elffile_data(elffile_section(elf, ".note.gnu.build-id", &shdr));
	size_t at = 0, next, name, desc;
	GElf_Nhdr note;

	while (data && (next = gelf_getnote(data, at, &note, &name, &desc)) > at) {
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
		    !memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")) &&
		    note.n_descsz) {
			*size = note.n_descsz;
			return (char *)data->d_buf + desc;
		}
		at = next;
	}
	return NULL;
}
