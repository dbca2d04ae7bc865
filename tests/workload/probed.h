/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probed: what workloads need to have functions and USDT probes that a tool finds. */
#pragma once

#define PROBED __attribute__((noinline, noclone))

/* Keeps the compiler from leaving out what it thinks has no effect. */
#define USED(value) asm volatile("" : : "r"((long)(value)) : "memory")

/*
 * A USDT probe, as sourceware.org/systemtap/wiki/UserSpaceProbeImplementation has it:
 *
 *	asm volatile(NOTE("program", "name", "0", INT(0) " " LONG(1)) : : "r"(number), "r"(text));
 *
 * The semaphore is 0 or a variable's name, the arguments are those of the asm by their numbers.
 */
#define NOTE(provider, name, semaphore, args)                                                      \
	"990:	nop\n"                                                                             \
	"	.pushsection .note.stapsdt, \"\", \"note\"\n"                                      \
	"	.balign 4\n"                                                                       \
	"	.4byte 992f - 991f, 994f - 993f, 3\n"                                              \
	"991:	.asciz \"stapsdt\"\n"                                                              \
	"992:	.balign 4\n"                                                                       \
	"993:	.8byte 990b, 0, " semaphore "\n"                                                   \
	"	.asciz \"" provider "\"\n"                                                         \
	"	.asciz \"" name "\"\n"                                                             \
	"	.asciz \"" args "\"\n"                                                             \
	"994:	.balign 4\n"                                                                       \
	"	.popsection\n"

#ifdef __x86_64__
#define INT(n) "-4@%k" #n
#else
#define INT(n) "-4@%" #n
#endif
#define LONG(n) "8@%" #n
