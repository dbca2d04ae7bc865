// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tokens of expressions: what each is, where it begins and ends, what is refused and where. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "escape.h"
#include "expr/arena.h"
#include "expr/dump.h"
#include "expr/lex.h"
#include "strbuf.h"

/* --- arena ----------------------------------------------------------------------------------- */

static void test_arena(void **state)
{
	struct arena a = {};
	char *first, *large, *last;

	(void)state;
	arena_free(&a);
	first = arena_copy(&a, "ab\0cd", 5);
	assert_memory_equal(first, "ab\0cd", 6);
	large = arena_alloc(&a, 100000);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(large[i], 0);
	memset(large, 1, 100000);
	for (size_t i = 1; i < 3000; i++) {
		last = arena_alloc(&a, i % 50);
		assert_int_equal((uintptr_t)last % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < i % 50; k++)
			assert_int_equal(last[k], 0);
		memset(last, 2, i % 50);
	}
	assert_memory_equal(first, "ab\0cd", 6);
	assert_int_equal(large[0], 1);
	assert_int_equal(large[99999], 1);
	arena_free(&a);
	assert_null(a.chunks);
}

/* --- tokens in one line ---------------------------------------------------------------------- */

static void describe(struct strbuf *out, const struct token *t)
{
	static const char *const kinds[] = {
		[TOKEN_NAME] = "name",	   [TOKEN_VARIABLE] = "variable", [TOKEN_SPACE] = "space",
		[TOKEN_AT] = "at",	   [TOKEN_TYPE_WORD] = "type",
		[TOKEN_QUALIFIER] = "qualifier", [TOKEN_STRUCT] = "struct",
		[TOKEN_UNION] = "union",   [TOKEN_ENUM] = "enum", [TOKEN_SIZEOF] = "sizeof",
		[TOKEN_ASSIGN_OP] = "assign",
	};

	if (t->kind == TOKEN_NUMBER) {
		strbuf_printf(out, "%s:%llu", dump_base(t->base), (unsigned long long)t->value);
	} else if (t->kind == TOKEN_STRING) {
		strbuf_char(out, '"');
		escape_text(out, t->text, t->size, true);
		strbuf_char(out, '"');
	} else if (token_sign(t->kind)) {
		strbuf_str(out, token_sign(t->kind));
	} else {
		strbuf_printf(out, "%s%s%s", kinds[t->kind], t->text ? ":" : "",
			      t->text ? t->text : "");
	}
	strbuf_printf(out, "@%zu-%zu ", t->at, t->end);
}

static void check_good(const char *text, const char *expected)
{
	struct arena a = {};
	struct strbuf out = {};
	struct mistake mistake;
	struct token t = {};

	do {
		if (lex_next(&a, text, t.end, &t, &mistake))
			fail_msg("%s: refused at %zu: %s", text, mistake.at, mistake.why);
		if (t.kind != TOKEN_END)
			describe(&out, &t);
	} while (t.kind != TOKEN_END);
	assert_int_equal(t.at, strlen(text));
	if (out.size)
		out.size--;
	if (strcmp(strbuf_cstr(&out), expected))
		fail_msg("%s: is\n    %s, not\n    %s", text, strbuf_cstr(&out), expected);
	strbuf_free(&out);
	arena_free(&a);
}

static const struct {
	const char *text, *expected;
} good[] = {
	{ "", "" },
	{ " \t\n ", "" },
	/* Numbers and the types that C gives them. */
	{ "0", "int:0@0-1" },
	{ "2147483647", "int:2147483647@0-10" },
	{ "2147483648", "long:2147483648@0-10" },
	{ "9223372036854775807", "long:9223372036854775807@0-19" },
	{ "0x7fffffff", "int:2147483647@0-10" },
	{ "0x80000000", "unsigned int:2147483648@0-10" },
	{ "0xFFFFFFFF", "unsigned int:4294967295@0-10" },
	{ "0x100000000", "long:4294967296@0-11" },
	{ "0x8000000000000000", "unsigned long:9223372036854775808@0-18" },
	{ "0Xffffffffffffffff", "unsigned long:18446744073709551615@0-18" },
	{ "017", "int:15@0-3" },
	{ "00", "int:0@0-2" },
	{ "037777777777", "unsigned int:4294967295@0-12" },
	{ "01777777777777777777777", "unsigned long:18446744073709551615@0-23" },
	{ "0b101", "int:5@0-5" },
	{ "0B11u", "unsigned int:3@0-5" },
	{ "1u", "unsigned int:1@0-2" },
	{ "4294967295U", "unsigned int:4294967295@0-11" },
	{ "4294967296u", "unsigned long:4294967296@0-11" },
	{ "18446744073709551615u", "unsigned long:18446744073709551615@0-21" },
	{ "1l 1L", "long:1@0-2 long:1@3-5" },
	{ "1ul 1lu 1UL 1Lu", "unsigned long:1@0-3 unsigned long:1@4-7 unsigned long:1@8-11 "
			     "unsigned long:1@12-15" },
	{ "1ll 1LL", "long long:1@0-3 long long:1@4-7" },
	{ "1ull 1llu 1LLU", "unsigned long long:1@0-4 unsigned long long:1@5-9 "
			    "unsigned long long:1@10-14" },
	{ "0x80000000l", "long:2147483648@0-11" },
	{ "0xffffffffffffffffll", "unsigned long long:18446744073709551615@0-20" },
	{ "0xe+1", "int:14@0-3 +@3-4 int:1@4-5" },
	/* Characters are ints. */
	{ "'a'", "int:97@0-3" },
	{ "' '", "int:32@0-3" },
	{ "'\"'", "int:34@0-3" },
	{ "'\\n' '\\t' '\\r'", "int:10@0-4 int:9@5-9 int:13@10-14" },
	{ "'\\\\' '\\'' '\\\"' '\\?'", "int:92@0-4 int:39@5-9 int:34@10-14 int:63@15-19" },
	{ "'\\a' '\\b' '\\v' '\\f' '\\e'", "int:7@0-4 int:8@5-9 int:11@10-14 int:12@15-19 "
					   "int:27@20-24" },
	{ "'\\0' '\\12' '\\101' '\\x41' '\\x7'", "int:0@0-4 int:10@5-10 int:65@11-17 "
						 "int:65@18-24 int:7@25-30" },
	/* Strings. */
	{ "\"\"", "\"\"@0-2" },
	{ "\"abc\" \"d\"", "\"abc\"@0-5 \"d\"@6-9" },
	{ "\"a'b\"", "\"a'b\"@0-5" },
	{ "\"say \\\"%s\\\"\\n\"", "\"say \\\"%s\\\"\\n\"@0-14" },
	{ "\"\\\\\"", "\"\\\\\"@0-4" },
	{ "\"\\0\"", "\"\\x00\"@0-4" },
	{ "\"\\0019\"", "\"\\x019\"@0-7" },
	{ "\"\\xc3\\xa4\"", "\"\xc3\xa4\"@0-10" },
	{ "\"\xc3\xa4\"", "\"\xc3\xa4\"@0-4" },
	/* Names. */
	{ "arg1 _x x9", "name:arg1@0-4 name:_x@5-7 name:x9@8-10" },
	{ "$pid $_a1", "variable:$pid@0-4 variable:$_a1@5-9" },
	{ "arg2@user x@kernel", "name:arg2@0-4 space:user@4-9 name:x@10-11 space:kernel@11-18" },
	{ "@ arg1", "at@0-1 name:arg1@2-6" },
	{ "@users", "at@0-1 name:users@1-6" },
	{ "@$tid", "at@0-1 variable:$tid@1-5" },
	{ "unsigned long int short char void signed _Bool bool",
	  "type:unsigned@0-8 type:long@9-13 type:int@14-17 type:short@18-23 type:char@24-28 "
	  "type:void@29-33 type:signed@34-40 type:_Bool@41-46 type:bool@47-51" },
	{ "float double", "type:float@0-5 type:double@6-12" },
	{ "const volatile restrict __restrict __user",
	  "qualifier:const@0-5 qualifier:volatile@6-14 qualifier:restrict@15-23 "
	  "qualifier:__restrict@24-34 qualifier:__user@35-41" },
	{ "struct union enum sizeof", "struct:struct@0-6 union:union@7-12 enum:enum@13-17 "
				      "sizeof:sizeof@18-24" },
	{ "structs sizeofx", "name:structs@0-7 name:sizeofx@8-15" },
	/* Operators: the longest that fits. */
	{ "+-*/%", "+@0-1 -@1-2 *@2-3 /@3-4 %@4-5" },
	{ "&|^~!", "&@0-1 |@1-2 ^@2-3 ~@3-4 !@4-5" },
	{ "&& || << >>", "&&@0-2 ||@3-5 <<@6-8 >>@9-11" },
	{ "== != < > <= >=", "==@0-2 !=@3-5 <@6-7 >@8-9 <=@10-12 >=@13-15" },
	{ "()[]{}", "(@0-1 )@1-2 [@2-3 ]@3-4 {@4-5 }@5-6" },
	{ ", ? : ; # . -> ...", ",@0-1 ?@2-3 :@4-5 ;@6-7 #@8-9 .@10-11 ->@12-14 ...@15-18" },
	{ "= += -= *= /= %= &= |= ^= <<= >>=",
	  "=@0-1 assign@2-4 assign@5-7 assign@8-10 assign@11-13 assign@14-16 assign@17-19 "
	  "assign@20-22 assign@23-25 assign@26-29 assign@30-33" },
	{ "++ --", "++@0-2 --@3-5" },
	{ "a->b", "name:a@0-1 ->@1-3 name:b@3-4" },
	{ "a---b", "name:a@0-1 --@1-3 -@3-4 name:b@4-5" },
	{ "a<-1", "name:a@0-1 <@1-2 -@2-3 int:1@3-4" },
	{ "a>>>b", "name:a@0-1 >>@1-3 >@3-4 name:b@4-5" },
	{ "a&&&b", "name:a@0-1 &&@1-3 &@3-4 name:b@4-5" },
	{ "!==", "!=@0-2 =@2-3" },
	{ "::x", ":@0-1 :@1-2 name:x@2-3" },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_good(good[i].text, good[i].expected);
}

/* '\xff' is what it is in C on this machine: -1 where char is signed. */
static void test_sign(void **state)
{
	struct arena a = {};
	struct mistake mistake;
	struct token t;

	(void)state;
	assert_int_equal(lex_next(&a, "'\\xff'", 0, &t, &mistake), 0);
	assert_int_equal((int64_t)t.value, '\xff');
	assert_int_equal(lex_next(&a, "'\\200'", 0, &t, &mistake), 0);
	assert_int_equal((int64_t)t.value, '\200');
	arena_free(&a);
}

/* Every byte of a string survives, and the token tells how many they are. */
static void test_bytes(void **state)
{
	struct arena a = {};
	struct strbuf text = {};
	struct mistake mistake;
	struct token t;

	(void)state;
	strbuf_char(&text, '"');
	for (int i = 0; i < 256; i++)
		strbuf_printf(&text, "\\%03o", i);
	strbuf_char(&text, '"');
	assert_int_equal(lex_next(&a, strbuf_cstr(&text), 0, &t, &mistake), 0);
	assert_int_equal(t.size, 256);
	for (int i = 0; i < 256; i++)
		assert_int_equal((unsigned char)t.text[i], i);
	assert_int_equal(t.text[256], 0);
	strbuf_free(&text);
	arena_free(&a);
}

/* --- refused --------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	size_t at;
	const char *why;
} bad[] = {
	{ "08", 1, "8 is no digit of an octal number" },
	{ "0b12", 3, "2 is no digit of a binary number" },
	{ "0x", 2, "a digit is missing behind 0x" },
	{ " 0xg", 3, "a digit is missing behind 0x" },
	{ "0b", 2, "a digit is missing behind 0b" },
	{ "1k", 1, "'k' cannot end a number; u, l, ul, ll and ull can" },
	{ "1lL", 1, "'lL' cannot end a number; u, l, ul, ll and ull can" },
	{ "1lul", 1, "'lul' cannot end a number; u, l, ul, ll and ull can" },
	{ "1uu", 1, "'uu' cannot end a number; u, l, ul, ll and ull can" },
	{ "1_000", 1, "'_000' cannot end a number; u, l, ul, ll and ull can" },
	{ "0e", 1, "'e' cannot end a number; u, l, ul, ll and ull can" },
	{ "1.5", 0, "there is no floating point here: write whole numbers" },
	{ "a .5", 2, "there is no floating point here: write whole numbers" },
	{ "1e9", 0, "there is no floating point here: write whole numbers" },
	{ "0x1.8p3", 0, "there is no floating point here: write whole numbers" },
	{ "18446744073709551616", 0, "this number does not fit into 64 bits" },
	{ "0x10000000000000000", 0, "this number does not fit into 64 bits" },
	{ "9223372036854775808", 0, "this number fits no signed type: end it in u" },
	{ "18446744073709551615ll", 0, "this number fits no signed type: end it in u" },
	{ "''", 0, "a character is missing between the quotes" },
	{ "'ab'", 0, "one character stands in '...'; write \"...\" for a string" },
	{ "'a", 0, "this quote is not closed" },
	{ "'", 0, "this quote is not closed" },
	{ "'\\", 1, "the text ends in a backslash" },
	{ "'\xc3\xa4'", 0, "this character is more than a byte: write \"...\"" },
	{ "'\\q'", 1, "an unknown escape; for a backslash write two" },
	{ "'\\400'", 1, "this does not fit into a byte" },
	{ "\"abc", 0, "this quote is not closed" },
	{ "\"abc\\\"", 0, "this quote is not closed" },
	{ "x \"a\\", 2, "this quote is not closed" },
	{ "\"a\\d\"", 2, "an unknown escape; for a backslash write two" },
	{ "\"\\xg\"", 1, "hexadecimal digits are missing behind \\x" },
	{ "\"\\x41b\"", 1, "this does not fit into a byte; end the string behind two digits and "
			   "begin another one" },
	{ "$", 0, "a name follows a $, as in $pid" },
	{ "$1", 0, "a name follows a $, as in $pid" },
	{ "a ` b", 2, "this character has no meaning here" },
	{ "\\", 0, "this character has no meaning here" },
	{ "\x01", 0, "this character has no meaning here" },
	{ "\xc3\xa4", 0, "this character has no meaning here" },
	{ "\xe2\x80\x9cx\xe2\x80\x9d", 0, "a typographic quote; write \" or '" },
	{ "x == \xe2\x80\x98", 5, "a typographic quote; write \" or '" },
	{ "\xe2\x80", 0, "this character has no meaning here" },
};

static void check_bad(const char *text, size_t at, const char *why)
{
	struct arena a = {};
	struct mistake mistake = {};
	struct token t = {};
	int err;

	do
		err = lex_next(&a, text, t.end, &t, &mistake);
	while (!err && t.kind != TOKEN_END);
	if (!err)
		fail_msg("%s: taken", text);
	assert_int_equal(err, -EINVAL);
	assert_int_equal(t.kind, TOKEN_NONE);
	if (mistake.at != at || strcmp(mistake.why, why))
		fail_msg("%s: says %zu: %s\n  not %zu: %s", text, mistake.at, mistake.why, at, why);
	arena_free(&a);
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_bad(bad[i].text, bad[i].at, bad[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena), cmocka_unit_test(test_good),
		cmocka_unit_test(test_sign),  cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
