// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expr/check.h"
#include "expr/parse.h"
#include "probe/abi.h"
#include "probe/eventformat.h"
#include "probe/registers.h"
#include "probe/scopes.h"
#include "probe/types.h"
#include "probe/usdtargs.h"
#include "strbuf.h"

#define NUMBERED_MAX 16 /* argN */
#define SYSCALL_ARGS 6

/* A scope as it grows. */
struct maker {
	struct scopes *scopes;
	const struct target *target;
	struct ctypes *types;
	enum attach_way way;
	struct scope_name *names, *fields;
	struct scope_unread *unread;
	size_t count, field_count, unread_count, shown;
	size_t room, field_room, unread_room;
	bool is_syscall;    /* of a function that is given registers these are the arguments */
	struct abi abi;
	const char *doubt; /* behind what it is not known where anything lies */
};

static bool is_user(const struct target *t)
{
	return t->kind == TARGET_USER || t->kind == TARGET_USDT;
}

struct ctypes *scopes_types(const struct scopes *s, const struct target *t)
{
	return types_of(s->types, t);
}

static const char *text_copy(struct maker *m, const char *text)
{
	return arena_copy(m->scopes->arena, text, strlen(text));
}

static enum space points(const struct maker *m, const struct ctype *type)
{
	return is_user(m->target) || type->is_user ? SPACE_USER : SPACE_ANY;
}

/* Room for one more in a list. */
static void *roomy(struct maker *m, void *list, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return list;
	*room = *room ? 2 * *room : 16;
	larger = arena_alloc(m->scopes->arena, *room * size);
	return count ? memcpy(larger, list, count * size) : larger;
}

static void name_add(struct maker *m, const char *name, const struct ctype *type,
		     const struct fetch *fetch)
{
	m->names = roomy(m, m->names, m->count, &m->room, sizeof(*m->names));
	m->names[m->count++] = (struct scope_name){
		.name = text_copy(m, name), .type = type, .fetch = *fetch,
		.points = points(m, type),
	};
}

/* why: what is to be said behind the name. */
__attribute__((format(printf, 3, 4)))
static void unread_add(struct maker *m, const char *name, const char *why, ...)
{
	struct strbuf text = {};
	va_list args;

	strbuf_str(&text, name);
	va_start(args, why);
	strbuf_vprintf(&text, why, args);
	va_end(args);
	m->unread = roomy(m, m->unread, m->unread_count, &m->unread_room, sizeof(*m->unread));
	m->unread[m->unread_count++] = (struct scope_unread){
		.name = text_copy(m, name), .why = text_copy(m, strbuf_cstr(&text)),
	};
	strbuf_free(&text);
}

static void field_add(struct maker *m, const struct scope_name *field)
{
	m->fields = roomy(m, m->fields, m->field_count, &m->field_room, sizeof(*m->fields));
	m->fields[m->field_count++] = *field;
}

static void maker_start(struct maker *m, struct scopes *s, const struct target *t,
			enum attach_way way)
{
	*m = (struct maker){ .scopes = s, .target = t, .way = way, .types = scopes_types(s, t) };
}

static void maker_end(struct maker *m, struct scope *out)
{
	*out = (struct scope){
		.names = m->names, .count = m->count, .unread = m->unread,
		.unread_count = m->unread_count, .fields = m->fields,
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

/* What lies so many bytes behind the first argument on the stack. */
static struct fetch stack_fetch(const struct maker *m, size_t at)
{
	return (struct fetch){
		.kind = FETCH_MEMORY, .at = registers.stack,
		.space = is_user(m->target) ? SPACE_USER : SPACE_KERNEL,
		.more = registers.stack_args + at,
	};
}

/* The index-th place of 8 bytes: a register, or what follows on the stack. */
static struct fetch place_of(const struct maker *m, size_t index)
{
	if (m->is_syscall)
		return (struct fetch){ .kind = FETCH_INNER, .at = registers.args[0],
				       .more = registers.syscall[index] };
	if (!has_registers(m->way))
		return (struct fetch){ .kind = FETCH_REGISTER, .at = 8 * index };
	if (index < registers.count)
		return (struct fetch){ .kind = FETCH_REGISTER, .at = registers.args[index] };
	return stack_fetch(m, 8 * (index - registers.count));
}

static enum abi_kind abi_kind(const struct maker *m)
{
	if (m->is_syscall)
		return ABI_WORDS;
	return has_registers(m->way) ? ABI_MACHINE : ABI_SLOTS;
}

static const char *type_text(struct maker *m, const struct ctype *type)
{
	struct strbuf text = {};
	const char *copy;

	ctype_print(type, NULL, &text);
	copy = text_copy(m, strbuf_cstr(&text));
	strbuf_free(&text);
	return copy;
}

/* Where parameters are asked for, one after the other; result: NULL, it is not known. */
static void places_start(struct maker *m, const struct ctype *result)
{
	abi_start(&m->abi, abi_kind(m));
	if (result && !m->is_syscall)
		abi_result(&m->abi, result);
	if (m->abi.lost)
		m->doubt = "the result";
}

/* Why a parameter has no value. */
static void parameter_unread(struct maker *m, const char *name, const struct ctype *type,
			     const struct abi_place *place)
{
	const char *what = type_text(m, type);

	if (type->kind == CTYPE_FLOAT)
		unread_add(m, name, " is %s: BPF cannot read floating point", what);
	else if (place->where == ABI_UNKNOWN && !m->doubt)
		unread_add(m, name, " is %s: how it is handed over is not known (argN are the "
			   "registers)", what);
	else if (place->where == ABI_UNKNOWN)
		unread_add(m, name, ": where it lies is not known, as it is not known how %s is "
			   "handed over (argN are the registers)", m->doubt);
	else if (place->is_address)
		unread_add(m, name, " is %s, handed over by its address (one of argN)", what);
	else if (place->where == ABI_STACK)
		unread_add(m, name, " is %s, handed over on the stack", what);
	else
		unread_add(m, name, " is %s, handed over in pieces (argN are the registers)", what);
}

/* A name, if there is one, for what lies in its place. */
static void parameter_name(struct maker *m, const char *name, const struct ctype *type,
			   const struct abi_place *place)
{
	bool in_memory = place->where == ABI_STACK;
	struct fetch fetch;

	if (!name || !*name)
		return;
	if ((!in_memory && place->where != ABI_REGISTERS) || !ctype_is_scalar(type) ||
	    type->size > 8) {
		parameter_unread(m, name, type, place);
		return;
	}
	fetch = in_memory ? stack_fetch(m, place->at) : place_of(m, place->at);
	name_add(m, name, type, &fetch);
}

static void add_parameter(struct maker *m, const char *name, const struct ctype *type)
{
	struct abi_place place = abi_parameter(&m->abi, type);

	if (m->is_syscall && place.at >= SYSCALL_ARGS)
		place.where = ABI_UNKNOWN;
	parameter_name(m, name, type, &place);
	if (place.where == ABI_UNKNOWN && !m->doubt)
		m->doubt = name && *name ? name : type_text(m, type);
}

static bool name_is(const struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (!strcmp(m->names[i].name, name))
			return true;
	}
	for (size_t i = 0; i < m->unread_count; i++) {
		if (!strcmp(m->unread[i].name, name))
			return true;
	}
	return false;
}

static int signature_parameter(struct maker *m, struct check *check, const struct parameter *p)
{
	const struct ctype *type = check_type(check, p->type);
	size_t count = m->count;

	if (!type)
		return -EINVAL;
	if (type->kind == CTYPE_VOID)
		return mistake_set(m->scopes->mistake, p->at, "a parameter cannot be void");
	if (p->name && name_is(m, p->name))
		return mistake_set(m->scopes->mistake, p->at, "there are two parameters %s",
				   p->name);
	type = ctypes_decay(m->types, type);
	if (p->name && !ctype_is_scalar(type) && type->kind != CTYPE_FLOAT)
		return mistake_set(m->scopes->mistake, p->at, "a struct is handed over in pieces: "
				   "name it as what is in the register");
	add_parameter(m, p->name, type);
	/* What a user's pointer is said to point to, __user or not. */
	if (m->count > count && p->type->kind == TYPE_POINTER && p->type->of->user)
		m->names[count].points = SPACE_USER;
	return 0;
}

/* The result is what is known of it: a signature says nothing of it. */
static int add_signature(struct maker *m, const struct scope_signature *signature)
{
	static const struct scope nothing;
	struct check check = { .arena = m->scopes->arena, .mistake = m->scopes->mistake,
			       .types = m->types, .scope = &nothing };
	struct ctype_function f;
	int err = 0;

	places_start(m, types_function(m->types, m->target, &f) ? f.type->target : NULL);
	for (const struct parameter *p = signature->first; p && !err; p = p->next)
		err = signature_parameter(m, &check, p);
	m->shown = m->count;
	return err;
}

static void add_known(struct maker *m)
{
	struct ctype_function f;
	struct ctype_param param;

	if (!types_function(m->types, m->target, &f))
		return;
	places_start(m, f.type->target);
	for (unsigned int i = 0; ctype_function_param(&f, i, &param); i++)
		add_parameter(m, param.name, param.type);
	m->shown = m->count;
}

/* fexit: the value stands behind the arguments. */
static size_t arguments_count(struct maker *m)
{
	struct ctype_function f;
	struct ctype_param param;
	struct abi abi;

	if (!types_function(m->types, m->target, &f))
		return 0;
	abi_start(&abi, ABI_SLOTS);
	for (unsigned int i = 0; ctype_function_param(&f, i, &param); i++)
		abi_parameter(&abi, param.type);
	return abi.integers;
}

/* arg1 ...: whatever they are; where the kernel checks how many there are, not more. */
static void add_numbered(struct maker *m)
{
	size_t count = m->is_syscall ? SYSCALL_ARGS : has_registers(m->way) ? NUMBERED_MAX :
									       arguments_count(m);
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

/* Names and types of a system call's arguments are those of its tracepoint. */
static void add_syscall_known(struct maker *m, const char *syscall)
{
	struct eventformat format = {};
	char event[128];
	size_t index = 0;

	snprintf(event, sizeof(event), "syscalls:sys_enter_%s", syscall);
	if (eventformat_read(&format, event))
		return;
	for (size_t i = 0; i < format.count && index < SYSCALL_ARGS; i++) {
		const struct event_field *f = &format.fields[i];
		struct fetch fetch = place_of(m, index);
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
	int err = 0;

	m->is_syscall = true;
	if (signature)
		err = add_signature(m, signature);
	else
		add_syscall_known(m, syscall);
	for (size_t i = 0; signature && i < m->count; i++)
		m->names[i].points = SPACE_USER;
	return err;
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
	if (types_function(m.types, m.target, &f))
		type = f.type->target;
	if (!has_registers(way))
		fetch.at = 8 * arguments_count(&m);
	if (ctype_is_scalar(type) && type->size <= 8) {
		name_add(&m, "retval", type, &fetch);
		m.shown = 1;
	} else if (type->kind == CTYPE_VOID) {
		/* The register has something, and BCC's users may ask for it. */
		name_add(&m, "retval", ctype_integer(8, true), &fetch);
	} else {
		unread_add(&m, "retval", ": %s returns %s, which cannot be read", t->name,
			   type_text(&m, type));
	}
	add_registers(&m);
	maker_end(&m, out);
	return 0;
}
