// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whether a string is some text, against what strcmp() and strncmp() say of the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/expr/fixed.h"
#include "tests/expr/world.h"

#define LENGTH_MAX 255
#define LONGEST	   6000

static char *page_end, *other_end; /* nothing can be read from here on */

static char *pages_make(void)
{
	size_t page = sysconf(_SC_PAGESIZE), size = (LONGEST / page + 1) * page;
	char *pages = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + size, page, PROT_NONE))
		exit(2);
	return pages + size;
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
	is_pass(f, "tp->last == \"12345678\"", 1);
	is_pass(f, "tp->last == \"12345679\"", 0);
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

/* --- two strings, neither in quotes --------------------------------------------------------- */

static void same_try(struct fixed *f, const char *a, const char *b, char *wrong)
{
	static const struct {
		const char *text;
		size_t limit;
	} ways[] = { { "STRCMP(cp, (char *)tp)", 4095 },
		     { "STRNCMP((char *)tp, cp, 4)", 4 },
		     { "STRNCMP(cp, (char *)tp, 63)", 63 },
		     { "!STRNCMP(cp, (char *)tp, 64)", 64 },
		     { "STRNCMP(cp, (char *)tp, 200) && STRCMP(cp, cp)", 200 } };

	memcpy(page_end - strlen(a) - 1, a, strlen(a) + 1);
	memcpy(other_end - strlen(b) - 1, b, strlen(b) + 1);
	f->registers[10] = (uintptr_t)(page_end - strlen(a) - 1);
	f->registers[11] = (uintptr_t)(other_end - strlen(b) - 1);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		int wanted = !strncmp(a, b, ways[i].limit) == (*ways[i].text != '!');
		int is = pass(f, ways[i].text);

		if (is != wanted && !*wrong)
			snprintf(wrong, 200, "%s of %zu and %zu bytes: %d, wanted %d",
				 ways[i].text, strlen(a), strlen(b), is, wanted);
	}
}

static void same_length_test(struct fixed *f, size_t n)
{
	char a[LONGEST], b[LONGEST + 8], wrong[200] = "";

	letters(a, n);
	same_try(f, a, a, wrong);
	same_try(f, a, "", wrong);
	same_try(f, "", a, wrong);
	snprintf(b, sizeof(b), "%s+", a);
	same_try(f, a, b, wrong);
	same_try(f, b, a, wrong);
	snprintf(b, sizeof(b), "%s, more", a);
	same_try(f, a, b, wrong);
	for (size_t changed = 0; changed < n; changed += changed + 9 < n ? 1 + n / 9 : 1) {
		strcpy(b, a);
		b[changed] ^= 1;
		same_try(f, a, b, wrong);
	}
	tell(!*wrong, "two strings of %zu bytes%s%s", n, *wrong ? ": " : "", wrong);
}

/* An array at the end of memory, of which every byte may be text. */
static void same_arrays_test(struct fixed *f)
{
	struct texts *t = (struct texts *)other_end - 1;
	char *string = page_end - 100;

	memset(t, 0, sizeof(*t));
	f->registers[11] = (uintptr_t)t;
	f->registers[10] = (uintptr_t)string;
	memcpy(t->last, "12345678", 8);
	strcpy(string, "12345678");
	is_pass(f, "tp->last == cp", 1);
	is_pass(f, "cp != tp->last", 0);
	is_pass(f, "STRCMP(cp, tp->last)", 1);
	is_pass(f, "STRNCMP(tp->last, cp, 99)", 1);
	is_pass(f, "STRNCMP(tp->last, cp, 3)", 1);
	strcpy(string, "123456789");
	is_pass(f, "tp->last == cp", 0);
	is_pass(f, "STRNCMP(cp, tp->last, 8)", 1);
	is_pass(f, "STRNCMP(cp, tp->last, 9)", 0);
	strcpy(string, "1234567");
	is_pass(f, "tp->last == cp", 0);
	memcpy(t->name, "12345678", 8);
	is_pass(f, "tp->last == tp->name", 1);
	memcpy(t->name, "123\0abcd", 8);
	memcpy(t->last, "123\0wxyz", 8);
	is_pass(f, "tp->last == tp->name", 1);
	is_pass(f, "tp->last != tp->name", 0);
	is_pass(f, "tp->bytes == tp->last", 0);
	memcpy(t->bytes, "123", 4);
	is_pass(f, "tp->bytes == tp->last", 1);
	is_pass(f, "tp->flexible == tp->last", 1);
	is_pass(f, "tp->bytes == (unsigned char *)tp->bytes", 1); /* addresses */
	is_pass(f, "(char *)tp->last == (char *)tp->name", 0);
	is_pass(f, "tp->last == cp || STRCMP(tp->name, tp->last) && tp->bytes != cp", 1);
}

static void same_large_test(struct fixed *f)
{
	struct texts *t = (struct texts *)other_end - 1;
	char *string = page_end - 300;

	memset(t, 0, sizeof(*t));
	f->registers[11] = (uintptr_t)t;
	f->registers[10] = (uintptr_t)string;
	memset(t->large, 'x', 256);
	memset(t->other, 'x', 256);
	memset(t->exact, 'x', 63);
	memset(t->more, 'x', 64);
	memset(string, 'x', 256);
	string[256] = '\0';
	is_pass(f, "tp->large == tp->other", 1);
	is_pass(f, "tp->large == cp", 1);
	is_pass(f, "tp->exact == tp->more", 0);
	is_pass(f, "STRNCMP(tp->exact, tp->more, 63)", 1);
	is_pass(f, "STRNCMP(tp->large, tp->more, 64)", 1);
	is_pass(f, "STRNCMP(tp->large, tp->more, 65)", 0);
	is_pass(f, "tp->more == tp->large", 0);
	string[64] = '\0';
	is_pass(f, "tp->more == cp", 1);
	is_pass(f, "tp->exact == cp", 0);
	t->other[255] = 'y';
	is_pass(f, "tp->large == tp->other", 0);
	t->other[200] = t->large[200] = '\0';
	is_pass(f, "tp->large == tp->other", 1);
	string[63] = '\0';
	is_pass(f, "STRCMP(tp->exact, cp)", 1);
	is_pass(f, "STRCMP(tp->more, cp)", 0);
}

static void same_faults_test(struct fixed *f)
{
	struct texts *t = (struct texts *)other_end - 1;

	f->registers[10] = (uintptr_t)page_end;
	f->registers[11] = (uintptr_t)t;
	is_pass(f, "STRCMP(cp, tp->name)", -1);
	is_pass(f, "tp->name == cp", -1);
	is_pass(f, "!STRCMP(tp->large, cp)", -1);
	is_pass(f, "STRCMP(cp, cp)", -1);
	is_pass(f, "a_si == 7 && STRCMP(cp, cp)", 0);
	is_pass(f, "a_si != 7 || $comm == cp", 1);
	is_pass(f, "$comm == cp || 1", -1);
	f->registers[10] = (uintptr_t)page_end - 70; /* no NUL, and then nothing */
	memset(page_end - 70, 'x', 70);
	memset(t->large, 'x', 256);
	is_pass(f, "STRCMP(cp, tp->large)", -1);
	is_pass(f, "STRNCMP(cp, tp->large, 70)", 1);
	is_pass(f, "STRNCMP(cp, tp->large, 71)", -1);
	t->large[10] = 'y';
	is_pass(f, "STRCMP(cp, tp->large)", 0);
}

/* As many as a person would type, each in a loop of its own. */
static void same_many_test(struct fixed *f)
{
	static const char *const words[] = { "&&", "||", "+", "&& !" };

	strcpy(page_end - 8, "1234567");
	f->registers[10] = (uintptr_t)page_end - 8;
	for (int w = 0; w < 4; w++) {
		char text[2048] = "STRCMP(cp, cp)";

		for (int i = 0; i < 31; i++)
			sprintf(text + strlen(text), " %s STRCMP(cp, cp + %d)", words[w], w == 3);
		is_pass(f, text, 1);
	}
}

/* --- strings chosen --------------------------------------------------------------------------- */

static void choices_test(struct fixed *f)
{
	struct texts *t = (struct texts *)other_end - 1;

	memset(t, 0, sizeof(*t));
	f->registers[11] = (uintptr_t)t;
	f->registers[10] = (uintptr_t)page_end; /* cannot be read */
	memcpy(t->last, "12345678", 8);
	memcpy(t->name, "12345678", 8);
	t->pointer = t->name;
	is_pass(f, "(a_si == 5 ? \"write\" : \"read\") == \"write\"", 1);
	is_pass(f, "(a_si != 5 ? \"write\" : \"read\") == \"write\"", 0);
	is_pass(f, "STRCMP(a_si == 5 ? \"12345678\" : cp, tp->last)", 1);
	is_pass(f, "STRNCMP(a_si == 5 ? tp->last : cp, \"1234\")", 1);
	is_pass(f, "STRNCMP(\"1234\", a_si != 5 ? cp : \"12345\")", 1);
	is_pass(f, "STRNCMP(a_si != 5 ? cp : \"12345\", tp->last, 5)", 1);
	is_pass(f, "STRNCMP(a_si != 5 ? cp : \"12345\", tp->last, 6)", 0);
	is_pass(f, "STRCMP(a_si == 5 ? cp : tp->last, \"12345\")", -1);
	is_pass(f, "tp->last != (a_si == 5 ? a_si < 3 ? cp : \"x\" : cp)", 1);
	is_pass(f, "tp->last == (a_si == 5 ? a_si < 3 ? \"x\" : tp->last : cp)", 1);
	is_pass(f, "(a_si == 5 ? $comm : \"x\") == $comm", 1);
	is_pass(f, "STRCMP(a_si == 5 ? $comm : tp->last, a_si == 5 ? $task->comm : cp)", 1);
	is_pass(f, "(a_si == 5 ? cp@user : (char *)tp@kernel) == 0", 0);
	is_pass(f, "(a_si == 5 ? tp->last : tp->name)[2] == '3'", 1);
	is_pass(f, "((a_si == 5 ? 0 : cp) ?: \"none\") == \"none\"", 1);
	is_pass(f, "(tp->pointer ?: \"none\") == tp->last", 1);
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
	is_pass(f, "$comm == $task->comm", 1);
	is_pass(f, "$task->group_leader->comm != $comm", 0);
	is_pass(f, "$comm == $comm", 1);
	is_pass(f, "STRNCMP($comm, $task->nsproxy->uts_ns->name.sysname, 1)", 0);
	is_pass(f, "STRNCMP($comm, $task->mm->exe_file->f_path.dentry->d_name.name, 2)", 1);
	is_pass(f, "STRNCMP($comm, $task->mm->exe_file->f_path.dentry->d_name.name, 3)", 0);
	strcpy(page_end - 16, "fifteen letters");
	f->registers[10] = (uintptr_t)page_end - 16;
	is_pass(f, "$comm == cp", 1);
	is_pass(f, "STRCMP(cp, $task->comm)", 1);
	strcpy(page_end - 6, "Linux");
	f->registers[10] = (uintptr_t)page_end - 6;
	is_pass(f, "STRCMP($task->nsproxy->uts_ns->name.sysname, cp)", 1);
	is_pass(f, "$task->nsproxy->uts_ns->name.sysname == cp && $comm != cp", 1);
	is_pass(f, "STRCMP($task->mm->exe_file->f_path.dentry->d_name.name, cp)", 0);
}

void strings_test(struct fixed *f)
{
	static const size_t lengths[] = {
		0,  1,	2,  3,	4,  5,	 6,   7,   8,	9,   15,  16,  17,  53,
		54, 55, 56, 63, 64, 107, 108, 109, 110, 161, 162, 163, 200,
	};
	static const size_t same[] = { 0, 1, 3, 4, 5, 7, 8, 9, 61, 62, 63, 64, 65, 125, 126,
				       127, 200, 255, 4032, 4094, 4095, 4096, 5000 };

	page_end = pages_make();
	other_end = pages_make();
	f->registers[4] = 5;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		length_test(f, lengths[i]);
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		same_length_test(f, same[i]);
	arrays_test(f);
	same_arrays_test(f);
	same_large_test(f);
	same_faults_test(f);
	same_many_test(f);
	choices_test(f);
	binary_test(f);
	faults_test(f);
	kernel_test(f);
}
