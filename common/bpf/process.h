/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What bpf/process.bpf.h and the front ends share: how much of a cgroup's path is walked. */
#pragma once

#define PROCESS_CGROUP_DEPTH 16
#define PROCESS_CGROUP_ROOM 1024
#define PROCESS_CGROUP_STEP 256 /* a name with its NUL */
