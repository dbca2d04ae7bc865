/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * aggregate: -A: how often each event came, as it would have been printed.
 * Ownership: aggregate_free(). Errors: none.
 */
#pragma once

#include "strbuf.h"

/* Takes what stands in out from `from` on. */
void aggregate_take(struct strbuf *out, size_t from);

/* Adds "TEXT-->COUNT n" and an empty line for each, the most frequent first, as BCC prints it. */
void aggregate_print(struct strbuf *out);

void aggregate_free(void);
