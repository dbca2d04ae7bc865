/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracepoints: the kernel's tracepoints that specifications mean, as tracefs lists them: folders
 * events/CATEGORY/EVENT, each with a file id. (What they record is in their file format, which is
 * not read here.)
 *
 * Wildcards in the category leave out "ftrace": the entries there are records of the tracers and
 * no tracepoints.
 *
 * Errors: -errno, reported.
 */
#pragma once

#include <stddef.h>

#include "probe/spec.h"
#include "probe/target.h"

/* Adds what the specifications of kind SPEC_TRACEPOINT match, and counts it in spec.found. */
int tracepoints_match(struct spec *specs, size_t count, struct targets *to);

/* On stderr: why this one found nothing, and what may have been meant. */
void tracepoints_explain(const struct spec *spec);
