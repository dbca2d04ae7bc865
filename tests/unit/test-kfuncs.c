// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The modules are included, with lists of a made-up kernel in the place of the machine's. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "child.h"
#include "diag.h"
#include "kernel.h"
#include "probe/spec.h"

/* NULL: cannot be read. */
static const char *hooks, *functions, *symbols, *refused;
static const char *const *btf_functions;
static int reads; /* of lists */

static int file_of(const char *text)
{
	int fd = text ? memfd_create("list", MFD_CLOEXEC) : -1;

	reads++;
	if (fd < 0)
		return -EACCES;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int tracefs_file(const char *path)
{
	return file_of(!strcmp(path, "available_filter_functions_addrs") ? hooks :
		       !strcmp(path, "available_filter_functions") ? functions : NULL);
}

static int debugfs_file(const char *path)
{
	return file_of(!strcmp(path, "kprobes/blacklist") ? refused : NULL);
}

static int proc_file(const char *path)
{
	int fd = file_of(!strcmp(path, "/proc/kallsyms") ? symbols : NULL);

	errno = fd < 0 ? -fd : 0;
	return fd < 0 ? -1 : fd;
}

static int tracepoint_id(const char *name)
{
	return !strcmp(name, "block/block_rq_complete") ? 7 : -ENOENT;
}

static struct btf *load_btf(void)
{
	struct btf *btf;
	int proto;

	errno = ENOENT;
	if (!btf_functions)
		return NULL;
	btf = btf__new_empty();
	proto = btf__add_func_proto(btf, 0);
	for (const char *const *name = btf_functions; *name; name++)
		btf__add_func(btf, *name, BTF_FUNC_GLOBAL, proto);
	return btf;
}

#define kernel_open_tracefs(path) tracefs_file(path)
#define kernel_open_debugfs(path) debugfs_file(path)
#define kernel_tracepoint_id(name) tracepoint_id(name)
#define btf__load_vmlinux_btf() load_btf()
#define open(path, flags) proc_file(path)
#include "probe/klist.c"
#include "probe/kfuncs.c"
#include "probe/khints.c"
#undef open

static const char all_symbols[] =
	"ffffffff81000000 T _stext\n"
	"ffffffff81000010 t twin\n"
	"ffffffff81000020 T vfs_read\n"
	"ffffffff81000040 T vfs_write\n"
	"ffffffff81000050 T vfs_notrace\n"
	"ffffffff81000060 t __pfx_vfs_open\n"
	"ffffffff81000070 T vfs_open\n"
	"ffffffff81000080 t twin\n"
	"ffffffff81000090 t helper.isra.0\n"
	"ffffffff810000a0 t helper.constprop.1.isra.0\n"
	"ffffffff810000b0 t helper.part.0\n"
	"ffffffff810000c0 t helper.cold\n"
	"ffffffff810000d0 t whole\n"
	"ffffffff810000e0 t whole.part.0\n"
	"ffffffff810000f0 t rest.part.0\n"
	"ffffffff81000100 t rest.part.0.cold\n"
	"ffffffff81000110 T __x64_sys_clone\n"
	"ffffffff81000110 T __arm64_sys_clone\n"
	"ffffffff81000120 T __x64_sys_exit\n"
	"ffffffff81000120 T __arm64_sys_exit\n"
	"ffffffff81000130 T sys_ni_syscall\n"
	"ffffffff81000140 T _raw_spin_lock\n"
	"ffffffff81000150 T asm_thing\n"
	"ffffffff81000160 T do_sys_open\n"
	"ffffffff81000170 T do_sys_openat2\n"
	"ffffffff81000180 T submit_bio_noacct\n"
	"ffffffff81000190 t blk_account_io_done\n"
	"ffffffff810001a0 T refused_one\n"
	"ffffffff81800000 D vfs_data\n"
	"ffffffff81900000 T _sinittext\n"
	"ffffffff81900010 t vfs_start\n"
	"ffffffff81900020 T _einittext\n"
	"ffffffffc0000000 t twin\t[alpha]\n"
	"ffffffffc0000010 t vfs_alpha\t[alpha]\n"
	"ffffffffc0000020 t vfs_beta\t[beta]\n"
	"ffffffffc0000030 t bpf_prog_0123456789abcdef_vfs_x\t[bpf]\n"
	"ffffffffc0000040 t vfs_trampoline\t[__builtin__ftrace]\n";

static const char all_functions[] =
	"twin\nvfs_read\nvfs_write\nvfs_open\ntwin\nhelper.isra.0\nhelper.constprop.1.isra.0\n"
	"helper.part.0\nwhole\nwhole.part.0\nrest.part.0\n__x64_sys_clone\n__x64_sys_exit\n"
	"_raw_spin_lock\ndo_sys_open\ndo_sys_openat2\nsubmit_bio_noacct\nrefused_one\n"
	"__ftrace_invalid_address___96\ntwin [alpha]\nvfs_alpha [alpha]\nvfs_beta [beta]\n";

/* As on kernels with endbr: the call is four bytes into the function. */
static const char all_hooks[] =
	"ffffffff81000024 vfs_read\n"
	"ffffffff81000044 vfs_write\n"
	"ffffffff81000074 vfs_open\n"
	"ffffffff81000084 twin\n" /* and the other cannot be traced */
	"ffffffffc0000004 twin [alpha]\n"
	"ffffffffc0000014 vfs_alpha [alpha]\n"
	"ffffffffc0000024 vfs_beta [beta]\n";

static const char all_refused[] = "0xffffffff810001a0-0xffffffff810001b0\trefused_one\n";

static void done(void);

static int set_up(void **state)
{
	(void)state;
	done();
	hooks = NULL;
	functions = all_functions;
	symbols = all_symbols;
	refused = all_refused;
	btf_functions = NULL;
	reads = 0;
	return 0;
}

/* --- what is found ---------------------------------------------------------------------------- */

static struct spec specs[8];
static struct targets targets;
static size_t spec_count;

static int look(bool force, bool regex, const char *texts)
{
	char *copy = strdup(texts), *at = copy, *text;
	struct mistake error;
	int err;

	spec_count = 0;
	while ((text = strsep(&at, " "))) {
		if (spec_parse(&specs[spec_count++], text, NULL, regex, &error))
			abort();
	}
	free(copy);
	err = kfuncs_match(specs, spec_count, force, &targets);
	targets_finish(&targets);
	return err;
}

static void done(void)
{
	targets_free(&targets);
	while (spec_count)
		spec_free(&specs[--spec_count]);
}

static int line_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "name[@module][ret][+offset][?]=address" of all, sorted, by blanks; "?": unsure; "!name" is a
 * skipped one. */
static const char *found(void)
{
	char lines[64][128], *sorted[64];
	static char text[4096];
	size_t n = 0;

	for (size_t i = 0; i < targets.count; i++, n++) {
		const struct target *t = &targets.list[i];
		int size = snprintf(lines[n], sizeof(lines[n]), "%s%s%s%s", t->name,
				    t->module ? "@" : "", t->module ? t->module : "",
				    t->ret ? "<-" : "");

		if (t->offset)
			size += sprintf(lines[n] + size, "+%llu", (unsigned long long)t->offset);
		sprintf(lines[n] + size, "%s=%llx", t->unsure ? "?" : "",
			(unsigned long long)t->address & 0xffff);
	}
	for (size_t i = 0; i < targets.skip_count; i++)
		snprintf(lines[n++], sizeof(lines[0]), "!%s", targets.skipped[i].name);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		sorted[i] = lines[i];
	qsort(sorted, n, sizeof(*sorted), line_compare);
	for (size_t i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", sorted[i]);
	return text;
}

static void check(const char *texts, bool force, const char *expected)
{
	assert_int_equal(look(force, false, texts), 0);
	if (strcmp(found(), expected))
		fail_msg("%s: found\n    %s, not\n    %s", texts, found(), expected);
	done();
}

static void test_names(void **state)
{
	(void)state;
	check("vfs_read", false, "vfs_read=20");
	assert_int_equal(reads, 2); /* symbols and refusals: no list of ftrace's */
	check("r::vfs_read", false, "vfs_read<-=20");
	check("vfs_read+8", false, "vfs_read+8=20");
	check("vfs_data", false, "");
	check("vfs_start", false, "");
	check("vfs_none", false, "");
	check("vfs_rea", false, "");
	check("vfs_alpha", false, "vfs_alpha@alpha=10");
	check("[alpha]:vfs_alpha", false, "vfs_alpha@alpha=10");
	check("[beta]:vfs_alpha", false, "");
	check("[alpha]:vfs_read", false, "");
	check("__pfx_vfs_open", false, "__pfx_vfs_open=60"); /* who asks for it gets it */
	check("vfs_x vfs_trampoline", false, "");
}

static void test_twins(void **state)
{
	(void)state;
	assert_int_equal(look(false, false, "twin vfs_read"), 0);
	assert_string_equal(found(), "twin=10 twin=80 twin@alpha=0 vfs_read=20");
	assert_int_equal(targets.slots, 2);
	assert_int_equal(specs[0].found, 3);
	assert_int_equal(specs[1].found, 1);
	done();
	check("twin twin", false, "twin=10 twin=80 twin@alpha=0");
	check("twin r::twin", false, "twin<-=10 twin<-=80 twin=10 twin=80 twin@alpha<-=0 "
	      "twin@alpha=0");
	check("tw*", false, "twin=10 twin=80 twin@alpha=0");
	check("[alpha]:twin", false, "twin@alpha=0");
}

static void test_suffixes(void **state)
{
	(void)state;
	check("helper", false, "helper.constprop.1.isra.0=a0 helper.isra.0=90");
	check("whole", false, "whole=d0");
	check("rest", false, "rest.part.0=f0");
	check("helper.part.0", false, "helper.part.0=b0");
	check("help?r", false,
	      "helper.constprop.1.isra.0=a0 helper.isra.0=90");
	assert_true(kfuncs_is_suffix(".isra.0"));
	assert_true(kfuncs_is_suffix(".constprop.0.isra.12.cold"));
	assert_true(kfuncs_is_suffix(".llvm.1234567890"));
	assert_false(kfuncs_is_suffix(".isra"));
	assert_false(kfuncs_is_suffix(".isra.x"));
	assert_false(kfuncs_is_suffix(".other.0"));
	assert_false(kfuncs_is_function("a.cold"));
	assert_false(kfuncs_is_function("a.isra.0.cold.1"));
	assert_true(kfuncs_is_function("a.coldest"));
}

static const char vfs_listed[] = "vfs_alpha@alpha=10 vfs_beta@beta=20 vfs_open=70 vfs_read=20 "
				 "vfs_write=40";

static void test_wildcards(void **state)
{
	(void)state;
	check("vfs_*", false, vfs_listed);
	assert_int_equal(reads, 5); /* hooks (none, twice), functions, symbols, refusals */
	check("[beta]:*", false, "vfs_beta@beta=20");
	check("vfs_* vfs_r*", false, vfs_listed);
	check("vfs_r* vfs_write", false, "vfs_read=20 vfs_write=40");
	check("vfs_r* vfs_read", false, "vfs_read=20");
	check("__ftrace*", false, "");
	check("vfs_x*", false, "");
	assert_int_equal(look(false, true, "vfs_(read|write)"), 0);
	assert_string_equal(found(), "vfs_read=20 vfs_write=40");
	done();
}

static void locate(const char *texts, const char *before, const char *after)
{
	assert_int_equal(look(false, false, texts), 0);
	if (strcmp(found(), before))
		fail_msg("%s: found\n    %s, not\n    %s", texts, found(), before);
	assert_true(kfuncs_locate(&targets));
	if (strcmp(found(), after))
		fail_msg("%s: located\n    %s, not\n    %s", texts, found(), after);
	assert_false(kfuncs_locate(&targets));
	done();
}

/* Where kprobe.multi takes names. */
static void test_by_name(void **state)
{
	(void)state;
	hooks = all_hooks;
	functions = "vfs_read\nvfs_write\nvfs_open\ntwin\ntwin [alpha]\nvfs_alpha [alpha]\n"
		    "vfs_beta [beta]\n";
	locate("vfs_*", "vfs_alpha@alpha?=0 vfs_beta@beta?=0 vfs_open?=0 vfs_read?=0 vfs_write?=0",
	       vfs_listed);
	reads = 0;
	check("vfs_*", false,
	      "vfs_alpha@alpha?=0 vfs_beta@beta?=0 vfs_open?=0 vfs_read?=0 vfs_write?=0");
	assert_int_equal(reads, 3); /* hooks (are there), functions, refusals */
	locate("vfs_r* r::vfs_r* vfs_*d", "vfs_read<-?=0 vfs_read?=0", "vfs_read<-=20 vfs_read=20");
	locate("vfs_r* vfs_w* *_open", "vfs_open?=0 vfs_read?=0 vfs_write?=0",
	       "vfs_open=70 vfs_read=20 vfs_write=40");
	/* Namesakes need addresses; these are of the first ones, and one cannot be traced. */
	locate("tw*", "twin?=10 twin@alpha?=0", "twin=80 twin@alpha=0");
	locate("r::tw* tw*", "twin<-?=10 twin?=10 twin@alpha<-?=0 twin@alpha?=0",
	       "twin<-=80 twin=80 twin@alpha<-=0 twin@alpha=0");
	locate("tw* t*", "twin?=10 twin@alpha?=0", "twin=80 twin@alpha=0");
	hooks = "ffffffff81000014 twin\nffffffff81000084 twin\n";
	functions = "twin\nsys_a\ntwin\n";
	locate("t*", "twin?=10 twin?=80", "twin=10 twin=80");
	/* Nothing that the names begin with is left out. */
	hooks = "ffffffff81000024 vfs_read\n";
	functions = "a\nxvfs_read\nvfs_read [vfs_m]\n\nvfs_\nvfs_reading [m]\nvfs_read\nvfs_read1";
	check("vfs_read*", false,
	      "vfs_read1?=0 vfs_read?=20 vfs_read@vfs_m?=0 vfs_reading@m?=0");
	functions = "vfs_read\n";
	check("vfs_read*", false, "vfs_read?=0");
	/* Unloaded meanwhile. */
	functions = "gone_a\nvfs_read\n";
	locate("*", "gone_a?=0 vfs_read?=0", "gone_a=0 vfs_read=20");
}

/* Names without wildcards are among the symbols, and all get their addresses. */
static void test_hooks(void **state)
{
	(void)state;
	hooks = all_hooks;
	check("tw* twin", false, "twin=10 twin=80 twin@alpha=0"); /* who asks for it gets it */
	assert_int_equal(reads, 3); /* hooks, symbols, refusals */
	check("tw* vfs_notrace", false, "twin=80 twin@alpha=0 vfs_notrace=50");
	check("tw* vfs_r* *n vfs_write", false,
	      "twin=80 twin@alpha=0 vfs_open=70 vfs_read=20 vfs_write=40");
	check("vfs_r* vfs_read", false, "vfs_read=20");
	functions = "vfs_read\n";
	hooks = ""; /* empty is as good as none */
	check("vfs_r* vfs_write", false, "vfs_read=20 vfs_write=40");
	/* Neighbours of one name, and both can be traced. */
	hooks = "ffffffff81000014 near\nffffffff81000024 near\n";
	functions = "near\nnear\n";
	symbols = "ffffffff81000010 t near\nffffffff81000020 t near\nffffffff81000030 t near\n";
	locate("nea*", "near?=10 near?=20", "near=10 near=20");
	symbols = "0000000000000000 t near\n0000000000000000 t near\n"; /* hidden */
	locate("nea*", "near?=0", "near=0");
	functions = "";
	check("nea*", false, "near=0");
}

/* Lines that lie across what is read at once, and one that is longer than that. */
static void test_long_list(void **state)
{
	static char list[400000];
	size_t size = 0, wanted = 1;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		size += sprintf(list + size, "%s_%u\n", i % 3 ? "other" : i % 2 ? "vfs" : "wfs", i);
		wanted += i % 3 == 0 && i % 2;
	}
	memset(list + size, 'x', 100000);
	strcpy(list + size + 100000, "\nvfs_last\n");
	functions = list;
	assert_int_equal(look(false, false, "vfs_*"), 0);
	assert_int_equal(targets.count, wanted);
	assert_false(targets.list[0].unsure);
	done();
	hooks = "";
	assert_int_equal(look(false, false, "vfs_*"), 0);
	assert_int_equal(targets.count, wanted);
	assert_true(targets.list[0].unsure);
	done();
}

static void test_no_tracefs(void **state)
{
	static const char *const types[] = { "vfs_read", "vfs_open", "helper", "vfs_start", NULL };

	(void)state;
	functions = ""; /* empty is as good as none */
	check("vfs_w*", false, "vfs_write=40");
	functions = NULL;
	/* All code but what is known to be no function. */
	check("vfs_*", false, "vfs_alpha@alpha=10 vfs_beta@beta=20 vfs_notrace=50 vfs_open=70 "
	      "vfs_read=20 vfs_write=40");
	/* With BTF only what it knows; of modules it knows nothing. */
	btf_functions = types;
	check("vfs_*", false, "vfs_alpha@alpha=10 vfs_beta@beta=20 vfs_open=70 vfs_read=20");
	check("help*", false, "helper.constprop.1.isra.0=a0 helper.isra.0=90 helper.part.0=b0");
	check("vfs_write", false, "vfs_write=40"); /* a name is a name */
	/* Of several names of one address a wildcard takes one. */
	btf_functions = NULL;
	symbols = "ffffffff81000010 T a1\nffffffff81000010 T a2\nffffffff81000020 T a3\n";
	check("a*", false, "a1=10 a3=20");
	check("a2", false, "a2=10");
}

static const char hidden_symbols[] =
	"0000000000000000 T vfs_read\n0000000000000000 t twin\n0000000000000000 t twin\n"
	"0000000000000000 T _sinittext\n0000000000000000 t vfs_start\n"
	"0000000000000000 T _einittext\n0000000000000000 t twin\t[alpha]\n";

static void test_hidden(void **state)
{
	(void)state;
	symbols = hidden_symbols; /* kernel.kptr_restrict */
	check("vfs_read", false, "vfs_read=0");
	check("twin", false, "twin=0 twin@alpha=0");
	check("vfs_start", false, "");
	check("tw*", false, "twin=0 twin@alpha=0");
	functions = NULL;
	check("vfs_*", false, "vfs_read=0");
}

static void unreadable(const void *unused)
{
	(void)unused;
	hooks = functions = symbols = refused = NULL;
	CHECK(look(false, false, "vfs_*") == -EACCES);
	done();
	/* Names are taken as they are. */
	CHECK(look(false, false, "vfs_read r::sys_clone [alpha]:f") == 0);
	CHECK(targets.count == 3 && specs[0].found == 1 && specs[1].found == 1);
	CHECK(!strcmp(targets.list[0].name, "vfs_read") && !targets.list[0].address);
	CHECK(!strcmp(spec_syscall(targets.list[1].name), "clone"));
	CHECK(!strncmp(targets.list[1].name, kfuncs_syscall_prefix(),
		       strlen(kfuncs_syscall_prefix())));
	CHECK(!strcmp(targets.list[2].module, "alpha"));
	done();
	/* ftrace's list alone has no addresses, but names. */
	functions = all_functions;
	CHECK(look(false, false, "vfs_r*") == 0);
	CHECK(targets.count == 1 && !targets.list[0].address);
	done();
}

static void test_unreadable(void **state)
{
	(void)state;
	assert_true(child_run_good(unreadable, NULL));
	assert_non_null(strstr(child_said, "available_filter_functions: Permission denied\n"));
	assert_non_null(strstr(child_said, "/proc/kallsyms: Permission denied\n"));
}

static void test_syscalls(void **state)
{
	char expected[64];

	(void)state;
	snprintf(expected, sizeof(expected), "%sclone=110", kfuncs_syscall_prefix());
	check("sys_clone", false, expected);
	check("SyS_clone", false, expected);
	check("ksyscall:clone", false, expected);
	check("__riscv_sys_clone", false, expected);
	check("sys_ni_syscall", false, "sys_ni_syscall=130"); /* what it says */
	functions = NULL;
	check("sys_cl*", false, expected);
	check("ksyscall:cl*", false, expected);
}

static void test_skipped(void **state)
{
	char expected[64];

	(void)state;
	check("refused_*", false, "!refused_one");
	check("refused_one", true, "!refused_one");
	check("_raw_spin_lock", false, "!_raw_spin_lock");
	check("_raw_spin_lock", true, "_raw_spin_lock=140");
	check("_raw_spin_l*", true, "_raw_spin_lock=140");
	check("_raw*", true, "!_raw_spin_lock"); /* not spelt out */
	check("asm_thing", false, "!asm_thing");
	snprintf(expected, sizeof(expected), "%sexit=120", kfuncs_syscall_prefix());
	check("sys_exit", false, expected);
	snprintf(expected, sizeof(expected), "!%sexit", kfuncs_syscall_prefix());
	check("r::sys_exit", false, expected); /* it does not return */
	refused = NULL;
	check("refused_one", false, "refused_one=1a0");
}

/* Lists that a broken or foreign kernel might have. */
static void test_damaged(void **state)
{
	(void)state;
	symbols = "\n \n  \nffffffff81000000\nffffffff81000000 T\nT\nxyz T vfs_x\n"
		  "ffffffff81000020 T vfs_read [\nffffffff81000030 T vfs_y []\n"
		  "ffffffff81000040 T vfs_last";
	functions = "\n [\nvfs_read [x\nvfs_last";
	check("vfs_read vfs_last vfs_x vfs_y", false, "vfs_last=40 vfs_read=20 vfs_x=0 vfs_y=30");
	check("vfs_*", false, "vfs_last=40 vfs_read=20");
}

/* --- what is said ---------------------------------------------------------------------------- */

static void say(const void *text)
{
	diag_level = 1;
	CHECK(look(false, false, text) == 0);
	for (size_t i = 0; i < spec_count; i++) {
		if (!specs[i].found || strstr(text, "tried"))
			khints_explain(&specs[i], &targets);
	}
	done();
}

static void check_said(const char *text, const char *expected)
{
	assert_true(child_run_good(say, text));
	if (expected[0] ? !strstr(child_said, expected) : child_said[0])
		fail_msg("%s: says\n    %s, not\n    %s", text, child_said, expected);
}

static void test_said(void **state)
{
	(void)state;
	check_said("vfs_read vfs_r*", "");
	check_said("helper", "helper: this kernel has helper.isra.0 in its place, made by");
	check_said("rest", "rest: this kernel has rest.part.0 in its place, the part");
	check_said("sys_clone", "sys_clone: on this kernel it is __");
	check_said("do_sys_open", "did you mean do_sys_openat2?");
	check_said("do_sys_open*", "");
}

static void test_hints(void **state)
{
	(void)state;
	check_said("vfs_raed",
		   "vfs_raed: this kernel has no such function; did you mean vfs_read?");
	check_said("vfs_rad", "did you mean vfs_read?");
	check_said("generic_make_request", "no such function; did you mean submit_bio_noacct?");
	check_said("__vfs_read", "did you mean vfs_read?");
	check_said("clone", "did you mean the system call, ksyscall:clone?");
	check_said("sys_clon", "no such system call");
	check_said("vfs_data", "vfs_data: it is data, no function\n");
	check_said("vfs_start", "vfs_start: it ran when the system started, and is gone\n");
	check_said("elpe", "3 have it in their names: '*elpe*'");
	check_said("nothing_like_it", "nothing_like_it: this kernel has no such function\n");
	check_said("[none]:f", "[none]:f: module none is not loaded");
	check_said("[beta]:vfs_alpha", "it is in module alpha, [alpha]:vfs_alpha");
	check_said("x_*", "x_*: no function of this kernel matches");
	check_said("vfs_not*", "vfs_not*: 1 of the kernel's symbols match, but none of them can");
	check_said("_raw_spin_lock", "_raw_spin_lock: BPF itself takes such locks");
	check_said("r::sys_exit", "it does not return");
	check_said("refused_*", "refused_one: the kernel takes no probes there\n");
}

/* It was found, and whoever tried to probe it could not. */
static void tried(const void *text)
{
	CHECK(look(false, false, text) == 0 && specs[0].found);
	khints_explain(&specs[0], &targets);
	done();
}

static void test_tried(void **state)
{
	(void)state;
	assert_true(child_run_good(tried, "vfs_notrace"));
	assert_non_null(strstr(child_said, "vfs_notrace: it is there, but the kernel offers no "
					   "way"));
	assert_true(child_run_good(tried, "blk_account_io_done"));
	assert_non_null(strstr(child_said, "did you mean t:block:block_rq_complete?"));
	for (int i = 0; i < 3; i++) {
		assert_true(child_run_good(tried, i ? i > 1 ? "sys_clone" : "vfs_*" : "vfs_read"));
		assert_string_equal(child_said, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names, set_up),
		cmocka_unit_test_setup(test_twins, set_up),
		cmocka_unit_test_setup(test_suffixes, set_up),
		cmocka_unit_test_setup(test_wildcards, set_up),
		cmocka_unit_test_setup(test_by_name, set_up),
		cmocka_unit_test_setup(test_hooks, set_up),
		cmocka_unit_test_setup(test_long_list, set_up),
		cmocka_unit_test_setup(test_no_tracefs, set_up),
		cmocka_unit_test_setup(test_hidden, set_up),
		cmocka_unit_test_setup(test_unreadable, set_up),
		cmocka_unit_test_setup(test_syscalls, set_up),
		cmocka_unit_test_setup(test_skipped, set_up),
		cmocka_unit_test_setup(test_damaged, set_up),
		cmocka_unit_test_setup(test_said, set_up),
		cmocka_unit_test_setup(test_hints, set_up),
		cmocka_unit_test_setup(test_tried, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
