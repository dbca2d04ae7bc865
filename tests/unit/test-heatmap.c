// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* --heatmap. The module is included, for what is static in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "heatmap.c"
#include "hist.h"

#define LABEL 19

static struct heatmap *map;
static struct strbuf out;

static int tidy(void **state)
{
	(void)state;
	heatmap_free(map);
	map = NULL;
	strbuf_free(&out);
	return 0;
}

/* An interval with so many requests of a length, and so many of another. */
static void add(uint64_t usecs, uint64_t count, uint64_t usecs2, uint64_t count2)
{
	struct hist h = { .min_ns = UINT64_MAX };
	uint64_t rows[HIST_ROWS];

	h.slots[hist_slot(usecs * 1000, hist_usecs.mul, hist_usecs.div)] += count;
	h.slots[hist_slot(usecs2 * 1000, hist_usecs.mul, hist_usecs.div)] += count2;
	hist_rows(&h, &hist_usecs, rows);
	heatmap_add(map, rows);
}

static const char *drawn(bool colours)
{
	unsigned int lines, newlines = 0;

	strbuf_clear(&out);
	lines = heatmap_draw(map, &out, colours);
	for (size_t i = 0; i < out.size; i++)
		newlines += out.data[i] == '\n';
	assert_int_equal(lines, newlines);
	return strbuf_cstr(&out);
}

/* Characters that are seen: without escapes. */
static size_t line_width(const char *line)
{
	size_t width = 0;

	for (; *line != '\n'; line++) {
		if (*line == '\33')
			line = strchr(line, 'm');
		else
			width++;
	}
	return width;
}

static void width_check(size_t max)
{
	for (int colours = 0; colours < 2; colours++)
		for (const char *at = drawn(colours); *at; at = strchr(at, '\n') + 1)
			assert_in_range(line_width(at), 1, max);
}

static void nothing(void **state)
{
	(void)state;
	heatmap_free(NULL);
	map = heatmap_new(hist_usecs.name, "requests", 80);
	assert_string_equal(drawn(false), "");
	assert_string_equal(drawn(true), "");
	add(1, 0, 1, 0);
	assert_string_equal(drawn(false), "intervals ago    now\n"
					  "usecs; requests: none\n");
	assert_string_equal(drawn(true), drawn(false));
}

/* Rows between are drawn though empty, rows outside are not. */
static void rows_used(void **state)
{
	(void)state;
	map = heatmap_new(hist_usecs.name, "requests", 80);
	add(600, 512, 100, 1);
	add(600, 0, 100, 1023);
	add(600, 0, 100, 0);
	add(600, 4, 100, 0);
	assert_string_equal(drawn(false), "    512 -> 1023    @  :\n"
					  "    256 -> 511         \n"
					  "    128 -> 255         \n"
					  "     64 -> 127     .@  \n"
					  "intervals ago       now\n"
					  "usecs; requests: 1 .:-=+*#%@ 1023\n");
}

/* Fewer lines than rows: the lowest rows become one. */
static void clipped(void **state)
{
	(void)state;
	map = heatmap_new(hist_usecs.name, "requests", 80);
	add(600, 1, 100, 3);
	add(2, 2, 30, 6);
	map->height = 4;
	assert_string_equal(drawn(false), "    512 -> 1023    . \n"
					  "      0 -> 511     -@\n"
					  "intervals ago     now\n"
					  "usecs; requests: 1 .:-=+*#%@ 8\n");
	map->height = 11;
	assert_int_equal(heatmap_draw(map, &out, false), 11);
	map->height = 10;
	assert_int_equal(heatmap_draw(map, &out, false), 10);
	map->height = 12;
	assert_int_equal(heatmap_draw(map, &out, false), 11);
	for (map->height = 1; map->height < 4; map->height++)
		assert_int_equal(heatmap_draw(map, &out, true), 3);
	map->height = 3;
	assert_non_null(strstr(drawn(false), "      0 -> 1023    "));
	map->height = 0;
	assert_int_equal(heatmap_draw(map, &out, false), 11);
}

static void units(void **state)
{
	struct hist h = { .min_ns = UINT64_MAX };
	uint64_t rows[HIST_ROWS];

	(void)state;
	map = heatmap_new(hist_msecs.name, "requests", 80);
	h.slots[hist_slot(1500000, hist_msecs.mul, hist_msecs.div)] = 1;
	h.slots[hist_slot(7999999, hist_msecs.mul, hist_msecs.div)] = 1;
	hist_rows(&h, &hist_msecs, rows);
	heatmap_add(map, rows);
	assert_string_equal(drawn(false), "      4 -> 7       @\n"
					  "      2 -> 3        \n"
					  "      0 -> 1       @\n"
					  "intervals ago    now\n"
					  "msecs; requests: @ 1\n");
}

static void shades(void **state)
{
	(void)state;
	for (unsigned int bit = 1; bit < 64; bit++) {
		uint64_t max = 1ULL << bit;
		unsigned int before = 1;

		assert_int_equal(shade_of(0, max), 0);
		assert_int_equal(shade_of(1, max), 1);
		assert_int_equal(shade_of(max, max), SHADES);
		assert_int_equal(shade_of(max + max - 1, max + max - 1), SHADES);
		for (unsigned int b = 0; b <= bit; b++) {
			assert_in_range(shade_of(1ULL << b, max), before, SHADES);
			before = shade_of(1ULL << b, max);
		}
	}
	assert_int_equal(shade_of(1, 1), SHADES);
	assert_int_equal(strlen(shade_chars), SHADES + 1);
	assert_int_equal(sizeof(shade_colours), SHADES + 1);
}

/* One request among a billion is seen. */
static void outlier(void **state)
{
	(void)state;
	map = heatmap_new(hist_usecs.name, "requests", 80);
	add(100, 1000000000, 3000000, 1);
	assert_non_null(strstr(drawn(false), "2097152 -> 4194303 .\n"));
	assert_non_null(strstr(drawn(false), "     64 -> 127     @\n"));
	assert_non_null(strstr(drawn(true), "2097152 -> 4194303 \33[48;5;25m \33[m\n"));
}

/* An escape where the shade changes, none for empty cells, and all is reset at the end. */
static void colours(void **state)
{
	(void)state;
	map = heatmap_new(hist_usecs.name, "requests", 80);
	add(100, 1, 1, 0);
	add(100, 1, 1, 0);
	add(100, 0, 1, 0);
	add(100, 256, 1, 0);
	assert_string_equal(drawn(true),
			    "     64 -> 127     \33[48;5;25m  \33[m \33[48;5;214m \33[m\n"
			    "intervals ago       now\n"
			    "usecs; requests: 1 \33[48;5;25m \33[48;5;61m \33[48;5;97m "
			    "\33[48;5;133m \33[48;5;168m \33[48;5;203m \33[48;5;202m "
			    "\33[48;5;208m \33[48;5;214m \33[m 256\n");
	add(100, 0, 1, 0);
	assert_memory_equal(drawn(true),
			    "     64 -> 127     \33[48;5;25m  \33[m \33[48;5;214m "
			    "\33[m \n",
			    52);
}

/* The newest stays at the right; the oldest goes, and with it its row and the largest count. */
static void oldest_falls_off(void **state)
{
	const size_t columns = 60 - LABEL;
	char line[128];

	(void)state;
	map = heatmap_new(hist_usecs.name, "requests", 60);
	add(1000000, 5000, 100, 1);
	for (size_t i = 1; i < columns; i++)
		add(100, 1, 100, 0);
	assert_non_null(strstr(drawn(false), " 524288 -> 1048575 @ "));
	width_check(60);
	add(100, 2, 100, 0);
	drawn(false);
	memset(line, '.', sizeof(line));
	memcpy(line, "     64 -> 127     ", LABEL);
	memcpy(line + 59, "@\n", 2);
	assert_memory_equal(out.data, line, 61);
	assert_non_null(strstr(out.data, "\nusecs; requests: 1 .:-=+*#%@ 2\n"));
	for (size_t i = 0; i < 1000; i++) {
		add(100, i % 7, 1000, i % 3);
		width_check(60);
	}
}

static void axis(void **state)
{
	const char *line;

	(void)state;
	map = heatmap_new(hist_usecs.name, "requests", 60);
	for (int i = 0; i < 100; i++)
		add(100, 1, 100, 0);
	line = strchr(drawn(false), '\n') + 1;
	assert_memory_equal(
		line, "intervals ago    -40       -30       -20       -10       now\n",
		61);
	/* The last character of a tick stands below its interval. */
	map->cells[(map->next + map->columns - 11) % map->columns][6] = 0;
	line = drawn(false);
	assert_int_equal(line[49], ' ');
	line = strchr(line, '\n') + 1;
	assert_memory_equal(line + 47, "-10 ", 4);
}

/* Labels grow with the times, and take the room of the oldest intervals. */
static void long_times(void **state)
{
	(void)state;
	for (unsigned int width = 13; width < 130; width += 13) {
		map = heatmap_new(hist_usecs.name, "requests", width);
		for (int i = 0; i < 200; i++)
			add(i == 150 ? 1ULL << 33 : 100, 1 + i, 1, 4000000000);
		width_check(width < WIDTH_MIN ? WIDTH_MIN : width);
		add(1ULL << 33, 1, 1, 1);
		assert_non_null(strstr(drawn(false), "8589934592 -> 17179869183 "));
		assert_non_null(strstr(drawn(false), "         0 -> 1           "));
		width_check(width < WIDTH_MIN ? WIDTH_MIN : width);
		tidy(NULL);
	}
}

/* The legend does not wrap. */
static void long_unit(void **state)
{
	(void)state;
	map = heatmap_new("a label that says a lot of what is in the rows", "hits", 60);
	add(100, UINT64_MAX / 2, 1, 1);
	width_check(60);
	assert_non_null(strstr(drawn(false), "\na label that says a ; hits: 1 .:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing, tidy),
		cmocka_unit_test_teardown(rows_used, tidy),
		cmocka_unit_test_teardown(long_unit, tidy),
		cmocka_unit_test_teardown(clipped, tidy), cmocka_unit_test_teardown(units, tidy),
		cmocka_unit_test(shades),
		cmocka_unit_test_teardown(outlier, tidy),
		cmocka_unit_test_teardown(colours, tidy),
		cmocka_unit_test_teardown(oldest_falls_off, tidy),
		cmocka_unit_test_teardown(axis, tidy),
		cmocka_unit_test_teardown(long_times, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
