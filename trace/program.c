// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "expr/dump.h"
#include "program.h"

/* A clause while it is compiled. */
struct work {
	struct compile c;
	struct compiler *p;
	const struct clause *clause;
	uint32_t string_size;
	struct clause_tree tree;
	struct action *action;
	struct expr *predicate, **exprs;
	enum gen_want *wants;
};

static int parse_clause(struct work *w)
{
	struct parse parse;

	compile_parse(&w->c, &parse);
	return clause_tree(w->clause, &parse, &w->tree);
}

static enum gen_want want_of(char conversion)
{
	if (conversion == 's')
		return WANT_TEXT;
	return conversion && conversion != 'S' ? WANT_NUMBER : WANT_ANY;
}

static void values_room(struct work *w, size_t count)
{
	w->exprs = arena_alloc(w->p->arena, count * sizeof(*w->exprs) + 1);
	w->wants = arena_alloc(w->p->arena, count * sizeof(*w->wants) + 1);
	w->action->values = arena_alloc(w->p->arena, count * sizeof(*w->action->values) + 1);
}

/* Without a format all that the target has is shown by name. */
static int default_values(struct work *w)
{
	const struct scope *s = &w->c.scope;
	const struct scope_name *names = s->count ? s->names : s->fields;
	struct action *a = w->action;

	if (s->shown > VALUES_MAX)
		return mistake_set(w->p->mistake, 0, "%s has more than %d values: name those that are to "
				   "be printed", s->what, VALUES_MAX);
	values_room(w, s->shown);
	for (size_t i = 0; i < s->shown; i++) {
		struct expr *e = check_name(&w->c.check, &names[i]);
		struct value *v = &a->values[a->count];

		if (e && ctype_is_scalar(e->type) && e->type->size <= 8)
			e = check_scalar(&w->c.check, e);
		if (!e)
			return -EINVAL;
		w->exprs[a->count] = e;
		w->wants[a->count] = WANT_ANY;
		v->name = arena_copy(w->p->arena, names[i].name, strlen(names[i].name));
		/* What has no size cannot be shown as a whole, and nobody asked for it. */
		if (!gen_layout(&w->c.gen, &e, &w->wants[a->count], 1, w->string_size, v))
			a->count++;
	}
	format_default(w->p->arena, a->values, a->count, &a->format);
	a->has_message = a->count > 0;
	return 0;
}

static int given_values(struct work *w)
{
	const struct node *f = w->tree.format;
	struct action *a = w->action;
	size_t count = 0;
	int err;

	a->has_message = true;
	err = format_parse(w->p->arena, w->p->mistake, w->clause->text, f->at, f->end, &a->format);
	if (err)
		return err;
	for (const struct node *n = w->tree.values; n; n = n->next)
		count++;
	values_room(w, count);
	for (const struct node *n = w->tree.values; n; n = n->next, a->count++) {
		char conversion = format_conversion(&a->format, a->count);
		struct expr *e = check_any(&w->c.check, n);
		struct value *v = &a->values[a->count];

		if (e && conversion == 'S')
			e = check_follow(&w->c.check, e);
		if (!e)
			return -EINVAL;
		w->exprs[a->count] = e;
		w->wants[a->count] = want_of(conversion);
		v->at = n->at;
		v->end = n->end;
		v->name = arena_copy(w->p->arena, w->clause->text + n->at, n->end - n->at);
	}
	return 0;
}

static int check_all(struct work *w)
{
	struct action *a = w->action;
	int err;

	if (w->tree.predicate) {
		w->predicate = check_truth(&w->c.check, w->tree.predicate);
		if (!w->predicate)
			return -EINVAL;
	}
	err = w->tree.format ? given_values(w) : default_values(w);
	if (!err)
		err = gen_layout(&w->c.gen, w->exprs, w->wants, a->count, w->string_size,
				 a->values);
	if (!err && w->tree.format)
		err = format_check(&a->format, a->values, a->count, w->p->mistake);
	a->base.kept = w->c.check.kept_count;
	a->base.is_pair = w->clause->heading.start_at || a->base.kept || w->c.check.uses_latency;
	return err;
}

/* --- code ----------------------------------------------------------------------------------- */

static int compile_event(struct work *w)
{
	struct action *a = w->action;
	struct code code;
	int err;

	err = compile_pass(&w->c, w->predicate, 1);
	if (err)
		return err;
	err = gen_fill(&w->c.gen, w->exprs, a->values, a->count, &code, &a->data_size);
	if (!err)
		compile_body(&w->c, SPLICE_FILL, &code);
	return err;
}

static void dump_tree(struct strbuf *out, const char *what, const struct node *n)
{
	if (!n)
		return;
	strbuf_printf(out, "  %s  ", what);
	dump_node(out, n);
	strbuf_char(out, '\n');
}

static void dump_trees(struct work *w)
{
	struct strbuf *out = &w->action->dump;

	dump_tree(out, "key", w->tree.heading.key);
	dump_tree(out, "predicate", w->tree.predicate);
	for (const struct node *n = w->tree.values; n; n = n->next)
		dump_tree(out, "printed", n);
	w->c.dump = out;
}

/* What the text says depends on the names, and the signature's names on the text: so it is read
 * twice. */
static int check_clause(struct work *w)
{
	int err = parse_clause(w);

	if (!err)
		err = compile_scopes(&w->c, w->tree.heading.signature);
	if (!err)
		err = parse_clause(w);
	return err ? err : check_all(w);
}

struct action *program_compile(struct compiler *p, const struct clause *clause,
			       const struct request *r, uint32_t string_size)
{
	struct work *w = arena_alloc(p->arena, sizeof(*w));
	int err;

	w->p = p;
	w->clause = clause;
	w->string_size = string_size;
	w->action = arena_alloc(p->arena, sizeof(*w->action));
	compile_begin(&w->c, p, r);
	err = check_clause(w);
	if (!err && p->dump)
		dump_trees(w);
	if (!err && r->side != SIDE_HIT)
		err = compile_key(&w->c, w->tree.heading.key);
	if (!err)
		err = r->side == SIDE_ENTER ? compile_keep(&w->c) : compile_event(w);
	if (err)
		return NULL;
	w->action->base.code = compile_finish(&w->c);
	return w->action->base.code || !p->templates[r->side][ATTACH_BY_SLOT] ? w->action : NULL;
}
