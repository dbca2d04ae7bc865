// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "escape.h"
#include "table.h"

#define S(text)                          \
	{                                \
		(text), sizeof(text) - 1 \
	}
#define NS 1000000000ull

struct row {
	uint64_t time_ns;
	uint32_t pid;
	int32_t ret;
	uint64_t inode;
	char comm[16];
	struct bytes path;
};

#define AT(member) offsetof(struct row, member)

static bool show_time, show_uid;

static void flags_text(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	if (r->ret)
		escape_text(out, "a\tb", 3, false);
}

static void more_json(struct strbuf *out, const void *row)
{
	const struct row *r = row;

	if (r->ret < 0)
		strbuf_str(out, ",\"errno\":\"ENOENT\"");
}

static void own_json(struct strbuf *out, const void *row)
{
	(void)row;
	strbuf_str(out, "[1,2]");
}

/* clang-format off */
static const struct column columns[] = {
	{ .name = "TIME", .key = "time", .width = -8, .kind = CELL_CLOCK,
	  .offset = AT(time_ns), .when = &show_time },
	{ .name = "TIME(s)", .key = "since", .width = -9, .kind = CELL_SINCE,
	  .offset = AT(time_ns), .decimals = 3, .extra = true },
	{ .name = "TIME", .key = "delta", .width = -9, .kind = CELL_SINCE,
	  .offset = AT(time_ns), .decimals = 6, .since_first = true, .extra = true },
	{ .name = "UID", .key = "uid", .width = -6, .kind = CELL_U32, .offset = AT(pid),
	  .when = &show_uid },
	{ .name = "PID", .key = "pid", .width = -6, .kind = CELL_U32, .offset = AT(pid) },
	{ .name = "COMM", .key = "comm", .width = -16, .kind = CELL_CHARS,
	  .offset = AT(comm) },
	{ .name = "FD", .key = "ret", .width = 4, .kind = CELL_S32, .offset = AT(ret),
	  .json_more = more_json },
	{ .name = "INODE", .key = "ino", .width = 5, .kind = CELL_U64,
	  .offset = AT(inode), .extra = true },
	{ .name = "FLAGS", .key = "flags", .width = -5, .kind = CELL_FORMAT,
	  .text = flags_text, .extra = true },
	{ .name = "LIST", .key = "list", .width = 6, .kind = CELL_FORMAT,
	  .text = flags_text, .json = own_json, .extra = true },
	{ .name = "CWD", .key = "cwd", .width = -4, .kind = CELL_BYTES,
	  .offset = AT(path), .unknown = "-", .extra = true },
	{ .name = "PATH", .key = "path", .kind = CELL_BYTES, .offset = AT(path) },
	COLUMN_END
};
/* clang-format on */

static struct table t;
static struct row row;

static int reset(void **state)
{
	(void)state;
	t = (struct table){ .columns = columns, .fd = -1 };
	row = (struct row){
		.pid = 181, .ret = 3, .comm = "bash", .path = S("/etc/passwd")
	};
	show_time = show_uid = false;
	return 0;
}

static int done(void **state)
{
	(void)state;
	table_free(&t);
	return 0;
}

static void check_out(const char *want)
{
	assert_string_equal(strbuf_cstr(&t.out), want);
	strbuf_clear(&t.out);
}

static void start(const char *list)
{
	const char *wrong = table_select(&t, list);

	if (wrong)
		print_error("'%s': %s\n", list, wrong);
	assert_null(wrong);
	table_start(&t);
}

/* One row with these columns, without the header. */
static void check_row(const char *list, const char *want)
{
	start(list);
	strbuf_clear(&t.out);
	table_row(&t, &row);
	check_out(want);
}

static void text_layout(void **state)
{
	(void)state;
	start(NULL);
	check_out("PID    COMM               FD PATH\n");
	table_row(&t, &row);
	check_out("181    bash                3 /etc/passwd\n");
	row.ret = -2;
	row.path = (struct bytes)S("");
	table_row(&t, &row);
	check_out("181    bash               -2\n");
	row.path = (struct bytes){ 0 };
	table_row(&t, &row);
	check_out("181    bash               -2 ?\n");
}

/* What is too wide pushes the rest and is never cut. */
static void text_wide(void **state)
{
	(void)state;
	row.pid = 4294967295;
	row.ret = -2147483647 - 1;
	memcpy(row.comm, "0123456789abcdef", 16);
	check_row(NULL, "4294967295 0123456789abcdef -2147483648 /etc/passwd\n");
	row.comm[15] = '\n';
	check_row(NULL, "4294967295 0123456789abcde\\n -2147483648 /etc/passwd\n");
	row.inode = 18446744073709551615ull;
	check_row("ino,pid", "18446744073709551615 4294967295\n");
}

static void text_escapes(void **state)
{
	(void)state;
	memcpy(row.comm, "\033[2J\xff", 6);
	row.path = (struct bytes)S("/a\nb\0c \xe2\x80\xae");
	check_row(NULL, "181    \\e[2J\\xff           3 /a\\nb\\x00c \\u{202e}\n");
	/* A blank at the end is the path's own. */
	row.path = (struct bytes)S("x ");
	check_row("pid,path", "181    x \n");
	check_row("path,pid", "x  181\n");
}

/* Padding counts what a terminal shows, not bytes. */
static void text_utf8(void **state)
{
	(void)state;
	memcpy(row.comm, "m\xc3\xbcller", 8);
	check_row("comm,pid", "m\xc3\xbcller           181\n");
	memcpy(row.comm,
	       "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 16);
	check_row("comm,pid",
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		  "         181\n");
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		print_message("wide characters: no locale C.UTF-8 here\n");
		skip();
	}
	memcpy(row.comm, "\xe6\x97\xa5\xe6\x9c\xac", 7);
	check_row("comm,pid", "\xe6\x97\xa5\xe6\x9c\xac             181\n");
}

/* No blanks at the end of a line, wherever the column without a width has gone. */
static void text_ends(void **state)
{
	(void)state;
	start("path,pid");
	check_out("PATH PID\n");
	table_row(&t, &row);
	check_out("/etc/passwd 181\n");
	check_row("path,ret", "/etc/passwd    3\n");
	check_row("comm", "bash\n");
	row.comm[0] = '\0';
	check_row("comm", "\n");
	check_row("pid,comm", "181\n");
	check_row("comm,pid", "                 181\n");
	row.ret = 0;
	check_row("pid,flags,list", "181\n");
	check_row("pid,flags,ret,list", "181             0\n");
	check_row("flags,list", "\n");
}

static void text_kinds(void **state)
{
	(void)state;
	row.inode = 12;
	check_row("ino,pid", "   12 181\n");
	check_row("flags,pid", "a\\tb  181\n");
	check_row("list,pid", "  a\\tb 181\n");
	row.path.data = NULL;
	check_row("cwd,path", "-    ?\n");
}

static void when_and_extra(void **state)
{
	(void)state;
	show_uid = true;
	start(NULL);
	check_out("UID    PID    COMM               FD PATH\n");
	show_time = true;
	start(NULL);
	check_out("TIME     UID    PID    COMM               FD PATH\n");
	assert_true(table_shows(&t, "uid"));
	assert_false(table_shows(&t, "ino"));
	assert_false(table_shows(&t, "UID"));
	assert_false(table_shows(&t, "nosuch"));
	start("ino");
	assert_true(table_shows(&t, "ino"));
	assert_false(table_shows(&t, "uid"));
}

static void select_order(void **state)
{
	(void)state;
	start("path,COMM,Pid");
	check_out("PATH COMM             PID\n");
	/* By header where no key is so called. */
	start("fd,inode,cwd");
	check_out("  FD INODE CWD\n");
	/* The key goes before the header that three columns have. */
	start("TIME");
	assert_true(table_shows(&t, "time"));
	check_out("TIME\n");
	start("time(S),delta");
	check_out("TIME(s)   TIME\n");
}

static void select_more(void **state)
{
	(void)state;
	start("+ino");
	check_out("PID    COMM               FD INODE PATH\n");
	start("+ino,+cwd");
	check_out("PID    COMM               FD INODE CWD  PATH\n");
	/* What is there already is not shown twice. */
	start("+pid,+uid");
	check_out("PID    COMM               FD UID    PATH\n");
	show_uid = true;
	start("+uid");
	check_out("UID    PID    COMM               FD PATH\n");
	start("+path");
	check_out("UID    PID    COMM               FD PATH\n");
}

static void check_wrong(const char *list, const char *want)
{
	const char *wrong = table_select(&t, list);

	assert_non_null(wrong);
	assert_string_equal(wrong, want);
}

#define THERE_ARE \
	"there are: time, since, delta, uid, pid, comm, ret, ino, flags, list, cwd, path"
#define MIXES                                                                      \
	" mixes names with and without '+': \"a,b\" shows exactly these columns, " \
	"\"+a,+b\" these too"

static void select_wrong(void **state)
{
	(void)state;
	check_wrong("foo", "no column 'foo'; " THERE_ARE);
	check_wrong("pid,foo,comm", "no column 'foo'; " THERE_ARE);
	check_wrong("+foo", "no column 'foo'; " THERE_ARE);
	check_wrong("pi", "no column 'pi'; " THERE_ARE);
	check_wrong("pidd", "no column 'pidd'; " THERE_ARE);
	check_wrong("pid comm", "no column 'pid comm'; " THERE_ARE);
	check_wrong(" pid", "no column ' pid'; " THERE_ARE);
	check_wrong("", "a column name is empty; " THERE_ARE);
	check_wrong("+", "a column name is empty; " THERE_ARE);
	check_wrong(",", "a column name is empty; " THERE_ARE);
	check_wrong("pid,", "a column name is empty; " THERE_ARE);
	check_wrong(",pid", "a column name is empty; " THERE_ARE);
	check_wrong("pid,,comm", "a column name is empty; " THERE_ARE);
	check_wrong("+pid,+", "a column name is empty; " THERE_ARE);
	check_wrong("++pid", "no column '+pid'; " THERE_ARE);
	check_wrong("pid,comm,pid", "'pid' stands twice");
	check_wrong("pid,PID", "'PID' stands twice");
	check_wrong("ret,fd", "'fd' stands twice");
	check_wrong("+ino,+inode", "'inode' stands twice");
	check_wrong("+pid,comm", "'+pid,comm'" MIXES);
	check_wrong("pid,+comm", "'pid,+comm'" MIXES);
	/* The default is shown then, so that a caller who goes on is no worse off. */
	table_start(&t);
	check_out("PID    COMM               FD PATH\n");
}

/* More names than there are columns end at the first that stands twice, in bounds. */
static void select_long_list(void **state)
{
	struct strbuf list = { 0 };

	(void)state;
	strbuf_str(&list, "time,since,delta,uid,pid,comm,ret,ino,flags,list,cwd,path");
	start(strbuf_cstr(&list));
	for (int i = 0; i < 1000; i++)
		strbuf_str(&list, ",path");
	check_wrong(strbuf_cstr(&list), "'path' stands twice");
	strbuf_free(&list);
}

static void json_default(void **state)
{
	(void)state;
	t.json = true;
	show_time = false;
	start("pid,comm,ret,path");
	check_out("");
	table_row(&t, &row);
	check_out("{\"pid\":181,\"comm\":\"bash\",\"ret\":3,\"path\":\"/etc/passwd\"}\n");
	row.ret = -2;
	row.path.data = NULL;
	table_row(&t, &row);
	check_out("{\"pid\":181,\"comm\":\"bash\",\"ret\":-2,\"errno\":\"ENOENT\","
		  "\"path\":null}\n");
	/* All but the extra ones, whatever options have asked for. */
	start(NULL);
	t.realtime_ns = 0;
	table_row(&t, &row);
	check_out("{\"time\":\"1970-01-01T00:00:00.000000Z\",\"uid\":181,\"pid\":181,"
		  "\"comm\":\"bash\",\"ret\":-2,\"errno\":\"ENOENT\",\"path\":null}\n");
	start("+ino");
	assert_true(table_shows(&t, "ino"));
	assert_true(table_shows(&t, "uid"));
	assert_false(table_shows(&t, "cwd"));
}

static void json_strings(void **state)
{
	(void)state;
	t.json = true;
	row.path = (struct bytes)S("a\"\\\n\xe2\x82\xac");
	check_row("path", "{\"path\":\"a\\\"\\\\\\n\xe2\x82\xac\"}\n");
	row.path = (struct bytes)S("a\xff\n");
	check_row(
		"path,pid",
		"{\"path\":\"a\xef\xbf\xbd\\n\",\"path_hex\":\"61ff0a\",\"pid\":181}\n");
	row.path = (struct bytes)S("");
	check_row("path", "{\"path\":\"\"}\n");
	memcpy(row.comm, "\xc3", 2);
	check_row("comm", "{\"comm\":\"\xef\xbf\xbd\",\"comm_hex\":\"c3\"}\n");
}

static void json_kinds(void **state)
{
	(void)state;
	t.json = true;
	row.inode = 18446744073709551615ull;
	row.pid = 4294967295;
	check_row("ino,pid", "{\"ino\":18446744073709551615,\"pid\":4294967295}\n");
	/* Formatted text is a string: its backslash is one more that needs another. */
	check_row("flags", "{\"flags\":\"a\\\\tb\"}\n");
	check_row("list", "{\"list\":[1,2]}\n");
	row.path.data = NULL;
	check_row("cwd", "{\"cwd\":null}\n");
	row.ret = 0;
	check_row("flags", "{\"flags\":\"\"}\n");
}

/* 2026-11-20T10:00:00Z is 1795168800. */
static void clocks(void **state)
{
	(void)state;
	setenv("TZ", "EST5", 1);
	start("time,pid");
	strbuf_clear(&t.out);
	t.realtime_ns = 1795168800 * (int64_t)NS;
	row.time_ns = 123456789;
	table_row(&t, &row);
	row.time_ns = 999999999;
	table_row(&t, &row);
	row.time_ns = NS;
	table_row(&t, &row);
	row.time_ns = 14 * 3600 * NS - 1;
	table_row(&t, &row);
	row.time_ns = 0;
	table_row(&t, &row);
	check_out(
		"05:00:00 181\n05:00:00 181\n05:00:01 181\n18:59:59 181\n05:00:00 181\n");

	t.json = true;
	start("time");
	t.realtime_ns = 1795168800 * (int64_t)NS;
	row.time_ns = 123456789;
	table_row(&t, &row);
	check_out("{\"time\":\"2026-11-20T10:00:00.123456Z\"}\n");
	row.time_ns = 14 * 3600 * NS;
	table_row(&t, &row);
	check_out("{\"time\":\"2026-11-21T00:00:00.000000Z\"}\n");
}

/* The two clocks that table_start() takes lead back to the present. */
static void clock_now(void **state)
{
	struct timespec before, after, now;
	int64_t ns;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &before);
	table_start(&t);
	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_REALTIME, &after);
	ns = now.tv_sec * (int64_t)NS + now.tv_nsec + t.realtime_ns;
	assert_true(ns / (int64_t)NS >= before.tv_sec - 1);
	assert_true(ns / (int64_t)NS <= after.tv_sec + 1);
	assert_true(t.start_ns <= now.tv_sec * NS + now.tv_nsec);
}

static void since_start(void **state)
{
	(void)state;
	start("since,pid");
	check_out("TIME(s)   PID\n");
	t.start_ns = 10 * NS;
	row.time_ns = 10 * NS;
	table_row(&t, &row);
	row.time_ns = 11 * NS + 2999999;
	table_row(&t, &row);
	/* From before the start. */
	row.time_ns = 10 * NS - 5000000;
	table_row(&t, &row);
	row.time_ns = 123456 * NS;
	table_row(&t, &row);
	check_out("0.000     181\n1.002     181\n-0.005    181\n123446.000 181\n");
	t.json = true;
	start("since");
	t.start_ns = 10 * NS;
	row.time_ns = 11 * NS + 500000000;
	table_row(&t, &row);
	check_out("{\"since\":1.500}\n");
}

static void since_first(void **state)
{
	(void)state;
	start("delta,pid");
	check_out("TIME      PID\n");
	row.time_ns = 77 * NS + 5;
	table_row(&t, &row);
	row.time_ns += 1500000 + 999;
	table_row(&t, &row);
	row.time_ns = 76 * NS + 5;
	table_row(&t, &row);
	check_out("0.000000  181\n0.001500  181\n-1.000000 181\n");
}

static void decimals(void **state)
{
	static const struct column two[] = {
		{ .name = "S", .key = "s", .kind = CELL_SINCE, .width = -2 },
		{ .name = "NS", .key = "ns", .kind = CELL_SINCE, .decimals = 9 },
		COLUMN_END
	};
	uint64_t ns = 3 * NS + 42;

	(void)state;
	t.columns = two;
	start(NULL);
	t.start_ns = 0;
	table_row(&t, &ns);
	check_out("S  NS\n3  3.000000042\n");
}

/* The value need not be aligned. */
static void unaligned(void **state)
{
	static const struct column packed[] = {
		{ .name = "A", .key = "a", .kind = CELL_U64, .width = 3, .offset = 1 },
		{ .name = "B", .key = "b", .kind = CELL_S32, .offset = 9 },
		COLUMN_END
	};
	char bytes[13] = { 0 };
	uint64_t a = 7;
	int32_t b = -1;

	(void)state;
	memcpy(bytes + 1, &a, sizeof(a));
	memcpy(bytes + 9, &b, sizeof(b));
	t.columns = packed;
	start(NULL);
	table_row(&t, bytes);
	check_out("  A B\n  7 -1\n");
}

/* Tables made wrongly do not get as far as a user. */
static void wrong_tables_assert(void **state)
{
	static const struct column twice[] = {
		{ .name = "A", .key = "a", .kind = CELL_U32 },
		{ .name = "B", .key = "a", .kind = CELL_U32 },
		COLUMN_END
	};
	static const struct column no_text[] = {
		{ .name = "A", .key = "a", .kind = CELL_FORMAT }, COLUMN_END
	};
	const struct column *const wrong[] = { twice, no_text };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int status;
		pid_t pid;

		fflush(NULL);
		pid = fork();
		if (!pid) {
			close(STDERR_FILENO);
			signal(SIGABRT, SIG_DFL);
			t.columns = wrong[i];
			table_select(&t, NULL);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

static void flush_lines(void **state)
{
	char got[128] = "";

	(void)state;
	t.fd = memfd_create("out", 0);
	start("pid");
	assert_int_equal(lseek(t.fd, 0, SEEK_CUR), 0);
	table_row(&t, &row);
	assert_int_equal(table_flush(&t), 0);
	assert_int_equal(table_flush(&t), 0);
	table_row(&t, &row);
	assert_int_equal(table_flush(&t), 0);
	assert_int_equal(pread(t.fd, got, sizeof(got), 0), 12);
	assert_string_equal(got, "PID\n181\n181\n");
	close(t.fd);
}

/* Rows that nobody flushes do not grow without end, and none is lost or torn. */
static void flush_by_itself(void **state)
{
	enum { ROWS = 100000, LINE = sizeof("181    /etc/passwd\n") - 1 };
	char line[LINE + 1] = "";

	(void)state;
	t.fd = memfd_create("out", 0);
	start("pid,path");
	strbuf_clear(&t.out);
	for (int i = 0; i < ROWS; i++) {
		table_row(&t, &row);
		assert_true(t.out.size <= 256 * 1024);
	}
	assert_int_equal(table_flush(&t), 0);
	assert_int_equal(lseek(t.fd, 0, SEEK_END), (off_t)ROWS * LINE);
	for (int i = 0; i < ROWS; i += 997) {
		assert_int_equal(pread(t.fd, line, LINE, (off_t)i * LINE), LINE);
		assert_string_equal(line, "181    /etc/passwd\n");
	}
	close(t.fd);
}

/* What is said on stderr while table_flush() and ROWS rows meet a descriptor. */
static int flush_heard(int fd, int rows, char *said, size_t size)
{
	int err = memfd_create("err", 0), real = dup(STDERR_FILENO), status;
	ssize_t n;

	dup2(err, STDERR_FILENO);
	t.fd = fd;
	start("pid,path");
	for (int i = 0; i < rows; i++)
		table_row(&t, &row);
	status = table_flush(&t);
	table_row(&t, &row);
	assert_int_equal(table_flush(&t), status);
	dup2(real, STDERR_FILENO);
	close(real);
	n = pread(err, said, size - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(err);
	return status;
}

static void flush_full_disk(void **state)
{
	char said[512];
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(flush_heard(fd, 1, said, sizeof(said)), -ENOSPC);
	assert_string_equal(said, "mytool: cannot write to standard output: "
				  "No space left on device\n");
	assert_int_equal(t.out.size, 0);
	close(fd);
}

/* Noticed in the middle of rows: kept for table_flush(), said once. */
static void flush_full_disk_early(void **state)
{
	char said[512];
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(flush_heard(fd, 100000, said, sizeof(said)), -ENOSPC);
	assert_string_equal(said, "mytool: cannot write to standard output: "
				  "No space left on device\n");
	assert_true(t.out.room < 1024 * 1024);
	close(fd);
}

static void flush_reader_gone(void **state)
{
	char said[512];
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(flush_heard(ends[1], 1, said, sizeof(said)), -EPIPE);
	assert_string_equal(said, "");
	close(ends[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, reset, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_layout),
		TEST(text_wide),
		TEST(text_escapes),
		TEST(text_utf8),
		TEST(text_ends),
		TEST(text_kinds),
		TEST(when_and_extra),
		TEST(select_order),
		TEST(select_more),
		TEST(select_wrong),
		TEST(select_long_list),
		TEST(json_default),
		TEST(json_strings),
		TEST(json_kinds),
		TEST(clocks),
		TEST(clock_now),
		TEST(since_start),
		TEST(since_first),
		TEST(decimals),
		TEST(unaligned),
		TEST(wrong_tables_assert),
		TEST(flush_lines),
		TEST(flush_by_itself),
		TEST(flush_full_disk),
		TEST(flush_full_disk_early),
		TEST(flush_reader_gone),
	};

	program_invocation_short_name = "mytool";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
