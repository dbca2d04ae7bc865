/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * demo: types and names that expressions of the type checker's tests are about.
 *
 *	cmocka_run_group_tests(tests, compile_more, forget)
 *	meaning(&t, "d->next", false, false), then arena_free(&t.arena)
 */
#pragma once

#include <bpf/btf.h>

#include "compile.h"
#include "expr/check.h"
#include "expr/parse.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

BOTH(
	typedef unsigned int u32; typedef unsigned short u16;
	enum color{ RED, GREEN = 5, BLUE }; enum level{ LOW = -2, MIDDLE, HIGH = 7 };
	enum mask{ LOW_BIT = 1, TOP_BIT = 0x80000000u };
	enum large{ LARGE = 0x123456789 }; enum twice{ TWICE = 3 }; union word {
		u32 all;
		u16 low;
	};
	struct part {
		int left;
		int right;
	};
	struct demo {
		struct demo *next;
		const char *text;
		char name[16];
		int grid[2][3];
		signed char c;
		int one : 1;
		unsigned int two : 2;
		unsigned int thirtyone : 31;
		unsigned int all : 32;
		long wide : 40;
		_Bool yes : 1;
		enum color shade : 4;
		union {
			struct {
				short low;
				short high;
			};
			int both;
		};
		struct {
			struct {
				int deepest;
			};
		};
		union word word;
		enum level level;
		enum mask mask;
		enum large large;
		enum twice twice;
		void *any;
		struct demo *table[4];
		struct nowhere *away;
		struct {
			int value;
		} counter;
		int(*row)[7];
		int (*handler)(int);
		int (*calls[2])(void);
		double real;
		__int128 huge;
		struct part tail[];
	};
	struct demo demo; struct __attribute__((packed)) nine {
		char pad : 7;
		long wide : 60;
	};
	struct nine nine;)

/* What C has no words for: another file's enum with a known constant, tagged pointers. */
static uint32_t more[256];

static int compile_more(void **state)
{
	struct btf *b = btf__new_empty();
	const void *data;
	__u32 size;

	assert_int_equal(compile(state), 0);
	btf__add_enum(b, "others", 4);
	btf__add_enum_value(b, "TWICE", 4);
	btf__add_struct(b, "cell", 4);
	btf__add_type_tag(b, "percpu", 2);
	btf__add_ptr(b, 3);
	btf__add_type_tag(b, "user", 2);
	btf__add_ptr(b, 5);
	btf__add_struct(b, "tagged", 16);
	btf__add_field(b, "each", 4, 0, 0);
	btf__add_field(b, "theirs", 6, 64, 0);
	data = btf__raw_data(b, &size);
	assert_true(size <= sizeof(more));
	memcpy(more, data, size);
	btf__free(b);
	assert_non_null(ctypes_add(&types, more, size, NULL));
	return 0;
}

/* --- names ---------------------------------------------------------------------------------- */

#define REGISTER(n)                                   \
	{                                             \
		.kind = FETCH_REGISTER, .at = 8 * (n) \
	}

static struct scope_name names[] = {
	{ "a", .fetch = REGISTER(0) },	   { "c", .fetch = REGISTER(1) },
	{ "s", .fetch = REGISTER(2) },	   { "us", .fetch = REGISTER(3) },
	{ "u", .fetch = REGISTER(4) },	   { "l", .fetch = REGISTER(5) },
	{ "ul", .fetch = REGISTER(6) },	   { "b", .fetch = REGISTER(7) },
	{ "kind", .fetch = REGISTER(8) },  { "d", .fetch = REGISTER(9) },
	{ "pair", .fetch = REGISTER(10) },
};

static struct scope_name fields[] = {
	{ "count", .fetch = { FETCH_FIELD, 8 } },
	{ "name", .fetch = { FETCH_FIELD, 16 } },
	{ "list", .fetch = { FETCH_FIELD, 32 } },
	{ "loc", .fetch = { FETCH_DATA_LOC, 48 } },
	{ "rel", .fetch = { FETCH_REL_LOC, 52 } },
};

static struct scope_name registers[] = {
	{ "ctx->ip", .fetch = REGISTER(11) },
	{ "ctx->sp", .fetch = REGISTER(11) },
};

static struct scope_name old[] = { { "old", .fetch = REGISTER(0) } };

static const struct scope_unread unread[] = { { "real", "real is double" },
					      { "retval", "retval: it is double" } };
static const struct scope_unread old_unread[] = { { "before", "before is float" } };

static const struct scope whole = { .names = names,
				    .count = COUNT(names),
				    .unread = unread,
				    .unread_count = 1,
				    .fields = fields,
				    .field_count = COUNT(fields),
				    .what = "the test" };
static const struct scope at_return = { .names = names,
					.count = 3,
					.unread = unread,
					.unread_count = 2,
					.what = "the return",
					.fields = registers,
					.field_count = 2,
					.args = "the return has no args" };
static const struct scope at_entry = { .names = old,
				       .count = 1,
				       .unread = old_unread,
				       .unread_count = 1,
				       .what = "the entry" };

static void names_make(void)
{
	const struct ctype *demo = tag(CTYPE_STRUCT, "demo");
	const struct ctype *text = ctypes_array(&types, ctype_basic("char"), 0);
	const struct ctype *of_names[] = {
		ctype_basic("int"),	      ctype_basic("char"),
		ctype_basic("short"),	      ctype_basic("unsigned short"),
		ctype_basic("unsigned int"),  ctype_basic("long"),
		ctype_basic("unsigned long"), ctype_basic("_Bool"),
		tag(CTYPE_ENUM, "color"),     ctypes_pointer(&types, demo),
		tag(CTYPE_STRUCT, "part"),
	};
	const struct ctype *of_fields[] = {
		ctype_basic("long"),
		ctypes_array(&types, ctype_basic("char"), 16),
		ctypes_array(&types, ctype_basic("short"), 4),
		text,
		text,
	};

	for (size_t i = 0; i < COUNT(names); i++)
		names[i].type = of_names[i];
	for (size_t i = 0; i < COUNT(fields); i++)
		fields[i].type = of_fields[i];
	registers[0].type = registers[1].type = ctype_basic("unsigned long");
	old[0].type = ctype_basic("short");
}

struct test {
	struct arena arena;
	struct mistake mistake;
	struct check check;
};

/* entry: of a return, whose entry was seen. binary: -B. */
static struct expr *meaning(struct test *t, const char *text, bool entry, bool binary)
{
	struct parse p = { .arena = &t->arena,
			   .mistake = &t->mistake,
			   .functions = check_functions,
			   .is_type = check_is_type,
			   .context = &t->check };
	struct node *n;

	names_make();
	t->check = (struct check){ .arena = &t->arena,
				   .mistake = &t->mistake,
				   .types = &types,
				   .scope = entry ? &at_return : &whole,
				   .entry = entry ? &at_entry : NULL,
				   .binary = binary };
	t->mistake = (struct mistake){ .at = SIZE_MAX };
	parse_start(&p, text, 0);
	if (parse_expr(&p, &n) || parse_end(&p))
		return NULL;
	return check_any(&t->check, n);
}
