// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How texts of trace and argdist begin: places, pairs, signatures, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "expr/dump.h"
#include "probe/heading.h"

static struct arena arena;
static struct mistake mistake;
static struct heading h;
static struct heading_tree tree;
static struct parse parse;
static struct strbuf out;

static int parse_text(const char *text)
{
	int err;

	mistake = (struct mistake){};
	parse = (struct parse){ .arena = &arena, .mistake = &mistake };
	err = heading_parse(&h, text, text, &mistake);
	return err ? err : heading_tree(&h, &parse, &tree);
}

static void done(void)
{
	heading_free(&h);
	arena_free(&arena);
	strbuf_free(&out);
}

/* "END|START|KEY|SIGNATURE|what follows" */
static void heading_is(const char *text, const char *wanted)
{
	if (parse_text(text))
		fail_msg("%s: %s", text, mistake.why);
	strbuf_printf(&out, "%s|%s|", h.spec.text, h.start_at ? h.start.text : "");
	if (tree.key)
		dump_node(&out, tree.key);
	strbuf_char(&out, '|');
	if (tree.signature)
		dump_signature(&out, tree.signature->first);
	strbuf_printf(&out, "|%s", text + parse.token.at);
	assert_string_equal(strbuf_cstr(&out), wanted);
	done();
}

static void refused(const char *text, size_t at, const char *why)
{
	assert_int_equal(parse_text(text), -EINVAL);
	assert_string_equal(mistake.why, why);
	assert_int_equal(mistake.at, at);
	done();
}

static void test_places(void **state)
{
	(void)state;
	heading_is("vfs_read", "vfs_read||||");
	heading_is("r::vfs_read \"%d\", retval", "r::vfs_read||||\"%d\", retval");
	heading_is("p::vfs_read:int:x", "p::vfs_read||||:int:x");
	heading_is("c:malloc\t(arg1 > 5)", "c:malloc||||(arg1 > 5)");
	heading_is("t:a:b (args->x)", "t:a:b||||(args->x)");
}

static void test_signatures(void **state)
{
	(void)state;
	heading_is("c:malloc(int n):int:n", "c:malloc|||(n {int})|:int:n");
	heading_is("c:free (void *p) (p != 0) \"x\"", "c:free|||(p {void*})|(p != 0) \"x\"");
	assert_int_equal(parse_text("c:malloc (int n)"), 0);
	assert_int_equal(tree.signature->at, 9);
	done();
	/* () says nothing of the parameters, (void) says that there are none. */
	heading_is("u:x:probe() \"%d\", arg1", "u:x:probe||||\"%d\", arg1");
	heading_is("u:x:probe( ):int", "u:x:probe||||:int");
	assert_int_equal(parse_text("c:rand(void)"), 0);
	assert_non_null(tree.signature);
	assert_null(tree.signature->first);
	done();
}

static void test_pairs(void **state)
{
	(void)state;
	heading_is("f <- g @ $tid", "f|g|$tid||");
	heading_is("c:free<-c:malloc @arg1:u64:$latency", "c:free|c:malloc|arg1||:u64:$latency");
	heading_is("t:a:b <- t:a:c @ (args->x, args->y) (args->x) \"z\"",
		   "t:a:b|t:a:c|(tuple (-> args x) (-> args y))||(args->x) \"z\"");
	assert_int_equal(parse_text("f  <-  g @ $tid"), 0);
	assert_int_equal(h.start_at, 7);
	done();
}

static void test_refused(void **state)
{
	(void)state;
	refused("f <- g", 6, "behind a pair stands what connects its two sides: "
		"END <- START @ KEY, such as @ $tid");
	refused("f <- g \"%d\"", 7, "behind a pair stands what connects its two sides: "
		"END <- START @ KEY, such as @ $tid");
	refused("f <- g(int x) @ x", 6, "a start has no signature: what is there is "
		"$entry(arg1) and the like");
	refused("f <- g @ arg1 (int x)", 14, "a pair has no signature: what is at the start "
		"is $entry(arg1) and the like");
	refused("f <- g @", 8, "a value is missing here");
	refused("f(int", 1, "this ( is not closed");
	/* In the start places count from the beginning of all, and who looks knows where it is. */
	assert_int_equal(parse_text("f <- u:"), -EINVAL);
	assert_int_equal(h.start_at, 5);
	assert_in_range(mistake.at, 5, 7);
	done();
	assert_int_equal(parse_text("u: <- f"), -EINVAL);
	assert_int_equal(h.start_at, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
