// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "diag.h"
#include "heatmap.h"
#include "strbuf.h"

#define COLUMNS	   80 /* where no terminal says how many there are */
#define WIDTH_MIN  40
#define DIGITS_MIN 7  /* of a bound of a row: 4 s in microseconds */
#define LEGEND	   36 /* of its longest line: without the unit, and what is counted */
#define UNIT_MIN   5
#define LINES_BELOW 2 /* the rows: the axis and the legend */
#define TICK_EVERY 10 /* intervals on the time axis */
#define SHADES	   9  /* of a cell that counts anything */

struct heatmap {
	const char *unit, *counted;
	bool terminal, colours;
	unsigned int lines;   /* of the map that is on the screen */
	unsigned int width;   /* of the terminal */
	unsigned int height;  /* lines that a map may have; 0: any number */
	unsigned int columns; /* room for so many intervals; a ring */
	unsigned int next;    /* the one to be overwritten */
	unsigned int used;
	uint64_t (*cells)[HIST_ROWS]; /* by column */
};

static const char shade_chars[] = " .:-=+*#%@";

/* From blue over violet and red to amber: each stands out from black and from white, and the
 * order is to be seen also by who cannot tell red from green. */
static const unsigned char shade_colours[] = {
	0, 25, 61, 97, 133, 168, 203, 202, 208, 214
};

/* What is drawn of a map: the newest intervals, as many as there is room for. */
struct view {
	unsigned int columns;
	unsigned int low, high; /* rows; low > high: nothing was counted */
	bool clipped;		/* the row `low` is all from 0 on */
	int digits;		/* of a bound of a row */
	uint64_t max;		/* of a cell */
};

static unsigned int label_width(int digits)
{
	return 2 * digits + strlen(" -> ") + 1;
}

static unsigned int terminal_columns(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return COLUMNS;
}

/* The cursor stands below the map, and cannot go up to what has scrolled away. */
static unsigned int terminal_height(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		return size.ws_row - 1;
	return 0;
}

static bool terminal_colours(void)
{
	const char *term = getenv("TERM"), *more = getenv("COLORTERM");

	return (term && strstr(term, "256color")) || (more && *more);
}

struct heatmap *heatmap_new(const char *unit, const char *counted, unsigned int width)
{
	struct heatmap *m = calloc(1, sizeof(*m));

	if (!m)
		diag_no_memory();
	if (!width)
		width = terminal_columns();
	m->unit = unit;
	m->counted = counted;
	m->terminal = isatty(STDOUT_FILENO);
	m->colours = m->terminal && terminal_colours();
	m->width = width < WIDTH_MIN ? WIDTH_MIN : width;
	m->columns = m->width - label_width(DIGITS_MIN);
	m->cells = calloc(m->columns, sizeof(*m->cells));
	if (!m->cells)
		diag_no_memory();
	return m;
}

void heatmap_free(struct heatmap *m)
{
	if (!m)
		return;
	free(m->cells);
	free(m);
}

void heatmap_add(struct heatmap *m, const uint64_t rows[HIST_ROWS])
{
	memcpy(m->cells[m->next], rows, sizeof(*m->cells));
	m->next = (m->next + 1) % m->columns;
	if (m->used < m->columns)
		m->used++;
}

/* The interval that many before the newest. */
static const uint64_t *column_ago(const struct heatmap *m, unsigned int ago)
{
	return m->cells[(m->next + m->columns - 1 - ago) % m->columns];
}

static uint64_t row_to(unsigned int row)
{
	return (2ULL << row) - 1;
}

/* What a cell counts. */
static uint64_t cell_count(const struct heatmap *m, const struct view *v, unsigned int row,
			   unsigned int ago)
{
	const uint64_t *cells = column_ago(m, ago);
	uint64_t count = cells[row];

	for (unsigned int below = 0; v->clipped && row == v->low && below < row; below++)
		count += cells[below];
	return count;
}

/* Where there are too few lines for all rows the lowest ones are one. */
static void view_clip(const struct heatmap *m, struct view *v)
{
	unsigned int room = m->height > LINES_BELOW + 1 ? m->height - LINES_BELOW : 1;

	if (!m->height || !v->max || v->high - v->low < room)
		return;
	v->low = v->high + 1 - room;
	v->clipped = true;
	for (unsigned int ago = 0; ago < v->columns; ago++) {
		uint64_t count = cell_count(m, v, v->low, ago);

		v->max = count > v->max ? count : v->max;
	}
}

static struct view view_of(const struct heatmap *m, unsigned int columns)
{
	struct view v = { .columns = columns, .low = HIST_ROWS, .digits = DIGITS_MIN };

	for (unsigned int ago = 0; ago < columns; ago++) {
		const uint64_t *cells = column_ago(m, ago);

		for (unsigned int row = 0; row < HIST_ROWS; row++) {
			if (!cells[row])
				continue;
			if (row < v.low)
				v.low = row;
			if (row > v.high)
				v.high = row;
			if (cells[row] > v.max)
				v.max = cells[row];
		}
	}
	if (v.max)
		v.digits =
			snprintf(NULL, 0, "%*ju", DIGITS_MIN, (uintmax_t)row_to(v.high));
	view_clip(m, &v);
	return v;
}

/* Longer labels leave room for fewer intervals. */
static struct view view_fit(const struct heatmap *m)
{
	struct view v = view_of(m, m->used);
	unsigned int room = m->width - label_width(v.digits);

	return room < v.columns ? view_of(m, room) : v;
}

static unsigned int log2_floor(uint64_t v)
{
	return 63 - __builtin_clzll(v);
}

/* 0: none, 1: one, SHADES: the most that there is on the map. */
static unsigned int shade_of(uint64_t count, uint64_t max)
{
	if (!count)
		return 0;
	if (max == 1)
		return SHADES;
	return 1 + (SHADES - 1) * log2_floor(count) / log2_floor(max);
}

/* One cell; before is the shade of the one to the left. */
static void cell_draw(struct strbuf *out, unsigned int shade, unsigned int before,
		      bool colours)
{
	if (!colours) {
		strbuf_char(out, shade_chars[shade]);
		return;
	}
	if (shade != before && shade)
		strbuf_printf(out, "\33[48;5;%um", shade_colours[shade]);
	else if (shade != before)
		strbuf_str(out, "\33[m");
	strbuf_char(out, ' ');
}

static void row_draw(const struct heatmap *m, const struct view *v, unsigned int row,
		     struct strbuf *out, bool colours)
{
	bool from_0 = !row || (v->clipped && row == v->low);
	unsigned int shade, before = 0;

	strbuf_printf(out, "%*ju -> %-*ju ", v->digits, (uintmax_t)(from_0 ? 0 : 1ULL << row),
		      v->digits, (uintmax_t)row_to(row));
	for (unsigned int ago = v->columns; ago-- > 0; before = shade) {
		shade = shade_of(cell_count(m, v, row, ago), v->max);
		cell_draw(out, shade, before, colours);
	}
	strbuf_str(out, before && colours ? "\33[m\n" : "\n");
}

/* "intervals ago   -20       -10      now", the last character below its interval. */
static void axis_draw(const struct view *v, struct strbuf *out)
{
	unsigned int label = label_width(v->digits), size = label + v->columns;
	char *line = strbuf_grow(out, size), tick[16];
	int length;

	memset(line, ' ', size);
	memcpy(line, "intervals ago", strlen("intervals ago"));
	for (unsigned int ago = 0; ago < v->columns; ago += TICK_EVERY) {
		length = snprintf(tick, sizeof(tick), ago ? "-%u" : "now", ago);
		memcpy(line + size - ago - length, tick, length);
	}
	out->size += size;
	strbuf_char(out, '\n');
}

static void legend_draw(const struct heatmap *m, const struct view *v, struct strbuf *out,
			bool colours)
{
	int room = m->width - strlen(m->counted) - LEGEND;
	unsigned int before = 0;

	/* A line that wraps would not be drawn over. */
	strbuf_printf(out, "%.*s; %s: ", room < UNIT_MIN ? UNIT_MIN : room, m->unit, m->counted);
	if (!v->max) {
		strbuf_str(out, "none\n");
		return;
	}
	if (v->max > 1)
		strbuf_str(out, "1 ");
	for (unsigned int shade = v->max > 1 ? 1 : SHADES; shade <= SHADES; shade++) {
		cell_draw(out, shade, before, colours);
		before = shade;
	}
	strbuf_printf(out, "%s %ju\n", colours ? "\33[m" : "", (uintmax_t)v->max);
}

unsigned int heatmap_draw(struct heatmap *m, struct strbuf *out, bool colours)
{
	struct view v = view_fit(m);
	unsigned int lines = 0;

	if (!m->used)
		return 0;
	for (unsigned int row = v.high + 1; v.max && row-- > v.low; lines++)
		row_draw(m, &v, row, out, colours);
	axis_draw(&v, out);
	legend_draw(m, &v, out, colours);
	return lines + LINES_BELOW;
}

void heatmap_show(struct heatmap *m, struct strbuf *out, bool last)
{
	if (m->terminal == last)
		return;
	if (m->terminal)
		m->height = terminal_height();
	if (m->lines)
		strbuf_printf(out, "\033[%uA\033[J", m->lines);
	m->lines = heatmap_draw(m, out, m->colours);
}
