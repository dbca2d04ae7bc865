/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reference: what the C compiler makes of the expressions. generate.c writes a program of
 *
 *	CASE(0, wp->two << 3)
 *
 * in functions, and calls reference_run(), which prints a struct answer for each.
 *
 * It is compiled by clang. gcc 12 gives bitfields that are wider than int a type of just their bits,
 * and keeps to it when they have been cast: 2147483647 >= (long)x->bits33 / 3 is false there, and a
 * divisor that is made of one can become zero.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "world.h"

static unsigned long *A; /* the registers */
static struct answer *answers;
static int world;

/* The names, as places in the registers. */
#define a_sc	(*(signed char *)&A[0])
#define a_uc	(*(unsigned char *)&A[1])
#define a_ss	(*(short *)&A[2])
#define a_us	(*(unsigned short *)&A[3])
#define a_si	(*(int *)&A[4])
#define a_ui	(*(unsigned int *)&A[5])
#define a_sl	(*(long *)&A[6])
#define a_ul	(*(unsigned long *)&A[7])
#define a_yes	(*(_Bool *)&A[8])
#define a_color (*(enum color *)&A[9])
#define wp	(*(struct world **)&A[10])
#define ip	(*(struct item **)&A[11])
#define f_short (*(short *)((char *)A + 50))
#define f_uint	(*(unsigned int *)&A[7])
#define f_array (*(short(*)[4]) & A[6])
#define m_short (*(short *)(A[10] + 2 * A[9] + __builtin_offsetof(struct world, ints)))
#define k_int	(-1234567)

/* Strings; of an array it is known where it ends. */
#define COUNT_OF(a)                                                               \
	(__builtin_types_compatible_p(__typeof__(a), __typeof__(&(a)[0])) ? 0ul : \
									    sizeof(a))
#define STRCMP(a, b)	 is_same(a, COUNT_OF(a), b, COUNT_OF(b), 4095)
#define STRNCMP(a, b, n) is_same(a, COUNT_OF(a), b, COUNT_OF(b), n)

static inline int is_same(const char *a, unsigned long a_size, const char *b,
			  unsigned long b_size, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		char one = a_size && i >= a_size ? 0 : a[i];

		if (one != (b_size && i >= b_size ? 0 : b[i]))
			return 0;
		if (!one)
			return 1;
	}
	return 1;
}

#define CASE(n, e)                                                           \
	{                                                                    \
		__typeof__(e) v = (e);                                       \
		answers[n].value[world] = (unsigned long)v;                  \
		answers[n].size = sizeof(v);                                 \
		answers[n].is_signed = (__typeof__(v))-1 < (__typeof__(v))1; \
	}

static inline void reference_run(void (*const *cases)(void), unsigned long count,
				 unsigned long seed)
{
	struct worlds *w = mmap((void *)WORLD_AT, sizeof(*w), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	answers = calloc(count, sizeof(*answers));
	if (w != (void *)WORLD_AT || !answers)
		exit(1);
	worlds_fill(w, seed);
	for (world = 0; world < WORLDS; world++) {
		A = w->registers[world];
		for (void (*const *f)(void) = cases; *f; f++)
			(*f)();
	}
	if (fwrite(answers, sizeof(*answers), count, stdout) != count || fflush(stdout))
		exit(1);
}
