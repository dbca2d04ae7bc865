/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is kept at an entry or start until the return or end: when it was, and the values that the
 * user asks for by $entry(). Calls of one thread nest, so that recursion is right; keys of the
 * user's own (pairs) do not.
 *
 *	entries_keep(ctx, &hit)			at the entry
 *	kept = entries_find(ctx, &hit, &at)	at the return; NULL: there was no entry
 *	... kept ...
 *	entries_drop(&at)
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "bpf/bound.bpf.h"
#include "bpf/entries.h"
#include "bpf/filter.bpf.h"
#include "bpf/splice.bpf.h"

volatile struct entries_state entries_state = {};
const volatile __u32 entries_level = 8; /* bytes of one struct gen_kept; set by the front end */

/* For each probe its struct gen_state. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct gen_state)); /* set by the front end */
} probe_states SEC(".maps");

/* Who entered. In the upper half of the first word, the pair's number: how deeply, in
 * ENTRIES_LEVELS calls. */
struct entry_key {
	__u64 word[SPLICE_KEY_WORDS];
};

static __always_inline void key_chunk(struct entry_key *key, __u32 depth)
{
	key->word[0] = (__u32)key->word[0] | (__u64)(depth / ENTRIES_LEVELS) << 32;
}

struct entry {
	__u32 depth; /* of chunk 0: calls that have not returned */
	__u32 pad;
	char level[]; /* ENTRIES_LEVELS times struct gen_kept */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* ENTRIES_MAX if something is kept */
	__uint(key_size, sizeof(struct entry_key)); /* cut by the front end to what is used */
	__uint(value_size, 8); /* set by the front end */
} entries SEC(".maps");

/* A fresh entry. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 8); /* set by the front end */
} entry_zero SEC(".maps");

static __always_inline struct entry *entry_make(struct entry_key *key)
{
	struct entry *entry = bpf_map_lookup_elem(&entries, key);
	__u32 zero = 0;
	void *fresh;

	if (entry)
		return entry;
	fresh = bpf_map_lookup_elem(&entry_zero, &zero);
	if (fresh)
		bpf_map_update_elem(&entries, key, fresh, BPF_NOEXIST);
	entry = bpf_map_lookup_elem(&entries, key);
	if (!entry)
		__sync_fetch_and_add(&entries_state.full, 1);
	return entry;
}

static __always_inline struct gen_kept *entry_level(struct entry *entry, __u32 depth)
{
	__u32 at = (depth % ENTRIES_LEVELS) * entries_level;

	return (void *)entry->level + bound_at_most(at, (ENTRIES_LEVELS - 1) * entries_level);
}

static __always_inline void entries_keep(void *ctx, struct gen_hit *hit)
{
	struct entry_key key = {};
	struct entry *entry, *chunk;
	struct gen_kept *kept;
	__u32 depth = 0;
	int kind;

	kind = splice_key(ctx, hit, key.word);
	if (!kind) {
		__sync_fetch_and_add(&entries_state.faults, 1);
		return;
	}
	entry = chunk = entry_make(&key);
	if (!entry)
		return;
	if (kind == SPLICE_KEY_NEST) {
		depth = entry->depth++;
		key_chunk(&key, depth);
		if (depth >= ENTRIES_LEVELS)
			chunk = entry_make(&key);
		if (!chunk)
			return;
	} else {
		entry->depth = 1;
	}
	kept = entry_level(chunk, depth);
	kept->at = hit->now;
	splice_keep(ctx, hit, kept->value);
}

/* Where something was found. */
struct entry_at {
	struct entry_key key;
	__u32 depth;
};

/* Sets hit->latency. A return has the process of its entry; the end of a pair may be in an interrupt,
 * or another's, and it is the start that has passed the filter. */
static __always_inline struct gen_kept *entries_find(void *ctx, struct gen_hit *hit,
						     struct entry_at *at)
{
	struct entry *entry, *chunk;
	struct gen_kept *kept;
	int kind;

	kind = splice_key(ctx, hit, at->key.word);
	if (kind == SPLICE_KEY_NEST && !filter_pass())
		return NULL;
	if (!kind) {
		__sync_fetch_and_add(&entries_state.faults, 1);
		return NULL;
	}
	entry = chunk = bpf_map_lookup_elem(&entries, &at->key);
	if (!entry || !entry->depth) {
		__sync_fetch_and_add(&entries_state.unmatched, 1);
		return NULL;
	}
	at->depth = --entry->depth;
	key_chunk(&at->key, at->depth);
	if (at->depth >= ENTRIES_LEVELS)
		chunk = bpf_map_lookup_elem(&entries, &at->key);
	if (!chunk) /* it found no room, and was counted then */
		return NULL;
	kept = entry_level(chunk, at->depth);
	hit->latency = hit->now - kept->at;
	return kept;
}

static __always_inline void entries_drop(struct entry_at *at)
{
	if (at->depth % ENTRIES_LEVELS == 0)
		bpf_map_delete_elem(&entries, &at->key);
}
