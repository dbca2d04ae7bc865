/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * world: what random expressions read. The same text goes to the C compiler for the reference, to
 * clang for BTF, and to the test that fills it in, at the same address each time: so values that
 * are addresses are the same in the reference, here and in a guest.
 */
#pragma once

#define WORLDS	  3 /* each expression is evaluated with each */
#define WORLD_AT  0x1000000000ul
#define REGISTERS 12 /* as many as a raw tracepoint may have */
#define ITEMS	  8

typedef signed char s8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long word_t;

enum color { RED, GREEN = 5, BLUE = 77 };
enum level { LOW = -2, MIDDLE = 3, HIGH = 0x7fffffff };
enum mask { LOW_BIT = 1, TOP_BIT = 0x80000000u };

struct item {
	struct item *next;
	signed char c;
	unsigned char uc;
	short s;
	unsigned short us;
	int i;
	unsigned int u;
	long l;
	unsigned long ul;
	_Bool b;
	enum color color;
	char name[12];
};

struct __attribute__((packed)) dense {
	unsigned char three : 3;
	unsigned int thirty : 30;
	int seventeen : 17;
	unsigned long forty : 40;
	long twenty : 20;
	int five : 5;
	unsigned short nine : 9;
	long fifty : 50;
};

struct pair {
	short a;
	unsigned long b;
};

struct world {
	struct item items[ITEMS];
	struct item *table[4];
	struct item *first;
	struct item *nil;
	int ints[8];
	unsigned char bytes[8];
	short grid[3][4];
	long longs[4];
	int one : 1;
	unsigned int two : 2;
	int seven : 7;
	unsigned int seventeen : 17;
	int thirty : 30;
	unsigned int all : 32;
	int whole : 32;
	long wide : 40;
	unsigned long full : 64;
	unsigned long half : 32;
	unsigned long few : 12;
	long upper : 33;
	short nine : 9;
	unsigned char tiny : 3;
	_Bool yes : 1;
	enum color shade : 7;
	struct dense dense;
	union {
		int both;
		struct {
			short low, high;
		};
		unsigned char part[4];
	};
	struct {
		struct {
			int deep;
			unsigned int deeper : 9;
			int : 3;
			int deepest : 11;
		};
		long other;
	};
	enum level level;
	enum mask mask;
	struct pair list[3];
	u16 (*rows)[4]; /* points to grid */
	char words[4][8], lines[2][200]; /* of few letters, so that some are the same */
	char tight[4][2];		 /* may have no NUL */
	char *word, *line;
};

/* For strings. */
struct texts {
	char *pointer;
	char flexible[0];
	char name[8];
	unsigned char bytes[8];
	char large[256];
	char other[256];
	char exact[63], pad;
	char more[64];
	char last[8]; /* it ends where the memory ends */
};

struct worlds {
	unsigned long registers[WORLDS][REGISTERS];
	struct world world[WORLDS];
};

/* What the reference says of an expression, as it is in its file. */
struct answer {
	unsigned char size, is_signed;
	unsigned long value[WORLDS];
} __attribute__((packed));

static inline unsigned long world_random(unsigned long *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dul;
}

/* Numbers whose lower parts are as special as themselves. */
static inline unsigned long world_number(unsigned long *state)
{
	static const unsigned long special[] = {
		0,
		1,
		-1ul,
		0x8000000000000000ul,
		0x7fffffffffffffff,
		0x80000000,
		0x7fffffff,
		0xffffffff,
		0x8080808080808080,
		0x7f7f7f7f7f7f7f7f,
		2,
		-2ul,
		0xffff8000,
		0x7fff,
	};
	unsigned long r = world_random(state);

	return r & 0x300 ? world_random(state) >> (r & 0xc00 ? 0 : r % 64)
			 : special[r / 4096 % (sizeof(special) / sizeof(*special))];
}

static inline void world_letters(char *to, unsigned int n, unsigned long *state)
{
	unsigned long letters = world_random(state);

	for (unsigned int i = 0; i < n; i++)
		to[i] = letters & 1ul << i % 64 ? 'a' : 'b';
}

static inline void world_words(struct world *w, unsigned long *state)
{
	for (int i = 0; i < 4; i++) {
		unsigned int n = world_random(state) % 4;

		world_letters(w->words[i], n, state);
		w->words[i][n] = '\0';
		world_letters(w->tight[i], 2, state);
		if (world_random(state) & 1)
			w->tight[i][world_random(state) & 1] = '\0';
	}
	world_letters(w->lines[0], 200, state);
	for (int i = 0; i < 200; i++)
		w->lines[1][i] = w->lines[0][i];
	w->lines[0][world_random(state) % 200] = '\0';
	w->lines[1][199 - world_random(state) % 70] = '\0';
	w->lines[0][199] = '\0';
	w->word = w->words[world_random(state) % 4];
	w->line = w->lines[world_random(state) % 2];
}

static inline void world_fill(struct world *w, unsigned long *state)
{
	for (unsigned long *at = (unsigned long *)w; at < (unsigned long *)(w + 1); at++)
		*at = world_number(state);
	for (int i = 0; i < ITEMS; i++) {
		w->items[i].next = &w->items[world_random(state) % ITEMS];
		w->items[i].b = world_random(state) & 1;
	}
	for (int i = 0; i < 4; i++)
		w->table[i] = &w->items[world_random(state) % ITEMS];
	w->first = &w->items[world_random(state) % ITEMS];
	w->nil = 0;
	w->rows = (u16(*)[4])w->grid;
	world_words(w, state);
}

/* Fills worlds that lie at WORLD_AT; the same for the same seed. Above the bytes that a name's type
 * takes, a register has noise: but 9, which is an index. */
static inline void worlds_fill(struct worlds *w, unsigned long seed)
{
	unsigned long state = (seed + 1) * 0x9e3779b97f4a7c15ul;

	for (int i = 0; i < WORLDS; i++) {
		world_fill(&w->world[i], &state);
		for (int n = 0; n < REGISTERS; n++)
			w->registers[i][n] = world_number(&state);
		w->registers[i][8] = (world_random(&state) | 0x100) & ~0xfful;
		w->registers[i][8] |= (i + seed) & 1;
		w->registers[i][9] = world_random(&state) % 8;
		w->registers[i][10] = (unsigned long)&w->world[i];
		w->registers[i][11] =
			(unsigned long)&w->world[i].items[world_random(&state) % ITEMS];
	}
}
