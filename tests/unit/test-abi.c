// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Where parameters lie, of functions that a compiler has described: the rules of each machine are
 * tried on all machines. A place is
 *
 *	r2 f2	the register for integers, for floating point, counted from 0
 *	rf	one half here, the other there
 *	s16	on the stack, 16 bytes behind the first
 *	&r2	its address is what lies there
 *	?	not known
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "debuginfo.h"
#include "probe/abi.h"

static const char types_text[] =
	"typedef __int128 i128; typedef long double ld; typedef int v4 __attribute__((vector_size(16)));\n"
	"struct i2 { int a, b; }; struct l2 { long a, b; }; struct d2 { double a, b; };\n"
	"struct dl { double a; long b; }; struct fi { float a; int b; }; struct f3 { float a[3]; };\n"
	"struct l3 { long a, b, c; }; struct d4 { double a, b, c, d; }; struct d5 { double a[5]; };\n"
	"struct fd { float a; double b; }; struct c3 { char a[3]; }; struct q { i128 a; };\n"
	"struct ql { i128 a; long b; }; struct x { ld a; }; struct x2 { ld a, b; };\n"
	"struct bits { int a : 3; long b : 40; }; struct large { char a[4096]; ld b; };\n"
	"struct deep { struct { float a; } a; union { struct f3 b; float c; } b[1]; };\n"
	"union lf { long a; double b; }; union ff { float a, b[3]; }; union xl { ld a; long b; };\n"
	"struct empty {}; struct packed { char a; int b; } __attribute__((packed));\n"
	"struct wide { int a; } __attribute__((aligned(16))); struct vector { v4 a; };\n"
	"struct rest { int a; char b[]; }; struct inner { long a __attribute__((aligned(16))); };\n"
	"typedef int far __attribute__((aligned(16)));\n";

#define A5 "int a, int b, int c, int d, int e"
#define A6 A5 ", int f"
#define A8 A6 ", int g, int h"
#define D7 "double a, double b, double c, double d, double e, double f, double g"
#define R5 "r0 r1 r2 r3 r4"
#define F7 "f0 f1 f2 f3 f4 f5 f6"

static const struct row {
	const char *result, *parameters;
	const char *x86, *arm, *words, *slots; /* NULL: as arm */
} rows[] = {
	/* Words. */
	{ "void", "signed char a, short b, int c, long d, char *e, _Bool f, int g, short h, char i",
	  R5 " r5 s0 s8 s16", R5 " r5 r6 r7 s0", R5 " r5 r6 r7 r8", R5 " r5 r6 r7 r8" },
	{ "int", "int a, ...", "r0", "r0", "r0", "r0" },
	/* Floating point. */
	{ "double", "double x, int i, float y, char *s", "f0 r0 f1 r1", "f0 r0 f1 r1", "? ? ? ?",
	  "? ? ? ?" },
	{ "void", D7 ", float h, float i, double j, int k", F7 " f7 s0 s8 r0", F7 " f7 s0 s8 r0",
	  NULL, NULL },
	{ "void", "ld a, int b", "s0 r0", "f0 r0", NULL, NULL },
	{ "void", A6 ", short g, ld h, int i", R5 " r5 s0 s16 s32", R5 " r5 r6 f0 r7", NULL, NULL },
	{ "ld", "int a", "r0", "r0", "?", "r0" },
	/* Small structs. */
	{ "void", "struct i2 a, int b", "r0 r1", "r0 r1", "r0 r1", "r0 r1" },
	{ "void", "struct l2 a, int b", "r0 r2", "r0 r2", "? ?", "r0 r2" },
	{ "void", "struct c3 a, int b", "r0 r1", "r0 r1", "? ?", "r0 r1" },
	{ "void", "struct bits a, int b", "r0 r1", "r0 r1", "r0 r1", "r0 r1" },
	{ "void", "struct d2 a, double b, int c", "f0 f2 r0", "f0 f2 r0", NULL, NULL },
	{ "void", "struct dl a, double b, int c", "rf f1 r1", "r0 f0 r2", NULL, NULL },
	{ "void", "struct fi a, float b, int c", "r0 f0 r1", "r0 f0 r1", NULL, NULL },
	{ "void", "struct fd a, float b, int c", "f0 f2 r0", "r0 f0 r2", NULL, NULL },
	{ "void", "struct f3 a, float b, int c", "f0 f2 r0", "f0 f3 r0", NULL, NULL },
	{ "void", "struct deep a, float b, int c", "f0 f2 r0", "f0 f4 r0", NULL, NULL },
	{ "void", "union lf a, double b, int c", "r0 f0 r1", "r0 f0 r1", NULL, NULL },
	{ "void", "union ff a, float b, int c", "f0 f2 r0", "f0 f3 r0", NULL, NULL },
	/* What finds no room takes none on x86, and ends it on arm. */
	{ "void", A5 ", struct l2 f, int g, int h", R5 " s0 r5 s16", R5 " r5 r7 s0", NULL, NULL },
	{ "void", A8 ", struct l2 i, int j", R5 " r5 s0 s8 s16 s32", R5 " r5 r6 r7 s0 s16", NULL, NULL },
	{ "void", A6 ", int g, struct l2 i, int j", R5 " r5 s0 s8 s24", R5 " r5 r6 s0 s16", NULL, NULL },
	{ "void", D7 ", struct d2 h, double i, int j", F7 " s0 f7 r0", F7 " s0 s16 r0", NULL, NULL },
	{ "void", D7 ", double h, struct dl i, int j, double k", F7 " f7 s0 r0 s16",
	  F7 " f7 r0 r2 s0", NULL, NULL },
	{ "void", A6 ", struct dl g, double h", R5 " r5 s0 f0", R5 " r5 r6 f0", NULL, NULL },
	/* 16 bytes, and on which boundary. */
	{ "void", "int a, i128 b, int c", "r0 r1 r3", "r0 r2 r4", "r0 ? ?", "r0 r1 r3" },
	{ "void", "int a, struct q b, int c", "r0 r1 r3", "r0 r2 r4", "r0 ? ?", "r0 r1 r3" },
	{ "void", A5 ", i128 f, int g, int h", R5 " s0 r5 s16", R5 " r6 s0 s8", R5 " ? ? ?",
	  R5 " r5 r7 r8" },
	{ "void", A6 ", short g, i128 h, int i", R5 " r5 s0 s16 s32", R5 " r5 r6 s0 s16", NULL, NULL },
	{ "void", A8 ", short i, i128 j, int k", R5 " r5 s0 s8 s16 s32 s48", R5 " r5 r6 r7 s0 s16 s32",
	  NULL, NULL },
	{ "void", A8 ", short i, struct q j, int k", R5 " r5 s0 s8 s16 s32 s48",
	  R5 " r5 r6 r7 s0 s16 s32", NULL, NULL },
	{ "void", "struct x a, int b", "s0 r0", "f0 r0", NULL, NULL },
	/* Large ones. */
	{ "void", "struct l3 a, int b", "s0 r0", "&r0 r1", "? ?", "? ?" },
	{ "void", A8 ", struct l3 i, int j", R5 " r5 s0 s8 s16 s40", R5 " r5 r6 r7 &s0 s8", NULL, NULL },
	{ "void", "struct d4 a, double b, int c", "s0 f0 r0", "f0 f4 r0", NULL, NULL },
	{ "void", "struct d5 a, double b, int c", "s0 f0 r0", "&r0 f0 r1", NULL, NULL },
	{ "void", A6 ", int g, struct x2 h, struct ql i, int j", R5 " r5 s0 s16 s48 s80",
	  R5 " r5 r6 f0 &r7 s0", NULL, NULL },
	{ "void", A6 ", int g, struct large h, int i", R5 " r5 s0 s16 s4128", R5 " r5 r6 &r7 s0",
	  NULL, NULL },
	/* Results in memory. */
	{ "struct l3", "int a, struct l2 b, int c", "r1 r2 r4", "r0 r1 r3", "? ? ?", "r0 r1 r3" },
	{ "struct d4", "int a", "r1", "r0", "?", "r0" },
	{ "struct large", A6, "r1 r2 r3 r4 r5 s0", R5 " r5", NULL, R5 " r5" },
	{ "struct l2", "int a", "r0", "r0", "?", "r0" },
	{ "struct d2", "int a", "r0", "r0", "?", "r0" },
	{ "struct x", "int a", "r0", "r0", "?", "r0" },
	{ "i128", "int a", "r0", "r0", "?", "r0" },
	/* What cannot be told. */
	{ "void", "int a, struct packed b, int c", "r0 ? ?", "r0 ? ?", "r0 ? ?", "r0 r1 r2" },
	{ "void", "int a, struct wide b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r3" },
	{ "void", "int a, struct inner b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r3" },
	{ "void", "int a, far b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r2" },
	{ "void", "int a, v4 b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r3" },
	{ "void", "int a, struct vector b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r3" },
	{ "void", "int a, struct empty b, int c", "r0 ? ?", "r0 ? ?", NULL, NULL },
	{ "void", "int a, struct rest b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r2" },
	{ "void", "int a, union xl b, int c", "r0 ? ?", "r0 r2 r4", "r0 ? ?", "r0 r1 r3" },
	{ "void", "int a, _Complex double b, int c", "r0 ? ?", "r0 ? ?", NULL, "r0 r1 r3" },
	{ "_Complex double", "int a", "?", "r0", "?", "r0" },
	{ "union xl", "int a", "?", "r0", "?", "r0" },
	{ "v4", "int a", "?", "r0", "?", "r0" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int setup(void **state)
{
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	f = file_start("rows.c");
	fprintf(f, "%s", types_text);
	for (size_t i = 0; i < ROWS; i++)
		fprintf(f, "%s row%zu(%s) { for (;;) ; }\n", rows[i].result, i, rows[i].parameters);
	return fclose(f);
}

static const char *place_text(struct abi_place place)
{
	static const char *const words[] = {
		[ABI_REGISTERS] = "r%llu", [ABI_FLOATS] = "f%llu", [ABI_BOTH] = "rf",
		[ABI_STACK] = "s%llu", [ABI_UNKNOWN] = "?",
	};
	static char text[32];

	text[0] = '&';
	snprintf(text + 1, sizeof(text) - 1, words[place.where], (unsigned long long)place.at);
	return place.is_address ? text : text + 1;
}

static void check(const char *name, enum abi_kind kind, const char *wanted)
{
	struct ctype_function f;
	struct ctype_param p;
	char text[256] = "";
	struct abi a;
	int n = 0;

	if (ctypes_function(&types, name, &f))
		fail_msg("there is no function %s", name);
	abi_start(&a, kind);
	abi_result(&a, f.type->target);
	for (unsigned int i = 0; ctype_param(f.type, i, &p); i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
			      place_text(abi_parameter(&a, p.type)));
	if (strcmp(text, wanted))
		fail_msg("%s, rules %d: %s, wanted %s", name, kind, text, wanted);
}

static void check_rows(const char *compiler)
{
	static const char *functions[ROWS + 1];
	static char names[ROWS][16];
	char command[128];

	for (size_t i = 0; i < ROWS; i++) {
		snprintf(names[i], sizeof(names[i]), "row%zu", i);
		functions[i] = names[i];
	}
	print_message("%s\n", compiler);
	snprintf(command, sizeof(command), "%s -w -Wno-psabi -O1 -fPIC -shared rows.c -o rows", compiler);
	assert_int_equal(run(command), 0);
	load("rows", functions);
	for (size_t i = 0; i < ROWS; i++) {
		check(names[i], ABI_X86_64, rows[i].x86);
		check(names[i], ABI_ARM64, rows[i].arm);
		if (rows[i].words)
			check(names[i], ABI_WORDS, rows[i].words);
		if (rows[i].slots)
			check(names[i], ABI_SLOTS, rows[i].slots);
	}
	unload();
}

static void c(void **state)
{
	(void)state;
	check_rows("gcc -g");
	check_rows("gcc -gdwarf-4");
	check_rows("gcc -gdwarf-5 -fdebug-types-section");
}

/* --- other languages ---------------------------------------------------------------------- */

static const char classes[] =
	"struct plain { int a; int get() const { return a; } static int all; };\n"
	"struct derived : plain { long b; };\n"
	"struct made { int a; made(int x) : a(x) {} };\n"
	"struct copied { int a; copied(const copied &); };\n"
	"struct ended { int a; ~ended(); };\n"
	"struct pure { int a; virtual int get(); };\n"
	"struct holds { ended a[2]; };\n"
	"struct from : virtual plain { int b; };\n"
	"extern \"C\" {\n"
	"int of_plain(plain x, int z) { return z; }\n"
	"int of_derived(derived x, int z) { return z; }\n"
	"int of_made(made x, int z) { return z; }\n"
	"int of_copied(int a, copied x, int z) { return z; }\n"
	"int of_ended(int a, ended x, int z) { return z; }\n"
	"int of_pure(int a, pure x, int z) { return z; }\n"
	"int of_holds(int a, holds x, int z) { return z; }\n"
	"int of_from(int a, from x, int z) { return z; }\n"
	"int of_pointer(int a, ended &x, ended *y, int z) { return z; }\n"
	"plain get_plain(int z) { return plain(); }\n"
	"ended get_ended(int z) { ended x = { z }; return x; }\n"
	"}\n";

/* told: the compiler says how classes are handed over (DW_AT_calling_convention). */
static void check_classes(const char *compiler, bool told)
{
	static const char *const functions[] = {
		"of_plain", "of_derived", "of_made", "of_copied", "of_ended", "of_pure", "of_holds",
		"of_from", "of_pointer", "get_plain", "get_ended", NULL,
	};
	char command[128];

	snprintf(command, sizeof(command), "%s -w -O1 -c classes.cc -o classes.o 2>/dev/null",
		 compiler);
	if (run(command)) {
		print_message("no %s here\n", compiler);
		return;
	}
	load("classes.o", functions);
	check("of_plain", ABI_X86_64, "r0 r1");
	check("of_derived", ABI_X86_64, "r0 r2");
	check("of_made", ABI_X86_64, told ? "r0 r1" : "? ?");
	for (int i = 3; i < 8; i++)
		check(functions[i], ABI_X86_64, told ? "r0 r1 r2" : "r0 ? ?");
	check("of_ended", ABI_ARM64, told ? "r0 r1 r2" : "r0 ? ?");
	check("of_pointer", ABI_X86_64, "r0 r1 r2 r3");
	check("get_plain", ABI_X86_64, "r0");
	check("get_ended", ABI_X86_64, told ? "r1" : "?");
	check("get_ended", ABI_ARM64, "r0");
	unload();
}

static void cplusplus(void **state)
{
	FILE *f = file_start("classes.cc");

	(void)state;
	fprintf(f, "%s", classes);
	assert_int_equal(fclose(f), 0);
	check_classes("g++ -g", false);
	check_classes("clang++ -g -fstandalone-debug", true);
	check_classes("clang++ -gdwarf-4 -fstandalone-debug", true);
}

/* Clang before 18 split an __int128 between the last register and the stack. */
static void old_clang(void **state)
{
	static const char *const functions[] = { "f", NULL };
	FILE *f = file_start("old.c");
	int version = 18;

	(void)state;
	fprintf(f, "int f(int a, __int128 b, int c) { return a; }\n");
	assert_int_equal(fclose(f), 0);
	if (run("clang -g -c old.c -o old.o 2>/dev/null"))
		skip();
	version = run("clang --version | grep -q 'version \\(1[0-7]\\|[0-9]\\)\\.'") ? 18 : 17;
	load("old.o", functions);
	check("f", ABI_X86_64, version < 18 ? "r0 ? ?" : "r0 r1 r3");
	unload();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c),
		cmocka_unit_test(cplusplus),
		cmocka_unit_test(old_clang),
	};

	return cmocka_run_group_tests(tests, setup, folder_end);
}
