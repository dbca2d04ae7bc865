// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/events.h"
#include "diag.h"
#include "escape.h"
#include "ktypes.h"
#include "probe/list.h"
#include "session.h"
#include "stop.h"
#include "trace.h"
#include "trace.skel.h"

void session_parse(struct session *s, const char *text)
{
	struct place *place;

	s->places = realloc(s->places, (s->count + 1) * sizeof(*s->places));
	if (!s->places)
		diag_no_memory();
	place = &s->places[s->count];
	*place = (struct place){ .number = s->count++ };
	if (clause_parse(&place->clause, text, &s->mistake)) {
		mistake_report(text, &s->mistake);
		exit(2);
	}
}

/* --- compiling ---------------------------------------------------------------------------------- */

static void helper_found(void *context, const char *name, uint64_t value)
{
	struct gen *gen = context;

	(void)value;
	gen->fetch_atomics |= !strcmp(name, "BPF_FUNC_kptr_xchg");
	gen->task_btf |= !strcmp(name, "BPF_FUNC_get_current_task_btf");
}

static int compiler_start(struct session *s)
{
	struct strbuf text = {};
	int err;

	s->programs = (struct programs){
		.arena = &s->arena, .mistake = &s->mistake, .string_size = s->string_size, .binary = s->binary,
		.scopes = { .arena = &s->arena, .mistake = &s->mistake, .types = &s->types },
		.gen = { .arena = &s->arena, .mistake = &s->mistake,
			 .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ },
	};
	/* bpf_probe_read() is not there where addresses of programs and of the kernel overlap.
	 * Atomics that return something are compiled on all machines since 5.18; kptr_xchg is of
	 * 5.19. */
	s->programs.gen.read_any = true;
	ktypes_enum("bpf_func_id", helper_found, &s->programs.gen);
	for (size_t i = 0; i < s->count; i++)
		strbuf_printf(&text, "%s ", s->places[i].clause.text);
	err = types_start(&s->types, strbuf_cstr(&text));
	strbuf_free(&text);
	return err;
}

static struct action *compile(struct place *place, enum side side, const struct target *target,
			      const struct target *start, enum attach_way way)
{
	struct request r = {
		.clause = &place->clause, .number = place->number, .side = side, .target = target,
		.start = start, .way = way,
	};

	return program_compile(&place->session->programs, &r);
}

static enum attach_way usual_way(const struct target *t)
{
	return t->kind == TARGET_KERNEL ? WAY_KPROBE : t->kind == TARGET_TRACEPOINT ?
		       WAY_TRACEPOINT : WAY_UPROBE;
}

/* What is entered before the index-th target is hit: the function's own entry, or a pair's start. */
static const struct target *start_of(const struct place *place, size_t index)
{
	if (!place->starts.count)
		return NULL;
	return &place->starts.list[place->clause.kind == CLAUSE_PAIR ? 0 : index];
}

/* Targets for which the text makes no sense go, as long as others stay. */
static int place_check(struct session *s, struct place *place)
{
	struct targets *t = &place->targets;
	struct mistake first;
	size_t kept = 0;
	bool returns = place->starts.count && place->clause.kind != CLAUSE_PAIR;

	for (size_t i = 0; i < t->count; i++) {
		struct action *a = compile(place, SIDE_HIT, &t->list[i], start_of(place, i),
					   usual_way(&t->list[i]));

		if (!a) {
			if (!kept)
				first = s->mistake;
			targets_skip(t, t->list[i].label,
				     targets_text(t, s->mistake.why, strlen(s->mistake.why)));
			continue;
		}
		s->has_message |= a->has_message;
		place->is_pair |= a->is_pair;
		s->kept = a->kept > s->kept ? a->kept : s->kept;
		s->data_room = a->data_size > s->data_room ? a->data_size : s->data_room;
		if (returns)
			place->starts.list[kept] = place->starts.list[i];
		t->list[kept++] = t->list[i];
	}
	if (!kept && t->count) {
		mistake_report(place->clause.text, &first);
		return -EINVAL;
	}
	t->count = kept;
	if (returns)
		place->starts.count = kept;
	return 0;
}

/* --- BEGIN and END ---------------------------------------------------------------------------- */

void session_text(struct session *s, const struct place *place, bool json, struct strbuf *out)
{
	struct parse parse = { .arena = &s->arena, .mistake = &s->mistake };
	struct strbuf text = {};
	struct clause_tree tree;
	struct format format;

	if (clause_tree(&place->clause, &parse, &tree) || !tree.format ||
	    format_parse(&s->arena, &s->mistake, place->clause.text, tree.format->at,
			 tree.format->end, &format))
		return; /* session_resolve() has looked */
	format_print(&format, NULL, NULL, NULL, &text);
	if (json) {
		strbuf_printf(out, "{\"func\":\"%s\",\"message\":",
			      place->clause.kind == CLAUSE_BEGIN ? "BEGIN" : "END");
		escape_json(out, text.data, text.size);
		strbuf_char(out, '}');
	} else {
		strbuf_add(out, text.data, text.size);
	}
	strbuf_char(out, '\n');
	strbuf_free(&text);
}

static int text_check(struct session *s, const struct place *place)
{
	struct parse parse = { .arena = &s->arena, .mistake = &s->mistake };
	struct clause_tree tree;
	struct format format;
	int err = clause_tree(&place->clause, &parse, &tree);

	if (!err && (!tree.format || tree.values || tree.predicate || tree.has_signature))
		err = mistake_set(&s->mistake, place->clause.rest_at,
				  "behind BEGIN and END stands a text in quotes, and nothing else");
	if (!err)
		err = format_parse(&s->arena, &s->mistake, place->clause.text, tree.format->at,
				   tree.format->end, &format);
	if (!err)
		err = format_check(&format, NULL, 0, &s->mistake);
	if (err)
		mistake_report(place->clause.text, &s->mistake);
	return err;
}

/* --- resolving ------------------------------------------------------------------------------ */

/* Returns know what was handed over at the entry. */
static void entries_copy(struct place *place)
{
	for (size_t i = 0; i < place->targets.count; i++) {
		struct target *t = targets_add(&place->starts, place->targets.list[i].kind);

		*t = place->targets.list[i];
		t->ret = false;
	}
}

static bool has_entries(const struct target *t)
{
	return t->ret && (t->kind == TARGET_KERNEL || t->kind == TARGET_USER);
}

static int place_resolve(struct session *s, struct place *place)
{
	int err;

	place->session = s;
	if (place->clause.kind == CLAUSE_BEGIN || place->clause.kind == CLAUSE_END)
		return text_check(s, place);
	s->is_text = false;
	err = resolve_targets(&s->resolve, &place->clause.spec, 1, &place->targets);
	if (!err)
		targets_finish(&place->targets);
	if (!err && place->clause.kind == CLAUSE_PAIR) {
		err = resolve_targets(&s->resolve, &place->clause.start, 1, &place->starts);
		if (!err)
			targets_finish(&place->starts);
	} else if (!err && place->targets.count && has_entries(&place->targets.list[0])) {
		entries_copy(place);
	}
	return err ? err : place_check(s, place);
}

int session_list(struct session *s, bool arguments)
{
	struct targets all = {};
	int err = 0;

	for (size_t i = 0; i < s->count && !err; i++) {
		const struct clause *c = &s->places[i].clause;

		if (c->kind == CLAUSE_PLACE || c->kind == CLAUSE_PAIR)
			err = resolve_targets(&s->resolve, &s->places[i].clause.spec, 1, &all);
	}
	targets_finish(&all);
	if (!err)
		err = list_show(&all, arguments);
	targets_free(&all);
	return err;
}

/* Slots of all probes in one row. */
static void slots_number(struct session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct targets *t = &s->places[i].targets;

		for (size_t k = 0; k < t->count; k++)
			t->list[k].slot += s->slots;
		s->slots += t->slots;
		t->slots = s->slots;
	}
	s->meanings = calloc(s->slots + 1, sizeof(*s->meanings));
	if (!s->meanings)
		diag_no_memory();
}

int session_resolve(struct session *s)
{
	int err = compiler_start(s);

	s->is_text = true;
	for (size_t i = 0; i < s->count && !err; i++)
		err = place_resolve(s, &s->places[i]);
	if (!err)
		slots_number(s);
	return err;
}

/* --- --dump ----------------------------------------------------------------------------------- */

static void dump_values(const struct action *a, struct strbuf *out)
{
	for (size_t i = 0; i < a->count; i++) {
		strbuf_str(out, "  value  ");
		ctype_print(a->values[i].type, NULL, out);
		strbuf_printf(out, "  %s\n", a->values[i].name);
	}
}

static int dump_side(struct place *place, enum side side, struct strbuf *out)
{
	static const char *const names[] = { "", " (entry)", " (with what was kept)" };
	const struct target *end = &place->targets.list[0];
	const struct target *t = side == SIDE_ENTER ? &place->starts.list[0] : end;
	struct action *a = compile(place, side, end, start_of(place, 0), usual_way(t));

	if (!a) {
		mistake_report(place->clause.text, &place->session->mistake);
		return -EINVAL;
	}
	strbuf_printf(out, "%s%s\n", t->label, names[side]);
	if (side != SIDE_ENTER)
		dump_values(a, out);
	strbuf_add(out, a->dump.data, a->dump.size);
	return 0;
}

int session_dump(struct session *s, struct strbuf *out)
{
	int err = 0;

	s->programs.dump = true;
	for (size_t i = 0; i < s->count && !err; i++) {
		struct place *place = &s->places[i];

		if (!place->targets.count)
			continue;
		if (place->is_pair)
			err = dump_side(place, SIDE_ENTER, out);
		if (!err)
			err = dump_side(place, place->is_pair ? SIDE_RETURN : SIDE_HIT, out);
	}
	return err;
}

/* --- before load ---------------------------------------------------------------------------- */

static int maps_size(struct session *s, struct trace_bpf *skel)
{
	uint32_t level = sizeof(struct gen_kept) + 8 * s->kept;
	bool any = false;
	int err;

	for (size_t i = 0; i < s->count; i++)
		any |= s->places[i].is_pair;
	skel->rodata->cfg.level_size = level;
	err = bpf_map__set_value_size(skel->maps.probe_states, s->count * sizeof(struct gen_state));
	if (!err)
		err = bpf_map__set_value_size(skel->maps.entries, 8 + TRACE_LEVELS * level);
	if (!err)
		err = bpf_map__set_value_size(skel->maps.entry_zero, 8 + TRACE_LEVELS * level);
	if (!err && any)
		err = bpf_map__set_max_entries(skel->maps.entries, TRACE_ENTRIES);
	return err;
}

int session_setup(struct session *s, struct trace_bpf *skel)
{
	struct bpf_program *programs[SIDES][ATTACH_FORMS] = {
		{ skel->progs.hit_cookie, skel->progs.hit_slot },
		{ skel->progs.enter_cookie, skel->progs.enter_slot },
		{ skel->progs.return_cookie, skel->progs.return_slot },
	};
	bool needs[SIDES] = {};
	int err;

	for (size_t i = 0; i < s->count; i++) {
		struct place *place = &s->places[i];

		needs[place->is_pair ? SIDE_RETURN : SIDE_HIT] |= place->targets.count > 0;
		needs[SIDE_ENTER] |= place->is_pair;
		err = attach_start(&place->attach, &place->targets);
		if (!err)
			err = attach_start(&place->start_attach, &place->starts);
		if (err)
			return err;
	}
	for (int side = 0; side < SIDES; side++) {
		bool cookies = s->count && s->places[0].attach.cookies;

		for (int form = 0; form < ATTACH_FORMS; form++) {
			bool on = needs[side] && (form == ATTACH_BY_SLOT || cookies);

			bpf_program__set_autoload(programs[side][form], on);
			s->programs.templates[side][form] = on ? programs[side][form] : NULL;
		}
	}
	skel->rodata->cfg.data_room = s->data_room;
	return maps_size(s, skel);
}

/* --- attaching ------------------------------------------------------------------------------ */

static struct action *cached(struct place *place, enum side side, size_t index,
			     enum attach_way way)
{
	bool entering = side == SIDE_ENTER;
	const struct targets *t = entering ? &place->starts : &place->targets;
	struct action ***cache = &place->cache[entering];
	struct action **one;
	const struct target *end, *start;

	if (!*cache)
		*cache = arena_alloc(&place->session->arena,
				     (t->count * WAY_COUNT + 1) * sizeof(**cache));
	one = &(*cache)[index * WAY_COUNT + way];
	if (*one)
		return *one;
	end = &place->targets.list[entering && place->clause.kind == CLAUSE_PAIR ? 0 : index];
	start = entering ? &place->starts.list[index] : start_of(place, index);
	*one = compile(place, side, end, start, way);
	return *one;
}

/* As BCC shows it: without the category, and returns as their function. */
static const char *shown_name(const struct target *t)
{
	const char *colon;

	if (t->kind == TARGET_TRACEPOINT) {
		colon = strchr(t->label, ':');
		return colon ? colon + 1 : t->label;
	}
	if (!t->ret || strncmp(t->label, "r:", 2))
		return t->label;
	return t->label + 2 + (t->label[2] == ':');
}

static struct attach_code *code_of_hit(void *context, const struct target *t, enum attach_way way)
{
	struct place *place = context;
	struct session *s = place->session;
	struct action *a;

	if (way == WAY_RAW_TP && s->kernel_stack)
		return NULL;
	a = cached(place, place->is_pair ? SIDE_RETURN : SIDE_HIT, t - place->targets.list, way);
	/* All fields are to be shown, and a raw tracepoint has none. */
	if (!a || (way == WAY_RAW_TP && !a->has_message && s->has_message))
		return NULL;
	s->meanings[t->slot] = (struct meaning){ .action = a, .func = shown_name(t) };
	return a->code;
}

static struct attach_code *code_of_start(void *context, const struct target *t,
					 enum attach_way way)
{
	struct place *place = context;
	struct action *a = cached(place, SIDE_ENTER, t - place->starts.list, way);

	return a ? a->code : NULL;
}

static int place_attach(struct session *s, struct place *place)
{
	int err = 0;

	place->attach.pid = place->start_attach.pid = s->resolve.pid;
	place->attach.context = place->start_attach.context = place;
	place->attach.code_of = code_of_hit;
	place->start_attach.code_of = code_of_start;
	if (place->is_pair)
		err = attach_targets(&place->start_attach, &place->starts);
	if (!err && place->targets.count)
		err = attach_targets(&place->attach, &place->targets);
	if (err == -ENOENT)
		resolve_explain(&place->clause.spec, 1, &place->targets);
	return err;
}

int session_attach(struct session *s, struct trace_bpf *skel)
{
	int err = 0;

	s->programs.gen.state_map = bpf_map__fd(skel->maps.probe_states);
	for (size_t i = 0; i < s->count && !err; i++)
		err = place_attach(s, &s->places[i]);
	return err;
}

const struct meaning *session_meaning(const struct session *s, uint32_t slot)
{
	return slot < s->slots && s->meanings[slot].action ? &s->meanings[slot] : NULL;
}

/* --- the end -------------------------------------------------------------------------------- */

void session_report(const struct session *s)
{
	uint64_t missed = 0;
	size_t skipped = 0;

	for (size_t i = 0; i < s->count; i++) {
		missed += attach_missed(&s->places[i].attach);
		missed += attach_missed(&s->places[i].start_attach);
		if (s->places[i].attach.attached)
			skipped += s->places[i].targets.skip_count;
	}
	if (missed)
		diag("up to %llu events missed: the kernel left out so many runs of the programs",
		     (unsigned long long)missed);
	if (skipped)
		diag("not attached: %zu%s", skipped, diag_level ? "" : "; -v lists them");
}

void session_end(struct session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct place *place = &s->places[i];

		attach_end(&place->attach);
		attach_end(&place->start_attach);
		targets_free(&place->targets);
		targets_free(&place->starts);
		clause_free(&place->clause);
	}
	resolve_end(&s->resolve);
	programs_free(&s->programs);
	free(s->places);
	free(s->meanings);
	types_end(&s->types);
	arena_free(&s->arena);
}
