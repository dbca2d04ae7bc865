/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * diag: the only module that talks on stderr. Every message is one line, starts with the
 * program's own name, and has had its control characters escaped.
 *
 * Errors are reported once, where their subject is known: cli knows the option, plan the
 * probe, events the buffer. Callers above only hand the -errno on.
 */
#pragma once

#include <stdarg.h>
#include <stdio.h>

/* 0: errors and warnings; 1 (-v): decisions too; 2 (-vv): libbpf's own voice too. */
extern int diag_level;

void diag(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ... with ": " and the text of errno or -errno at its end. Both keep errno as it was. */
void diag_errno(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory: says so without using any, and aborts. */
void diag_no_memory(void) __attribute__((noreturn));

/* Said only at -v and above. */
void diag_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is going on, on one line of a terminal that the next word overwrites; nothing elsewhere.
 * NULL: the line is empty again. */
void diag_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * libbpf's messages. diag_start() hands libbpf our printer: warnings are kept back (the
 * last 16 KB of them) because they are noise when a fallback works. diag_replay() says
 * them after all, when nothing worked; diag_drop() forgets them.
 */
void diag_start(void);
void diag_replay(void);
void diag_drop(void);
