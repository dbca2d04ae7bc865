/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * folder: a folder of the test's own, in which it runs.
 *
 *	cmocka_run_group_tests(tests, folder_enter, folder_remove)
 *
 * To be included behind cmocka.h.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/test-folder-XXXXXX";

static int folder_enter(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") || system(command);
}
