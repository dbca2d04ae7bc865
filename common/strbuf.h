/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * strbuf: a byte buffer that grows. The one way output is built.
 *
 * Ownership: the struct belongs to the caller, the bytes to the buffer; strbuf_free()
 * gives them back. An all-zero struct is an empty buffer.
 * Errors: none. No memory is reported and ends the process (abort), as everywhere in
 * common/: a tracer that cannot allocate a few kilobytes has nothing left to tell.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct strbuf {
	char *data;  /* not NUL-terminated; see strbuf_cstr() */
	size_t size; /* bytes used */
	size_t room; /* bytes allocated */
};

void strbuf_free(struct strbuf *b);

/* Room for n more bytes (n > 0): returns where they go; add them to size yourself. */
char *strbuf_grow(struct strbuf *b, size_t n);

void strbuf_printf(struct strbuf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *format, va_list args);

/* Decimal, without the cost of printf. */
void strbuf_u64(struct strbuf *b, uint64_t value);
void strbuf_s64(struct strbuf *b, int64_t value);

/* n times c. */
void strbuf_fill(struct strbuf *b, char c, size_t n);

/* The content as a C string, valid until the next change. */
const char *strbuf_cstr(struct strbuf *b);

/* Writes all of it to a descriptor, waiting where that one does not, and empties the
 * buffer. 0 or -errno (not reported). */
int strbuf_write(struct strbuf *b, int fd);

static inline void strbuf_clear(struct strbuf *b)
{
	b->size = 0;
}

static inline void strbuf_add(struct strbuf *b, const void *data, size_t size)
{
	if (!size)
		return;
	if (b->room - b->size < size)
		strbuf_grow(b, size);
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

static inline void strbuf_char(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

static inline void strbuf_str(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}
