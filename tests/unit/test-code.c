// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions: how they are listed, where jumps go, and which ones exactly some expressions are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "expr/check.h"
#include "expr/gen.h"
#include "expr/parse.h"
#include "strbuf.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void expect_list(const struct code *code, const char *expected)
{
	struct strbuf text = {};

	code_list(code->insns, code->count, &text);
	assert_string_equal(strbuf_cstr(&text), expected);
	strbuf_free(&text);
}

/* --- as text -------------------------------------------------------------------------------- */

static void test_arithmetic_listed(void **state)
{
	static const int ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,	BPF_AND,
				   BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH };
	struct arena arena = {};
	struct code c = { .arena = &arena };

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++)
		code_alu(&c, ops[i], 1, 2);
	code_alu_imm(&c, BPF_ADD, 3, -8);
	code_alu_imm(&c, BPF_NEG, 3, 0);
	code_swap(&c, 4, 16);
	code_extend(&c, 0, 1, true);
	code_extend(&c, 0, 2, false);
	code_extend(&c, 0, 4, false);
	code_extend(&c, 0, 8, true);
	expect_list(
		&c,
		"   0: r1 += r2\n   1: r1 -= r2\n   2: r1 *= r2\n   3: r1 /= r2\n"
		"   4: r1 |= r2\n   5: r1 &= r2\n   6: r1 <<= r2\n   7: r1 >>= r2\n"
		"   8: r1 %= r2\n   9: r1 ^= r2\n  10: r1 = r2\n  11: r1 s>>= r2\n"
		"  12: r3 += -8\n  13: r3 = -r3\n  14: r4 = be16 r4\n  15: r0 <<= 56\n"
		"  16: r0 s>>= 56\n  17: r0 &= 65535\n  18: w0 = w0\n");
	arena_free(&arena);
}

static void test_memory_listed(void **state)
{
	struct arena arena = {};
	struct code c = { .arena = &arena };

	(void)state;
	code_load(&c, 1, 0, 1, 0);
	code_load(&c, 2, 0, 1, 6);
	code_load(&c, 4, 0, 10, -8);
	code_load(&c, 8, 0, 6, 112);
	code_store(&c, 8, 10, -16, 3);
	code_store(&c, 1, 7, 9, 3);
	code_store_imm(&c, 4, 9, 32, 1);
	code_atomic(&c, BPF_ADD, 1, 8, 0);
	code_number(&c, 2, 0x7fffffff);
	code_number(&c, 2, -1ull);
	code_number(&c, 2, 0x80000000);
	code_number(&c, 2, 0x123456789abcdef0);
	code_map_value(&c, 5, 7, 64);
	code_call(&c, BPF_FUNC_ktime_get_ns);
	code_exit(&c);
	expect_list(&c, "   0: r0 = *(u8 *)(r1 +0)\n   1: r0 = *(u16 *)(r1 +6)\n"
			"   2: r0 = *(u32 *)(r10 -8)\n   3: r0 = *(u64 *)(r6 +112)\n"
			"   4: *(u64 *)(r10 -16) = r3\n   5: *(u8 *)(r7 +9) = r3\n"
			"   6: *(u32 *)(r9 +32) = 1\n   7: lock *(u64 *)(r1 +8) += r0\n"
			"   8: r2 = 2147483647\n   9: r2 = -1\n  10: r2 = 0x80000000\n"
			"  12: r2 = 0x123456789abcdef0\n  14: r5 = map 7 + 64\n"
			"  16: call helper 5\n  17: exit\n");
	arena_free(&arena);
}

static void test_jumps(void **state)
{
	static const int ops[] = { BPF_JEQ, BPF_JGT,  BPF_JGE,	BPF_JSET,
				   BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_JLT,
				   BPF_JLE, BPF_JSLT, BPF_JSLE };
	struct arena arena = {};
	struct code c = { .arena = &arena };
	int end = code_label(&c), next;

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++)
		code_jump(&c, ops[i], 1, -1, end);
	code_jump_reg(&c, BPF_JNE, 1, 2, end);
	next = code_label(&c);
	code_number(&c, 1, 1ull << 40); /* two instructions to jump over */
	code_jump(&c, BPF_JA, 0, 0, next);
	code_put(&c, next);
	code_put(&c, end);
	code_exit(&c);
	assert_true(code_end(&c));
	expect_list(&c, "   0: if r1 == -1 goto 15\n   1: if r1 > -1 goto 15\n"
			"   2: if r1 >= -1 goto 15\n   3: if r1 & -1 goto 15\n"
			"   4: if r1 != -1 goto 15\n   5: if r1 s> -1 goto 15\n"
			"   6: if r1 s>= -1 goto 15\n   7: if r1 < -1 goto 15\n"
			"   8: if r1 <= -1 goto 15\n   9: if r1 s< -1 goto 15\n"
			"  10: if r1 s<= -1 goto 15\n  11: if r1 != r2 goto 15\n"
			"  12: r1 = 0x10000000000\n  14: goto 15\n  15: exit\n");
	arena_free(&arena);
}

static void test_too_long(void **state)
{
	struct arena arena = {};
	struct code c = { .arena = &arena };

	(void)state;
	for (int i = 0; i < INT16_MAX; i++)
		code_exit(&c);
	assert_true(code_end(&c));
	code_exit(&c);
	assert_false(code_end(&c));
	arena_free(&arena);
}

/* --- of expressions ------------------------------------------------------------------------- */

static struct scope_name names[] = {
	{ "a", .fetch = { .kind = FETCH_REGISTER, .at = 8 } },
	{ "l", .fetch = { .kind = FETCH_REGISTER, .at = 16 } },
	{ "p", .fetch = { .kind = FETCH_REGISTER, .at = 24 }, .points = SPACE_USER },
	{ "f", .fetch = { .kind = FETCH_FIELD, .at = 34 } },
};

static const struct {
	const char *text, *list;
} predicates[] = {
	{ "1", "   0: r6 = r1\n"
	       "   1: r9 = r2\n"
	       "   2: r0 = 1\n"
	       "   3: exit\n" },
	{ "a == 5", "   0: r6 = r1\n"
		    "   1: r9 = r2\n"
		    "   2: r0 = *(u64 *)(r6 +8)\n"
		    "   3: r0 <<= 32\n"
		    "   4: r0 s>>= 32\n"
		    "   5: if r0 != 5 goto 8\n"
		    "   6: r0 = 1\n"
		    "   7: exit\n"
		    "   8: r0 = 0\n"
		    "   9: exit\n" },
	{ "a < 0 && l > 4096", "   0: r6 = r1\n"
			       "   1: r9 = r2\n"
			       "   2: r0 = *(u64 *)(r6 +8)\n"
			       "   3: r0 <<= 32\n"
			       "   4: r0 s>>= 32\n"
			       "   5: if r0 s>= 0 goto 10\n"
			       "   6: r0 = *(u64 *)(r6 +16)\n"
			       "   7: if r0 s<= 4096 goto 10\n"
			       "   8: r0 = 1\n"
			       "   9: exit\n"
			       "  10: r0 = 0\n"
			       "  11: exit\n" },
	{ "a & 1 || !p", "   0: r6 = r1\n"
			 "   1: r9 = r2\n"
			 "   2: r0 = *(u64 *)(r6 +8)\n"
			 "   3: r0 <<= 32\n"
			 "   4: r0 s>>= 32\n"
			 "   5: r0 &= 1\n"
			 "   6: if r0 != 0 goto 9\n"
			 "   7: r0 = *(u64 *)(r6 +24)\n"
			 "   8: if r0 != 0 goto 11\n"
			 "   9: r0 = 1\n"
			 "  10: exit\n"
			 "  11: r0 = 0\n"
			 "  12: exit\n" },
	{ "f >= 100", "   0: r6 = r1\n"
		      "   1: r9 = r2\n"
		      "   2: r0 = *(u16 *)(r6 +34)\n"
		      "   3: if r0 s< 100 goto 6\n"
		      "   4: r0 = 1\n"
		      "   5: exit\n"
		      "   6: r0 = 0\n"
		      "   7: exit\n" },
	{ "l / a == 3", "   0: r6 = r1\n"
			"   1: r9 = r2\n"
			"   2: r0 = *(u64 *)(r6 +16)\n"
			"   3: r1 = *(u64 *)(r6 +8)\n"
			"   4: r1 <<= 32\n"
			"   5: r1 s>>= 32\n"
			"   6: r2 = r0\n"
			"   7: r2 ^= r1\n"
			"   8: if r0 s>= 0 goto 10\n"
			"   9: r0 = -r0\n"
			"  10: if r1 s>= 0 goto 12\n"
			"  11: r1 = -r1\n"
			"  12: r0 /= r1\n"
			"  13: if r2 s>= 0 goto 15\n"
			"  14: r0 = -r0\n"
			"  15: if r0 != 3 goto 18\n"
			"  16: r0 = 1\n"
			"  17: exit\n"
			"  18: r0 = 0\n"
			"  19: exit\n" },
	{ "l % 10u == 0", "   0: r6 = r1\n"
			  "   1: r9 = r2\n"
			  "   2: r0 = *(u64 *)(r6 +16)\n"
			  "   3: r1 = 10\n"
			  "   4: r2 = r0\n"
			  "   5: if r0 s>= 0 goto 7\n"
			  "   6: r0 = -r0\n"
			  "   7: if r1 s>= 0 goto 9\n"
			  "   8: r1 = -r1\n"
			  "   9: r0 %= r1\n"
			  "  10: if r2 s>= 0 goto 12\n"
			  "  11: r0 = -r0\n"
			  "  12: if r0 != 0 goto 15\n"
			  "  13: r0 = 1\n"
			  "  14: exit\n"
			  "  15: r0 = 0\n"
			  "  16: exit\n" },
	{ "*p == 65", "   0: r6 = r1\n"
		      "   1: r9 = r2\n"
		      "   2: r3 = *(u64 *)(r6 +24)\n"
		      "   3: r1 = r10\n"
		      "   4: r1 += -8\n"
		      "   5: r2 = 1\n"
		      "   6: call helper 112\n"
		      "   7: if r0 != 0 goto 14\n"
		      "   8: r0 = *(u8 *)(r10 -8)\n"
		      "   9: r0 <<= 56\n"
		      "  10: r0 s>>= 56\n"
		      "  11: if r0 != 65 goto 15\n"
		      "  12: r0 = 1\n"
		      "  13: exit\n"
		      "  14: *(u32 *)(r9 +40) = 1\n"
		      "  15: r0 = 0\n"
		      "  16: exit\n" },
	{ "p == \"abc\"", "   0: r6 = r1\n"
			  "   1: r9 = r2\n"
			  "   2: r0 = *(u64 *)(r6 +24)\n"
			  "   3: r3 = r0\n"
			  "   4: r1 = r10\n"
			  "   5: r1 += -56\n"
			  "   6: r2 = 5\n"
			  "   7: call helper 114\n"
			  "   8: if r0 s< 0 goto 20\n"
			  "   9: if r0 != 4 goto 21\n"
			  "  10: r3 = *(u16 *)(r10 -56)\n"
			  "  11: r2 = 25185\n"
			  "  12: r3 ^= r2\n"
			  "  13: r1 = *(u8 *)(r10 -54)\n"
			  "  14: r2 = 99\n"
			  "  15: r1 ^= r2\n"
			  "  16: r3 |= r1\n"
			  "  17: if r3 != 0 goto 21\n"
			  "  18: r0 = 1\n"
			  "  19: exit\n"
			  "  20: *(u32 *)(r9 +40) = 1\n"
			  "  21: r0 = 0\n"
			  "  22: exit\n" },
	{ "$pid == 42", "   0: r6 = r1\n"
			"   1: r9 = r2\n"
			"   2: call helper 14\n"
			"   3: w0 = w0\n"
			"   4: if r0 != 42 goto 7\n"
			"   5: r0 = 1\n"
			"   6: exit\n"
			"   7: r0 = 0\n"
			"   8: exit\n" },
	{ "(a ? l : 7) != 3", "   0: r6 = r1\n"
			      "   1: r9 = r2\n"
			      "   2: r0 = *(u64 *)(r6 +8)\n"
			      "   3: r0 <<= 32\n"
			      "   4: r0 s>>= 32\n"
			      "   5: if r0 == 0 goto 8\n"
			      "   6: r0 = *(u64 *)(r6 +16)\n"
			      "   7: goto 9\n"
			      "   8: r0 = 7\n"
			      "   9: if r0 == 3 goto 12\n"
			      "  10: r0 = 1\n"
			      "  11: exit\n"
			      "  12: r0 = 0\n"
			      "  13: exit\n" },
	{ "p[a] && $comm == \"sh\"", "   0: r6 = r1\n"
				     "   1: r9 = r2\n"
				     "   2: r0 = *(u64 *)(r6 +24)\n"
				     "   3: r1 = *(u64 *)(r6 +8)\n"
				     "   4: r1 <<= 32\n"
				     "   5: r1 s>>= 32\n"
				     "   6: r0 += r1\n"
				     "   7: r3 = r0\n"
				     "   8: r1 = r10\n"
				     "   9: r1 += -8\n"
				     "  10: r2 = 1\n"
				     "  11: call helper 112\n"
				     "  12: if r0 != 0 goto 29\n"
				     "  13: r0 = *(u8 *)(r10 -8)\n"
				     "  14: r0 <<= 56\n"
				     "  15: r0 s>>= 56\n"
				     "  16: if r0 == 0 goto 30\n"
				     "  17: r1 = r10\n"
				     "  18: r1 += -16\n"
				     "  19: r2 = 16\n"
				     "  20: call helper 16\n"
				     "  21: r3 = *(u16 *)(r10 -16)\n"
				     "  22: r2 = 26739\n"
				     "  23: r3 ^= r2\n"
				     "  24: r1 = *(u8 *)(r10 -14)\n"
				     "  25: r3 |= r1\n"
				     "  26: if r3 != 0 goto 30\n"
				     "  27: r0 = 1\n"
				     "  28: exit\n"
				     "  29: *(u32 *)(r9 +40) = 1\n"
				     "  30: r0 = 0\n"
				     "  31: exit\n" },
};

static void predicate_expect(const char *text, const char *expected)
{
	struct arena arena = {};
	struct mistake mistake = {};
	struct ctypes types = {};
	static const struct scope scope = { .names = names,
					    .count = COUNT(names),
					    .what = "it" };
	struct check check = {
		.arena = &arena, .mistake = &mistake, .types = &types, .scope = &scope
	};
	struct gen gen = { .arena = &arena, .mistake = &mistake };
	struct parse p = { .arena = &arena,
			   .mistake = &mistake,
			   .functions = check_functions,
			   .is_type = check_is_type,
			   .context = &check };
	struct strbuf list = {};
	struct code code;
	struct node *n;

	names[0].type = ctype_basic("int");
	names[1].type = ctype_basic("long");
	names[2].type = ctypes_pointer(&types, ctype_basic("char"));
	names[3].type = ctype_basic("unsigned short");
	parse_start(&p, text, 0);
	assert_int_equal(parse_expr(&p, &n), 0);
	assert_int_equal(gen_pass(&gen, check_truth(&check, n), 1, &code), 0);
	code_list(code.insns, code.count, &list);
	if (strcmp(strbuf_cstr(&list), expected))
		fail_msg("%s:\n%s", text, strbuf_cstr(&list));
	strbuf_free(&list);
	ctypes_free(&types);
	arena_free(&arena);
}

static void test_predicates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(predicates); i++)
		predicate_expect(predicates[i].text, predicates[i].list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic_listed),
		cmocka_unit_test(test_memory_listed),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_predicates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
