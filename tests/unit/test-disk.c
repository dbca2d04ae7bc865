// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* biolatency's disks. The module is included, and all of its calls that take a path get one below
 * a folder of ours, where a small /sys and /dev are made for it. A node in /dev, which only root
 * could make, is a file with the numbers in it. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

static char root[64];

/* Valid until the call after the next. */
static const char *rooted(const char *path)
{
	static char buffers[2][1024];
	static int last;

	last = !last;
	snprintf(buffers[last], sizeof(buffers[last]), "%s%s", root, path);
	return buffers[last];
}

static FILE *rooted_fopen(const char *path, const char *mode)
{
	return fopen(rooted(path), mode);
}

static DIR *rooted_opendir(const char *path)
{
	return opendir(rooted(path));
}

static ssize_t rooted_readlink(const char *path, char *target, size_t size)
{
	return readlink(rooted(path), target, size);
}

static int rooted_access(const char *path, int mode)
{
	return access(rooted(path), mode);
}

static int rooted_stat(const char *path, struct stat *st)
{
	unsigned int ma, mi;
	FILE *file;

	if (stat(rooted(path), st))
		return -1;
	file = S_ISREG(st->st_mode) ? fopen(rooted(path), "re") : NULL;
	if (file && fscanf(file, "%u:%u", &ma, &mi) == 2) {
		st->st_mode = S_IFBLK | 0600;
		st->st_rdev = makedev(ma, mi);
	}
	if (file)
		fclose(file);
	return 0;
}

#define fopen rooted_fopen
#define opendir rooted_opendir
#define readlink rooted_readlink
#define access rooted_access
#define stat(path, st) rooted_stat(path, st)
#include "biolatency/disk.c"
#undef fopen
#undef opendir
#undef readlink
#undef access
#undef stat

/* --- a small /sys and /dev --------------------------------------------------------------- */

static void make_folders(const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", rooted(path));
	for (char *c = strchr(copy + 1, '/'); c; c = strchr(c + 1, '/')) {
		*c = '\0';
		assert_true(!mkdir(copy, 0700) || errno == EEXIST);
		*c = '/';
	}
}

static void make_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	make_folders(path);
	file = fopen(rooted(path), "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void make_link(const char *path, const char *target)
{
	make_folders(path);
	assert_int_equal(symlink(target, rooted(path)), 0);
}

#define DEVICES "/sys/devices/x/block/"

/* A device as the kernel shows it: its folder, and the links that lead there. place is "vda" or
 * "vda/vda1". */
static void make_device(const char *place, const char *number)
{
	const char *name = strrchr(place, '/') ? strrchr(place, '/') + 1 : place;
	char folder[256], link[256], target[256], line[32];

	snprintf(folder, sizeof(folder), DEVICES "%s", place);
	snprintf(line, sizeof(line), "%s\n", number);
	make_file(folder, "dev", line);
	snprintf(target, sizeof(target), "../../devices/x/block/%s", place);
	snprintf(link, sizeof(link), "/sys/dev/block/%s", number);
	make_link(link, target);
	snprintf(link, sizeof(link), "/sys/class/block/%s", name);
	make_link(link, target);
	if (!strchr(place, '/')) {
		snprintf(link, sizeof(link), "/sys/block/%s", name);
		make_link(link, target + strlen("../"));
	}
}

static void make_partition(const char *place, const char *number, const char *start,
			   const char *size)
{
	char folder[256];

	make_device(place, number);
	snprintf(folder, sizeof(folder), DEVICES "%s", place);
	make_file(folder, "partition", "1\n");
	if (start)
		make_file(folder, "start", start);
	make_file(folder, "size", size);
}

static int make_all(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test-disk-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	make_device("vda", "254:0");
	make_file(DEVICES "vda/mq/0", "nr_tags", "64\n");
	make_file(DEVICES "vda/queue", "iostats", "1\n");
	make_file(DEVICES "vda/queue", "scheduler", "[none] mq-deadline\n");
	make_partition("vda/vda1", "254:1", "2048\n", "100000\n");
	make_partition("vda/vda2", "259:1048575", "102048\n", "4294967296\n");
	make_device("dm-0", "253:0");
	make_device("cciss!c0d0", "104:16");
	make_file(DEVICES "cciss!c0d0/mq/0", "nr_tags", "64\n");
	make_file("/dev", "vda", "254:0");
	make_file("/dev", "vda1", "254:1");
	make_file("/dev", "null", "");
	make_file("/dev/mapper", "group-volume", "253:0");
	make_link("/dev/disk/by-label/data", "../../vda1");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int remove_all(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- disk_find() --------------------------------------------------------------------------- */

static struct disk disk;

static void find_good(const char *name)
{
	const char *wrong = disk_find(&disk, name);

	if (wrong)
		fail_msg("%s: %s", name, wrong);
}

static void whole_disk(void **state)
{
	static const char *const names[] = { "vda", "/dev/vda" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		find_good(names[i]);
		assert_int_equal(disk.dev, 254u << 20);
		assert_int_equal(disk.sector_first, 0);
		assert_int_equal(disk.sector_end, 0);
		assert_true(disk.has_requests);
	}
}

/* A partition is sectors of its disk. */
static void partition(void **state)
{
	static const char *const names[] = { "vda1", "/dev/vda1", "/dev/disk/by-label/data",
					     "disk/by-label/data" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		find_good(names[i]);
		assert_int_equal(disk.dev, 254u << 20);
		assert_int_equal(disk.sector_first, 2048);
		assert_int_equal(disk.sector_end, 102048);
		assert_true(disk.has_requests);
	}
}

/* One with another major number than its disk, more sectors than 32 bits, and no node. */
static void partition_extended(void **state)
{
	(void)state;
	find_good("vda2");
	assert_int_equal(disk.dev, 254u << 20);
	assert_int_equal(disk.sector_first, 102048);
	assert_true(disk.sector_end == 4294967296 + 102048);
	find_good("/dev/vda2");
	assert_int_equal(disk.sector_first, 102048);
}

static void bio_based(void **state)
{
	(void)state;
	find_good("dm-0");
	assert_int_equal(disk.dev, 253u << 20);
	assert_false(disk.has_requests);
	find_good("/dev/mapper/group-volume");
	assert_int_equal(disk.dev, 253u << 20);
}

static void none(void **state)
{
	static const char *const names[] = { "nosuch", "/dev/nosuch", "null", "/dev/null", "vda3",
					     "", ".", "..", "../vda", "/", "/dev/", "/dev", "/tmp",
					     "class/../vda" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *wrong = disk_find(&disk, names[i]);

		if (!wrong || !strstr(wrong, "is no block device"))
			fail_msg("'%s': %s", names[i], wrong ? wrong : "was found");
	}
}

static void long_name(void **state)
{
	char name[5000];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_non_null(disk_find(&disk, name));
	memcpy(name, "/dev/", 5);
	assert_non_null(disk_find(&disk, name));
}

static void partition_without_place(void **state)
{
	(void)state;
	make_partition("vda/vda4", "254:4", NULL, "1000\n");
	assert_string_equal(disk_find(&disk, "vda4"), "is a partition whose place is not known");
}

/* --- names ------------------------------------------------------------------------------- */

static void names(void **state)
{
	(void)state;
	assert_string_equal(disk_name(254u << 20), "vda");
	assert_string_equal(disk_name(253u << 20), "dm-0");
	assert_string_equal(disk_name(259u << 20 | 1048575), "vda2");
	assert_string_equal(disk_name(104u << 20 | 16), "cciss/c0d0");
	assert_string_equal(disk_name(0), "?");
	assert_string_equal(disk_name(254u << 20 | 77), "?");
	assert_string_equal(disk_name(UINT32_MAX), "?");
}

/* What is shown can be given back to -d, though there is no such node. */
static void names_found(void **state)
{
	static const char *const found[] = { "cciss/c0d0", "/dev/cciss/c0d0", "cciss!c0d0" };

	(void)state;
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		find_good(found[i]);
		assert_int_equal(disk.dev, 104u << 20 | 16);
	}
}

/* --- all of them --------------------------------------------------------------------------- */

static void counts(void **state)
{
	(void)state;
	assert_int_equal(disk_count(), 3);
	make_device("sda", "8:0");
	assert_int_equal(disk_count(), 4);
	assert_int_equal(remove_all(NULL), 0);
	assert_int_equal(disk_count(), 0);
	assert_int_equal(mkdir(root, 0700), 0);
}

/* A disk whose requests have no start time: it keeps no statistics, and has no scheduler, which
 * would want the time too. */
static void no_start(void **state)
{
	(void)state;
	assert_false(disk_lacks_start(0));
	make_file(DEVICES "vda/queue", "iostats", "0\n");
	assert_true(disk_lacks_start(0));
	make_file(DEVICES "vda/queue", "scheduler", "none\n");
	assert_true(disk_lacks_start(0));
	make_file(DEVICES "vda/queue", "scheduler", "none [mq-deadline] kyber\n");
	assert_false(disk_lacks_start(0));
	make_file(DEVICES "vda/queue", "iostats", "1\n");
	make_file(DEVICES "vda/queue", "scheduler", "[none] mq-deadline\n");
	assert_false(disk_lacks_start(0));
}

/* The disk that is asked for counts, and none that has no requests at all, as zram. */
static void no_start_of_one(void **state)
{
	(void)state;
	make_file(DEVICES "cciss!c0d0/queue", "iostats", "0\n");
	assert_true(disk_lacks_start(0));
	assert_true(disk_lacks_start(104u << 20 | 16));
	assert_false(disk_lacks_start(254u << 20));
	make_file(DEVICES "cciss!c0d0/queue", "iostats", "1\n");
	make_file(DEVICES "dm-0/queue", "iostats", "0\n");
	assert_false(disk_lacks_start(0));
	assert_false(disk_lacks_start(253u << 20));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_all, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_disk), TEST(partition), TEST(partition_extended),
		TEST(bio_based),  TEST(none),	   TEST(long_name),
		TEST(names),	  TEST(partition_without_place),
		TEST(names_found), TEST(counts),   TEST(no_start),
		TEST(no_start_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
