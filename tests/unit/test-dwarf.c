// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Types from DWARF, against what the compiler says of the same C: of several versions of DWARF, of
 * object files, with debug files, of C++; and damaged files.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "debuginfo.h"
#include "diag.h"
#include "probe/elffile.h"
#include "strbuf.h"
#include "typetext.h"

/* The same text is compiled here, and with -g. */
#define BOTH(...) __VA_ARGS__ static const char source[] = #__VA_ARGS__;

BOTH(
	struct elsewhere;
	typedef unsigned long count_t;
	typedef int callback_t(struct elsewhere *, const char *, ...);
	enum color { RED, GREEN = 5, BLUE = -3 };
	enum wide { WIDE = 0x123456789abcull };
	union word { unsigned int all; unsigned char byte[4]; };
	struct demo {
		const volatile char *text;
		char name[16];
		int grid[2][3];
		int minus : 3;
		unsigned int plus : 5;
		long half : 33;
		unsigned long rest : 31;
		_Bool yes : 1;
		enum color shade : 4;
		union {
			long anonymous;
			struct { short left; short right; };
		};
		union word word;
		struct demo *restrict next;
		struct elsewhere *elsewhere;
		callback_t *callback;
		void (*table[4])(int);
		_Bool truth;
		float less;
		double more;
		enum wide wide;
		count_t count;
		unsigned long tail[];
	};
	int work(struct demo *d, enum color shade, const char *why, count_t count);
	int work(struct demo *d, enum color shade, const char *why, count_t count)
	{
		return d && shade && why && count;
	}
)

static const char more[] =
	"int another_name(struct demo *, enum color, const char *, count_t)"
	"	__attribute__((alias(\"work\")));"
	"static __attribute__((noinline)) long hidden(union word w, double d, ...)"
	"{ __asm__ volatile(\"\"); return w.all + (long)d; }"
	"long entry(void);"
	"long entry(void) { union word w = {}; return hidden(w, 1.0, 2); }";

/* Another unit, which alone has the definition. */
static const char second[] =
	"struct elsewhere { int before, deep; struct elsewhere *self; };"
	"int inspect(struct elsewhere *e); int inspect(struct elsewhere *e) { return e->deep; }";

static void write_file(const char *name, const char *text, const char *rest)
{
	FILE *f = file_start(name);

	fprintf(f, "%s%s\n", text, rest);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	write_file("first.c", source, more);
	write_file("second.c", second, "");
	return run("gcc -g -O1 -fPIC -shared first.c second.c -o demo");
}

/* "work: int (struct demo *d, ...)": names and types of the parameters. */
static const char *signature(const char *name)
{
	static char line[512];
	struct ctype_function f;
	struct ctype_param p;
	int n;

	if (ctypes_function(&types, name, &f))
		fail_msg("there is no function %s", name);
	n = snprintf(line, sizeof(line), "%s (", text_of(f.type->target, NULL));
	for (unsigned int i = 0; ctype_param(f.type, i, &p); i++)
		n += snprintf(line + n, sizeof(line) - n, "%s%s", i ? ", " : "",
			      text_of(p.type, p.name));
	snprintf(line + n, sizeof(line) - n, "%s)", ctype_is_variadic(f.type) ? ", ..." : "");
	return line;
}

static struct ctype_member member(const char *type, const char *name)
{
	const struct ctype *s = ctypes_tag(&types, CTYPE_STRUCT, type);
	struct ctype_member m;

	assert_non_null(s);
	if (!ctype_member_find(s, name, &m))
		fail_msg("struct %s has no %s", type, name);
	return m;
}

/* --- against the compiler --------------------------------------------------------------- */

static void check_bits(const char *name, const struct demo *set, bool is_signed)
{
	struct ctype_member m = member("demo", name);
	uint64_t bits = 0, value = 0;

	memcpy(&value, (const char *)set + m.bit_offset / 8, sizeof(value));
	value >>= m.bit_offset % 8;
	bits = (1ull << m.bits) - 1;
	assert_true(m.bits > 0);
	assert_int_equal(value & bits, bits); /* all of its bits were set ... */
	value = 0;
	for (size_t i = 0; i < sizeof(*set); i++)
		value += __builtin_popcount(((const unsigned char *)set)[i]);
	assert_int_equal(value, m.bits); /* ... and no others */
	assert_int_equal(m.type->is_signed, is_signed);
}

static void check_demo(void)
{
	struct ctype_member m;

#define SAME(name)                                                                                \
	do {                                                                                      \
		m = member("demo", #name);                                                        \
		assert_int_equal(m.bit_offset, offsetof(struct demo, name) * 8);                  \
		assert_int_equal(m.type->size, sizeof(((struct demo *)0)->name));                 \
		assert_int_equal(m.bits, 0);                                                      \
	} while (0)
	SAME(text); SAME(name); SAME(grid); SAME(anonymous); SAME(left); SAME(right); SAME(word);
	SAME(next); SAME(elsewhere); SAME(callback); SAME(table); SAME(truth); SAME(less);
	SAME(more); SAME(wide); SAME(count);
	m = member("demo", "tail");
	assert_int_equal(m.bit_offset, offsetof(struct demo, tail) * 8);
	assert_int_equal(ctypes_tag(&types, CTYPE_STRUCT, "demo")->size, sizeof(struct demo));
#define BITS(name, sign)                                                                          \
	do {                                                                                      \
		struct demo set;                                                                  \
		memset(&set, 0, sizeof(set));                                                     \
		set.name = -1;                                                                    \
		check_bits(#name, &set, sign);                                                    \
	} while (0)
	BITS(minus, true); BITS(plus, false); BITS(half, true); BITS(rest, false);
	BITS(shade, true);
	m = member("demo", "yes");
	assert_int_equal(m.bits, 1);
	assert_true(m.type->is_bool);
}

static void check_types(void)
{
	static const struct {
		const char *name, *type;
	} expected[] = {
		{ "text", "char *text" }, { "name", "char name[16]" },
		{ "grid", "int grid[2][3]" }, { "word", "union word word" },
		{ "next", "struct demo *next" }, { "table", "void (*table[4])(int)" },
		{ "callback", "callback_t *callback" }, { "truth", "_Bool truth" },
		{ "less", "float less" }, { "more", "double more" },
		{ "count", "count_t count" }, { "tail", "unsigned long tail[]" },
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_string_equal(text_of(member("demo", expected[i].name).type,
					    expected[i].name), expected[i].type);
	assert_string_equal(signature("work"),
			    "int (struct demo *d, enum color shade, char *why, count_t count)");
	assert_string_equal(signature("hidden"), "long (union word w, double d, ...)");
}

/* What one unit only declares and another one defines. */
static void check_elsewhere(void)
{
	struct ctype_member m = member("demo", "elsewhere");

	assert_true(ctype_member_find(m.type->target, "deep", &m));
	assert_int_equal(m.bit_offset, 32);
}

static void check_constants(void)
{
	struct ctype_constant c;

	assert_int_equal(ctypes_constant(&types, "GREEN", &c), 0);
	assert_int_equal(c.value, GREEN);
	assert_int_equal(ctypes_constant(&types, "BLUE", &c), 0);
	assert_int_equal((int64_t)c.value, BLUE);
	assert_true(c.type->is_signed);
	assert_int_equal(ctypes_constant(&types, "WIDE", &c), 0);
	assert_true(c.value == WIDE);
	assert_int_equal(c.type->size, 8);
}

static void check_all(const char *file)
{
	static const char *const names[] = { "work", "hidden", "nowhere", NULL };

	load(file, names);
	check_demo();
	check_types();
	check_elsewhere();
	check_constants();
	unload();
}

static void shared(void **state)
{
	(void)state;
	check_all("demo");
}

/* What the linker puts together and what is still to be relocated are the same to who asks. */
static void forms(void **state)
{
	static const char *const options[] = {
		"gcc -gdwarf-5", "gcc -gdwarf-4", "gcc -gdwarf-2 -gstrict-dwarf",
		"gcc -gdwarf-5 -gz", "gcc -gdwarf-4 -fdebug-types-section",
		"gcc -gdwarf-5 -fdebug-types-section", "gcc -gdwarf-5 -gsplit-dwarf",
		"clang -gdwarf-5", "clang -gdwarf-4",
	};
	char command[256];

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(command, sizeof(command),
			 "%s -O1 -w -fPIC -shared first.c second.c -o other", options[i]);
		print_message("%s\n", options[i]);
		assert_int_equal(run(command), 0);
		check_all("other");
	}
	assert_int_equal(run("cat first.c second.c > both.c"), 0);
	assert_int_equal(run("gcc -g -O1 -c both.c -o other.o"), 0);
	check_all("other.o");
}

static void debug_file(void **state)
{
	static const char *const names[] = { "work", NULL };
	size_t size;
	int err;

	(void)state;
	assert_int_equal(run("objcopy --only-keep-debug demo demo.debug"), 0);
	assert_int_equal(run("objcopy -g --add-gnu-debuglink=demo.debug demo stripped"), 0);
	check_all("stripped");
	assert_int_equal(run("rm demo.debug"), 0);
	assert_null(asked(in_folder("stripped"), names, &size, &err));
	assert_int_equal(err, -ENODATA);
}

/* --- names ------------------------------------------------------------------------------ */

/* By what is asked for; what it does not lead to is left out. */
static void by_name(void **state)
{
	static const char *const names[] = { "elsewhere", "count_t", "GREEN", NULL };
	struct ctype_function f;
	struct ctype_constant c;

	(void)state;
	load("demo", names);
	assert_int_equal(member("elsewhere", "deep").bit_offset, 32);
	assert_string_equal(text_of(member("elsewhere", "self").type, "self"),
			    "struct elsewhere *self");
	assert_int_equal(ctypes_named(&types, "count_t")->size, sizeof(count_t));
	assert_int_equal(ctypes_constant(&types, "RED", &c), 0);
	assert_int_equal(ctypes_constant(&types, "WIDE", &c), -ENOENT);
	assert_null(ctypes_tag(&types, CTYPE_STRUCT, "demo"));
	assert_int_equal(ctypes_function(&types, "work", &f), -ENOENT);
	unload();
}

/* --- addresses ---------------------------------------------------------------------------- */

/* Of the number-th symbol of this name, as nm(1) shows it. */
static uint64_t address_of(const char *file, const char *symbol, int number)
{
	unsigned long long address;
	char command[256], name[128];
	bool found = false;
	FILE *f;

	snprintf(command, sizeof(command), "nm %s | sed -n 's/ [tT] / /p' | sort", in_folder(file));
	f = popen(command, "r");
	assert_non_null(f);
	while (!found && fscanf(f, "%llx %127s", &address, name) == 2)
		found = !strcmp(name, symbol) && !number--;
	pclose(f);
	if (!found)
		fail_msg("%s has no symbol %s", file, symbol);
	return address;
}

static void load_functions(const char *file, const struct dwarf_name *names, size_t count)
{
	size_t size;
	int err;

	data = dwarf_types(in_folder(file), names, count, &size, &err);
	if (!data)
		fail_msg("%s: %s", file, dwarf_why(err));
	assert_non_null(ctypes_add(&types, data, size, NULL));
}

static const char *signature_of(const struct dwarf_name *name)
{
	char text[128];

	snprintf(text, sizeof(text), DWARF_FUNCTION_NAME, (int)strlen(name->name), name->name,
		 (unsigned long long)name->address);
	return signature(text);
}

/* A symbol of another name at the same place, which DWARF does not know. */
static void by_symbol(void **state)
{
	const struct dwarf_name name = { "another_name", true, address_of("demo", "another_name", 0) };

	(void)state;
	load_functions("demo", &name, 1);
	assert_string_equal(signature_of(&name),
			    "int (struct demo *d, enum color shade, char *why, count_t count)");
	check_demo();
	unload();
}

/* Of two versions of a function one can have the other's name in the source. */
static void by_version(void **state)
{
	static const char text[] = "__attribute__((symver(\"step@OLD\"))) int step(short old) "
				   "{ return old; }\n"
				   "__attribute__((symver(\"step@@NEW\"))) int step_new(int a, long b) "
				   "{ return a + (int)b; }";
	struct dwarf_name names[2] = { { "step", true, 0 }, { "step", true, 0 } };

	(void)state;
	write_file("versions.c", text, "");
	write_file("versions.map", "OLD { global: step; local: *; }; NEW { global: step; } OLD;", "");
	assert_int_equal(run("gcc -g -O1 -fPIC -shared versions.c -Wl,--version-script=versions.map "
			     "-o versions"), 0);
	names[0].address = address_of("versions", "step@@NEW", 0);
	names[1].address = address_of("versions", "step@OLD", 0);
	load_functions("versions", names, 2);
	assert_string_equal(signature_of(&names[0]), "int (int a, long b)");
	assert_string_equal(signature_of(&names[1]), "int (short old)");
	unload();
}

/* Static functions of one name: each has its own, and of which nothing is known has none. */
static void namesakes(void **state)
{
	static const char first[] = "static __attribute__((noinline)) int same(int n) "
				    "{ __asm__ volatile(\"\"); return n; }\n"
				    "int first(int n) { return same(n); }";
	static const char second[] = "static __attribute__((noinline)) int same(const char *s, long n) "
				     "{ __asm__ volatile(\"\"); return s[n]; }\n"
				     "int second(const char *s) { return same(s, 2); }";
	static const char third[] = "static __attribute__((noinline)) int same(double d) "
				    "{ __asm__ volatile(\"\"); return (int)d; }\n"
				    "int third(double d) { return same(d); }";
	struct dwarf_name names[4] = {};
	struct ctype_function f;
	char text[64];

	(void)state;
	write_file("1.c", first, "");
	write_file("2.c", second, "");
	write_file("3.c", third, "");
	assert_int_equal(run("gcc -O1 -fPIC -c 3.c && gcc -g -O1 -fPIC -shared 1.c 2.c 3.o -o namesakes"), 0);
	for (int i = 0; i < 3; i++)
		names[i] = (struct dwarf_name){ "same", true, address_of("namesakes", "same", i) };
	names[3] = names[1]; /* asked for twice */
	load_functions("namesakes", names, 4);
	assert_string_equal(signature_of(&names[0]), "int (int n)");
	assert_string_equal(signature_of(&names[1]), "int (char *s, long n)");
	snprintf(text, sizeof(text), "same@%llx", (unsigned long long)names[2].address);
	assert_int_equal(ctypes_function(&types, text, &f), -ENOENT);
	unload();
	/* Alone it may be one that DWARF knows elsewhere only. */
	names[0].address = 0;
	load_functions("namesakes", names, 1);
	assert_string_equal(signature("same"), "int (int n)");
	unload();
}

/* Code in two pieces: it begins where the first one does. */
static void pieces(void **state)
{
	static const char text[] = "#include <stdlib.h>\nint go(int n, char *why) { "
				   "if (__builtin_expect(n == 77, 0)) { abort(); } return n + !!why; }";
	struct dwarf_name name = { "other", true, 0 };

	(void)state;
	write_file("pieces.c", text, "");
	assert_int_equal(run("gcc -g -O2 -fPIC -shared pieces.c -Wl,--defsym=other=go -o pieces"), 0);
	name.address = address_of("pieces", "go", 0);
	load_functions("pieces", &name, 1);
	assert_string_equal(signature_of(&name), "int (int n, char *why)");
	unload();
}

/* --- C++ ---------------------------------------------------------------------------------- */

static void cplusplus(void **state)
{
	static const char text[] =
		"namespace app {\n"
		"struct base { int id; static int shared; };\n"
		"class item : public base { public: long v; base &other;"
		" enum class kind : unsigned char { a, b = 200 } k; int get(int x) const;"
		" item(base &b) : other(b) {} };\n"
		"int item::get(int x) const { return x + id; }\n"
		"int use(item &i, item &&j, item::kind k) { return i.get(3) + j.v + (int)k; }\n"
		"}\n";
	static const char *const names[] = { "use", "_ZNK3app4item3getEi", NULL };

	(void)state;
	write_file("app.cc", text, "");
	if (run("g++ -g -O1 -fPIC -shared app.cc -o app 2>/dev/null")) {
		print_message("no g++ here\n");
		skip();
	}
	load("app", names);
	assert_string_equal(signature("use"),
			    "int (struct item *i, struct item *j, enum kind k)");
	assert_string_equal(signature("_ZNK3app4item3getEi"), "int (struct item *this, int x)");
	assert_int_equal(member("item", "id").bit_offset, 0);
	assert_int_equal(member("item", "v").bit_offset, 64);
	assert_int_equal(member("item", "other").type->size, 8);
	assert_int_equal(member("item", "k").type->size, 1);
	unload();
}

/* --- what is wrong ---------------------------------------------------------------------- */

/* Of what an assembler made nobody knows what it takes and returns. */
static void assembly(void **state)
{
	struct dwarf_name name = { "made", true, 0 };
	size_t size;
	int err;

	(void)state;
	write_file("made.S", ".globl made\n.type made, @function\nmade: nop\n.size made, .-made\n", "");
	assert_int_equal(run("gcc -g -nostdlib -shared made.S -o made 2>/dev/null"), 0);
	name.address = address_of("made", "made", 0);
	assert_null(dwarf_types(in_folder("made"), &name, 1, &size, &err));
	assert_int_equal(err, -ESRCH);
}

static void check_refused(const char *path, int expected)
{
	static const char *const names[] = { "nowhere", NULL };
	size_t size;
	int err = 0;

	assert_null(asked(path, names, &size, &err));
	if (err != expected)
		fail_msg("%s: %d, not %d", path, err, expected);
	assert_true(strlen(dwarf_why(err)) > 0);
}

static void refused(void **state)
{
	(void)state;
	check_refused(in_folder("demo"), -ESRCH);
	check_refused(in_folder("missing"), -ENOENT);
	check_refused(in_folder("first.c"), -ENOEXEC);
	check_refused(folder, -EISDIR);
	assert_int_equal(run("gcc -O1 -fPIC -shared first.c -o plain"), 0);
	check_refused(in_folder("plain"), -ENODATA);
#ifdef __x86_64__
	assert_int_equal(run("gcc -m32 -w -g -c second.c -o narrow.o"), 0);
	check_refused(in_folder("narrow.o"), -ENOEXEC);
#endif
}

#define ROUNDS 300

static uint64_t chance(uint64_t below)
{
	static uint64_t state = 0x9e3779b97f4a7c15ull; /* the same ones on every machine */

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* Where the debug information lies in the file. */
static size_t debug_parts(GElf_Shdr parts[8])
{
	Elf_Scn *section = NULL;
	struct elffile f;
	size_t n = 0, names;

	assert_int_equal(elffile_open_quietly(&f, AT_FDCWD, in_folder("demo")), 0);
	assert_int_equal(elf_getshdrstrndx(f.elf, &names), 0);
	while (n < 8 && (section = elf_nextscn(f.elf, section))) {
		assert_non_null(gelf_getshdr(section, &parts[n]));
		n += !strncmp(elf_strptr(f.elf, names, parts[n].sh_name), ".debug", 6);
	}
	elffile_close(&f);
	return n;
}

/* Whatever comes out is BTF; whatever goes wrong, this process goes on. */
static void damaged(void **state)
{
	static const char *const names[] = { "work", "hidden", "inspect", "GREEN", NULL };
	static const unsigned char edges[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned int results = 0;
	GElf_Shdr parts[8];
	size_t n = debug_parts(parts);

	(void)state;
	assert_true(n >= 4);
	for (int round = 0; round < ROUNDS; round++) {
		FILE *f;
		size_t size;
		void *bytes;
		int err;

		assert_int_equal(run("cp demo damaged"), 0);
		f = fopen(in_folder("damaged"), "r+");
		assert_non_null(f);
		for (uint64_t i = 1 + chance(1ull << chance(9)); i; i--) {
			const GElf_Shdr *part = &parts[chance(n)];

			fseek(f, part->sh_offset + chance(part->sh_size), SEEK_SET);
			fputc(chance(2) ? edges[chance(sizeof(edges))] : chance(256), f);
		}
		fclose(f);
		bytes = asked(in_folder("damaged"), names, &size, &err);
		if (bytes) {
			assert_non_null(ctypes_add(&types, bytes, size, NULL));
			results++;
		}
		ctypes_free(&types);
		free(bytes);
	}
	print_message("%u of %u damaged files gave types\n", results, ROUNDS);
	assert_true(results > 0); /* else it looked at nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared), cmocka_unit_test(forms), cmocka_unit_test(debug_file),
		cmocka_unit_test(by_name), cmocka_unit_test(by_symbol), cmocka_unit_test(by_version),
		cmocka_unit_test(namesakes),
		cmocka_unit_test(pieces),
		cmocka_unit_test(cplusplus), cmocka_unit_test(assembly), cmocka_unit_test(refused),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, setup, folder_end);
}
