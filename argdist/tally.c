// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "hist.h"
#include "strbuf.h"
#include "tally.h"

static size_t value_size(enum tally_kind kind)
{
	static const size_t sizes[] = {
		[TALLY_COUNT] = sizeof(uint64_t), [TALLY_STATS] = sizeof(struct tally_stats),
		[TALLY_LOG2] = sizeof(struct tally_hist),
		[TALLY_LINEAR_HIST] = sizeof(struct tally_linear_hist),
	};

	return sizes[kind];
}

int tally_create(struct tally *t, uint32_t keys)
{
	const struct action *a = t->action;
	bool keyed = a->keys || a->kernel_stack || a->user_stack;
	enum bpf_map_type type;

	t->shared = a->kind >= TALLY_LOG2 && keyed;
	t->value_size = value_size(a->kind);
	t->slot_count = a->kind >= TALLY_LOG2 ? t->value_size / sizeof(uint64_t) : 0;
	t->cpus = t->shared ? 1 : libbpf_num_possible_cpus();
	type = t->shared ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_PERCPU_HASH;
	t->read = malloc(t->cpus * t->value_size);
	if (!t->read)
		diag_no_memory();
	for (int i = 0; i < 2; i++) {
		int fd = bpf_map_create(type, "argdist", a->key_size, t->value_size,
					keyed ? keys : 1, NULL);

		if (fd < 0) {
			diag_errno(fd, "cannot make a map of %u keys of %u bytes", keys,
				   a->key_size);
			return fd;
		}
		t->fd[i] = fd + 1;
	}
	return 0;
}

/* --- reading -------------------------------------------------------------------------------- */

static void stats_merge(struct tally_stats *to, const struct tally_stats *from)
{
	if (!from->count)
		return;
	if (!to->count || tally_less(from->min, to->min, from->is_unsigned))
		to->min = from->min;
	if (!to->count || tally_less(to->max, from->max, from->is_unsigned))
		to->max = from->max;
	if (!to->count || from->last_ns >= to->last_ns) {
		to->last = from->last;
		to->last_ns = from->last_ns;
	}
	to->count += from->count;
	to->sum += from->sum;
	to->is_unsigned = from->is_unsigned;
}

void tally_row_add(struct tally_row *to, const struct tally_row *from)
{
	to->count += from->count;
	stats_merge(&to->stats, &from->stats);
}

static void row_merge(struct tally *t, struct tally_row *row)
{
	for (int cpu = 0; cpu < t->cpus; cpu++) {
		const char *value = (const char *)t->read + cpu * t->value_size;

		if (t->action->kind == TALLY_COUNT)
			row->count += *(const uint64_t *)value;
		else if (t->action->kind == TALLY_STATS)
			stats_merge(&row->stats, (const struct tally_stats *)value);
		for (size_t i = 0; i < t->slot_count; i++) {
			row->slots[i] += ((const uint64_t *)value)[i];
			row->count += ((const uint64_t *)value)[i];
		}
	}
	if (t->action->kind == TALLY_STATS)
		row->count = row->stats.count;
}

static struct tally_row *row_add(struct tally *t, const void *key)
{
	struct tally_row *row;
	char *copy = malloc(t->action->key_size);

	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->rows = realloc(t->rows, t->room * sizeof(*t->rows));
	}
	if (!t->rows || !copy)
		diag_no_memory();
	row = &t->rows[t->count++];
	memcpy(copy, key, t->action->key_size);
	*row = (struct tally_row){ .key = copy };
	row->slots = t->slot_count ? calloc(t->slot_count, sizeof(uint64_t)) : NULL;
	if (t->slot_count && !row->slots)
		diag_no_memory();
	return row;
}

int tally_read(struct tally *t, int which, bool empty)
{
	uint32_t size = t->action->key_size;
	char *key = malloc(size), *next = malloc(size);
	int fd = t->fd[which] - 1;
	bool first = true;

	if (!key || !next)
		diag_no_memory();
	while (!bpf_map_get_next_key(fd, first ? NULL : key, next)) {
		memcpy(key, next, size);
		first = false;
		if (!bpf_map_lookup_elem(fd, key, t->read))
			row_merge(t, row_add(t, key));
	}
	for (size_t i = 0; empty && i < t->count; i++)
		bpf_map_delete_elem(fd, t->rows[i].key);
	free(key);
	free(next);
	return 0;
}

static void row_free(struct tally_row *row)
{
	free(row->key);
	free(row->slots);
}

void tally_clear(struct tally *t)
{
	for (size_t i = 0; i < t->count; i++) {
		row_free(&t->rows[i]);
	}
	t->count = 0;
}

void tally_free(struct tally *t)
{
	tally_clear(t);
	for (int i = 0; i < 2; i++) {
		if (t->fd[i])
			close(t->fd[i] - 1);
	}
	free(t->rows);
	free(t->read);
}

/* --- numbers -------------------------------------------------------------------------------- */

int64_t tally_average(const struct tally_stats *stats)
{
	int64_t count = stats->count ?: 1;

	return stats->is_unsigned ? (int64_t)(stats->sum / (uint64_t)count) :
				    (int64_t)stats->sum / count;
}

int64_t tally_number(const struct tally *t, const struct tally_row *row)
{
	switch (t->action->aggregate) {
	case AGGREGATE_SUM:
		return row->stats.sum;
	case AGGREGATE_AVG:
		return tally_average(&row->stats);
	case AGGREGATE_MIN:
		return row->stats.min;
	case AGGREGATE_MAX:
		return row->stats.max;
	case AGGREGATE_LAST:
		return row->stats.last;
	default:
		return row->count;
	}
}

void tally_stat_text(const struct tally_stats *stats, int64_t value, struct strbuf *out)
{
	if (stats->is_unsigned)
		strbuf_u64(out, value);
	else
		strbuf_s64(out, value);
}

void tally_number_text(const struct tally *t, const struct tally_row *row, struct strbuf *out)
{
	tally_stat_text(&row->stats, tally_number(t, row), out);
}

/* Only one of two may be unsigned: where $PROBE is a key. */
int tally_compare(const struct tally *t, const struct tally_row *a, const struct tally_row *b)
{
	int64_t n = tally_number(t, a), m = tally_number(t, b);
	bool minus_n = n < 0 && !a->stats.is_unsigned, minus_m = m < 0 && !b->stats.is_unsigned;

	if (minus_n != minus_m)
		return minus_n ? -1 : 1;
	return (uint64_t)n < (uint64_t)m ? -1 : n != m;
}

static const struct tally *sorted;

static int compare_keys(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	return memcmp(x->key, y->key, sorted->action->key_size);
}

static int compare_rows(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	return tally_compare(sorted, x, y) ?: compare_keys(x, y);
}

void tally_merge(struct tally *t)
{
	size_t kept = 0;

	sorted = t;
	if (t->count)
		qsort(t->rows, t->count, sizeof(*t->rows), compare_keys);
	for (size_t i = 0; i < t->count; i++) {
		struct tally_row *row = &t->rows[i], *to = kept ? &t->rows[kept - 1] : NULL;

		if (!to || compare_keys(to, row)) {
			t->rows[kept++] = *row;
			continue;
		}
		tally_row_add(to, row);
		for (size_t k = 0; k < t->slot_count; k++)
			to->slots[k] += row->slots[k];
		row_free(row);
	}
	t->count = kept;
}

void tally_sort(struct tally *t)
{
	sorted = t;
	if (t->count)
		qsort(t->rows, t->count, sizeof(*t->rows), compare_rows);
}

/* The first value of a slot that is not the negative one. */
static double slot_from(unsigned int slot)
{
	unsigned int step, bits;

	slot--;
	if (slot < TALLY_EXACT)
		return slot;
	bits = 4 + (slot - TALLY_EXACT) / 8;
	step = (slot - TALLY_EXACT) % 8;
	return (double)(8 + step) * (double)(1ULL << (bits - TALLY_STEP_BITS));
}

double tally_percentile(const struct tally_row *row, double share)
{
	/* Just below the rank: 0.07 * 100 is 7.000000000000001, but the rank is 7. */
	double rank = share * row->count * (1 - 1e-15), a, b;
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < TALLY_SLOTS; i++) {
		seen += row->slots[i];
		if (seen > rank)
			break;
	}
	if (i == 0 || i == TALLY_SLOTS)
		return i ? 0 : -1;
	a = slot_from(i);
	b = i - 1 < TALLY_EXACT ? a : slot_from(i + 1);
	return a + b > 0 ? 2 * a * b / (a + b) : 0;
}

unsigned int tally_rows(const struct tally_row *row, uint64_t *rows)
{
	unsigned int used = 0;

	memset(rows, 0, HIST_ROWS * sizeof(*rows));
	for (unsigned int i = 1; i < TALLY_SLOTS; i++) {
		unsigned int value = i - 1, bits = 0;

		if (!row->slots[i])
			continue;
		if (value >= TALLY_EXACT)
			bits = 4 + (value - TALLY_EXACT) / 8;
		else
			while (value >> bits > 1)
				bits++;
		rows[bits] += row->slots[i];
		used = bits + 1 > used ? bits + 1 : used;
	}
	return used;
}

int64_t tally_from(const struct tally_linear *l, uint32_t bucket)
{
	if (bucket > l->buckets)
		return l->max;
	return (uint64_t)l->min + (uint64_t)(bucket - 1) * l->step;
}
