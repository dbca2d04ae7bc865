/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * demangle: names of C++ and Rust functions as their authors wrote them.
 *
 * The work is libiberty's (binutils; LGPL): the one library that knows the forms of both
 * languages, and every distribution has it beside its binutils. The C++ runtime's own function
 * (__cxa_demangle) knows no Rust and would bring libstdc++ into the process.
 *
 * Ownership: the text belongs to the caller's buffer.
 * Errors: none; a name that is not mangled, or whose text would not end, has no other form.
 */
#pragma once

#include <stdbool.h>
#include "strbuf.h"

/* A few hundred bytes of a hostile name can stand for gigabytes of text. */
#define DEMANGLE_MOST 16384

/* Whether it begins as mangled names do. */
bool demangle_may(const char *name);

/*
 * Puts the readable form into out, in place of what is there; false: there is none.
 * parameters: "ns::f(int)" and not "ns::f" (Rust's functions are not overloaded and have none).
 * Neither has the return type.
 */
bool demangle(const char *name, bool parameters, struct strbuf *out);
