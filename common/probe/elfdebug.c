// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "diag.h"
#include "probe/elfdebug.h"
#include "strbuf.h"

#ifndef DEBUG_FOLDER /* a test's own */
#define DEBUG_FOLDER "/usr/lib/debug"
#endif
#define BUILD_ID_MOST 64

/* --- packed into the file ------------------------------------------------------------------- */

static int unpack(const Elf_Data *packed, struct strbuf *out)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ret = lzma_stream_decoder(&stream, ELFDEBUG_MOST, 0);

	stream.next_in = packed->d_buf;
	stream.avail_in = packed->d_size;
	while (ret == LZMA_OK && out->size < ELFDEBUG_MOST) {
		size_t room = out->size ? out->size : 64 << 10;

		stream.next_out = (void *)strbuf_grow(out, room);
		stream.avail_out = room;
		ret = lzma_code(&stream, LZMA_FINISH);
		out->size += room - stream.avail_out;
	}
	lzma_end(&stream);
	return ret == LZMA_STREAM_END ? 0 : -EBADMSG;
}

int elfdebug_unpack(const struct elffile *f, Elf **elf, void **image)
{
	struct strbuf out = {};
	GElf_Shdr header;
	Elf_Data *data = elffile_data(elffile_section(f->elf, ".gnu_debugdata", &header));
	int err = data ? unpack(data, &out) : -ENOENT;

	*elf = err ? NULL : elf_memory(out.data, out.size);
	if (!err && (!*elf || elf_kind(*elf) != ELF_K_ELF)) {
		elf_end(*elf);
		err = -EBADMSG;
	}
	if (err)
		strbuf_free(&out);
	*image = out.data;
	return err;
}

/* --- in a file of its own ------------------------------------------------------------------- */

static bool same_build_id(const struct elffile *f, const struct elffile *debug)
{
	size_t size, debug_size;
	const void *id = elffile_build_id(f->elf, &size);
	const void *debug_id = elffile_build_id(debug->elf, &debug_size);

	return id && debug_id && size == debug_size && !memcmp(id, debug_id, size);
}

static int open_by_build_id(const struct elffile *f, struct elffile *debug)
{
	char path[sizeof(DEBUG_FOLDER "/.build-id//.debug") + 2 * BUILD_ID_MOST];
	size_t size, at;
	const unsigned char *id = elffile_build_id(f->elf, &size);
	int err;

	if (!id || size < 2 || size > BUILD_ID_MOST)
		return -ENOENT;
	at = sprintf(path, DEBUG_FOLDER "/.build-id/%02x/", id[0]);
	for (size_t i = 1; i < size; i++)
		at += sprintf(path + at, "%02x", id[i]);
	strcpy(path + at, ".debug");
	err = elffile_open_quietly(debug, AT_FDCWD, path);
	if (!err && !same_build_id(f, debug)) {
		elffile_close(debug);
		err = -ENOENT;
	}
	return err;
}

static uint32_t file_crc(int fd)
{
	static unsigned char bytes[64 << 10];
	uint32_t crc = 0;
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, bytes, sizeof(bytes), at)) > 0) {
		crc = crc32(crc, bytes, n);
		at += n;
	}
	return crc;
}

struct link {
	const char *name;
	uint32_t crc;
};

/* The name, filled with zeroes to a multiple of four, then the sum of the whole file. */
static bool link_read(const struct elffile *f, struct link *link)
{
	GElf_Shdr header;
	Elf_Scn *section = elffile_section(f->elf, ".gnu_debuglink", &header);
	Elf_Data *data = elffile_data(section), crc = { .d_type = ELF_T_WORD }, raw;
	size_t end, size;
	GElf_Ehdr h;

	if (!data || !gelf_getehdr(f->elf, &h))
		return false;
	link->name = data->d_buf;
	end = strnlen(link->name, data->d_size);
	size = (end + 4) & ~3ul;
	if (!end || data->d_size < sizeof(link->crc) || size > data->d_size - sizeof(link->crc))
		return false;
	raw = crc;
	raw.d_buf = (char *)data->d_buf + size;
	crc.d_buf = &link->crc;
	raw.d_size = crc.d_size = sizeof(link->crc);
	raw.d_version = crc.d_version = EV_CURRENT;
	/* A name, no path: it comes from the file. */
	return gelf_xlatetom(f->elf, &crc, &raw, h.e_ident[EI_DATA]) && !strchr(link->name, '/');
}

static int open_by_link(const struct elffile *f, struct elffile *debug)
{
	static const char *const where[] = { "%s/%s", "%s/.debug/%s", DEBUG_FOLDER "%s/%s" };
	char real[PATH_MAX], path[2 * PATH_MAX];
	struct link link;

	if (!link_read(f, &link) || !realpath(f->path, real))
		return -ENOENT;
	*strrchr(real, '/') = '\0';
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		int size = snprintf(path, sizeof(path), where[i], real, link.name);

		if (size >= (int)sizeof(path) || elffile_open_quietly(debug, AT_FDCWD, path))
			continue;
		if (same_build_id(f, debug) || file_crc(debug->fd) == link.crc)
			return 0;
		elffile_close(debug);
	}
	return -ENOENT;
}

int elfdebug_open(const struct elffile *f, struct elffile *debug)
{
	int err = open_by_build_id(f, debug);

	return err ? open_by_link(f, debug) : 0;
}
