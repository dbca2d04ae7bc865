// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* elfdebug.c is included, so that debug files are looked for in a folder of the test's own. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <lzma.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

#define DEBUG_FOLDER "debug"
#include "probe/elfdebug.c"
#include "probe/demangle.h"
#include "elfmatch.h"

static void open_file(const char *path)
{
	assert_int_equal(elffile_open(&file, path, NULL), 0);
	elfsyms_open(&symbols, &file);
}

static void open_elf(const struct elfmake *m)
{
	write_elf("made", m);
	open_file("made");
}

static bool shown(size_t i, const char *name)
{
	return i < targets.count && !strcmp(targets.list[i].name, name);
}

/* --- names ---------------------------------------------------------------------------------- */

static void test_names(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "alpha", AT(0x10), 4, GLOBAL, 1 },
		{ "alpine", AT(0x20), 0, LOCAL, 1 }, /* of no size: hand-written */
		{ "beta", AT(0x30), 4, GLOBAL, 1 },
		{ "beta", AT(0x40), 4, LOCAL, 1 }, /* another static function */
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match("alpha"), 1);
	assert_int_equal(targets.list[0].kind, TARGET_USER);
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 0x10);
	assert_string_equal(targets.list[0].path, "made");
	assert_int_equal(match("alp"), 0);
	assert_int_equal(match("alp*"), 2);
	assert_true(shown(0, "alpha") && shown(1, "alpine"));
	assert_int_equal(match("?eta"), 2);
	assert_int_equal(targets.list[1].offset, ELFMAKE_TEXT_OFFSET + 0x40);
	assert_int_equal(match_with("alp(ha|ine)", true, 0), 2);
	assert_int_equal(match_with("lph", true, 0), 0);
	assert_int_equal(match("*"), 4);
	assert_int_equal(targets.skip_count, 0);
}

static void test_no_functions(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "used", 0, 0, GLOBAL, SHN_UNDEF },
		/* A PLT entry that stands for a function's address in old programs. */
		{ "used_plt", AT(0x10), 0, GLOBAL, SHN_UNDEF },
		{ "number", AT(0x20), 4, GLOBAL, SHN_ABS },
		{ "data", ELFMAKE_DATA, 4, GELF_ST_INFO(STB_GLOBAL, STT_OBJECT), 2 },
		{ "label", AT(0x20), 4, GELF_ST_INFO(STB_LOCAL, STT_NOTYPE), 1 },
		{ "", AT(0x30), 4, GLOBAL, 1 },
		{ "function.cold", AT(0x40), 4, LOCAL, 1 },
		{ "function.part.0.cold", AT(0x50), 4, LOCAL, 1 },
		{},
	};
	static const struct elfmake_symbol astray[] = {
		{ "in_data", ELFMAKE_DATA, 4, GLOBAL, 2 },
		{ "behind", AT(ELFMAKE_TEXT_SIZE), 4, GLOBAL, 1 },
		{ "far", UINT64_MAX, 4, GLOBAL, 1 },
		{ "before", AT(-1), 4, GLOBAL, 1 },
		{ "last", AT(ELFMAKE_TEXT_SIZE - 1), 4, GLOBAL, 1 },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match("*"), 0);
	assert_int_equal(match("function"), 0);
	assert_int_equal(targets.skip_count, 0);
	assert_int_equal(match("use?"), 0);
	assert_non_null(strstr(strbuf_cstr(&why), "used comes from a library"));
	done(NULL);

	open_elf(&(struct elfmake){ .symtab = astray, .dynsym = astray });
	assert_int_equal(match("*"), 1);
	assert_true(shown(0, "last"));
	assert_int_equal(targets.skip_count, 4); /* of both tables, but once */
	assert_string_equal(targets.skipped[0].reason, "the file has no code there");
}

static void test_aliases(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "_IO_puts", AT(0x10), 4, GLOBAL, 1 }, { "puts", AT(0x10), 4, WEAK, 1 },
		{ "put_it", AT(0x10), 4, LOCAL, 1 },	{ "open", AT(0x20), 4, WEAK, 1 },
		{ "open64", AT(0x20), 4, WEAK, 1 },	{ "__open", AT(0x20), 4, GLOBAL, 1 },
		{ "one", AT(0x30), 4, WEAK, 1 },	{ "two", AT(0x30), 4, GLOBAL, 1 },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table, .dynsym = table });
	assert_int_equal(match("*"), 3);
	assert_true(shown(0, "puts") && shown(1, "open") && shown(2, "two"));
	assert_int_equal(match("_*"), 2); /* only what matched is shown */
	assert_true(shown(0, "_IO_puts") && shown(1, "__open"));
	assert_int_equal(match("put_it"), 1);
}

static void test_versions(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "copy@@LIB_2.14", AT(0x10), 4, GLOBAL, 1 },
		{ "copy@LIB_2.2", AT(0x20), 4, GLOBAL, 1 },
		{ "@nothing", AT(0x30), 4, GLOBAL, 1 },
		{ "used@LIB_1", 0, 0, GLOBAL, SHN_UNDEF },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match("copy"), 2);
	assert_true(shown(0, "copy") && shown(1, "copy"));
	assert_int_equal(match("*"), 2);
	assert_int_equal(match("used"), 0);
	assert_int_equal(strncmp(strbuf_cstr(&why), ": used comes", 12), 0);
}

static void test_suffixes(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "work", AT(0x10), 4, GLOBAL, 1 },
		{ "work.constprop.0", AT(0x20), 4, LOCAL, 1 },
		{ "work.part.0.isra.1", AT(0x30), 4, LOCAL, 1 },
		{ "work.llvm.1234", AT(0x40), 4, LOCAL, 1 },
		{ "work.other", AT(0x50), 4, LOCAL, 1 },
		{ "work.isra.0.cold", AT(0x60), 4, LOCAL, 1 },
		{ "_ZN2ns4workEi.constprop.0", AT(0x70), 4, LOCAL, 1 },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match("work"), 4);
	assert_true(shown(0, "work") && shown(1, "work.constprop.0") &&
		    shown(2, "work.part.0.isra.1") && shown(3, "work.llvm.1234"));
	assert_int_equal(match("work.constprop.0"), 1);
	assert_int_equal(match("work.*"), 4);
	assert_int_equal(match("ns::work"), 1);
	assert_true(shown(0, "ns::work(int) [clone .constprop.0]"));
}

static void test_mangled(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "_ZN2ns1fEi", AT(0x10), 4, GLOBAL, 1 },
		{ "_ZN2ns1fEPc", AT(0x20), 4, GLOBAL, 1 },
		{ "_ZN2ns1gIiEET_S1_", AT(0x30), 4, WEAK, 1 }, /* int ns::g<int>(int) */
		{ "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", AT(0x40), 4, LOCAL, 1 },
		{ "_RNvC6_123foo3bar", AT(0x50), 4, LOCAL, 1 },
		{ "_Zwrong", AT(0x60), 4, GLOBAL, 1 },
		{ "_ZN3libE", 0, 0, GLOBAL, SHN_UNDEF },
		{ "_ZN3lib4callEv", 0, 0, GLOBAL, SHN_UNDEF },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match("ns::f"), 2);
	assert_true(shown(0, "ns::f(int)") && shown(1, "ns::f(char*)"));
	assert_int_equal(match("ns::f(int)"), 1);
	assert_int_equal(match("ns::f(*)"), 2);
	assert_int_equal(match("_ZN2ns1fEi"), 1);
	assert_true(shown(0, "ns::f(int)"));
	assert_int_equal(match("ns::*"), 3);
	assert_true(shown(2, "ns::g<int>(int)"));
	assert_int_equal(match_with("ns::[fg](<int>)?", true, 0), 3);
	assert_int_equal(match("core::fmt::Formatter::pad"), 1);
	assert_true(shown(0, "core::fmt::Formatter::pad"));
	assert_int_equal(match("123foo::bar"), 1);
	assert_int_equal(match("_Zwrong"), 1);
	assert_true(shown(0, "_Zwrong"));
	assert_int_equal(match("lib::call"), 0);
	assert_non_null(strstr(strbuf_cstr(&why), "lib::call() comes from a library"));
}

/* f(a, b<a, a>, b<b<a, a>, b<a, a>>, ...): each parameter is twice as long as the one before. */
static void test_demangle_bomb(void **state)
{
	static const char digits[] = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct strbuf name = {}, out = {};

	(void)state;
	strbuf_str(&name, "_Z1f1a1bIS_S_E");
	for (int i = 0; i < 30; i++) {
		bool fits = demangle(strbuf_cstr(&name), true, &out);

		assert_true(i < 8 ? fits && out.size > 1u << i : i < 13 || !fits);
		assert_true(out.size <= DEMANGLE_MOST);
		strbuf_printf(&name, "S0_IS%c_S%c_E", digits[i], digits[i]);
	}
	/* One that surely is too long. */
	strbuf_clear(&name);
	strbuf_str(&name, "_Z1f");
	for (int i = 0; i < DEMANGLE_MOST; i++)
		strbuf_str(&name, "i");
	assert_false(demangle(strbuf_cstr(&name), true, &out));
	assert_true(out.size <= DEMANGLE_MOST);
	assert_true(demangle("_Z1fi", true, &out));
	assert_string_equal(strbuf_cstr(&out), "f(int)");
	assert_true(demangle("_Z1fi", false, &out));
	assert_string_equal(strbuf_cstr(&out), "f");
	assert_false(demangle("f", true, &out));
	assert_false(demangle("_Z", true, &out));
	assert_false(demangle("", true, &out));
	strbuf_free(&name);
	strbuf_free(&out);
}

/* Where libiberty would count to 62^8 and print nothing. */
static void test_demangle_endless(void **state)
{
	struct strbuf out = {};

	(void)state;
	alarm(20);
	assert_false(demangle("_RNvC1a1bYFGzzzzzzzz_EuC1c", true, &out));
	assert_true(demangle("_RNvC1a1bYFG0_EuC1c", true, &out)); /* two lifetimes are fine */
	assert_string_equal(strbuf_cstr(&out), "a::b");
	alarm(0);
	strbuf_free(&out);
}

static void test_plus(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "sized", AT(0x10), 8, GLOBAL, 1 },
		{ "unsized", AT(0x20), 0, LOCAL, 1 },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match_with("sized", false, 7), 1);
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 0x17);
	assert_int_equal(match_with("sized", false, 8), 0);
	assert_int_equal(targets.skip_count, 1);
	assert_int_equal(match_with("unsized", false, 8), 1);
	assert_int_equal(match_with("unsized", false, ELFMAKE_TEXT_SIZE), 0);
	assert_int_equal(match_with("unsized", false, UINT64_MAX), 0);
}

/* --- what the kernel would get wrong -------------------------------------------------------- */

static bool only_x86(void)
{
	if (elfmake_machine() == EM_X86_64)
		return true;
	print_message("# x86's instructions\n");
	return false;
}

static const unsigned char code[ELFMAKE_TEXT_SIZE] = {
	[0x10] = 0x62, 0xe2, 0x7d, 0x28, 0x7a, 0xce, 0x89, 0xf8, /* vpbroadcastb %esi,%ymm17; mov */
	[0x20] = 0x62, 0xf2, 0x7d, 0x28, 0x7a, 0xcf, 0xc5, 0xf9, 0x7e, 0xc8, /* ...; vmovd */
	[0x30] = 0xc5, 0xf9, 0x7e, 0xc0,			 /* vmovd %xmm0,%eax */
	[0x40] = 0xc4, 0xe1, 0xf9, 0x7e, 0xc0,			 /* vmovq %xmm0,%rax */
	[0x50] = 0x65, 0xc5, 0xf9, 0x70, 0x00, 0x1b,		 /* vpshufd $27,%gs:(%rax),%xmm0 */
	[0x60] = 0x62, 0xf2, 0x7d, 0x28, 0x7a, 0x0e,		 /* from memory: there is none */
	[0x70] = 0xf3, 0x0f, 0x1e, 0xfa, 0xc5, 0xf9, 0x7e, 0xc0, /* endbr64; vmovd */
	[0x80] = 0x7a, 0x02,					 /* jp */
	[0x90] = 0xc5, 0xf8, 0x57, 0xc0,			 /* vxorps %xmm0,%xmm0,%xmm0 */
	[0xa0] = 0xc5, 0x7e, 0x90,				 /* lds -0x70(%rsi),%edi: 32-bit */
};

static const struct elfmake_symbol instructions[] = {
	{ "ok_behind", AT(0x10), 8, GLOBAL, 1 },   { "bad_again", AT(0x20), 8, GLOBAL, 1 },
	{ "bad_vmovd", AT(0x30), 8, GLOBAL, 1 },   { "bad_vmovq", AT(0x40), 8, GLOBAL, 1 },
	{ "bad_vpshufd", AT(0x50), 8, GLOBAL, 1 }, { "bad_memory", AT(0x60), 8, GLOBAL, 1 },
	{ "ok_endbr64", AT(0x70), 8, GLOBAL, 1 },  { "ok_jp", AT(0x80), 8, GLOBAL, 1 },
	{ "ok_vxorps", AT(0x90), 8, GLOBAL, 1 },   { "lds", AT(0xa0), 8, GLOBAL, 1 },
	{},
};

static void test_avx(void **state)
{
	(void)state;
	if (!only_x86())
		skip();
	open_elf(&(struct elfmake){ .symtab = instructions, .code = code });
	assert_int_equal(match("ok_*"), 4);
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 0x16);
	assert_int_equal(targets.list[1].offset, ELFMAKE_TEXT_OFFSET + 0x70);
	assert_int_equal(match("bad_*"), 0);
	assert_int_equal(targets.skip_count, 5);
	assert_non_null(strstr(targets.skipped[0].reason, "AVX"));
	/* Where somebody wants exactly that place. */
	assert_int_equal(match_with("ok_endbr64", false, 4), 0);
	assert_int_equal(match_with("ok_behind", false, 6), 1);
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 0x16);
	assert_int_equal(match("lds"), 0); /* a VEX prefix in 64-bit code */
}

static void test_avx_32(void **state)
{
	(void)state;
	if (!only_x86())
		skip();
	open_elf(&(struct elfmake){
		.symtab = instructions, .code = code, .narrow = true, .machine = EM_386 });
	assert_int_equal(match("lds"), 1);
	assert_int_equal(match("bad_vmovd"), 0);
	assert_int_equal(match("ok_behind"), 1);
}

/* --- where the names are -------------------------------------------------------------------- */

static const struct elfmake_symbol exported[] = {
	{ "shown", AT(0x10), 4, GLOBAL, 1 },
	{},
};

static const struct elfmake_symbol hidden[] = {
	{ "secret", AT(0x20), 4, LOCAL, 1 },
	{},
};

static void test_stripped(void **state)
{
	(void)state;
	open_elf(&(struct elfmake){ .dynsym = exported });
	assert_int_equal(match("*"), 1);
	assert_int_equal(match("secret"), 0);
	assert_non_null(strstr(strbuf_cstr(&why), "only what it exports is known"));
	done(NULL);
	open_elf(&(struct elfmake){});
	assert_int_equal(match("*"), 0);
	assert_non_null(strstr(strbuf_cstr(&why), "it is stripped"));
	done(NULL);
	open_elf(&(struct elfmake){ .dynsym = exported, .symtab = hidden });
	assert_int_equal(match("*"), 2);
	assert_int_equal(match("nothing"), 0);
	assert_int_equal(why.size, 0);
}

static void test_packed(void **state)
{
	static unsigned char inner[8192], packed[8192];
	struct elfmake m = { .dynsym = exported, .packed = packed };

	(void)state;
	write_elf("inner", &(struct elfmake){ .symtab = hidden });
	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, inner,
						 file_read("inner", inner, sizeof(inner)), packed,
						 &m.packed_size, sizeof(packed)),
			 LZMA_OK);
	open_elf(&m);
	assert_int_equal(match("*"), 2);
	assert_int_equal(match("secret"), 1);
	assert_int_equal(targets.list[0].offset, ELFMAKE_TEXT_OFFSET + 0x20);
	done(NULL);
	for (size_t cut = 0; cut < m.packed_size; cut += 7) {
		struct elfmake half = m;

		half.packed_size = cut;
		open_elf(&half);
		assert_int_equal(match("*"), 1);
		done(NULL);
	}
	packed[m.packed_size / 2] ^= 1;
	open_elf(&m);
	assert_int_equal(match("*"), 1);
}

/* Gigabytes of nothing take a few kilobytes. */
static void test_packed_bomb(void **state)
{
	static unsigned char zero[1 << 20], packed[1 << 20];
	struct elfmake m = { .dynsym = exported, .packed = packed };
	lzma_stream stream = LZMA_STREAM_INIT;

	(void)state;
	assert_int_equal(lzma_easy_encoder(&stream, 0, LZMA_CHECK_NONE), LZMA_OK);
	stream.next_out = packed;
	stream.avail_out = sizeof(packed);
	for (size_t i = 0; i <= ELFDEBUG_MOST / sizeof(zero); i++) {
		stream.next_in = zero;
		stream.avail_in = sizeof(zero);
		assert_int_equal(lzma_code(&stream, LZMA_RUN), LZMA_OK);
	}
	assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	m.packed_size = stream.total_out;
	lzma_end(&stream);
	open_elf(&m);
	assert_null(symbols.packed);
	assert_int_equal(match("*"), 1);
}

static void test_build_id(void **state)
{
	const struct elfmake m = { .dynsym = exported, .build_id = "\x12\x34\xab" };

	(void)state;
	assert_true(!mkdir("debug", 0755) || errno == EEXIST);
	assert_true(!mkdir("debug/.build-id", 0755) && !mkdir("debug/.build-id/12", 0755));
	write_elf("debug/.build-id/12/34ab.debug",
		  &(struct elfmake){ .symtab = hidden, .build_id = "\x12\x34\xab" });
	open_elf(&m);
	assert_int_equal(match("secret"), 1);
	done(NULL);
	/* Somebody else's under that name. */
	write_elf("debug/.build-id/12/34ab.debug",
		  &(struct elfmake){ .symtab = hidden, .build_id = "\x12\x34\xac" });
	open_elf(&m);
	assert_int_equal(match("secret"), 0);
	done(NULL);
	write_elf("debug/.build-id/12/34ab.debug", &(struct elfmake){ .symtab = hidden });
	open_elf(&m);
	assert_int_equal(match("secret"), 0);
}

static uint32_t crc_of(const char *path)
{
	static unsigned char bytes[8192];

	return crc32(0, bytes, file_read(path, bytes, sizeof(bytes)));
}

static void check_link(const char *link, uint32_t crc, bool found)
{
	open_elf(&(struct elfmake){ .dynsym = exported, .link = link, .link_crc = crc });
	assert_int_equal(match("secret"), found);
	done(NULL);
}

static void test_link(void **state)
{
	static const struct elfmake debug = { .symtab = hidden };
	char path[4096] = "debug", here[4000];
	uint32_t crc;

	(void)state;
	write_elf("x.debug", &debug);
	crc = crc_of("x.debug");
	check_link("x.debug", crc, true);
	check_link("x.debug", crc + 1, false);
	check_link("none.debug", crc, false);
	check_link("", crc, false);
	assert_int_equal(mkdir(".debug", 0755), 0);
	assert_int_equal(rename("x.debug", ".debug/x.debug"), 0);
	check_link("x.debug", crc, true);
	check_link(".debug/x.debug", crc, false); /* a path, and nobody knows where to */
	/* debug/where/the/file/is/x.debug */
	assert_non_null(getcwd(here, sizeof(here)));
	for (char *at = here + 1;; at++) {
		if (*at && *at != '/')
			continue;
		snprintf(path, sizeof(path), "debug%.*s", (int)(at - here), here);
		assert_true(!mkdir(path, 0755) || errno == EEXIST);
		if (!*at)
			break;
	}
	strcat(path, "/x.debug");
	assert_int_equal(rename(".debug/x.debug", path), 0);
	check_link("x.debug", crc, true);
	assert_int_equal(unlink(path), 0);
	check_link("x.debug", crc, false);
	/* Its own name would be itself. */
	check_link("made", 0, false);
}

/* --- what runs here ------------------------------------------------------------------------- */

__attribute__((noinline)) int test_elfsyms_seen(int x);
int test_elfsyms_seen(int x)
{
	return x * 3 + getppid();
}

static uint64_t offset_of(const char *name)
{
	assert_int_equal(match(name), 1);
	return targets.list[0].offset;
}

/* What the linker made of this test. */
static void test_own(void **state)
{
	unsigned char bytes[16];

	(void)state;
	assert_true(test_elfsyms_seen(1) > 0);
	open_file("/proc/self/exe");
	assert_int_equal(pread(file.fd, bytes, sizeof(bytes), offset_of("test_elfsyms_seen")),
			 sizeof(bytes));
	assert_memory_equal(bytes, (void *)test_elfsyms_seen, sizeof(bytes));
	assert_true(match("*") > 100);
	for (size_t i = 1; i < targets.count; i++)
		assert_true(targets.list[i].offset > targets.list[i - 1].offset);
}

static int libc_find(struct dl_phdr_info *info, size_t size, void *found)
{
	(void)size;
	if (!strstr(info->dlpi_name, "libc.so.") && !strstr(info->dlpi_name, "libc-2."))
		return 0;
	*(struct dl_phdr_info *)found = *info;
	return 1;
}

/* The place in this process of an offset of libc's. */
static void *libc_place(const struct dl_phdr_info *libc, uint64_t offset)
{
	for (int i = 0; i < libc->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &libc->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && offset >= p->p_offset &&
		    offset - p->p_offset < p->p_filesz)
			return (void *)(libc->dlpi_addr + p->p_vaddr + offset - p->p_offset);
	}
	return NULL;
}

/* strlen is an IFUNC of glibc: the place that is found has to count letters. */
static void test_ifunc(void **state)
{
	struct dl_phdr_info libc;
	size_t (*length)(const char *);

	(void)state;
	if (!dl_iterate_phdr(libc_find, &libc)) {
		print_message("# this C library has no file of a known name\n");
		skip();
	}
	open_file(libc.dlpi_name);
	length = (size_t(*)(const char *))libc_place(&libc, offset_of("strlen"));
	assert_non_null(length);
	assert_int_equal(length("seventeen letters"), 17);
	assert_int_equal(match("strl*"), targets.count);
	for (size_t i = 0; i < targets.count; i++)
		assert_true(!i || targets.list[i].offset != targets.list[i - 1].offset);
}

/* A file whose choices nobody knows. */
static void test_ifunc_unknown(void **state)
{
	static const struct elfmake_symbol table[] = {
		{ "fast", AT(0x10), 8, GELF_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC), 1 },
		{ "fast_chooser", AT(0x10), 8, LOCAL, 1 },
		{ "fast_one", AT(0x20), 8, LOCAL, 1 },
		{},
	};

	(void)state;
	open_elf(&(struct elfmake){ .symtab = table });
	assert_int_equal(match("fast"), 0);
	assert_int_equal(targets.skip_count, 1);
	assert_non_null(strstr(targets.skipped[0].reason, "IFUNC"));
	assert_int_equal(match_with("fast", false, 4), 0);
	assert_non_null(strstr(targets.skipped[0].reason, "offset"));
	assert_int_equal(match("fast*"), 1); /* not what chooses */
	assert_true(shown(0, "fast_one"));
	assert_int_equal(match("fast_c*"), 1); /* but here */
	assert_true(shown(0, "fast_chooser"));
	assert_int_equal(match("fast_chooser"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names),	     TEST(no_functions), TEST(aliases),	    TEST(versions),
		TEST(suffixes),	     TEST(mangled),	 TEST(demangle_bomb), TEST(plus),
		TEST(demangle_endless),
		TEST(stripped),	     TEST(packed),	 TEST(packed_bomb), TEST(build_id),
		TEST(link),	     TEST(own),		 TEST(ifunc),	    TEST(ifunc_unknown),
		TEST(avx),	     TEST(avx_32),
	};

	return cmocka_run_group_tests_name("elfsyms", tests, folder_enter, folder_remove);
}
