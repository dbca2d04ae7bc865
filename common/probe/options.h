/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * options: those that all tools have whose users write expressions; PROBE_OPTIONS stands in
 * options[] (cli.h).
 *
 * Ownership: once they are handed over, the types are the places'.
 * Errors: they end the tool, with one line on stderr.
 */
#pragma once

#include "cli.h"
#include "probe/places.h"

struct probe_options {
	bool list, dump, force;
	struct types types;
};

extern struct probe_options probe_options;

const char *probe_options_header(const char *name);
const char *probe_options_types(const char *file);

// clang-format off
#define PROBE_OPTIONS \
	OPT_FLAG('l', "list",   &probe_options.list, "list what could be probed; with -v its arguments"), \
	OPT_FLAG(0, "force",    &probe_options.force, "probe also what is dangerous to probe"), \
	OPT_FLAG(0, "dump",     &probe_options.dump, "print what is compiled from the text, and end"), \
	OPT_PARSE('I', "include", probe_options_header, "HEADER", "types from a header, by the C compiler that is\ninstalled; the kernel's are known without"), \
	OPT_PARSE(0, "types",   probe_options_types, "FILE", "types from a file with BTF or DWARF (cc -g)")
// clang-format on

/* After cli_start(): looks whether -p's process is there, and tells the places. */
void probe_options_give(struct places *p, const struct filter *filter);
