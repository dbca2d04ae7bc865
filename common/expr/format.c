// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "expr/format.h"
#include "expr/lex.h"
#include "expr/show.h"

#define DEFAULT_DEPTH 1 /* of structs that nobody asked for */

/* --- from text to pieces ---------------------------------------------------------------------- */

/* All strings of the range, decoded, and where each byte stands in the text. */
struct source {
	struct arena *arena;
	struct mistake *mistake;
	const char *text;
	struct strbuf decoded;
	struct strbuf places; /* size_t each */
};

static size_t place(const struct source *s, size_t i)
{
	size_t at;

	memcpy(&at, s->places.data + i * sizeof(at), sizeof(at));
	return at;
}

/* How many bytes of the text one byte of a string takes; lex.h has found it good. */
static size_t written_size(const char *at)
{
	size_t n = 2;

	if (*at != '\\')
		return 1;
	if (at[1] == 'x') {
		while (isxdigit((unsigned char)at[n]))
			n++;
	} else if (at[1] >= '0' && at[1] <= '7') {
		while (n < 4 && at[n] >= '0' && at[n] <= '7')
			n++;
	}
	return n;
}

/* Other tokens in the range are the parentheses that the strings stood in. */
static int read_strings(struct source *s, size_t at, size_t end)
{
	struct token t = { .end = at };

	while (t.end < end && t.kind != TOKEN_END) {
		int err = lex_next(s->arena, s->text, t.end, &t, s->mistake);

		if (err)
			return err;
		at = t.at + 1;
		for (size_t i = 0; t.kind == TOKEN_STRING && i < t.size; i++) {
			strbuf_add(&s->places, &at, sizeof(at));
			at += written_size(s->text + at);
		}
		if (t.kind == TOKEN_STRING)
			strbuf_add(&s->decoded, t.text, t.size);
	}
	return 0;
}

/* Digits up to FORMAT_WIDTH_MAX; none are 0. */
static int read_width(struct source *s, const char *text, size_t *i, const char *what, int *value)
{
	*value = 0;
	if (text[*i] == '*')
		return mistake_set(s->mistake, place(s, *i),
				   "the %s cannot be a value here: write it as a number", what);
	for (; isdigit((unsigned char)text[*i]); ++*i) {
		*value = *value * 10 + text[*i] - '0';
		if (*value > FORMAT_WIDTH_MAX)
			return mistake_set(s->mistake, place(s, *i), "a %s of more than %d", what,
					   FORMAT_WIDTH_MAX);
	}
	return 0;
}

static unsigned int read_length(const char *text, size_t *i)
{
	unsigned int cut = 4;

	if (text[*i] == 'h') {
		cut = text[*i + 1] == 'h' ? 1 : 2;
		*i += text[*i + 1] == 'h' ? 2 : 1;
	} else if (text[*i] == 'l' && text[*i + 1] == 'l') {
		cut = 8;
		*i += 2;
	} else if (text[*i] && strchr("lLzjtq", text[*i])) {
		cut = 8;
		++*i;
	}
	return cut;
}

/* The letter of a conversion, with what pI4 and pI6 have besides; *i is set behind it. 0: none. */
static char read_letter(const char *text, size_t *i)
{
	char letter = text[*i];

	if (!letter || !strchr("diuxXocspKUSfFeEgGaA%", letter))
		return 0;
	++*i;
	if (letter == 'i')
		return 'd';
	if (letter != 'p' || text[*i] != 'I' || (text[*i + 1] != '4' && text[*i + 1] != '6'))
		return letter;
	letter = text[*i + 1];
	*i += 2;
	*i += letter == '6' && text[*i] == 'c';
	return letter;
}

static int bad_letter(const struct source *s, size_t percent, char letter)
{
	size_t at = place(s, percent);

	if (!letter)
		return mistake_set(s->mistake, at, "a conversion is not finished; for a percent "
				   "sign write %%%%");
	if (letter == 'n')
		return mistake_set(s->mistake, at, "%%n is no conversion here: nothing can be "
				   "written to");
	return mistake_set(s->mistake, at, "there is no conversion '%c'; there are d u x o c s p S "
			   "K U f e g a, pI4 pI6 and %%%%", letter);
}

/* As printf() wants it: numbers are 64 bits wide, floats are double. */
static const char *spec_new(struct arena *arena, const char *flags, size_t size,
			    const struct format_piece *piece)
{
	struct strbuf spec = {};
	const char *copy;

	strbuf_printf(&spec, "%%%.*s", (int)size, flags);
	if (piece->width)
		strbuf_printf(&spec, "%u", piece->width);
	if (piece->precision >= 0)
		strbuf_printf(&spec, ".%d", piece->precision);
	strbuf_printf(&spec, "%s%c", strchr("duxXo", piece->conversion) ? "ll" : "",
		      piece->conversion);
	copy = arena_copy(arena, spec.data, spec.size);
	strbuf_free(&spec);
	return copy;
}

/* Most numbers have no flag, width or precision, and a faster way than printf(). */
static bool needs_spec(const struct format_piece *piece, size_t flags)
{
	if (piece->conversion == 'd' || piece->conversion == 'u')
		return flags || piece->width || piece->precision >= 0;
	return strchr("xXofFeEgGaA", piece->conversion);
}

/* conversion := "%" { flag } [ width ] [ "." precision ] [ length ] letter */
static int read_conversion(struct source *s, size_t *i, struct format_piece *piece)
{
	const char *text = strbuf_cstr(&s->decoded);
	size_t percent = (*i)++, flags = *i, flags_size = strspn(text + *i, "-+ #0");
	int width, err;

	*i += flags_size;
	piece->left = memchr(text + flags, '-', flags_size);
	err = read_width(s, text, i, "width", &width);
	piece->width = width;
	piece->precision = -1;
	if (!err && text[*i] == '.') {
		++*i;
		err = read_width(s, text, i, "precision", &piece->precision);
	}
	if (err)
		return err;
	piece->cut = read_length(text, i);
	piece->conversion = read_letter(text, i);
	if (!piece->conversion)
		return bad_letter(s, percent, *i < s->decoded.size ? text[*i] : 0);
	piece->at = place(s, percent);
	piece->end = place(s, *i - 1) + written_size(s->text + place(s, *i - 1));
	piece->written = arena_copy(s->arena, text + percent, *i - percent);
	if (needs_spec(piece, flags_size))
		piece->spec = spec_new(s->arena, text + flags, flags_size, piece);
	return 0;
}

static int read_pieces(struct source *s, struct strbuf *literal, struct format *out)
{
	size_t size = s->decoded.size, i = 0;
	const char *text = strbuf_cstr(&s->decoded);
	struct format_piece *pieces, *piece;
	size_t most = 1;

	for (size_t k = 0; k < size; k++)
		most += text[k] == '%';
	out->pieces = piece = pieces = arena_alloc(s->arena, most * sizeof(*pieces));
	while (i < size) {
		if (text[i] != '%') {
			strbuf_char(literal, text[i++]);
			continue;
		}
		if (read_conversion(s, &i, piece))
			return -EINVAL;
		if (piece->conversion == '%') {
			strbuf_char(literal, '%');
			*piece = (struct format_piece){};
			continue;
		}
		piece->text = arena_copy(s->arena, strbuf_cstr(literal), literal->size);
		piece++->size = literal->size;
		strbuf_clear(literal);
	}
	out->conversions = piece - pieces;
	piece->text = arena_copy(s->arena, strbuf_cstr(literal), literal->size);
	piece->size = literal->size;
	out->count = out->conversions + !!literal->size;
	return 0;
}

int format_parse(struct arena *arena, struct mistake *mistake, const char *text, size_t at,
		 size_t end, struct format *out)
{
	struct source s = { .arena = arena, .mistake = mistake, .text = text };
	struct strbuf literal = {};
	int err = read_strings(&s, at, end);

	*out = (struct format){};
	if (!err)
		err = read_pieces(&s, &literal, out);
	strbuf_free(&literal);
	strbuf_free(&s.decoded);
	strbuf_free(&s.places);
	return err;
}

char format_conversion(const struct format *format, size_t index)
{
	return index < format->conversions ? format->pieces[index].conversion : 0;
}

void format_default(struct arena *arena, const struct value *values, size_t count,
		    struct format *out)
{
	struct format_piece *pieces = arena_alloc(arena, count * sizeof(*pieces));
	struct strbuf text = {};

	for (size_t i = 0; i < count; i++) {
		strbuf_clear(&text);
		strbuf_printf(&text, "%s%s=", i ? " " : "", values[i].name);
		pieces[i] = (struct format_piece){
			.text = arena_copy(arena, text.data, text.size), .size = text.size,
			.conversion = 'S', .precision = DEFAULT_DEPTH,
			.at = values[i].at, .end = values[i].end, .written = "%.1S",
		};
	}
	strbuf_free(&text);
	*out = (struct format){ .pieces = pieces, .count = count, .conversions = count };
}

/* --- whether values fit ----------------------------------------------------------------------- */

static bool is_pointer(const struct value *v)
{
	return v->kind == VALUE_INTEGER && v->type->kind == CTYPE_POINTER;
}

static bool is_number(const struct value *v)
{
	return v->kind == VALUE_INTEGER && v->show != SHOW_IP;
}

static bool is_float(const struct value *v)
{
	return v->kind == VALUE_BYTES && v->type->kind == CTYPE_FLOAT &&
	       (v->type->size == sizeof(float) || v->type->size == sizeof(double));
}

static bool is_truth(const struct value *v)
{
	return v->kind == VALUE_INTEGER && (v->show == SHOW_BOOL || v->type->is_bool);
}

static bool is_byte_array(const struct value *v)
{
	return v->kind == VALUE_BYTES && v->type->kind == CTYPE_ARRAY &&
	       v->type->target->kind == CTYPE_INT && v->type->target->size == 1;
}

static bool is_text(const struct value *v)
{
	return v->kind == VALUE_STRING || v->kind == VALUE_LITERAL || v->show == SHOW_IP ||
	       is_truth(v) || is_byte_array(v) ||
	       (v->kind == VALUE_INTEGER && v->type->kind == CTYPE_ENUM);
}

static bool is_address(const struct value *v, unsigned int size)
{
	if (v->kind == VALUE_INTEGER)
		return size == 4 && v->type->size == 4;
	return v->kind == VALUE_BYTES && v->size == size;
}

static bool fits(char conversion, const struct value *v)
{
	switch (conversion) {
	case 'S':
		return true;
	case 's':
		return is_text(v);
	case '4':
		return is_address(v, 4);
	case '6':
		return is_address(v, 16);
	case 'x':
	case 'X':
		return v->show != SHOW_IP;
	case 'c':
		return is_number(v) && !is_pointer(v);
	case 'd':
	case 'u':
	case 'o':
	case 'p':
	case 'K':
	case 'U':
		return is_number(v);
	default:
		return is_float(v) || (is_number(v) && !is_pointer(v));
	}
}

static const char *what_prints(char conversion)
{
	switch (conversion) {
	case 's':
		return "text";
	case '4':
		return "the 4 bytes of an IP address";
	case '6':
		return "the 16 bytes of an IP address";
	case 'x':
	case 'X':
		return "numbers and bytes";
	case 'c':
		return "a character";
	case 'p':
		return "an address";
	case 'K':
	case 'U':
		return "the symbol of an address";
	default:
		return "a number";
	}
}

/* What would be right. */
static const char *advice(char conversion, const struct value *v)
{
	static const char *const numbers[2][2] = {
		{ "use %u", "use %d" }, { "use %lu", "use %ld" },
	};

	if ((conversion == '4' || conversion == '6') && is_pointer(v))
		return "it takes the bytes themselves, not a pointer to them";
	if (is_pointer(v))
		return "use %p";
	if (is_truth(v))
		return "use %s or %d";
	if (v->kind == VALUE_INTEGER && v->show != SHOW_IP)
		return v->type->kind == CTYPE_ENUM ? "use %s or %d" :
						     numbers[v->type->size > 4][v->type->is_signed];
	if (v->show == SHOW_IP || v->kind != VALUE_BYTES)
		return "use %s";
	return is_float(v) ? "use %f" : is_byte_array(v) ? "use %s or %x" : "use %S or %x";
}

static void value_describe(const struct value *v, struct strbuf *out)
{
	if (v->show == SHOW_IP)
		strbuf_str(out, "an IP address");
	else if (v->show == SHOW_BOOL)
		strbuf_str(out, "true or false");
	else if (v->kind == VALUE_LITERAL)
		strbuf_str(out, "a string");
	else
		ctype_print(v->type, NULL, out);
}

static int value_mistake(const struct format_piece *p, const struct value *v,
			 struct mistake *mistake)
{
	struct strbuf type = {};

	value_describe(v, &type);
	mistake_set(mistake, p->at, "%.30s prints %s, but %.60s is %.60s: %s", p->written,
		    what_prints(p->conversion), v->name, strbuf_cstr(&type),
		    advice(p->conversion, v));
	strbuf_free(&type);
	return -EINVAL;
}

/* "1 value for 2 conversions" */
static int count_mistake(const struct format *f, size_t at, size_t values, struct mistake *mistake)
{
	return mistake_set(mistake, at, "%zu value%s for %zu conversion%s%s", values,
			   values == 1 ? "" : "s", f->conversions, f->conversions == 1 ? "" : "s",
			   values < f->conversions ? "; for a percent sign write %%" : "");
}

int format_check(const struct format *f, const struct value *values, size_t count,
		 struct mistake *mistake)
{
	if (count > f->conversions)
		return count_mistake(f, values[f->conversions].at, count, mistake);
	if (count < f->conversions)
		return count_mistake(f, f->pieces[count].at, count, mistake);
	for (size_t i = 0; i < count; i++) {
		if (!fits(f->pieces[i].conversion, &values[i]))
			return value_mistake(&f->pieces[i], &values[i], mistake);
	}
	return 0;
}

/* --- values as text --------------------------------------------------------------------------- */

/* The bytes of a text, up to a NUL. */
static size_t text_size(const struct value_read *r)
{
	return r->size ? strnlen(r->bytes, r->size) : 0;
}

static void ip_add(const struct value *v, const struct value_read *r, struct strbuf *out)
{
	char text[INET6_ADDRSTRLEN] = "?";
	uint32_t word = r->integer; /* as it lies in memory */

	if (v->kind == VALUE_INTEGER)
		inet_ntop(AF_INET, &word, text, sizeof(text));
	else if (r->size == 4 || r->size == 16)
		inet_ntop(r->size == 4 ? AF_INET : AF_INET6, r->bytes, text, sizeof(text));
	strbuf_str(out, text);
}

static void symbol_add(char conversion, uint64_t address, const struct format_context *context,
		       struct strbuf *out)
{
	size_t start = out->size;

	if (conversion == 'K' && context && context->kernel_symbol)
		context->kernel_symbol(context->arg, address, out);
	if (conversion == 'U' && context && context->user_symbol)
		context->user_symbol(context->arg, address, out);
	if (out->size == start)
		strbuf_printf(out, "0x%llx", (unsigned long long)address);
}

static void hex_add(const struct format_piece *p, const struct value_read *r, struct strbuf *out)
{
	size_t n = r->size;

	if (p->precision >= 0 && (size_t)p->precision < n)
		n = p->precision;
	for (size_t i = 0; i < n; i++)
		strbuf_printf(out, p->conversion == 'x' ? "%s%02x" : "%s%02X", i ? " " : "",
			      (unsigned char)r->bytes[i]);
}

static void number_add(const struct format_piece *p, const struct value *v, uint64_t value,
		       struct strbuf *out)
{
	/* Half an address is of no use to anybody. */
	unsigned int cut = p->cut == 4 && is_pointer(v) ? 8 : p->cut, shift = 64 - 8 * cut;

	value <<= shift;
	value = p->conversion == 'd' ? (uint64_t)((int64_t)value >> shift) : value >> shift;
	if (p->spec)
		strbuf_printf(out, p->spec, (unsigned long long)value);
	else if (p->conversion == 'd')
		strbuf_s64(out, value);
	else
		strbuf_u64(out, value);
}

static void float_add(const struct format_piece *p, const struct value *v,
		      const struct value_read *r, struct strbuf *out)
{
	double value;
	float narrow;

	if (v->kind == VALUE_INTEGER) {
		value = v->type->is_signed ? (double)(int64_t)r->integer : (double)r->integer;
	} else if (v->type->size == sizeof(narrow)) {
		memcpy(&narrow, r->bytes, sizeof(narrow));
		value = narrow;
	} else {
		memcpy(&value, r->bytes, sizeof(value));
	}
	strbuf_printf(out, p->spec, value);
}

static void truth_add(uint64_t value, struct strbuf *out)
{
	strbuf_str(out, value ? "true" : "false");
}

/* %s */
static void text_add(const struct format_piece *p, const struct value *v,
		     const struct value_read *r, struct strbuf *out)
{
	size_t size = text_size(r), start = out->size;
	size_t most = p->precision < 0 ? SIZE_MAX : (size_t)p->precision;

	if (v->show == SHOW_IP)
		ip_add(v, r, out);
	else if (v->show == SHOW_BOOL)
		truth_add(r->integer, out);
	else if (v->kind == VALUE_INTEGER)
		show_integer(v->type, r->integer, out);
	else if (v->kind == VALUE_LITERAL)
		strbuf_add(out, r->bytes, r->size);
	else
		escape_text(out, r->bytes, size < most ? size : most, false);
	if ((v->kind == VALUE_INTEGER || v->kind == VALUE_LITERAL || v->show == SHOW_IP) &&
	    out->size - start > most)
		out->size = start + most;
}

/* %S */
static void any_add(const struct format_piece *p, const struct value *v,
		    const struct value_read *r, struct strbuf *out)
{
	if (v->show == SHOW_IP) {
		ip_add(v, r, out);
	} else if (v->show == SHOW_BOOL) {
		truth_add(r->integer, out);
	} else if (v->kind == VALUE_BYTES) {
		show_text(v->type, r->bytes, r->size, p->precision < 0 ? SHOW_DEPTH : p->precision,
			  out);
	} else if (v->kind != VALUE_INTEGER) {
		strbuf_char(out, '"');
		escape_text(out, r->bytes, r->size, true);
		strbuf_str(out, r->cut ? "\"..." : "\"");
	} else if (v->type->kind == CTYPE_ENUM && show_enum(v->type, r->integer, out)) {
		strbuf_printf(out, v->type->is_signed ? "(%lld)" : "(%llu)",
			      (unsigned long long)r->integer);
	} else {
		show_integer(v->type, r->integer, out);
	}
}

/* --- messages --------------------------------------------------------------------------------- */

/* Widens what stands from start on. */
static void pad(const struct format_piece *p, size_t start, struct strbuf *out)
{
	size_t size = out->size - start, have;

	if (!p->width)
		return;
	have = escape_width(out->data + start, size);
	if (have >= p->width)
		return;
	strbuf_fill(out, ' ', p->width - have);
	if (p->left)
		return;
	memmove(out->data + start + p->width - have, out->data + start, size);
	memset(out->data + start, ' ', p->width - have);
}

static void value_add(const struct format_piece *p, const struct value *v,
		      const struct value_read *r, const struct format_context *context,
		      struct strbuf *out)
{
	char c = r->integer;

	if (r->fault)
		strbuf_str(out, "<fault>");
	else if (p->conversion == 's')
		text_add(p, v, r, out);
	else if (p->conversion == 'S')
		any_add(p, v, r, out);
	else if (p->conversion == 'c')
		escape_text(out, &c, 1, false);
	else if (p->conversion == 'p')
		strbuf_printf(out, "0x%llx", (unsigned long long)r->integer);
	else if (p->conversion == '4' || p->conversion == '6')
		ip_add(v, r, out);
	else if (p->conversion == 'K' || p->conversion == 'U')
		symbol_add(p->conversion, r->integer, context, out);
	else if (!strchr("duxXo", p->conversion))
		float_add(p, v, r, out);
	else if (v->kind == VALUE_INTEGER)
		number_add(p, v, r->integer, out);
	else
		hex_add(p, r, out);
}

void format_print(const struct format *f, const struct value *values,
		  const struct value_read *reads, const struct format_context *context,
		  struct strbuf *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct format_piece *p = &f->pieces[i];
		size_t start;

		strbuf_add(out, p->text, p->size);
		start = out->size;
		if (p->conversion)
			value_add(p, &values[i], &reads[i], context, out);
		pad(p, start, out);
	}
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void symbol_json(char conversion, uint64_t address, const struct format_context *context,
			struct strbuf *out)
{
	struct strbuf text = {};

	symbol_add(conversion, address, context, &text);
	escape_json(out, text.data, text.size);
	strbuf_free(&text);
}

bool value_json(const struct value *v, const struct value_read *r, char conversion,
		const struct format_context *context, struct strbuf *out)
{
	if (r->fault) {
		strbuf_str(out, "null");
	} else if (v->show == SHOW_IP || conversion == '4' || conversion == '6') {
		strbuf_char(out, '"');
		ip_add(v, r, out);
		strbuf_char(out, '"');
	} else if (conversion == 'K' || conversion == 'U') {
		symbol_json(conversion, r->integer, context, out);
	} else if (v->show == SHOW_BOOL) {
		truth_add(r->integer, out);
	} else if (v->kind == VALUE_INTEGER) {
		show_integer_json(v->type, r->integer, out);
	} else if (v->kind != VALUE_BYTES) {
		return escape_json(out, r->bytes, r->size);
	} else if (conversion == 's') {
		return escape_json(out, r->bytes, text_size(r));
	} else {
		return show_json(v->type, r->bytes, r->size, SHOW_DEPTH, out);
	}
	return true;
}

void value_hex(const struct value *v, const struct value_read *r, struct strbuf *out)
{
	escape_hex(out, r->bytes, v->kind == VALUE_BYTES ? text_size(r) : r->size);
}
