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
