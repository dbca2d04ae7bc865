// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Formats of tracepoints, as kernels write them, and what is made of each field. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe/eventformat.h"
#include "strbuf.h"

/* A field in one line, to be compared with what is expected. */
static const char *describe(const struct event_field *field)
{
	static const char *const places[] = { "", "data_loc ", "rel_loc " };
	static char line[512];
	char count[32] = "", plain_count[32] = "";

	if (field->is_array)
		snprintf(count, sizeof(count), "[%u]", field->count);
	if (field->plain_count)
		snprintf(plain_count, sizeof(plain_count), "[%u]", field->plain_count);
	snprintf(line, sizeof(line), "%s%s %s%s | %s%s | %u+%u%s%s%s%s", places[field->place],
		 field->type, field->name, count, field->plain, plain_count, field->offset,
		 field->size, field->is_signed ? " signed" : "", field->is_common ? " common" : "",
		 field->is_readable ? "" : " hidden", field->is_user ? " user" : "");
	return line;
}

static void check(const char *text, bool is_syscall, const char *const *expected)
{
	struct eventformat f = {};
	size_t i;

	assert_int_equal(eventformat_parse(&f, text, strlen(text), is_syscall), 0);
	for (i = 0; i < f.count; i++) {
		assert_non_null(expected[i]);
		assert_string_equal(describe(&f.fields[i]), expected[i]);
		assert_ptr_equal(eventformat_find(&f, f.fields[i].name), &f.fields[i]);
	}
	assert_null(expected[i]);
	assert_null(eventformat_find(&f, "nowhere"));
	eventformat_free(&f);
}

static const char header[] =
	"name: sched_switch\n"
	"ID: 315\n"
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n";

static void whole(void **state)
{
	static const char *const expected[] = {
		"unsigned short common_type | unsigned short | 0+2 common hidden",
		"unsigned char common_flags | unsigned char | 2+1 common hidden",
		"unsigned char common_preempt_count | unsigned char | 3+1 common hidden",
		"int common_pid | int | 4+4 signed common hidden",
		"char prev_comm[16] | char[16] | 8+16",
		"pid_t prev_pid | int | 24+4 signed",
		"long prev_state | long | 32+8 signed",
		NULL,
	};
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "%s%s", header,
		 "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
		 "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
		 "\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
		 "\n"
		 "print fmt: \"prev_comm=%s\tfield:int x;\toffset:8;\", REC->prev_comm\n");
	check(text, false, expected);
}

/* Of kernels 5.10 to 7.2, amd64 and arm64: each shape that their tracepoints have. */
static const struct {
	const char *line, *expected;
} shapes[] = {
#define AT(offset, size, sign) ";\toffset:" #offset ";\tsize:" #size ";\tsigned:" #sign ";"
	{ "const char * name" AT(8, 8, 0), "const char * name | unsigned long | 8+8" },
	{ "const char *const * argv" AT(8, 8, 0),
	  "const char *const * argv | unsigned long | 8+8" },
	{ "struct robust_list_head * * head" AT(8, 8, 0),
	  "struct robust_list_head * * head | unsigned long | 8+8" },
	{ "const struct landlock_ruleset_attr *const attr" AT(8, 8, 0),
	  "const struct landlock_ruleset_attr *const attr | unsigned long | 8+8" },
	{ "void __seg_gs * p" AT(8, 8, 0), "void * p | unsigned long | 8+8" },
	{ "const char __user * p" AT(8, 8, 0), "const char __user * p | unsigned long | 8+8 user" },
	{ "struct foo __rcu * p" AT(8, 8, 0), "struct foo * p | unsigned long | 8+8" },
	{ "union bpf_attr * uattr" AT(8, 8, 0), "union bpf_attr * uattr | unsigned long | 8+8" },
	{ "enum zone_type z" AT(8, 4, 0), "enum zone_type z | unsigned int | 8+4" },
	{ "enum netfs_failure f" AT(9, 1, 0), "enum netfs_failure f | unsigned char | 9+1" },
	{ "unsigned u" AT(12, 4, 0), "unsigned u | unsigned int | 12+4" },
	{ "bool b" AT(13, 1, 0), "bool b | unsigned char | 13+1" },
	{ "s8 s" AT(13, 1, 1), "s8 s | signed char | 13+1 signed" },
	{ "char c" AT(13, 1, 1), "char c | char | 13+1 signed" },
	{ "__s16 s" AT(14, 2, 1), "__s16 s | short | 14+2 signed" },
	{ "uuid_t u" AT(8, 16, 0), "uuid_t u | unsigned char[16] | 8+16" },
	{ "struct cper_mem_err_compact c" AT(8, 55, 0),
	  "struct cper_mem_err_compact c | unsigned char[55] | 8+55" },
	{ "__u8 saddr[4]" AT(8, 4, 0), "__u8 saddr[4] | unsigned char[4] | 8+4" },
	{ "long a[3]" AT(8, 24, 1), "long a[3] | long[3] | 8+24 signed" },
	{ "unsigned long regs[16]" AT(8, 128, 0),
	  "unsigned long regs[16] | unsigned long[16] | 8+128" },
	{ "char n[30+1]" AT(8, 31, 1), "char n[31] | char[31] | 8+31 signed" },
	{ "__u8 n[32 + 2]" AT(8, 34, 0), "__u8 n[34] | unsigned char[34] | 8+34" },
	{ "char comm[TASK_COMM_LEN]" AT(8, 16, 0), "char comm[16] | char[16] | 8+16" },
	{ "u64 n[A_B]" AT(8, 24, 0), "u64 n[3] | unsigned long[3] | 8+24" },
	{ "some_t n[A_B]" AT(8, 24, 0), "unsigned char n[24] | unsigned char[24] | 8+24" },
	{ "some_t n[2]" AT(8, 24, 0), "some_t n[2] | unsigned char[24] | 8+24" },
	{ "some_t n[2]" AT(8, 8, 0), "some_t n[2] | unsigned int[2] | 8+8" },
	{ "char buf[]" AT(12, 0, 0), "char buf[0] | char | 12+0" },
	{ "u32 buf[]" AT(12, 0, 0), "u32 buf[0] | unsigned int | 12+0" },
	{ "__data_loc char[] name" AT(8, 4, 1), "data_loc char name[0] | char | 8+4 signed" },
	{ "__data_loc u8[] bytes" AT(8, 4, 0), "data_loc u8 bytes[0] | unsigned char | 8+4" },
	{ "__data_loc unsigned long[] l" AT(8, 4, 0),
	  "data_loc unsigned long l[0] | unsigned long | 8+4" },
	{ "__data_loc cpumask_t mask" AT(8, 4, 0),
	  "data_loc unsigned long mask[0] | unsigned long | 8+4" },
	{ "__data_loc struct foo[] list" AT(8, 4, 0),
	  "data_loc struct foo list[0] | unsigned char | 8+4" },
	{ "__rel_loc char[] name" AT(8, 4, 1), "rel_loc char name[0] | char | 8+4 signed" },
	/* What nobody can read is bytes. */
	{ "__attribute__((btf_type_tag(1))) x p" AT(8, 8, 0),
	  "unsigned long p | unsigned long | 8+8" },
	{ "int common_preempt_lazy_count" AT(8, 4, 1),
	  "int common_preempt_lazy_count | int | 8+4 signed common" },
};

static void each_shape(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const char *const expected[] = { shapes[i].expected, NULL };

		snprintf(text, sizeof(text), "\tfield:%s\n", shapes[i].line);
		check(text, false, expected);
	}
}

/* Arguments have 8 bytes each, whatever their type; 7.x adds texts, which programs do not get. */
static void syscalls(void **state)
{
	static const char text[] =
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
		"\n"
		"\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
		"\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
		"\tfield:umode_t mode;\toffset:40;\tsize:8;\tsigned:0;\n"
		"\tfield:__data_loc char[] __filename_val;\toffset:48;\tsize:4;\tsigned:0;\n";
	static const char *const expected[] = {
		"int common_pid | int | 4+4 signed common hidden user",
		"int __syscall_nr | int | 8+4 signed user",
		"int dfd | unsigned long | 16+8 user",
		"const char * filename | unsigned long | 24+8 user",
		"umode_t mode | unsigned long | 40+8 user",
		"data_loc char __filename_val[0] | char | 48+4 hidden user",
		NULL,
	};

	(void)state;
	check(text, true, expected);
}

static void refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "name: x\nID: 1\nformat:\n\nprint fmt: \"\"\n",
		"\tfield:int;\toffset:8;\tsize:4;\tsigned:1;\n",
		"\tfield:int x\toffset:8\tsize:4\tsigned:1\n",
		"\tfield:int x;\toffset:8;\tsize:4;\n",
		"\tfield:int x];\toffset:8;\tsize:4;\tsigned:1;\n",
		"\tfield:[1];\toffset:8;\tsize:4;\tsigned:1;\n",
		"\tfield:;\toffset:8;\tsize:4;\tsigned:1;\n",
		"\tfield:int x;\toffset:65536;\tsize:4;\tsigned:1;\n",
		"\tfield:int x;\toffset:8;\tsize:-4;\tsigned:1;\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct eventformat f = {};

		if (eventformat_parse(&f, texts[i], strlen(texts[i]), false) != -EINVAL)
			fail_msg("taken: %s", texts[i]);
		eventformat_free(&f);
	}
}

/* Cut anywhere, and with each byte changed: no more than is there is read (the sanitizers). */
static void damaged(void **state)
{
	char text[1024];
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i += 6)
		size += snprintf(text + size, sizeof(text) - size, "\tfield:%s\n", shapes[i].line);
	for (size_t i = 0; i < 2 * size; i++) {
		static const char bytes[] = "\0[]; 9\n(_\xff";
		size_t length = i < size ? i : size;
		char *copy = malloc(length + 1); /* of its own size, for ASan */
		struct eventformat f = {};

		assert_non_null(copy);
		memcpy(copy, text, length);
		if (i >= size)
			copy[i - size] = bytes[i % (sizeof(bytes) - 1)];
		eventformat_parse(&f, copy, length, false);
		eventformat_free(&f);
		free(copy);
	}
}

static void no_event(void **state)
{
	struct eventformat f = {};

	(void)state;
	assert_int_equal(eventformat_read(&f, "nocolon"), -EINVAL);
	assert_true(eventformat_read(&f, "no_category:no_event") < 0);
	assert_int_equal(f.count, 0);
	eventformat_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole), cmocka_unit_test(each_shape), cmocka_unit_test(syscalls),
		cmocka_unit_test(refused), cmocka_unit_test(damaged), cmocka_unit_test(no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
