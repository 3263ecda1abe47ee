// SPDX-License-Identifier: GPL-2.0-or-later
/* lines: a list of lines with tones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lines.h"

static void lines_keep_order_and_tone(void **state)
{
	struct lines lines = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		lines_add(&lines, i % 2 ? TONE_BAD : TONE_COMMAND, "line %d", i);
	assert_int_equal(lines.count, 100);
	assert_string_equal(lines.lines[99].text, "line 99");
	assert_int_equal(lines.lines[99].tone, TONE_BAD);
	lines_release(&lines);
	assert_int_equal(lines.count, 0);
	assert_null(lines.lines);
}

static void a_long_line_is_cut(void **state)
{
	struct lines lines = {0};

	(void)state;
	lines_add(&lines, TONE_PLAIN, "%*s", 2 * LINE_TEXT_MAX, "x");
	assert_int_equal(strlen(lines.lines[0].text), LINE_TEXT_MAX - 1);
	lines_release(&lines);
}

static void each_tone_has_its_word(void **state)
{
	(void)state;
	for (int i = 0; i < TONE_COUNT; i++) {
		assert_non_null(tone_words[i]);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(tone_words[i], tone_words[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_keep_order_and_tone),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(each_tone_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
