// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <elf.h>
#include <string.h>

#include "expr/libctypes.h"

/* The object file that clang and bpftool made of libctypes.types.h: section .BTF and its frame. */
static const unsigned char object[] __attribute__((aligned(8))) = {
#include "libctypes-bytes.h" /* the Makefile makes it */
};

const void *libctypes_bytes(size_t *size)
{
	const Elf64_Ehdr *header = (const void *)object;
	const Elf64_Shdr *section = (const void *)(object + header->e_shoff);
	const char *names = (const char *)object + section[header->e_shstrndx].sh_offset;

	while (strcmp(names + section->sh_name, ".BTF"))
		section++;
	*size = section->sh_size;
	return object + section->sh_offset;
}
