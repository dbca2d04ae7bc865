/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * debuginfo: a folder in which a test has sources compiled, and the types of what came out.
 *
 * To be included behind cmocka.h.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expr/ctype.h"
#include "probe/dwarf.h"

static char folder[] = "/tmp/test-debuginfo-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s", folder, name);
	return to;
}

/* The folder is where it runs. */
static int run(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && %s", folder, command);
	return system(line);
}

static FILE *file_start(const char *name)
{
	FILE *f = fopen(in_folder(name), "w");

	assert_non_null(f);
	return f;
}

static int folder_end(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* --- types ------------------------------------------------------------------------------------ */

static struct ctypes types;
static void *data;

/* What dwarf_types() says of names, that of functions or of types. */
static void *asked(const char *path, const char *const *names, size_t *size, int *err)
{
	struct dwarf_name list[128];
	size_t count = 0;

	for (size_t i = 0; names[i]; i++) {
		assert_true(count + 2 <= sizeof(list) / sizeof(*list));
		list[count++] = (struct dwarf_name){ .name = names[i] };
		list[count++] = (struct dwarf_name){ .name = names[i], .is_function = true };
	}
	return dwarf_types(path, list, count, size, err);
}

static void load(const char *file, const char *const *names)
{
	size_t size;
	int err;

	data = asked(in_folder(file), names, &size, &err);
	if (!data)
		fail_msg("%s: %s", file, dwarf_why(err));
	assert_non_null(ctypes_add(&types, data, size, NULL));
}

static void unload(void)
{
	ctypes_free(&types);
	free(data);
	data = NULL;
}
