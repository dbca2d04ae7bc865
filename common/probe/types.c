// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag.h"
#include "expr/libctypes.h"
#include "ktypes.h"
#include "probe/dwarf.h"
#include "probe/types.h"
#include "strbuf.h"

struct types_file {
	struct types_file *next;
	char *path; /* its debug information is to be read; else NULL */
	int fd;	    /* ... and this closed then; -1: none */
	void *data;
	size_t size;
};

/* What can be named at some targets: in the order of the files. */
struct types_set {
	struct types_set *next;
	char *module; /* a module's; NULL: the kernel's, or a program's */
	char *path;   /* a program's: its file */
	char *text;   /* ... and for which words and function its debug information was read */
	char *function;
	struct ctypes types;
	void *data;   /* the module's or program's own */
};

/* --- what the user gave --------------------------------------------------------------------- */

static struct types_file *file_keep(struct types *t)
{
	struct types_file *f = calloc(1, sizeof(*f)), **last = &t->files;

	if (!f)
		diag_no_memory();
	f->fd = -1;
	while (*last)
		last = &(*last)->next;
	*last = f;
	return f;
}

static char *copied(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		diag_no_memory();
	return copy;
}

int types_add_file(struct types *t, const char *file)
{
	struct ctypes probe = {};
	struct types_file *f;
	size_t size;
	int err = 0;
	void *data = ktypes_read(file, &size, &err);

	if (!data && err == -EINVAL) { /* no BTF, so it is to have DWARF */
		file_keep(t)->path = copied(file);
		return 0;
	}
	if (!data) {
		diag("--types %s: %s", file, strerror(-err));
		return err;
	}
	if (!ctypes_add(&probe, data, size, NULL)) {
		diag("--types %s: its BTF is damaged, or continues another file's", file);
		free(data);
		return -EINVAL;
	}
	ctypes_free(&probe);
	f = file_keep(t);
	f->data = data;
	f->size = size;
	return 0;
}

/* --- debug information ------------------------------------------------------------------------ */

struct words {
	const char **list; /* NULL at the end */
	size_t count;
};

static void word_add(struct words *w, const char *word, size_t size)
{
	for (size_t i = 0; i < w->count; i++) {
		if (!strncmp(w->list[i], word, size) && !w->list[i][size])
			return;
	}
	w->list = reallocarray(w->list, w->count + 2, sizeof(*w->list));
	if (!w->list)
		diag_no_memory();
	w->list[w->count] = strndup(word, size);
	if (!w->list[w->count++])
		diag_no_memory();
	w->list[w->count] = NULL;
}

/* The words of a text, each once, and the function, if there is one. */
static void words_find(struct words *w, const char *text, const char *function)
{
	size_t size;

	*w = (struct words){ .list = calloc(1, sizeof(*w->list)) };
	if (!w->list)
		diag_no_memory();
	if (function)
		word_add(w, function, strlen(function));
	while (*text) {
		size = 0;
		while (isalnum((unsigned char)text[size]) || text[size] == '_')
			size++;
		if (size && !isdigit((unsigned char)text[0]))
			word_add(w, text, size);
		text += size ? size : 1;
	}
}

static void words_free(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free((char *)w->list[i]);
	free(w->list);
}

/* Files whose types were to be looked for by name. */
static int files_read(struct types *t, const char *text)
{
	struct words words;
	int err = 0;

	words_find(&words, text, NULL);
	for (struct types_file *f = t->files; f && !err; f = f->next) {
		if (!f->path)
			continue;
		f->data = dwarf_types(f->path, words.list, &f->size, &err);
		if (err == -ENODATA)
			diag("--types %s: it has neither BTF nor DWARF", f->path);
		else if (err && err != -ENOENT)
			diag("--types %s: %s", f->path, dwarf_why(err));
		if (err == -ENOENT) /* none of its names is used */
			err = 0;
		if (f->fd >= 0)
			close(f->fd);
		f->fd = -1;
	}
	words_free(&words);
	return err;
}

/* --- headers -------------------------------------------------------------------------------- */

extern char **environ;

/* The compiler's exit status, or -errno. */
static int compiler_run(const char *compiler, const char *source, const char *object)
{
	const char *argv[] = { compiler, "-x", "c", "-g", "-fno-eliminate-unused-debug-types", "-w",
			       "-c", source, "-o", object, NULL };
	posix_spawn_file_actions_t actions;
	int err, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	err = posix_spawnp(&pid, compiler, &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return -err;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int memory_file(const char *name, char *path, size_t size)
{
	int fd = memfd_create(name, 0); /* the compiler has to inherit it */

	snprintf(path, size, "/proc/%d/fd/%d", (int)getpid(), fd);
	return fd < 0 ? -errno : fd;
}

static int header_compile(const char *name, const char *source, const char *object)
{
	static const char *const compilers[] = { "clang", "gcc", "cc", NULL };
	int err = -ENOENT;

	for (int i = 0; compilers[i] && err == -ENOENT; i++)
		err = compiler_run(compilers[i], source, object);
	if (err == -ENOENT)
		diag("-I %s: a header is read by a C compiler, and none is installed (clang, gcc); "
		     "--types FILE takes types from a program or object that was built with -g", name);
	else if (err < 0)
		diag("-I %s: the compiler cannot be started: %s", name, strerror(-err));
	else if (err)
		diag("-I %s: the C compiler cannot find or read it; cc -x c -c -o /dev/null "
		     "%s says why", name, name);
	return err > 0 ? -EINVAL : err;
}

/* The kernel's own are known without, and there may be no headers at all. */
static bool is_kernel_header(const char *name)
{
	char path[512];

	if (strncmp(name, "linux/", 6) && strncmp(name, "net/", 4) && strncmp(name, "uapi/", 5))
		return false;
	snprintf(path, sizeof(path), "/usr/include/%s", name);
	return access(path, R_OK) != 0 || !strncmp(name, "linux/", 6);
}

int types_add_header(struct types *t, const char *name)
{
	char source[64], object[64], line[512];
	const char *quote = name[0] == '.' || name[0] == '/' ? "\"\"" : "<>";
	char *full = name[0] == '.' ? realpath(name, NULL) : NULL;
	struct types_file *f;
	int in, out, err;

	if (is_kernel_header(name)) {
		diag("-I %s is not needed: the kernel's own types are known", name);
		return 0;
	}
	in = memory_file("header.c", source, sizeof(source));
	out = memory_file("header.o", object, sizeof(object));
	snprintf(line, sizeof(line), "#include %c%s%c\nint nothing;\n", quote[0],
		 full ? full : name, quote[1]);
	free(full);
	err = in < 0 ? in : out < 0 ? out : 0;
	if (!err && write(in, line, strlen(line)) != (ssize_t)strlen(line))
		err = -errno;
	if (!err)
		err = header_compile(name, source, object);
	close(in);
	if (err) {
		close(out);
		return err;
	}
	f = file_keep(t);
	f->path = copied(object);
	f->fd = out;
	return 0;
}

/* --- sets ----------------------------------------------------------------------------------- */

static struct types_set *set_new(struct types *t)
{
	struct types_set *s = calloc(1, sizeof(*s));

	if (!s)
		diag_no_memory();
	s->next = t->sets;
	t->sets = s;
	for (struct types_file *f = t->files; f; f = f->next) {
		if (f->data)
			ctypes_add(&s->types, f->data, f->size, NULL);
	}
	return s;
}

static struct ctype_source *kernel_add(struct types_set *s)
{
	size_t size;
	const void *data = ktypes_bytes(&size);

	return data ? ctypes_add(&s->types, data, size, NULL) : NULL;
}

static void libc_add(struct types_set *s)
{
	size_t size;
	const void *data = libctypes_bytes(&size);

	ctypes_add(&s->types, data, size, NULL);
}

int types_start(struct types *t, const char *text)
{
	int err = files_read(t, text);
	struct types_set *s = set_new(t);

	if (err)
		return err;
	if (!kernel_add(s)) {
		diag("the kernel's types cannot be read");
		return -EINVAL;
	}
	libc_add(s);
	return 0;
}

/* A module's types continue the kernel's, so those come first here. */
static struct types_set *module_set(struct types *t, const char *module)
{
	struct types_set *s = set_new(t);
	struct ctype_source *kernel = kernel_add(s);
	char path[128];
	size_t size;
	int err;

	s->module = copied(module);
	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	s->data = kernel ? ktypes_read(path, &size, &err) : NULL;
	if (s->data)
		ctypes_add(&s->types, s->data, size, kernel);
	libc_add(s);
	return s;
}

/* --- programs ------------------------------------------------------------------------------- */

static struct types_set *program_set(struct types *t, const struct target *target,
				     const char *text)
{
	struct types_set *s = set_new(t);
	struct words words;
	size_t size;
	int err;

	s->path = copied(target->path);
	s->text = copied(text);
	s->function = copied(target_symbol(target));
	words_find(&words, text, target_symbol(target));
	s->data = dwarf_types(target->path, words.list, &size, &err);
	words_free(&words);
	if (s->data)
		ctypes_add(&s->types, s->data, size, NULL);
	else if (err != -ENODATA && err != -ENOENT)
		diag_verbose("%s: %s", target->path, dwarf_why(err));
	libc_add(s);
	/* A function of a program that has the name of one of the kernel's has other parameters. */
	s->types.foreign = kernel_add(s);
	return s;
}

static bool set_fits(const struct types_set *s, const struct target *target, const char *text)
{
	if (target->kind == TARGET_USER || target->kind == TARGET_USDT)
		return s->path && !strcmp(s->path, target->path) && !strcmp(s->text, text) &&
		       (!s->data || !strcmp(s->function, target_symbol(target)));
	if (target->kind == TARGET_KERNEL && target->module)
		return s->module && !strcmp(s->module, target->module);
	return !s->path && !s->module;
}

struct ctypes *types_of(struct types *t, const struct target *target, const char *text)
{
	struct types_set *s = t->sets;

	while (s && !set_fits(s, target, text))
		s = s->next;
	if (!s)
		s = target->path ? program_set(t, target, text) : module_set(t, target->module);
	return &s->types;
}

void types_settle(struct types *t)
{
	for (struct types_set *s = t->sets; s; s = s->next) {
		ctypes_settle(&s->types);
		free(s->data);
		s->data = NULL;
	}
	for (struct types_file *f = t->files; f; f = f->next) {
		free(f->data);
		f->data = NULL;
	}
	ktypes_release();
}

void types_end(struct types *t)
{
	struct types_set *s, *next;
	struct types_file *f, *after;

	for (s = t->sets; s; s = next) {
		next = s->next;
		ctypes_free(&s->types);
		free(s->data);
		free(s->module);
		free(s->path);
		free(s->text);
		free(s->function);
		free(s);
	}
	for (f = t->files; f; f = after) {
		after = f->next;
		free(f->path);
		free(f->data);
		free(f);
	}
}
