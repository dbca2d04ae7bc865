// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "escape.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void check_text(const char *bytes, size_t size, bool quote, const char *want)
{
	struct strbuf b = { 0 };

	escape_text(&b, bytes, size, quote);
	assert_string_equal(strbuf_cstr(&b), want);
	strbuf_free(&b);
}

static void check_json(const char *bytes, size_t size, bool valid, const char *want)
{
	struct strbuf b = { 0 };

	assert_int_equal(escape_json(&b, bytes, size), valid);
	assert_string_equal(strbuf_cstr(&b), want);
	strbuf_free(&b);
}

/* Of a string constant, its NUL left out. */
#define TEXT(s, want)	  check_text(s, sizeof(s) - 1, false, want)
#define QUOTED(s, want)	  check_text(s, sizeof(s) - 1, true, want)
#define JSON(s, want)	  check_json(s, sizeof(s) - 1, true, want)
#define BAD_JSON(s, want) check_json(s, sizeof(s) - 1, false, want)

static void text_known(void **state)
{
	(void)state;
	TEXT("", "");
	TEXT("/etc/passwd", "/etc/passwd");
	TEXT("a\nb\tc\rd\033[31me\\f", "a\\nb\\tc\\rd\\e[31me\\\\f");
	TEXT("\0\a\b\x1f\x7f", "\\x00\\x07\\x08\\x1f\\x7f");
	TEXT("say \"it\"", "say \"it\"");
	QUOTED("say \"it\"\\", "say \\\"it\\\"\\\\");
	TEXT("Grüße 日本語 🐧", "Grüße 日本語 🐧");
	TEXT("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0",
	     "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\xc2\xa0");
	TEXT("x\xe2\x80\xaey", "x\\u{202e}y");
	TEXT("\xd8\x9c\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
	     "\\u{061c}\xe2\x80\x8d\\u{200e}\\u{200f}\xe2\x80\x90");
	TEXT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
	     "\xe2\x80\xa7\\u{2028}\\u{2029}\\u{202a}\\u{202e}\xe2\x80\xaf");
	TEXT("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
	     "\xe2\x81\xa5\\u{2066}\\u{2069}\xe2\x81\xaa");
	TEXT("x\xffy\xc3", "x\\xffy\\xc3");
}

static void json_known(void **state)
{
	(void)state;
	JSON("", "\"\"");
	JSON("/etc/passwd", "\"/etc/passwd\"");
	JSON("a\nb\tc\rd\be\f", "\"a\\nb\\tc\\rd\\be\\f\"");
	JSON("\"\\\033\0\x1f\x7f", "\"\\\"\\\\\\u001b\\u0000\\u001f\\u007f\"");
	JSON("ü日🐧", "\"ü日🐧\"");
	JSON("\xc2\x9b\xe2\x80\xae\xe2\x80\xa8", "\"\\u009b\\u202e\\u2028\"");
	BAD_JSON("x\xff\xfey", "\"x\xef\xbf\xbd\xef\xbf\xbdy\"");
	JSON("\xef\xbf\xbd", "\"\xef\xbf\xbd\"");
}

static void hex(void **state)
{
	struct strbuf b = { 0 };

	(void)state;
	escape_hex(&b, "", 0);
	assert_string_equal(strbuf_cstr(&b), "");
	escape_hex(&b, "\x00\x0f\xf0\xff/", 5);
	assert_string_equal(strbuf_cstr(&b), "000ff0ff2f");
	strbuf_free(&b);
}

/* Unicode's table 3-7, well-formed byte sequences, as it stands there. */
static const struct {
	unsigned char low[4], high[4];
	size_t size;
} well_formed[] = {
	{ { 0x00 }, { 0x7f }, 1 },
	{ { 0xc2, 0x80 }, { 0xdf, 0xbf }, 2 },
	{ { 0xe0, 0xa0, 0x80 }, { 0xe0, 0xbf, 0xbf }, 3 },
	{ { 0xe1, 0x80, 0x80 }, { 0xec, 0xbf, 0xbf }, 3 },
	{ { 0xed, 0x80, 0x80 }, { 0xed, 0x9f, 0xbf }, 3 },
	{ { 0xee, 0x80, 0x80 }, { 0xef, 0xbf, 0xbf }, 3 },
	{ { 0xf0, 0x90, 0x80, 0x80 }, { 0xf0, 0xbf, 0xbf, 0xbf }, 4 },
	{ { 0xf1, 0x80, 0x80, 0x80 }, { 0xf3, 0xbf, 0xbf, 0xbf }, 4 },
	{ { 0xf4, 0x80, 0x80, 0x80 }, { 0xf4, 0x8f, 0xbf, 0xbf }, 4 },
};

static size_t reference_size(const unsigned char *s, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(well_formed); i++) {
		size_t k = 0;

		while (k < well_formed[i].size && k < size &&
		       s[k] >= well_formed[i].low[k] && s[k] <= well_formed[i].high[k])
			k++;
		if (k == well_formed[i].size)
			return k;
	}
	return 0;
}

static bool reference_valid(const unsigned char *s, size_t size)
{
	for (size_t at = 0, n; at < size; at += n) {
		n = reference_size(s + at, size - at);
		if (!n)
			return false;
	}
	return true;
}

static void add_code(struct strbuf *out, unsigned long code)
{
	if (code < 0x80) {
		strbuf_char(out, code);
	} else if (code < 0x800) {
		strbuf_char(out, 0xc0 | code >> 6);
		strbuf_char(out, 0x80 | (code & 0x3f));
	} else {
		strbuf_char(out, 0xe0 | code >> 12);
		strbuf_char(out, 0x80 | (code >> 6 & 0x3f));
		strbuf_char(out, 0x80 | (code & 0x3f));
	}
}

static unsigned long hex_number(const char *digits, size_t n)
{
	char copy[8] = "";

	memcpy(copy, digits, n);
	return strtoul(copy, NULL, 16);
}

/* What a reader of escaped text does to get the bytes back. */
static void text_reverse(struct strbuf *out, const char *s)
{
	static const char letters[] = "n\nt\tr\re\033\\\\\"\"";

	while (*s) {
		const char *found = s[0] == '\\' ? strchr(letters, s[1]) : NULL;

		if (s[0] != '\\') {
			strbuf_char(out, *s++);
		} else if (s[1] == 'x') {
			strbuf_char(out, hex_number(s + 2, 2));
			s += 4;
		} else if (s[1] == 'u') {
			assert_true(s[2] == '{' && s[7] == '}');
			add_code(out, hex_number(s + 3, 4));
			s += 8;
		} else {
			assert_non_null(found);
			strbuf_char(out, found[1]);
			s += 2;
		}
	}
}

static void json_reverse(struct strbuf *out, const char *s)
{
	static const char letters[] = "n\nt\tr\rb\bf\f\\\\\"\"";

	assert_int_equal(*s++, '"');
	while (*s != '"') {
		const char *found = s[0] == '\\' ? strchr(letters, s[1]) : NULL;

		assert_true(*s);
		if (s[0] != '\\') {
			strbuf_char(out, *s++);
		} else if (s[1] == 'u') {
			add_code(out, hex_number(s + 2, 4));
			s += 6;
		} else {
			assert_non_null(found);
			strbuf_char(out, found[1]);
			s += 2;
		}
	}
	assert_string_equal(s, "\"");
}

/* Fit for a terminal: valid UTF-8 without a control byte. */
static void check_harmless(const struct strbuf *b)
{
	const unsigned char *s = (const unsigned char *)b->data;

	assert_true(reference_valid(s, b->size));
	for (size_t i = 0; i < b->size; i++) {
		assert_true(s[i] >= 0x20 && s[i] != 0x7f);
		assert_false(s[i] == 0xc2 && s[i + 1] < 0xa0);
	}
}

static void check_round_trip(const void *bytes, size_t size)
{
	struct strbuf shown = { 0 }, back = { 0 };
	bool valid = reference_valid(bytes, size);

	for (int quote = 0; quote < 2; quote++) {
		strbuf_clear(&shown);
		strbuf_clear(&back);
		escape_text(&shown, bytes, size, quote);
		check_harmless(&shown);
		text_reverse(&back, strbuf_cstr(&shown));
		assert_int_equal(back.size, size);
		assert_memory_equal(back.data, bytes, size);
	}
	strbuf_clear(&shown);
	strbuf_clear(&back);
	assert_int_equal(escape_json(&shown, bytes, size), valid);
	check_harmless(&shown);
	json_reverse(&back, strbuf_cstr(&shown));
	if (valid) {
		assert_int_equal(back.size, size);
		assert_memory_equal(back.data, bytes, size);
	}
	strbuf_free(&shown);
	strbuf_free(&back);
}

static void round_trip_pairs(void **state)
{
	unsigned char pair[2];

	(void)state;
	for (int a = 0; a < 256; a++) {
		pair[0] = a;
		check_round_trip(pair, 1);
		for (int b = 0; b < 256; b++) {
			pair[1] = b;
			check_round_trip(pair, 2);
		}
	}
}

/* Overlong forms, surrogates, numbers above U+10FFFF and cut sequences are among these. */
static void round_trip_sequences(void **state)
{
	static const unsigned char last[] = { 'a', 0x7f, 0x80, 0x8e, 0xa8, 0xbf, 0xc0 };
	unsigned char s[4];

	(void)state;
	for (int a = 0xdf; a < 0x100; a++)
		for (int b = 0x7f; b < 0xc1; b++)
			for (size_t c = 0; c < ARRAY_SIZE(last); c++)
				for (size_t d = 0; d < ARRAY_SIZE(last); d++) {
					s[0] = a;
					s[1] = b;
					s[2] = last[c];
					s[3] = last[d];
					check_round_trip(s, 4);
					check_round_trip(s, 3);
				}
}

/* The forms by name, with how many bytes are wrong in each. */
static void invalid_forms(void **state)
{
	(void)state;
	TEXT("\xc0\x80", "\\xc0\\x80");
	TEXT("\xc1\xbf", "\\xc1\\xbf");
	TEXT("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	TEXT("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf");
	TEXT("\xed\xa0\x80", "\\xed\\xa0\\x80");
	TEXT("\xed\xbf\xbf", "\\xed\\xbf\\xbf");
	TEXT("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	TEXT("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
	TEXT("\xfe\xff", "\\xfe\\xff");
	TEXT("\x80", "\\x80");
	TEXT("\xe2\x82", "\\xe2\\x82");
	TEXT("\xe2\x82z", "\\xe2\\x82z");
	TEXT("\xf0\x9f\x90", "\\xf0\\x9f\\x90");
	TEXT("\xe2\xe2\x82\xac", "\\xe2\xe2\x82\xac");
	BAD_JSON("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	BAD_JSON("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	JSON("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
	     "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"");
}

/* The bytes end where their size says: what follows in memory is not looked at. */
static void size_is_kept(void **state)
{
	(void)state;
	check_text("\xe2\x82\xac", 2, false, "\\xe2\\x82");
	check_text("\xc3\xa9", 1, false, "\\xc3");
	check_json("\xf0\x9f\x90\xa7", 3, false,
		   "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	check_text("abc", 2, false, "ab");
}

static void width(void **state)
{
	(void)state;
	assert_int_equal(escape_width("", 0), 0);
	assert_int_equal(escape_width("abcdefgh", 8), 8);
	assert_int_equal(escape_width("/a/long/ascii/path", 18), 18);
	/* \xff is no character, but takes a column however it is shown. */
	assert_int_equal(escape_width("a\xff", 2), 2);
	assert_int_equal(escape_width("abcdefgh\xc3\xa9z", 11), 10);
	assert_int_equal(escape_width("\xc3\xa9zabcdefghijklmnop", 19), 18);
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		print_message("wide characters: no locale C.UTF-8 here\n");
		skip();
	}
	assert_int_equal(escape_width("日本", 6), 4);
	assert_int_equal(escape_width("e\xcc\x81", 3), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_known),
		cmocka_unit_test(json_known),
		cmocka_unit_test(hex),
		cmocka_unit_test(invalid_forms),
		cmocka_unit_test(round_trip_pairs),
		cmocka_unit_test(round_trip_sequences),
		cmocka_unit_test(size_is_kept),
		cmocka_unit_test(width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
