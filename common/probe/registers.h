/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * registers: where a program at a kprobe or uprobe finds things in its context, struct pt_regs, on
 * the machine that this is built for.
 *
 * Offsets are bytes. Relies on: arch/ARCH/include/asm/ptrace.h (the kernel's struct, which programs
 * see), syscall.h (system calls' arguments); the procedure call standards.
 */
#pragma once

#include <stddef.h>

#define REGISTERS_ARGS 8

struct registers {
	size_t count;		      /* arguments in registers */
	int args[REGISTERS_ARGS];
	int result, stack, ip;	      /* result: of a function that has returned */
	int syscall[6];		      /* in the registers that a system call's function is given */
	int link;		      /* what has, at the entry, the address to return to; 0: the
				       * stack has it */
	int return_pops;	      /* bytes that a return takes off the stack */
	int stack_args;		      /* bytes from the stack pointer, at the entry, to the first
				       * argument that found no register */
	const char *syscall_prefix;   /* of functions that are given registers: "__x64_sys_" */
};

extern const struct registers registers;

/* A register by its name as BCC's ctx->NAME has it (the kernel's): its offset, or -1. */
int registers_find(const char *name);

/* The names, NULL at the end. */
const char *registers_name(size_t index);
