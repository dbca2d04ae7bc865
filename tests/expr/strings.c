// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whether a string is some text, against what strcmp() and strncmp() say of the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/expr/fixed.h"
#include "tests/expr/world.h"

#define LENGTH_MAX 255

static char *page_end; /* nothing can be read from here on */

static void pages_make(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE))
		exit(2);
	page_end = pages + page;
}

/* The string is the last thing that can be read. */
static const char *place_string(struct fixed *f, const char *string)
{
	size_t size = strlen(string) + 1;

	memset(page_end - 512, '#', 512);
	memcpy(page_end - size, string, size);
	f->registers[10] = (uintptr_t)(page_end - size);
	return page_end - size;
}

static void letters(char *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = 'a' + i % 26;
	to[n] = '\0';
}

/* == and STRNCMP with one literal against one string; what was not so is added to `wrong`. */
static void match_try(struct fixed *f, const char *literal, const char *string,
		      char *wrong)
{
	const char *at = place_string(f, string);
	size_t n = strlen(literal);
	char text[400];
	int is, wanted;

	snprintf(text, sizeof(text), "cp == \"%s\"", literal);
	wanted = !strcmp(at, literal);
	is = pass(f, text);
	if (is != wanted && !*wrong)
		snprintf(wrong, 200, "== %.60s: %d, wanted %d", string, is, wanted);
	snprintf(text, sizeof(text), "cp != \"%s\"", literal);
	is = pass(f, text);
	if (is != !wanted && !*wrong)
		snprintf(wrong, 200, "!= %.60s: %d, wanted %d", string, is, !wanted);
	if (!n)
		return;
	snprintf(text, sizeof(text), "STRNCMP(\"%s\", cp)", literal);
	wanted = !strncmp(at, literal, n);
	is = pass(f, text);
	if (is != wanted && !*wrong)
		snprintf(wrong, 200, "STRNCMP %.60s: %d, wanted %d", string, is, wanted);
}

static void length_test(struct fixed *f, size_t n)
{
	char literal[LENGTH_MAX + 1], string[LENGTH_MAX + 8], wrong[200] = "";

	letters(literal, n);
	match_try(f, literal, literal, wrong);
	match_try(f, literal, "", wrong);
	snprintf(string, sizeof(string), "%s+", literal);
	match_try(f, literal, string, wrong);
	snprintf(string, sizeof(string), "%s and more", literal);
	match_try(f, literal, string, wrong);
	for (size_t changed = 0; changed < n; changed += changed + 9 < n ? 9 : 1) {
		strcpy(string, literal);
		string[changed] ^= 1;
		match_try(f, literal, string, wrong);
	}
	for (size_t cut = n > 3 ? n - 3 : 0; cut < n; cut++) {
		letters(string, cut);
		match_try(f, literal, string, wrong);
	}
	tell(!*wrong, "a literal of %zu bytes%s%s", n, *wrong ? ": " : "", wrong);
}

static void is_pass(struct fixed *f, const char *text, int wanted)
{
	int is = pass(f, text);

	tell(is == wanted, "%s is %d%s", text, wanted,
	     is == wanted ? ""
	     : is < 0	  ? ", and not a fault"
	     : is	  ? ", and not 1"
			  : ", and not 0");
}

static void arrays_test(struct fixed *f)
{
	struct texts *t = (struct texts *)page_end - 1;

	memset(t, 0, sizeof(*t));
	f->registers[11] = (uintptr_t)t;
	memcpy(t->name, "12345678", 8);
	memcpy(t->bytes, "abc", 3);
	letters(t->large, 200);
	memcpy(t->last, "12345678", 8);
	is_pass(f, "tp->name == \"1234567\"", 0);
	is_pass(f, "STRNCMP(\"12345678\", tp->name)", 1);
	is_pass(f, "STRNCMP(\"1234\", tp->name)", 1);
	is_pass(f, "STRNCMP(\"12345679\", tp->name)", 0);
	is_pass(f, "tp->bytes == \"abc\"", 1);
	is_pass(f, "tp->bytes == \"ab\"", 0);
	is_pass(f, "tp->bytes != \"abcd\"", 1);
	is_pass(f, "\"abc\" == tp->bytes", 1);
	is_pass(f, "STRCMP(tp->bytes, \"abc\")", 1);
	is_pass(f, "tp->last == \"1234567\"", 0);
	is_pass(f, "STRNCMP(\"12345678\", tp->last)", 1);
	is_pass(f, "STRNCMP(\"12345678\", tp->last, 3)", 1);
	is_pass(f, "STRNCMP(\"123x\", tp->last, 3)", 1);
	is_pass(f, "STRNCMP(\"123x\", tp->last, 4)", 0);
	is_pass(f, "STRNCMP(\"123\", tp->last, 4)", 0);
	memcpy(t->last, "1234567", 8);
	is_pass(f, "tp->last == \"1234567\"", 1);
	is_pass(f, "tp->last == \"\"", 0);
	is_pass(f, "STRNCMP(\"1234567\", tp->last, 99)", 1);
	t->last[0] = '\0';
	is_pass(f, "tp->last == \"\"", 1);
	is_pass(f,
		"tp->large == \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
		"abcdefghijklmnopqrstuvwxyz\"",
		0);
	t->large[78] = '\0';
	is_pass(f,
		"tp->large == \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
		"abcdefghijklmnopqrstuvwxyz\"",
		1);
	is_pass(f, "tp->flexible == \"\"", 0); /* it begins where name does */
	t->pointer = t->large;
	is_pass(f, "STRNCMP(\"abc\", tp->pointer)", 1);
	is_pass(f, "(char *)tp + 16 == \"abc\"", 1);
	is_pass(f, "STRCMP(\"abc\", (unsigned long)tp->bytes)", 1);
	is_pass(f,
		"tp->bytes == \"abc\" && STRNCMP(\"a\", tp->large) && !(tp->name == \"x\")",
		1);
	is_pass(f, "(tp->bytes == \"abc\") + (tp->bytes == \"abc\") == 2", 1);
	is_pass(f, "\"a\" \"b\" == \"ab\"", 1);
	is_pass(f, "\"a\" != \"ab\"", 1);
}

/* -B: as many bytes as are listed, whatever they are. */
static void binary_test(struct fixed *f)
{
	struct texts *t = (struct texts *)page_end - 1;

	memset(t, 0, sizeof(*t));
	f->registers[11] = (uintptr_t)t;
	memcpy(t->name, "a\0b\xff", 4);
	memcpy(t->last, "12345678", 8);
	t->pointer = t->last;
	f->compile.binary = true;
	is_pass(f, "STRCMP(\"{97, 0, 0x62, 0xff}\", tp->name)", 1);
	is_pass(f, "STRCMP(\"{97, 0, 0x62, -1, 0}\", tp->name)", 1);
	is_pass(f, "STRCMP(\"{97, 0, 0x62, 0xfe}\", tp->name)", 0);
	is_pass(f, "STRCMP(\"{0x31,0x32,0x33,0x34,0x35,0x36,0x37,0x38}\", tp->last)", 1);
	is_pass(f, "STRCMP(\"{0x31,0x32,0x33,0x34,0x35,0x36,0x37,0x38}\", tp->pointer)",
		1);
	is_pass(f, "STRCMP(\"{0x31,0x32,0x33,0x34,0x35,0x36,0x37,0x39}\", tp->pointer)",
		0);
	is_pass(f, "STRCMP(\"{1,2,3,4,5,6,7,8,9}\", tp->pointer)", -1);
	f->compile.binary = false;
}

static void faults_test(struct fixed *f)
{
	f->registers[10] = (uintptr_t)page_end;
	is_pass(f, "cp == \"abc\"", -1);
	is_pass(f, "cp != \"abc\"", -1);
	is_pass(f, "STRNCMP(\"abc\", cp)", -1);
	is_pass(f, "!STRCMP(\"abc\", cp)", -1);
	is_pass(f, "cp == \"abc\" || 1", -1);
	is_pass(f, "0 && cp == \"abc\"", 0);
	is_pass(f, "a_si == 7 && cp == \"abc\"", 0);
	is_pass(f, "a_si != 7 || cp == \"abc\"", 1);
	is_pass(f, "*cp", -1);
	f->registers[10] = 0;
	is_pass(f, "cp == \"\"", -1);
	is_pass(f, "cp && cp == \"\"", 0);
	memset(page_end - 64, 'x', 64); /* no NUL, and then nothing */
	f->registers[10] = (uintptr_t)page_end - 64;
	is_pass(f, "STRNCMP(\"xxxx\", cp)", 1);
	is_pass(f, "cp == \"xxxx\"", 0);
}

static void kernel_test(struct fixed *f)
{
	FILE *comm = fopen("/proc/self/comm", "w");

	if (!comm || fputs("fifteen letters", comm) < 0 || fclose(comm))
		exit(2);
	is_pass(f, "$comm == \"fifteen letters\"", 1);
	is_pass(f, "$comm == \"fifteen letter\"", 0);
	is_pass(f, "$comm == \"Fifteen letters\"", 0);
	is_pass(f, "$comm != \"fifteen letters\"", 0);
	is_pass(f, "STRNCMP(\"fifteen\", $comm)", 1);
	is_pass(f, "STRNCMP(\"fifty\", $comm, 4)", 1);
	is_pass(f, "STRCMP(\"fifteen\", $comm)", 0);
	is_pass(f, "$task->comm == \"fifteen letters\"", 1);
	is_pass(f, "$task->comm == \"fifteen letter\"", 0);
	is_pass(f, "$task->group_leader->comm == \"fifteen letters\"", 1);
	is_pass(f, "$task->nsproxy->uts_ns->name.sysname == \"Linux\"", 1);
	is_pass(f, "$task->mm->exe_file->f_path.dentry->d_name.name == \"fixed\"", 1);
	is_pass(f, "STRNCMP(\"fix\", $task->mm->exe_file->f_path.dentry->d_name.name)",
		1);
	is_pass(f, "$task->mm->exe_file->f_path.dentry->d_name.name == \"fixe\"", 0);
}

void strings_test(struct fixed *f)
{
	static const size_t lengths[] = {
		0,  1,	2,  3,	4,  5,	 6,   7,   8,	9,   15,  16,  17,  53,
		54, 55, 56, 63, 64, 107, 108, 109, 110, 161, 162, 163, 200,
	};

	pages_make();
	f->registers[4] = 5;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		length_test(f, lengths[i]);
	arrays_test(f);
	binary_test(f);
	faults_test(f);
	kernel_test(f);
}
