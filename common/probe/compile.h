/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compile: what a tool whose users write expressions (trace, argdist) does for each target: scopes,
 * code for the functions of a template (bpf/splice.bpf.h), and a program that can be attached.
 *
 *	compile_begin(&c, &compiler, &request)
 *	... parse, for the signature ...
 *	compile_scopes(&c, signature)
 *	... parse again: now names are known, and check with &c.check ...
 *	compile_key(&c, key); compile_pass(&c, predicate); compile_keep(&c);
 *	compile_body(&c, SPLICE_FILL, &code) ...
 *	compile_finish(&c)	-> struct attach_code
 *
 * Programs with the same instructions are one: a glob's, as long as they need no names.
 *
 * Ownership: the arena's, and compiler_free().
 * Errors: -errno, the mistake is set.
 */
#pragma once

#include "expr/check.h"
#include "expr/gen.h"
#include "probe/attach.h"
#include "probe/scopes.h"
#include "probe/splice.h"

struct bpf_map;

/* What a program does: which template it is made from. */
enum side {
	SIDE_HIT,    /* shows or counts */
	SIDE_ENTER,  /* keeps something */
	SIDE_RETURN, /* shows or counts, with what was kept */
	SIDES,
};

#define COMPILE_BODIES 4
#define COMPILE_MAPS   3

/* A template's map, in place of which a program of this number is given another. */
struct compile_map {
	int template, own; /* descriptors */
};

struct compiler {
	struct arena *arena;
	struct mistake *mistake;
	struct scopes scopes;
	struct gen gen; /* what the kernel has; state_map */
	bool binary;	/* texts of STRCMP are bytes */
	bool dump;
	bool shows_names; /* gen.h, of any of them */
	size_t key_words; /* of the longest key that was compiled */
	/* The programs of the skeleton as libbpf loaded them; NULL: not this form. Without any,
	 * everything is checked and compiled, and put into no program. */
	const struct bpf_program *templates[SIDES][ATTACH_FORMS];
	/* private */
	struct unit *units;
};

/* What the kernel has, while ktypes has its types. */
void compiler_features(struct compiler *c);

void compiler_free(struct compiler *c);

/* The way by which a target is looked at where it is not known yet how it is reached. */
enum attach_way compile_usual_way(const struct target *t);

/* One probe on one target. For returns and pairs: start is what is entered first. */
struct request {
	uint32_t number;  /* of the probe */
	enum side side;
	const struct target *target, *start;
	enum attach_way way; /* to the side's target; the other's way does not matter */
	struct compile_map maps[COMPILE_MAPS];
};

struct compile {
	struct compiler *compiler;
	const struct request *request;
	struct check check;
	struct gen gen;
	struct scope scope, entry; /* of the target; of what is entered first */
	struct strbuf *dump;	   /* where --dump's text goes; NULL: nowhere */
	/* private */
	struct splice_body bodies[COMPILE_BODIES];
	size_t body_count;
};

void compile_begin(struct compile *c, struct compiler *compiler, const struct request *r);

/* signature: NULL: none was given. */
int compile_scopes(struct compile *c, const struct scope_signature *signature);

/* For struct parse. */
struct parse;
void compile_parse(struct compile *c, struct parse *parse);

/* The key of what is kept; NULL: the thread, and calls nest. */
int compile_key(struct compile *c, const struct node *key);

/* predicate: NULL: true; result: what is returned then. */
int compile_pass(struct compile *c, const struct expr *predicate, int32_t result);

/* What check.kept has. */
int compile_keep(struct compile *c);

void compile_body(struct compile *c, int mark, const struct code *code);

/* NULL: there are no templates, or (the mistake is set) it failed. */
struct attach_code *compile_finish(struct compile *c);
