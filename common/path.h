/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * path: turns the components that bpf/path.bpf.h collected (leaf first, a NUL after each) into
 * a path. Errors: none; what was cut or ended outside the task's root is shown as such.
 */
#pragma once

#include "bpf/path.h"
#include <stdbool.h>
#include "strbuf.h"

/* cut: the front is missing (".../name"); outside: it hangs off no root of the task's, as a
 * memfd or a pipe does, and has no leading slash if it is a single name. */
void path_join(struct strbuf *out, const char *components, size_t size, bool cut, bool outside);
