// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <cmocka.h>
#include "child.h"
#include "stop.h"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
#define ENDING (sizeof(ending) / sizeof(ending[0]))

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Waits with nothing to wait for; the seconds that it took. */
static double sleep_in_wait(int timeout)
{
	int epoll = epoll_create1(0);
	struct epoll_event event;
	double start = now();

	CHECK(stop_wait(epoll, &event, 1, timeout) == 0);
	close(epoll);
	return now() - start;
}

static void set_masked(int signal, int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(how, &set, NULL);
}

static bool is_masked(int signal)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, signal);
}

static bool is_default(int signal)
{
	struct sigaction action;

	sigaction(signal, NULL, &action);
	return action.sa_handler == SIG_DFL;
}

/* --- signals ------------------------------------------------------------------------ */

/* It is taken in stop_wait() only, also by a reader that is always busy. */
static void busy_child(const void *signal)
{
	stop_start(0, 0);
	sleep_in_wait(0);
	CHECK(!stop_wanted());
	raise(*(const int *)signal);
	CHECK(!stop_wanted());
	CHECK(is_masked(*(const int *)signal));
	sleep_in_wait(0);
	CHECK(stop_wanted());
	CHECK(is_masked(*(const int *)signal));
	CHECK(!stop_full());
}

static void busy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDING; i++)
		assert_true(child_run_good(busy_child, &ending[i]));
}

/* ... by one whose descriptors always have something, too. */
static void ready_child(const void *signal)
{
	int ends[2], epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };

	stop_start(0, 0);
	CHECK(!pipe(ends) && write(ends[1], "x", 1) == 1);
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
	CHECK(stop_wait(epoll, &event, 1, 0) == 1 && !stop_wanted());
	raise(*(const int *)signal);
	CHECK(stop_wait(epoll, &event, 1, 10000) == 1 && stop_wanted());
}

static void ready(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDING; i++)
		assert_true(child_run_good(ready_child, &ending[i]));
}

/* One that came between the last check and the sleep ends the sleep. */
static void pending_child(const void *signal)
{
	stop_start(0, 0);
	raise(*(const int *)signal);
	CHECK(sleep_in_wait(20000) < 10);
	CHECK(stop_wanted());
	CHECK(sleep_in_wait(20000) < 10); /* from now on nobody sleeps */
}

static void pending(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDING; i++)
		assert_true(child_run_good(pending_child, &ending[i]));
}

static void asleep_child(const void *signal)
{
	pid_t parent = getpid(), pid;

	stop_start(0, 0);
	pid = fork();
	if (pid == 0) {
		usleep(50000);
		kill(parent, *(const int *)signal);
		_exit(0);
	}
	CHECK(sleep_in_wait(-1) < 20);
	CHECK(stop_wanted());
	waitpid(pid, NULL, 0);
}

static void asleep(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDING; i++)
		assert_true(child_run_good(asleep_child, &ending[i]));
}

/* A shell starts background jobs with SIGINT ignored, others leave it blocked. */
static void inherited_child(const void *signal)
{
	set_masked(*(const int *)signal, SIG_BLOCK);
	sigaction(*(const int *)signal, &(struct sigaction){ .sa_handler = SIG_IGN },
		  NULL);
	busy_child(signal);
}

static void inherited(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDING; i++)
		assert_true(child_run_good(inherited_child, &ending[i]));
}

static void pipe_child(const void *unused)
{
	int ends[2];

	(void)unused;
	stop_start(0, 0);
	CHECK(!pipe(ends));
	close(ends[0]);
	CHECK(write(ends[1], "x", 1) == -1); /* and we still live */
	CHECK(!stop_wanted());
}

static void closed_pipe(void **state)
{
	(void)state;
	assert_true(child_run_good(pipe_child, NULL));
}

/* --- duration ----------------------------------------------------------------------- */

static void duration_child(const void *unused)
{
	double start, slept = 0;

	(void)unused;
	stop_start(0.3, 0);
	usleep(400000); /* loading the programs takes long: it is not of the duration */
	sleep_in_wait(0);
	CHECK(!stop_wanted());
	CHECK(sleep_in_wait(1) < 10);
	CHECK(!stop_wanted());
	start = now();
	stop_attached();
	sleep_in_wait(0);
	CHECK(now() - start > 0.3 || !stop_wanted());
	while (!stop_wanted() && slept < 30)
		slept += sleep_in_wait(-1);
	CHECK(now() - start >= 0.3);
	CHECK(slept < 20);
	CHECK(!stop_full());
}

static void duration(void **state)
{
	(void)state;
	assert_true(child_run_good(duration_child, NULL));
}

/* The caller's own timeout is kept where it is the shorter one. */
static void long_duration_child(const void *unused)
{
	(void)unused;
	stop_start(315360000.0, 0); /* the most that --duration takes */
	stop_attached();
	CHECK(sleep_in_wait(10) < 10);
	CHECK(!stop_wanted());
}

static void long_duration(void **state)
{
	(void)state;
	assert_true(child_run_good(long_duration_child, NULL));
}

/* A deadline behind what an int of milliseconds holds, and no timeout: it sleeps until a
 * signal comes. */
static void far_deadline_child(const void *unused)
{
	pid_t parent = getpid(), pid;
	double slept;

	(void)unused;
	stop_start(315360000.0, 0);
	stop_attached();
	pid = fork();
	if (pid == 0) {
		usleep(200000);
		kill(parent, SIGINT);
		_exit(0);
	}
	slept = sleep_in_wait(-1);
	CHECK(stop_wanted());
	CHECK(slept > 0.1);
	waitpid(pid, NULL, 0);
}

static void far_deadline(void **state)
{
	(void)state;
	assert_true(child_run_good(far_deadline_child, NULL));
}

static void no_duration_child(const void *unused)
{
	(void)unused;
	stop_start(0, 0);
	stop_attached();
	usleep(2000);
	CHECK(sleep_in_wait(20) >= 0.015);
	CHECK(!stop_wanted());
}

static void no_duration(void **state)
{
	(void)state;
	assert_true(child_run_good(no_duration_child, NULL));
}

/* --- rows --------------------------------------------------------------------------- */

static void rows_child(const void *unused)
{
	(void)unused;
	stop_start(0, 3);
	for (int i = 0; i < 3; i++) {
		CHECK(!stop_full() && !stop_wanted());
		stop_shown();
	}
	CHECK(stop_full() && stop_wanted());
	stop_shown(); /* too many do no harm */
	CHECK(stop_full() && stop_wanted());
}

static void no_rows_child(const void *unused)
{
	(void)unused;
	stop_start(0, 0);
	for (int i = 0; i < 100000; i++)
		stop_shown();
	CHECK(!stop_full() && !stop_wanted());
}

static void now_child(const void *unused)
{
	(void)unused;
	stop_start(0, 3);
	stop_now();
	CHECK(stop_wanted() && !stop_full());
	CHECK(sleep_in_wait(20000) < 10);
}

static void rows(void **state)
{
	(void)state;
	assert_true(child_run_good(rows_child, NULL));
	assert_true(child_run_good(no_rows_child, NULL));
	assert_true(child_run_good(now_child, NULL));
}

/* --- descriptors -------------------------------------------------------------------- */

static void readable_child(const void *unused)
{
	struct itimerspec soon = { .it_value.tv_nsec = 20000000 };
	int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 77 };

	(void)unused;
	stop_start(0, 0);
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event));
	CHECK(!timerfd_settime(timer, 0, &soon, NULL));
	event.data.u32 = 0;
	CHECK(stop_wait(epoll, &event, 1, 20000) == 1);
	CHECK(event.data.u32 == 77);
	CHECK(!stop_wanted());
	CHECK(stop_wait(-1, &event, 1, 0) == 0); /* an error is no event */
}

static void readable(void **state)
{
	(void)state;
	assert_true(child_run_good(readable_child, NULL));
}

/* --- a child of ours ---------------------------------------------------------------- */

static void stop_child_child(const void *unused)
{
	(void)unused;
	set_masked(SIGUSR1, SIG_BLOCK);
	set_masked(SIGINT, SIG_BLOCK);
	stop_start(0, 0);
	CHECK(is_masked(SIGINT) && is_masked(SIGTERM) && is_masked(SIGHUP));
	CHECK(!is_default(SIGINT) && !is_default(SIGPIPE));
	stop_child();
	for (size_t i = 0; i < ENDING; i++)
		CHECK(is_default(ending[i]) && !is_masked(ending[i]));
	CHECK(is_default(SIGPIPE) && !is_masked(SIGPIPE));
	CHECK(is_masked(SIGUSR1)); /* what is not ours stays */
}

static void stop_child_test(void **state)
{
	(void)state;
	assert_true(child_run_good(stop_child_child, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy),
		cmocka_unit_test(ready),
		cmocka_unit_test(pending),
		cmocka_unit_test(asleep),
		cmocka_unit_test(inherited),
		cmocka_unit_test(closed_pipe),
		cmocka_unit_test(duration),
		cmocka_unit_test(long_duration),
		cmocka_unit_test(far_deadline),
		cmocka_unit_test(no_duration),
		cmocka_unit_test(rows),
		cmocka_unit_test(readable),
		cmocka_unit_test(stop_child_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
