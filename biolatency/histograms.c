// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "biolatency.h"
#include "biolatency.skel.h"
#include "diag.h"
#include "disk.h"
#include "histograms.h"

#define MAP_BYTES (16 << 20) /* of all histograms at most; then CPUs share some */
#define DISKS_SPARE 16       /* disks that appear while we run */
#define FLAGS_MAX 64         /* mixes of operation and flags that are seen on a system */
#define FLAGS_OF_DISK 16     /* ... on one disk, on average */

static unsigned int histograms_wanted(const struct biolatency_config *cfg)
{
	unsigned int disks = cfg->dev ? 1 : disk_count() + DISKS_SPARE;
	unsigned int n = 1;

	if (cfg->by_disk && cfg->by_flags)
		n = disks * FLAGS_OF_DISK;
	else if (cfg->by_disk)
		n = disks;
	else if (cfg->by_flags)
		n = FLAGS_MAX;
	if (cfg->by_flags && n < FLAGS_MAX)
		n = FLAGS_MAX;
	return n < BIO_HISTOGRAMS ? n : BIO_HISTOGRAMS;
}

int histograms_setup(struct histograms *h, struct biolatency_bpf *skel)
{
	struct biolatency_config *cfg = &skel->rodata->cfg;
	int cpus = libbpf_num_possible_cpus();
	size_t one;

	h->skel = skel;
	h->spans = cfg->span == SPAN_COUNT ? SPAN_COUNT : 1;
	cfg->histograms = histograms_wanted(cfg);
	one = (size_t)cfg->histograms * h->spans * sizeof(struct hist_pair);
	for (cfg->lanes = 1; (int)cfg->lanes < cpus && cfg->lanes * one * 2 <= MAP_BYTES;)
		cfg->lanes *= 2;
	h->place = calloc(cfg->histograms, sizeof(*h->place));
	if (!h->place)
		diag_no_memory();
	return bpf_map__set_max_entries(skel->maps.histograms,
					cfg->histograms * h->spans * cfg->lanes);
}

static void histogram_clear(struct histogram *one, unsigned int spans)
{
	for (unsigned int i = 0; i < spans; i++)
		one->span[i] = (struct hist){ .min_ns = UINT64_MAX };
}

void histograms_clear(struct histograms *h)
{
	for (size_t i = 0; i < h->count; i++)
		histogram_clear(&h->at[i], h->spans);
}

/* The pairs of one key in the map. */
static size_t pairs(const struct histograms *h)
{
	return h->spans * h->skel->rodata->cfg.lanes;
}

static void histogram_new(struct histograms *h, const struct bio_key *key, uint32_t number)
{
	struct histogram *one;

	h->at = realloc(h->at, (h->count + 1) * sizeof(*h->at));
	if (!h->at)
		diag_no_memory();
	one = &h->at[h->count++];
	one->key = *key;
	one->seen = calloc(pairs(h), sizeof(*one->seen));
	if (!one->seen)
		diag_no_memory();
	histogram_clear(one, h->spans);
	h->place[number] = h->count;
}

/* Makes room for the keys that are new. */
static void keys_read(struct histograms *h)
{
	const struct biolatency_config *cfg = &h->skel->rodata->cfg;
	int fd = bpf_map__fd(h->skel->maps.keys);
	struct bio_key key = {}, *before = NULL;
	uint32_t number;

	if (!cfg->by_disk && !cfg->by_flags) {
		if (!h->count)
			histogram_new(h, &key, 0);
		return;
	}
	while (!bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		if (!bpf_map_lookup_elem(fd, &key, &number) && number < cfg->histograms &&
		    !h->place[number])
			histogram_new(h, &key, number);
	}
}

/* Adds the growth of a cell since it was seen last, and sees it. */
static uint64_t cell_take(struct hist *sum, struct hist_cell *seen, const struct hist_cell *cell,
			  uint32_t generation)
{
	uint64_t count = 0;

	for (int i = 0; i < HIST_SLOTS; i++) {
		uint32_t n = cell->slots[i] - seen->slots[i];

		sum->slots[i] += n;
		count += n;
	}
	sum->sum_ns += cell->sum_ns - seen->sum_ns;
	sum->errors += cell->errors - seen->errors;
	if (count && cell->generation == generation) {
		if (cell->min_ns < sum->min_ns)
			sum->min_ns = cell->min_ns;
		if (cell->max_ns > sum->max_ns)
			sum->max_ns = cell->max_ns;
	}
	count += cell->errors - seen->errors;
	*seen = *cell;
	return count;
}

static int histogram_collect(struct histograms *h, uint32_t number, uint32_t generation)
{
	struct histogram *one = &h->at[h->place[number] - 1];
	int fd = bpf_map__fd(h->skel->maps.histograms);
	uint32_t lanes = h->skel->rodata->cfg.lanes;
	uint32_t half = generation & 1;
	struct hist_pair pair;

	for (uint32_t i = 0; i < pairs(h); i++) {
		uint32_t at = number * pairs(h) + i;

		if (bpf_map_lookup_elem(fd, &at, &pair))
			return -errno;
		h->total += cell_take(&one->span[i / lanes], &one->seen[i].cell[half],
				      &pair.cell[half], generation);
	}
	return 0;
}

/* Returns when nobody counts into the generation before any more: programs run inside of what
 * this waits for. A kernel with nohz_full CPUs has no such call; a program runs no millisecond. */
static void programs_wait(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

int histograms_collect(struct histograms *h)
{
	uint32_t generation = h->skel->data->hist_generation;
	int err = 0;

	h->skel->data->hist_generation = generation + 1;
	programs_wait();
	keys_read(h);
	for (uint32_t n = 0; n < h->skel->rodata->cfg.histograms && !err; n++) {
		if (h->place[n])
			err = histogram_collect(h, n, generation);
	}
	if (err)
		diag_errno(err, "cannot read the histograms");
	return err;
}

void histograms_free(struct histograms *h)
{
	for (size_t i = 0; i < h->count; i++)
		free(h->at[i].seen);
	free(h->at);
	free(h->place);
}
