// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "expr/ctype.h"
#include "strbuf.h"

#define DEPTH_MAX 64	/* more than any type of a program */
#define PRINT_MAX 4096	/* of damaged BTF a type can be longer than memory */

/* --- types of no BTF -------------------------------------------------------------------------- */

const struct ctype ctype_void = { .kind = CTYPE_VOID };

#define INTEGER(n, s, sign) { .kind = CTYPE_INT, .name = n, .size = s, .is_signed = sign }
#define FLOATING(n, s) { .kind = CTYPE_FLOAT, .name = n, .size = s }

/* By the logarithm of the size, signed and unsigned in turn. */
static const struct ctype integers[] = {
	INTEGER("signed char", 1, true), INTEGER("unsigned char", 1, false),
	INTEGER("short", 2, true),	 INTEGER("unsigned short", 2, false),
	INTEGER("int", 4, true),	 INTEGER("unsigned int", 4, false),
	INTEGER("long", 8, true),	 INTEGER("unsigned long", 8, false),
};

enum integer { INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 };

static const struct ctype type_char = {
	.kind = CTYPE_INT, .name = "char", .size = 1, .is_signed = CHAR_MIN < 0, .is_char = true,
};
static const struct ctype type_bool = {
	.kind = CTYPE_INT, .name = "_Bool", .size = 1, .is_bool = true,
};
static const struct ctype type_longlong = INTEGER("long long", 8, true);
static const struct ctype type_ulonglong = INTEGER("unsigned long long", 8, false);
static const struct ctype type_int128 = INTEGER("__int128", 16, true);
static const struct ctype type_uint128 = INTEGER("unsigned __int128", 16, false);
static const struct ctype type_float = FLOATING("float", 4);
static const struct ctype type_double = FLOATING("double", 8);
static const struct ctype type_longdouble = FLOATING("long double", sizeof(long double));

enum word { CHAR, SHORT, INT, LONG, SIGNED, UNSIGNED, BOOL, VOID, FLOAT, DOUBLE, INT128, WORDS };

static const char *const keywords[WORDS] = {
	"char", "short", "int", "long", "signed", "unsigned", "_Bool", "void", "float", "double",
	"__int128",
};

/* What has to be said for a type, and what may be said besides: C11 6.7.2. */
static const struct basic {
	unsigned char count[WORDS];
	unsigned int may; /* bits of enum word */
	const struct ctype *type;
} basics[] = {
	{ { [VOID] = 1 }, 0, &ctype_void },
	{ { [BOOL] = 1 }, 0, &type_bool },
	{ { [CHAR] = 1 }, 0, &type_char },
	{ { [CHAR] = 1, [SIGNED] = 1 }, 0, &integers[INT8] },
	{ { [CHAR] = 1, [UNSIGNED] = 1 }, 0, &integers[UINT8] },
	{ { [SHORT] = 1 }, 1 << SIGNED | 1 << INT, &integers[INT16] },
	{ { [SHORT] = 1, [UNSIGNED] = 1 }, 1 << INT, &integers[UINT16] },
	{ { [INT] = 1 }, 1 << SIGNED, &integers[INT32] },
	{ { [SIGNED] = 1 }, 0, &integers[INT32] },
	{ { [UNSIGNED] = 1 }, 1 << INT, &integers[UINT32] },
	{ { [LONG] = 1 }, 1 << SIGNED | 1 << INT, &integers[INT64] },
	{ { [LONG] = 1, [UNSIGNED] = 1 }, 1 << INT, &integers[UINT64] },
	{ { [LONG] = 2 }, 1 << SIGNED | 1 << INT, &type_longlong },
	{ { [LONG] = 2, [UNSIGNED] = 1 }, 1 << INT, &type_ulonglong },
	{ { [INT128] = 1 }, 1 << SIGNED, &type_int128 },
	{ { [INT128] = 1, [UNSIGNED] = 1 }, 0, &type_uint128 },
	{ { [FLOAT] = 1 }, 0, &type_float },
	{ { [DOUBLE] = 1 }, 0, &type_double },
	{ { [DOUBLE] = 1, [LONG] = 1 }, 0, &type_longdouble },
};

static bool basic_matches(const struct basic *b, const unsigned char *count)
{
	for (int w = 0; w < WORDS; w++) {
		if (count[w] != b->count[w] &&
		    !(b->may & 1u << w && !b->count[w] && count[w] == 1))
			return false;
	}
	return true;
}

const struct ctype *ctype_basic(const char *words)
{
	unsigned char count[WORDS] = {};

	while (*words) {
		size_t size = strcspn(words, " ");
		int w = 0;

		while (w < WORDS && (strlen(keywords[w]) != size ||
				     memcmp(keywords[w], words, size)))
			w++;
		if (w == WORDS || ++count[w] > 2)
			return NULL;
		words += size;
		words += *words == ' ';
	}
	for (size_t i = 0; i < sizeof(basics) / sizeof(*basics); i++) {
		if (basic_matches(&basics[i], count))
			return basics[i].type;
	}
	return NULL;
}

const struct ctype *ctype_integer(unsigned int size, bool is_signed)
{
	return &integers[2 * __builtin_ctz(size) + !is_signed];
}

/* --- C's rules -------------------------------------------------------------------------------- */

bool ctype_is_integer(const struct ctype *type)
{
	return type->kind == CTYPE_INT || type->kind == CTYPE_ENUM;
}

bool ctype_is_scalar(const struct ctype *type)
{
	return ctype_is_integer(type) || type->kind == CTYPE_POINTER;
}

bool ctype_size(const struct ctype *type, uint64_t *size)
{
	type = ctype_complete(type);
	*size = type->size;
	return type->kind != CTYPE_VOID && type->kind != CTYPE_FUNCTION && !type->is_incomplete;
}

const struct ctype *ctype_promote(const struct ctype *type, unsigned int bits)
{
	if (!ctype_is_integer(type) || type->size > 8)
		return NULL;
	/* int holds all values of what is narrower (C11 6.3.1.1). Of bitfields wider than int C
	 * says nothing; they keep the type that they are declared with. */
	if (type->size < 4 || (bits && bits < 32))
		return &integers[INT32];
	if (bits == 32)
		return ctype_integer(4, type->is_signed);
	return ctype_integer(type->size, type->is_signed);
}

const struct ctype *ctype_arithmetic(const struct ctype *a, const struct ctype *b)
{
	a = ctype_promote(a, 0);
	b = ctype_promote(b, 0);
	if (!a || !b)
		return NULL;
	if (a->size != b->size)
		return a->size > b->size ? a : b;
	return a->is_signed ? b : a;
}

const struct ctype *ctype_constant_type(const struct ctype_constant *c)
{
	int64_t value = c->value;
	bool negative = c->type->is_signed && value < 0;

	if (negative ? value >= INT_MIN : c->value <= INT_MAX)
		return &integers[INT32];
	return ctype_promote(c->type, 0);
}

static bool is_same(const struct ctype *a, const struct ctype *b, int depth)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || depth == DEPTH_MAX)
		return false;
	switch (a->kind) {
	case CTYPE_VOID:
		return true;
	case CTYPE_INT:
	case CTYPE_FLOAT:
		/* Whether char is signed is not the same in the kernel and in programs. */
		return a->size == b->size && a->is_char == b->is_char && a->is_bool == b->is_bool &&
		       (a->is_char || a->is_signed == b->is_signed);
	case CTYPE_ARRAY:
		return a->count == b->count && is_same(a->target, b->target, depth + 1);
	case CTYPE_POINTER:
	case CTYPE_FUNCTION:
		return is_same(a->target, b->target, depth + 1);
	case CTYPE_STRUCT:
	case CTYPE_UNION:
	case CTYPE_ENUM:
		a = ctype_complete(a);
		b = ctype_complete(b);
		if (a->source == b->source && a->id == b->id)
			return true;
		return a->name && b->name && !strcmp(a->name, b->name) &&
		       (a->size == b->size || a->is_incomplete || b->is_incomplete);
	}
	return false;
}

/* Of functions the parameters are not looked at: they are called by nobody here. */
bool ctype_same(const struct ctype *a, const struct ctype *b)
{
	return is_same(a, b, 0);
}

/* What a pointer points to, an array has or a function is; or NULL. */
static const struct ctype *pointed(const struct ctype *type)
{
	if (type->kind == CTYPE_POINTER || type->kind == CTYPE_ARRAY)
		return type->target;
	return type->kind == CTYPE_FUNCTION ? type : NULL;
}

enum ctype_comparison ctype_compare(const struct ctype *a, const struct ctype *b)
{
	const struct ctype *to_a = pointed(a), *to_b = pointed(b);

	if (to_a && to_b)
		return to_a->kind == CTYPE_VOID || to_b->kind == CTYPE_VOID ||
		       ctype_same(to_a, to_b) ? CTYPE_COMPARE_POINTERS : CTYPE_COMPARE_DISTINCT;
	if ((to_a && ctype_promote(b, 0)) || (to_b && ctype_promote(a, 0)))
		return CTYPE_COMPARE_POINTER_INTEGER;
	return !to_a && !to_b && ctype_arithmetic(a, b) ? CTYPE_COMPARE_INTEGERS :
							  CTYPE_COMPARE_NOT;
}

/* --- printing --------------------------------------------------------------------------------- */

struct print {
	struct strbuf *text;
	size_t limit;
	int depth;
	bool space; /* the type's name was written last: what follows stands apart */
};

static void print_type(struct print *p, const struct ctype *type, const char *name);

static void print_piece(struct print *p, const char *piece)
{
	if (p->space)
		strbuf_char(p->text, ' ');
	p->space = false;
	strbuf_str(p->text, piece);
}

/* In a declaration what an array or function applies to binds tighter than a pointer's star. */
static bool needs_parentheses(const struct ctype *pointer)
{
	return !pointer->target->alias && (pointer->target->kind == CTYPE_ARRAY ||
					   pointer->target->kind == CTYPE_FUNCTION);
}

static void print_name(struct print *p, const struct ctype *type)
{
	static const char *const tags[] = {
		[CTYPE_STRUCT] = "struct ", [CTYPE_UNION] = "union ", [CTYPE_ENUM] = "enum ",
	};
	const char *name = type->name ? type->name : "{...}";

	if (type->alias) {
		strbuf_str(p->text, type->alias);
	} else {
		if (type->kind >= CTYPE_STRUCT && type->kind <= CTYPE_ENUM)
			strbuf_str(p->text, tags[type->kind]);
		strbuf_str(p->text, type->kind == CTYPE_VOID ? "void" : name);
	}
	p->space = true;
}

/* What stands before the declared name. */
static void print_before(struct print *p, const struct ctype *type, int depth)
{
	bool derived = type->kind == CTYPE_POINTER || type->kind == CTYPE_ARRAY ||
		       type->kind == CTYPE_FUNCTION;

	if (type->alias || !derived || depth == DEPTH_MAX) {
		print_name(p, type);
		return;
	}
	print_before(p, type->target, depth + 1);
	if (type->kind == CTYPE_POINTER)
		print_piece(p, needs_parentheses(type) ? "(*" : "*");
}

static void print_params(struct print *p, const struct ctype *type)
{
	struct ctype_param param;
	unsigned int i = 0;

	print_piece(p, "(");
	if (++p->depth > 8 || p->text->size > p->limit) { /* in damaged BTF it may be its own */
		strbuf_str(p->text, "...)");
		p->depth--;
		return;
	}
	for (; ctype_param(type, i, &param) && p->text->size < p->limit; i++) {
		if (i)
			strbuf_str(p->text, ", ");
		print_type(p, param.type, param.name);
		p->space = false;
	}
	if (ctype_is_variadic(type))
		strbuf_str(p->text, i ? ", ..." : "...");
	else if (!i)
		strbuf_str(p->text, "void");
	strbuf_char(p->text, ')');
	p->depth--;
}

/* What stands behind it. */
static void print_after(struct print *p, const struct ctype *type, int depth)
{
	char count[16] = "[]";

	if (type->alias || depth == DEPTH_MAX)
		return;
	if (type->kind == CTYPE_POINTER) {
		if (needs_parentheses(type))
			print_piece(p, ")");
	} else if (type->kind == CTYPE_ARRAY) {
		if (type->count)
			snprintf(count, sizeof(count), "[%u]", type->count);
		print_piece(p, count);
	} else if (type->kind == CTYPE_FUNCTION) {
		print_params(p, type);
	} else {
		return;
	}
	print_after(p, type->target, depth + 1);
}

static void print_type(struct print *p, const struct ctype *type, const char *name)
{
	print_before(p, type, 0);
	if (*name)
		print_piece(p, name);
	print_after(p, type, 0);
}

void ctype_print(const struct ctype *type, const char *name, struct strbuf *text)
{
	struct print p = { .text = text, .limit = text->size + PRINT_MAX };

	print_type(&p, type, name ? name : "");
}
