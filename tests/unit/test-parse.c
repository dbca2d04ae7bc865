// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Expressions, types and signatures: what tree each gives, where an expression ends, what is
 * refused, where, and with which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "child.h"
#include "expr/dump.h"
#include "expr/parse.h"
#include "strbuf.h"

static const char *const functions[] = { "STRCMP", "STRNCMP", "ntop", "ntohs", "ntohl", "$entry",
					 "sum", "lhist", NULL };

#define FUNCTIONS "; there are STRCMP, STRNCMP, ntop, ntohs, ntohl, $entry, sum, lhist"

/* `context` has the typedefs that there are, each between blanks. */
static bool is_type(const char *name, void *context)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(context, word);
}

static char typedefs[] = " u8 u32 u64 size_t pid_t loff_t ";

struct test {
	struct arena arena;
	struct mistake mistake;
	struct parse parse;
	struct strbuf out;
};

static void begin_at(struct test *t, const char *text, size_t at)
{
	*t = (struct test){};
	t->parse = (struct parse){ .arena = &t->arena, .mistake = &t->mistake,
				   .functions = functions, .is_type = is_type,
				   .context = typedefs };
	parse_start(&t->parse, text, at);
}

static void begin(struct test *t, const char *text)
{
	begin_at(t, text, 0);
}

static void end(struct test *t)
{
	strbuf_free(&t->out);
	arena_free(&t->arena);
}

static void check_text(struct test *t, const char *text, const char *expected)
{
	const char *is = strbuf_cstr(&t->out);

	if (strcmp(is, expected))
		fail_msg("%s: is\n    %s, not\n    %s", text, is, expected);
	strbuf_clear(&t->out);
}

static void check_taken(struct test *t, const char *text, int err)
{
	if (err)
		fail_msg("%s: refused at %zu: %s", text, t->mistake.at, t->mistake.why);
}

/* --- expressions ----------------------------------------------------------------------------- */

static const struct {
	const char *text, *expected;
} good[] = {
	/* Values. */
	{ "1", "1" },
	{ " 1 ", "1" },
	{ "0xffffffff", "4294967295u" },
	{ "0xffffffffffffffff", "18446744073709551615ul" },
	{ "2147483648", "2147483648l" },
	{ "1ll", "1ll" },
	{ "1ull", "1ull" },
	{ "'W'", "87" },
	{ "\"abc\"", "\"abc\"" },
	{ "\"a\" \"b\" \"\" \"c\"", "\"abc\"" },
	{ "\"\\x0\" \"41\"", "\"\\x0041\"" },
	{ "\"\\\"\\n\"", "\"\\\"\\n\"" },
	{ "retval", "retval" },
	{ "arg1", "arg1" },
	{ "$pid", "$pid" },
	{ "$retval", "$retval" },
	{ "TCP_SYN_SENT", "TCP_SYN_SENT" },
	/* Parentheses. */
	{ "(1)", "1" },
	{ "((x))", "x" },
	{ "(a + b) * c", "(* (+ a b) c)" },
	{ "a * (b + c)", "(* a (+ b c))" },
	{ "a - (b - c)", "(- a (- b c))" },
	/* Unary operators. */
	{ "-1", "(- 1)" },
	{ "+x", "(+ x)" },
	{ "!x", "(! x)" },
	{ "~x", "(~ x)" },
	{ "*p", "(* p)" },
	{ "&x", "(& x)" },
	{ "- -x", "(- (- x))" },
	{ "!!x", "(! (! x))" },
	{ "-~!x", "(- (~ (! x)))" },
	{ "**p", "(* (* p))" },
	{ "*&x", "(* (& x))" },
	{ "&*x", "(& (* x))" },
	{ "-x->y", "(- (-> x y))" },
	{ "*p->q", "(* (-> p q))" },
	{ "(*p).q", "(. (* p) q)" },
	{ "&p->q", "(& (-> p q))" },
	{ "&a[1]", "(& ([] a 1))" },
	{ "!a == b", "(== (! a) b)" },
	/* Each binary operator. */
	{ "a + b", "(+ a b)" },
	{ "a - b", "(- a b)" },
	{ "a * b", "(* a b)" },
	{ "a / b", "(/ a b)" },
	{ "a % b", "(% a b)" },
	{ "a & b", "(& a b)" },
	{ "a | b", "(| a b)" },
	{ "a ^ b", "(^ a b)" },
	{ "a << b", "(<< a b)" },
	{ "a >> b", "(>> a b)" },
	{ "a && b", "(&& a b)" },
	{ "a || b", "(|| a b)" },
	{ "a == b", "(== a b)" },
	{ "a != b", "(!= a b)" },
	{ "a < b", "(< a b)" },
	{ "a > b", "(> a b)" },
	{ "a <= b", "(<= a b)" },
	{ "a >= b", "(>= a b)" },
	/* They take what is on their left first. */
	{ "a - b - c", "(- (- a b) c)" },
	{ "a / b * c", "(* (/ a b) c)" },
	{ "a % b * c / d", "(/ (* (% a b) c) d)" },
	{ "a << b >> c", "(>> (<< a b) c)" },
	{ "a < b < c", "(< (< a b) c)" },
	{ "a == b != c", "(!= (== a b) c)" },
	{ "a && b && c", "(&& (&& a b) c)" },
	{ "a || b || c", "(|| (|| a b) c)" },
	{ "a & b & c", "(& (& a b) c)" },
	/* Neighbours in C's order of precedence, both ways around. */
	{ "a + b * c", "(+ a (* b c))" },
	{ "a * b + c", "(+ (* a b) c)" },
	{ "a << b + c", "(<< a (+ b c))" },
	{ "a + b << c", "(<< (+ a b) c)" },
	{ "a < b << c", "(< a (<< b c))" },
	{ "a << b < c", "(< (<< a b) c)" },
	{ "a == b < c", "(== a (< b c))" },
	{ "a < b == c", "(== (< a b) c)" },
	{ "a & b == c", "(& a (== b c))" },
	{ "a == b & c", "(& (== a b) c)" },
	{ "a ^ b & c", "(^ a (& b c))" },
	{ "a & b ^ c", "(^ (& a b) c)" },
	{ "a | b ^ c", "(| a (^ b c))" },
	{ "a ^ b | c", "(| (^ a b) c)" },
	{ "a && b | c", "(&& a (| b c))" },
	{ "a | b && c", "(&& (| a b) c)" },
	{ "a || b && c", "(|| a (&& b c))" },
	{ "a && b || c", "(|| (&& a b) c)" },
	{ "a || b && c | d ^ e & f == g < h << i + j * -k",
	  "(|| a (&& b (| c (^ d (& e (== f (< g (<< h (+ i (* j (- k)))))))))))" },
	{ "-k * j + i << h < g == f & e ^ d | c && b || a",
	  "(|| (&& (| (^ (& (== (< (<< (+ (* (- k) j) i) h) g) f) e) d) c) b) a)" },
	{ "a - -b", "(- a (- b))" },
	{ "a & &b", "(& a (& b))" },
	{ "a * *b", "(* a (* b))" },
	{ "a**b", "(* a (* b))" },
	{ "a<-1", "(< a (- 1))" },
	{ "a&&!b", "(&& a (! b))" },
	/* Conditions. */
	{ "a ? b : c", "(? a b c)" },
	{ "a ? b : c ? d : e", "(? a b (? c d e))" },
	{ "a ? b ? c : d : e", "(? a (? b c d) e)" },
	{ "a || b ? c + 1 : d + 2", "(? (|| a b) (+ c 1) (+ d 2))" },
	{ "(a ? b : c) + 1", "(+ (? a b c) 1)" },
	{ "a ?: b", "(?: a b)" },
	{ "a ?: b ?: c", "(?: a (?: b c))" },
	{ "(req->cmd_flags & 1) ? 'W' : 'R'", "(? (& (-> req cmd_flags) 1) 87 82)" },
	{ "(retval < 0 ? -retval : 0) + args->n[i]",
	  "(+ (? (< retval 0) (- retval) 0) ([] (-> args n) i))" },
	/* Members and elements. */
	{ "a.b", "(. a b)" },
	{ "a->b", "(-> a b)" },
	{ "a . b", "(. a b)" },
	{ "a.b.c->d", "(-> (. (. a b) c) d)" },
	{ "a[1]", "([] a 1)" },
	{ "a[i][j + 1]", "([] ([] a i) (+ j 1))" },
	{ "a->b[c->d].e", "(. ([] (-> a b) (-> c d)) e)" },
	{ "a[b ? c : d]", "([] a (? b c d))" },
	{ "\"abc\"[1]", "([] \"abc\" 1)" },
	{ "file->f_path.dentry->d_name.name",
	  "(. (-> (. (-> file f_path) dentry) d_name) name)" },
	{ "args->filename", "(-> args filename)" },
	{ "sk->__sk_common.skc_num", "(. (-> sk __sk_common) skc_num)" },
	{ "$task->pid", "(-> $task pid)" },
	{ "a->user", "(-> a user)" },
	/* Which memory. */
	{ "arg2@user", "(@user arg2)" },
	{ "arg2@kernel", "(@kernel arg2)" },
	{ "args->filename@user", "(@user (-> args filename))" },
	{ "p@user->x", "(-> (@user p) x)" },
	{ "*p@user", "(* (@user p))" },
	{ "(struct sockaddr *)arg2@user", "(cast {struct sockaddr*} (@user arg2))" },
	{ "((char *)arg2)@user", "(@user (cast {char*} arg2))" },
	/* Casts. */
	{ "(int)retval < 0", "(< (cast {int} retval) 0)" },
	{ "(int)-1", "(cast {int} (- 1))" },
	{ "-(int)x", "(- (cast {int} x))" },
	{ "(int)x->y", "(cast {int} (-> x y))" },
	{ "((struct request *)arg1)->__data_len",
	  "(-> (cast {struct request*} arg1) __data_len)" },
	{ "(char)(short)x", "(cast {char} (cast {short} x))" },
	{ "(char)x + 1", "(+ (cast {char} x) 1)" },
	{ "(int)(x)", "(cast {int} x)" },
	{ "*(u32 *)x", "(* (cast {u32*} x))" },
	{ "(u32)x", "(cast {u32} x)" },
	{ "(u32)*x", "(cast {u32} (* x))" },
	{ "(x)*y", "(* x y)" },
	{ "(x)-y", "(- x y)" },
	{ "(u32)-y", "(cast {u32} (- y))" },
	{ "(SSL *)x", "(cast {SSL*} x)" },
	{ "(SSL **)x", "(cast {SSL**} x)" },
	{ "(a * b)", "(* a b)" },
	{ "(a **b)", "(* a (* b))" },
	{ "(unsigned)x", "(cast {unsigned int} x)" },
	{ "(long unsigned int)x", "(cast {unsigned long} x)" },
	{ "(enum pid_type)x", "(cast {enum pid_type} x)" },
	{ "(union thread_union *)x", "(cast {union thread_union*} x)" },
	{ "(const char *)x", "(cast {char*} x)" },
	{ "(char const *const)x", "(cast {char*} x)" },
	{ "(const void *)x", "(cast {void*} x)" },
	{ "(char __user *)x", "(cast {char __user *} x)" },
	{ "(const char __user *)x", "(cast {char __user *} x)" },
	{ "(__user char *)x", "(cast {char __user *} x)" },
	{ "(char *__user *)x", "(cast {char* __user *} x)" },
	{ "(char [16])x", "(cast {char[16]} x)" },
	{ "(char (*)[16])x", "(cast {char[16]*} x)" },
	{ "(char *[16])x", "(cast {char*[16]} x)" },
	{ "(int [2][3])x", "(cast {int[3][2]} x)" },
	{ "(int (*[4])[5])x", "(cast {int[5]*[4]} x)" },
	{ "(int (*)(void *, int (*)(int)))x", "(cast {int()*} x)" },
	{ "(int (*(*)(int))[3])x", "(cast {int[3]*()*} x)" },
	{ "(char [])x", "(cast {char[]} x)" },
	{ "(char [MAX + 1])x", "(cast {char[(+ MAX 1)]} x)" },
	{ "(int)sizeof(int)", "(cast {int} (sizeof {int}))" },
	/* sizeof. */
	{ "sizeof x", "(sizeof x)" },
	{ "sizeof(x)", "(sizeof x)" },
	{ "sizeof(x)->y", "(sizeof (-> x y))" },
	{ "sizeof x + 1", "(+ (sizeof x) 1)" },
	{ "sizeof(int) + 1", "(+ (sizeof {int}) 1)" },
	{ "sizeof(struct task_struct)", "(sizeof {struct task_struct})" },
	{ "sizeof(u32)", "(sizeof {u32})" },
	{ "sizeof(char[10])", "(sizeof {char[10]})" },
	{ "sizeof(unsigned long *)", "(sizeof {unsigned long*})" },
	{ "sizeof sizeof x", "(sizeof (sizeof x))" },
	{ "sizeof -x", "(sizeof (- x))" },
	{ "sizeof(x) * 2", "(* (sizeof x) 2)" },
	/* Calls. */
	{ "STRCMP(\"test\", arg1)", "(call STRCMP \"test\" arg1)" },
	{ "STRNCMP(\"te\", args->name, 2) && x", "(&& (call STRNCMP \"te\" (-> args name) 2) x)" },
	{ "ntop(sk->__sk_common.skc_daddr)", "(call ntop (. (-> sk __sk_common) skc_daddr))" },
	{ "ntohs(x) + ntohl(y)", "(+ (call ntohs x) (call ntohl y))" },
	{ "$entry(args->sig)", "(call $entry (-> args sig))" },
	{ "$entry(file)->f_flags", "(-> (call $entry file) f_flags)" },
	{ "STRCMP()", "(call STRCMP)" },
	{ "ntohs(ntohs(x))", "(call ntohs (call ntohs x))" },
	{ "ntohs (x)", "(call ntohs x)" },
	{ "ntohs", "ntohs" },
	{ "lhist($latency/1000, 0, 100, 1)", "(call lhist (/ $latency 1000) 0 100 1)" },
	{ "STRCMP(a ? \"b\" : \"c\", d)", "(call STRCMP (? a \"b\" \"c\") d)" },
	{ "$comm == \"bash\"", "(== $comm \"bash\")" },
	/* Blanks do not matter. */
	{ "a\t+\nb", "(+ a b)" },
	{ "a->b+c[d]", "(+ (-> a b) ([] c d))" },
};

static void test_good(void **state)
{
	struct test t;
	struct node *n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		begin(&t, good[i].text);
		check_taken(&t, good[i].text, parse_expr(&t.parse, &n));
		check_taken(&t, good[i].text, parse_end(&t.parse));
		dump_node(&t.out, n);
		check_text(&t, good[i].text, good[i].expected);
		end(&t);
	}
}

/* --- where an expression ends ---------------------------------------------------------------- */

static const struct {
	const char *text, *expected, *rest;
} prefixes[] = {
	{ "a, b", "a", ", b" },
	{ "a : b", "a", ": b" },
	{ "a ? b : c : d", "(? a b c)", ": d" },
	{ "a ? b : c ? d : e : f", "(? a b (? c d e))", ": f" },
	{ "a#label", "a", "#label" },
	{ "args->ret>0#all 'of' it", "(> (-> args ret) 0)", "#all 'of' it" },
	{ "f(x) \"%d\"", NULL, NULL }, /* no such function */
	{ "a) b", "a", ") b" },
	{ "a \"%s\"", "a", "\"%s\"" },
	{ "a->b(c)", "(-> a b)", "(c)" },
	{ "1 2", "1", "2" },
};

static void test_prefixes(void **state)
{
	struct test t;
	struct node *n;

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		int err;

		begin(&t, prefixes[i].text);
		err = parse_expr(&t.parse, &n);
		if (prefixes[i].expected) {
			check_taken(&t, prefixes[i].text, err);
			dump_node(&t.out, n);
			check_text(&t, prefixes[i].text, prefixes[i].expected);
			assert_string_equal(prefixes[i].text + t.parse.token.at, prefixes[i].rest);
		} else {
			assert_int_equal(err, -EINVAL);
		}
		end(&t);
	}
}

/* What trace reads behind a specification. */
static void test_pieces(void **state)
{
	static const char text[] = "vfs_read (count > 4096) \"%s %d\", file->f_flags, count";
	struct test t;
	struct node *n;

	(void)state;
	begin_at(&t, text, 8);
	assert_true(parse_take(&t.parse, TOKEN_PAREN));
	check_taken(&t, text, parse_expr(&t.parse, &n));
	dump_node(&t.out, n);
	check_text(&t, text, "(> count 4096)");
	assert_int_equal(n->at, 10);
	assert_int_equal(n->end, 22);
	assert_true(parse_take(&t.parse, TOKEN_PAREN_END));
	assert_false(parse_take(&t.parse, TOKEN_COMMA));
	assert_int_equal(t.parse.token.kind, TOKEN_STRING);
	assert_string_equal(t.parse.token.text, "%s %d");
	assert_true(parse_take(&t.parse, TOKEN_STRING));
	assert_true(parse_take(&t.parse, TOKEN_COMMA));
	check_taken(&t, text, parse_list(&t.parse, &n));
	dump_node(&t.out, n);
	check_text(&t, text, "(-> file f_flags)");
	dump_node(&t.out, n->next);
	check_text(&t, text, "count");
	assert_null(n->next->next);
	check_taken(&t, text, parse_end(&t.parse));
	end(&t);
}

/* --- keys ------------------------------------------------------------------------------------ */

static const struct {
	const char *text, *expected, *rest;
} keys[] = {
	{ "$tid", "$tid", "" },
	{ "arg1 \"%d\"", "arg1", "\"%d\"" },
	{ "arg1 (x > 1) \"%d\"", "arg1", "(x > 1) \"%d\"" },
	{ "$tid ($latency > 5)", "$tid", "($latency > 5)" },
	{ "args->dev (x)", "(-> args dev)", "(x)" },
	{ "a[i] (x)", "([] a i)", "(x)" },
	{ "(args->dev, args->sector) \"%s\"", "(tuple (-> args dev) (-> args sector))", "\"%s\"" },
	{ "(a, b, c) (d)", "(tuple a b c)", "(d)" },
	{ "(a) (b)", "a", "(b)" },
	{ "(a + b) * c", "(* (+ a b) c)", "" },
	{ "((a))", "a", "" },
	{ "(u32)arg1 (x)", "(cast {u32} arg1)", "(x)" },
	{ "(struct request *)arg1 (x)", "(cast {struct request*} arg1)", "(x)" },
	{ "ntohs(a) (x)", "(call ntohs a)", "(x)" },
	{ "(ntohs(a), b) (x)", "(tuple (call ntohs a) b)", "(x)" },
	{ "a ? b : c (x)", "(? a b c)", "(x)" },
};

static void test_keys(void **state)
{
	struct test t;
	struct node *n;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		begin(&t, keys[i].text);
		check_taken(&t, keys[i].text, parse_key(&t.parse, &n));
		dump_node(&t.out, n);
		check_text(&t, keys[i].text, keys[i].expected);
		assert_string_equal(keys[i].text + t.parse.token.at, keys[i].rest);
		end(&t);
	}
	begin(&t, "(f(1)) x");
	assert_int_equal(parse_key(&t.parse, &n), -EINVAL);
	assert_string_equal(t.mistake.why, "there is no function f" FUNCTIONS);
	end(&t);
	begin(&t, "(a, b");
	assert_int_equal(parse_key(&t.parse, &n), -EINVAL);
	assert_string_equal(t.mistake.why, "this ( is not closed");
	end(&t);
}

/* --- types ----------------------------------------------------------------------------------- */

static const struct {
	const char *text, *expected, *rest;
} types[] = {
	{ "int", "{int}", "" },
	{ "void", "{void}", "" },
	{ "bool", "{_Bool}", "" },
	{ "_Bool", "{_Bool}", "" },
	{ "char", "{char}", "" },
	{ "signed char", "{signed char}", "" },
	{ "char unsigned", "{unsigned char}", "" },
	{ "short", "{short}", "" },
	{ "short int", "{short}", "" },
	{ "unsigned short int", "{unsigned short}", "" },
	{ "signed", "{int}", "" },
	{ "unsigned", "{unsigned int}", "" },
	{ "long", "{long}", "" },
	{ "long int", "{long}", "" },
	{ "int long unsigned", "{unsigned long}", "" },
	{ "long long", "{long long}", "" },
	{ "long int long", "{long long}", "" },
	{ "signed long long int", "{long long}", "" },
	{ "unsigned long long", "{unsigned long long}", "" },
	{ "unsigned const int volatile", "{unsigned int}", "" },
	{ "u64", "{u64}", "" },
	{ "unknown_t", "{unknown_t}", "" },
	{ "char*:expr", "{char*}", ":expr" },
	{ "u32,u32:prev->pid", "{u32}", ",u32:prev->pid" },
	{ "struct a **", "{struct a**}", "" },
	{ "int (*)(int)", "{int()*}", "" },
	{ "int *(int)", "{int*()}", "" },
	{ "int *restrict", "{int*}", "" },
	{ "enum e", "{enum e}", "" },
	{ "char[4]", "{char[4]}", "" },
	{ "char x", "{char}", "x" },
};

static void test_types(void **state)
{
	struct type_name *type;
	struct test t;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		begin(&t, types[i].text);
		check_taken(&t, types[i].text, parse_type(&t.parse, &type));
		dump_type(&t.out, type);
		check_text(&t, types[i].text, types[i].expected);
		assert_string_equal(types[i].text + t.parse.token.at, types[i].rest);
		end(&t);
	}
}

static const struct {
	const char *text, *expected;
} signatures[] = {
	{ "()", "()" },
	{ "( )", "()" },
	{ "(void)", "()" },
	{ "(int fd)", "(fd {int})" },
	{ "(char *s)", "(s {char*})" },
	{ "(const char *s, size_t n)", "(s {char*}, n {size_t})" },
	{ "(struct timespec *req)", "(req {struct timespec*})" },
	{ "(SSL *ssl, const void *buf, int num)", "(ssl {SSL*}, buf {void*}, num {int})" },
	{ "(foo_t x)", "(x {foo_t})" },
	{ "(u32 *x)", "(x {u32*})" },
	{ "(int (*cb)(int), int x)", "(cb {int()*}, x {int})" },
	{ "(int (*cb[2])(char *, ...), int x)", "(cb {int()*[2]}, x {int})" },
	{ "(char *argv[])", "(argv {char*[]})" },
	{ "(char name[16], int m[2][3])", "(name {char[16]}, m {int[3][2]})" },
	{ "(const char *format, ...)", "(format {char*})" },
	{ "(const char __user *name)", "(name {char __user *})" },
	{ "(int, char *)", "({int}, {char*})" },
	{ "(void *p)", "(p {void*})" },
	{ "(unsigned long a, unsigned b)", "(a {unsigned long}, b {unsigned int})" },
	{ "(double x, float, long double *y)", "(x {double}, {float}, y {long double*})" },
};

static void test_signatures(void **state)
{
	struct parameter *first;
	struct test t;

	(void)state;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		begin(&t, signatures[i].text);
		if (!parse_signature_next(&t.parse))
			fail_msg("%s: not taken for a signature", signatures[i].text);
		check_taken(&t, signatures[i].text, parse_signature(&t.parse, &first));
		check_taken(&t, signatures[i].text, parse_end(&t.parse));
		dump_signature(&t.out, first);
		check_text(&t, signatures[i].text, signatures[i].expected);
		end(&t);
	}
}

/* Predicates, which stand in the same place. */
static void test_predicates(void **state)
{
	static const char *const predicates[] = {
		"(x)", "(x > 1)", "((int)retval < 0)", "(sizeof(int) > x)", "(!x)", "(a * b)",
		"(a *b > c)", "(a && b)", "(STRCMP(\"a\", b))", "($pid == 1)", "(arg3 > 20000)",
		"(1)", "(a[1])", "((u32)x)", "", "x", "\"x\"", "(", "(a", "(a *", "(\"x",
	};
	struct test t;

	(void)state;
	for (size_t i = 0; i < sizeof(predicates) / sizeof(predicates[0]); i++) {
		begin(&t, predicates[i]);
		if (parse_signature_next(&t.parse))
			fail_msg("%s: taken for a signature", predicates[i]);
		end(&t);
	}
}

/* --- mistakes -------------------------------------------------------------------------------- */

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

/* --- ranges ---------------------------------------------------------------------------------- */

/* What the range of a node has, read by itself, is that node. */
static void check_ranges(const char *text, const struct node *n)
{
	char *piece = strndup(text + n->at, n->end - n->at);
	struct strbuf expected = {};
	struct node *again;
	struct test t;

	begin(&t, piece);
	check_taken(&t, piece, parse_expr(&t.parse, &again));
	check_taken(&t, piece, parse_end(&t.parse));
	dump_node(&expected, n);
	dump_node(&t.out, again);
	check_text(&t, piece, strbuf_cstr(&expected));
	assert_true(n->where >= n->at && n->where < n->end);
	strbuf_free(&expected);
	end(&t);
	free(piece);
	if (n->condition)
		check_ranges(text, n->condition);
	if (n->left)
		check_ranges(text, n->left);
	if (n->right)
		check_ranges(text, n->right);
	for (const struct node *child = n->list; child; child = child->next)
		check_ranges(text, child);
}

static void test_ranges(void **state)
{
	struct test t;
	struct node *n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		begin(&t, good[i].text);
		check_taken(&t, good[i].text, parse_expr(&t.parse, &n));
		check_ranges(good[i].text, n);
		end(&t);
	}
}

/* Where carets of later stages go: to the sign, to the member's name, to the type. */
static void test_places(void **state)
{
	static const char text[] = "aa + bb->cc * (struct dd *)ee";
	struct test t;
	struct node *n;

	(void)state;
	begin(&t, text);
	check_taken(&t, text, parse_expr(&t.parse, &n));
	assert_int_equal(n->where, 3);
	n = n->right;
	assert_int_equal(n->at, 5);
	assert_int_equal(n->where, 12);
	assert_int_equal(n->left->where, 9);
	assert_int_equal(n->left->end, 11);
	n = n->right;
	assert_int_equal(n->at, 14);
	assert_int_equal(n->type->kind, TYPE_POINTER);
	assert_int_equal(n->type->at, 25);
	assert_int_equal(n->type->of->at, 15);
	assert_int_equal(n->type->of->end, 24);
	assert_int_equal(n->left->at, 27);
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
		cmocka_unit_test(test_good),	   cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_pieces),	   cmocka_unit_test(test_keys),
		cmocka_unit_test(test_types),	   cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_predicates), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_report),	   cmocka_unit_test(test_first),
		cmocka_unit_test(test_ranges),	   cmocka_unit_test(test_places),
		cmocka_unit_test(test_depth),	   cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
