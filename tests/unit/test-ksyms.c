// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* klist.c is included, with the symbols of a made-up kernel in the place of the machine's. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "child.h"
#include "probe/ksyms.h"

static const char *symbols; /* NULL: cannot be read */
static int reads;

static int proc_file(const char *path)
{
	int fd;

	reads++;
	errno = EACCES;
	if (!symbols || strcmp(path, "/proc/kallsyms"))
		return -1;
	fd = memfd_create("list", MFD_CLOEXEC);
	assert_int_equal(write(fd, symbols, strlen(symbols)), strlen(symbols));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

#define open(path, flags) proc_file(path)
#include "probe/klist.c"
#undef open

/* Modules lie below the kernel (arm64), and their symbols are in no order. */
static const char all_symbols[] =
	"0000000000000000 D fixed_percpu_data\n"
	"0000000000001000 D cpu_tss_rw\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000010 t __pfx_vfs_read\n"
	"ffffffff81000020 T vfs_read\n"
	"ffffffff81000030 t $x\n"
	"ffffffff81000080 t vfs_read.cold\n"
	"ffffffff81000100 T vfs_write\n"
	"nonsense\n"
	"ffffffff81800000 D vfs_data\n"
	"ffffffffc0000020 t beta_two\t[beta]\n"
	"ffffffffc0000010 t beta_one\t[beta]\n"
	"ffffffff00000000 t alpha\t[alpha]\n"
	"ffffffffc0800000 t bpf_prog_0123456789abcdef_handle\t[bpf]\n";

static struct ksyms ksyms;
static struct strbuf text;

static int set_up(void **state)
{
	(void)state;
	ksyms_free(&ksyms);
	strbuf_free(&text);
	symbols = all_symbols;
	reads = 0;
	return 0;
}

static const char *printed(uint64_t address)
{
	strbuf_clear(&text);
	ksyms_print(&ksyms, address, &text);
	return strbuf_cstr(&text);
}

static void test_names(void **state)
{
	struct ksym symbol;

	(void)state;
	assert_string_equal(printed(0xffffffff81000020), "vfs_read+0x0 [kernel]");
	assert_string_equal(printed(0xffffffff8100003a), "vfs_read+0x1a [kernel]");
	assert_string_equal(printed(0xffffffff8100007f), "vfs_read+0x5f [kernel]");
	assert_string_equal(printed(0xffffffff81000081), "vfs_read.cold+0x1 [kernel]");
	assert_string_equal(printed(0xffffffff81000005), "_stext+0x5 [kernel]");
	assert_string_equal(printed(0xffffffff81800008), "vfs_data+0x8 [kernel]");
	assert_string_equal(printed(0xffffffffc0000011), "beta_one+0x1 [beta]");
	assert_string_equal(printed(0xffffffffc0000020), "beta_two+0x0 [beta]");
	assert_string_equal(printed(0xffffffff00000001), "alpha+0x1 [alpha]");
	assert_string_equal(printed(0xffffffffc0800004),
			    "bpf_prog_0123456789abcdef_handle+0x4 [bpf]");
	assert_true(ksyms_lookup(&ksyms, 0xffffffff81000101, &symbol));
	assert_string_equal(symbol.name, "vfs_write");
	assert_null(symbol.module);
	assert_int_equal(symbol.offset, 1);
	assert_int_equal(reads, 1);
}

static void test_no_names(void **state)
{
	struct ksym symbol = { .name = "x" };

	(void)state;
	assert_string_equal(printed(0), "0x0");
	assert_string_equal(printed(0x1008), "0x1008");
	assert_string_equal(printed(0xffffffff82000000), "0xffffffff82000000");
	assert_string_equal(printed(UINT64_MAX), "0xffffffffffffffff");
	assert_false(ksyms_lookup(&ksyms, 0xfffffffeffffffff, &symbol));
	assert_false(ksyms_lookup(&ksyms, 0x1008, &symbol));
	assert_null(symbol.name);
}

static void print_some(const void *list)
{
	symbols = list;
	for (int i = 0; i < 3; i++)
		CHECK(!strcmp(printed(0xffffffff81000020), "0xffffffff81000020"));
	CHECK(reads == 1);
	ksyms_free(&ksyms);
	strbuf_free(&text);
}

static bool said_once(const char *what)
{
	const char *at = strstr(child_said, what);

	return at && !strstr(at + 1, what) && !strchr(strchr(at, '\n') + 1, '\n');
}

static void test_hidden(void **state)
{
	(void)state;
	assert_true(child_run_good(print_some, "0000000000000000 T vfs_read\n"
					       "0000000000000000 t alpha\t[alpha]\n"));
	assert_true(said_once("kernel.kptr_restrict"));
	assert_true(child_run_good(print_some, NULL));
	assert_true(said_once("cannot read '/proc/kallsyms'"));
}

/* As many as the largest kernels have. */
static void test_size(void **state)
{
	struct strbuf list = {};
	const int count = 200000;

	(void)state;
	for (int i = 0; i < count; i++)
		strbuf_printf(&list, "%llx t function_number_%d%s\n",
			      0xffffffff81000000ull + i * 32, i, i > count / 2 ? "\t[module]" : "");
	symbols = strbuf_cstr(&list);
	assert_string_equal(printed(0xffffffff81000000 + 7777 * 32 + 3),
			    "function_number_7777+0x3 [kernel]");
	assert_string_equal(printed(0xffffffff81000000 + 177777 * 32),
			    "function_number_177777+0x0 [module]");
	assert_int_equal(ksyms.table.count, count);
	assert_true(symtab_size(&ksyms.table) < 8 << 20);
	strbuf_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names, set_up),
		cmocka_unit_test_setup(test_no_names, set_up),
		cmocka_unit_test_setup(test_hidden, set_up),
		cmocka_unit_test_setup_teardown(test_size, set_up, set_up),
	};

	return cmocka_run_group_tests_name("ksyms", tests, NULL, NULL);
}
