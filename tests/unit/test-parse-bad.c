// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the parser refuses, where, and with which words; and what is nested too deeply. */
#include <errno.h>

#include "parsing.h"
#include "child.h"

enum rule { EXPR, LIST, TYPE, SIGNATURE };

static int apply(struct test *t, enum rule rule)
{
	struct parameter *parameter;
	struct type_name *type;
	struct node *n;
	int err;

	switch (rule) {
	case EXPR:
		err = parse_expr(&t->parse, &n);
		break;
	case LIST:
		err = parse_list(&t->parse, &n);
		break;
	case TYPE:
		err = parse_type(&t->parse, &type);
		break;
	default:
		err = parse_signature(&t->parse, &parameter);
	}
	return err ? err : parse_end(&t->parse);
}

#define CHANGED "nothing can be changed here"
#define SIGNS CHANGED "; if two signs are meant, put a blank between them"
#define STATEMENT "this is the place of an expression; there are no statements"
#define FLOATING "there is no floating point here"

static const struct {
	enum rule rule;
	const char *text;
	size_t at;
	const char *why;
} bad[] = {
	/* A value is missing. */
	{ EXPR, "", 0, "a value is missing here" },
	{ EXPR, "   ", 3, "a value is missing here" },
	{ EXPR, "()", 1, "a value is missing here" },
	{ EXPR, "a +", 3, "a value is missing behind +" },
	{ EXPR, "a + ", 4, "a value is missing behind +" },
	{ EXPR, "a + * ", 6, "a value is missing behind *" },
	{ EXPR, "a && ", 5, "a value is missing behind &&" },
	{ EXPR, "a && && b", 5, "a value is missing behind &&" },
	{ EXPR, "a < < b", 4, "a value is missing behind <" },
	{ EXPR, "== b", 0, "a value is missing here" },
	{ EXPR, "/ b", 0, "a value is missing here" },
	{ EXPR, "!", 1, "a value is missing behind !" },
	{ EXPR, "a == !)", 6, "a value is missing behind !" },
	{ EXPR, "(a + ) b", 5, "a value is missing behind +" },
	{ EXPR, "a[]", 2, "a value is missing here" },
	{ EXPR, "a[", 2, "a value is missing here" },
	{ EXPR, "a ? : ", 6, "a value is missing here" },
	{ EXPR, "a ? b : ", 8, "a value is missing here" },
	{ EXPR, "? b : c", 0, "a value is missing here" },
	{ EXPR, "sizeof", 6, "a value is missing behind sizeof" },
	{ EXPR, "sizeof()", 7, "a value is missing here" },
	{ EXPR, "(int)", 5, "a value is missing behind the cast" },
	{ EXPR, "(int) + ", 8, "a value is missing behind +" },
	{ EXPR, "STRCMP(\"a\",)", 11, "a value is missing here" },
	{ EXPR, "STRCMP(,x)", 7, "a value is missing here" },
	{ EXPR, ", a", 0, "a value is missing here" },
	{ EXPR, ")", 0, "a value is missing here" },
	{ EXPR, "->a", 0, "a value is missing here" },
	{ EXPR, "#label", 0, "a value is missing here" },
	{ LIST, "a, b,", 5, "a value is missing here" },
	{ LIST, "a,, b", 2, "a value is missing here" },
	/* An operator is missing. */
	{ EXPR, "a b", 2, "an operator is missing here" },
	{ EXPR, "1 2", 2, "an operator is missing here" },
	{ EXPR, "a 'x'", 2, "an operator is missing here" },
	{ EXPR, "a \"x\"", 2, "an operator is missing here" },
	{ EXPR, "(a b)", 3, "an operator or ) is missing here" },
	{ EXPR, "a[b c]", 4, "an operator or ] is missing here" },
	{ EXPR, "a ! b", 2, "an operator is missing here" },
	{ EXPR, "a ~b", 2, "an operator is missing here" },
	{ EXPR, "(a)(b)", 3, "an operator is missing here" },
	{ EXPR, "a->b(c)", 4, "an operator is missing here" },
	{ EXPR, "STRCMP(\"a\" x)", 11, "an operator or ) is missing here" },
	{ EXPR, "a sizeof b", 2, "an operator is missing here" },
	{ EXPR, "a #label", 2, "an operator is missing here" },
	{ EXPR, "a ? b c", 6, "an operator or the : of ? is missing here" },
	/* Brackets. */
	{ EXPR, "(a", 0, "this ( is not closed" },
	{ EXPR, "((a)", 0, "this ( is not closed" },
	{ EXPR, "x + (a * (b)", 4, "this ( is not closed" },
	{ EXPR, "a[b", 1, "this [ is not closed" },
	{ EXPR, "STRCMP(\"a\", x", 6, "this ( is not closed" },
	{ EXPR, "(a]", 2, "this ] closes nothing" },
	{ EXPR, "a[b)", 3, "this ) closes nothing" },
	{ EXPR, "a)", 1, "this ) closes nothing" },
	{ EXPR, "a]", 1, "this ] closes nothing" },
	{ EXPR, "(int", 0, "this ( is not closed" },
	{ EXPR, "(int x", 5, "a type ends here, and ) is missing behind it" },
	{ EXPR, "(struct file * x)", 15, "a type ends here, and ) is missing behind it" },
	{ EXPR, "(u32 == 3)", 5, "a type ends here, and ) is missing behind it" },
	{ EXPR, "sizeof(int", 6, "this ( is not closed" },
	{ EXPR, "(char[3)x", 7, "this ) closes nothing" },
	/* Conditions. */
	{ EXPR, "a ? b", 2, "the : of this ? is missing" },
	{ EXPR, "(a ? b)", 3, "the : of this ? is missing" },
	{ EXPR, "a ? b : c : d", 10, "this : belongs to no ?" },
	{ EXPR, "a : b", 2, "this : belongs to no ?" },
	{ EXPR, "(a : b)", 3, "this : belongs to no ?" },
	/* Nothing can be changed. */
	{ EXPR, "a = b", 2, CHANGED "; to compare, write ==" },
	{ EXPR, "(a = b)", 3, CHANGED "; to compare, write ==" },
	{ EXPR, "a[b = 1]", 4, CHANGED "; to compare, write ==" },
	{ EXPR, "a == b = c", 7, CHANGED "; to compare, write ==" },
	{ EXPR, "a += b", 2, CHANGED },
	{ EXPR, "a <<= b", 2, CHANGED },
	{ EXPR, "a++", 1, SIGNS },
	{ EXPR, "++a", 0, SIGNS },
	{ EXPR, "a--b", 1, SIGNS },
	{ EXPR, "a + --b", 4, SIGNS },
	{ EXPR, "a = = b", 2, CHANGED "; to compare, write ==" },
	/* Commas, statements. */
	{ EXPR, "a, b", 1, "a comma has no meaning here" },
	{ EXPR, "(a, b)", 2, "a comma has no meaning here" },
	{ EXPR, "a[b, c]", 3, "a comma has no meaning here" },
	{ EXPR, "a ? b, c : d", 5, "a comma has no meaning here" },
	{ EXPR, "a;", 1, STATEMENT },
	{ EXPR, "{ a; }", 0, STATEMENT },
	{ EXPR, "({ int x = 1; x; })", 1, STATEMENT },
	{ EXPR, "a }", 2, STATEMENT },
	{ EXPR, "(struct a){ 1 }", 10, "values of structures cannot be written here" },
	/* Members. */
	{ EXPR, "a->", 3, "a member's name is missing behind ->" },
	{ EXPR, "a.", 2, "a member's name is missing behind ." },
	{ EXPR, "a->1", 3, "a member's name is missing behind ->" },
	{ EXPR, "a->$pid", 3, "a member's name is missing behind ->" },
	{ EXPR, "a->->b", 3, "a member's name is missing behind ->" },
	{ EXPR, "a->(b)", 3, "a member's name is missing behind ->" },
	{ EXPR, "a..b", 2, "a member's name is missing behind ." },
	{ EXPR, "a...", 1, "an operator is missing here" },
	{ EXPR, "a->struct", 3, "a member's name is missing behind ->" },
	/* @ */
	{ EXPR, "a@", 1, "behind an @ only user or kernel can stand here" },
	{ EXPR, "a@usr", 1, "behind an @ only user or kernel can stand here" },
	{ EXPR, "a @ user", 2, "behind an @ only user or kernel can stand here" },
	{ EXPR, "@user", 0, "@user stands behind a value" },
	{ EXPR, "a + @kernel", 4, "@kernel stands behind a value" },
	{ EXPR, "@x", 0, "behind an @ only user or kernel can stand here" },
	/* Functions. */
	{ EXPR, "f(x)", 0, "there is no function f" FUNCTIONS },
	{ EXPR, "a + strlen(x)", 4, "there is no function strlen" FUNCTIONS },
	{ EXPR, "STRCMPP(\"a\", x)", 0, "there is no function STRCMPP; did you mean STRCMP?" },
	{ EXPR, "strcmp(\"a\", x)", 0, "there is no function strcmp; did you mean STRCMP?" },
	{ EXPR, "ntoh(x)", 0, "there is no function ntoh; did you mean ntop, ntohs or ntohl?" },
	{ EXPR, "$entri(x)", 0, "there is no function $entri; did you mean $entry?" },
	{ EXPR, "$pid(x)", 0, "$pid is a value: write it without ( )" },
	{ EXPR, "(f(x))", 1, "there is no function f" FUNCTIONS },
	/* Types. */
	{ EXPR, "int", 0, "a type is no value; a cast is (TYPE)value" },
	{ EXPR, "a + int", 4, "a type is no value; a cast is (TYPE)value" },
	{ EXPR, "struct file", 0, "a type is no value; a cast is (TYPE)value" },
	{ EXPR, "STRCMP(char, x)", 7, "a type is no value; a cast is (TYPE)value" },
	{ EXPR, "sizeof int", 7, "write sizeof(TYPE), with parentheses" },
	{ EXPR, "sizeof struct file", 7, "write sizeof(TYPE), with parentheses" },
	{ EXPR, "sizeof u32", 7, "write sizeof(TYPE), with parentheses" },
	{ EXPR, "(foo)x", 1, "there is no type foo, so this is no cast" },
	{ EXPR, "1 + (foo)7", 5, "there is no type foo, so this is no cast" },
	{ EXPR, "(foo)$pid", 1, "there is no type foo, so this is no cast" },
	{ EXPR, "(struct)x", 7, "a name is missing behind struct" },
	{ EXPR, "(struct int)x", 8, "a name is missing behind struct" },
	{ EXPR, "(union *)x", 7, "a name is missing behind union" },
	{ EXPR, "(enum 3)x", 6, "a name is missing behind enum" },
	{ EXPR, "(struct { int a; } *)x", 8, "types cannot be defined here, only named" },
	{ EXPR, "(enum { A })x", 6, "types cannot be defined here, only named" },
	{ EXPR, "(const)x", 6, "a type is missing here" },
	{ EXPR, "(float)x", 1, FLOATING },
	{ EXPR, "(long double)x", 6, FLOATING },
	{ EXPR, "(unsigned float)x", 10, FLOATING },
	{ EXPR, "(long char)x", 6, "there is no type long char" },
	{ EXPR, "(unsigned signed)x", 10, "there is no type unsigned signed" },
	{ EXPR, "(long long long)x", 11, "there is no type long long long" },
	{ EXPR, "(int int)x", 5, "there is no type int int" },
	{ EXPR, "(unsigned void)x", 10, "there is no type unsigned void" },
	{ EXPR, "(short long)x", 7, "there is no type short long" },
	{ EXPR, "(int (*)(int)x", 13, "a type ends here, and ) is missing behind it" },
	{ EXPR, "(int (*)(int)", 0, "this ( is not closed" },
	{ EXPR, "(int (*)(int", 8, "this ( is not closed" },
	{ EXPR, "(int (*x)", 7, "an operator or ) is missing here" },
	{ EXPR, "(int [a b])x", 8, "an operator or ] is missing here" },
	{ EXPR, "(int [", 6, "a value is missing here" },
	{ TYPE, "", 0, "a type is missing here" },
	{ TYPE, "3", 0, "a type is missing here" },
	{ TYPE, "*", 0, "a type is missing here" },
	{ TYPE, "int x", 4, "an operator is missing here" },
	{ TYPE, "struct", 6, "a name is missing behind struct" },
	/* Signatures. */
	{ SIGNATURE, "int x", 0, "a signature begins with (" },
	{ SIGNATURE, "(int x", 0, "this ( is not closed" },
	{ SIGNATURE, "(int x,)", 7, "a type is missing here" },
	{ SIGNATURE, "(, int x)", 1, "a type is missing here" },
	{ SIGNATURE, "(int x y)", 7, "a parameter is TYPE NAME, and , or ) follows" },
	{ SIGNATURE, "(int x = 3)", 7, "a parameter is TYPE NAME, and , or ) follows" },
	{ SIGNATURE, "(int x; int y)", 6, "a parameter is TYPE NAME, and , or ) follows" },
	{ SIGNATURE, "(...)", 1, "a type is missing here" },
	{ SIGNATURE, "(int x, ..., int y)", 11, "a comma has no meaning here" },
	{ SIGNATURE, "(unsigned float x)", 10, "there is no type unsigned float" },
	{ SIGNATURE, "(int x[(double)1])", 8, FLOATING },
	{ SIGNATURE, "(int (*f)(int)", 0, "this ( is not closed" },
	{ SIGNATURE, "(struct x { int y; } z)", 10, "a parameter is TYPE NAME, and , or ) follows" },
	/* What is wrong with tokens comes first. */
	{ EXPR, "a + 08", 5, "8 is no digit of an octal number" },
	{ EXPR, "a \"b", 2, "this quote is not closed" },
	{ EXPR, "a + 'bc'", 4, "one character stands in '...'; write \"...\" for a string" },
	{ EXPR, "(a + 1.5)", 5, "there is no floating point here: write whole numbers" },
	{ EXPR, "a ` b", 2, "this character has no meaning here" },
	{ EXPR, "(`", 1, "this character has no meaning here" },
	{ EXPR, "(int)`", 5, "this character has no meaning here" },
	{ EXPR, "f(`", 0, "there is no function f" FUNCTIONS },
	{ EXPR, "ntop(`", 5, "this character has no meaning here" },
	{ EXPR, "(int (*)(`))x", 9, "this character has no meaning here" },
	{ EXPR, "a ? `", 4, "this character has no meaning here" },
	{ EXPR, "a ? b `", 6, "this character has no meaning here" },
	{ EXPR, "a->`", 3, "this character has no meaning here" },
	{ EXPR, "a[1`", 3, "this character has no meaning here" },
	{ SIGNATURE, "(`)", 1, "this character has no meaning here" },
	{ SIGNATURE, "(int x`)", 6, "this character has no meaning here" },
	{ TYPE, "int `", 4, "this character has no meaning here" },
};

static void test_bad(void **state)
{
	struct test t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(&t, bad[i].text);
		if (!apply(&t, bad[i].rule))
			fail_msg("%s: taken", bad[i].text);
		if (t.mistake.at != bad[i].at || strcmp(t.mistake.why, bad[i].why))
			fail_msg("%s: says %zu: %s\n  not %zu: %s", bad[i].text, t.mistake.at,
				 t.mistake.why, bad[i].at, bad[i].why);
		end(&t);
	}
}

static void report(const void *text)
{
	struct test t;

	begin(&t, text);
	CHECK(apply(&t, EXPR) == -EINVAL);
	mistake_report(text, &t.mistake);
}

static void test_report(void **state)
{
	(void)state;
	assert_true(child_run_good(report, "retval == -1 && arg1 = 3"));
	assert_non_null(strstr(child_said, ": nothing can be changed here; to compare, write ==\n"));
	assert_non_null(strstr(child_said, ":   retval == -1 && arg1 = 3\n"));
	assert_non_null(strstr(child_said, ":                        ^\n"));
}

/* The first mistake is told, not what follows from it. */
static void test_first(void **state)
{
	struct test t;
	struct node *n;

	(void)state;
	begin(&t, "a + ) * (");
	assert_int_equal(parse_expr(&t.parse, &n), -EINVAL);
	assert_int_equal(parse_fail(&t.parse, 99, "later"), -EINVAL);
	assert_int_equal(parse_end(&t.parse), -EINVAL);
	assert_int_equal(t.mistake.at, 4);
	assert_string_equal(t.mistake.why, "a value is missing behind +");
	end(&t);
}

/* --- depth ----------------------------------------------------------------------------------- */

/* `head` n times, `middle`, `tail` n times. */
static int try_nested(enum rule rule, size_t n, const char *head, const char *middle,
		      const char *tail)
{
	struct strbuf text = {};
	struct test t;
	int err;

	for (size_t i = 0; i < n; i++)
		strbuf_str(&text, head);
	strbuf_str(&text, middle);
	for (size_t i = 0; i < n; i++)
		strbuf_str(&text, tail);
	begin(&t, strbuf_cstr(&text));
	err = apply(&t, rule);
	if (err) {
		if (!strstr(t.mistake.why, "nested too deeply") &&
		    !strstr(t.mistake.why, "has too many parts"))
			fail_msg("%s: %s", head, t.mistake.why);
		assert_true(t.mistake.at < text.size);
	}
	end(&t);
	strbuf_free(&text);
	return err;
}

static void test_depth(void **state)
{
	static const struct {
		const char *head, *middle, *tail;
	} nests[] = {
		{ "(", "x", ")" },	   { "- ", "x", "" },	    { "*", "x", "" },
		{ "", "x", "+x" },	   { "", "x", "->y" },	    { "", "x", "[1]" },
		{ "a[", "x", "]" },	   { "a?", "b", ":c" },	    { "a?b:", "c", "" },
		{ "a||", "c", "" },	   { "(int)", "x", "" },    { "ntohs(", "x", ")" },
		{ "sizeof ", "x", "" },	   { "", "x", "@user" },    { "!(a&&", "x", ")" },
		{ "(int[", "1", "])x" },   { "a+(b*(", "c", "))" }, { "x?:", "x", "" },
		{ "sizeof(char[", "1", "])" },
	}, types[] = {
		{ "", "int ", "*" },	   { "", "int", "[1]" },    { "", "int (*)", "[1]" },
		{ "", "int (*)", "()" },   { "int [sizeof(", "int", ")]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nests) / sizeof(nests[0]); i++) {
		/* What a person may write, and what nobody does. */
		if (try_nested(EXPR, 64, nests[i].head, nests[i].middle, nests[i].tail))
			fail_msg("64 x '%s%s' are refused", nests[i].head, nests[i].tail);
		for (size_t n = NODE_DEPTH_MAX + 1; n < 30000; n *= 8) {
			if (!try_nested(EXPR, n, nests[i].head, nests[i].middle, nests[i].tail))
				fail_msg("%zu x '%s%s'", n, nests[i].head, nests[i].tail);
		}
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_int_equal(try_nested(TYPE, 64, types[i].head, types[i].middle, types[i].tail), 0);
		assert_int_equal(try_nested(TYPE, 20000, types[i].head, types[i].middle,
					    types[i].tail), -EINVAL);
	}
}

/* Not deep, only long. */
static void test_long(void **state)
{
	struct strbuf text = {};
	size_t count = 0;
	struct test t;
	struct node *n;

	(void)state;
	strbuf_str(&text, "STRCMP(");
	for (size_t i = 0; i < 10000; i++)
		strbuf_str(&text, "\"ab\" \"c\", ");
	strbuf_str(&text, "x)");
	begin(&t, strbuf_cstr(&text));
	check_taken(&t, "STRCMP(...)", apply(&t, EXPR));
	end(&t);
	begin(&t, strbuf_cstr(&text));
	check_taken(&t, "STRCMP(...)", parse_expr(&t.parse, &n));
	for (n = n->list; n; n = n->next)
		count++;
	assert_int_equal(count, 10001);
	end(&t);
	strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),   cmocka_unit_test(test_report),
		cmocka_unit_test(test_first), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
