/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * naming: what addresses of processes are called, for tests.
 *
 *	TEST(own)..., then cmocka_run_group_tests(tests, folder_enter, folder_remove)
 */
#pragma once

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <cmocka.h>

#include "folder.h"
#include "probe/usyms.h"
#include "strbuf.h"

static struct usyms usyms;
static struct strbuf text;

static int done(void **state)
{
	(void)state;
	usyms_free(&usyms);
	strbuf_free(&text);
	return 0;
}

static const char *printed(pid_t pid, uint64_t address)
{
	strbuf_clear(&text);
	usyms_print(&usyms, pid, address, &text);
	return strbuf_cstr(&text);
}

struct guest {
	pid_t pid;
	uint64_t seen; /* where it has the function */
};

/* The caller's own mounts; false: not allowed. */
static bool hide_mounts(const char *folder)
{
	return !unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", folder, "tmpfs", 0, NULL);
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, done)
