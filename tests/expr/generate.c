// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * generate: random expressions of C, the same for the same seed, none of them with a behaviour
 * that C leaves undefined (but for overflow, which -fwrapv defines).
 *
 *	generate COUNT SEED TEXTS PROGRAM
 *
 * TEXTS gets one a line, PROGRAM a C program that says what they are (reference.h).
 *
 * Parentheses are left out by chance, so that it is precedence that decides. What has to be one
 * operand for the sake of its range (a divisor, an amount of a shift, an index) has its own.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define GROUP	 50 /* cases of one function */
#define TEXT_MAX 600

static unsigned long state;
static char text[8192];
static size_t size;

static unsigned int below(unsigned int n)
{
	return world_random(&state) % n;
}

static void put(const char *s)
{
	size_t n = strlen(s);

	if (size + n < sizeof(text))
		memcpy(text + size, s, n + 1);
	size += n;
}

#define ONE_OF(...)                                               \
	({                                                        \
		static const char *const all[] = { __VA_ARGS__ }; \
		all[below(sizeof(all) / sizeof(*all))];           \
	})

static void integer(int depth);
static void item(int depth);
static void string(int depth);

/* %i: an integer, %u: ... as unsigned int, %p: a pointer to an item, %t: a string; what stands for
 * itself. */
static void form(int depth, const char *s)
{
	char c[2] = "";

	for (; *s; s++) {
		if (*s != '%' || !strchr("iupt", s[1])) {
			c[0] = *s;
			put(c);
		} else if (*++s == 'p') {
			item(depth - 1);
		} else if (*s == 't') {
			string(depth - 1);
		} else if (*s == 'i') {
			integer(depth - 1);
		} else {
			put("(unsigned int)(");
			integer(depth - 1);
			put(")");
		}
	}
}

static void number(void)
{
	static const char *const edges[] = {
		"0",
		"1",
		"2147483647",
		"2147483648",
		"4294967295",
		"4294967296",
		"0x7fffffff",
		"0x80000000",
		"0xffffffff",
		"0x100000000",
		"0x7fffffffffffffff",
		"0x8000000000000000",
		"0xffffffffffffffff",
		"18446744073709551615u",
		"037777777777",
		"9223372036854775807",
		"1u",
		"0l",
		"3ul",
		"2ULL",
		"5LL",
		"017",
		"0b1011",
		"255",
		"'a'",
		"'\\n'",
		"'\\0'",
		"'\\x7f'",
		"'\\377'",
		"'\\\\'",
	};
	char s[32];

	switch (below(3)) {
	case 0:
		put(edges[below(sizeof(edges) / sizeof(*edges))]);
		return;
	case 1:
		snprintf(s, sizeof(s), below(2) ? "%u" : "0x%x", below(300));
		break;
	default:
		snprintf(s, sizeof(s), "%lu%s", world_random(&state) >> (1 + below(62)),
			 ONE_OF("", "", "u", "l", "ul"));
		break;
	}
	put(s);
}

/* A pointer to an item, fit to have -> behind it. */
static void item(int depth)
{
	if (depth <= 0 || !below(4)) {
		put(ONE_OF("ip", "wp->first", "wp->table[2]", "(wp->items + 3)"));
		return;
	}
	form(depth,
	     ONE_OF("%p->next", "%p->next", "wp->table[(%i) & 3]",
		    "(&wp->items[(%i) & 7])", "(wp->items + ((%i) & 7))",
		    "(&wp->items[7] - (%u % 8))", "(((%i) & 7) + wp->items)",
		    "((%i) ? %p : %p)", "(wp->nil ?: %p)",
		    "((struct item *)(unsigned long)%p)", "(&*%p)", "(*(%p)).next",
		    "((struct item *)((char *)&wp->items[1] + sizeof(struct item) * (%u % 6)))",
		    "(*(struct item **)%p)", "wp[0].first", "(*&wp->first)",
		    "(wp->nil == 0 ? %p : 0)", "(*(wp->table + ((%i) & 3)))"));
}

/* What C makes a pointer of by ?: is no array that may be full. */
static void string(int depth)
{
	if (depth <= 0 || below(2)) {
		put(ONE_OF("wp->word", "wp->line", "wp->words[1]", "wp->lines[1]",
			   "wp->tight[2]", "wp->words[3]", "(wp->lines[0] + 50)"));
		return;
	}
	form(depth,
	     ONE_OF("wp->words[(%i) & 3]", "wp->tight[%u % 4]", "(wp->line + ((%i) & 7))",
		    "((%i) ? wp->word : \"ab\")", "((%i) ? \"b\" : \"ab\")",
		    "((%i) ? wp->words[2] : (%i) ? \"a\" : wp->line)",
		    "((%i) ? wp->word : (char *)wp->words)", "(wp->nil ?: wp->first)->next "
		    "? wp->word : wp->line", "(wp->word ?: \"a\")",
		    "&wp->lines[1][(%i) & 63]"));
}

/* Whether two of them are the same. */
static void strings(int depth)
{
	form(depth, ONE_OF("STRCMP(%t, %t)", "STRCMP(%t, %t)", "!STRCMP(%t, %t)",
			   "STRNCMP(%t, %t, 1)", "STRNCMP(%t, %t, 2)",
			   "STRNCMP(%t, %t, 63)", "STRNCMP(%t, %t, 100)",
			   "STRCMP(%t, \"ab\")", "STRCMP(\"\", %t)",
			   "STRNCMP(\"ab\", %t, 1)", "STRNCMP(\"ab\", %t, 2)"));
}

static const char *const members[] = {
	"wp->one",
	"wp->two",
	"wp->seven",
	"wp->seventeen",
	"wp->thirty",
	"wp->all",
	"wp->whole",
	"wp->wide",
	"wp->full",
	"wp->half",
	"wp->few",
	"wp->upper",
	"wp->nine",
	"wp->tiny",
	"wp->yes",
	"wp->shade",
	"wp->dense.three",
	"wp->dense.thirty",
	"wp->dense.seventeen",
	"wp->dense.forty",
	"wp->dense.twenty",
	"wp->dense.five",
	"wp->dense.nine",
	"wp->dense.fifty",
	"wp->both",
	"wp->low",
	"wp->high",
	"wp->deep",
	"wp->deeper",
	"wp->deepest",
	"wp->other",
	"wp->level",
	"wp->mask",
	"wp->part[1]",
	"wp->list[1].a",
	"(*wp).list[2].b",
	"wp->ints[3]",
	"wp->grid[2][1]",
	"(*wp->rows)[3]",
	"wp->rows[1][2]",
	"wp->items->i",
	"wp->items[3].name[2]",
};

static const char *const names[] = {
	"a_sc",	      "a_uc",	    "a_ss",    "a_us",	  "a_si",    "a_ui",
	"a_sl",	      "a_ul",	    "a_yes",   "a_color", "f_short", "f_uint",
	"f_array[2]", "f_array[0]", "m_short", "k_int",
};

/* What lies somewhere: names, members. */
static void place(int depth)
{
	if (below(2)) {
		put(names[below(sizeof(names) / sizeof(*names))]);
	} else if (below(3)) {
		put(members[below(sizeof(members) / sizeof(*members))]);
	} else {
		item(depth);
		put("->");
		put(ONE_OF("c", "uc", "s", "us", "i", "u", "l", "ul", "b", "color",
			   "name[1]"));
	}
}

static void constant(void)
{
	put(ONE_OF("RED", "GREEN", "BLUE", "LOW", "MIDDLE", "HIGH", "LOW_BIT", "TOP_BIT",
		   "sizeof(struct world)", "sizeof wp->grid", "sizeof(a_ss)",
		   "sizeof(int)", "sizeof *ip", "sizeof(unsigned short *[3])",
		   "sizeof wp->items[0].name", "sizeof(+a_sc)", "sizeof \"text\""));
}

static void indexed(int depth)
{
	form(depth,
	     ONE_OF("wp->ints[(%i) & 7]", "wp->bytes[%u % 8]",
		    "wp->grid[%u % 3][(%i) & 3]", "wp->longs[(%i) & 3]",
		    "%p->name[%u % 12]", "wp->part[(%i) & 3]", "wp->list[%u % 3].a",
		    "wp->list[%u % 3].b", "f_array[(%i) & 3]", "*(wp->ints + ((%i) & 7))",
		    "*(%u % 8 + wp->bytes)", "((unsigned char *)&%p->ul)[(%i) & 7]",
		    "*(int *)&wp->longs[(%i) & 3]",
		    "(*(struct pair *)(wp->list + ((%i) & 1))).b",
		    "wp->rows[%u % 3][(%i) & 3]", "((u16 *)wp->grid)[%u % 12]",
		    "*((short *)((long)wp->grid + 2) + (%u % 11))",
		    "(&wp->ints[4])[-(int)(%u % 5)]"));
}

static void pointers(int depth)
{
	form(depth,
	     ONE_OF("(%p == %p)", "(%p != %p)", "(%p < %p)", "(%p >= %p)", "!%p",
		    "!wp->nil", "(%p - %p)", "(&wp->ints[(%i) & 7] - wp->ints)",
		    "((unsigned long)%p)", "((char *)&wp->longs[(%i) & 3] - (char *)wp)",
		    "(%p == 0)", "(%p != 0)", "((int)(long)%p)",
		    "(wp->nil && wp->nil->i > 3)", "(wp->nil ? wp->nil->s : %i)",
		    "(!wp->nil || wp->nil->next->i)",
		    "(wp->nil && wp->nil->next && wp->nil->next->u == %i)",
		    "(wp->nil == 0 || wp->nil->ul / 3)", "(%p && %i)", "(%i || %p)",
		    "(%p > (struct item *)wp)", "((short *)f_array != 0)",
		    "(&f_array[(%i) & 3] - f_array)", "((_Bool)%p)", "(_Bool)wp->nil",
		    "((unsigned long)&wp->items[(%i) & 7].l & 0xfff)"));
}

static void divided(int depth)
{
	form(depth, below(2) ? "%i / " : "%i % ");
	form(depth, ONE_OF("(((int)(%i) & 0x7fff) + 1)", "(-(((int)(%i) & 0x7fff) + 2))",
			   "((unsigned int)(%i) | 1)", "((unsigned long)(%i) | 1)", "3",
			   "-7", "10u", "0x100000001", "(-5l)",
			   "((long)((unsigned long)(%i) >> 2) + 1)",
			   "(-(long)((unsigned short)(%i)) - 2)"));
}

/* All in parentheses, or what follows might belong to the amount. */
static void shifted(int depth)
{
	put("(");
	form(depth,
	     ONE_OF("(long)(%i) << ((%i) & 63)", "(unsigned long)(%i) >> ((%i) & 63)",
		    "(long)(%i) >> ((%i) & 63)", "%i << ((%i) & 31)", "%i >> ((%i) & 31)",
		    "%i >> 3", "%i << 7", "(%i) >> (%u % 32)", "(%u) << (%u % 32)",
		    "%i + %i >> ((%i) & 31)", "%i * %i << 1 + 2"));
	put(")");
}

static void combined(int depth)
{
	bool open = below(2);

	if (open)
		put("(");
	form(depth, "%i");
	put(ONE_OF(" + ", " - ", "*", " & ", " | ", " ^ ", " == ", " != ", " < ", " > ",
		   " <= ", " >= ", " && ", " || ", " + ", " - ", " * "));
	form(depth, "%i");
	if (open)
		put(")");
}

static void changed(int depth)
{
	form(depth,
	     ONE_OF("(signed char)(%i)", "(unsigned char)(%i)", "(short)(%i)",
		    "(unsigned short)(%i)", "(int)(%i)", "(unsigned)(%i)", "(long)(%i)",
		    "(unsigned long)(%i)", "(_Bool)(%i)", "(s8)(%i)", "(u16)(%i)",
		    "(u32)(%i)", "(word_t)(%i)", "(enum color)(%i)", "(enum level)(%i)",
		    "(long long)(%i)", "(char)(%i)", "- (%i)", "-(%i)", "~(%i)", "!(%i)",
		    "+(%i)", "!(%i)", "~(%i)", "- (%i)", "sizeof(%i + 0)", "!!(%i)"));
}

static void integer(int depth)
{
	if (depth <= 0) {
		switch (below(6)) {
		case 0:
			number();
			break;
		case 1:
			constant();
			break;
		default:
			place(0);
		}
		return;
	}
	switch (below(16)) {
	case 0:
		place(depth);
		break;
	case 1:
	case 2:
		indexed(depth);
		break;
	case 3:
		pointers(depth);
		break;
	case 4:
	case 5:
		divided(depth);
		break;
	case 6:
	case 7:
		shifted(depth);
		break;
	case 8:
	case 9:
		changed(depth);
		break;
	case 10:
		if (!below(3)) {
			strings(depth);
			break;
		}
		form(depth, ONE_OF("(%i ? %i : %i)", "%i ? %i : %i", "(%i ?: %i)"));
		break;
	default:
		combined(depth);
		break;
	}
}

/* What has typeof: a bitfield by itself has none, but + makes a value of it. */
static void whole(int depth)
{
	integer(depth);
	if (strpbrk(text, " ([*"))
		return;
	memmove(text + 1, text, ++size);
	text[0] = '+';
}

/* One that is not too long. */
static void expression(void)
{
	do {
		size = 0;
		text[0] = '\0';
		if (!below(20))
			item(1 + below(4));
		else if (below(8))
			whole(1 + below(5));
		else
			form(1 + below(5), "%i + %i * %i");
	} while (size > TEXT_MAX);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 4 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long seed = count ? strtoul(argv[2], NULL, 0) : 0;
	FILE *texts = count ? fopen(argv[3], "w") : NULL,
	     *program = texts ? fopen(argv[4], "w") : NULL;

	if (!program)
		return 2;
	state = (seed + 7) * 0x9e3779b97f4a7c15ul;
	fputs("#include \"tests/expr/reference.h\"\n", program);
	for (unsigned long i = 0; i < count; i++) {
		expression();
		fprintf(texts, "%s\n", text);
		if (i % GROUP == 0)
			fprintf(program, "%sstatic void f%lu(void)\n{\n", i ? "}\n" : "",
				i / GROUP);
		fprintf(program, "CASE(%lu, %s)\n", i, text);
	}
	fputs("}\nint main(void)\n{\nstatic void (*const cases[])(void) = {\n", program);
	for (unsigned long i = 0; i < count; i += GROUP)
		fprintf(program, "f%lu, ", i / GROUP);
	fprintf(program, "NULL };\nreference_run(cases, %lu, %lu);\nreturn 0;\n}\n",
		count, seed);
	return fclose(texts) || fclose(program);
}
