// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * biolatency, kernel side. A request is known by its address. When it is issued to the device
 * the time is noted; when its last bytes are completed the difference goes into a histogram.
 *
 * The kernel uses the same few requests again and again, so an entry stays in the map when its
 * request is done (issue_ns 0: idle) and the next use of the request finds it: two look-ups and
 * no insertion, no deletion for most requests.
 *
 * Where the time before the issue is asked for, the kernel itself knows when the request began
 * (request->start_time_ns); where somebody's requests only are, it is noted who submitted it:
 * current is the submitter at block_io_start and block_rq_insert, and at the issue if it is the
 * first that is seen of a request.
 */
#include "vmlinux.h"
#include "biolatency.h"
#include "bpf/events.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/hist.bpf.h"
#include "bpf/preempt.bpf.h"

#define REQ_OP_MASK 0xff
#define REQ_OP_WRITE 1

const volatile struct biolatency_config cfg = {};
volatile struct biolatency_state state = {};

enum progress {
	IDLE,
	STARTED,
	REQUEUED,
	ISSUED,
};

struct in_flight {
	__u64 issue_ns; /* 0: not at the device */
	/* From here on if cfg.wide; what only --slower shows, only then. */
	__u64 start_ns; /* as we saw it; 0: not */
	__u64 sector;
	__u32 bytes;
	__u32 dev;
	__u32 pid;
	__u32 tid;
	__u8 progress;
	__u8 wanted; /* the filter lets it pass */
	char comm[16];
};

/* struct request * or struct bio * -> what we know of it */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BIO_IN_FLIGHT);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct in_flight)); /* 8 if not cfg.wide */
} in_flight SEC(".maps");

/* struct bio_key -> number of its histogram */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BIO_HISTOGRAMS);
	__type(key, struct bio_key);
	__type(value, __u32);
} keys SEC(".maps");

/* number of a histogram -> whose it is; to be the one that inserts it is to own it */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BIO_HISTOGRAMS);
	__type(key, __u32);
	__type(value, struct bio_key);
} owners SEC(".maps");

/* (number * spans + span) * lanes + lane -> histogram; sized by the front end */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hist_pair);
} histograms SEC(".maps");

/* --- what a request is ------------------------------------------------------------------ */

static __always_inline __u32 disk_dev(const struct gendisk *disk)
{
	return BIO_DEV(BPF_CORE_READ(disk, major), BPF_CORE_READ(disk, first_minor));
}

static __always_inline __u32 request_dev(const struct request *rq)
{
	const struct request_queue___disk *q;

	if (bpf_core_field_exists(struct request___disk, rq_disk))
		return disk_dev(BPF_CORE_READ((const struct request___disk *)rq, rq_disk));
	q = (const void *)BPF_CORE_READ(rq, q);
	return disk_dev(BPF_CORE_READ(q, disk));
}

static __always_inline const struct gendisk *bio_disk(const struct bio *bio)
{
	if (bpf_core_field_exists(struct bio___disk, bi_disk))
		return BPF_CORE_READ((const struct bio___disk *)bio, bi_disk);
	return BPF_CORE_READ((const struct bio___bdev *)bio, bi_bdev, bd_disk);
}

static __always_inline bool disk_pass(__u32 dev, __u64 sector)
{
	if (dev != cfg.dev)
		return false;
	return !cfg.sector_end || (sector >= cfg.sector_first && sector < cfg.sector_end);
}

static __always_inline bool request_disk_pass(const struct request *rq)
{
	return !cfg.dev || disk_pass(request_dev(rq), BPF_CORE_READ(rq, __sector));
}

/* A write that asks for flushes as well is no request to the device when they are done, or if
 * it has no data: the flush is a request of its own (block/blk-flush.c). */
static __always_inline bool request_was_flush(const struct request *rq)
{
	return !BPF_CORE_READ(rq, __data_len) &&
	       (BPF_CORE_READ(rq, cmd_flags) & REQ_OP_MASK) == REQ_OP_WRITE;
}

static __always_inline const struct cgroup *cgroup_ancestor(const struct cgroup *cgroup, int level)
{
	const struct cgroup *ancestor = NULL;

	bpf_core_read(&ancestor, sizeof(ancestor),
		      (void *)cgroup +
			      bpf_core_field_offset(struct cgroup___pointers, ancestors) +
			      level * sizeof(ancestor));
	return ancestor;
}

static __always_inline __u64 cgroup_ancestor_id(const struct cgroup *cgroup, int level)
{
	__u64 id = 0;

	if (bpf_core_field_exists(struct cgroup___pointers, ancestors))
		return BPF_CORE_READ(cgroup_ancestor(cgroup, level), kn, id);
	bpf_core_read(&id, sizeof(id),
		      (void *)cgroup + bpf_core_field_offset(struct cgroup___ids, ancestor_ids) +
			      level * sizeof(id));
	return id;
}

#define CGROUP_DEPTH 32

/* Whether who caused the bio, which for writeback is not who submits it, is in cfg.cgroup_id or
 * below. No bio: nobody knows. A global function, so that it is verified once. */
__noinline int cgroup_pass(__u64 address)
{
	const struct bio___cgroup *bio = (void *)address;
	const struct cgroup *cgroup = NULL;
	int level;

	if (bpf_core_field_exists(struct bio___cgroup, bi_blkg))
		cgroup = BPF_CORE_READ(bio, bi_blkg, blkcg, css.cgroup);
	if (!cgroup)
		return 0;
	level = BPF_CORE_READ(cgroup, level);
	for (int i = 0; i < CGROUP_DEPTH; i++) {
		if (i > level)
			break;
		if (cgroup_ancestor_id(cgroup, i) == cfg.cgroup_id)
			return 1;
	}
	return 0;
}

/* --- histograms ------------------------------------------------------------------------- */

#define CLAIM_TRIES 64

volatile __u32 histogram_hint = 0; /* numbers below are taken */

/* Gives a key that is new a histogram of its own. Two CPUs may do it at once for one key: the
 * second one's number goes back. */
static __always_inline __u32 *histogram_claim(const struct bio_key *key)
{
	__u32 number = histogram_hint;

	for (int i = 0; i < CLAIM_TRIES; i++, number++) {
		if (number >= cfg.histograms)
			return NULL;
		if (bpf_map_update_elem(&owners, &number, key, BPF_NOEXIST))
			continue;
		histogram_hint = number + 1;
		if (bpf_map_update_elem(&keys, key, &number, BPF_NOEXIST)) {
			bpf_map_delete_elem(&owners, &number);
			histogram_hint = number;
		}
		return bpf_map_lookup_elem(&keys, key);
	}
	return NULL;
}

static __always_inline int histogram_number(const struct bio_key *key)
{
	__u32 *number;

	if (!cfg.by_disk && !cfg.by_flags)
		return 0;
	number = bpf_map_lookup_elem(&keys, key);
	if (!number)
		number = histogram_claim(key);
	return number ? (int)*number : -1;
}

static __always_inline struct hist_pair *histogram_of(int number, int span)
{
	__u32 at = number;

	if (cfg.span == SPAN_COUNT)
		at = at * SPAN_COUNT + span;
	at = at * cfg.lanes + (bpf_get_smp_processor_id() & (cfg.lanes - 1));
	return bpf_map_lookup_elem(&histograms, &at);
}

/* A completion as the histograms want it. */
struct done {
	struct bio_key key;
	__u64 ns[SPAN_COUNT];
	bool failed;
};

static __always_inline void histogram_add(int number, const struct done *d, int span)
{
	struct hist_pair *pair = histogram_of(number, span);

	if (!pair)
		return;
	if (d->failed)
		hist_add_error(pair);
	else
		hist_add(pair, d->ns[span], cfg.hist_mul, cfg.hist_div);
}

static __always_inline void done_count(const struct done *d)
{
	int number = histogram_number(&d->key);

	if (number < 0) {
		__sync_fetch_and_add(&state.no_histogram, 1);
		return;
	}
	if (cfg.span == SPAN_COUNT) {
		histogram_add(number, d, SPAN_QUEUE);
		histogram_add(number, d, SPAN_DEVICE);
		histogram_add(number, d, SPAN_TOTAL);
	} else {
		histogram_add(number, d, cfg.span);
	}
}

/* --- from start to completion ----------------------------------------------------------- */

static __always_inline void entry_insert(__u64 key, const struct in_flight *entry)
{
	if (bpf_map_update_elem(&in_flight, &key, entry, BPF_ANY))
		__sync_fetch_and_add(&state.full, 1);
	else
		__sync_fetch_and_add(&state.entries, 1);
}

/* The entry is done with: it waits for the next use of the request, if there is room. */
static __always_inline void entry_end(__u64 key, struct in_flight *entry)
{
	entry->issue_ns = 0;
	if (cfg.wide)
		entry->progress = IDLE;
	if (state.entries > BIO_IDLE && !bpf_map_delete_elem(&in_flight, &key))
		__sync_fetch_and_add(&state.entries, -1);
}

/* Who is submitting. */
static __always_inline void entry_begin(struct in_flight *entry, __u8 progress)
{
	__u64 id;

	entry->issue_ns = 0;
	entry->start_ns = bpf_ktime_get_ns();
	entry->progress = progress;
	entry->wanted = !cfg.by_task || filter_pass();
	if (!cfg.slower_ns)
		return;
	id = bpf_get_current_pid_tgid();
	entry->pid = id >> 32;
	entry->tid = id;
	bpf_get_current_comm(entry->comm, sizeof(entry->comm));
}

/* anew: this is where a request begins; else it may be one that comes back. */
static __always_inline void request_started(struct request *rq, bool anew)
{
	struct in_flight fresh = {}, *entry;
	__u64 key = (__u64)rq;

	if (!request_disk_pass(rq))
		return;
	entry = bpf_map_lookup_elem(&in_flight, &key);
	if (entry) {
		if (anew || entry->progress != REQUEUED)
			entry_begin(entry, STARTED);
		return;
	}
	entry_begin(&fresh, STARTED);
	entry_insert(key, &fresh);
}

static __always_inline void entry_issue(struct in_flight *entry, const struct request *rq)
{
	entry->progress = ISSUED;
	if (cfg.slower_ns) {
		entry->sector = BPF_CORE_READ(rq, __sector);
		entry->bytes = BPF_CORE_READ(rq, __data_len);
		entry->dev = request_dev(rq);
	}
	entry->issue_ns = bpf_ktime_get_ns();
}

static __always_inline void request_issued_wide(struct request *rq, struct in_flight *entry)
{
	struct in_flight fresh = {};
	__u64 key = (__u64)rq;

	if (!entry || entry->progress == IDLE || entry->progress == ISSUED) {
		if (!entry)
			entry_begin(&fresh, ISSUED);
		else
			entry_begin(entry, ISSUED);
	}
	if (!entry) {
		entry_issue(&fresh, rq);
		entry_insert(key, &fresh);
	} else {
		entry_issue(entry, rq);
	}
}

static __always_inline void request_issued(struct request *rq)
{
	struct in_flight *entry;
	__u64 key = (__u64)rq;
	__u64 now;

	if (!request_disk_pass(rq))
		return;
	entry = bpf_map_lookup_elem(&in_flight, &key);
	if (cfg.cgroup_id && !cgroup_pass((__u64)BPF_CORE_READ(rq, bio))) {
		if (entry)
			entry->issue_ns = 0;
		return;
	}
	if (cfg.wide) {
		request_issued_wide(rq, entry);
		return;
	}
	now = bpf_ktime_get_ns();
	if (entry)
		entry->issue_ns = now;
	else
		entry_insert(key, (const struct in_flight *)&now);
}

/* A request has gone back to the queue, or into another request. */
static __always_inline void request_back(struct request *rq, __u8 progress)
{
	__u64 key = (__u64)rq;
	struct in_flight *entry = bpf_map_lookup_elem(&in_flight, &key);

	if (!entry)
		return;
	entry->issue_ns = 0;
	if (cfg.wide)
		entry->progress = progress;
}

/* A completion without an issue. With a filter we have not noted most requests, and only one
 * that is known to be older than the tracing is told. */
static __always_inline void request_unknown(const struct request *rq)
{
	__u64 start = BPF_CORE_READ(rq, start_time_ns);
	bool old = !start || start < state.attached_ns;

	/* Still attaching: it began and ended before all is seen. */
	if (!state.attached_ns || !request_disk_pass(rq) || request_was_flush(rq))
		return;
	if (!cfg.by_task && !cfg.cgroup_id)
		__sync_fetch_and_add(old ? &state.before : &state.unissued, 1);
	else if (old && start)
		__sync_fetch_and_add(&state.before, 1);
}

/* When the request began: the kernel's time, else ours, else that of the issue. */
static __always_inline __u64 request_start(const struct request *rq, const struct in_flight *entry)
{
	__u64 start = BPF_CORE_READ(rq, start_time_ns);

	if (!start && cfg.wide)
		start = entry->start_ns;
	if (!start)
		__sync_fetch_and_add(&state.no_start, 1);
	return !start || start > entry->issue_ns ? entry->issue_ns : start;
}

static __always_inline void slow_submit(const struct in_flight *entry, const struct done *d,
					__u64 now, __u32 flags, __u32 status)
{
	struct biolatency_event *e;

	if (d->ns[SPAN_TOTAL] < cfg.slower_ns)
		return;
	e = events_begin();
	if (!e)
		return;
	e->time_ns = now;
	e->queue_ns = d->ns[SPAN_QUEUE];
	e->device_ns = d->ns[SPAN_DEVICE];
	e->sector = entry->sector;
	e->bytes = entry->bytes;
	e->dev = entry->dev;
	e->flags = flags;
	e->status = status;
	e->pid = entry->pid;
	e->tid = entry->tid;
	__builtin_memcpy(e->comm, entry->comm, sizeof(e->comm));
	events_submit(e, sizeof(*e));
}

/* block_rq_complete comes before the bytes are taken off the request (blk_update_request), so
 * the last one covers all that is left. */
static __always_inline void request_completed(struct request *rq, __u32 status, __u32 bytes)
{
	__u64 key = (__u64)rq;
	struct in_flight *entry;
	struct done d = {};
	__u64 now, start;

	if (bytes < BPF_CORE_READ(rq, __data_len))
		return;
	entry = bpf_map_lookup_elem(&in_flight, &key);
	if (!entry || !entry->issue_ns) {
		request_unknown(rq);
		return;
	}
	now = bpf_ktime_get_ns();
	start = entry->issue_ns;
	d.failed = status != 0;
	d.ns[SPAN_DEVICE] = now - entry->issue_ns;
	if (cfg.span != SPAN_DEVICE || cfg.slower_ns)
		start = request_start(rq, entry);
	d.ns[SPAN_QUEUE] = entry->issue_ns - start;
	d.ns[SPAN_TOTAL] = now - start;
	if (now < entry->issue_ns) {
		__sync_fetch_and_add(&state.negative, 1);
	} else if (!cfg.wide || entry->wanted) {
		if (cfg.by_disk)
			d.key.dev = request_dev(rq);
		if (cfg.by_flags)
			d.key.flags = BPF_CORE_READ(rq, cmd_flags);
		if (cfg.slower_ns)
			slow_submit(entry, &d, now, BPF_CORE_READ(rq, cmd_flags), status);
		else
			done_count(&d);
	}
	entry_end(key, entry);
}

/* block_rq_issue(rq); (q, rq) before 5.11 and 5.10.137 */
SEC("raw_tp")
int issue(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_issued((void *)ctx->args[0]);
	preempt_enable();
	return 0;
}

SEC("raw_tp")
int issue_q(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_issued((void *)ctx->args[1]);
	preempt_enable();
	return 0;
}

/* block_rq_complete(rq, error, nr_bytes) */
SEC("raw_tp")
int complete(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_completed((void *)ctx->args[0], ctx->args[1], ctx->args[2]);
	preempt_enable();
	return 0;
}

/*
 * The same hooks once more, where tracepoints can be preempted (7.x): while a task that was
 * preempted in a program still holds it, the kernel leaves out the program's other runs on that
 * CPU. Then these do its work; else they see that it has been done. They run after the others,
 * because they are attached after them.
 */
SEC("raw_tp")
int issue_again(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 key = ctx->args[0];
	const struct in_flight *entry;

	preempt_disable();
	entry = bpf_map_lookup_elem(&in_flight, &key);
	if (!entry || !entry->issue_ns)
		request_issued((void *)key);
	preempt_enable();
	return 0;
}

SEC("raw_tp")
int complete_again(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 key = ctx->args[0];
	const struct in_flight *entry;

	preempt_disable();
	entry = bpf_map_lookup_elem(&in_flight, &key);
	if (entry && entry->issue_ns)
		request_completed((void *)key, ctx->args[1], ctx->args[2]);
	preempt_enable();
	return 0;
}

/* block_rq_requeue(rq), (q, rq) */
SEC("raw_tp")
int requeue(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_back((void *)ctx->args[0], REQUEUED);
	preempt_enable();
	return 0;
}

SEC("raw_tp")
int requeue_q(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_back((void *)ctx->args[1], REQUEUED);
	preempt_enable();
	return 0;
}

/* block_rq_merge(rq), (q, rq): the one that has become a part of another */
SEC("raw_tp")
int merge(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_back((void *)ctx->args[0], IDLE);
	preempt_enable();
	return 0;
}

SEC("raw_tp")
int merge_q(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_back((void *)ctx->args[1], IDLE);
	preempt_enable();
	return 0;
}

/* block_io_start(rq) */
SEC("raw_tp")
int start(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_started((void *)ctx->args[0], true);
	preempt_enable();
	return 0;
}

/* block_rq_insert(rq), (q, rq): not for requests that are issued directly */
SEC("raw_tp")
int insert(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_started((void *)ctx->args[0], false);
	preempt_enable();
	return 0;
}

SEC("raw_tp")
int insert_q(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	request_started((void *)ctx->args[1], false);
	preempt_enable();
	return 0;
}

/* --- bios of devices that have no requests of their own (--bio) ----------------------------- */

static __always_inline void bio_queued(struct bio *bio)
{
	const struct gendisk *disk = bio_disk(bio);
	__u64 key = (__u64)bio;
	struct in_flight fresh = {}, *entry;
	__u64 sector = BPF_CORE_READ(bio, bi_iter.bi_sector);
	__u32 dev = disk_dev(disk);

	/* A bio that becomes a request completes with it. */
	if (!BPF_CORE_READ(disk, fops, submit_bio) || (cfg.dev && !disk_pass(dev, sector)))
		return;
	if (cfg.by_task && !filter_pass())
		return;
	if (cfg.cgroup_id && !cgroup_pass(key))
		return;
	entry_begin(&fresh, ISSUED);
	fresh.sector = sector;
	fresh.bytes = BPF_CORE_READ(bio, bi_iter.bi_size);
	fresh.dev = dev;
	fresh.issue_ns = fresh.start_ns;
	entry = bpf_map_lookup_elem(&in_flight, &key);
	if (entry)
		*entry = fresh;
	else
		entry_insert(key, &fresh);
}

static __always_inline void bio_completed(struct bio *bio)
{
	__u64 key = (__u64)bio;
	struct in_flight *entry = bpf_map_lookup_elem(&in_flight, &key);
	const struct gendisk *disk = bio_disk(bio);
	struct done d = {};
	__u32 status;
	__u64 now;

	if (!entry || !entry->issue_ns) {
		if (state.attached_ns && !cfg.by_task && !cfg.cgroup_id &&
		    BPF_CORE_READ(disk, fops, submit_bio) &&
		    (!cfg.dev || disk_dev(disk) == cfg.dev) && !cfg.sector_end)
			__sync_fetch_and_add(&state.before, 1);
		return;
	}
	now = bpf_ktime_get_ns();
	status = BPF_CORE_READ(bio, bi_status);
	d.failed = status != 0;
	d.ns[SPAN_DEVICE] = d.ns[SPAN_TOTAL] = now - entry->issue_ns;
	if (cfg.by_disk)
		d.key.dev = entry->dev;
	if (cfg.by_flags)
		d.key.flags = BPF_CORE_READ(bio, bi_opf);
	if (now < entry->issue_ns)
		__sync_fetch_and_add(&state.negative, 1);
	else if (cfg.slower_ns)
		slow_submit(entry, &d, now, BPF_CORE_READ(bio, bi_opf), status);
	else
		done_count(&d);
	entry_end(key, entry);
}

/* block_bio_queue(bio), (q, bio) before 5.11 */
SEC("raw_tp")
int bio_queue(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	bio_queued((void *)ctx->args[0]);
	preempt_enable();
	return 0;
}

SEC("raw_tp")
int bio_queue_q(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	bio_queued((void *)ctx->args[1]);
	preempt_enable();
	return 0;
}

/* block_bio_complete(q, bio) */
SEC("raw_tp")
int bio_complete(struct bpf_raw_tracepoint_args *ctx)
{
	preempt_disable();
	bio_completed((void *)ctx->args[1]);
	preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
