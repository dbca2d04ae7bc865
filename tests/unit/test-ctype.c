// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Types are compared with what the compiler says of the same C. The module is included for SCANS. */
#include <limits.h>

#include "compile.h"
#include "strbuf.h"
#include "typetext.h"

#include "expr/ctypebtf.c"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

BOTH(
	struct inner;
	typedef unsigned int u32;
	typedef u32 flags_t;
	typedef struct { int counter; } count_t;
	typedef int handler_t(struct inner *, const char *, ...);
	enum color { RED, GREEN = 5, BLUE };
	enum level { LOW = -2, MIDDLE, HIGH = 7 };
	enum mask { LOW_BIT = 1, TOP_BIT = 0x80000000u };
	struct inner { char c; long l; };
	union word { u32 all; unsigned char byte[4]; };
	struct demo {
		const volatile char *text;
		char name[16];
		int grid[2][3];
		signed char tiny;
		int minus : 3;
		unsigned int plus : 5;
		long wide : 40;
		unsigned long full : 64;
		long half : 32;
		unsigned long upper : 32;
		unsigned int all : 32;
		_Bool yes : 1;
		enum color shade : 4;
		union {
			struct { short left; short right; };
			union word both;
		};
		struct { struct { struct { u32 deepest; }; int deep; }; };
		enum level level;
		enum mask mask;
		count_t count;
		flags_t *flags;
		struct nowhere *nowhere;
		struct inner list[3];
		struct inner *table[4];
		int (*row)[7];
		handler_t *handler;
		void (*(*maker)(int))(char);
		int (*calls[2])(void);
		int (*say)(const char *, ...);
		double real;
		struct demo *next;
		struct inner tail[];
	};
	struct demo demo;
	int work(struct demo *d, flags_t flags, const char *why);
	int work(struct demo *d, flags_t flags, const char *why) { return d && flags && why; }
	void nothing(void);
	void nothing(void) {}
)


static struct ctype_member member(const char *type, const char *name)
{
	struct ctype_member m;

	assert_true(ctype_member_find(tag(CTYPE_STRUCT, type), name, &m));
	assert_string_equal(m.name, name);
	return m;
}

/* --- against compilers ------------------------------------------------------------------------ */

static void members(void **state)
{
	struct ctype_member m;

	(void)state;
#define SAME(name)                                                                                \
	do {                                                                                      \
		m = member("demo", #name);                                                        \
		assert_int_equal(m.bit_offset, offsetof(struct demo, name) * 8);                  \
		assert_int_equal(m.type->size, sizeof(((struct demo *)0)->name));                 \
		assert_int_equal(m.bits, 0);                                                      \
	} while (0)
	SAME(text); SAME(name); SAME(grid); SAME(tiny); SAME(left); SAME(right); SAME(both);
	SAME(deepest); SAME(deep); SAME(level); SAME(mask); SAME(count); SAME(flags);
	SAME(nowhere); SAME(list); SAME(table); SAME(row); SAME(handler); SAME(maker);
	SAME(calls); SAME(say); SAME(real); SAME(next);
	m = member("demo", "tail");
	assert_int_equal(m.bit_offset, offsetof(struct demo, tail) * 8);
	assert_int_equal(m.type->kind, CTYPE_ARRAY);
	assert_int_equal(m.type->count, 0);
	assert_false(ctype_member_find(tag(CTYPE_STRUCT, "demo"), "byte", &m)); /* of a named one */
	assert_false(ctype_member_find(tag(CTYPE_STRUCT, "demo"), "", &m));
	assert_false(ctype_member_find(ctype_basic("int"), "x", &m));
}

/* The bits that a bitfield really has are those that change with it. */
static void bitfields(void **state)
{
	struct ctype_member m;
	struct demo d;

	(void)state;
#define BITS(name, value)                                                                         \
	do {                                                                                      \
		const unsigned char *byte = (const void *)&d;                                     \
		unsigned int first = 0, count = 0;                                                \
		memset(&d, 0, sizeof(d));                                                         \
		d.name = value;                                                                   \
		for (unsigned int i = 0; i < sizeof(d) * 8; i++) {                                \
			if (byte[i / 8] >> i % 8 & 1 && !count++)                                 \
				first = i;                                                        \
		}                                                                                 \
		m = member("demo", #name);                                                        \
		assert_int_equal(m.bit_offset, first);                                            \
		assert_int_equal(m.bits, count);                                                  \
		assert_int_equal(m.type->is_signed, (double)d.name < 0);                          \
	} while (0)
	BITS(minus, -1);
	BITS(plus, 31);
	BITS(wide, -1);
	BITS(all, UINT_MAX);
	BITS(half, -1);
	BITS(upper, UINT_MAX);
	BITS(yes, 1);
	BITS(shade, 15);
	BITS(full, ULONG_MAX);
}

static void in_order(void **state)
{
	static const char *const names[] = {
		"text", "name", "grid", "tiny", "minus", "plus", "wide", "full", "half", "upper",
		"all", "yes", "shade", "", "", "level", "mask", "count", "flags", "nowhere", "list", "table",
		"row", "handler", "maker", "calls", "say", "real", "next", "tail",
	};
	const struct ctype *demo = tag(CTYPE_STRUCT, "demo");
	struct ctype_member m;
	unsigned int i = 0;

	(void)state;
	for (; ctype_member(demo, i, &m); i++)
		assert_string_equal(m.name, names[i]);
	assert_int_equal(i, COUNT(names));
	assert_int_equal(demo->size, sizeof(struct demo));
}

static void printing(void **state)
{
	static const struct {
		const char *name, *type, *text;
	} rows[] = {
		{ "text", "char *", "char *text" },
		{ "name", "char [16]", "char name[16]" },
		{ "grid", "int [2][3]", "int grid[2][3]" },
		{ "tiny", "signed char", "signed char tiny" },
		{ "wide", "long", "long wide" },
		{ "full", "unsigned long", "unsigned long full" },
		{ "yes", "_Bool", "_Bool yes" },
		{ "both", "union word", "union word both" },
		{ "level", "enum level", "enum level level" },
		{ "count", "count_t", "count_t count" },
		{ "flags", "flags_t *", "flags_t *flags" },
		{ "nowhere", "struct nowhere *", "struct nowhere *nowhere" },
		{ "table", "struct inner *[4]", "struct inner *table[4]" },
		{ "row", "int (*)[7]", "int (*row)[7]" },
		{ "handler", "handler_t *", "handler_t *handler" },
		{ "maker", "void (*(*)(int))(char)", "void (*(*maker)(int))(char)" },
		{ "calls", "int (*[2])(void)", "int (*calls[2])(void)" },
		{ "say", "int (*)(char *, ...)", "int (*say)(char *, ...)" },
		{ "real", "double", "double real" },
		{ "tail", "struct inner []", "struct inner tail[]" },
	};
	struct ctype_member m;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		m = member("demo", rows[i].name);
		assert_string_equal(text_of(m.type, NULL), rows[i].type);
		assert_string_equal(text_of(m.type, m.name), rows[i].text);
	}
	assert_true(ctype_member(tag(CTYPE_STRUCT, "demo"), 13, &m));
	assert_string_equal(text_of(m.type, m.name), "union {...}");
	assert_string_equal(text_of(&ctype_void, ""), "void");
	assert_string_equal(text_of(ctypes_pointer(&types, &ctype_void), "p"), "void *p");
	assert_string_equal(text_of(ctypes_named(&types, "handler_t")->target, NULL), "int");
}

#define IS_SIGNED(type) ((double)(type)-1 < 0)

#define TYPES(EACH, with)                                                                         \
	EACH(char, with) EACH(signed char, with) EACH(unsigned char, with) EACH(short, with)      \
	EACH(unsigned short, with) EACH(int, with) EACH(unsigned int, with) EACH(long, with)      \
	EACH(unsigned long, with) EACH(long long, with) EACH(unsigned long long, with)            \
	EACH(_Bool, with)

static void conversions(void **state)
{
	const struct ctype *a, *b, *got;

	(void)state;
#define PAIR(B, A)                                                                                \
	b = ctype_basic(#B);                                                                      \
	got = ctype_arithmetic(a, b);                                                             \
	assert_int_equal(got->size, sizeof((A)1 + (B)1));                                         \
	assert_int_equal(got->is_signed, IS_SIGNED(typeof((A)1 + (B)1)));                          \
	assert_int_equal(ctype_compare(a, b), CTYPE_COMPARE_INTEGERS);
#define TYPES2(EACH, with)                                                                        \
	EACH(char, with) EACH(signed char, with) EACH(unsigned char, with) EACH(short, with)      \
	EACH(unsigned short, with) EACH(int, with) EACH(unsigned int, with) EACH(long, with)      \
	EACH(unsigned long, with) EACH(long long, with) EACH(unsigned long long, with)            \
	EACH(_Bool, with)
#define ROW(A, unused)                                                                            \
	a = ctype_basic(#A);                                                                      \
	assert_string_equal(a->name, #A);                                                         \
	assert_int_equal(a->size, sizeof(A));                                                     \
	assert_int_equal(a->is_signed, IS_SIGNED(A));                                            \
	got = ctype_promote(a, 0);                                                                \
	assert_int_equal(got->size, sizeof(+(A)1));                                               \
	assert_int_equal(got->is_signed, IS_SIGNED(typeof(+(A)1)));                                \
	TYPES2(PAIR, A)
	TYPES(ROW, )
}

static void promotions_of_bitfields(void **state)
{
	struct demo d;
	struct ctype_member m;
	const struct ctype *got;

	(void)state;
#define PROMOTED(name)                                                                            \
	m = member("demo", #name);                                                                \
	got = ctype_promote(m.type, m.bits);                                                      \
	assert_int_equal(got->size, sizeof(+d.name));                                             \
	assert_int_equal(got->is_signed, IS_SIGNED(typeof(+d.name)));
	PROMOTED(minus)
	PROMOTED(plus)
	PROMOTED(all)
	PROMOTED(half)
	PROMOTED(upper)
	PROMOTED(yes)
	PROMOTED(full)
	m = member("demo", "wide"); /* compilers disagree on this one */
	assert_int_equal(ctype_promote(m.type, m.bits)->size, 8);
	assert_null(ctype_promote(member("demo", "text").type, 0));
	assert_null(ctype_promote(member("demo", "real").type, 0));
	assert_null(ctype_promote(ctype_basic("__int128"), 0));
	assert_null(ctype_arithmetic(ctype_basic("int"), tag(CTYPE_STRUCT, "demo")));
}

static void basic_names(void **state)
{
	static const struct {
		const char *words, *name;
	} rows[] = {
		{ "unsigned", "unsigned int" },
		{ "signed", "int" },
		{ "long unsigned int", "unsigned long" },
		{ "int long", "long" },
		{ "long signed long int", "long long" },
		{ "int unsigned short", "unsigned short" },
		{ "char signed", "signed char" },
		{ "double long", "long double" },
		{ "__int128 unsigned", "unsigned __int128" },
		{ "long long unsigned int", "unsigned long long" },
	};
	static const char *const bad[] = {
		"", "long long long", "unsigned signed", "short long", "char int", "void int",
		"unsigned float", "signed unsigned int", "long char", "int int", "foo", "lon",
		"unsigned _Bool", "long  int", " int", "longint", "double double", "short short",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(ctype_basic(rows[i].words)->name, rows[i].name);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(ctype_basic(bad[i]));
	for (unsigned int size = 1; size <= 8; size *= 2) {
		assert_int_equal(ctype_integer(size, true)->size, size);
		assert_true(ctype_integer(size, true)->is_signed);
		assert_int_equal(ctype_integer(size, false)->size, size);
		assert_false(ctype_integer(size, false)->is_signed);
	}
}

static void functions(void **state)
{
	struct ctype_function f;
	struct ctype_param p;

	(void)state;
	assert_int_equal(ctypes_function(&types, "work", &f), 0);
	assert_string_equal(f.name, "work");
	assert_int_not_equal(f.id, 0);
	assert_string_equal(text_of(f.type, f.name),
			    "int work(struct demo *d, flags_t flags, char *why)");
	assert_true(ctype_function_param(&f, 1, &p));
	assert_string_equal(p.name, "flags");
	assert_string_equal(p.type->alias, "flags_t");
	assert_false(ctype_function_param(&f, 3, &p));
	assert_false(ctype_is_variadic(f.type));
	assert_int_equal(ctypes_function(&types, "nothing", &f), 0);
	assert_string_equal(text_of(f.type, f.name), "void nothing(void)");
	assert_true(ctype_is_variadic(member("demo", "say").type->target));
	assert_true(ctype_param(member("demo", "say").type->target, 0, &p));
	assert_false(ctype_param(member("demo", "say").type->target, 1, &p));
	assert_int_equal(ctypes_function(&types, "wor", &f), -ENOENT);
	assert_int_equal(ctypes_function(&types, "demo", &f), -ENOENT);
	assert_int_equal(ctypes_tracepoint(&types, "demo", &f), -ENOENT);
	assert_false(ctype_param(ctype_basic("int"), 0, &p));
	assert_false(ctype_is_variadic(ctype_basic("int")));
}

static void constants(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
		bool is_signed;
	} rows[] = {
		{ "RED", RED, false }, { "GREEN", GREEN, false }, { "BLUE", BLUE, false },
		{ "LOW", LOW, true }, { "HIGH", HIGH, true }, { "MIDDLE", MIDDLE, true },
		{ "LOW_BIT", LOW_BIT, false }, { "TOP_BIT", TOP_BIT, false },
	};
	struct ctype_constant c;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ctypes_constant(&types, rows[i].name, &c), 0);
		assert_string_equal(c.name, rows[i].name);
		assert_int_equal(c.value, rows[i].value);
		assert_int_equal(c.type->is_signed, rows[i].is_signed);
		assert_false(c.is_ambiguous || c.is_cut);
	}
	assert_int_equal(ctypes_constant(&types, "RE", &c), -ENOENT);
	assert_int_equal(ctypes_constant(&types, "RED", &c), 0);
	assert_string_equal(text_of(c.type, NULL), "enum color");
	assert_string_equal(ctype_constant_type(&c)->name, "int");
	assert_int_equal(ctypes_constant(&types, "TOP_BIT", &c), 0);
	assert_string_equal(ctype_constant_type(&c)->name, "unsigned int");
	assert_int_equal(ctypes_constant(&types, "LOW", &c), 0);
	assert_string_equal(ctype_constant_type(&c)->name, "int");
	for (unsigned int i = 0; i < 3; i++) {
		assert_true(ctype_enumerator(tag(CTYPE_ENUM, "color"), i, &c));
		assert_string_equal(c.name, rows[i].name);
	}
	assert_false(ctype_enumerator(tag(CTYPE_ENUM, "color"), 3, &c));
	assert_false(ctype_enumerator(ctype_basic("int"), 0, &c));
	assert_int_equal(ctype_promote(tag(CTYPE_ENUM, "level"), 0)->is_signed, true);
	assert_int_equal(ctype_promote(tag(CTYPE_ENUM, "color"), 0)->is_signed, false);
}

static void names(void **state)
{
	const struct ctype *flags = ctypes_named(&types, "flags_t");
	uint64_t size;

	(void)state;
	assert_int_equal(flags->kind, CTYPE_INT);
	assert_string_equal(flags->alias, "flags_t");
	assert_string_equal(flags->name, "unsigned int");
	assert_ptr_equal(flags, ctypes_named(&types, "flags_t"));
	assert_int_equal(ctypes_named(&types, "count_t")->kind, CTYPE_STRUCT);
	assert_null(ctypes_named(&types, "demo")); /* C keeps tags apart */
	assert_null(ctypes_named(&types, ""));
	assert_null(ctypes_tag(&types, CTYPE_STRUCT, "flags_t"));
	assert_null(ctypes_tag(&types, CTYPE_UNION, "demo"));
	assert_null(ctypes_tag(&types, CTYPE_STRUCT, "dem"));
	assert_true(tag(CTYPE_STRUCT, "nowhere")->is_incomplete);
	assert_false(ctype_size(tag(CTYPE_STRUCT, "nowhere"), &size));
	assert_false(ctype_size(&ctype_void, &size));
	assert_false(ctype_size(ctypes_named(&types, "handler_t"), &size));
	assert_true(ctype_size(tag(CTYPE_UNION, "word"), &size));
	assert_int_equal(size, sizeof(union word));
	for (int i = 0; i < 3 * SCANS; i++) /* by looking, and by hash */
		assert_ptr_equal(ctypes_named(&types, "u32"), ctypes_named(&types, "u32"));
}

static void comparisons(void **state)
{
	const struct ctype *i = ctype_basic("int"), *demo = tag(CTYPE_STRUCT, "demo");
	const struct ctype *p = ctypes_pointer(&types, demo);
	const struct ctype *v = ctypes_pointer(&types, &ctype_void);
	const struct ctype *text = member("demo", "text").type, *name = member("demo", "name").type;

	(void)state;
	assert_int_equal(ctype_compare(p, member("demo", "next").type), CTYPE_COMPARE_POINTERS);
	assert_int_equal(ctype_compare(p, v), CTYPE_COMPARE_POINTERS);
	assert_int_equal(ctype_compare(v, text), CTYPE_COMPARE_POINTERS);
	assert_int_equal(ctype_compare(text, name), CTYPE_COMPARE_POINTERS);
	assert_int_equal(ctype_compare(p, text), CTYPE_COMPARE_DISTINCT);
	assert_int_equal(ctype_compare(p, i), CTYPE_COMPARE_POINTER_INTEGER);
	assert_int_equal(ctype_compare(i, name), CTYPE_COMPARE_POINTER_INTEGER);
	assert_int_equal(ctype_compare(demo, demo), CTYPE_COMPARE_NOT);
	assert_int_equal(ctype_compare(p, demo), CTYPE_COMPARE_NOT);
	assert_int_equal(ctype_compare(i, &ctype_void), CTYPE_COMPARE_NOT);
	assert_int_equal(ctype_compare(i, tag(CTYPE_ENUM, "color")), CTYPE_COMPARE_INTEGERS);
	assert_true(ctype_same(ctypes_named(&types, "u32"), ctype_basic("unsigned")));
	assert_false(ctype_same(ctype_basic("char"), ctype_basic("signed char")));
	assert_true(ctype_same(ctypes_array(&types, i, 3), ctypes_array(&types, i, 3)));
	assert_false(ctype_same(ctypes_array(&types, i, 3), ctypes_array(&types, i, 4)));
	assert_int_equal(ctypes_array(&types, demo, 3)->size, 3 * sizeof(struct demo));
	assert_null(ctypes_array(&types, &ctype_void, 3));
	assert_string_equal(text_of(ctypes_decay(&types, name), NULL), "char *");
	assert_string_equal(text_of(ctypes_decay(&types, ctypes_named(&types, "handler_t")), NULL),
			    "handler_t *");
	assert_ptr_equal(ctypes_decay(&types, p), p);
	assert_true(ctype_is_scalar(p) && ctype_is_scalar(i) && !ctype_is_scalar(name));
}

static const char *asked(struct near *near)
{
	static struct strbuf b;

	strbuf_clear(&b);
	near_ask(near, "", &b);
	near_free(near);
	return strbuf_cstr(&b);
}

static void did_you_mean(void **state)
{
	struct near near = { .wanted = "nmae" };

	(void)state;
	ctype_member_near(tag(CTYPE_STRUCT, "demo"), &near);
	assert_string_equal(asked(&near), "; did you mean name?");
	near.wanted = "deepst";
	ctype_member_near(tag(CTYPE_STRUCT, "demo"), &near);
	assert_string_equal(asked(&near), "; did you mean deepest?");
	near.wanted = "innr";
	ctypes_near(&types, CTYPE_STRUCT, &near);
	assert_string_equal(asked(&near), "; did you mean inner?");
	near.wanted = "innr";
	ctypes_near(&types, CTYPE_UNION, &near);
	assert_string_equal(asked(&near), "");
	near.wanted = "flag_t";
	ctypes_near(&types, CTYPE_INT, &near);
	assert_string_equal(asked(&near), "; did you mean flags_t?");
	near.wanted = "wrok";
	ctypes_near(&types, CTYPE_FUNCTION, &near);
	assert_string_equal(asked(&near), "; did you mean work?");
	near.wanted = "GREN";
	ctypes_near_constant(&types, &near);
	assert_string_equal(asked(&near), "; did you mean GREEN?");
	near.wanted = "colr";
	ctypes_near(&types, CTYPE_ENUM, &near);
	assert_string_equal(asked(&near), "; did you mean color?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(bitfields),
		cmocka_unit_test(in_order),
		cmocka_unit_test(printing),
		cmocka_unit_test(conversions),
		cmocka_unit_test(promotions_of_bitfields),
		cmocka_unit_test(basic_names),
		cmocka_unit_test(functions),
		cmocka_unit_test(constants),
		cmocka_unit_test(names),
		cmocka_unit_test(comparisons),
		cmocka_unit_test(did_you_mean),
	};

	return cmocka_run_group_tests(tests, compile, forget);
}
