// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <string.h>

#include "compile.h"

#include "expr/format.h"
#include "mistake.h"
#include "strbuf.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

BOTH(
	enum color { RED, GREEN = 5, BLUE };
	enum flags { FLAG_A = 1, FLAG_B = 2, FLAG_C = 0x40 };
	typedef unsigned long size_t_here;
	struct inner { int n; };
	struct demo { int a; struct inner inner; char name[8]; } demo;
	enum color color;
	enum flags flags;
	size_t_here size_here;
)

static struct arena arena;
static struct strbuf out;

/* --- what a probe may bring ------------------------------------------------------------------- */

struct sample {
	struct value value;
	struct value_read read;
};

#define SAMPLES_MAX 64

static struct sample samples[SAMPLES_MAX];
static size_t samples_count;

static struct sample *sample_add(const char *name, enum value_kind kind, const struct ctype *type)
{
	struct sample *s = &samples[samples_count++];

	assert_true(samples_count <= SAMPLES_MAX);
	s->value = (struct value){ .kind = kind, .type = type, .name = name };
	return s;
}

static struct sample *integer(const char *name, const char *type, uint64_t value)
{
	struct sample *s = sample_add(name, VALUE_INTEGER, ctypes_named(&types, type));

	assert_non_null(s->value.type);
	s->read.integer = value;
	return s;
}

static struct sample *bytes(const char *name, enum value_kind kind, const struct ctype *type,
			    const void *data, size_t size)
{
	struct sample *s = sample_add(name, kind, type);

	s->value.size = size;
	s->read.bytes = data;
	s->read.size = size;
	return s;
}

static void text_samples(void)
{
	const struct ctype *chars = ctypes_pointer(&types, ctype_basic("char"));
	const struct ctype *array = ctypes_array(&types, ctype_basic("char"), 8);
	struct sample *s;

	bytes("name", VALUE_STRING, chars, "passwd", 6);
	bytes("evil", VALUE_STRING, chars, "a\n\x1b[31m\"\\", 9);
	bytes("raw", VALUE_STRING, chars, "a\xff", 2);
	bytes("umlaut", VALUE_STRING, chars, "gr\xc3\xbc\xc3\x9f""e", 7);
	bytes("empty", VALUE_STRING, chars, NULL, 0);
	bytes("long", VALUE_STRING, chars, "abcdefg", 7)->read.cut = true;
	bytes("own", VALUE_LITERAL, NULL, "x\ty\x1b", 4);
	bytes("array", VALUE_BYTES, array, "comm\0\0\0x", 8);
	bytes("full", VALUE_BYTES, array, "comm1234", 8);
	bytes("mac", VALUE_BYTES, ctypes_array(&types, ctype_basic("unsigned char"), 6),
	      "\x02\x00lo\x00\xff", 6);
	s = bytes("badtext", VALUE_STRING, chars, NULL, 0);
	s->read.fault = true;
}

static void other_samples(void)
{
	static const struct demo demo_bytes = { 1, { 2 }, "n" };
	static const int numbers[3] = { 1, 2, 0 };
	static const float half = 0.5f;
	static const double third = 1.0 / 3;
	static const long double wide = 2;
	uint32_t local;
	struct sample *s;

	sample_add("color", VALUE_INTEGER, tag(CTYPE_ENUM, "color"))->read.integer = 6;
	sample_add("nocolor", VALUE_INTEGER, tag(CTYPE_ENUM, "color"))->read.integer = 9;
	sample_add("flags", VALUE_INTEGER, tag(CTYPE_ENUM, "flags"))->read.integer = 0x43;
	sample_add("file", VALUE_INTEGER,
		   ctypes_pointer(&types, tag(CTYPE_STRUCT, "demo")))->read.integer =
		0xffff9d8a41b2c300;
	sample_add("null", VALUE_INTEGER, ctypes_pointer(&types, &ctype_void));
	bytes("demo", VALUE_BYTES, tag(CTYPE_STRUCT, "demo"), &demo_bytes, sizeof(demo_bytes));
	bytes("numbers", VALUE_BYTES, ctypes_array(&types, ctype_basic("int"), 3), numbers, 12);
	bytes("half", VALUE_BYTES, ctype_basic("float"), &half, sizeof(half));
	bytes("third", VALUE_BYTES, ctype_basic("double"), &third, sizeof(third));
	bytes("wide", VALUE_BYTES, ctype_basic("long double"), &wide, sizeof(wide));
	memcpy(&local, "\x7f\0\0\1", 4);
	integer("addr", "unsigned int", local);
	integer("ip", "unsigned int", local)->value.show = SHOW_IP;
	s = bytes("ip4", VALUE_BYTES, ctypes_array(&types, ctype_basic("unsigned char"), 4),
		  "\x0a\x01\x02\xff", 4);
	s->value.show = SHOW_IP;
	s = bytes("ip6", VALUE_BYTES, ctypes_array(&types, ctype_basic("unsigned char"), 16),
		  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	s->value.show = SHOW_IP;
	s = bytes("in6", VALUE_BYTES, ctypes_array(&types, ctype_basic("unsigned char"), 16),
		  "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1", 16);
	integer("less", "int", 1)->value.show = SHOW_BOOL;
	integer("bad", "int", 0)->read.fault = true;
	integer("badenum", "int", 0)->read.fault = true;
	samples[samples_count - 1].value.type = tag(CTYPE_ENUM, "color");
}

static int prepare(void **state)
{
	compile(state);
	integer("zero", "int", 0);
	integer("retval", "int", -1);
	integer("count", "unsigned long", 4096);
	integer("ssize", "long", -22);
	integer("most", "unsigned long", UINT64_MAX);
	integer("large", "unsigned long", 0x1234567890);
	integer("here", "size_t_here", 3);
	integer("us", "unsigned short", 65535);
	integer("yes", "_Bool", 1);
	integer("letter", "char", 'q');
	integer("control", "char", '\n');
	integer("high", "unsigned char", 0xe9);
	text_samples();
	other_samples();
	return 0;
}

static int clean(void **state)
{
	strbuf_free(&out);
	return forget(state);
}

static const struct sample *sample(const char *name, size_t size)
{
	for (size_t i = 0; i < samples_count; i++) {
		if (strlen(samples[i].value.name) == size &&
		    !memcmp(samples[i].value.name, name, size))
			return &samples[i];
	}
	fail_msg("no sample %.*s", (int)size, name);
	return NULL;
}

/* --- one whole text: "%s %d" name, count ------------------------------------------------------ */

struct work {
	const char *text;
	struct format format;
	struct mistake mistake;
	struct value values[VALUES_MAX];
	struct value_read reads[VALUES_MAX];
	size_t count;
};

/* The strings, then names of samples separated by ", ". */
static int work_parse(struct work *w, const char *text)
{
	const char *start = strchr(text, '"'), *end = strrchr(text, '"') + 1, *at;

	*w = (struct work){ .text = text };
	memset(&w->format, 0xff, sizeof(w->format));
	for (at = end + strspn(end, ", )"); *at; at += strspn(at, ", ")) {
		size_t size = strcspn(at, ",");
		const struct sample *s = sample(at, size);

		w->values[w->count] = s->value;
		w->values[w->count].at = at - text;
		w->values[w->count].end = at + size - text;
		w->reads[w->count++] = s->read;
		at += size;
	}
	return format_parse(&arena, &w->mistake, text, start - text, end - text, &w->format);
}

static void kernel_symbol(void *arg, uint64_t address, struct strbuf *to)
{
	strbuf_printf(to, "%s+0x%llx", (const char *)arg, (unsigned long long)address);
}

static void user_symbol(void *arg, uint64_t address, struct strbuf *to)
{
	(void)arg;
	if (address == 4096)
		strbuf_str(to, "main+0x1 [\\x1b]");
}

static const struct format_context context = {
	.kernel_symbol = kernel_symbol, .user_symbol = user_symbol, .arg = "vfs_read",
};

static const char *printed(const char *text)
{
	struct work w;

	if (work_parse(&w, text) || format_check(&w.format, w.values, w.count, &w.mistake))
		fail_msg("%s: %s", text, w.mistake.why);
	strbuf_clear(&out);
	format_print(&w.format, w.values, w.reads, &context, &out);
	arena_free(&arena);
	return strbuf_cstr(&out);
}

struct row {
	const char *text, *expected;
};

static void check_printed(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(printed(rows[i].text), rows[i].expected);
}

/* --- printing --------------------------------------------------------------------------------- */

static void literals(void **state)
{
	static const struct row rows[] = {
		{ "\"\"", "" },
		{ "\"plain\"", "plain" },
		{ "\"a\\tb\\n\\\\ \\\"q\\\" \\x41\\102\\e\"", "a\tb\n\\ \"q\" AB\x1b" },
		{ "\"100%%\"", "100%" },
		{ "\"%%d %%\"", "%d %" },
		{ "\"%d%%\", count", "4096%" },
		{ "\"a\" \"b\"  \"c\"", "abc" },
		{ "(\"a\" (\"%d\")), count", "a4096" },
		{ "\"%\" \"d\", count", "4096" },
		{ "\"\\x25\\x64\", count", "4096" },
		{ "\"a%db%sc%%d\", count, name", "a4096bpasswdc%d" },
		{ "\"\xc3\xa4 \xff\"", "\xc3\xa4 \xff" }, /* the user's own */
	};

	(void)state;
	check_printed(rows, COUNT(rows));
	printed("\"a\\0b\"");
	assert_int_equal(out.size, 3);
	assert_memory_equal(out.data, "a\0b", 3);
}

static void numbers(void **state)
{
	static const struct row rows[] = {
		{ "\"%d %i %u\", retval, retval, retval", "-1 -1 4294967295" },
		{ "\"%ld %lu\", retval, retval", "-1 18446744073709551615" },
		{ "\"%x %lx %#x %X\", retval, retval, us, us",
		  "ffffffff ffffffffffffffff 0xffff FFFF" },
		{ "\"%d %ld %lu\", most, most, most", "-1 -1 18446744073709551615" },
		{ "\"%d %ld %hd %hhd\", large, large, large, large",
		  "878082192 78187493520 30864 -112" },
		{ "\"%lld %llu %zd %zu %jd %td %Ld %qd\", ssize, count, ssize, here, ssize, ssize, "
		  "ssize, ssize", "-22 4096 -22 3 -22 -22 -22 -22" },
		{ "\"%hx %hhx\", large, large", "7890 90" },
		{ "\"%o %#o\", count, count", "10000 010000" },
		{ "\"[%6d|%-6d|%06d|%+d|% d]\", count, count, count, count, count",
		  "[  4096|4096  |004096|+4096| 4096]" },
		{ "\"[%.6d|%8.6d|%-8.6d|%.d]\", count, count, count, zero",
		  "[004096|  004096|004096  |]" },
		{ "\"%d %u %d %d %d\", yes, letter, color, less, flags", "1 113 6 1 67" },
		{ "\"%p %p %p\", file, null, count", "0xffff9d8a41b2c300 0x0 0x1000" },
		{ "\"[%20p|%-20p]\", file, null", "[  0xffff9d8a41b2c300|0x0                 ]" },
		{ "\"%x %lx %d %u\", file, file, file, file", "ffff9d8a41b2c300 ffff9d8a41b2c300 "
		  "-108257843428608 18446635815866123008" },
		{ "\"%hx\", file", "c300" },
		{ "\"%c%c%c%c\", letter, control, high, zero", "q\\n\\xe9\\x00" },
		{ "\"[%3c|%-3c]\", letter, letter", "[  q|q  ]" },
	};

	(void)state;
	check_printed(rows, COUNT(rows));
}

/* Flags, widths, precisions and lengths mean what they mean to the C library. */
static void as_in_c(void **state)
{
	static const char *const flags[] = { "", "-", "+", " ", "#", "0", "-#", "+0", "#0", "- " };
	static const char *const widths[] = { "", "3", "12", ".0", ".5", "9.4", "12.10" };
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "j", "z", "t" };
	static const char conversions[] = "diuxXo";
	static const char *const names[] = { "zero", "retval", "count", "ssize", "most", "large",
					     "us" };
	const size_t all = COUNT(flags) * COUNT(widths) * COUNT(lengths) * 6 * COUNT(names);

	(void)state;
	for (size_t i = 0; i < all; i++) {
		const char *name = names[i % COUNT(names)];
		size_t k = i / COUNT(names), length = k / 6 % COUNT(lengths);
		const char *width = widths[k / 6 / COUNT(lengths) % COUNT(widths)];
		const char *flag = flags[k / 6 / COUNT(lengths) / COUNT(widths)];
		uint64_t value = sample(name, strlen(name))->read.integer;
		char spec[32], text[64], expected[128];

		snprintf(spec, sizeof(spec), "%%%s%s%s%c", flag, width, lengths[length],
			 conversions[k % 6]);
		snprintf(text, sizeof(text), "\"%s\", %s", spec, name);
		if (length < 3)
			snprintf(expected, sizeof(expected), spec, (int)value);
		else
			snprintf(expected, sizeof(expected), spec, value);
		assert_string_equal(printed(text), expected);
	}
}

static void texts(void **state)
{
	static const struct row rows[] = {
		{ "\"%s\", name", "passwd" },
		{ "\"[%s]\", empty", "[]" },
		{ "\"[%10s|%-10s|%.3s|%5.2s|%.0s]\", name, name, name, name, name",
		  "[    passwd|passwd    |pas|   pa|]" },
		{ "\"%s\", evil", "a\\n\\e[31m\"\\\\" },
		{ "\"%.2s\", evil", "a\\n" },
		{ "\"%s\", raw", "a\\xff" },
		{ "\"[%6s|%-6s]\", umlaut, umlaut",
		  "[ gr\xc3\xbc\xc3\x9f""e|gr\xc3\xbc\xc3\x9f""e ]" },
		{ "\"%s\", long", "abcdefg" }, /* no mark, as in BCC */
		{ "\"%s\", own", "x\ty\x1b" }, /* the user's */
		{ "\"%.1s\", own", "x" },
		{ "\"%s %s %s\", array, full, mac", "comm comm1234 \\x02" },
		{ "\"%s %s %s\", color, nocolor, flags", "BLUE 9 FLAG_A|FLAG_B|FLAG_C" },
		{ "\"[%6s|%-6s|%.2s]\", color, color, color", "[  BLUE|BLUE  |BL]" },
		{ "\"%s %s\", yes, less", "true true" },
		{ "\"%s %s %s\", ip, ip4, ip6", "127.0.0.1 10.1.2.255 2001:db8::1" },
		{ "\"[%15s]\", ip", "[      127.0.0.1]" },
		{ "\"%ls\", name", "passwd" },
		{ "\"%pI4 %pI4 %pI6 %pI6c %pI6\", addr, ip4, ip6, ip6, in6",
		  "127.0.0.1 10.1.2.255 2001:db8::1 2001:db8::1 ::ffff:10.0.0.1" },
		{ "\"%pI4c\", addr", "127.0.0.1c" },
		{ "\"%pI\", count", "0x1000I" },
	};

	(void)state;
	check_printed(rows, COUNT(rows));
}

static void hex(void **state)
{
	static const struct row rows[] = {
		{ "\"%x\", mac", "02 00 6c 6f 00 ff" },
		{ "\"%X\", mac", "02 00 6C 6F 00 FF" },
		{ "\"%x %x\", name, own", "70 61 73 73 77 64 78 09 79 1b" },
		{ "\"%.2x\", mac", "02 00" },
		{ "\"[%8.2x|%-8.2x]\", mac, mac", "[   02 00|02 00   ]" },
		{ "\"[%x]\", empty", "[]" },
	};

	(void)state;
	check_printed(rows, COUNT(rows));
}

static void symbols(void **state)
{
	static const struct row rows[] = {
		{ "\"%K %U\", here, count", "vfs_read+0x3 main+0x1 [\\x1b]" },
		{ "\"[%20K]\", here", "[        vfs_read+0x3]" },
		{ "\"%U %K\", here, null", "0x3 vfs_read+0x0" },
	};
	struct work w;

	(void)state;
	check_printed(rows, COUNT(rows));
	assert_int_equal(work_parse(&w, "\"%K %U\", here, count"), 0);
	strbuf_clear(&out);
	format_print(&w.format, w.values, w.reads, NULL, &out);
	assert_string_equal(strbuf_cstr(&out), "0x3 0x1000");
	arena_free(&arena);
}

static void floats(void **state)
{
	static const struct row rows[] = {
		{ "\"%f %g %e\", half, third, half", "0.500000 0.333333 5.000000e-01" },
		{ "\"%.2f %.0f %F\", here, ssize, most", "3.00 -22 18446744073709551616.000000" },
		{ "\"[%8.3f|%-8.1f|%+.1f|%08.2f]\", third, half, half, half",
		  "[   0.333|0.5     |+0.5|00000.50]" },
		{ "\"%a %A %E %G\", half, half, half, half", "0x1p-1 0X1P-1 5.000000E-01 0.5" },
		{ "\"%lf %Lf\", third, third", "0.333333 0.333333" },
	};

	(void)state;
	check_printed(rows, COUNT(rows));
}

static void any(void **state)
{
	static const struct row rows[] = {
		{ "\"%S\", demo", "{.a=1, .inner={.n=2}, .name=\"n\"}" },
		{ "\"%.1S\", demo", "{.a=1, .inner={...}, .name=\"n\"}" },
		{ "\"%.0S\", demo", "{...}" },
		{ "\"%S %S %S\", numbers, mac, array", "[1, 2] [2, 0, 108, 111, 0, 255] \"comm\"" },
		{ "\"%S %S %S\", color, nocolor, flags", "BLUE(6) 9 FLAG_A|FLAG_B|FLAG_C(67)" },
		{ "\"%S %S %S\", name, evil, empty", "\"passwd\" \"a\\n\\e[31m\\\"\\\\\" \"\"" },
		{ "\"%S\", long", "\"abcdefg\"..." },
		{ "\"%S\", own", "\"x\\ty\\e\"" },
		{ "\"%S %S %S %S\", retval, count, file, null", "-1 4096 0xffff9d8a41b2c300 0x0" },
		{ "\"%S %S %S %S\", yes, less, letter, control", "true true 'q' 10" },
		{ "\"%S %S %S %S\", half, third, wide, ip6",
		  "0.5 0.3333333333333333 2 2001:db8::1" },
		{ "\"[%10S|%-10S]\", color, color", "[   BLUE(6)|BLUE(6)   ]" },
	};

	(void)state;
	check_printed(rows, COUNT(rows));
}

static void faults(void **state)
{
	static const struct row rows[] = {
		{ "\"%d %s\", bad, badtext", "<fault> <fault>" },
		{ "\"[%10d|%-10s]\", bad, badtext", "[   <fault>|<fault>   ]" },
		{ "\"%x %c %p %S %K %U %.2f %S\", bad, bad, bad, bad, bad, bad, bad, badtext",
		  "<fault> <fault> <fault> <fault> <fault> <fault> <fault> <fault>" },
		{ "\"%.3s %s\", badtext, badenum", "<fault> <fault>" },
	};

	(void)state;
	check_printed(rows, COUNT(rows));
}

/* --- without a format ------------------------------------------------------------------------- */

static const char *default_of(const char *names)
{
	struct format format;
	char text[256];
	struct work w;

	snprintf(text, sizeof(text), "\"\", %s", names);
	assert_int_equal(work_parse(&w, text), 0);
	format_default(&arena, w.values, w.count, &format);
	assert_int_equal(format_check(&format, w.values, w.count, &w.mistake), 0);
	strbuf_clear(&out);
	format_print(&format, w.values, w.reads, &context, &out);
	arena_free(&arena);
	return strbuf_cstr(&out);
}

static void no_format(void **state)
{
	(void)state;
	assert_string_equal(default_of(""), "");
	assert_string_equal(default_of("file, count, retval"),
			    "file=0xffff9d8a41b2c300 count=4096 retval=-1");
	assert_string_equal(default_of("name, long, array, color, flags"),
			    "name=\"passwd\" long=\"abcdefg\"... array=\"comm\" color=BLUE(6) "
			    "flags=FLAG_A|FLAG_B|FLAG_C(67)");
	assert_string_equal(default_of("demo, numbers, ip, yes, half, bad"),
			    "demo={.a=1, .inner={...}, .name=\"n\"} numbers=[1, 2] ip=127.0.0.1 "
			    "yes=true half=0.5 bad=<fault>");
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void json(void **state)
{
	static const struct {
		const char *name;
		char conversion;
		const char *json;
		const char *hex; /* of text that is no UTF-8 */
	} rows[] = {
		{ "retval", 0, "-1" },
		{ "retval", 'x', "-1" },
		{ "most", 'd', "18446744073709551615" },
		{ "file", 'p', "\"0xffff9d8a41b2c300\"" },
		{ "color", 's', "\"BLUE\"" },
		{ "nocolor", 0, "9" },
		{ "flags", 'd', "\"FLAG_A|FLAG_B|FLAG_C\"" },
		{ "yes", 'd', "true" },
		{ "less", 'd', "true" },
		{ "letter", 'c', "113" },
		{ "name", 's', "\"passwd\"" },
		{ "empty", 's', "\"\"" },
		{ "evil", 's', "\"a\\n\\u001b[31m\\\"\\\\\"" },
		{ "raw", 's', "\"a\xef\xbf\xbd\"", "61ff" },
		{ "own", 's', "\"x\\ty\\u001b\"" },
		{ "array", 's', "\"comm\"" },
		{ "array", 'S', "\"comm\"" },
		{ "mac", 'x', "[2,0,108,111,0,255]" },
		{ "mac", 's', "\"\\u0002\"" },
		{ "demo", 'S', "{\"a\":1,\"inner\":{\"n\":2},\"name\":\"n\"}" },
		{ "numbers", 0, "[1,2,0]" },
		{ "half", 'f', "0.5" },
		{ "ip", 's', "\"127.0.0.1\"" },
		{ "ip6", 0, "\"2001:db8::1\"" },
		{ "addr", '4', "\"127.0.0.1\"" },
		{ "in6", '6', "\"::ffff:10.0.0.1\"" },
		{ "here", 'K', "\"vfs_read+0x3\"" },
		{ "count", 'U', "\"main+0x1 [\\\\x1b]\"" },
		{ "here", 'U', "\"0x3\"" },
		{ "bad", 'd', "null" },
		{ "badtext", 's', "null" },
		{ "bad", 'K', "null" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sample *s = sample(rows[i].name, strlen(rows[i].name));

		strbuf_clear(&out);
		assert_int_equal(value_json(&s->value, &s->read, rows[i].conversion, &context,
					    &out), !rows[i].hex);
		assert_string_equal(strbuf_cstr(&out), rows[i].json);
		strbuf_clear(&out);
		if (rows[i].hex) {
			value_hex(&s->value, &s->read, &out);
			assert_string_equal(strbuf_cstr(&out), rows[i].hex);
		}
	}
}

/* --- what the compiler asks ------------------------------------------------------------------- */

static void conversions(void **state)
{
	static const char text[] = "p \"a%%%s\\t%-5d %pI4%pI6c\" \"%i%S\"";
	static const struct {
		char letter;
		const char *written;
	} rows[] = {
		{ 's', "%s" }, { 'd', "%-5d" }, { '4', "%pI4" }, { '6', "%pI6c" }, { 'd', "%i" },
		{ 'S', "%S" },
	};
	struct work w;

	(void)state;
	assert_int_equal(format_parse(&arena, &w.mistake, text, 2, sizeof(text) - 1, &w.format), 0);
	assert_int_equal(w.format.conversions, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct format_piece *p = &w.format.pieces[i];
		size_t size = strlen(rows[i].written);

		assert_int_equal(format_conversion(&w.format, i), rows[i].letter);
		assert_string_equal(p->written, rows[i].written);
		assert_int_equal(p->end - p->at, size);
		assert_memory_equal(text + p->at, rows[i].written, size);
	}
	assert_int_equal(format_conversion(&w.format, COUNT(rows)), 0);
	arena_free(&arena);
}

/* --- mistakes --------------------------------------------------------------------------------- */

/* The caret: where ^ stands in `where`. */
struct wrong {
	const char *text, *where, *why;
};

static void check_wrong(const struct wrong *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct work w;

		if (!work_parse(&w, rows[i].text) &&
		    !format_check(&w.format, w.values, w.count, &w.mistake))
			fail_msg("%s is taken", rows[i].text);
		assert_string_equal(w.mistake.why, rows[i].why);
		if (w.mistake.at != strlen(rows[i].where) - 1)
			fail_msg("%s: the caret is at %zu", rows[i].text, w.mistake.at);
		arena_free(&arena);
	}
}

static void bad_formats(void **state)
{
	static const struct wrong rows[] = {
		{ "\"%\"", " ^", "a conversion is not finished; for a percent sign write %%" },
		{ "\"a %-5.3\"", "   ^",
		  "a conversion is not finished; for a percent sign write %%" },
		{ "\"%l\"", " ^", "a conversion is not finished; for a percent sign write %%" },
		{ "\"\\t%\" \"\"", "   ^",
		  "a conversion is not finished; for a percent sign write %%" },
		{ "\"%n\"", " ^", "%n is no conversion here: nothing can be written to" },
		{ "\"\\n\\x41 %y\"", "        ^",
		  "there is no conversion 'y'; there are d u x o c s p S "
		  "K U f e g a, pI4 pI6 and %%" },
		{ "\"%*d\"", "  ^", "the width cannot be a value here: write it as a number" },
		{ "\"%.*s\"", "   ^",
		  "the precision cannot be a value here: write it as a number" },
		{ "\"%4096d\"", "     ^", "a width of more than 4095" },
		{ "\"%.99999999999d\"", "      ^", "a precision of more than 4095" },
		{ "\"%d\\q\"", "   ^", "an unknown escape; for a backslash write two" },
		{ "\"%d\" \"\\q\"", "      ^", "an unknown escape; for a backslash write two" },
	};

	(void)state;
	check_wrong(rows, COUNT(rows));
	assert_string_equal(printed("\"%4095d\", here") + 4094, "3");
}

static void bad_counts(void **state)
{
	static const struct wrong rows[] = {
		{ "\"%d %d\", here, count, name", "                      ^",
		  "3 values for 2 conversions" },
		{ "\"%d\", here, count", "            ^", "2 values for 1 conversion" },
		{ "\"none\", here", "        ^", "1 value for 0 conversions" },
		{ "\"%d %s\", here", "    ^",
		  "1 value for 2 conversions; for a percent sign write %%" },
		{ "\"100% done\"", "    ^",
		  "0 values for 1 conversion; for a percent sign write %%" },
		{ "\"\\x41\\t%d\" \"\\101%s\", here", "                ^",
		  "1 value for 2 conversions; for a percent sign write %%" },
	};

	(void)state;
	check_wrong(rows, COUNT(rows));
}

static void bad_values(void **state)
{
	static const struct wrong rows[] = {
		{ "\"%s\", count", " ^", "%s prints text, but count is unsigned long: use %lu" },
		{ "\"%s\", ssize", " ^", "%s prints text, but ssize is long: use %ld" },
		{ "\"%-5s\", retval", " ^", "%-5s prints text, but retval is int: use %d" },
		{ "\"%s\", us", " ^", "%s prints text, but us is unsigned short: use %u" },
		{ "\"%s\", here", " ^", "%s prints text, but here is size_t_here: use %lu" },
		{ "\"%s\", file", " ^", "%s prints text, but file is struct demo *: use %p" },
		{ "\"%s\", demo", " ^", "%s prints text, but demo is struct demo: use %S or %x" },
		{ "\"%s\", numbers", " ^", "%s prints text, but numbers is int [3]: use %S or %x" },
		{ "\"%s\", half", " ^", "%s prints text, but half is float: use %f" },
		{ "\"%d\", name", " ^", "%d prints a number, but name is char *: use %s" },
		{ "\"%d\", own", " ^", "%d prints a number, but own is a string: use %s" },
		{ "\"%u\", array", " ^",
		  "%u prints a number, but array is char [8]: use %s or %x" },
		{ "\"%d\", demo", " ^",
		  "%d prints a number, but demo is struct demo: use %S or %x" },
		{ "\"%d\", half", " ^", "%d prints a number, but half is float: use %f" },
		{ "\"%d\", ip", " ^", "%d prints a number, but ip is an IP address: use %s" },
		{ "\"%x\", ip6", " ^",
		  "%x prints numbers and bytes, but ip6 is an IP address: use %s" },
		{ "\"%c\", name", " ^", "%c prints a character, but name is char *: use %s" },
		{ "\"%c\", file", " ^",
		  "%c prints a character, but file is struct demo *: use %p" },
		{ "\"%p\", name", " ^", "%p prints an address, but name is char *: use %s" },
		{ "\"%K\", demo", " ^",
		  "%K prints the symbol of an address, but demo is struct demo: use %S or %x" },
		{ "\"%f\", name", " ^", "%f prints a number, but name is char *: use %s" },
		{ "\"%f\", file", " ^", "%f prints a number, but file is struct demo *: use %p" },
		{ "\"%g\", wide", " ^",
		  "%g prints a number, but wide is long double: use %S or %x" },
		{ "\"%pI4\", file", " ^", "%pI4 prints the 4 bytes of an IP address, but file is "
		  "struct demo *: it takes the bytes themselves, not a pointer to them" },
		{ "\"%pI4\", count", " ^", "%pI4 prints the 4 bytes of an IP address, but count is "
		  "unsigned long: use %lu" },
		{ "\"%pI6\", addr", " ^", "%pI6 prints the 16 bytes of an IP address, but addr is "
		  "unsigned int: use %u" },
		{ "\"%pI6\", ip4", " ^",
		  "%pI6 prints the 16 bytes of an IP address, but ip4 is an IP "
		  "address: use %s" },
		{ "\"%d \\t%s\", here, count", "      ^",
		  "%s prints text, but count is unsigned long: use %lu" },
	};

	(void)state;
	check_wrong(rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),    cmocka_unit_test(numbers),
		cmocka_unit_test(as_in_c),     cmocka_unit_test(texts),
		cmocka_unit_test(hex),	       cmocka_unit_test(symbols),
		cmocka_unit_test(floats),      cmocka_unit_test(any),
		cmocka_unit_test(faults),      cmocka_unit_test(no_format),
		cmocka_unit_test(json),	       cmocka_unit_test(conversions),
		cmocka_unit_test(bad_formats), cmocka_unit_test(bad_counts),
		cmocka_unit_test(bad_values),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
