// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "stacks.h"

static bool is_frame(const struct stack *stack, size_t i)
{
	return stack->is_kernel ? stack->address[i] != 0 :
				  stack->place[i].status != BPF_STACK_BUILD_ID_EMPTY;
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

#define OFFSET_END (1ULL << 47) /* in a file: none is so long */

/* Walks of stacks go on behind their end where a function keeps no frame pointer. What they find
 * there may lie before the mapping that the kernel takes it for: its offset is below 0 then. */
static bool is_behind_end(struct stacks *s, const struct stack *stack)
{
	struct usyms_frame f = user_frame(stack, stack->count - 1);

	if (stack->count <= 1)
		return false;
	return f.id ? f.offset >= OFFSET_END || !usyms_is_code(&s->usyms, &f) : !stack->pid;
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
	       ksyms_is_program(&s->ksyms, out->address[out->first]))
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

/* --- which are the same --------------------------------------------------------------------- */

struct seen {
	int64_t id;
	bool is_kernel;
	size_t size; /* bytes */
	char frames[];
};

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->is_kernel != y->is_kernel)
		return x->is_kernel ? 1 : -1;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->frames, y->frames, x->size);
}

static struct seen *seen_new(const struct stack *stack, int64_t id)
{
	size_t frame = stack->is_kernel ? sizeof(stack->address[0]) : sizeof(stack->place[0]);
	size_t size = (stack->count - stack->first) * frame;
	struct seen *seen = malloc(sizeof(*seen) + size);

	if (!seen)
		diag_no_memory();
	*seen = (struct seen){ .id = id, .is_kernel = stack->is_kernel, .size = size };
	memcpy(seen->frames, (const char *)stack->address + stack->first * frame, size);
	return seen;
}

int64_t stacks_first(struct stacks *s, int64_t id, bool is_kernel, pid_t pid)
{
	struct seen *seen, **found;
	struct stack stack;

	if (id < 0)
		return id;
	stack_read(s, id, is_kernel, pid, &stack);
	seen = seen_new(&stack, id);
	found = tsearch(seen, &s->firsts, compare_seen);
	if (!found)
		diag_no_memory();
	id = (*found)->id;
	if (*found != seen)
		free(seen);
	return id;
}

void stacks_forget(struct stacks *s)
{
	tdestroy(s->firsts, free);
	s->firsts = NULL;
}

void stacks_free(struct stacks *s)
{
	ksyms_free(&s->ksyms);
	usyms_free(&s->usyms);
}
