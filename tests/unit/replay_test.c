// SPDX-License-Identifier: GPL-2.0-or-later
/* replay: recordings that are cut, corrupt, foreign or nothing of the kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "event_text.h"
#include "sinks/record.h"
#include "sources/replay.h"
#include "util.h"

#define HEADER EVENT_TEXT_HEADER "\n"

static char directory[] = "/tmp/iommutop-replay-XXXXXX";
static char path[64];

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/a.rec", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

static void put(const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* What a file came to. */
struct harvest {
	uint64_t maps, ticks, others, lost, rests;
	uint64_t last_ns;
	char reason[200]; /* of the health event at the end */
};

static void take(struct harvest *harvest, const struct event *ev)
{
	if (ev->kind == EVENT_MAP)
		harvest->maps++;
	else if (ev->kind == EVENT_TICK)
		harvest->ticks++;
	else if (ev->kind == EVENT_LOST && ev->lost.source == SOURCE_REPLAY)
		harvest->lost += ev->lost.count;
	else if (ev->kind == EVENT_HEALTH && ev->health.source == SOURCE_REPLAY)
		copy_text(harvest->reason, sizeof(harvest->reason), ev->health.reason);
	else
		harvest->others++;
	harvest->last_ns = ev->ts_ns;
}

static struct harvest read_all(void)
{
	struct harvest harvest = {0};
	struct error err;
	struct event ev;
	struct replay *replay = replay_open(path, &err);

	assert_non_null(replay);
	do {
		while (replay_next(replay, &ev))
			take(&harvest, &ev);
		harvest.rests += replay_rests(replay);
	} while (replay_rests(replay));
	assert_false(replay_next(replay, &ev));
	replay_close(replay);
	return harvest;
}

static struct harvest read_text(const char *text)
{
	put(text, strlen(text));
	return read_all();
}

static void is_refused(const char *bytes, size_t size, const char *why)
{
	struct error err = {0};

	put(bytes, size);
	assert_null(replay_open(path, &err));
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, why));
}

static void is_no_recording(const char *bytes, size_t size)
{
	is_refused(bytes, size, "it is no recording of iommutop, as its first line is not");
}

static void what_was_recorded_comes_back(void **state)
{
	struct error err;
	struct record *record = record_open(path, &err);
	const struct event map = {.ts_ns = 7, .kind = EVENT_MAP, .map = {.size_bytes = 4096}};
	const struct event tick = {.ts_ns = 9, .kind = EVENT_TICK};
	struct event fact = event_attr_text(8, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d \x80");
	struct harvest harvest;

	(void)state;
	record_event(record, &map, &err);
	record_event(record, &fact, &err);
	record_event(record, &tick, &err);
	record_close(record, &err);
	harvest = read_all();
	assert_int_equal(harvest.maps, 1);
	assert_int_equal(harvest.others, 1);
	assert_int_equal(harvest.ticks, 1);
	assert_int_equal(harvest.last_ns, 9);
	assert_string_equal(harvest.reason, "");
}

static void a_header_alone_is_an_empty_recording(void **state)
{
	struct harvest harvest = read_text(HEADER);

	(void)state;
	assert_int_equal(harvest.ticks + harvest.maps + harvest.others, 0);
	assert_string_equal(harvest.reason, "");
}

static void other_files_are_refused(void **state)
{
	static const char zeros[4096];

	(void)state;
	is_no_recording("", 0);
	is_no_recording("\n", 1);
	is_no_recording("hello\n", 6);
	is_refused("iommutop-recording 2\nt1 2\n", 26, "another version (iommutop-recording 2)");
	is_refused("iommutop-recording 10\n", 22, "another version (iommutop-recording 10)");
	is_refused("iommutop-recording 1\r\nt1 2\r\n", 28, "its lines end in CR LF");
	is_no_recording(" " HEADER, sizeof(HEADER));
	is_no_recording(HEADER, sizeof(HEADER) - 2); /* cut in its header */
	is_no_recording(zeros, sizeof(zeros));
}

/* A device that never ends a line must not be read to its end. */
static void lines_without_end_are_refused_too(void **state)
{
	struct error err = {0};

	(void)state;
	assert_null(replay_open("/dev/zero", &err));
	assert_int_equal(err.code, EINVAL);
}

static void a_directory_and_a_missing_file_say_what_they_are(void **state)
{
	struct error err = {0};

	(void)state;
	assert_null(replay_open(directory, &err));
	assert_non_null(strstr(err.text, strerror(EISDIR)));
	assert_null(replay_open(path, &err));
	assert_int_equal(err.code, ENOENT);
	assert_non_null(strstr(err.text, path));
}

static void damaged_lines_are_passed_over_and_counted(void **state)
{
	struct harvest harvest =
		read_text(HEADER "m1 0 0 0 0 1000 0\ngarbage\nm1 0 0\n\nm1 0 0 0 0 1000 0\n");

	(void)state;
	assert_int_equal(harvest.maps, 2);
	assert_int_equal(harvest.lost, 3);
	assert_string_equal(harvest.reason,
	                    "damaged lines were passed over: 3, the first is line 3");
}

static void lines_of_a_later_version_are_passed_over_and_counted(void **state)
{
	struct harvest harvest =
		read_text(HEADER "?5 new\nA1 unit dmar0 colour blue\nm1 0 0 0 0 1000 0 0 0 more\n");

	(void)state;
	assert_int_equal(harvest.maps, 1);
	assert_int_equal(harvest.last_ns, 7);
	assert_int_equal(harvest.lost, 0);
	assert_string_equal(harvest.reason, "lines of a later version were passed over: 2");
}

/* Numbers of its groups and domains are others' numbers. */
static void where_another_recording_begins_it_ends(void **state)
{
	struct harvest harvest =
		read_text(HEADER "t5 1\n?5 new\n" HEADER "m1 0 0 0 0 1000 0\ngarbage\n");

	(void)state;
	assert_int_equal(harvest.ticks, 1);
	assert_int_equal(harvest.maps, 0);
	assert_int_equal(harvest.lost, 0);
	assert_string_equal(harvest.reason, "another recording begins in line 4, and is not shown: "
	                                    "put it into a file of its own");
	harvest = read_text(HEADER "iommutop-recording 7\n");
	assert_non_null(strstr(harvest.reason, "begins in line 2,"));
}

/* A place that was taken while it rests is before the line that it is in. */
static void it_rests_while_much_is_passed_over(void **state)
{
	size_t size = 5u << 20;
	char *bytes = xmalloc(size + 64);
	struct harvest harvest;
	struct replay_place place;
	struct replay *replay;
	struct event ev;
	struct error err;

	(void)state;
	strcpy(bytes, HEADER);
	for (size_t at = strlen(HEADER); at + 3 <= size; at += 3)
		strcpy(bytes + at, "?5\n");
	strcat(bytes + size - 8, "t7 1\n");
	put(bytes, strlen(bytes));
	harvest = read_all();
	assert_in_range(harvest.rests, 4, 5);
	assert_int_equal(harvest.ticks, 1);
	memset(bytes + strlen(HEADER), '7', size - strlen(HEADER));
	strcpy(bytes + size, "\nt7 1\n");
	put(bytes, strlen(bytes));
	harvest = read_all();
	assert_in_range(harvest.rests, 4, 5);
	assert_int_equal(harvest.lost, 1);
	assert_int_equal(harvest.ticks, 1);
	free(bytes);

	replay = replay_open(path, &err);
	assert_false(replay_next(replay, &ev));
	assert_true(replay_rests(replay));
	place = replay_here(replay, false);
	assert_int_equal(place.offset, strlen(HEADER));
	assert_int_equal(replay_return(replay, &place), 0);
	while (!replay_next(replay, &ev))
		assert_true(replay_rests(replay));
	assert_int_equal(ev.kind, EVENT_LOST);
	assert_true(replay_next(replay, &ev));
	assert_int_equal(ev.kind, EVENT_TICK);
	replay_close(replay);
}

static void what_was_read_ahead_is_no_progress(void **state)
{
	struct replay *replay;
	struct event ev;
	struct error err;

	(void)state;
	put(HEADER "t5 1\nt5 1\nt5 1\nt5 1\n", strlen(HEADER) + 20);
	replay = replay_open(path, &err);
	assert_int_equal(replay_position(replay), strlen(HEADER) * 1000 / (strlen(HEADER) + 20));
	while (replay_next(replay, &ev))
		;
	assert_int_equal(replay_position(replay), 1000);
	replay_close(replay);
}

static void a_line_without_its_end_was_cut(void **state)
{
	struct harvest harvest = read_text(HEADER "t5 1\nm1 0 0 0 0 1000 0");

	(void)state;
	assert_int_equal(harvest.maps, 0);
	assert_int_equal(harvest.ticks, 1);
	assert_non_null(strstr(harvest.reason, "first is line 3"));
}

static void carriage_returns_are_damage(void **state)
{
	struct harvest harvest = read_text(HEADER "t5 1\r\nm1 0 0 0 0 1000 0\n");

	(void)state;
	assert_int_equal(harvest.ticks, 0);
	assert_int_equal(harvest.maps, 1);
}

static void nuls_are_damage(void **state)
{
	static const char bytes[] = HEADER "t5\0 1\n\0\nm1 0 0 0 0 1000 0\nt7 1\n\0\0\0";
	struct harvest harvest;

	(void)state;
	put(bytes, sizeof(bytes) - 1);
	harvest = read_all();
	assert_int_equal(harvest.ticks, 1);
	assert_int_equal(harvest.maps, 1);
	assert_string_equal(harvest.reason,
	                    "damaged lines were passed over: 3, the first is line 2");
}

static void huge_lines_are_damage(void **state)
{
	size_t size = 1u << 20;
	char *bytes = xmalloc(size + 64);
	struct harvest harvest;

	(void)state;
	memset(bytes, '7', size);
	memcpy(bytes, HEADER "m", sizeof(HEADER));
	strcpy(bytes + size, "\nt7 1\n");
	put(bytes, strlen(bytes));
	free(bytes);
	harvest = read_all();
	assert_int_equal(harvest.ticks, 1);
	assert_string_equal(harvest.reason,
	                    "damaged lines were passed over: 1, the first is line 2");
}

static void the_longest_line_is_read(void **state)
{
	char text[EVENT_TEXT_MAX + 1] = "";
	struct event ev = event_attr_text(UINT64_MAX, ATTR_DEVICE_CLASS_NAME, text, 0, text);
	struct error err;
	struct record *record = record_open(path, &err);
	struct harvest harvest;

	(void)state;
	memset(text, ' ', EVENT_TEXT_MAX);
	text[EVENT_TEXT_MAX] = '\0';
	record_event(record, &ev, &err);
	record_close(record, &err);
	harvest = read_all();
	assert_int_equal(harvest.others, 1);
	assert_string_equal(harvest.reason, "");
}

static const char small[] = HEADER "S10\n"
				   "t20 30\n"
				   "A0 device 0000:00:02.0 driver e1000e\\x21\n"
				   "m1 3 2a 0 ffff1000 2000 0\n"
				   "f-5 log 00:02.0 read 3 dead000 0 6 PTE\\x20Read\n"
				   "t3b9aca20 31\n";

static uint64_t lines_of(const char *bytes, size_t size)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	return lines;
}

/* What stands in whole lines is read, what does not is told. */
static void a_recording_cut_anywhere_keeps_its_whole_lines(void **state)
{
	(void)state;
	for (size_t size = sizeof(HEADER) - 1; size < sizeof(small); size++) {
		uint64_t whole = lines_of(small, size) - 1;
		struct harvest harvest;

		put(small, size);
		harvest = read_all();
		assert_int_equal(harvest.maps + harvest.ticks + harvest.others, whole);
		assert_int_equal(harvest.lost, small[size - 1] != '\n');
		assert_int_equal(harvest.reason[0] != '\0', small[size - 1] != '\n');
	}
}

static void any_byte_may_be_any_other(void **state)
{
	static const char bytes[] = {'\0', '\n', ' ', '-', '\\', 'f', 'z', '\x80', '\r'};

	(void)state;
	for (size_t at = sizeof(HEADER) - 1; at < sizeof(small) - 1; at++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			char damaged[sizeof(small)];
			struct harvest harvest;

			memcpy(damaged, small, sizeof(small));
			damaged[at] = bytes[i];
			put(damaged, sizeof(small) - 1);
			harvest = read_all();
			assert_in_range(harvest.maps + harvest.ticks + harvest.others, 3, 7);
		}
	}
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(what_was_recorded_comes_back),
		file_test(a_header_alone_is_an_empty_recording),
		file_test(other_files_are_refused),
		file_test(lines_without_end_are_refused_too),
		file_test(a_directory_and_a_missing_file_say_what_they_are),
		file_test(damaged_lines_are_passed_over_and_counted),
		file_test(lines_of_a_later_version_are_passed_over_and_counted),
		file_test(where_another_recording_begins_it_ends),
		file_test(it_rests_while_much_is_passed_over),
		file_test(what_was_read_ahead_is_no_progress),
		file_test(a_line_without_its_end_was_cut),
		file_test(carriage_returns_are_damage),
		file_test(nuls_are_damage),
		file_test(huge_lines_are_damage),
		file_test(the_longest_line_is_read),
		file_test(a_recording_cut_anywhere_keeps_its_whole_lines),
		file_test(any_byte_may_be_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
