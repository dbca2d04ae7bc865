/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What common/kfunc.c and common/bpf/preempt.bpf.h share: calls that are filled in at start. */
#pragma once

/* Numbers of helper functions that no kernel has. */
#define PREEMPT_DISABLE_CALL 0x7eef0001
#define PREEMPT_ENABLE_CALL 0x7eef0002
