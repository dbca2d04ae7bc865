// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "expr/gen.h"
#include "expr/meaning.h"
#include "names.h"
#include "probe/near.h"

/* --- names of the scope --------------------------------------------------------------------- */

static const struct scope_name *name_find(const struct scope_name *names, size_t count,
					  const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i].name, text))
			return &names[i];
	}
	return NULL;
}

static struct expr *register_read(struct check *c, uint32_t at, const struct node *n)
{
	struct expr *e = expr_new(c, EXPR_CONTEXT, ctype_integer(8, false), n);

	e->offset = at;
	e->size = 8;
	return e;
}

/* An object at base + offset. */
static struct expr *fetch_object(struct check *c, const struct scope_name *name, struct expr *base,
				 int64_t offset, enum space lies)
{
	struct expr *e = expr_new(c, EXPR_OBJECT, name->type, base->node);

	e->left = base;
	e->offset = offset;
	e->lies = lies;
	e->space = name->points;
	e->may_fault = true;
	return e;
}

/* 8 bytes somewhere that hold a register, of which the type takes the lower ones. */
static struct expr *fetch_register(struct check *c, const struct scope_name *name, struct expr *e)
{
	/* Of a bool's register one byte counts, and of an address all. */
	if (name->type->is_bool)
		e = expr_convert(c, e, ctype_integer(1, false));
	/* Above the byte of a bool there may be anything. */
	if (name->type->is_bool)
		e = expr_convert(c, e, ctype_integer(1, false));
	e = expr_convert(c, e, name->type);
	if (e)
		e->space = name->points;
	return e;
}

static struct expr *fetch_memory(struct check *c, const struct scope_name *name,
				 const struct node *n)
{
	const struct fetch *f = &name->fetch;
	const struct ctype *word = ctype_integer(8, false);
	struct expr *base = register_read(c, f->at, n), *index;

	if (f->scale) {
		index = expr_binary(c, EXPR_MUL, register_read(c, f->index, n),
				    expr_constant(c, f->scale, word, n), word, n);
		base = expr_binary(c, EXPR_ADD, base, index, word, n);
	}
	return fetch_object(c, name, base, f->more, f->space);
}

static struct expr *fetch_inner(struct check *c, const struct scope_name *name,
				const struct node *n)
{
	struct expr *e = expr_new(c, EXPR_LOAD, ctype_integer(8, false), n);

	e->left = register_read(c, name->fetch.at, n);
	e->offset = name->fetch.more;
	e->lies = SPACE_KERNEL;
	e->size = 8;
	e->may_fault = true;
	return fetch_register(c, name, e);
}

/* Text that lies somewhere in the record. */
static struct expr *fetch_loc(struct check *c, const struct scope_name *name, const struct node *n)
{
	const struct ctype *word = ctype_integer(8, false);
	struct expr *where = expr_new(c, EXPR_CONTEXT, ctype_integer(4, false), n);
	struct expr *base = expr_new(c, EXPR_CONTEXT_ADDRESS, word, n), *mask;

	where->offset = name->fetch.at;
	where->size = 4;
	mask = expr_constant(c, 0xffff, ctype_integer(4, false), n);
	base->left = expr_binary(c, EXPR_AND, where, mask, ctype_integer(4, false), n);
	base->offset = name->fetch.kind == FETCH_REL_LOC ? name->fetch.at + 4 : 0;
	return fetch_object(c, name, base, 0, SPACE_KERNEL);
}

static struct expr *fetch(struct check *c, const struct scope_name *name, const struct node *n)
{
	struct expr *e;

	switch (name->fetch.kind) {
	case FETCH_REGISTER:
		return fetch_register(c, name, register_read(c, name->fetch.at, n));
	case FETCH_FIELD:
		e = expr_new(c, EXPR_CONTEXT_ADDRESS, ctype_integer(8, false), n);
		return fetch_object(c, name, e, name->fetch.at, SPACE_KERNEL);
	case FETCH_DATA_LOC:
	case FETCH_REL_LOC:
		return fetch_loc(c, name, n);
	case FETCH_INNER:
		return fetch_inner(c, name, n);
	case FETCH_MEMORY:
		return fetch_memory(c, name, n);
	case FETCH_CONSTANT:
		break;
	}
	e = expr_constant(c, name->fetch.more, name->type, n);
	e->space = name->points;
	return e;
}

struct expr *check_name(struct check *c, const struct scope_name *name)
{
	static const struct node nowhere;

	return fetch(c, name, &nowhere);
}

/* --- what was kept at the entry --------------------------------------------------------------- */

static bool alike(const struct expr *a, const struct expr *b)
{
	if (!a || !b)
		return a == b;
	return a->op == b->op && a->type == b->type && a->value == b->value &&
	       a->offset == b->offset && a->lies == b->lies && a->space == b->space &&
	       a->size == b->size && a->shift == b->shift && a->bits == b->bits &&
	       a->is_signed == b->is_signed && a->compare_signed == b->compare_signed &&
	       a->prefix == b->prefix && a->is_binary == b->is_binary && a->text_size == b->text_size &&
	       (!a->text_size || !memcmp(a->text, b->text, a->text_size)) &&
	       alike(a->left, b->left) && alike(a->right, b->right) &&
	       alike(a->condition, b->condition);
}

static struct expr *kept(struct check *c, struct expr *e, const struct node *n)
{
	struct expr *out;
	size_t i = 0;

	if (!e)
		return NULL;
	while (i < c->kept_count && !alike(c->kept[i], e))
		i++;
	if (i == CHECK_KEPT_MAX)
		return FAIL_AT(c, n->where, "not more than %d values can be kept", CHECK_KEPT_MAX);
	c->kept[i] = e;
	if (i == c->kept_count)
		c->kept_count++;
	out = expr_new(c, EXPR_KEPT, e->type, n);
	out->offset = 8 * i;
	out->space = e->space;
	out->may_fault = e->may_fault;
	out->bits = e->bits;
	out->is_ip = e->is_ip;
	out->is_truth = e->is_truth;
	return out;
}

static struct expr *check_entry(struct check *c, const struct node *n)
{
	const struct scope *scope = c->scope;
	struct expr *e;

	if (!c->entry)
		return FAIL_AT(c, n->where, "$entry() is for returns (r:...) and pairs (END <- START)");
	if (c->in_entry)
		return FAIL_AT(c, n->where, "this is what was at the entry already");
	c->scope = c->entry;
	c->in_entry = true;
	e = check_value(c, n->list);
	c->scope = scope;
	c->in_entry = false;
	return kept(c, e, n);
}

/* --- variables ------------------------------------------------------------------------------ */

#define INT4 ctype_integer(4, true)
#define UINT4 ctype_integer(4, false)
#define UINT8 ctype_integer(8, false)

static const struct variable {
	const char *name;
	enum bpf_func_id helper; /* 0: see variable_read() */
	unsigned int shift;
	unsigned int size;
} variables[] = {
	{ "$pid", BPF_FUNC_get_current_pid_tgid, 0, 4 },
	{ "$tid", BPF_FUNC_get_current_pid_tgid, 0, 4 },
	{ "$tgid", BPF_FUNC_get_current_pid_tgid, 32, 4 },
	{ "$uid", BPF_FUNC_get_current_uid_gid, 0, 4 },
	{ "$gid", BPF_FUNC_get_current_uid_gid, 32, 4 },
	{ "$cpu", BPF_FUNC_get_smp_processor_id, 0, 4 },
	{ "$cgroup", BPF_FUNC_get_current_cgroup_id, 0, 8 },
	{ "$task", 0, 0, 8 },
	{ "$comm", 0, 0, 16 },
	{ "$nsecs", 0, offsetof(struct gen_hit, now), 8 },
	{ "$seq", 0, offsetof(struct gen_hit, seq), 8 },
	{ "$delta", 0, offsetof(struct gen_hit, delta), 8 },
	{ "$latency", 0, offsetof(struct gen_hit, latency), 8 },
	/* argdist's, of which $PID is the process */
	{ "$PID", BPF_FUNC_get_current_pid_tgid, 32, 4 },
	{ "$TID", BPF_FUNC_get_current_pid_tgid, 0, 4 },
	{ "$UID", BPF_FUNC_get_current_uid_gid, 0, 4 },
	{ "$GID", BPF_FUNC_get_current_uid_gid, 32, 4 },
	{ "$CPU", BPF_FUNC_get_smp_processor_id, 0, 4 },
	{ "$CGROUP", BPF_FUNC_get_current_cgroup_id, 0, 8 },
	{ "$COMM", 0, 0, 16 },
	{ "$NSECS", 0, offsetof(struct gen_hit, now), 8 },
	{ "$PROBE", 0, offsetof(struct gen_hit, slot), 8 },
	{ NULL, 0, 0, 0 },
};

static struct expr *read_task(struct check *c, const struct node *n)
{
	const struct ctype *type = ctypes_tag(c->types, CTYPE_STRUCT, "task_struct");
	struct expr *e = expr_new(c, EXPR_TASK, NULL, n);

	e->type = ctypes_pointer(c->types, type ? type : &ctype_void);
	e->space = SPACE_KERNEL;
	return e;
}

static struct expr *variable_read(struct check *c, const struct variable *v, const struct node *n)
{
	bool is_id = strchr("ptPT", v->name[1]); /* pid_t is signed */
	const struct ctype *type = v->size == 8 ? UINT8 : is_id ? INT4 : UINT4;
	struct expr *e;

	if (!strcmp(v->name, "$task"))
		return read_task(c, n);
	if (!strcasecmp(v->name, "$comm"))
		return expr_new(c, EXPR_COMM, ctypes_array(c->types, ctype_basic("char"), 16), n);
	if (!strcmp(v->name, "$latency") && !c->entry)
		return FAIL_AT(c, n->where, "$latency is for returns (r:...) and pairs (END <- START)");
	c->uses_latency |= !strcmp(v->name, "$latency");
	c->uses_now |= !strcasecmp(v->name, "$nsecs");
	c->uses_seq |= !strcmp(v->name, "$seq");
	c->uses_delta |= !strcmp(v->name, "$delta");
	if (c->in_entry && !v->helper && v->shift >= offsetof(struct gen_hit, seq) &&
	    v->shift <= offsetof(struct gen_hit, latency))
		return FAIL_AT(c, n->where, "%s is not known at the entry", v->name);
	e = expr_new(c, v->helper ? EXPR_HELPER : EXPR_HIT, type, n);
	e->value = v->helper;
	e->offset = v->shift;
	e->size = v->size;
	return e;
}

/* Those in capitals are argdist's words for the same. */
static void variables_list(struct strbuf *text)
{
	for (const struct variable *v = variables; v->name; v++) {
		if (islower(v->name[1]))
			strbuf_printf(text, "%s%s", v == variables ? "; there are " : ", ", v->name);
	}
}

static struct expr *check_variable(struct check *c, const struct node *n)
{
	struct near near = { .wanted = n->text };
	struct strbuf text = {};

	for (const struct variable *v = variables; v->name; v++) {
		if (!strcmp(v->name, n->text))
			return variable_read(c, v, n);
	}
	if (!strcmp(n->text, "$retval")) {
		const struct scope_name *name = name_find(c->scope->names, c->scope->count, "retval");

		if (name)
			return fetch(c, name, n);
		return FAIL_AT(c, n->where, "$retval is for returns: r:..., r::...");
	}
	if (!strcmp(n->text, "$KSTACK") || !strcmp(n->text, "$USTACK"))
		return FAIL_AT(c, n->where, "%s is a key by itself, no value", n->text);
	if (!strcmp(n->text, "$entry"))
		return FAIL_AT(c, n->where, "$entry takes an expression: $entry(...)");
	near_offer(&near, "$entry");
	for (const struct variable *v = variables; v->name; v++)
		near_offer(&near, v->name);
	strbuf_printf(&text, "there is no %s", n->text);
	if (!near_ask(&near, "", &text))
		variables_list(&text);
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

/* --- constants, and what is not known ----------------------------------------------------------- */

#define ERRNO_END 134

static bool errno_find(const char *name, uint64_t *value)
{
	for (int err = 1; err < ERRNO_END; err++) {
		const char *known = errno_name(err);

		if (known && !strcmp(known, name)) {
			*value = err;
			return true;
		}
	}
	return false;
}

static struct expr *check_constant(struct check *c, const struct node *n)
{
	struct ctype_constant constant;
	uint32_t mask, flag;
	uint64_t value;

	if (!ctypes_constant(c->types, n->text, &constant)) {
		if (constant.is_ambiguous)
			return FAIL_AT(c, n->where, "several enums give %s different values: write the "
				       "number", n->text);
		if (constant.is_cut)
			return FAIL_AT(c, n->where, "of %s only 32 bits are known on this kernel: write "
				       "the number", n->text);
		return expr_constant(c, constant.value, ctype_constant_type(&constant), n);
	}
	/* Macros are in no types: the usual ones are known by name. */
	if (errno_find(n->text, &value))
		return expr_constant(c, value, INT4, n);
	if (open_flag_parse(n->text, &mask, &flag))
		return expr_constant(c, flag, INT4, n);
	if (!strcmp(n->text, "NULL"))
		return expr_constant(c, 0, ctypes_pointer(c->types, &ctype_void), n);
	if (!strcmp(n->text, "true") || !strcmp(n->text, "false"))
		return expr_constant(c, n->text[0] == 't', INT4, n);
	return NULL;
}

/* The first of arg1, arg2 ..., which are the last names. */
static bool numbered(const char *name)
{
	return !strcmp(name, "arg1");
}

/* A tracepoint's fields are not names by themselves: the commonest mistake. */
static bool field_ask(const struct scope *scope, const char *name, struct strbuf *text)
{
	for (size_t i = 0; i < scope->field_count; i++) {
		if (strcmp(scope->fields[i].name, name))
			continue;
		strbuf_printf(text, "; did you mean args->%s?", name);
		return true;
	}
	return false;
}

/* The names that there are, if they are few. */
static void names_list(const struct scope *scope, const char *begin, struct strbuf *text)
{
	size_t size = text->size;

	if (!scope->count)
		return;
	if (begin[0] == ';')
		strbuf_printf(text, "; %s has ", scope->what);
	else
		strbuf_str(text, begin);
	for (size_t i = 0; i < scope->count && text->size < size + 120; i++) {
		if (numbered(scope->names[i].name) && i + 1 < scope->count) {
			strbuf_printf(text, "%sarg1 to %s", i ? ", " : "",
				      scope->names[scope->count - 1].name);
			break;
		}
		strbuf_printf(text, "%s%s", i ? ", " : "", scope->names[i].name);
	}
}

static struct expr *fail_name(struct check *c, const struct node *n)
{
	struct near near = { .wanted = n->text };
	struct strbuf text = {};

	for (size_t i = 0; i < c->scope->count && !numbered(c->scope->names[i].name); i++)
		near_offer(&near, c->scope->names[i].name);
	for (size_t i = 0; c->entry && i < c->entry->count &&
			   !numbered(c->entry->names[i].name); i++)
		near_offer(&near, c->entry->names[i].name);
	for (int err = 1; err < ERRNO_END; err++)
		near_offer(&near, errno_name(err) ? errno_name(err) : "");
	ctypes_near_constant(c->types, &near);
	strbuf_printf(&text, "nothing here is called %s", n->text);
	/* To one letter all other letters are near. */
	if (!field_ask(c->scope, n->text, &text) &&
	    (!n->text[1] || !near_ask(&near, "", &text))) {
		names_list(c->scope, ";", &text);
		if (c->entry)
			names_list(c->entry, ", and at its entry ", &text);
	}
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

static struct expr *check_named(struct check *c, const struct node *n)
{
	const struct scope_name *name = name_find(c->scope->names, c->scope->count, n->text);
	struct expr *e;

	if (name)
		return fetch(c, name, n);
	if (c->entry && !c->in_entry) {
		name = name_find(c->entry->names, c->entry->count, n->text);
		if (name)
			return kept(c, expr_value(c, fetch(c, name, n)), n);
	}
	e = check_constant(c, n);
	if (e || c->failed)
		return e;
	if (!strcmp(n->text, "args"))
		return FAIL_AT(c, n->where, "args stands before a field: args->NAME");
	if (!strcmp(n->text, "retval") && c->in_entry)
		return FAIL_AT(c, n->where, "there is no retval at the entry yet");
	if (!strcmp(n->text, "retval"))
		return FAIL_AT(c, n->where, "retval is for returns: r:..., r::...");
	if (!strcmp(n->text, "ctx"))
		return FAIL_AT(c, n->where, "ctx stands before a register: ctx->ip");
	return fail_name(c, n);
}

struct expr *check_leaf(struct check *c, const struct node *n)
{
	static const unsigned char sizes[] = { [BASE_INT] = 4, [BASE_UINT] = 4 };
	bool is_unsigned = n->base == BASE_UINT || n->base == BASE_ULONG || n->base == BASE_ULLONG;
	struct expr *e;

	if (n->kind == NODE_VARIABLE)
		return check_variable(c, n);
	if (n->kind == NODE_NAME)
		return check_named(c, n);
	if (n->kind == NODE_STRING) {
		e = expr_new(c, EXPR_TEXT, ctypes_array(c->types, ctype_basic("char"), n->size + 1), n);
		e->text = n->text;
		e->text_size = n->size;
		return e;
	}
	return expr_constant(c, n->value,
			     ctype_integer(n->base == BASE_INT || n->base == BASE_UINT ?
						   sizes[n->base] : 8, !is_unsigned), n);
}

/* --- members -------------------------------------------------------------------------------- */

static struct expr *fail_member(struct check *c, const struct node *n, const struct ctype *type)
{
	struct near near = { .wanted = n->text };
	struct strbuf text = {};

	ctype_member_near(type, &near);
	strbuf_printf(&text, "%s has no member %s", type_text(c, type), n->text);
	near_ask(&near, "", &text);
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

static struct expr *fail_field(struct check *c, const struct node *n)
{
	const size_t prefix = strlen("ctx->");
	struct near near = { .wanted = n->text };
	const struct scope *s = c->scope;
	bool has_registers = s->field_count && !strncmp(s->fields[0].name, "ctx->", prefix);
	bool is_register = !strcmp(n->left->text, "ctx");
	size_t skip = is_register ? prefix : 0;
	struct strbuf text = {};
	bool guessed;

	if (is_register && !has_registers)
		return FAIL_AT(c, n->left->at, "there are no registers here");
	if (!is_register && (!s->field_count || has_registers))
		return FAIL_AT(c, n->left->at, "%s", s->args ? s->args :
			       "args is for tracepoints (t:...)");
	for (size_t i = 0; i < s->field_count; i++)
		near_offer(&near, s->fields[i].name + skip);
	strbuf_printf(&text, is_register ? "%s has no register %s" : "%s has no field %s", s->what,
		      n->text);
	guessed = near_ask(&near, "", &text);
	for (size_t i = 0; !guessed && i < s->field_count && text.size < 180; i++)
		strbuf_printf(&text, "%s%s", i ? ", " : ": it has ", s->fields[i].name + skip);
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

/* args->FIELD, ctx->REGISTER: what only looks like a pointer. Else NULL, and nothing failed. */
static struct expr *check_field(struct check *c, const struct node *n)
{
	const struct node *left = n->left;
	const struct scope_name *name;
	char text[32];

	if (left->kind != NODE_NAME || name_find(c->scope->names, c->scope->count, left->text))
		return NULL;
	if (!strcmp(left->text, "ctx")) {
		snprintf(text, sizeof(text), "ctx->%s", n->text);
		name = name_find(c->scope->fields, c->scope->field_count, text);
		return name ? fetch(c, name, n) : fail_field(c, n);
	}
	if (strcmp(left->text, "args"))
		return NULL;
	name = name_find(c->scope->fields, c->scope->field_count, n->text);
	return name ? fetch(c, name, n) : fail_field(c, n);
}

/* The member of an object. */
static struct expr *member_of(struct check *c, struct expr *object, const struct node *n)
{
	const struct ctype *type = ctype_complete(object->type);
	struct ctype_member m;
	struct expr *e;

	if (type->is_incomplete)
		return FAIL_AT(c, n->where, "what is in %s is not known: only its name is",
			       type_text(c, type));
	if (!ctype_member_find(type, n->text, &m))
		return fail_member(c, n, type);
	if (m.type->is_percpu)
		return FAIL_AT(c, n->where, "%s is different for each CPU: it cannot be followed",
			       n->text);
	e = expr_new(c, EXPR_OBJECT, m.type, n);
	e->left = object->left;
	e->lies = object->lies;
	e->offset = object->offset + m.bit_offset / 8;
	e->space = object->lies == SPACE_USER || m.type->is_user ? SPACE_USER : SPACE_ANY;
	e->may_fault = true;
	if (m.bits) {
		e->shift = m.bit_offset % 8;
		e->bits = m.bits;
	}
	return e;
}

static bool is_record(const struct ctype *type)
{
	return type->kind == CTYPE_STRUCT || type->kind == CTYPE_UNION;
}

static struct expr *fail_no_record(struct check *c, const struct node *n, const struct expr *e)
{
	const struct ctype *type = e->type;

	if (n->arrow && is_record(type))
		return FAIL_AT(c, n->where, "this is no pointer but %s: write . in place of ->",
			       type_text(c, type));
	if (!n->arrow && type->kind == CTYPE_POINTER && is_record(type->target))
		return FAIL_AT(c, n->where, "this is a pointer, %s: write -> in place of .",
			       type_text(c, type));
	if (n->arrow && type->kind == CTYPE_POINTER)
		return FAIL_AT(c, n->where, "%s points to no struct: cast it, "
			       "((struct NAME *)...)->%s", type_text(c, type), n->text);
	if (ctype_is_integer(type) && type->size < 8)
		return FAIL_AT(c, n->where, "this is a number, %s: it has no members",
			       type_text(c, type));
	if (ctype_is_integer(type))
		return FAIL_AT(c, n->where, "this is a number, %s: if it is an address, cast it, "
			       "((struct NAME *)...)->%s", type_text(c, type), n->text);
	return FAIL_AT(c, n->where, "%s has no members", type_text(c, type));
}

struct expr *check_member(struct check *c, const struct node *n)
{
	struct expr *e = check_field(c, n);

	if (e || c->failed)
		return e;
	e = check_node(c, n->left);
	if (!e)
		return NULL;
	if (n->arrow) {
		if (e->type->kind == CTYPE_ARRAY || e->type->kind == CTYPE_POINTER)
			e = expr_value(c, e);
		if (!e)
			return NULL;
		if (e->type->kind != CTYPE_POINTER || !is_record(e->type->target))
			return fail_no_record(c, n, e);
		e = expr_target(c, e, e->type->target, n);
	}
	if (!is_record(e->type) || e->op != EXPR_OBJECT)
		return fail_no_record(c, n, e);
	return member_of(c, e, n);
}

/* --- functions ------------------------------------------------------------------------------ */

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
			e->type = UINT4;
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
	int count = bytes_parse(text->text, bytes);
	struct expr *out;

	if (count < 0)
		return FAIL_AT(c, text->at, "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"");
	if (e->type->kind == CTYPE_ARRAY && e->type->count &&
	    (uint32_t)count > e->type->count * e->type->target->size)
		return FAIL_AT(c, n->where, "%s has no room for %d bytes: they are never equal",
			       type_text(c, e->type), count);
	out = expr_new(c, EXPR_MATCH, INT4, n);
	out->left = e->type->kind == CTYPE_ARRAY ? e : expr_value(c, e);
	out->text = bytes;
	out->text_size = count;
	out->prefix = out->is_binary = out->is_truth = out->may_fault = true;
	return out->left ? out : NULL;
}

/* STRCMP("text", x), STRNCMP("text", x) and STRNCMP("text", x, n) are true if they match. */
static struct expr *check_match(struct check *c, const struct node *n, bool prefix)
{
	const struct node *text = n->list, *other = text->next;
	struct expr *e, *size;
	size_t length;

	if (text->kind != NODE_STRING && other->kind == NODE_STRING) {
		text = other;
		other = n->list;
	}
	if (text->kind != NODE_STRING)
		return FAIL_AT(c, n->list->at, "%s compares with a string in quotes: "
			       "%s(\"text\", expression)", n->text, n->text);
	length = text->size;
	if (n->list->next->next) {
		size = check_value(c, n->list->next->next);
		if (!size)
			return NULL;
		if (size->op != EXPR_CONSTANT)
			return FAIL_AT(c, size->node->at, "the number of bytes has to be constant");
		if (size->value < length)
			length = size->value;
		else if (size->value > length)
			prefix = false;
	}
	e = check_node(c, other);
	if (!e)
		return NULL;
	if (e->op == EXPR_TEXT)
		return FAIL_AT(c, other->at, "both are strings in quotes: one has to be what is traced");
	if (c->binary && (e->type->kind == CTYPE_POINTER || e->type->kind == CTYPE_ARRAY))
		return check_bytes(c, n, text, e);
	if (!expr_is_text(e) && !(ctype_is_integer(e->type) && e->type->size == 8))
		return FAIL_AT(c, other->at, "this is no string but %s", type_text(c, e->type));
	if (c->binary)
		return check_bytes(c, n, text, e);
	return expr_match(c, e, text->text, length, prefix, n);
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
