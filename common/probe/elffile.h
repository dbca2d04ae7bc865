/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elffile: a program or library, opened so that damage in it does no harm. Its functions are
 * elfsyms.h, its USDT probes usdt.h.
 *
 * All reading is libelf's, with read(2): a file that is mapped and cut short by somebody else
 * meanwhile would end this process with SIGBUS. libelf compares sizes with the file's, and here
 * with ELFFILE_MOST, so a sparse file cannot ask for all memory.
 *
 * Units: addresses are the file's own, before it is loaded somewhere; offsets are bytes into
 * the file, which is how the kernel wants uprobes.
 * Ownership: elffile_open() copies both names; what it read lives until elffile_close().
 * Errors: -errno; elffile_open() reports.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A section that is larger is taken as damaged. The largest browsers' symbols have 300 MB. */
#define ELFFILE_MOST (1ull << 30)

struct elffile {
	char *path;  /* as this process can open it */
	char *shown; /* as people know it */
	Elf *elf;
	int fd;
	uint64_t size;
};

enum elffile_fit {
	ELFFILE_NATIVE,	 /* of this machine */
	ELFFILE_COMPAT,	 /* 32-bit, and the kernel can run and probe it */
	ELFFILE_FOREIGN, /* of another machine */
	ELFFILE_NO_ELF,
};

/* What the file's first bytes say. */
enum elffile_fit elffile_fit(int fd);

/* shown: NULL if it is the path. */
int elffile_open(struct elffile *f, const char *path, const char *shown);
void elffile_close(struct elffile *f);

/* For its debug files: no word, and nothing is asked but that it is a file and ELF. path is
 * relative to folder (a descriptor, or AT_FDCWD). */
int elffile_open_quietly(struct elffile *f, int folder, const char *path);

/* The offset of an address; flags: what its segment has to be (PF_X, PF_W). False: no byte of
 * the file is loaded there. */
bool elffile_offset(const struct elffile *f, uint64_t address, uint32_t flags, uint64_t *offset);

/* The first section of this name with its header, or NULL. */
Elf_Scn *elffile_section(Elf *elf, const char *name, GElf_Shdr *header);

/* A section's bytes, or NULL: it has none, or they are not to be had. */
Elf_Data *elffile_data(Elf_Scn *section);

/* The build-id within elf's memory, or NULL. */
const void *elffile_build_id(Elf *elf, size_t *size);
