// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "path.h"

void path_join(struct strbuf *out, const char *components, size_t size, bool cut, bool outside)
{
	size_t end = size; /* of the component, with its NUL */
	bool single = size && !memchr(components, 0, size - 1);

	if (cut)
		strbuf_str(out, "...");
	if (!size && !cut)
		strbuf_char(out, '/');
	while (end) {
		size_t start = end - 1;

		while (start && components[start - 1])
			start--;
		if (!(outside && single && !cut))
			strbuf_char(out, '/');
		strbuf_add(out, components + start, end - 1 - start);
		end = start;
	}
}
