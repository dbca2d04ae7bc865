/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Block devices as sysfs has them. Errors: disk_find() returns a message, or NULL.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct disk {
	uint32_t dev;          /* BIO_DEV() of the whole disk */
	uint64_t sector_first; /* of a partition, in sectors of 512 bytes */
	uint64_t sector_end;   /* 0: the whole disk */
	bool has_requests;     /* false: a bio-based device (dm, md) */
};

/* A disk or partition, "vda1" or "/dev/vda1" (or a link to one in /dev). */
const char *disk_find(struct disk *disk, const char *name);

/* Its name as it is now, "?" if there is none (any more); valid until the next call. */
const char *disk_name(uint32_t dev);

/* How many there are. */
unsigned int disk_count(void);

/* Whether the kernel leaves requests of this disk (0: of any) without a start time: queue/iostats
 * is 0 and there is no scheduler (block/blk-mq.c, blk_mq_need_time_stamp). */
bool disk_lacks_start(uint32_t dev);
