/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kfuncs: the kernel's functions that specifications mean.
 *
 * Names without wildcards are looked for among all symbols (/proc/kallsyms), also as what the
 * compiler made of them: "f" finds f.isra.0, f.constprop.0 and f.llvm.1, which are called in its
 * place, and f.part.0 if there is nothing else; the user is told. Wildcards take what the kernel
 * says can be traced (klist.h), else, where tracefs is closed, the symbols that are functions by
 * the kernel's BTF. A list that cannot be read is done without, down to a name that is taken as
 * it is, with no address.
 *
 * A name that begins like a system call's function (spec_syscall()) means this kernel's one, where
 * there is one, and else what it says.
 *
 * Left out, with the reason in targets.skipped: what the kernel refuses (kprobes/blacklist), what
 * would put the machine at risk, and returns of functions that do not return. Wildcards pass over
 * what is no function of somebody's source in silence (.cold, __pfx_*, __traceiter_* and so on).
 *
 * Errors: -errno, reported.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "probe/spec.h"
#include "probe/target.h"

/*
 * Adds what the specifications of kind SPEC_KERNEL match, in one pass over the lists for all of
 * them, and counts it in spec.found: every address of a name of which there are several.
 * force: take what puts the machine at risk, if a specification spells it out: by its name, or by
 * a wildcard behind a beginning that only such functions have ("_raw_spin_*", never "*").
 */
int kfuncs_match(struct spec *specs, size_t count, bool force, struct targets *to);

/*
 * Looks up the addresses of targets that are unsure: wildcards alone do without on kernels where
 * kprobe.multi takes names, which is half of the time that a start takes. After targets_finish().
 * False: there are none.
 */
bool kfuncs_locate(struct targets *t);

/* The prefix of this architecture's functions of system calls: "__x64_sys_". */
const char *kfuncs_syscall_prefix(void);

/* Whether the compiler made the one of the other: ".isra.0", ".constprop.0", ".part.0.cold" ...;
 * suffix is the name from its first dot on. */
bool kfuncs_is_suffix(const char *suffix);

/* Whether it is a function, by its name, and not something that the build or the kernel's
 * machinery adds. */
bool kfuncs_is_function(const char *name);
