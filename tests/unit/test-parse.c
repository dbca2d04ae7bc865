// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Expressions, types and signatures: what tree each gives, where an expression ends. */
#include <errno.h>
#include <stdlib.h>

#include "parsing.h"
#include "expr/dump.h"

static void check_text(struct test *t, const char *text, const char *expected)
{
	const char *is = strbuf_cstr(&t->out);

	if (strcmp(is, expected))
		fail_msg("%s: is\n    %s, not\n    %s", text, is, expected);
	strbuf_clear(&t->out);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	   cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_pieces),	   cmocka_unit_test(test_keys),
		cmocka_unit_test(test_types),	   cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_predicates), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
