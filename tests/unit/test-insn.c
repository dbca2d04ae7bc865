// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions that the kernel would take for a jump, and their neighbours. The bytes are what
 * GNU as makes of the text beside them, and what objdump -d reads from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "probe/insn.h"

struct instruction {
	const char *text, *bytes;
	uint8_t size;
};

#define INSTRUCTION(text, bytes) { text, bytes, sizeof(bytes) - 1 }

#ifdef __x86_64__
/* By two bytes of VEX, by three, and by EVEX. */
static const struct instruction refused[] = {
	INSTRUCTION("vpshufd $1,%xmm0,%xmm0", "\xc5\xf9\x70\xc0\x01"),
	INSTRUCTION("vpcmpeqb %ymm1,%ymm0,%ymm0", "\xc5\xfd\x74\xc1"),
	INSTRUCTION("vzeroupper", "\xc5\xf8\x77"),
	INSTRUCTION("vhaddps %xmm1,%xmm0,%xmm0", "\xc5\xfb\x7c\xc1"),
	INSTRUCTION("vmovq %xmm0,%xmm1", "\xc5\xfa\x7e\xc8"),
	INSTRUCTION("vpsubsb %xmm1,%xmm0,%xmm0", "\xc5\xf9\xe8\xc1"),
	INSTRUCTION("vpsubsw %xmm1,%xmm0,%xmm0", "\xc5\xf9\xe9\xc1"),
	INSTRUCTION("vpor %xmm1,%xmm0,%xmm0", "\xc5\xf9\xeb\xc1"),
	INSTRUCTION("vpbroadcastb %xmm0,%xmm0", "\xc4\xe2\x79\x78\xc0"),
	INSTRUCTION("vpgatherdd %xmm1,(%rax,%xmm2),%xmm0", "\xc4\xe2\x71\x90\x04\x10"),
	INSTRUCTION("vpbroadcastb %esi,%ymm16", "\x62\xe2\x7d\x28\x7a\xc6"), /* strchrnul */
	INSTRUCTION("vpbroadcastd %esi,%zmm17", "\x62\xe2\x7d\x48\x7c\xce"),
	INSTRUCTION("vpshufd $1,%zmm20,%zmm21", "\x62\xa1\x7d\x48\x70\xec\x01"),
	INSTRUCTION("vcvtps2uqq %ymm1,%zmm2", "\x62\xf1\x7d\x48\x79\xd1"),
	INSTRUCTION("vpermi2d %zmm1,%zmm2,%zmm3", "\x62\xf2\x6d\x48\x76\xd9"),
};

/* Other opcodes behind the same prefixes; then real jumps and the like, of which the kernel knows
 * what they are, and bytes of jumps where they are no opcode. */
static const struct instruction accepted[] = {
	INSTRUCTION("vmovdqu (%rsi),%ymm0", "\xc5\xfe\x6f\x06"),
	INSTRUCTION("vandps %xmm0,%xmm0,%xmm0", "\xc5\xf8\x54\xc0"),
	INSTRUCTION("vaesenc %xmm1,%xmm0,%xmm0", "\xc4\xe2\x79\xdc\xc1"),
	INSTRUCTION("bextr %eax,%ebx,%ecx", "\xc4\xe2\x78\xf7\xcb"),
	INSTRUCTION("vmovdqu64 (%rsi),%ymm16", "\x62\xe1\xfe\x28\x6f\x06"),
	INSTRUCTION("vptestnmb %ymm0,%ymm1,%k0", "\x62\xf2\x76\x28\x26\xc0"),
	INSTRUCTION("vandps 0x74(%rax),%xmm0,%xmm0", "\xc5\xf8\x54\x40\x74"),
	INSTRUCTION("jmp .+16", "\xeb\x0e"),
	INSTRUCTION("call .+256", "\xe8\xfb\x00\x00\x00"),
	INSTRUCTION("nop", "\x90"),
	INSTRUCTION("push %rbp", "\x55"),
	INSTRUCTION("endbr64", "\xf3\x0f\x1e\xfa"),
	INSTRUCTION("pshufd $1,%xmm0,%xmm0", "\x66\x0f\x70\xc0\x01"),
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void test_refused(void **state)
{
	uint8_t bytes[INSN_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct instruction *in = &refused[i];

		memset(bytes, 0xcc, sizeof(bytes));
		memcpy(bytes, in->bytes, in->size);
		if (!insn_refused(bytes, sizeof(bytes)))
			fail_msg("not refused: %s", in->text);
		/* In an array of their size, so that the sanitizer sees a look behind it. */
		if (!insn_refused((const uint8_t *)in->bytes, in->size))
			fail_msg("not refused at the end of the file: %s", in->text);
	}
}

static void test_accepted(void **state)
{
	uint8_t bytes[INSN_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(accepted); i++) {
		const struct instruction *in = &accepted[i];
		const char *why;

		/* What follows is no part of it: it may look like a jump. */
		memset(bytes, 0x74, sizeof(bytes));
		memcpy(bytes, in->bytes, in->size);
		why = insn_refused(bytes, sizeof(bytes));
		if (why)
			fail_msg("refused: %s: %s", in->text, why);
	}
}

/* A file may end within an instruction: no byte behind the end is looked at. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct instruction *in = &refused[i];
		size_t opcode = (uint8_t)in->bytes[0] == 0xc5 ? 2 :
				(uint8_t)in->bytes[0] == 0xc4 ? 3 : 4;

		for (size_t size = 0; size <= opcode; size++) {
			uint8_t *exact = test_malloc(size + !size);

			memcpy(exact, in->bytes, size);
			if (insn_refused(exact, size))
				fail_msg("refused by %zu bytes: %s", size, in->text);
			test_free(exact);
		}
	}
}

/* All that the kernel has in its own hands, behind each of the prefixes. */
static void test_opcodes(void **state)
{
	static const struct { uint8_t bytes[5]; size_t opcode; } prefixes[] = {
		{ { 0xc5, 0xf9 }, 2 },
		{ { 0xc4, 0xe2, 0x79 }, 3 },
		{ { 0x62, 0xf2, 0x7d, 0x48 }, 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		uint8_t bytes[INSN_BYTES];

		memset(bytes, 0xc0, sizeof(bytes));
		memcpy(bytes, prefixes[i].bytes, sizeof(prefixes[i].bytes));
		for (unsigned int opcode = 0; opcode < 256; opcode++) {
			/* jcc rel8; call; jmp rel32; jmp rel8; nop */
			bool jump = opcode >> 4 == 7 || opcode == 0xe8 || opcode == 0xe9 ||
				    opcode == 0xeb || opcode == 0x90;

			bytes[prefixes[i].opcode] = opcode;
			if (jump && !insn_refused(bytes, sizeof(bytes)))
				fail_msg("prefix %02x, opcode %02x: not refused",
					 prefixes[i].bytes[0], opcode);
		}
	}
}

static void test_reason(void **state)
{
	const char *why;

	(void)state;
	why = insn_refused((const uint8_t *)refused[0].bytes, refused[0].size);
	assert_non_null(why);
	assert_non_null(strstr(why, "AVX"));
	assert_null(strchr(why, '\n'));
	assert_int_not_equal(why[strlen(why) - 1], '.'); /* it stands within a message */
}
#else
/* The kernel's mistake is x86's. */
static void test_others(void **state)
{
	static const uint8_t bytes[INSN_BYTES] = { 0x62, 0xe2, 0x7d, 0x28, 0x7a, 0xc6 };

	(void)state;
	assert_null(insn_refused(bytes, sizeof(bytes)));
	assert_null(insn_refused(bytes, 0));
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __x86_64__
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_reason),
#else
		cmocka_unit_test(test_others),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
