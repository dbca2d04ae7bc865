/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between opensnoop.c and opensnoop.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#define OPEN_PATH_MAX 4096
#define OPEN_FLAGS_MAX 16  /* -f options */
#define OPEN_PREFIX_MAX 64 /* literal bytes of --path that the kernel side compares */

/* The call that opened: index into via_names[] in opensnoop.c. */
enum open_via {
	VIA_NONE,
	VIA_OPEN,
	VIA_CREAT,
	VIA_OPENAT,
	VIA_OPENAT2,
	VIA_HANDLE,
	VIA_IO_URING,
};

enum open_bits {
	OPEN_COMPAT = 1,     /* by a 32-bit program */
	OPEN_NO_PATH = 2,    /* the path text could not be read, or there is none */
	OPEN_PATH_CUT = 4,   /* longer than the room: no valid path is */
	OPEN_WALKED = 8,     /* path components follow the path text */
	OPEN_WALK_CUT = 16,  /* ... without the front part */
	OPEN_OUTSIDE = 32,   /* ... ending elsewhere than at the task's root directory */
	OPEN_RELATIVE = 64,  /* ... of the directory that the text is relative to */
	OPEN_RING_TABLE = 128, /* the result is no descriptor of the process (io_uring) */
};

/* Front end -> BPF, fixed before load. */
struct opensnoop_config {
	__u8 failed_only;   /* -x */
	__u8 full_path;     /* -F */
	__u8 flags_count;   /* -f: the open passes if any of them matches */
	__u8 prefix_size;   /* --path: bytes of prefix[] */
	__u32 flags_mask[OPEN_FLAGS_MAX];
	__u32 flags_value[OPEN_FLAGS_MAX];
	char prefix[OPEN_PREFIX_MAX];
};

/* BPF -> front end: the header, then path_size bytes of path text, then walk_size bytes of
 * path components (common/path.h). */
struct opensnoop_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 pid;
	__u32 tid;
	__u32 uid;
	__s32 ret;   /* descriptor or -errno */
	__u32 flags; /* O_* of the kernel's architecture */
	__u32 mode;
	__s32 dirfd;
	__u16 path_size; /* without NUL */
	__u16 walk_size;
	__u8 via;  /* enum open_via */
	__u8 bits; /* enum open_bits */
	__u8 pad[6];
	char comm[16];
	char data[];
};

_Static_assert(sizeof(struct opensnoop_event) == __builtin_offsetof(struct opensnoop_event, data),
	       "no hole before the data");
