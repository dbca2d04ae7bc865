// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/target.h"

#define TEXT_ROOM 16384

/* Text lies in blocks that never move; the newest is the first of the list. */
struct targets_text {
	struct targets_text *next;
	size_t used, room;
	char bytes[];
};

/* Room for one more in a list that doubles. */
static void *list_grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room ? *room * 2 : 64;
	list = reallocarray(list, *room, size);
	if (!list)
		diag_no_memory();
	return list;
}

struct target *targets_add(struct targets *t, enum target_kind kind)
{
	t->list = list_grow(t->list, t->count, &t->room, sizeof(*t->list));
	t->list[t->count] = (struct target){ .kind = kind };
	return &t->list[t->count++];
}

const char *targets_text(struct targets *t, const char *bytes, size_t size)
{
	struct targets_text *block = t->text;
	char *copy;

	if (!block || block->room - block->used <= size) {
		size_t room = size < TEXT_ROOM ? TEXT_ROOM : size + 1;

		block = malloc(sizeof(*block) + room);
		if (!block)
			diag_no_memory();
		*block = (struct targets_text){ .next = t->text, .room = room };
		t->text = block;
	}
	copy = block->bytes + block->used;
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	block->used += size + 1;
	return copy;
}

void targets_skip(struct targets *t, const char *name, const char *reason)
{
	t->skipped = list_grow(t->skipped, t->skip_count, &t->skip_room, sizeof(*t->skipped));
	t->skipped[t->skip_count++] = (struct skip){ .name = name, .reason = reason };
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int text_compare(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

/* Bytes into the function. */
static uint64_t target_plus(const struct target *t)
{
	return t->kind == TARGET_KERNEL ? t->offset : t->plus;
}

/* 0: they are shown as one. */
static int slot_compare(const struct target *a, const struct target *b)
{
	int order = COMPARE(a->kind, b->kind);

	if (!order)
		order = COMPARE(a->ret, b->ret);
	if (!order)
		order = text_compare(a->name, b->name);
	if (!order)
		order = text_compare(a->path, b->path);
	/* A function and a place inside of it are two things. */
	if (!order)
		order = COMPARE(target_plus(a), target_plus(b));
	return order;
}

/* 0: they are the same place. Modules tell where the kernel hides addresses. */
static int place_compare(const struct target *a, const struct target *b)
{
	int order = slot_compare(a, b);

	if (!order)
		order = COMPARE(a->address, b->address);
	if (!order)
		order = text_compare(a->module, b->module);
	if (!order)
		order = COMPARE(a->offset, b->offset);
	return order;
}

static int target_compare(const void *a, const void *b)
{
	const struct target *one = *(struct target *const *)a;
	const struct target *two = *(struct target *const *)b;
	int order = place_compare(one, two);

	return order ? order : COMPARE(one, two);
}

#define DOUBLE UINT32_MAX

/* As it was asked for, so that no two slots look the same. */
static const char *label_make(struct targets *t, const struct target *target)
{
	const char *kind = target->kind == TARGET_KERNEL ? "r::" : "r:";
	uint64_t plus = target_plus(target);
	const char *text;
	char *label;
	int n;

	if (!target->ret && !plus)
		return target->name;
	if (plus)
		n = asprintf(&label, "%s%s+%" PRIu64, target->ret ? kind : "", target->name, plus);
	else
		n = asprintf(&label, "%s%s", kind, target->name);
	if (n < 0)
		diag_no_memory();
	text = targets_text(t, label, n);
	free(label);
	return text;
}

void targets_finish(struct targets *t)
{
	struct target **sorted = malloc((t->count + 1) * sizeof(*sorted));
	size_t kept = 0;

	if (!sorted)
		diag_no_memory();
	for (size_t i = 0; i < t->count; i++)
		sorted[i] = &t->list[i];
	qsort(sorted, t->count, sizeof(*sorted), target_compare);
	for (size_t i = 0; i < t->count; i++)
		sorted[i]->slot = i && !place_compare(sorted[i - 1], sorted[i]) ? DOUBLE : 0;
	t->slots = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (i && slot_compare(sorted[i - 1], sorted[i]))
			t->slots++;
		if (sorted[i]->slot != DOUBLE)
			sorted[i]->slot = t->slots;
	}
	t->slots += t->count > 0;
	free(sorted);
	for (size_t i = 0; i < t->count; i++) {
		if (t->list[i].slot != DOUBLE)
			t->list[kept++] = t->list[i];
	}
	t->count = kept;
	for (size_t i = 0; i < t->count; i++)
		t->list[i].label = label_make(t, &t->list[i]);
}

void targets_free(struct targets *t)
{
	while (t->text) {
		struct targets_text *next = t->text->next;

		free(t->text);
		t->text = next;
	}
	free(t->list);
	free(t->skipped);
	*t = (struct targets){};
}
