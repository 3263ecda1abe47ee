// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: sentences broken between words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "views/wrap.h"

static void rows_end_between_words(void **state)
{
	const char *text = "one two three";

	(void)state;
	assert_int_equal(wrap_length(text, 7), 7);
	assert_int_equal(wrap_length(text, 8), 7);
	assert_int_equal(wrap_length(text, 13), 13);
	assert_string_equal(wrap_skip(text, 1, 7), "three");
	assert_string_equal(wrap_skip(text, 2, 7), "");
	assert_string_equal(wrap_skip(text, 9, 7), "");
}

/* One that is too long stands alone, so that it ends at all. */
static void a_word_is_never_broken(void **state)
{
	(void)state;
	assert_int_equal(wrap_length("0123456789 a", 4), 10);
	assert_string_equal(wrap_skip("0123456789 a", 1, 4), "a");
	assert_int_equal(wrap_length("", 4), 0);
}

static void width_is_counted_in_columns_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(wrap_length("\u00e4\u00e4 \u00e4\u00e4", 5), 9);
}

static void a_row_is_as_wide_as_the_screen_allows(void **state)
{
	(void)state;
	assert_int_equal(wrap_width(&(struct view_context){.columns = 0}, 14), 64);
	assert_int_equal(wrap_width(&(struct view_context){.columns = 80}, 14), 65);
	assert_int_equal(wrap_width(&(struct view_context){.columns = 300}, 14), 100);
	assert_int_equal(wrap_width(&(struct view_context){.columns = 20}, 14), WRAP_LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_between_words),
		cmocka_unit_test(a_word_is_never_broken),
		cmocka_unit_test(width_is_counted_in_columns_not_bytes),
		cmocka_unit_test(a_row_is_as_wide_as_the_screen_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
