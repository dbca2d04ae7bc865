/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* --summary: opens and failures by path and by process, counted in user space. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "table.h"

void summary_add(struct bytes path, uint32_t pid, const char *comm, bool failed);

/* Two tables, most opens first; with json one object per line. */
void summary_print(struct strbuf *out, bool json);
