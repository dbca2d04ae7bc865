// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/demangle.h"
#include "probe/elfdebug.h"
#include "probe/elfsyms.h"
#include "probe/near.h"
#include "probe/ifunc.h"
#include "probe/uinsn.h"

/* --- where the names are -------------------------------------------------------------------- */

/* The first table of this type; a file has one. */
static bool table_add(struct elfsyms *s, Elf *elf, uint32_t type)
{
	struct elfsyms_table *table = &s->table[s->tables];
	Elf_Scn *section = NULL;
	GElf_Shdr h;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &h) || h.sh_type != type)
			continue;
		table->data = elffile_data(section);
		if (!table->data || !h.sh_entsize)
			return false;
		table->elf = elf;
		table->names = h.sh_link;
		table->count = table->data->d_size / gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
		s->tables++;
		return true;
	}
	return false;
}

void elfsyms_open(struct elfsyms *s, const struct elffile *f)
{
	*s = (struct elfsyms){ .file = f, .debug.fd = -1 };
	table_add(s, f->elf, SHT_DYNSYM);
	if (table_add(s, f->elf, SHT_SYMTAB))
		return;
	if (!elfdebug_open(f, &s->debug) && table_add(s, s->debug.elf, SHT_SYMTAB))
		return;
	/* The mini form is a part of what the others have. */
	if (!elfdebug_unpack(f, &s->packed, &s->packed_image) &&
	    table_add(s, s->packed, SHT_SYMTAB))
		return;
	s->stripped = true;
}

void elfsyms_close(struct elfsyms *s)
{
	elffile_close(&s->debug);
	elf_end(s->packed);
	free(s->packed_image);
	*s = (struct elfsyms){ .debug.fd = -1 };
}

/* --- what is looked for --------------------------------------------------------------------- */

struct found {
	const char *name;     /* in the table's text */
	const char *reason;   /* why it cannot be used, or NULL */
	uint64_t offset;      /* or the address, if there is a reason */
	uint64_t begin;	      /* as struct target has it */
	uint64_t size;	      /* for elfsyms_list() */
	unsigned char weight; /* of names of one place the lightest is shown */
};

struct search {
	const struct elfsyms *symbols;
	const struct elfsyms_wanted *wanted;
	struct found *found;
	size_t count, room;
	struct strbuf plain, readable; /* forms of a name */
	void *loaded;		       /* the file, as it is in this process */
	bool loaded_asked;
	uint64_t *choosers; /* wildcards: addresses of what chooses among implementations */
	size_t chooser_count, chooser_room;
};

static void found_add(struct search *s, const struct found *found)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->found = reallocarray(s->found, s->room, sizeof(*s->found));
		if (!s->found)
			diag_no_memory();
	}
	s->found[s->count++] = *found;
}

static void chooser_add(struct search *s, uint64_t address)
{
	if (s->chooser_count == s->chooser_room) {
		s->chooser_room = s->chooser_room ? s->chooser_room * 2 : 64;
		s->choosers = reallocarray(s->choosers, s->chooser_room, sizeof(*s->choosers));
		if (!s->choosers)
			diag_no_memory();
	}
	s->choosers[s->chooser_count++] = address;
}

static int address_compare(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

	return (one > two) - (one < two);
}

/* strlen_ifunc is called once, when a program starts, and nobody means it by str*. */
static bool is_chooser(const struct search *s, uint64_t address)
{
	return s->chooser_count && bsearch(&address, s->choosers, s->chooser_count,
					   sizeof(address), address_compare);
}

/* The first bytes of a name; a copy is valid until the next one. */
static const char *name_cut(struct search *s, const char *name, size_t size)
{
	if (!name[size])
		return name;
	strbuf_clear(&s->plain);
	strbuf_add(&s->plain, name, size);
	return strbuf_cstr(&s->plain);
}

/* Without what compilers put behind it: the size of f in f.isra.0 and f.constprop.1.part.0 */
static size_t name_base(const char *name)
{
	static const char *const suffixes[] = { ".isra.", ".constprop.", ".part.", ".lto_priv.",
						".llvm." };
	const char *end = name + strcspn(name, "@");

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *at = strstr(name, suffixes[i]);

		if (at && at > name && at < end)
			end = at;
	}
	return end - name;
}

/* f.cold, f.part.0.cold, and older compilers' f.cold.1 */
static bool name_is_cold(const char *name)
{
	const char *at = strstr(name, ".cold");

	return at && (!at[5] || at[5] == '.');
}

static bool form_matches(struct search *s, const char *name)
{
	const struct pattern *p = s->wanted->name;

	if (pattern_match(p, name))
		return true;
	if (!demangle_may(name))
		return false;
	if (demangle(name, false, &s->readable) && pattern_match(p, strbuf_cstr(&s->readable)))
		return true;
	return p->text && strchr(p->text, '(') && demangle(name, true, &s->readable) &&
	       pattern_match(p, strbuf_cstr(&s->readable));
}

static bool name_matches(struct search *s, const char *name)
{
	size_t size = strcspn(name, "@."), base;

	if (!size) /* no name at all, or a compiler's local label */
		return false;
	if (!name[size])
		return form_matches(s, name);
	size += strcspn(name + size, "@");
	if (form_matches(s, name_cut(s, name, size)))
		return !name_is_cold(name);
	base = name_base(name);
	return base < size && !name_is_cold(name) && form_matches(s, name_cut(s, name, base));
}

/* puts before _IO_puts, names that others can see before those of one object file. */
static unsigned char name_weight(const char *name, const GElf_Sym *symbol)
{
	size_t underscores = demangle_may(name) ? 0 : strspn(name, "_");
	int bind = GELF_ST_BIND(symbol->st_info);

	if (underscores > 15)
		underscores = 15;
	return (bind == STB_LOCAL) << 7 | underscores << 1 | (bind == STB_WEAK);
}

/* --- from a symbol to its place ------------------------------------------------------------- */

static const char *implementation_find(struct search *s, struct found *found)
{
	const struct elffile *f = s->symbols->file;
	const char *name = name_cut(s, found->name, strcspn(found->name, "@"));

	if (!s->loaded_asked)
		s->loaded = ifunc_loaded(f);
	s->loaded_asked = true;
	return ifunc_resolve(f, s->loaded, name, &found->offset);
}

static void symbol_locate(struct search *s, const GElf_Sym *symbol, struct found *found)
{
	const struct elffile *f = s->symbols->file;
	uint64_t plus = s->wanted->plus, address = symbol->st_value + plus;

	found->offset = symbol->st_value;
	found->begin = GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC ? 0 : symbol->st_value;
	if (!elffile_offset(f, symbol->st_value, PF_X, &found->offset))
		found->reason = "the file has no code there";
	else if (GELF_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC)
		found->reason = plus ? "it has several implementations (IFUNC), and an offset is "
				       "of one of them: name that" :
				       implementation_find(s, found);
	else if ((symbol->st_size && plus >= symbol->st_size) || address < plus ||
		 !elffile_offset(f, address, PF_X, &found->offset))
		found->reason = "it ends before that offset";
	if (!found->reason)
		found->reason = uinsn_refuse(f, found->offset, plus ? NULL : &found->offset);
}

/* False: it is no function of this file. */
static bool function_read(const struct elfsyms_table *table, size_t i, GElf_Sym *symbol,
			  const char **name)
{
	int type;

	if (!gelf_getsym(table->data, i, symbol))
		return false;
	type = GELF_ST_TYPE(symbol->st_info);
	if ((type != STT_FUNC && type != STT_GNU_IFUNC) || !symbol->st_value ||
	    symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS)
		return false;
	*name = elf_strptr(table->elf, table->names, symbol->st_name);
	return *name;
}

static void choosers_find(struct search *s)
{
	for (int n = 0; n < s->symbols->tables; n++) {
		const struct elfsyms_table *table = &s->symbols->table[n];

		for (size_t i = 1; i < table->count; i++) {
			const char *name;
			GElf_Sym symbol;

			if (function_read(table, i, &symbol, &name) &&
			    GELF_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC)
				chooser_add(s, symbol.st_value);
		}
	}
	if (s->chooser_count)
		qsort(s->choosers, s->chooser_count, sizeof(*s->choosers), address_compare);
}

static void table_search(struct search *s, const struct elfsyms_table *table)
{
	for (size_t i = 1; i < table->count; i++) {
		struct found found = {};
		GElf_Sym symbol;

		if (!function_read(table, i, &symbol, &found.name) || !name_matches(s, found.name))
			continue;
		if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && is_chooser(s, symbol.st_value))
			continue;
		found.weight = name_weight(found.name, &symbol);
		symbol_locate(s, &symbol, &found);
		found_add(s, &found);
	}
}

static void tables_search(struct search *s)
{
	for (int i = 0; i < s->symbols->tables; i++)
		table_search(s, &s->symbols->table[i]);
}

/* --- from places to targets ----------------------------------------------------------------- */

static bool same_place(const struct found *a, const struct found *b)
{
	return a->offset == b->offset && a->reason == b->reason;
}

static int found_compare(const void *one, const void *two)
{
	const struct found *a = one, *b = two;
	size_t a_size, b_size;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight - b->weight;
	a_size = strlen(a->name);
	b_size = strlen(b->name);
	return a_size != b_size ? (a_size < b_size ? -1 : 1) : strcmp(a->name, b->name);
}

static const char *shown_text(struct search *s, struct targets *t, const char *name)
{
	size_t size = strcspn(name, "@");

	if (demangle(name_cut(s, name, size), true, &s->readable))
		return targets_text(t, s->readable.data, s->readable.size);
	return targets_text(t, name, size);
}

size_t elfsyms_match(const struct elfsyms *symbols, const struct elfsyms_wanted *w,
		     struct targets *t)
{
	const char *path = targets_text(t, symbols->file->path, strlen(symbols->file->path));
	const char *shown = targets_text(t, symbols->file->shown, strlen(symbols->file->shown));
	struct search s = { .symbols = symbols, .wanted = w };
	size_t before = t->count;

	if (w->name->wild)
		choosers_find(&s);
	tables_search(&s);
	if (!s.count && s.chooser_count) { /* just what chooses: "*_ifunc" means it */
		s.chooser_count = 0;
		tables_search(&s);
	}
	if (s.count)
		qsort(s.found, s.count, sizeof(*s.found), found_compare);
	for (size_t i = 0; i < s.count; i++) {
		const struct found *found = &s.found[i];
		struct target *target;
		const char *name;

		if (i && same_place(&found[-1], found))
			continue;
		name = shown_text(&s, t, found->name);
		if (found->reason) {
			targets_skip(t, name, found->reason);
			continue;
		}
		target = targets_add(t, TARGET_USER);
		target->name = name;
		target->symbol = targets_text(t, found->name, strcspn(found->name, "@"));
		target->path = path;
		target->shown = shown;
		target->offset = found->offset;
		target->plus = w->plus;
		target->begin = found->begin;
		target->ret = w->ret;
	}
	free(s.choosers);
	free(s.found);
	strbuf_free(&s.plain);
	strbuf_free(&s.readable);
	return t->count - before;
}

/* --- no match ------------------------------------------------------------------------------- */

/* A name that matches and is only used here: some library's. */
static const char *import_find(struct search *s)
{
	const struct elfsyms_table *table = &s->symbols->table[0];
	GElf_Sym symbol;

	for (size_t i = 1; s->symbols->tables && i < table->count; i++) {
		const char *name;

		if (!gelf_getsym(table->data, i, &symbol))
			break;
		if (symbol.st_shndx != SHN_UNDEF)
			continue;
		name = elf_strptr(table->elf, table->names, symbol.st_name);
		if (!name || !name_matches(s, name))
			continue;
		name = name_cut(s, name, strcspn(name, "@"));
		return demangle(name, true, &s->readable) ? strbuf_cstr(&s->readable) : name;
	}
	return NULL;
}

/* "; did you mean strlen?" */
static bool near_add(struct search *s, struct strbuf *out)
{
	struct near near = { .wanted = s->wanted->name->text };
	GElf_Sym symbol;
	bool any;

	for (int n = 0; n < s->symbols->tables; n++) {
		const struct elfsyms_table *table = &s->symbols->table[n];

		for (size_t i = 1; i < table->count && gelf_getsym(table->data, i, &symbol); i++) {
			const char *name = elf_strptr(table->elf, table->names, symbol.st_name);

			if (name && symbol.st_shndx != SHN_UNDEF &&
			    (GELF_ST_TYPE(symbol.st_info) == STT_FUNC ||
			     GELF_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC))
				near_offer(&near, name_cut(s, name, strcspn(name, "@")));
		}
	}
	any = near_ask(&near, "", out);
	near_free(&near);
	return any;
}

void elfsyms_explain(const struct elfsyms *symbols, const struct elfsyms_wanted *w,
		     struct strbuf *out)
{
	struct search s = { .symbols = symbols, .wanted = w };
	/* What a wildcard matches of these says little, if most names are missing. */
	const char *import = symbols->stripped && w->name->wild ? NULL : import_find(&s);

	if (strchr(w->name->text, '@'))
		strbuf_str(out, ": names have no version (@...) here");
	else if (!import && !w->name->wild && near_add(&s, out))
		;
	else if (import)
		strbuf_printf(out, ": %s comes from a library: name that one", import);
	else if (symbols->stripped && symbols->tables)
		strbuf_str(out, ": it is stripped and its debug symbols are not installed, so only "
				"what it exports is known");
	else if (symbols->stripped)
		strbuf_str(out, ": it is stripped and its debug symbols are not installed");
	strbuf_free(&s.plain);
	strbuf_free(&s.readable);
}

/* --- all of them ---------------------------------------------------------------------------- */

/* What assembly has no size of ends where its section does, if nothing else begins before. */
static uint64_t code_size(const struct elfsyms_table *table, const GElf_Sym *symbol)
{
	uint64_t at;
	GElf_Shdr h;

	if (symbol->st_size)
		return symbol->st_size;
	if (!gelf_getshdr(elf_getscn(table->elf, symbol->st_shndx), &h) ||
	    symbol->st_value < h.sh_addr)
		return 1;
	at = symbol->st_value - h.sh_addr;
	return at < h.sh_size ? h.sh_size - at : 1;
}

static void table_list(struct search *s, const struct elfsyms_table *table)
{
	for (size_t i = 1; i < table->count && s->count < ELFSYMS_MOST; i++) {
		struct found found = {};
		GElf_Sym symbol;

		if (!function_read(table, i, &symbol, &found.name) || !strcspn(found.name, "@.") ||
		    !elffile_offset(s->symbols->file, symbol.st_value, PF_X, &found.offset))
			continue;
		found.weight = name_weight(found.name, &symbol);
		found.size = code_size(table, &symbol);
		found_add(s, &found);
	}
}

void elfsyms_list(const struct elfsyms *symbols, struct symtab *out)
{
	struct search s = { .symbols = symbols };

	for (int i = 0; i < symbols->tables; i++)
		table_list(&s, &symbols->table[i]);
	if (s.count)
		qsort(s.found, s.count, sizeof(*s.found), found_compare);
	for (size_t i = 0; i < s.count; i++) {
		const struct found *f = &s.found[i];

		if (!i || !same_place(&f[-1], f))
			symtab_add(out, f->offset, f->size < UINT32_MAX ? f->size : UINT32_MAX,
				   f->name, strcspn(f->name, "@"));
	}
	free(s.found);
	symtab_finish(out, SYMTAB_FIRST);
	symtab_shrink(out);
}
