// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alike.h"
#include "diag.h"
#include "session.h"
#include "bpf/entries.h"
#include "argdist.skel.h"

#define SESSION(p) ((struct session *)((char *)(p) - offsetof(struct session, places)))

void session_parse(struct session *s, const char *text, bool histogram)
{
	struct places *p = &s->places;
	size_t n = p->count + 1;

	p->list = realloc(p->list, n * sizeof(*p->list));
	s->specifiers = realloc(s->specifiers, n * sizeof(*s->specifiers));
	s->tallies = realloc(s->tallies, n * sizeof(*s->tallies));
	if (!p->list || !s->specifiers || !s->tallies)
		diag_no_memory();
	s->tallies[p->count] = (struct tally){};
	if (specifier_parse(&s->specifiers[p->count], text, histogram, &p->mistake)) {
		mistake_report(text, &p->mistake);
		exit(2);
	}
	p->list[p->count] = (struct place){ .text = s->specifiers[p->count].fields };
	p->count = n;
}

/* --- resolving ------------------------------------------------------------------------------ */

static const struct action *action_of(const struct place_action *a)
{
	return (const struct action *)a; /* it begins with it */
}

/* All targets of a specifier count into the same map. */
static bool take_values(struct session *s, struct tally *t, const struct action *a, uint32_t slot)
{
	struct arena *arena = &s->places.arena;

	if (t->action && !alike_check(t->action, a)) {
		mistake_set(&s->places.mistake, 0, "its values have other sizes or types than those "
			    "of the others");
		return false;
	}
	if (!t->action)
		t->action = a;
	t->values = alike_add(arena, t->values, a);
	if (!s->attaching || a->probe == a->keys)
		return true;
	if (!t->by_slot) {
		t->slots = s->places.slot_count;
		t->by_slot = arena_alloc(arena, t->slots * sizeof(*t->by_slot));
	}
	t->by_slot[slot] = alike_add(arena, t->by_slot[slot], a);
	return true;
}

static struct place_action *compile(struct place *place, const struct request *r)
{
	struct session *s = SESSION(place->places);
	struct tally *t = &s->tallies[place->number];
	struct action *a = program_compile(&s->places.compiler, &s->specifiers[place->number], r,
					   s->string_size, t->values);

	if (!a || r->side == SIDE_ENTER)
		return a ? &a->base : NULL;
	return take_values(s, t, a, r->target->slot) ? &a->base : NULL;
}

static void checked(struct place *place, const struct place_action *a)
{
	struct session *s = SESSION(place->places);
	uint32_t size = action_of(a)->key_size + 8;

	s->room = size > s->room ? size : s->room;
}

/* Samples are no places: they have a slot, but places.h does not attach them. */
static struct place_action *sample_compile(struct session *s, size_t number)
{
	struct place *place = &s->places.list[number];
	struct request r = {
		.number = number, .side = SIDE_HIT, .way = WAY_RAW_TP,
		.target = &s->specifiers[number].sampling.target,
	};

	memcpy(r.maps, place->maps, sizeof(r.maps));
	return compile(place, &r);
}

static int sample_resolve(struct session *s, size_t number)
{
	struct places *p = &s->places;
	struct target *target = &s->specifiers[number].sampling.target;
	struct place_action *a = sample_compile(s, number);

	if (!a) {
		mistake_report(p->list[number].text, &p->mistake);
		return -EINVAL;
	}
	checked(&p->list[number], a);
	target->slot = p->slot_count++;
	p->slots = realloc(p->slots, p->slot_count * sizeof(*p->slots));
	if (!p->slots)
		diag_no_memory();
	p->slots[target->slot] = (struct place_slot){ &p->list[number], target, a };
	return 0;
}

static int samples_resolve(struct session *s)
{
	int err = 0;

	for (size_t i = 0; i < s->places.count && !err; i++) {
		if (s->specifiers[i].sampling.event)
			err = sample_resolve(s, i);
	}
	return err;
}

static int samples_attach(struct session *s)
{
	struct place_action *a;
	int err = 0;

	for (size_t i = 0; i < s->places.count && !err; i++) {
		if (!s->specifiers[i].sampling.event)
			continue;
		a = sample_compile(s, i);
		err = a ? sampling_attach(&s->specifiers[i].sampling, a->code) : -EINVAL;
	}
	return err;
}

/* After this nothing is added: places point to the specifiers. */
static void places_set(struct session *s)
{
	s->places.compile = compile;
	for (size_t i = 0; i < s->places.count; i++) {
		struct specifier *sp = &s->specifiers[i];

		s->places.list[i].spec = sp->sampling.event ? NULL : &sp->heading.spec;
		s->places.list[i].start = sp->heading.start_at ? &sp->heading.start : NULL;
		s->tallies[i].specifier = sp;
		s->tallies[i].place = &s->places.list[i];
	}
}

int session_list(struct session *s)
{
	places_set(s);
	return places_list(&s->places, diag_level > 0);
}

/* "u:LIB:PROBE:TYPE:VALUE" is a provider's probe where the type is not known as one. Resolving ends
 * with the first place that is not found. */
static void usdt_explain(const struct session *s)
{
	size_t i = 0, count = s->places.count;
	const struct place *list = s->places.list;
	const struct specifier *sp;

	while (i < count && (!list[i].spec || (list[i].targets.count &&
					       (!list[i].start || list[i].starts.count))))
		i++;
	sp = &s->specifiers[i];
	if (i == count || list[i].targets.count || list[i].spec->kind != SPEC_USDT ||
	    !list[i].spec->group.text || sp->fields[sp->heading.rest_at] != ':')
		return;
	diag("if %s is the probe, write u:LIB:%s():%s:...", list[i].spec->group.text,
	     list[i].spec->group.text, list[i].spec->name.text);
}

int session_resolve(struct session *s)
{
	int err;

	places_set(s);
	err = places_start(&s->places);
	if (err)
		return err;
	err = places_resolve(&s->places, checked);
	if (err == -ENOENT)
		usdt_explain(s);
	return err ? err : samples_resolve(s);
}

/* --- --dump ----------------------------------------------------------------------------------- */

static int dump_side(struct session *s, size_t number, enum side side, struct strbuf *out)
{
	struct place *place = &s->places.list[number];
	const struct place_action *a = place->spec ? place_compile(place, side) :
						     sample_compile(s, number);

	if (!a) {
		mistake_report(place->text, &s->places.mistake);
		return -EINVAL;
	}
	if (place->is_pair)
		strbuf_str(out, side == SIDE_ENTER ? "  entry\n" : "  with what was kept\n");
	strbuf_add(out, action_of(a)->dump.data, action_of(a)->dump.size);
	return 0;
}

int session_dump(struct session *s, struct strbuf *out)
{
	int err = 0;

	s->places.compiler.dump = true;
	for (size_t i = 0; i < s->places.count && !err; i++) {
		struct place *place = &s->places.list[i];

		if (place->spec && !place->targets.count)
			continue;
		strbuf_printf(out, "%s\n", s->specifiers[i].text);
		if (place->is_pair)
			err = dump_side(s, i, SIDE_ENTER, out);
		if (!err)
			err = dump_side(s, i, place->is_pair ? SIDE_RETURN : SIDE_HIT, out);
	}
	return err;
}

/* --- before load ---------------------------------------------------------------------------- */

static int maps_size(struct session *s, struct argdist_bpf *skel)
{
	int cpus = libbpf_num_possible_cpus(), err = cpus < 0 ? cpus : 0;
	bool kernel = false, user = false;

	for (size_t i = 0; i < s->places.count; i++) {
		const struct action *a = s->tallies[i].action;

		skel->rodata->cfg.linear[i] = a->linear;
		kernel |= a->kernel_stack;
		user |= a->user_stack;
	}
	skel->rodata->cfg.room = s->room;
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.scratches, cpus);
	if (!err)
		err = bpf_map__set_value_size(skel->maps.scratches, 8 + s->room);
	if (!err && kernel)
		err = bpf_map__set_max_entries(skel->maps.stacks, TALLY_STACKS);
	if (!err && user)
		err = bpf_map__set_max_entries(skel->maps.user_stacks, TALLY_USER_STACKS);
	return err ? err : places_entries(&s->places, &skel->rodata->entries_level,
					  skel->maps.probe_states, skel->maps.entries,
					  skel->maps.entry_zero);
}

int session_setup(struct session *s, struct argdist_bpf *skel)
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
	return maps_size(s, skel);
}

/* --- after load ----------------------------------------------------------------------------- */

/* When an element of an array of maps is changed, the kernel waits until no program that has begun
 * before still runs (kernel/bpf/syscall.c, maybe_wait_bpf_programs()). */
static int barrier_create(struct session *s)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = s->tallies[0].fd[0] - 1);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "barrier", 4, 4, 1, &opts);

	if (fd < 0) {
		diag_errno(fd, "cannot make an array of maps");
		return fd;
	}
	s->barrier = fd + 1;
	return 0;
}

static void barrier_wait(const struct session *s)
{
	int zero = 0, inner = s->tallies[0].fd[0] - 1;

	bpf_map_update_elem(s->barrier - 1, &zero, &inner, BPF_ANY);
}

int session_attach(struct session *s, struct argdist_bpf *skel)
{
	int err = 0;

	s->attaching = true;
	s->places.compiler.gen.state_map = bpf_map__fd(skel->maps.probe_states);
	for (size_t i = 0; i < s->places.count && !err; i++) {
		struct tally *t = &s->tallies[i];
		uint32_t usual = t->action->kind >= TALLY_LOG2 ? 1024 : 10240;

		err = tally_create(t, s->keys ? s->keys : usual);
		t->place->maps[0] = (struct compile_map){ bpf_map__fd(skel->maps.tally_a),
							  t->fd[0] - 1 };
		t->place->maps[1] = (struct compile_map){ bpf_map__fd(skel->maps.tally_b),
							  t->fd[1] - 1 };
	}
	if (!err)
		err = barrier_create(s);
	if (!err)
		err = places_attach(&s->places);
	if (!err)
		err = samples_attach(s);
	places_settle(&s->places);
	return err;
}

int session_read(struct session *s, struct argdist_bpf *skel)
{
	int which = skel->bss->state.generation & 1, err = 0;

	if (!s->cumulative) {
		skel->bss->state.generation++;
		barrier_wait(s);
	}
	for (size_t i = 0; i < s->places.count && !err; i++) {
		tally_clear(&s->tallies[i]);
		err = tally_read(&s->tallies[i], which, !s->cumulative);
	}
	return err;
}

void session_end(struct session *s)
{
	for (size_t i = 0; i < s->places.count; i++)
		tally_free(&s->tallies[i]);
	if (s->barrier)
		close(s->barrier - 1);
	places_end(&s->places);
	for (size_t i = 0; i < s->places.count; i++)
		specifier_free(&s->specifiers[i]);
	free(s->places.list);
	free(s->specifiers);
	free(s->tallies);
}
