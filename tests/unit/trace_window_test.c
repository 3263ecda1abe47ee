// SPDX-License-Identifier: GPL-2.0-or-later
/* trace_window: times are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sources/trace_window.h"

#define START_NS  7000000000ull
#define SECOND_NS 1000000000ull

static void nobody_asked(void **state)
{
	struct trace_window window = {0};

	(void)state;
	assert_int_equal(trace_window_step(&window, START_NS), WINDOW_STAYS);
	trace_window_done(&window);
	assert_int_equal(trace_window_step(&window, START_NS), WINDOW_STAYS);
}

static void the_first_opens_at_once_and_closes_when_all_is_read(void **state)
{
	struct trace_window window = {0};

	(void)state;
	trace_window_ask(&window, false);
	assert_int_equal(trace_window_step(&window, START_NS), WINDOW_OPENS);
	assert_false(window.calls);
	assert_int_equal(trace_window_step(&window, START_NS + 1), WINDOW_STAYS);
	trace_window_done(&window);
	assert_int_equal(trace_window_step(&window, START_NS + 2), WINDOW_CLOSES);
	assert_int_equal(trace_window_step(&window, START_NS + 100 * SECOND_NS), WINDOW_STAYS);
}

static void a_first_that_saw_too_little_is_repeated(void **state)
{
	struct trace_window window = {0};
	uint64_t second_ns = START_NS + WINDOW_NS + WINDOW_REST_NS;

	(void)state;
	trace_window_ask(&window, false);
	trace_window_step(&window, START_NS);
	assert_int_equal(trace_window_step(&window, START_NS + WINDOW_NS - 1), WINDOW_STAYS);
	assert_int_equal(trace_window_step(&window, START_NS + WINDOW_NS), WINDOW_CLOSES);
	assert_int_equal(trace_window_step(&window, second_ns - 1), WINDOW_STAYS);
	assert_int_equal(trace_window_step(&window, second_ns), WINDOW_OPENS);
	trace_window_done(&window); /* some other walk's */
	assert_int_equal(trace_window_step(&window, second_ns + WINDOW_NS - 1), WINDOW_STAYS);
	assert_int_equal(trace_window_step(&window, second_ns + WINDOW_NS), WINDOW_CLOSES);
	assert_int_equal(trace_window_step(&window, START_NS + 100 * SECOND_NS), WINDOW_STAYS);
}

static void a_third_waits_for_its_minute(void **state)
{
	struct trace_window window = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		trace_window_ask(&window, false);
		assert_int_equal(trace_window_step(&window, START_NS + i * 10 * SECOND_NS),
		                 WINDOW_OPENS);
		trace_window_done(&window);
		trace_window_step(&window, START_NS + i * 10 * SECOND_NS + WINDOW_NS);
	}
	trace_window_ask(&window, false);
	assert_int_equal(trace_window_step(&window, START_NS + 60 * SECOND_NS - 1), WINDOW_STAYS);
	assert_int_equal(trace_window_step(&window, START_NS + 60 * SECOND_NS), WINDOW_OPENS);
}

/* Asked all the time, over ten minutes of drains: the promise made to the watched machine. */
static void never_longer_than_a_second_never_more_than_twice_a_minute(void **state)
{
	struct trace_window window = {0};
	uint64_t opened[64];
	unsigned int count = 0;

	(void)state;
	for (uint64_t now_ns = START_NS; now_ns < START_NS + 600 * SECOND_NS;
	     now_ns += SECOND_NS / 10) {
		enum window_step step;

		trace_window_ask(&window, true);
		step = trace_window_step(&window, now_ns);
		if (step == WINDOW_OPENS)
			opened[count++] = now_ns;
		if (step == WINDOW_CLOSES)
			assert_true(now_ns - opened[count - 1] < SECOND_NS);
	}
	assert_in_range(count, 18, 20);
	for (unsigned int i = 2; i < count; i++)
		assert_true(opened[i] - opened[i - 2] >= 60 * SECOND_NS);
}

static void calls_are_for_one_window(void **state)
{
	struct trace_window window = {0};

	(void)state;
	trace_window_ask(&window, true);
	trace_window_ask(&window, false);
	trace_window_step(&window, START_NS);
	assert_true(window.calls);
	trace_window_ask(&window, false); /* while it is open: one more afterwards */
	trace_window_done(&window);
	assert_int_equal(trace_window_step(&window, START_NS + 1), WINDOW_CLOSES);
	assert_int_equal(trace_window_step(&window, START_NS + 1 + WINDOW_REST_NS), WINDOW_OPENS);
	assert_false(window.calls);
}

static void who_stops_ends_it_and_asks_again(void **state)
{
	struct trace_window window = {0};

	(void)state;
	assert_false(trace_window_end(&window, START_NS));
	trace_window_ask(&window, true);
	trace_window_step(&window, START_NS);
	assert_true(trace_window_end(&window, START_NS + 1));
	assert_false(window.open);
	assert_false(trace_window_end(&window, START_NS + 2));
	assert_int_equal(trace_window_step(&window, START_NS + 1 + WINDOW_REST_NS), WINDOW_OPENS);
	assert_true(window.calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_asked),
		cmocka_unit_test(the_first_opens_at_once_and_closes_when_all_is_read),
		cmocka_unit_test(a_first_that_saw_too_little_is_repeated),
		cmocka_unit_test(a_third_waits_for_its_minute),
		cmocka_unit_test(never_longer_than_a_second_never_more_than_twice_a_minute),
		cmocka_unit_test(calls_are_for_one_window),
		cmocka_unit_test(who_stops_ends_it_and_asks_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
