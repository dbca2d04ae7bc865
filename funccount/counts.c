// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counts.h"
#include "diag.h"
#include "funccount.skel.h"

static bool keyed(const struct counts *c)
{
	enum count_by by = c->skel->rodata->cfg.by;

	return by != BY_NOTHING && by != BY_CPU;
}

int counts_setup(struct counts *c, struct funccount_bpf *skel)
{
	int err;

	c->skel = skel;
	c->cpus = libbpf_num_possible_cpus();
	if (c->cpus < 0)
		return c->cpus;
	if (keyed(c))
		return 0;
	err = bpf_map__set_max_entries(skel->maps.keys, 1);
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.counts,
					       c->cpus * skel->rodata->cfg.slots);
	return err;
}

int counts_start(struct counts *c)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int err;

	if (keyed(c))
		return 0;
	c->mapped_size = (size_t)c->cpus * c->skel->rodata->cfg.slots * sizeof(uint64_t);
	c->mapped_size = (c->mapped_size + page - 1) & ~(page - 1);
	c->mapped = mmap(NULL, c->mapped_size, PROT_READ, MAP_SHARED,
			 bpf_map__fd(c->skel->maps.counts), 0);
	if (c->mapped != MAP_FAILED)
		return 0;
	err = -errno;
	c->mapped = NULL;
	diag_errno(err, "cannot map the counters");
	return err;
}

/* --- one entry for each key ---------------------------------------------------------------------- */

/* FNV-1a */
static size_t key_hash(const struct count_key *key)
{
	const unsigned char *byte = (const void *)key;
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ byte[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

/* The place in the index where the key is, or where it is to be. */
static size_t *index_find(const struct counts *c, const struct count_key *key)
{
	size_t at = key_hash(key) & (c->index_room - 1);

	while (c->index[at] && memcmp(&c->at[c->index[at] - 1].key, key, sizeof(*key)))
		at = (at + 1) & (c->index_room - 1);
	return &c->index[at];
}

static void counts_grow(struct counts *c)
{
	c->room = c->room ? 2 * c->room : 64;
	c->index_room = 2 * c->room;
	c->at = realloc(c->at, c->room * sizeof(*c->at));
	free(c->index);
	c->index = calloc(c->index_room, sizeof(*c->index));
	if (!c->at || !c->index)
		diag_no_memory();
	for (size_t i = 0; i < c->count; i++)
		*index_find(c, &c->at[i].key) = i + 1;
}

static struct count *count_of(struct counts *c, const struct count_key *key)
{
	size_t *place;

	if (c->count == c->room)
		counts_grow(c);
	place = index_find(c, key);
	if (!*place) {
		c->at[c->count++] = (struct count){ .key = *key };
		*place = c->count;
	}
	return &c->at[*place - 1];
}

static void count_set(struct counts *c, const struct count_key *key, uint64_t total)
{
	struct count *one = count_of(c, key);

	one->grown = total - one->total;
	one->total = total;
}

/* --- reading ------------------------------------------------------------------------------------- */

/* The counters move while we read: each is read once. */
static uint64_t counter(const struct counts *c, int cpu, uint32_t slot)
{
	return __atomic_load_n(&c->mapped[(size_t)cpu * c->skel->rodata->cfg.slots + slot],
			       __ATOMIC_RELAXED);
}

static void read_slots(struct counts *c)
{
	bool by_cpu = c->skel->rodata->cfg.by == BY_CPU;

	for (uint32_t slot = 0; slot < c->skel->rodata->cfg.slots; slot++) {
		struct count_key key = { .slot = slot };
		uint64_t sum = 0;

		for (int cpu = 0; cpu < c->cpus; cpu++) {
			uint64_t n = counter(c, cpu, slot);

			sum += n;
			key.pid = cpu;
			if (by_cpu && n)
				count_set(c, &key, n);
		}
		key.pid = 0;
		if (!by_cpu)
			count_set(c, &key, sum);
	}
}

static int read_keys(struct counts *c)
{
	int fd = bpf_map__fd(c->skel->maps.keys);
	uint64_t *each = calloc(c->cpus, sizeof(*each));
	struct count_key key, *before = NULL;

	if (!each)
		diag_no_memory();
	while (!bpf_map_get_next_key(fd, before, &key)) {
		uint64_t sum = 0;

		before = &key;
		if (bpf_map_lookup_elem(fd, &key, each))
			continue;
		for (int cpu = 0; cpu < c->cpus; cpu++)
			sum += each[cpu];
		count_set(c, &key, sum);
	}
	free(each);
	return 0;
}

int counts_read(struct counts *c)
{
	if (keyed(c))
		return read_keys(c);
	read_slots(c);
	return 0;
}

void counts_free(struct counts *c)
{
	if (c->mapped)
		munmap((void *)c->mapped, c->mapped_size);
	free(c->at);
	free(c->index);
}
