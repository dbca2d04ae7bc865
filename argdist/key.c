// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "escape.h"
#include "expr/format.h"
#include "expr/show.h"
#include "key.h"

static bool is_probe(const struct value *v)
{
	return !strcmp(v->name, "$PROBE");
}

static const char *probe_name(const struct tally *t, uint64_t slot)
{
	const struct place_slot *found = places_slot(t->place->places, slot);

	return found ? place_name(found->target) : "?";
}

/* Text ends at its NUL; it is not in quotes, as in BCC. */
static void bytes_text(const struct value *v, const struct value_read *r, struct strbuf *out)
{
	bool text = v->is_string || (v->type->kind == CTYPE_ARRAY && v->type->target->is_char);

	if (text)
		escape_text(out, r->bytes, strnlen(r->bytes, r->size), false);
	else
		show_text(v->type, r->bytes, r->size, 1, out);
}

void key_value(const struct tally *t, const struct value *v, const struct value_read *r,
	       struct strbuf *out)
{
	struct format_piece piece = { .conversion = 's', .precision = -1, .cut = 8, .text = "" };
	struct format one = { .pieces = &piece, .count = 1, .conversions = 1 };

	if (r->fault)
		strbuf_str(out, "<fault>");
	else if (is_probe(v))
		strbuf_str(out, probe_name(t, r->integer));
	else if (v->show == SHOW_IP)
		format_print(&one, v, r, NULL, out);
	else if (v->kind == VALUE_BYTES)
		bytes_text(v, r, out);
	else
		show_integer(v->type, r->integer, out);
}

const struct value *key_read(const struct tally *t, const struct tally_row *row,
			     struct value_read *reads)
{
	const struct action *a = t->action;
	uint64_t slot;

	if (!values_read(t->values, a->keys, row->key, a->key_size, reads))
		return NULL;
	slot = a->probe < a->keys ? reads[a->probe].integer : t->slots;
	return slot < t->slots && t->by_slot[slot] ? t->by_slot[slot] : t->values;
}

void key_text(const struct tally *t, const struct tally_row *row, struct strbuf *out)
{
	const struct action *a = t->action;
	const struct value *values;
	struct value_read reads[VALUES_MAX];

	if (a->is_total)
		strbuf_str(out, "total calls");
	else if (!a->keys && a->number)
		strbuf_str(out, a->number->name);
	values = key_read(t, row, reads);
	for (size_t i = 0; values && i < a->keys; i++) {
		strbuf_printf(out, "%s%s = ", i ? ", " : "", values[i].name);
		key_value(t, &values[i], &reads[i], out);
	}
}

struct tally_stacks *key_stacks(const struct tally_row *row)
{
	return (void *)(row->key + 8);
}

pid_t key_pid(const struct tally *t, const struct tally_row *row)
{
	struct value_read reads[VALUES_MAX];

	if (!key_read(t, row, reads))
		return 0;
	for (size_t i = 0; i < t->action->keys; i++) {
		const char *name = t->action->values[i].name;

		if (!strcmp(name, "$PID") || !strcmp(name, "$tgid"))
			return reads[i].integer;
	}
	return t->place->places->resolve.pid;
}

/* --- JSON ----------------------------------------------------------------------------------- */

static void json_value(const struct tally *t, const struct value *v, const struct value_read *r,
		       struct strbuf *out)
{
	struct value_read text = *r;
	struct value as_text = *v;

	if (is_probe(v) && !r->fault) {
		const char *name = probe_name(t, r->integer);

		escape_json(out, name, strlen(name));
		return;
	}
	if (v->is_string && !r->fault) {
		escape_json(out, r->bytes, strnlen(r->bytes, r->size));
		return;
	}
	if (v->show == SHOW_BOOL) /* an int, as C has it */
		as_text.show = SHOW_AS_TYPE;
	value_json(&as_text, &text, 0, NULL, out);
}

void key_json(const struct tally *t, const struct tally_row *row, struct strbuf *out)
{
	struct value_read reads[VALUES_MAX];
	const struct value *values = key_read(t, row, reads);

	strbuf_str(out, "{");
	for (size_t i = 0; values && i < t->action->keys; i++) {
		const struct value *v = &values[i];

		if (i)
			strbuf_char(out, ',');
		escape_json(out, v->name, strlen(v->name));
		strbuf_char(out, ':');
		json_value(t, v, &reads[i], out);
	}
	strbuf_char(out, '}');
}
