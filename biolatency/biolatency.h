/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between biolatency.c and biolatency.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif
#include "bpf/events.h"
#include "bpf/filter.h"

#define BIO_IN_FLIGHT 131072   /* requests at a time that can be measured */
#define BIO_IDLE 16384         /* entries that are kept for the next use of the same request */
#define BIO_HISTOGRAMS 1024    /* of different disks and flags at most */
#define BIO_DEV(major, minor) ((__u32)(major) << 20 | (minor)) /* the kernel's dev_t */

/* What is measured; also the order in which --split prints. */
enum bio_span {
	SPAN_QUEUE,  /* from the request's start to its issue to the device */
	SPAN_DEVICE, /* from there to its completion */
	SPAN_TOTAL,
	SPAN_COUNT,
};

/* Front end -> BPF, fixed before load. */
struct biolatency_config {
	__u64 slower_ns;     /* --slower: send requests that take as long; 0: histograms */
	__u64 sector_first;  /* -d PARTITION: its sectors on the disk */
	__u64 sector_end;    /* ... one past the last; 0: the whole disk */
	__u64 cgroup_id;     /* --cgroup, of the bio; 0: any */
	__u32 dev;           /* -d: BIO_DEV(); 0: any */
	__u32 hist_mul, hist_div; /* the unit of the histograms (common/hist.h) */
	__u32 lanes;         /* copies of each histogram, a power of two: CPU & (lanes - 1) */
	__u32 histograms;    /* how many, for keys that differ; BIO_HISTOGRAMS at most */
	__u8 by_disk;        /* -D */
	__u8 by_flags;       /* -F */
	__u8 wide;           /* entries in flight say who and what, else only when */
	__u8 by_task;        /* a filter asks who submitted the request */
	__u8 span;           /* enum bio_span; SPAN_COUNT: all of them (--split) */
	__u8 pad[3];
};

/* BPF -> front end, all the time. */
struct biolatency_state {
	__u64 attached_ns;   /* front end -> BPF: since when all requests are seen */
	__u64 entries;       /* of the map in_flight, idle ones too */
	__u64 before;        /* completions of requests issued before that */
	__u64 unissued;      /* completions of others: they failed before, or the issue was missed */
	__u64 full;          /* requests that found no room in in_flight */
	__u64 no_histogram;  /* completions of keys that found no histogram */
	__u64 no_start;      /* requests without a start time: no queue time is known */
	__u64 negative;      /* times below 0 */
};

/* The key of a histogram; the parts that no option asks for are 0. */
struct bio_key {
	__u32 dev;
	__u32 flags; /* request->cmd_flags */
};

/* BPF -> front end: a request that --slower asks for. */
struct biolatency_event {
	__u64 time_ns; /* of the completion, CLOCK_MONOTONIC */
	__u64 queue_ns;
	__u64 device_ns;
	__u64 sector;
	__u32 bytes;
	__u32 dev;
	__u32 flags;
	__u32 status; /* of the completion: blk_status_t, or -errno (before 5.16) */
	__u32 pid;
	__u32 tid;
	char comm[16];
};
