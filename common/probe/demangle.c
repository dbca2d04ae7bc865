// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stddef.h>

/* Debian's folder; others have no folder. */
#if __has_include(<libiberty/demangle.h>)
#include <libiberty/demangle.h>
#else
#include <demangle.h>
#endif

#include "probe/demangle.h"

struct sink {
	struct strbuf *out;
	jmp_buf too_long;
};

/* The only way to stop libiberty is not to return. Its C++ side holds nothing meanwhile, its
 * Rust side one identifier at most. */
static void sink_add(const char *text, size_t size, void *sink)
{
	struct sink *s = sink;

	if (size > DEMANGLE_MOST - s->out->size)
		longjmp(s->too_long, 1);
	strbuf_add(s->out, text, size);
}

bool demangle_may(const char *name)
{
	return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R');
}

/*
 * A "G" and a number to the base of 62 are that many lifetimes, "for<'a, 'b ...>". libiberty
 * counts to whatever it is, also where it prints nothing and so cannot be stopped: for ten bytes
 * it is busy for years. Real names have some lifetimes. (Not each G is one, but which are
 * shows only to who understands the rest; a name with one of the others stays as it is.)
 */
static bool rust_would_end(const char *name)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (name[1] != 'R')
		return true;
	while ((name = strchr(name, 'G'))) {
		size_t size = strspn(++name, digits);

		if (size > 2 && name[size] == '_')
			return false;
	}
	return true;
}

bool demangle(const char *name, bool parameters, struct strbuf *out)
{
	struct sink sink = { .out = out };

	strbuf_clear(out);
	if (!demangle_may(name) || !rust_would_end(name))
		return false;
	if (setjmp(sink.too_long))
		return false;
	/* Rust first: its older names are C++'s with a hash at the end, which this drops. */
	if (rust_demangle_callback(name, 0, sink_add, &sink))
		return out->size > 0;
	strbuf_clear(out);
	return cplus_demangle_v3_callback(name,
					  DMGL_ANSI | DMGL_RET_DROP |
						  (parameters ? DMGL_PARAMS : 0),
					  sink_add, &sink) &&
	       out->size > 0;
}
