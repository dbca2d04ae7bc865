// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/libbpf.h>

#include "kernel.h"
#include "kfunc.h"
#include "ktypes.h"
#include "object.h"
#include "plan.h"

int object_load(struct plan *plan, struct bpf_object_skeleton *skeleton)
{
	struct kfunc kfunc = kfunc_find(plan->object);
	struct bpf_program *program;
	int err = 0;

	plan_select(plan);
	bpf_object__for_each_program(program, plan->object) {
		if (!err && bpf_program__autoload(program))
			err = kfunc_link(&kfunc, program);
	}
	if (!err)
		err = ktypes_subset(plan->object);
	if (err)
		return err;
	err = bpf_object__load_skeleton(skeleton);
	if (err)
		kernel_explain(err);
	return err;
}
