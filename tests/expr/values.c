// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of events as values_read() finds them again, what is kept, keys, counters, variables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/expr/fixed.h"
#include "tests/expr/world.h"

static struct worlds *w;

struct filled {
	struct value values[VALUES_MAX];
	struct value_read reads[VALUES_MAX];
	size_t count;
	uint32_t largest, used;
};

static void bail(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

/* texts: separated by ';'. A first letter s: is wanted as text, n: as a number. */
static void fill(struct fixed *f, const char *texts, uint32_t string_size,
		 struct filled *out)
{
	enum gen_want wants[VALUES_MAX];
	struct expr *exprs[VALUES_MAX];
	struct code code;
	char *list = strdup(texts), *save = NULL;

	*out = (struct filled){};
	for (char *t = strtok_r(list, ";", &save); t; t = strtok_r(NULL, ";", &save)) {
		char *text = arena_copy(&f->compile.arena, t + 1, strlen(t + 1));

		wants[out->count] = *t == 's'	? WANT_TEXT
				    : *t == 'n' ? WANT_NUMBER
						: WANT_ANY;
		exprs[out->count++] = must_compile(f, text, COMPILE_ANY);
	}
	free(list);
	if (gen_layout(&f->gen, exprs, wants, out->count, string_size, out->values) ||
	    gen_fill(&f->gen, exprs, out->values, out->count, &code, &out->largest))
		bail(texts, f->compile.mistake.why);
	program_again(&f->program);
	memset(f->program.data, 0xee, PROGRAM_DATA);
	program_add(&f->program, PROGRAM_FILL, &code, 0, -1);
	must_run(f, texts);
	out->used = f->program.results[0].returned;
	if (!values_read(out->values, out->count, f->program.data, out->used, out->reads))
		bail(texts, "the data is too short");
	if (out->used > out->largest)
		bail(texts, "the data is longer than it can be");
	for (uint32_t i = out->largest; i < PROGRAM_DATA; i++) {
		if (f->program.data[i] != 0xee)
			bail(texts, "something was written behind the data");
	}
}

static bool is_text(const struct value_read *r, const char *text)
{
	return !r->fault && r->size == strlen(text) && !memcmp(r->bytes, text, r->size);
}

static void mixed_test(struct fixed *f)
{
	struct world *one = &w->world[1];
	struct filled v;

	strcpy((char *)one->bytes, "seven77");
	one->items[2].i = -5;
	fill(f,
	     " a_si;swp->bytes; wp->bytes; \"lit\"; wp->items[2].i; wp->list[1]; $comm;"
	     "nwp->bytes; wp->one; wp->grid; wp->yes; a_si == a_si; wp->shade; wp->dense;"
	     "s(unsigned long)wp->bytes; ntop(a_ui)",
	     64, &v);
	tell(v.count == 16, "16 values");
	tell(v.reads[0].integer == (uint64_t)(int)w->registers[1][4], "an int");
	tell(is_text(&v.reads[1], "seven77") || v.reads[1].size == 8, "an array as text");
	tell(v.values[2].kind == VALUE_BYTES && v.reads[2].size == 8 &&
		     !memcmp(v.reads[2].bytes, one->bytes, 8),
	     "an array as it is");
	tell(v.values[3].kind == VALUE_LITERAL && is_text(&v.reads[3], "lit"),
	     "a literal");
	tell(v.reads[4].integer == -5ull, "a member");
	tell(v.values[5].kind == VALUE_BYTES &&
		     !memcmp(v.reads[5].bytes, &one->list[1], 16),
	     "a struct");
	tell(!strcmp(v.reads[6].bytes, "fifteen letters"), "$comm");
	tell(v.reads[8].integer == (uint64_t)one->one, "a bitfield of one bit");
	tell(!memcmp(v.reads[9].bytes, one->grid, sizeof(one->grid)),
	     "an array of arrays");
	tell(v.reads[10].integer == one->yes, "a bool");
	tell(v.values[11].show == SHOW_BOOL && v.reads[11].integer == 1, "a comparison");
	tell(v.reads[12].integer == one->shade, "an enum's bitfield");
	tell(!memcmp(v.reads[13].bytes, &one->dense, sizeof(one->dense)),
	     "a packed struct");
	tell(is_text(&v.reads[14], "seven77"), "a number that is asked for as text");
	tell(v.values[15].show == SHOW_IP &&
		     v.reads[15].integer == (uint32_t)w->registers[1][5],
	     "ntop()");
	arena_free(&f->compile.arena);
}

/* Each kind of value may fault, and the others are there all the same. */
static void faults_test(struct fixed *f)
{
	struct filled v;

	fill(f,
	     " a_si; wp->nil->i; wp->items[2].i;s(char *)0; wp->nil->name;swp->nil->name;"
	     " *wp->nil; (char *)wp->bytes; wp->nil->i + a_si; a_si",
	     16, &v);
	tell(!v.reads[0].fault && !v.reads[2].fault && v.reads[2].integer == -5ull,
	     "before faults");
	tell(v.reads[1].fault && v.reads[3].fault && v.reads[4].fault &&
		     v.reads[5].fault && v.reads[6].fault && v.reads[8].fault,
	     "faults of numbers, strings, arrays, structs");
	tell(is_text(&v.reads[7], "seven77"), "a string between faults");
	tell(!v.reads[9].fault && v.reads[9].integer == v.reads[0].integer,
	     "behind faults");
	tell(v.values[1].can_fault && v.values[3].can_fault && v.values[4].can_fault &&
		     v.values[6].can_fault && !v.values[0].can_fault,
	     "what can fault is known");
	arena_free(&f->compile.arena);
}

static void sizes_test(struct fixed *f)
{
	static char large[3][8192];
	struct filled v;

	for (int i = 0; i < 3; i++)
		memset(large[i], 'a' + i, sizeof(large[i]) - 1);
	f->registers[0] = (uintptr_t)large[0];
	f->registers[6] = (uintptr_t)large[0];
	f->registers[7] = (uintptr_t)large[1];
	large[1][100] = '\0';
	fill(f,
	     "s(char *)a_sl;s(char *)a_ul;s(char *)(a_sl + 8000);"
	     "s(wp->items[0].l - wp->items[0].l) + (unsigned long)cp; a_si;"
	     "s(char *)a_sl + sizeof(int[2047]) + 3",
	     256, &v);
	tell(v.reads[0].size == 255 && v.reads[0].cut && v.reads[0].bytes[254] == 'a',
	     "a string that is cut");
	tell(v.reads[1].size == 100 && !v.reads[1].cut, "one that is shorter");
	tell(v.reads[2].size == 191 && !v.reads[2].cut, "one that ends");
	tell(v.used >= 56 + 256 + 101 + 192 && v.used < 56 + 256 + 101 + 192 + 256 + 2,
	     "no more bytes than are used: %u", v.used);
	tell(!v.reads[5].fault && !v.reads[5].size && !v.reads[4].fault,
	     "an empty string");
	large[1][100] = 'b';
	fill(f,
	     "s(char *)a_sl;s(char *)a_ul;s(char *)a_sl;s(char *)a_ul;s(char *)a_sl;s(char *)a_ul;"
	     "s(char *)a_sl;s(char *)a_ul; a_si;s(char *)a_sl;s(char *)a_ul;s(char *)a_sl;"
	     "s(char *)a_ul;s(char *)a_sl;s(char *)a_ul;s(char *)a_sl",
	     4096, &v);
	for (size_t i = 0; i < v.count; i++) {
		if (i != 8)
			tell(v.reads[i].size == 4095 && v.reads[i].cut &&
				     v.reads[i].bytes[4000] ==
					     (i < 8 ? "ab" : "ba")[i & 1],
			     "4 KB, the %zuth", i);
	}
	tell(v.used == v.largest, "15 strings of 4 KB");
	arena_free(&f->compile.arena);
}

/* Memory of which nothing behind `size` bytes can be read. */
static void *page_end(size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE))
		bail("pages", strerror(errno));
	return pages + page - size;
}

/* Strings chosen: each side is read in its own way, and the other one is not. */
static void chosen_test(struct fixed *f)
{
	struct texts *t = page_end(sizeof(*t));
	struct filled v;

	f->registers[11] = (uintptr_t)t;
	memcpy(t->name, "eight888", 8);
	memcpy(t->last, "the last", 8);
	fill(f,
	     " a_yes ? \"write\" : \"read\"; !a_yes ? \"write\" : \"read\";"
	     "s!a_yes ? wp->nil->name : \"none\";s(char *)0 ?: \"null\";"
	     "sa_yes ? tp->last : wp->nil->name; !a_yes ? (char *)0 : $comm;"
	     "sa_yes ? \"\" : tp->name;na_yes ? tp->name : \"\"; a_si;"
	     "s!a_yes ? \"one\" : wp->nil ? \"two\" : a_yes ? $comm : \"three\";"
	     "sa_yes ? (char *)wp->bytes ?: \"x\" : $task->comm;"
	     "sa_yes ? $task->comm : \"x\";sa_yes ? wp->nil->name : \"fault\"; a_si",
	     40, &v);
	tell(is_text(&v.reads[0], "write") && is_text(&v.reads[1], "read"),
	     "literals are chosen");
	tell(is_text(&v.reads[2], "none") && is_text(&v.reads[3], "null"),
	     "the side not taken is not read");
	tell(is_text(&v.reads[4], "the last"), "an array that is full is chosen");
	tell(is_text(&v.reads[5], "fifteen letters"), "$comm is chosen");
	tell(is_text(&v.reads[6], "") && is_text(&v.reads[7], "eight888"),
	     "an empty literal; an array within memory");
	tell(v.reads[8].integer == (uint64_t)(int)w->registers[1][4] &&
		     v.reads[13].integer == v.reads[8].integer,
	     "a number between them");
	tell(is_text(&v.reads[9], "fifteen letters"), "choices within choices");
	tell(is_text(&v.reads[10], "seven77") && is_text(&v.reads[11], "fifteen letters"),
	     "pointers and arrays of both kinds of memory");
	tell(v.reads[12].fault, "the side that is taken may fault");
	for (size_t i = 0; i < 12; i++) {
		if (v.values[i].kind == VALUE_STRING && v.reads[i].cut)
			tell(false, "value %zu seems cut", i);
	}
	arena_free(&f->compile.arena);
}

/* As many of them as an event has room for are one way for the verifier, not 2^64. */
static void chosen_many_test(struct fixed *f)
{
	char text[8192] = "";
	struct filled v;

	for (int i = 0; i < 64; i++)
		sprintf(text + strlen(text),
			"%swp->items[%d].u == %d ? \"one\" : %s \"three\"", i ? "; " : " ",
			i % 8, i, i & 1 ? "a_yes ? \"fourth\" :" : "");
	fill(f, text, 16, &v);
	tell(is_text(&v.reads[62], "three") && is_text(&v.reads[63], "fourth"),
	     "64 strings chosen");
	arena_free(&f->compile.arena);
}

/* Of a key's array no byte behind it is read, and all of it is there. */
static void array_keys_test(struct fixed *f)
{
	static const char *const texts[] = { "tp->name", "tp->last",
					     "a_yes ? tp->last : cp",
					     "a_yes ? \"literal\" : \"longer than it\"" };
	static const enum gen_want wants[] = { WANT_TEXT, WANT_ANY, WANT_TEXT, WANT_TEXT };
	const char *data = (char *)f->program.data;
	struct texts *t = page_end(sizeof(*t));
	struct value v[4] = {};
	struct expr *e[4];
	struct code code;
	uint32_t size;

	f->registers[11] = (uintptr_t)t;
	memcpy(t->name, "two\0rest", 8);
	memcpy(t->last, "the last", 8);
	for (int i = 0; i < 4; i++)
		e[i] = must_compile(f, texts[i], COMPILE_ANY);
	if (gen_record(&f->gen, e, wants, 4, false, 20, 0, v, &code, &size))
		bail("record", f->compile.mistake.why);
	program_again(&f->program);
	memset(f->program.data, 0xee, 4096);
	program_add(&f->program, PROGRAM_FILL, &code, 0, -1);
	must_run(f, "record");
	tell(!memcmp(data, "\0\0\0\0\0\0\0\0", 8), "no fault of an array at the end of memory");
	tell(!memcmp(data + v[0].offset, "two\0\0\0\0\0\0", 9),
	     "what is behind its NUL is no part of it");
	tell(!strcmp(data + v[1].offset, "the last"), "an array that is full");
	tell(!strcmp(data + v[2].offset, "the last"), "... and is chosen");
	tell(!strcmp(data + v[3].offset, "literal") && v[3].size == 16, "literals as keys");
	arena_free(&f->compile.arena);
}

static uint64_t number(struct fixed *f, const char *text)
{
	struct expr *e = must_compile(f, text, COMPILE_VALUE);
	struct code code;
	uint64_t value;

	if (gen_store(&f->gen, &e, 1, NULL, &code))
		bail(text, f->compile.mistake.why);
	program_again(&f->program);
	program_add(&f->program, PROGRAM_STORE, &code, 8, -1);
	must_run(f, text);
	memcpy(&value, f->program.data + 8, 8);
	arena_free(&f->compile.arena);
	return *(uint64_t *)f->program.data ? 0xfa17ed : value;
}

/* 64 terms, each of which has to be read, nested to the right, to the left, as pairs of pairs. */
static char *nest(unsigned int from, unsigned int n, int form, int64_t *value)
{
	struct world *one = &w->world[1];
	unsigned int first = form == 0 ? 1 : form == 1 ? n - 1 : n / 2;
	char *left, *right, *all;
	int64_t b;

	if (n == 1) {
		*value = one->items[from % ITEMS].l;
		return asprintf(&all, "wp->items[%u].l", from % ITEMS) < 0 ? NULL : all;
	}
	left = nest(from, first, form, value);
	right = nest(from + first, n - first, form, &b);
	*value = (uint64_t)*value - (uint64_t)b;
	if (asprintf(&all, "(%s - %s)", left, right) < 0)
		return NULL;
	free(left);
	free(right);
	return all;
}

static void terms_test(struct fixed *f)
{
	static const char *const names[] = { "to the right", "to the left", "in pairs" };

	for (int form = 0; form < 3; form++) {
		int64_t value;
		char *text = nest(0, 64, form, &value);

		tell(number(f, text) == (uint64_t)value, "64 terms, nested %s",
		     names[form]);
		free(text);
	}
}

static void branches_test(struct fixed *f)
{
	char text[8192] = "0";

	for (int i = 0; i < 64; i++)
		sprintf(text + strlen(text), " || wp->items[%d].u == %d", i % 8, i + 3);
	tell(pass(f, text) == 0, "64 comparisons and ||");
	strcpy(text, "1");
	for (int i = 0; i < 64; i++)
		sprintf(text + strlen(text), " && wp->items[%d].u != %d", i % 8, i + 3);
	tell(pass(f, text) == 1, "64 comparisons and &&");
	strcpy(text, "1");
	for (int i = 0; i < 16; i++)
		strcat(text, " && cp != \"seven78\"");
	tell(pass(f, text) == -1 || pass(f, text) == 1, "16 strings and &&");
	strcpy(text, "0");
	for (int i = 0; i < 30; i++)
		sprintf(text + strlen(text),
			" + (wp->items[%d].u == %d ? wp->nil->i : %d)", i % 8, i + 3, i);
	tell(number(f, text) == 435, "30 choices and their sum");
}

/* What gives the verifier many ways to the same place, with different numbers in the registers: it
 * must not have to look at each. %1$d: a member, %2$d: another, %3$d: a number. */
static void choices_test(struct fixed *f)
{
	static const struct {
		const char *term, *between, *end;
	} forms[] = {
		{ "(wp->items[%1$d].u == %3$d ? 1 << %3$d : 0)", " + ", " == 5" },
		{ "(wp->items[%1$d].u == %3$d) << %3$d", " | ", " == 5" },
		{ "(-(long)(wp->items[%1$d].u == %3$d) & 1 << %3$d)", " ^ ", " == 5" },
		{ "(wp->items[%1$d].l / wp->items[%2$d].l)", " + ", " == 5" },
		{ "(wp->items[%1$d].i %% 7)", " ^ ", " == 5" },
		{ "(wp->items[%1$d].i > wp->items[%2$d].i ? %3$d : wp->items[%2$d].i)",
		  " + ", " == 5" },
		{ "(wp->items[%1$d].u ? %3$d : 7) != (wp->items[%2$d].i ? 3 : %3$d)",
		  " && ", "" },
		{ "((wp->items[%1$d].u > 3) << (wp->items[%2$d].i ? %3$d : 2))", " + ",
		  " > 5" },
	};
	char text[8192];

	for (size_t form = 0; form < sizeof(forms) / sizeof(*forms); form++) {
		*text = '\0';
		for (int i = 0; i < 64; i++) {
			if (i)
				strcat(text, forms[form].between);
			sprintf(text + strlen(text), forms[form].term, i % 8, i * 3 % 8,
				i % 31);
		}
		strcat(text, forms[form].end);
		tell(pass(f, text) >= 0, "64 times %s", forms[form].term);
	}
}

static void is_number(struct fixed *f, const char *text, uint64_t wanted)
{
	uint64_t is = number(f, text);

	tell(is == wanted, "%s is %#llx%s", text, (unsigned long long)wanted,
	     is == wanted ? "" : ", and was something else");
	if (is != wanted)
		printf("# %#llx\n", (unsigned long long)is);
}

static void variables_test(struct fixed *f)
{
	uint64_t *r = f->registers;

	r[4] = 0xffffffff80001234;
	r[5] = 0xabcdef;
	is_number(f, "$pid", syscall(SYS_gettid));
	is_number(f, "(long)$pid", syscall(SYS_gettid));
	is_number(f, "$pid + 0l", syscall(SYS_gettid));
	is_number(f, "$tid", syscall(SYS_gettid));
	is_number(f, "$tgid", getpid());
	is_number(f, "(unsigned long)$uid", getuid());
	is_number(f, "$gid + 0ul", getgid());
	is_number(f, "$nsecs", PROGRAM_NOW);
	is_number(f, "$cpu < 4096u", 1);
	is_number(f, "ntohs(a_si)", 0x3412);
	is_number(f, "ntohl(a_si)", 0x34120080);
	is_number(f, "ntohl(0x11223344)", 0x44332211);
	is_number(f, "ntohs(0x1122) + 1", 0x2212);
	is_number(f, "ENOENT", ENOENT);
	is_number(f, "-EINVAL < 0", 1);
	is_number(f, "NULL == 0", 1);
	is_number(f, "f_array[2]", (short)r[6 + 0] * 0 + *((short *)&r[6] + 2));
	is_number(f, "(&f_array[3])[-1]", *((short *)&r[6] + 2));
	is_number(f, "f_array[100] == f_array[100]", 1);
	is_number(f, "((unsigned long)f_array & 7) * 3", 0);
	is_number(f, "(f_array + a_uc) - f_array", (unsigned char)r[1]);
	is_number(f, "*(f_array + (a_color & 3))", *((short *)&r[6] + (r[9] & 3)));
	is_number(f, "~(long)f_array ^ -1 ^ (long)f_array", 0);
	is_number(f, "((struct world *)8)->nil == 0", 0xfa17ed);
	is_number(f, "((struct world *)((char *)0x7fffffffff + 0x100000000))->nil",
		  0xfa17ed);
}

/* Every member of the task that is a scalar is read in a way that the verifier takes. */
static void members_test(struct fixed *f)
{
	const struct ctype *task = ctypes_tag(&f->types, CTYPE_STRUCT, "task_struct");
	unsigned int index = 0, tried = 0;
	struct ctype_member m;
	bool more = true;

	while (more) {
		struct expr *exprs[60];
		struct code code;
		size_t count = 0;
		char text[200];

		while (count < 60 && (more = ctype_member(task, index++, &m))) {
			if (!*m.name || !ctype_is_scalar(m.type) || m.type->size > 8)
				continue;
			snprintf(text, sizeof(text), "$task->%s", m.name);
			exprs[count++] = must_compile(
				f, arena_copy(&f->compile.arena, text, strlen(text)),
				COMPILE_VALUE);
		}
		if (gen_store(&f->gen, exprs, count, NULL, &code))
			bail("members", f->compile.mistake.why);
		program_again(&f->program);
		program_add(&f->program, PROGRAM_STORE, &code, 8, -1);
		must_run(f, "members of task_struct");
		arena_free(&f->compile.arena);
		tried += count;
	}
	tell(tried > 50, "%u members of task_struct", tried);
}

static void task_test(struct fixed *f)
{
	is_number(f, "$task->pid", syscall(SYS_gettid));
	is_number(f, "$task->tgid == $tgid", 1);
	is_number(f, "$task == $task->group_leader->group_leader", 1);
	is_number(f, "$task->real_parent->tgid", getppid());
	is_number(f, "(int)(long)$task->group_leader == (int)(long)$task", 1);
	is_number(f, "$task->comm[1]", 'i');
	is_number(f, "$task->comm[a_uc & 0]", 'f');
	is_number(f, "$task->comm[100] == $task->comm[100]", 1);
	is_number(f, "*(short *)&$task->pid", (short)syscall(SYS_gettid));
	is_number(f, "$task[1].pid == $task[1].pid", 1);
	is_number(f, "($task + 1)->pid == ($task + 1)->pid && 1", 1);
	members_test(f);
}

static bool has_task_btf(struct fixed *f)
{
	static char log[4096];
	struct code code = { .arena = &f->compile.arena };
	int err;

	code_call(&code, BPF_FUNC_get_current_task_btf);
	code_alu_imm(&code, BPF_MOV, BPF_REG_0, 0);
	code_exit(&code);
	program_again(&f->program);
	program_add(&f->program, PROGRAM_PASS, &code, 0, -1);
	err = program_load(&f->program, log, sizeof(log));
	arena_free(&f->compile.arena);
	return !err;
}

/* Names that only the entry has: kept by one function, seen by the other. */
static void kept_test(struct fixed *f)
{
	static struct scope empty = { .what = "the return" };
	struct scope *entry = f->compile.scope;
	struct code keep, code;
	struct program_result *r = f->program.results;
	struct expr *e;

	f->compile.entry = entry;
	f->compile.scope = &empty;
	e = must_compile(f,
			 "a_si == (int)0x80001234 && $entry(wp->items[2].i) == -5 && "
			 "wp->items[2].i < 0 && $entry(wp->two - 4 < 0) && $latency == 0",
			 COMPILE_TRUTH);
	tell(f->compile.check.kept_count == 3 || f->compile.check.kept_count == 4,
	     "what is asked twice is kept once: %zu", f->compile.check.kept_count);
	program_again(&f->program);
	if (gen_store(&f->gen, f->compile.check.kept, f->compile.check.kept_count, NULL,
		      &keep) ||
	    gen_pass(&f->gen, e, 1, &code))
		bail("kept", f->compile.mistake.why);
	program_add(&f->program, PROGRAM_STORE, &keep,
		    64 + offsetof(struct gen_kept, value), -1);
	program_add(&f->program, PROGRAM_PASS, &code, 0, 64);
	must_run(f, "kept");
	tell(r[0].returned == 1 && r[1].returned == 1 && !r[1].fault,
	     "what was kept is seen");
	e = must_compile(f, "$entry(wp->nil->i) == 0 || 1", COMPILE_TRUTH);
	program_again(&f->program);
	if (gen_store(&f->gen, f->compile.check.kept, f->compile.check.kept_count, NULL,
		      &keep) ||
	    gen_pass(&f->gen, e, 1, &code))
		bail("kept", f->compile.mistake.why);
	program_add(&f->program, PROGRAM_STORE, &keep,
		    64 + offsetof(struct gen_kept, value), -1);
	program_add(&f->program, PROGRAM_PASS, &code, 0, 64);
	must_run(f, "kept");
	tell(r[1].returned == 0 && r[1].fault,
	     "what could not be read at the entry is a fault at the return");
	f->compile.scope = entry;
	f->compile.entry = NULL;
	arena_free(&f->compile.arena);
}

/* Records of fixed size, which are keys: what is behind a string, and what faults, is zero. */
static void record_test(struct fixed *f)
{
	static const char *const texts[] = { "a_si",	      "(char *)wp->bytes",
					     "wp->nil->name", "wp->nil->i",
					     "wp->list[1]",   "wp->items[2].i" };
	static const enum gen_want wants[] = { WANT_ANY, WANT_TEXT, WANT_ANY,
					       WANT_ANY, WANT_ANY,  WANT_NUMBER };
	struct program_result *r = f->program.results;
	const unsigned char *data = f->program.data;
	struct value v[6] = {};
	struct expr *e[6];
	struct code code;
	uint64_t word;
	uint32_t size;

	for (int i = 0; i < 6; i++)
		e[i] = must_compile(f, texts[i], COMPILE_ANY);
	if (gen_record(&f->gen, e, wants, 6, true, 20, 8, v, &code, &size))
		bail("record", f->compile.mistake.why);
	program_again(&f->program);
	memset(f->program.data, 0xee, 4096);
	program_add(&f->program, PROGRAM_FILL, &code, 0, -1);
	must_run(f, "record");
	tell(r[0].returned == size + 8 && v[5].offset == size,
	     "the number is behind the key");
	memcpy(&word, data, 8);
	tell(word == (1 << 2 | 1 << 3), "faults of a record");
	tell(data[8] == 0xee && data[15] == 0xee && data[size + 8] == 0xee,
	     "what is reserved is left");
	memcpy(&word, data + v[0].offset, 8);
	tell(word == (uint64_t)(int)f->registers[4], "a number in a record");
	tell(v[1].is_string && v[1].size == 20 &&
		     !memcmp(data + v[1].offset, "seven77", 8) &&
		     !memchr(data + v[1].offset + 8, 0xee, 16),
	     "a string in a record, and zeros");
	tell(!data[v[2].offset] &&
		     !memcmp(data + v[2].offset, data + v[2].offset + 1, v[2].size - 1),
	     "what cannot be read is zero");
	memcpy(&word, data + v[3].offset, 8);
	tell(!word, "a number that cannot be read is zero");
	tell(!memcmp(data + v[4].offset, &w->world[1].list[1], 16),
	     "a struct in a record");
	memcpy(&word, data + v[5].offset, 8);
	tell(word == -5ull, "the number");
	arena_free(&f->compile.arena);
}

static void key_test(struct fixed *f)
{
	struct gen_key key = { .first = 0x123456789abcdef0, .result = 2 };
	struct program_result *r = f->program.results;
	struct code good, bad;
	struct expr *e[2];
	uint64_t words[3];

	e[0] = must_compile(f, "a_si", COMPILE_VALUE);
	e[1] = must_compile(f, "wp->items[2].i", COMPILE_VALUE);
	program_again(&f->program);
	memset(f->program.data, 0xee, 4096);
	if (gen_store(&f->gen, e, 2, &key, &good))
		bail("key", f->compile.mistake.why);
	e[1] = must_compile(f, "wp->nil->i", COMPILE_VALUE);
	if (gen_store(&f->gen, e, 2, &key, &bad))
		bail("key", f->compile.mistake.why);
	program_add(&f->program, PROGRAM_STORE, &good, 64, -1);
	program_add(&f->program, PROGRAM_STORE, &bad, 128, -1);
	must_run(f, "key");
	memcpy(words, f->program.data + 64, sizeof(words));
	tell(r[0].returned == 2 && !r[0].fault && words[0] == key.first &&
		     words[1] == (uint64_t)(int)f->registers[4] && words[2] == -5ull,
	     "a key");
	tell(f->program.data[63] == 0xee && f->program.data[64 + 24] == 0xee,
	     "no byte before it, none behind");
	tell(r[1].returned == 0 && r[1].fault == 1, "a key that cannot be read");
	arena_free(&f->compile.arena);
}

static void counters_test(struct fixed *f, bool atomics)
{
	struct program_result *r = f->program.results;
	struct expr *e = must_compile(f, "a_si == 1 && $seq && $delta", COMPILE_TRUTH);
	struct code code;

	f->gen.fetch_atomics = atomics;
	f->program.states[0] = (struct gen_state){ .last = 100 };
	program_again(&f->program);
	if (gen_pass(&f->gen, e, 1, &code))
		bail("counters", f->compile.mistake.why);
	for (int i = 0; i < 3; i++)
		program_add(&f->program, PROGRAM_PASS, &code, 0, -1);
	must_run(f, "counters");
	tell(r[0].seq == 1 && r[1].seq == 2 && r[2].seq == 3 &&
		     f->program.states[0].seq == 3,
	     "$seq, %s", atomics ? "atomic" : "as on 5.10");
	tell(r[0].delta == PROGRAM_NOW - 100 && !r[1].delta &&
		     f->program.states[0].last == PROGRAM_NOW,
	     "$delta, %s", atomics ? "atomic" : "as on 5.10");
	tell(!r[0].returned, "they count what the predicate refuses");
	f->gen.uses_seq = f->gen.uses_delta = false;
	arena_free(&f->compile.arena);
}

static bool has_fetch_atomics(struct fixed *f)
{
	static char log[4096];
	struct code code = { .arena = &f->compile.arena };
	int err;

	code_map_value(&code, BPF_REG_1, f->program.map, program_state(&f->program));
	code_alu_imm(&code, BPF_MOV, BPF_REG_0, 1);
	code_atomic(&code, BPF_ADD | BPF_FETCH, BPF_REG_1, 0, BPF_REG_0);
	code_exit(&code);
	program_again(&f->program);
	program_add(&f->program, PROGRAM_PASS, &code, 0, -1);
	err = program_load(&f->program, log, sizeof(log));
	arena_free(&f->compile.arena);
	return !err;
}

static void refusals_test(struct fixed *f)
{
	char text[20000] = "0";
	struct code code;
	struct expr *e;

	/* Each operand holds a string's piece while the next is compared. */
	for (int i = 0; i < 20; i++)
		sprintf(text + strlen(text), " + (cp == \"abc%d\")", i);
	e = must_compile(f, text, COMPILE_VALUE);
	tell(!gen_store(&f->gen, &e, 1, NULL, &code), "20 strings compared in a sum fit");
	arena_free(&f->compile.arena);
	tell(pass(f, "1") == 1 && pass(f, "0") == 0 &&
		     pass(f, "a_si == a_si || wp->nil->i") == 1,
	     "predicates that are constant");
	tell(pass(f, "wp->nil->i || 1") == -1 && pass(f, "!wp->nil->i") == -1 &&
		     pass(f, "wp->nil && wp->nil->i") == 0 &&
		     pass(f, "!wp->nil || wp->nil->i") == 1,
	     "faults of predicates");
}

void values_test(struct fixed *f)
{
	w = mmap((void *)WORLD_AT, sizeof(*w), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (w != (void *)WORLD_AT)
		bail("the world", strerror(errno));
	worlds_fill(w, 5);
	memcpy(f->registers, w->registers[1], sizeof(f->registers));
	mixed_test(f);
	faults_test(f);
	terms_test(f);
	branches_test(f);
	choices_test(f);
	sizes_test(f);
	memcpy(f->registers, w->registers[1], sizeof(f->registers));
	f->registers[8] = 0x101; /* a_yes */
	chosen_test(f);
	chosen_many_test(f);
	array_keys_test(f);
	variables_test(f);
	task_test(f);
	f->gen.task_btf = has_task_btf(f);
	if (f->gen.task_btf)
		task_test(f);
	else
		tell(true,
		     "members of the task, read directly # SKIP not on this kernel (5.11)");
	kept_test(f);
	record_test(f);
	key_test(f);
	counters_test(f, false);
	if (has_fetch_atomics(f))
		counters_test(f, true);
	else
		tell(true, "$seq, $delta, atomic # SKIP no fetching atomics here (5.12)");
	refusals_test(f);
}
