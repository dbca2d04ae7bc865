// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "diag.h"
#include "escape.h"

static void arguments_add(struct arguments *a, struct bytes one)
{
	if (a->count == a->room) {
		a->room = a->room ? 2 * a->room : 64;
		a->list = realloc(a->list, a->room * sizeof(*a->list));
		if (!a->list)
			diag_no_memory();
	}
	a->list[a->count++] = one;
}

/* What lies behind the N of /dev/fd/N: the rest of the path that execveat was given. */
static size_t descriptor_end(const char *name, size_t size)
{
	size_t n = strlen("/dev/fd/");

	while (n < size && name[n] >= '0' && name[n] <= '9')
		n++;
	return n < size ? n : size;
}

/*
 * The file's name. By descriptor it is the path that was walked: for a program its own, for a
 * script (its own file is gone by then) that of the descriptor, with the rest behind it. A
 * failed execveat has no name made up for it by the kernel, so one is made here.
 */
static struct bytes file_name(struct arguments *a, const struct execsnoop_event *e,
			      struct bytes file)
{
	struct bytes name = { e->data, e->name_size };
	size_t end;

	strbuf_clear(&a->name);
	if ((e->bits & EXEC_BY_DESCRIPTOR) && file.data) {
		strbuf_add(&a->name, file.data, file.size);
		end = descriptor_end(e->data, e->name_size);
		if (e->bits & EXEC_SCRIPT)
			strbuf_add(&a->name, e->data + end, e->name_size - end);
	} else if (e->bits & EXEC_NAME_UNREAD) {
		return (struct bytes){};
	} else if (e->dirfd != AT_FDCWD && (!name.size || name.data[0] != '/')) {
		strbuf_printf(&a->name, "/dev/fd/%d%s", e->dirfd, name.size ? "/" : "");
		strbuf_add(&a->name, name.data, name.size);
	} else {
		return name;
	}
	return (struct bytes){ a->name.data, a->name.size };
}

static bool bytes_equal(struct bytes x, const char *data, size_t size)
{
	return x.size == size && !memcmp(x.data, data, size);
}

/* A script's arguments begin with its interpreter's: all up to its own name goes. Without it
 * (binfmt_misc has ways) nothing does. */
static void drop_interpreter(struct arguments *a, const struct execsnoop_event *e)
{
	for (size_t i = 2; i < a->count; i++) {
		if (bytes_equal(a->list[i], e->data, e->name_size)) {
			memmove(a->list + 1, a->list + i + 1,
				(a->count - i - 1) * sizeof(*a->list));
			a->count -= i;
			return;
		}
	}
}

void arguments_set(struct arguments *a, const struct execsnoop_event *e, const char *args,
		   struct bytes file)
{
	const char *end = args + e->args_size;
	size_t i = 0;

	a->count = 0;
	a->argc = e->argc;
	a->total = e->args_total;
	a->cut = e->bits & EXEC_ARGS_CUT;
	a->argv0 = (struct bytes){};
	arguments_add(a, file_name(a, e, file));
	for (; args < end; i++) {
		struct bytes one = { args, strnlen(args, end - args) };

		args += one.size + 1;
		if (i < 64 && e->args_unread >> i & 1)
			one = (struct bytes){};
		if (i == 0 && !(e->bits & EXEC_SCRIPT))
			a->argv0 = one;
		if (i > 0 || (e->bits & EXEC_SCRIPT))
			arguments_add(a, one);
	}
	if (e->bits & EXEC_SCRIPT)
		drop_interpreter(a, e);
}

struct bytes arguments_argv0(const struct arguments *a)
{
	return a->argv0;
}

void arguments_join(struct strbuf *out, const struct arguments *a)
{
	for (size_t i = 0; i < a->count; i++) {
		if (i)
			strbuf_char(out, ' ');
		strbuf_add(out, a->list[i].data, a->list[i].data ? a->list[i].size : 0);
	}
}

void arguments_text(struct strbuf *out, const struct arguments *a, size_t max, bool quote)
{
	for (size_t i = 0; i < a->count && i < max; i++) {
		const struct bytes *one = &a->list[i];

		if (i)
			strbuf_char(out, ' ');
		if (!one->data) {
			strbuf_char(out, '?');
			continue;
		}
		if (quote)
			strbuf_char(out, '"');
		escape_text(out, one->data, one->size, quote);
		if (quote)
			strbuf_char(out, '"');
	}
	if (a->cut || a->count > max)
		strbuf_str(out, " ...");
}

void arguments_json(struct strbuf *out, const struct arguments *a, size_t max)
{
	strbuf_char(out, '[');
	for (size_t i = 0; i < a->count && i < max; i++) {
		if (i)
			strbuf_char(out, ',');
		if (a->list[i].data)
			escape_json(out, a->list[i].data, a->list[i].size);
		else
			strbuf_str(out, "null");
	}
	strbuf_char(out, ']');
}

/* Whether JSON strings show all arguments as they are. */
static bool all_valid(const struct arguments *a, size_t max)
{
	static struct strbuf nowhere;
	bool valid = true;

	strbuf_clear(&nowhere);
	for (size_t i = 0; i < a->count && i < max; i++) {
		if (a->list[i].data && !escape_json(&nowhere, a->list[i].data, a->list[i].size))
			valid = false;
	}
	return valid;
}

void arguments_json_more(struct strbuf *out, const struct arguments *a, size_t max)
{
	strbuf_printf(out, ",\"argc\":%u,\"args_size\":%ju,\"args_cut\":%s", a->argc,
		      (uintmax_t)a->total, a->cut || a->count > max ? "true" : "false");
	if (all_valid(a, max))
		return;
	strbuf_str(out, ",\"args_hex\":[");
	for (size_t i = 0; i < a->count && i < max; i++) {
		strbuf_str(out, i ? ",\"" : "\"");
		escape_hex(out, a->list[i].data, a->list[i].data ? a->list[i].size : 0);
		strbuf_char(out, '"');
	}
	strbuf_char(out, ']');
}
