// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
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
	l->file = fdopen(fd, "r");
	if (!l->file)
		diag_no_memory();
	setvbuf(l->file, NULL, _IOFBF, BUFFER_SIZE);
	__fsetlocking(l->file, FSETLOCKING_BYCALLER);
	return 0;
}

/* The word that begins at *at, which is left behind the blank that ended it. NULL: none. */
static char *take_word(char **at)
{
	char *word = *at, *end;

	while (*word == ' ' || *word == '\t')
		word++;
	for (end = word; *end && *end != ' ' && *end != '\t' && *end != '\n'; end++)
		;
	if (end == word)
		return NULL;
	*at = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* FUNCTIONS: "NAME [MODULE]", HOOKS: "HEX NAME [MODULE]", SYMBOLS: "HEX TYPE NAME [MODULE]",
 * REFUSED: "0xHEX-0xHEX NAME". */
static bool line_parse(struct klist *l, struct klist_symbol *s)
{
	char *at = l->line, *type = NULL, *module;
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
	while (getline(&l->line, &l->room, l->file) > 0) {
		if (!line_parse(l, s))
			continue;
		if (l->kind == KLIST_SYMBOLS)
			startup_track(l, s);
		return true;
	}
	return false;
}

void klist_close(struct klist *l)
{
	if (l->file)
		fclose(l->file);
	free(l->line);
	*l = (struct klist){};
}

uint64_t klist_address(const struct klist_symbol *s)
{
	return s->hex ? strtoull(s->hex, NULL, 16) : 0;
}
