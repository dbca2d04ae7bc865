// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Leaves: names, variables, constants; what was kept at the entry. */
#include <ctype.h>
#include <linux/bpf.h>
#include <string.h>
#include <strings.h>

#include "expr/gen.h"
#include "expr/meaning.h"
#include "names.h"
#include "probe/near.h"

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

struct expr *check_entry(struct check *c, const struct node *n)
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
		const struct scope_name *name = scope_find(c->scope->names, c->scope->count, "retval");

		const char *why = scope_unread(c->scope, "retval");

		if (name)
			return expr_fetch(c, name, n);
		if (why)
			return FAIL_AT(c, n->where, "%s", why);
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

#define LIST_SIZE 120

/* The names that there are, or the first of them; argN in any case. */
static void names_list(const struct scope *scope, struct strbuf *text)
{
	size_t size = text->size, i = 0;

	for (; i < scope->count && !numbered(scope->names[i].name); i++) {
		if (text->size < size + LIST_SIZE)
			strbuf_printf(text, "%s%s", i ? ", " : "", scope->names[i].name);
		else if (text->data[text->size - 1] != '.')
			strbuf_str(text, ", ...");
	}
	if (i + 1 < scope->count)
		strbuf_printf(text, "%sarg1 to %s", i ? ", " : "",
			      scope->names[scope->count - 1].name);
	else if (i < scope->count)
		strbuf_printf(text, "%sarg1", i ? ", " : "");
}

/* What this place has, and what its entry has. */
static void names_tell(const struct check *c, struct strbuf *text)
{
	if (c->scope->count) {
		strbuf_printf(text, "; %s has ", c->scope->what);
		names_list(c->scope, text);
	}
	if (!c->entry || !c->entry->count)
		return;
	if (c->scope->count)
		strbuf_str(text, ", and at its entry ");
	else
		strbuf_printf(text, "; at its entry %s has ", c->entry->what);
	names_list(c->entry, text);
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
	    (!n->text[1] || !near_ask(&near, "", &text)))
		names_tell(c, &text);
	check_fail(c, n->where, "%s", strbuf_cstr(&text));
	strbuf_free(&text);
	near_free(&near);
	return NULL;
}

static struct expr *check_named(struct check *c, const struct node *n)
{
	const struct scope_name *name = scope_find(c->scope->names, c->scope->count, n->text);
	const char *why = name ? NULL : scope_unread(c->scope, n->text);
	struct expr *e;

	if (name)
		return expr_fetch(c, name, n);
	if (!why && c->entry && !c->in_entry) {
		name = scope_find(c->entry->names, c->entry->count, n->text);
		if (name)
			return kept(c, expr_value(c, expr_fetch(c, name, n)), n);
		why = scope_unread(c->entry, n->text);
	}
	if (why)
		return FAIL_AT(c, n->where, "%s", why);
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
