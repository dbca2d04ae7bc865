// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "escape.h"
#include "images.h"
#include "path.h"
#include "row.h"

struct row_look row_look;

/* --- symbols -------------------------------------------------------------------------------- */

static void kernel_symbol(void *arg, uint64_t address, struct strbuf *out)
{
	(void)arg;
	ksyms_print(&row_look.ksyms, address, out);
}

static void user_symbol(void *arg, uint64_t address, struct strbuf *out)
{
	const struct row *r = arg;

	usyms_print(&row_look.usyms, r->pid, address, out);
}

/* --- an event ------------------------------------------------------------------------------- */

/* Where a stack lies in the event, and how many frames it has. */
static const uint64_t *stack_find(const struct trace_event *e, int32_t bytes, size_t *at,
				  size_t *frames)
{
	const void *stack = e->data + *at;

	*frames = bytes > 0 ? bytes / 8 : 0;
	*at += 8 * *frames;
	return stack;
}

/* The stack was walked twice. An address and its place in a file are alike within a page. */
#define PAGE_BITS 0xfff

static struct usyms_frame user_frame(const struct row *r, size_t i)
{
	struct usyms_frame f = { .pid = r->pid, .parent = r->event->parent };
	static struct bpf_stack_build_id seen;

	memcpy(&f.address, r->user_stack + i, sizeof(f.address)); /* strings leave no alignment */
	if (!r->ids)
		return f;
	memcpy(&seen, r->ids + i, sizeof(seen));
	if (seen.status != BPF_STACK_BUILD_ID_VALID || (seen.offset ^ f.address) & PAGE_BITS)
		return f;
	f.id = seen.build_id;
	f.program = r->program.size ? r->program.data : NULL;
	f.offset = seen.offset;
	return f;
}

/* Where in files the frames are; only if as many as there are frames. */
static void ids_find(struct row *r, size_t *at)
{
	const struct trace_event *e = r->event;
	struct trace_image image;

	r->ids = NULL;
	if (e->ids_size < sizeof(image))
		return;
	memcpy(&image, e->data + *at, sizeof(image));
	if (e->ids_size == sizeof(image) + r->user_frames * TRACE_BUILD_ID)
		r->ids = (const void *)(e->data + *at + sizeof(image));
	*at += e->ids_size;
	strbuf_clear(&r->program);
	if (e->path_size) {
		path_join(&r->program, e->data + *at, e->path_size, false, false);
		strbuf_char(&r->program, '\0');
	}
	*at += e->path_size;
	images_learn(e, &image);
}

bool row_fill(struct row *r, const struct session *s, const struct trace_event *e, size_t size)
{
	const struct action *a;
	struct format_context context = { kernel_symbol, user_symbol, r };
	size_t at;

	if (size < sizeof(*e) || !session_meaning(s, e->slot, &r->meaning) ||
	    size < sizeof(*e) + e->data_size)
		return false;
	a = r->meaning.action;
	if (!values_read(a->values, a->count, e->data, e->data_size, r->reads))
		return false;
	r->event = e;
	r->time_ns = e->time_ns;
	r->pid = e->pid;
	r->tid = e->tid;
	r->uid = e->uid;
	r->cpu = e->cpu;
	memcpy(r->comm, e->comm, sizeof(r->comm));
	r->func = (struct bytes){ r->meaning.func, strlen(r->meaning.func) };
	at = e->data_size;
	r->kernel_stack = stack_find(e, e->kernel_stack, &at, &r->kernel_frames);
	r->user_stack = stack_find(e, e->user_stack, &at, &r->user_frames);
	if (sizeof(*e) + at + e->ids_size + e->path_size > size)
		return false;
	ids_find(r, &at);
	strbuf_clear(&r->message);
	format_print(&a->format, a->values, r->reads, &context, &r->message);
	return true;
}

/* --- stacks --------------------------------------------------------------------------------- */

/* Walks of stacks go on behind their end where a function keeps no frame pointer. */
static void stack_trim(struct row *r)
{
	while (r->user_frames > 1) {
		struct usyms_frame f = user_frame(r, r->user_frames - 1);

		if (usyms_is_code(&row_look.usyms, &f))
			return;
		r->user_frames--;
	}
}

/* What called us: programs and trampolines, where a function is reached by fexit. */
static void kernel_trim(struct row *r)
{
	uint64_t address;

	while (r->kernel_frames > 1) {
		memcpy(&address, r->kernel_stack, sizeof(address));
		if (!ksyms_is_program(&row_look.ksyms, address))
			return;
		r->kernel_stack++;
		r->kernel_frames--;
	}
}

void row_trim(struct row *r)
{
	stack_trim(r);
	kernel_trim(r);
}

static void frame_print(const struct row *r, size_t i, bool kernel, struct strbuf *out)
{
	struct usyms_frame f = {};

	if (kernel)
		memcpy(&f.address, r->kernel_stack + i, sizeof(f.address)); /* as above */
	else
		f = user_frame(r, i);
	if (row_look.addresses)
		strbuf_printf(out, "%16llx ", (unsigned long long)f.address);
	if (kernel)
		ksyms_print(&row_look.ksyms, f.address, out);
	else
		usyms_print_frame(&row_look.usyms, &f, out);
}

static void stack_lines(const struct row *r, size_t frames, int32_t bytes, bool kernel,
			struct strbuf *out)
{
	for (size_t i = 0; i < frames; i++) {
		strbuf_str(out, "        ");
		frame_print(r, i, kernel, out);
		strbuf_char(out, '\n');
	}
	if (bytes < 0)
		strbuf_printf(out, "        no %s stack: %s\n", kernel ? "kernel" : "user",
			      strerror(-bytes));
	else if (!frames && kernel)
		strbuf_str(out, "        no kernel stack: the kernel has none here\n");
}

void row_stacks(const struct row *r, struct strbuf *out)
{
	if (row_look.kernel)
		stack_lines(r, r->kernel_frames, r->event->kernel_stack, true, out);
	if (row_look.user)
		stack_lines(r, r->user_frames, r->event->user_stack, false, out);
	if (row_look.kernel || row_look.user)
		strbuf_char(out, '\n');
}

/* --- cells ---------------------------------------------------------------------------------- */

/* Seconds since 1970, as BCC's -u. */
void unix_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;
	int64_t ns = r->time_ns + row_look.realtime_ns;

	strbuf_printf(out, "%lld.%06lld", (long long)(ns / 1000000000),
		      (long long)(ns % 1000000000 / 1000));
}

void message_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	strbuf_add(out, r->message.data, r->message.size);
}

static void values_json(struct strbuf *out, const struct row *r)
{
	const struct action *a = r->meaning.action;
	struct format_context context = { kernel_symbol, user_symbol, (void *)r };
	static struct strbuf name;

	strbuf_str(out, ",\"args\":{");
	for (size_t i = 0; i < a->count; i++) {
		const struct value *v = &a->values[i];

		if (i)
			strbuf_char(out, ',');
		escape_json(out, v->name, strlen(v->name));
		strbuf_char(out, ':');
		if (value_json(v, &r->reads[i], format_conversion(&a->format, i), &context, out))
			continue;
		strbuf_char(out, ',');
		strbuf_clear(&name);
		strbuf_printf(&name, "%s_hex", v->name);
		escape_json(out, name.data, name.size);
		strbuf_str(out, ":\"");
		value_hex(v, &r->reads[i], out);
		strbuf_char(out, '"');
	}
	strbuf_char(out, '}');
}

static void stack_json(struct strbuf *out, const struct row *r, const char *key, size_t frames,
		       bool kernel)
{
	static struct strbuf text;

	strbuf_printf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < frames; i++) {
		size_t blanks;

		strbuf_clear(&text);
		frame_print(r, i, kernel, &text);
		blanks = strspn(strbuf_cstr(&text), " ");
		if (i)
			strbuf_char(out, ',');
		escape_json(out, text.data + blanks, text.size - blanks);
	}
	strbuf_char(out, ']');
}

/* Behind the message: each value by its name, and the stacks. */
void message_more(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	values_json(out, r);
	if (row_look.kernel)
		stack_json(out, r, "kernel_stack", r->kernel_frames, true);
	if (row_look.user)
		stack_json(out, r, "user_stack", r->user_frames, false);
}
