// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * places: odd formats of tracepoints and odd arguments of USDT probes. Nothing may crash or hang;
 * what comes out can be used without another look.
 */
#include <elf.h>

#include "expr/parse.h"
#include "mistake.h"
#include "probe/eventformat.h"
#include "probe/usdtargs.h"
#include "tests/fuzz/fuzz.h"

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

#ifdef LIBFUZZER

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	for (size_t i = 0; i < COUNT(seeds); i++)
		fuzz_seed(*argv, i, seeds[i], strlen(seeds[i]));
	return 0;
}

#else

int main(int argc, char **argv)
{
	unsigned long rounds = fuzz_begin(argc, argv, 20000);
	static const char odd[] = "@%$()[]{},;:-+#*_ \t\n09axf\xff";

	for (unsigned long i = 0; i < rounds; i++) {
		char text[512];
		size_t size = snprintf(text, sizeof(text), "%s", seeds[i % COUNT(seeds)]) - chance(8);

		for (uint64_t n = chance(8); n; n--)
			text[chance(size)] = odd[chance(sizeof(odd))];
		fuzz_try(text, size);
	}
	return fuzz_end(rounds);
}

#endif
