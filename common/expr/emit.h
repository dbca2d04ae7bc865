/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * emit: what gen.c (expressions), match.c and same.c (comparisons of strings), string.c (text) and
 * fill.c (values) share; for nobody else.
 */
#pragma once

#include "expr/gen.h"

enum { R0, R1, R2, R3, R4, R5, CTX, DATA, USED, HIT, FRAME };

struct emit {
	struct gen *gen;
	struct code code;
	unsigned int slots, most; /* of the frame, 8 bytes each: in use, and at most */
	int kept;		  /* the frame's place of the pointer to what was kept; 0: none */
	int fault;		  /* the label to go to */
	bool faults;		  /* ... is used */
};

int emit_take(struct emit *s, unsigned int slots);
void emit_give(struct emit *s, unsigned int slots);

void emit_begin(struct emit *s, struct gen *g, struct expr *const *exprs, size_t count);
int emit_end(struct emit *s, struct code *out, const struct expr *first);

/* To r0. */
void emit_value(struct emit *s, struct expr *e);

/* Jumps if the truth of it is `truth`, else goes on. */
void emit_jump(struct emit *s, struct expr *e, bool truth, int label);
void emit_match(struct emit *s, struct expr *e, bool truth, int label);
void emit_same(struct emit *s, struct expr *e, bool truth, int label);

/* r0 stays what it is, but the verifier knows nothing about it any more. */
void emit_forget(struct emit *s);

/* To the fault's label if so. */
void emit_fault(struct emit *s, int op, int reg, int32_t imm);

/* r3 = the address of an object. */
void emit_place(struct emit *s, const struct expr *e);
int emit_read_helper(const struct emit *s, enum space space);
int emit_string_helper(const struct emit *s, enum space space);

/* Where a text goes: size bytes, its NUL included, at base + offset; if so, behind what is used. */
struct room {
	int base;
	int32_t offset;
	bool behind;
	uint32_t size;
};

/* Reads the text of e to there. r0: how many bytes it has with its NUL (of an empty string in user
 * space 6.1 says 0); negative: it could not be read. */
void emit_text(struct emit *s, struct expr *e, const struct room *to);

/* ... the one at r3. count: so many characters it has at most, and nothing behind them is read; 0:
 * its NUL comes. */
void emit_read_text(struct emit *s, enum space space, const struct room *to, uint32_t count);

/* How much room a text needs, if of strings of any length `most` bytes are read. */
uint32_t text_room(const struct expr *e, uint32_t most);
