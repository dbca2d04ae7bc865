/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * eventformat: what a tracepoint records: the fields that tracefs' events/CATEGORY/EVENT/format
 * tells, with types that expr/parse.h reads. A program at the tracepoint is given the same record.
 *
 *	struct eventformat format = {};
 *	eventformat_read(&format, "sched:sched_switch");
 *	field = eventformat_find(&format, "prev_comm");	"char [16]" at field->offset
 *	eventformat_free(&format);
 *
 * What the kernel writes for its own readers is made plain C: "char buf[20+1]" has 21 elements,
 * what only tells the kernel's checkers something (__rcu, __percpu, __seg_gs) is dropped.
 *
 * Units: bytes; offsets from where the program's context begins.
 * Ownership: all text and the fields are the struct's; an all-zero one is empty.
 * Errors: -errno, not reported. -EINVAL: the text is no format.
 * Relies on: kernel/trace/trace_events.c (f_show), trace_syscalls.c (struct syscall_tp_t).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/arena.h"

enum event_place {
	EVENT_FIXED,	/* the value lies at offset */
	EVENT_DATA_LOC, /* a __u32 lies there: length << 16 | offset of the data in the record */
	EVENT_REL_LOC,	/* the same, but the offset counts from behind the __u32 (5.17) */
};

struct event_field {
	const char *name;

	/* "const char *", "struct foo"; of arrays that of an element, "char". parse_type() takes
	 * it. Whether types of this name are known is another question: if not, there is plain. */
	const char *type;
	const char *plain; /* an integer type of this size and sign, else "unsigned char" */

	bool is_array;	      /* of type */
	uint32_t count;	      /* its elements; 0: the record says how many, or nobody */
	uint32_t plain_count; /* elements if plain is taken; 0: no array, or as above */
	enum event_place place;

	/* size is that of the place: of system calls' arguments it is 8 also where the type is
	 * int. Load all of it, then convert to the type. */
	uint32_t offset, size;
	bool is_signed;	  /* as the kernel says it; of system calls' arguments it says "no" */
	bool is_common;	  /* common_pid and the like */
	bool is_readable; /* for programs: see below */
	bool is_user;	  /* what it points to lies in user memory */
};

/*
 * Not readable are the first 8 bytes, most of the common fields, where the kernel keeps a pointer
 * while the program runs; and the texts that newest kernels add to system calls' records
 * (__filename_val), since programs are given the arguments only.
 */

struct eventformat {
	struct event_field *fields; /* in the order of the text */
	size_t count;
	struct arena arena; /* private */
};

/* event: "category:event". */
int eventformat_read(struct eventformat *f, const char *event);

/* The text of such a file; is_syscall: of the category "syscalls". */
int eventformat_parse(struct eventformat *f, const char *text, size_t size, bool is_syscall);

/* NULL: no field of this name. */
const struct event_field *eventformat_find(const struct eventformat *f, const char *name);

void eventformat_free(struct eventformat *f);
