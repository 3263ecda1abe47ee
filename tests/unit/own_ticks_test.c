// SPDX-License-Identifier: GPL-2.0-or-later
/* own_ticks: ticks by the time of the events, and times that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/own_ticks.h"

#define SECOND    1000000000u
#define SEEN_MOST 256

struct seen {
	struct event events[SEEN_MOST];
	size_t count;
};

static void see(void *context, const struct event *ev)
{
	struct seen *seen = context;

	assert_true(seen->count < SEEN_MOST);
	seen->events[seen->count++] = *ev;
}

static void pass(struct own_ticks *ticks, uint64_t ts_ns)
{
	const struct event ev = {.ts_ns = ts_ns, .kind = EVENT_MAP, .map = {.inside_ns = 7}};

	own_ticks_pass(ticks, &ev);
}

static void expect(const struct seen *seen, size_t at, uint8_t kind, uint64_t ts_ns)
{
	assert_true(at < seen->count);
	assert_int_equal(seen->events[at].kind, kind);
	assert_int_equal(seen->events[at].ts_ns, ts_ns);
}

static void a_tick_comes_each_delay(void **state)
{
	struct seen seen = {0};
	struct own_ticks ticks = {
		.out = {.emit = see, .context = &seen}, .delay_ns = SECOND, .wall_offset_ns = 100};

	(void)state;
	pass(&ticks, 50);
	own_ticks_begin(&ticks);
	pass(&ticks, SECOND + 50); /* what ends an interval is of it */
	pass(&ticks, SECOND + 51);
	pass(&ticks, 4ull * SECOND);
	own_ticks_end(&ticks);
	own_ticks_end(&ticks); /* nothing has happened since */
	expect(&seen, 0, EVENT_MAP, 50);
	expect(&seen, 1, EVENT_TICK, 50);
	expect(&seen, 2, EVENT_MAP, SECOND + 50);
	expect(&seen, 3, EVENT_TICK, SECOND + 50);
	expect(&seen, 4, EVENT_MAP, SECOND + 51);
	expect(&seen, 5, EVENT_TICK, 2ull * SECOND + 50);
	expect(&seen, 6, EVENT_TICK, 3ull * SECOND + 50);
	expect(&seen, 7, EVENT_MAP, 4ull * SECOND);
	expect(&seen, 8, EVENT_TICK, 4ull * SECOND);
	assert_int_equal(seen.count, 9);
	assert_int_equal(seen.events[8].tick.wall_ns, 4ull * SECOND + 100);
	assert_int_equal(seen.events[7].map.inside_ns, 7);
}

/* Clocks leap, and a file may say anything. */
static void a_leap_has_two_ticks(void **state)
{
	struct seen seen = {0};
	struct own_ticks ticks = {.out = {.emit = see, .context = &seen}, .delay_ns = SECOND};
	const uint64_t day = 86400ull * SECOND;

	(void)state;
	pass(&ticks, 0);
	own_ticks_begin(&ticks);
	pass(&ticks, day + 5);
	pass(&ticks, UINT64_MAX);
	own_ticks_end(&ticks);
	expect(&seen, 2, EVENT_TICK, SECOND);
	expect(&seen, 3, EVENT_TICK, day);
	expect(&seen, 4, EVENT_MAP, day + 5);
	expect(&seen, 5, EVENT_TICK, day + SECOND);
	assert_true(seen.events[6].kind == EVENT_TICK && seen.events[6].ts_ns > day * 1000);
	assert_true(UINT64_MAX - seen.events[6].ts_ns <= SECOND);
	expect(&seen, 7, EVENT_MAP, UINT64_MAX);
	expect(&seen, 8, EVENT_TICK, UINT64_MAX);
	assert_int_equal(seen.count, 9);
}

static void without_a_clock_nothing_has_a_time(void **state)
{
	struct seen seen = {0};
	struct own_ticks ticks = {.out = {.emit = see, .context = &seen},
	                          .delay_ns = SECOND,
	                          .wall_offset_ns = 100,
	                          .timeless = true};

	(void)state;
	pass(&ticks, 5);
	own_ticks_begin(&ticks);
	pass(&ticks, 10ull * SECOND);
	own_ticks_end(&ticks);
	assert_int_equal(seen.count, 4);
	for (size_t i = 0; i < seen.count; i++)
		assert_int_equal(seen.events[i].ts_ns, 0);
	assert_int_equal(seen.events[3].tick.wall_ns, 0);
	assert_int_equal(seen.events[2].map.inside_ns, 0);
}

static void microseconds_do_not_tell_what_a_call_took(void **state)
{
	struct seen seen = {0};
	struct own_ticks ticks = {
		.out = {.emit = see, .context = &seen}, .delay_ns = SECOND, .coarse = true};

	(void)state;
	pass(&ticks, 5000);
	assert_int_equal(seen.events[0].ts_ns, 5000);
	assert_int_equal(seen.events[0].map.inside_ns, 0);
}

/* Some at once, whatever lies between them. */
static void together_they_are_what_they_are_one_by_one(void **state)
{
	static const uint64_t times_s[] = {1, 1, 2, 3, 3, 3, 7, 8, 400};
	enum { COUNT = sizeof(times_s) / sizeof(times_s[0]) };
	struct event events[COUNT] = {{0}};

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		events[i] = (struct event){.ts_ns = times_s[i] * SECOND, .kind = EVENT_MAP};
	for (size_t first = 1; first <= COUNT; first++) {
		struct seen one = {0}, all = {0};
		struct own_ticks a = {.out = {.emit = see, .context = &one}, .delay_ns = SECOND};
		struct own_ticks b = {.out = {.emit = see, .context = &all}, .delay_ns = SECOND};

		own_ticks_begin(&a);
		own_ticks_begin(&b);
		for (size_t i = 0; i < COUNT; i++)
			own_ticks_pass(&a, &events[i]);
		for (size_t i = 0; i < COUNT; i += first)
			own_ticks_pass_traffic(&b, events + i,
			                       COUNT - i < first ? COUNT - i : first);
		own_ticks_end(&a);
		own_ticks_end(&b);
		assert_int_equal(one.count, all.count);
		for (size_t i = 0; i < one.count; i++)
			expect(&all, i, one.events[i].kind, one.events[i].ts_ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_comes_each_delay),
		cmocka_unit_test(a_leap_has_two_ticks),
		cmocka_unit_test(without_a_clock_nothing_has_a_time),
		cmocka_unit_test(together_they_are_what_they_are_one_by_one),
		cmocka_unit_test(microseconds_do_not_tell_what_a_call_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
