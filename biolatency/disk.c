// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "biolatency.h"
#include "disk.h"

#define BLOCK "/sys/dev/block"

/* A line of a file of sysfs, without its end; false: there is no such file. */
static bool sysfs_read(char *line, size_t size, const char *path)
{
	FILE *file = fopen(path, "re");
	bool good = file && fgets(line, size, file);

	if (file)
		fclose(file);
	if (good)
		line[strcspn(line, "\n")] = '\0';
	return good;
}

static bool sysfs_number(uint64_t *value, dev_t dev, const char *file)
{
	char path[96], line[64];

	snprintf(path, sizeof(path), BLOCK "/%u:%u/%s", major(dev), minor(dev), file);
	if (!sysfs_read(line, sizeof(line), path))
		return false;
	*value = strtoull(line, NULL, 10);
	return true;
}

static bool sysfs_exists(dev_t dev, const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), BLOCK "/%u:%u/%s", major(dev), minor(dev), file);
	return !access(path, F_OK);
}

/* The device's number, by its node in /dev, else by its name in sysfs: a container has few
 * nodes. Names there have ! in place of /. */
static bool dev_find(dev_t *dev, const char *name)
{
	char path[256], line[64];
	unsigned int ma, mi;
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", *name == '/' ? "" : "/dev/", name);
	if (!stat(path, &st) && S_ISBLK(st.st_mode)) {
		*dev = st.st_rdev;
		return true;
	}
	if (!strncmp(name, "/dev/", 5))
		name += 5;
	if (*name == '.' || strchr(name, '/'))
		return false;
	snprintf(path, sizeof(path), "/sys/class/block/%s/dev", name);
	if (!sysfs_read(line, sizeof(line), path) || sscanf(line, "%u:%u", &ma, &mi) != 2)
		return false;
	*dev = makedev(ma, mi);
	return true;
}

const char *disk_find(struct disk *disk, const char *name)
{
	uint64_t size;
	dev_t dev;

	*disk = (struct disk){};
	if (!dev_find(&dev, name))
		return "is no block device; lsblk shows which there are";
	if (sysfs_exists(dev, "partition")) {
		char path[64], line[64];
		unsigned int ma, mi;

		if (!sysfs_number(&disk->sector_first, dev, "start") ||
		    !sysfs_number(&size, dev, "size"))
			return "is a partition whose place is not known";
		disk->sector_end = disk->sector_first + size;
		snprintf(path, sizeof(path), BLOCK "/%u:%u/../dev", major(dev), minor(dev));
		if (!sysfs_read(line, sizeof(line), path) || sscanf(line, "%u:%u", &ma, &mi) != 2)
			return "is a partition of an unknown disk";
		dev = makedev(ma, mi);
	}
	disk->dev = BIO_DEV(major(dev), minor(dev));
	disk->has_requests = sysfs_exists(dev, "mq");
	return NULL;
}

const char *disk_name(uint32_t dev)
{
	static char target[512];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), BLOCK "/%u:%u", dev >> 20, dev & 0xfffff);
	n = dev ? readlink(path, target, sizeof(target) - 1) : -1;
	if (n <= 0)
		return "?";
	target[n] = '\0';
	for (char *c = target; *c; c++)
		if (*c == '!')
			*c = '/';
	return strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
}

/* Calls each() with the folders of whole disks, until it says true. */
static bool disks_any(bool (*each)(const char *folder, void *context), void *context)
{
	DIR *dir = opendir("/sys/block");
	const struct dirent *entry;
	bool found = false;
	char folder[300];

	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(folder, sizeof(folder), "/sys/block/%s", entry->d_name);
		found = each(folder, context);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool count_one(const char *folder, void *context)
{
	(void)folder;
	++*(unsigned int *)context;
	return false;
}

unsigned int disk_count(void)
{
	unsigned int count = 0;

	disks_any(count_one, &count);
	return count;
}

static bool lacks_start(const char *folder, void *context)
{
	char path[330], line[128];

	(void)context;
	snprintf(path, sizeof(path), "%s/queue/iostats", folder);
	if (!sysfs_read(line, sizeof(line), path) || strcmp(line, "0"))
		return false;
	snprintf(path, sizeof(path), "%s/queue/scheduler", folder);
	return !sysfs_read(line, sizeof(line), path) || strstr(line, "[none]") ||
	       !strcmp(line, "none");
}

bool disk_lacks_start(void)
{
	return disks_any(lacks_start, NULL);
}
