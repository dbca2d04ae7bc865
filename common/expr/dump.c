// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "escape.h"
#include "expr/dump.h"

const char *dump_base(enum base_type base)
{
	static const char *const names[] = {
		[BASE_VOID] = "void",
		[BASE_BOOL] = "_Bool",
		[BASE_CHAR] = "char",
		[BASE_SCHAR] = "signed char",
		[BASE_UCHAR] = "unsigned char",
		[BASE_SHORT] = "short",
		[BASE_USHORT] = "unsigned short",
		[BASE_INT] = "int",
		[BASE_UINT] = "unsigned int",
		[BASE_LONG] = "long",
		[BASE_ULONG] = "unsigned long",
		[BASE_LLONG] = "long long",
		[BASE_ULLONG] = "unsigned long long",
		[BASE_FLOAT] = "float",
		[BASE_DOUBLE] = "double",
		[BASE_LDOUBLE] = "long double",
	};

	return names[base];
}

static bool base_signed(enum base_type base)
{
	return base == BASE_INT || base == BASE_LONG || base == BASE_LLONG; /* those of numbers */
}

/* What a number of the type ends in. */
static const char *base_suffix(enum base_type base)
{
	return base == BASE_UINT   ? "u" :
	       base == BASE_LONG   ? "l" :
	       base == BASE_ULONG  ? "ul" :
	       base == BASE_LLONG  ? "ll" :
	       base == BASE_ULLONG ? "ull" : "";
}

static void dump_sign(struct strbuf *out, const struct type_name *t)
{
	switch (t->kind) {
	case TYPE_BASE:
		strbuf_str(out, dump_base(t->base));
		break;
	case TYPE_STRUCT:
		strbuf_printf(out, "struct %s", t->name);
		break;
	case TYPE_UNION:
		strbuf_printf(out, "union %s", t->name);
		break;
	case TYPE_ENUM:
		strbuf_printf(out, "enum %s", t->name);
		break;
	case TYPE_TYPEDEF:
		strbuf_str(out, t->name);
		break;
	case TYPE_POINTER:
		strbuf_char(out, '*');
		break;
	case TYPE_FUNCTION:
		strbuf_str(out, "()");
		break;
	case TYPE_ARRAY:
		strbuf_char(out, '[');
		if (t->count)
			dump_node(out, t->count);
		strbuf_char(out, ']');
	}
	if (t->user)
		strbuf_str(out, " __user ");
}

/* From the innermost type out; recursion, which ast.h bounds. */
static void dump_chain(struct strbuf *out, const struct type_name *t)
{
	if (t->of)
		dump_chain(out, t->of);
	dump_sign(out, t);
}

void dump_type(struct strbuf *out, const struct type_name *type)
{
	strbuf_char(out, '{');
	dump_chain(out, type);
	if (out->data[out->size - 1] == ' ')
		out->size--;
	strbuf_char(out, '}');
}

static void dump_parts(struct strbuf *out, const char *sign, const struct node *const *parts,
		       size_t n)
{
	strbuf_printf(out, "(%s", sign);
	for (size_t i = 0; i < n; i++) {
		if (!parts[i])
			continue;
		strbuf_char(out, ' ');
		dump_node(out, parts[i]);
	}
	strbuf_char(out, ')');
}

#define DUMP_PARTS(out, sign, ...) do {						\
	const struct node *const parts[] = { __VA_ARGS__ };			\
	dump_parts(out, sign, parts, sizeof(parts) / sizeof(parts[0]));		\
} while (0)

static void dump_list(struct strbuf *out, const char *what, const char *name,
		      const struct node *list)
{
	strbuf_printf(out, "(%s%s", what, name);
	for (; list; list = list->next) {
		strbuf_char(out, ' ');
		dump_node(out, list);
	}
	strbuf_char(out, ')');
}

/* "(what {type} left)" */
static void dump_typed(struct strbuf *out, const char *what, const struct node *n)
{
	strbuf_printf(out, "(%s ", what);
	dump_type(out, n->type);
	if (n->left) {
		strbuf_char(out, ' ');
		dump_node(out, n->left);
	}
	strbuf_char(out, ')');
}

static void dump_member(struct strbuf *out, const struct node *n)
{
	strbuf_str(out, n->arrow ? "(-> " : "(. ");
	dump_node(out, n->left);
	strbuf_printf(out, " %s)", n->text);
}

static void dump_string(struct strbuf *out, const struct node *n)
{
	strbuf_char(out, '"');
	escape_text(out, n->text, n->size, true);
	strbuf_char(out, '"');
}

void dump_node(struct strbuf *out, const struct node *n)
{
	switch (n->kind) {
	case NODE_NUMBER:
		if (base_signed(n->base))
			strbuf_s64(out, n->value);
		else
			strbuf_u64(out, n->value);
		strbuf_str(out, base_suffix(n->base));
		break;
	case NODE_STRING:
		dump_string(out, n);
		break;
	case NODE_NAME:
	case NODE_VARIABLE:
		strbuf_str(out, n->text);
		break;
	case NODE_UNARY:
	case NODE_BINARY:
		DUMP_PARTS(out, token_sign(n->op), n->left, n->right);
		break;
	case NODE_CONDITION:
		DUMP_PARTS(out, n->left ? "?" : "?:", n->condition, n->left, n->right);
		break;
	case NODE_INDEX:
		DUMP_PARTS(out, "[]", n->left, n->right);
		break;
	case NODE_SIZEOF:
		DUMP_PARTS(out, "sizeof", n->left);
		break;
	case NODE_SPACE:
		DUMP_PARTS(out, n->kernel ? "@kernel" : "@user", n->left);
		break;
	case NODE_CAST:
		dump_typed(out, "cast", n);
		break;
	case NODE_SIZEOF_TYPE:
		dump_typed(out, "sizeof", n);
		break;
	case NODE_CALL:
		dump_list(out, "call ", n->text, n->list);
		break;
	case NODE_TUPLE:
		dump_list(out, "tuple", "", n->list);
		break;
	case NODE_MEMBER:
		dump_member(out, n);
		break;
	}
}

void dump_signature(struct strbuf *out, const struct parameter *first)
{
	strbuf_char(out, '(');
	for (const struct parameter *p = first; p; p = p->next) {
		strbuf_printf(out, "%s%s%s", p == first ? "" : ", ", p->name ? p->name : "",
			      p->name ? " " : "");
		dump_type(out, p->type);
	}
	strbuf_char(out, ')');
}
