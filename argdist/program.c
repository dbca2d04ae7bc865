// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "program.h"

#define KEY_MOST 480 /* bytes: kernels before 5.11 end at 512 */

/* A specifier while it is compiled. */
struct work {
	struct compile c;
	struct compiler *p;
	const struct specifier *s;
	uint32_t string_size;
	const struct value *all; /* program.h */
	struct specifier_tree tree;
	struct action *action;
	struct expr *predicate, **exprs;
	enum gen_want *wants;
	size_t count;
	struct code fill;
};

static int parse_all(struct work *w)
{
	struct parse parse;

	compile_parse(&w->c, &parse);
	return specifier_tree(w->s, &parse, &w->tree);
}

/* --- values --------------------------------------------------------------------------------- */

/* $KSTACK and $USTACK are no expressions: the kernel takes them. */
static bool is_stack(struct work *w, const struct node *n)
{
	if (n->kind != NODE_VARIABLE)
		return false;
	if (!strcmp(n->text, "$KSTACK"))
		w->action->kernel_stack = true;
	else if (!strcmp(n->text, "$USTACK"))
		w->action->user_stack = true;
	else
		return false;
	return true;
}

/* So is $PROBE: it is the number of a slot, which nobody knows. */
static bool is_probe(const struct node *n)
{
	return n->kind == NODE_VARIABLE && !strcmp(n->text, "$PROBE");
}

static const struct node *probe_find(const struct node *n);

static const struct node *probe_in_list(const struct node *n)
{
	const struct node *found = NULL;

	for (; n && !found; n = n->next)
		found = probe_find(n);
	return found;
}

/* The $PROBE in an expression, or NULL. */
static const struct node *probe_find(const struct node *n)
{
	const struct node *found;

	if (!n || is_probe(n))
		return n;
	found = probe_find(n->condition) ?: probe_find(n->left);
	if (!found)
		found = probe_find(n->right);
	return found ?: probe_in_list(n->list);
}

static int probe_refuse(struct work *w, const struct node *found)
{
	if (!found)
		return 0;
	return mistake_set(w->p->mistake, found->where, "$PROBE is a key by itself, no value");
}

/* Wherever it is no key. */
static int probe_check(struct work *w)
{
	const struct specifier_tree *t = &w->tree;
	const struct node *found = probe_find(t->heading.key) ?: probe_find(t->predicate);

	for (const struct node *n = t->values; n && !found; n = n->next) {
		if (!is_probe(n) || (!n->next && w->action->has_number))
			found = probe_find(n);
	}
	return probe_refuse(w, found ?: probe_in_list(t->bounds));
}

static void value_add(struct work *w, struct expr *e, enum gen_want want, const char *name)
{
	w->action->values[w->count].name = name;
	w->exprs[w->count] = e;
	w->wants[w->count++] = want;
}

/* A value as the type before it says; text where it is char *. */
static struct expr *typed(struct work *w, struct expr *e, const struct specifier_type *t)
{
	const struct ctype *type;

	if (!e || !t || !t->type || e->op == EXPR_COMM || is_probe(e->node) ||
	    (t->is_text && expr_is_text(e)))
		return e;
	type = check_type(&w->c.check, t->type);
	if (!type)
		return NULL;
	if (!ctype_is_scalar(type)) {
		mistake_set(w->p->mistake, t->type->at, "a key is a number or char *");
		return NULL;
	}
	return check_cast_to(&w->c.check, e, type);
}

static int value_check(struct work *w, const struct node *n, const struct specifier_type *t)
{
	struct expr *e = typed(w, check_any(&w->c.check, n), t);
	bool text;

	if (!e)
		return -EINVAL;
	text = t && t->type ? t->is_text : expr_is_text(e);
	if (is_probe(n)) {
		w->action->probe = w->count;
		value_add(w, e, WANT_NUMBER, n->text);
		return 0;
	}
	value_add(w, e, text ? WANT_TEXT : WANT_NUMBER,
		  arena_copy(w->p->arena, w->s->fields + n->at, n->end - n->at));
	return 0;
}

static int types_count_wrong(struct work *w, size_t values)
{
	return mistake_set(w->p->mistake, w->s->heading.rest_at, "%zu type%s for %zu value%s",
			   w->tree.type_count, w->tree.type_count == 1 ? "" : "s", values,
			   values == 1 ? "" : "s");
}

static int values_check(struct work *w)
{
	const struct specifier_type *t = w->tree.types;
	int err = 0;

	if (w->tree.type_count != w->tree.value_count &&
	    (w->tree.type_count > 1 || w->tree.types->type))
		return types_count_wrong(w, w->tree.value_count);
	for (const struct node *n = w->tree.values; n && !err; n = n->next) {
		if (is_stack(w, n) && (n->next || !w->action->has_number))
			;
		else
			err = value_check(w, n, t);
		t = t ? t->next : NULL;
	}
	return err;
}

/* Without values -C counts calls, or what is returned; -H takes what is returned. */
static int default_values(struct work *w)
{
	const struct specifier_type *t = w->tree.types;
	const struct scope *s = &w->c.scope;
	struct expr *e;

	if (!w->c.request->target->ret) {
		const struct type_name *type = t ? t->type : NULL;

		if (type)
			return mistake_set(w->p->mistake, type->at, "this is the place of a type, and "
					   "there is no value: values stand behind the next colon");
		if (w->s->histogram)
			return mistake_set(w->p->mistake, strlen(w->s->fields), "a histogram needs a "
					   "value: -H 'p::func(int x)::x'");
		w->action->is_total = true;
		return 0;
	}
	if (!s->count)
		return mistake_set(w->p->mistake, strlen(w->s->fields), "what it returns is no number: "
				   "say what is to be counted");
	if (w->tree.type_count > 1)
		return types_count_wrong(w, 1);
	e = typed(w, check_name(&w->c.check, &s->names[0]), t);
	if (!e)
		return -EINVAL;
	value_add(w, e, t && t->is_text ? WANT_TEXT : WANT_NUMBER, "retval");
	return 0;
}

/* A constant of lhist(). */
static int bound_check(struct work *w, const struct node *n, int64_t *value)
{
	struct expr *e = check_value(&w->c.check, n);

	if (!e)
		return -EINVAL;
	if (e->op != EXPR_CONSTANT)
		return mistake_set(w->p->mistake, n->at, "the bounds of lhist() are constants");
	if ((int64_t)e->value < 0 && !e->type->is_signed)
		return mistake_set(w->p->mistake, n->at, "the bounds of lhist() end at 2^63-1");
	*value = e->value;
	return 0;
}

static int linear_check(struct work *w)
{
	struct tally_linear *l = &w->action->linear;
	const struct node *n = w->tree.bounds;
	int64_t min = 0, max = 0, step = 0;
	uint64_t buckets;
	int err;

	err = bound_check(w, n, &min);
	if (!err)
		err = bound_check(w, n->next, &max);
	if (!err)
		err = bound_check(w, n->next->next, &step);
	if (err)
		return err;
	if (step <= 0 || max <= min)
		return mistake_set(w->p->mistake, n->at, "lhist() goes from the lower to the higher "
				   "bound in steps of 1 or more");
	buckets = ((uint64_t)max - min - 1) / step + 1;
	if (buckets > TALLY_LINEAR)
		return mistake_set(w->p->mistake, n->at, "these are %llu buckets, and not more than %d "
				   "are possible", (unsigned long long)buckets, TALLY_LINEAR);
	*l = (struct tally_linear){ .min = min, .max = max, .step = step, .buckets = buckets };
	return 0;
}

static int check_all(struct work *w)
{
	struct action *a = w->action;
	size_t room = w->tree.value_count + 2;
	int err;

	w->exprs = arena_alloc(w->p->arena, room * sizeof(*w->exprs));
	w->wants = arena_alloc(w->p->arena, room * sizeof(*w->wants));
	a->values = arena_alloc(w->p->arena, room * sizeof(*a->values));
	a->aggregate = w->tree.aggregate;
	a->has_number = w->s->histogram || a->aggregate != AGGREGATE_NONE;
	a->kind = a->aggregate == AGGREGATE_LINEAR ? TALLY_LINEAR_HIST : w->s->histogram ?
			  TALLY_LOG2 : a->has_number ? TALLY_STATS : TALLY_COUNT;
	if (w->tree.predicate) {
		w->predicate = check_truth(&w->c.check, w->tree.predicate);
		if (!w->predicate)
			return -EINVAL;
	}
	a->probe = SIZE_MAX;
	err = probe_check(w);
	if (!err)
		err = w->tree.values ? values_check(w) : default_values(w);
	if (!err && a->aggregate == AGGREGATE_LINEAR)
		err = linear_check(w);
	if (!err && a->has_number && (!w->count || w->wants[w->count - 1] == WANT_TEXT ||
				      !ctype_is_scalar(w->exprs[w->count - 1]->type)))
		err = mistake_set(w->p->mistake, strlen(w->s->fields),
				  "the last value is to be a number");
	a->keys = w->count - (a->has_number && w->count);
	a->number = a->has_number ? &a->values[a->keys] : NULL;
	if (a->probe > a->keys)
		a->probe = a->keys;
	a->base.kept = w->c.check.kept_count;
	a->base.is_pair = w->s->heading.start_at || a->base.kept || w->c.check.uses_latency;
	return err;
}

/* --- code ----------------------------------------------------------------------------------- */

/* Least and greatest are of all matches, but where $PROBE tells them apart. */
static bool is_unsigned(const struct work *w)
{
	const struct action *a = w->action;

	if (!a->has_number)
		return false;
	if (w->all && a->kind == TALLY_STATS && a->probe == a->keys)
		return !w->all[a->keys].type->is_signed;
	return !w->exprs[a->keys]->type->is_signed;
}

static int compile_record(struct work *w)
{
	struct action *a = w->action;
	uint32_t reserve = a->kernel_stack || a->user_stack ? sizeof(struct tally_stacks) : 0;
	bool shared = a->kind >= TALLY_LOG2 && (a->keys || reserve);
	int32_t what = TALLY_HIT | (a->kernel_stack ? TALLY_KSTACK : 0) |
		       (a->user_stack ? TALLY_USTACK : 0) | (shared ? TALLY_SHARED : 0) |
		       (is_unsigned(w) ? TALLY_UNSIGNED : 0) | a->kind << TALLY_KIND_SHIFT |
		       w->c.request->number << TALLY_NUMBER_SHIFT;
	struct code code;
	int err;

	err = compile_pass(&w->c, w->predicate, what);
	if (!err)
		err = gen_record(&w->c.gen, w->exprs, w->wants, w->count, a->has_number,
				 w->string_size, reserve, a->values, &code, &a->key_size);
	if (!err && a->key_size > KEY_MOST)
		err = mistake_set(w->p->mistake, w->s->heading.rest_at, "these keys have %u bytes, and not more "
				  "than %d are possible: -z shortens strings", a->key_size, KEY_MOST);
	if (!err)
		compile_body(&w->c, SPLICE_FILL, &code);
	return err;
}

static int check_specifier(struct work *w)
{
	int err = parse_all(w);

	if (!err)
		err = compile_scopes(&w->c, w->tree.heading.signature);
	if (!err)
		err = parse_all(w);
	return err ? err : check_all(w);
}

struct action *program_compile(struct compiler *p, const struct specifier *s,
			       const struct request *r, uint32_t string_size,
			       const struct value *all)
{
	struct work *w = arena_alloc(p->arena, sizeof(*w));
	int err;

	w->p = p;
	w->s = s;
	w->string_size = string_size;
	w->all = all;
	w->action = arena_alloc(p->arena, sizeof(*w->action));
	compile_begin(&w->c, p, r);
	if (p->dump)
		w->c.dump = &w->action->dump;
	err = check_specifier(w);
	if (!err && r->side != SIDE_HIT)
		err = compile_key(&w->c, w->tree.heading.key);
	if (!err)
		err = r->side == SIDE_ENTER ? compile_keep(&w->c) : compile_record(w);
	if (err)
		return NULL;
	w->action->base.code = compile_finish(&w->c);
	return w->action->base.code || !p->templates[r->side][ATTACH_BY_SLOT] ? w->action : NULL;
}
