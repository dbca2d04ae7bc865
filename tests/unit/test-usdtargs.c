// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Arguments of USDT probes: each form of operand, what is refused, damage. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/user.h>
#include <cmocka.h>

#include "probe/usdtargs.h"

/* A register as offset:size. */
static int show_register(char *to, size_t room, const char *before, const struct usdt_register *r)
{
	return r->size ? snprintf(to, room, "%s%u:%u", before, r->offset, r->size) : 0;
}

/* An argument in one line, to be compared with what is expected. */
static const char *describe(const struct usdt_arg *a)
{
	static char line[256];
	int n = 0;

	if (a->kind == USDT_ARG_NONE)
		return a->why;
	assert_null(a->why);
#define ADD(...) (n += snprintf(line + n, sizeof(line) - n, __VA_ARGS__))
	ADD("%c%u%s ", a->is_signed ? 's' : 'u', 8 * a->size, a->is_float ? "f" : "");
	if (a->kind == USDT_ARG_CONSTANT) {
		ADD("= %lld", (long long)a->value);
	} else if (a->kind == USDT_ARG_REGISTER) {
		ADD("reg");
		n += show_register(line + n, sizeof(line) - n, " ", &a->base);
	} else {
		ADD("mem%s", a->is_narrow ? "32" : "");
		n += show_register(line + n, sizeof(line) - n, " ", &a->base);
		n += show_register(line + n, sizeof(line) - n,
				   a->index_is_signed ? " + signed " : " + ", &a->index);
		if (a->index.size)
			ADD(" << %u", a->shift);
		ADD(" + %lld", (long long)a->value);
	}
	return line;
}

#define TEXT "where it lies is written in a way that is not known here"
#define SIZE "it has a size that no register has"
#define VECTOR \
	"it is in a floating-point or vector register, which programs in the kernel cannot read"
#define SYMBOL "it lies at a symbol's address, which is not known before the file is loaded"
#define THREAD "it lies in thread-local memory, and where that begins is not known here"

/* Offsets are those of the kernels' ptrace.h, in numbers: tests of arm64 run on x86 too. */
static const struct {
	unsigned int machine;
	const char *text, *expected;
} operands[] = {
	{ EM_X86_64, "8@%rdi", "u64 reg 112:8" },
	{ EM_X86_64, "-4@%edi", "s32 reg 112:4" },
	{ EM_X86_64, "2@%di", "u16 reg 112:2" },
	{ EM_X86_64, "-1@%dil", "s8 reg 112:1" },
	{ EM_X86_64, "-1@%al", "s8 reg 80:1" },
	{ EM_X86_64, "1@%ah", "u8 reg 81:1" },
	{ EM_X86_64, "1@%bh", "u8 reg 41:1" },
	{ EM_X86_64, "4@%r15d", "u32 reg 0:4" },
	{ EM_X86_64, "1@%r8b", "u8 reg 72:1" },
	{ EM_X86_64, "2@%r10w", "u16 reg 56:2" },
	{ EM_X86_64, "8@%rsp", "u64 reg 152:8" },
	{ EM_X86_64, "8@%rip", "u64 reg 128:8" },
	{ EM_X86_64, "4@%rax", "u32 reg 80:8" },
	{ EM_X86_64, "8f@%rax", "u64f reg 80:8" },
	{ EM_X86_64, "%rcx", "u64 reg 88:8" },
	{ EM_X86_64, "@%rcx", "u64 reg 88:8" },
	{ EM_X86_64, "4@$5", "u32 = 5" },
	{ EM_X86_64, "-4@$-5", "s32 = -5" },
	{ EM_X86_64, "4@$-1", "u32 = 4294967295" },
	{ EM_X86_64, "-4@$4294967295", "s32 = -1" },
	{ EM_X86_64, "-1@$0x80", "s8 = -128" },
	{ EM_X86_64, "8@$18446744073709551615", "u64 = -1" },
	{ EM_X86_64, "-8@$-9223372036854775808", "s64 = -9223372036854775808" },
	{ EM_X86_64, "-4@-20(%rbp)", "s32 mem 32:8 + -20" },
	{ EM_X86_64, "8@(%rsp)", "u64 mem 152:8 + 0" },
	{ EM_X86_64, "8@0x10(%r12)", "u64 mem 24:8 + 16" },
	{ EM_X86_64, "8@8(%rax,%rdx,4)", "u64 mem 80:8 + 96:8 << 2 + 8" },
	{ EM_X86_64, "8@(%rax,%rdx)", "u64 mem 80:8 + 96:8 << 0 + 0" },
	{ EM_X86_64, "8@-8(,%rcx,8)", "u64 mem + 88:8 << 3 + -8" },
	{ EM_X86_64, "8@ 8( %rax, %rdx, 1)", TEXT }, /* the blank ends the operand */
	{ EM_X86_64, "8@8( %rax, %rdx, 1 )", "u64 mem 80:8 + 96:8 << 0 + 8" },
	{ EM_X86_64, "4@4202560", "u32 mem + 4202560" },
	{ EM_X86_64, "8f@16(%rsp)", "u64f mem 152:8 + 16" },
	{ EM_X86_64, "4@8(%eax)", "u32 mem32 80:4 + 8" },
	{ EM_386, "-4@8(%ebp)", "s32 mem32 32:4 + 8" },
	{ EM_386, "4@(%eax,%ecx,4)", "u32 mem32 80:4 + 88:4 << 2 + 0" },
	{ EM_386, "%esi", "u32 reg 104:4" },
	{ EM_X86_64, "8@x(%rip)", SYMBOL },
	{ EM_X86_64, "8@16+x.0(%rip)", SYMBOL },
	{ EM_X86_64, "8@_x-16(%rip)", SYMBOL },
	{ EM_X86_64, "8@.LC0(%rip)", SYMBOL },
	{ EM_X86_64, "8@16(%rip)", SYMBOL },
	{ EM_X86_64, "8@x(,%rax,8)", SYMBOL },
	{ EM_X86_64, "8@$x", SYMBOL },
	{ EM_X86_64, "8@x", SYMBOL },
	{ EM_X86_64, "8@x@GOTPCREL(%rip)", SYMBOL },
	{ EM_X86_64, "8@%fs:-8", THREAD },
	{ EM_X86_64, "8@%fs:(%rax)", THREAD },
	{ EM_X86_64, "8f@%xmm0", VECTOR },
	{ EM_X86_64, "4f@%zmm31", VECTOR },
	{ EM_X86_64, "8@%st(1)", VECTOR },
	{ EM_X86_64, "8@%mm3", VECTOR },
	{ EM_X86_64, "16@%rax", SIZE },
	{ EM_X86_64, "3@%rax", SIZE },
	{ EM_X86_64, "8@", TEXT },
	{ EM_X86_64, "8@%", TEXT },
	{ EM_X86_64, "8@%rxx", TEXT },
	{ EM_X86_64, "8@%raxraxrax", TEXT },
	{ EM_X86_64, "8@rax", SYMBOL },
	{ EM_X86_64, "8@%rax%rax", TEXT },
	{ EM_X86_64, "8@(%rax", TEXT },
	{ EM_X86_64, "8@8(%rax,%rdx,3)", TEXT },
	{ EM_X86_64, "8@8(%rax,%rdx,-1)", TEXT },
	{ EM_X86_64, "8@8(%rax,8)", TEXT },
	{ EM_X86_64, "8@()", TEXT },
	{ EM_X86_64, "8@8(%xmm0)", VECTOR },
	{ EM_X86_64, "8@99999999999999999999(%rax)", TEXT },
	{ EM_X86_64, "-@%rax", TEXT },
	{ EM_X86_64, "x@%rax", TEXT },
	{ EM_X86_64, "-8-@%rax", TEXT },
	{ EM_X86_64, "0@%rax", TEXT },
	{ EM_X86_64, "8@8", "u64 mem + 8" },

	{ EM_AARCH64, "8@x0", "u64 reg 0:8" },
	{ EM_AARCH64, "-4@w30", "s32 reg 240:4" },
	{ EM_AARCH64, "-1@w3", "s8 reg 24:4" },
	{ EM_AARCH64, "8@sp", "u64 reg 248:8" },
	{ EM_AARCH64, "4@wsp", "u32 reg 248:4" },
	{ EM_AARCH64, "8@xzr", "u64 reg" },
	{ EM_AARCH64, "8@x29", "u64 reg 232:8" },
	{ EM_AARCH64, "4@5", "u32 = 5" },
	{ EM_AARCH64, "-4@-5", "s32 = -5" },
	{ EM_AARCH64, "-4@#-5", "s32 = -5" },
	{ EM_AARCH64, "8@[sp]", "u64 mem 248:8 + 0" },
	{ EM_AARCH64, "8@[sp, 16]", "u64 mem 248:8 + 16" },
	{ EM_AARCH64, "-4@[x29,-20]", "s32 mem 232:8 + -20" },
	{ EM_AARCH64, "-4@[x29, #-20]", "s32 mem 232:8 + -20" },
	{ EM_AARCH64, "8@[x1, x2]", "u64 mem 8:8 + 16:8 << 0 + 0" },
	{ EM_AARCH64, "8@[x1, x2, lsl 3]", "u64 mem 8:8 + 16:8 << 3 + 0" },
	{ EM_AARCH64, "8@[x1, w2, uxtw #3]", "u64 mem 8:8 + 16:4 << 3 + 0" },
	{ EM_AARCH64, "8@[x1, w2, sxtw]", "u64 mem 8:8 + signed 16:4 << 0 + 0" },
	{ EM_AARCH64, "8@[x1, x2, sxtx 3]", "u64 mem 8:8 + signed 16:8 << 3 + 0" },
	{ EM_AARCH64, "8f@d0", VECTOR },
	{ EM_AARCH64, "4f@s31", VECTOR },
	{ EM_AARCH64, "8@q7", VECTOR },
	{ EM_AARCH64, "8@[x0, #:lo12:x]", SYMBOL },
	{ EM_AARCH64, "8@x", SYMBOL },
	{ EM_AARCH64, "8@x31", SYMBOL },
	{ EM_AARCH64, "8@[x0", TEXT },
	{ EM_AARCH64, "8@[x0, ]", TEXT },
	{ EM_AARCH64, "8@[x0, 8, 8]", TEXT },
	{ EM_AARCH64, "8@[x0, x1, ror 3]", TEXT },
	{ EM_AARCH64, "8@[x0, x1, lsl 5]", TEXT },
	{ EM_AARCH64, "8@[]", TEXT },
	{ EM_AARCH64, "8@#x", TEXT },
	{ EM_AARCH64, "8@%rax", TEXT },
	{ EM_AARCH64, "16@x0", SIZE },
};

static void each_operand(void **state)
{
	struct usdt_args args;

	(void)state;
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		assert_int_equal(usdtargs_parse(operands[i].text, operands[i].machine, &args), 0);
		if (strcmp(describe(&args.arg[0]), operands[i].expected))
			fail_msg("%s: is '%s', not '%s'", operands[i].text,
				 describe(&args.arg[0]), operands[i].expected);
	}
}

/* One that cannot be read leaves the others as they are. */
static void several(void **state)
{
	static const char text[] = " 8@%rdi -4@-20(%rbp)  8f@%xmm1 8@8( %rax, %rdx ) 4@$5 ";
	static const char *const expected[] = {
		"u64 reg 112:8", "s32 mem 32:8 + -20", VECTOR, "u64 mem 80:8 + 96:8 << 0 + 8",
		"u32 = 5",
	};
	static const char *const parts[] = {
		"8@%rdi", "-4@-20(%rbp)", "8f@%xmm1", "8@8( %rax, %rdx )", "4@$5",
	};
	struct usdt_args args;

	(void)state;
	assert_int_equal(usdtargs_parse(text, EM_X86_64, &args), 0);
	assert_int_equal(args.count, 5);
	for (unsigned int i = 0; i < args.count; i++) {
		assert_string_equal(describe(&args.arg[i]), expected[i]);
		assert_int_equal(args.arg[i].length, strlen(parts[i]));
		assert_memory_equal(text + args.arg[i].at, parts[i], args.arg[i].length);
	}
	assert_int_equal(usdtargs_parse("8@[sp, 16] -4@[x29,-20] 8@x1", EM_AARCH64, &args), 0);
	assert_int_equal(args.count, 3);
	assert_string_equal(describe(&args.arg[2]), "u64 reg 8:8");
	assert_int_equal(usdtargs_parse("", EM_X86_64, &args), 0);
	assert_int_equal(args.count, 0);
}

static void too_much(void **state)
{
	char text[(USDT_ARGS_MOST + 1) * 5 + 1] = "";
	struct usdt_args args;

	(void)state;
	for (int i = 0; i < USDT_ARGS_MOST; i++)
		strcat(text, "1@$7 ");
	assert_int_equal(usdtargs_parse(text, EM_X86_64, &args), 0);
	assert_int_equal(args.count, USDT_ARGS_MOST);
	strcat(text, "1@$8");
	assert_int_equal(usdtargs_parse(text, EM_X86_64, &args), -E2BIG);
	assert_int_equal(args.count, USDT_ARGS_MOST);
	assert_string_equal(describe(&args.arg[USDT_ARGS_MOST - 1]), "u8 = 7");
	assert_int_equal(usdtargs_parse("1@$7", EM_S390, &args), -ENOTSUP);
	assert_int_equal(args.count, 0);
}

/* Cut anywhere and with odd bytes in it: nothing behind the end is read (the sanitizers). */
static void damaged(void **state)
{
	static const char odd[] = "@%$()[],-+:#x0 \xff";
	struct usdt_args args;

	(void)state;
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		size_t size = strlen(operands[i].text);

		for (size_t at = 0; at < size * sizeof(odd); at++) {
			char *copy = strdup(operands[i].text); /* of its own size, for ASan */

			assert_non_null(copy);
			copy[at % size] = odd[at / size]; /* the last one: NUL */
			usdtargs_parse(copy, operands[i].machine, &args);
			assert_true(args.count <= USDT_ARGS_MOST);
			free(copy);
		}
	}
}

/* The table's numbers, against the system's header. */
#if defined(__x86_64__)
#define MACHINE EM_X86_64
#define REGISTER(name) { "8@%" #name, offsetof(struct user_regs_struct, name) }
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#define REGISTER(name) { "8@" #name, offsetof(struct user_regs_struct, name) }
#define NUMBERED(n) { "8@x" #n, offsetof(struct user_regs_struct, regs[n]) }
#endif

static const struct {
	const char *text;
	size_t offset;
} registers[] = {
#if defined(__x86_64__)
	REGISTER(r15), REGISTER(r14), REGISTER(r13), REGISTER(r12), REGISTER(rbp), REGISTER(rbx),
	REGISTER(r11), REGISTER(r10), REGISTER(r9), REGISTER(r8), REGISTER(rax), REGISTER(rcx),
	REGISTER(rdx), REGISTER(rsi), REGISTER(rdi), REGISTER(rip), REGISTER(rsp),
#elif defined(__aarch64__)
	NUMBERED(0), NUMBERED(1), NUMBERED(18), NUMBERED(29), NUMBERED(30), REGISTER(sp),
#endif
};

static void offsets(void **state)
{
	struct usdt_args args;

	(void)state;
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		assert_int_equal(usdtargs_parse(registers[i].text, MACHINE, &args), 0);
		assert_int_equal(args.arg[0].kind, USDT_ARG_REGISTER);
		assert_int_equal(args.arg[0].base.offset, registers[i].offset);
		assert_int_equal(args.arg[0].base.size, 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operand), cmocka_unit_test(several),
		cmocka_unit_test(too_much), cmocka_unit_test(damaged), cmocka_unit_test(offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
