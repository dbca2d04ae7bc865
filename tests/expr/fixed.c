// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fixed: chosen expressions, run by the kernel: strings, values of events, what is kept,
 * variables. TAP.
 *
 *	fixed BTF
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktypes.h"
#include "tests/expr/fixed.h"

static unsigned int told;
static char verifier[1 << 20];

void tell(bool good, const char *what, ...)
{
	va_list args;

	printf("%s %u - ", good ? "ok" : "not ok", ++told);
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void bail(const char *what, const char *why)
{
	size_t size = strlen(verifier);

	printf("Bail out! %.200s: %s\n%s\n", what, why,
	       verifier + (size > 4000 ? size - 4000 : 0));
	exit(1);
}

struct expr *must_compile(struct fixed *f, const char *text, enum compile_wish wish)
{
	struct expr *e = compile_text(&f->compile, text, wish);

	if (!e)
		bail(text, f->compile.mistake.why);
	f->gen.uses_seq = f->compile.check.uses_seq;
	f->gen.uses_delta = f->compile.check.uses_delta;
	return e;
}

void must_run(struct fixed *f, const char *what)
{
	int err = program_load(&f->program, verifier, sizeof(verifier));

	if (!err)
		err = program_run(&f->program, f->registers, sizeof(f->registers));
	if (err)
		bail(what, strerror(-err));
}

int pass(struct fixed *f, const char *text)
{
	struct expr *e = must_compile(f, text, COMPILE_TRUTH);
	struct program_result *r = &f->program.results[0];
	struct code code;

	program_again(&f->program);
	if (gen_pass(&f->gen, e, 1, &code))
		bail(text, f->compile.mistake.why);
	program_add(&f->program, PROGRAM_PASS, &code, 0, -1);
	must_run(f, text);
	arena_free(&f->compile.arena);
	return r->fault ? -1 : (int)r->returned;
}

static void types_add(struct fixed *f, const char *file)
{
	size_t size;
	int err;
	void *btf = ktypes_read(file, &size, &err);

	if (!btf || !ctypes_add(&f->types, btf, size, NULL))
		bail(file, "no types");
}

int main(int argc, char **argv)
{
	static struct fixed f;
	int err;

	if (argc != 2)
		return 2;
	types_add(&f, argv[1]);
	types_add(&f, "/sys/kernel/btf/vmlinux");
	f.compile.types = &f.types;
	f.compile.scope = compile_scope(&f.types);
	f.gen.arena = &f.compile.arena;
	f.gen.mistake = &f.compile.mistake;
	err = program_begin(&f.program);
	if (err)
		bail("map", strerror(-err));
	f.gen.state_map = f.program.map;
	f.gen.state_at = program_state(&f.program);
	strings_test(&f);
	values_test(&f);
	printf("1..%u\n", told);
	return 0;
}
