// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag.h"
#include "probe/dwarf.h"
#include "probe/dwarfbtf.h"
#include "probe/elfdebug.h"
#include "probe/elffile.h"
#include "strbuf.h"

#define SECONDS_MOST 30	      /* of one CPU; the largest browsers' debug information takes 10 */
#define RESULT_MOST (64 << 20) /* a few times what TYPES_MOST types need */

/* --- the file -------------------------------------------------------------------------------- */

static bool has_dwarf(const struct elffile *f)
{
	GElf_Shdr header;

	return (elffile_section(f->elf, ".debug_info", &header) ||
		elffile_section(f->elf, ".zdebug_info", &header)) &&
	       header.sh_type != SHT_NOBITS;
}

/* Opens the file, or its debug file: what has the DWARF. */
static int file_open(struct elffile *f, const char *path)
{
	struct elffile debug;
	int err = elffile_open_quietly(f, AT_FDCWD, path);

	if (err || has_dwarf(f))
		return err;
	f->path = strdup(path); /* a debug file is also looked for beside it */
	if (!f->path)
		diag_no_memory();
	err = elfdebug_open(f, &debug);
	elffile_close(f);
	if (err)
		return -ENODATA;
	*f = debug;
	if (has_dwarf(f))
		return 0;
	elffile_close(f);
	return -ENODATA;
}

static int type_check(const struct elffile *f, bool *relocatable)
{
	GElf_Ehdr h;

	if (!gelf_getehdr(f->elf, &h))
		return -EBADMSG;
	*relocatable = h.e_type == ET_REL;
	/* BTF's pointers have 8 bytes here (expr/ctype.h). */
	return h.e_ident[EI_CLASS] == ELFCLASS64 ? 0 : -ENOEXEC;
}

/* --- the process that reads it ---------------------------------------------------------------- */

static void limits_set(void)
{
	const struct rlimit seconds = { SECONDS_MOST, SECONDS_MOST }, none = {};
	sigset_t signals;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	unsetenv("DEBUGINFOD_URLS"); /* whom some versions of libdw would ask */
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&signals);
	sigprocmask(SIG_SETMASK, &signals, NULL);
}

/* Of the result the error comes first. */
static void child_run(int out, const struct elffile *f, const struct dwarf_name *names, size_t count)
{
	struct strbuf result = {};
	bool relocatable;
	int err = 0;

	limits_set();
	strbuf_add(&result, &err, sizeof(err));
	err = type_check(f, &relocatable);
	if (!err)
		err = dwarfbtf_make(f->fd, relocatable, names, count, &result);
	memcpy(result.data, &err, sizeof(err));
	_exit(strbuf_write(&result, out) ? 1 : 0);
}

static int result_read(int in, struct strbuf *result)
{
	ssize_t n;

	do {
		n = read(in, strbuf_grow(result, 65536), 65536);
		if (n > 0)
			result->size += n;
	} while ((n > 0 && result->size < RESULT_MOST) || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : n > 0 ? -EBADMSG : 0;
}

/* What the child says, or what its end says. */
static int result_check(const struct strbuf *result, int status)
{
	int err;

	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return -ETIME;
	if (!WIFEXITED(status) || WEXITSTATUS(status) || result->size < sizeof(err))
		return -EBADMSG;
	memcpy(&err, result->data, sizeof(err));
	return err;
}

static int child_ask(const struct elffile *f, const struct dwarf_name *names, size_t count,
		     struct strbuf *result)
{
	int ends[2], status, err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		child_run(ends[1], f, names, count);
	err = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (!err)
		err = result_read(ends[0], result);
	close(ends[0]);
	if (pid < 0)
		return err;
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return err ? err : result_check(result, status);
}

void *dwarf_types(const char *file, const struct dwarf_name *names, size_t count, size_t *size,
		  int *err)
{
	struct strbuf result = {};
	struct elffile f;

	*err = file_open(&f, file);
	if (*err)
		return NULL;
	*err = child_ask(&f, names, count, &result);
	elffile_close(&f);
	if (*err) {
		strbuf_free(&result);
		return NULL;
	}
	/* Moved to where it is aligned, whatever the length of the error. */
	*size = result.size - sizeof(*err);
	memmove(result.data, result.data + sizeof(*err), *size);
	return result.data;
}

const char *dwarf_why(int err)
{
	switch (err) {
	case -ESRCH:
		return "its debug information has none of these names";
	case -ENODATA:
		return "it has no debug information (DWARF), and no file with it is installed";
	case -ENOTSUP:
		return "reading its debug information needs libdw, which is not installed "
		       "(Debian package libdw1)";
	case -ENOEXEC:
		return "it is not an ELF file of 64 bits";
	case -EBADMSG:
		return "its debug information is damaged";
	case -ETIME:
		return "reading its debug information takes too long";
	default:
		return strerror(-err);
	}
}
