// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expr/parse.h"
#include "ktypes.h"
#include "probe/compile.h"
#include "probe/registers.h"

/* --- what the kernel has ---------------------------------------------------------------------- */

static void helper_found(void *context, const char *name, uint64_t value)
{
	struct gen *gen = context;

	(void)value;
	gen->fetch_atomics |= !strcmp(name, "BPF_FUNC_kptr_xchg");
	gen->task_btf |= !strcmp(name, "BPF_FUNC_get_current_task_btf");
}

void compiler_features(struct compiler *c)
{
	c->gen.arena = c->arena;
	c->gen.mistake = c->mistake;
	c->gen.shows_names = &c->shows_names;
	c->gen.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	/* bpf_probe_read() is not there where addresses of programs and of the kernel overlap. */
#if defined(__s390x__)
	c->gen.read_any = false;
#else
	c->gen.read_any = true;
#endif
	/* Atomics that return something are compiled on all machines since 5.18; kptr_xchg is of
	 * 5.19. */
	ktypes_enum("bpf_func_id", helper_found, &c->gen);
}

/* --- code, once for all targets that have the same ---------------------------------------------- */

struct unit {
	struct unit *next;
	struct attach_code code;
	enum side side;
	struct compile_map maps[COMPILE_MAPS];
	struct splice_body bodies[COMPILE_BODIES];
	size_t count;
};

static bool same_bodies(const struct unit *u, const struct compile *c)
{
	if (u->side != c->request->side || u->count != c->body_count ||
	    memcmp(u->maps, c->request->maps, sizeof(u->maps)))
		return false;
	for (size_t i = 0; i < u->count; i++) {
		const struct splice_body *a = &u->bodies[i], *b = &c->bodies[i];

		if (a->mark != b->mark || a->count != b->count ||
		    memcmp(a->insns, b->insns, a->count * sizeof(*a->insns)))
			return false;
	}
	return true;
}

/* A template's maps become the probe's. */
static void maps_replace(const struct unit *u, struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		for (int m = 0; m < COMPILE_MAPS; m++) {
			if (insns[i].src_reg == BPF_PSEUDO_MAP_FD && u->maps[m].own &&
			    insns[i].imm == u->maps[m].template) {
				insns[i].imm = u->maps[m].own;
				break;
			}
		}
		i++;
	}
}

static bool unit_splice(struct compiler *p, struct unit *u)
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
		maps_replace(u, insns, count);
		u->code.form[form].insns = insns;
		u->code.form[form].count = count;
	}
	return true;
}

static struct attach_code *unit_code(struct compile *c)
{
	struct compiler *p = c->compiler;
	struct unit *u;

	for (u = p->units; u; u = u->next) {
		if (same_bodies(u, c))
			return &u->code;
	}
	u = arena_alloc(p->arena, sizeof(*u));
	u->side = c->request->side;
	u->count = c->body_count;
	memcpy(u->bodies, c->bodies, sizeof(u->bodies));
	memcpy(u->maps, c->request->maps, sizeof(u->maps));
	if (!unit_splice(p, u)) {
		mistake_set(p->mistake, 0, "the template has no place for this program: a defect of "
			    "this tool");
		return NULL;
	}
	u->next = p->units;
	p->units = u;
	return &u->code;
}

void compiler_free(struct compiler *c)
{
	for (struct unit *u = c->units; u; u = u->next) {
		for (int form = 0; form < ATTACH_FORMS; form++)
			free((void *)u->code.form[form].insns);
	}
}

/* --- one compile -------------------------------------------------------------------------------- */

void compile_begin(struct compile *c, struct compiler *compiler, const struct request *r)
{
	*c = (struct compile){ .compiler = compiler, .request = r, .gen = compiler->gen };
	c->gen.typed_context = r->way == WAY_FENTRY;
	c->gen.state_at = r->number * sizeof(struct gen_state);
	c->check = (struct check){
		.arena = compiler->arena, .mistake = compiler->mistake,
		.types = scopes_types(&compiler->scopes, r->target), .scope = &c->scope,
		.big_endian = c->gen.big_endian, .binary = compiler->binary,
		.user = r->target->kind == TARGET_USER || r->target->kind == TARGET_USDT,
	};
}

void compile_parse(struct compile *c, struct parse *parse)
{
	*parse = (struct parse){
		.arena = c->compiler->arena, .mistake = c->compiler->mistake,
		.functions = check_functions, .is_type = check_is_type, .context = &c->check,
	};
}

enum attach_way compile_usual_way(const struct target *t)
{
	return t->kind == TARGET_KERNEL ? WAY_KPROBE : t->kind == TARGET_TRACEPOINT ?
		       WAY_TRACEPOINT : WAY_UPROBE;
}

static int make_scope(struct compile *c, const struct target *t, enum attach_way way,
		      const struct scope_signature *signature, struct scope *out)
{
	if (t->ret)
		return scope_return(&c->compiler->scopes, t, way, out);
	return scope_entry(&c->compiler->scopes, t, way, signature, out);
}

int compile_scopes(struct compile *c, const struct scope_signature *signature)
{
	const struct request *r = c->request;
	bool enter = r->side == SIDE_ENTER;
	int err;

	err = make_scope(c, r->target, enter ? compile_usual_way(r->target) : r->way, signature, &c->scope);
	if (err || !r->start)
		return err;
	c->check.entry = &c->entry;
	return make_scope(c, r->start, enter ? r->way : compile_usual_way(r->start), signature, &c->entry);
}

/* --- keys ----------------------------------------------------------------------------------- */

struct key {
	struct expr *parts[SPLICE_KEY_WORDS];
	size_t count;
};

static int key_part(struct compile *c, struct check *check, struct key *key, const struct node *n)
{
	struct expr *e = check_value(check, n);

	if (!e)
		return -EINVAL;
	if (key->count == SPLICE_KEY_WORDS - 1)
		return mistake_set(c->compiler->mistake, n->at, "a key has not more than %d parts",
				   SPLICE_KEY_WORDS - 1);
	key->parts[key->count++] = e;
	return 0;
}

/* In the scope of this side. */
static int key_check(struct compile *c, const struct node *n, struct key *key)
{
	struct check check = c->check;
	int err = 0;

	if (c->request->side == SIDE_ENTER)
		check.scope = &c->entry;
	check.entry = NULL;
	if (n->kind != NODE_TUPLE)
		return key_part(c, &check, key, n);
	for (n = n->list; n && !err; n = n->next)
		err = key_part(c, &check, key, n);
	return err;
}

/* Calls in programs, whose context is always the registers. */
static void key_calls(const struct compile *c, struct gen_key *how)
{
	how->result = SPLICE_KEY_STACK;
	how->stack = registers.stack;
	if (c->request->side == SIDE_ENTER)
		how->link = registers.link;
	else
		how->popped = registers.return_pops;
}

int compile_key(struct compile *c, const struct node *key)
{
	static const struct node thread = { .kind = NODE_VARIABLE, .text = "$tid" };
	struct gen_key how = {
		.first = c->request->number,
		.result = key ? SPLICE_KEY_PLAIN : SPLICE_KEY_NEST,
	};
	struct key parts = {};
	struct code code;
	int err = key_check(c, key ? key : &thread, &parts);

	if (!key && c->request->target->kind == TARGET_USER)
		key_calls(c, &how);
	if (!err)
		err = gen_store(&c->gen, parts.parts, parts.count, &how, &code);
	if (!err)
		compile_body(c, SPLICE_KEY, &code);
	if (!err && parts.count + 1 > c->compiler->key_words)
		c->compiler->key_words = parts.count + 1;
	return err;
}

/* --- code ----------------------------------------------------------------------------------- */

int compile_pass(struct compile *c, const struct expr *predicate, int32_t result)
{
	struct code code;
	int err;

	c->gen.uses_now = c->check.uses_now;
	c->gen.uses_seq = c->check.uses_seq;
	c->gen.uses_delta = c->check.uses_delta;
	err = gen_pass(&c->gen, predicate, result, &code);
	if (!err)
		compile_body(c, SPLICE_PASS, &code);
	return err;
}

int compile_keep(struct compile *c)
{
	struct code code;
	int err = gen_store(&c->gen, c->check.kept, c->check.kept_count, NULL, &code);

	if (!err)
		compile_body(c, SPLICE_KEEP, &code);
	return err;
}

static void body_dump(struct compile *c, int mark, const struct code *code)
{
	static const char *const names[] = {
		[SPLICE_PASS & 7] = "pass", [SPLICE_FILL & 7] = "fill", [SPLICE_KEY & 7] = "key",
		[SPLICE_KEEP & 7] = "keep",
	};

	strbuf_printf(c->dump, "  %s, %zu instructions\n", names[mark & 7], code->count);
	code_list(code->insns, code->count, c->dump);
}

void compile_body(struct compile *c, int mark, const struct code *code)
{
	c->bodies[c->body_count++] = (struct splice_body){
		.mark = mark, .insns = code->insns, .count = code->count,
	};
	if (c->dump)
		body_dump(c, mark, code);
}

struct attach_code *compile_finish(struct compile *c)
{
	return c->compiler->templates[c->request->side][ATTACH_BY_SLOT] ? unit_code(c) : NULL;
}
