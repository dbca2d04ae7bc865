// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The module is included with a clock of ours, and with a stop_wait() that lets this clock go on
 * in place of sleeping: an hour is over at once, and exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static int time_get(clockid_t clock, struct timespec *t);
#define clock_gettime time_get
#include "interval.c"
#undef clock_gettime

#define NEVER INT64_MAX

static int64_t time_ns;    /* now */
static int64_t stops_at;   /* a signal comes */
static int64_t ends_at;    /* ... or the command ends */
static unsigned int waits; /* calls of stop_wait() */
static int longest_ms;
static bool wanted;
static struct interval i;

static int time_get(clockid_t clock, struct timespec *t)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	t->tv_sec = time_ns / 1000000000;
	t->tv_nsec = time_ns % 1000000000;
	return 0;
}

void stop_now(void)
{
	wanted = true;
}

bool stop_wanted(void)
{
	return wanted;
}

int stop_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
	int64_t until = time_ns + timeout * 1000000ll;

	assert_true(epoll >= 0 && count >= 1 && timeout >= 0);
	waits++;
	if (timeout > longest_ms)
		longest_ms = timeout;
	if (ends_at <= until && ends_at <= stops_at) {
		time_ns = ends_at > time_ns ? ends_at : time_ns;
		*events = (struct epoll_event){ .events = EPOLLIN };
		return 1;
	}
	if (stops_at <= until) {
		time_ns = stops_at > time_ns ? stops_at : time_ns;
		wanted = true;
		return 0;
	}
	time_ns = until;
	return 0;
}

static int reset(void **state)
{
	(void)state;
	time_ns = 1234567890123;
	stops_at = ends_at = NEVER;
	waits = 0;
	longest_ms = 0;
	wanted = false;
	i = (struct interval){ .ends = -1, .epoll = -1 };
	return 0;
}

static int tidy(void **state)
{
	(void)state;
	interval_end(&i);
	return 0;
}

static int64_t begin(void)
{
	assert_int_equal(interval_start(&i), 0);
	return time_ns;
}

static void assert_near(double is, double wanted_value)
{
	if (is < wanted_value - 0.0015 || is > wanted_value + 0.0015)
		fail_msg("%f is not %f", is, wanted_value);
}

/* Goes on to the next end of an interval, with so many looks before it. */
static void next_end(double length, unsigned int looks)
{
	while (looks--) {
		assert_true(interval_next(&i));
		assert_false(i.show);
	}
	assert_true(interval_next(&i));
	assert_true(i.show);
	assert_near(i.length, length);
}

/* --- ends -------------------------------------------------------------------------------- */

static void count(void **state)
{
	int64_t start;

	(void)state;
	i.seconds = 1;
	i.count = 3;
	start = begin();
	for (int n = 1; n <= 3; n++) {
		next_end(1, 0);
		assert_near((time_ns - start) / 1e9, n);
	}
	assert_false(interval_next(&i));
	assert_false(interval_next(&i));
}

static void no_count(void **state)
{
	int64_t start;

	(void)state;
	i.seconds = 0.25;
	start = begin();
	for (int n = 0; n < 10000; n++)
		next_end(0.25, 0);
	assert_near((time_ns - start) / 1e9, 2500);
	assert_false(wanted);
}

/* What is done between two intervals takes time, and delays none of the later ones. */
static void fixed_ends(void **state)
{
	int64_t start;

	(void)state;
	i.seconds = 2;
	start = begin();
	for (int n = 1; n <= 100; n++) {
		assert_true(interval_next(&i));
		assert_true(i.show);
		assert_near((time_ns - start) / 1e9, 2 * n);
		time_ns += 1700000000;
	}
}

/* Lengths tell what really was, and add up to it. */
static void late(void **state)
{
	double sum = 0;
	int64_t start;

	(void)state;
	i.seconds = 1;
	start = begin();
	next_end(1, 0);
	sum += i.length;
	time_ns += 1400000000;
	next_end(1.4, 0);
	sum += i.length;
	next_end(0.6, 0);
	sum += i.length;
	assert_near(sum, (time_ns - start) / 1e9);
}

/* After an hour in which it was stopped it goes on, and shows no 3600 intervals at once. */
static void slept(void **state)
{
	(void)state;
	i.seconds = 1;
	i.count = 4;
	begin();
	next_end(1, 0);
	time_ns += 3600500000000;
	next_end(3600.5, 0);
	next_end(1, 0);
	next_end(1, 0);
	assert_false(interval_next(&i));
}

/* --- looks in between ---------------------------------------------------------------------- */

static void looks(void **state)
{
	(void)state;
	i.seconds = 100;
	i.count = 2;
	begin();
	next_end(100, 3);
	assert_int_equal(longest_ms, 30000);
	next_end(100, 3);
	assert_false(interval_next(&i));
}

/* Without an interval there is one, as long as it takes. */
static void no_interval(void **state)
{
	int64_t start;

	(void)state;
	start = begin();
	stops_at = start + 86405 * 1000000000ll;
	next_end(86405, 86400 / 30);
	assert_int_equal(longest_ms, 30000);
	assert_int_equal(time_ns, stops_at);
	assert_false(interval_next(&i));
}

/* --- the end before -------------------------------------------------------------------------- */

/* The interval that was running is shown, with its length. */
static void stopped(void **state)
{
	int64_t start;

	(void)state;
	i.seconds = 1;
	i.count = 10;
	start = begin();
	stops_at = start + 2300000000;
	next_end(1, 0);
	next_end(1, 0);
	next_end(0.3, 0);
	assert_int_equal(time_ns, stops_at);
	assert_false(interval_next(&i));
}

/* The end of a command ends it as a signal does. */
static void command_ends(void **state)
{
	int64_t start;

	(void)state;
	i.seconds = 1;
	start = begin();
	ends_at = start + 1500000000;
	next_end(1, 0);
	assert_false(wanted);
	next_end(0.5, 0);
	assert_true(wanted);
	assert_false(interval_next(&i));
}

/* ... because its descriptor is one of those that are waited for. */
static void descriptor(void **state)
{
	struct epoll_event event;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	i.ends = ends[0];
	begin();
	assert_int_equal(epoll_wait(i.epoll, &event, 1, 0), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(epoll_wait(i.epoll, &event, 1, 0), 1);
	close(ends[0]);
	close(ends[1]);
}

/* An interval that is over before it is waited for: signals come through nevertheless. */
static void never_waits(void **state)
{
	unsigned int shown = 0;

	(void)state;
	i.seconds = 0.000001;
	stops_at = begin() + 100000000;
	while (shown < 1000 && interval_next(&i)) {
		shown += i.show;
		time_ns += 5000000;
	}
	assert_true(wanted);
	assert_in_range(shown, 18, 22);
	assert_true(waits >= shown);
}

/* Stopped before it began: one interval, of no length. */
static void stopped_at_once(void **state)
{
	(void)state;
	i.seconds = 1;
	stops_at = begin();
	next_end(0, 0);
	assert_false(interval_next(&i));
}

static void again(void **state)
{
	(void)state;
	i.seconds = 1;
	i.count = 1;
	begin();
	next_end(1, 0);
	assert_false(interval_next(&i));
	interval_end(&i);
	interval_end(&i);
	time_ns += 5000000000;
	begin();
	next_end(1, 0);
	assert_false(interval_next(&i));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, reset, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(count),	     TEST(no_count),	    TEST(fixed_ends),
		TEST(late),	     TEST(slept),	    TEST(looks),
		TEST(no_interval),   TEST(stopped),	    TEST(command_ends),
		TEST(descriptor),    TEST(never_waits),	    TEST(stopped_at_once),
		TEST(again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
