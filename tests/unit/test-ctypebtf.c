// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ctype's reader of BTF: made-up files, and damaged ones. The module is included, so that all
 * types can be walked by id. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "ktypes.h"
#include "strbuf.h"
#include "typetext.h"

#include "expr/ctypebtf.c"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct ctypes types;
static struct btf *base, *module;

static struct ctype_source *add(struct btf *btf, struct ctype_source *below)
{
	const void *data;
	__u32 size;

	data = btf__raw_data(btf, &size);
	return ctypes_add(&types, data, size, below);
}

static int begin(void **state)
{
	(void)state;
	base = btf__new_empty();
	assert_int_equal(btf__add_int(base, "int", 4, BTF_INT_SIGNED), 1);
	assert_int_equal(btf__add_int(base, "char", 1, BTF_INT_SIGNED), 2);
	assert_int_equal(btf__add_ptr(base, 0), 3); /* void * */
	return 0;
}

static int end(void **state)
{
	(void)state;
	ctypes_free(&types);
	btf__free(module);
	btf__free(base);
	module = base = NULL;
	return 0;
}

/* --- made up ---------------------------------------------------------------------------------- */

static void continued(void **state)
{
	int known, function, proto, late, i;
	struct ctype_source *kernel;
	struct ctype_function f;
	struct ctype_member m;
	struct ctype_param p;

	(void)state;
	known = btf__add_struct(base, "known", 4);
	btf__add_field(base, "inside", 1, 0, 0);
	module = btf__new_empty_split(base);
	late = btf__add_fwd(module, "known", BTF_FWD_STRUCT);
	btf__add_struct(module, "own", 16);
	btf__add_field(module, "known", known, 0, 0);
	btf__add_field(module, "inside", 3, 64, 0); /* names of either file */
	i = btf__add_ptr(module, late);
	proto = btf__add_func_proto(module, 1);
	btf__add_func_param(module, "late", i);
	function = btf__add_func(module, "own_work", BTF_FUNC_STATIC, proto);
	kernel = add(base, NULL);
	assert_non_null(kernel);
	assert_non_null(add(module, kernel));

	assert_true(ctype_member_find(ctypes_tag(&types, CTYPE_STRUCT, "own"), "inside", &m));
	assert_string_equal(text_of(m.type, m.name), "void *inside");
	assert_true(ctype_member_find(ctypes_tag(&types, CTYPE_STRUCT, "own"), "known", &m));
	assert_ptr_equal(m.type, ctypes_tag(&types, CTYPE_STRUCT, "known"));
	assert_ptr_equal(m.type->source, kernel);
	assert_int_equal(ctypes_function(&types, "own_work", &f), 0);
	assert_int_equal(f.id, function);
	assert_true(ctype_function_param(&f, 0, &p));
	assert_true(p.type->target->is_incomplete);
	assert_true(ctype_member_find(p.type->target, "inside", &m));
	assert_true(ctype_same(p.type->target, ctypes_tag(&types, CTYPE_STRUCT, "known")));
}

static void declared_only(void **state)
{
	int declared = btf__add_fwd(base, "later", BTF_FWD_UNION);
	struct ctype_source *first;
	const struct ctype *type;
	struct ctype_member m;
	uint64_t size;

	(void)state;
	btf__add_fwd(base, "never", BTF_FWD_STRUCT);
	btf__add_struct(base, "later", 1); /* another tag of this name: no definition of it */
	btf__add_union(base, "later", 8);
	btf__add_field(base, "x", 1, 0, 0);
	first = add(base, NULL);
	type = ctype_by_id(first, declared);
	assert_true(type->kind == CTYPE_UNION && type->is_incomplete);
	assert_true(ctype_size(type, &size));
	assert_int_equal(size, 8);
	assert_true(ctype_member(type, 0, &m));
	assert_false(ctypes_tag(&types, CTYPE_UNION, "later")->is_incomplete);
	assert_true(ctypes_tag(&types, CTYPE_STRUCT, "never")->is_incomplete);
	assert_false(ctype_member(ctypes_tag(&types, CTYPE_STRUCT, "never"), 0, &m));

	/* The next file has it. */
	module = btf__new_empty();
	btf__add_struct(module, "never", 24);
	btf__add_struct(module, "later", 2);
	assert_non_null(add(module, NULL));
	assert_int_equal(ctypes_tag(&types, CTYPE_STRUCT, "never")->size, 24);
	assert_int_equal(ctypes_tag(&types, CTYPE_STRUCT, "later")->size, 1);
}

static void tags_of_pointers(void **state)
{
	int user, percpu;
	struct ctype_source *s;

	(void)state;
	user = btf__add_ptr(base, btf__add_type_tag(base, "user", btf__add_const(base, 2)));
	percpu = btf__add_ptr(base, btf__add_const(base, btf__add_type_tag(base, "percpu", 1)));
	s = add(base, NULL);
	assert_true(ctype_by_id(s, user)->is_user && !ctype_by_id(s, user)->is_percpu);
	assert_true(ctype_by_id(s, percpu)->is_percpu && !ctype_by_id(s, percpu)->is_user);
	assert_string_equal(text_of(ctype_by_id(s, user), NULL), "char *");
	assert_false(ctype_by_id(s, 3)->is_user);
}

static void enums(void **state)
{
	struct ctype_constant c;

	(void)state;
	btf__add_enum(base, "old", 4); /* kind_flag tells: one of them has it */
	btf__add_enum_value(base, "BITS", 0xffffffff);
	btf__add_enum(base, "negative", 4);
	btf__add_enum_value(base, "MINUS", -7);
	btf__add_enum_value(base, "TWICE", 1);
	btf__add_enum64(base, "huge", 8, false);
	btf__add_enum64_value(base, "HUGE", 1ull << 63);
	btf__add_enum64_value(base, "TWICE", 2);
	btf__add_enum64(base, "deep", 8, true);
	btf__add_enum64_value(base, "DEEP", -(1ll << 40));
	btf__add_enum(base, "cut", 8);
	btf__add_enum_value(base, "CUT", 1);
	btf__add_enum(base, "small", 1);
	btf__add_enum_value(base, "SMALL", 200);
	assert_non_null(add(base, NULL));
#define CONSTANT(NAME, VALUE, TYPE)                                                               \
	assert_int_equal(ctypes_constant(&types, NAME, &c), 0);                                   \
	assert_int_equal(c.value, VALUE);                                                         \
	assert_string_equal(ctype_constant_type(&c)->name, TYPE);
	CONSTANT("BITS", 0xffffffff, "unsigned int")
	assert_false(c.is_cut || c.is_ambiguous);
	CONSTANT("MINUS", -7, "int")
	CONSTANT("HUGE", 1ull << 63, "unsigned long")
	CONSTANT("DEEP", -(1ll << 40), "long")
	CONSTANT("SMALL", 200, "int")
	CONSTANT("CUT", 1, "int")
	assert_true(c.is_cut);
	CONSTANT("TWICE", 1, "int")
	assert_true(c.is_ambiguous);
	assert_int_equal(ctype_promote(ctypes_tag(&types, CTYPE_ENUM, "small"), 0)->size, 4);
}

/* What compilers wrote before kind_flag: the width in an int of its own. */
static void old_bitfields(void **state)
{
	struct ctype_member m;
	int narrow;

	(void)state;
	narrow = btf__add_int(base, "int", 4, BTF_INT_SIGNED);
	*(__u32 *)(btf__type_by_id(base, narrow) + 1) = BTF_INT_SIGNED << 24 | 5 << 16 | 3;
	btf__add_struct(base, "old", 4);
	btf__add_field(base, "three", narrow, 8, 0);
	btf__add_field(base, "all", 1, 0, 0);
	assert_non_null(add(base, NULL));
	assert_true(ctype_member_find(ctypes_tag(&types, CTYPE_STRUCT, "old"), "three", &m));
	assert_int_equal(m.bit_offset, 13);
	assert_int_equal(m.bits, 3);
	assert_true(ctype_member_find(ctypes_tag(&types, CTYPE_STRUCT, "old"), "all", &m));
	assert_int_equal(m.bits, 0);
}

static void tracepoints(void **state)
{
	struct ctype_function f;
	struct ctype_param p;
	int proto, named;

	(void)state;
	proto = btf__add_func_proto(base, 0);
	btf__add_func_param(base, NULL, 3);
	btf__add_func_param(base, NULL, 1);
	btf__add_typedef(base, "btf_trace_bare", btf__add_ptr(base, proto));
	btf__add_typedef(base, "btf_trace_named", btf__add_ptr(base, proto));
	btf__add_typedef(base, "btf_trace_odd", 1);
	named = btf__add_func_proto(base, 1);
	btf__add_func_param(base, "__data", 3);
	btf__add_func_param(base, "count", 1);
	btf__add_func(base, "__traceiter_named", BTF_FUNC_STATIC, named);
	assert_non_null(add(base, NULL));
	assert_int_equal(ctypes_tracepoint(&types, "bare", &f), 0);
	assert_string_equal(f.name, "bare");
	assert_true(ctype_function_param(&f, 0, &p));
	assert_string_equal(p.name, "");
	assert_string_equal(p.type->name, "int");
	assert_false(ctype_function_param(&f, 1, &p));
	assert_int_equal(ctypes_tracepoint(&types, "named", &f), 0);
	assert_true(ctype_function_param(&f, 0, &p));
	assert_string_equal(p.name, "count");
	assert_int_equal(ctypes_tracepoint(&types, "odd", &f), -ENOENT);
	assert_int_equal(ctypes_tracepoint(&types, "none", &f), -ENOENT);
}

static void circles(void **state)
{
	struct ctype_source *s;
	struct ctype_member m;
	uint64_t size;
	int id, first;

	(void)state;
	first = btf__type_cnt(base);
	btf__add_ptr(base, first);
	btf__add_typedef(base, "a", first + 2);
	btf__add_typedef(base, "b", first + 1);
	btf__add_array(base, 1, first + 3, 7);
	btf__add_const(base, first + 4);
	id = btf__add_func_proto(base, first + 5);
	btf__add_func_param(base, "itself", id);
	btf__add_func_param(base, "again", id);
	id = btf__add_struct(base, "holds", 8);
	btf__add_field(base, NULL, id, 0, 0);
	btf__add_field(base, NULL, id, 0, 0);
	btf__add_array(base, 1, 1, UINT_MAX);
	for (int i = 0; i < 3; i++)
		id = btf__add_array(base, 1, btf__type_cnt(base) - 1, UINT_MAX);
	for (int i = 0; i < 100000; i++) /* deeper than any stack, were it followed */
		btf__add_typedef(base, "deep", btf__type_cnt(base) - 1);
	s = add(base, NULL);
	assert_non_null(s);
	for (__u32 i = btf__type_cnt(base) - 1; i >= (__u32)first; i--)
		assert_true(strlen(text_of(ctype_by_id(s, i), "x")) < 10000);
	assert_int_equal(ctype_by_id(s, first + 1)->kind, CTYPE_VOID);
	assert_int_equal(ctype_by_id(s, first + 3)->kind, CTYPE_VOID);
	assert_int_equal(ctype_by_id(s, id)->kind, CTYPE_VOID); /* 2^128 elements */
	assert_false(ctype_size(ctype_by_id(s, id), &size));
	assert_false(ctype_member_find(ctypes_tag(&types, CTYPE_STRUCT, "holds"), "x", &m));
}

static void refused(void **state)
{
	const void *data;
	char *copy;
	__u32 size;

	(void)state;
	btf__add_struct(base, "s", 4);
	btf__add_field(base, "x", 1, 0, 0);
	data = btf__raw_data(base, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (__u32 i = 0; i < size; i++) {
		memcpy(copy, data, i);
		assert_null(ctypes_add(&types, copy, i, NULL));
	}
	memcpy(copy, data, size);
	*copy ^= 1;
	assert_null(ctypes_add(&types, copy, size, NULL));
	*copy ^= 1;
	((struct btf_type *)(copy + sizeof(struct btf_header)))->info = 31u << 24; /* a new kind */
	assert_null(ctypes_add(&types, copy, size, NULL));
	assert_null(types.first);
	free(copy);
}

static void files(void **state)
{
	char name[] = "/tmp/test-ctypebtf-XXXXXX";
	int fd = mkstemp(name), err;
	const void *data;
	size_t got;
	__u32 size;
	void *read;

	(void)state;
	data = btf__raw_data(base, &size);
	assert_int_equal(write(fd, data, size), size);
	read = ktypes_read(name, &got, &err);
	assert_int_equal(err, 0);
	assert_int_equal(got, size);
	assert_memory_equal(read, data, size);
	free(read);
	assert_int_equal(pwrite(fd, "no", 2, 0), 2);
	assert_null(ktypes_read(name, &got, &err));
	assert_int_equal(err, -EINVAL);
	assert_null(ktypes_read("/tmp", &got, &err));
	assert_int_equal(err, -EINVAL);
	unlink(name);
	close(fd);
	assert_null(ktypes_read(name, &got, &err));
	assert_int_equal(err, -ENOENT);
}

/* --- damaged ---------------------------------------------------------------------------------- */

static const char *const everything[] = {
	"int", "known", "holds", "TWICE", "old", "own_work", "named", "x",
};

/* Asks all there is to ask of every type. */
static void walk(struct ctype_source *s)
{
	const struct ctype *last = &ctype_void, *type;
	struct ctype_constant c;
	struct ctype_member m;
	struct ctype_param p;
	uint64_t size;

	for (__u32 id = 0; id < s->first + s->count + 3; id++, last = type) {
		type = ctype_by_id(s, id);
		ctype_size(type, &size);
		ctype_promote(type, 3);
		ctype_compare(type, last);
		ctype_compare(last, ctypes_pointer(&types, type));
		ctypes_decay(&types, type);
		ctypes_array(&types, type, 3);
		text_of(type, "x");
		for (unsigned int i = 0; ctype_member(type, i, &m); i++)
			assert_true(strlen(m.name) < 100000 && m.bits <= 64);
		ctype_member_find(type, "x", &m);
		for (unsigned int i = 0; ctype_enumerator(type, i, &c); i++)
			ctype_constant_type(&c);
		for (unsigned int i = 0; ctype_param(type, i, &p); i++)
			ctype_size(p.type, &size);
		ctype_is_variadic(type);
	}
}

static void ask(const char *name)
{
	struct near near = { .wanted = name };
	struct ctype_function f;
	struct ctype_constant c;

	for (int kind = CTYPE_STRUCT; kind <= CTYPE_ENUM; kind++) {
		const struct ctype *type = ctypes_tag(&types, kind, name);

		if (type)
			ctype_member_near(type, &near);
		ctypes_near(&types, kind, &near);
	}
	ctypes_named(&types, name);
	ctypes_function(&types, name, &f);
	ctypes_tracepoint(&types, name, &f);
	ctypes_constant(&types, name, &c);
	ctypes_near_constant(&types, &near);
	ctypes_near(&types, CTYPE_FUNCTION, &near);
	near_free(&near);
}

/* One of each kind. */
static void fill(struct btf *b)
{
	int proto, id;

	btf__add_fwd(b, "known", BTF_FWD_STRUCT);
	id = btf__add_struct(b, "known", 32);
	btf__add_field(b, "x", 1, 0, 3);
	btf__add_field(b, "name", btf__type_cnt(b) + 1, 64, 0);
	btf__add_union(b, NULL, 4);
	btf__add_field(b, "y", 1, 0, 0);
	btf__add_array(b, 1, 2, 16);
	btf__add_struct(b, "holds", 64);
	btf__add_field(b, NULL, id + 1, 0, 0);
	btf__add_field(b, "next", btf__add_ptr(b, btf__type_cnt(b) - 1), 64, 0);
	btf__add_enum(b, "old", 4);
	btf__add_enum_value(b, "MINUS", -7);
	btf__add_enum_value(b, "TWICE", 1);
	btf__add_enum64(b, "huge", 8, false);
	btf__add_enum64_value(b, "TWICE", 1ull << 63);
	btf__add_float(b, "double", 8);
	proto = btf__add_func_proto(b, 1);
	btf__add_func_param(b, "a", btf__add_ptr(b, btf__add_type_tag(b, "user", 2)));
	btf__add_func_param(b, NULL, 0);
	btf__add_func(b, "own_work", BTF_FUNC_STATIC, proto);
	btf__add_func(b, "__probestub_named", BTF_FUNC_STATIC, proto);
	btf__add_typedef(b, "btf_trace_named", btf__add_ptr(b, proto));
	btf__add_const(b, btf__add_volatile(b, btf__add_restrict(b, proto)));
	btf__add_var(b, "v", BTF_VAR_STATIC, 1);
	btf__add_datasec(b, ".data", 4);
	btf__add_datasec_var_info(b, btf__type_cnt(b) - 2, 0, 4);
	btf__add_decl_tag(b, "tag", id, -1);
}

static void damaged(void **state)
{
	uint64_t random = 88172645463325252ull;
	unsigned int taken = 0, rounds = 3000;
	const void *data;
	char *copy;
	__u32 size;

	(void)state;
	if (getenv("ROUNDS"))
		rounds = atoi(getenv("ROUNDS"));
	fill(base);
	data = btf__raw_data(base, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (unsigned int round = 0; round < rounds; round++) {
		struct ctype_source *s;

		memcpy(copy, data, size);
		for (unsigned int i = 0; i <= round % 8; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			copy[(random >> 32) % size] = random;
		}
		s = ctypes_add(&types, copy, size, NULL);
		if (s) {
			taken++;
			walk(s);
			walk(ctypes_add(&types, copy, size, s));
			for (size_t i = 0; i < COUNT(everything); i++)
				ask(everything[i]);
		}
		ctypes_free(&types);
	}
	free(copy);
	assert_true(taken > rounds / 10);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		EACH(continued), EACH(declared_only), EACH(tags_of_pointers), EACH(enums),
		EACH(old_bitfields), EACH(tracepoints), EACH(circles), EACH(refused), EACH(files),
		EACH(damaged),
	};

	libbpf_set_print(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
