/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * resolve: from specifications (spec.h) to targets (target.h), of every kind.
 *
 * A specification that matches nothing is reported with what may be the reason, and the others go
 * on; spec.found says how many targets each one brought.
 *
 * Ownership: resolve_end() gives back the files that were opened; they have to stay until the
 * targets are attached.
 * Errors: -errno, reported; -ENOENT: nothing at all was found.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "probe/library.h"
#include "probe/spec.h"
#include "probe/target.h"

struct resolve {
	pid_t pid;  /* whose libraries and paths are meant; 0: this process's */
	bool renames; /* names that the kernel has changed mean the new ones (khints_renamed()) */
	bool force; /* places that put the machine or the program at risk, too */
	/* private */
	struct library *libraries;
	size_t library_count;
};

int resolve_targets(struct resolve *r, struct spec *specs, size_t count, struct targets *to);

/* After targets that were found could not be attached: what is known of why. */
void resolve_explain(const struct spec *specs, size_t count, const struct targets *t);

void resolve_end(struct resolve *r);
