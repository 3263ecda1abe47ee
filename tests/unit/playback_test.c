// SPDX-License-Identifier: GPL-2.0-or-later
/* playback: which events of a recording are due, by its pace and by what was wished. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "playback.h"
#include "scratch.h"
#include "sinks/record.h"
#include "util.h"

#define SECOND 1000000000ull
#define BEGIN  (500 * SECOND)
#define NOW    (7777 * SECOND)
#define TICKS  60

/* A minute: at each second a tick, half a second before it a map. */
static int make_recording(void **state)
{
	struct error err;
	struct record *record;

	(void)state;
	make_scratch();
	record = record_open(path, &err);
	assert_non_null(record);
	for (uint64_t i = 0; i < TICKS; i++) {
		struct event tick = {.ts_ns = BEGIN + i * SECOND, .kind = EVENT_TICK};
		struct event map = {.ts_ns = tick.ts_ns + SECOND / 2, .kind = EVENT_MAP};

		assert_int_equal(record_event(record, &tick, &err), 0);
		assert_int_equal(record_event(record, &map, &err), 0);
	}
	assert_int_equal(record_close(record, &err), 0);
	return 0;
}

static struct playback *begin(uint32_t speed)
{
	struct error err;
	struct playback *playback = playback_open(path, 1000000000u, speed, &err);

	assert_non_null(playback);
	return playback;
}

static void keep_last(void *context, const struct event *ev)
{
	struct event *last = context;

	*last = *ev;
}

static bool next_due(struct playback *playback, uint64_t now_ns, struct event *ev)
{
	const struct event_sink sink = {.emit = keep_last, .context = ev};

	return playback_take(playback, now_ns, 1, &sink);
}

static size_t due(struct playback *playback, uint64_t now_ns)
{
	size_t count = 0, taken;

	while ((taken = playback_take(playback, now_ns, SIZE_MAX, &event_nowhere)))
		count += taken;
	return count;
}

static void at_most_speed_all_is_due(void **state)
{
	struct playback *playback = begin(SPEED_MAX);

	(void)state;
	assert_int_equal(playback_due_ns(playback), 0);
	assert_int_equal(due(playback, NOW), 2 * TICKS);
	assert_true(playback_ended(playback));
	assert_int_equal(playback_due_ns(playback), UINT64_MAX);
	assert_int_equal(playback_position(playback), 1000);
	playback_close(playback);
}

static void at_its_own_pace_a_second_is_a_second(void **state)
{
	struct playback *playback = begin(SPEED_OWN);

	(void)state;
	assert_int_equal(due(playback, NOW), 1);
	assert_int_equal(playback_due_ns(playback), NOW + SECOND / 2);
	assert_int_equal(due(playback, NOW + SECOND / 2 - 1), 0);
	assert_int_equal(due(playback, NOW + SECOND / 2), 1);
	assert_int_equal(due(playback, NOW + 10 * SECOND), 19);
	assert_int_equal(playback_elapsed_ns(playback), 10 * SECOND);
	playback_close(playback);
}

static void twice_as_fast_it_is_half_a_second(void **state)
{
	struct playback *playback = begin(2 * SPEED_OWN);

	(void)state;
	due(playback, NOW);
	assert_int_equal(due(playback, NOW + 5 * SECOND), 20);
	assert_int_equal(playback_due_ns(playback), NOW + 5 * SECOND + SECOND / 4);
	playback_close(playback);
}

static void held_it_stands_and_goes_on_from_there(void **state)
{
	struct playback *playback = begin(SPEED_OWN);

	(void)state;
	due(playback, NOW);
	due(playback, NOW + 3 * SECOND);
	playback_hold(playback, true);
	assert_true(playback_is_held(playback));
	assert_int_equal(due(playback, NOW + 50 * SECOND), 0);
	assert_int_equal(playback_due_ns(playback), UINT64_MAX);
	playback_hold(playback, false);
	assert_int_equal(due(playback, NOW + 60 * SECOND), 0);
	assert_int_equal(due(playback, NOW + 61 * SECOND), 2);
	playback_close(playback);
}

static void a_step_ends_with_a_tick(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct event ev;

	(void)state;
	due(playback, NOW);
	playback_step(playback);
	assert_int_equal(playback_due_ns(playback), 0);
	assert_true(next_due(playback, NOW, &ev));
	assert_int_equal(ev.kind, EVENT_MAP);
	assert_true(next_due(playback, NOW, &ev));
	assert_int_equal(ev.kind, EVENT_TICK);
	assert_false(next_due(playback, NOW, &ev));
	assert_true(playback_is_held(playback));
	assert_int_equal(playback_elapsed_ns(playback), SECOND);
	playback_close(playback);
}

static void it_leaps_on_and_back(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	assert_int_equal(playback_go(playback, PLACE_FORWARD, NULL, &err), 0);
	assert_true(playback_is_leaping(playback));
	assert_int_equal(due(playback, NOW), 20);
	assert_false(playback_is_leaping(playback));
	assert_int_equal(playback_elapsed_ns(playback), 10 * SECOND);
	/* Its pace goes on from there. */
	assert_int_equal(due(playback, NOW + SECOND), 0);
	assert_int_equal(due(playback, NOW + 2 * SECOND), 2);

	assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), 1);
	assert_int_equal(due(playback, NOW), 3);
	assert_int_equal(playback_elapsed_ns(playback), SECOND);

	assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), 1);
	assert_int_equal(due(playback, NOW), 1);
	assert_int_equal(playback_elapsed_ns(playback), 0);
	playback_close(playback);
}

/* Of keys that come faster than they can be obeyed each counts. */
static void leaps_add_up(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	for (int i = 0; i < 4; i++)
		assert_int_equal(playback_go(playback, PLACE_FORWARD, NULL, &err), 0);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 40 * SECOND);
	for (int i = 0; i < 3; i++)
		assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), 1);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 10 * SECOND);
	assert_int_equal(playback_go(playback, PLACE_BEGINNING, NULL, &err), 1);
	assert_int_equal(playback_go(playback, PLACE_FORWARD, NULL, &err), 0);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 10 * SECOND);
	playback_close(playback);
}

/* A step, too: it begins where the way ends, be that a place or another step. */
static void steps_add_up(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	due(playback, NOW + 30 * SECOND);
	assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), 1);
	playback_step(playback);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 21 * SECOND);
	assert_false(playback_is_leaping(playback));
	for (int i = 0; i < 3; i++)
		playback_step(playback);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 24 * SECOND);
	assert_int_equal(playback_go(playback, PLACE_BEGINNING, NULL, &err), 1);
	playback_step(playback);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), SECOND);
	/* Whoever goes elsewhere meanwhile takes none of them along. */
	playback_step(playback);
	playback_step(playback);
	assert_int_equal(playback_go(playback, PLACE_FORWARD, NULL, &err), 0);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 11 * SECOND);
	assert_int_equal(playback_go(playback, PLACE_END, NULL, &err), 0);
	playback_step(playback);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), 12 * SECOND);
	playback_close(playback);
}

static void behind_the_end_there_is_nothing_to_go_on_to(void **state)
{
	const uint64_t length_ns = (TICKS - 1) * SECOND + SECOND / 2;
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	playback_go(playback, PLACE_END, NULL, &err);
	due(playback, NOW);
	assert_true(playback_ended(playback));
	playback_step(playback);
	assert_false(playback_is_leaping(playback));
	for (int i = 0; i < 3; i++)
		assert_int_equal(playback_go(playback, PLACE_FORWARD, NULL, &err), 0);
	assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), 1);
	due(playback, NOW);
	assert_int_equal(playback_elapsed_ns(playback), length_ns - PLAYBACK_LEAP_NS);
	playback_close(playback);
}

static void to_the_end_and_to_the_beginning(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	assert_int_equal(playback_go(playback, PLACE_END, NULL, &err), 0);
	assert_int_equal(due(playback, NOW), 2 * TICKS - 1);
	assert_true(playback_ended(playback));
	playback_hold(playback, true);
	assert_false(playback_is_held(playback));
	playback_hold(playback, false);
	assert_int_equal(playback_go(playback, PLACE_BEGINNING, NULL, &err), 1);
	assert_false(playback_ended(playback));
	assert_int_equal(due(playback, NOW), 1);
	playback_close(playback);
}

static void held_it_leaps_all_the_same_and_stays_held(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	playback_hold(playback, true);
	assert_int_equal(playback_go(playback, PLACE_FORWARD, NULL, &err), 0);
	assert_int_equal(due(playback, NOW), 20);
	assert_true(playback_is_held(playback));
	assert_int_equal(due(playback, NOW + 100 * SECOND), 0);
	playback_close(playback);
}

/* Whoever was at a place goes on from there, at the recording's pace. */
static void a_place_is_come_back_to(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct playback_place *place;
	struct error err;

	(void)state;
	due(playback, NOW);
	due(playback, NOW + 20 * SECOND);
	place = playback_here(playback);
	assert_non_null(place);
	assert_int_equal(playback_place_ns(place), BEGIN + 20 * SECOND);
	assert_true(playback_place_bytes(place) > 0);
	playback_go(playback, PLACE_END, NULL, &err);
	due(playback, NOW);
	assert_true(playback_ended(playback));
	assert_int_equal(playback_leap_ns(playback, PLACE_BACK),
	                 BEGIN + (TICKS - 1) * SECOND + SECOND / 2 - PLAYBACK_LEAP_NS);

	assert_int_equal(playback_return(playback, place, &err), 0);
	assert_false(playback_ended(playback));
	assert_int_equal(playback_elapsed_ns(playback), 20 * SECOND);
	assert_int_equal(due(playback, NOW), 0);
	assert_int_equal(due(playback, NOW + SECOND), 2);
	/* It is still there. */
	assert_int_equal(playback_return(playback, place, &err), 0);
	assert_int_equal(playback_elapsed_ns(playback), 20 * SECOND);
	playback_place_free(place);
	playback_close(playback);
}

/* From the beginning it is three times as far. */
static void it_leaps_back_from_a_place(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct playback_place *place;
	struct error err;

	(void)state;
	due(playback, NOW);
	due(playback, NOW + 15 * SECOND);
	place = playback_here(playback);
	due(playback, NOW + 30 * SECOND);
	assert_int_equal(playback_leap_ns(playback, PLACE_BACK), BEGIN + 20 * SECOND);
	assert_int_equal(playback_go(playback, PLACE_BACK, place, &err), 1);
	assert_true(playback_is_leaping(playback));
	assert_int_equal(due(playback, NOW), 10);
	assert_false(playback_is_leaping(playback));
	assert_int_equal(playback_elapsed_ns(playback), 20 * SECOND);
	playback_place_free(place);
	playback_close(playback);
}

static void a_file_that_was_cut_is_not_gone_back_in(void **state)
{
	struct playback *playback = begin(SPEED_OWN);
	struct error err;

	(void)state;
	due(playback, NOW);
	due(playback, NOW + 15 * SECOND);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), -1);
	assert_non_null(strstr(err.text, "the file was cut"));
	assert_false(playback_is_leaping(playback));
	assert_int_equal(playback_elapsed_ns(playback), 15 * SECOND);
	playback_close(playback);
}

/* Traffic comes together, and nothing with a tick that is not before it. */
static void what_is_due_at_once_comes_together(void **state)
{
	struct playback *playback = begin(SPEED_MAX);

	(void)state;
	assert_int_equal(playback_take(playback, NOW, 1, &event_nowhere), 1);
	assert_int_equal(playback_take(playback, NOW, SIZE_MAX, &event_nowhere), 2);
	assert_int_equal(playback_take(playback, NOW, 1, &event_nowhere), 1);
	assert_int_equal(playback_take(playback, NOW, SIZE_MAX, &event_nowhere), 1);
	playback_close(playback);
}

/* What is at the other end of a pipe comes once. */
static void a_pipe_has_no_way_back(void **state)
{
	struct playback *playback;
	struct error err;
	int saved = dup(STDIN_FILENO), ends[2];
	const char header[] = "iommutop-recording 1\nt1 1\nt2", rest[] = " 1\n";

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], header, sizeof(header) - 1), sizeof(header) - 1);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	playback = playback_open("-", 1000000000u, SPEED_MAX, &err);
	assert_non_null(playback);
	assert_int_equal(playback_position(playback), -1);
	assert_null(playback_here(playback));
	/* Half of a line is none; it is waited for without standing still. */
	assert_int_equal(due(playback, NOW), 1);
	assert_int_equal(playback_waits_for(playback), STDIN_FILENO);
	assert_int_equal(playback_due_ns(playback), UINT64_MAX);
	assert_false(playback_ended(playback));
	assert_int_equal(write(ends[1], rest, sizeof(rest) - 1), sizeof(rest) - 1);
	assert_int_equal(due(playback, NOW), 1);
	assert_int_equal(playback_go(playback, PLACE_END, NULL, &err), 0);
	assert_int_equal(due(playback, NOW), 0);
	close(ends[1]);
	assert_int_equal(due(playback, NOW), 0);
	assert_true(playback_ended(playback));
	assert_int_equal(playback_waits_for(playback), -1);
	assert_int_equal(playback_go(playback, PLACE_BACK, NULL, &err), -1);
	assert_string_equal(err.text, "a pipe cannot be gone back in: save it to a file");
	playback_close(playback);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

#define recording_test(name) cmocka_unit_test_setup_teardown(name, make_recording, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		recording_test(at_most_speed_all_is_due),
		recording_test(at_its_own_pace_a_second_is_a_second),
		recording_test(twice_as_fast_it_is_half_a_second),
		recording_test(held_it_stands_and_goes_on_from_there),
		recording_test(a_step_ends_with_a_tick),
		recording_test(it_leaps_on_and_back),
		recording_test(leaps_add_up),
		recording_test(steps_add_up),
		recording_test(behind_the_end_there_is_nothing_to_go_on_to),
		recording_test(to_the_end_and_to_the_beginning),
		recording_test(held_it_leaps_all_the_same_and_stays_held),
		cmocka_unit_test(a_pipe_has_no_way_back),
		recording_test(a_place_is_come_back_to),
		recording_test(it_leaps_back_from_a_place),
		recording_test(a_file_that_was_cut_is_not_gone_back_in),
		recording_test(what_is_due_at_once_comes_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
