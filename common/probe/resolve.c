// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/elffile.h"
#include "probe/elfsyms.h"
#include "probe/kfuncs.h"
#include "probe/khints.h"
#include "probe/resolve.h"
#include "probe/tracepoints.h"
#include "probe/usdt.h"
#include "strbuf.h"

/* A name can mean another file than its user thinks of: -v tells. */
static int library_of(const struct resolve *r, const struct spec *s, struct library *l)
{
	int err = library_find(l, s->library, r->pid);

	if (!err && strcmp(l->shown, s->library))
		diag_verbose("%s: it is %s", s->library, l->shown);
	return err;
}

/* The same file, if it is kept already, perhaps by another name; or NULL. */
static const struct library *library_known(const struct resolve *r, const struct library *l)
{
	for (size_t i = 0; i < r->library_count; i++) {
		if (r->libraries[i].device == l->device && r->libraries[i].inode == l->inode)
			return &r->libraries[i];
	}
	return NULL;
}

/* The library has to stay open: its path may be one of its descriptor. */
static const struct library *library_keep(struct resolve *r, struct library *l)
{
	const struct library *known = library_known(r, l);

	if (known) {
		library_close(l);
		return known;
	}
	r->libraries = realloc(r->libraries, (r->library_count + 1) * sizeof(*r->libraries));
	if (!r->libraries)
		diag_no_memory();
	r->libraries[r->library_count] = *l;
	*l = (struct library){ .fd = -1 };
	return &r->libraries[r->library_count++];
}

/* --- functions of programs --------------------------------------------------------------------- */

/* Since glibc 2.34 these are empty, and what they had is libc's. */
static bool in_libc(const char *library)
{
	static const char *const names[] = { "pthread", "dl", "rt", "util", "anl" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i], library))
			return true;
	}
	return false;
}

static void functions_explain(const struct elfsyms *symbols, const struct elfsyms_wanted *wanted,
			      const struct spec *s, const char *file)
{
	struct strbuf why = {};

	if (in_libc(s->library))
		strbuf_printf(&why, "; since glibc 2.34 it is in libc: c:%s", s->name.text);
	else
		elfsyms_explain(symbols, wanted, &why);
	diag("no function of %s matches '%s'%s%s", file, s->name.text, strbuf_cstr(&why),
	     pattern_reminder(&s->name));
	strbuf_free(&why);
}

static int functions_match(const struct library *l, struct spec *s, struct targets *to)
{
	const struct elfsyms_wanted wanted = { &s->name, s->ret, s->offset };
	struct elfsyms symbols;
	struct elffile file;
	size_t skipped;
	int err;

	err = elffile_open(&file, l->path, l->shown);
	if (err)
		return err;
	elfsyms_open(&symbols, &file);
	skipped = to->skip_count;
	s->found = elfsyms_match(&symbols, &wanted, to);
	if (!s->found && to->skip_count > skipped)
		diag("'%s': %s: %s", s->text, to->skipped[skipped].name,
		     to->skipped[skipped].reason);
	else if (!s->found)
		functions_explain(&symbols, &wanted, s, l->shown);
	elfsyms_close(&symbols);
	elffile_close(&file);
	return 0;
}

/* --- USDT ---------------------------------------------------------------------------------------- */

struct usdt_search {
	struct resolve *r;
	struct spec *spec;
	struct targets *to;
};

static int probes_match(struct resolve *r, struct library *given, struct spec *s,
			struct targets *to)
{
	const struct library *known = library_known(r, given), *l = known ? known : given;
	const struct usdt_wanted wanted = { &s->group, &s->name };
	struct elffile file;
	size_t found;
	bool any;
	int err;

	err = elffile_open(&file, l->path, l->shown);
	if (err)
		return err;
	found = usdt_match(&file, &wanted, to);
	any = usdt_any(&file);
	elffile_close(&file);
	s->found += found;
	if (!found && s->library && any)
		diag("no USDT probe of %s matches '%s'", l->shown, s->text);
	else if (!found && s->library)
		diag("%s has no USDT probes (for '%s'); functions can be traced: %s:%s", l->shown,
		     s->text, in_libc(s->library) ? "c" : s->library, s->name.text);
	if (found)
		library_keep(r, given);
	return 0;
}

static int probes_match_one(struct library *l, void *context)
{
	struct usdt_search *search = context;

	probes_match(search->r, l, search->spec, search->to);
	return 0;
}

static int usdt_resolve(struct resolve *r, struct spec *s, struct targets *to)
{
	struct usdt_search search = { r, s, to };
	struct library library;
	int err;

	if (s->library) {
		err = library_of(r, s, &library);
		if (err)
			return err;
		err = probes_match(r, &library, s, to);
		library_close(&library);
		return err;
	}
	if (!r->pid) {
		diag("'%s': a USDT probe needs its program or library, u:LIB:PROBE, or the process "
		     "to look at, -p PID",
		     s->text);
		return -EINVAL;
	}
	err = library_each(r->pid, probes_match_one, &search);
	if (!err && !s->found)
		diag("no file of process %d has a USDT probe '%s'", (int)r->pid, s->text);
	return err;
}

/* --- all ------------------------------------------------------------------------------------------ */

static int user_resolve(struct resolve *r, struct spec *s, struct targets *to)
{
	struct library library;
	int err;

#if defined(__x86_64__) || defined(__s390x__)
	/* Instructions have no fixed length, and nobody looks whether one begins there. */
	if (s->offset && !r->force) {
		diag("'%s': a probe that is not at the beginning of an instruction would break the "
		     "program, and nothing here can tell: --force if you know that it is",
		     s->text);
		return -EINVAL;
	}
#endif
	err = library_of(r, s, &library);
	if (err)
		return err;
	return functions_match(library_keep(r, &library), s, to);
}

/* Specifications of one kind stand anywhere among the others: kfuncs_match() and
 * tracepoints_match() pick theirs, to read the kernel's lists but once. */
static bool has_kind(const struct spec *specs, size_t count, enum spec_kind kind)
{
	for (size_t i = 0; i < count; i++) {
		if (specs[i].kind == kind)
			return true;
	}
	return false;
}

/* Books and scripts have the old names. */
static void spec_rename(struct spec *s)
{
	const char *now = s->kind == SPEC_KERNEL && !s->name.wild && !s->offset ?
				  khints_renamed(s->name.text) : NULL;

	if (!now)
		return;
	diag("%s: on this kernel %s does its work, and is traced in its place", s->name.text, now);
	pattern_free(&s->name);
	s->name = (struct pattern){};
	pattern_set(&s->name, now, false);
}

static int kernel_resolve(struct resolve *r, struct spec *specs, size_t count, struct targets *to)
{
	int err;

	for (size_t i = 0; r->renames && i < count; i++)
		spec_rename(&specs[i]);

	if (!has_kind(specs, count, SPEC_KERNEL))
		return 0;
	err = kfuncs_match(specs, count, r->force, to);
	for (size_t i = 0; i < count && !err; i++) {
		if (specs[i].kind == SPEC_KERNEL && !specs[i].found)
			khints_explain(&specs[i], to);
	}
	return err;
}

static int tracepoints_resolve(struct spec *specs, size_t count, struct targets *to)
{
	int err;

	if (!has_kind(specs, count, SPEC_TRACEPOINT))
		return 0;
	err = tracepoints_match(specs, count, to);
	for (size_t i = 0; i < count && !err; i++) {
		if (specs[i].kind == SPEC_TRACEPOINT && !specs[i].found)
			tracepoints_explain(&specs[i]);
	}
	return err;
}

void resolve_explain(const struct spec *specs, size_t count, const struct targets *t)
{
	for (size_t i = 0; i < count; i++) {
		if (specs[i].kind == SPEC_KERNEL && specs[i].found)
			khints_explain(&specs[i], t);
	}
}

int resolve_targets(struct resolve *r, struct spec *specs, size_t count, struct targets *to)
{
	int err, first = 0;

	first = kernel_resolve(r, specs, count, to);
	err = tracepoints_resolve(specs, count, to);
	if (!first)
		first = err;
	for (size_t i = 0; i < count; i++) {
		err = 0;
		if (specs[i].kind == SPEC_USER)
			err = user_resolve(r, &specs[i], to);
		else if (specs[i].kind == SPEC_USDT)
			err = usdt_resolve(r, &specs[i], to);
		if (!first)
			first = err;
	}
	targets_finish(to);
	if (to->count)
		return 0;
	return first ? first : -ENOENT;
}

void resolve_end(struct resolve *r)
{
	for (size_t i = 0; i < r->library_count; i++)
		library_close(&r->libraries[i]);
	free(r->libraries);
	r->libraries = NULL;
	r->library_count = 0;
}
