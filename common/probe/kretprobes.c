// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "probe/kretprobes.h"

#define ROOM_MOST  4096	 /* the kernel's own limit */
#define ROOM_ALL   65536 /* of all functions: some megabytes */
#define ROOM_LEAST 10	 /* what a preemptible kernel gives a machine of few CPUs */

unsigned int kretprobes_room(size_t functions)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), room = ROOM_ALL / (functions ? functions : 1);

	if (room < ROOM_LEAST)
		room = ROOM_LEAST;
	if (room < 2 * cpus)
		room = 2 * cpus;
	return room < ROOM_MOST ? room : ROOM_MOST;
}

/* One write is one definition. */
static int define(const struct kretprobes *k, const char *text)
{
	return write(k->definitions - 1, text, strlen(text)) < 0 ? -errno : 0;
}

static int event_remove(const struct kretprobes *k, const char *name)
{
	char text[192];

	snprintf(text, sizeof(text), "-:%s\n", name);
	return define(k, text);
}

/* What processes left behind that are gone; how many events. Those that only seem so, being in other
 * containers, use theirs, and the kernel keeps them. */
static int leftovers_remove(const struct kretprobes *k)
{
	int removed = 0, fd = kernel_open_tracefs("kprobe_events"), pid;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[512], name[160];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "r%*[0-9]:%159[^ ]", name) == 1 &&
		    sscanf(name, "returns_%d_", &pid) == 1 && kill(pid, 0) && errno == ESRCH)
			removed += !event_remove(k, name);
	}
	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	return removed;
}

/* Opens the list of definitions, and thinks of a name that nobody else has: processes of other
 * containers can have our number. */
static int kretprobes_open(struct kretprobes *k)
{
	struct timespec t;
	int fd;

	if (k->definitions)
		return 0;
	fd = kernel_append_tracefs("kprobe_events");
	if (fd < 0)
		return fd;
	clock_gettime(CLOCK_MONOTONIC, &t);
	snprintf(k->name, sizeof(k->name), "returns_%d_%" PRIx64, getpid(),
		 (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec);
	k->definitions = fd + 1;
	while (leftovers_remove(k) > 0)
		; /* the list moves up as it is read */
	return 0;
}

/* Its name in its group, by which kprobe_profile knows it, too. */
static void event_name(const struct kretprobes *k, unsigned int number, char *name, size_t size)
{
	snprintf(name, size, "%s/%s_%u", k->name, k->name, number);
}

int kretprobe_add(struct kretprobes *k, const struct target *t)
{
	char name[160], place[32], room[16] = "", text[512];
	int err = kretprobes_open(k), n;

	if (err)
		return err;
	event_name(k, k->count, name, sizeof(name));
	snprintf(place, sizeof(place), "0x%" PRIx64, t->address);
	if (k->room)
		snprintf(room, sizeof(room), "%u", k->room);
	n = snprintf(text, sizeof(text), "r%s:%s %s\n", room, name, t->address ? place : t->name);
	if ((size_t)n >= sizeof(text))
		return -ENAMETOOLONG;
	err = define(k, text);
	if (err)
		return err;
	k->count++;
	return kernel_tracepoint_id(name);
}

/* Lines "EVENT HITS MISSES". */
uint64_t kretprobes_missed(const struct kretprobes *k)
{
	uint64_t missed, all = 0;
	size_t size = strlen(k->name);
	char name[128];
	FILE *f;
	int fd;

	fd = k->count ? kernel_open_tracefs("kprobe_profile") : -1;
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (fscanf(f, "%127s %*u %" SCNu64, name, &missed) == 2) {
		if (!strncmp(name, k->name, size) && name[size] == '_')
			all += missed;
	}
	fclose(f);
	return all;
}

void kretprobes_remove(struct kretprobes *k)
{
	char name[160];

	while (k->count > 0) {
		event_name(k, --k->count, name, sizeof(name));
		event_remove(k, name);
	}
	if (k->definitions)
		close(k->definitions - 1);
	k->definitions = 0;
}
