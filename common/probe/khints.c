// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "kernel.h"
#include "ktypes.h"
#include "probe/kfuncs.h"
#include "probe/khints.h"
#include "probe/klist.h"
#include "probe/near.h"
#include "strbuf.h"

/* --- names that have changed ------------------------------------------------------------------ */

struct rename {
	const char *old, *now; /* now: a function, or a tracepoint as t:CATEGORY:EVENT */
	bool bypass;	       /* the old one may still be there, but is hardly called */
	bool same;	       /* it has the old one's arguments, and maybe more behind them */
};

/* Of one old name: in the order of preference, the first that the kernel has is told. */
static const struct rename renames[] = {
	{ "do_sys_open", "do_sys_openat2", true, true },			/* 5.6 */
	{ "do_filp_open", "do_file_open" },
	{ "do_unlinkat", "filename_unlinkat" },
	{ "__vfs_read", "vfs_read", false, true },					/* 5.8 */
	{ "__vfs_write", "vfs_write", false, true },					/* 5.8 */
	{ "do_fork", "kernel_clone" },
	{ "_do_fork", "kernel_clone", false, true },					/* 5.10 */
	{ "do_execve", "do_execveat_common" },
	{ "generic_make_request", "submit_bio_noacct" },		/* 5.9 */
	{ "kmalloc", "__kmalloc_noprof" },
	{ "kmalloc", "__kmalloc" },
	{ "__kmalloc", "__kmalloc_noprof", false, true },				/* 6.10 */
	{ "kmem_cache_alloc", "kmem_cache_alloc_noprof", false, true },		/* 6.10 */
	{ "__alloc_pages_nodemask", "__alloc_pages" },			/* 5.13 */
	{ "__alloc_pages_nodemask", "__alloc_pages_noprof" },
	{ "__alloc_pages", "__alloc_pages_noprof", false, true },			/* 6.10 */
	{ "blk_start_request", "blk_mq_start_request" },
	{ "blk_account_io_start", "__blk_account_io_start", false, true },
	{ "blk_account_io_start", "t:block:block_io_start" },
	{ "blk_account_io_start", "t:block:block_rq_insert" },
	{ "blk_account_io_done", "__blk_account_io_done", false, true },
	{ "blk_account_io_done", "t:block:block_io_done" },
	{ "blk_account_io_done", "t:block:block_rq_complete" },
	{ "__blk_account_io_done", "blk_account_io_done", false, true },
	{ "mark_page_accessed", "folio_mark_accessed", true },		/* 5.16 */
	{ "add_to_page_cache_lru", "filemap_add_folio", true },		/* 5.16 */
	{ "account_page_dirtied", "t:writeback:writeback_dirty_folio" },
	{ "shrink_page_list", "shrink_folio_list" },
	{ "__do_page_cache_readahead", "do_page_cache_ra" },
	{ "__do_page_cache_readahead", "page_cache_ra_unbounded" },
	{ "urandom_read", "urandom_read_iter" },
};

#define RENAMES (sizeof(renames) / sizeof(renames[0]))

const char *khints_bypass(const char *name)
{
	for (size_t i = 0; i < RENAMES; i++) {
		if (renames[i].bypass && !strcmp(renames[i].old, name))
			return renames[i].now;
	}
	return NULL;
}

const char *khints_renamed(const char *name)
{
	for (size_t i = 0; i < RENAMES; i++) {
		const struct rename *r = &renames[i];

		if (r->same && !strcmp(r->old, name) && ktypes_function(r->now) > 0 &&
		    (r->bypass || ktypes_function(name) <= 0))
			return r->now;
	}
	return NULL;
}

/* --- evidence -------------------------------------------------------------------------------- */

struct evidence {
	const struct spec *spec;
	char *syscall;			/* this kernel's function of a system call of this name */
	const char *plain;		/* the name as people say it: without sys_ */
	bool code, data, startup;	/* there is such a symbol */
	bool is_syscall;
	bool module;			/* the module is loaded and has functions */
	bool renamed[RENAMES];		/* the new name is there */
	char *other;			/* the module that has it, where another one was named */
	size_t matching;		/* wildcards: symbols that are code */
	size_t containing;		/* functions that have the name in theirs */
	struct near near;
};

static char *copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		diag_no_memory();
	return copy;
}

static void evidence_renames(struct evidence *e, const char *name)
{
	for (size_t i = 0; i < RENAMES; i++) {
		if (!strcmp(renames[i].now, name))
			e->renamed[i] = true;
	}
}

/* A name that was written without wildcards. */
static void evidence_name(struct evidence *e, const struct klist_symbol *sym)
{
	const char *name = e->spec->name.text;

	if (!strcmp(sym->name, name)) {
		e->startup |= sym->startup;
		e->data |= !sym->function;
		e->code |= sym->function && !sym->startup;
		if (sym->module && e->spec->module && !e->other &&
		    strcmp(sym->module, e->spec->module))
			e->other = copy_text(sym->module);
	}
	if (!sym->function || sym->startup || !kfuncs_is_function(sym->name))
		return;
	e->is_syscall |= !strcmp(sym->name, e->syscall);
	e->containing += strstr(sym->name, e->plain) != NULL;
	near_offer(&e->near, sym->name);
	evidence_renames(e, sym->name);
}

static bool evidence_symbols(struct evidence *e)
{
	const struct spec *spec = e->spec;
	struct klist_symbol sym;
	struct klist list;

	if (klist_open(&list, KLIST_SYMBOLS))
		return false;
	while (klist_next(&list, &sym)) {
		if (spec->module && sym.module && !strcmp(spec->module, sym.module))
			e->module = true;
		if (!spec->name.wild)
			evidence_name(e, &sym);
		else if (sym.function && pattern_match(&spec->name, sym.name) &&
			 (!spec->module || (sym.module && !strcmp(spec->module, sym.module))))
			e->matching++;
	}
	klist_close(&list);
	return true;
}

/* True also where nothing is known. */
static bool is_traceable(const char *name)
{
	struct klist_symbol sym;
	bool found = false;
	struct klist list;

	if (klist_open(&list, KLIST_FUNCTIONS))
		return true;
	while (!found && klist_next(&list, &sym))
		found = !strcmp(sym.name, name);
	klist_close(&list);
	return found;
}

static void evidence_init(struct evidence *e, const struct spec *spec)
{
	const char *name = spec->name.text;
	struct strbuf text = {};

	*e = (struct evidence){ .spec = spec, .near.wanted = name,
				.plain = spec->syscall ? spec->syscall : name };
	strbuf_printf(&text, "%s%s", kfuncs_syscall_prefix(), e->plain);
	e->syscall = copy_text(strbuf_cstr(&text));
	strbuf_free(&text);
}

static void evidence_free(struct evidence *e)
{
	near_free(&e->near);
	free(e->syscall);
	free(e->other);
}

/* --- what is said ----------------------------------------------------------------------------- */

/* What the kernel calls it now, or NULL. */
static const char *find_rename(const struct evidence *e)
{
	char event[128], *colon;

	for (size_t i = 0; i < RENAMES; i++) {
		if (strcmp(renames[i].old, e->spec->name.text))
			continue;
		if (strncmp(renames[i].now, "t:", 2)) {
			if (e->renamed[i] && is_traceable(renames[i].now))
				return renames[i].now;
			continue;
		}
		strncpy(event, renames[i].now + 2, sizeof(event) - 1);
		event[sizeof(event) - 1] = '\0';
		colon = strchr(event, ':');
		if (colon)
			*colon = '/';
		if (kernel_tracepoint_id(event) >= 0)
			return renames[i].now;
	}
	return NULL;
}

static void add_suggestion(struct strbuf *text, const struct evidence *e)
{
	const char *rename = find_rename(e);

	if (rename)
		strbuf_printf(text, "; did you mean %s?", rename);
	else if (e->code)
		return;
	else if (e->is_syscall && !e->spec->syscall)
		strbuf_printf(text, "; did you mean the system call, ksyscall:%s?", e->plain);
	else if (!near_ask(&e->near, "", text) && e->containing)
		strbuf_printf(text, "; %zu have it in their names: '*%s*'", e->containing,
			      e->plain);
}

static void say_name(const struct evidence *e)
{
	const struct spec *spec = e->spec;
	struct strbuf text = {};

	/* What was found by another spelling, or can be traced: whoever tried it knows more. */
	if (spec->found && (!e->code || is_traceable(spec->name.text)))
		return;
	if (e->code && e->other)
		strbuf_printf(&text, "it is in module %s, [%s]:%s", e->other, e->other,
			      spec->name.text);
	else if (e->code)
		strbuf_str(&text, "it is there, but the kernel offers no way to trace it (it is "
			   "notrace or assembly, or inlined into all of its callers)");
	else if (e->startup)
		strbuf_str(&text, "it ran when the system started, and is gone");
	else if (e->data)
		strbuf_str(&text, "it is data, no function");
	else if (spec->syscall)
		strbuf_str(&text, "this kernel has no such system call");
	else
		strbuf_str(&text, "this kernel has no such function");
	if (!e->other && !e->startup && !e->data)
		add_suggestion(&text, e);
	diag("%s: %s", spec->text, strbuf_cstr(&text));
	strbuf_free(&text);
}

static void say_wild(const struct evidence *e)
{
	if (e->matching)
		diag("%s: %zu of the kernel's symbols match, but none of them can be traced",
		     e->spec->text, e->matching);
	else
		diag("%s: no function of this kernel matches%s", e->spec->text,
		     pattern_reminder(&e->spec->name));
}

/* What has been left out for a reason needs no more evidence. */
static bool say_skipped(const struct spec *spec, const struct targets *t)
{
	bool said = false;

	for (size_t i = 0; i < t->skip_count; i++) {
		const char *name = t->skipped[i].name;
		const char *plain = spec_syscall(name);

		if (!pattern_match(&spec->name, name) &&
		    !(plain && spec->syscall && !strcmp(plain, spec->syscall)))
			continue;
		if (said) {
			diag("%s: and more of them (-v)", spec->text);
			break;
		}
		diag("%s: %s", name, t->skipped[i].reason);
		said = true;
	}
	return said;
}

void khints_explain(const struct spec *spec, const struct targets *t)
{
	struct evidence e;

	if (spec->found ? spec->name.wild : say_skipped(spec, t))
		return; /* of many that were found and refused there is nothing to say */
	evidence_init(&e, spec);
	if (!evidence_symbols(&e))
		diag("%s: nothing is known of it: %s cannot be read", spec->text,
		     klist_file(KLIST_SYMBOLS));
	else if (spec->module && !e.module && !e.other)
		diag("%s: module %s is not loaded, or has no functions", spec->text, spec->module);
	else if (spec->name.wild)
		say_wild(&e);
	else
		say_name(&e);
	evidence_free(&e);
}
