// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

#include "stop.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

#define LONGEST_MS 1000000000

static volatile sig_atomic_t wanted;
static sigset_t outside; /* the signal mask that the process came with */
static double duration;
static double deadline; /* CLOCK_MONOTONIC seconds; 0: none */
static uint64_t rows_left; /* 0: no limit */
static bool full;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void on_signal(int signal)
{
	(void)signal;
	wanted = 1;
}

void stop_start(double seconds, uint64_t max_events)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&block, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &block, &outside);
	/* Whoever starts a background job may have blocked them: we are to be stoppable. */
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigdelset(&outside, signals[i]);
	signal(SIGPIPE, SIG_IGN);
	duration = seconds;
	rows_left = max_events;
}

void stop_attached(void)
{
	if (duration > 0)
		deadline = now() + duration;
}

void stop_shown(void)
{
	if (rows_left && --rows_left == 0) {
		full = true;
		wanted = 1;
	}
}

bool stop_full(void)
{
	return full;
}

void stop_now(void)
{
	wanted = 1;
}

bool stop_wanted(void)
{
	return wanted;
}

bool stop_check(void)
{
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, &outside, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	return wanted;
}

int stop_wait(int epoll, struct epoll_event *events, int count, int timeout)
{
	double left;
	int n;

	if (deadline) {
		left = (deadline - now()) * 1000;
		if (left <= 0)
			wanted = 1;
		else if (timeout < 0 || left < timeout)
			timeout = left < LONGEST_MS ? left + 1 : LONGEST_MS;
	}
	/* epoll_pwait() that need not sleep lets no signal through. */
	stop_check();
	n = epoll_pwait(epoll, events, count, wanted ? 0 : timeout, &outside);
	if (deadline && now() >= deadline)
		wanted = 1;
	return n < 0 ? 0 : n;
}

void stop_child(void)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &outside, NULL);
}
