// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fnmatch.h>
#include <string.h>

#include "probe/krisk.h"

struct risk {
	const char *glob;
	bool ret; /* only its return */
	const char *why;
};

#define LOCK	 "BPF itself takes such locks: to probe them can hang the machine (--force)"
#define ENTRY	 "each run of a probe calls it: to probe it can hang the machine (--force)"
#define PATCHING "the kernel places probes with it: to probe it can hang the machine (--force)"
#define IDLE	 "the kernel's idle loop, where not everything that probes need works (--force)"
#define FRAME	 "no function but code with rules of its own (--force)"
#define FOR_EVER "it does not return, so no return would ever be seen (--force)"

static const struct risk risks[] = {
	{ "_raw_spin_*", false, LOCK },
	{ "_raw_read_*", false, LOCK },
	{ "_raw_write_*", false, LOCK },
	{ "do_raw_spin_*", false, LOCK },
	{ "do_raw_read_*", false, LOCK },
	{ "do_raw_write_*", false, LOCK },
	{ "queued_*_lock_slowpath", false, LOCK },
	{ "native_queued_spin_*", false, LOCK },
	{ "__pv_queued_spin_*", false, LOCK },
	{ "resilient_*_lock_slowpath", false, LOCK },
	{ "lock_acquire", false, LOCK },
	{ "lock_release", false, LOCK },
	{ "__rcu_read_lock", false, ENTRY },
	{ "__rcu_read_unlock", false, ENTRY },
	{ "rcu_is_watching", false, ENTRY },
	{ "migrate_disable", false, ENTRY },
	{ "migrate_enable", false, ENTRY },
	{ "preempt_count_add", false, ENTRY },
	{ "preempt_count_sub", false, ENTRY },
	{ "trace_call_bpf", false, ENTRY },
	{ "__bpf_prog_enter*", false, ENTRY },
	{ "__bpf_prog_exit*", false, ENTRY },
	{ "bpf_dispatcher_*_func", false, ENTRY },
	{ "text_poke*", false, PATCHING },
	{ "smp_text_poke*", false, PATCHING },
	{ "poke_int3_handler", false, PATCHING },
	{ "arch_cpu_idle", false, IDLE },
	{ "default_idle", false, IDLE },
	{ "__x86_indirect_*", false, FRAME },
	{ "__x86_return_*", false, FRAME },
	{ "srso_*", false, FRAME },
	{ "retbleed_*", false, FRAME },
	{ "entry_SYSCALL_*", false, FRAME },
	{ "asm_*", false, FRAME },
	{ "__fentry__", false, FRAME },
	{ "_mcount", false, FRAME },
	{ "ret_from_fork*", false, FRAME },
	{ "do_exit", true, FOR_EVER },
	{ "do_group_exit", true, FOR_EVER },
	{ "do_task_dead", true, FOR_EVER },
	{ "make_task_dead", true, FOR_EVER },
	{ "kthread_exit", true, FOR_EVER },
	{ "kthread_complete_and_exit", true, FOR_EVER },
	{ "panic", true, FOR_EVER },
	{ "__*_sys_exit", true, FOR_EVER },
	{ "__*_sys_exit_group", true, FOR_EVER },
	{ "sys_exit", true, FOR_EVER },
	{ "sys_exit_group", true, FOR_EVER },
};

const char *krisk_find(const char *name, const struct spec *s, bool force)
{
	for (size_t i = 0; i < sizeof(risks) / sizeof(risks[0]); i++) {
		const struct risk *r = &risks[i];
		size_t prefix;

		if (r->glob[0] != name[0]) /* nearly always */
			continue;
		prefix = strcspn(r->glob, "*");
		if (strncmp(r->glob, name, prefix) || fnmatch(r->glob, name, 0) ||
		    (r->ret && !s->ret))
			continue;
		return force && (!s->name.wild || s->name.prefix >= prefix) ? NULL : r->why;
	}
	return NULL;
}
