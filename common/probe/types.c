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

/* What debug information is looked through for. */
struct names {
	struct dwarf_name *list;
	size_t count, room;
};

/* What can be named at some targets: in the order of the files. */
struct types_set {
	struct types_set *next;
	char *module; /* a module's; NULL: the kernel's, or a program's */
	char *path;   /* a program's: its file */
	bool is_read; /* ... whose debug information has been looked through, for these names: */
	struct names names;
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

/* The first bytes of a text. */
static void name_add(struct names *n, const char *name, size_t size, bool is_function,
		     uint64_t address)
{
	char *copy = strndup(name, size);

	if (n->count == n->room) {
		n->room = n->room ? 2 * n->room : 64;
		n->list = reallocarray(n->list, n->room, sizeof(*n->list));
	}
	if (!copy || !n->list)
		diag_no_memory();
	n->list[n->count++] = (struct dwarf_name){ copy, is_function, address };
}

/* The words of a text may be types' and constants', and functions' where no others are known. */
static void words_add(struct names *n, const char *text, bool functions)
{
	size_t size;

	while (*text) {
		size = 0;
		while (isalnum((unsigned char)text[size]) || text[size] == '_')
			size++;
		if (size && !isdigit((unsigned char)text[0])) {
			name_add(n, text, size, false, 0);
			if (functions)
				name_add(n, text, size, true, 0);
		}
		text += size ? size : 1;
	}
}

static void names_free(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free((char *)n->list[i].name);
	free(n->list);
	*n = (struct names){};
}

/* Files whose types were to be looked for by name. */
static int files_read(struct types *t, const char *text)
{
	struct names names = {};
	int err = 0;

	words_add(&names, text, true);
	for (struct types_file *f = t->files; f && !err; f = f->next) {
		if (!f->path)
			continue;
		f->data = dwarf_types(f->path, names.list, names.count, &f->size, &err);
		if (err == -ESRCH) { /* not needed this time */
			diag_verbose("--types %s: %s", f->path, dwarf_why(err));
			err = 0;
		} else if (err == -ENODATA) {
			diag("--types %s: it has neither BTF nor DWARF", f->path);
		} else if (err) {
			diag("--types %s: %s", f->path, dwarf_why(err));
		}
		if (f->fd >= 0)
			close(f->fd);
		f->fd = -1;
	}
	names_free(&names);
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

	t->text = copied(text);
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

static struct types_set *program_set(struct types *t, const char *path)
{
	struct types_set *s = t->sets;

	while (s && (!s->path || strcmp(s->path, path)))
		s = s->next;
	if (!s) {
		s = set_new(t);
		s->path = copied(path);
	}
	return s;
}

void types_expect(struct types *t, const struct targets *targets)
{
	struct types_set *s = NULL;

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];

		if (target->kind != TARGET_USER)
			continue;
		if (!s || strcmp(s->path, target->path))
			s = program_set(t, target->path);
		name_add(&s->names, target_symbol(target), target_symbol_size(target), true,
			 target->begin);
	}
}

static void program_read(struct types *t, struct types_set *s)
{
	size_t size;
	int err;

	s->is_read = true;
	words_add(&s->names, t->text ? t->text : "", false);
	s->data = dwarf_types(s->path, s->names.list, s->names.count, &size, &err);
	names_free(&s->names);
	if (s->data)
		ctypes_add(&s->types, s->data, size, NULL);
	else if (err != -ENODATA && err != -ENOENT)
		diag_verbose("%s: %s", s->path, dwarf_why(err));
	libc_add(s);
	/* A function of a program that has the name of one of the kernel's has other parameters. */
	s->types.foreign = kernel_add(s);
}

struct ctypes *types_of(struct types *t, const struct target *target)
{
	const char *module = target->kind == TARGET_KERNEL ? target->module : NULL;
	struct types_set *s;

	if (target->kind == TARGET_USER || target->kind == TARGET_USDT) {
		s = program_set(t, target->path);
		if (!s->is_read)
			program_read(t, s);
		return &s->types;
	}
	s = t->sets;
	while (s && (s->path || !s->module != !module || (module && strcmp(s->module, module))))
		s = s->next;
	return s ? &s->types : &module_set(t, module)->types;
}

static bool function_named(struct ctypes *types, const struct target *t, const char *format,
			   struct ctype_function *f)
{
	char *name;
	int err;

	if (asprintf(&name, format, (int)target_symbol_size(t), target_symbol(t),
		     (unsigned long long)t->begin) < 0)
		diag_no_memory();
	err = ctypes_function(types, name, f);
	free(name);
	return !err;
}

/* What the user gave knows functions by their names, debug information by their addresses, too. */
bool types_function(struct ctypes *types, const struct target *target, struct ctype_function *f)
{
	return function_named(types, target, "%.*s", f) ||
	       (target->begin && function_named(types, target, DWARF_FUNCTION_NAME, f));
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
		names_free(&s->names);
		free(s);
	}
	free(t->text);
	for (f = t->files; f; f = after) {
		after = f->next;
		free(f->path);
		free(f->data);
		free(f);
	}
}
