// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "tests/expr/compile.h"
#include "tests/expr/world.h"

#define REGISTER(n)                                   \
	{                                             \
		.kind = FETCH_REGISTER, .at = 8 * (n) \
	}
#define FIELD(offset)                             \
	{                                         \
		.kind = FETCH_FIELD, .at = offset \
	}

/* As reference.h has them; type: a basic one, or see named_type(). */
static const struct {
	const char *type;
	struct scope_name name;
} names[] = {
	{ "signed char", { "a_sc", .fetch = REGISTER(0) } },
	{ "unsigned char", { "a_uc", .fetch = REGISTER(1) } },
	{ "short", { "a_ss", .fetch = REGISTER(2) } },
	{ "unsigned short", { "a_us", .fetch = REGISTER(3) } },
	{ "int", { "a_si", .fetch = REGISTER(4) } },
	{ "unsigned int", { "a_ui", .fetch = REGISTER(5) } },
	{ "long", { "a_sl", .fetch = REGISTER(6) } },
	{ "unsigned long", { "a_ul", .fetch = REGISTER(7) } },
	{ "_Bool", { "a_yes", .fetch = REGISTER(8) } },
	{ "enum color", { "a_color", .fetch = REGISTER(9) } },
	{ "struct world *", { "wp", .fetch = REGISTER(10), .points = SPACE_USER } },
	{ "struct item *", { "ip", .fetch = REGISTER(11), .points = SPACE_USER } },
	{ "char *", { "cp", .fetch = REGISTER(10), .points = SPACE_USER } },
	{ "struct texts *", { "tp", .fetch = REGISTER(11), .points = SPACE_USER } },
	{ "short", { "f_short", .fetch = FIELD(50) } },
	{ "unsigned int", { "f_uint", .fetch = FIELD(56) } },
	{ "short [4]", { "f_array", .fetch = FIELD(48) } },
	{ "short",
	  { "m_short", .fetch = { .kind = FETCH_MEMORY,
				  .at = 80,
				  .index = 72,
				  .scale = 2,
				  .space = SPACE_USER } } },
	{ "int", { "k_int", .fetch = { .kind = FETCH_CONSTANT, .more = -1234567 } } },
};

static const struct ctype *named_type(struct ctypes *types, const char *name)
{
	if (!strcmp(name, "enum color"))
		return ctypes_tag(types, CTYPE_ENUM, "color");
	if (!strcmp(name, "struct world *"))
		return ctypes_pointer(types, ctypes_tag(types, CTYPE_STRUCT, "world"));
	if (!strcmp(name, "struct item *"))
		return ctypes_pointer(types, ctypes_tag(types, CTYPE_STRUCT, "item"));
	if (!strcmp(name, "struct texts *"))
		return ctypes_pointer(types, ctypes_tag(types, CTYPE_STRUCT, "texts"));
	if (!strcmp(name, "char *"))
		return ctypes_pointer(types, ctype_basic("char"));
	if (!strcmp(name, "short [4]"))
		return ctypes_array(types, ctype_basic("short"), 4);
	return ctype_basic(name);
}

struct scope *compile_scope(struct ctypes *types)
{
	static struct scope_name list[sizeof(names) / sizeof(*names)];
	static struct scope scope = { .names = list,
				      .count = sizeof(names) / sizeof(*names),
				      .what = "this" };

	for (size_t i = 0; i < scope.count; i++) {
		list[i] = names[i].name;
		list[i].type = named_type(types, names[i].type);
		if (list[i].fetch.kind == FETCH_MEMORY)
			list[i].fetch.more = __builtin_offsetof(struct world, ints);
	}
	return &scope;
}

struct expr *compile_text(struct compile *c, const char *text, enum compile_wish wish)
{
	struct parse p = { .arena = &c->arena,
			   .mistake = &c->mistake,
			   .functions = check_functions,
			   .is_type = check_is_type,
			   .context = &c->check };
	struct node *node;

	/* Nothing here points to the kernel: what an integer is cast to does not either. */
	c->check = (struct check){ .arena = &c->arena,
				   .mistake = &c->mistake,
				   .types = c->types,
				   .scope = c->scope,
				   .entry = c->entry,
				   .user = true,
				   .binary = c->binary };
	parse_start(&p, text, 0);
	if (parse_expr(&p, &node) || parse_end(&p))
		return NULL;
	return wish == COMPILE_VALUE   ? check_value(&c->check, node)
	       : wish == COMPILE_TRUTH ? check_truth(&c->check, node)
				       : check_any(&c->check, node);
}
