// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <string.h>

#include "stacks.h"

static bool is_frame(const struct stack *stack, size_t i)
{
	return stack->is_kernel ? stack->address[i] != 0 :
				  stack->place[i].status != BPF_STACK_BUILD_ID_EMPTY;
}

/* What called us: programs and trampolines, where a function is reached by fexit. */
static bool is_ours(struct stacks *s, uint64_t address)
{
	struct ksym found;

	return ksyms_lookup(&s->ksyms, address, &found) && found.module &&
	       !strcmp(found.module, "bpf");
}

static struct usyms_frame user_frame(const struct stack *stack, size_t i)
{
	const struct bpf_stack_build_id *place = &stack->place[i];
	bool known = place->status == BPF_STACK_BUILD_ID_VALID;

	return (struct usyms_frame){
		.pid = known ? 0 : stack->pid, .address = known ? 0 : place->ip,
		.id = known ? place->build_id : NULL, .offset = known ? place->offset : 0,
	};
}

/* Walks of stacks go on behind their end where a function keeps no frame pointer. */
static bool is_behind_end(struct stacks *s, const struct stack *stack)
{
	struct usyms_frame f = user_frame(stack, stack->count - 1);

	return stack->count > 1 && (f.id ? !usyms_is_code(&s->usyms, &f) : !stack->pid);
}

void stack_read(struct stacks *s, int64_t id, bool is_kernel, pid_t pid, struct stack *out)
{
	size_t most = is_kernel ? TALLY_FRAMES : TALLY_USER_FRAMES;
	uint32_t key = id;

	memset(out, 0, sizeof(*out));
	out->is_kernel = is_kernel;
	out->pid = pid;
	if (id < 0 || bpf_map_lookup_elem(is_kernel ? s->kernel : s->user, &key, out->address))
		return;
	while (out->count < most && is_frame(out, out->count))
		out->count++;
	while (is_kernel && !s->sampled && out->first + 1 < out->count &&
	       is_ours(s, out->address[out->first]))
		out->first++;
	while (!is_kernel && out->count && is_behind_end(s, out))
		out->count--;
}

void stack_frame(struct stacks *s, const struct stack *stack, size_t i, struct strbuf *out)
{
	struct usyms_frame f;

	if (stack->is_kernel) {
		ksyms_print(&s->ksyms, stack->address[i], out);
		return;
	}
	f = user_frame(stack, i);
	usyms_print_frame(&s->usyms, &f, out);
}

void stacks_free(struct stacks *s)
{
	ksyms_free(&s->ksyms);
	usyms_free(&s->usyms);
}
