// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/usdtargs.h"

static const char why_text[] = "where it lies is written in a way that is not known here";
static const char why_size[] = "it has a size that no register has";
static const char why_vector[] =
	"it is in a floating-point or vector register, which programs in the kernel cannot read";
static const char why_symbol[] =
	"it lies at a symbol's address, which is not known before the file is loaded";
static const char why_thread[] =
	"it lies in thread-local memory, and where that begins is not known here";

/* --- texts ----------------------------------------------------------------------------------- */

/* What is left of an operand. */
struct cursor {
	const char *at, *end;
};

/* What comes next behind blanks, or NUL. */
static char next(struct cursor *c)
{
	while (c->at < c->end && *c->at == ' ')
		c->at++;
	return c->at < c->end ? *c->at : '\0';
}

static bool skip(struct cursor *c, char what)
{
	if (next(c) != what)
		return false;
	c->at++;
	return true;
}

static bool at_end(struct cursor *c)
{
	return !next(c);
}

/* A sign and decimal or hexadecimal digits; false: no number, and nothing is taken. */
static bool number_take(struct cursor *c, int64_t *value)
{
	char text[32], *end, *digits = text;
	size_t n = 0;

	next(c);
	while (n < sizeof(text) - 1 && c->at + n < c->end &&
	       (isalnum((unsigned char)c->at[n]) || (!n && strchr("+-", c->at[n]))))
		n++;
	memcpy(text, c->at, n);
	text[n] = '\0';
	digits += n && !isalnum((unsigned char)text[0]);
	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, digits[0] == '0' && digits[1] == 'x' ? 16 : 10);
	if (*end || errno)
		return false;
	if (*text == '-')
		*value = -(uint64_t)*value;
	c->at += n;
	return true;
}

/* Letters and digits; false: there is none, or it is longer than any that is known. */
static bool word_take(struct cursor *c, char word[8])
{
	size_t n = 0;

	next(c);
	while (c->at + n < c->end && isalnum((unsigned char)c->at[n]))
		n++;
	if (!n || n > 7)
		return false;
	memcpy(word, c->at, n);
	word[n] = '\0';
	c->at += n;
	return true;
}

/* "x30": a letter and a number. */
static bool numbered(const char *word, char letter, unsigned int most, unsigned int *number)
{
	char *end;

	if (*word != letter || !isdigit((unsigned char)word[1]))
		return false;
	*number = strtoul(word + 1, &end, 10);
	return !*end && *number <= most;
}

/* --- x86 ------------------------------------------------------------------------------------- */

/* By offset / 8 in the kernel's struct pt_regs: names of 8, 4, 2, 1 bytes, and of the second. */
static const char *const x86_registers[][5] = {
	{ "r15", "r15d", "r15w", "r15b" }, { "r14", "r14d", "r14w", "r14b" },
	{ "r13", "r13d", "r13w", "r13b" }, { "r12", "r12d", "r12w", "r12b" },
	{ "rbp", "ebp", "bp", "bpl" },	   { "rbx", "ebx", "bx", "bl", "bh" },
	{ "r11", "r11d", "r11w", "r11b" }, { "r10", "r10d", "r10w", "r10b" },
	{ "r9", "r9d", "r9w", "r9b" },	   { "r8", "r8d", "r8w", "r8b" },
	{ "rax", "eax", "ax", "al", "ah" }, { "rcx", "ecx", "cx", "cl", "ch" },
	{ "rdx", "edx", "dx", "dl", "dh" }, { "rsi", "esi", "si", "sil" },
	{ "rdi", "edi", "di", "dil" },	   {}, /* orig_rax */
	{ "rip", "eip" },		   {}, /* cs */
	{},				   /* eflags */
	{ "rsp", "esp", "sp", "spl" },
};

static const char *x86_register(struct cursor *c, struct usdt_register *r)
{
	char word[8];

	if (!skip(c, '%') || !word_take(c, word))
		return why_text;
	for (size_t i = 0; i < sizeof(x86_registers) / sizeof(x86_registers[0]); i++) {
		for (unsigned int name = 0; name < 5; name++) {
			if (!x86_registers[i][name] || strcmp(x86_registers[i][name], word))
				continue;
			r->offset = 8 * i + (name == 4);
			r->size = name == 4 ? 1 : 8 >> name;
			return NULL;
		}
	}
	if (skip(c, ':'))
		return why_thread;
	return strstr(word, "mm") || !strncmp(word, "st", 2) ? why_vector : why_text;
}

/* "(%base,%index,scale)", each of which may be missing. */
static const char *x86_address(struct cursor *c, struct usdt_arg *arg)
{
	const char *why = NULL;
	int64_t scale = 1;

	if (!skip(c, '('))
		return why_text;
	if (next(c) == '%')
		why = x86_register(c, &arg->base);
	if (!why && skip(c, ',')) {
		why = x86_register(c, &arg->index);
		if (!why && skip(c, ',') && !number_take(c, &scale))
			return why_text;
	}
	if (why)
		return why;
	if (!arg->base.size && !arg->index.size)
		return why_text;
	if (!skip(c, ')') || (scale != 1 && scale != 2 && scale != 4 && scale != 8))
		return why_text;
	arg->shift = __builtin_ctz(scale);
	arg->is_narrow = arg->base.size == 4 || arg->index.size == 4;
	return NULL;
}

static const char *x86_memory(struct cursor *c, struct usdt_arg *arg)
{
	const char *paren = memchr(c->at, '(', c->end - c->at), *why;
	bool number = number_take(c, &arg->value) || c->at == paren;

	arg->kind = USDT_ARG_MEMORY;
	if (number && at_end(c))
		return NULL;
	/* Whatever else stands before a parenthesis is an expression with a name in it. */
	if (!number && (isalpha((unsigned char)next(c)) || next(c) == '_' || next(c) == '.'))
		return why_symbol;
	if (c->at != paren)
		return number && (next(c) == '+' || next(c) == '-') ? why_symbol : why_text;
	why = x86_address(c, arg);
	if (!why && arg->base.size && arg->base.offset == 16 * 8) /* rip */
		return why_symbol;
	return why;
}

static const char *x86_operand(struct cursor *c, struct usdt_arg *arg)
{
	if (skip(c, '$')) {
		arg->kind = USDT_ARG_CONSTANT;
		return number_take(c, &arg->value) ? NULL : why_symbol;
	}
	if (next(c) == '%') {
		arg->kind = USDT_ARG_REGISTER;
		return x86_register(c, &arg->base);
	}
	return x86_memory(c, arg);
}

/* --- arm64 ----------------------------------------------------------------------------------- */

/* struct user_pt_regs: x0 to x30, sp. */
static const char *arm64_register(struct cursor *c, struct usdt_register *r)
{
	static const struct {
		const char *name;
		struct usdt_register is;
	} others[] = {
		{ "sp", { 31 * 8, 8 } }, { "wsp", { 31 * 8, 4 } }, { "fp", { 29 * 8, 8 } },
		{ "lr", { 30 * 8, 8 } }, { "xzr", {} },		   { "wzr", {} },
	};
	unsigned int number;
	char word[8];

	if (!word_take(c, word))
		return why_text;
	if (numbered(word, 'x', 30, &number) || numbered(word, 'w', 30, &number)) {
		*r = (struct usdt_register){ .offset = number * 8, .size = *word == 'x' ? 8 : 4 };
		return NULL;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!strcmp(others[i].name, word)) {
			*r = others[i].is;
			return NULL;
		}
	}
	for (const char *letter = "bhsdqvz"; *letter; letter++) {
		if (numbered(word, *letter, 31, &number))
			return why_vector;
	}
	return why_symbol;
}

/* ", lsl 3": how the index is extended and shifted. */
static const char *arm64_extend(struct cursor *c, struct usdt_arg *arg)
{
	int64_t shift = 0;
	char word[8];

	if (!word_take(c, word))
		return why_text;
	arg->index_is_signed = !strcmp(word, "sxtw") || !strcmp(word, "sxtx");
	if (!arg->index_is_signed && strcmp(word, "lsl") && strcmp(word, "uxtw"))
		return why_text;
	skip(c, '#');
	if (number_take(c, &shift) && (shift < 0 || shift > 4))
		return why_text;
	arg->shift = shift;
	return NULL;
}

/* "[base, 8]", "[base, index, lsl 3]" */
static const char *arm64_memory(struct cursor *c, struct usdt_arg *arg)
{
	const char *why = arm64_register(c, &arg->base);

	arg->kind = USDT_ARG_MEMORY;
	if (!why && skip(c, ',')) {
		skip(c, '#');
		if (skip(c, ':')) /* :lo12: */
			return why_symbol;
		if (!number_take(c, &arg->value))
			why = arm64_register(c, &arg->index);
		if (!why && arg->index.size && skip(c, ','))
			why = arm64_extend(c, arg);
	}
	return why ? why : skip(c, ']') ? NULL : why_text;
}

static const char *arm64_operand(struct cursor *c, struct usdt_arg *arg)
{
	if (skip(c, '['))
		return arm64_memory(c, arg);
	arg->kind = USDT_ARG_CONSTANT;
	if (skip(c, '#'))
		return number_take(c, &arg->value) ? NULL : why_text;
	if (number_take(c, &arg->value))
		return NULL;
	arg->kind = USDT_ARG_REGISTER;
	return arm64_register(c, &arg->base);
}

/* --- arguments ------------------------------------------------------------------------------- */

struct machine {
	unsigned int number, word; /* bytes of long */
	const char *(*operand)(struct cursor *c, struct usdt_arg *arg);
};

static const struct machine machines[] = {
	{ EM_X86_64, 8, x86_operand },
	{ EM_386, 4, x86_operand }, /* its registers are parts of the kernel's */
	{ EM_AARCH64, 8, arm64_operand },
};

/* "-4@", "8f@"; without it a value is as wide as long. */
static const char *size_take(const struct machine *m, struct cursor *c, struct usdt_arg *arg)
{
	const char *at = memchr(c->at, '@', c->end - c->at);
	struct cursor before = { c->at, at };
	int64_t size;

	arg->size = m->word;
	if (!at)
		return NULL;
	c->at = at + 1;
	arg->is_signed = skip(&before, '-');
	if (at_end(&before) && !arg->is_signed)
		return NULL;
	arg->is_float = before.end > before.at && before.end[-1] == 'f';
	before.end -= arg->is_float;
	if (!number_take(&before, &size) || !at_end(&before) || size <= 0)
		return why_text;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return why_size;
	arg->size = size;
	return NULL;
}

static void arg_read(const struct machine *m, struct cursor c, struct usdt_arg *arg)
{
	unsigned int shift;

	arg->why = size_take(m, &c, arg);
	if (!arg->why)
		arg->why = m->operand(&c, arg);
	if (!arg->why && !at_end(&c))
		arg->why = why_text;
	if (arg->why) {
		*arg = (struct usdt_arg){ .why = arg->why };
	} else if (arg->kind == USDT_ARG_CONSTANT) {
		shift = 64 - 8 * arg->size;
		arg->value = (uint64_t)arg->value << shift;
		arg->value = arg->is_signed ? arg->value >> shift :
					      (int64_t)((uint64_t)arg->value >> shift);
	}
}

/* Where the operand ends: at a blank that stands in no brackets. */
static const char *operand_end(const char *text)
{
	int depth = 0;

	for (; *text && (*text != ' ' || depth > 0); text++)
		depth += (*text == '[' || *text == '(') - (*text == ']' || *text == ')');
	return text;
}

int usdtargs_parse(const char *text, unsigned int machine, struct usdt_args *args)
{
	const struct machine *m = NULL;
	const char *at = text + strspn(text, " ");

	*args = (struct usdt_args){};
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].number == machine)
			m = &machines[i];
	}
	if (!m)
		return -ENOTSUP;
	while (*at) {
		struct cursor c = { at, operand_end(at) };
		struct usdt_arg *arg = &args->arg[args->count];

		if (args->count == USDT_ARGS_MOST)
			return -E2BIG;
		args->count++;
		arg_read(m, c, arg);
		arg->at = at - text;
		arg->length = c.end - at;
		at = c.end + strspn(c.end, " ");
	}
	return 0;
}
