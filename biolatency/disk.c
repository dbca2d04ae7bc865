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

/* Names in sysfs have ! in place of /. */
static void name_translate(char *name, char from, char to)
{
	for (; *name; name++) {
		if (*name == from)
			*name = to;
	}
}

/* The device's number, by its node in /dev, else by its name in sysfs: a container has few
 * nodes. */
static bool dev_find(dev_t *dev, const char *name)
{
	char path[256], inner[128], line[64];
	unsigned int ma, mi;
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", *name == '/' ? "" : "/dev/", name);
	if (!stat(path, &st) && S_ISBLK(st.st_mode)) {
		*dev = st.st_rdev;
		return true;
	}
	if (!strncmp(name, "/dev/", 5))
		name += 5;
	if (*name == '.')
		return false;
	snprintf(inner, sizeof(inner), "%s", name);
	name_translate(inner, '/', '!');
	snprintf(path, sizeof(path), "/sys/class/block/%s/dev", inner);
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
	char path[64], *name;
	ssize_t n;

	snprintf(path, sizeof(path), BLOCK "/%u:%u", dev >> 20, dev & 0xfffff);
	n = dev ? readlink(path, target, sizeof(target) - 1) : -1;
	if (n <= 0)
		return "?";
	target[n] = '\0';
	name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	name_translate(name, '!', '/');
	return name;
}

unsigned int disk_count(void)
{
	DIR *dir = opendir("/sys/block");
	const struct dirent *entry;
	unsigned int count = 0;

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

/* folder: of a whole disk. */
static bool lacks_start(const char *folder)
{
	char path[330], line[128];

	snprintf(path, sizeof(path), "%s/mq", folder);
	if (access(path, F_OK)) /* no requests at all */
		return false;
	snprintf(path, sizeof(path), "%s/queue/iostats", folder);
	if (!sysfs_read(line, sizeof(line), path) || strcmp(line, "0"))
		return false;
	snprintf(path, sizeof(path), "%s/queue/scheduler", folder);
	return !sysfs_read(line, sizeof(line), path) || strstr(line, "[none]") ||
	       !strcmp(line, "none");
}

bool disk_lacks_start(uint32_t dev)
{
	DIR *dir = dev ? NULL : opendir("/sys/block");
	const struct dirent *entry;
	bool lacks = false;
	char folder[300];

	snprintf(folder, sizeof(folder), BLOCK "/%u:%u", dev >> 20, dev & 0xfffff);
	if (dev)
		return lacks_start(folder);
	while (dir && !lacks && (entry = readdir(dir))) {
		snprintf(folder, sizeof(folder), "/sys/block/%s", entry->d_name);
		lacks = entry->d_name[0] != '.' && lacks_start(folder);
	}
	if (dir)
		closedir(dir);
	return lacks;
}
