// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/preempt.h"
#include "diag.h"
#include "kfunc.h"
#include "ktypes.h"

static bool is_call(const struct bpf_insn *i, int number)
{
	return i->code == (BPF_JMP | BPF_CALL) && i->src_reg == 0 && i->imm == number;
}

static void fill_in(struct bpf_insn *i, int function)
{
	if (function > 0) {
		i->src_reg = BPF_PSEUDO_KFUNC_CALL;
		i->imm = function;
	} else {
		*i = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 };
	}
}

/* Functions that are not static, but for the programs themselves. */
static bool has_globals(const struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);

	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_func(t) && btf_vlen(t) == BTF_FUNC_GLOBAL &&
		    !bpf_object__find_program_by_name(object, btf__name_by_offset(btf, t->name_off)))
			return true;
	}
	return false;
}

struct kfunc kfunc_find(const struct bpf_object *object)
{
	struct kfunc k = {};

	if (!ktypes_has_member("bpf_subprog_info", "might_sleep") && has_globals(object))
		return k;
	k.disable = ktypes_function("bpf_preempt_disable");
	k.enable = ktypes_function("bpf_preempt_enable");
	return k.disable > 0 && k.enable > 0 ? k : (struct kfunc){};
}

int kfunc_link(const struct kfunc *k, struct bpf_program *program)
{
	size_t count = bpf_program__insn_cnt(program);
	struct bpf_insn *insns = malloc(count * sizeof(*insns));
	int err;

	if (!insns)
		diag_no_memory();
	memcpy(insns, bpf_program__insns(program), count * sizeof(*insns));
	for (size_t i = 0; i < count; i++) {
		if (is_call(&insns[i], PREEMPT_DISABLE_CALL))
			fill_in(&insns[i], k->disable);
		else if (is_call(&insns[i], PREEMPT_ENABLE_CALL))
			fill_in(&insns[i], k->enable);
	}
	err = bpf_program__set_insns(program, insns, count);
	free(insns);
	return err;
}
