// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/entries.h"
#include "bpf/events.h"
#include "diag.h"
#include "escape.h"
#include "session.h"
#include "trace.h"
#include "trace.skel.h"

#define SESSION(p) ((struct session *)((char *)(p) - offsetof(struct session, places)))

void session_parse(struct session *s, const char *text)
{
	struct places *p = &s->places;

	p->list = realloc(p->list, (p->count + 1) * sizeof(*p->list));
	s->clauses = realloc(s->clauses, (p->count + 1) * sizeof(*s->clauses));
	if (!p->list || !s->clauses)
		diag_no_memory();
	p->list[p->count] = (struct place){ .text = text };
	if (clause_parse(&s->clauses[p->count++], text, &p->mistake)) {
		mistake_report(text, &p->mistake);
		exit(2);
	}
}

/* --- BEGIN and END ---------------------------------------------------------------------------- */

static bool is_text(const struct clause *c)
{
	return c->kind != CLAUSE_PROBE;
}

static int text_parse(struct session *s, const struct clause *c, struct format *format)
{
	struct places *p = &s->places;
	struct parse parse = { .arena = &p->arena, .mistake = &p->mistake };
	struct clause_tree tree;
	int err = clause_tree(c, &parse, &tree);

	if (!err && (!tree.format || tree.values || tree.predicate))
		err = mistake_set(&p->mistake, tree.values ? tree.values->at : c->heading.rest_at,
				  "behind BEGIN and END stands a text in quotes, and nothing else");
	if (!err)
		err = format_parse(&p->arena, &p->mistake, c->text, tree.format->at,
				   tree.format->end, format);
	return err ? err : format_check(format, NULL, 0, &p->mistake);
}

void session_texts(struct session *s, enum clause_kind kind, bool json, struct strbuf *out)
{
	struct strbuf text = {};
	struct format format;

	for (size_t i = 0; i < s->places.count; i++) {
		if (s->clauses[i].kind != kind || text_parse(s, &s->clauses[i], &format))
			continue;
		strbuf_clear(&text);
		format_print(&format, NULL, NULL, NULL, &text);
		if (json) {
			strbuf_printf(out, "{\"func\":\"%s\",\"message\":",
				      kind == CLAUSE_BEGIN ? "BEGIN" : "END");
			escape_json(out, text.data, text.size);
			strbuf_char(out, '}');
		} else {
			strbuf_add(out, text.data, text.size);
		}
		strbuf_char(out, '\n');
	}
	strbuf_free(&text);
}

/* --- resolving ------------------------------------------------------------------------------ */

static struct place_action *compile(struct place *place, const struct request *r)
{
	struct session *s = SESSION(place->places);
	struct action *a = program_compile(&s->places.compiler, &s->clauses[place->number], r,
					   s->string_size);

	return a ? &a->base : NULL;
}

static const struct action *action_of(const struct place_action *a)
{
	return (const struct action *)a; /* it begins with it */
}

static void checked(struct place *place, const struct place_action *a)
{
	struct session *s = SESSION(place->places);

	s->has_message |= action_of(a)->has_message;
	if (action_of(a)->data_size > s->data_room)
		s->data_room = action_of(a)->data_size;
}

/* All fields are to be shown, and a raw tracepoint has none. */
static bool refuses_raw(const struct place *place, const struct place_action *a)
{
	const struct session *s = SESSION(place->places);

	return s->kernel_stack || (!action_of(a)->has_message && s->has_message);
}

/* After this nothing is added: places point to the clauses. */
static int clauses_check(struct session *s)
{
	struct format format;

	s->is_text = true;
	for (size_t i = 0; i < s->places.count; i++) {
		struct clause *c = &s->clauses[i];
		struct place *place = &s->places.list[i];

		if (is_text(c) && text_parse(s, c, &format)) {
			mistake_report(c->text, &s->places.mistake);
			return -EINVAL;
		}
		if (is_text(c))
			continue;
		s->is_text = false;
		place->spec = &c->heading.spec;
		place->start = c->heading.start_at ? &c->heading.start : NULL;
	}
	return 0;
}

int session_list(struct session *s)
{
	int err = clauses_check(s);

	return err ? err : places_list(&s->places, diag_level > 0);
}

int session_resolve(struct session *s)
{
	int err = clauses_check(s);

	s->places.compile = compile;
	s->places.refuses_raw = refuses_raw;
	if (!err)
		err = places_start(&s->places);
	return err ? err : places_resolve(&s->places, checked);
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
	const struct targets *t = side == SIDE_ENTER ? &place->starts : &place->targets;
	struct place_action *base = place_compile(place, side);

	if (!base) {
		mistake_report(place->text, &place->places->mistake);
		return -EINVAL;
	}
	strbuf_printf(out, "%s%s\n", t->list[0].label, names[side]);
	if (side != SIDE_ENTER)
		dump_values(action_of(base), out);
	strbuf_add(out, action_of(base)->dump.data, action_of(base)->dump.size);
	return 0;
}

int session_dump(struct session *s, struct strbuf *out)
{
	int err = 0;

	s->places.compiler.dump = true;
	for (size_t i = 0; i < s->places.count && !err; i++) {
		struct place *place = &s->places.list[i];

		if (!place->targets.count)
			continue;
		if (place->is_pair)
			err = dump_side(place, SIDE_ENTER, out);
		if (!err)
			err = dump_side(place, place->is_pair ? SIDE_RETURN : SIDE_HIT, out);
	}
	return err;
}

/* --- attaching ------------------------------------------------------------------------------ */

int session_setup(struct session *s, struct trace_bpf *skel)
{
	struct bpf_program *programs[SIDES][ATTACH_FORMS] = {
		{ skel->progs.hit_cookie, skel->progs.hit_slot },
		{ skel->progs.enter_cookie, skel->progs.enter_slot },
		{ skel->progs.return_cookie, skel->progs.return_slot },
	};
	int err = places_setup(&s->places);

	if (err)
		return err;
	places_templates(&s->places, programs);
	places_calls(&s->places, skel->progs.call_enter, skel->progs.call_exit, skel->maps.calls);
	skel->rodata->cfg.data_room = s->data_room;
	return places_entries(&s->places, &skel->rodata->entries_level, skel->maps.probe_states,
			      skel->maps.entries, skel->maps.entry_zero);
}

int session_attach(struct session *s, struct trace_bpf *skel)
{
	int err;

	s->places.compiler.gen.state_map = bpf_map__fd(skel->maps.probe_states);
	err = places_attach(&s->places);
	places_settle(&s->places);
	return err;
}

bool session_meaning(const struct session *s, uint32_t slot, struct meaning *m)
{
	const struct place_slot *found = places_slot(&s->places, slot);

	if (found)
		*m = (struct meaning){ action_of(found->action), place_name(found->target) };
	return found;
}

void session_end(struct session *s)
{
	places_end(&s->places);
	for (size_t i = 0; i < s->places.count; i++)
		clause_free(&s->clauses[i]);
	free(s->places.list);
	free(s->clauses);
}
