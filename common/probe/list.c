// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "escape.h"
#include "expr/ctype.h"
#include "kernel.h"
#include "probe/list.h"
#include "probe/types.h"
#include "strbuf.h"

/* The kernel's types as libbpf prints them in C. */
struct printer {
	struct btf *btf;
	struct btf_dump *dump;
	struct strbuf *out; /* where the printed text goes */
};

static void print_to(void *context, const char *format, va_list args)
{
	const struct printer *printer = context;

	strbuf_vprintf(printer->out, format, args);
}

static void printer_open(struct printer *printer, struct strbuf *out)
{
	printer->out = out;
	printer->btf = btf__load_vmlinux_btf();
	if (libbpf_get_error(printer->btf))
		printer->btf = NULL;
	if (printer->btf)
		printer->dump = btf_dump__new(printer->btf, print_to, printer, NULL);
}

static void printer_close(struct printer *printer)
{
	btf_dump__free(printer->dump);
	btf__free(printer->btf);
}

/* "TYPE name", as C writes it. */
static void type_add(const struct printer *printer, __u32 id, const char *name)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = name);

	if (id)
		btf_dump__emit_type_decl(printer->dump, id, &opts);
	else
		strbuf_printf(printer->out, "void %s", name);
}

static void prototype_add(const struct printer *printer, const char *function)
{
	char name[256];
	const struct btf_type *t;
	int id;

	/* f.isra.0 may have lost arguments: what is known is f. */
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(function, "."), function);
	id = printer->btf ? btf__find_by_name_kind(printer->btf, name, BTF_KIND_FUNC) : -ENOENT;
	t = id > 0 ? btf__type_by_id(printer->btf, btf__type_by_id(printer->btf, id)->type) : NULL;
	if (!t) {
		strbuf_str(printer->out, "(?)");
		return;
	}
	strbuf_char(printer->out, '(');
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_param *p = &btf_params(t)[i];

		strbuf_str(printer->out, i ? ", " : "");
		if (!p->type && !p->name_off)
			strbuf_str(printer->out, "...");
		else
			type_add(printer, p->type, btf__name_by_offset(printer->btf, p->name_off));
	}
	strbuf_str(printer->out, "): ");
	type_add(printer, t->type, "");
}

/* The lines "field:TYPE name;" but for those that all events have. */
static void fields_add(struct strbuf *out, const char *name)
{
	char path[256], line[512], *colon;
	FILE *file = NULL;
	bool common = true;
	int fd;

	snprintf(path, sizeof(path), "events/%s/format", name);
	colon = strchr(path, ':');
	if (colon)
		*colon = '/';
	fd = kernel_open_tracefs(path);
	if (fd >= 0)
		file = fdopen(fd, "r");
	strbuf_char(out, '(');
	while (file && fgets(line, sizeof(line), file)) {
		const char *field = strstr(line, "field:");

		if (!field || strstr(field, "common_"))
			continue;
		field += strlen("field:");
		strbuf_printf(out, "%s%.*s", common ? "" : ", ", (int)strcspn(field, ";"), field);
		common = false;
	}
	strbuf_char(out, ')');
	if (file)
		fclose(file);
}

/* "(int n, char *s): long", from the file's debug information, if it has any. */
static void user_prototype_add(struct strbuf *out, struct types *types, const struct target *t)
{
	struct ctype_function f;
	struct ctype_param p;

	if (!types_function(types_of(types, t), t, &f))
		return;
	strbuf_char(out, '(');
	for (unsigned int i = 0; ctype_function_param(&f, i, &p); i++) {
		strbuf_str(out, i ? ", " : "");
		ctype_print(p.type, p.name, out);
	}
	strbuf_str(out, "): ");
	ctype_print(f.type->target, NULL, out);
}

static int label_compare(const void *a, const void *b)
{
	const struct target *x = *(const struct target *const *)a;
	const struct target *y = *(const struct target *const *)b;
	int order = strcmp(x->label, y->label);

	if (!order)
		order = (x->slot > y->slot) - (x->slot < y->slot);
	return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

static void line_add(struct strbuf *out, const struct target *t, const struct printer *printer,
		     struct types *types, bool arguments)
{
	escape_text(out, t->label, strlen(t->label), false);
	if (t->module && !arguments)
		strbuf_printf(out, " [%s]", t->module);
	if (arguments && t->kind == TARGET_KERNEL)
		prototype_add(printer, t->name);
	else if (arguments && t->kind == TARGET_TRACEPOINT)
		fields_add(out, t->name);
	else if (arguments && t->kind == TARGET_USER)
		user_prototype_add(out, types, t);
	if (arguments && t->path) {
		strbuf_str(out, "  ");
		escape_text(out, t->shown, strlen(t->shown), false);
		strbuf_printf(out, "+0x%llx", (unsigned long long)t->offset);
	}
	if (arguments && t->arguments)
		strbuf_printf(out, "  %s", t->arguments);
	if (arguments && t->module)
		strbuf_printf(out, " [%s]", t->module);
	strbuf_char(out, '\n');
}

int list_show(const struct targets *t, bool arguments)
{
	struct strbuf out = {};
	struct printer printer = {};
	struct types types = {};
	const struct target **sorted = calloc(t->count + 1, sizeof(*sorted));
	int err;

	if (!sorted)
		diag_no_memory();
	if (arguments) {
		printer_open(&printer, &out);
		types_expect(&types, t);
	}
	for (size_t i = 0; i < t->count; i++)
		sorted[i] = &t->list[i];
	qsort(sorted, t->count, sizeof(*sorted), label_compare);
	for (size_t i = 0; i < t->count; i++) {
		if (!i || sorted[i - 1]->slot != sorted[i]->slot ||
		    (arguments && sorted[i]->kind == TARGET_USER)) /* each is another function */
			line_add(&out, sorted[i], &printer, &types, arguments);
	}
	for (size_t i = 0; i < t->skip_count; i++)
		diag_verbose("left out %s: %s", t->skipped[i].name, t->skipped[i].reason);
	err = strbuf_write(&out, STDOUT_FILENO);
	if (err && err != -EPIPE)
		diag_errno(err, "cannot write to standard output");
	printer_close(&printer);
	types_end(&types);
	strbuf_free(&out);
	free(sorted);
	return err;
}
