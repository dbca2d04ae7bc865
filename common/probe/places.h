/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * places: the probes of a command line whose users write expressions, from specifications to what
 * is attached. What is done there is the tool's: it compiles (compile.h) when it is asked to.
 *
 *	places_start(&p, text)		while ktypes has the kernel's types
 *	places_resolve(&p, ...)		targets; those for which the text makes no sense go
 *	places_setup(&p)		before load
 *	... load; compiler.templates, compiler.gen.state_map ...
 *	places_attach(&p), places_settle(&p)
 *	places_end(&p)
 *
 * A place can have a second side, what is entered before: the start of a pair, or the entry of a
 * function whose return is asked for. It is attached only if something is kept there.
 *
 * Ownership: places.list is the caller's.
 * Errors: -errno, reported. -EINVAL: what the user wrote is wrong.
 */
#pragma once

#include "probe/compile.h"
#include "probe/resolve.h"
#include "probe/types.h"

struct buildids;
struct entries_state;
struct spec;

/* What was compiled for a target: the beginning of the tool's own struct, in the arena. */
struct place_action {
	struct attach_code *code;
	size_t kept;  /* values that are kept at the entry */
	bool is_pair; /* SIDE_ENTER is needed as well */
};

struct place {
	struct places *places;
	const char *text;
	uint32_t number;
	struct spec *spec, *start; /* start: of a pair; else NULL. spec NULL: nothing to attach */
	struct targets targets, starts;
	struct attach attach, start_attach;
	struct compile_map maps[COMPILE_MAPS]; /* of the tool, for its programs */
	bool is_pair;
	/* private */
	struct place_action **cache[2]; /* by target and way: of targets, of starts */
};

/* What a slot means. */
struct place_slot {
	const struct place *place;
	const struct target *target;
	const struct place_action *action;
};

struct places {
	struct place *list;
	size_t count;
	struct resolve resolve;
	struct types types; /* what --types and -I gave is added before */
	/* NULL: the mistake is set. */
	struct place_action *(*compile)(struct place *place, const struct request *r);
	/* A raw tracepoint shows less than is wanted here: it has no fields. NULL: never. */
	bool (*refuses_raw)(const struct place *place, const struct place_action *a);
	/* set by places_resolve() */
	size_t kept; /* at most */
	bool is_pair; /* some of them */
	/* for the tool, too */
	struct arena arena;
	struct mistake mistake;
	struct compiler compiler;
	struct place_slot *slots;
	size_t slot_count;
};

int places_start(struct places *p);

/* checked: called for each target that stays, with what was compiled; or NULL. */
int places_resolve(struct places *p,
		   void (*checked)(struct place *place, const struct place_action *a));

int places_setup(struct places *p);

/* Which of the skeleton's programs are loaded; they are the compiler's templates. */
void places_templates(struct places *p, struct bpf_program *programs[SIDES][ATTACH_FORMS]);

/* The skeleton's programs of bpf/calls.bpf.h, and its map; they are loaded if there are many system
 * calls. */
void places_calls(struct places *p, struct bpf_program *enter, struct bpf_program *exit,
		  const struct bpf_map *map);

/* Sizes of what bpf/entries.bpf.h keeps. */
int places_entries(const struct places *p, uint32_t *level, struct bpf_map *states,
		   struct bpf_map *entries, struct bpf_map *zero);

int places_attach(struct places *p);

/* When nothing more is compiled: lets go of types that nobody needs any more. */
void places_settle(struct places *p);

/* Some side of a place, for its first target, in the usual way. */
struct place_action *place_compile(struct place *place, enum side side);

/* NULL: there is no such slot. */
const struct place_slot *places_slot(const struct places *p, uint32_t slot);

/* -l: what the places match, on standard output; arguments: and what they have. */
int places_list(struct places *p, bool arguments);

/* The name of a target as BCC shows it: without the category, and returns as their function. */
const char *place_name(const struct target *t);

/* Files that user stacks are likely to be of: those that are probed, and the command's program
 * (NULL: there is none), which is looked for as exec does. */
void places_offer(const struct places *p, char **command, struct buildids *ids);

/* Says on stderr what was skipped, what the kernel left out, and which calls did not return; map: of
 * the entries. */
void places_report(const struct places *p, const volatile struct entries_state *entries, int map,
		   const char *what);

void places_end(struct places *p);
