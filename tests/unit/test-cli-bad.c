// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Command lines that are wrong, with the exact words; and tables of options that are. */
#include "mytool.h"

static void check_bad(const char *line, const char *want)
{
	char whole[4096];

	run_line(line);
	snprintf(whole, sizeof(whole), "mytool: %s\n", want);
	if (result.status != 2 || strcmp(result.err, whole))
		print_error("for '%s'\n", line);
	assert_string_equal(result.err, whole);
	assert_string_equal(result.out, "");
	assert_int_equal(result.status, 2);
}

static void bad_numbers(void **state)
{
	static const char *const bad[] = { "abc",
					   "0",
					   "4194305",
					   "-1",
					   "+1",
					   "1 ",
					   "1x",
					   "0x10",
					   "1.0",
					   "1e3",
					   "--",
					   "-T",
					   "٣",
					   "18446744073709551617",
					   "99999999999999999999999999" };
	char line[128], want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *words[] = { "mytool", "-p", (char *)bad[i], NULL };

		snprintf(want, sizeof(want),
			 "mytool: -p: '%s' is not a number from 1 to 4194304\n", bad[i]);
		run_words(words);
		assert_string_equal(result.err, want);
		assert_int_equal(result.status, 2);
	}
	snprintf(line, sizeof(line), "--pid=%s", bad[0]);
	check_bad(line, "--pid: 'abc' is not a number from 1 to 4194304");
	check_bad("--tid 0", "--tid: '0' is not a number from 1 to 4194304");
	check_bad("--ppid x", "--ppid: 'x' is not a number from 1 to 4194304");
	check_bad("--pp x", "--ppid: 'x' is not a number from 1 to 4194304");
	check_bad("--max-args 101", "--max-args: '101' is not a number from 0 to 100");
	check_bad("--max-events 0", "--max-events: '0' is not a number of at least 1");
	check_bad("--max-events 18446744073709551616",
		  "--max-events: '18446744073709551616' is not a number of at least 1");
}

static void bad_seconds(void **state)
{
	static const char *const bad[] = { "0",	  "0.0",   "-1",  "+1",	 "abc",
					   "1e3", "0x1",   "inf", "nan", ".",
					   "1s",  "1.2.3", "1,5", " 1" };
	char want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *words[] = { "mytool", "-d", (char *)bad[i], NULL };

		snprintf(want, sizeof(want),
			 "mytool: -d: '%s' is not a number of seconds above 0\n", bad[i]);
		run_words(words);
		assert_string_equal(result.err, want);
		assert_int_equal(result.status, 2);
	}
	check_bad("--duration 0", "--duration: '0' is not a number of seconds above 0");
	check_bad("-d 315360001",
		  "-d: '315360001' is more than 315360000 seconds (10 years)");
}

static void bad_sizes(void **state)
{
	(void)state;
	check_bad("--buffer 3X", "--buffer: '3X' is not a size such as 512K or 8M");
	check_bad("--buffer abc", "--buffer: 'abc' is not a size such as 512K or 8M");
	check_bad("--buffer M", "--buffer: 'M' is not a size such as 512K or 8M");
	check_bad("--buffer 8MB", "--buffer: '8MB' is not a size such as 512K or 8M");
	check_bad("--buffer 1.5M", "--buffer: '1.5M' is not a size such as 512K or 8M");
	check_bad("--buffer -8M", "--buffer: '-8M' is not a size such as 512K or 8M");
	check_bad("--buffer 63K", "--buffer: '63K' is not a size from 64K to 1G");
	check_bad("--buffer 0", "--buffer: '0' is not a size from 64K to 1G");
	check_bad("--buffer 2G", "--buffer: '2G' is not a size from 64K to 1G");
	check_bad("--buffer 1073741825",
		  "--buffer: '1073741825' is not a size from 64K to 1G");
	/* 2^64 and more, which must not wrap into what is allowed. */
	check_bad("--buffer 17179869185G",
		  "--buffer: '17179869185G' is not a size from 64K to 1G");
	check_bad("-b 0", "-b: '0' is not a size from 1 to 64K");
}

static void bad_users(void **state)
{
	(void)state;
	check_bad("--uid nosuch", "--uid: no user 'nosuch'");
	check_bad("-u -1", "-u: no user '-1'");
	check_bad("-u 0x0", "-u: no user '0x0'");
	check_bad("-u 4294967295",
		  "-u: '4294967295' is not a user's number from 0 to 4294967294");
	check_bad(
		"-u 99999999999999999999",
		"-u: '99999999999999999999' is not a user's number from 0 to 4294967294");
	check_bad("--someone nosuch", "--someone: no user 'nosuch'");
}

static void bad_strings(void **state)
{
	(void)state;
	check_bad("--comm 1234567890123456",
		  "--comm: '1234567890123456' is not a name of 1 to 15 bytes");
	check_bad("--comm ''", "--comm needs a value");
	check_bad("--comm=", "--comm needs a value");
	check_bad("--btf ''", "--btf needs a value");
	check_bad("--cgroup=", "--cgroup needs a value");
	check_bad("-g ''", "-g needs a value");
	check_bad("-f ''", "-f needs a value");
	check_bad("-p ''", "-p needs a value");
	check_bad("-f plum", "-f: 'plum' is not valid; expected: apple, pear");
	check_bad("-f apple --fruit plum",
		  "--fruit: 'plum' is not valid; expected: apple, pear");
}

static void bad_columns(void **state)
{
	(void)state;
	check_bad("-o foo", "-o: no column 'foo'; there are: time, pid, path");
	check_bad("--output pid,foo",
		  "--output: no column 'foo'; there are: time, pid, path");
	check_bad("-o ''", "-o needs a value");
	check_bad("-o pid,", "-o: a column name is empty; there are: time, pid, path");
	check_bad("-o pid,PID", "-o: 'PID' stands twice");
	/* The last one counts, also as to how it was typed. */
	check_bad("-o foo --output bar",
		  "--output: no column 'bar'; there are: time, pid, path");
	check_good("-o foo -o pid", "output=pid ");
	cli.columns = NULL;
	check_bad("-o foo", "-o: there are no columns here");
}

static void bad_of_counts(void **state)
{
	(void)state;
	cli.counts = true;
	check_bad("--buffer 1M", "--buffer: there are no events here, only counts");
	check_bad("--max-events=3", "--max-events: there are no events here, only counts");
	check_good("-o pid", "output=pid ");
}

static void bad_options(void **state)
{
	(void)state;
	check_bad("--foo", "unknown option '--foo'; see mytool --help");
	check_bad("--foo=bar", "unknown option '--foo'; see mytool --help");
	check_bad("-Q", "unknown option '-Q'; see mytool --help");
	check_bad("-TQx", "unknown option '-Q'; see mytool --help");
	check_bad("-T5", "unknown option '-5'; see mytool --help");
	check_bad("-:", "unknown option '-:'; see mytool --help");
	check_bad("-?", "unknown option '-?'; see mytool --help");
	check_bad("--x", "unknown option '--x'; see mytool --help");
	check_bad("--=x", "unknown option '--'; see mytool --help");
	check_bad("--ti", "'--ti' may be any of --time, --tid");
	check_bad("--max=3",
		  "'--max' may be any of --max-args, --max-bytes, --max-events");
	check_bad("--time=3", "--time takes no value");
	check_bad("--json=yes", "--json takes no value");
	check_bad("--help=x", "--help takes no value");
	check_bad("--pid", "--pid needs a value");
	check_bad("--json -p", "-p needs a value");
	check_bad("--buf", "--buffer needs a value");
	check_bad("-xg", "-g needs a value");
}

static void bad_operands(void **state)
{
	(void)state;
	check_bad("a", "unexpected argument 'a'; to run a command put it after --");
	check_bad("-T a -x", "unexpected argument 'a'; to run a command put it after --");
	check_bad("a --help",
		  "unexpected argument 'a'; to run a command put it after --");
	check_bad("a -- ls", "unexpected argument 'a'; to run a command put it after --");
	check_bad("-", "unexpected argument '-'; to run a command put it after --");
	check_bad("''", "unexpected argument ''; to run a command put it after --");
	check_bad("--", "-- needs a command after it");
	check_bad("-T --", "-- needs a command after it");
	check_bad("-- ''", "-- needs a command after it");
	check_bad("--exec", "--exec needs a command after it");
	check_bad("--exec=", "--exec needs a command after it");
	check_bad("--exec --", "--exec needs a command after it");
	/* This "--" is the value of -g, so nothing has ended the options. */
	check_bad("-g -- ls",
		  "unexpected argument 'ls'; to run a command put it after --");
}

static void bad_operand_values(void **state)
{
	(void)state;
	cli.operand = operand_take;
	check_bad("0", "interval: '0' is not a number of seconds above 0");
	check_bad("x", "interval: 'x' is not a number of seconds above 0");
	check_bad("''", "interval: '' is not a number of seconds above 0");
	check_bad("-", "interval: '-' is not a number of seconds above 0");
	check_bad("315360001",
		  "interval: '315360001' is more than 315360000 seconds (10 years)");
	/* To getopt it is an option. */
	check_bad("-1", "unknown option '-1'; see mytool --help");
	check_bad("--", "-- needs a command after it");
}

/* operand_take() prints before the one that is wrong is seen. */
static void check_bad_later(const char *line, const char *want)
{
	char whole[256];

	run_line(line);
	snprintf(whole, sizeof(whole), "mytool: %s\n", want);
	assert_string_equal(result.err, whole);
	assert_int_equal(result.status, 2);
}

static void bad_later_operands(void **state)
{
	(void)state;
	cli.operand = operand_take;
	check_bad_later("1 0", "count: '0' is not a number of at least 1");
	check_bad_later("1 x", "count: 'x' is not a number of at least 1");
	check_bad_later("1 1.5", "count: '1.5' is not a number of at least 1");
	check_bad_later("1 18446744073709551616",
			"count: '18446744073709551616' is not a number of at least 1");
	check_bad_later("1 2 3", "one too many: 3");
	check_bad_later("1 -T 2 -x 3 -- ls", "one too many: 3");
	check_bad_later("1 --foo", "unknown option '--foo'; see mytool --help");
	check_bad_later("1 --", "-- needs a command after it");
}

/* The value comes from the user, who may have copied it from somewhere. */
static void bad_is_escaped(void **state)
{
	char *words[] = { "mytool", "-p", "1\n\033[2J", NULL };

	(void)state;
	run_words(words);
	assert_string_equal(
		result.err,
		"mytool: -p: '1\\n\\e[2J' is not a number from 1 to 4194304\n");
	assert_int_equal(result.status, 2);
}

static void check_asserts(const struct opt *rows)
{
	cli.options = rows;
	run_line("");
	assert_int_equal(result.status, -SIGABRT);
	assert_non_null(strstr(result.err, "Assertion"));
}

static void duplicates_assert(void **state)
{
	static const struct opt letter[] = { OPT_FLAG('a', "aa", &fails, ""),
					     OPT_FLAG('a', "bb", &fails, ""), OPT_END };
	static const struct opt name[] = { OPT_FLAG('a', "aa", &fails, ""),
					   OPT_FLAG('b', "aa", &fails, ""), OPT_END };
	static const struct opt common_name[] = { OPT_FLAG(0, "pid", &fails, ""),
						  OPT_END };
	static const struct opt common_letter[] = { OPT_FLAG('v', "vv", &fails, ""),
						    OPT_END };
	static const struct opt given_letter[] = { OPT_FLAG('p', "pp", &fails, ""),
						   OPT_LETTER('p', "pid"), OPT_END };
	static const struct opt no_such[] = { OPT_LETTER('p', "pidd"), OPT_END };

	(void)state;
	check_asserts(letter);
	check_asserts(name);
	check_asserts(common_name);
	check_asserts(common_letter);
	check_asserts(given_letter);
	check_asserts(no_such);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_numbers),	  TEST(bad_seconds),	TEST(bad_sizes),
		TEST(bad_users),	  TEST(bad_strings),	TEST(bad_columns),
		TEST(bad_of_counts),	  TEST(bad_options),	TEST(bad_operands),
		TEST(bad_operand_values), TEST(bad_later_operands),
		TEST(bad_is_escaped),	  TEST(duplicates_assert),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
