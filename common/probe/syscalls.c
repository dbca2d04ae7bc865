// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <asm/unistd.h>
#include <stddef.h>
#include <string.h>

#include "probe/syscalls.h"

struct call {
	const char *name;
	int number;
};

static const struct call calls[] = {
#include "syscall-table.h" /* the Makefile makes it */
	/* What the kernel's function is called otherwise. */
#ifdef __NR_stat
	{ "newstat", __NR_stat },
	{ "newlstat", __NR_lstat },
#endif
#ifdef __NR_fstat
	{ "newfstat", __NR_fstat },
#endif
#ifdef __NR_sendfile
	{ "sendfile64", __NR_sendfile },
#endif
	{ "newuname", __NR_uname },
	{ "umount", __NR_umount2 },
	/* Newer than the headers may be. All machines have the same numbers (scripts/syscall.tbl). */
	{ "cachestat", 451 },
	{ "fchmodat2", 452 },
	{ "map_shadow_stack", 453 },
	{ "futex_wake", 454 },
	{ "futex_wait", 455 },
	{ "futex_requeue", 456 },
	{ "statmount", 457 },
	{ "listmount", 458 },
	{ "lsm_get_self_attr", 459 },
	{ "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },
	{ "mseal", 462 },
	{ "setxattrat", 463 },
	{ "getxattrat", 464 },
	{ "listxattrat", 465 },
	{ "removexattrat", 466 },
	{ "open_tree_attr", 467 },
	{ "file_getattr", 468 },
	{ "file_setattr", 469 },
	{ "listns", 470 },
	{ "rseq_slice_yield", 471 },
#ifdef __x86_64__
	{ "uretprobe", 335 },
	{ "uprobe", 336 },
#endif
};

int syscalls_number(const char *tracepoint, bool *exit)
{
	static const char enter[] = "syscalls:sys_enter_", leave[] = "syscalls:sys_exit_";
	const char *name;

	if (!strncmp(tracepoint, enter, sizeof(enter) - 1))
		name = tracepoint + sizeof(enter) - 1;
	else if (!strncmp(tracepoint, leave, sizeof(leave) - 1))
		name = tracepoint + sizeof(leave) - 1;
	else
		return -1;
	*exit = tracepoint[strlen("syscalls:sys_e")] == 'x';
	for (size_t i = sizeof(calls) / sizeof(calls[0]); i--;) {
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	}
	return -1;
}
