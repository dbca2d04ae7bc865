// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Device mapper devices, where there is no dmsetup:
 *
 *	dm create NAME [SECTORS TARGET PARAMETERS]...   one behind the other; prints "dm-N"
 *	dm suspend|resume|remove NAME                   what is suspended holds its I/O
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include "expect.h"

static union {
	struct dm_ioctl io;
	char room[4096];
} request;

static void dm_call(unsigned long command, const char *name)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail("/dev/mapper/control");
	request.io.version[0] = DM_VERSION_MAJOR;
	request.io.data_size = sizeof(request);
	request.io.data_start = sizeof(request.io);
	snprintf(request.io.name, sizeof(request.io.name), "%s", name);
	if (ioctl(fd, command, &request))
		fail("%s", name);
}

static void add_targets(char **args)
{
	size_t at = sizeof(request.io);
	unsigned long long start = 0;

	for (; args[0] && args[1] && args[2]; args += 3) {
		struct dm_target_spec *spec = (void *)(request.room + at);
		size_t size = (sizeof(*spec) + strlen(args[2]) + 8) & ~7ul;

		errno = E2BIG;
		if (at + size > sizeof(request))
			fail("too many targets");
		spec->sector_start = start;
		spec->length = strtoull(args[0], NULL, 0);
		spec->next = size; /* from this one */
		snprintf(spec->target_type, sizeof(spec->target_type), "%s", args[1]);
		strcpy((char *)(spec + 1), args[2]);
		start += spec->length;
		at += size;
		request.io.target_count++;
	}
}

static void create(const char *name, char **targets)
{
	unsigned int minor;

	dm_call(DM_DEV_CREATE, name);
	minor = minor(request.io.dev);
	memset(&request, 0, sizeof(request));
	add_targets(targets);
	dm_call(DM_TABLE_LOAD, name);
	memset(&request, 0, sizeof(request));
	dm_call(DM_DEV_SUSPEND, name); /* without the flag it resumes: now the table counts */
	printf("dm-%u\n", minor);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	if (!strcmp(verb, "create")) {
		create(argv[2], argv + 3);
	} else if (!strcmp(verb, "suspend")) {
		request.io.flags = DM_SUSPEND_FLAG;
		dm_call(DM_DEV_SUSPEND, argv[2]);
	} else if (!strcmp(verb, "resume")) {
		dm_call(DM_DEV_SUSPEND, argv[2]);
	} else if (!strcmp(verb, "remove")) {
		dm_call(DM_DEV_REMOVE, argv[2]);
	} else {
		fprintf(stderr, "usage: dm create|suspend|resume|remove NAME [TARGET...]\n");
		return 2;
	}
	return 0;
}
