// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "diag.h"
#include "probe/held.h"
#include "probe/link.h"

#define MANY	64 /* events that take seconds to close */
#define THREADS 8  /* more of them gain nothing */

void held_add(struct held *h, int fd, enum held_kind kind)
{
	if (h->count == h->room) {
		h->room = h->room ? 2 * h->room : 64;
		h->fds = reallocarray(h->fds, h->room, sizeof(*h->fds));
		if (!h->fds)
			diag_no_memory();
	}
	h->fds[h->count++] = (struct held_fd){ .fd = fd, .kind = kind };
}

uint64_t held_missed(const struct held *h)
{
	uint64_t missed = kretprobes_missed(&h->kretprobes);

	for (size_t i = 0; i < h->count; i++) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (h->fds[i].kind == HELD_PROGRAM &&
		    !bpf_obj_get_info_by_fd(h->fds[i].fd, &info, &size))
			missed += info.recursion_misses;
		else if (h->fds[i].kind == HELD_LINK)
			missed += link_missed(h->fds[i].fd);
	}
	return missed;
}

/* --- the end --------------------------------------------------------------------------------- */

struct closing {
	const struct held *held;
	size_t next; /* atomic */
};

static void *close_some(void *closing)
{
	struct closing *c = closing;
	size_t at;

	while ((at = __atomic_fetch_add(&c->next, 1, __ATOMIC_RELAXED)) < c->held->count)
		close(c->held->fds[at].fd);
	return NULL;
}

/* Each perf event waits for the kernel's grace periods when it is closed, and several can wait for
 * the same one: with eight threads it takes two thirds of the time. */
static void close_all(struct held *h)
{
	struct closing c = { .held = h };
	pthread_t threads[THREADS];
	size_t count = 0;

	while (count < THREADS - 1 && count + 1 < h->count / 4 &&
	       !pthread_create(&threads[count], NULL, close_some, &c))
		count++;
	close_some(&c);
	while (count > 0)
		pthread_join(threads[--count], NULL);
	kretprobes_remove(&h->kretprobes);
}

/* With nothing of ours open but the descriptors, and not before this process has ended: who closes
 * a descriptor last waits for the kernel. */
static void close_aside(struct held *h)
{
	int null, ours[2];
	char none;

	if (pipe2(ours, O_CLOEXEC))
		return;
	if (fork() != 0) {
		close(ours[0]); /* the other end lasts as long as we do */
		return;
	}
	setsid();
	close(ours[1]);
	while (read(ours[0], &none, 1) < 0 && errno == EINTR)
		;
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	close_all(h);
	_exit(0);
}

void held_release(struct held *h, bool aside)
{
	size_t places = 0;

	for (size_t i = 0; i < h->count; i++)
		places += h->fds[i].kind == HELD_EVENT || h->fds[i].kind == HELD_LINK;
	if (aside && places > MANY)
		close_aside(h);
	else if (places > MANY)
		diag_progress("detaching %zu", places);
	close_all(h);
	diag_progress(NULL);
	free(h->fds);
	*h = (struct held){};
}
