// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * symbols: damaged files and damaged maps of compiled code, for what gives addresses names. Each
 * input is both. Nothing may crash, hang, leak or run away with memory, and a name is that of an
 * entry which has the address in it.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "probe/perfmap.h"
#include "probe/symfiles.h"
#include "tests/fuzz/elfmake.h"
#include "tests/fuzz/fuzz.h"

static char map_path[64];
static int root;

static void elf_try(const uint8_t *data, size_t size)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);
	struct symfiles files = {};
	struct symfile *f;
	uint64_t plus;

	MUST(write(fd, data, size) == (ssize_t)size);
	f = symfiles_take(&files, fd, "elf");
	MUST(f);
	close(fd);
	for (uint64_t at = 0; at < size + 64; at += 7) {
		const char *name = symfiles_name(&files, f, at, &plus);

		/* What has no byte in the file has no name, but for the end of what began in it. */
		MUST(!name || (plus <= at && at - plus < size && strlen(name) < 1 << 20));
	}
	MUST(!symfiles_name(&files, f, UINT64_MAX, &plus) || plus < UINT32_MAX);
	symfiles_drop(f);
	symfiles_free(&files);
}

static void map_try(const uint8_t *data, size_t size)
{
	int fd = open(map_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct perfmap map = {};
	uint64_t plus;

	/* In two pieces, as one that grows. */
	MUST(write(fd, data, size / 2) == (ssize_t)(size / 2));
	perfmap_update(&map, getpid(), root);
	MUST(map.fd && map.read <= (off_t)(size / 2));
	MUST(write(fd, data + size / 2, size - size / 2) == (ssize_t)(size - size / 2));
	close(fd);
	perfmap_update(&map, getpid(), -1);
	for (size_t i = 0; i < map.table.count; i++) {
		const struct symtab_entry e = map.table.list[i];

		MUST(!i || e.address > map.table.list[i - 1].address);
		MUST(perfmap_name(&map, e.address, &plus) && !plus);
		MUST(e.info);
		perfmap_name(&map, e.address + e.info - 1, &plus);
	}
	perfmap_name(&map, UINT64_MAX, &plus);
	perfmap_free(&map);
}

static void map_remove(void)
{
	unlink(map_path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!*map_path) {
		snprintf(map_path, sizeof(map_path), "/tmp/perf-%d.map", getpid());
		atexit(map_remove);
		root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	elf_try(data, size);
	map_try(data, size);
	return 0;
}

/* --- seeds ---------------------------------------------------------------------------------- */

#define SEEDS 3

static size_t seed(int number, unsigned char *out)
{
	static const char map[] =
		"1000 100 first\n1040 10 LazyCompile:~f /a b.js:1\n0x2000 0x8 _ZN2ns1fEi\n";
	static const struct elfmake_symbol table[] = {
		{ "outer", ELFMAKE_TEXT + 0x10, 0x30, GELF_ST_INFO(STB_GLOBAL, STT_FUNC), 1 },
		{ "_ZN2ns1fEi", ELFMAKE_TEXT + 0x20, 8, GELF_ST_INFO(STB_LOCAL, STT_FUNC), 1 },
		{ "no_size", ELFMAKE_TEXT + 0x80, 0, GELF_ST_INFO(STB_WEAK, STT_FUNC), 1 },
		{},
	};
	const struct elfmake files[] = {
		{ .symtab = table, .build_id = "\x12\x34" },
		{ .dynsym = table, .narrow = true, .machine = EM_386, .link = "x" },
	};
	size_t size = strlen(map);

	if (number < (int)COUNT(files))
		size = elfmake_bytes(&files[number], out, SEED_MOST);
	else
		memcpy(out, map, size);
	MUST(size);
	return size;
}

#ifdef LIBFUZZER

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static unsigned char bytes[SEED_MOST];

	(void)argc;
	for (int i = 0; i < SEEDS; i++)
		fuzz_seed(*argv, i, bytes, seed(i, bytes));
	return 0;
}

#else

int main(int argc, char **argv)
{
	unsigned long rounds = fuzz_begin(argc, argv, 2000);

	fuzz_damaged(rounds, SEEDS, seed);
	return fuzz_end(rounds);
}

#endif
