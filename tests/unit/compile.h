/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compile: types for tests: the same C, compiled here and by clang to BTF.
 *
 *	BOTH(struct demo { int n; }; struct demo demo;)
 *	cmocka_run_group_tests(tests, compile, forget), and types has them
 *
 * Clang leaves out what no variable or function uses.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "expr/ctype.h"
#include "ktypes.h"

#define BOTH(...) __VA_ARGS__ static const char source[] = #__VA_ARGS__;

static const char source[];
static struct ctypes types;
static void *compiled; /* BTF */
static size_t compiled_size;

static int compile(void **state)
{
	char folder[] = "/tmp/test-types-XXXXXX", command[256], object[64];
	const char *text = source;
	FILE *f;
	int err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(object, sizeof(object), "%s/o", folder);
	snprintf(command, sizeof(command), "${CLANG:-clang} -target bpf -g -O2 -w -x c -c -o %s -",
		 object);
	f = popen(command, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(pclose(f), 0);
	compiled = ktypes_read(object, &compiled_size, &err);
	assert_int_equal(err, 0);
	unlink(object);
	rmdir(folder);
	assert_non_null(ctypes_add(&types, compiled, compiled_size, NULL));
	return 0;
}

static int forget(void **state)
{
	(void)state;
	ctypes_free(&types);
	free(compiled);
	return 0;
}

static const struct ctype *tag(enum ctype_kind kind, const char *name)
{
	const struct ctype *type = ctypes_tag(&types, kind, name);

	assert_non_null(type);
	return type;
}
