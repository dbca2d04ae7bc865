/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The contract between execsnoop.c and execsnoop.bpf.c. */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#define EXEC_NAME_MAX 4096   /* of the file and the interpreter, with NUL */
#define EXEC_FAILED_ARGS 128 /* arguments that are read of a failed exec */
#define EXEC_FILE_DEPTH 24   /* components that are walked unless the file is asked for */
#define EXEC_ANCESTORS 16

enum exec_bits {
	EXEC_NAME_UNREAD = 1,   /* the file's name could not be read (a bad pointer) */
	EXEC_ARGS_CUT = 2,      /* there are more bytes or arguments than were copied */
	EXEC_BY_DESCRIPTOR = 4, /* execveat: the name is /dev/fd/N..., what it means was walked */
	EXEC_SCRIPT = 8,        /* an interpreter runs it; the arguments begin with its name */
	EXEC_FILE_CUT = 16,     /* the walked path's front is missing */
	EXEC_FILE_OUTSIDE = 32, /* ... or it ended elsewhere than at the root directory */
	EXEC_CWD_CUT = 64,
	EXEC_CWD_OUTSIDE = 128,
	EXEC_CGROUP_CUT = 256,
};

/* Front end -> BPF, fixed before load. */
struct execsnoop_config {
	__u32 max_bytes; /* of arguments that are copied */
	__u32 args_room; /* ... and the room that it takes */
	__u8 want_file;  /* walk the path of the executed file */
	__u8 want_cwd;
	__u8 want_cgroup;
	__u8 want_ancestors;
	__u8 again;      /* exec_done_again() is attached */
	__u8 pad[3];
};

struct exec_ancestor {
	__u32 pid;
	char comm[16];
};

/*
 * BPF -> front end: the header, then these parts, each as long as the header says:
 * name as given (without NUL), interpreter (if the name is a script's), components of the
 * executed file, of the working directory and of the cgroup (common/path.h), ancestors
 * (struct exec_ancestor), arguments (each with its NUL).
 */
struct execsnoop_event {
	__u64 time_ns;     /* CLOCK_MONOTONIC */
	__u64 args_total;  /* bytes of all arguments; of a failed exec that was cut: those read */
	__u64 args_unread; /* bit n: argument n of a failed exec could not be read */
	__u32 pid;
	__u32 tid;
	__u32 ppid;
	__u32 ns_pid;      /* in the process's own pid namespace */
	__u32 uid;
	__u32 cpu;
	__s32 ret;         /* 0 or -errno */
	__s32 dirfd;       /* of a failed execveat; AT_FDCWD else */
	__u32 argc;
	__u32 args_size;
	__u16 name_size;
	__u16 interp_size;
	__u16 file_size;
	__u16 cwd_size;
	__u16 cgroup_size;
	__u16 ancestors_size;
	__u16 bits;        /* enum exec_bits */
	__u8 pad[2];
	char comm[16];
	char parent[16];   /* name of the parent process */
	char tty[16];      /* "" if there is none */
	char data[];
};

_Static_assert(sizeof(struct execsnoop_event) == __builtin_offsetof(struct execsnoop_event, data),
	       "no hole before the data");
