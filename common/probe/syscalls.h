/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * syscalls: the number of a system call by the name that its tracepoints have.
 *
 * The table is made when the tool is built, from <asm/unistd.h>. The kernel names its functions
 * as it defines them, a few otherwise than the call: sys_enter_newuname is uname(2).
 * Errors: none.
 */
#pragma once

#include <stdbool.h>

/* "syscalls:sys_enter_read": the number, and whether it is sys_exit_; -1: it is no tracepoint of a
 * system call, or of one that was not known when this was built. */
int syscalls_number(const char *tracepoint, bool *exit);
