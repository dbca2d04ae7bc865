/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * krisk: functions of the kernel that it lets be probed, and that may hang or stop the machine then.
 */
#pragma once

#include <stdbool.h>

#include "probe/spec.h"

/* Why the function is no place for a probe of this specification, or NULL.
 * force: all that the specification spells out is one (kfuncs_match()). */
const char *krisk_find(const char *name, const struct spec *s, bool force);
