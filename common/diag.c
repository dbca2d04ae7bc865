// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "diag.h"
#include "escape.h"
#include "names.h"
#include "strbuf.h"

#define KEPT_MAX     (16 * 1024)
#define ERRNO_KERNEL 512 /* from here on the kernel's own: strerror() knows none */

int diag_level;

static struct strbuf kept; /* libbpf's warnings: whole lines */

/* One line, one write(2), so that lines of several writers do not mix. */
static void say(const char *message, size_t size)
{
	struct strbuf line = { 0 };

	strbuf_str(&line, program_invocation_short_name);
	strbuf_str(&line, ": ");
	escape_text(&line, message, size, false);
	strbuf_char(&line, '\n');
	strbuf_write(&line, STDERR_FILENO);
	strbuf_free(&line);
}

static const char *error_text(int err)
{
	const char *name;

	err = abs(err);
	name = err >= ERRNO_KERNEL ? errno_name(err) : NULL;
	return name ? name : strerror(err);
}

static void __attribute__((format(printf, 1, 0)))
say_format(const char *format, va_list args, const int *err)
{
	struct strbuf message = { 0 };
	int saved = errno;

	strbuf_vprintf(&message, format, args);
	if (err) {
		strbuf_str(&message, ": ");
		strbuf_str(&message, error_text(*err));
	}
	say(message.data, message.size);
	strbuf_free(&message);
	errno = saved;
}

void diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_format(format, args, NULL);
	va_end(args);
}

void diag_errno(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_format(format, args, &err);
	va_end(args);
}

void diag_verbose(const char *format, ...)
{
	va_list args;

	if (diag_level < 1)
		return;
	va_start(args, format);
	say_format(format, args, NULL);
	va_end(args);
}

void diag_progress(const char *format, ...)
{
	static bool shown;
	va_list args;

	if (!isatty(STDERR_FILENO) || (!format && !shown))
		return;
	shown = format != NULL;
	fputs("\r\033[K", stderr);
	if (!format)
		return;
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
}

void diag_no_memory(void)
{
	static char text[] = ": out of memory\n";
	struct iovec parts[] = {
		{ program_invocation_short_name, strlen(program_invocation_short_name) },
		{ text, sizeof(text) - 1 },
	};
	/* Nothing is left to be done if even this fails. */
	ssize_t ignored __attribute__((unused)) = writev(STDERR_FILENO, parts, 2);

	abort();
}

static void say_lines(const struct strbuf *lines)
{
	const char *at = lines->data, *end, *newline;

	if (!lines->size)
		return;
	end = at + lines->size;
	while (at < end) {
		newline = memchr(at, '\n', end - at);
		if (!newline)
			newline = end;
		if (newline > at)
			say(at, newline - at);
		at = newline + 1;
	}
}

/* Forgets the oldest lines, so that no more than KEPT_MAX bytes remain. */
static void kept_trim(void)
{
	size_t gone = kept.size - KEPT_MAX;
	const char *newline;

	/* The byte before the cut may end a line: then nothing of the next one is lost.
	 * The very last byte is left out: of one long line the end remains. */
	newline = memchr(kept.data + gone - 1, '\n', KEPT_MAX);
	if (newline)
		gone = newline + 1 - kept.data;
	kept.size -= gone;
	memmove(kept.data, kept.data + gone, kept.size);
}

static int __attribute__((format(printf, 2, 0)))
hear_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	struct strbuf lines = { 0 };

	if (diag_level >= 2) {
		strbuf_vprintf(&lines, format, args);
		say_lines(&lines);
		strbuf_free(&lines);
	} else if (level == LIBBPF_WARN) {
		strbuf_vprintf(&kept, format, args);
		if (kept.size && kept.data[kept.size - 1] != '\n')
			strbuf_char(&kept, '\n');
		if (kept.size > KEPT_MAX)
			kept_trim();
	}
	return 0;
}

void diag_start(void)
{
	libbpf_set_print(hear_libbpf);
}

void diag_replay(void)
{
	say_lines(&kept);
	strbuf_free(&kept);
}

void diag_drop(void)
{
	strbuf_clear(&kept);
}
