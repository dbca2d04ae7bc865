// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "interval.h"
#include "stop.h"
#include "strbuf.h"

#define LOOK_MS ((int)(INTERVAL_LOOK_S * 1000))

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int interval_start(struct interval *i)
{
	struct epoll_event event = { .events = EPOLLIN };
	int err = 0;

	i->done = 0;
	i->over = i->show = false;
	i->started = i->shown = now();
	i->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (i->epoll < 0 || (i->ends >= 0 && epoll_ctl(i->epoll, EPOLL_CTL_ADD, i->ends, &event)))
		err = -errno;
	if (err)
		diag_errno(err, "cannot wait for the interval's end");
	return err;
}

/* Milliseconds until the interval ends, rounded up; LOOK_MS at most. */
static int wait_ms(const struct interval *i)
{
	double left;

	if (!i->seconds)
		return LOOK_MS;
	left = (i->started + (i->done + 1) * i->seconds - now()) * 1000;
	if (left <= 0)
		return 0;
	return left < LOOK_MS ? (int)left + 1 : LOOK_MS;
}

bool interval_next(struct interval *i)
{
	struct epoll_event event;
	double at;
	int ms;

	if (i->over)
		return false;
	ms = wait_ms(i);
	/* Also when it need not wait: this is where signals come through. */
	if (stop_wait(i->epoll, &event, 1, ms) > 0)
		stop_now();
	i->over = stop_wanted();
	i->show = i->over || (i->seconds && !wait_ms(i));
	if (!i->show)
		return true;
	at = now();
	i->length = at - i->shown;
	i->end_ns = at * 1e9;
	i->shown = at;
	i->done++;
	/* After a long stop the ends that were slept through are none. */
	if (i->seconds && at > i->started + (i->done + 1) * i->seconds)
		i->started = at - i->done * i->seconds;
	i->over |= i->count && i->done >= i->count;
	return true;
}

void interval_timestamp(struct strbuf *out)
{
	time_t now = time(NULL);
	char text[16];
	struct tm tm;

	strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&now, &tm));
	strbuf_printf(out, "%-8s\n", text);
}

void interval_end(struct interval *i)
{
	if (i->epoll >= 0)
		close(i->epoll);
	i->epoll = -1;
}
