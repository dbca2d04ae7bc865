// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of addresses of processes: this one, others, those that have gone. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "naming.h"
#include "probe/elffile.h"
#include "probe/symfiles.h"

__attribute__((noinline)) int test_usyms_seen(int x);
int test_usyms_seen(int x)
{
	return x * 5 + getppid();
}

#define SEEN ((uint64_t)(uintptr_t)test_usyms_seen)

/* --- this process --------------------------------------------------------------------------- */

static bool begins(const char *is, const char *with)
{
	if (!strncmp(is, with, strlen(with)))
		return true;
	print_message("# '%s' does not begin with '%s'\n", is, with);
	return false;
}

static void test_own(void **state)
{
	struct usym symbol;
	char wanted[64];

	(void)state;
	assert_true(test_usyms_seen(1) > 0);
	assert_true(usyms_lookup(&usyms, getpid(), SEEN + 3, &symbol));
	assert_string_equal(symbol.name, "test_usyms_seen");
	assert_string_equal(symbol.module, program_invocation_short_name);
	assert_int_equal(symbol.offset, 3);
	snprintf(wanted, sizeof(wanted), "test_usyms_seen+0x3 [%s]", program_invocation_short_name);
	assert_string_equal(printed(getpid(), SEEN + 3), wanted);
	assert_true(begins(printed(getpid(), (uintptr_t)dlsym(RTLD_DEFAULT, "getppid") + 1),
			   "getppid+0x1 [libc"));
	assert_false(usyms_lookup(&usyms, getpid(), (uintptr_t)&symbol, &symbol)); /* no code */
	assert_null(symbol.module);
	assert_string_equal(printed(getpid(), 0x10), "0x10");
	assert_string_equal(printed(0x7ffffffe, SEEN), (sprintf(wanted, "0x%jx", SEEN), wanted));
}

/* Where a function of the kernel's page is, is asked of the page itself. */
static void test_vdso(void **state)
{
	char *vdso = (char *)getauxval(AT_SYSINFO_EHDR);
	Elf64_Ehdr *h = (void *)vdso;
	int named = 0;

	(void)state;
	if (!vdso || h->e_ident[EI_CLASS] != ELFCLASS64) {
		print_message("# no vdso here that this test can read\n");
		skip();
	}
	for (int i = 0; i < h->e_shnum; i++) {
		Elf64_Shdr *s = (void *)(vdso + h->e_shoff + i * h->e_shentsize);
		Elf64_Sym *symbol = (void *)(vdso + s->sh_offset);

		if (s->sh_type != SHT_DYNSYM)
			continue;
		for (size_t n = 0; n < s->sh_size / sizeof(*symbol); n++) {
			if (ELF64_ST_TYPE(symbol[n].st_info) != STT_FUNC)
				continue;
			named++;
			assert_non_null(strstr(printed(getpid(), (uintptr_t)vdso +
						       symbol[n].st_value + 1), "+0x1 [vdso]"));
		}
	}
	assert_true(named > 0);
}

/* CPU time of a look-up, in nanoseconds. */
static double lookup_time(void)
{
	struct timespec from, to;
	const int count = 1000;
	struct usym symbol;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < count; i++)
		usyms_lookup(&usyms, getpid(), SEEN + i % 8, &symbol);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / count;
}

/* One address after the other, as in the stacks of many events: nothing is read meanwhile. To read
 * the maps takes 60,000 ns at least. */
static void test_speed(void **state)
{
	double best = lookup_time();

	(void)state;
	for (int i = 0; i < 50; i++) {
		double next = lookup_time();

		best = next < best ? next : best;
	}
	print_message("# %.0f ns a look-up, with sanitizers\n", best);
	assert_true(best < 20000);
}

static void test_many_processes(void **state)
{
	(void)state;
	usyms_keep(&usyms, getpid());
	for (int i = 1; i < USYMS_PROCESSES; i++)
		usyms_keep(&usyms, 0x70000000 + i);
	assert_int_equal(usyms.count, USYMS_PROCESSES);
	usyms_keep(&usyms, getpid());
	for (int i = 0; i < 10; i++)
		usyms_keep(&usyms, 0x78000000 + i);
	assert_int_equal(usyms.count, USYMS_PROCESSES);
	assert_true(begins(printed(getpid(), SEEN), "test_usyms_seen+0x0 ["));
}

/* --- other processes ------------------------------------------------------------------------ */

/* This test as another program: says where the function is, and waits to be killed. */
static int guest_main(int out)
{
	uint64_t seen = SEEN;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (test_usyms_seen(0) < 0 || write(out, &seen, sizeof(seen)) != sizeof(seen))
		return 1;
	poll(NULL, 0, 60000);
	return 0;
}

static void guest_exec(const char *program, int out)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", out);
	execl(program, program, "--guest", number, NULL);
	_exit(99);
}

static void guest_hear(struct guest *g, int in)
{
	assert_int_equal(read(in, &g->seen, sizeof(g->seen)), sizeof(g->seen));
}

static struct guest guest_start(const char *program)
{
	struct guest g;
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	g.pid = fork();
	if (!g.pid)
		guest_exec(program, pipes[1]);
	guest_hear(&g, pipes[0]);
	close(pipes[0]);
	close(pipes[1]);
	return g;
}

static void guest_kill(const struct guest *g)
{
	kill(g->pid, SIGKILL);
	assert_int_equal(waitpid(g->pid, NULL, 0), g->pid);
}

static bool run(const char *command)
{
	return !system(command);
}

static void copy_self(const char *to)
{
	char command[256];

	snprintf(command, sizeof(command), "cp /proc/%d/exe %s", getpid(), to);
	assert_true(run(command));
}

/* The process and its file have gone when somebody asks. */
static void test_short_lived(void **state)
{
	struct guest g;

	(void)state;
	copy_self("short");
	g = guest_start("./short");
	usyms_keep(&usyms, g.pid);
	kill(g.pid, SIGKILL);
	assert_int_equal(waitid(P_PID, g.pid, NULL, WEXITED | WNOWAIT), 0);
	usyms_keep(&usyms, g.pid); /* it is there, and has nothing mapped */
	guest_kill(&g);
	assert_int_equal(unlink("short"), 0);
	assert_string_equal(printed(g.pid, g.seen + 1), "test_usyms_seen+0x1 [short]");
	poll(NULL, 0, 1100); /* and is looked for again in vain */
	assert_string_equal(printed(g.pid, g.seen + 2), "test_usyms_seen+0x2 [short]");
}

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* It is read again when that is asked for, not for time that passes. */
static void test_followed(void **state)
{
	uint64_t before = monotonic_ns();
	struct guest g;

	(void)state;
	copy_self("followed");
	g = guest_start("./followed");
	poll(NULL, 0, 20); /* the clock's steps */
	assert_true(usyms_follow(&usyms, g.pid, before));
	assert_string_equal(printed(g.pid, g.seen + 1), "test_usyms_seen+0x1 [followed]");
	guest_kill(&g);
	assert_true(usyms_follow(&usyms, g.pid, before)); /* known since then */
	poll(NULL, 0, 1100);
	assert_string_equal(printed(g.pid, g.seen + 1), "test_usyms_seen+0x1 [followed]");
	usyms_forget(&usyms, g.pid);
	assert_false(usyms_follow(&usyms, g.pid, before));
	assert_string_equal(printed(g.pid, 0x400000), "0x400000");
	usyms_forget(&usyms, g.pid);
	usyms_forget(&usyms, g.pid); /* who is not there */
	assert_null(usyms.first);
}

static const char *frame_printed(const struct usyms_frame *f)
{
	strbuf_clear(&text);
	usyms_print_frame(&usyms, f, &text);
	return strbuf_cstr(&text);
}

/* A process that has never been seen, and one's parent that is alive. */
static void test_by_build_id(void **state)
{
	unsigned char id[SYMFILES_ID], other[SYMFILES_ID] = "\xab";
	struct usyms_frame header, f = { .pid = 0x7ffffffe, .address = 0x7f0000001003 };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct elffile elf;
	char wanted[128];
	GElf_Ehdr h;

	(void)state;
	if (!symfiles_id(fd, id)) {
		print_message("# this test has no build-id\n");
		close(fd);
		skip();
	}
	assert_int_equal(elffile_open_quietly(&elf, AT_FDCWD, "/proc/self/exe"), 0);
	assert_non_null(gelf_getehdr(elf.elf, &h));
	assert_true(elffile_offset(&elf, SEEN - getauxval(AT_ENTRY) + h.e_entry + 3, PF_X,
				   &f.offset));
	elffile_close(&elf);
	close(fd);
	f.id = other;
	assert_string_equal(frame_printed(&f), (sprintf(wanted, "0x7f0000001003 "
		"[ab00000000000000000000000000000000000000+0x%jx]", (uintmax_t)f.offset), wanted));
	assert_true(usyms_is_code(&usyms, &f));
	f.id = id;
	f.parent = getpid();
	snprintf(wanted, sizeof(wanted), "test_usyms_seen+0x3 [%s]", program_invocation_short_name);
	assert_string_equal(frame_printed(&f), wanted);
	assert_true(usyms_is_code(&usyms, &f));
	header = f;
	header.offset = 0;
	assert_false(usyms_is_code(&usyms, &header));
	usyms_free(&usyms);
	/* This process is looked at, too. */
	f.parent = 0;
	assert_string_equal(frame_printed(&f), wanted);
}

static void test_no_code(void **state)
{
	struct usyms_frame f = { .pid = getpid(), .address = SEEN };
	const uint64_t never[] = { 0, 0xfff, 1ull << 56, 0x69667a7400524944, UINT64_MAX };

	(void)state;
	assert_true(usyms_is_code(&usyms, &f));
	f.address = (uintptr_t)&f;
	assert_false(usyms_is_code(&usyms, &f));
	f.pid = 0x7ffffffe; /* nothing is known */
	assert_true(usyms_is_code(&usyms, &f));
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		f.address = never[i];
		assert_false(usyms_is_code(&usyms, &f));
	}
}

static pid_t dropped_pid;
static int dropped_count;

static void drop(void *context, pid_t pid)
{
	assert_ptr_equal(context, &dropped_pid);
	dropped_pid = pid;
	dropped_count++;
}

static void test_dropped(void **state)
{
	(void)state;
	usyms.dropped = drop;
	usyms.context = &dropped_pid;
	for (int i = 0; i < USYMS_PROCESSES; i++)
		usyms_keep(&usyms, 0x70000000 + i);
	assert_int_equal(dropped_count, 0);
	usyms_keep(&usyms, 0x78000000);
	assert_int_equal(dropped_count, 1);
	assert_int_equal(dropped_pid, 0x70000000);
}

static bool may_open_map_files(void)
{
	char path[64], line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd;

	while (fgets(line, sizeof(line), maps) && !strchr(line, '/'))
		;
	fclose(maps);
	snprintf(path, sizeof(path), "/proc/self/map_files/%.*s", (int)strcspn(line, " "), line);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		print_message("# map_files cannot be opened here: a replaced file has no names\n");
	else
		close(fd);
	return fd >= 0;
}

static void test_replaced(void **state)
{
	bool very_file = may_open_map_files();
	struct guest g;

	(void)state;
	copy_self("program");
	g = guest_start("./program");
	assert_true(run("cp /bin/true other && mv other program"));
	if (very_file)
		assert_string_equal(printed(g.pid, g.seen), "test_usyms_seen+0x0 [program]");
	else
		assert_true(begins(printed(g.pid, g.seen), "0x"));
	guest_kill(&g);
	/* The next one of that name is another. */
	copy_self("program");
	g = guest_start("./program");
	assert_string_equal(printed(g.pid, g.seen), "test_usyms_seen+0x0 [program]");
	guest_kill(&g);
}

/* One process is two programs, one after the other. */
static void test_exec(void **state)
{
	int pipes[2], go[2];
	struct guest g;
	char c;

	(void)state;
	copy_self("second");
	assert_int_equal(pipe(pipes) || pipe(go), 0);
	g.pid = fork();
	if (!g.pid) {
		if (read(go[0], &c, 1) == 1)
			guest_exec("./second", pipes[1]);
		_exit(98);
	}
	assert_true(begins(printed(g.pid, SEEN + 1), "test_usyms_seen+0x1 [test-"));
	assert_int_equal(write(go[1], "", 1), 1);
	guest_hear(&g, pipes[0]);
	assert_string_equal(printed(g.pid, g.seen + 1), "test_usyms_seen+0x1 [second]");
	guest_kill(&g);
	for (int i = 0; i < 2; i++) {
		close(pipes[i]);
		close(go[i]);
	}
}

static void test_stripped(void **state)
{
	struct guest g;

	(void)state;
	if (!run("command -v strip objcopy > /dev/null")) {
		print_message("# no strip and objcopy (binutils)\n");
		skip();
	}
	copy_self("whole");
	assert_true(run("objcopy --only-keep-debug whole apart.debug && strip -o apart whole"));
	g = guest_start("./apart");
	assert_false(strstr(printed(g.pid, g.seen), "test_usyms_seen"));
	guest_kill(&g);
	assert_true(run("objcopy --add-gnu-debuglink=apart.debug apart"));
	g = guest_start("./apart");
	assert_string_equal(printed(g.pid, g.seen + 4), "test_usyms_seen+0x4 [apart]");
	guest_kill(&g);
}

/* --- containers ----------------------------------------------------------------------------- */

/* A program that only the process itself sees. */
static void test_container(void **state)
{
	struct guest g;
	int pipes[2];

	(void)state;
	assert_int_equal(mkdir("root", 0755), 0);
	assert_int_equal(pipe(pipes), 0);
	g.pid = fork();
	if (!g.pid) {
		if (!hide_mounts("root"))
			_exit(77);
		copy_self("root/inside"); /* of this process, which is the same program */
		guest_exec("root/inside", pipes[1]);
	}
	close(pipes[1]);
	if (read(pipes[0], &g.seen, sizeof(g.seen)) != sizeof(g.seen)) {
		close(pipes[0]);
		guest_kill(&g);
		print_message("# mounts of its own are not allowed here\n");
		skip();
	}
	assert_int_not_equal(access("root/inside", F_OK), 0);
	assert_string_equal(printed(g.pid, g.seen), "test_usyms_seen+0x0 [inside]");
	close(pipes[0]);
	guest_kill(&g);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(own),	   TEST(vdso),	  TEST(speed),	TEST(many_processes),
		TEST(short_lived), TEST(followed), TEST(by_build_id), TEST(no_code),
		TEST(dropped),	   TEST(replaced), TEST(exec),	TEST(stripped),
		TEST(container),
	};

	if (argc == 3 && !strcmp(argv[1], "--guest"))
		return guest_main(atoi(argv[2]));
	return cmocka_run_group_tests_name("usyms", tests, folder_enter, folder_remove);
}
