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
#include <bpf/bpf_core_read.h>
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

/* Threads end in calls and in pairs, and leave entries that nobody comes for: the kernel gives up
 * the oldest for new ones. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1); /* ENTRIES_MAX and more if something is kept */
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

static __always_inline __u32 flow_own(void)
{
	return bpf_get_smp_processor_id() % ENTRIES_FLOWS;
}

static __always_inline struct entry *entry_make(struct entry_key *key)
{
	struct entry *entry = bpf_map_lookup_elem(&entries, key);
	__u32 zero = 0;
	void *fresh;

	if (entry)
		return entry;
	fresh = bpf_map_lookup_elem(&entry_zero, &zero);
	if (fresh && !bpf_map_update_elem(&entries, key, fresh, BPF_NOEXIST))
		__sync_fetch_and_add(&entries_state.flow[flow_own()].made, 1);
	entry = bpf_map_lookup_elem(&entries, key);
	if (!entry)
		__sync_fetch_and_add(&entries_state.full, 1);
	return entry;
}

/* Counted before it is gone: who counts meanwhile finds too few given up, not too many. */
static __always_inline void entry_drop(struct entry_key *key)
{
	volatile __u64 *dropped = &entries_state.flow[flow_own()].dropped;

	__sync_fetch_and_add(dropped, 1);
	if (bpf_map_delete_elem(&entries, key))
		__sync_fetch_and_add(dropped, -1);
}

static __always_inline struct gen_kept *entry_level(struct entry *entry, __u32 depth)
{
	__u32 at = (depth % ENTRIES_LEVELS) * entries_level;

	return (void *)entry->level + bound_at_most(at, (ENTRIES_LEVELS - 1) * entries_level);
}

static __always_inline struct gen_kept *level_find(struct entry *entry, struct entry_key *key,
						   __u32 depth)
{
	key_chunk(key, depth);
	if (depth >= ENTRIES_LEVELS)
		entry = bpf_map_lookup_elem(&entries, key);
	return entry ? entry_level(entry, depth) : NULL;
}

/* --- calls in programs: which of them are over ---------------------------------------------- */

/*
 * Not every call returns to the probe: the kernel has no more than ENTRIES_DEEP returns of a
 * thread in mind, and longjmp() and exceptions leave calls. But stacks grow down, so a call is over
 * when the thread is seen above it: then its level goes. A return takes the level that has its own
 * stack pointer, or none.
 *
 * A thread that changes to a stack above loses the calls on the one below. So it does in the
 * kernel, which forgets their returns by the same rule (cleanup_return_instances() and
 * uprobe_handle_trampoline() in kernel/events/uprobes.c): nothing would come for them. A return
 * that still does has another stack pointer than what is kept, so it is left out, not mixed up.
 *
 * Returns the stack pointer of the newest call that is at or above `stack`; 0: there is none.
 */
static __noinline __u64 calls_leave(struct entry *entry, struct entry_key *key, __u64 stack)
{
	struct gen_kept *kept;
	__u32 depth;

	for (int i = 0; i < ENTRIES_DEEP; i++) {
		depth = entry->depth;
		if (!depth)
			break;
		kept = level_find(entry, key, --depth);
		if (kept && kept->stack >= stack)
			return kept->stack;
		entry->depth = depth;
		if (depth && depth % ENTRIES_LEVELS == 0)
			entry_drop(key);
		__sync_fetch_and_add(&entries_state.missed, 1);
	}
	return 0;
}

/* Whether what is entered was jumped to by a call whose return is probed, as its last deed: it has
 * the same stack, and the kernel's trampoline to return to. Both will return. */
static __always_inline bool call_is_chained(const struct gen_hit *hit)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 to = hit->link, trampoline;

	if (!bpf_core_field_exists(task->mm->uprobes_state.xol_area->vaddr))
		return false;
	trampoline = BPF_CORE_READ(task, mm, uprobes_state.xol_area, vaddr);
#if defined(__TARGET_ARCH_x86)
	if (bpf_probe_read_user(&to, sizeof(to), (void *)hit->stack))
		return false;
	if (!(trampoline >> 32)) /* a program of 32 bits */
		to = (__u32)to;
#endif
	return to == trampoline;
}

/* Whether the kernel has room for its return. */
static __always_inline bool call_returns(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (!bpf_core_field_exists(task->utask->depth))
		return true;
	return BPF_CORE_READ(task, utask, depth) < ENTRIES_DEEP;
}

/* False: what is entered will not return to the probe. */
static __always_inline bool calls_enter(struct entry *entry, struct entry_key *key,
					const struct gen_hit *hit)
{
	bool returns = true;

	if (!entry->depth)
		return true;
	if (calls_leave(entry, key, hit->stack) == hit->stack) {
		if (call_is_chained(hit)) /* the other one's return is not to be taken for its */
			returns = call_returns();
		else
			calls_leave(entry, key, hit->stack + 1);
	}
	if (returns && entry->depth < ENTRIES_DEEP)
		return true;
	__sync_fetch_and_add(&entries_state.missed, 1);
	return false;
}

/* Whether the newest call is the one that returns now. */
static __always_inline bool calls_return(struct entry *entry, struct entry_key *key,
					 const struct gen_hit *hit)
{
	/* x86's programs of 32 bits pop 4 bytes less. */
	if (calls_leave(entry, key, hit->stack) - hit->stack <= 4)
		return true;
	if (!entry->depth)
		entry_drop(key);
	return false;
}

/* --- entries and returns -------------------------------------------------------------------- */

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
	if (!entry || (kind == SPLICE_KEY_STACK && !calls_enter(entry, &key, hit)))
		return;
	if (kind == SPLICE_KEY_PLAIN) {
		entry->depth = 1;
	} else {
		depth = entry->depth++;
		key_chunk(&key, depth);
		if (depth >= ENTRIES_LEVELS)
			chunk = entry_make(&key);
	}
	if (!chunk) {
		if (kind == SPLICE_KEY_STACK) /* its return will find none */
			entry->depth = depth;
		return;
	}
	kept = entry_level(chunk, depth);
	kept->at = hit->now;
	kept->stack = hit->stack;
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
	struct gen_kept *kept;
	struct entry *entry;
	int kind;

	kind = splice_key(ctx, hit, at->key.word);
	if (kind > SPLICE_KEY_PLAIN && !filter_pass())
		return NULL;
	if (!kind) {
		__sync_fetch_and_add(&entries_state.faults, 1);
		return NULL;
	}
	entry = bpf_map_lookup_elem(&entries, &at->key);
	if (!entry || !entry->depth ||
	    (kind == SPLICE_KEY_STACK && !calls_return(entry, &at->key, hit))) {
		__sync_fetch_and_add(&entries_state.unmatched, 1);
		return NULL;
	}
	at->depth = --entry->depth;
	kept = level_find(entry, &at->key, at->depth);
	if (!kept) /* it found no room, and was counted then */
		return NULL;
	hit->latency = hit->now - kept->at;
	return kept;
}

static __always_inline void entries_drop(struct entry_at *at)
{
	if (at->depth % ENTRIES_LEVELS == 0)
		entry_drop(&at->key);
}
