// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "probe/splice.h"

/* A function of the program: where it was, and what becomes of it. */
struct function {
	size_t at, size;
	const struct splice_body *body;
	size_t to; /* where it will be */
};

struct splice {
	const struct bpf_insn *program;
	size_t size;
	struct function *list; /* in the program's order */
	size_t count;
};

static bool is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

static int compare_functions(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* They begin at 0, and where calls lead to. */
static void functions_find(struct splice *s)
{
	size_t kept = 1;

	s->list = calloc(s->size + 1, sizeof(*s->list));
	if (!s->list)
		diag_no_memory();
	s->count = 1;
	for (size_t i = 0; i < s->size; i++) {
		if (is_call(&s->program[i]))
			s->list[s->count++].at = i + 1 + s->program[i].imm;
	}
	qsort(s->list, s->count, sizeof(*s->list), compare_functions);
	for (size_t i = 1; i < s->count; i++) {
		if (s->list[i].at != s->list[kept - 1].at)
			s->list[kept++].at = s->list[i].at;
	}
	s->count = kept;
	for (size_t i = 0; i < kept; i++)
		s->list[i].size = (i + 1 < kept ? s->list[i + 1].at : s->size) - s->list[i].at;
}

static bool has_mark(const struct splice *s, const struct function *f, int mark)
{
	for (size_t i = f->at; i < f->at + f->size; i++) {
		if (BPF_OP(s->program[i].code) == BPF_MOV && s->program[i].imm == mark)
			return true;
	}
	return false;
}

static int bodies_place(struct splice *s, const struct splice_body *bodies, size_t count)
{
	for (size_t b = 0; b < count; b++) {
		size_t i = 0;

		while (i < s->count && !has_mark(s, &s->list[i], bodies[b].mark))
			i++;
		if (i == s->count)
			return -EINVAL;
		s->list[i].body = &bodies[b];
	}
	return 0;
}

static const struct function *function_at(const struct splice *s, size_t at)
{
	struct function key = { .at = at };

	return bsearch(&key, s->list, s->count, sizeof(*s->list), compare_functions);
}

static void functions_copy(const struct splice *s, struct bpf_insn *to)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct function *f = &s->list[i];

		if (f->body) {
			memcpy(to + f->to, f->body->insns, f->body->count * sizeof(*to));
			continue;
		}
		memcpy(to + f->to, s->program + f->at, f->size * sizeof(*to));
		for (size_t k = 0; k < f->size; k++) {
			struct bpf_insn *insn = &to[f->to + k];

			if (is_call(insn))
				insn->imm = function_at(s, f->at + k + 1 + insn->imm)->to -
					    (f->to + k) - 1;
		}
	}
}

int splice_program(const struct bpf_insn *program, size_t size, const struct splice_body *bodies,
		   size_t body_count, struct bpf_insn **insns, size_t *count)
{
	struct splice s = { .program = program, .size = size };
	int err;

	functions_find(&s);
	err = bodies_place(&s, bodies, body_count);
	*count = 0;
	for (size_t i = 0; i < s.count && !err; i++) {
		s.list[i].to = *count;
		*count += s.list[i].body ? s.list[i].body->count : s.list[i].size;
	}
	*insns = err ? NULL : malloc(*count * sizeof(**insns));
	if (!err && !*insns)
		diag_no_memory();
	if (!err)
		functions_copy(&s, *insns);
	free(s.list);
	return err;
}
