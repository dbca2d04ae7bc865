/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The types of world.h, for clang to put into BTF: a type that nothing uses is left out. */
#include "tests/expr/world.h"

struct world world;
struct texts texts;
enum mask mask;
enum level level;
s8 a;
u16 b;
u32 c;
word_t d;
