// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "kernel.h"
#include "probe/klist.h"

#define BUFFER_SIZE 65536

const char *klist_file(enum klist_kind kind)
{
	static const char *const files[] = {
		[KLIST_FUNCTIONS] = "available_filter_functions",
		[KLIST_HOOKS] = "available_filter_functions_addrs",
		[KLIST_SYMBOLS] = "/proc/kallsyms",
		[KLIST_REFUSED] = "kprobes/blacklist",
	};

	return files[kind];
}

static int file_open(enum klist_kind kind)
{
	const char *file = klist_file(kind);
	int fd;

	if (kind == KLIST_REFUSED)
		return kernel_open_debugfs(file);
	if (kind != KLIST_SYMBOLS)
		return kernel_open_tracefs(file);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int klist_open(struct klist *l, enum klist_kind kind)
{
	int fd = file_open(kind);

	*l = (struct klist){ .kind = kind };
	if (fd < 0)
		return fd;
	l->fd = fd;
	l->buffer = malloc(BUFFER_SIZE);
	if (!l->buffer)
		diag_no_memory();
	l->buffer[0] = '\n';
	l->next = l->size = 1;
	return 0;
}

void klist_only(struct klist *l, const char *prefix, size_t size)
{
	if (!size || size >= sizeof(l->needle))
		return;
	l->needle[0] = l->kind == KLIST_FUNCTIONS ? '\n' : ' ';
	memcpy(l->needle + 1, prefix, size);
	l->needle_size = size + 1;
}

/* Makes room behind what is left of the buffer, and fills it. False: there is no more. */
static bool buffer_fill(struct klist *l)
{
	size_t had;
	ssize_t n;

	if (l->next == 1 && l->size == BUFFER_SIZE)
		l->next = l->size; /* no line is so long */
	memmove(l->buffer + 1, l->buffer + l->next, l->size - l->next);
	l->size -= l->next - 1;
	had = l->size;
	l->next = 1;
	do
		n = read(l->fd, l->buffer + l->size, BUFFER_SIZE - l->size);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		l->size += n;
	else if (l->size > 1) /* the last line did not end */
		l->buffer[l->size++] = '\n';
	return l->size > had;
}

/* Goes on to the next line in the buffer that may be wanted. False: none is there. */
static bool line_find(struct klist *l)
{
	char *from = l->buffer + l->next, *at;

	if (!l->needle_size)
		return true;
	from[-1] = '\n';
	at = memmem(from - 1, l->buffer + l->size - from + 1, l->needle, l->needle_size);
	if (at) {
		for (at++; at[-1] != '\n'; at--)
			;
	} else {
		for (at = l->buffer + l->size; at[-1] != '\n'; at--)
			; /* it may be in what is still to be read of this one */
	}
	l->next = at - l->buffer;
	return l->next < l->size;
}

/* The next line, in the buffer. What lies before it ended another one. */
static char *line_next(struct klist *l)
{
	do {
		char *line, *end;

		if (!line_find(l))
			continue;
		line = l->buffer + l->next;
		end = memchr(line, '\n', l->size - l->next);
		if (end) {
			*end = '\0';
			l->next += end + 1 - line;
			return line;
		}
	} while (buffer_fill(l));
	return NULL;
}

/* The word that begins at *at, which is left behind the blank that ended it. NULL: none. */
static char *take_word(char **at)
{
	char *word = *at, *end;

	while (*word == ' ' || *word == '\t')
		word++;
	for (end = word; *end && *end != ' ' && *end != '\t'; end++)
		;
	if (end == word)
		return NULL;
	*at = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* FUNCTIONS: "NAME [MODULE]", HOOKS: "HEX NAME [MODULE]", SYMBOLS: "HEX TYPE NAME [MODULE]",
 * REFUSED: "0xHEX-0xHEX NAME". */
static bool line_parse(const struct klist *l, char *at, struct klist_symbol *s)
{
	char *type = NULL, *module;
	size_t size;

	*s = (struct klist_symbol){ .function = true };
	if (l->kind != KLIST_FUNCTIONS && !(s->hex = take_word(&at)))
		return false;
	if (l->kind == KLIST_SYMBOLS && !(type = take_word(&at)))
		return false;
	s->name = take_word(&at);
	if (!s->name)
		return false;
	module = take_word(&at);
	size = module ? strlen(module) : 0;
	if (size > 2 && module[0] == '[' && module[size - 1] == ']') {
		module[size - 1] = '\0';
		s->module = module + 1;
	}
	if (type)
		s->function = strchr("tTwW", *type);
	return true;
}

/* Where the kernel hides addresses the order of the symbols is still theirs. */
static void startup_track(struct klist *l, struct klist_symbol *s)
{
	if (s->name[0] == '_' && !strcmp(s->name, "_sinittext"))
		l->startup = true;
	else if (s->name[0] == '_' && !strcmp(s->name, "_einittext"))
		l->startup = false;
	s->startup = l->startup && !s->module;
}

bool klist_next(struct klist *l, struct klist_symbol *s)
{
	char *line;

	while ((line = line_next(l))) {
		if (!line_parse(l, line, s))
			continue;
		if (l->kind == KLIST_SYMBOLS)
			startup_track(l, s);
		return true;
	}
	return false;
}

void klist_close(struct klist *l)
{
	if (l->buffer)
		close(l->fd);
	free(l->buffer);
	*l = (struct klist){};
}

uint64_t klist_address(const struct klist_symbol *s)
{
	return s->hex ? strtoull(s->hex, NULL, 16) : 0;
}
