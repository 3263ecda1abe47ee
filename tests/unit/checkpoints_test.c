// SPDX-License-Identifier: GPL-2.0-or-later
/* checkpoints: which moments are kept, how many, and which one is the best to start from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoints.h"
#include "scene.h"
#include "util.h"

static const struct model_limits tiny = {.faults = 1, .log = 1, .tasks = 1, .transitions = 1};

struct playback_place {
	uint64_t time_ns;
};

static size_t places;

static void free_place(struct playback_place *place)
{
	places--;
	free(place);
}

static struct playback_place *make_place(uint64_t time_ns)
{
	struct playback_place *place = xmalloc(sizeof(*place));

	place->time_ns = time_ns;
	places++;
	return place;
}

/* A recording with a tick a second. */
struct course {
	struct checkpoints *checkpoints;
	struct model *model;
	uint64_t now_s, events;
	size_t made, copied_bytes;
};

static struct course begin(const struct checkpoint_limits *limits)
{
	places = 0;
	return (struct course){.checkpoints = checkpoints_new(limits, free_place),
	                       .model = model_new(&tiny)};
}

static void end(struct course *course)
{
	checkpoints_free(course->checkpoints);
	model_free(course->model);
	assert_int_equal(places, 0);
}

static void play(struct course *course, uint64_t seconds, uint64_t events)
{
	for (; seconds; seconds--) {
		course->now_s++;
		course->events += events;
		say_tick(course->model, course->now_s * SECOND);
		if (!checkpoints_is_due(course->checkpoints, course->now_s * SECOND,
		                        course->events))
			continue;
		checkpoints_add(course->checkpoints, course->now_s * SECOND, course->events,
		                course->model, make_place(course->now_s), 100);
		course->made++;
		course->copied_bytes += model_bytes(course->model);
	}
}

/* Seconds of the one to start from for this time. */
static uint64_t start_of(const struct course *course, uint64_t seconds)
{
	const struct checkpoint *start = checkpoints_before(course->checkpoints, seconds * SECOND);

	return start ? start->time_ns / SECOND : 0;
}

static const struct checkpoint_limits four = {
	.count = 4, .bytes = SIZE_MAX, .spacing_ns = 10 * SECOND, .bytes_an_event = 1 << 30};

static void one_has_to_be_some_time_behind_the_other(void **state)
{
	struct course course = begin(&four);

	(void)state;
	assert_null(checkpoints_before(course.checkpoints, UINT64_MAX));
	play(&course, 25, 1);
	assert_int_equal(checkpoints_count(course.checkpoints), 3); /* 1, 11, 21 */
	assert_int_equal(start_of(&course, 0), 0);
	assert_null(checkpoints_before(course.checkpoints, SECOND - 1));
	assert_int_equal(start_of(&course, 1), 1);
	assert_int_equal(start_of(&course, 10), 1);
	assert_int_equal(start_of(&course, 11), 11);
	assert_int_equal(start_of(&course, 1000), 21);
	end(&course);
}

static void when_it_is_full_every_second_one_goes(void **state)
{
	struct course course = begin(&four);

	(void)state;
	play(&course, 31, 1); /* 1, 11, 21, 31: full */
	assert_int_equal(checkpoints_count(course.checkpoints), 2);
	assert_int_equal(start_of(&course, 20), 1);
	assert_int_equal(start_of(&course, 1000), 21);
	play(&course, 9, 1); /* 40 */
	assert_int_equal(course.made, 4);
	play(&course, 1, 1);
	assert_int_equal(course.made, 5);
	assert_int_equal(start_of(&course, 1000), 41);
	play(&course, 20, 1); /* 61: full again */
	assert_int_equal(checkpoints_count(course.checkpoints), 2);
	assert_int_equal(start_of(&course, 40), 1);
	assert_int_equal(start_of(&course, 1000), 41);
	play(&course, 19, 1);
	assert_int_equal(course.made, 6);
	play(&course, 1, 1);
	assert_int_equal(start_of(&course, 1000), 81);
	end(&course);
}

/* However long it gets: never more than allowed, the first stays, no gap is out of proportion. */
static void they_stay_evenly_apart(void **state)
{
	struct checkpoint_limits limits = four;
	struct course course;

	(void)state;
	limits.count = 16;
	course = begin(&limits);
	for (int i = 0; i < 200; i++) {
		play(&course, 97, 3);
		assert_true(checkpoints_count(course.checkpoints) < 16);
		assert_int_equal(start_of(&course, 9), 1);
		for (uint64_t at = 1; at <= course.now_s; at += 50)
			assert_true(at - start_of(&course, at) <= 10 + course.now_s / 4);
	}
	/* Of so many that were made, most went: as often as not twice as far apart. */
	assert_true(course.made < 16 * 12);
	end(&course);
}

static void memory_is_bounded_like_their_number(void **state)
{
	struct checkpoint_limits limits = four;
	struct course course;
	size_t one;

	(void)state;
	limits.count = 1000;
	course = begin(&limits);
	one = model_bytes(course.model) + 100;
	end(&course);
	limits.bytes = 5 * one;
	course = begin(&limits);
	for (int i = 0; i < 100; i++) {
		play(&course, 30, 1);
		assert_true(checkpoints_bytes(course.checkpoints) <= limits.bytes);
		assert_int_equal(checkpoints_bytes(course.checkpoints),
		                 checkpoints_count(course.checkpoints) * one);
	}
	assert_int_equal(start_of(&course, 9), 1);
	assert_true(checkpoints_count(course.checkpoints) >= 2);
	end(&course);
}

/* Where not even one has room, the first is there all the same; and trying gets rare. */
static void the_first_always_stays(void **state)
{
	struct checkpoint_limits limits = four;
	struct course course;

	(void)state;
	limits.bytes = 1;
	course = begin(&limits);
	play(&course, 10000, 1);
	assert_int_equal(checkpoints_count(course.checkpoints), 1);
	assert_int_equal(start_of(&course, 10000), 1);
	assert_true(course.made <= 12);
	end(&course);
}

/* What is copied is so much an event, whether an hour passes in it or a second. */
static void copying_is_a_share_of_what_is_heard(void **state)
{
	struct checkpoint_limits limits = four;
	struct course course;

	(void)state;
	limits.count = 1000;
	limits.spacing_ns = 1;
	limits.bytes_an_event = 32;
	course = begin(&limits);
	play(&course, 20000, 20);
	assert_true(course.made > 10);
	assert_true(course.copied_bytes <= course.events * 32 + 2 * model_bytes(course.model));
	/* And no more events lie behind one than pay for it. */
	for (uint64_t at = 2; at < 20000; at += 100) {
		const struct checkpoint *start =
			checkpoints_before(course.checkpoints, at * SECOND);

		assert_true(at * 20 - start->events <= start->bytes / 32 + 20);
	}
	end(&course);
}

/* What is played a second time has its moments already. */
static void gone_back_none_is_made_twice(void **state)
{
	struct course course = begin(&four);

	(void)state;
	play(&course, 25, 1);
	course.now_s = course.events = 11;
	play(&course, 19, 1); /* 30 */
	assert_int_equal(course.made, 3);
	play(&course, 1, 1);
	assert_int_equal(course.made, 4);
	end(&course);
}

static void a_model_is_kept_as_it_was(void **state)
{
	struct course course = begin(&four);
	const struct checkpoint *start;
	struct snapshot snap = {0};

	(void)state;
	play(&course, 25, 1);
	start = checkpoints_before(course.checkpoints, 15 * SECOND);
	look(start->model, &snap);
	assert_int_equal(snap.now_ns, 11 * SECOND);
	assert_int_equal(snap.ticks, 11);
	assert_int_equal(start->place->time_ns, 11);
	assert_int_equal(start->events, 11);
	snapshot_release(&snap);
	end(&course);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_has_to_be_some_time_behind_the_other),
		cmocka_unit_test(when_it_is_full_every_second_one_goes),
		cmocka_unit_test(they_stay_evenly_apart),
		cmocka_unit_test(memory_is_bounded_like_their_number),
		cmocka_unit_test(the_first_always_stays),
		cmocka_unit_test(copying_is_a_share_of_what_is_heard),
		cmocka_unit_test(gone_back_none_is_made_twice),
		cmocka_unit_test(a_model_is_kept_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
