// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Specifications: what each form means, where a prefix ends, what is refused and where. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "child.h"
#include "probe/spec.h"
#include "strbuf.h"

#define REST(text) text /* what follows a prefix */
#define WHOLE NULL

/* A specification in one line, to be compared with what is expected. */
static const char *describe(const struct spec *s)
{
	static const char *const kinds[] = { "kernel", "user", "tracepoint", "usdt" };
	static char line[512];
	int n = snprintf(line, sizeof(line), "%s", kinds[s->kind]);

#define PART(when, format, value) \
	n += (when) ? snprintf(line + n, sizeof(line) - n, " " format, value) : 0
	PART(s->ret, "%s", "return");
	PART(s->module, "module=%s", s->module);
	PART(s->library, "library=%s", s->library);
	PART(s->group.text, "group=%s", s->group.text);
	PART(s->group.wild, "%s", "(wild)");
	PART(true, "name=%s", s->name.text);
	PART(s->name.wild, "%s", "(wild)");
	PART(s->syscall, "syscall=%s", s->syscall);
	PART(s->offset, "+%llu", (unsigned long long)s->offset);
	return line;
}

static void check_good(const char *text, const char *rest, bool regex, const char *expected)
{
	struct mistake error = { .why = "" };
	const char *end = NULL;
	struct spec s;
	int err = spec_parse(&s, text, rest ? &end : NULL, regex, &error);

	if (err)
		fail_msg("%s: refused: %s", text, error.why);
	if (strcmp(describe(&s), expected))
		fail_msg("%s: is\n    %s, not\n    %s", text, describe(&s), expected);
	if (rest && strcmp(end, rest))
		fail_msg("%s: leaves '%s', not '%s'", text, end, rest);
	spec_free(&s);
}

static const struct {
	const char *text, *rest, *expected;
} good[] = {
	/* The kernel's. */
	{ "vfs_read", WHOLE, "kernel name=vfs_read" },
	{ "  vfs_read  ", WHOLE, "kernel name=vfs_read" },
	{ "p::vfs_read", WHOLE, "kernel name=vfs_read" },
	{ "::vfs_read", WHOLE, "kernel name=vfs_read" },
	{ "r::vfs_read", WHOLE, "kernel return name=vfs_read" },
	{ "vfs_*", WHOLE, "kernel name=vfs_* (wild)" },
	{ "vfs_[rw]??*", WHOLE, "kernel name=vfs_[rw]??* (wild)" },
	{ "[!a-z]x", WHOLE, "kernel name=[!a-z]x (wild)" },
	{ "finish_task_switch.isra.0", WHOLE, "kernel name=finish_task_switch.isra.0" },
	{ "vfs_read+16", WHOLE, "kernel name=vfs_read +16" },
	{ "p::vfs_read+0x1f", WHOLE, "kernel name=vfs_read +31" },
	{ "[ext4]:ext4_*", WHOLE, "kernel module=ext4 name=ext4_* (wild)" },
	{ "r:[nf_nat]:f", WHOLE, "kernel return module=nf_nat name=f" },
	{ "sys_clone", WHOLE, "kernel name=sys_clone syscall=clone" },
	{ "SyS_clone", WHOLE, "kernel name=SyS_clone syscall=clone" },
	{ "__x64_sys_clone", WHOLE, "kernel name=__x64_sys_clone syscall=clone" },
	{ "__arm64_sys_clone", WHOLE, "kernel name=__arm64_sys_clone syscall=clone" },
	{ "__do_sys_clone", WHOLE, "kernel name=__do_sys_clone" },
	{ "sys_", WHOLE, "kernel name=sys_" },
	{ "ksyscall:clone", WHOLE, "kernel name=sys_clone syscall=clone" },
	{ "ksyscall:sys_clone", WHOLE, "kernel name=sys_clone syscall=clone" },
	{ "p:ksyscall:clone*", WHOLE, "kernel name=sys_clone* (wild) syscall=clone*" },
	{ "r:ksyscall:clone", WHOLE, "kernel return name=sys_clone syscall=clone" },
	/* Programs' and libraries'. */
	{ "c:malloc", WHOLE, "user library=c name=malloc" },
	{ "p:c:malloc", WHOLE, "user library=c name=malloc" },
	{ ":c:malloc", WHOLE, "user library=c name=malloc" },
	{ "r:c:malloc", WHOLE, "user return library=c name=malloc" },
	{ "r:r:r", WHOLE, "user return library=r name=r" },
	{ "/bin/bash:readline", WHOLE, "user library=/bin/bash name=readline" },
	{ "./a b/x:main", WHOLE, "user library=./a b/x name=main" },
	{ "stdc++:_Znwm", WHOLE, "user library=stdc++ name=_Znwm" },
	{ "/x:main+4", WHOLE, "user library=/x name=main +4" },
	{ "/x:memcpy@@GLIBC_2.14", WHOLE, "user library=/x name=memcpy@@GLIBC_2.14" },
	{ "/x:ns::C<a, b>::f(int, char*) const ", WHOLE,
	  "user library=/x name=ns::C<a, b>::f(int, char*) const (wild)" },
	{ "/x:operator+", WHOLE, "user library=/x name=operator+" },
	{ "/x:operator+(a)", WHOLE, "user library=/x name=operator+(a)" },
	{ "/x:main.(*T).M", WHOLE, "user library=/x name=main.(*T).M (wild)" },
	{ "p:\"/a:b\":f", WHOLE, "user library=/a:b name=f" },
	{ "/x:\"a:b\"", WHOLE, "user library=/x name=a:b" },
	{ "/x:\"a:b\"+8", WHOLE, "user library=/x name=a:b +8" },
	{ "\"/a \\\"b\":\"f\\\"\"", WHOLE, "user library=/a \"b name=f\"" },
	/* Tracepoints. */
	{ "t:sched:sched_switch", WHOLE, "tracepoint group=sched name=sched_switch" },
	{ "t:sys*:sys_enter_*", WHOLE, "tracepoint group=sys* (wild) name=sys_enter_* (wild)" },
	{ "t::sched_switch", WHOLE, "tracepoint name=sched_switch" },
	/* USDT. */
	{ "u:c:probe", WHOLE, "usdt library=c name=probe" },
	{ "u:c:libc:probe", WHOLE, "usdt library=c group=libc name=probe" },
	{ "u:c::probe", WHOLE, "usdt library=c name=probe" },
	{ "u::probe*", WHOLE, "usdt name=probe* (wild)" },
	{ "u::prov:probe", WHOLE, "usdt group=prov name=probe" },
	{ "u:x:libx:int", WHOLE, "usdt library=x group=libx name=int" },
	{ "u:/x:my-prov:query__start", WHOLE, "usdt library=/x group=my-prov name=query__start" },
	/* A prefix of a longer text. */
	{ "vfs_read", REST(""), "kernel name=vfs_read" },
	{ "vfs_read \"%d\", arg1", REST(" \"%d\", arg1"), "kernel name=vfs_read" },
	{ "sys_read(arg3 > 20000) \"x\"", REST("(arg3 > 20000) \"x\""),
	  "kernel name=sys_read syscall=read" },
	{ "p:c:open(char *f) \"open %s)\", f", REST("(char *f) \"open %s)\", f"),
	  "user library=c name=open" },
	{ "vfs_read \"a:b\"", REST(" \"a:b\""), "kernel name=vfs_read" },
	{ "f (a ? b : c)", REST(" (a ? b : c)"), "kernel name=f" },
	{ "f+4(int x)", REST("(int x)"), "kernel name=f +4" },
	{ "p::do_sys_open::$KSTACK", REST("::$KSTACK"), "kernel name=do_sys_open" },
	{ "r::F::sum($latency)", REST("::sum($latency)"), "kernel return name=F" },
	{ "t:syscalls:sys_exit_write::$COMM,sum(args->ret):args->ret>0",
	  REST("::$COMM,sum(args->ret):args->ret>0"),
	  "tracepoint group=syscalls name=sys_exit_write" },
	{ "t:irq:irq_handler_entry():int:args->irq", REST("():int:args->irq"),
	  "tracepoint group=irq name=irq_handler_entry" },
	{ "t:syscalls:sys_exit_kill <- t:syscalls:sys_enter_kill @ $tid",
	  REST(" <- t:syscalls:sys_enter_kill @ $tid"),
	  "tracepoint group=syscalls name=sys_exit_kill" },
	{ "c:write@$tid", REST("@$tid"), "user library=c name=write" },
	{ "c:write@@ $tid", REST("@@ $tid"), "user library=c name=write" },
	{ "u:pthread:pthread_start():u64:arg2", REST("():u64:arg2"),
	  "usdt library=pthread name=pthread_start" },
	{ "u:pthread:pthread_start::arg2", REST("::arg2"),
	  "usdt library=pthread name=pthread_start" },
	{ "u:x:libx:start:u64:arg2", REST(":u64:arg2"), "usdt library=x group=libx name=start" },
	{ "u:x:libx:start:int:arg2", REST(":int:arg2"), "usdt library=x group=libx name=start" },
	{ "u:x:libx:start", REST(""), "usdt library=x group=libx name=start" },
	{ "u:x:start:int:arg1", REST(":int:arg1"), "usdt library=x name=start" },
	{ "u:x:start : int : arg1", REST(" : int : arg1"), "usdt library=x name=start" },
	{ "u:x:start: int : arg1", REST(": int : arg1"), "usdt library=x name=start" },
	{ "u:x:start:char*:arg1", REST(":char*:arg1"), "usdt library=x name=start" },
	{ "u:x:start:char *:arg1", REST(":char *:arg1"), "usdt library=x name=start" },
	{ "u:x:start:unsigned int:arg1", REST(":unsigned int:arg1"), "usdt library=x name=start" },
	{ "u:x:start:const char *,u64:a,b", REST(":const char *,u64:a,b"),
	  "usdt library=x name=start" },
	{ "u:x:start:struct s *:arg1", REST(":struct s *:arg1"), "usdt library=x name=start" },
	{ "u:x:start:name_t *:arg1", REST(":name_t *:arg1"), "usdt library=x name=start" },
	/* These may be patterns, or probes. */
	{ "u:x:start:name_t*:arg1", REST(":arg1"),
	  "usdt library=x group=start name=name_t* (wild)" },
	{ "u:x:libx:int*", REST(""), "usdt library=x group=libx name=int* (wild)" },
	{ "u:x:libx:long():int:arg1", REST("():int:arg1"), "usdt library=x group=libx name=long" },
	{ "u:x:libx:long \"%d\", arg1", REST(" \"%d\", arg1"),
	  "usdt library=x group=libx name=long" },
	{ "u:x:libx:int_t:int:arg1", REST(":int:arg1"), "usdt library=x group=libx name=int_t" },
	{ "p:/x:\"ns::f(int)\"(int a) \"t\"", REST("(int a) \"t\""),
	  "user library=/x name=ns::f(int)" },
	{ "vfs_*#label", REST("#label"), "kernel name=vfs_* (wild)" },
	{ "/x:a[0-9]b[", REST("["), "user library=/x name=a[0-9]b (wild)" },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_good(good[i].text, good[i].rest, false, good[i].expected);
}

static void test_regex(void **state)
{
	(void)state;
	check_good("^vfs_(read|write)$", WHOLE, true, "kernel name=^vfs_(read|write)$ (wild)");
	check_good("vfs_[[:alpha:]]+", WHOLE, true, "kernel name=vfs_[[:alpha:]]+ (wild)");
	check_good("[[:alpha:]]+", WHOLE, true, "kernel name=[[:alpha:]]+ (wild)");
	check_good("c:^str(len|n?cpy)$", WHOLE, true,
		   "user library=c name=^str(len|n?cpy)$ (wild)");
	check_good("/x.so+:a+4", WHOLE, true, "user library=/x.so+ name=a+4 (wild)");
	check_good("r::a|b", WHOLE, true, "kernel return name=a|b (wild)");
	check_good("/x:a::b", WHOLE, true, "user library=/x name=a::b (wild)");
	check_good("t:(sched|irq):s.*", WHOLE, true,
		   "tracepoint group=(sched|irq) (wild) name=s.* (wild)");
	check_good("u:c:lib.*:s.*", WHOLE, true,
		   "usdt library=c group=lib.* (wild) name=s.* (wild)");
	check_good("ksyscall:a|b", WHOLE, true,
		   "kernel name=sys_(a|b) (wild) syscall=(a|b)");
}

static const struct {
	const char *text;
	size_t at;
	const char *why; /* a part of it */
} bad[] = {
	{ "", 0, "a specification is missing" },
	{ "  ", 2, "a specification is missing" },
	{ "p:vfs_read", 2, "write p::FUNC" },
	{ "r:vfs_read", 2, "write r::FUNC" },
	{ "p::", 3, "function's name is missing" },
	{ "c:", 2, "function's name is missing" },
	{ "vfs_read:", 9, "function's name is missing" },
	{ "p:::f", 3, "two colons too many" },
	{ "ns::f(int)", 3, "behind its file: FILE:ns::" },
	{ "vfs read", 4, "cannot be part of a function's name" },
	{ "vfs_read()", 8, "cannot be part of a function's name" },
	{ "vfs/read", 3, "cannot be part" },
	{ "p::a:b", 4, "has no colon" },
	{ "k:vfs_read", 0, "'k:' is written p::FUNC" },
	{ "kprobe:vfs_read", 0, "'kprobe:' is written p::FUNC" },
	{ "tracepoint:a:b", 0, "is written t:CATEGORY:EVENT" },
	{ "x:c:malloc", 0, "the type must be p, r, t or u" },
	{ "lib*:f", 0, "no wildcards" },
	{ "[]:f", 0, "module's name is missing" },
	{ "f+", 2, "an offset is a number" },
	{ "f+0x", 2, "an offset is a number" },
	{ "f+12z", 2, "an offset is a number" },
	{ "f+99999999999999999999", 2, "an offset is a number" },
	{ "f*+4", 2, "has wildcards" },
	{ "r::f+4", 4, "return has no offset" },
	{ "t:sched_switch", 14, "t::sched_switch finds it" },
	{ "t:", 2, "category is missing" },
	{ "t:sched:", 8, "event is missing" },
	{ "t:a:b:c", 5, "too many colons" },
	{ "t:a:b+4", 5, "a tracepoint's name" },
	{ "u:probe", 2, "u:LIBRARY:PROBE" },
	{ "u:c:", 4, "probe's name is missing" },
	{ "u:c:a:", 6, "probe's name is missing" },
	{ "u:c:a:b:c", 7, "too many colons" },
	{ "u:ksyscall:a", 11, "no USDT probes" },
	{ "c:\"abc", 2, "quote is not closed" },
	{ "c:\"\"", 2, "name is missing" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct mistake error = { .why = "" };
		struct spec s;

		if (spec_parse(&s, bad[i].text, NULL, false, &error) != -EINVAL)
			fail_msg("%s: taken: %s", bad[i].text, describe(&s));
		if (error.at != bad[i].at || !strstr(error.why, bad[i].why))
			fail_msg("%s: at %zu: %s", bad[i].text, error.at, error.why);
		spec_free(&s); /* all-zero again */
	}
}

static void test_bad_regex(void **state)
{
	struct mistake error;
	struct spec s;

	(void)state;
	assert_int_equal(spec_parse(&s, "c:a(b", NULL, true, &error), -EINVAL);
	assert_int_equal(error.at, 2);
	assert_non_null(strstr(error.why, "regular expression: "));
}

/* Every beginning of every text: never a crash, never read past the end (ASan sees that). */
static void test_cut(void **state)
{
	struct mistake error;
	const char *end;
	struct spec s;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t size = 0; size <= strlen(good[i].text); size++) {
			char *cut = strndup(good[i].text, size);

			for (int mode = 0; mode < 4; mode++) {
				if (spec_parse(&s, cut, mode & 1 ? &end : NULL, mode & 2, &error))
					assert_in_range(error.at, 0, size);
				else
					assert_non_null(s.text);
				spec_free(&s);
			}
			free(cut);
		}
	}
}

static void test_text(void **state)
{
	struct mistake error;
	const char *end;
	struct spec s;

	(void)state;
	assert_int_equal(spec_parse(&s, " p:c:write(int fd)", &end, false, &error), 0);
	assert_string_equal(s.text, "p:c:write");
	spec_free(&s);
}

/* --- the report ------------------------------------------------------------------------------ */

static void report(const void *text)
{
	struct mistake error;
	struct spec s;

	CHECK(spec_parse(&s, text, NULL, false, &error) == -EINVAL);
	mistake_report(text, &error);
}

/* The column of the caret in the last line, and of a character in the line before. */
static void check_caret(const char *character)
{
	const char *last = strrchr(child_said, '^'), *line = last, *before;

	assert_non_null(last);
	while (line > child_said && line[-1] != '\n')
		line--;
	before = line - 1;
	while (before > child_said && before[-1] != '\n')
		before--;
	if (strncmp(before + (last - line), character, strlen(character)))
		fail_msg("the caret is not below '%s':\n%s", character, child_said);
}

static void test_report(void **state)
{
	char text[512];

	(void)state;
	assert_true(child_run_good(report, "vfs read"));
	assert_non_null(strstr(child_said, ":   vfs read\n"));
	check_caret("read");
	assert_true(child_run_good(report, "t:sched_switch"));
	check_caret("\n");
	/* As diag() escapes it: one byte is four columns. */
	assert_true(child_run_good(report, "\x01\x01 %"));
	memset(text, 'a', sizeof(text));
	strcpy(text + 300, "%bbb");
	memset(text + 304, 'c', 100);
	text[404] = '\0';
	assert_true(child_run_good(report, text));
	check_caret("%bbb");
}

/* --- patterns -------------------------------------------------------------------------------- */

static bool matches(const char *text, bool regex, const char *name)
{
	struct pattern p;
	bool yes;

	assert_null(pattern_set(&p, text, regex));
	yes = pattern_match(&p, name);
	pattern_free(&p);
	return yes;
}

static void test_pattern(void **state)
{
	struct pattern p = {};

	(void)state;
	assert_true(pattern_match(&p, "anything"));
	assert_true(matches("vfs_read", false, "vfs_read"));
	assert_false(matches("vfs_read", false, "vfs_readv"));
	assert_true(matches("vfs_*", false, "vfs_"));
	assert_false(matches("vfs_*", false, "vfs"));
	assert_true(matches("*sleep*", false, "do_nanosleep_x"));
	assert_true(matches("a?c[0-9]", false, "abc7"));
	assert_false(matches("a?c[0-9]", false, "abcd"));
	assert_true(matches("(\\*T).M", false, "(*T).M"));
	assert_false(matches("(\\*T).M", false, "(xT).M"));
	assert_true(matches("operator[]", false, "operator[]"));
	assert_true(matches("a.c+", false, "a.c+"));
	assert_false(matches("a.c", false, "abc"));
	assert_true(matches("str(len|cpy)", true, "strlen"));
	assert_false(matches("str(len|cpy)", true, "strlen2")); /* all of it */
	assert_false(matches("a|b", true, "bc"));
	assert_true(matches("^ab$", true, "ab"));
	assert_non_null(pattern_set(&p, "a[", true));
	assert_null(p.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	cmocka_unit_test(test_regex),
		cmocka_unit_test(test_bad),	cmocka_unit_test(test_bad_regex),
		cmocka_unit_test(test_cut),	cmocka_unit_test(test_text),
		cmocka_unit_test(test_report),	cmocka_unit_test(test_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
