// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The module is included, so that what it keeps can be let go between two files, and
 * so that types made here stand for those of a BPF object. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "child.h"

#define bpf_object__btf(object) ((const struct btf *)(object))
#include "ktypes.c"

static char file[] = "/tmp/test-ktypes-XXXXXX";

static void write_file(const void *data, size_t size)
{
	int fd = open(file, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static void write_btf(const struct btf *btf)
{
	const void *data;
	__u32 size;

	data = btf__raw_data(btf, &size);
	assert_non_null(data);
	write_file(data, size);
}

/* What a kernel might have: every form of type in it. */
static struct btf *kernel_types(void)
{
	struct btf *b = btf__new_empty();
	int i32, u8, u64, chars, list, pointer, mod, named, anonymous, flags, page,
		parent;
	int big, proto, small;

	i32 = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	u8 = btf__add_int(b, "unsigned char", 1, 0);
	u64 = btf__add_int(b, "long long unsigned int", 8, 0);
	chars = btf__add_array(b, i32, u8, 16);
	flags = btf__add_enum(b, "state", 4);
	btf__add_enum_value(b, "RUNNING", 0);
	btf__add_enum_value(b, "DEAD", -7);
	/* Not asked for, but held by value behind a typedef and two qualifiers. */
	pointer = btf__add_ptr(b, btf__type_cnt(b) + 1); /* the struct itself */
	list = btf__add_struct(b, "list", 16);
	assert_int_equal(list, pointer + 1);
	btf__add_field(b, "next", pointer, 0, 0);
	btf__add_field(b, "prev", pointer, 64, 0);
	mod = btf__add_typedef(b, "list_t",
			       btf__add_const(b, btf__add_volatile(b, list)));
	named = btf__add_union(b, "word", 8);
	btf__add_field(b, "all", u64, 0, 0);
	btf__add_field(b, "byte", u8, 0, 0);
	anonymous = btf__add_struct(b, NULL, 8);
	btf__add_field(b, "inner", i32, 0, 0);
	btf__add_field(b, "deep", u8, 32, 0);
	page = btf__add_ptr(b, btf__add_fwd(b, "page", BTF_FWD_STRUCT));
	parent = btf__add_ptr(b, page + 2); /* the struct itself */
	assert_int_equal(btf__add_struct(b, "task", 72), page + 2);
	btf__add_field(b, "comm", chars, 0, 0);
	btf__add_field(b, "links", mod, 128, 0);
	btf__add_field(b, "word", named, 256, 0);
	btf__add_field(b, NULL, anonymous, 320, 0);
	btf__add_field(b, "one", i32, 384, 1);
	btf__add_field(b, "three", i32, 385, 3);
	btf__add_field(b, "state", flags, 416, 0);
	btf__add_field(b, "parent", parent, 448, 0);
	assert_int_equal(btf__add_field(b, "page", page, 512, 0), 0);
	/* Nobody asks for these. */
	big = btf__add_struct(b, "unasked", 4);
	btf__add_field(b, "x", i32, 0, 0);
	btf__add_float(b, "double", 8);
	btf__add_enum64(b, "huge", 8, false);
	btf__add_enum64_value(b, "HUGE", 1ull << 40);
	/* One name, two types, as the kernel has where headers disagree. */
	small = btf__add_struct(b, "twin", 4);
	btf__add_field(b, "a", i32, 0, 0);
	btf__add_struct(b, "twin", 8);
	btf__add_field(b, "b", u64, 0, 0);
	/* The tracepoint's arguments come after the program's own. */
	proto = btf__add_func_proto(b, 0);
	btf__add_func_param(b, NULL, pointer);
	btf__add_func_param(b, "task", pointer);
	btf__add_func_param(b, "pid", i32);
	btf__add_func_param(b, "bprm", pointer);
	btf__add_typedef(b, "btf_trace_sched_process_exec", btf__add_ptr(b, proto));
	proto = btf__add_func_proto(b, 0);
	btf__add_func_param(b, NULL, pointer);
	btf__add_typedef(b, "btf_trace_bare", btf__add_ptr(b, proto));
	btf__add_typedef(b, "btf_trace_odd", i32);
	btf__add_typedef(b, "btf_trace_none", 0);
	btf__add_func(b, "do_exit", BTF_FUNC_STATIC, proto);
	btf__add_decl_tag(b, "tag", big, -1);
	btf__add_restrict(b, btf__add_type_tag(b, "rcu", small));
	return b;
}

/* What a program reads: names count, not what is in them. */
static struct btf *program_types(void)
{
	struct btf *b = btf__new_empty();

	btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	btf__add_struct(b, "task", 0);
	btf__add_struct(b, "twin___old", 0);
	btf__add_enum(b, "state", 4);
	btf__add_enum64(b, "huge", 8, false);
	btf__add_struct(b, "absent", 0);
	btf__add_typedef(b, "unasked",
			 1); /* only a typedef: no struct of the kernel is meant */
	return b;
}

static struct btf *subset(void)
{
	struct btf *program = program_types(), *got;

	assert_int_equal(ktypes_subset((const struct bpf_object *)program), 0);
	btf__free(program);
	got = btf__parse_raw(ktypes_path());
	assert_int_equal(libbpf_get_error(got), 0);
	return got;
}

static int forget(void **state)
{
	(void)state;
	types_free();
	if (subset_fd >= 0)
		close(subset_fd);
	subset_fd = -1;
	return 0;
}

/* --- arguments of tracepoints ------------------------------------------------------- */

static void open_good(const char *name)
{
	assert_int_equal(ktypes_open(name), 0);
	ktypes_path();
}

static void arguments(void **state)
{
	struct btf *b = kernel_types();

	(void)state;
	write_btf(b);
	btf__free(b);
	open_good(file);
	assert_int_equal(ktypes_raw_tracepoint_args("sched_process_exec"), 3);
	assert_int_equal(ktypes_raw_tracepoint_args("bare"), 0);
	assert_int_equal(ktypes_raw_tracepoint_args("sched_process"), -ENOENT);
	assert_int_equal(ktypes_raw_tracepoint_args("sched_process_exec_"), -ENOENT);
	assert_int_equal(ktypes_raw_tracepoint_args(""), -ENOENT);
	assert_int_equal(ktypes_raw_tracepoint_args("odd"), -ENOENT);
	assert_int_equal(ktypes_raw_tracepoint_args("none"), -ENOENT);
}

/* Ids of functions hold for the running kernel only, so a file has none. */
static void members(void **state)
{
	struct btf *b = kernel_types();

	(void)state;
	write_btf(b);
	btf__free(b);
	open_good(file);
	assert_true(ktypes_has_member("task", "comm"));
	assert_true(ktypes_has_member("task", "three"));
	assert_false(ktypes_has_member("task", "comm_"));
	assert_false(ktypes_has_member("tas", "comm"));
	assert_false(ktypes_has_member("word", "all")); /* a union */
	assert_int_equal(ktypes_function("do_exit"), -ENOENT);
	assert_int_equal(ktypes_function("task"), -ENOENT);
}

/* --- enums ---------------------------------------------------------------------------- */

static char values[256];

static void value_add(void *context, const char *name, uint64_t value)
{
	size_t n = strlen(values);

	assert_ptr_equal(context, values);
	snprintf(values + n, sizeof(values) - n, "%s=%#llx ", name, (unsigned long long)value);
}

static const char *enum_values(const char *type, int want)
{
	values[0] = '\0';
	assert_int_equal(ktypes_enum(type, value_add, values), want);
	return values;
}

static void enums(void **state)
{
	struct btf *b = kernel_types();

	(void)state;
	btf__add_enum(b, "empty", 4);
	write_btf(b);
	btf__free(b);
	open_good(file);
	assert_string_equal(enum_values("state", 0), "RUNNING=0 DEAD=0xfffffff9 ");
	assert_string_equal(enum_values("huge", 0), "HUGE=0x10000000000 ");
	assert_string_equal(enum_values("empty", 0), "");
	assert_string_equal(enum_values("stat", -ENOENT), "");
	assert_string_equal(enum_values("state_", -ENOENT), "");
	assert_string_equal(enum_values("task", -ENOENT), ""); /* a struct */
}

/* A file that was cut down to structs says nothing about tracepoints. */
static void arguments_unknown(void **state)
{
	struct btf *b = program_types();

	(void)state;
	write_btf(b);
	btf__free(b);
	open_good(file);
	assert_int_equal(ktypes_raw_tracepoint_args("sched_process_exec"), -ENODATA);
	assert_int_equal(ktypes_raw_tracepoint_args("bare"), -ENODATA);
}

/* --- the subset --------------------------------------------------------------------- */

static const struct btf_type *type_of(const struct btf *b, const char *name, __u32 kind)
{
	int id = btf__find_by_name_kind(b, name, kind);

	if (id <= 0)
		fail_msg("the subset has no '%s' of kind %u", name, kind);
	return btf__type_by_id(b, id);
}

static const struct btf_type *check_member(const struct btf *b, const struct btf_type *t,
					   int i, const char *name, unsigned int bit,
					   unsigned int bits)
{
	const struct btf_member *m = btf_members(t) + i;

	assert_true(i < btf_vlen(t));
	assert_string_equal(btf__name_by_offset(b, m->name_off), name);
	assert_int_equal(btf_member_bit_offset(t, i), bit);
	assert_int_equal(btf_member_bitfield_size(t, i), bits);
	return btf__type_by_id(b, m->type);
}

static void check_void_pointer(const struct btf_type *t)
{
	assert_true(btf_is_ptr(t));
	assert_int_equal(t->type, 0);
}

static void check_task(const struct btf *b)
{
	const struct btf_type *t = type_of(b, "task", BTF_KIND_STRUCT), *m;

	assert_int_equal(t->size, 72);
	assert_int_equal(btf_vlen(t), 9);
	m = check_member(b, t, 0, "comm", 0, 0);
	assert_true(btf_is_array(m));
	assert_int_equal(btf_array(m)->nelems, 16);
	assert_int_equal(btf__resolve_size(b, btf_array(m)->type), 1);
	m = check_member(b, t, 1, "links", 128, 0);
	assert_true(
		btf_is_struct(m)); /* the struct itself: without typedef and qualifiers */
	assert_string_equal(btf__name_by_offset(b, m->name_off), "list");
	check_void_pointer(check_member(b, m, 0, "next", 0, 0));
	check_void_pointer(check_member(b, m, 1, "prev", 64, 0));
	m = check_member(b, t, 2, "word", 256, 0);
	assert_true(btf_is_union(m));
	assert_int_equal(m->size, 8);
	check_member(b, m, 0, "all", 0, 0);
	assert_int_equal(check_member(b, m, 1, "byte", 0, 0)->size, 1);
	m = check_member(b, t, 3, "", 320, 0);
	assert_int_equal(m->name_off, 0);
	assert_int_equal(check_member(b, m, 0, "inner", 0, 0)->size, 4);
	check_member(b, m, 1, "deep", 32, 0);
	m = check_member(b, t, 4, "one", 384, 1);
	assert_int_equal(btf_int_encoding(m), BTF_INT_SIGNED);
	check_member(b, t, 5, "three", 385, 3);
	assert_true(btf_is_enum(check_member(b, t, 6, "state", 416, 0)));
	check_void_pointer(check_member(b, t, 7, "parent", 448, 0));
	check_void_pointer(check_member(b, t, 8, "page", 512, 0));
}

static void check_enum(const struct btf *b)
{
	const struct btf_type *t = type_of(b, "state", BTF_KIND_ENUM);
	const struct btf_enum *e = btf_enum(t);

	assert_int_equal(btf_vlen(t), 2);
	assert_string_equal(btf__name_by_offset(b, e[0].name_off), "RUNNING");
	assert_int_equal(e[0].val, 0);
	assert_string_equal(btf__name_by_offset(b, e[1].name_off), "DEAD");
	assert_int_equal(e[1].val, -7);
}

/* How many named types of this kind there are. */
static int count(const struct btf *b, const char *name, __u32 kind)
{
	int n = 0;

	for (__u32 id = 1; id < btf__type_cnt(b); id++) {
		const struct btf_type *t = btf__type_by_id(b, id);

		n += btf_kind(t) == kind &&
		     !strcmp(btf__name_by_offset(b, t->name_off), name);
	}
	return n;
}

static void subset_types(void **state)
{
	struct btf *b = kernel_types(), *got;

	(void)state;
	write_btf(b);
	btf__free(b);
	open_good(file);
	got = subset();
	check_task(got);
	check_enum(got);
	assert_int_equal(count(got, "twin", BTF_KIND_STRUCT), 2);
	assert_int_equal(type_of(got, "huge", BTF_KIND_ENUM64)->size, 8);
	/* Each once, and nothing that nobody needs. */
	assert_int_equal(count(got, "task", BTF_KIND_STRUCT), 1);
	assert_int_equal(count(got, "state", BTF_KIND_ENUM), 1);
	assert_int_equal(count(got, "int", BTF_KIND_INT), 1);
	assert_int_equal(count(got, "unasked", BTF_KIND_STRUCT), 0);
	assert_int_equal(count(got, "page", BTF_KIND_FWD), 0);
	assert_int_equal(count(got, "do_exit", BTF_KIND_FUNC), 0);
	assert_int_equal(count(got, "double", BTF_KIND_FLOAT), 0);
	btf__free(got);
	assert_null(types.data); /* the rest is freed */
	assert_null(types.type);
}

/* Of a subset, a subset can be made: for --btf with a file that was cut down. */
static void subset_of_subset(void **state)
{
	struct btf *b = kernel_types(), *got;

	(void)state;
	write_btf(b);
	btf__free(b);
	open_good(file);
	b = subset();
	write_btf(b);
	btf__free(b);
	forget(NULL);
	open_good(file);
	got = subset();
	check_task(got);
	check_enum(got);
	assert_int_equal(count(got, "twin", BTF_KIND_STRUCT), 2);
	btf__free(got);
}

/* --- files -------------------------------------------------------------------------- */

/* An ELF file with one section of this name. */
static size_t make_elf(char *to, const char *section, const void *data, size_t size)
{
	static const char names[] = "\0.shstrtab\0";
	Elf64_Ehdr *h = (void *)to;
	size_t names_at = sizeof(*h), names_size = sizeof(names) + strlen(section);
	size_t data_at = (names_at + names_size + 7) & ~7ul;
	size_t sections_at = (data_at + size + 7) & ~7ul;
	Elf64_Shdr *s = (void *)(to + sections_at);

	memset(to, 0, sections_at + 3 * sizeof(*s));
	memcpy(h->e_ident, ELFMAG, SELFMAG);
	h->e_ident[EI_CLASS] = ELFCLASS64;
	h->e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
									: ELFDATA2MSB;
	h->e_ident[EI_VERSION] = h->e_version = EV_CURRENT;
	h->e_type = ET_REL;
	h->e_machine = EM_BPF;
	h->e_ehsize = sizeof(*h);
	h->e_shentsize = sizeof(*s);
	h->e_shoff = sections_at;
	h->e_shnum = 3;
	h->e_shstrndx = 1;
	memcpy(to + names_at, names, sizeof(names));
	strcpy(to + names_at + sizeof(names) - 1, section);
	memcpy(to + data_at, data, size);
	s[1] = (Elf64_Shdr){ .sh_name = 1,
			     .sh_type = SHT_STRTAB,
			     .sh_offset = names_at,
			     .sh_size = names_size,
			     .sh_addralign = 1 };
	s[2] = (Elf64_Shdr){ .sh_name = sizeof(names) - 1,
			     .sh_type = SHT_PROGBITS,
			     .sh_offset = data_at,
			     .sh_size = size,
			     .sh_addralign = 8 };
	return sections_at + 3 * sizeof(*s);
}

static char image[16384] __attribute__((aligned(8)));

static void elf(void **state)
{
	struct btf *b = kernel_types(), *got;
	const void *data;
	__u32 size;

	(void)state;
	data = btf__raw_data(b, &size);
	write_file(image, make_elf(image, ".BTF", data, size));
	btf__free(b);
	open_good(file);
	assert_int_equal(ktypes_raw_tracepoint_args("sched_process_exec"), 3);
	got = subset();
	check_task(got);
	btf__free(got);
}

static void open_bad_child(const void *name)
{
	CHECK(ktypes_open(name) < 0);
}

static void check_bad(const char *name, const char *said)
{
	assert_true(child_run_good(open_bad_child, name));
	if (!strstr(child_said, said) || !strstr(child_said, name) ||
	    strchr(child_said, '\n') != child_said + strlen(child_said) - 1)
		fail_msg("'%s' is not one line with '%s' and the file's name", child_said,
			 said);
}

static void no_btf(void **state)
{
	(void)state;
	write_file("", 0);
	check_bad(file, ": --btf: no BTF in '");
	write_file("just some text, longer than the header of a BTF file\n", 53);
	check_bad(file, ": --btf: no BTF in '");
	check_bad("/nonexistent/file", ": --btf: cannot read '");
	assert_non_null(strstr(child_said, ": No such file or directory\n"));
	check_bad("/proc", ": --btf: ");
}

/* An ELF file is there and readable: what is missing in it is BTF, not a file. */
static void elf_no_btf(void **state)
{
	(void)state;
	write_file(image, make_elf(image, ".text", "text", 4));
	check_bad(file, ": --btf: no BTF in '");
}

/* --- corrupt files ------------------------------------------------------------------ */

/* Opens what is in the file and uses it as a tool would. Anything may come of it but a
 * crash. */
static void use(void)
{
	struct btf *program = program_types();

	if (!ktypes_open(file)) {
		ktypes_path();
		ktypes_raw_tracepoint_args("sched_process_exec");
		ktypes_raw_tracepoint_args("absent");
		ktypes_subset((const struct bpf_object *)program);
	}
	btf__free(program);
	forget(NULL);
}

struct corrupt {
	const char *data;
	size_t size;
};

static void truncated_child(const void *argument)
{
	const struct corrupt *c = argument;

	for (size_t size = 0; size < c->size; size++) {
		int fd = open(file, O_WRONLY | O_TRUNC);

		CHECK(write(fd, c->data, size) == (ssize_t)size);
		close(fd);
		CHECK(ktypes_open(file) < 0);
		forget(NULL);
	}
}

/* Every byte, with some of its values. */
static void flipped_child(const void *argument)
{
	static const unsigned char change[] = { 0x01, 0x02, 0x80, 0xff, 0x10 };
	const struct corrupt *c = argument;
	char *data = malloc(c->size);

	for (size_t i = 0; i < c->size; i++) {
		for (size_t k = 0; k < sizeof(change); k++) {
			int fd = open(file, O_WRONLY | O_TRUNC);

			memcpy(data, c->data, c->size);
			data[i] ^= change[k];
			CHECK(write(fd, data, c->size) == (ssize_t)c->size);
			close(fd);
			/* Only what the last one said is of interest. */
			CHECK(!ftruncate(STDERR_FILENO, 0) &&
			      !lseek(STDERR_FILENO, 0, SEEK_SET));
			dprintf(STDERR_FILENO, "byte %zu ^ %#x\n", i, change[k]);
			use();
		}
	}
	free(data);
}

/* Several bytes of a file at once, always the same ones. */
static void scattered_child(const void *argument)
{
	const struct corrupt *c = argument;
	char *data = malloc(c->size);
	uint64_t random = 0x9e3779b97f4a7c15u;

	for (int round = 0; round < 3000; round++) {
		int fd = open(file, O_WRONLY | O_TRUNC);

		memcpy(data, c->data, c->size);
		for (int k = 0; k < 1 + round % 6; k++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			data[(random >> 33) % c->size] = random >> 25;
		}
		CHECK(write(fd, data, c->size) == (ssize_t)c->size);
		close(fd);
		CHECK(!ftruncate(STDERR_FILENO, 0) && !lseek(STDERR_FILENO, 0, SEEK_SET));
		dprintf(STDERR_FILENO, "round %d\n", round);
		use();
	}
	free(data);
}

static void corrupt(void (*child)(const void *))
{
	struct btf *b = kernel_types();
	struct corrupt c;
	__u32 size;

	c.data = btf__raw_data(b, &size);
	c.size = size;
	assert_true(child_run_good(child, &c));
	btf__free(b);
}

static void truncated(void **state)
{
	(void)state;
	corrupt(truncated_child);
}

static void flipped(void **state)
{
	(void)state;
	corrupt(flipped_child);
}

static void scattered(void **state)
{
	(void)state;
	corrupt(scattered_child);
}

/* Types that hold themselves by value, or go round in a circle of names. */
static void circles_child(const void *argument)
{
	write_btf(argument);
	use();
}

static void circles(void **state)
{
	struct btf *b = btf__new_empty();

	(void)state;
	btf__add_struct(b, "task", 4);
	btf__add_field(b, "self", 1, 0, 0);
	assert_true(child_run_good(circles_child, b));
	btf__free(b);

	b = btf__new_empty();
	btf__add_struct(b, "task", 4);
	btf__add_field(b, "array", 2, 0, 0);
	btf__add_array(b, 2, 2, 1);
	assert_true(child_run_good(circles_child, b));
	btf__free(b);

	b = btf__new_empty();
	btf__add_struct(b, "task", 4);
	btf__add_field(b, "name", 2, 0, 0);
	btf__add_typedef(b, "a", 3);
	btf__add_const(b, 2);
	assert_true(child_run_good(circles_child, b));
	btf__free(b);
}

/* Who wants the bytes has them for good. */
static void kept(void **state)
{
	struct btf *b = kernel_types();
	const void *data, *bytes;
	size_t got;
	__u32 size;

	(void)state;
	write_btf(b);
	open_good(file);
	bytes = ktypes_bytes(&got);
	btf__free(subset());
	data = btf__raw_data(b, &size);
	assert_int_equal(got, size);
	assert_memory_equal(bytes, data, size);
	assert_int_equal(munmap((void *)bytes, got), 0);
	btf__free(b);
}

static int make_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	close(fd);
	diag_start(); /* libbpf's own words are kept back, as in a tool */
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(arguments, forget),
		cmocka_unit_test_teardown(arguments_unknown, forget),
		cmocka_unit_test_teardown(members, forget),
		cmocka_unit_test_teardown(enums, forget),
		cmocka_unit_test_teardown(subset_types, forget),
		cmocka_unit_test_teardown(subset_of_subset, forget),
		cmocka_unit_test_teardown(kept, forget),
		cmocka_unit_test_teardown(elf, forget),
		cmocka_unit_test_teardown(no_btf, forget),
		cmocka_unit_test_teardown(elf_no_btf, forget),
		cmocka_unit_test_teardown(truncated, forget),
		cmocka_unit_test_teardown(flipped, forget),
		cmocka_unit_test_teardown(scattered, forget),
		cmocka_unit_test_teardown(circles, forget),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
