// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls that are filled in at start, in a program that is an array. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bpf/preempt.h"
#include "ktypes.h"

#define CALL(n) { .code = BPF_JMP | BPF_CALL, .imm = (n) }
#define COUNT 5

static const struct bpf_insn before[COUNT] = {
	CALL(PREEMPT_DISABLE_CALL), CALL(35), CALL(PREEMPT_ENABLE_CALL),
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = PREEMPT_ENABLE_CALL },
	{ .code = BPF_JMP | BPF_EXIT },
};
static struct bpf_insn after[COUNT];

/* What the kernel of a test has. */
static bool has_might_sleep;
static int disable_id, enable_id;

int ktypes_function(const char *name)
{
	return strcmp(name, "bpf_preempt_disable") ? enable_id : disable_id;
}

bool ktypes_has_member(const char *type, const char *member)
{
	assert_string_equal(type, "bpf_subprog_info");
	assert_string_equal(member, "might_sleep");
	return has_might_sleep;
}

/* An object of one program and, perhaps, a function. */
static bool has_function;

static struct btf_type program_type = { .info = BTF_KIND_FUNC << 24 | BTF_FUNC_GLOBAL, .name_off = 1 };
static struct btf_type function_type = { .info = BTF_KIND_FUNC << 24 | BTF_FUNC_GLOBAL };
static struct btf_type static_type = { .info = BTF_KIND_FUNC << 24 | BTF_FUNC_STATIC };

static const struct btf_type *object_type(unsigned int id)
{
	return id == 1 ? &program_type : has_function ? &function_type : &static_type;
}

#define bpf_object__btf(object) ((void)(object), (struct btf *)NULL)
#define btf__type_cnt(btf) ((void)(btf), 3u)
#define btf__type_by_id(btf, id) object_type(id)
#define btf__name_by_offset(btf, at) ((at) ? "program" : "function")
#define bpf_object__find_program_by_name(object, name) (!strcmp(name, "program"))

static int set_insns(const struct bpf_insn *insns, size_t count)
{
	assert_int_equal(count, COUNT);
	memcpy(after, insns, sizeof(after));
	return 0;
}

#define bpf_program__insn_cnt(p) ((void)(p), (size_t)COUNT)
#define bpf_program__insns(p) ((void)(p), before)
#define bpf_program__set_insns(p, insns, count) ((void)(p), set_insns(insns, count))

#include "kfunc.c"

static void link_all(void)
{
	struct kfunc k = kfunc_find(NULL);

	assert_int_equal(kfunc_link(&k, NULL), 0);
}

static void assert_call(const struct bpf_insn *i, int id)
{
	assert_int_equal(i->code, BPF_JMP | BPF_CALL);
	assert_int_equal(i->src_reg, BPF_PSEUDO_KFUNC_CALL);
	assert_int_equal(i->imm, id);
	assert_int_equal(i->off, 0);
}

static void assert_nothing(const struct bpf_insn *i)
{
	static const struct bpf_insn nothing = { .code = BPF_ALU64 | BPF_MOV | BPF_K };

	assert_memory_equal(i, &nothing, sizeof(nothing));
}

/* The other instructions are left alone, also one that has the number in it. */
static void assert_rest(void)
{
	assert_memory_equal(&after[1], &before[1], sizeof(before[1]));
	assert_memory_equal(&after[3], &before[3], 2 * sizeof(before[3]));
}

static void linked(void **state)
{
	(void)state;
	has_might_sleep = has_function = true;
	disable_id = 1000;
	enable_id = 2000;
	link_all();
	assert_call(&after[0], 1000);
	assert_call(&after[2], 2000);
	assert_rest();
}

/* 6.10 to 6.14 have the functions, but would refuse calls of global ones between them. */
static void too_early(void **state)
{
	(void)state;
	has_might_sleep = false;
	has_function = false;
	disable_id = 1000;
	enable_id = 2000;
	link_all();
	assert_call(&after[0], 1000);
	assert_call(&after[2], 2000);
	has_function = true;
	disable_id = 1000;
	enable_id = 2000;
	link_all();
	assert_nothing(&after[0]);
	assert_nothing(&after[2]);
	assert_rest();
}

/* Never one without the other. */
static void one_missing(void **state)
{
	(void)state;
	has_might_sleep = true;
	disable_id = 1000;
	enable_id = -2;
	link_all();
	assert_nothing(&after[0]);
	assert_nothing(&after[2]);
	disable_id = -2;
	enable_id = 2000;
	link_all();
	assert_nothing(&after[0]);
	assert_nothing(&after[2]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(linked),
		cmocka_unit_test(too_early),
		cmocka_unit_test(one_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
