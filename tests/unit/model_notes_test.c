// SPDX-License-Identifier: GPL-2.0-or-later
/* model_notes: lines of devices that are shown, whenever these become known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

static const struct model_limits tiny = {.faults = 1,
                                         .notes = 3,
                                         .log = 1,
                                         .tasks = 2,
                                         .domains = 1,
                                         .former = 1,
                                         .transitions = 1,
                                         .groups = 1,
                                         .devices = 1,
                                         .pool_bytes = 1 << 16};

static int make_tiny(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(&tiny);
	*state = bench;
	return 0;
}

static void say_note(struct bench *bench, uint64_t ts_ns, enum note_topic topic, const char *device,
                     const char *text)
{
	const struct event ev = {
		.ts_ns = ts_ns,
		.kind = EVENT_NOTE,
		.note = {.device = device, .text = text, .topic = (uint8_t)topic, .level = 4}};

	model_apply(bench->model, &ev);
}

/* The texts of all, one after the other. */
static void notes_are(struct bench *bench, const char *expected)
{
	char out[256] = "";

	seen(bench);
	for (size_t i = 0; i < bench->snap.note_count; i++) {
		strcat(out, snapshot_text(&bench->snap, bench->snap.notes[i].text));
		strcat(out, " ");
	}
	assert_string_equal(out, expected);
}

static void a_line_of_a_device_counts_when_the_device_is_in_a_group(void **state)
{
	struct bench *bench = *state;

	say_start(bench->model, SECOND);
	say_note(bench, 5, NOTE_DEVICE, "0000:00:02.0", "early");
	say_note(bench, SECOND, NOTE_DEVICE, "sda", "disk");
	say_note(bench, SECOND, NOTE_RMRR, "0000:00:09.0", "refused");
	say_note(bench, SECOND, NOTE_RAW, NULL, "raw");
	notes_are(bench, "refused raw ");
	say_device(bench->model, "0000:00:02.0", 1, NULL, NULL, NULL);
	say_device(bench->model, "sda", NO_GROUP, NULL, NULL, NULL);
	notes_are(bench, "early refused raw ");
	assert_true(bench->snap.notes[0].before_start);
	assert_false(bench->snap.notes[1].before_start);
	assert_int_equal(bench->snap.notes[0].device_index, 0);
	assert_int_equal(bench->snap.notes[1].device_index, NO_NUMBER);
	assert_int_equal(bench->snap.notes[1].level, 4);
	say_note(bench, SECOND, NOTE_DEVICE, "00:02.0", "late");
	notes_are(bench, "early refused raw late ");
}

static void lines_of_others_push_out_none_that_are_shown(void **state)
{
	struct bench *bench = *state;
	char text[16];

	say_note(bench, SECOND, NOTE_MEMLOCK, NULL, "kept");
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		say_note(bench, SECOND, NOTE_DEVICE, "sda", text);
	}
	notes_are(bench, "kept ");
	say_number(bench->model, ATTR_DEVICE_GROUP, "sda", 0, 1);
	notes_are(bench, "kept 97 98 99 ");
	for (int i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "n%d", i);
		say_note(bench, SECOND, NOTE_RAW, NULL, text);
	}
	notes_are(bench, "97 98 99 n2 n3 n4 ");
}

/* Their lines are not names: those of a day would leave no room for any. */
static void many_lines_leave_room_for_names(void **state)
{
	struct bench *bench = *state;
	char text[64];

	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "a line that nobody has ever seen before, %d", i);
		say_note(bench, SECOND, NOTE_RAW, NULL, text);
		if (i % 1000 == 0)
			seen(bench);
	}
	say_text(bench->model, ATTR_HOST, NULL, 0, "host");
	assert_int_equal(seen(bench)->note_count, 3);
	assert_string_equal(snapshot_text(&bench->snap, bench->snap.host), "host");
	assert_string_equal(snapshot_text(&bench->snap, bench->snap.notes[2].text), text);
}

static void what_makes_no_sense_is_ignored(void **state)
{
	struct bench *bench = *state;

	say_note(bench, SECOND, NOTE_TOPIC_COUNT, NULL, "x");
	say_note(bench, SECOND, NOTE_RAW, NULL, NULL);
	notes_are(bench, "");
}

#define tiny_test(name) cmocka_unit_test_setup_teardown(name, make_tiny, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_line_of_a_device_counts_when_the_device_is_in_a_group),
		tiny_test(lines_of_others_push_out_none_that_are_shown),
		tiny_test(many_lines_leave_room_for_names),
		bench_test(what_makes_no_sense_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
