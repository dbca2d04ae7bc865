/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations and flags of requests by name, as the running kernel has them: from its enums
 * req_op (req_opf before 6.0) and req_flag_bits (include/linux/blk_types.h).
 */
#pragma once

#include <stdint.h>

struct strbuf;

/* Reads the enums, between ktypes_open() and ktypes_subset(). */
void flags_start(void);

/* "Read", "WriteZeroes"; a number the kernel has no name for: "Op17". */
void flags_op_text(struct strbuf *out, uint32_t flags);

/* "Sync-Write", as BCC spells it. */
void flags_text(struct strbuf *out, uint32_t flags);
