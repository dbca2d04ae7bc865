// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>

#include "probe/callmap.h"
#include "probe/syscalls.h"

/* Where a target is in the array, or -1. */
static int entry_of(const struct target *t)
{
	bool exit = false;
	int number = t->kind == TARGET_TRACEPOINT ? syscalls_number(t->name, &exit) : -1;

	return number < 0 || number >= CALLMAP_ENTRIES / 2 ? -1 : number * 2 + exit;
}

bool callmap_has(const struct target *t)
{
	return entry_of(t) >= 0;
}

static int program_link(const char *tracepoint, int program, struct held *held)
{
	int link = bpf_raw_tracepoint_open(tracepoint, program);

	if (link < 0)
		return -errno;
	held_add(held, link, HELD_LINK);
	return 0;
}

int callmap_attach(const struct callmap *m, const struct targets *t, struct held *held)
{
	bool any[2] = {};
	int err = 0;

	for (size_t i = 0; i < t->count && !err; i++) {
		__u32 value = t->list[i].slot + 1;
		int entry = entry_of(&t->list[i]);

		if (entry < 0)
			continue;
		any[entry & 1] = true;
		err = bpf_map_update_elem(m->map, &entry, &value, BPF_ANY) ? -errno : 0;
	}
	if (!err && any[0])
		err = program_link("sys_enter", m->enter, held);
	if (!err && any[1])
		err = program_link("sys_exit", m->exit, held);
	return err;
}
