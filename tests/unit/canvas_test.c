// SPDX-License-Identifier: GPL-2.0-or-later
/* canvas: clipping, wide characters, text that would move the cursor, dumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canvas.h"
#include "text.h"
#include "util.h"

#define COLUMNS 10

static int make_sheet(void **state)
{
	struct canvas *canvas = xcalloc(1, sizeof(*canvas));

	canvas_resize(canvas, 3, COLUMNS);
	*state = canvas;
	return 0;
}

static int free_sheet(void **state)
{
	canvas_release(*state);
	free(*state);
	return 0;
}

static void row_is(const struct canvas *canvas, int row, const char *expected)
{
	char text[COLUMNS * 4 + 1];

	size_t length = canvas_row_text(canvas, row, text);

	assert_int_equal(length, strlen(text));
	assert_string_equal(text, expected);
}

static void roles_are(const struct canvas *canvas, int row, const char *expected)
{
	char roles[COLUMNS + 1];

	size_t length = canvas_row_roles(canvas, row, roles);

	assert_int_equal(length, strlen(roles));
	assert_string_equal(roles, expected);
}

/* No half of a wide character without the other, no control character. */
static void sheet_is_sound(const struct canvas *canvas)
{
	for (int row = 0; row < canvas->rows; row++) {
		int covered = 0;

		for (int column = 0; column < canvas->columns; column++) {
			uint32_t rune = canvas->cells[row * canvas->columns + column].rune;

			assert_int_equal(rune == 0, covered);
			covered = rune && text_rune_width(rune) == 2;
			assert_true(!rune || rune >= ' ');
			assert_false(rune >= 0x7f && rune < 0xa0);
			assert_true(!rune || text_rune_width(rune) > 0);
		}
		assert_int_equal(covered, 0);
	}
}

static void text_lands_where_it_is_put(void **state)
{
	struct canvas *canvas = *state;

	assert_int_equal(canvas_put(canvas, 1, 2, 5, ROLE_STRONG, "abc"), 3);
	row_is(canvas, 0, "");
	row_is(canvas, 1, "  abc");
	roles_are(canvas, 1, "..sss");
}

static void text_that_does_not_fit_ends_with_an_ellipsis(void **state)
{
	struct canvas *canvas = *state;

	assert_int_equal(canvas_put(canvas, 0, 0, 5, ROLE_NORMAL, "abcdef"), 5);
	row_is(canvas, 0, "abcd…");
	assert_int_equal(canvas_put(canvas, 1, 0, 5, ROLE_NORMAL, "abcde"), 5);
	row_is(canvas, 1, "abcde");
	assert_int_equal(canvas_put(canvas, 2, 0, 1, ROLE_NORMAL, "ab"), 1);
	row_is(canvas, 2, "…");
}

static void the_sheet_ends_at_its_edges(void **state)
{
	struct canvas *canvas = *state;

	assert_int_equal(canvas_put(canvas, 0, 7, 100, ROLE_NORMAL, "abcdef"), 3);
	row_is(canvas, 0, "       ab…");
	assert_int_equal(canvas_put(canvas, 0, COLUMNS, 5, ROLE_NORMAL, "x"), 0);
	assert_int_equal(canvas_put(canvas, 0, 0, 0, ROLE_NORMAL, "x"), 0);
	assert_int_equal(canvas_put(canvas, 0, 0, -3, ROLE_NORMAL, "x"), 0);
	canvas_put(canvas, -1, 0, 5, ROLE_NORMAL, "x");
	canvas_put(canvas, 3, 0, 5, ROLE_NORMAL, "x");
	canvas_put(canvas, 1, -2, 5, ROLE_NORMAL, "abc");
	row_is(canvas, 1, "c");
	canvas_fill(canvas, 2, -5, 100, ROLE_DIM, '=');
	row_is(canvas, 2, "==========");
	canvas_fill(canvas, 99, 0, 5, ROLE_DIM, '=');
	canvas_paint(canvas, -1, -1, 50, ROLE_BAD);
	canvas_paint(canvas, 2, 8, 50, ROLE_BAD);
	roles_are(canvas, 2, "ddddddddbb");
}

static void right_aligned_text_ends_at_the_right(void **state)
{
	struct canvas *canvas = *state;

	canvas_put_right(canvas, 0, 2, 6, ROLE_NORMAL, "12");
	row_is(canvas, 0, "      12");
	canvas_put_right(canvas, 1, 2, 6, ROLE_NORMAL, "1234567");
	row_is(canvas, 1, "  12345…");
	canvas_put_right(canvas, 2, 0, 4, ROLE_NORMAL, "漢");
	row_is(canvas, 2, "  漢");
}

static void control_characters_never_reach_a_cell(void **state)
{
	struct canvas *canvas = *state;

	canvas_put(canvas, 0, 0, COLUMNS, ROLE_NORMAL, "\033[31m\r\n\t");
	row_is(canvas, 0, "\ufffd[31m\ufffd\ufffd\ufffd");
	canvas_put(canvas, 1, 0, COLUMNS, ROLE_NORMAL,
	           "\xc2\x9b"
	           "2J\x7f\xff\xc0\x80");
	row_is(canvas, 1, "\ufffd2J\ufffd\ufffd\ufffd\ufffd");
	canvas_fill(canvas, 2, 0, 1, ROLE_NORMAL, ' ');
	sheet_is_sound(canvas);
}

static void what_would_reorder_the_line_is_dropped(void **state)
{
	struct canvas *canvas = *state;

	assert_int_equal(
		canvas_put(canvas, 0, 0, COLUMNS, ROLE_NORMAL, "a\u202e\u2066b\u0301\u200dc"), 3);
	row_is(canvas, 0, "abc");
}

static void a_wide_character_is_shown_whole_or_not_at_all(void **state)
{
	struct canvas *canvas = *state;

	assert_int_equal(canvas_put(canvas, 0, 0, 4, ROLE_NORMAL, "漢字"), 4);
	row_is(canvas, 0, "漢字");
	assert_int_equal(canvas_put(canvas, 1, 0, 3, ROLE_NORMAL, "漢字"), 3);
	row_is(canvas, 1, "漢…");
	assert_int_equal(canvas_put(canvas, 1, 0, 4, ROLE_NORMAL, "漢字字"), 3);
	row_is(canvas, 1, "漢…");
	assert_int_equal(canvas_put(canvas, 2, COLUMNS - 1, 2, ROLE_NORMAL, "漢"), 1);
	row_is(canvas, 2, "         …");
	sheet_is_sound(canvas);
}

static void half_a_wide_character_becomes_blank(void **state)
{
	struct canvas *canvas = *state;

	canvas_put(canvas, 0, 0, COLUMNS, ROLE_NORMAL, "漢字漢字");
	canvas_put(canvas, 0, 1, 2, ROLE_NORMAL, "ab");
	row_is(canvas, 0, " ab 漢字");
	sheet_is_sound(canvas);
	canvas_fill(canvas, 0, 5, 2, ROLE_NORMAL, '-');
	row_is(canvas, 0, " ab  --");
	sheet_is_sound(canvas);
}

static void ascii_sheets_have_ascii_alone(void **state)
{
	struct canvas *canvas = *state;

	canvas->ascii = true;
	canvas_put(canvas, 0, 0, COLUMNS, ROLE_NORMAL, "≥▸▾└├│↓é▁█");
	row_is(canvas, 0, ">+-`||v?_#");
	canvas_put(canvas, 1, 0, 4, ROLE_NORMAL, "abcdef");
	row_is(canvas, 1, "abc~");
	canvas_fill(canvas, 2, 0, 3, ROLE_NORMAL, 0x2500);
	row_is(canvas, 2, "---");
}

static void ascii_sheets_drop_marks_and_cut_no_more_than_they_must(void **state)
{
	struct canvas *canvas = *state;

	canvas->ascii = true;
	assert_int_equal(canvas_put(canvas, 0, 0, 2, ROLE_NORMAL, "漢字"), 2);
	row_is(canvas, 0, "??");
	assert_int_equal(canvas_put(canvas, 1, 0, 3, ROLE_NORMAL, "ae\u0301b"), 3);
	row_is(canvas, 1, "aeb");
	canvas_put_right(canvas, 2, 0, 4, ROLE_NORMAL, "漢\u202e");
	row_is(canvas, 2, "   ?");
	sheet_is_sound(canvas);
}

static void every_role_has_a_letter_of_its_own(void **state)
{
	struct canvas *canvas = *state;
	char seen[ROLE_COUNT + 1] = "";

	for (int role = 1; role < ROLE_COUNT; role++) {
		char roles[COLUMNS + 1];

		canvas_paint(canvas, 0, 0, 1, (enum role)role);
		assert_int_equal(canvas_row_roles(canvas, 0, roles), 1);
		assert_null(strchr(seen, roles[0]));
		seen[strlen(seen)] = roles[0];
	}
}

static void a_sheet_without_size_is_one_cell(void **state)
{
	struct canvas *canvas = *state;

	canvas_resize(canvas, 0, -5);
	assert_int_equal(canvas->rows, 1);
	assert_int_equal(canvas->columns, 1);
	canvas_put(canvas, 0, 0, 9, ROLE_BAD, "漢");
	row_is(canvas, 0, "…");
	canvas_resize(canvas, 2, 4);
	row_is(canvas, 0, "");
	roles_are(canvas, 0, "");
}

static void random_text_anywhere_leaves_the_sheet_sound(void **state)
{
	static const char *const parts[] = {"a",      "漢",       "\u0301", "\xff", "\033", "é",
	                                    "\u202e", "\xe6\xbc", "…",      " ",    "😀"};
	struct canvas *canvas = *state;
	unsigned int seed = 3;

	for (int round = 0; round < 20000; round++) {
		char text[128] = "";
		int column = rand_r(&seed) % COLUMNS, width = rand_r(&seed) % (COLUMNS + 4);
		int used;

		canvas->ascii = round % 7 == 0;
		for (int i = rand_r(&seed) % 12; i > 0; i--)
			strcat(text, parts[(size_t)rand_r(&seed) % ARRAY_SIZE(parts)]);
		used = canvas_put(canvas, rand_r(&seed) % 3, column, width, ROLE_NORMAL, text);
		assert_in_range(used, 0, width);
		canvas_put_right(canvas, rand_r(&seed) % 3, column, width, ROLE_BAD, text);
		sheet_is_sound(canvas);
	}
}

#define sheet_test(name) cmocka_unit_test_setup_teardown(name, make_sheet, free_sheet)

int main(void)
{
	const struct CMUnitTest tests[] = {
		sheet_test(text_lands_where_it_is_put),
		sheet_test(text_that_does_not_fit_ends_with_an_ellipsis),
		sheet_test(the_sheet_ends_at_its_edges),
		sheet_test(right_aligned_text_ends_at_the_right),
		sheet_test(control_characters_never_reach_a_cell),
		sheet_test(what_would_reorder_the_line_is_dropped),
		sheet_test(a_wide_character_is_shown_whole_or_not_at_all),
		sheet_test(half_a_wide_character_becomes_blank),
		sheet_test(ascii_sheets_have_ascii_alone),
		sheet_test(ascii_sheets_drop_marks_and_cut_no_more_than_they_must),
		sheet_test(every_role_has_a_letter_of_its_own),
		sheet_test(a_sheet_without_size_is_one_cell),
		sheet_test(random_text_anywhere_leaves_the_sheet_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
