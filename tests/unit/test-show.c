// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Bytes that this compiler laid out, shown with the types that clang says they have. */
#include <bpf/btf.h>
#include <math.h>
#include <string.h>

#include "compile.h"

#include "expr/show.h"
#include "strbuf.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

BOTH(
	enum color { RED, GREEN = 5, BLUE };
	enum level { LOW = -2, MIDDLE, HIGH = 7 };
	enum flags { FLAG_A = 1, FLAG_B = 2, FLAG_AGAIN = 2, FLAG_C = 0x40, FLAG_ALL = 0x43 };
	enum counted { ONE = 1, TWO, THREE, FOUR };
	enum large { LARGE = 0x80000000u };
	enum parts { PART = 1, MORE = 6 };
	enum gaps { NOTHING, FIRST = 1, THIRD = 4 };

	struct inner { char c; long l; };
	struct demo {
		int number;
		unsigned int positive;
		const void *pointer;
		char name[8];
		unsigned char mac[6];
		int grid[2][3];
		_Bool yes;
		char letter;
		double real;
		float narrow;
		enum color color;
		enum level level;
		enum flags flags;
		struct inner inner;
		struct inner *next;
		struct nowhere *nowhere;
		int (*call)(int);
	} demo;

	struct bits {
		int minus : 3;
		unsigned int plus : 5;
		unsigned int : 4;
		long wide : 40;
		_Bool yes : 1;
		enum color shade : 4;
		unsigned long full : 64;
	} bits;

	struct packed {
		unsigned char before : 5;
		unsigned long over : 63;
		unsigned char behind : 4;
	} __attribute__((packed)) packed;

	union word { unsigned int all; unsigned short half; };
	struct nameless {
		int first;
		union {
			struct { short left; short right; };
			unsigned int both;
		};
		struct { struct { int deep; }; };
		union word word;
		int last;
	} nameless;

	struct three { int n; };
	struct two { struct three three; int n; };
	struct one { struct two two; int list[2]; } one;

	struct arrays {
		int many[20];
		char words[3][4];
		struct inner list[2];
		int none[];
	} arrays;

	struct hollow {} hollow;
	struct text { int n; char bytes[4]; } text;
	struct long_name { char a[3]; int b; struct inner c; } long_name;

	enum color color;
	enum level level;
	enum flags flags;
	enum counted counted;
	enum large large;
	enum parts parts;
	enum gaps gaps;
)

static struct strbuf out;

static const char *text_of(const struct ctype *type, const void *bytes, size_t size,
			   unsigned int depth)
{
	void *copy = malloc(size); /* of just this size: the sanitizer sees a byte too far */

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	strbuf_clear(&out);
	show_text(type, copy, size, depth, &out);
	free(copy);
	return strbuf_cstr(&out);
}

static const char *json_of(const struct ctype *type, const void *bytes, size_t size,
			   unsigned int depth)
{
	void *copy = malloc(size);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	strbuf_clear(&out);
	show_json(type, copy, size, depth, &out);
	free(copy);
	return strbuf_cstr(&out);
}

#define TEXT(value, expected) \
	assert_string_equal(text_of(tag(CTYPE_STRUCT, #value), &value, sizeof(value), 3), expected)
#define JSON(value, expected) \
	assert_string_equal(json_of(tag(CTYPE_STRUCT, #value), &value, sizeof(value), 3), expected)

/* --- structs ---------------------------------------------------------------------------------- */

static void members(void **state)
{
	(void)state;
	demo = (struct demo){};
	TEXT(demo, "{}");
	demo = (struct demo){
		.number = -5, .positive = 4000000000, .pointer = (void *)0xffff888012345678,
		.name = "a\"b\n", .mac = { 2, 0, 255 }, .grid = { { 1, 2, 3 }, { 0, -1, 0 } },
		.yes = true, .letter = 'x', .real = 0.1, .narrow = 1.5f, .color = BLUE,
		.level = LOW, .flags = FLAG_A | FLAG_C, .inner = { .l = -7 },
		.next = (void *)0x1000, .nowhere = (void *)1, .call = (void *)0x10,
	};
	TEXT(demo, "{.number=-5, .positive=4000000000, .pointer=0xffff888012345678, "
	     ".name=\"a\\\"b\\n\", .mac=[2, 0, 255], .grid=[[1, 2, 3], [0, -1]], .yes=true, "
	     ".letter='x', .real=0.1, .narrow=1.5, .color=BLUE, .level=LOW, .flags=FLAG_A|FLAG_C, "
	     ".inner={.l=-7}, .next=0x1000, .nowhere=0x1, .call=0x10}");
	JSON(demo, "{\"number\":-5,\"positive\":4000000000,\"pointer\":\"0xffff888012345678\","
	     "\"name\":\"a\\\"b\\n\",\"mac\":[2,0,255,0,0,0],\"grid\":[[1,2,3],[0,-1,0]],"
	     "\"yes\":true,\"letter\":120,\"real\":0.1,\"narrow\":1.5,\"color\":\"BLUE\","
	     "\"level\":\"LOW\",\"flags\":\"FLAG_A|FLAG_C\",\"inner\":{\"c\":0,\"l\":-7},"
	     "\"next\":\"0x1000\",\"nowhere\":\"0x1\",\"call\":\"0x10\"}");
}

static void bitfields(void **state)
{
	(void)state;
	bits = (struct bits){
		.minus = -3, .plus = 17, .wide = -0x7fffffffffl, .yes = 1, .shade = GREEN,
		.full = ~0ul,
	};
	TEXT(bits, "{.minus=-3, .plus=17, .wide=-549755813887, .yes=true, .shade=GREEN, "
	     ".full=18446744073709551615}");
	bits = (struct bits){ .minus = 3, .wide = 0x7fffffffff };
	TEXT(bits, "{.minus=3, .wide=549755813887}");
	JSON(bits, "{\"minus\":3,\"plus\":0,\"wide\":549755813887,\"yes\":false,\"shade\":\"RED\","
	     "\"full\":0}");
	packed = (struct packed){ .before = 31, .over = 0x7123456789abcdef, .behind = 9 };
	TEXT(packed, "{.before=31, .over=8152436061464415727, .behind=9}");
	packed = (struct packed){ .over = 1ul << 62 };
	TEXT(packed, "{.over=4611686018427387904}");
}

static void anonymous(void **state)
{
	(void)state;
	nameless = (struct nameless){ .deep = 3, .last = 4 };
	TEXT(nameless, "{.deep=3, .last=4}");
	nameless = (struct nameless){ .first = 1, .both = 0x20002, .deep = 3, .word.all = 0x50005 };
	TEXT(nameless, "{.first=1, .left=2, .right=2, .both=131074, .deep=3, "
	     ".word={.all=327685, .half=5}}");
	JSON(nameless, "{\"first\":1,\"left\":2,\"right\":2,\"both\":131074,\"deep\":3,"
	     "\"word\":{\"all\":327685,\"half\":5},\"last\":0}");
	assert_string_equal(text_of(tag(CTYPE_UNION, "word"), "\0\0\0", 4, 1), "{}");
}

static void depth(void **state)
{
	static const struct {
		unsigned int depth;
		const char *text, *json;
	} rows[] = {
		{ 0, "{...}", "null" },
		{ 1, "{.two={...}, .list=[...]}", "{\"two\":null,\"list\":null}" },
		{ 2, "{.two={.three={...}, .n=2}, .list=[3]}",
		  "{\"two\":{\"three\":null,\"n\":2},\"list\":[3,0]}" },
		{ 3, "{.two={.three={.n=1}, .n=2}, .list=[3]}",
		  "{\"two\":{\"three\":{\"n\":1},\"n\":2},\"list\":[3,0]}" },
		{ 4000, "{.two={.three={.n=1}, .n=2}, .list=[3]}",
		  "{\"two\":{\"three\":{\"n\":1},\"n\":2},\"list\":[3,0]}" },
	};

	(void)state;
	one = (struct one){ .two = { .three = { 1 }, .n = 2 }, .list = { 3 } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(text_of(tag(CTYPE_STRUCT, "one"), &one, sizeof(one),
					    rows[i].depth), rows[i].text);
		assert_string_equal(json_of(tag(CTYPE_STRUCT, "one"), &one, sizeof(one),
					    rows[i].depth), rows[i].json);
	}
}

static void elements(void **state)
{
	(void)state;
	arrays = (struct arrays){};
	arrays.many[0] = 1;
	arrays.many[15] = 16;
	memcpy(arrays.words[0], "abcd", 4); /* no NUL: the array is full */
	memcpy(arrays.words[1], "ef", 2);
	arrays.list[0].l = 5;
	TEXT(arrays, "{.many=[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16], "
	     ".words=[\"abcd\", \"ef\"], .list=[{.l=5}]}");
	arrays.many[16] = 17;
	TEXT(arrays, "{.many=[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, ...], "
	     ".words=[\"abcd\", \"ef\"], .list=[{.l=5}]}");
	JSON(arrays, "{\"many\":[1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,16,17,0,0,0],"
	     "\"words\":[\"abcd\",\"ef\",\"\"],\"list\":[{\"c\":0,\"l\":5},{\"c\":0,\"l\":0}],"
	     "\"none\":[]}");
	assert_string_equal(text_of(tag(CTYPE_STRUCT, "hollow"), "", 0, 3), "{}");
	assert_string_equal(json_of(tag(CTYPE_STRUCT, "hollow"), "", 0, 3), "{}");
}

static void invalid_text(void **state)
{
	struct ctype_member m;

	(void)state;
	text = (struct text){ 1, { 'a', '\xff', '\x1b' } };
	TEXT(text, "{.n=1, .bytes=\"a\\xff\\e\"}");
	JSON(text, "{\"n\":1,\"bytes\":\"a\xef\xbf\xbd\\u001b\",\"bytes_hex\":\"61ff1b\"}");
	assert_true(ctype_member_find(tag(CTYPE_STRUCT, "text"), "bytes", &m));
	assert_false(show_json(m.type, "a\xff\0\0", 4, 3, &out));
	assert_true(show_json(m.type, "a\0\xff\0", 4, 3, &out));
}

/* --- less bytes than the type has ------------------------------------------------------------- */

static void cut(void **state)
{
	static const struct {
		size_t size;
		const char *text, *json;
	} rows[] = {
		{ 0, "{...}", "{}" },
		{ 2, "{.a=\"ab\"..., ...}", "{\"a\":\"ab\"}" },
		{ 3, "{.a=\"abc\", ...}", "{\"a\":\"abc\"}" },
		{ 4, "{.a=\"abc\", ...}", "{\"a\":\"abc\"}" },
		{ 6, "{.a=\"abc\", .b=..., ...}", "{\"a\":\"abc\",\"b\":null}" },
		{ 8, "{.a=\"abc\", .b=7, ...}", "{\"a\":\"abc\",\"b\":7}" },
		{ 9, "{.a=\"abc\", .b=7, .c={.c='x', ...}}",
		  "{\"a\":\"abc\",\"b\":7,\"c\":{\"c\":120}}" },
		{ 24, "{.a=\"abc\", .b=7, .c={.c='x', .l=9}}",
		  "{\"a\":\"abc\",\"b\":7,\"c\":{\"c\":120,\"l\":9}}" },
	};

	(void)state;
	long_name = (struct long_name){ { 'a', 'b', 'c' }, 7, { 'x', 9 } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(text_of(tag(CTYPE_STRUCT, "long_name"), &long_name,
					    rows[i].size, 3), rows[i].text);
		assert_string_equal(json_of(tag(CTYPE_STRUCT, "long_name"), &long_name,
					    rows[i].size, 3), rows[i].json);
	}
	/* No read goes behind the end, wherever that is: the sanitizer looks at each size. */
	for (size_t size = 0; size < sizeof(demo); size++)
		text_of(tag(CTYPE_STRUCT, "demo"), &demo, size, 3);
	for (size_t size = 0; size < sizeof(arrays); size++)
		json_of(tag(CTYPE_STRUCT, "arrays"), &arrays, size, 3);
	memset(&packed, 0xff, sizeof(packed));
	for (size_t size = 0; size < sizeof(packed); size++)
		text_of(tag(CTYPE_STRUCT, "packed"), &packed, size, 3);
	assert_string_equal(text_of(tag(CTYPE_STRUCT, "packed"), &packed, 4, 3),
			    "{.before=31, ...}");
	assert_string_equal(text_of(ctype_basic("int"), "abc", 3, 3), "...");
	assert_string_equal(json_of(ctype_basic("int"), "abc", 3, 3), "null");
	assert_string_equal(text_of(ctypes_array(&types, ctype_basic("short"), 3), "\1\1\2\2\3", 5,
				    3), "[257, 514, ...]");
	assert_string_equal(text_of(ctypes_array(&types, ctype_basic("short"), 3), "", 0, 3),
			    "[...]");
}

/* --- what is no struct ------------------------------------------------------------------------ */

static void integers(void **state)
{
	static const struct {
		const char *type;
		uint64_t value;
		const char *text, *json;
	} rows[] = {
		{ "int", 0, "0", "0" },
		{ "int", -1, "-1", "-1" },
		{ "long", INT64_MIN, "-9223372036854775808", "-9223372036854775808" },
		{ "unsigned long", UINT64_MAX, "18446744073709551615", "18446744073709551615" },
		{ "unsigned long", 9007199254740993, "9007199254740993", "9007199254740993" },
		{ "char", 'a', "'a'", "97" },
		{ "char", '\'', "'\\''", "39" },
		{ "char", '\\', "'\\\\'", "92" },
		{ "char", '~', "'~'", "126" },
		{ "char", 127, "127", "127" },
		{ "char", '\n', "10", "10" },
		{ "char", 0, "0", "0" },
		{ "unsigned char", 'a', "97", "97" },
		{ "signed char", -4, "-4", "-4" },
		{ "_Bool", 0, "false", "false" },
		{ "_Bool", 1, "true", "true" },
		{ "_Bool", 2, "2", "2" },
	};
	const struct ctype *pointer = ctypes_pointer(&types, &ctype_void);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		strbuf_clear(&out);
		show_integer(ctype_basic(rows[i].type), rows[i].value, &out);
		assert_string_equal(strbuf_cstr(&out), rows[i].text);
		strbuf_clear(&out);
		show_integer_json(ctype_basic(rows[i].type), rows[i].value, &out);
		assert_string_equal(strbuf_cstr(&out), rows[i].json);
	}
	assert_string_equal(text_of(pointer, &(uint64_t){ 0 }, 8, 3), "0x0");
	assert_string_equal(text_of(pointer, &(uint64_t){ UINT64_MAX }, 8, 3),
			    "0xffffffffffffffff");
	assert_string_equal(json_of(pointer, &(uint64_t){ 16 }, 8, 3), "\"0x10\"");
}

static void enums(void **state)
{
	static const struct {
		const char *name;
		uint64_t value;
		const char *text; /* NULL: none */
	} rows[] = {
		{ "color", 0, "RED" },
		{ "color", 5, "GREEN" },
		{ "color", 6, "BLUE" },
		{ "color", 7, NULL },
		{ "color", 1, NULL },
		{ "level", (uint64_t)-1, "MIDDLE" },
		{ "level", 0xffffffff, NULL },
		{ "flags", 0, NULL },
		{ "flags", 1, "FLAG_A" },
		{ "flags", 2, "FLAG_B" },
		{ "flags", 3, "FLAG_A|FLAG_B" },
		{ "flags", 0x42, "FLAG_B|FLAG_C" },
		{ "flags", 0x43, "FLAG_ALL" },
		{ "flags", 0x45, "FLAG_A|FLAG_C|0x4" },
		{ "flags", 0x4, NULL },
		{ "counted", 4, "FOUR" },
		{ "counted", 6, NULL }, /* not TWO|FOUR */
		{ "large", 0x80000000, "LARGE" },
		{ "large", 0x80000001, "LARGE|0x1" },
		{ "parts", 6, "MORE" },
		{ "parts", 7, NULL }, /* MORE has bits without names */
		{ "gaps", 0, "NOTHING" },
		{ "gaps", 5, "FIRST|THIRD" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ctype *type = tag(CTYPE_ENUM, rows[i].name);

		strbuf_clear(&out);
		assert_int_equal(show_enum(type, rows[i].value, &out), !!rows[i].text);
		assert_string_equal(strbuf_cstr(&out), rows[i].text ? rows[i].text : "");
	}
	assert_string_equal(text_of(tag(CTYPE_ENUM, "level"), &(int){ -5 }, 4, 3), "-5");
	assert_string_equal(text_of(tag(CTYPE_ENUM, "flags"), &(int){ 4 }, 4, 3), "4");
	assert_string_equal(json_of(tag(CTYPE_ENUM, "flags"), &(int){ 3 }, 4, 3),
			    "\"FLAG_A|FLAG_B\"");
	assert_string_equal(json_of(tag(CTYPE_ENUM, "level"), &(int){ -5 }, 4, 3), "-5");
}

static void floats(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{ 0, "0" }, { -0.0, "-0" }, { 0.1, "0.1" }, { -2.5, "-2.5" }, { 1e300, "1e+300" },
		{ 1.0 / 3, "0.3333333333333333" }, { 123456789, "123456789" },
		{ 0.1 + 0.2, "0.30000000000000004" }, { INFINITY, "inf" }, { -INFINITY, "-inf" },
		{ NAN, "nan" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char quoted[32];

		snprintf(quoted, sizeof(quoted), isfinite(rows[i].value) ? "%s" : "\"%s\"",
			 rows[i].text);
		assert_string_equal(text_of(ctype_basic("double"), &rows[i].value, 8, 3),
				    rows[i].text);
		assert_string_equal(json_of(ctype_basic("double"), &rows[i].value, 8, 3), quoted);
	}
	assert_string_equal(text_of(ctype_basic("float"), &(float){ 0.1f }, 4, 3), "0.1");
	assert_string_equal(text_of(ctype_basic("float"), &(float){ 16777215 }, 4, 3), "16777215");
	assert_string_equal(text_of(ctype_basic("long double"), &(long double){ 0.5L },
				    sizeof(long double), 3), "0.5");
}

static void wide(void **state)
{
	unsigned __int128 value = (unsigned __int128)0x12 << 64 | 0x34;

	(void)state;
	assert_string_equal(text_of(ctype_basic("__int128"), &value, 16, 3),
			    "0x120000000000000034");
	assert_string_equal(json_of(ctype_basic("unsigned __int128"), &value, 16, 3),
			    "\"0x120000000000000034\"");
	value = 0x34;
	assert_string_equal(text_of(ctype_basic("__int128"), &value, 16, 3), "0x34");
}

static void others(void **state)
{
	struct ctype_member m;

	(void)state;
	assert_string_equal(text_of(&ctype_void, "", 0, 3), "?");
	assert_string_equal(json_of(&ctype_void, "", 0, 3), "null");
	assert_true(ctype_member_find(tag(CTYPE_STRUCT, "demo"), "nowhere", &m));
	assert_string_equal(text_of(m.type->target, "abcd", 4, 3), "?");
	assert_string_equal(text_of(ctypes_array(&types, ctype_basic("char"), 6), "ab\0cd", 6, 0),
			    "\"ab\"");
	assert_string_equal(text_of(ctypes_array(&types, ctype_basic("char"), 0), "", 0, 1),
			    "\"\"");
}

/* Whatever a damaged file says of a struct, no byte is read that is not there, and it ends. */
static void damaged(void **state)
{
	static const char *const names[] = { "demo", "bits", "nameless", "one", "arrays" };
	uint32_t *words = malloc(compiled_size), seed = 1;
	size_t shown = 0;
	char zeros[100] = {};

	(void)state;
	assert_non_null(words);
	memset(&demo, 0x41, sizeof(demo));
	for (int round = 0; round < 2000; round++) {
		struct ctypes damaged = {};

		memcpy(words, compiled, compiled_size);
		for (int i = 0; i < 1 + round % 8; i++) {
			seed = seed * 1664525 + 1013904223;
			/* Behind the header: numbers of types, kinds, offsets, names. */
			words[6 + (seed >> 8) % (compiled_size / 4 - 6)] =
				seed % 3 ? seed >> 26 : seed;
		}
		ctypes_add(&damaged, words, compiled_size, NULL);
		for (size_t i = 0; i < COUNT(names); i++) {
			const struct ctype *type = ctypes_tag(&damaged, CTYPE_STRUCT, names[i]);

			if (!type)
				continue;
			shown++;
			assert_int_not_equal(*text_of(type, &demo, sizeof(demo), 4000), 0);
			assert_int_not_equal(*json_of(type, zeros, sizeof(zeros), 4000), 0);
		}
		ctypes_free(&damaged);
	}
	assert_true(shown > 2000);
	free(words);
}

static size_t count_of(char c)
{
	size_t n = 0;

	for (size_t i = 0; i < out.size; i++)
		n += out.data[i] == c;
	return n;
}

/* Structs that have themselves as members, which no compiler makes, by name and without. */
static void endless(void **state)
{
	struct btf *btf = btf__new_empty();
	struct ctypes loops = {};
	const struct ctype *type;
	int number, tree, nameless;
	const void *raw;
	uint32_t size;

	(void)state;
	assert_non_null(btf);
	number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	tree = btf__add_struct(btf, "tree", 4);
	assert_int_equal(btf__add_field(btf, "n", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "left", tree, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "right", tree, 0, 0), 0);
	nameless = btf__add_struct(btf, "nameless", 4);
	assert_int_equal(btf__add_field(btf, "n", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "", nameless, 0, 0), 0);
	raw = btf__raw_data(btf, &size);
	assert_non_null(ctypes_add(&loops, raw, size, NULL));

	type = ctypes_tag(&loops, CTYPE_STRUCT, "tree");
	assert_string_equal(text_of(type, "\1\0\0", 4, 2),
			    "{.n=1, .left={.n=1, .left={...}, .right={...}}, "
			    ".right={.n=1, .left={...}, .right={...}}}");
	text_of(type, "\1\0\0", 4, 4000);
	assert_in_range(count_of('='), SHOW_MAX / 4, 2 * SHOW_MAX);
	assert_int_equal(count_of('{'), count_of('}'));
	json_of(type, "\1\0\0", 4, 4000);
	assert_in_range(count_of(':'), SHOW_MAX / 4, 2 * SHOW_MAX);
	assert_int_equal(count_of('{'), count_of('}'));
	type = ctypes_tag(&loops, CTYPE_STRUCT, "nameless");
	text_of(type, "\1\0\0", 4, 1);
	assert_int_equal(count_of('='), 64);
	ctypes_free(&loops);
	btf__free(btf);
}

static int show_forget(void **state)
{
	strbuf_free(&out);
	return forget(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(bitfields),
		cmocka_unit_test(anonymous),
		cmocka_unit_test(depth),
		cmocka_unit_test(elements),
		cmocka_unit_test(invalid_text),
		cmocka_unit_test(cut),
		cmocka_unit_test(integers),
		cmocka_unit_test(enums),
		cmocka_unit_test(floats),
		cmocka_unit_test(wide),
		cmocka_unit_test(others),
		cmocka_unit_test(damaged),
		cmocka_unit_test(endless),
	};

	return cmocka_run_group_tests(tests, compile, show_forget);
}
