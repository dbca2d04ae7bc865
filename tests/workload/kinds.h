/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kinds: calls of known kinds and numbers, made by several threads. On the command line of a
 * workload they are "THREADS NAME=COUNT...".
 *
 * THREADS share each COUNT: thread n of N does those from COUNT * n / N to COUNT * (n + 1) / N, and
 * stays on CPU n; with seconds again and again, until so much time is over, then the rest of the
 * round.
 */
#pragma once

#include <pthread.h>
#include <sched.h>
#include <time.h>
#include "expect.h"

/* The last one of a list has no name. */
struct kind {
	const char *name;
	void (*call)(long i);
	void (*list)(long i); /* says the values of this call; or NULL */
	long count;
};

static inline long number_read(const char *text)
{
	char *rest;
	long n = strtol(text, &rest, 10);

	errno = EINVAL;
	if (*rest || rest == text || n < 1)
		fail("%s", text);
	return n;
}

/* NAME=COUNT */
static inline struct kind *kind_set(struct kind *kinds, const char *text)
{
	size_t size = strcspn(text, "=");

	for (struct kind *k = kinds; k->name; k++) {
		if (!strncmp(text, k->name, size) && !k->name[size] && text[size]) {
			k->count = number_read(text + size + 1);
			return k;
		}
	}
	errno = EINVAL;
	fail("%s", text);
}

struct kinds_thread {
	pthread_t id;
	const struct kind *kinds;
	long number, of;
	struct timespec begin;
	long seconds, rounds;
};

static inline void kinds_pin(const struct kinds_thread *t)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(t->number % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	if (t->of > 1 && sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("CPU %ld", t->number);
}

static inline bool kinds_go_on(const struct kinds_thread *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - t->begin.tv_sec < t->seconds;
}

static inline void *kinds_run_thread(void *arg)
{
	struct kinds_thread *t = arg;

	kinds_pin(t);
	do {
		for (const struct kind *k = t->kinds; k->name; k++) {
			long end = k->count * (t->number + 1) / t->of;

			for (long i = k->count * t->number / t->of; i < end; i++)
				k->call(i);
		}
		t->rounds++;
	} while (kinds_go_on(t));
	return NULL;
}

/* Says, with seconds, for each thread how many rounds it made. */
static inline void kinds_run(const struct kind *kinds, long threads, long seconds)
{
	struct kinds_thread *list = calloc(threads, sizeof(*list));
	struct timespec begin;

	if (!list)
		fail("%ld threads", threads);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (long n = 0; n < threads; n++) {
		list[n] = (struct kinds_thread){ .kinds = kinds, .number = n, .of = threads,
						 .begin = begin, .seconds = seconds };
		errno = pthread_create(&list[n].id, NULL, kinds_run_thread, &list[n]);
		if (errno)
			fail("pthread_create");
	}
	for (long n = 0; n < threads; n++)
		pthread_join(list[n].id, NULL);
	for (long n = 0; n < threads && seconds; n++)
		printf("%ld\n", list[n].rounds);
	free(list);
}
