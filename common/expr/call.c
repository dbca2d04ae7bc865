// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Functions: STRCMP() and the like. */
#include <stdlib.h>
#include <string.h>

#include "expr/meaning.h"

const char *const check_functions[] = {
	"STRCMP", "STRNCMP", "$entry", "ntohs", "ntohl", "ntop", NULL,
};

static size_t arguments_count(const struct node *n)
{
	size_t count = 0;

	for (const struct node *a = n->list; a; a = a->next)
		count++;
	return count;
}

static struct expr *check_swap(struct check *c, const struct node *n, unsigned int size)
{
	const struct ctype *type = ctype_integer(size, false);
	struct expr *e = expr_convert(c, check_value(c, n->list), type), *out;

	if (!e)
		return NULL;
	if (e->op == EXPR_CONSTANT)
		return expr_constant(c, c->big_endian ? e->value : size == 2 ?
				     __builtin_bswap16(e->value) : __builtin_bswap32(e->value),
				     type, n);
	out = expr_new(c, EXPR_SWAP, type, n);
	out->left = e;
	out->size = size;
	out->may_fault = e->may_fault;
	return out;
}

/* An address of the network's: a number of 4 bytes, or something of 4 or 16. */
static struct expr *check_ntop(struct check *c, const struct node *n)
{
	struct expr *e = check_node(c, n->list), *out;
	uint64_t size;

	if (!e)
		return NULL;
	if (e->type->kind == CTYPE_POINTER && ctype_size(e->type->target, &size) &&
	    (size == 4 || size == 16))
		e = expr_target(c, expr_value(c, e), e->type->target, n);
	if (!e)
		return NULL;
	if (!ctype_size(e->type, &size) || e->op == EXPR_TEXT || e->bits ||
	    (size != 4 && !(size == 16 && e->op == EXPR_OBJECT)))
		return FAIL_AT(c, n->list->at, "a network address has 4 or 16 bytes, and this is "
			       "%s", type_text(c, e->type));
	if (size == 4) {
		if (e->op == EXPR_OBJECT)
			e->type = ctype_integer(4, false);
		e = expr_value(c, e);
	}
	if (!e)
		return NULL;
	out = expr_new(c, e->op, e->type, n);
	*out = *e;
	out->is_ip = true;
	return out;
}

/* "{0x6c, 0}": the bytes that are meant; their number, or -1: it is no such list. */
static int bytes_parse(const char *text, char *bytes)
{
	int count = 0;
	char *end;
	long byte;

	if (*text++ != '{')
		return -1;
	do {
		byte = strtol(text, &end, 0);
		if (end == text || byte < -128 || byte > 255)
			return -1;
		bytes[count++] = byte;
		text = end + strspn(end, " ");
	} while (*text++ == ',');
	return text[-1] == '}' && !*text ? count : -1;
}

/* -B: STRCMP("{0x6c, 0}", x) */
static struct expr *check_bytes(struct check *c, const struct node *n, const struct node *text,
				struct expr *e)
{
	char *bytes = arena_alloc(c->arena, text->size + 1);
	int count = text->kind == NODE_STRING ? bytes_parse(text->text, bytes) : -1;
	struct expr *out;

	if (count < 0)
		return FAIL_AT(c, text->at, "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"");
	if (e->type->kind == CTYPE_ARRAY && e->type->count &&
	    (uint32_t)count > e->type->count * e->type->target->size)
		return FAIL_AT(c, n->where, "%s has no room for %d bytes: they are never equal",
			       type_text(c, e->type), count);
	out = expr_new(c, EXPR_MATCH, ctype_integer(4, true), n);
	out->left = e->type->kind == CTYPE_ARRAY ? e : expr_value(c, e);
	out->text = bytes;
	out->text_size = count;
	out->prefix = out->is_binary = out->is_truth = out->may_fault = true;
	return out->left ? out : NULL;
}

/* Up to where STRNCMP() compares. 0: failed. */
static uint64_t match_limit(struct check *c, const struct node *n)
{
	const struct node *a = n->list, *b = a->next;
	struct expr *size;

	if (!b->next) {
		if (a->kind != NODE_STRING && b->kind != NODE_STRING)
			return !check_fail(c, a->at, "of strings that are not in quotes STRNCMP takes the "
					   "number of bytes, too: STRNCMP(a, b, 4)");
		size = check_node(c, a->kind == NODE_STRING ? a : b);
		return size->text_size ? size->text_size :
		       !check_fail(c, n->where, "every string begins with an empty one");
	}
	size = check_value(c, b->next);
	if (!size)
		return 0;
	if (size->op != EXPR_CONSTANT)
		return !check_fail(c, size->node->at, "the number of bytes has to be constant");
	return size->value ? size->value :
	       !check_fail(c, n->where, "every string begins with an empty one");
}

static bool is_string(struct check *c, const struct expr *e)
{
	if (expr_is_text(e) || (ctype_is_integer(e->type) && e->type->size == 8))
		return true;
	return !check_fail(c, e->node->at, "this is no string but %s", type_text(c, e->type));
}

/* STRCMP(a, b), STRNCMP("text", x) and STRNCMP(a, b, n) are true if they match. */
static struct expr *check_match(struct check *c, const struct node *n, bool prefix)
{
	const struct node *text = n->list, *other = text->next;
	uint64_t limit = prefix ? match_limit(c, n) : UINT64_MAX;
	struct expr *a, *b;

	if (!limit)
		return NULL;
	if (text->kind != NODE_STRING && other->kind == NODE_STRING) {
		text = other;
		other = n->list;
	}
	a = check_node(c, text);
	b = a ? check_node(c, other) : NULL;
	if (!b)
		return NULL;
	if (b->op == EXPR_TEXT && (c->binary || other->kind == NODE_STRING))
		return FAIL_AT(c, other->at, "both are strings in quotes: one has to be what is traced");
	if (c->binary && (text->kind != NODE_STRING || b->type->kind == CTYPE_POINTER ||
			  b->type->kind == CTYPE_ARRAY))
		return check_bytes(c, n, text, b);
	if (!is_string(c, a) || !is_string(c, b))
		return NULL;
	return c->binary ? check_bytes(c, n, text, b) : expr_same(c, a, b, limit, n);
}

static bool is_function(const char *name)
{
	size_t i = 0;

	while (check_functions[i] && strcmp(check_functions[i], name))
		i++;
	return check_functions[i];
}

struct expr *check_call(struct check *c, const struct node *n)
{
	size_t count = arguments_count(n);
	bool compares = !strncmp(n->text, "STR", 3);
	size_t least = compares ? 2 : 1, most = !strcmp(n->text, "STRNCMP") ? 3 : least;

	/* sum() and the like, which argdist takes before it asks for values */
	if (!is_function(n->text))
		return FAIL_AT(c, n->where, "%s() stands alone, as the last of the values", n->text);
	if (count < least || count > most)
		return FAIL_AT(c, n->where, "%s takes %zu%s argument%s, not %zu", n->text, least,
			       most > least ? " or 3" : "", least > 1 ? "s" : "", count);
	if (compares)
		return check_match(c, n, n->text[3] == 'N');
	if (!strcmp(n->text, "$entry"))
		return check_entry(c, n);
	if (!strcmp(n->text, "ntop"))
		return check_ntop(c, n);
	return check_swap(c, n, n->text[4] == 's' ? 2 : 4);
}
