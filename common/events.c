// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "events.h"
#include "ring.h"
#include "stop.h"

#define BATCH 8192       /* records between two looks at the clock and the signals */
#define QUIET_ROUNDS 3   /* naps without an event before the long sleep */
#define LONG_SLEEP_MS 1000

struct reader {
	const struct events *e;
	struct ring *ring;
	int epoll;
	unsigned int left; /* of the batch */
	uint64_t last;     /* after the stop: bytes that may still be of before it */
	bool stopping;
	uint64_t told;     /* losses said so far */
	time_t told_at;
};

int events_setup(const struct events *e, uint64_t wanted)
{
	uint64_t buffer = sysconf(_SC_PAGESIZE);
	int cpus = libbpf_num_possible_cpus();
	int err;

	while (buffer < (wanted ? wanted : EVENTS_BUFFER))
		buffer *= 2;
	e->state->wake_size = buffer / 8;
	*e->room = e->largest;
	err = cpus < 0 ? cpus : bpf_map__set_max_entries(e->scratch, cpus);
	if (!err)
		err = bpf_map__set_value_size(e->scratch, 8 + (e->largest + 7) / 8 * 8);
	if (!err)
		err = bpf_map__set_max_entries(e->ring, buffer);
	if (err)
		diag_errno(err, "cannot size the event buffer");
	return err;
}

static int on_record(void *context, void *record, size_t size)
{
	struct reader *r = context;

	if (stop_full())
		return -ECANCELED;
	if (r->stopping) {
		uint64_t bytes = (size + 8 + 7) / 8 * 8;

		if (bytes > r->last)
			return -ECANCELED;
		r->last -= bytes;
	}
	r->e->on_event(r->e->context, record, size);
	return --r->left ? 0 : -EAGAIN;
}

/* Records handed over, or -EPIPE, or what flush() returned. More may wait if it is BATCH. */
static int read_batch(struct reader *r)
{
	int n, err;

	r->left = BATCH;
	n = ring_consume(r->ring);
	if (n < 0 && n != -EAGAIN && n != -ECANCELED)
		return n;
	err = r->e->flush(r->e->context);
	return err ? err : (int)(BATCH - r->left);
}

static void tell_lost(uint64_t count, const char *why)
{
	if (count)
		diag("%ju events lost: %s", (uintmax_t)count, why);
}

/* While it runs at most once a second; at the end by cause. */
static void tell_losses(struct reader *r, bool end)
{
	volatile struct events_state *s = r->e->state;
	uint64_t lost = s->lost + s->nested + s->no_room;
	struct timespec t;

	if (end) {
		tell_lost(s->lost, "the buffer was full; --buffer sets a larger one");
		tell_lost(s->no_room, "too many at a time");
		tell_lost(s->nested, "they came in the middle of another on the same CPU");
		return;
	}
	if (lost == r->told)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	if (t.tv_sec == r->told_at)
		return;
	diag("%ju events lost so far", (uintmax_t)lost);
	r->told = lost;
	r->told_at = t.tv_sec;
}

/* What may wake us from now on; a look at the buffer after this misses nothing before it. */
static void set_wake(const struct reader *r, enum events_wake wake)
{
	r->e->state->wake = wake;
	atomic_thread_fence(memory_order_seq_cst);
}

static int reader_loop(struct reader *r)
{
	struct epoll_event event;
	int quiet = 0;
	int n;

	while (!stop_wanted()) {
		n = read_batch(r);
		if (n < 0)
			return n;
		tell_losses(r, false);
		quiet = n ? 0 : quiet + 1;
		if (n >= BATCH) {
			n = stop_wait(r->epoll, &event, 1, 0);
		} else if (quiet < QUIET_ROUNDS) {
			set_wake(r, EVENTS_WAKE_FULL);
			n = stop_wait(r->epoll, &event, 1, EVENTS_NAP_MS);
		} else {
			set_wake(r, EVENTS_WAKE_ANY);
			n = read_batch(r);
			if (n < 0)
				return n;
			n = n ? 0 : stop_wait(r->epoll, &event, 1, LONG_SLEEP_MS);
		}
		set_wake(r, EVENTS_WAKE_NEVER);
		if (n > 0 && event.data.fd == r->e->ends)
			stop_now();
	}
	return 0;
}

/* What was in the buffer when the stop came: no more bytes than the buffer has. */
static int reader_finish(struct reader *r)
{
	int n;

	r->stopping = true;
	r->last = bpf_map__max_entries(r->e->ring);
	do
		n = read_batch(r);
	while (n >= BATCH);
	return n < 0 ? n : 0;
}

static unsigned long long misses(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int fd = program ? bpf_program__fd(program) : -1;

	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) ? info.recursion_misses : 0;
}

/* X_again does the work of X where that was left out: what both missed is missed. */
static const struct bpf_program *again(const struct bpf_object *object, const char *name)
{
	const struct bpf_program *program;
	char twin[64];

	snprintf(twin, sizeof(twin), "%s_again", name);
	program = bpf_object__find_program_by_name(object, twin);
	return program && bpf_program__fd(program) >= 0 ? program : NULL;
}

/*
 * Program runs that the kernel left out, because a task that was preempted in the program still
 * held it on that CPU. Where tracepoints of system calls can be preempted (7.x) that happens;
 * how many of them were events of ours nobody knows.
 */
void events_tell_misses(const struct bpf_object *object)
{
	unsigned long long all = 0, one, other;
	struct bpf_program *program;

	bpf_object__for_each_program(program, object) {
		const char *name = bpf_program__name(program);
		const struct bpf_program *twin = again(object, name);

		if (strstr(name, "_again"))
			continue;
		one = misses(program);
		other = twin ? misses(twin) : one;
		all += one < other ? one : other;
	}
	if (all)
		diag("up to %llu events missed: the kernel left out so many runs of a probe, which "
		     "was busy on that CPU",
		     all);
}

static int reader_open(struct reader *r, const struct events *e)
{
	/* Edge-triggered: data that waits is no reason to wake, only a ring of the bell is. */
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	*r = (struct reader){ .e = e, .epoll = -1 };
	r->ring = ring_new(bpf_map__fd(e->ring), bpf_map__max_entries(e->ring), on_record, r);
	if (!r->ring)
		return -errno;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	event.data.fd = bpf_map__fd(e->ring);
	if (r->epoll < 0 || epoll_ctl(r->epoll, EPOLL_CTL_ADD, event.data.fd, &event))
		return -errno;
	event.events = EPOLLIN;
	event.data.fd = e->ends;
	if (e->ends >= 0 && epoll_ctl(r->epoll, EPOLL_CTL_ADD, e->ends, &event))
		return -errno;
	return 0;
}

int events_poll(const struct events *e)
{
	struct reader r;
	int err;

	err = reader_open(&r, e);
	if (err) {
		diag_errno(err, "cannot read the event buffer");
	} else {
		err = reader_loop(&r);
		if (!err)
			err = reader_finish(&r);
		tell_losses(&r, true);
		events_tell_misses(e->object);
	}
	if (r.epoll >= 0)
		close(r.epoll);
	ring_free(r.ring);
	return err == -EPIPE ? 0 : err;
}
