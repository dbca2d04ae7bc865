// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads JSON, one object a line, and prints the values of the named keys, tab-separated, in
 * the plain form of expect.h. Strict: by RFC 8259, no key twice, strings valid UTF-8; anything
 * else ends it with status 1 and the line's number on stderr. Usage: jsonget KEY...
 *
 * A string or array whose KEY_hex stands beside it is shown by those bytes. A key that is not
 * there is "absent". With no KEY it only judges, and prints the number of lines.
 */
#define _GNU_SOURCE
#include "expect.h"

#define KEYS_MAX 128

struct text {
	char *data;
	size_t size, room;
};

/* One member: its value as it stands in the line, from..to. */
struct member {
	struct text key;
	const char *from, *to;
};

static const char *at, *end;
static struct member members[KEYS_MAX];
static int member_count;
static long line_number;
static const char *problem;

static bool wrong(const char *what)
{
	if (!problem)
		problem = what;
	return false;
}

static void put(struct text *t, unsigned int byte)
{
	if (!t)
		return;
	if (t->size == t->room) {
		t->room = t->room * 2 + 64;
		t->data = realloc(t->data, t->room);
		if (!t->data)
			fail("memory");
	}
	t->data[t->size++] = byte;
}

static void put_utf8(struct text *t, unsigned int c)
{
	if (c < 0x80) {
		put(t, c);
		return;
	}
	if (c < 0x800) {
		put(t, 0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			put(t, 0xe0 | c >> 12);
		} else {
			put(t, 0xf0 | c >> 18);
			put(t, 0x80 | (c >> 12 & 63));
		}
		put(t, 0x80 | (c >> 6 & 63));
	}
	put(t, 0x80 | (c & 63));
}

/* The bytes of one character outside ASCII; no overlong forms, no surrogates. */
static bool parse_utf8(struct text *out)
{
	unsigned char c = *at;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	unsigned int value = c & (0x3f >> more);

	if (c < 0xc2 || c > 0xf4 || end - at <= more)
		return wrong("bad UTF-8");
	for (int i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return wrong("bad UTF-8");
		value = value << 6 | (at[i] & 0x3f);
	}
	if ((more == 2 && value < 0x800) || (more == 3 && value < 0x10000) || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		return wrong("bad UTF-8");
	put_utf8(out, value);
	at += more + 1;
	return true;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p;

	p = c ? strchr(digits, c | 0x20) : NULL;
	return p ? p - digits : -1;
}

static bool parse_hex4(unsigned int *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, at++) {
		if (at == end || hex_digit(*at) < 0)
			return wrong("bad \\u");
		*value = *value << 4 | hex_digit(*at);
	}
	return true;
}

static bool parse_escape(struct text *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned int value, low;
	const char *p;

	if (++at == end)
		return wrong("string without end");
	if (*at == 'u') {
		at++;
		if (!parse_hex4(&value))
			return false;
		if (value >= 0xdc00 && value < 0xe000)
			return wrong("half a surrogate");
		if (value >= 0xd800 && value < 0xdc00) {
			if (end - at < 6 || *at++ != '\\' || *at++ != 'u' || !parse_hex4(&low) ||
			    low < 0xdc00 || low > 0xdfff)
				return wrong("half a surrogate");
			value = 0x10000 + ((value & 0x3ff) << 10 | (low & 0x3ff));
		}
		put_utf8(out, value);
		return true;
	}
	p = strchr(from, *at);
	if (!p || !*at)
		return wrong("bad escape");
	put(out, to[p - from]);
	at++;
	return true;
}

static bool parse_string(struct text *out)
{
	if (at == end || *at++ != '"')
		return wrong("no string");
	while (at < end && *at != '"') {
		unsigned char c = *at;

		if (c < 0x20)
			return wrong("raw control byte in a string");
		if (c == '\\') {
			if (!parse_escape(out))
				return false;
		} else if (c >= 0x80) {
			if (!parse_utf8(out))
				return false;
		} else {
			put(out, c);
			at++;
		}
	}
	if (at == end)
		return wrong("string without end");
	at++;
	return true;
}

static void skip_space(void)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
}

static bool parse_digits(void)
{
	const char *from = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at > from || wrong("bad number");
}

static bool parse_number(void)
{
	if (*at == '-')
		at++;
	if (at < end && *at == '0')
		at++;
	else if (!parse_digits())
		return false;
	if (at < end && *at == '.' && (at++, !parse_digits()))
		return false;
	if (at < end && (*at | 0x20) == 'e') {
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		return parse_digits();
	}
	return true;
}

static bool parse_word(const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(end - at) < n || memcmp(at, word, n))
		return wrong("no value");
	at += n;
	return true;
}

static bool parse_value(void);

static bool parse_array(void)
{
	at++;
	skip_space();
	if (at < end && *at == ']') {
		at++;
		return true;
	}
	for (;;) {
		if (!parse_value())
			return false;
		skip_space();
		if (at == end)
			return wrong("array without end");
		if (*at == ']') {
			at++;
			return true;
		}
		if (*at++ != ',')
			return wrong("no comma");
	}
}

static bool same_text(const struct text *t, const char *name, const char *tail)
{
	size_t n = strlen(name), m = strlen(tail);

	return t->size == n + m && !memcmp(t->data, name, n) && !memcmp(t->data + n, tail, m);
}

/* Members of the outermost object are kept. */
static bool parse_object(bool keep)
{
	at++;
	skip_space();
	if (at < end && *at == '}') {
		at++;
		return true;
	}
	for (;;) {
		struct member m = { 0 };

		skip_space();
		if (!parse_string(&m.key))
			return false;
		for (int i = 0; keep && i < member_count; i++)
			if (members[i].key.size == m.key.size &&
			    !memcmp(members[i].key.data, m.key.data, m.key.size))
				return wrong("a key twice");
		skip_space();
		if (at == end || *at++ != ':')
			return wrong("no colon");
		skip_space();
		m.from = at;
		if (!parse_value())
			return false;
		m.to = at;
		if (keep && member_count < KEYS_MAX)
			members[member_count++] = m;
		else
			free(m.key.data);
		skip_space();
		if (at == end)
			return wrong("object without end");
		if (*at == '}') {
			at++;
			return true;
		}
		if (*at++ != ',')
			return wrong("no comma");
	}
}

static bool parse_value(void)
{
	skip_space();
	if (at == end)
		return wrong("no value");
	switch (*at) {
	case '"': return parse_string(NULL);
	case '{': return parse_object(false);
	case '[': return parse_array();
	case 't': return parse_word("true");
	case 'f': return parse_word("false");
	case 'n': return parse_word("null");
	default: return parse_number();
	}
}

static bool parse_line(const char *line, size_t size)
{
	for (int i = 0; i < member_count; i++)
		free(members[i].key.data);
	member_count = 0;
	at = line;
	end = line + size;
	if (!size || *at != '{')
		return wrong("no object");
	if (!parse_object(true))
		return false;
	return at == end || wrong("something after the object");
}

/* A string's bytes, from its own text or from hexadecimal. */
static void print_string(bool hex)
{
	struct text t = { 0 };

	parse_string(&t);
	for (size_t i = 0; hex && i + 1 < t.size; i += 2)
		t.data[i / 2] = hex_digit(t.data[i]) << 4 | hex_digit(t.data[i + 1]);
	plain_bytes(t.data, hex ? t.size / 2 : t.size);
	free(t.data);
}

static void print_value(const char *from, const char *to, bool hex)
{
	const char *item, *after;

	at = from;
	end = to;
	if (*at == '"') {
		print_string(hex);
		return;
	}
	if (*at != '[') {
		fwrite(from, 1, to - from, stdout);
		return;
	}
	at++;
	for (skip_space(); at < to && *at != ']'; skip_space()) {
		item = at;
		parse_value();
		putchar('[');
		after = at;
		print_value(item, after, hex);
		putchar(']');
		at = after; /* the item moved both */
		end = to;
		skip_space();
		if (at < to && *at == ',')
			at++;
	}
}

static void print_key(const char *key)
{
	const struct member *plain = NULL, *hex = NULL;
	const char *line_end = end;

	for (int i = 0; i < member_count; i++) {
		if (same_text(&members[i].key, key, ""))
			plain = &members[i];
		else if (same_text(&members[i].key, key, "_hex"))
			hex = &members[i];
	}
	if (hex && *hex->from != 'n')
		print_value(hex->from, hex->to, true);
	else if (plain)
		print_value(plain->from, plain->to, false);
	else
		fputs("absent", stdout);
	end = line_end;
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	while ((size = getline(&line, &room, stdin)) > 0) {
		line_number++;
		if (line[size - 1] != '\n' || !parse_line(line, size - 1)) {
			fflush(stdout);
			fprintf(stderr, "jsonget: line %ld: %s\n", line_number,
				problem ? problem : "no newline at its end");
			return 1;
		}
		for (int i = 1; i < argc; i++) {
			print_key(argv[i]);
			putchar(i + 1 < argc ? '\t' : '\n');
		}
	}
	if (argc == 1)
		printf("%ld\n", line_number);
	return 0;
}
