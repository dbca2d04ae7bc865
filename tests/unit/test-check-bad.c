// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an expression does not mean: what is refused, where, and with which words. */
#include "demo.h"
#include "strbuf.h"

static const struct {
	const char *text;
	size_t at;
	const char *why;
	bool entry, binary;
} mistakes[] = {
	{ "nothing", 0,
	  "nothing here is called nothing; the test has a, c, s, us, u, l, ul, b, kind, d, pair" },
	{ "aa", 0, "nothing here is called aa; did you mean a?" },
	{ "args", 0, "args stands before a field: args->NAME" },
	{ "retval", 0, "retval is for returns: r:..., r::..." },
	{ "ctx", 0, "ctx stands before a register: ctx->ip" },
	{ "$pdi", 0, "there is no $pdi; did you mean $pid?" },
	{ "$nothing", 0,
	  "there is no $nothing; there are $pid, $tid, $tgid, $uid, $gid, $cpu, $cgroup, $task, $comm, $nsecs, $seq, $delta, $latency" },
	{ "$Entry", 0, "there is no $Entry; did you mean $entry?" },
	{ "args->coun", 6, "the test has no field coun; did you mean count?" },
	{ "args->xyz", 6,
	  "the test has no field xyz: it has count, name, list, loc, rel" },
	{ "ctx->xx", 0, "there are no registers here" },
	{ "d->nam", 3, "struct demo has no member nam; did you mean name?" },
	{ "d->nothing", 3, "struct demo has no member nothing" },
	{ "d->word.lo", 8, "union word has no member lo; did you mean low?" },
	{ "d.name", 2, "this is a pointer, struct demo *: write -> in place of ." },
	{ "d->word->low", 9,
	  "this is no pointer but union word: write . in place of ->" },
	{ "a->c", 3, "this is a number, int: it has no members" },
	{ "a.c", 2, "this is a number, int: it has no members" },
	{ "l->next", 3,
	  "this is a number, long: if it is an address, cast it, ((struct NAME *)...)->next" },
	{ "d->any->c", 8,
	  "void * points to no struct: cast it, ((struct NAME *)...)->c" },
	{ "d->name.x", 8, "char [16] has no members" },
	{ "d->grid->x", 9,
	  "int (*)[3] points to no struct: cast it, ((struct NAME *)...)->x" },
	{ "d->text->x", 9,
	  "char * points to no struct: cast it, ((struct NAME *)...)->x" },
	{ "d->next.c", 8, "this is a pointer, struct demo *: write -> in place of ." },
	{ "d->away->x", 9, "what is in struct nowhere is not known: only its name is" },
	{ "((struct tagged *)d)->each->x", 22,
	  "each is different for each CPU: it cannot be followed" },
	{ "((struct tagged *)d)->each", 22,
	  "each is different for each CPU: it cannot be followed" },
	{ "d->real", 3,
	  "double: BPF has no floating point; it can be printed with %f, nothing else" },
	{ "d->real + 1", 3,
	  "double: BPF has no floating point; it can be printed with %f, nothing else" },
	{ "-d->real", 4,
	  "double: BPF has no floating point; it can be printed with %f, nothing else" },
	{ "d->huge", 3, "__int128 is wider than a register" },
	{ "d->huge + 1", 3, "__int128 is wider than a register" },
	{ "*d", 0, "this is struct demo: name a member of it, or print it with %S" },
	{ "*d + 1", 0, "this is struct demo: name a member of it, or print it with %S" },
	{ "d->word", 3, "this is union word: name a member of it, or print it with %S" },
	{ "d->word + 1", 3,
	  "this is union word: name a member of it, or print it with %S" },
	{ "d->word == d->word", 3,
	  "this is union word: name a member of it, or print it with %S" },
	{ "d->next == *d", 11,
	  "this is struct demo: name a member of it, or print it with %S" },
	{ "*a", 0,
	  "* follows a pointer, and this is int: cast it, *(unsigned long *)..." },
	{ "*d->any", 0, "what lies at a void pointer has no type: cast it" },
	{ "*d->nothing", 4, "struct demo has no member nothing" },
	{ "d->any[1]", 6, "what lies at a void pointer has no type: cast it" },
	{ "a[1]", 1, "[ ] needs an array or a pointer, and this is int" },
	{ "d[d]", 1, "struct demo * and struct demo * cannot be added" },
	{ "d->name[d]", 7, "char * and struct demo * cannot be added" },
	{ "1 / 0", 2, "this divides by zero" },
	{ "1 % 0", 2, "this divides by zero" },
	{ "a / 0", 2, "this divides by zero" },
	{ "a % (1 - 1)", 2, "this divides by zero" },
	{ "1 << 32", 2, "int has 32 bits: a shift by 32 has no result" },
	{ "1 << -1", 2, "int has 32 bits: a shift by -1 has no result" },
	{ "a << 32", 2, "int has 32 bits: a shift by 32 has no result" },
	{ "l >> 64", 2, "long has 64 bits: a shift by 64 has no result" },
	{ "us >> 32", 3, "int has 32 bits: a shift by 32 has no result" },
	{ "d << 1", 2, "struct demo * cannot be shifted by int" },
	{ "1 << d", 2, "int cannot be shifted by struct demo *" },
	{ "d * 2", 2,
	  "struct demo * and int cannot be combined by *: cast the pointer, (unsigned long)" },
	{ "2 * d", 2,
	  "int and struct demo * cannot be combined by *: cast the pointer, (unsigned long)" },
	{ "d + d", 2,
	  "struct demo * and struct demo * cannot be combined by +: cast the pointer, (unsigned long)" },
	{ "d & 1", 2,
	  "struct demo * and int cannot be combined by &: cast the pointer, (unsigned long)" },
	{ "~d", 0, "~ stands before a number, and this is struct demo *" },
	{ "-d", 0, "- stands before a number, and this is struct demo *" },
	{ "+d", 0, "+ stands before a number, and this is struct demo *" },
	{ "a - d", 2,
	  "int and struct demo * cannot be combined by -: cast the pointer, (unsigned long)" },
	{ "d - l->x", 7,
	  "this is a number, long: if it is an address, cast it, ((struct NAME *)...)->x" },
	{ "d - d->text", 2, "struct demo * and char * point to different things" },
	{ "d->away + 1", 8,
	  "the size of struct nowhere is not known, so this pointer cannot be moved" },
	{ "d->any - d", 7, "void * and struct demo * point to different things" },
	{ "a ? d : 1", 2,
	  "struct demo * and int are of no common type: cast one of them" },
	{ "a ? d : d->text", 2,
	  "struct demo * and char * are of no common type: cast one of them" },
	{ "a ? \"x\" : \"y\"", 4,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "(a ? d->text : \"y\") + 1", 15,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "(a ? \"x\" : d->text)[0]", 5,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "!(a ? d->name : $comm)", 16,
	  "$comm is text: it can be compared with text, chosen with ?: or printed" },
	{ "(char *)(a ? d->text : \"x\")", 23,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "(a ? d->text : \"x\") < \"y\"", 20, "strings can be compared with == and != only" },
	{ "a ? \"x\" : 5", 2, "char [2] and int are of no common type: cast one of them" },
	{ "a ? ul : \"none\"", 2,
	  "unsigned long and char [5] are of no common type: cast one of them" },
	{ "a ? d : $comm", 2,
	  "struct demo * and char [16] are of no common type: cast one of them" },
	{ "\"x\" ?: d->text", 0,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "(a ? \"x\" : d->text) == 5", 5,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "&(a ? \"x\" : d->text)", 0, "this has no address: it is no place in memory" },
	{ "ntop(a ? \"x\" : d->text)", 5,
	  "a network address has 4 or 16 bytes, and this is char *" },
	{ "(a ? \"x\" : d->name) == \"abcdefghijklmnopq\"", 20,
	  "char [16] has no room for this text: they are never equal" },
	{ "a ? *d : *d", 4,
	  "this is struct demo: name a member of it, or print it with %S" },
	{ "\"abc\"", 0,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "\"abc\" + 1", 0,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "!\"abc\"", 1,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "\"abc\" && 1", 0,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "-\"abc\"", 1,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "d->text < \"abc\"", 8, "strings can be compared with == and != only" },
	{ "d->text == 'a' + \"b\"", 17,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "a == \"abc\"", 0, "this is no string but int" },
	{ "d == \"abc\"", 0,
	  "this is no string but struct demo *: to compare what it points to, write (char *) before it" },
	{ "\"abc\" == 5", 9, "this is no string but int" },
	{ "d->name == \"abcdefghijklmnopq\"", 8,
	  "char [16] has no room for this text: they are never equal" },
	{ "d->name == \"abc\\0def\"", 8,
	  "a string ends at its first \\0: this is never equal" },
	{ "d->text == \"a\\0\"", 8,
	  "a string ends at its first \\0: this is never equal" },
	{ "STRNCMP(\"\", d->text)", 0, "every string begins with an empty one" },
	{ "STRNCMP(\"abc\", d->text, 0)", 0, "every string begins with an empty one" },
	{ "STRNCMP(\"abc\", d->text, a)", 24, "the number of bytes has to be constant" },
	{ "STRNCMP(\"abc\", d->text, \"3\")", 24,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "STRNCMP(d->text, d->name)", 8,
	  "of strings that are not in quotes STRNCMP takes the number of bytes, too: STRNCMP(a, b, 4)" },
	{ "STRNCMP(d->text, d->name, 0)", 0, "every string begins with an empty one" },
	{ "STRNCMP(d->text, d->name, a)", 26, "the number of bytes has to be constant" },
	{ "STRCMP(d->text, a)", 16, "this is no string but int" },
	{ "STRCMP(d, d->text)", 7, "this is no string but struct demo *" },
	{ "STRCMP(d->text, args->list)", 16, "this is no string but short [4]" },
	{ "STRCMP(\"a\", \"b\")", 12,
	  "both are strings in quotes: one has to be what is traced" },
	{ "STRCMP(\"a\")", 0, "STRCMP takes 2 arguments, not 1" },
	{ "STRCMP(\"a\", d->text, 1)", 0, "STRCMP takes 2 arguments, not 3" },
	{ "STRNCMP(\"a\")", 0, "STRNCMP takes 2 or 3 arguments, not 1" },
	{ "STRNCMP(\"a\", d->text, 1, 2)", 0, "STRNCMP takes 2 or 3 arguments, not 4" },
	{ "STRCMP(\"a\", a)", 12, "this is no string but int" },
	{ "STRCMP(\"a\", d)", 12, "this is no string but struct demo *" },
	{ "STRCMP(\"a\", d->word)", 12, "this is no string but union word" },
	{ "ntohs()", 0, "ntohs takes 1 argument, not 0" },
	{ "ntohs(1, 2)", 0, "ntohs takes 1 argument, not 2" },
	{ "ntohl(d->word)", 9,
	  "this is union word: name a member of it, or print it with %S" },
	{ "ntohs(\"a\")", 6,
	  "a string in quotes can be compared with == and !=, chosen with ?: or printed, nothing else" },
	{ "ntop(us)", 5,
	  "a network address has 4 or 16 bytes, and this is unsigned short" },
	{ "ntop(d)", 5,
	  "a network address has 4 or 16 bytes, and this is struct demo *" },
	{ "ntop(d->one)", 5, "a network address has 4 or 16 bytes, and this is int" },
	{ "ntop(\"a\")", 5, "a network address has 4 or 16 bytes, and this is char [2]" },
	{ "$comm == 5", 9, "this is no string but int" },
	{ "d == $comm", 0,
	  "this is no string but struct demo *: to compare what it points to, write (char *) before it" },
	{ "$comm < d->name", 6, "strings can be compared with == and != only" },
	{ "$comm + 1", 0,
	  "$comm is text: it can be compared with text, chosen with ?: or printed" },
	{ "-$comm", 1,
	  "$comm is text: it can be compared with text, chosen with ?: or printed" },
	{ "&$comm", 0, "this has no address: it is no place in memory" },
	{ "$comm < \"a\"", 6, "strings can be compared with == and != only" },
	{ "&a", 0, "this has no address: it is no place in memory" },
	{ "&1", 0, "this has no address: it is no place in memory" },
	{ "&(a + 1)", 0, "this has no address: it is no place in memory" },
	{ "&d->one", 0, "a bitfield has no address" },
	{ "&$pid", 0, "this has no address: it is no place in memory" },
	{ "sizeof(void)", 0, "void has no size" },
	{ "sizeof(struct nowhere)", 0,
	  "the size of struct nowhere is not known: only its name is" },
	{ "sizeof d->one", 0, "a bitfield has no size in bytes" },
	{ "sizeof *d->any", 7, "what lies at a void pointer has no type: cast it" },
	{ "sizeof d->handler()", 17, "an operator is missing here" },
	{ "sizeof(struct dem)", 7, "there is no struct dem; did you mean demo?" },
	{ "(struct demo)a", 0,
	  "a value can be cast to a number or a pointer, not to struct demo" },
	{ "(struct dem *)a", 1, "there is no struct dem; did you mean demo?" },
	{ "(struct demo *)d->word", 18,
	  "this is union word: name a member of it, or print it with %S" },
	{ "(union wrd *)a", 1, "there is no union wrd; did you mean word?" },
	{ "(enum colr)a", 1, "there is no enum colr; did you mean color?" },
	{ "(int [3])a", 0,
	  "a value can be cast to a number or a pointer, not to int [3]" },
	{ "(void)a", 0, "a value can be cast to a number or a pointer, not to void" },
	{ "(double)a", 1, "there is no floating point here" },
	{ "(nothing *)a", 1, "there is no type nothing" },
	{ "(u33)a", 1, "there is no type u33, so this is no cast" },
	{ "(int [a])d", 6, "the length of an array is a constant, and below 4 GB" },
	{ "sizeof(int [a])", 12, "the length of an array is a constant, and below 4 GB" },
	{ "sizeof(int [5000000000])", 12,
	  "the length of an array is a constant, and below 4 GB" },
	{ "sizeof(void [3])", 12, "void has no size: there is no array of it" },
	{ "sizeof(int [-1])", 12,
	  "the length of an array is a constant, and below 4 GB" },
	{ "a@user", 1, "@user stands behind an address, and this is int" },
	{ "c@kernel", 1, "@kernel stands behind an address, and this is char" },
	{ "d->word@user", 3,
	  "this is union word: name a member of it, or print it with %S" },
	{ "TWICE", 0, "several enums give TWICE different values: write the number" },
	{ "LARGE", 0,
	  "of LARGE only 32 bits are known on this kernel: write the number" },
	{ "GREE", 0, "nothing here is called GREE; did you mean GREEN?" },
	{ "ENOENTT", 0, "nothing here is called ENOENTT; did you mean ENOENT?" },
	{ "(1, 2)", 2, "a comma has no meaning here" },
	{ "d->name[1].x", 11, "this is a number, char: it has no members" },
	{ "d->table[1].c", 12,
	  "this is a pointer, struct demo *: write -> in place of ." },
	{ "d->row->c", 8,
	  "int (*)[7] points to no struct: cast it, ((struct NAME *)...)->c" },
	{ "d->handler->x", 12,
	  "int (*)(int) points to no struct: cast it, ((struct NAME *)...)->x" },
	{ "b->c", 3, "this is a number, _Bool: it has no members" },
	{ "kind->c", 6, "this is a number, enum color: it has no members" },
	{ "$task->x", 7, "void * points to no struct: cast it, ((struct NAME *)...)->x" },
	{ "$latency", 0, "$latency is for returns (r:...) and pairs (END <- START)" },
	{ "$entry(a)", 0, "$entry() is for returns (r:...) and pairs (END <- START)" },
	{ "$entry($entry(a))", 0,
	  "$entry() is for returns (r:...) and pairs (END <- START)" },
	{ "$entry($latency)", 0,
	  "$entry() is for returns (r:...) and pairs (END <- START)" },
	{ "$entry($seq)", 0, "$entry() is for returns (r:...) and pairs (END <- START)" },
	{ "$entry($delta)", 0,
	  "$entry() is for returns (r:...) and pairs (END <- START)" },
	{ "$entry(nothing)", 0,
	  "$entry() is for returns (r:...) and pairs (END <- START)" },
	{ "$entry()", 0, "$entry takes 1 argument, not 0" },
	{ "$entry($entry(a))", 7, "this is what was at the entry already",
	  .entry = true },
	{ "$entry($latency)", 7, "$latency is not known at the entry", .entry = true },
	{ "$entry($seq)", 7, "$seq is not known at the entry", .entry = true },
	{ "$entry($delta)", 7, "$delta is not known at the entry", .entry = true },
	{ "$entry(nothing)", 7,
	  "nothing here is called nothing; the entry has old, and at its entry old",
	  .entry = true },
	{ "$entry()", 0, "$entry takes 1 argument, not 0", .entry = true },
	{ "args->x", 0, "the return has no args", .entry = true },
	{ "a + real", 4, "real is double" },
	{ "(real) - 1", 1, "real is double" },
	{ "retval", 0, "retval is for returns: r:..., r::..." },
	{ "retval", 0, "retval: it is double", .entry = true },
	{ "$retval", 0, "$retval is for returns: r:..., r::..." },
	{ "$retval", 0, "retval: it is double", .entry = true },
	{ "before", 0, "before is float", .entry = true },
	{ "$entry(before)", 7, "before is float", .entry = true },
	{ "nothing", 0,
	  "nothing here is called nothing; the return has a, c, s, and at its entry old",
	  .entry = true },
	{ "d->nam", 0,
	  "nothing here is called d; the return has a, c, s, and at its entry old",
	  .entry = true },
	{ "$entry(args->x)", 7, "args is for tracepoints (t:...)", .entry = true },
	{ "pair + 1", 5, "struct part and int cannot be combined by +" },
	{ "pair == pair", 5, "struct part and struct part cannot be compared" },
	{ "pair == 1", 5, "struct part and int cannot be compared" },
	{ "ctx->ib", 0, "there are no registers here" },
	{ "ctx->ib", 5, "the return has no register ib; did you mean ip?",
	  .entry = true },
	{ "ctx->xxx", 5, "the return has no register xxx: it has ip, sp", .entry = true },
	{ "ctx->ip", 0, "there are no registers here" },
	{ "x", 0,
	  "nothing here is called x; the test has a, c, s, us, u, l, ul, b, kind, d, pair" },
	{ "d->next->nxt", 9, "struct demo has no member nxt; did you mean next?" },
	{ "d->tail[0]", 7,
	  "this is struct part: name a member of it, or print it with %S" },
	{ "args->name + args->loc", 11,
	  "char * and char * cannot be combined by +: cast the pointer, (unsigned long)" },
	{ "args->list * 2", 11,
	  "short * and int cannot be combined by *: cast the pointer, (unsigned long)" },
	{ "EINVALL", 0, "nothing here is called EINVALL; did you mean EINVAL?" },
	{ "d->counter", 3,
	  "this is struct {...}: name a member of it, or print it with %S" },
	{ "args->count->x", 13,
	  "this is a number, long: if it is an address, cast it, ((struct NAME *)...)->x" },
	{ "((struct nine *)d)->wide", 20, "this bitfield lies in nine bytes" },
	{ "((struct nine *)d)->wide + 1", 20, "this bitfield lies in nine bytes" },
	{ "STRCMP(\"abc\", d->text)", 7,
	  "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"", .binary = true },
	{ "STRCMP(\"{1,\", d->text)", 7,
	  "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"", .binary = true },
	{ "STRCMP(\"{1, 256}\", d->text)", 7,
	  "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"", .binary = true },
	{ "STRCMP(\"{}\", d->text)", 7,
	  "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"", .binary = true },
	{ "STRCMP(d->text, d->name)", 7,
	  "with -B this is a list of bytes: \"{0x6c, 0, 0, 0}\"", .binary = true },
	{ "STRCMP(\"{1}\", \"x\")", 14,
	  "both are strings in quotes: one has to be what is traced", .binary = true },
	{ "STRCMP(\"{1}\", 1 ? \"x\" : \"y\")", 14,
	  "both are strings in quotes: one has to be what is traced", .binary = true },
	{ "STRCMP(\"{1}\", a)", 14, "this is no string but int", .binary = true },
	{ "STRCMP(\"{1}\", d->word)", 14, "this is no string but union word",
	  .binary = true },
	{ "STRCMP(\"{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17}\", $comm)", 0,
	  "char [16] has no room for 17 bytes: they are never equal", .binary = true },
	{ "STRCMP(\"{1,2,3,4,5,6,7,8,9}\", args->list)", 0,
	  "short [4] has no room for 9 bytes: they are never equal", .binary = true },
};

static void expect_mistake(struct test *t, const char *text, const struct expr *e,
			   size_t at, const char *why)
{
	if (e)
		fail_msg("%s: has a meaning", text);
	if (t->mistake.at != at || strcmp(t->mistake.why, why))
		fail_msg("%s: at %zu '%s', not at %zu '%s'", text, t->mistake.at,
			 t->mistake.why, at, why);
	arena_free(&t->arena);
}

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		const char *text = mistakes[i].text;
		struct test t = {};
		struct expr *e = meaning(&t, text, mistakes[i].entry, mistakes[i].binary);

		/* Some can be printed as a whole, but have no value. */
		if (e)
			e = check_scalar(&t.check, e);
		expect_mistake(&t, text, e, mistakes[i].at, mistakes[i].why);
	}
}

/* Of many names the first are told, and argN, whatever the place is called. */
static void test_names(void **state)
{
	static const char label[] = "r:a::long<label, of<a, template>, which<is, longer> >::than(the"
				    ", list, of, names, that, is, told, with, it)";
	static const struct scope empty = { .what = "nobody" };
	struct scope_name many[42] = {};
	const struct scope entry = { .names = many, .count = COUNT(many), .what = label };
	const struct node n = { .kind = NODE_NAME, .text = "x" };
	struct test t = {};
	char wanted[512];
	int size;

	(void)state;
	t.check = (struct check){ .arena = &t.arena, .mistake = &t.mistake, .types = &types,
				  .scope = &empty, .entry = &entry };
	for (size_t i = 0; i < 40; i++)
		many[i].name = "parameter";
	many[40].name = "arg1";
	many[41].name = "arg2";
	size = snprintf(wanted, sizeof(wanted), "nothing here is called x; at its entry %s has "
			"parameter", label);
	for (size_t i = 1; i < 12; i++)
		size += snprintf(wanted + size, sizeof(wanted) - size, ", parameter");
	snprintf(wanted + size, sizeof(wanted) - size, ", ..., arg1 to arg2");
	expect_mistake(&t, "x", check_any(&t.check, &n), 0, wanted);
}

/* A list of values is a key, and nothing else. */
static void test_tuple(void **state)
{
	struct test t = {};
	struct parse p = { .arena = &t.arena,
			   .mistake = &t.mistake,
			   .functions = check_functions };
	struct node *n;

	(void)state;
	t.check = (struct check){
		.arena = &t.arena, .mistake = &t.mistake, .types = &types, .scope = &whole
	};
	parse_start(&p, "(a, c)", 0);
	assert_int_equal(parse_key(&p, &n), 0);
	expect_mistake(&t, "(a, c)", check_any(&t.check, n), 0,
		       "a list of values has no meaning here");
}

/* The same expression is kept once; different ones, as many as there is room for. */
static void test_kept(void **state)
{
	struct strbuf text = {};
	struct test t = {};

	(void)state;
	for (int i = 0; i < CHECK_KEPT_MAX; i++)
		strbuf_printf(&text, "%s$entry(old + %d) + $entry(old + %d)",
			      i ? " + " : "", i, i);
	assert_non_null(meaning(&t, strbuf_cstr(&text), true, false));
	assert_int_equal(t.check.kept_count, CHECK_KEPT_MAX);
	arena_free(&t.arena);
	t = (struct test){};
	strbuf_str(&text, " + $entry(old - 1)");
	expect_mistake(&t, "33 values", meaning(&t, strbuf_cstr(&text), true, false),
		       text.size - 15, "not more than 32 values can be kept");
	strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_tuple),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, compile_more, forget);
}
