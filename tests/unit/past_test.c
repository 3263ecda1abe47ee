// SPDX-License-Identifier: GPL-2.0-or-later
/* past: who goes back from a moment that was kept sees what one sees who hears all of it again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "past.h"
#include "picture.h"
#include "scene.h"
#include "scratch.h"
#include "sinks/record.h"
#include "util.h"

#define NOW (7777 * SECOND)

/* A recording that somebody watches: with a past, or hearing all of it again. */
struct seat {
	struct playback *playback;
	struct past *past; /* NULL: none */
	struct model *model;
	struct snapshot snap;
	struct ui ui;
	struct canvas canvas;
	size_t heard; /* all in all */
	bool tick;
};

static const struct checkpoint_limits few = {
	.count = 5, .bytes = SIZE_MAX, .spacing_ns = SECOND / 2, .bytes_an_event = 1 << 30};

static void on_event(void *context, const struct event *ev)
{
	struct seat *seat = context;

	model_apply(seat->model, ev);
	seat->tick = ev->kind == EVENT_TICK;
}

static void on_traffic(void *context, const struct event *events, size_t count)
{
	struct seat *seat = context;

	model_apply_traffic(seat->model, events, count);
	seat->tick = false;
}

static void open_seat(struct seat *seat, const char *name, const struct checkpoint_limits *limits)
{
	struct error err;

	*seat = (struct seat){.model = model_new(&model_default_limits)};
	seat->playback = playback_open(name, SECOND, SPEED_OWN, &err);
	assert_non_null(seat->playback);
	/* Only what is wished for comes. */
	playback_hold(seat->playback, true);
	if (limits)
		seat->past = past_new(seat->playback, limits);
	ui_init(&seat->ui, NO_GROUP);
}

static void close_seat(struct seat *seat)
{
	past_free(seat->past);
	playback_close(seat->playback);
	model_free(seat->model);
	snapshot_release(&seat->snap);
	ui_release(&seat->ui);
	canvas_release(&seat->canvas);
}

static void hear_due(struct seat *seat)
{
	const struct event_sink sink = {
		.emit = on_event, .context = seat, .emit_traffic = on_traffic};
	size_t taken;

	while ((taken = playback_take(seat->playback, NOW, 1000, &sink))) {
		seat->heard += taken;
		if (!seat->past)
			continue;
		past_heard(seat->past, taken);
		if (seat->tick)
			past_tick(seat->past, seat->model);
	}
}

static struct frame_input input_of(const struct seat *seat)
{
	return (struct frame_input){
		.snap = &seat->snap,
		.recording_ended = playback_ended(seat->playback),
		.playback = {.position = 500,
	                     .elapsed_ns = playback_elapsed_ns(seat->playback),
	                     .held = playback_is_held(seat->playback)},
	};
}

static void look_at(struct seat *seat)
{
	const struct place *place = ui_place(&seat->ui);
	const struct snapshot_want want = {
		.log = true, .sizes = true, .domain = place->domain, .fault = place->fault};
	struct frame_input input = input_of(seat);

	model_snapshot(seat->model, &want, &seat->snap);
	canvas_resize(&seat->canvas, 40, 120);
	frame_draw(&seat->canvas, &seat->ui, &input);
}

static void go(struct seat *seat, enum playback_leap leap)
{
	struct model *model = NULL;
	struct error err;
	int result = seat->past ? past_go(seat->past, leap, &model, &err)
	                        : playback_go(seat->playback, leap, NULL, &err);

	assert_true(result >= 0);
	if (!result)
		return;
	model_free(seat->model);
	seat->model = model ? model : model_new(&model_default_limits);
	snapshot_release(&seat->snap);
	seat->snap = (struct snapshot){0};
}

static void press(struct seat *seat, uint32_t key)
{
	struct frame_input input = input_of(seat);
	struct view_context context = frame_context(&input, &seat->ui);
	enum request request = ui_key(&seat->ui, key, &context);

	if (request == REQUEST_STEP)
		playback_step(seat->playback);
	else if (request >= REQUEST_LEAP_FORWARD && request <= REQUEST_LEAP_END)
		go(seat, (enum playback_leap)(request - REQUEST_LEAP_FORWARD));
	hear_due(seat);
	look_at(seat);
}

static void assert_same_sheet(const struct seat *a, const struct seat *b)
{
	char left[120 * 4 + 1], right[120 * 4 + 1];

	for (int row = 0; row < a->canvas.rows; row++) {
		canvas_row_text(&a->canvas, row, left);
		canvas_row_text(&b->canvas, row, right);
		assert_string_equal(left, right);
		canvas_row_roles(&a->canvas, row, left);
		canvas_row_roles(&b->canvas, row, right);
		assert_string_equal(left, right);
	}
}

static void assert_same_picture(struct seat *a, struct seat *b)
{
	char *left = picture_of(a->model), *right = picture_of(b->model);

	assert_string_equal(left, right);
	free(left);
	free(right);
}

/* Ways through the recording, and between them what the desk keeps: rows selected, faults
 * acknowledged and muted, screens opened, the log. Returns how many events fewer it took. */
static size_t walk(const char *name, unsigned int seed)
{
	static const char keys[] = "[[[]]]{}......jjke/\033am\t\r\r";
	enum { STEPS = 60 };
	struct seat with, without;
	size_t spared;

	open_seat(&with, name, &few);
	open_seat(&without, name, NULL);
	for (int i = 0; i < STEPS; i++) {
		uint32_t key = (unsigned char)keys[(unsigned int)rand_r(&seed) % strlen(keys)];

		press(&with, key);
		press(&without, key);
		assert_same_sheet(&with, &without);
		assert_int_equal(playback_time_ns(with.playback),
		                 playback_time_ns(without.playback));
		if (i % 20 == 19)
			assert_same_picture(&with, &without);
	}
	spared = without.heard - with.heard;
	close_seat(&with);
	close_seat(&without);
	return spared;
}

static void the_sheet_is_that_of_one_who_hears_it_again(void **state)
{
	static const char *const paths[] = {
		"tests/fixtures/sessions/guest.rec",
		"tests/fixtures/sessions/lab.rec",
		"tests/fixtures/tracedat/six.dat",
		"tests/fixtures/tracedat/seven_long.dat",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		size_t spared = 0;

		for (unsigned int seed = 1; seed <= 4; seed++)
			spared += walk(paths[i], seed);
		assert_true(spared > 0);
	}
}

/* Every order of three, from the middle. */
static void each_way_after_each_other(void **state)
{
	static const char keys[] = "[]{}.";
	enum { KEYS = 5 };
	struct seat with, without;

	(void)state;
	open_seat(&with, "tests/fixtures/sessions/guest.rec", &few);
	open_seat(&without, "tests/fixtures/sessions/guest.rec", NULL);
	for (int i = 0; i < KEYS * KEYS * KEYS; i++) {
		const char order[] = {'{',
		                      ']',
		                      ']',
		                      keys[i % KEYS],
		                      keys[i / KEYS % KEYS],
		                      keys[i / KEYS / KEYS]};

		for (size_t k = 0; k < sizeof(order); k++) {
			press(&with, (unsigned char)order[k]);
			press(&without, (unsigned char)order[k]);
		}
		assert_same_sheet(&with, &without);
	}
	assert_same_picture(&with, &without);
	close_seat(&with);
	close_seat(&without);
}

/* ---- a long one ---- */

#define TICKS      3000
#define MAPS_A_SEC 20

static int make_recording(void **state)
{
	struct error err;
	struct record *record;

	(void)state;
	make_scratch();
	record = record_open(path, &err);
	assert_non_null(record);
	for (uint64_t i = 1; i <= TICKS * MAPS_A_SEC; i++) {
		struct event map = {.ts_ns = i * SECOND / MAPS_A_SEC,
		                    .kind = EVENT_MAP,
		                    .map = {.iova = i << 12, .size_bytes = 4096, .domain = 3}};
		struct event tick = {.ts_ns = map.ts_ns, .kind = EVENT_TICK};

		assert_int_equal(record_event(record, &map, &err), 0);
		if (i % MAPS_A_SEC == 0)
			assert_int_equal(record_event(record, &tick, &err), 0);
	}
	assert_int_equal(record_close(record, &err), 0);
	return 0;
}

/* Between two moments lie at most so many seconds, wherever one is: 15 are kept or more. */
static void going_back_hears_little_again(void **state)
{
	const struct checkpoint_limits limits = {
		.count = 32, .bytes = SIZE_MAX, .spacing_ns = SECOND, .bytes_an_event = 1 << 30};
	const size_t most = (TICKS / 15 + 1) * (MAPS_A_SEC + 1);
	struct seat seat;
	size_t before;

	(void)state;
	open_seat(&seat, path, &limits);
	press(&seat, '}');
	assert_int_equal(seat.heard, TICKS * (MAPS_A_SEC + 1));
	for (int i = 0; i < TICKS / 10 - 2; i++) {
		before = seat.heard;
		press(&seat, '[');
		assert_true(seat.heard - before <= most);
	}
	/* All the way, as far as that. */
	assert_true(playback_elapsed_ns(seat.playback) < 30 * SECOND);
	close_seat(&seat);
}

/* The first tick's moment is behind the goal then. */
static void before_the_first_moment_it_begins_anew(void **state)
{
	struct model *model;
	struct error err;
	struct seat seat;

	(void)state;
	open_seat(&seat, path, &few);
	press(&seat, ']');
	press(&seat, '[');
	assert_int_equal(playback_elapsed_ns(seat.playback), 0);
	press(&seat, ']');
	assert_int_equal(past_go(seat.past, PLACE_BACK, &model, &err), 1);
	assert_null(model);
	assert_int_equal(past_go(seat.past, PLACE_BEGINNING, &model, &err), 1);
	assert_null(model);
	assert_int_equal(past_go(seat.past, PLACE_FORWARD, &model, &err), 0);
	assert_null(model);
	close_seat(&seat);
}

static void a_moment_can_be_gone_back_to_again(void **state)
{
	struct model *first, *second;
	struct error err;
	struct seat seat;

	(void)state;
	open_seat(&seat, path, &few);
	for (int i = 0; i < 3; i++)
		press(&seat, ']');
	assert_int_equal(past_go(seat.past, PLACE_BACK, &first, &err), 1);
	assert_non_null(first);
	press(&seat, '}');
	for (int i = 0; i < TICKS / 10 - 3; i++)
		press(&seat, '[');
	assert_int_equal(past_go(seat.past, PLACE_BACK, &second, &err), 1);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	model_free(first);
	model_free(second);
	close_seat(&seat);
}

/* Two are made here, one at the beginning and one when there were events enough; a third would need
 * more than there are. */
static void what_is_heard_again_pays_for_no_moment(void **state)
{
	struct checkpoint_limits limits = few;
	size_t before, first = 0, again;
	struct seat seat;

	(void)state;
	open_seat(&seat, path, &limits);
	limits.bytes_an_event = model_bytes(seat.model) / 40000;
	close_seat(&seat);
	open_seat(&seat, path, &limits);
	press(&seat, '}');
	for (int i = 0; i < 5; i++) {
		before = seat.heard;
		press(&seat, '[');
		again = seat.heard - before;
		if (!i)
			first = again;
		assert_int_equal(again, first);
		press(&seat, ']');
		press(&seat, '}');
	}
	assert_in_range(first, 15000, 30000);
	close_seat(&seat);
}

static void leaps_that_are_not_over_add_up(void **state)
{
	struct seat seat;

	(void)state;
	open_seat(&seat, path, &few);
	press(&seat, '}');
	for (int i = 0; i < 4; i++)
		go(&seat, PLACE_BACK);
	hear_due(&seat);
	assert_int_equal(playback_time_ns(seat.playback), (TICKS - 40) * SECOND);
	close_seat(&seat);
}

/* What is at the other end of a pipe comes once. */
static void a_pipe_has_no_past(void **state)
{
	const char recording[] = "iommutop-recording 1\nt1 1\nt2 1\n";
	int saved = dup(STDIN_FILENO), ends[2];
	struct model *model;
	struct error err;
	struct seat seat;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], recording, sizeof(recording) - 1), sizeof(recording) - 1);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	open_seat(&seat, "-", &few);
	press(&seat, '}');
	assert_int_equal(seat.heard, 2);
	assert_int_equal(past_go(seat.past, PLACE_BACK, &model, &err), -1);
	assert_null(model);
	assert_string_equal(err.text, "a pipe cannot be gone back in: save it to a file");
	close_seat(&seat);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

#define recording_test(name) cmocka_unit_test_setup_teardown(name, make_recording, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sheet_is_that_of_one_who_hears_it_again),
		cmocka_unit_test(each_way_after_each_other),
		recording_test(going_back_hears_little_again),
		recording_test(before_the_first_moment_it_begins_anew),
		recording_test(a_moment_can_be_gone_back_to_again),
		recording_test(what_is_heard_again_pays_for_no_moment),
		recording_test(leaps_that_are_not_over_add_up),
		cmocka_unit_test(a_pipe_has_no_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
