// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The reader of events on a ring buffer that is an array of sizes. The module is included, and
 * libbpf's ring buffer and maps are answered here; the stop conditions are the real ones. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>
#include "child.h"
#include "ring.h"
#include "stop.h"

/* --- the ring buffer of the test ----------------------------------------------------------- */

#define RECORD 56u /* bytes; 64 in the buffer */

static ring_record_fn *handler;
static void *handler_context;
static uint64_t waiting; /* records in the buffer */
static uint64_t number;	 /* of the next one that is read */
static int bell;
static __u32 ring_size, scratch_count, scratch_size;
static int set_err;
static int consumes; /* how often it was looked at */
static void (*at_consume)(void);

static struct ring *fake_open(ring_record_fn *function, void *context)
{
	handler = function;
	handler_context = context;
	return malloc(1);
}

/* As ring_consume(): a record is gone even if the function has returned an error. */
static int fake_consume(void)
{
	int n = 0, err;

	consumes++;
	if (at_consume)
		at_consume();
	while (waiting) {
		uint64_t *record = calloc(1, RECORD); /* for its end to be seen */

		record[0] = number++;
		waiting--;
		err = handler(handler_context, record, RECORD);
		free(record);
		if (err < 0)
			return err;
		n++;
	}
	return n;
}

#define bpf_map__fd(map)		     (bell)
#define bpf_map__max_entries(map)	     (ring_size)
#define bpf_map__set_max_entries(map, n)     set_entries(map, n)
#define bpf_map__set_value_size(map, n)	     (scratch_size = (n), set_err)
#define ring_new(fd, size, function, c)	     fake_open(function, c)
#define ring_consume(ring)		     fake_consume()
#define ring_free(ring)			     free(ring)
#define libbpf_num_possible_cpus()	     3
#undef bpf_object__for_each_program
#define bpf_object__for_each_program(p, o)   for ((void)(o), p = NULL; p;)
#define RING				     ((struct bpf_map *)1)
#define SCRATCH				     ((struct bpf_map *)2)

static int set_entries(const struct bpf_map *map, __u32 n)
{
	*(map == RING ? &ring_size : &scratch_count) = n;
	return set_err;
}

/* Sleeps are the real ones, but a long one ends by the bell only, and all are written down. */
static int wait_written(int epoll, struct epoll_event *events, int count, int timeout);
#define stop_wait(epoll, events, count, timeout) wait_written(epoll, events, count, timeout)

#include "events.c"

#undef stop_wait

/* --- the tool of the test ------------------------------------------------------------------ */

static uint64_t shown, flushes;
static int flush_err;
static bool in_order = true;
static struct events_state state;
static __u32 room;

static void on_event(void *context, const void *record, size_t size)
{
	CHECK(context == &shown && size == RECORD);
	in_order &= *(const uint64_t *)record == shown;
	shown++;
	stop_shown();
}

static int flush(void *context)
{
	CHECK(context == &shown);
	flushes++;
	return flush_err;
}

static struct events events = {
	.ring = RING, .scratch = SCRATCH, .state = &state, .room = &room, .largest = RECORD,
	.on_event = on_event, .flush = flush, .context = &shown, .ends = -1,
};

static struct {
	int timeout;
	unsigned int wake;
} waits[64];
static size_t wait_count;

static int wait_written(int epoll, struct epoll_event *event, int count, int timeout)
{
	if (wait_count < sizeof(waits) / sizeof(waits[0])) {
		waits[wait_count].timeout = timeout;
		waits[wait_count].wake = events.state->wake;
	}
	wait_count++;
	return stop_wait(epoll, event, count, timeout < LONG_SLEEP_MS ? timeout : 59000);
}

static void start(double seconds, uint64_t max_events, uint64_t records)
{
	bell = eventfd(0, EFD_NONBLOCK);
	ring_size = 1 << 20;
	stop_start(seconds, max_events);
	stop_attached();
	waiting = records;
}

/* --- sizes --------------------------------------------------------------------------------- */

static void check_size(uint64_t wanted, __u32 want)
{
	CHECK(events_setup(&events, wanted) == 0);
	CHECK(ring_size == want);
	CHECK(state.wake_size == want / 8);
}

static void sizes_child(const void *unused)
{
	__u32 page = sysconf(_SC_PAGESIZE);

	(void)unused;
	check_size(0, EVENTS_BUFFER);
	check_size(1, page);
	check_size(page, page);
	check_size(page + 1, 2 * page);
	check_size(8 << 20, 8 << 20);
	check_size((8 << 20) - 1, 8 << 20);
	check_size(1u << 30, 1u << 30);
	CHECK(scratch_count == 3 && scratch_size == 8 + RECORD && room == RECORD);
	events.largest = 57; /* the next record's header is to be aligned */
	check_size(0, EVENTS_BUFFER);
	CHECK(scratch_size == 8 + 64 && room == 57);
	set_err = -EINVAL;
	CHECK(events_setup(&events, 0) == -EINVAL);
}

static void sizes(void **unused)
{
	(void)unused;
	assert_true(child_run_good(sizes_child, NULL));
	assert_non_null(strstr(child_said, ": cannot size the event buffer: Invalid argument\n"));
}

/* --- reading ------------------------------------------------------------------------------- */

struct ends {
	uint64_t records, max_events, shown;
};

static void ends_child(const void *argument)
{
	const struct ends *e = argument;

	start(0.15, e->max_events, e->records);
	CHECK(events_poll(&events) == 0);
	CHECK(shown == e->shown && in_order);
	CHECK(flushes > 0);
}

/* All that came is shown, in its order, around the size of a batch; with --max-events exactly
 * so many. */
static void ends(void **unused)
{
	static const struct ends all[] = {
		{ 0, 0, 0 }, { 1, 0, 1 }, { BATCH - 1, 0, BATCH - 1 }, { BATCH, 0, BATCH },
		{ BATCH + 1, 0, BATCH + 1 }, { 3 * BATCH, 0, 3 * BATCH },
		{ 5, 5, 5 }, { 6, 5, 5 }, { 4, 5, 4 }, { 100, 1, 1 }, { BATCH, BATCH, BATCH },
		{ 3 * BATCH, BATCH + 1, BATCH + 1 }, { 3 * BATCH, 2 * BATCH, 2 * BATCH },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!child_run_good(ends_child, &all[i]))
			fail_msg("case %zu", i);
		assert_string_equal(child_said, "");
	}
}

/* Events that never end do not hold up the end: after it no more than one buffer is read. */
static void refill(void)
{
	waiting = 4 * BATCH;
}

static void flood_child(const void *unused)
{
	(void)unused;
	at_consume = refill;
	start(0.1, 0, 0);
	CHECK(events_poll(&events) == 0);
	CHECK(shown >= BATCH && in_order);
	/* Stopped from the start: of a megabyte there is room for 16384 records of 64. */
	shown = number = 0;
	CHECK(events_poll(&events) == 0);
	CHECK(shown == (1 << 20) / 64);
}

static void flood(void **unused)
{
	(void)unused;
	assert_true(child_run_good(flood_child, NULL));
}

/* A signal reaches a reader that never sleeps. */
static void interrupt(void)
{
	waiting = 4 * BATCH;
	if (consumes == 3)
		raise(SIGINT);
}

static void busy_child(const void *unused)
{
	(void)unused;
	at_consume = interrupt;
	start(0, 0, 0);
	CHECK(events_poll(&events) == 0);
	CHECK(consumes < 20);
}

static void busy(void **unused)
{
	(void)unused;
	assert_true(child_run_good(busy_child, NULL));
}

/* --- what may wake it ---------------------------------------------------------------------- */

/* The other side of the bell, in another process. */
static struct kernel_side {
	struct events_state state;
	uint64_t records;
} *side;

static void look(void)
{
	waiting += __atomic_exchange_n(&side->records, 0, __ATOMIC_SEQ_CST);
}

static void check_wait(size_t i, int timeout, unsigned int wake)
{
	CHECK(i < wait_count);
	CHECK(waits[i].timeout == timeout && waits[i].wake == wake);
}

/* Some naps, then a sleep that only the bell ends. */
static void bell_child(const void *unused)
{
	pid_t pid;

	(void)unused;
	side = mmap(NULL, sizeof(*side), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(side != MAP_FAILED);
	events.state = &side->state;
	at_consume = look;
	start(0, 1, 0);
	pid = fork();
	if (pid == 0) {
		while (__atomic_load_n(&side->state.wake, __ATOMIC_SEQ_CST) != EVENTS_WAKE_ANY)
			usleep(1000);
		usleep(50000); /* for it to be asleep, more often than not */
		__atomic_store_n(&side->records, 1, __ATOMIC_SEQ_CST);
		_exit(write(bell, &(uint64_t){ 1 }, 8) != 8);
	}
	CHECK(events_poll(&events) == 0);
	CHECK(shown == 1);
	CHECK(wait_count == QUIET_ROUNDS + 1); /* the last one did not sleep: it was over */
	for (size_t i = 0; i < QUIET_ROUNDS - 1; i++)
		check_wait(i, EVENTS_NAP_MS, EVENTS_WAKE_FULL);
	check_wait(QUIET_ROUNDS - 1, LONG_SLEEP_MS, EVENTS_WAKE_ANY);
	CHECK(side->state.wake == EVENTS_WAKE_NEVER);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

/* A record that comes between the last look and the flag rings no bell: one more look, with
 * the flag up, finds it. */
static void slip_in(void)
{
	if (state.wake == EVENTS_WAKE_ANY)
		waiting = 1;
}

static void slip_child(const void *unused)
{
	(void)unused;
	at_consume = slip_in;
	start(0, 1, 0);
	CHECK(events_poll(&events) == 0);
	CHECK(shown == 1);
	CHECK(wait_count == QUIET_ROUNDS - 1);
}

/* As long as events come it naps, and while more than a batch waits it does not even that. */
static void trickle(void)
{
	waiting = consumes <= 3 ? BATCH : consumes <= 9;
}

static void naps_child(const void *unused)
{
	(void)unused;
	at_consume = trickle;
	start(0, 3 * BATCH + 6, 0);
	CHECK(events_poll(&events) == 0);
	CHECK(shown == 3 * BATCH + 6 && in_order);
	CHECK(wait_count == 9);
	for (size_t i = 0; i < 3; i++)
		check_wait(i, 0, EVENTS_WAKE_NEVER);
	for (size_t i = 3; i < 9; i++)
		check_wait(i, EVENTS_NAP_MS, EVENTS_WAKE_FULL);
}

static void wakes(void **unused)
{
	(void)unused;
	assert_true(child_run_good(bell_child, NULL));
	assert_true(child_run_good(slip_child, NULL));
	assert_true(child_run_good(naps_child, NULL));
}

/* The end of another descriptor (a command's) is ours. */
static void other_end_child(const void *unused)
{
	int ended[2];

	(void)unused;
	CHECK(!pipe(ended));
	events.ends = ended[0];
	start(0, 0, 3);
	close(ended[1]);
	CHECK(write(bell, &(uint64_t){ 1 }, 8) == 8); /* both at once */
	CHECK(events_poll(&events) == 0);
	CHECK(shown == 3);
}

static void other_end(void **unused)
{
	(void)unused;
	assert_true(child_run_good(other_end_child, NULL));
}

/* --- losses and errors --------------------------------------------------------------------- */

static void losses_child(const void *argument)
{
	state = *(const struct events_state *)argument;
	start(0.01, 0, 1);
	CHECK(events_poll(&events) == 0);
	CHECK(shown == 1);
}

static void losses(void **unused)
{
	(void)unused;
	assert_true(child_run_good(losses_child, &(struct events_state){ .lost = 3 }));
	assert_non_null(strstr(child_said, ": 3 events lost so far\n"));
	assert_non_null(strstr(child_said, ": 3 events lost: the buffer was full; --buffer"));
	assert_null(strstr(child_said, "too many at a time"));
	assert_true(child_run_good(losses_child, &(struct events_state){ 1, 20, 300 }));
	assert_non_null(strstr(child_said, ": 321 events lost so far\n"));
	assert_non_null(strstr(child_said, ": 1 events lost: the buffer was full"));
	assert_non_null(strstr(child_said, ": 20 events lost: they came in the middle"));
	assert_non_null(strstr(child_said, ": 300 events lost: too many at a time"));
	assert_true(child_run_good(losses_child, &(struct events_state){}));
	assert_string_equal(child_said, "");
}

static void full_disk_child(const void *unused)
{
	(void)unused;
	flush_err = -ENOSPC;
	start(0, 0, 5);
	CHECK(events_poll(&events) == -ENOSPC);
	CHECK(shown == 5);
}

/* Nobody reads any more: no error, but losses are said all the same. */
static void no_reader_child(const void *unused)
{
	(void)unused;
	flush_err = -EPIPE;
	state.lost = 2;
	start(0, 0, 5);
	CHECK(events_poll(&events) == 0);
}

static void bad_ring_child(const void *unused)
{
	(void)unused;
	start(0, 0, 0);
	bell = -1;
	CHECK(events_poll(&events) == -EBADF);
}

static void errors(void **unused)
{
	(void)unused;
	assert_true(child_run_good(full_disk_child, NULL));
	assert_true(child_run_good(no_reader_child, NULL));
	assert_non_null(strstr(child_said, ": 2 events lost: the buffer was full"));
	assert_true(child_run_good(bad_ring_child, NULL));
	assert_non_null(strstr(child_said, ": cannot read the event buffer: Bad file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),  cmocka_unit_test(ends),      cmocka_unit_test(flood),
		cmocka_unit_test(busy),	  cmocka_unit_test(wakes),     cmocka_unit_test(other_end),
		cmocka_unit_test(losses), cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
