// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * places: odd formats of tracepoints and odd arguments of USDT probes. Nothing may crash or hang;
 * what comes out can be used without another look.
 *
 * With libFuzzer (an empty corpus is filled with seeds first): tests/fuzz/run places [SECONDS]
 * Without, it is a loop over damaged seeds, the same ones for the same number:
 *	places [NUMBER [ROUNDS]]
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr/parse.h"
#include "mistake.h"
#include "probe/eventformat.h"
#include "probe/usdtargs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MUST(what) ((what) ? (void)0 : must_fail(#what, __LINE__))

__attribute__((noinline, noreturn)) static void must_fail(const char *what, int line)
{
	printf("places.c:%d: not so: %s\n", line, what);
	fflush(stdout);
	abort();
}

/* --- the code under test -------------------------------------------------------------------- */

static void type_check(const char *text)
{
	struct arena arena = {};
	struct mistake mistake;
	struct parse p = { .arena = &arena, .mistake = &mistake };
	struct type_name *type;

	parse_start(&p, text, 0);
	MUST(!parse_type(&p, &type) && !parse_end(&p));
	arena_free(&arena);
}

static void format_try(const char *data, size_t size)
{
	struct eventformat f = {};
	int err = eventformat_parse(&f, data, size, size & 1);

	for (size_t i = 0; !err && i < f.count; i++) {
		const struct event_field *field = &f.fields[i];

		type_check(field->type);
		type_check(field->plain);
		MUST(*field->name && field->offset <= 0xffff && field->size <= 0xffff);
		MUST(!field->is_readable || field->offset >= 8);
		MUST(!field->count || field->is_array);
		MUST(field->count <= field->size && field->plain_count <= field->size);
	}
	eventformat_free(&f);
}

static void register_check(const struct usdt_register *r, size_t most)
{
	MUST(!r->size || (r->offset + r->size <= most && r->offset % (r->size == 1 ? 1 : 8) == 0));
}

static void arguments_try(const char *text, unsigned int machine, size_t registers)
{
	struct usdt_args args;

	usdtargs_parse(text, machine, &args);
	MUST(args.count <= USDT_ARGS_MOST);
	for (unsigned int i = 0; i < args.count; i++) {
		const struct usdt_arg *arg = &args.arg[i];

		MUST(arg->at + arg->length <= strlen(text) && arg->length);
		MUST(!arg->why == (arg->kind != USDT_ARG_NONE));
		if (arg->why)
			continue;
		MUST(arg->size == 1 || arg->size == 2 || arg->size == 4 || arg->size == 8);
		MUST(arg->shift <= 4);
		register_check(&arg->base, registers);
		register_check(&arg->index, registers);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	format_try((const char *)data, size);
	arguments_try(text, EM_X86_64, 21 * 8); /* struct pt_regs */
	arguments_try(text, EM_386, 21 * 8);
	arguments_try(text, EM_AARCH64, 34 * 8);
	free(text);
	return 0;
}

/* --- seeds ---------------------------------------------------------------------------------- */

static const char *const seeds[] = {
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:__u8 n[32 + 2];\toffset:8;\tsize:34;\tsigned:0;\n",
	"\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:__rel_loc cpumask_t m;\toffset:12;\tsize:4;\tsigned:0;\n"
	"\tfield:const char __user *const * argv;\toffset:16;\tsize:8;\tsigned:0;\n",
	"8@%rdi -4@-20(%rbp) 4@$5 8@8(%rax,%rdx,4) 1@%ah 8f@%xmm0 8@x(%rip) %rcx 8@%fs:-8",
	"8@x0 -4@[sp, 16] 4@5 8@[x1, w2, sxtw #3] 8f@d0 8@[x0, #:lo12:x] 8@xzr",
};

#define SEEDS (sizeof(seeds) / sizeof(seeds[0]))

#ifdef LIBFUZZER

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[4096];

	for (size_t i = 0; i < SEEDS && *argc > 1 && (*argv)[1][0] != '-'; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/seed-%zu", (*argv)[1], i);
		file = fopen(path, "wx");
		if (!file)
			continue;
		fputs(seeds[i], file);
		fclose(file);
	}
	return 0;
}

#else /* a loop of our own */

static uint64_t chance_state;

/* xorshift64: the same ones on every machine */
static uint64_t chance(uint64_t below)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return chance_state % below;
}

int main(int argc, char **argv)
{
	unsigned long number = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 20000;
	static const char odd[] = "@%$()[]{},;:-+#*_ \t\n09axf\xff";

	chance_state = number * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned long i = 0; i < rounds; i++) {
		const char *seed = seeds[i % SEEDS];
		size_t size = strlen(seed) - chance(8);
		/* Of its own size, so that ASan sees who reads behind its end. */
		char *bytes = malloc(size);

		if (!bytes)
			return 1;
		memcpy(bytes, seed, size);
		for (uint64_t n = chance(8); n; n--)
			bytes[chance(size)] = odd[chance(sizeof(odd))];
		LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
		free(bytes);
	}
	printf("%lu texts, none did harm\n", rounds);
	return 0;
}

#endif
