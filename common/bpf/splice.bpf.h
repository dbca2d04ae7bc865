/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Functions whose bodies are made at run time (probe/splice.h) from what the user wrote. Here they
 * return something that the compiler cannot know, and use all arguments, so that it keeps the
 * calls as they are. See expr/gen.h for what they do.
 */
#pragma once

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "bpf/splice.h"

#define SPLICE_BODY(mark, ...)                                                                \
	({                                                                                    \
		int result;                                                                   \
		asm volatile("%0 = %1" : "=r"(result) : "i"(mark), ##__VA_ARGS__ : "memory");  \
		result;                                                                       \
	})

static __noinline int splice_pass(void *ctx, struct gen_hit *hit, struct gen_kept *kept)
{
	return SPLICE_BODY(SPLICE_PASS, "r"(ctx), "r"(hit), "r"(kept));
}

static __noinline int splice_fill(void *ctx, struct gen_hit *hit, struct gen_kept *kept,
				  void *data)
{
	return SPLICE_BODY(SPLICE_FILL, "r"(ctx), "r"(hit), "r"(kept), "r"(data));
}

static __noinline int splice_key(void *ctx, struct gen_hit *hit, __u64 *key)
{
	return SPLICE_BODY(SPLICE_KEY, "r"(ctx), "r"(hit), "r"(key));
}

static __noinline int splice_keep(void *ctx, struct gen_hit *hit, __u64 *values)
{
	return SPLICE_BODY(SPLICE_KEEP, "r"(ctx), "r"(hit), "r"(values));
}
