// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expr/dump.h"
#include "program.h"

/* --- code, once for all targets that have the same ---------------------------------------------- */

#define BODIES 4

struct unit {
	struct unit *next;
	struct attach_code code;
	enum side side;
	struct splice_body bodies[BODIES];
	size_t count;
};

static bool same_bodies(const struct unit *u, enum side side, const struct splice_body *bodies,
			size_t count)
{
	if (u->side != side || u->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (u->bodies[i].mark != bodies[i].mark || u->bodies[i].count != bodies[i].count ||
		    memcmp(u->bodies[i].insns, bodies[i].insns,
			   bodies[i].count * sizeof(struct bpf_insn)))
			return false;
	}
	return true;
}

static bool unit_splice(struct programs *p, struct unit *u)
{
	for (int form = 0; form < ATTACH_FORMS; form++) {
		const struct bpf_program *template = p->templates[u->side][form];
		struct bpf_insn *insns;
		size_t count;

		if (!template)
			continue;
		if (splice_program(bpf_program__insns(template), bpf_program__insn_cnt(template),
				   u->bodies, u->count, &insns, &count))
			return false;
		u->code.form[form].insns = insns;
		u->code.form[form].count = count;
	}
	return true;
}

static struct attach_code *unit_code(struct programs *p, enum side side,
				     const struct splice_body *bodies, size_t count)
{
	struct unit *u;

	for (u = p->units; u; u = u->next) {
		if (same_bodies(u, side, bodies, count))
			return &u->code;
	}
	u = arena_alloc(p->arena, sizeof(*u));
	u->side = side;
	u->count = count;
	memcpy(u->bodies, bodies, count * sizeof(*bodies));
	if (!unit_splice(p, u)) {
		mistake_set(p->mistake, 0, "the template has no place for this program: a defect of "
			    "this tool");
		return NULL;
	}
	u->next = p->units;
	p->units = u;
	return &u->code;
}

/* --- one compile -------------------------------------------------------------------------------- */

struct compile {
	struct programs *p;
	const struct request *r;
	struct action *action;
	struct check check;
	struct gen gen;
	struct scope scope, entry;
	struct clause_tree tree;
	struct expr *predicate, **exprs;
	enum gen_want *wants;
	struct expr *key[SPLICE_KEY_WORDS];
	size_t key_count;
	struct splice_body bodies[BODIES];
	size_t body_count;
};

static enum attach_way default_way(const struct target *t)
{
	return t->kind == TARGET_KERNEL ? WAY_KPROBE : t->kind == TARGET_TRACEPOINT ?
		       WAY_TRACEPOINT : WAY_UPROBE;
}

static int parse_probe(struct compile *c)
{
	struct parse parse = {
		.arena = c->p->arena, .mistake = c->p->mistake, .functions = check_functions,
		.is_type = check_is_type, .context = &c->check,
	};

	return clause_tree(c->r->clause, &parse, &c->tree);
}

/* A scope at a target: of its entry or of its return. */
static int make_scope(struct compile *c, const struct target *t, enum attach_way way, bool entry,
		      struct scope *out)
{
	struct scope_signature signature = { .first = c->tree.signature };

	if (t->ret && !entry)
		return scope_return(&c->p->scopes, t, way, out);
	return scope_entry(&c->p->scopes, t, way, c->tree.has_signature ? &signature : NULL, out);
}

/* What the text says depends on the names, and the signature's names on the text: so it is read
 * twice where there is a signature. */
static int make_scopes(struct compile *c)
{
	const struct request *r = c->r;
	enum attach_way end = r->side == SIDE_ENTER ? default_way(r->target) : r->way;
	enum attach_way start = r->side == SIDE_ENTER ? r->way :
				default_way(r->start ? r->start : r->target);
	int err;

	c->p->scopes.text = r->clause->text;
	c->check = (struct check){
		.arena = c->p->arena, .mistake = c->p->mistake,
		.types = scopes_types(&c->p->scopes, r->target), .scope = &c->scope,
		.big_endian = c->gen.big_endian, .binary = c->p->binary,
		.user = r->target->kind == TARGET_USER || r->target->kind == TARGET_USDT,
	};
	for (int round = 0; round < 2; round++) {
		err = parse_probe(c);
		if (!err)
			err = make_scope(c, r->target, end, false, &c->scope);
		if (!err && r->start) {
			err = make_scope(c, r->start, start, !r->start->ret, &c->entry);
			c->check.entry = &c->entry;
		}
		if (err)
			return err;
	}
	return parse_probe(c);
}

static enum gen_want want_of(char conversion)
{
	if (conversion == 's')
		return WANT_TEXT;
	return conversion && conversion != 'S' ? WANT_NUMBER : WANT_ANY;
}

static void values_room(struct compile *c, size_t count)
{
	c->exprs = arena_alloc(c->p->arena, count * sizeof(*c->exprs) + 1);
	c->wants = arena_alloc(c->p->arena, count * sizeof(*c->wants) + 1);
	c->action->values = arena_alloc(c->p->arena, count * sizeof(*c->action->values) + 1);
}

/* Without a format all that the target has is shown by name. */
static int default_values(struct compile *c)
{
	const struct scope *s = &c->scope;
	const struct scope_name *names = s->count ? s->names : s->fields;
	struct action *a = c->action;

	if (s->shown > VALUES_MAX)
		return mistake_set(c->p->mistake, 0, "%s has more than %d values: name those that are to "
				   "be printed", s->what, VALUES_MAX);
	values_room(c, s->shown);
	for (size_t i = 0; i < s->shown; i++) {
		struct expr *e = check_name(&c->check, &names[i]);
		struct value *v = &a->values[a->count];

		if (e && ctype_is_scalar(e->type) && e->type->size <= 8)
			e = check_scalar(&c->check, e);
		if (!e)
			return -EINVAL;
		c->exprs[a->count] = e;
		c->wants[a->count] = WANT_ANY;
		v->name = names[i].name;
		/* What has no size cannot be shown as a whole, and nobody asked for it. */
		if (!gen_layout(&c->gen, &e, &c->wants[a->count], 1, c->p->string_size, v))
			a->count++;
	}
	format_default(c->p->arena, a->values, a->count, &a->format);
	a->has_message = a->count > 0;
	return 0;
}

static int given_values(struct compile *c)
{
	const struct node *f = c->tree.format;
	struct action *a = c->action;
	size_t count = 0;
	int err;

	a->has_message = true;
	err = format_parse(c->p->arena, c->p->mistake, c->r->clause->text, f->at, f->end, &a->format);
	if (err)
		return err;
	for (const struct node *n = c->tree.values; n; n = n->next)
		count++;
	values_room(c, count);
	for (const struct node *n = c->tree.values; n; n = n->next, a->count++) {
		char conversion = format_conversion(&a->format, a->count);
		struct expr *e = check_any(&c->check, n);
		struct value *v = &a->values[a->count];

		if (e && conversion == 'S')
			e = check_follow(&c->check, e);
		if (!e)
			return -EINVAL;
		c->exprs[a->count] = e;
		c->wants[a->count] = want_of(conversion);
		v->at = n->at;
		v->end = n->end;
		v->name = arena_copy(c->p->arena, c->r->clause->text + n->at, n->end - n->at);
	}
	return 0;
}

static int check_all(struct compile *c)
{
	struct action *a = c->action;
	int err;

	if (c->tree.predicate) {
		c->predicate = check_truth(&c->check, c->tree.predicate);
		if (!c->predicate)
			return -EINVAL;
	}
	err = c->tree.format ? given_values(c) : default_values(c);
	if (!err)
		err = gen_layout(&c->gen, c->exprs, c->wants, a->count, c->p->string_size,
				 a->values);
	if (!err && c->tree.format)
		err = format_check(&a->format, a->values, a->count, c->p->mistake);
	c->gen.uses_seq = c->check.uses_seq;
	c->gen.uses_delta = c->check.uses_delta;
	a->kept = c->check.kept_count;
	a->is_pair = c->r->clause->kind == CLAUSE_PAIR || a->kept || c->check.uses_latency;
	return err;
}

/* --- keys ----------------------------------------------------------------------------------- */

static int key_part(struct compile *c, struct check *check, const struct node *n)
{
	struct expr *e = check_value(check, n);

	if (!e)
		return -EINVAL;
	if (c->key_count == SPLICE_KEY_WORDS - 1)
		return mistake_set(c->p->mistake, n->at, "a key has not more than %d parts",
				   SPLICE_KEY_WORDS - 1);
	c->key[c->key_count++] = e;
	return 0;
}

/* The key in the scope of this side: of returns the thread. */
static int check_key(struct compile *c)
{
	static const struct node thread = { .kind = NODE_VARIABLE, .text = "$tid" };
	const struct node *key = c->tree.key ? c->tree.key : &thread;
	struct check check = c->check;
	int err = 0;

	if (c->r->side == SIDE_ENTER)
		check.scope = &c->entry;
	check.entry = NULL;
	if (key->kind != NODE_TUPLE)
		return key_part(c, &check, key);
	for (const struct node *n = key->list; n && !err; n = n->next)
		err = key_part(c, &check, n);
	return err;
}

/* --- code ----------------------------------------------------------------------------------- */

static void body_add(struct compile *c, int mark, const struct code *code)
{
	c->bodies[c->body_count++] = (struct splice_body){
		.mark = mark, .insns = code->insns, .count = code->count,
	};
}

static int gen_keys(struct compile *c)
{
	struct gen_key key = {
		.first = c->r->number,
		.result = c->tree.key ? SPLICE_KEY_PLAIN : SPLICE_KEY_NEST,
	};
	struct code code;
	int err = check_key(c);

	if (!err)
		err = gen_store(&c->gen, c->key, c->key_count, &key, &code);
	if (!err)
		body_add(c, SPLICE_KEY, &code);
	return err;
}

static int gen_event(struct compile *c)
{
	struct action *a = c->action;
	struct code code;
	int err;

	err = gen_pass(&c->gen, c->predicate, &code);
	if (err)
		return err;
	body_add(c, SPLICE_PASS, &code);
	err = gen_fill(&c->gen, c->exprs, a->values, a->count, &code, &a->data_size);
	if (!err)
		body_add(c, SPLICE_FILL, &code);
	return err;
}

static int gen_enter(struct compile *c)
{
	struct code code;
	int err = gen_store(&c->gen, c->check.kept, c->check.kept_count, NULL, &code);

	if (!err)
		body_add(c, SPLICE_KEEP, &code);
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

static void dump_all(struct compile *c)
{
	static const struct {
		int mark;
		const char *name;
	} names[] = { { SPLICE_PASS, "pass" }, { SPLICE_FILL, "fill" }, { SPLICE_KEY, "key" },
		      { SPLICE_KEEP, "keep" } };
	struct strbuf *out = &c->action->dump;

	dump_tree(out, "key", c->tree.key);
	dump_tree(out, "predicate", c->tree.predicate);
	for (const struct node *n = c->tree.values; n; n = n->next)
		dump_tree(out, "printed", n);
	for (size_t i = 0; i < c->body_count; i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (names[k].mark == c->bodies[i].mark)
				strbuf_printf(out, "  %s, %zu instructions\n", names[k].name,
					      c->bodies[i].count);
		}
		code_list(c->bodies[i].insns, c->bodies[i].count, out);
	}
}

struct action *program_compile(struct programs *p, const struct request *r)
{
	struct compile *c = arena_alloc(p->arena, sizeof(*c));
	int err;

	c->p = p;
	c->r = r;
	c->gen = p->gen;
	c->gen.state_at = r->number * sizeof(struct gen_state);
	c->action = arena_alloc(p->arena, sizeof(*c->action));
	err = make_scopes(c);
	if (!err)
		err = check_all(c);
	if (!err && r->side != SIDE_HIT)
		err = gen_keys(c);
	if (!err)
		err = r->side == SIDE_ENTER ? gen_enter(c) : gen_event(c);
	if (!err && p->dump)
		dump_all(c);
	if (!err && p->templates[r->side][ATTACH_BY_SLOT])
		c->action->code = unit_code(p, r->side, c->bodies, c->body_count);
	return err || (p->templates[r->side][ATTACH_BY_SLOT] && !c->action->code) ? NULL : c->action;
}

void programs_free(struct programs *p)
{
	for (struct unit *u = p->units; u; u = u->next) {
		for (int form = 0; form < ATTACH_FORMS; form++)
			free((void *)u->code.form[form].insns);
	}
}
