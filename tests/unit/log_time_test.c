// SPDX-License-Identifier: GPL-2.0-or-later
/* log_time: dates, years that are not there, clocks that go back or begin anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/log_time.h"

#define S       1000000000ull
#define DAY     (86400 * S)
#define IN_2026 (1793614272 * S) /* 2026-11-02 10:11:12 UTC */

static struct log_stamp boot(uint64_t ns)
{
	return (struct log_stamp){.kind = STAMP_MONOTONIC, .ns = ns};
}

static struct log_stamp date(uint16_t year, uint8_t month, uint8_t day, uint64_t ns)
{
	return (struct log_stamp){
		.kind = STAMP_DATE, .year = year, .month = month, .day = day, .ns = ns};
}

static uint64_t at(struct log_time *time, struct log_stamp stamp)
{
	return log_time_of(time, &stamp);
}

static uint64_t wall_of(struct log_time *time, struct log_stamp stamp)
{
	uint64_t ns = log_time_of(time, &stamp);

	return time->origin_wall_ns + ns;
}

static void monotonic_times_are_the_timeline(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026};

	(void)state;
	assert_int_equal(at(&time, boot(5 * S)), 5 * S);
	assert_int_equal(at(&time, boot(7 * S + 1)), 7 * S + 1);
	assert_false(time.has_origin);
}

static void wall_times_are_counted_from_the_first(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026};

	(void)state;
	assert_int_equal(at(&time, date(2026, 11, 2, 36672 * S)), S);
	assert_int_equal(time.origin_wall_ns + S, IN_2026);
	assert_int_equal(at(&time, date(2026, 11, 2, 36673 * S + 5)), 2 * S + 5);
	assert_int_equal(at(&time, (struct log_stamp){.kind = STAMP_EPOCH, .ns = IN_2026 + 9 * S}),
	                 10 * S);
	assert_int_equal(time.undated + time.back, 0);
}

static void dates_are_those_of_the_calendar(void **state)
{
	static const struct {
		uint16_t year;
		uint8_t month, day;
		uint64_t days;
	} dates[] = {{1970, 1, 2, 1},     {1972, 2, 29, 789},   {1999, 12, 31, 10956},
	             {2000, 3, 1, 11017}, {2024, 2, 29, 19782}, {2024, 12, 31, 20088},
	             {2100, 3, 1, 47541}};

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct log_time time = {.now_wall_ns = IN_2026};

		assert_int_equal(
			wall_of(&time, date(dates[i].year, dates[i].month, dates[i].day, 5 * S)),
			dates[i].days * DAY + 5 * S);
	}
}

static void the_zone_of_the_log_is_kept(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026, .utc_offset_s = 3600};
	struct log_stamp stamp = date(2026, 11, 2, 36672 * S);

	(void)state;
	assert_int_equal(wall_of(&time, stamp), IN_2026 - 3600 * S);
	stamp.has_zone = true;
	stamp.utc_offset_s = -7200;
	assert_int_equal(wall_of(&time, stamp), IN_2026 + 7200 * S);
	assert_int_equal(time.utc_offset_s, -7200);
}

static void a_missing_year_is_the_newest_past_one(void **state)
{
	static const struct {
		uint8_t month, day;
		int year;
	} dates[] = {{11, 2, 2026}, {11, 3, 2026}, {11, 5, 2025}, {1, 1, 2026}, {12, 31, 2025}};

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct log_time time = {.now_wall_ns = IN_2026};

		at(&time, date(0, dates[i].month, dates[i].day, 36672 * S));
		assert_int_equal(time.year, dates[i].year);
	}
}

static void years_end_between_two_lines(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026};
	uint64_t december = at(&time, date(0, 12, 31, 86399 * S));

	(void)state;
	assert_int_equal(at(&time, date(0, 1, 1, S)), december + 2 * S);
	assert_int_equal(time.year, 2026);
	/* two lines that swapped places over the end of a month are no new year */
	at(&time, date(0, 3, 1, 0));
	at(&time, date(0, 2, 28, 86399 * S + S / 2));
	assert_int_equal(time.year, 2026);
	assert_int_equal(time.back, 0);
}

static void time_does_not_go_back(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026};

	(void)state;
	at(&time, date(2026, 11, 2, 100 * S));
	assert_int_equal(at(&time, date(2026, 11, 2, 99 * S)), S);
	assert_int_equal(time.back, 0);
	assert_int_equal(at(&time, date(2026, 11, 2, 50 * S)), S);
	assert_int_equal(at(&time, date(2025, 11, 2, 50 * S)), S);
	assert_int_equal(time.back, 2);
	assert_int_equal(at(&time, date(2026, 11, 2, 102 * S)), 3 * S);
	assert_int_equal(at(&time, date(2026, 11, 2, 50 * S)), 3 * S);
	assert_int_equal(time.back, 3);
}

static void another_boot_goes_on(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026};

	(void)state;
	at(&time, boot(100 * S));
	assert_int_equal(at(&time, boot(99 * S + S / 2)), 100 * S);
	assert_int_equal(time.boots, 0);
	assert_int_equal(at(&time, boot(2 * S)), 100 * S);
	assert_int_equal(at(&time, boot(5 * S)), 103 * S);
	assert_int_equal(at(&time, boot(S)), 103 * S);
	assert_int_equal(time.boots, 2);
	assert_int_equal(time.back, 0);
}

static void lines_without_a_time_keep_their_place(void **state)
{
	const struct log_stamp none = {.kind = STAMP_NONE};
	struct log_time time = {.now_wall_ns = IN_2026};

	(void)state;
	assert_int_equal(at(&time, none), 0);
	assert_int_equal(at(&time, (struct log_stamp){.kind = STAMP_AFTER, .ns = 5}), 0);
	at(&time, boot(3 * S));
	assert_int_equal(at(&time, none), 3 * S);
	assert_int_equal(time.undated, 3);
	assert_int_equal(at(&time, (struct log_stamp){.kind = STAMP_AFTER, .ns = 5}), 3 * S + 5);
	assert_int_equal(time.undated, 3);
}

/* Nothing tells how the two clocks stood to each other. */
static void clocks_are_not_mixed(void **state)
{
	struct log_time boots = {.now_wall_ns = IN_2026}, walls = {.now_wall_ns = IN_2026};

	(void)state;
	at(&boots, boot(3 * S));
	assert_int_equal(at(&boots, date(2026, 11, 2, 0)), 3 * S);
	assert_false(boots.has_origin);
	assert_int_equal(boots.undated, 1);
	at(&walls, date(2026, 11, 2, 0));
	assert_int_equal(at(&walls, boot(3 * S)), S);
	assert_int_equal(walls.undated, 1);
}

static void impossible_dates_are_none(void **state)
{
	struct log_time time = {.now_wall_ns = IN_2026};

	(void)state;
	assert_int_equal(at(&time, date(9999, 1, 1, 0)), 0);
	assert_int_equal(at(&time, date(1970, 1, 1, 0)), 0);
	assert_int_equal(at(&time, (struct log_stamp){.kind = STAMP_EPOCH, .ns = 5}), 0);
	assert_int_equal(time.undated, 3);
	assert_false(time.has_origin);
}

/* A few lines of garbage add up to more than a clock has. */
static void the_timeline_ends_where_clocks_do(void **state)
{
	const uint64_t late = 9000000000 * S;
	struct log_time boots = {.now_wall_ns = IN_2026}, walls = {.now_wall_ns = IN_2026};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(at(&boots, boot(late)), late);
		assert_int_equal(at(&boots, boot(S)), late);
	}
	assert_int_equal(boots.undated, 2);
	at(&walls, date(2026, 11, 2, 0));
	assert_int_equal(at(&walls, (struct log_stamp){.kind = STAMP_AFTER, .ns = late}), S);
	assert_int_equal(walls.undated, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monotonic_times_are_the_timeline),
		cmocka_unit_test(wall_times_are_counted_from_the_first),
		cmocka_unit_test(dates_are_those_of_the_calendar),
		cmocka_unit_test(the_zone_of_the_log_is_kept),
		cmocka_unit_test(a_missing_year_is_the_newest_past_one),
		cmocka_unit_test(years_end_between_two_lines),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(another_boot_goes_on),
		cmocka_unit_test(lines_without_a_time_keep_their_place),
		cmocka_unit_test(clocks_are_not_mixed),
		cmocka_unit_test(impossible_dates_are_none),
		cmocka_unit_test(the_timeline_ends_where_clocks_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
