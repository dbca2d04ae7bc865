/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* layout: the ways in which show.h prints a specifier's rows, which are sorted. */
#pragma once

#include "show.h"

/* As BCC. */
void text_tally(struct show *s, const struct tally *t, struct strbuf *out);

/* An object for each row. */
void json_tally(struct show *s, const struct tally *t, struct strbuf *out);

/* "outer;inner 12": what flame graphs are made of. Rows that look alike are one line. */
void folded_tally(struct show *s, const struct tally *t, struct strbuf *out);

/* -T: the first of so many rows that is shown. */
size_t show_first(const struct show *s, size_t count);
