/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What common/path.c and common/bpf/path.bpf.h share: the form of a walked path. */
#pragma once

#define PATH_STEP 256  /* a name with its NUL */
#define PATH_ROOM 4352 /* PATH_MAX and one name more */
#define PATH_DEPTH 128 /* components and mounts, where full paths are asked for */

/* In addition to the size, which is below 1 << 16. */
#define PATH_CUT (1u << 16)     /* deeper or longer than the room: the front is missing */
#define PATH_OUTSIDE (1u << 17) /* the walk ended elsewhere than at the task's root */
