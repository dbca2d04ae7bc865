// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * argdist, kernel side: what all probes have in common. The predicate, the keys and the number are
 * put in place of the functions of bpf/splice.bpf.h, and the maps of each specification in place of
 * tally_a and tally_b, so these programs are never attached as they stand here (bpf/hits.bpf.h).
 *
 * There are two maps for each specification: the reader says in which one is counted, and reads the
 * other, in which nothing moves then.
 */
#include "vmlinux.h"
#include "argdist.h"
#include "bpf/bound.bpf.h"
#include "bpf/hits.bpf.h"

const volatile struct argdist_config cfg = {};
volatile struct argdist_state state = {};

/* Places of the specifications' maps, as large as any of them. */
#define TALLY_MAP(name)                                                                       \
	struct {                                                                              \
		__uint(type, BPF_MAP_TYPE_HASH);                                              \
		__uint(max_entries, 1);                                                       \
		__uint(key_size, 8);                                                          \
		__uint(value_size, sizeof(struct tally_linear_hist));                         \
	} name SEC(".maps")

TALLY_MAP(tally_a);
TALLY_MAP(tally_b);

/* What a new entry begins with. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally_linear_hist);
} tally_zero SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1); /* TALLY_STACKS if they are asked for */
	__uint(key_size, 4);
	__uint(value_size, 8 * TALLY_FRAMES);
} stacks SEC(".maps");

/* Where in files the frames are: the process may have ended when it is printed. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(map_flags, BPF_F_STACK_BUILD_ID);
	__uint(max_entries, 1); /* TALLY_USER_STACKS if they are asked for */
	__uint(key_size, 4);
	__uint(value_size, 32 * TALLY_USER_FRAMES);
} user_stacks SEC(".maps");

struct scratch {
	__u64 busy;
	char record[]; /* cfg.room bytes */
};

/* CPU -> its scratch, for records that the stack has no room for */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the number of possible CPUs; set by the front end */
	__uint(key_size, 4);
	__uint(value_size, 8); /* and the room; set by the front end */
} scratches SEC(".maps");

/* --- an entry --------------------------------------------------------------------------------- */

static __always_inline void *entry_in(void *map, void *record)
{
	void *entry = bpf_map_lookup_elem(map, record), *fresh;
	__u32 zero = 0;

	if (entry)
		return entry;
	fresh = bpf_map_lookup_elem(&tally_zero, &zero);
	if (fresh)
		bpf_map_update_elem(map, record, fresh, BPF_NOEXIST);
	entry = bpf_map_lookup_elem(map, record);
	if (!entry)
		__sync_fetch_and_add(&state.full, 1);
	return entry;
}

static __always_inline void stats_add(struct tally_stats *s, __s64 value, __u64 now,
				      __u32 is_unsigned)
{
	if (!s->count || tally_less(value, s->min, is_unsigned))
		s->min = value;
	if (!s->count || tally_less(s->max, value, is_unsigned))
		s->max = value;
	s->count++;
	s->sum += value;
	s->last = value;
	s->last_ns = now;
	s->is_unsigned = is_unsigned;
}

/* The bounds are signed; what is unsigned and seems negative is above all of them. */
static __always_inline __u32 linear_slot(const volatile struct tally_linear *l, __s64 value,
					 __u32 is_unsigned)
{
	if (value >= l->max || (value < 0 && is_unsigned))
		return l->buckets + 1;
	if (value < l->min)
		return 0;
	return 1 + ((__u64)value - (__u64)l->min) / (__u64)l->step;
}

static __always_inline void add(__u64 *counter, __u32 what)
{
	if (what & TALLY_SHARED)
		__sync_fetch_and_add(counter, 1);
	else
		*counter += 1;
}

static __always_inline void entry_add(void *entry, __u32 what, __s64 value, __u64 now)
{
	__u32 kind = what >> TALLY_KIND_SHIFT & 7, is_unsigned = what & TALLY_UNSIGNED;
	__u32 number = what >> TALLY_NUMBER_SHIFT;
	__u32 slot;

	if (kind == TALLY_COUNT) {
		add(entry, what);
	} else if (kind == TALLY_STATS) {
		stats_add(entry, value, now ? now : bpf_ktime_get_ns(), is_unsigned);
	} else if (kind == TALLY_LOG2) {
		slot = bound_at_most(tally_slot(value, is_unsigned), TALLY_SLOTS - 1);
		add(&((struct tally_hist *)entry)->slots[slot], what);
	} else {
		number = bound_at_most(number, TALLY_SPECS - 1);
		slot = bound_at_most(linear_slot(&cfg.linear[number], value, is_unsigned),
				     TALLY_LINEAR + 1);
		add(&((struct tally_linear_hist *)entry)->slots[slot], what);
	}
}

/* --- a hit ------------------------------------------------------------------------------------ */

#define EFAULT 14 /* there is none: a thread of the kernel has no user's, and so on */

static __always_inline long stack_lost(long id)
{
	if (id < 0 && id != -EFAULT)
		__sync_fetch_and_add(&state.stacks_lost, 1);
	return id;
}

static __always_inline void stacks_take(void *ctx, struct tally_stacks *s, __u32 what)
{
	s->kernel = s->user = 0;
	if (what & TALLY_KSTACK)
		s->kernel = stack_lost(bpf_get_stackid(ctx, &stacks, 0));
	if (what & TALLY_USTACK)
		s->user = stack_lost(bpf_get_stackid(ctx, &user_stacks, BPF_F_USER_STACK));
}

static __always_inline void record_count(void *ctx, struct gen_hit *hit, struct gen_kept *kept,
					 char *record, __u32 what)
{
	__u32 size = splice_fill(ctx, hit, kept, record);
	__s64 value = 0;
	void *entry;

	if (!size) {
		__sync_fetch_and_add(&state.faults, 1);
		return;
	}
	if (what & (TALLY_KSTACK | TALLY_USTACK))
		stacks_take(ctx, (void *)record + 8, what);
	if (size >= 8 && size <= cfg.room)
		value = *(__s64 *)(record + size - 8);
	if (state.generation & 1)
		entry = entry_in(&tally_b, record);
	else
		entry = entry_in(&tally_a, record);
	if (entry)
		entry_add(entry, what, value, hit->now);
}

#define ON_STACK 64 /* bytes: a few numbers */

static __always_inline void count_large(void *ctx, struct gen_hit *hit, struct gen_kept *kept,
					__u32 what)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct scratch *scratch;

	scratch = bpf_map_lookup_elem(&scratches, &cpu);
	if (!scratch)
		return;
	if (scratch->busy) {
		__sync_fetch_and_add(&state.nested, 1);
		return;
	}
	scratch->busy = 1;
	record_count(ctx, hit, kept, scratch->record, what);
	scratch->busy = 0;
}

static __always_inline void tally(void *ctx, struct gen_hit *hit, struct gen_kept *kept)
{
	__u32 what = splice_pass(ctx, hit, kept);
	__u64 record[ON_STACK / 8];

	if (!what) {
		if (hit->fault)
			__sync_fetch_and_add(&state.faults, 1);
	} else if (cfg.room <= ON_STACK) {
		record_count(ctx, hit, kept, (char *)record, what);
	} else {
		count_large(ctx, hit, kept, what);
	}
}

HIT_PROGRAMS(tally)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
