// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "kernel.h"
#include "probe/callmap.h"
#include "probe/link.h"
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

/* --- programs to go on to -------------------------------------------------------------------- */

/* A copy of the program that looks into another map. */
static int program_copy(const struct bpf_program *from, const struct bpf_map *map, int own)
{
	size_t count = bpf_program__insn_cnt(from);
	struct bpf_insn *insns = malloc(count * sizeof(*insns));
	int fd;

	if (!insns)
		diag_no_memory();
	memcpy(insns, bpf_program__insns(from), count * sizeof(*insns));
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    insns[i].src_reg == BPF_PSEUDO_MAP_FD && insns[i].imm == bpf_map__fd(map))
			insns[i].imm = own;
	}
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, "call", "Dual BSD/GPL", insns, count, NULL);
	free(insns);
	return fd;
}

int callmap_jumps(struct callmap *m, const struct callmap_jumps *from, struct held *held)
{
	*m = (struct callmap){ .events = true, .jumps = true };
	m->map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "calls", 4, 4, CALLMAP_ENTRIES, NULL);
	if (m->map < 0)
		return m->map;
	held_add(held, m->map, HELD_MAP);
	m->enter = program_copy(from->enter, from->map, m->map);
	if (m->enter < 0)
		return m->enter;
	held_add(held, m->enter, HELD_PROGRAM);
	m->exit = program_copy(from->exit, from->map, m->map);
	if (m->exit < 0)
		return m->exit;
	held_add(held, m->exit, HELD_PROGRAM);
	return 0;
}

/* --- the array ------------------------------------------------------------------------------- */

int callmap_set(struct callmap *m, const struct target *t, uint32_t value)
{
	int entry = entry_of(t);

	if (bpf_map_update_elem(m->map, &entry, &value, BPF_ANY))
		return -errno;
	m->any[entry & 1] = true;
	return 0;
}

/* The caller's program: a descriptor of ours, so that it is asked what the kernel left out. */
static void program_hold(int program, struct held *held)
{
	int fd = fcntl(program, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
		held_add(held, fd, HELD_PROGRAM);
}

static int event_link(const char *event, int program, struct held *held)
{
	struct target target = { .kind = TARGET_TRACEPOINT };
	struct link_request r = { .target = &target, .program = program };
	struct link_pair pair = { -1, -1 };
	int id = kernel_tracepoint_id(event), err;

	if (id < 0)
		return id;
	target.id = id;
	err = link_tracepoint(&r, &pair);
	if (pair.event >= 0)
		held_add(held, pair.event, HELD_EVENT);
	if (pair.link >= 0)
		held_add(held, pair.link, HELD_LINK);
	return err;
}

static int raw_link(const char *tracepoint, int program, struct held *held)
{
	int link = bpf_raw_tracepoint_open(tracepoint, program);

	if (link < 0)
		return -errno;
	held_add(held, link, HELD_LINK);
	return 0;
}

static int side_attach(const struct callmap *m, const char *side, int program, struct held *held)
{
	char event[32];

	if (!m->jumps)
		program_hold(program, held);
	if (!m->events)
		return raw_link(side, program, held);
	snprintf(event, sizeof(event), "raw_syscalls/%s", side);
	return event_link(event, program, held);
}

int callmap_attach(const struct callmap *m, struct held *held)
{
	int err = 0;

	if (m->any[0])
		err = side_attach(m, "sys_enter", m->enter, held);
	if (!err && m->any[1])
		err = side_attach(m, "sys_exit", m->exit, held);
	return err;
}
