// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of code that a process compiles itself: perf's maps. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "naming.h"

/* Longer than a look that did not help is remembered. */
static void wait_for_retry(void)
{
	poll(NULL, 0, 150);
}

#define CODE_SIZE 0x10000

static uint64_t code_new(void)
{
	void *code = mmap(NULL, CODE_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	assert_true(code != MAP_FAILED);
	return (uintptr_t)code;
}

/* Adds to the map; "+" and a number is an address of the code. */
static void map_write(const char *path, uint64_t code, const char *lines)
{
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	while (*lines) {
		if (*lines == '+')
			fprintf(file, "%jx", code + strtoul(lines + 1, (char **)&lines, 16));
		else
			fputc(*lines++, file);
	}
	fclose(file);
}

static char map_path[64];

static int map_remove(void **state)
{
	unlink(map_path);
	return done(state);
}

static void map_name(void)
{
	snprintf(map_path, sizeof(map_path), "/tmp/perf-%d.map", getpid());
	unlink(map_path);
}

static void check_code(uint64_t code, uint64_t at, const char *wanted)
{
	char full[128];

	if (wanted)
		snprintf(full, sizeof(full), "%s [%s]", wanted, map_path + strlen("/tmp/"));
	else
		snprintf(full, sizeof(full), "0x%jx [anon]", code + at);
	assert_string_equal(printed(getpid(), code + at), full);
}

static void test_compiled(void **state)
{
	uint64_t code = code_new();

	(void)state;
	map_name();
	check_code(code, 0, NULL);
	map_write(map_path, code, "+0 100 first\n+100 40 LazyCompile:~f /a b.js:1\nnonsense\n\n"
				  "+200 0 empty\n+300\n+300 10\n+300 10 \n+300 xyz zzz\n"
				  "-1 2 wraps\n0x+400 0x10 zeroed\n+500 10 _ZN2ns1fEi\n+600 10 bad\tname\n"
				  "+700 10 un");
	wait_for_retry();
	check_code(code, 0x10, "first+0x10");
	check_code(code, 0x13f, "LazyCompile:~f /a b.js:1+0x3f");
	check_code(code, 0x140, NULL);
	assert_int_equal(mprotect((void *)(uintptr_t)code, CODE_SIZE, PROT_READ), 0);
	usyms_keep(&usyms, getpid());
	check_code(code, 0x11, "first+0x11");
	assert_int_equal(mprotect((void *)(uintptr_t)code, CODE_SIZE, PROT_READ | PROT_EXEC), 0);
	usyms_keep(&usyms, getpid());
	check_code(code, 0x300, NULL);
	check_code(code, 0x401, "zeroed+0x1");
	check_code(code, 0x501, "ns::f(int)+0x1");
	check_code(code, 0x600, "bad\\tname+0x0");
	check_code(code, 0x700, NULL);
	map_write(map_path, code, "finished\n+10 10 second\n+100 8 third\n");
	wait_for_retry();
	check_code(code, 0x705, "unfinished+0x5");
	check_code(code, 0xf, "first+0xf");
	check_code(code, 0x10, "second+0x0");
	check_code(code, 0x20, "first+0x20");
	check_code(code, 0x104, "third+0x4");
	assert_int_equal(unlink(map_path), 0);
	map_write(map_path, code, "+3000 10 anew\n");
	wait_for_retry();
	check_code(code, 0x3000, "anew+0x0");
	check_code(code, 0x10, NULL);
	assert_int_equal(truncate(map_path, 0), 0);
	map_write(map_path, code, "+20 1 a\n");
	wait_for_retry();
	check_code(code, 0x20, "a+0x0");
	munmap((void *)(uintptr_t)code, CODE_SIZE);
}

/* Some thousand functions, so that lines lie across the pieces in which it is read. */
static void test_compiled_many(void **state)
{
	uint64_t code = code_new();
	FILE *file;

	(void)state;
	map_name();
	file = fopen(map_path, "w");
	for (int i = 0; i < CODE_SIZE / 8; i++)
		fprintf(file, "%jx 8 function_%d_with_a_long_name\n", code + i * 8, i);
	fprintf(file, "%0*d\n", 200000, 0); /* a line that is none */
	fprintf(file, "%jx 1 last\n", code + 4);
	fclose(file);
	for (int i = 0; i < CODE_SIZE / 8; i += 7) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "function_%d_with_a_long_name+0x3", i);
		check_code(code, i * 8 + 3, wanted);
	}
	check_code(code, 4, "last+0x0");
	munmap((void *)(uintptr_t)code, CODE_SIZE);
}

static void test_compiled_refused(void **state)
{
	uint64_t code = code_new();
	char target[64];

	(void)state;
	map_name();
	map_write("a_map", code, "+0 10 f\n");
	snprintf(target, sizeof(target), "%s/a_map", folder);
	assert_int_equal(symlink(target, map_path), 0);
	check_code(code, 0, NULL);
	assert_int_equal(unlink(map_path) || mkfifo(map_path, 0600), 0);
	wait_for_retry();
	check_code(code, 0, NULL);
	assert_int_equal(unlink(map_path), 0);
	map_write(map_path, code, "+0 10 f\n");
	if (chown(map_path, 12345, -1)) {
		print_message("# not allowed to give a file to somebody else\n");
	} else {
		wait_for_retry();
		check_code(code, 0, NULL);
		assert_int_equal(chown(map_path, 0, -1), 0);
	}
	wait_for_retry();
	check_code(code, 0, "f+0x0");
	munmap((void *)(uintptr_t)code, CODE_SIZE);
}

/* In a pid namespace and with a /tmp of its own; and gone when asked. */
static int compiled_guest(int out)
{
	uint64_t code = code_new();
	struct guest g = { .seen = code };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWPID))
		return 77;
	g.pid = fork();
	if (g.pid) {
		if (write(out, &g, sizeof(g)) != sizeof(g))
			return 1;
		waitpid(g.pid, NULL, 0);
		return 0;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getpid() != 1 || !hide_mounts("/tmp"))
		return 77;
	map_write("/tmp/perf-1.map", code, "+0 10 inside\n");
	if (write(out, &g, sizeof(g)) != sizeof(g))
		return 1;
	poll(NULL, 0, 60000);
	return 0;
}

static void test_compiled_container(void **state)
{
	struct guest g, ready;
	int pipes[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid)
		_exit(compiled_guest(pipes[1]));
	close(pipes[1]);
	if (read(pipes[0], &g, sizeof(g)) != sizeof(g) ||
	    read(pipes[0], &ready, sizeof(ready)) != sizeof(ready)) {
		print_message("# namespaces are not allowed here\n");
		waitpid(pid, NULL, 0);
		close(pipes[0]);
		skip();
	}
	close(pipes[0]);
	if (!g.pid)
		g = ready;
	usyms_keep(&usyms, g.pid);
	kill(g.pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_string_equal(printed(g.pid, g.seen + 4), "inside+0x4 [perf-1.map]");
}

#define MAP_TEST(name) cmocka_unit_test_teardown(test_##name, map_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAP_TEST(compiled),
		MAP_TEST(compiled_many),
		MAP_TEST(compiled_refused),
		TEST(compiled_container),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_remove);
}
