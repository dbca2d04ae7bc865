// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ctype's reader of BTF, of the running kernel's types: what libbpf makes of each. The module is
 * included, so that all types can be walked by id. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "ktypes.h"
#include "strbuf.h"
#include "typetext.h"

#include "expr/ctypebtf.c"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct ctypes types;
static struct btf *kernel;
static struct btf_dump *dump;
static struct strbuf dumped;
static unsigned int texts, bitfields;

static void dump_print(void *context, const char *format, va_list args)
{
	(void)context;
	strbuf_vprintf(&dumped, format, args);
}

static void replace(char *text, const char *old, const char *new)
{
	for (char *at; (at = strstr(text, old)); memcpy(at, new, strlen(new)))
		memmove(at + strlen(new), at + strlen(old), strlen(at + strlen(old)) + 1);
}

/* libbpf's declaration, with DWARF's names of integers and without qualifiers; NULL: it has
 * attributes, writes out what has no name, or numbers those of one name. */
static const char *libbpf_text(__u32 id, const char *name)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = name);
	static char text[4096];

	strbuf_clear(&dumped);
	assert_int_equal(btf_dump__emit_type_decl(dump, id, &opts), 0);
	snprintf(text, sizeof(text), "%s", strbuf_cstr(&dumped));
	if (strchr(text, '{') || strstr(text, "__attribute__") || strstr(text, "___"))
		return NULL;
	replace(text, "const ", "");
	replace(text, "volatile ", "");
	replace(text, "restrict ", "");
	replace(text, "* ", "*");
	replace(text, "long long unsigned int", "unsigned long long");
	replace(text, "long long int", "long long");
	replace(text, "long unsigned int", "unsigned long");
	replace(text, "long int", "long");
	replace(text, "short unsigned int", "unsigned short");
	replace(text, "short int", "short");
	replace(text, "[0]", "[]");
	replace(text, "()", "(void)");
	return text;
}

static void same_text(const struct ctype *type, __u32 id, const char *name)
{
	const char *text = libbpf_text(id, name);

	texts += !!text;
	if (text)
		assert_string_equal(text_of(type, name), text);
}

/* outer: where all are to be found by name, or NULL. */
static void same_record(const struct ctype *type, const struct ctype *outer, __u32 id,
			unsigned int offset)
{
	const struct btf_type *t = btf__type_by_id(kernel, id);
	struct ctype_member m, found;
	__s64 size;

	assert_int_equal(type->size, t->size);
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *raw = &btf_members(t)[i];
		const char *name = btf__name_by_offset(kernel, raw->name_off);

		assert_true(ctype_member(type, i, &m));
		assert_string_equal(m.name, name);
		assert_int_equal(m.bit_offset, btf_member_bit_offset(t, i));
		assert_int_equal(m.bits, btf_member_bitfield_size(t, i));
		bitfields += !!m.bits;
		size = btf__resolve_size(kernel, raw->type);
		assert_int_equal(m.type->size, size < 0 ? 0 : size);
		if (!*name) {
			same_record(m.type, outer, btf__resolve_type(kernel, raw->type),
				    offset + m.bit_offset);
			continue;
		}
		same_text(m.type, raw->type, name);
		if (!outer)
			continue;
		assert_true(ctype_member_find(outer, name, &found));
		assert_int_equal(found.bit_offset, offset + m.bit_offset);
		assert_ptr_equal(found.type, m.type);
	}
	assert_false(ctype_member(type, btf_vlen(t), &m));
}

static void same_structs(void)
{
	static const char *const names[] = {
		"file", "task_struct", "sk_buff", "inode", "super_block", "mm_struct", "sock",
		"net_device", "request_queue", "dentry", "file_operations", "page",
		"request", "bio", "vm_area_struct", "cred", "signal_struct", "module",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct ctype *type = ctypes_tag(&types, CTYPE_STRUCT, names[i]);
		int id = btf__find_by_name_kind(kernel, names[i], BTF_KIND_STRUCT);

		assert_true(id > 0);
		assert_non_null(type);
		assert_int_equal(type->id, id);
		same_record(type, type, id, 0);
	}
	assert_true(texts > 500);
	assert_true(bitfields > 20);
}

static void same_function(__u32 id)
{
	const struct btf_type *t = btf__type_by_id(kernel, id), *proto;
	struct ctype_function f;
	struct ctype_param p;
	int n;

	assert_int_equal(ctypes_function(&types, btf__name_by_offset(kernel, t->name_off), &f), 0);
	if (f.id != id) /* another one of this name comes first */
		return;
	proto = btf__type_by_id(kernel, t->type);
	n = btf_vlen(proto);
	if (n && !btf_params(proto)[n - 1].type) {
		assert_true(ctype_is_variadic(f.type));
		n--;
	}
	for (int i = 0; i < n; i++) {
		assert_true(ctype_function_param(&f, i, &p));
		assert_string_equal(p.name,
				    btf__name_by_offset(kernel, btf_params(proto)[i].name_off));
		same_text(p.type, btf_params(proto)[i].type, p.name);
	}
	assert_false(ctype_function_param(&f, n, &p));
	same_text(f.type->target, proto->type, "");
}

static void same_enum(__u32 id, const struct ctype *type)
{
	const struct btf_type *t = btf__type_by_id(kernel, id);
	struct ctype_constant c, found;

	assert_int_equal(type->kind, CTYPE_ENUM);
	assert_int_equal(type->size, t->size);
	for (int i = 0; i < btf_vlen(t); i++) {
		assert_true(ctype_enumerator(type, i, &c));
		assert_int_equal(ctypes_constant(&types, c.name, &found), 0);
		assert_true(found.value == c.value || found.is_ambiguous);
		if (btf_is_enum64(t)) {
			assert_int_equal(c.value, btf_enum64_value(&btf_enum64(t)[i]));
			continue;
		}
		assert_int_equal((__u32)c.value, (__u32)btf_enum(t)[i].val);
		assert_int_equal(c.value >> 32, c.type->is_signed && btf_enum(t)[i].val < 0 ?
							UINT_MAX : 0);
	}
}

static void well_known(void)
{
	struct ctype_function f;
	struct ctype_constant c;
	struct ctype_param p;

	assert_int_equal(ctypes_function(&types, "vfs_read", &f), 0);
	assert_true(ctype_function_param(&f, 2, &p));
	assert_string_equal(p.name, "count");
	assert_string_equal(text_of(p.type, NULL), "size_t");
	assert_int_equal(ctypes_constant(&types, "REQ_OP_WRITE", &c), 0);
	assert_int_equal(c.value, 1);
	assert_false(c.is_ambiguous);
	assert_int_equal(ctypes_tracepoint(&types, "sched_switch", &f), 0);
	assert_true(ctype_function_param(&f, 1, &p));
	assert_string_equal(p.name, "prev");
	assert_string_equal(text_of(p.type, NULL), "struct task_struct *");
	assert_string_equal(text_of(ctypes_named(&types, "loff_t"), NULL), "loff_t");
	assert_string_equal(ctypes_named(&types, "loff_t")->name, "long long");
}

static void same_all(struct ctype_source *s)
{
	for (__u32 id = s->first; id < s->first + s->count; id++) {
		const struct btf_type *t = btf__type_by_id(kernel, id);
		const struct ctype *type = ctype_by_id(s, id);

		if (btf_is_func(t) && (s->base || id % 16 == 0))
			same_function(id);
		if (btf_is_any_enum(t))
			same_enum(id, type);
		if (btf_is_composite(t) && s->base)
			same_record(type, NULL, id, 0);
	}
}

static void *read_kernel(const char *file, size_t *size)
{
	int err;
	void *data = ktypes_read(file, size, &err);

	if (!data) {
		print_message("no types to compare with: %s: %s\n", file, strerror(-err));
		skip();
	}
	return data;
}

/* KERNEL_BTF: another kernel's; MODULE_BTF: that of a module of it, too. */
static void of_the_kernel(void **state)
{
	const char *file = getenv("KERNEL_BTF"), *more = getenv("MODULE_BTF");
	struct btf *below = NULL;
	struct ctype_source *s;
	void *data, *added = NULL;
	size_t size;

	(void)state;
	data = read_kernel(file ? file : "/sys/kernel/btf/vmlinux", &size);
	s = ctypes_add(&types, data, size, NULL);
	assert_non_null(s);
	kernel = btf__new(data, size);
	if (more) {
		added = read_kernel(more, &size);
		s = ctypes_add(&types, added, size, s);
		assert_non_null(s);
		below = kernel;
		kernel = btf__parse_raw_split(more, below);
	}
	assert_non_null(kernel);
	dump = btf_dump__new(kernel, dump_print, NULL, NULL);
	assert_non_null(dump);
	well_known();
	same_structs();
	same_all(s);
	btf_dump__free(dump);
	btf__free(kernel);
	btf__free(below);
	strbuf_free(&dumped);
	free(data);
	free(added);
}

static int end(void **state)
{
	(void)state;
	ctypes_free(&types);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(of_the_kernel, end) };

	libbpf_set_print(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
