// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sites - stacks that have the same names and other addresses.
 *
 *	sites A B C	sites_leaf() by sites_caller(): A times from one line of it, B times from
 *			another; C times by sites_other()
 *
 * (By sites_through(): at its first instruction a function has no frame yet, and before 6.1 the
 * kernel passes over its caller then.)
 */
#include <stdlib.h>

#pragma GCC optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")

#define PROBED __attribute__((noinline, noclone))

static volatile long sum;

PROBED void sites_leaf(void);
PROBED void sites_leaf(void)
{
	sum++;
}

PROBED void sites_through(void);
PROBED void sites_through(void)
{
	sites_leaf();
	sum++;
}

PROBED void sites_caller(long first, long second);
PROBED void sites_caller(long first, long second)
{
	for (long i = 0; i < first; i++)
		sites_through();
	sum++;
	for (long i = 0; i < second; i++)
		sites_through();
	sum++;
}

PROBED void sites_other(long times);
PROBED void sites_other(long times)
{
	for (long i = 0; i < times; i++)
		sites_through();
	sum++;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	sites_caller(atol(argv[1]), atol(argv[2]));
	sites_other(atol(argv[3]));
	return 0;
}
