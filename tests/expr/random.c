// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * random: random expressions, compiled to BPF and run by the kernel, against what the C compiler
 * made of them.
 *
 *	random TEXTS ANSWERS BTF SEED
 *
 * Prints how many were right. Of those that were not it prints the text, both values and the
 * instructions, and ends with status 1.
 *
 * The same expressions are values that are stored, values of an event, and predicates, in turn:
 * a batch is one program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ktypes.h"
#include "strbuf.h"
#include "tests/expr/compile.h"
#include "tests/expr/program.h"
#include "tests/expr/world.h"

#define BATCH	   60
#define SHOWN_MAX  5
#define KEPT_FIRST 64 /* where numbers are stored: before it lies the mask of faults */

struct batch {
	unsigned int count;
	char *texts[BATCH];
	struct answer answers[BATCH];
	struct expr *exprs[BATCH];
	struct code codes[BATCH]; /* passes; the first one: of the others */
	struct value values[BATCH];
	enum program_kind kind;
};

static struct worlds *worlds;
static struct compile compile;
static unsigned long bad, seed;
static char log_text[1 << 20];

static void tell(const struct batch *b, unsigned int i, const char *what)
{
	if (bad++ < SHOWN_MAX)
		printf("seed %lu: %s\n  %s\n", seed, b->texts[i], what);
}

/* The instructions of one expression, by itself. */
static void list(struct gen *gen, struct expr *e)
{
	struct strbuf text = {};
	struct code code;

	if (bad > SHOWN_MAX || gen_store(gen, &e, 1, NULL, &code))
		return;
	code_list(code.insns, code.count, &text);
	fwrite(text.data, 1, text.size, stdout);
	strbuf_free(&text);
}

static int make_code(struct batch *b, struct gen *gen)
{
	static const enum gen_want wants[BATCH];
	uint32_t largest;
	int err = 0;

	if (b->kind == PROGRAM_STORE)
		return gen_store(gen, b->exprs, b->count, NULL, &b->codes[0]);
	for (unsigned int i = 0; b->kind == PROGRAM_PASS && !err && i < b->count; i++)
		err = gen_pass(gen, b->exprs[i], 1, &b->codes[i]);
	if (b->kind == PROGRAM_PASS)
		return err;
	memset(b->values, 0, sizeof(b->values));
	err = gen_layout(gen, b->exprs, wants, b->count, 64, b->values);
	return err ? err
		   : gen_fill(gen, b->exprs, b->values, b->count, &b->codes[0], &largest);
}

static void compare_type(const struct batch *b, unsigned int i)
{
	const struct ctype *type = b->exprs[i]->type;
	const struct answer *a = &b->answers[i];
	char what[256];

	if (type->size == a->size && type->is_signed == a->is_signed)
		return;
	snprintf(what, sizeof(what),
		 "has type %s of %u bytes, and in C it is of %u and %s",
		 type->is_signed ? "signed" : "unsigned", (unsigned int)type->size,
		 a->size, a->is_signed ? "signed" : "unsigned");
	tell(b, i, what);
}

static uint64_t result(const struct batch *b, const struct program *p, unsigned int i)
{
	uint64_t value;

	if (b->kind == PROGRAM_PASS)
		return p->results[i].returned;
	memcpy(&value,
	       p->data + (b->kind == PROGRAM_FILL ? b->values[i].offset
						  : KEPT_FIRST + 8 * i),
	       8);
	return value;
}

static bool faulted(const struct batch *b, const struct program *p, unsigned int i)
{
	uint64_t mask;

	if (b->kind == PROGRAM_PASS)
		return p->results[i].fault;
	memcpy(&mask, p->data + (b->kind == PROGRAM_FILL ? 0 : KEPT_FIRST - 8), 8);
	return mask >> i & 1;
}

static void compare(const struct batch *b, const struct program *p, struct gen *gen,
		    int world)
{
	for (unsigned int i = 0; i < b->count; i++) {
		uint64_t is = result(b, p, i), wanted = b->answers[i].value[world];
		char what[256];

		if (b->kind == PROGRAM_PASS)
			wanted = wanted != 0;
		if (is == wanted && !faulted(b, p, i))
			continue;
		snprintf(what, sizeof(what),
			 "world %d, way %d: %#llx%s, and in C it is %#llx", world,
			 b->kind, (unsigned long long)is,
			 faulted(b, p, i) ? " (fault)" : "", (unsigned long long)wanted);
		tell(b, i, what);
		list(gen, b->exprs[i]);
	}
}

/* A program that the verifier refuses: by halves to the expression that it refuses. */
static void batch_run(struct batch *b, struct program *p);

static void refused(struct batch *b, struct program *p, const char *why)
{
	struct batch *half;

	if (b->count == 1) {
		tell(b, 0, why);
		if (bad <= SHOWN_MAX) {
			size_t length = strlen(log_text);

			printf("%s\n", log_text + (length > 3000 ? length - 3000 : 0));
		}
		return;
	}
	half = calloc(1, sizeof(*half));
	for (int second = 0; second < 2 && bad < SHOWN_MAX; second++) {
		unsigned int first = second ? b->count / 2 : 0;

		half->kind = b->kind;
		half->count = second ? b->count - first : b->count / 2;
		memcpy(half->texts, b->texts + first, half->count * sizeof(*half->texts));
		memcpy(half->answers, b->answers + first,
		       half->count * sizeof(*half->answers));
		memcpy(half->exprs, b->exprs + first, half->count * sizeof(*half->exprs));
		batch_run(half, p);
	}
	free(half);
}

static void batch_run(struct batch *b, struct program *p)
{
	struct gen gen = { .arena = &compile.arena, .mistake = &compile.mistake };
	int err;

	program_again(p);
	if (make_code(b, &gen)) {
		refused(b, p, compile.mistake.why);
		return;
	}
	for (unsigned int i = 0; i < (b->kind == PROGRAM_PASS ? b->count : 1); i++)
		program_add(p, b->kind, &b->codes[i],
			    b->kind == PROGRAM_STORE ? KEPT_FIRST : 0, -1);
	err = program_load(p, log_text, sizeof(log_text));
	if (err) {
		refused(b, p, strerror(-err));
		return;
	}
	for (int i = 0; i < WORLDS; i++) {
		memset(p->data, 0xee, 4096);
		err = program_run(p, worlds->registers[i], sizeof(worlds->registers[i]));
		if (err) {
			tell(b, 0, strerror(-err));
			return;
		}
		compare(b, p, &gen, i);
	}
}

/* Those that are compiled: all, but for defects. */
static bool batch_compile(struct batch *b, FILE *texts, FILE *answers)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	b->count = 0;
	while (b->count < BATCH && (n = getline(&line, &room, texts)) > 0) {
		unsigned int i = b->count;

		line[n - 1] = '\0';
		if (!fread(&b->answers[i], sizeof(*b->answers), 1, answers))
			exit(2);
		b->texts[i] = arena_copy(&compile.arena, line, n);
		b->exprs[i] = compile_text(&compile, b->texts[i], COMPILE_VALUE);
		if (!b->exprs[i]) {
			tell(b, i, compile.mistake.why);
			if (bad <= SHOWN_MAX)
				printf("  %*s^\n", (int)compile.mistake.at, "");
			continue;
		}
		compare_type(b, i);
		b->count++;
	}
	free(line);
	return b->count;
}

static void world_make(void)
{
	worlds = mmap((void *)WORLD_AT, sizeof(*worlds), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE,
		      -1, 0);
	if (worlds != (void *)WORLD_AT) {
		perror("the world");
		exit(2);
	}
	worlds_fill(worlds, seed);
}

int main(int argc, char **argv)
{
	FILE *texts = argc == 5 ? fopen(argv[1], "r") : NULL;
	FILE *answers = texts ? fopen(argv[2], "r") : NULL;
	struct batch *b = calloc(1, sizeof(*b));
	struct ctypes types = {};
	unsigned long count = 0;
	struct program p;
	size_t size;
	void *btf;
	int err;

	btf = answers ? ktypes_read(argv[3], &size, &err) : NULL;
	if (!btf || !ctypes_add(&types, btf, size, NULL))
		return 2;
	seed = strtoul(argv[4], NULL, 0);
	world_make();
	compile.types = &types;
	compile.scope = compile_scope(&types);
	err = program_begin(&p);
	if (err) {
		printf("no map: %s\n", strerror(-err));
		return 2;
	}
	for (unsigned long i = 0; batch_compile(b, texts, answers); i++) {
		b->kind = i % 3;
		count += b->count;
		batch_run(b, &p);
		arena_free(&compile.arena);
	}
	printf("%lu expressions, %lu wrong\n", count, bad);
	program_end(&p);
	ctypes_free(&types);
	free(btf);
	free(b);
	return bad || !count;
}
