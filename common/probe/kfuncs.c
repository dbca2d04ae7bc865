// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/kfuncs.h"
#include "probe/khints.h"
#include "probe/klist.h"
#include "probe/kplaces.h"
#include "probe/krisk.h"
#include "strbuf.h"

/* How well a name fits; of what a specification finds only the best is taken. */
enum rank {
	RANK_NONE,
	RANK_PART,    /* f.part.0: what is left of f where its beginning went into the callers */
	RANK_NAME,    /* also f.isra.0 and the like, which are called in f's place */
	RANK_SYSCALL, /* sys_f, spelt as this kernel does */
};

struct want {
	struct spec *spec;
	struct pattern syscall; /* this kernel's spelling; text NULL: it is no system call */
	size_t size;		/* of the name, if it has no wildcards */
	enum rank best;
	const char *successor;	/* khints: what might be meant as well */
	bool succeeded;		/* and it is there */
};

struct search {
	struct want *wants;
	size_t want_count;
	bool any_wild, any_exact;
	size_t prefix;		/* so much of the first name is what all are looked for by */
	struct kplaces places;	/* their groups: the numbers of wants */
	struct targets *to;
};

/* --- names ----------------------------------------------------------------------------------- */

const char *kfuncs_syscall_prefix(void)
{
#if defined(__x86_64__)
	return "__x64_sys_";
#elif defined(__i386__)
	return "__ia32_sys_";
#elif defined(__aarch64__)
	return "__arm64_sys_";
#elif defined(__riscv)
	return "__riscv_sys_";
#elif defined(__s390x__)
	return "__s390x_sys_";
#else
	return "sys_";
#endif
}

/* ".isra.0" -> what follows, NULL: it is none of the compiler's. */
static const char *suffix_skip(const char *at, bool *part, bool *cold)
{
	static const char *const numbered[] = { ".isra.", ".constprop.", ".part.", ".llvm." };

	if (!strncmp(at, ".cold", 5)) {
		*cold = true;
		at += 5;
		return at + (*at == '.' && isdigit((unsigned char)at[1]) ?
			     1 + strspn(at + 1, "0123456789") : 0);
	}
	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
		size_t size = strlen(numbered[i]);

		if (strncmp(at, numbered[i], size) || !isdigit((unsigned char)at[size]))
			continue;
		*part |= i == 2;
		return at + size + strspn(at + size, "0123456789");
	}
	return NULL;
}

static enum rank suffix_rank(const char *suffix)
{
	bool part = false, cold = false;

	while (suffix && *suffix)
		suffix = suffix_skip(suffix, &part, &cold);
	return !suffix || cold ? RANK_NONE : part ? RANK_PART : RANK_NAME;
}

bool kfuncs_is_suffix(const char *suffix)
{
	bool part = false, cold = false;

	while (suffix && *suffix)
		suffix = suffix_skip(suffix, &part, &cold);
	return suffix;
}

bool kfuncs_is_function(const char *name)
{
	static const char *const beginnings[] = {
		"__pfx_", "__cfi_",				/* room before functions */
		"__SCT__", "__SCK__",				/* static calls */
		"__traceiter_", "__probestub_", "__bpf_trace_",	/* made for each tracepoint */
		"__ftrace_invalid_address__",			/* replaced, weak ones (6.0) */
	};
	const char *cold;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]) && name[0] == '_'; i++) {
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return false;
	}
	cold = strstr(name, ".cold");
	return !cold || (cold[5] && cold[5] != '.');
}

/* --- matching -------------------------------------------------------------------------------- */

/* The name without what the compiler added: "vfs_?ead" means vfs_read.isra.0 too. */
static bool base_matches(const struct pattern *p, const char *name)
{
	const char *dot = pattern_begins(p, name) ? strchr(name, '.') : NULL;
	bool yes;
	char *base;

	if (!dot || dot == name || suffix_rank(dot) != RANK_NAME)
		return false;
	base = strndup(name, dot - name);
	if (!base)
		diag_no_memory();
	yes = pattern_match(p, base);
	free(base);
	return yes;
}

static enum rank want_rank(const struct want *w, const char *name, const char *module)
{
	const struct pattern *p = &w->spec->name;

	if (w->spec->module && (!module || strcmp(w->spec->module, module)))
		return RANK_NONE;
	if (w->syscall.text && pattern_match(&w->syscall, name))
		return RANK_SYSCALL;
	if (p->wild)
		return (pattern_match(p, name) || base_matches(p, name)) &&
		       kfuncs_is_function(name) ? RANK_NAME : RANK_NONE;
	if (strncmp(name, p->text, w->size))
		return RANK_NONE;
	return suffix_rank(name + w->size);
}

/* Modules are few: the newest one's name serves most lines. */
static const char *module_text(struct search *s, const char *module)
{
	size_t count = s->places.count;
	const char *last = count ? s->places.list[count - 1].module : NULL;

	if (!module || (last && !strcmp(last, module)))
		return module ? last : NULL;
	return targets_text(s->to, module, strlen(module));
}

/* Adds a symbol for all that want it among the wild ones, or the exact ones. */
static void symbol_take(struct search *s, const struct klist_symbol *sym, bool wild)
{
	const char *name = NULL, *module = NULL;

	for (size_t i = 0; i < s->want_count; i++) {
		struct want *w = &s->wants[i];
		enum rank rank = w->spec->name.wild == wild ?
				 want_rank(w, sym->name, sym->module) : RANK_NONE;

		if (rank == RANK_NONE)
			continue;
		if (!name) {
			name = targets_text(s->to, sym->name, strlen(sym->name));
			module = module_text(s, sym->module);
		}
		if (rank > w->best)
			w->best = rank;
		*kplaces_add(&s->places) = (struct kplace){
			.name = name, .module = module, .address = klist_address(sym),
			.group = i, .rank = rank,
		};
	}
}

/* What all names that are wanted begin with. */
static size_t prefix_common(const struct search *s)
{
	const struct pattern *first = &s->wants[0].spec->name;
	size_t size = first->prefix;

	for (size_t i = 0; i < s->want_count; i++) {
		const struct pattern *p = &s->wants[i].spec->name;
		size_t same = 0;

		while (same < size && same < p->prefix && p->text[same] == first->text[same])
			same++;
		size = s->wants[i].syscall.text ? 0 : same;
	}
	return size;
}

/* --- what ftrace lists ----------------------------------------------------------------------- */

/* Returns how many lines there were, or -errno. */
static ssize_t take_listed(struct search *s, enum klist_kind kind)
{
	struct klist_symbol sym;
	struct klist list;
	ssize_t lines = 0;
	int err = klist_open(&list, kind);

	if (err)
		return err;
	if (s->prefix)
		klist_only(&list, s->wants[0].spec->name.text, s->prefix);
	for (; klist_next(&list, &sym); lines++)
		symbol_take(s, &sym, true);
	klist_close(&list);
	for (size_t i = 0; i < s->places.count; i++) {
		s->places.list[i].hook = s->places.list[i].address;
		s->places.list[i].address = 0;
	}
	return lines;
}

/* --- where tracefs is closed: symbols that BTF calls functions --------------- */

struct names {
	const char **name; /* sorted */
	size_t count;
};

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct btf *names_load(struct names *n)
{
	struct btf *btf = btf__load_vmlinux_btf();
	__u32 types;

	if (libbpf_get_error(btf))
		return NULL;
	types = btf__type_cnt(btf);
	n->name = malloc(types * sizeof(*n->name));
	if (!n->name)
		diag_no_memory();
	for (__u32 id = 1; id < types; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_func(t))
			n->name[n->count++] = btf__name_by_offset(btf, t->name_off);
	}
	qsort(n->name, n->count, sizeof(*n->name), name_compare);
	return btf;
}

/* BTF has the name without what the compiler added. */
static bool names_have(const struct names *n, char *name)
{
	char *dot = strchr(name, '.');
	const char *base = name;
	bool found;

	if (dot && kfuncs_is_suffix(dot))
		*dot = '\0';
	else
		dot = NULL;
	found = bsearch(&base, n->name, n->count, sizeof(*n->name), name_compare);
	if (dot)
		*dot = '.';
	return found;
}

/* --- symbols --------------------------------------------------------------------------------- */

static void successors_check(struct search *s, const char *name)
{
	for (size_t i = 0; i < s->want_count; i++) {
		if (s->wants[i].successor && !strcmp(s->wants[i].successor, name))
			s->wants[i].succeeded = true;
	}
}

static bool any_wild_wants(const struct search *s, const struct klist_symbol *sym)
{
	for (size_t i = 0; i < s->want_count; i++) {
		if (s->wants[i].spec->name.wild &&
		    want_rank(&s->wants[i], sym->name, sym->module) != RANK_NONE)
			return true;
	}
	return false;
}

/* Another name of the function before: functions whose code is the same are one. */
static bool is_alias(const struct klist_symbol *sym, uint64_t *last)
{
	uint64_t before = *last;

	*last = klist_address(sym);
	return before && before == *last;
}

enum wild_from { WILD_DONE, WILD_LISTED, WILD_SYMBOLS };

/* Code that is there, and is no BPF program or trampoline. */
static bool is_code(const struct klist_symbol *sym)
{
	return sym->function && !sym->startup &&
	       !(sym->module && (sym->module[0] == '_' || !strcmp(sym->module, "bpf")));
}

static int take_symbols(struct search *s, enum wild_from wild)
{
	struct names names = {};
	struct klist_symbol sym;
	struct btf *btf = NULL;
	struct klist list;
	uint64_t last = 0;
	int err = klist_open(&list, KLIST_SYMBOLS);

	if (err)
		return err;
	if (s->prefix)
		klist_only(&list, s->wants[0].spec->name.text, s->prefix);
	if (wild == WILD_SYMBOLS)
		btf = names_load(&names);
	while (!kplaces_complete(&s->places) && klist_next(&list, &sym)) {
		if (!is_code(&sym))
			continue;
		if (s->any_exact) {
			symbol_take(s, &sym, false);
			successors_check(s, sym.name);
		}
		if (wild == WILD_LISTED && any_wild_wants(s, &sym))
			kplaces_locate(&s->places, &sym);
		else if (wild == WILD_SYMBOLS && any_wild_wants(s, &sym) &&
			 (!btf || sym.module || names_have(&names, sym.name)) &&
			 !is_alias(&sym, &last))
			symbol_take(s, &sym, true);
	}
	klist_close(&list);
	free(names.name);
	btf__free(btf);
	return 0;
}

/* No list at all: a name may still be right, and the kernel can look it up when it is probed. */
static void take_unseen(struct search *s)
{
	for (size_t i = 0; i < s->want_count; i++) {
		struct want *w = &s->wants[i];
		struct kplace c = { .name = w->syscall.text, .group = i, .rank = RANK_SYSCALL };

		if (w->spec->name.wild)
			continue;
		if (!c.name) {
			c.name = w->spec->name.text;
			c.rank = RANK_NAME;
		}
		c.name = targets_text(s->to, c.name, strlen(c.name));
		c.module = w->spec->module ? targets_text(s->to, w->spec->module,
							  strlen(w->spec->module)) : NULL;
		w->best = c.rank;
		*kplaces_add(&s->places) = c;
	}
}

/* --- what is taken --------------------------------------------------------------------------- */

/* What the kernel refuses, sorted. The names are freed with the targets. */
static void refused_load(struct names *n, struct targets *to)
{
	struct klist_symbol sym;
	struct klist list;
	size_t room = 0;

	if (klist_open(&list, KLIST_REFUSED))
		return;
	while (klist_next(&list, &sym)) {
		if (n->count == room) {
			room = room ? room * 2 : 1024;
			n->name = reallocarray(n->name, room, sizeof(*n->name));
			if (!n->name)
				diag_no_memory();
		}
		n->name[n->count++] = targets_text(to, sym.name, strlen(sym.name));
	}
	klist_close(&list);
	if (n->count)
		qsort(n->name, n->count, sizeof(*n->name), name_compare);
}

/* Says that a name means another one here, and that another one may be meant. */
static void want_tell(const struct want *w, const struct kplace *c)
{
	const char *asked = w->spec->name.text;

	if (w->spec->name.wild || !strcmp(asked, c->name))
		return;
	if (c->rank == RANK_SYSCALL)
		diag_verbose("%s: on this kernel it is %s", w->spec->text, c->name);
	else
		diag("%s: this kernel has %s in its place, %s", asked, c->name,
		     c->rank == RANK_PART ? "the part of it that did not go into its callers" :
		     "made by the compiler from it: the arguments can be others");
}

static void places_accept(struct search *s, bool force)
{
	static const char refused_why[] = "the kernel takes no probes there";
	struct names refused = {};

	if (s->places.count)
		refused_load(&refused, s->to);
	for (size_t i = 0; i < s->places.count; i++) {
		const struct kplace *c = &s->places.list[i];
		struct want *want = &s->wants[c->group];
		struct spec *spec = want->spec;
		const char *why = NULL;
		struct target *t;

		if (c->rank < (int)want->best)
			continue;
		if (refused.count && bsearch(&c->name, refused.name, refused.count,
					     sizeof(*refused.name), name_compare))
			why = refused_why;
		if (!why)
			why = krisk_find(c->name, spec, force);
		if (why) {
			targets_skip(s->to, c->name, why);
			continue;
		}
		want_tell(want, c);
		t = targets_add(s->to, TARGET_KERNEL);
		t->ret = spec->ret;
		t->name = c->name;
		t->module = c->module;
		t->address = c->address;
		t->unsure = s->places.as_listed;
		t->offset = spec->offset;
		spec->found++;
	}
	for (size_t i = 0; i < s->want_count; i++) {
		if (s->wants[i].succeeded && s->wants[i].spec->found)
			diag("%s is there, but on kernels with %s the work goes past it; "
			     "did you mean %s?", s->wants[i].spec->name.text,
			     s->wants[i].successor, s->wants[i].successor);
	}
	free(refused.name);
}

/* --- start ----------------------------------------------------------------------------------- */

static void want_init(struct want *w, struct spec *spec, bool regex)
{
	struct strbuf name = {};

	*w = (struct want){ .spec = spec, .size = strlen(spec->name.text) };
	if (!spec->name.wild)
		w->successor = khints_bypass(spec->name.text);
	if (!spec->syscall)
		return;
	strbuf_printf(&name, "%s%s", kfuncs_syscall_prefix(), spec->syscall);
	pattern_set(&w->syscall, strbuf_cstr(&name), regex);
	strbuf_free(&name);
}

static void search_init(struct search *s, struct spec *specs, size_t count)
{
	s->wants = calloc(count + 1, sizeof(*s->wants));
	if (!s->wants)
		diag_no_memory();
	for (size_t i = 0; i < count; i++) {
		if (specs[i].kind != SPEC_KERNEL)
			continue;
		want_init(&s->wants[s->want_count++], &specs[i], specs[i].name.regex);
		s->any_wild |= specs[i].name.wild;
		s->any_exact |= !specs[i].name.wild;
	}
}

static void search_free(struct search *s)
{
	for (size_t i = 0; i < s->want_count; i++)
		pattern_free(&s->wants[i].syscall);
	free(s->wants);
	kplaces_free(&s->places);
}

/*
 * Names do where kprobe.multi can look them up by itself: those of modules, too (6.2), and nothing
 * that cannot be traced. The list of hooks is newer (6.5), so it tells. Of namesakes there have to
 * be addresses, and they may be of some that cannot be traced: then the kernel refuses them, and
 * kfuncs_locate() knows better.
 */
static bool names_do(struct search *s)
{
	struct klist list;

	if (s->any_exact || klist_open(&list, KLIST_HOOKS))
		return false;
	klist_close(&list);
	s->prefix = prefix_common(s);
	if (take_listed(s, KLIST_FUNCTIONS) <= 0) {
		s->prefix = 0; /* to tell whether there is a list at all */
		return false;
	}
	kplaces_sort(&s->places);
	if (kplaces_namesakes(&s->places))
		take_symbols(s, WILD_LISTED);
	return true;
}

/* -errno only if nothing could be read that the wildcards need. */
static int places_find(struct search *s)
{
	enum wild_from wild = WILD_DONE;
	ssize_t lines = 1;
	int err = 0;

	if (s->any_wild && names_do(s))
		return 0;
	if (s->any_wild) {
		lines = take_listed(s, KLIST_HOOKS);
		if (lines <= 0)
			lines = take_listed(s, KLIST_FUNCTIONS);
		wild = lines > 0 ? WILD_LISTED : WILD_SYMBOLS;
	}
	if (wild == WILD_LISTED) {
		kplaces_sort(&s->places);
		kplaces_unite(&s->places);
	}
	if (s->any_exact || wild != WILD_DONE)
		err = take_symbols(s, wild);
	if (err)
		take_unseen(s);
	if (!err || wild != WILD_SYMBOLS)
		return 0;
	diag_errno(lines < 0 ? lines : -ENODATA, "cannot list the kernel's functions: %s",
		   klist_file(KLIST_FUNCTIONS));
	diag_errno(err, "cannot list the kernel's functions: %s", klist_file(KLIST_SYMBOLS));
	return err;
}

int kfuncs_match(struct spec *specs, size_t count, bool force, struct targets *to)
{
	struct search s = { .to = to };
	int err = 0;

	search_init(&s, specs, count);
	if (s.want_count)
		err = places_find(&s);
	if (!err)
		places_accept(&s, force);
	search_free(&s);
	return err;
}

/* --- addresses of what was found by name ------------------------------------------------------- */

static void unsure_add(struct kplaces *places, const struct targets *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct target *target = &t->list[i];

		if (target->unsure)
			*kplaces_add(places) = (struct kplace){
				.name = target->name, .module = target->module,
				.group = target->slot, .index = i,
			};
	}
	kplaces_sort(places);
}

bool kfuncs_locate(struct targets *t)
{
	struct kplaces places = {};
	struct klist_symbol sym;
	struct klist list;

	unsure_add(&places, t);
	if (!places.count)
		return false;
	places.as_listed = klist_open(&list, KLIST_HOOKS);
	while (!places.as_listed && klist_next(&list, &sym))
		kplaces_hook(&places, &sym);
	klist_close(&list);
	if (!klist_open(&list, KLIST_SYMBOLS)) {
		while (klist_next(&list, &sym)) {
			if (is_code(&sym))
				kplaces_locate(&places, &sym);
		}
		klist_close(&list);
	}
	for (size_t i = 0; i < places.sorted; i++) {
		struct target *target = &t->list[places.list[i].index];

		target->address = places.list[i].address;
		target->unsure = false;
	}
	kplaces_free(&places);
	return true;
}
