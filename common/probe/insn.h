/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * insn: instructions that must not get a uprobe, although the kernel would take it.
 *
 * x86-64: the kernel carries out jumps, calls and NOPs itself in place of stepping over them, and
 * knows them by their opcode byte alone. AVX and AVX-512 instructions have bytes of the same
 * values behind their prefix: vpbroadcastb (62 ... 7a) would be taken for a jump, and the program
 * would go on with a wrong register, or elsewhere. Such an instruction begins some of libc's string
 * functions (strchrnul on machines with AVX-512). Seen on 6.18; the code is the same in all
 * kernels since 3.16 (arch/x86/kernel/uprobes.c, branch_setup_xol_ops).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define INSN_BYTES 16 /* the longest instruction */

/* Why a uprobe on these bytes would do harm, to stand behind the function's name; NULL: it would
 * not. size: bytes that are there. */
const char *insn_refused(const uint8_t *bytes, size_t size);
