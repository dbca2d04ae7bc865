// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "expr/ctype.h"
#include "expr/parse.h"
#include "kernel.h"
#include "mistake.h"
#include "probe/eventformat.h"
#include "strbuf.h"

#define POINTER_SIZE 8	   /* what the kernel puts over the beginning of the record */
#define RECORD_MOST 0xffff /* __data_loc has 16 bits for an offset */

/* --- types ----------------------------------------------------------------------------------- */

/* Words that are no part of a type to who only reads values. */
static bool is_mark(const char *word, size_t size)
{
	static const char *const marks[] = {
		"__rcu", "__percpu", "__iomem", "__force", "__seg_gs", "__seg_fs",
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strlen(marks[i]) == size && !memcmp(marks[i], word, size))
			return true;
	}
	return false;
}

/* The words with single spaces between them, and without the marks. */
static const char *words_join(struct eventformat *f, const char *text, size_t size)
{
	char *joined = arena_alloc(&f->arena, size + 1), *to = joined;
	const char *end = text + size;

	while (text < end) {
		size_t word = 0;

		while (text < end && isspace((unsigned char)*text))
			text++;
		while (text + word < end && !isspace((unsigned char)text[word]))
			word++;
		if (word && !is_mark(text, word)) {
			if (to > joined)
				*to++ = ' ';
			memcpy(to, text, word);
			to += word;
		}
		text += word;
	}
	return joined;
}

static bool type_parses(struct eventformat *f, const char *text)
{
	struct mistake mistake;
	struct parse p = { .arena = &f->arena, .mistake = &mistake };
	struct type_name *type;

	parse_start(&p, text, 0);
	return !parse_type(&p, &type) && !parse_end(&p);
}

/* Of types whose size is in their name: C's own, u32, __s64; 0: not known. */
static unsigned int type_size(const char *type)
{
	const struct ctype *basic = ctype_basic(type);
	unsigned int bits = 0;
	char sign = 0;
	int end = 0;

	if (basic)
		return basic->size;
	type += strncmp(type, "__", 2) ? 0 : 2;
	sscanf(type, "%c%2u%n", &sign, &bits, &end);
	return end && !type[end] && (sign == 'u' || sign == 's') ? bits / 8 : 0;
}

static const char *integer_type(unsigned int size, bool is_signed)
{
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return NULL;
	/* char itself would be taken for text. */
	return size == 1 && is_signed ? "signed char" : ctype_integer(size, is_signed)->name;
}

/* What can be said by size and sign alone. */
static void plain_set(struct event_field *field)
{
	unsigned int each = field->count ? field->size / field->count : field->size;

	field->plain_count = field->count;
	if (field->place != EVENT_FIXED || (field->is_array && !field->count))
		each = type_size(field->type);
	field->plain = strcmp(field->type, "char") ? integer_type(each, field->is_signed) : "char";
	if (field->plain)
		return;
	field->plain = "unsigned char";
	field->plain_count = field->place == EVENT_FIXED ? field->size : 0;
}

/* count: what stands in the brackets; older kernels write "32 + 2" as it is in their source. */
static void count_set(struct event_field *field, const char *count, size_t size)
{
	unsigned int each = type_size(field->type);
	char *end;

	field->count = strtoul(count, &end, 10);
	if (end != count + size || !size)
		field->count = each ? field->size / each : 0;
	if (!field->size || (field->count && field->size % field->count))
		field->count = 0;
}

/* --- fields ---------------------------------------------------------------------------------- */

/* "TYPE NAME[COUNT]", in its parts. */
struct declaration {
	const char *type, *name, *count; /* count: NULL if there are no brackets */
	size_t type_size, name_size, count_size;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool declaration_read(struct declaration *d, const char *text, size_t size)
{
	const char *end = text + size;

	*d = (struct declaration){ .type = text };
	if (size && end[-1] == ']') {
		d->count = memchr(text, '[', size);
		if (!d->count)
			return false;
		d->count_size = end - ++d->count - 1;
		end = d->count - 1;
	}
	d->name = end;
	while (d->name > text && is_word(d->name[-1]))
		d->name--;
	d->name_size = end - d->name;
	d->type_size = d->name - text;
	return d->name_size && d->type_size;
}

static bool word_take(struct declaration *d, const char *word)
{
	size_t size = strlen(word);

	if (d->type_size <= size || memcmp(d->type, word, size))
		return false;
	d->type += size;
	d->type_size -= size;
	return true;
}

/* "__data_loc char[] name": the brackets are the type's. */
static void place_set(struct event_field *field, struct declaration *d)
{
	const char *bracket;

	if (word_take(d, "__data_loc "))
		field->place = EVENT_DATA_LOC;
	else if (word_take(d, "__rel_loc "))
		field->place = EVENT_REL_LOC;
	else
		return;
	field->is_array = true;
	bracket = memchr(d->type, '[', d->type_size);
	if (bracket)
		d->type_size = bracket - d->type;
}

static void type_set(struct eventformat *f, struct event_field *field, struct declaration *d)
{
	place_set(field, d);
	field->type = words_join(f, d->type, d->type_size);
	/* The record has the words that this machine's CPUs need, the type those of the most. */
	if (field->place != EVENT_FIXED && !strcmp(field->type, "cpumask_t"))
		field->type = "unsigned long";
	if (d->count && field->place == EVENT_FIXED) {
		field->is_array = true;
		count_set(field, d->count, d->count_size);
	}
	plain_set(field);
	/* Brackets whose text is not understood: as many bytes as there are. */
	if (!type_parses(f, field->type) || (field->is_array && field->size && !field->count &&
					     field->place == EVENT_FIXED)) {
		field->type = field->plain;
		field->count = field->plain_count;
		field->is_array |= field->count;
	}
}

static bool field_read(struct eventformat *f, struct event_field *field, const char *line,
		       bool is_syscall)
{
	const char *end = strchr(line, ';');
	struct declaration d;
	int is_signed;

	if (!end || !declaration_read(&d, line, end - line) ||
	    sscanf(end, "; offset:%u; size:%u; signed:%d;", &field->offset, &field->size,
		   &is_signed) != 3 ||
	    field->offset > RECORD_MOST || field->size > RECORD_MOST)
		return false;
	field->is_signed = is_signed;
	field->name = arena_copy(&f->arena, d.name, d.name_size);
	field->is_common = !strncmp(field->name, "common_", strlen("common_"));
	field->is_user = is_syscall || memmem(d.type, d.type_size, "__user", 6);
	type_set(f, field, &d);
	field->is_readable = field->offset >= POINTER_SIZE &&
			     (!is_syscall || field->place == EVENT_FIXED);
	return true;
}

static struct event_field *field_add(struct eventformat *f)
{
	/* Powers of two: room is made when the last one is filled. */
	if (!(f->count & (f->count - 1))) {
		f->fields = reallocarray(f->fields, f->count ? 2 * f->count : 1,
					 sizeof(*f->fields));
		if (!f->fields)
			diag_no_memory();
	}
	f->fields[f->count] = (struct event_field){};
	return &f->fields[f->count++];
}

int eventformat_parse(struct eventformat *f, const char *text, size_t size, bool is_syscall)
{
	static const char mark[] = "\tfield:";
	const char *end = text + size;

	while (text < end) {
		const char *next = memchr(text, '\n', end - text);
		size_t length = (next ? next : end) - text;

		if (length >= sizeof(mark) && !memcmp(text, mark, sizeof(mark) - 1)) {
			size_t skip = sizeof(mark) - 1;
			const char *line = arena_copy(&f->arena, text + skip, length - skip);

			if (!field_read(f, field_add(f), line, is_syscall))
				return -EINVAL;
		}
		text += length + 1;
	}
	return f->count ? 0 : -EINVAL;
}

/* --- files ----------------------------------------------------------------------------------- */

static int file_read(int fd, struct strbuf *text)
{
	ssize_t n;

	do {
		n = read(fd, strbuf_grow(text, 4096), 4096);
		if (n > 0)
			text->size += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

int eventformat_read(struct eventformat *f, const char *event)
{
	const char *colon = strchr(event, ':');
	struct strbuf path = {}, text = {};
	int fd, err;

	if (!colon)
		return -EINVAL;
	strbuf_printf(&path, "events/%.*s/%s/format", (int)(colon - event), event, colon + 1);
	fd = kernel_open_tracefs(strbuf_cstr(&path));
	strbuf_free(&path);
	if (fd < 0)
		return fd;
	err = file_read(fd, &text);
	close(fd);
	if (!err)
		err = eventformat_parse(f, text.data, text.size,
					!strncmp(event, "syscalls:", strlen("syscalls:")));
	strbuf_free(&text);
	return err;
}

const struct event_field *eventformat_find(const struct eventformat *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!strcmp(f->fields[i].name, name))
			return &f->fields[i];
	}
	return NULL;
}

void eventformat_free(struct eventformat *f)
{
	arena_free(&f->arena);
	free(f->fields);
	*f = (struct eventformat){};
}
