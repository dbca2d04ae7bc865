// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "escape.h"
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
	strbuf_clear(&r->message);
	strbuf_clear(&r->stacks);
	format_print(&a->format, a->values, r->reads, &context, &r->message);
	return sizeof(*e) + at <= size;
}

/* --- stacks --------------------------------------------------------------------------------- */

static uint64_t frame(const uint64_t *stack, size_t i)
{
	uint64_t address;

	memcpy(&address, stack + i, sizeof(address)); /* strings before it leave no alignment */
	return address;
}

static void frame_line(struct row *r, uint64_t address, bool kernel)
{
	strbuf_str(&r->stacks, "        ");
	if (row_look.addresses)
		strbuf_printf(&r->stacks, "%16llx ", (unsigned long long)address);
	if (kernel)
		ksyms_print(&row_look.ksyms, address, &r->stacks);
	else
		usyms_print(&row_look.usyms, r->pid, address, &r->stacks);
	strbuf_char(&r->stacks, '\n');
}

static void stack_lines(struct row *r, const uint64_t *stack, size_t frames, int32_t bytes,
			bool kernel)
{
	for (size_t i = 0; i < frames; i++)
		frame_line(r, frame(stack, i), kernel);
	if (bytes < 0)
		strbuf_printf(&r->stacks, "        no %s stack: %s\n", kernel ? "kernel" : "user",
			      strerror(-bytes));
}

void row_stacks(struct row *r)
{
	if (row_look.kernel)
		stack_lines(r, r->kernel_stack, r->kernel_frames, r->event->kernel_stack, true);
	if (row_look.user)
		stack_lines(r, r->user_stack, r->user_frames, r->event->user_stack, false);
	if (row_look.kernel || row_look.user)
		strbuf_char(&r->stacks, '\n');
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

	strbuf_str(out, ",\"args\":{");
	for (size_t i = 0; i < a->count; i++) {
		const struct value *v = &a->values[i];

		if (i)
			strbuf_char(out, ',');
		escape_json(out, v->name, strlen(v->name));
		strbuf_char(out, ':');
		if (value_json(v, &r->reads[i], format_conversion(&a->format, i), &context, out))
			continue;
		strbuf_str(out, ",\"");
		strbuf_str(out, v->name);
		strbuf_str(out, "_hex\":\"");
		value_hex(v, &r->reads[i], out);
		strbuf_char(out, '"');
	}
	strbuf_char(out, '}');
}

static void stack_json(struct strbuf *out, const struct row *r, const char *key,
		       const uint64_t *stack, size_t frames, bool kernel)
{
	static struct strbuf text;

	strbuf_printf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < frames; i++) {
		strbuf_clear(&text);
		if (kernel)
			ksyms_print(&row_look.ksyms, frame(stack, i), &text);
		else
			usyms_print(&row_look.usyms, r->pid, frame(stack, i), &text);
		if (i)
			strbuf_char(out, ',');
		escape_json(out, text.data, text.size);
	}
	strbuf_char(out, ']');
}

/* Behind the message: each value by its name, and the stacks. */
void message_more(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	values_json(out, r);
	if (row_look.kernel)
		stack_json(out, r, "kernel_stack", r->kernel_stack, r->kernel_frames, true);
	if (row_look.user)
		stack_json(out, r, "user_stack", r->user_stack, r->user_frames, false);
}
