// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <asm/unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/syscalls.h"

static const struct {
	const char *name; /* behind sys_enter_, sys_exit_ */
	int number;
} known[] = {
	{ "openat", __NR_openat },
	{ "newuname", __NR_uname }, /* named otherwise than the call */
	{ "umount", __NR_umount2 },
	{ "nosuch", -1 },
	{ "", -1 },
	/* Newer than some headers: these are asked where they know it. */
	{ "mseal", 462 },
#ifdef __NR_cachestat
	{ "cachestat", __NR_cachestat },
#endif
#ifdef __NR_removexattrat
	{ "removexattrat", __NR_removexattrat },
#endif
#ifdef __NR_listns
	{ "listns", __NR_listns },
#endif
#ifdef __NR_uprobe
	{ "uprobe", __NR_uprobe },
#endif
};

static void test_numbers(void **state)
{
	char event[64];
	bool exit;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		snprintf(event, sizeof(event), "syscalls:sys_enter_%s", known[i].name);
		assert_int_equal(syscalls_number(event, &exit), known[i].number);
		assert_false(exit);
		snprintf(event, sizeof(event), "syscalls:sys_exit_%s", known[i].name);
		assert_int_equal(syscalls_number(event, &exit), known[i].number);
		assert_true(exit);
	}
}

static void test_others(void **state)
{
	bool exit;

	(void)state;
	assert_int_equal(syscalls_number("raw_syscalls:sys_enter", &exit), -1);
	assert_int_equal(syscalls_number("sched:sched_switch", &exit), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
