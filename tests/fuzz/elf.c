// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * elf: damaged programs and libraries, damaged caches of ld.so, odd names, for the code that
 * reads them. Each input is all three. Nothing may crash, hang, leak or run away with memory.
 */
#include <errno.h>
#include <lzma.h>
#include <regex.h>
#include <sys/mman.h>

#include "diag.h"
#include "probe/demangle.h"
#include "probe/elfsyms.h"
#include "probe/soname.h"
#include "probe/usdt.h"
#include "tests/fuzz/elfmake.h"
#include "tests/fuzz/fuzz.h"

/* --- the code under test -------------------------------------------------------------------- */

static int path_count(const char *path, void *count)
{
	*(size_t *)count += strlen(path);
	return 1;
}

static void functions_try(const struct elffile *f, const char *text, bool regex, uint64_t plus)
{
	struct elfsyms_wanted wanted = { .plus = plus };
	struct strbuf why = {};
	struct targets t = {};
	struct pattern name;
	struct elfsyms s;

	MUST(!pattern_set(&name, text, regex));
	wanted.name = &name;
	elfsyms_open(&s, f);
	if (!elfsyms_match(&s, &wanted, &t))
		elfsyms_explain(&s, &wanted, &why);
	/* What comes out can be used without another look. */
	for (size_t i = 0; i < t.count; i++) {
		MUST(t.list[i].offset < f->size && *t.list[i].name);
	}
	targets_finish(&t);
	targets_free(&t);
	strbuf_free(&why);
	elfsyms_close(&s);
	pattern_free(&name);
}

static void probes_try(const struct elffile *f)
{
	struct pattern any = {};
	const struct usdt_wanted wanted = { .provider = &any, .probe = &any };
	struct targets t = {};

	usdt_match(f, &wanted, &t);
	for (size_t i = 0; i < t.count; i++) {
		MUST(t.list[i].offset < f->size && t.list[i].semaphore < f->size);
		MUST(strchr(t.list[i].name, ':') && t.list[i].arguments);
	}
	targets_free(&t);
}

static void file_try(int fd)
{
	char path[32];
	struct elffile f;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (elffile_open(&f, path, "input"))
		return;
	functions_try(&f, "*", false, 0);
	functions_try(&f, "ns::f(*", false, 0);
	functions_try(&f, ".*st.*", true, 7);
	probes_try(&f);
	elffile_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf out = {};
	size_t paths = 0;
	char *name;
	int fd = memfd_create("input", MFD_CLOEXEC);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	file_try(fd);
	soname_cache(fd, "c", path_count, &paths);
	close(fd);
	name = strndup((const char *)data, size < 4096 ? size : 4096);
	MUST(name);
	demangle(name, true, &out);
	MUST(out.size <= DEMANGLE_MOST);
	soname_matches("c", name);
	soname_matches(name, "libc.so.6");
	strbuf_free(&out);
	free(name);
	return 0;
}

/* --- seeds ---------------------------------------------------------------------------------- */

#define FUNCTION(bind) GELF_ST_INFO(bind, STT_FUNC)

static const struct elfmake_symbol symbols[] = {
	{ "strlen", ELFMAKE_TEXT, 8, GELF_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC), 1 },
	{ "_ZN2ns1fEi", ELFMAKE_TEXT + 16, 16, FUNCTION(STB_GLOBAL), 1 },
	{ "_RNvC6_123foo3bar", ELFMAKE_TEXT + 32, 16, FUNCTION(STB_LOCAL), 1 },
	{ "strcpy@@V_2", ELFMAKE_TEXT + 48, 16, FUNCTION(STB_WEAK), 1 },
	{ "best.constprop.0", ELFMAKE_TEXT + 64, 0, FUNCTION(STB_LOCAL), 1 },
	{ "import", 0, 0, FUNCTION(STB_GLOBAL), SHN_UNDEF },
	{},
};

static const struct elfmake_note notes[] = {
	{ ELFMAKE_TEXT + 2, ELFMAKE_BASE, 0,
	  ELFMAKE_NOTE("p\0one\0-4@%eax 8@$5") },
	{ ELFMAKE_TEXT + 4, ELFMAKE_BASE, ELFMAKE_DATA + 2, ELFMAKE_NOTE("p\0two\0") },
	{},
};

static size_t seed_elf(unsigned char *out, const struct elfmake *m)
{
	size_t size = elfmake_bytes(m, out, SEED_MOST);

	MUST(size);
	return size;
}

static size_t seed_packed(unsigned char *out)
{
	static unsigned char inner[SEED_MOST], packed[SEED_MOST];
	struct elfmake m = { .symtab = symbols };
	size_t size = seed_elf(inner, &m);

	m = (struct elfmake){ .dynsym = symbols, .packed = packed };
	MUST(!lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, inner, size, packed,
				      &m.packed_size, sizeof(packed)));
	return seed_elf(out, &m);
}

/* An old cache of one library, and a new one behind it. */
static size_t seed_cache(unsigned char *out)
{
	static const char strings[] = "libc.so.6\0/lib/libc.so.6";
	uint32_t old[] = { 1, 3, 0, 10 }, new[] = { 1, sizeof(strings), 0, 0, 0, 0, 0 };
	uint32_t entry[] = { 3, 72, 82, 0, 0, 0 };
	size_t size = 0;

#define ADD(bytes, n) (memcpy(out + size, bytes, n), size += (n))
	ADD("ld.so-1.7.0", 12);
	ADD(old, sizeof(old));
	ADD(strings, sizeof(strings));
	while (size % 8)
		out[size++] = 0;
	/* The old one's strings may lie in the new one: only the offsets say. */
	ADD("glibc-ld.so.cache1.1", 20);
	ADD(new, sizeof(new));
	ADD(entry, sizeof(entry));
	ADD(strings, sizeof(strings));
#undef ADD
	return size;
}

#define SEEDS 7

static size_t seed(int number, unsigned char *out)
{
	struct elfmake all = { .symtab = symbols, .dynsym = symbols, .notes = notes,
			       .build_id = "0123456789", .link = "x.debug" };
	struct elfmake narrow = all;
	size_t size;

	narrow.narrow = true;
	narrow.machine = elfmake_machine() == EM_X86_64 ? EM_386 : 0;
	switch (number) {
	case 0:
		return seed_elf(out, &all);
	case 1:
		return seed_elf(out, &narrow);
	case 2:
		return seed_packed(out);
	case 3:
		all.symtab = NULL;
		return seed_elf(out, &all);
	case 4:
		return seed_cache(out);
	case 5: /* where the new form is alone */
		size = seed_cache(out) - 56;
		memmove(out, out + 56, size);
		return size;
	default:
		strcpy((char *)out, "_ZNSt6vectorIiSaIiEE9push_backERKi");
		return strlen((char *)out);
	}
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

	if (!freopen("/dev/null", "w", stderr)) /* thousands of "is damaged" */
		return 1;
	fuzz_damaged(rounds, SEEDS, seed);
	return fuzz_end(rounds);
}

#endif
