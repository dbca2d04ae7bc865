// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "escape.h"
#include "mistake.h"
#include "strbuf.h"

int mistake_set(struct mistake *m, size_t at, const char *why, ...)
{
	va_list args;

	m->at = at;
	va_start(args, why);
	vsnprintf(m->why, sizeof(m->why), why, args);
	va_end(args);
	return -EINVAL;
}

#define REPORT_WIDTH  70 /* bytes of the text, around the place */
#define REPORT_BEFORE 50

void mistake_report(const char *text, const struct mistake *m)
{
	size_t size = strlen(text);
	size_t at = m->at < size ? m->at : size;
	size_t from = at > REPORT_BEFORE && size > REPORT_WIDTH ? at - REPORT_BEFORE : 0;
	size_t end = size - from > REPORT_WIDTH ? from + REPORT_WIDTH : size;
	struct strbuf before = {};

	/* Characters of several bytes stay whole. */
	while (from < at && (text[from] & 0xc0) == 0x80)
		from++;
	while (end < size && end > at && (text[end] & 0xc0) == 0x80)
		end--;
	escape_text(&before, text + from, at - from, false); /* as diag() will */
	diag("%s", m->why);
	diag("  %.*s", (int)(end - from), text + from);
	diag("  %*s^", (int)escape_width(strbuf_cstr(&before), before.size), "");
	strbuf_free(&before);
}
