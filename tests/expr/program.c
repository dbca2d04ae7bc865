// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/expr/program.h"

#define RESULTS_SIZE (PROGRAM_FUNCTIONS * sizeof(struct program_result))
#define STATE_AT     RESULTS_SIZE
#define DATA_AT	     (STATE_AT + 64)
#define MAP_SIZE     (DATA_AT + PROGRAM_DATA)
#define HIT_AT	     (-(int)sizeof(struct gen_hit)) /* on the stack */
#define HIT(member)  (HIT_AT + (int)offsetof(struct gen_hit, member))

/* What r6 is: the context. */
static void begin_main(struct program *p)
{
	p->main = (struct code){ .arena = &p->arena };
	code_alu(&p->main, BPF_MOV, BPF_REG_6, BPF_REG_1);
}

int program_begin(struct program *p)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	*p = (struct program){ .fd = -1 };
	p->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "results", 4, MAP_SIZE, 1, &opts);
	if (p->map < 0)
		return -errno;
	p->mapped = mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->map, 0);
	if (p->mapped == MAP_FAILED)
		return -errno;
	p->results = p->mapped;
	p->states = (void *)((char *)p->mapped + STATE_AT);
	p->data = (unsigned char *)p->mapped + DATA_AT;
	begin_main(p);
	return 0;
}

void program_again(struct program *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->count = 0;
	arena_free(&p->arena);
	begin_main(p);
}

void program_end(struct program *p)
{
	program_again(p);
	munmap(p->mapped, MAP_SIZE);
	close(p->map);
	arena_free(&p->arena);
}

uint32_t program_state(const struct program *p)
{
	(void)p;
	return STATE_AT;
}

static void keep_result(struct program *p)
{
	int at = p->count * sizeof(struct program_result);
	struct code *c = &p->main;

	code_map_value(c, BPF_REG_1, p->map, at);
	code_store(c, 4, BPF_REG_1, offsetof(struct program_result, returned), BPF_REG_0);
	code_load(c, 4, BPF_REG_0, BPF_REG_10, HIT(fault));
	code_store(c, 4, BPF_REG_1, offsetof(struct program_result, fault), BPF_REG_0);
	code_load(c, 8, BPF_REG_0, BPF_REG_10, HIT(seq));
	code_store(c, 8, BPF_REG_1, offsetof(struct program_result, seq), BPF_REG_0);
	code_load(c, 8, BPF_REG_0, BPF_REG_10, HIT(delta));
	code_store(c, 8, BPF_REG_1, offsetof(struct program_result, delta), BPF_REG_0);
}

void program_add(struct program *p, enum program_kind kind, const struct code *code,
		 uint32_t to, int kept)
{
	struct code *c = &p->main;

	for (unsigned int at = 0; at < sizeof(struct gen_hit); at += 8)
		code_store_imm(c, 8, BPF_REG_10, HIT_AT + (int)at, at ? 0 : PROGRAM_NOW);
	code_alu(c, BPF_MOV, BPF_REG_1, BPF_REG_6);
	code_alu(c, BPF_MOV, BPF_REG_2, BPF_REG_10);
	code_alu_imm(c, BPF_ADD, BPF_REG_2, HIT_AT);
	if (kind == PROGRAM_STORE)
		code_map_value(c, BPF_REG_3, p->map, DATA_AT + to);
	else if (kept >= 0)
		code_map_value(c, BPF_REG_3, p->map, DATA_AT + kept);
	else
		code_alu_imm(c, BPF_MOV, BPF_REG_3, 0);
	if (kind == PROGRAM_FILL)
		code_map_value(c, BPF_REG_4, p->map, DATA_AT + to);
	p->functions[p->count].code = code;
	p->functions[p->count].call = c->count;
	code_call(c, 0);
	keep_result(p);
	p->count++;
}

/* All functions behind the main one, and the distances to them. */
static size_t join(struct program *p, struct bpf_insn *all)
{
	size_t count = p->main.count;

	memcpy(all, p->main.insns, count * sizeof(*all));
	for (unsigned int i = 0; i < p->count; i++) {
		const struct code *code = p->functions[i].code;
		int call = p->functions[i].call;

		all[call].src_reg = BPF_PSEUDO_CALL;
		all[call].imm = (int)count - call - 1;
		memcpy(all + count, code->insns, code->count * sizeof(*all));
		count += code->count;
	}
	return count;
}

int program_load(struct program *p, char *log, size_t size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	size_t count;
	struct bpf_insn *all;

	code_alu_imm(&p->main, BPF_MOV, BPF_REG_0, 0);
	code_exit(&p->main);
	if (!code_end(&p->main))
		return -E2BIG;
	count = p->main.count;
	for (unsigned int i = 0; i < p->count; i++)
		count += p->functions[i].code->count;
	all = arena_alloc(&p->arena, count * sizeof(*all));
	count = join(p, all);
	*log = '\0';
	p->fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "expr", "Dual BSD/GPL", all,
			      count, &opts);
	if (p->fd >= 0)
		return 0;
	/* Once more, for what the verifier has to say. */
	opts.log_buf = log;
	opts.log_size = size;
	opts.log_level = 1;
	p->fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "expr", "Dual BSD/GPL", all,
			      count, &opts);
	return p->fd < 0 ? -errno : 0;
}

int program_run(struct program *p, const void *registers, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = registers, .ctx_size_in = size);

	return bpf_prog_test_run_opts(p->fd, &opts) ? -errno : 0;
}
