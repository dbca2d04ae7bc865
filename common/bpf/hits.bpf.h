/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs of a tool whose users write expressions, for HIT_PROGRAMS(take): take(ctx, hit, kept)
 * is what it does with a hit. There are three kinds: one that takes a hit, one that keeps something
 * at an entry or start, and one that takes a hit with what was kept. Each has two forms, as
 * common/probe/attach.h asks for it; they are never attached as they stand here.
 *
 * To read the clock can be half of what a count costs. So hit->now is 0 in take() of the first kind
 * until splice_pass() has asked for it, which it does if the expressions need it.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "bpf/calls.bpf.h"
#include "bpf/entries.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/preempt.bpf.h"

/* common/probe/attach.h */
#define ATTACH_SLOT 0x510751

static __always_inline void hit_enter(void *ctx, __u64 slot)
{
	struct gen_hit hit = { .slot = slot };

	if (!filter_pass())
		return;
	hit.now = bpf_ktime_get_ns();
	entries_keep(ctx, &hit);
}

#define HIT_HANDLERS(take)                                                                    \
	static __always_inline void hit_take(void *ctx, __u64 slot)                           \
	{                                                                                     \
		struct gen_hit hit = { .slot = slot };                                        \
		struct gen_kept *kept = NULL;                                                 \
                                                                                              \
		if (!filter_pass())                                                           \
			return;                                                               \
		/* what is spliced in is called with as many arguments as at a return */      \
		asm volatile("" : "+r"(kept));                                                \
		take(ctx, &hit, kept);                                                        \
	}                                                                                     \
                                                                                              \
	static __always_inline void hit_return(void *ctx, __u64 slot)                         \
	{                                                                                     \
		struct gen_hit hit = { .slot = slot };                                        \
		struct entry_at at = {};                                                      \
		struct gen_kept *kept;                                                        \
                                                                                              \
		hit.now = bpf_ktime_get_ns();                                                 \
		kept = entries_find(ctx, &hit, &at);                                          \
		if (!kept)                                                                    \
			return;                                                               \
		take(ctx, &hit, kept);                                                        \
		entries_drop(&at);                                                            \
	}

#define HIT_FORMS(name, handler)                                                              \
	SEC("kprobe")                                                                         \
	int name##_cookie(void *ctx)                                                          \
	{                                                                                     \
		preempt_disable();                                                            \
		handler(ctx, bpf_get_attach_cookie(ctx));                                     \
		preempt_enable();                                                             \
		return 0;                                                                     \
	}                                                                                     \
	SEC("kprobe")                                                                         \
	int name##_slot(void *ctx)                                                            \
	{                                                                                     \
		__u64 slot;                                                                   \
                                                                                              \
		asm volatile("%0 = %1" : "=r"(slot) : "i"(ATTACH_SLOT));                      \
		preempt_disable();                                                            \
		handler(ctx, slot);                                                           \
		preempt_enable();                                                             \
		return 0;                                                                     \
	}

#define HIT_PROGRAMS(take)                                                                    \
	HIT_HANDLERS(take)                                                                    \
	HIT_FORMS(hit, hit_take)                                                              \
	HIT_FORMS(enter, hit_enter)                                                           \
	HIT_FORMS(return, hit_return)
