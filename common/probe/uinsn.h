/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uinsn: whether the kernel can take an instruction of a program out of its place, as a uprobe
 * does. x86 only; elsewhere the kernel refuses what it cannot do.
 *
 * x86's kernel (arch/x86/kernel/uprobes.c, seen up to 6.18) goes by the opcode byte and does not
 * ask which table of opcodes it is from. So it takes AVX instructions for jumps, calls and
 * returns, and "executes" them as such: EVEX vpbroadcastb (0x7a) as JP, so nothing is broadcast.
 * glibc's strchr for AVX-512 begins with it, and a probe there would have strchr find nothing,
 * in every program.
 */
#pragma once

#include <stdint.h>
#include "probe/elffile.h"

/*
 * Looks at the instruction at an offset in the file, where a function begins. NULL: a uprobe may
 * be there. Else why not.
 * after: NULL, or where to put a probe instead: right behind that instruction if it only fills a
 * vector register, for which arguments, stack and return address are as they were.
 */
const char *uinsn_refuse(const struct elffile *f, uint64_t offset, uint64_t *after);
