// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <wchar.h>
#include "escape.h"

static const char hex_digits[] = "0123456789abcdef";

/* Who must look at a byte: all others are copied as they are. */
enum { TEXT = 1, QUOTE = 2, JSON = 4, ALL = TEXT | QUOTE | JSON };

static const unsigned char special[256] = {
	[0 ... 0x1f] = ALL,
	['"'] = QUOTE | JSON,
	['\\'] = ALL,
	[0x7f ... 0xff] = ALL,
};

/* The size of the character of UTF-8 (RFC 3629) that s begins with, and its number; 0 if
 * there is none: overlong forms, surrogates and what lies above U+10FFFF included. */
static size_t utf8_decode(const unsigned char *s, size_t size, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = s[0] & (0x7f >> n);

	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > size)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return n;
}

static bool is_c1(uint32_t code)
{
	return code >= 0x80 && code < 0xa0;
}

/* What changes the order or the lines that a reader sees. */
static bool reorders(uint32_t code)
{
	return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
	       code == 0x200e || code == 0x200f || code == 0x061c;
}

/* How many bytes from s on can be shown as they are. */
static size_t plain_size(const unsigned char *s, size_t size, unsigned int who)
{
	size_t i = 0, n;
	uint32_t code;

	for (;;) {
		while (i < size && !(special[s[i]] & who))
			i++;
		if (i == size || s[i] < 0x80)
			return i;
		n = utf8_decode(s + i, size - i, &code);
		if (!n || is_c1(code) || reorders(code))
			return i;
		i += n;
	}
}

static void hex_byte(struct strbuf *out, unsigned char c)
{
	char pair[2] = { hex_digits[c >> 4], hex_digits[c & 15] };

	strbuf_add(out, pair, 2);
}

static void hex_code(struct strbuf *out, uint32_t code)
{
	hex_byte(out, code >> 8);
	hex_byte(out, code);
}

/* The letter that stands for a byte after a backslash, or 0. */
static char text_letter(unsigned char c)
{
	switch (c) {
	case '\n':
		return 'n';
	case '\t':
		return 't';
	case '\r':
		return 'r';
	case 0x1b:
		return 'e';
	case '\\':
	case '"':
		return c;
	default:
		return 0;
	}
}

static char json_letter(unsigned char c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case 0x1b:
		return 0;
	default:
		return text_letter(c);
	}
}

/* One byte or character that is not plain; returns its size. */
static size_t text_special(struct strbuf *out, const unsigned char *s, size_t size)
{
	char letter = text_letter(s[0]);
	uint32_t code;

	if (s[0] >= 0x80 && utf8_decode(s, size, &code) && reorders(code)) {
		strbuf_str(out, "\\u{");
		hex_code(out, code);
		strbuf_char(out, '}');
		return code < 0x800 ? 2 : 3;
	}
	strbuf_char(out, '\\');
	if (letter) {
		strbuf_char(out, letter);
		return 1;
	}
	strbuf_char(out, 'x');
	hex_byte(out, s[0]);
	/* The second byte of a C1 control is no character by itself: it comes next. */
	return 1;
}

void escape_text(struct strbuf *out, const char *bytes, size_t size, bool quote)
{
	const unsigned char *s = (const unsigned char *)bytes;
	size_t n;

	while (size) {
		n = plain_size(s, size, quote ? TEXT | QUOTE : TEXT);
		strbuf_add(out, s, n);
		if (n < size)
			n += text_special(out, s + n, size - n);
		s += n;
		size -= n;
	}
}

/* Returns the size, or 0 for a byte that is no valid UTF-8. */
static size_t json_special(struct strbuf *out, const unsigned char *s, size_t size)
{
	char letter = json_letter(s[0]);
	uint32_t code;
	size_t n;

	if (letter) {
		strbuf_char(out, '\\');
		strbuf_char(out, letter);
		return 1;
	}
	n = utf8_decode(s, size, &code);
	if (n) {
		strbuf_str(out, "\\u");
		hex_code(out, code);
	} else {
		strbuf_str(out, "\xef\xbf\xbd"); /* U+FFFD */
	}
	return n;
}

bool escape_json(struct strbuf *out, const char *bytes, size_t size)
{
	const unsigned char *s = (const unsigned char *)bytes;
	bool valid = true;
	size_t n, done;

	strbuf_char(out, '"');
	while (size) {
		n = plain_size(s, size, JSON);
		strbuf_add(out, s, n);
		if (n < size) {
			done = json_special(out, s + n, size - n);
			valid = valid && done;
			n += done ? done : 1;
		}
		s += n;
		size -= n;
	}
	strbuf_char(out, '"');
	return valid;
}

void escape_hex(struct strbuf *out, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hex_byte(out, bytes[i]);
}

/* How many bytes of ASCII s begins with; eight at a time. */
static size_t ascii_size(const char *s, size_t size)
{
	size_t i = 0;
	uint64_t eight;

	for (; i + sizeof(eight) <= size; i += sizeof(eight)) {
		memcpy(&eight, s + i, sizeof(eight));
		if (eight & 0x8080808080808080)
			break;
	}
	while (i < size && !(s[i] & 0x80))
		i++;
	return i;
}

size_t escape_width(const char *text, size_t size)
{
	size_t i = ascii_size(text, size), width = i, n;
	uint32_t code;
	int columns;

	while (i < size) {
		n = utf8_decode((const unsigned char *)text + i, size - i, &code);
		columns = n ? wcwidth(code) : 1;
		width += columns < 0 ? 1 : columns;
		i += n ? n : 1;
	}
	return width;
}
