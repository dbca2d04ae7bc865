// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* argdist's specifiers: what each is taken apart into, and what is refused. The modules are
 * included: they are the tool's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "argdist/sampling.c"
#include "argdist/specifier.c"
#include "expr/dump.h"

static struct arena arena;
static struct mistake mistake;
static struct specifier s;
static struct specifier_tree tree;
static struct strbuf out;

static bool is_type(const char *name, void *context)
{
	(void)context;
	return !strcmp(name, "u64") || !strcmp(name, "size_t");
}

static int parse_text(const char *text, bool histogram)
{
	struct parse parse = { .arena = &arena, .mistake = &mistake, .is_type = is_type };
	int err = specifier_parse(&s, text, histogram, &mistake);

	return err ? err : specifier_tree(&s, &parse, &tree);
}

static void done(void)
{
	specifier_free(&s);
	arena_free(&arena);
	strbuf_free(&out);
}

static void types_text(void)
{
	for (const struct specifier_type *t = tree.types; t; t = t->next) {
		if (t->type)
			dump_type(&out, t->type);
		else
			strbuf_str(&out, "-");
		strbuf_printf(&out, "%s%s", t->is_text ? "text" : "", t->next ? "," : "");
	}
}

static void nodes_text(const struct node *n)
{
	for (; n; n = n->next) {
		dump_node(&out, n);
		if (n->next)
			strbuf_char(&out, ',');
	}
}

/* "KEY|SIGNATURE|TYPES|VALUES|AGGREGATE|BOUNDS|PREDICATE" */
static void tree_is(const char *text, bool histogram, const char *wanted)
{
	if (parse_text(text, histogram))
		fail_msg("%s: %s", text, mistake.why);
	if (tree.heading.key)
		dump_node(&out, tree.heading.key);
	strbuf_char(&out, '|');
	if (tree.heading.signature)
		dump_signature(&out, tree.heading.signature->first);
	strbuf_char(&out, '|');
	types_text();
	strbuf_char(&out, '|');
	nodes_text(tree.values);
	strbuf_printf(&out, "|%s|", tree.aggregate ? aggregates[tree.aggregate - 1].name : "");
	nodes_text(tree.bounds);
	strbuf_char(&out, '|');
	if (tree.predicate)
		dump_node(&out, tree.predicate);
	strbuf_char(&out, '\0');
	assert_string_equal(out.data, wanted);
	done();
}

static void refused(const char *text, bool histogram, size_t at, const char *why)
{
	mistake = (struct mistake){};
	assert_int_equal(parse_text(text, histogram), -EINVAL);
	assert_string_equal(mistake.why, why);
	assert_int_equal(mistake.at, at);
	done();
}

/* --- fields ----------------------------------------------------------------------------------- */

static void test_places(void **state)
{
	(void)state;
	assert_int_equal(parse_text("p::vfs_read", false), 0);
	assert_int_equal(s.heading.spec.kind, SPEC_KERNEL);
	assert_false(s.heading.spec.ret || s.heading.start_at || s.label || tree.types || tree.values);
	assert_string_equal(s.heading.spec.name.text, "vfs_read");
	done();
	assert_int_equal(parse_text(" r:c:malloc(size_t n):u64:n", true), 0);
	assert_int_equal(s.heading.spec.kind, SPEC_USER);
	assert_true(s.heading.spec.ret && s.histogram);
	assert_string_equal(s.heading.spec.library, "c");
	done();
	assert_int_equal(parse_text("u:/bin/x:prov:probe():int:arg1", false), 0);
	assert_int_equal(s.heading.spec.kind, SPEC_USDT);
	assert_string_equal(s.heading.spec.group.text, "prov");
	assert_string_equal(s.heading.spec.name.text, "probe");
	done();
	assert_int_equal(parse_text("t:irq:irq_handler_entry():int:args->irq", false), 0);
	assert_int_equal(s.heading.spec.kind, SPEC_TRACEPOINT);
	assert_string_equal(s.heading.spec.group.text, "irq");
	done();
	assert_int_equal(parse_text("profile:hz:99::$PID", false), 0);
	assert_string_equal(s.sampling.name, "profile:hz:99");
	assert_int_equal(tree.value_count, 1);
	done();
}

static void test_fields(void **state)
{
	(void)state;
	tree_is("p::f", false, "||||||");
	tree_is("p::f()", false, "||||||");
	tree_is("p::f(int a)", false, "|(a {int})|||||");
	tree_is("p::f(int a):", false, "|(a {int})|-||||");
	tree_is("p::f(int a)::", false, "|(a {int})|-||||");
	tree_is("p::f(int a):::", false, "|(a {int})|-||||");
	tree_is("p::f::a", false, "||-|a|||");
	tree_is("p::f::a,b", false, "||-|a,b|||");
	tree_is("p::f:int:a", false, "||{int}|a|||");
	tree_is("p::f:,int:a,b", false, "||-,{int}|a,b|||");
	tree_is("p::f:int,,u64:a,b,c", false, "||{int},-,{u64}|a,b,c|||");
	tree_is("u:l:p:int:a", false, "||{int}|a|||");
	tree_is("u:l:p:char *,unsigned int:a,b", false, "||{char*}text,{unsigned int}|a,b|||");
	tree_is("u:l:q:p:int:a:b", false, "||{int}|a|||b");
	tree_is("u:l:q:p::a", false, "||-|a|||");
	tree_is("p::f:char*:a", false, "||{char*}text|a|||");
	tree_is("p::f:char *,const char *:a,b", false, "||{char*}text,{char*}text|a,b|||");
	tree_is("p::f:unsigned long,char:a,b", false, "||{unsigned long},{char}|a,b|||");
	tree_is("p::f::a:b > 1", false, "||-|a|||(> b 1)");
	tree_is("p::f:::b", false, "||-||||b");
	tree_is("p::f(char __user *s, int n):char*,int:s,n:n > 5 && n < 7", false,
		"|(s {char __user *}, n {int})|{char*}text,{int}|s,n|||(&& (> n 5) (< n 7))");
}

/* What belongs to an expression separates nothing. */
static void test_separators(void **state)
{
	(void)state;
	tree_is("p::f::a ? b : c", false, "||-|(? a b c)|||");
	tree_is("p::f::a ? b : c, d ? e : g:h ? i : j", false, "||-|(? a b c),(? d e g)|||(? h i j)");
	tree_is("p::f::a:STRCMP(\"a:b,c#d\", s)", false, "||-|a|||(call STRCMP \"a:b,c#d\" s)");
}

static void test_pairs(void **state)
{
	(void)state;
	tree_is("p::f <- p::g @ arg1", false, "arg1||||||");
	tree_is("t:a:b <- t:a:c @ (x, y):u64:z:w#l", true, "(tuple x y)||{u64}|z|||w");
	assert_int_equal(parse_text("c:free <- p:c:malloc @ $tid::$latency", true), 0);
	assert_true(s.heading.start_at);
	assert_string_equal(s.heading.spec.name.text, "free");
	assert_string_equal(s.heading.start.name.text, "malloc");
	done();
}

static void test_aggregates(void **state)
{
	(void)state;
	tree_is("p::f::sum(a)", false, "||-|a|sum||");
	tree_is("p::f::k,avg(a + 1)", false, "||-|k,(+ a 1)|avg||");
	tree_is("p::f::k,l,min(a)", false, "||-|k,l,a|min||");
	tree_is("p::f::max(a)", false, "||-|a|max||");
	tree_is("p::f::last(a)", false, "||-|a|last||");
	tree_is("p::f::stats(a):b", false, "||-|a|stats||b");
	tree_is("p::f::lhist(a,0,10,2)", true, "||-|a|lhist|0,10,2|");
	tree_is("p::f::k,lhist(a / 2, -5, 10, 1)", true, "||-|k,(/ a 2)|lhist|(- 5),10,1|");
	tree_is("p::f::sum", false, "||-|sum|||"); /* a name like any other */
}

static void test_labels(void **state)
{
	static const struct {
		const char *text, *label, *fields;
	} cases[] = {
		{ "p::f#a label", "a label", "p::f" },
		{ "p::f::a#x#y:z", "x#y:z", "p::f::a" },
		{ "p::f#", NULL, "p::f" },
		{ "p::f::a:s == \"#\"#l", "l", "p::f::a:s == \"#\"" },
		{ "p::f::a:c == '#'#l", "l", "p::f::a:c == '#'" },
		{ "p::f::a:s == \"\\\"#\"#l", "l", "p::f::a:s == \"\\\"#\"" },
		{ "p::f::a:c == '\\''#l", "l", "p::f::a:c == '\\''" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse_text(cases[i].text, false), 0);
		assert_string_equal(s.text, cases[i].text);
		assert_string_equal(s.fields, cases[i].fields);
		if (cases[i].label)
			assert_string_equal(s.label, cases[i].label);
		else
			assert_null(s.label);
		done();
	}
}

/* --- mistakes --------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
	(void)state;
	refused("p::f:int:a:b:c", false, 12, "there is no field behind the predicate");
	refused("p::f::sum(a),b", false, 6, "sum() is the last of the values");
	refused("p::f::sum(a, b)", false, 6, "sum() takes one value");
	refused("p::f::sum(a)", true, 6, "sum() is for -C; -H counts the values themselves");
	refused("p::f::lhist(a,1,2,3)", false, 6, "lhist() is for histograms: -H");
	refused("p::f::lhist(a,1,2)", true, 6,
		"lhist() takes a value, the lowest, the highest, and the width of a bucket");
	refused("p::f <- p::g", false, 12, "behind a pair stands what connects its two sides: "
		"END <- START @ KEY, such as @ $tid");
	refused("p::f <- profile:hz:9 @ 1", false, 8, "a sample starts nothing");
	refused("profile:hz:9 <- p::f @ 1", false, 13, "a sample has no start");
	refused("p::f::a,", false, 8, "a value is missing here");
	refused("p::f:int a:b", false, 9, "a type has no name here: values stand behind the next colon");
	refused("p::f:int:a b", false, 11, "an operator is missing here");
}

/* Whatever comes, it is parsed or refused; the sanitizers watch. */
static void test_any(void **state)
{
	static const char *const pieces[] = {
		"p::f", "r:c:g", "t:a:b", "u:l:p", "profile:hz:9", ":", ",", "#", "(", ")", "<-", "@", " ",
		"int", "char*", "a", "sum(", "lhist(", "?", "\"", "'", "\\", "1", "$entry(", "->", "&&", "[",
		"STRCMP(", "*", "interval", "software:", "\x01", "\xff",
	};
	uint64_t seed = 42;
	char text[256];

	(void)state;
	for (int round = 0; round < 30000; round++) {
		size_t size = 0, count = 1 + round % 12;

		for (size_t i = 0; i < count; i++) {
			seed = seed * 6364136223846793005 + 1442695040888963407;
			size += snprintf(text + size, sizeof(text) - size, "%s",
					 pieces[(seed >> 33) % (sizeof(pieces) / sizeof(pieces[0]))]);
		}
		mistake = (struct mistake){};
		if (parse_text(text, round % 2)) {
			assert_true(mistake.why[0] != '\0');
			assert_true(mistake.at <= strlen(text));
		}
		done();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),	   cmocka_unit_test(test_fields),
		cmocka_unit_test(test_separators), cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_aggregates), cmocka_unit_test(test_labels),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
