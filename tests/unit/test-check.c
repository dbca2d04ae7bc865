// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an expression means: its type, its value if it is constant, where its pointers point to. */
#include "demo.h"
#include "strbuf.h"

/* --- what it means -------------------------------------------------------------------------- */

#define V(n) .is_constant = true, .value = n

static const struct {
	const char *text, *type;
	bool is_constant, entry, binary;
	int64_t value;
} means[] = {
	{ "1", "int", V(1) },
	{ "1u", "unsigned int", V(1) },
	{ "1l", "long", V(1) },
	{ "1ul", "unsigned long", V(1) },
	{ "0x80000000", "unsigned int", V(2147483648) },
	{ "2147483648", "long", V(2147483648) },
	{ "0xffffffffffffffff", "unsigned long", V(-1) },
	{ "'a'", "int", V(97) },
	{ "'\\xff'", "int", V(-1) },
	{ "-1", "int", V(-1) },
	{ "-1u", "unsigned int", V(4294967295) },
	{ "~0", "int", V(-1) },
	{ "~0ul", "unsigned long", V(-1) },
	{ "!5", "int", V(0) },
	{ "!!5", "int", V(1) },
	{ "+'a'", "int", V(97) },
	{ "1 + 2 * 3", "int", V(7) },
	{ "7 / 2", "int", V(3) },
	{ "-7 / 2", "int", V(-3) },
	{ "-7 % 3", "int", V(-1) },
	{ "7u % 4", "unsigned int", V(3) },
	{ "1 << 31", "int", V(-2147483648) },
	{ "1l << 40", "long", V(1099511627776) },
	{ "-8 >> 1", "int", V(-4) },
	{ "0x80000000 >> 4", "unsigned int", V(134217728) },
	{ "1 == 1u", "int", V(1) },
	{ "-1 < 1u", "int", V(0) },
	{ "-1 < 1l", "int", V(1) },
	{ "-1l < 1u", "int", V(1) },
	{ "1 < 2 && 3", "int", V(1) },
	{ "0 || 0", "int", V(0) },
	{ "1 ? 2 : 3l", "long", V(2) },
	{ "0 ? 2 : 3", "int", V(3) },
	{ "0 ?: 5u", "unsigned int", V(5) },
	{ "5 & 6 | 8 ^ 1", "int", V(13) },
	{ "2147483647 + 1", "int", V(-2147483648) },
	{ "4294967295u + 1", "unsigned int", V(0) },
	{ "(char)200", "char", V(-56) },
	{ "(unsigned char)300", "unsigned char", V(44) },
	{ "(short)0x12345", "short", V(9029) },
	{ "(_Bool)256", "_Bool", V(1) },
	{ "(long)-1", "long", V(-1) },
	{ "(unsigned)-1", "unsigned int", V(4294967295) },
	{ "(u32)-1", "u32", V(4294967295) },
	{ "(enum color)3", "enum color", V(3) },
	{ "(void *)16", "void *", V(16) },
	{ "(int)(void *)0x100000002", "int", V(2) },
	{ "sizeof(int)", "unsigned long", V(4) },
	{ "sizeof(struct demo)", "unsigned long", V(240) },
	{ "sizeof d->name", "unsigned long", V(16) },
	{ "sizeof d->grid[0]", "unsigned long", V(12) },
	{ "sizeof(d->c + 0)", "unsigned long", V(4) },
	{ "sizeof(char *[3])", "unsigned long", V(24) },
	{ "sizeof \"four\"", "unsigned long", V(5) },
	{ "sizeof $comm", "unsigned long", V(16) },
	{ "sizeof *d", "unsigned long", V(240) },
	{ "sizeof(d->one + 0)", "unsigned long", V(4) },
	{ "GREEN", "int", V(5) },
	{ "LOW", "int", V(-2) },
	{ "TOP_BIT", "unsigned int", V(2147483648) },
	{ "GREEN + LOW", "int", V(3) },
	{ "ENOENT", "int", V(2) },
	{ "-EAGAIN", "int", V(-11) },
	{ "NULL", "void *", V(0) },
	{ "true", "int", V(1) },
	{ "a", "int" },
	{ "a + 1", "int" },
	{ "a + 1u", "unsigned int" },
	{ "a + 1l", "long" },
	{ "c", "char" },
	{ "c + c", "int" },
	{ "s", "short" },
	{ "us + us", "int" },
	{ "u", "unsigned int" },
	{ "u - 1", "unsigned int" },
	{ "l", "long" },
	{ "ul", "unsigned long" },
	{ "ul + a", "unsigned long" },
	{ "l + u", "long" },
	{ "b", "_Bool" },
	{ "b + b", "int" },
	{ "-b", "int" },
	{ "~c", "int" },
	{ "!c", "int" },
	{ "-us", "int" },
	{ "kind", "enum color" },
	{ "kind + 1", "unsigned int" },
	{ "d", "struct demo *" },
	{ "d + 1", "struct demo *" },
	{ "d - d", "long" },
	{ "d == 0", "int" },
	{ "d->next", "struct demo *" },
	{ "d->name", "char [16]" },
	{ "&d->name", "char (*)[16]" },
	{ "&d->name[2]", "char *" },
	{ "d->name[2]", "char" },
	{ "*d->name", "char" },
	{ "d->name + 1", "char *" },
	{ "d->grid", "int [2][3]" },
	{ "d->grid[1]", "int [3]" },
	{ "d->grid[1][2]", "int" },
	{ "&d->grid[1]", "int (*)[3]" },
	{ "d->one", "int" },
	{ "d->one + 0", "int" },
	{ "d->two", "unsigned int" },
	{ "d->two + 0", "int" },
	{ "d->two - 4", "int" },
	{ "d->thirtyone + 1", "int" },
	{ "d->all", "unsigned int" },
	{ "d->all + 1", "unsigned int" },
	{ "-d->all", "unsigned int" },
	{ "d->wide", "long" },
	{ "d->wide + 1", "long" },
	{ "d->yes", "_Bool" },
	{ "d->yes + 0", "int" },
	{ "d->shade", "enum color" },
	{ "d->shade + 1", "int" },
	{ "(unsigned)d->two", "unsigned int" },
	{ "(unsigned)d->two - 4", "unsigned int" },
	{ "(long)d->two", "long" },
	{ "d->low", "short" },
	{ "d->word.low", "u16" },
	{ "d->deepest", "int" },
	{ "d->level", "enum level" },
	{ "d->text", "char *" },
	{ "*d->text", "char" },
	{ "d->text[0] == 'a'", "int" },
	{ "d->text == \"abc\"", "int" },
	{ "d->any", "void *" },
	{ "d->any + 1", "void *" },
	{ "(char *)d->any", "char *" },
	{ "d->next->next->c", "signed char" },
	{ "d->table[1]", "struct demo *" },
	{ "d->table[a]->c", "signed char" },
	{ "(*d).c", "signed char" },
	{ "(&*d)->c", "signed char" },
	{ "d->tail", "struct part []" },
	{ "d->tail[1].left", "int" },
	{ "d->counter.value", "int" },
	{ "d->row", "int (*)[7]" },
	{ "(*d->row)[1]", "int" },
	{ "d->calls", "int (*[2])(void)" },
	{ "d->handler", "int (*)(int)" },
	{ "a ? c : s", "int" },
	{ "a ? d : 0", "struct demo *" },
	{ "a ? 0 : d", "struct demo *" },
	{ "a ? d->any : d", "struct demo *" },
	{ "a ?: l", "long" },
	{ "d ?: 0", "struct demo *" },
	{ "a << l", "int" },
	{ "l << a", "long" },
	{ "us >> 1", "int" },
	{ "u >> 1", "unsigned int" },
	{ "a == l", "int" },
	{ "a < u", "int" },
	{ "a && d", "int" },
	{ "!d", "int" },
	{ "d == d->next", "int" },
	{ "a & 1 && c", "int" },
	{ "1 && a", "int" },
	{ "a && 0", "int" },
	{ "0 && a", "int", V(0) },
	{ "1 || a", "int", V(1) },
	{ "$pid", "int" },
	{ "$tgid", "int" },
	{ "$uid", "unsigned int" },
	{ "$cpu", "unsigned int" },
	{ "$comm", "char [16]" },
	{ "$nsecs", "unsigned long" },
	{ "$seq", "unsigned long" },
	{ "$cgroup", "unsigned long" },
	{ "$task", "void *" },
	{ "ntohs(us)", "unsigned short" },
	{ "ntohl(0x01020304)", "unsigned int", V(67305985) },
	{ "ntohs(0x0102)", "unsigned short", V(513) },
	{ "ntop(u)", "unsigned int" },
	{ "STRCMP(\"abc\", d->text)", "int" },
	{ "STRNCMP(\"abc\", d->name)", "int" },
	{ "\"abc\" == \"abc\"", "int", V(1) },
	{ "\"abc\" == \"abd\"", "int", V(0) },
	{ "\"abc\" != \"abd\"", "int", V(1) },
	{ "STRCMP(d->text, d->name)", "int" },
	{ "STRCMP(ul, $comm)", "int" },
	{ "STRNCMP(d->text, d->name, 4)", "int" },
	{ "d->name == d->text", "int" },
	{ "d->name == \"abcdefghijklmnop\"", "int" },
	{ "$comm == $comm", "int" },
	{ "args->loc != $comm", "int" },
	{ "a ? \"write\" : \"read\"", "char *" },
	{ "a ? d->text : \"none\"", "char *" },
	{ "a ? \"x\" : b ? $comm : d->name", "char *" },
	{ "d->text ?: \"none\"", "char *" },
	{ "sizeof(a ? \"write\" : \"read\")", "unsigned long", V(8) },
	{ "1 ? \"write\" : d->text", "char [6]" },
	{ "(a ? d->text : d->text@user) + 1", "char *" },
	{ "(a ? d->name : d->text)[2]", "char" },
	{ "(a ? d->name : d->text) == 0", "int" },
	{ "STRCMP(a ? \"x\" : \"y\", d->text)", "int" },
	{ "(1 ? \"x\" : \"y\") == \"x\"", "int", V(1) },
	{ "(1 ? \"x\" : \"y\") != \"x\"", "int", V(0) },
	{ "STRCMP(\"x\", 1 ? \"x\" : \"y\")", "int", V(1) },
	{ "STRNCMP(1 ? \"xy\" : \"y\", \"xz\", 1)", "int", V(1) },
	{ "STRNCMP(0 ? \"x\" : \"y\", \"yz\", 2)", "int", V(0) },
	{ "args->count", "long" },
	{ "args->count + 1", "long" },
	{ "args->name", "char [16]" },
	{ "args->list[1]", "short" },
	{ "args->list[a]", "short" },
	{ "args->loc", "char []" },
	{ "args->rel", "char []" },
	{ "ctx->ip", "unsigned long", .entry = true },
	{ "d@kernel", "struct demo *" },
	{ "d@user->next", "struct demo *" },
	{ "(char __user *)l", "char *" },
	{ "$entry(old)", "short", .entry = true },
	{ "$entry((char)old) + 0", "int", .entry = true },
	{ "$entry((char)old) - 4", "int", .entry = true },
	{ "old", "short", .entry = true },
	{ "old + 1", "int", .entry = true },
	{ "$latency", "unsigned long", .entry = true },
	{ "((struct tagged *)d)->theirs", "struct cell *" },
	{ "$PID", "int" },
	{ "STRCMP(\"{1, 0x2, -1}\", d->text)", "int", .binary = true },
	{ "STRCMP(\"{1}\", d->grid)", "int", .binary = true },
};

static void test_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(means); i++) {
		struct strbuf type = {};
		struct test t = {};
		struct expr *e =
			meaning(&t, means[i].text, means[i].entry, means[i].binary);

		if (!e)
			fail_msg("%s: %s", means[i].text, t.mistake.why);
		ctype_print(e->type, NULL, &type);
		if (strcmp(strbuf_cstr(&type), means[i].type))
			fail_msg("%s: is %s, not %s", means[i].text, strbuf_cstr(&type),
				 means[i].type);
		if ((e->op == EXPR_CONSTANT) != means[i].is_constant)
			fail_msg("%s: %s constant", means[i].text,
				 means[i].is_constant ? "should be" : "is");
		if (means[i].is_constant && (int64_t)e->value != means[i].value)
			fail_msg("%s: is %lld, not %lld", means[i].text,
				 (long long)e->value, (long long)means[i].value);
		strbuf_free(&type);
		arena_free(&t.arena);
	}
}

/* A name that the scope has is no type, whatever types there are. */
static void test_hidden(void **state)
{
	static struct scope_name hiding[] = { { "u32", .fetch = REGISTER(0) } };
	static const struct scope scope = { .names = hiding, .count = 1, .what = "it" };
	struct check c = { .scope = &whole, .types = &types };

	(void)state;
	assert_true(check_is_type("u32", &c));
	assert_false(check_is_type("demo", &c));
	c.entry = &scope;
	assert_false(check_is_type("u32", &c));
	c = (struct check){ .scope = &scope, .types = &types };
	assert_false(check_is_type("u32", &c));
	assert_true(check_is_type("u16", &c));
}

static enum space points(const char *text, bool user)
{
	struct test t = {};
	struct parse p = { .arena = &t.arena,
			   .mistake = &t.mistake,
			   .functions = check_functions,
			   .is_type = check_is_type,
			   .context = &t.check };
	enum space space;
	struct expr *e;
	struct node *n;

	t.check = (struct check){ .arena = &t.arena,
				  .mistake = &t.mistake,
				  .types = &types,
				  .scope = &whole,
				  .user = user };
	parse_start(&p, text, 0);
	assert_int_equal(parse_expr(&p, &n), 0);
	e = check_value(&t.check, n);
	assert_non_null(e);
	space = e->space;
	arena_free(&t.arena);
	return space;
}

/* Where pointers point to. */
static void test_spaces(void **state)
{
	(void)state;
	assert_int_equal(points("d", false), SPACE_ANY);
	assert_int_equal(points("d@user", false), SPACE_USER);
	assert_int_equal(points("d@kernel", false), SPACE_KERNEL);
	assert_int_equal(points("d@user->next", false), SPACE_USER);
	assert_int_equal(points("d@user->next@kernel", false), SPACE_KERNEL);
	assert_int_equal(points("d->next", false), SPACE_ANY);
	assert_int_equal(points("d@user + 1", false), SPACE_USER);
	assert_int_equal(points("&d@user->name", false), SPACE_USER);
	assert_int_equal(points("d@user->name", false), SPACE_USER);
	assert_int_equal(points("&d@user->table[a]", false), SPACE_USER);
	assert_int_equal(points("(char *)d@user", false), SPACE_USER);
	assert_int_equal(points("(char *)l", false), SPACE_ANY);
	assert_int_equal(points("(char *)l", true), SPACE_USER);
	assert_int_equal(points("(char __user *)l", false), SPACE_USER);
	assert_int_equal(points("(char __user *)d@kernel", false), SPACE_USER);
	assert_int_equal(points("(char *)(l@user + 8)", false), SPACE_USER);
	assert_int_equal(points("(char *)(8 + l@user)", false), SPACE_USER);
	assert_int_equal(points("a ? d@user : 0", false), SPACE_USER);
	assert_int_equal(points("a ? 0 : d@user", false), SPACE_USER);
	assert_int_equal(points("a ? d : d@user", false), SPACE_ANY);
	assert_int_equal(points("((struct tagged *)d)->theirs", false), SPACE_USER);
	assert_int_equal(points("$task", false), SPACE_KERNEL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_means),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_spaces),
	};

	return cmocka_run_group_tests(tests, compile_more, forget);
}
