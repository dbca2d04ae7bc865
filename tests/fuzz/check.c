// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * check: odd expressions through the type checker and the code generator. Nothing may crash, hang or
 * leak; a mistake has a place within the text; of the instructions made, each can be reached, no jump
 * leaves them, the stack is used within its bounds and not read before it is written.
 *
 * The first byte of the input says how the rest is compiled.
 */
#include <bpf/btf.h>
#include <errno.h>

#include "expr/check.h"
#include "expr/gen.h"
#include "expr/parse.h"
#include "strbuf.h"
#include "tests/fuzz/fuzz.h"

#define EXPRS_MAX  16
#define STACK	   512

/* --- types and names ------------------------------------------------------------------------ */

static struct ctypes types;
static uint32_t bytes[1024]; /* of BTF */

static void add_item(struct btf *b, int s, int pointer)
{
	int array;

	btf__add_array(b, btf__find_by_name(b, "int"), btf__find_by_name(b, "char"), 16);
	array = btf__type_cnt(b) - 1;
	btf__add_struct(b, "item", 64);
	MUST((int)btf__type_cnt(b) - 1 == s);
	btf__add_field(b, "next", pointer, 0, 0);
	btf__add_field(b, "text", btf__find_by_name(b, "string"), 64, 0);
	btf__add_field(b, "name", array, 128, 0);
	btf__add_field(b, "low", btf__find_by_name(b, "int"), 256, 3);
	btf__add_field(b, "high", btf__find_by_name(b, "u32"), 259, 30);
	btf__add_field(b, "wide", btf__find_by_name(b, "long"), 289, 60);
	btf__add_field(b, "shade", btf__find_by_name(b, "color"), 352, 5);
	btf__add_field(b, "b", btf__find_by_name(b, "_Bool"), 360, 0);
	btf__add_field(b, "both", s + 1, 384, 0);
	btf__add_field(b, "", s + 1, 448, 0);
	btf__add_union(b, "both", 8);
	btf__add_field(b, "l", btf__find_by_name(b, "long"), 0, 0);
	btf__add_field(b, "d", btf__find_by_name(b, "double"), 0, 0);
	btf__add_field(b, "away", s + 3, 0, 0);
	btf__add_fwd(b, "nowhere", BTF_FWD_STRUCT);
	btf__add_ptr(b, s + 2);
}

static void types_make(void)
{
	struct btf *b = btf__new_empty();
	const void *data;
	__u32 size;
	int s;

	btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	btf__add_int(b, "char", 1, BTF_INT_SIGNED);
	btf__add_int(b, "long", 8, BTF_INT_SIGNED);
	btf__add_int(b, "u32", 4, 0);
	btf__add_int(b, "_Bool", 1, BTF_INT_BOOL);
	btf__add_int(b, "__int128", 16, BTF_INT_SIGNED);
	btf__add_float(b, "double", 8);
	btf__add_typedef(b, "string", 9);
	MUST(btf__add_ptr(b, 2) == 9);
	btf__add_enum(b, "color", 4);
	btf__add_enum_value(b, "RED", 0);
	btf__add_enum_value(b, "LOW", -2);
	btf__add_typedef(b, "t", 4);
	s = btf__type_cnt(b) + 2;
	btf__add_ptr(b, s);
	add_item(b, s, s - 2);
	data = btf__raw_data(b, &size);
	MUST(size <= sizeof(bytes));
	memcpy(bytes, data, size);
	btf__free(b);
	MUST(ctypes_add(&types, bytes, size, NULL));
}

#define AT(n)                                         \
	{                                             \
		.kind = FETCH_REGISTER, .at = 8 * (n) \
	}

static struct scope_name names[] = {
	{ "a", .fetch = AT(0) },
	{ "b", .fetch = AT(1) },
	{ "c", .fetch = AT(2), .points = SPACE_USER },
	{ "p", .fetch = AT(3), .points = SPACE_USER },
	{ "k", .fetch = AT(4) },
	{ "f", .fetch = { .kind = FETCH_FIELD, .at = 40 } },
	{ "loc", .fetch = { .kind = FETCH_DATA_LOC, .at = 48 } },
	{ "rel", .fetch = { .kind = FETCH_REL_LOC, .at = 52 } },
	{ "in", .fetch = { .kind = FETCH_INNER, .at = 56, .more = 16 } },
	{ "m", .fetch = { .kind = FETCH_MEMORY,
			  .at = 8,
			  .index = 16,
			  .scale = 4,
			  .more = -8 } },
	{ "v", .fetch = { .kind = FETCH_CONSTANT, .more = 42 } },
	{ "o", .fetch = { .kind = FETCH_FIELD, .at = 64 } },
};

static const struct scope whole = { .names = names,
				    .count = COUNT(names),
				    .fields = names + 5,
				    .field_count = 4,
				    .what = "here" };
static const struct scope part = {
	.names = names, .count = 2, .what = "the return", .args = "args is for others"
};

static void names_make(void)
{
	const struct ctype *item = ctypes_tag(&types, CTYPE_STRUCT, "item");
	const struct ctype *text = ctypes_array(&types, ctype_basic("char"), 0);
	const struct ctype *all[] = {
		ctype_basic("int"),
		ctype_basic("unsigned long"),
		ctypes_named(&types, "string"),
		ctypes_pointer(&types, item),
		ctypes_pointer(&types, item),
		ctypes_array(&types, ctype_basic("short"), 4),
		text,
		text,
		ctype_basic("_Bool"),
		ctype_basic("unsigned short"),
		ctype_basic("int"),
		item,
	};

	for (size_t i = 0; i < COUNT(names); i++)
		names[i].type = all[i];
}

/* --- a small verifier ------------------------------------------------------------------------- */

struct state {
	bool reached;
	uint16_t written[STACK / 16]; /* bytes of the stack */
};

static bool goes_on(const struct bpf_insn *insn)
{
	int op = BPF_OP(insn->code);

	return BPF_CLASS(insn->code) != BPF_JMP || (op != BPF_EXIT && op != BPF_JA);
}

static bool jumps(const struct bpf_insn *insn)
{
	int op = BPF_OP(insn->code);

	return BPF_CLASS(insn->code) == BPF_JMP && op != BPF_EXIT && op != BPF_CALL;
}

/* What is written is what all ways that lead here have written. */
static void state_merge(struct state *to, const struct state *from)
{
	for (size_t i = 0; i < COUNT(to->written); i++) {
		if (to->reached)
			to->written[i] &= from->written[i];
		else
			to->written[i] = from->written[i];
	}
	to->reached = true;
}

/* Where a jump goes back to has been looked at with no more than what is written here. */
static void loop_verify(const struct state *to, const struct state *from)
{
	MUST(to->reached);
	for (size_t i = 0; i < COUNT(to->written); i++)
		MUST(!(to->written[i] & ~from->written[i]));
}

static void stack_use(const struct bpf_insn *insn, struct state *s)
{
	static const int sizes[] = { 4, 2, 1, 8 };
	int class = BPF_CLASS(insn->code), size = sizes[BPF_SIZE(insn->code) >> 3];
	int reg = class == BPF_LDX ? insn->src_reg : insn->dst_reg;

	if ((class != BPF_LDX && class != BPF_ST && class != BPF_STX) ||
	    reg != BPF_REG_10)
		return;
	MUST(insn->off < 0 && insn->off >= -STACK && insn->off + size <= 0 &&
	     insn->off % size == 0);
	for (int at = STACK + insn->off; at < STACK + insn->off + size; at++) {
		/* Reads of 8 bytes are those of what was spilled; others follow a helper. */
		MUST(class != BPF_LDX || size != 8 || s->written[at / 16] & 1 << at % 16);
		s->written[at / 16] |= 1 << at % 16;
	}
}

/* r1 = r10; r1 += place; r2 = size; call: a helper writes there. */
static void helper_use(const struct bpf_insn *insns, size_t i, struct state *s)
{
	for (size_t n = 3; n < 6 && n <= i; n++) {
		const struct bpf_insn *in = &insns[i - n];

		if (in->code != (BPF_ALU64 | BPF_MOV | BPF_X) ||
		    in->dst_reg != BPF_REG_1 || in->src_reg != BPF_REG_10)
			continue;
		MUST(in[1].dst_reg == BPF_REG_1 && in[1].imm < 0 && in[1].imm >= -STACK);
		MUST(in[2].dst_reg == BPF_REG_2 && in[2].imm > 0 &&
		     in[1].imm + in[2].imm <= 0);
		for (int at = STACK + in[1].imm; at < STACK + in[1].imm + in[2].imm; at++)
			s->written[at / 16] |= 1 << at % 16;
		return;
	}
}

static void code_verify(const struct code *code)
{
	struct state *states = calloc(code->count, sizeof(*states));

	states[0].reached = true;
	for (size_t i = 0; i < code->count; i++) {
		const struct bpf_insn *insn = &code->insns[i];
		bool wide = insn->code == (BPF_LD | BPF_IMM | BPF_DW);
		struct state s = states[i];

		MUST(s.reached);
		MUST(insn->dst_reg <= BPF_REG_10 && insn->src_reg <= BPF_REG_10);
		stack_use(insn, &s);
		if (insn->code == (BPF_JMP | BPF_CALL))
			helper_use(code->insns, i, &s);
		if (jumps(insn)) {
			MUST((long)i + 1 + insn->off >= 0 && i + 1 + insn->off < code->count);
			if (insn->off < 0)
				loop_verify(&states[i + 1 + insn->off], &s);
			else
				state_merge(&states[i + 1 + insn->off], &s);
		}
		if (goes_on(insn)) {
			MUST(i + 1 + wide < code->count);
			state_merge(&states[i + 1 + wide], &s);
		}
		i += wide;
	}
	free(states);
}

/* --- one input -------------------------------------------------------------------------------- */

struct attempt {
	struct arena arena;
	struct mistake mistake;
	struct check check;
	struct gen gen;
	struct expr *exprs[EXPRS_MAX];
	size_t count;
	int err;
};

static void made(struct attempt *a, int err, const struct code *code)
{
	struct strbuf text = {};

	MUST(!err ||
	     (err == -EINVAL && a->mistake.at <= strlen(fuzz_trying) && *a->mistake.why));
	if (err)
		return;
	code_verify(code);
	code_list(code->insns, code->count, &text);
	strbuf_free(&text);
}

static void generate(struct attempt *a, unsigned int how)
{
	enum gen_want wants[EXPRS_MAX];
	struct value values[EXPRS_MAX] = {};
	struct gen_key key = { .first = 1ull << 40, .result = 1 };
	struct code code;
	bool last_is_number;
	struct expr *last;
	uint32_t largest;
	int err;

	for (size_t i = 0; i < a->count; i++)
		wants[i] = (how + i) % 3;
	err = gen_layout(&a->gen, a->exprs, wants, a->count, how & 64 ? 4096 : 16,
			 values);
	if (!err)
		err = gen_fill(&a->gen, a->exprs, values, a->count, &code, &largest);
	made(a, err, &code);
	last = a->exprs[a->count - 1];
	last_is_number = how & 2 && ctype_is_scalar(last->type) &&
			 last->op != EXPR_OBJECT && last->op != EXPR_CHOICE;
	made(a,
	     gen_record(&a->gen, a->exprs, wants, a->count, last_is_number, 16, how & 4,
			values, &code, &largest),
	     &code);
	if (a->check.kept_count)
		made(a,
		     gen_store(&a->gen, a->check.kept, a->check.kept_count, NULL, &code),
		     &code);
	for (size_t i = 0; i < a->count; i++) {
		struct expr *e = a->exprs[i];

		if (!ctype_is_scalar(e->type) || e->op == EXPR_OBJECT ||
		    e->op == EXPR_COMM || e->op == EXPR_CHOICE)
			continue;
		made(a, gen_pass(&a->gen, e, 7, &code), &code);
		if (!a->check.kept_count)
			made(a, gen_store(&a->gen, &e, 1, how & 4 ? &key : NULL, &code),
			     &code);
	}
}

static struct expr *checked(struct attempt *a, const struct node *n, unsigned int how)
{
	struct expr *e = how & 1   ? check_any(&a->check, n)
			 : how & 2 ? check_value(&a->check, n)
				   : check_truth(&a->check, n);

	return e && how & 8 ? check_follow(&a->check, e) : e;
}

static void text_try(const char *text, unsigned int how)
{
	struct attempt a = { .mistake.at = SIZE_MAX };
	struct parse p = { .arena = &a.arena,
			   .mistake = &a.mistake,
			   .functions = check_functions,
			   .is_type = check_is_type,
			   .context = &a.check };
	struct node *n;
	bool good;

	a.check = (struct check){ .arena = &a.arena,
				  .mistake = &a.mistake,
				  .types = &types,
				  .scope = how & 16 ? &part : &whole,
				  .entry = how & 16 ? &whole : NULL,
				  .user = how & 32,
				  .binary = how & 64,
				  .big_endian = how & 128 };
	a.gen = (struct gen){ .arena = &a.arena,
			      .mistake = &a.mistake,
			      .big_endian = how & 128,
			      .fetch_atomics = how & 4,
			      .read_any = how & 8,
			      .state_map = 3 };
	parse_start(&p, text, 0);
	good = !parse_list(&p, &n) && !parse_end(&p);
	for (; good && n && a.count < EXPRS_MAX; n = n->next) {
		a.exprs[a.count] = checked(&a, n, how);
		good = a.exprs[a.count++];
	}
	a.gen.uses_seq = a.check.uses_seq;
	a.gen.uses_delta = a.check.uses_delta;
	if (good)
		generate(&a, how);
	MUST(good || (a.mistake.at <= strlen(text) && *a.mistake.why));
	arena_free(&a.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!types.first) {
		types_make();
		names_make();
	}
	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	fuzz_trying = text;
	text_try(text, *data);
	free(text);
	return 0;
}

/* --- seeds ------------------------------------------------------------------------------------ */

static const char *const seeds[] = {
	"a + b * 3 - (k->both.l << 4) / p->low % 7",
	"p->text == \"abc\" && !STRNCMP(\"x\", k->name) || $comm != \"y\"",
	"$entry(p->next->high) + $latency, $seq, $delta, $pid, (long)$cpu",
	"f[a & 3], *(f + a), &f[1] - f, (unsigned long)f * 2, o.name, o, &o.both + 0",
	"loc, rel, loc[3], in ? m : v, a ?: b, p ? p : 0, (struct item *)b, *p, p->d, p->away",
	"ntohs(a), ntohl(b), ntop(a), ntop((int *)b), sizeof(struct item), sizeof p->name, RED, LOW",
	"(char __user *)b, c@kernel, p->next@user->text, ((t)a) >> 3, ~(char)b, -p->wide, !p->b",
	"args->f[2], args->loc, ctx->ip, EINVAL, NULL == p, 'c', 0x7fffffffffffffff + 1u",
	"c == \"a string that is longer than fifty-four bytes, so that it is compared in pieces\"",
	"STRCMP(c, p->text), STRNCMP(c, p->name, 9) && loc == rel || $comm != k->name, p->name == c",
	"a ? \"write\" : \"read\", p ? p->name : \"none\", c ?: $comm, STRCMP(a ? c : k->text, \"x\")",
	"(a ? \"x\" : b ? loc : c@kernel) == (b ? p->text : $comm), a ? p->text : k->text, !!c ?: \"\"",
};

#ifdef LIBFUZZER
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char text[512];

	(void)argc;
	for (size_t i = 0; i < COUNT(seeds); i++) {
		int size = snprintf(text, sizeof(text), "%c%s", i % 2 ? 1 : 17, seeds[i]);

		fuzz_seed(*argv, i, text, size);
	}
	return 0;
}
#endif

#ifndef LIBFUZZER
static const char *const pieces[] = {
	"a",
	"b",
	"c",
	"p",
	"k",
	"f",
	"loc",
	"rel",
	"in",
	"m",
	"v",
	"o",
	"->next",
	"->text",
	"->name",
	"->low",
	"->high",
	"->wide",
	"->shade",
	"->b",
	"->both.l",
	"->d",
	"->away",
	"->l",
	"[a & 3]",
	"[1]",
	"0",
	"1",
	"7u",
	"0xffffffffff",
	"-1",
	"\"abc\"",
	"RED",
	"LOW",
	"+",
	"-",
	"*",
	"/",
	"%",
	"&",
	"|",
	"^",
	"<<",
	">>",
	"==",
	"!=",
	"<",
	">=",
	"&&",
	"||",
	"?",
	":",
	"?:",
	"!",
	"~",
	"-",
	"*",
	"&",
	"(",
	"(",
	")",
	")",
	",",
	"sizeof ",
	"(int)",
	"(long)",
	"(t)",
	"(char *)",
	"(struct item *)",
	"(_Bool)",
	"$pid",
	"$comm",
	"$task",
	"$entry(",
	"$latency",
	"$seq",
	"STRCMP(\"x\", ",
	"STRCMP(c, ",
	"STRNCMP(p->name, c, ",
	" ? \"x\" : ",
	" ? p->name : ",
	"STRNCMP(\"xyz\", ",
	"ntohs(",
	"ntop(",
	"@user",
	"@kernel",
	"args->f",
	".name",
	" ",
};

int main(int argc, char **argv)
{
	unsigned long rounds = fuzz_begin(argc, argv, 20000);
	char text[512];

	fuzz_texts(rounds, pieces, COUNT(pieces), 11, true);
	for (size_t i = 0; i < COUNT(seeds); i++) {
		for (int how = 0; how < 256; how++)
			fuzz_try(text, snprintf(text, sizeof(text), "%c%s", how, seeds[i]));
	}
	ctypes_free(&types);
	return fuzz_end(rounds);
}
#endif
