// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What trace makes of
 *	vfs_read (count > 4096) "%s %d", file->f_path.dentry->d_name.name, count
 * written in C, to count clang's instructions: the same two functions with the same record, each
 * in a section of its own. It is compiled and counted, not loaded. (BPF_CORE_READ_INTO() looks at
 * the last read's result only, trace at each one's.)
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define STRING 80 /* trace's -Z */

struct record {
	__u64 faults;
	__s32 name_size; /* or -errno */
	__u32 pad;
	__u64 count;
	char strings[];
};

int vfs_read_pass(struct pt_regs *ctx, void *hit, void *kept);
int vfs_read_fill(struct pt_regs *ctx, void *hit, void *kept, struct record *record);

SEC("pass") int vfs_read_pass(struct pt_regs *ctx, void *hit, void *kept)
{
	return PT_REGS_PARM3(ctx) > 4096;
}

SEC("fill") int vfs_read_fill(struct pt_regs *ctx, void *hit, void *kept, struct record *record)
{
	struct file *file = (void *)PT_REGS_PARM1(ctx);
	const unsigned char *name;
	__u32 size = sizeof(*record);
	long n;

	record->faults = 0;
	n = BPF_CORE_READ_INTO(&name, file, f_path.dentry, d_name.name);
	if (!n)
		n = bpf_probe_read_kernel_str(record->strings, STRING, name);
	record->name_size = n;
	if (n >= 0 && n <= STRING)
		size += n;
	record->count = PT_REGS_PARM3(ctx);
	return size;
}
