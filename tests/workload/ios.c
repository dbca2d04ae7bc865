// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Block I/O of a known count. Usage: ios DEVICE OP COUNT SIZE [DEPTH [THREADS]]
 *
 *	read, write  O_DIRECT; one request each, because there is a gap between any two
 *	fua          the same as write with O_DSYNC: the kernel flushes after each as well
 *	buffered     writes into the page cache, for somebody else to write back; the last close
 *	             of a device writes back too, so let somebody hold it open
 *	flush        fsync()
 *	discard      BLKDISCARD
 *
 * COUNT operations of SIZE bytes in all, number i of them at byte 2 * SIZE * i. With DEPTH (read,
 * write, fua) that many of a thread are in flight at any time. DEPTH = COUNT puts all in flight
 * before the first is waited for, and a line "submitted" says when that is done. THREADS share
 * COUNT; thread n stays on CPU n, so that every queue of the device is used.
 * At the end: "OP COUNT BYTES FAILED", where COUNT and BYTES do not have those that failed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "expect.h"

enum { BATCH = 64 };

struct op {
	const char *name;
	int flags; /* of open(2) */
	int aio;   /* opcode of struct iocb */
	bool (*run)(void *data, uint64_t at);
};

struct thread {
	pthread_t id;
	int cpu;
	long first, count; /* numbers of the operations */
	long failed;
};

static const struct op *op;
static int fd;
static uint64_t size;
static long depth;
static bool pinned;

static bool run_read(void *data, uint64_t at)
{
	return pread(fd, data, size, at) == (ssize_t)size;
}

static bool run_write(void *data, uint64_t at)
{
	return pwrite(fd, data, size, at) == (ssize_t)size;
}

static bool run_flush(void *data, uint64_t at)
{
	(void)data;
	(void)at;
	return !fsync(fd);
}

static bool run_discard(void *data, uint64_t at)
{
	uint64_t range[] = { at, size };

	(void)data;
	return !ioctl(fd, BLKDISCARD, range);
}

static const struct op ops[] = {
	{ "read", O_RDONLY | O_DIRECT, IOCB_CMD_PREAD, run_read },
	{ "write", O_WRONLY | O_DIRECT, IOCB_CMD_PWRITE, run_write },
	{ "fua", O_WRONLY | O_DIRECT | O_DSYNC, IOCB_CMD_PWRITE, run_write },
	{ "buffered", O_WRONLY, -1, run_write },
	{ "flush", O_WRONLY, -1, run_flush },
	{ "discard", O_WRONLY, -1, run_discard },
};

/* Submits number i and those behind it, at most room of them; returns how many. */
static long submit(aio_context_t ctx, struct iocb *iocbs, void *data, long i, long room)
{
	struct iocb *list[BATCH];
	long n = room < BATCH ? room : BATCH;

	for (long k = 0; k < n; k++) {
		struct iocb *iocb = &iocbs[k];

		memset(iocb, 0, sizeof(*iocb)); /* the kernel keeps none of it */
		iocb->aio_lio_opcode = op->aio;
		iocb->aio_fildes = fd;
		iocb->aio_buf = (uintptr_t)data;
		iocb->aio_nbytes = size;
		iocb->aio_offset = 2 * size * (i + k);
		list[k] = iocb;
	}
	n = syscall(SYS_io_submit, ctx, n, list);
	if (n <= 0)
		fail("io_submit");
	return n;
}

/* All of them in one buffer: what is read or written is nobody's business. */
static void run_deep(struct thread *t, void *data)
{
	long end = t->first + t->count, next = t->first, flying = 0;
	struct iocb iocbs[BATCH];
	struct io_event events[BATCH];
	aio_context_t ctx = 0;

	if (syscall(SYS_io_setup, depth, &ctx))
		fail("io_setup %ld", depth);
	while (next < end || flying) {
		long n;

		while (next < end && flying < depth) {
			long room = depth - flying < end - next ? depth - flying : end - next;

			n = submit(ctx, iocbs, data, next, room);
			next += n;
			flying += n;
		}
		if (flying == t->count) {
			puts("submitted");
			fflush(stdout);
		}
		n = syscall(SYS_io_getevents, ctx, 1, BATCH, events, NULL);
		if (n < 0)
			fail("io_getevents");
		flying -= n;
		while (n-- > 0)
			t->failed += events[n].res != (int64_t)size;
	}
	syscall(SYS_io_destroy, ctx);
}

static void *run_thread(void *arg)
{
	struct thread *t = arg;
	cpu_set_t cpus;
	void *data;

	CPU_ZERO(&cpus);
	CPU_SET(t->cpu, &cpus);
	if (pinned && sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("CPU %d", t->cpu);
	if (posix_memalign(&data, 4096, size))
		fail("memory");
	memset(data, 0x5a, size);
	if (depth > 1) {
		run_deep(t, data);
	} else {
		for (long i = t->first; i < t->first + t->count; i++)
			t->failed += !op->run(data, 2 * size * i);
	}
	free(data);
	return NULL;
}

static long number(const char *text)
{
	char *rest;
	long n = strtol(text, &rest, 0);

	errno = EINVAL;
	if (*rest || rest == text || n < 1)
		fail("%s", text);
	return n;
}

static void check_size(long count)
{
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st))
		fail("fstat");
	bytes = st.st_size;
	if (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, &bytes))
		fail("BLKGETSIZE64");
	errno = ENOSPC;
	if (2 * size * count > bytes)
		fail("%ld of %llu bytes", count, (unsigned long long)size);
}

static long run_threads(long count, long threads)
{
	struct thread *list = calloc(threads, sizeof(*list));
	long failed = 0;

	pinned = threads > 1;
	for (long n = 0; list && n < threads; n++) {
		list[n].cpu = n % sysconf(_SC_NPROCESSORS_ONLN);
		list[n].first = count * n / threads;
		list[n].count = count * (n + 1) / threads - list[n].first;
	}
	if (threads == 1) { /* the one that is known by the pid */
		run_thread(list);
		return list->failed;
	}
	for (long n = 0; n < threads; n++) {
		errno = pthread_create(&list[n].id, NULL, run_thread, &list[n]);
		if (errno)
			fail("pthread_create");
	}
	for (long n = 0; n < threads; n++) {
		pthread_join(list[n].id, NULL);
		failed += list[n].failed;
	}
	return failed;
}

int main(int argc, char **argv)
{
	long count, threads, failed;

	for (op = ops; argc >= 5 && op < ops + sizeof(ops) / sizeof(*ops); op++)
		if (!strcmp(op->name, argv[2]))
			break;
	if (argc < 5 || argc > 7 || op == ops + sizeof(ops) / sizeof(*ops)) {
		fprintf(stderr, "usage: ios DEVICE OP COUNT SIZE [DEPTH [THREADS]]\n");
		return 2;
	}
	count = number(argv[3]);
	size = number(argv[4]);
	depth = argc > 5 ? number(argv[5]) : 1;
	threads = argc > 6 ? number(argv[6]) : 1;
	errno = EINVAL;
	if (depth > 1 && op->aio < 0)
		fail("%s has no depth", op->name);
	fd = open(argv[1], op->flags | O_CLOEXEC);
	if (fd < 0)
		fail("%s", argv[1]);
	check_size(count);
	failed = run_threads(count, threads);
	printf("%s %ld %llu %ld\n", op->name, count - failed,
	       (unsigned long long)size * (count - failed), failed);
	return 0;
}
