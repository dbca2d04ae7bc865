// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "expr/check.h"
#include "expr/parse.h"
#include "probe/eventformat.h"
#include "probe/registers.h"
#include "probe/scopes.h"
#include "probe/types.h"
#include "probe/usdtargs.h"

#define NUMBERED_MAX 16 /* argN */
#define FIELDS_MAX 128 /* registers, or what a tracepoint records */

/* A scope as it grows. */
struct maker {
	struct scopes *scopes;
	const struct target *target;
	struct ctypes *types;
	enum attach_way way;
	struct scope_name *names, *fields;
	size_t count, field_count, shown;
};

static bool is_user(const struct target *t)
{
	return t->kind == TARGET_USER || t->kind == TARGET_USDT;
}

struct ctypes *scopes_types(const struct scopes *s, const struct target *t)
{
	return types_of(s->types, t, s->text);
}

static const char *text_copy(struct maker *m, const char *text)
{
	return arena_copy(m->scopes->arena, text, strlen(text));
}

static enum space points(const struct maker *m, const struct ctype *type)
{
	return is_user(m->target) || type->is_user ? SPACE_USER : SPACE_ANY;
}

static void name_add(struct maker *m, const char *name, const struct ctype *type,
		     const struct fetch *fetch)
{
	m->names[m->count++] = (struct scope_name){
		.name = text_copy(m, name), .type = type, .fetch = *fetch,
		.points = points(m, type),
	};
}

static void field_add(struct maker *m, const struct scope_name *field)
{
	if (m->field_count < FIELDS_MAX)
		m->fields[m->field_count++] = *field;
}

static void maker_start(struct maker *m, struct scopes *s, const struct target *t,
			enum attach_way way)
{
	*m = (struct maker){ .scopes = s, .target = t, .way = way, .types = scopes_types(s, t) };
	m->names = arena_alloc(s->arena, FIELDS_MAX * sizeof(*m->names));
	m->fields = arena_alloc(s->arena, FIELDS_MAX * sizeof(*m->fields));
}

static void maker_end(struct maker *m, struct scope *out)
{
	*out = (struct scope){
		.names = m->names, .count = m->count, .fields = m->fields,
		.field_count = m->field_count, .shown = m->shown, .what = m->target->label,
	};
}

static bool has_registers(enum attach_way way)
{
	return way == WAY_KPROBE_MULTI || way == WAY_KPROBE || way == WAY_UPROBE_MULTI ||
	       way == WAY_UPROBE;
}

/* ctx->ip and the like */
static void add_registers(struct maker *m)
{
	char text[32];

	for (size_t i = 0; has_registers(m->way) && registers_name(i); i++) {
		snprintf(text, sizeof(text), "ctx->%s", registers_name(i));
		field_add(m, &(struct scope_name){
			.name = text_copy(m, text), .type = ctype_integer(8, false),
			.fetch = { .kind = FETCH_REGISTER,
				   .at = registers_find(registers_name(i)) },
			.points = points(m, &ctype_void),
		});
	}
}

/* --- arguments of functions ------------------------------------------------------------------- */

/* The index-th place of 8 bytes that arguments are handed over in. */
static struct fetch place_of(const struct maker *m, size_t index)
{
	if (!has_registers(m->way))
		return (struct fetch){ .kind = FETCH_REGISTER, .at = 8 * index };
	if (index < registers.count)
		return (struct fetch){ .kind = FETCH_REGISTER, .at = registers.args[index] };
	return (struct fetch){
		.kind = FETCH_MEMORY, .at = registers.stack,
		.space = is_user(m->target) ? SPACE_USER : SPACE_KERNEL,
		.more = registers.stack_args + 8 * (index - registers.count),
	};
}

/* How many such places a parameter takes; 0: it lies elsewhere. */
static size_t places_of(const struct ctype *type)
{
	uint64_t size;

	if (type->kind == CTYPE_FLOAT || !ctype_size(type, &size))
		return 0;
	return size <= 16 ? (size + 7) / 8 : 0;
}

static void add_parameter(struct maker *m, const char *name, const struct ctype *type,
			  size_t *place)
{
	struct fetch fetch = place_of(m, *place);

	if (name && *name && ctype_is_scalar(type) && type->size <= 8 &&
	    m->count < FIELDS_MAX - NUMBERED_MAX)
		name_add(m, name, type, &fetch);
	*place += places_of(type);
}

static bool name_is(const struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (!strcmp(m->names[i].name, name))
			return true;
	}
	return false;
}

static int add_signature(struct maker *m, const struct scope_signature *signature)
{
	static const struct scope nothing;
	struct check check = { .arena = m->scopes->arena, .mistake = m->scopes->mistake,
			       .types = m->types, .scope = &nothing };
	size_t place = 0;

	for (const struct parameter *p = signature->first; p; p = p->next) {
		const struct ctype *type = check_type(&check, p->type);

		if (!type)
			return -EINVAL;
		if (type->kind == CTYPE_VOID)
			return mistake_set(m->scopes->mistake, p->at, "a parameter cannot be void");
		if (p->name && name_is(m, p->name))
			return mistake_set(m->scopes->mistake, p->at, "there are two parameters %s",
					   p->name);
		type = ctypes_decay(m->types, type);
		if (p->name && !ctype_is_scalar(type) && type->kind != CTYPE_FLOAT)
			return mistake_set(m->scopes->mistake, p->at,
					   "a struct is handed over in pieces: name it as what is in "
					   "the register");
		add_parameter(m, p->name, type, &place);
		/* What a user's pointer is said to point to, __user or not. */
		if (p->name && p->type->kind == TYPE_POINTER && p->type->of->user && m->count)
			m->names[m->count - 1].points = SPACE_USER;
	}
	m->shown = m->count;
	return 0;
}

/* What stands before ".isra.0" and the like is the name that types have. */
static bool function_find(struct maker *m, struct ctype_function *f)
{
	const char *symbol = target_symbol(m->target);
	char name[1024];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(symbol, "."), symbol);
	return !ctypes_function(m->types, name, f);
}

static void add_known(struct maker *m)
{
	struct ctype_function f;
	struct ctype_param param;
	size_t place = 0;

	if (!function_find(m, &f))
		return;
	for (unsigned int i = 0; ctype_function_param(&f, i, &param); i++)
		add_parameter(m, param.name, param.type, &place);
	m->shown = m->count;
}

/* fexit: the value stands behind the arguments. */
static size_t arguments_count(struct maker *m)
{
	struct ctype_function f;
	struct ctype_param param;
	size_t place = 0;

	if (!function_find(m, &f))
		return 0;
	for (unsigned int i = 0; ctype_function_param(&f, i, &param); i++)
		place += places_of(param.type);
	return place;
}

/* arg1 ...: whatever they are; where the kernel checks how many there are, not more. */
static void add_numbered(struct maker *m)
{
	size_t count = has_registers(m->way) ? NUMBERED_MAX : arguments_count(m);
	char text[32];

	for (size_t i = 0; i < count; i++) {
		struct fetch fetch = place_of(m, i);

		snprintf(text, sizeof(text), "arg%zu", i + 1);
		name_add(m, text, ctype_integer(8, false), &fetch);
	}
}

/* --- system calls ----------------------------------------------------------------------------- */

/* The type that a text says, or `plain`. */
static const struct ctype *type_by_text(struct maker *m, const char *text, const char *plain)
{
	static const struct scope nothing;
	struct mistake ignored;
	struct check check = { .arena = m->scopes->arena, .mistake = &ignored, .types = m->types,
			       .scope = &nothing };
	struct parse parse = { .arena = m->scopes->arena, .mistake = &ignored };
	const struct ctype *type = NULL;
	struct type_name *name;

	parse_start(&parse, text_copy(m, text), 0);
	if (!parse_type(&parse, &name) && !parse_end(&parse))
		type = check_type(&check, name);
	if (!type && plain)
		return type_by_text(m, plain, NULL);
	return type ? type : ctype_integer(8, false);
}

static struct fetch inner_of(size_t index)
{
	return (struct fetch){ .kind = FETCH_INNER, .at = registers.args[0],
			       .more = registers.syscall[index] };
}

/* Names and types of a system call's arguments are those of its tracepoint. */
static void add_syscall_known(struct maker *m, const char *syscall)
{
	struct eventformat format = {};
	char event[128];
	size_t index = 0;

	snprintf(event, sizeof(event), "syscalls:sys_enter_%s", syscall);
	if (eventformat_read(&format, event))
		return;
	for (size_t i = 0; i < format.count && index < 6; i++) {
		const struct event_field *f = &format.fields[i];
		struct fetch fetch = inner_of(index);
		const struct ctype *type;

		if (f->is_common || !f->is_readable || !strcmp(f->name, "__syscall_nr"))
			continue;
		type = type_by_text(m, f->type, f->plain);
		name_add(m, f->name, ctype_is_scalar(type) ? type : ctype_integer(8, false), &fetch);
		if (f->is_user)
			m->names[m->count - 1].points = SPACE_USER;
		index++;
	}
	m->shown = m->count;
	eventformat_free(&format);
}

static int add_syscall(struct maker *m, const char *syscall,
		       const struct scope_signature *signature)
{
	char text[32];
	int err;

	if (signature) {
		err = add_signature(m, signature);
		if (err)
			return err;
		for (size_t i = 0; i < m->count && i < 6; i++) {
			m->names[i].fetch = inner_of(i);
			m->names[i].points = SPACE_USER;
		}
	} else {
		add_syscall_known(m, syscall);
	}
	for (size_t i = 0; i < 6; i++) {
		struct fetch fetch = inner_of(i);

		snprintf(text, sizeof(text), "arg%zu", i + 1);
		name_add(m, text, ctype_integer(8, false), &fetch);
	}
	return 0;
}

/* The system call whose function this is, or NULL: it is none that is given registers. */
static const char *syscall_of(const struct target *t, enum attach_way way)
{
	size_t size = strlen(registers.syscall_prefix);

	if (t->kind != TARGET_KERNEL || strncmp(t->name, registers.syscall_prefix, size) ||
	    !has_registers(way))
		return NULL;
	return t->name + size;
}

/* --- tracepoints ------------------------------------------------------------------------------ */

static const struct ctype *field_type(struct maker *m, const struct event_field *f)
{
	const struct ctype *type = type_by_text(m, f->type, f->plain);
	uint64_t size;

	if (!f->is_array)
		return type;
	if (!ctype_size(type, &size) || (f->count && size * f->count != f->size))
		return ctypes_array(m->types, type_by_text(m, f->plain, NULL), f->plain_count);
	return ctypes_array(m->types, type, f->place == EVENT_FIXED ? f->count : 0);
}

static void add_event_field(struct maker *m, const struct event_field *f)
{
	struct scope_name field = {
		.name = text_copy(m, f->name), .type = field_type(m, f),
		.points = f->is_user ? SPACE_USER : SPACE_ANY,
		.fetch = { .kind = FETCH_FIELD, .at = f->offset },
	};

	if (f->place != EVENT_FIXED)
		field.fetch.kind = f->place == EVENT_DATA_LOC ? FETCH_DATA_LOC : FETCH_REL_LOC;
	else if (ctype_is_scalar(field.type) && field.type->size != f->size && f->size == 8)
		field.fetch.kind = FETCH_REGISTER;
	else if (!f->is_array && field.type->size != f->size)
		field.type = type_by_text(m, f->plain, NULL);
	field_add(m, &field);
}

static int add_event(struct maker *m)
{
	struct eventformat format = {};
	int err = eventformat_read(&format, m->target->name);

	if (err)
		return err;
	for (size_t i = 0; i < format.count; i++) {
		const struct event_field *f = &format.fields[i];

		if (f->is_readable && !f->is_common && strcmp(f->name, "__syscall_nr"))
			add_event_field(m, f);
	}
	m->shown = m->field_count;
	/* What can be asked for, and is not shown. */
	for (size_t i = 0; i < format.count; i++) {
		const struct event_field *f = &format.fields[i];

		if (f->is_readable && (f->is_common || !strcmp(f->name, "__syscall_nr")))
			add_event_field(m, f);
	}
	eventformat_free(&format);
	return 0;
}

/* --- USDT ------------------------------------------------------------------------------------- */

static int machine(void)
{
#if defined(__x86_64__)
	return EM_X86_64;
#elif defined(__aarch64__)
	return EM_AARCH64;
#else
	return EM_NONE;
#endif
}

static bool usdt_fetch(const struct usdt_arg *a, struct fetch *fetch)
{
	switch (a->kind) {
	case USDT_ARG_CONSTANT:
		*fetch = (struct fetch){ .kind = FETCH_CONSTANT, .more = a->value };
		return true;
	case USDT_ARG_REGISTER:
		*fetch = (struct fetch){ .kind = a->base.size ? FETCH_REGISTER : FETCH_CONSTANT,
					 .at = a->base.offset };
		return true;
	case USDT_ARG_MEMORY:
		*fetch = (struct fetch){ .kind = FETCH_MEMORY, .at = a->base.offset,
					 .index = a->index.offset,
					 .scale = a->index.size == 8 ? 1 << a->shift : 0,
					 .space = SPACE_USER, .more = a->value };
		return a->base.size == 8 && (!a->index.size || a->index.size == 8);
	default:
		return false;
	}
}

static void add_usdt(struct maker *m)
{
	struct usdt_args args;
	char text[32];

	if (!m->target->arguments || usdtargs_parse(m->target->arguments, machine(), &args))
		return;
	for (unsigned int i = 0; i < args.count && i < USDT_ARGS_MOST; i++) {
		const struct usdt_arg *a = &args.arg[i];
		struct fetch fetch;

		if (a->is_float || a->is_narrow || !usdt_fetch(a, &fetch))
			continue;
		snprintf(text, sizeof(text), "arg%u", i + 1);
		name_add(m, text, ctype_integer(a->size, a->is_signed), &fetch);
	}
	m->shown = m->count;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int add_function(struct maker *m, const struct scope_signature *signature)
{
	const char *syscall = syscall_of(m->target, m->way);
	int err = 0;

	if (syscall)
		err = add_syscall(m, syscall, signature);
	else if (signature)
		err = add_signature(m, signature);
	else
		add_known(m);
	if (!syscall)
		add_numbered(m);
	add_registers(m);
	return err;
}

int scope_entry(struct scopes *s, const struct target *t, enum attach_way way,
		const struct scope_signature *signature, struct scope *out)
{
	struct maker m;
	int err = 0;

	maker_start(&m, s, t, way);
	if (signature && (t->kind == TARGET_TRACEPOINT || t->kind == TARGET_USDT))
		return mistake_set(s->mistake, signature->at, t->kind == TARGET_USDT ?
				   "a signature is for functions; the arguments here are arg1, arg2 ..." :
				   "a signature is for functions; the fields here are args->NAME");
	if (t->kind == TARGET_TRACEPOINT) {
		if (way != WAY_RAW_TP)
			err = add_event(&m);
	} else if (t->kind == TARGET_USDT) {
		add_usdt(&m);
		add_registers(&m);
	} else {
		err = add_function(&m, signature);
	}
	maker_end(&m, out);
	return err;
}

int scope_return(struct scopes *s, const struct target *t, enum attach_way way,
		 struct scope *out)
{
	struct fetch fetch = { .kind = FETCH_REGISTER, .at = registers.result };
	const struct ctype *type = ctype_integer(8, true);
	struct ctype_function f;
	struct maker m;

	maker_start(&m, s, t, way);
	if (function_find(&m, &f))
		type = f.type->target;
	if (!has_registers(way))
		fetch.at = 8 * arguments_count(&m);
	if (ctype_is_scalar(type) && type->size <= 8) {
		name_add(&m, "retval", type, &fetch);
		m.shown = 1;
	} else if (type->kind == CTYPE_VOID) {
		/* The register has something, and BCC's users may ask for it. */
		name_add(&m, "retval", ctype_integer(8, true), &fetch);
	}
	add_registers(&m);
	maker_end(&m, out);
	return 0;
}
