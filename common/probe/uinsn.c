// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>
#include <unistd.h>

#include "probe/uinsn.h"

#define INSN_MOST 15

/* An instruction with a VEX or EVEX prefix. */
struct avx {
	size_t prefix;	   /* bytes up to the opcode */
	bool broadcast;	   /* vpbroadcast[bwdq] from a general register */
	unsigned char op;
};

static bool prefix_is_plain(unsigned char byte)
{
	return byte && strchr("\x26\x2e\x36\x3e\x64\x65\x67", byte);
}

static bool avx_read(const unsigned char *bytes, bool wide, struct avx *avx)
{
	size_t at = 0, size;

	while (at < 4 && prefix_is_plain(bytes[at]))
		at++;
	switch (bytes[at]) {
	case 0xc5:
		size = 2;
		break;
	case 0xc4:
		size = 3;
		break;
	case 0x62:
		size = 4;
		break;
	default:
		return false;
	}
	/* Without these bits they are LDS, LES and BOUND of 32-bit code. */
	if (!wide && (bytes[at + 1] & 0xc0) != 0xc0)
		return false;
	avx->prefix = at + size;
	avx->op = bytes[avx->prefix];
	/* Map 0F38, register to register: six bytes. */
	avx->broadcast = !at && size == 4 && (bytes[1] & 7) == 2 && avx->op >= 0x7a &&
			 avx->op <= 0x7c && bytes[5] >= 0xc0;
	return true;
}

/* What the kernel takes for something that changes the instruction pointer or the flags. */
static bool is_misread(unsigned char op)
{
	static const unsigned char ops[] = { 0x90, 0x9a, 0x9d, 0xc2, 0xc3, 0xca, 0xcb,
					     0xe8, 0xe9, 0xea, 0xeb, 0xff };

	return (op & 0xf0) == 0x70 || memchr(ops, op, sizeof(ops));
}

/* is_prefix_bad(): a lock prefix, and the segments' that 64-bit code ignores. The kernel refuses
 * them by itself, but all at once with the good ones that they come with. */
static bool prefix_is_refused(const unsigned char *bytes)
{
	static const char all[] = "\x26\x2e\x36\x3e\xf0\xf2\xf3\x64\x65\x66\x67";
	size_t prefixes = strspn((const char *)bytes, all);

	return strcspn((const char *)bytes, "\x26\x2e\x36\x3e\xf0") < prefixes;
}

const char *uinsn_refuse(const struct elffile *f, uint64_t offset, uint64_t *after)
{
	unsigned char bytes[INSN_MOST + 1] = {};
	struct avx avx;
	GElf_Ehdr h;

	if (!gelf_getehdr(f->elf, &h) || (h.e_machine != EM_X86_64 && h.e_machine != EM_386) ||
	    pread(f->fd, bytes, INSN_MOST, offset) <= 0)
		return NULL;
	if (prefix_is_refused(bytes))
		return "the kernel cannot step over its first instruction, which has a lock or "
		       "segment prefix";
	if (!avx_read(bytes, h.e_machine == EM_X86_64, &avx) || !is_misread(avx.op))
		return NULL;
	if (after && avx.broadcast && !uinsn_refuse(f, offset + avx.prefix + 2, NULL)) {
		*after = offset + avx.prefix + 2;
		return NULL;
	}
	return "it begins with an AVX instruction that the kernel's uprobes take for another: the "
	       "program would go wrong";
}
