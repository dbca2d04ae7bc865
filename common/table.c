// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include "diag.h"
#include "escape.h"
#include "table.h"

#define NS_PER_S   1000000000
#define NS_PER_US  1000
#define COMM_SIZE  16 /* CELL_CHARS */
#define GATHER_MAX (256 * 1024)

/* The choice of columns */

static struct strbuf message;

static size_t columns_count(const struct column *columns)
{
	size_t n = 0;

	while (columns[n].kind != CELL_END)
		n++;
	return n;
}

static void columns_check(const struct column *columns)
{
	for (size_t i = 0; columns[i].kind != CELL_END; i++) {
		assert(columns[i].name && columns[i].key);
		assert(columns[i].decimals >= 0 && columns[i].decimals <= 9);
		assert(columns[i].kind != CELL_FORMAT || columns[i].text);
		for (size_t k = 0; k < i; k++)
			assert(strcmp(columns[i].key, columns[k].key));
	}
}

static bool name_equal(const char *name, const char *item, size_t size)
{
	return strlen(name) == size && !strncasecmp(name, item, size);
}

/* Keys go first: they are unique, headers need not be. */
static const struct column *column_find(const struct column *columns, const char *item,
					size_t size)
{
	const struct column *c;

	for (c = columns; c->kind != CELL_END; c++)
		if (name_equal(c->key, item, size))
			return c;
	for (c = columns; c->kind != CELL_END; c++)
		if (name_equal(c->name, item, size))
			return c;
	return NULL;
}

static bool is_shown(const struct table *t, const struct column *c)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->shown[i] == c)
			return true;
	return false;
}

static void show_default(struct table *t)
{
	const struct column *c;

	for (c = t->columns; c->kind != CELL_END; c++)
		if (!c->extra && (t->json || !c->when || *c->when))
			t->shown[t->count++] = c;
}

/* One more column of "+a,+b": before the last one, if that has no width. */
static void show_more(struct table *t, const struct column *c)
{
	size_t at = t->count;

	if (is_shown(t, c))
		return;
	if (at && !t->shown[at - 1]->width) {
		t->shown[at] = t->shown[at - 1];
		at--;
	}
	t->shown[at] = c;
	t->count++;
}

static const char *bad_item(const struct table *t, const char *item, size_t size)
{
	strbuf_clear(&message);
	if (size)
		strbuf_printf(&message, "no column '%.*s'; there are: ", (int)size, item);
	else
		strbuf_str(&message, "a column name is empty; there are: ");
	for (const struct column *c = t->columns; c->kind != CELL_END; c++)
		strbuf_printf(&message, "%s%s", c == t->columns ? "" : ", ", c->key);
	return strbuf_cstr(&message);
}

static const char *bad_list(const char *what, size_t size, const char *why)
{
	strbuf_clear(&message);
	strbuf_printf(&message, "'%.*s' %s", (int)size, what, why);
	return strbuf_cstr(&message);
}

/* The columns that the items of a list name, in its order; *count of them. */
static const char *list_parse(const struct table *t, const char *list, bool more,
			      const struct column **named, size_t *count)
{
	const char *item = list;

	for (;;) {
		size_t size = strcspn(item, ",");
		const char *next = item[size] ? item + size + 1 : NULL;
		const struct column *c;

		if ((*item == '+') != more)
			return bad_list(
				list, strlen(list),
				"mixes names with and without '+': \"a,b\" shows exactly "
				"these columns, \"+a,+b\" these too");
		item += more;
		size -= more;
		c = column_find(t->columns, item, size);
		if (!c)
			return bad_item(t, item, size);
		for (size_t i = 0; i < *count; i++)
			if (named[i] == c)
				return bad_list(item, size, "stands twice");
		named[(*count)++] = c;
		if (!next)
			return NULL;
		item = next;
	}
}

static const struct column **columns_alloc(size_t n)
{
	const struct column **array = calloc(n ? n : 1, sizeof(*array));

	if (!array)
		diag_no_memory();
	return array;
}

const char *table_select(struct table *t, const char *list)
{
	size_t n = columns_count(t->columns), count = 0;
	const struct column **named = columns_alloc(n);
	const char *wrong = NULL;
	bool more = list && *list == '+';

	columns_check(t->columns);
	if (list)
		wrong = list_parse(t, list, more, named, &count);
	free(t->shown);
	t->shown = columns_alloc(n);
	t->count = 0;
	if (!list || more || wrong)
		show_default(t);
	for (size_t i = 0; i < count && !wrong; i++) {
		if (more)
			show_more(t, named[i]);
		else
			t->shown[t->count++] = named[i];
	}
	free(named);
	return wrong;
}

bool table_shows(const struct table *t, const char *key)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->shown[i]->key, key))
			return true;
	return false;
}

/* Values. Rows may stand anywhere in a ring buffer, so they are copied out of. */

static uint32_t value_u32(const struct column *c, const void *row)
{
	uint32_t value;

	memcpy(&value, (const char *)row + c->offset, sizeof(value));
	return value;
}

static uint64_t value_u64(const struct column *c, const void *row)
{
	uint64_t value;

	memcpy(&value, (const char *)row + c->offset, sizeof(value));
	return value;
}

/* A number, the same in text and JSON. */
static void number_add(struct strbuf *out, const struct column *c, const void *row)
{
	if (c->kind == CELL_U32)
		strbuf_u64(out, value_u32(c, row));
	else if (c->kind == CELL_S32)
		strbuf_s64(out, (int32_t)value_u32(c, row));
	else
		strbuf_u64(out, value_u64(c, row));
}

static struct bytes value_bytes(const struct column *c, const void *row)
{
	const char *at = (const char *)row + c->offset;
	struct bytes b;

	if (c->kind == CELL_CHARS)
		return (struct bytes){ at, strnlen(at, COMM_SIZE) };
	memcpy(&b, at, sizeof(b));
	return b;
}

static uint64_t power_of_10(int n)
{
	uint64_t value = 1;

	while (n-- > 0)
		value *= 10;
	return value;
}

/* Digits with zeros in front. */
static void fraction_add(struct strbuf *out, uint64_t value, int digits)
{
	char *at = strbuf_grow(out, digits);

	for (int i = digits; i-- > 0; value /= 10)
		at[i] = '0' + value % 10;
	out->size += digits;
}

/* Seconds. Negative if an event is older than the start, or the first row overtook it. */
static void since_add(struct table *t, const struct column *c, const void *row)
{
	uint64_t now = value_u64(c, row), base = t->start_ns, ns;

	if (c->since_first) {
		if (!t->first_known)
			t->first_ns = now;
		t->first_known = true;
		base = t->first_ns;
	}
	if (now < base)
		strbuf_char(&t->out, '-');
	ns = now < base ? base - now : now - base;
	strbuf_u64(&t->out, ns / NS_PER_S);
	if (!c->decimals)
		return;
	strbuf_char(&t->out, '.');
	fraction_add(&t->out, ns % NS_PER_S / power_of_10(9 - c->decimals), c->decimals);
}

static void second_add(struct strbuf *out, struct table_second *kept, int64_t second,
		       const char *format,
		       struct tm *(*convert)(const time_t *, struct tm *))
{
	time_t time = second;
	struct tm tm;

	if (!kept->size || kept->second != second) {
		kept->second = second;
		kept->size = 0;
		if (convert(&time, &tm))
			kept->size =
				strftime(kept->text, sizeof(kept->text), format, &tm);
	}
	strbuf_add(out, kept->text, kept->size);
}

static void clock_text(struct table *t, const struct column *c, const void *row)
{
	int64_t ns = (int64_t)value_u64(c, row) + t->realtime_ns;

	second_add(&t->out, &t->local, ns / NS_PER_S, "%H:%M:%S", localtime_r);
}

static void clock_json(struct table *t, const struct column *c, const void *row)
{
	int64_t ns = (int64_t)value_u64(c, row) + t->realtime_ns;

	strbuf_char(&t->out, '"');
	second_add(&t->out, &t->utc, ns / NS_PER_S, "%Y-%m-%dT%H:%M:%S", gmtime_r);
	strbuf_char(&t->out, '.');
	fraction_add(&t->out, ns % NS_PER_S / NS_PER_US, 6);
	strbuf_str(&t->out, "Z\"");
}

/* Text */

static void bytes_text(struct strbuf *out, const struct column *c, const void *row)
{
	struct bytes b = value_bytes(c, row);

	if (b.data)
		escape_text(out, b.data, b.size, false);
	else
		strbuf_str(out, c->unknown ? c->unknown : "?");
}

static void cell_text(struct table *t, const struct column *c, const void *row)
{
	switch (c->kind) {
	case CELL_U32:
	case CELL_S32:
	case CELL_U64:
		number_add(&t->out, c, row);
		break;
	case CELL_BYTES:
	case CELL_CHARS:
		bytes_text(&t->out, c, row);
		break;
	case CELL_CLOCK:
		clock_text(t, c, row);
		break;
	case CELL_SINCE:
		since_add(t, c, row);
		break;
	case CELL_FORMAT:
		c->text(&t->out, row);
		break;
	case CELL_END:
		break;
	}
}

/* Widens what stands from start on to the column's width. */
static void cell_pad(struct strbuf *out, const struct column *c, size_t start)
{
	size_t width = abs(c->width), size = out->size - start, have;

	if (!width)
		return;
	have = escape_width(out->data + start, size);
	if (have >= width)
		return;
	strbuf_fill(out, ' ', width - have);
	if (c->width < 0)
		return;
	memmove(out->data + start + width - have, out->data + start, size);
	memset(out->data + start, ' ', width - have);
}

/* A row, or the header if row is NULL. */
static void line_text(struct table *t, const void *row)
{
	struct strbuf *out = &t->out;
	size_t end = out->size;

	for (size_t i = 0; i < t->count; i++) {
		const struct column *c = t->shown[i];
		size_t start, filled;

		if (i)
			strbuf_char(out, ' ');
		start = out->size;
		if (row)
			cell_text(t, c, row);
		else
			strbuf_str(out, c->name);
		filled = out->size;
		cell_pad(out, c, start);
		if (filled > start)
			end = c->width > 0 ? out->size : filled;
	}
	/* No blanks after the last cell that is not empty. */
	out->size = end;
	strbuf_char(out, '\n');
}

/* JSON */

static void json_bytes(struct strbuf *out, const struct column *c, const void *row)
{
	struct bytes b = value_bytes(c, row);

	if (!b.data) {
		strbuf_str(out, "null");
		return;
	}
	if (escape_json(out, b.data, b.size))
		return;
	strbuf_str(out, ",\"");
	strbuf_str(out, c->key);
	strbuf_str(out, "_hex\":\"");
	escape_hex(out, b.data, b.size);
	strbuf_char(out, '"');
}

static void json_format(struct table *t, const struct column *c, const void *row)
{
	if (c->json) {
		c->json(&t->out, row);
		return;
	}
	strbuf_clear(&t->scratch);
	c->text(&t->scratch, row);
	escape_json(&t->out, t->scratch.data, t->scratch.size);
}

static void cell_json(struct table *t, const struct column *c, const void *row)
{
	switch (c->kind) {
	case CELL_U32:
	case CELL_S32:
	case CELL_U64:
		number_add(&t->out, c, row);
		break;
	case CELL_BYTES:
	case CELL_CHARS:
		json_bytes(&t->out, c, row);
		break;
	case CELL_CLOCK:
		clock_json(t, c, row);
		break;
	case CELL_SINCE:
		since_add(t, c, row);
		break;
	case CELL_FORMAT:
		json_format(t, c, row);
		break;
	case CELL_END:
		break;
	}
}

static void line_json(struct table *t, const void *row)
{
	struct strbuf *out = &t->out;

	for (size_t i = 0; i < t->count; i++) {
		const struct column *c = t->shown[i];

		strbuf_str(out, i ? ",\"" : "{\"");
		strbuf_str(out, c->key);
		strbuf_str(out, "\":");
		cell_json(t, c, row);
		if (c->json_more)
			c->json_more(out, row);
	}
	strbuf_str(out, "}\n");
}

/* Lines */

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void table_start(struct table *t)
{
	tzset(); /* localtime_r() need not */
	t->start_ns = clock_ns(CLOCK_MONOTONIC);
	t->realtime_ns = clock_ns(CLOCK_REALTIME) - (int64_t)t->start_ns;
	if (!t->shown)
		table_select(t, NULL);
	if (!t->json)
		line_text(t, NULL);
}

static void table_write(struct table *t)
{
	int err = strbuf_write(&t->out, t->fd);

	t->err = err;
	if (err && err != -EPIPE)
		diag_errno(err, "cannot write to standard output");
}

void table_row(struct table *t, const void *row)
{
	if (t->err)
		return;
	if (t->json)
		line_json(t, row);
	else
		line_text(t, row);
	if (t->out.size > GATHER_MAX && t->fd >= 0)
		table_write(t);
}

int table_flush(struct table *t)
{
	if (t->fd >= 0 && t->out.size)
		table_write(t);
	return t->err;
}

void table_free(struct table *t)
{
	free(t->shown);
	t->shown = NULL;
	t->count = 0;
	strbuf_free(&t->out);
	strbuf_free(&t->scratch);
}
