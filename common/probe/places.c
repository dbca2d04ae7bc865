// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/entries.h"
#include "diag.h"
#include "probe/buildids.h"
#include "probe/list.h"
#include "probe/places.h"

int places_start(struct places *p)
{
	struct strbuf text = {};
	int err;

	p->resolve.renames = true;
	p->compiler.arena = &p->arena;
	p->compiler.mistake = &p->mistake;
	p->compiler.scopes = (struct scopes){
		.arena = &p->arena, .mistake = &p->mistake, .types = &p->types,
	};
	compiler_features(&p->compiler);
	for (size_t i = 0; i < p->count; i++)
		strbuf_printf(&text, "%s ", p->list[i].text);
	err = types_start(&p->types, strbuf_cstr(&text));
	strbuf_free(&text);
	return err;
}

/* --- compiling ------------------------------------------------------------------------------ */

/* What is entered before the index-th target is hit: the function's own entry, or a pair's start. */
static const struct target *start_of(const struct place *place, size_t index)
{
	if (!place->starts.count)
		return NULL;
	return &place->starts.list[place->start ? 0 : index];
}

/* index: of the side's target. */
static struct place_action *compile(struct place *place, enum side side, size_t index,
				    enum attach_way way)
{
	bool entering = side == SIDE_ENTER;
	struct request r = {
		.number = place->number, .side = side, .way = way,
		.target = &place->targets.list[entering && place->start ? 0 : index],
		.start = entering ? &place->starts.list[index] : start_of(place, index),
	};

	memcpy(r.maps, place->maps, sizeof(r.maps));
	return place->places->compile(place, &r);
}

struct place_action *place_compile(struct place *place, enum side side)
{
	const struct targets *t = side == SIDE_ENTER ? &place->starts : &place->targets;

	return compile(place, side, 0, compile_usual_way(&t->list[0]));
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
	place->starts.slots = place->targets.slots;
}

/* All sides of a target, so that mistakes are found before anything is attached. */
static struct place_action *compile_sides(struct place *place, size_t index)
{
	const struct targets *t = &place->targets, *starts = &place->starts;
	size_t start = place->start ? 0 : index;
	struct place_action *a = compile(place, SIDE_HIT, index, compile_usual_way(&t->list[index]));

	if (!a || !a->is_pair)
		return a;
	if (!compile(place, SIDE_RETURN, index, compile_usual_way(&t->list[index])) ||
	    !compile(place, SIDE_ENTER, start, compile_usual_way(&starts->list[start])))
		return NULL;
	return a;
}

/* Targets for which the text makes no sense go, as long as others stay. */
static int place_check(struct places *p, struct place *place,
		       void (*checked)(struct place *place, const struct place_action *a))
{
	struct targets *t = &place->targets;
	bool entries = place->starts.count && !place->start;
	struct mistake first;
	size_t kept = 0;

	for (size_t i = 0; i < t->count; i++) {
		struct place_action *a = compile_sides(place, i);

		if (!a) {
			if (!kept)
				first = p->mistake;
			targets_skip(t, t->list[i].label,
				     targets_text(t, p->mistake.why, strlen(p->mistake.why)));
			continue;
		}
		place->is_pair |= a->is_pair;
		p->is_pair |= a->is_pair;
		p->kept = a->kept > p->kept ? a->kept : p->kept;
		if (checked)
			checked(place, a);
		if (entries)
			place->starts.list[kept] = place->starts.list[i];
		t->list[kept++] = t->list[i];
	}
	if (!kept && t->count) {
		mistake_report(place->text, &first);
		return -EINVAL;
	}
	t->count = kept;
	if (entries)
		place->starts.count = kept;
	return 0;
}

static int place_resolve(struct places *p, struct place *place)
{
	int err = resolve_targets(&p->resolve, place->spec, 1, &place->targets);
	const struct target *first = place->targets.list;

	if (err)
		return err;
	targets_finish(&place->targets);
	if (place->start) {
		err = resolve_targets(&p->resolve, place->start, 1, &place->starts);
		if (!err)
			targets_finish(&place->starts);
	} else if (place->targets.count && first->ret) {
		entries_copy(place);
	}
	types_expect(&p->types, &place->targets);
	types_expect(&p->types, &place->starts);
	return err;
}

/* Functions of one name have parameters of their own, and so they have slots. */
static void namesakes_part(struct targets *t)
{
	const struct target **first = calloc(t->slots + 1, sizeof(*first));

	if (!first)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++) {
		struct target *target = &t->list[i];
		const struct target **one = &first[target->slot];

		if (target->kind == TARGET_USER && *one && (*one)->begin != target->begin)
			target->slot = t->slots++;
		else
			*one = target;
	}
	free(first);
}

/* Slots of all probes in one row. */
static void slots_number(struct places *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct targets *t = &p->list[i].targets;

		namesakes_part(t);
		for (size_t k = 0; k < t->count; k++)
			t->list[k].slot += p->slot_count;
		p->slot_count += t->slots;
		t->slots = p->slot_count;
	}
	p->slots = calloc(p->slot_count + 1, sizeof(*p->slots));
	if (!p->slots)
		diag_no_memory();
}

int places_resolve(struct places *p,
		   void (*checked)(struct place *place, const struct place_action *a))
{
	int err = 0;

	for (size_t i = 0; i < p->count && !err; i++) {
		p->list[i].places = p;
		p->list[i].number = i;
		if (p->list[i].spec)
			err = place_resolve(p, &p->list[i]);
	}
	for (size_t i = 0; i < p->count && !err; i++)
		err = place_check(p, &p->list[i], checked);
	if (!err)
		slots_number(p);
	return err;
}

int places_list(struct places *p, bool arguments)
{
	struct targets all = {};
	int err = 0;

	for (size_t i = 0; i < p->count && !err; i++) {
		if (p->list[i].spec)
			err = resolve_targets(&p->resolve, p->list[i].spec, 1, &all);
	}
	targets_finish(&all);
	if (!err)
		err = list_show(&all, arguments);
	targets_free(&all);
	return err;
}

/* --- attaching ------------------------------------------------------------------------------ */

int places_setup(struct places *p)
{
	int err = 0;

	for (size_t i = 0; i < p->count && !err; i++) {
		err = attach_start(&p->list[i].attach, &p->list[i].targets);
		if (!err && p->list[i].is_pair)
			err = attach_start(&p->list[i].start_attach, &p->list[i].starts);
	}
	return err;
}

void places_templates(struct places *p, struct bpf_program *programs[SIDES][ATTACH_FORMS])
{
	bool needs[SIDES] = { [SIDE_ENTER] = p->is_pair }, cookies = false;

	for (size_t i = 0; i < p->count; i++) {
		needs[p->list[i].is_pair ? SIDE_RETURN : SIDE_HIT] = true;
		cookies |= p->list[i].attach.cookies || p->list[i].start_attach.cookies;
	}
	for (int side = 0; side < SIDES; side++) {
		for (int form = 0; form < ATTACH_FORMS; form++) {
			bool on = needs[side] && (form == ATTACH_BY_SLOT || cookies);

			bpf_program__set_autoload(programs[side][form], on);
			p->compiler.templates[side][form] = on ? programs[side][form] : NULL;
		}
	}
}

void places_calls(struct places *p, struct bpf_program *enter, struct bpf_program *exit,
		  const struct bpf_map *map)
{
	const struct callmap_jumps jumps = { enter, exit, map };
	bool any = false;

	for (size_t i = 0; i < p->count; i++) {
		struct place *place = &p->list[i];

		if (attach_wants_syscalls(&place->attach, &place->targets))
			place->attach.jumps = jumps;
		if (place->is_pair && attach_wants_syscalls(&place->start_attach, &place->starts))
			place->start_attach.jumps = jumps;
		any |= place->attach.jumps.map || place->start_attach.jumps.map;
	}
	bpf_program__set_autoload(enter, any);
	bpf_program__set_autoload(exit, any);
}

int places_entries(const struct places *p, uint32_t *level, struct bpf_map *states,
		   struct bpf_map *entries, struct bpf_map *zero)
{
	int err;

	*level = sizeof(struct gen_kept) + 8 * p->kept;
	err = bpf_map__set_value_size(states, p->count * sizeof(struct gen_state));
	if (!err)
		err = bpf_map__set_value_size(entries, 8 + ENTRIES_LEVELS * *level);
	if (!err)
		err = bpf_map__set_value_size(zero, 8 + ENTRIES_LEVELS * *level);
	if (!err && p->is_pair) /* a key is hashed five times for each pair */
		err = bpf_map__set_key_size(entries, 8 * p->compiler.key_words);
	if (!err && p->is_pair)
		err = bpf_map__set_max_entries(entries, ENTRIES_MAX + ENTRIES_SPARE *
							     libbpf_num_possible_cpus());
	return err;
}

/* Those that the kernel gave up for others: what was made, was not dropped and is not there. */
static uint64_t entries_lost(const volatile struct entries_state *state, int map)
{
	char keys[2][8 * SPLICE_KEY_WORDS];
	int64_t lost = 0;
	void *key = NULL;

	for (int i = 0; i < ENTRIES_FLOWS; i++)
		lost += state->flow[i].made;
	for (int i = 0; lost && !bpf_map_get_next_key(map, key, keys[i]); i = !i) {
		key = keys[i];
		lost--;
	}
	for (int i = 0; i < ENTRIES_FLOWS; i++)
		lost -= state->flow[i].dropped;
	return lost > 0 ? lost : 0;
}

static struct place_action *cached(struct place *place, enum side side, size_t index,
				   enum attach_way way)
{
	const struct targets *t = side == SIDE_ENTER ? &place->starts : &place->targets;
	struct place_action ***cache = &place->cache[side == SIDE_ENTER], **one;

	if (!*cache)
		*cache = arena_alloc(&place->places->arena,
				     (t->count * WAY_COUNT + 1) * sizeof(**cache));
	one = &(*cache)[index * WAY_COUNT + way];
	if (!*one)
		*one = compile(place, side, index, way);
	return *one;
}

static struct attach_code *code_of_target(void *context, const struct target *t,
					  enum attach_way way)
{
	struct place *place = context;
	struct places *p = place->places;
	struct place_action *a;

	a = cached(place, place->is_pair ? SIDE_RETURN : SIDE_HIT, t - place->targets.list, way);
	if (!a || (way == WAY_RAW_TP && p->refuses_raw && p->refuses_raw(place, a)))
		return NULL;
	p->slots[t->slot] = (struct place_slot){ .place = place, .target = t, .action = a };
	return a->code;
}

static struct attach_code *code_of_start(void *context, const struct target *t,
					 enum attach_way way)
{
	struct place *place = context;
	struct place_action *a = cached(place, SIDE_ENTER, t - place->starts.list, way);

	return a ? a->code : NULL;
}

/* What is entered comes first, so that no return is without an entry. */
static int place_attach(struct places *p, struct place *place)
{
	int err = 0;

	place->attach.pid = place->start_attach.pid = p->resolve.pid;
	place->attach.context = place->start_attach.context = place;
	place->attach.code_of = code_of_target;
	place->start_attach.code_of = code_of_start;
	if (place->is_pair) {
		diag_verbose("%s: what is entered first:", place->text);
		err = attach_targets(&place->start_attach, &place->starts);
	}
	if (!err && place->targets.count) {
		diag_verbose("%s:", place->text);
		err = attach_targets(&place->attach, &place->targets);
	}
	if (err == -ENOENT)
		resolve_explain(place->spec, 1, &place->targets);
	return err;
}

int places_attach(struct places *p)
{
	int err = 0;

	for (size_t i = 0; i < p->count && !err; i++)
		err = place_attach(p, &p->list[i]);
	return err;
}

/* --- what it means -------------------------------------------------------------------------- */

const struct place_slot *places_slot(const struct places *p, uint32_t slot)
{
	return slot < p->slot_count && p->slots[slot].action ? &p->slots[slot] : NULL;
}

const char *place_name(const struct target *t)
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

static void command_offer(const char *name, struct buildids *ids)
{
	const char *folders = getenv("PATH");
	struct strbuf path = {};

	if (strchr(name, '/')) {
		buildids_offer(ids, name);
		return;
	}
	while (folders && *folders) {
		size_t size = strcspn(folders, ":");

		strbuf_clear(&path);
		strbuf_printf(&path, "%.*s/%s", (int)size, folders, name);
		if (!access(strbuf_cstr(&path), X_OK)) {
			buildids_offer(ids, strbuf_cstr(&path));
			break;
		}
		folders += size + (folders[size] == ':');
	}
	strbuf_free(&path);
}

void places_offer(const struct places *p, char **command, struct buildids *ids)
{
	const char *last = NULL;

	if (command)
		command_offer(command[0], ids);
	for (size_t i = 0; i < p->count; i++) {
		const struct targets *t = &p->list[i].targets;

		for (size_t k = 0; k < t->count; k++) {
			const char *path = t->list[k].path;

			if (!path || (last && !strcmp(path, last)))
				continue;
			buildids_offer(ids, path);
			last = path;
		}
	}
}

void places_report(const struct places *p, const volatile struct entries_state *entries, int map,
		   const char *what)
{
	uint64_t missed = 0, lost = entries_lost(entries, map);
	size_t skipped = 0;

	for (size_t i = 0; i < p->count; i++) {
		missed += attach_missed(&p->list[i].attach);
		missed += attach_missed(&p->list[i].start_attach);
		if (p->list[i].attach.attached)
			skipped += p->list[i].targets.skip_count;
	}
	if (lost)
		diag("up to %llu %s missed: more than %d calls or starts were in flight, or never ended, "
		     "and the oldest were given up",
		     (unsigned long long)lost, what, ENTRIES_MAX);
	if (entries->missed)
		diag("up to %llu %s missed: so many calls did not return to the probe: deeper than %d, "
		     "or left by longjmp or an exception",
		     (unsigned long long)entries->missed, what, ENTRIES_DEEP);
	if (missed)
		diag("up to %llu %s missed: the kernel left out so many runs of the programs",
		     (unsigned long long)missed, what);
	if (skipped)
		diag("not attached: %zu%s", skipped, diag_level ? "" : "; -v lists them");
}

void places_settle(struct places *p)
{
	if (!p->compiler.shows_names)
		types_settle(&p->types);
}

void places_end(struct places *p)
{
	for (size_t i = 0; i < p->count; i++) {
		attach_end(&p->list[i].attach);
		attach_end(&p->list[i].start_attach);
		targets_free(&p->list[i].targets);
		targets_free(&p->list[i].starts);
	}
	resolve_end(&p->resolve);
	compiler_free(&p->compiler);
	types_end(&p->types);
	free(p->slots);
	arena_free(&p->arena);
}
