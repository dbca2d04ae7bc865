// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads a tracer's output from a pipe while the tracer runs, and looks for "/tick-NS" in it, NS
 * the monotonic clock when it was done (opens tick, execs tick). Prints how many there were and
 * after how many milliseconds the middle one and the last one of them could be read.
 */
#define _GNU_SOURCE
#include <time.h>
#include "expect.h"

#define TICKS_MAX 1000

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	static char room[1 << 20];
	static long long lags[TICKS_MAX];
	size_t used = 0;
	int count = 0;
	ssize_t n;

	while ((n = read(0, room + used, sizeof(room) - 1 - used)) > 0) {
		struct timespec now;
		char *line = room, *next, *tick;

		clock_gettime(CLOCK_MONOTONIC, &now);
		used += n;
		room[used] = 0;
		for (; (next = strchr(line, '\n')); line = next + 1) {
			*next = 0;
			tick = strstr(line, "/tick-");
			if (tick && count < TICKS_MAX)
				lags[count++] = now.tv_sec * 1000000000LL + now.tv_nsec -
						atoll(tick + 6);
		}
		used -= line - room;
		memmove(room, line, used);
	}
	qsort(lags, count, sizeof(lags[0]), compare);
	printf("%d %lld %lld\n", count, count ? lags[count / 2] / 1000000 : -1,
	       count ? lags[count - 1] / 1000000 : -1);
	return 0;
}
