// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "diag.h"
#include "strbuf.h"

#define ROOM_MIN   256
#define U64_DIGITS 20

void strbuf_free(struct strbuf *b)
{
	free(b->data);
	*b = (struct strbuf){ 0 };
}

char *strbuf_grow(struct strbuf *b, size_t n)
{
	size_t room = b->room ? b->room : ROOM_MIN;
	char *data;

	if (b->room - b->size >= n)
		return b->data + b->size;
	if (n > SIZE_MAX / 2 - b->size)
		diag_no_memory();
	while (room - b->size < n)
		room *= 2;
	data = realloc(b->data, room);
	if (!data)
		diag_no_memory();
	b->data = data;
	b->room = room;
	return data + b->size;
}

void strbuf_vprintf(struct strbuf *b, const char *format, va_list args)
{
	va_list again;
	size_t room;
	int n;

	/* One byte more than the text: vsnprintf() wants to end it. */
	strbuf_grow(b, 1);
	room = b->room - b->size;
	va_copy(again, args);
	n = vsnprintf(b->data + b->size, room, format, args);
	if (n >= 0 && (size_t)n >= room)
		vsnprintf(strbuf_grow(b, (size_t)n + 1), (size_t)n + 1, format, again);
	va_end(again);
	if (n > 0)
		b->size += n;
}

void strbuf_printf(struct strbuf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vprintf(b, format, args);
	va_end(args);
}

void strbuf_u64(struct strbuf *b, uint64_t value)
{
	char digits[U64_DIGITS];
	char *first = digits + sizeof(digits);

	do {
		*--first = '0' + value % 10;
		value /= 10;
	} while (value);
	strbuf_add(b, first, digits + sizeof(digits) - first);
}

void strbuf_s64(struct strbuf *b, int64_t value)
{
	if (value < 0)
		strbuf_char(b, '-');
	/* Negated as unsigned: INT64_MIN has no positive counterpart. */
	strbuf_u64(b, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void strbuf_fill(struct strbuf *b, char c, size_t n)
{
	if (!n)
		return;
	memset(strbuf_grow(b, n), c, n);
	b->size += n;
}

const char *strbuf_cstr(struct strbuf *b)
{
	*strbuf_grow(b, 1) = '\0';
	return b->data;
}

int strbuf_write(struct strbuf *b, int fd)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	size_t done = 0;
	ssize_t n;
	int err = 0;

	while (done < b->size && !err) {
		n = write(fd, b->data + done, b->size - done);
		if (n >= 0)
			done += n;
		else if (errno == EAGAIN)
			poll(&writable, 1, -1);
		else if (errno != EINTR)
			err = -errno;
	}
	strbuf_clear(b);
	return err;
}
