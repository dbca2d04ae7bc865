// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "expr/show.h"

#define NEST_MAX 64 /* structs within structs, of which the anonymous ones have no depth */

struct show {
	struct strbuf *out;
	const unsigned char *bytes;
	size_t size;
	bool json;
	unsigned int nest, looked; /* at so many values */
};

static bool show_value(struct show *s, const struct ctype *type, uint64_t at, unsigned int depth);

/* --- integers --------------------------------------------------------------------------------- */

static bool is_bit(uint64_t value)
{
	return value && !(value & (value - 1));
}

static bool has_value(const struct ctype_constant *c, uint64_t value)
{
	return c->is_cut ? (uint32_t)c->value == (uint32_t)value : c->value == value;
}

/* Whether an enum's constants are bits, and perhaps names for several of them; and which bits they
 * are. A constant that is its predecessor plus 1 shows that they just count: 1, 2, 3. */
static bool is_flags(const struct ctype *type, uint64_t *bits)
{
	struct ctype_constant c;
	uint64_t several = 0, before = 0;

	*bits = 0;
	for (unsigned int i = 0; ctype_enumerator(type, i, &c); i++, before = c.value) {
		if (is_bit(c.value))
			*bits |= c.value;
		else if (c.value && (c.value == before + 1 || c.is_cut))
			return false;
		else
			several |= c.value;
	}
	return *bits && !(several & ~*bits);
}

static bool flags_add(const struct ctype *type, uint64_t value, struct strbuf *out)
{
	struct ctype_constant c;
	uint64_t bits;
	const char *separator = "";

	if (!is_flags(type, &bits) || !(value & bits))
		return false;
	for (unsigned int i = 0; ctype_enumerator(type, i, &c); i++) {
		if (!is_bit(c.value) || !(value & c.value))
			continue;
		strbuf_str(out, separator);
		escape_text(out, c.name, strlen(c.name), false);
		separator = "|";
		value &= ~c.value; /* the first of several names of a bit */
	}
	if (value)
		strbuf_printf(out, "|0x%llx", (unsigned long long)value);
	return true;
}

bool show_enum(const struct ctype *type, uint64_t value, struct strbuf *out)
{
	struct ctype_constant c;

	for (unsigned int i = 0; ctype_enumerator(type, i, &c); i++) {
		if (has_value(&c, value)) {
			escape_text(out, c.name, strlen(c.name), false);
			return true;
		}
	}
	return flags_add(type, value, out);
}

static void number_add(const struct ctype *type, uint64_t value, struct strbuf *out)
{
	if (type->is_signed)
		strbuf_s64(out, value);
	else
		strbuf_u64(out, value);
}

void show_integer(const struct ctype *type, uint64_t value, struct strbuf *out)
{
	if (type->kind == CTYPE_POINTER)
		strbuf_printf(out, "0x%llx", (unsigned long long)value);
	else if (type->kind == CTYPE_ENUM && show_enum(type, value, out))
		return;
	else if (type->is_bool && value < 2)
		strbuf_str(out, value ? "true" : "false");
	else if (type->is_char && value >= ' ' && value <= '~')
		strbuf_printf(out, "'%s%c'", value == '\'' || value == '\\' ? "\\" : "",
			      (char)value);
	else
		number_add(type, value, out);
}

void show_integer_json(const struct ctype *type, uint64_t value, struct strbuf *out)
{
	struct strbuf name = {};

	if (type->kind == CTYPE_POINTER)
		strbuf_printf(out, "\"0x%llx\"", (unsigned long long)value);
	else if (type->kind == CTYPE_ENUM && show_enum(type, value, &name))
		escape_json(out, name.data, name.size);
	else if (type->is_bool && value < 2)
		strbuf_str(out, value ? "true" : "false");
	else
		number_add(type, value, out);
	strbuf_free(&name);
}

/* Bits from a place on, as a number of the type. Bits are counted as compilers lay bitfields out:
 * from the lowest bit of the first byte on, or from the highest. */
static uint64_t load(const struct show *s, const struct ctype *type, uint64_t at,
		     unsigned int bits)
{
	uint64_t value = 0, bit;

	for (unsigned int i = 0; i < bits; i++) {
		if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
			bit = s->bytes[(at + i) / 8] >> (at + i) % 8 & 1;
			value |= bit << i;
		} else {
			bit = s->bytes[(at + i) / 8] >> (7 - (at + i) % 8) & 1;
			value = value << 1 | bit;
		}
	}
	if (type->is_signed && bits < 64 && value >> (bits - 1) & 1)
		value |= ~0ull << bits;
	return value;
}

static void integer_add(struct show *s, const struct ctype *type, uint64_t at, unsigned int bits)
{
	uint64_t value = load(s, type, at, bits);

	if (s->json)
		show_integer_json(type, value, s->out);
	else
		show_integer(type, value, s->out);
}

/* --- what does not fit into a register -------------------------------------------------------- */

static void wide_add(struct show *s, const unsigned char *place)
{
	unsigned __int128 value;
	uint64_t high;

	memcpy(&value, place, sizeof(value));
	high = value >> 64;
	strbuf_str(s->out, s->json ? "\"0x" : "0x");
	if (high)
		strbuf_printf(s->out, "%llx%016llx", (unsigned long long)high,
			      (unsigned long long)value);
	else
		strbuf_printf(s->out, "%llx", (unsigned long long)value);
	if (s->json)
		strbuf_char(s->out, '"');
}

static void float_add(struct show *s, const struct ctype *type, const unsigned char *place)
{
	long double wide;
	double value;
	float narrow = 0;
	char digits[64];
	const char *quote;

	if (type->size == sizeof(narrow)) {
		memcpy(&narrow, place, sizeof(narrow));
		value = narrow;
	} else if (type->size == sizeof(value)) {
		memcpy(&value, place, sizeof(value));
	} else if (type->size == sizeof(wide)) {
		memcpy(&wide, place, sizeof(wide));
		value = wide;
	} else { /* of another machine */
		strbuf_str(s->out, s->json ? "null" : "?");
		return;
	}
	/* 17 digits tell all doubles apart; most numbers are told by fewer. */
	for (int n = 6; n <= 17; n++) {
		double again;

		snprintf(digits, sizeof(digits), "%.*g", n, value);
		again = strtod(digits, NULL);
		if (type->size == sizeof(narrow) ? (float)again == narrow : again == value)
			break;
	}
	quote = s->json && !isfinite(value) ? "\"" : "";
	strbuf_printf(s->out, "%s%s%s", quote, digits, quote);
}

/* False: it is no valid UTF-8. */
static bool chars_add(struct show *s, const char *place, size_t size, bool whole)
{
	size_t n = size ? strnlen(place, size) : 0;

	if (s->json)
		return escape_json(s->out, place, n);
	strbuf_char(s->out, '"');
	escape_text(s->out, place, n, true);
	strbuf_str(s->out, whole || n < size ? "\"" : "\"...");
	return true;
}

static bool is_zero(const struct show *s, const struct ctype *type, uint64_t at, unsigned int bits)
{
	uint64_t first = at / 8;

	if (bits)
		return (at + bits + 7) / 8 <= s->size && !load(s, type, at, bits);
	if (first + type->size > s->size)
		return false;
	for (uint64_t i = 0; i < type->size; i++) {
		if (s->bytes[first + i])
			return false;
	}
	return true;
}

/* How many bytes there are of a type that begins at a place. */
static size_t there(const struct show *s, const struct ctype *type, uint64_t at)
{
	size_t left = s->size - at / 8;

	return left < type->size ? left : type->size;
}

/* --- arrays ----------------------------------------------------------------------------------- */

/* How many elements are shown; more: there are others. */
static uint64_t elements_shown(const struct show *s, const struct ctype *type, uint64_t at,
			       bool *more)
{
	uint64_t size = type->target->size, count = type->count;
	uint64_t whole = size ? there(s, type, at) / size : 0;

	*more = size && whole < count;
	if (whole < count)
		count = whole;
	while (!s->json && !*more && count &&
	       is_zero(s, type->target, at + (count - 1) * size * 8, 0))
		count--;
	if (!s->json && count > SHOW_ELEMENTS) {
		count = SHOW_ELEMENTS;
		*more = true;
	}
	return count;
}

static bool array_add(struct show *s, const struct ctype *type, uint64_t at, unsigned int depth)
{
	bool more;
	uint64_t count = elements_shown(s, type, at, &more);
	size_t size = there(s, type, at);

	if (type->target->is_char)
		return chars_add(s, (const char *)s->bytes + at / 8, size, size == type->size);
	if (!depth) {
		strbuf_str(s->out, s->json ? "null" : "[...]");
		return true;
	}
	strbuf_char(s->out, '[');
	for (uint64_t i = 0; i < count && s->looked < SHOW_MAX; i++) {
		if (i)
			strbuf_str(s->out, s->json ? "," : ", ");
		show_value(s, type->target, at + i * type->target->size * 8, depth - 1);
	}
	if (!s->json && (more || s->looked == SHOW_MAX))
		strbuf_str(s->out, count ? ", ..." : "...");
	strbuf_char(s->out, ']');
	return true;
}

/* --- structs and unions ----------------------------------------------------------------------- */

static void name_add(struct show *s, const char *name)
{
	if (s->json) {
		escape_json(s->out, name, strlen(name));
		strbuf_char(s->out, ':');
	} else {
		strbuf_char(s->out, '.');
		escape_text(s->out, name, strlen(name), false);
		strbuf_char(s->out, '=');
	}
}

static void member_add(struct show *s, const struct ctype_member *m, uint64_t at,
		       unsigned int depth)
{
	const char *place = (const char *)s->bytes + at / 8;

	name_add(s, m->name);
	if (m->bits) {
		integer_add(s, m->type, at, m->bits);
	} else if (!show_value(s, m->type, at, depth)) {
		strbuf_str(s->out, ",\"");
		escape_text(s->out, m->name, strlen(m->name), true);
		strbuf_str(s->out, "_hex\":\"");
		escape_hex(s->out, place, strnlen(place, there(s, m->type, at)));
		strbuf_char(s->out, '"');
	}
}

static bool is_record(const struct ctype *type)
{
	return type->kind == CTYPE_STRUCT || type->kind == CTYPE_UNION;
}

/* Nothing of it is in the bytes. */
static bool is_beyond(const struct show *s, const struct ctype_member *m, uint64_t at)
{
	return m->bits ? (at + m->bits + 7) / 8 > s->size : m->type->size && at / 8 >= s->size;
}

/* Members, *separator before the first one, and of anonymous ones their members. False: it ends
 * here. */
static bool members_add(struct show *s, const struct ctype *type, uint64_t record,
			unsigned int depth, const char **separator)
{
	struct ctype_member m;
	bool go_on = s->nest++ < NEST_MAX;

	for (unsigned int i = 0; go_on && ctype_member(type, i, &m); i++) {
		uint64_t at = record + m.bit_offset;
		bool anonymous = !*m.name && is_record(m.type);

		go_on = s->looked++ < SHOW_MAX;
		if ((!*m.name && !anonymous) || (!s->json && is_zero(s, m.type, at, m.bits)))
			continue;
		if (!go_on || is_beyond(s, &m, at)) {
			if (!s->json)
				strbuf_printf(s->out, "%s...", *separator);
			go_on = false;
		} else if (anonymous) {
			go_on = members_add(s, m.type, at, depth, separator);
		} else {
			strbuf_str(s->out, *separator);
			member_add(s, &m, at, depth);
			*separator = s->json ? "," : ", ";
		}
	}
	s->nest--;
	return go_on;
}

static void record_add(struct show *s, const struct ctype *type, uint64_t at, unsigned int depth)
{
	const char *separator = "";

	if (!depth) {
		strbuf_str(s->out, s->json ? "null" : "{...}");
		return;
	}
	strbuf_char(s->out, '{');
	members_add(s, type, at, depth - 1, &separator);
	strbuf_char(s->out, '}');
}

/* --- any type --------------------------------------------------------------------------------- */

/* What is no array or struct, and all there. */
static void scalar_add(struct show *s, const struct ctype *type, uint64_t at)
{
	const unsigned char *place = s->bytes + at / 8;

	if (type->kind == CTYPE_FLOAT)
		float_add(s, type, place);
	else if (!ctype_is_scalar(type))
		strbuf_str(s->out, s->json ? "null" : "?");
	else if (type->size == sizeof(__int128))
		wide_add(s, place);
	else
		integer_add(s, type, at, type->size * 8);
}

/* False: a text that is no valid UTF-8. */
static bool show_value(struct show *s, const struct ctype *type, uint64_t at, unsigned int depth)
{
	type = ctype_complete(type);
	at -= at % 8; /* of damaged types */
	s->looked++;
	if (type->kind == CTYPE_ARRAY)
		return array_add(s, type, at, depth);
	if (is_record(type) && !type->is_incomplete)
		record_add(s, type, at, depth);
	else if (at / 8 + type->size > s->size)
		strbuf_str(s->out, s->json ? "null" : "...");
	else
		scalar_add(s, type, at);
	return true;
}

void show_text(const struct ctype *type, const void *bytes, size_t size, unsigned int depth,
	       struct strbuf *out)
{
	struct show s = { .out = out, .bytes = bytes, .size = size };

	show_value(&s, type, 0, depth);
}

bool show_json(const struct ctype *type, const void *bytes, size_t size, unsigned int depth,
	       struct strbuf *out)
{
	struct show s = { .out = out, .bytes = bytes, .size = size, .json = true };

	return show_value(&s, type, 0, depth);
}
