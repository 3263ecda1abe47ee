// SPDX-License-Identifier: GPL-2.0-or-later
/* collect: each way from one mode to the other, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/collect.h"

#define SECOND 1000000000ull

static const double LOW = 12000, HIGH = 120000;

static struct collect collect;

static void begin(enum collect_choice choice, bool can_events, bool can_count)
{
	collect_init(&collect, choice, can_events, can_count);
}

static void is(enum collect_mode mode, const char *reason)
{
	assert_int_equal(collect.mode, mode);
	assert_string_equal(collect.reason, reason);
}

static void auto_counts_for_one_tick(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, true);
	is(COLLECT_COUNTS, "until the rate is known");
	assert_true(collect_tick(&collect, SECOND, LOW, false));
	is(COLLECT_EVENTS, "below 50 k/s");
	assert_false(collect_tick(&collect, 2 * SECOND, 850, false));
	is(COLLECT_EVENTS, "below 50 k/s");
}

static void auto_goes_on_to_count_where_it_is_busy(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, true);
	assert_false(collect_tick(&collect, SECOND, HIGH, false));
	is(COLLECT_COUNTS, "above 50 k/s");
}

static void auto_counts_above_the_limit_until_it_is_calm(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, true);
	collect_tick(&collect, SECOND, LOW, false);
	assert_false(collect_tick(&collect, 2 * SECOND, COLLECT_LIMIT_PER_S, false));
	assert_true(collect_tick(&collect, 3 * SECOND, 1.2e6, false));
	is(COLLECT_COUNTS, "above 50 k/s");
	assert_false(collect_tick(&collect, 4 * SECOND, LOW, false));
	is(COLLECT_COUNTS, "events after 10 s of calm");
	assert_false(collect_tick(&collect, 4 * SECOND + COLLECT_CALM_NS - 1, LOW, false));
	assert_true(collect_tick(&collect, 4 * SECOND + COLLECT_CALM_NS, LOW, false));
	is(COLLECT_EVENTS, "below 50 k/s");
}

static void one_busy_tick_starts_the_wait_anew(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, true);
	collect_tick(&collect, SECOND, HIGH, false);
	collect_tick(&collect, 2 * SECOND, LOW, false);
	collect_tick(&collect, 3 * SECOND, HIGH, false);
	collect_tick(&collect, 4 * SECOND, LOW, false);
	assert_false(collect_tick(&collect, 2 * SECOND + COLLECT_CALM_NS, LOW, false));
	assert_true(collect_tick(&collect, 4 * SECOND + COLLECT_CALM_NS, LOW, false));
}

static void auto_counts_when_records_are_lost(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, true);
	collect_tick(&collect, SECOND, LOW, false);
	assert_true(collect_tick(&collect, 2 * SECOND, LOW, true));
	is(COLLECT_COUNTS, "records were lost");
	assert_false(collect_tick(&collect, 3 * SECOND, LOW, false));
	is(COLLECT_COUNTS, "events after 10 s of calm");
	assert_true(collect_tick(&collect, 3 * SECOND + COLLECT_CALM_NS, LOW, false));
	is(COLLECT_EVENTS, "below 50 k/s");
}

static void what_a_histogram_dropped_is_no_calm(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, true);
	assert_false(collect_tick(&collect, SECOND, LOW, true));
	is(COLLECT_COUNTS, "records were lost");
	assert_false(collect_tick(&collect, 2 * SECOND, LOW, false));
	assert_false(collect_tick(&collect, SECOND + COLLECT_CALM_NS, LOW, false));
	assert_true(collect_tick(&collect, 2 * SECOND + COLLECT_CALM_NS, LOW, false));
}

static void events_that_were_asked_for_stay(void **state)
{
	(void)state;
	begin(CHOICE_EVENTS, true, true);
	is(COLLECT_EVENTS, "asked for");
	assert_false(collect_tick(&collect, SECOND, HIGH, false));
	is(COLLECT_EVENTS, "asked for");
	assert_false(collect_tick(&collect, 2 * SECOND, HIGH, true));
	is(COLLECT_EVENTS, "asked for, records are being lost");
	assert_false(collect_tick(&collect, 3 * SECOND, HIGH, false));
	is(COLLECT_EVENTS, "asked for");
}

static void counts_that_were_asked_for_stay(void **state)
{
	(void)state;
	begin(CHOICE_COUNTS, true, true);
	is(COLLECT_COUNTS, "asked for");
	for (uint64_t i = 1; i < 30; i++)
		assert_false(collect_tick(&collect, i * SECOND, 0, false));
	is(COLLECT_COUNTS, "asked for");
}

static void without_histograms_all_is_events(void **state)
{
	(void)state;
	begin(CHOICE_AUTO, true, false);
	is(COLLECT_EVENTS, "this kernel has no histograms");
	assert_false(collect_tick(&collect, SECOND, HIGH, true));
	is(COLLECT_EVENTS, "this kernel has no histograms");
	begin(CHOICE_COUNTS, true, false);
	is(COLLECT_EVENTS, "this kernel has no histograms");
	begin(CHOICE_EVENTS, true, false);
	is(COLLECT_EVENTS, "asked for");
}

static void without_probes_there_are_tracepoints(void **state)
{
	(void)state;
	for (unsigned int choice = 0; choice < CHOICE_COUNT; choice++) {
		begin((enum collect_choice)choice, false, true);
		is(COLLECT_TRACEPOINTS, "no probes");
		assert_false(collect_tick(&collect, SECOND, HIGH, true));
		is(COLLECT_TRACEPOINTS, "no probes");
	}
}

static void another_choice_follows_at_once(void **state)
{
	(void)state;
	begin(CHOICE_EVENTS, true, true);
	collect_choose(&collect, CHOICE_COUNTS, SECOND);
	is(COLLECT_COUNTS, "asked for");
	collect_choose(&collect, CHOICE_EVENTS, SECOND);
	is(COLLECT_EVENTS, "asked for");
}

static void auto_goes_on_from_what_was_chosen(void **state)
{
	(void)state;
	begin(CHOICE_EVENTS, true, true);
	collect_choose(&collect, CHOICE_AUTO, SECOND);
	is(COLLECT_EVENTS, "until the rate is known");
	assert_false(collect_tick(&collect, 2 * SECOND, LOW, false));
	is(COLLECT_EVENTS, "below 50 k/s");
	collect_choose(&collect, CHOICE_COUNTS, 3 * SECOND);
	collect_choose(&collect, CHOICE_AUTO, 20 * SECOND);
	is(COLLECT_COUNTS, "until the rate is known");
	assert_false(collect_tick(&collect, 21 * SECOND, LOW, false));
	assert_true(collect_tick(&collect, 20 * SECOND + COLLECT_CALM_NS, LOW, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auto_counts_for_one_tick),
		cmocka_unit_test(auto_goes_on_to_count_where_it_is_busy),
		cmocka_unit_test(auto_counts_above_the_limit_until_it_is_calm),
		cmocka_unit_test(one_busy_tick_starts_the_wait_anew),
		cmocka_unit_test(auto_counts_when_records_are_lost),
		cmocka_unit_test(what_a_histogram_dropped_is_no_calm),
		cmocka_unit_test(events_that_were_asked_for_stay),
		cmocka_unit_test(counts_that_were_asked_for_stay),
		cmocka_unit_test(without_histograms_all_is_events),
		cmocka_unit_test(without_probes_there_are_tracepoints),
		cmocka_unit_test(another_choice_follows_at_once),
		cmocka_unit_test(auto_goes_on_from_what_was_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
