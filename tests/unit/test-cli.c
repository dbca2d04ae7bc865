// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a command line sets, and what --help and --version say. */
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>

#include "mytool.h"
#include "child.h"

static void good_tool_options(void **state)
{
	(void)state;
	check_good("", "");
	check_good("-T", "time=1 ");
	check_good("--time -x", "time=1 fails=1 ");
	check_good("-xT", "time=1 fails=1 ");
	check_good("--max-args 0", "");
	check_good("--max-args=100", "max-args=100 ");
	check_good("--max-args 007", "max-args=7 ");
	check_good("--max-a 5 --max-args 6", "max-args=6 ");
	check_good("-b 1", "max-bytes=1 ");
	check_good("-b64K", "max-bytes=65536 ");
	check_good("--max-bytes 2k", "max-bytes=2048 ");
	check_good("--someone 0", "someone=0 ");
	check_good("-g *.c --glob --", "glob=-- ");
	check_good("-f apple -f pear --fruit=apple", "fruit=apple;pear;apple; ");
	check_good("-f apple -- true", "fruit=apple; [true]");
}

static void good_common_options(void **state)
{
	(void)state;
	check_good("--json -o pid,path", "json=1 output=pid,path ");
	check_good("--output=+time", "output=+time ");
	check_good("-o PATH,Time", "output=PATH,Time ");
	check_good("-d 1", "duration=1 ");
	check_good("--duration 0.25", "duration=0.25 ");
	check_good("--duration .5", "duration=0.5 ");
	check_good("--duration 315360000", "duration=3.1536e+08 ");
	check_good("--max-events 1", "max-events=1 ");
	check_good("--max-events 18446744073709551615",
		   "max-events=18446744073709551615 ");
	check_good("-p 1 --tid 4194304 --ppid 77", "pid=1 tid=4194304 ppid=77 ");
	check_good("-p1", "pid=1 ");
	check_good("-u root", "uid=0 ");
	check_good("-u 0", "uid=0 ");
	check_good("--uid 4294967294", "uid=4294967294 ");
	check_good("--comm x --cgroup /a/b --self --btf f",
		   "btf=f comm=x cgroup=/a/b self=1 ");
	check_good("--comm 123456789012345", "comm=123456789012345 ");
	check_good("-v", "verbose=1 ");
	check_good("-vv", "verbose=2 ");
	check_good("-v --verbose -v", "verbose=3 ");
}

static void good_buffer(void **state)
{
	char want[64];

	(void)state;
	check_good("--buffer 64K", "buffer=65536 ");
	check_good("--buffer 65536", "buffer=65536 ");
	check_good("--buffer 65537", "buffer=131072 ");
	check_good("--buffer 3M", "buffer=4194304 ");
	check_good("--buffer 8m", "");
	check_good("--buffer 1G", "buffer=1073741824 ");
	cli.run.buffer = 100000;
	check_good("", "buffer=131072 ");
	cli.run.buffer = sysconf(_SC_PAGESIZE) / 2 + 1;
	snprintf(want, sizeof(want), "buffer=%ld ", sysconf(_SC_PAGESIZE));
	check_good("", want);
	cli.run.buffer = 0;
	check_good("", "buffer=0 ");
}

static void good_command(void **state)
{
	(void)state;
	check_good("-- ls -l --json", "[ls][-l][--json]");
	check_good("--json -- ls -- x", "json=1 [ls][--][x]");
	check_good("-T --exec ls -l", "time=1 [ls][-l]");
	check_good("--exec=ls -l", "[ls][-l]");
	check_good("--exec ls", "[ls]");
	check_good("--exec -- ls -x", "[ls][-x]");
	check_good("--exec ls -- x", "[ls][--][x]");
	check_good("-- ls ''", "[ls][]");
}

static void good_operands(void **state)
{
	(void)state;
	cli.operand = operand_take;
	check_good("", "");
	check_good("1", "interval=1 ");
	check_good("0.25 10", "interval=0.25 count=10 ");
	check_good("1 18446744073709551615", "interval=1 count=18446744073709551615 ");
	/* Options before, between and behind them, with values and without. */
	check_good("-T 1 5", "interval=1 count=5 time=1 ");
	check_good("1 5 -T", "interval=1 count=5 time=1 ");
	check_good("1 -T 5 -x", "interval=1 count=5 time=1 fails=1 ");
	check_good("1 -g 7 5 --max-args 3", "interval=1 count=5 max-args=3 glob=7 ");
	check_good("-g 7 1", "interval=1 glob=7 ");
	/* What follows -- is the command's, numbers too. */
	check_good("1 5 -- ls -x 3", "interval=1 count=5 [ls][-x][3]");
	check_good("1 -T -- 5", "interval=1 time=1 [5]");
	check_good("-- 1 5", "[1][5]");
	check_good("1 --exec ls 5", "interval=1 [ls][5]");
}

/* Padding needs to know how wide characters are: the user's locale says. */
static void locale_is_set(void **state)
{
	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		print_message("no locale C.UTF-8 here\n");
		skip();
	}
	setlocale(LC_CTYPE, "C");
	setenv("LC_ALL", "C.UTF-8", 1);
	check_good("", "width=4 ");
	setenv("LC_ALL", "C", 1);
	check_good("", "");
}

static void no_arguments_at_all(void **state)
{
	char *words[] = { NULL };

	(void)state;
	run_words(words);
	assert_string_equal(result.err, "");
	assert_int_equal(result.status, 0);
}

static const char help_tool[] =
	"Usage: mytool [OPTION...] [-- CMD [ARG...]]\n"
	"Shows things as they happen.\n"
	"\n"
	"Options:\n"
	"  -T, --time               include a TIME column\n"
	"  -x                       include failed ones\n"
	"      --max-args N         show so many arguments\n"
	"  -b, --max-bytes SIZE     this explanation is so long that it cannot stand in\n"
	"                           one line of eighty columns\n"
	"      --someone USER       first line\n"
	"                           second line\n"
	"  -g, --glob GLOB          paths of this form\n"
	"  -f, --fruit FRUIT        may stand more than once\n"
	"      --exec CMD ...       run this\n"
	"\n"
	"Common options:\n"
	"  -p, --pid PID            ";

static const char help_end[] = "\n"
			       "Columns for -o:\n"
			       "  time                     when it happened\n"
			       "  pid                      process\n"
			       "  path                     file\n"
			       "\n"
			       "Examples:\n"
			       "  mytool -x        # failed ones too\n"
			       "  mytool -p 181    # of one process\n";

static void help(void **state)
{
	static const char *const names[] = {
		"  -h, --help ",	 "  -V, --version ",	 "  -v, --verbose ",
		"      --json ",	 "  -o, --output LIST ", "  -d, --duration SEC ",
		"      --max-events N ", "  -p, --pid PID ",	 "      --tid TID ",
		"      --ppid PID ",	 "  -u, --uid USER ",	 "      --comm NAME ",
		"      --cgroup PATH ",	 "      --self ",	 "      --btf FILE ",
		"      --buffer SIZE ",	 "  -- CMD [ARG...] ",
	};
	size_t end;

	(void)state;
	run_line("--help");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
	assert_int_equal(strncmp(result.out, help_tool, sizeof(help_tool) - 1), 0);
	end = strlen(result.out) - (sizeof(help_end) - 1);
	assert_string_equal(result.out + end, help_end);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(strstr(result.out, names[i]));
	for (char *line = result.out; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	assert_null(strstr(result.out, " \n"));
	run_line("-xh --foo");
	assert_int_equal(result.status, 0);
}

/* A long name does not push its explanation out of line. */
static void help_long_name(void **state)
{
	static const struct opt long_options[] = {
		OPT_STRING(0, "a-very-long-option-name", &glob, "SOMETHING", "short"),
		OPT_END
	};

	(void)state;
	cli.options = long_options;
	cli.columns = NULL;
	cli.examples = NULL;
	run_line("-h");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "      --a-very-long-option-name SOMETHING\n"
					   "                           short\n"));
	assert_null(strstr(result.out, "Columns"));
	assert_null(strstr(result.out, "Examples"));
	run_line("-x");
	assert_int_equal(result.status, 2);
}

static void version(void **state)
{
	(void)state;
	check_good("--version", "mytool " VERSION "\n");
	check_good("-V", "mytool " VERSION "\n");
}

static void check_full_disk(char *option)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		cli_start(&cli, 2, (char *[]){ "mytool", option, NULL });
		_exit(99);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void full_disk(void **state)
{
	(void)state;
	check_full_disk("--help");
	check_full_disk("--version");
}

static void *thread_tell(void *tid)
{
	*(volatile pid_t *)tid = gettid();
	pause();
	return NULL;
}

static void process_child(const void *filter)
{
	cli_process(filter);
}

static void processes(void **state)
{
	static volatile pid_t tid;
	struct filter own = { .pid = getpid() }, none = { .pid = 4194304 }, thread = {};
	struct filter no_thread = { .tid = 4194304 };
	pthread_t handle;
	char said[128];

	(void)state;
	assert_int_equal(pthread_create(&handle, NULL, thread_tell, (void *)&tid), 0);
	while (!tid)
		sched_yield();
	thread.pid = own.tid = tid;
	assert_true(child_run_good(process_child, &own));
	assert_string_equal(child_said, "");
	assert_false(child_run_good(process_child, &none));
	assert_non_null(strstr(child_said, "-p: there is no process 4194304\n"));
	assert_false(child_run_good(process_child, &no_thread));
	assert_non_null(strstr(child_said, "--tid: there is no thread 4194304\n"));
	assert_false(child_run_good(process_child, &thread));
	snprintf(said, sizeof(said), "-p: %u is a thread of process %u: say --tid %u, or -p %u\n",
		 thread.pid, own.pid, thread.pid, own.pid);
	assert_non_null(strstr(child_said, said));
	pthread_cancel(handle);
	pthread_join(handle, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_tool_options), TEST(good_common_options),
		TEST(good_buffer),	 TEST(good_command),
		TEST(good_operands),	 TEST(locale_is_set),
		TEST(no_arguments_at_all), TEST(help),
		TEST(help_long_name),	 TEST(version),
		TEST(full_disk),	 TEST(processes),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
