/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * expect: how a workload says what a tracer must have shown. A workload does something and
 * prints, on stdout, one line for each event it caused: fields separated by tabs, in the order
 * that its own comment names. "*" as a field means "anything". A line "# skip REASON" names
 * a case that this machine cannot do.
 *
 * Strings are in plain form: bytes 0x21..0x7e and the space but no backslash as they are, all
 * others as \xNN. jsonget.c prints a tool's JSON in the same form, by code of its own, so that
 * no escaping of the tools is compared with itself. An array is [first][second]. Nothing known
 * is "null".
 */
#pragma once

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void plain_bytes(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = bytes[i];

		if (c < 0x20 || c > 0x7e || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static inline void plain_string(const char *s)
{
	if (s)
		plain_bytes(s, strlen(s));
	else
		fputs("null", stdout);
}

static inline void expect_skip(const char *reason)
{
	printf("# skip %s\n", reason);
	fflush(stdout);
}

/* The workload itself went wrong: nothing it said can be trusted. */
static inline void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	int err = errno;
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(err));
	_exit(99);
}

/* Until there is a byte, or the end, on stdin: whoever wants to trace the process can begin. */
static inline void wait_for_go(void)
{
	char byte;

	if (read(0, &byte, 1) < 0)
		fail("stdin");
}

/* Workloads fill the current directory; not one where people work. */
static inline void expect_scratch_directory(void)
{
	if (!access("Makefile", F_OK) || !access(".git", F_OK)) {
		errno = EEXIST;
		fail("this is a source tree; run it in an empty directory");
	}
}
