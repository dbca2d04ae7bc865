// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "probe/options.h"

struct probe_options probe_options;

const char *probe_options_header(const char *name)
{
	if (types_add_header(&probe_options.types, name))
		exit(EXIT_FAILURE);
	return NULL;
}

const char *probe_options_types(const char *file)
{
	if (types_add_file(&probe_options.types, file))
		exit(EXIT_FAILURE);
	return NULL;
}

void probe_options_give(struct places *p, const struct filter *filter)
{
	cli_process(filter);
	p->resolve.pid = filter->pid;
	p->resolve.force = probe_options.force;
	p->types = probe_options.types;
}
