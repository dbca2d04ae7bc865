// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "diag.h"
#include "probe/klist.h"
#include "probe/ksyms.h"

/* On x86 before 6.15 variables of each CPU are symbols, too, counted from 0. They would be the
 * names of NULL pointers. */
#define ADDRESS_LEAST (16u << 20)

/* What lies farther behind a symbol is something else: no function is as large. */
#define OFFSET_MOST (1u << 20)

/* Marks of compilers and linkers: the padding before each function (6.2), and what is data
 * between code (arm64, riscv). */
static bool name_is_mark(const char *name)
{
	return name[0] == '$' || !strncmp(name, "__pfx_", 6) || !strncmp(name, "__cfi_", 6) ||
	       !strncmp(name, ".L", 2);
}

struct reading {
	struct ksyms *k;
	char module[64]; /* of the last symbol; those of one module come in a row */
	uint32_t module_text;
	bool hidden; /* there were symbols, but no addresses */
};

static uint32_t module_text(struct reading *r, const char *module)
{
	if (!module)
		return 0;
	if (!r->module_text || strcmp(r->module, module)) {
		snprintf(r->module, sizeof(r->module), "%s", module);
		r->module_text = symtab_text(&r->k->table, r->module, strlen(r->module));
	}
	return r->module_text;
}

static void symbol_add(struct reading *r, const struct klist_symbol *symbol)
{
	uint64_t address = klist_address(symbol);

	if (!address)
		return;
	r->hidden = false;
	if ((address < ADDRESS_LEAST && !symbol->function) || name_is_mark(symbol->name))
		return;
	symtab_add(&r->k->table, address, module_text(r, symbol->module), symbol->name,
		   strlen(symbol->name));
}

static void symbols_read(struct ksyms *k)
{
	struct reading r = { .k = k, .hidden = true };
	struct klist_symbol symbol;
	struct klist list;
	int err = klist_open(&list, KLIST_SYMBOLS);

	k->read = true;
	if (err) {
		diag_errno(err, "kernel addresses are shown as numbers: cannot read '%s'",
			   klist_file(KLIST_SYMBOLS));
		return;
	}
	symtab_text(&k->table, "", 0); /* so that no module has 0 */
	while (klist_next(&list, &symbol))
		symbol_add(&r, &symbol);
	klist_close(&list);
	symtab_finish(&k->table, SYMTAB_FIRST);
	symtab_shrink(&k->table);
	if (r.hidden)
		diag("kernel addresses are shown as numbers: the kernel hides where its symbols "
		     "are (sysctl kernel.kptr_restrict)");
}

/* Marks of the linker's behind which there is nothing of theirs. */
static bool is_end(const char *name)
{
	static const char *const ends[] = { "_etext", "_end", "_edata", "_einittext", "__bss_stop" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!strcmp(name, ends[i]))
			return true;
	}
	return false;
}

bool ksyms_lookup(struct ksyms *k, uint64_t address, struct ksym *out)
{
	const struct symtab_entry *e;

	*out = (struct ksym){};
	if (!k->read)
		symbols_read(k);
	e = symtab_find(&k->table, address);
	if (!e || address - e->address > OFFSET_MOST)
		return false;
	out->name = symtab_name(&k->table, e);
	if (address > e->address && is_end(out->name)) {
		*out = (struct ksym){};
		return false;
	}
	out->module = e->info ? k->table.text.data + e->info : NULL;
	out->offset = address - e->address;
	return true;
}

bool ksyms_is_program(struct ksyms *k, uint64_t address)
{
	struct ksym found;

	return ksyms_lookup(k, address, &found) && found.module && !strcmp(found.module, "bpf");
}

void ksyms_print(struct ksyms *k, uint64_t address, struct strbuf *out)
{
	struct ksym symbol;

	if (ksyms_lookup(k, address, &symbol))
		strbuf_printf(out, "%s+0x%" PRIx64 " [%s]", symbol.name, symbol.offset,
			      symbol.module ? symbol.module : "kernel");
	else
		strbuf_printf(out, "0x%" PRIx64, address);
}

void ksyms_free(struct ksyms *k)
{
	symtab_free(&k->table);
	*k = (struct ksyms){};
}
