// SPDX-License-Identifier: GPL-2.0-or-later
/* format: where one unit becomes the next, dates, and widths that tables rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format.h"
#include "util.h"

#define SECOND 1000000000ull

static void count_is(double value, const char *expected)
{
	char out[32];

	assert_string_equal(format_count(out, sizeof(out), value), expected);
}

static void bytes_are(double value, const char *expected)
{
	char out[32];

	assert_string_equal(format_bytes(out, sizeof(out), value), expected);
}

static void counts_carry_over_into_the_next_unit(void **state)
{
	(void)state;
	count_is(0, "0");
	count_is(9999, "9999");
	count_is(9999.4, "9999");
	count_is(9999.6, "10.0k");
	count_is(10000, "10.0k");
	count_is(12345, "12.3k");
	count_is(99949, "99.9k");
	count_is(99950, "100k");
	count_is(999499, "999k");
	count_is(999500, "1.00M");
	count_is(1234567, "1.23M");
	count_is(9.995e6, "10.0M");
	count_is(999.5e12, "1.00P");
	count_is((double)UINT64_MAX, "18.4E");
}

static void bytes_carry_over_into_the_next_unit(void **state)
{
	(void)state;
	bytes_are(0, "0");
	bytes_are(1023, "1023");
	bytes_are(1024, "1.0K");
	bytes_are(65536, "64.0K");
	bytes_are(1023.94 * 1024, "1023.9K");
	bytes_are(1023.96 * 1024, "1.0M");
	bytes_are(20.0 * 1024 * 1024 * 1024, "20.0G");
	bytes_are((double)UINT64_MAX, "16.0E");
}

/* The columns of the tables are this wide. */
static void no_figure_is_wider_than_promised(void **state)
{
	char out[64];

	(void)state;
	for (double value = 0.3; value < 999e12; value *= 1.0137)
		assert_true(strlen(format_count(out, sizeof(out), value)) <= 5);
	for (double value = 0.3; value < 1e18; value *= 1.0137)
		assert_true(strlen(format_bytes(out, sizeof(out), value)) <= 7);
}

static void clocks_and_dates_know_the_zone(void **state)
{
	char out[40];
	const uint64_t noon = (1700000000ull - 1700000000ull % 86400 + 43200) * SECOND;

	(void)state;
	assert_string_equal(format_clock(out, sizeof(out), noon + 123999999, 0, 3), "12:00:00.123");
	assert_string_equal(format_clock(out, sizeof(out), noon, 3600, 3), "13:00:00.000");
	assert_string_equal(format_clock(out, sizeof(out), noon, -13 * 3600, 3), "23:00:00.000");
	assert_string_equal(format_date(out, sizeof(out), noon, 0), "2023-11-14 12:00:00");
	assert_string_equal(format_date(out, sizeof(out), noon, -13 * 3600), "2023-11-13 23:00:00");
	assert_string_equal(format_date(out, sizeof(out), 0, 0), "1970-01-01 00:00:00");
	assert_string_equal(format_date(out, sizeof(out), 0, -1), "1969-12-31 23:59:59");
	assert_string_equal(format_clock(out, sizeof(out), 0, -1, 3), "23:59:59.000");
}

static void leap_days_are_days(void **state)
{
	char out[40];

	(void)state;
	assert_string_equal(format_date(out, sizeof(out), 951782400 * SECOND, 0),
	                    "2000-02-29 00:00:00");
	assert_string_equal(format_date(out, sizeof(out), 1709164800 * SECOND, 0),
	                    "2024-02-29 00:00:00");
	assert_string_equal(format_date(out, sizeof(out), 4107542400 * SECOND, 0),
	                    "2100-03-01 00:00:00");
	assert_string_equal(format_date(out, sizeof(out), 1735689599 * SECOND, 0),
	                    "2024-12-31 23:59:59");
}

static void durations_keep_two_units(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0, "0.00 s"},
		{520000000, "0.52 s"},
		{47 * SECOND, "47 s"},
		{99 * SECOND, "99 s"},
		{200 * SECOND, "3 min 20 s"},
		{7500 * SECOND, "2 h 5 min"},
		{(3 * 86400 + 4 * 3600) * SECOND, "3 d 4 h"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[40];

		assert_string_equal(format_duration(out, sizeof(out), cases[i].ns), cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_carry_over_into_the_next_unit),
		cmocka_unit_test(bytes_carry_over_into_the_next_unit),
		cmocka_unit_test(no_figure_is_wider_than_promised),
		cmocka_unit_test(clocks_and_dates_know_the_zone),
		cmocka_unit_test(leap_days_are_days),
		cmocka_unit_test(durations_keep_two_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
