// SPDX-License-Identifier: GPL-2.0-or-later
/* recording: places to come back to. What followed them the first time follows them again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include "event_text.h"
#include "scratch.h"
#include "sinks/record.h"
#include "sources/recording.h"
#include "util.h"

#define DAT   "tests/fixtures/tracedat/"
#define DELAY 1000000u

/* Of a recording; more where it is short, and these at its beginning. */
#define PLACES      40
#define FIRST_ONES  12
#define AFTER_MOST  6000
#define BYTES_MOST  (4u << 20)
#define PLACE_BYTES (1u << 20)

static char *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "r");
	char *bytes = xmalloc(BYTES_MOST);

	assert_non_null(file);
	*size = fread(bytes, 1, BYTES_MOST, file);
	fclose(file);
	return bytes;
}

static void put(const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* ---- what is heard ---- */

/* Events as text, which has all there is of each. */
struct heard {
	char **lines;
	size_t count, capacity;
};

static char *line_of(const struct event *ev)
{
	struct event_line at = {0};
	char line[EVENT_LINE_MAX];
	size_t length = event_to_line(&at, ev, line);
	char *text = xmalloc(length + 1);

	memcpy(text, line, length);
	text[length] = '\0';
	return text;
}

static bool next(struct recording *recording, char **line)
{
	size_t count;
	const struct event *ev = recording_peek(recording, &count);

	if (!count)
		return false;
	*line = line_of(ev);
	recording_pass(recording, 1);
	return true;
}

static struct heard hear_all(const char *name)
{
	struct error err;
	struct recording *recording = recording_open(name, DELAY, &err);
	struct heard heard = {0};
	char *line;

	if (!recording)
		fail_msg("%s", err.text);
	while (next(recording, &line)) {
		heard.lines = grow(heard.lines, &heard.capacity, heard.count, sizeof(char *));
		heard.lines[heard.count++] = line;
	}
	recording_close(recording);
	return heard;
}

static void release(struct heard *heard)
{
	for (size_t i = 0; i < heard->count; i++)
		free(heard->lines[i]);
	free(heard->lines);
}

/* From here on, up to so many: all that is left where that is less. */
static void expect_from(struct recording *recording, const struct heard *heard, size_t from,
                        size_t most)
{
	size_t end = heard->count - from < most ? heard->count : from + most;
	char *line;

	for (size_t i = from; i < end; i++) {
		assert_true(next(recording, &line));
		assert_string_equal(line, heard->lines[i]);
		free(line);
	}
	if (end == heard->count)
		assert_false(next(recording, &line));
}

/* ---- coming back ---- */

static void come_back(struct recording *recording, const struct heard *heard, size_t at,
                      const struct recording_place *place, size_t most)
{
	struct error err;

	assert_int_equal(recording_return(recording, place, &err), 0);
	expect_from(recording, heard, at, most);
}

/* Whether a place is taken behind so many events. */
static bool is_chosen(size_t at, size_t count)
{
	return at < FIRST_ONES || at + 3 > count || count < PLACES || at % (count / PLACES) == 0;
}

static size_t take_places(struct recording *recording, const struct heard *heard,
                          struct recording_place **places)
{
	size_t taken = 0;

	for (size_t at = 0; at <= heard->count; at++) {
		if (is_chosen(at, heard->count)) {
			places[at] = recording_here(recording);
			assert_non_null(places[at]);
			assert_in_range(recording_place_bytes(places[at]), 1, PLACE_BYTES);
			taken++;
		}
		expect_from(recording, heard, at, at < heard->count ? 1 : 0);
	}
	return taken;
}

/* To each place from the end, back and forth, and from one that was come back to. */
static void everywhere_the_same_follows(const char *name)
{
	struct heard heard = hear_all(name);
	struct recording_place **places =
		xcalloc(heard.count + 1, sizeof(struct recording_place *));
	struct error err;
	struct recording *recording = recording_open(name, DELAY, &err);

	assert_true(heard.count > 10);
	take_places(recording, &heard, places);
	for (size_t at = heard.count + 1; at-- > 0;)
		if (places[at])
			come_back(recording, &heard, at, places[at], AFTER_MOST);
	for (size_t at = 0; at <= heard.count; at++) {
		struct recording_place *again;
		size_t few = heard.count - at < 7 ? heard.count - at : 7;

		if (!places[at])
			continue;
		come_back(recording, &heard, at, places[at], few);
		again = recording_here(recording);
		come_back(recording, &heard, at / 2, places[at / 2] ? places[at / 2] : places[0],
		          places[at / 2] ? few : 0);
		come_back(recording, &heard, at + few, again, AFTER_MOST);
		recording_place_free(again);
	}
	for (size_t at = 0; at <= heard.count; at++)
		recording_place_free(places[at]);
	free(places);
	recording_close(recording);
	release(&heard);
}

/* What was built without a library cannot read all of them. */
static bool can_read(const char *name)
{
	struct error err;
	struct recording *recording = recording_open(name, DELAY, &err);

	if (!recording && err.code != ENOTSUP)
		fail_msg("%s", err.text);
	recording_close(recording);
	return recording;
}

static void everywhere_in_all(const char *pattern, size_t least)
{
	glob_t names;

	assert_int_equal(glob(pattern, 0, NULL, &names), 0);
	assert_true(names.gl_pathc >= least);
	for (size_t i = 0; i < names.gl_pathc; i++) {
		print_message("%s\n", names.gl_pathv[i]);
		if (can_read(names.gl_pathv[i]))
			everywhere_the_same_follows(names.gl_pathv[i]);
	}
	globfree(&names);
}

static void in_our_own(void **state)
{
	(void)state;
	everywhere_in_all("tests/fixtures/sessions/*.rec", 5);
}

static void in_files_of_trace_cmd(void **state)
{
	(void)state;
	everywhere_in_all(DAT "*.dat", 8);
}

static void in_printed_traces(void **state)
{
	(void)state;
	everywhere_in_all("tests/fixtures/tracetext/6.*", 10);
}

/* ---- longer ones ---- */

/* Frames of a megabyte, as they are written. */
static void in_a_packed_one_of_many_frames(void **state)
{
	enum { ROUNDS = 30, MAPS = 3000 };
	struct error err;
	struct record *record;
	char *packed;
	uint64_t random = 1;

	(void)state;
	packed = xmalloc(strlen(path) + 5);
	snprintf(packed, strlen(path) + 5, "%s.zst", path);
	record = record_open(packed, &err);
	if (!record && err.code == ENOTSUP) {
		free(packed);
		skip();
	}
	assert_non_null(record);
	for (uint64_t i = 1; i <= ROUNDS * MAPS; i++) {
		struct event map = {.ts_ns = i * 10, .kind = EVENT_MAP};
		const struct event tick = {.ts_ns = i * 10, .kind = EVENT_TICK};

		random = random * 6364136223846793005u + 1442695040888963407u;
		map.map.iova = random;
		map.map.size_bytes = 4096;
		assert_int_equal(record_event(record, &map, &err), 0);
		if (i % MAPS == 0)
			assert_int_equal(record_event(record, &tick, &err), 0);
	}
	assert_int_equal(record_close(record, &err), 0);
	everywhere_the_same_follows(packed);
	unlink(packed);
	free(packed);
}

static size_t find(const char *bytes, size_t size, const char *what, size_t length)
{
	const char *found = memmem(bytes, size, what, length);

	assert_non_null(found);
	return (size_t)(found - bytes);
}

/* The pages of both CPUs many times over, each time a second later. */
static void repeat_pages(char *bytes, size_t size, uint64_t times)
{
	enum { PAGE = 4096, CPUS = 2, SECOND = 1000000000 };
	size_t table = find(bytes, size, "flyrecord", 10) + 10;
	uint64_t places[CPUS][2], start = UINT64_MAX;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	memcpy(places, bytes + table, sizeof(places));
	for (size_t cpu = 0; cpu < CPUS; cpu++) {
		uint64_t offset = cpu ? places[0][0] + times * places[0][1] : places[0][0];
		uint64_t bytes_now = times * places[cpu][1];

		if (places[cpu][0] < start)
			start = places[cpu][0];
		memcpy(bytes + table + 16 * cpu, &offset, 8);
		memcpy(bytes + table + 16 * cpu + 8, &bytes_now, 8);
	}
	fwrite(bytes, 1, start, file);
	for (size_t cpu = 0; cpu < CPUS; cpu++)
		for (uint64_t i = 0; i < times; i++)
			for (uint64_t at = 0; at < places[cpu][1]; at += PAGE) {
				char page[PAGE];
				uint64_t time_ns;

				memcpy(page, bytes + places[cpu][0] + at, PAGE);
				memcpy(&time_ns, page, 8);
				time_ns += i * SECOND;
				memcpy(page, &time_ns, 8);
				fwrite(page, 1, PAGE, file);
			}
	fclose(file);
}

/* More pages than are read at once, of both CPUs. */
static void in_a_long_file_of_trace_cmd(void **state)
{
	size_t size;
	char *bytes = read_file(DAT "six.dat", &size);

	(void)state;
	repeat_pages(bytes, size, 60);
	free(bytes);
	everywhere_the_same_follows(path);
}

/* Cut in its last page, with a piece that is not whole. */
static void in_a_file_that_was_cut_before(void **state)
{
	size_t size;
	char *bytes = read_file(DAT "six_instance.dat", &size);

	(void)state;
	put(bytes, size - 5000);
	free(bytes);
	everywhere_the_same_follows(path);
}

/* What is wrong with it is told again as it was told, with the same lines. */
static void in_a_damaged_one_of_ours(void **state)
{
	size_t size;
	char *bytes = read_file("tests/fixtures/sessions/guest.rec", &size);

	(void)state;
	for (size_t at = 3000; at < size; at += 9000)
		memcpy(bytes + at, "\0\n~~later version", 17);
	put(bytes, size - 3);
	free(bytes);
	everywhere_the_same_follows(path);
}

/* ---- what cannot be gone back in ---- */

static void a_pipe_has_no_places(void **state)
{
	static const char text[] = "iommutop-recording 1\nt1 1\n";
	int ends[2];
	char name[32];
	struct error err;
	struct recording *recording;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, sizeof(text) - 1), sizeof(text) - 1);
	close(ends[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	recording = recording_open(name, DELAY, &err);
	close(ends[0]);
	assert_non_null(recording);
	assert_null(recording_here(recording));
	recording_close(recording);
}

/* Up to the middle; behind it nothing is read ahead that would hide what became of the file. */
static struct recording *read_half(const struct heard *heard, struct recording_place **place)
{
	struct error err;
	struct recording *recording = recording_open(path, DELAY, &err);

	assert_non_null(recording);
	expect_from(recording, heard, 0, heard->count / 2);
	*place = recording_here(recording);
	assert_non_null(*place);
	return recording;
}

static void copy_here(const char *name)
{
	size_t size;
	char *bytes = read_file(name, &size);

	put(bytes, size);
	free(bytes);
}

static void a_file_that_was_cut_says_so(void **state)
{
	static const char *const names[] = {"tests/fixtures/sessions/guest.rec", DAT "six.dat",
	                                    DAT "seven_none.dat",
	                                    "tests/fixtures/tracetext/6.1.trace"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct recording_place *place;
		struct recording *recording;
		struct heard heard;
		struct error err;

		copy_here(names[i]);
		heard = hear_all(path);
		recording = read_half(&heard, &place);
		assert_int_equal(truncate(path, 1000), 0);
		assert_int_equal(recording_return(recording, place, &err), -1);
		assert_non_null(
			strstr(err.text, "cannot go back: the file was cut meanwhile, from "));
		recording_place_free(place);
		recording_close(recording);
		release(&heard);
	}
}

/* It stays open, and so it is there. */
static void a_file_that_was_removed_is_still_read(void **state)
{
	struct recording_place *place;
	struct recording *recording;
	struct heard heard;

	(void)state;
	copy_here("tests/fixtures/sessions/guest.rec");
	heard = hear_all(path);
	recording = read_half(&heard, &place);
	unlink(path);
	come_back(recording, &heard, heard.count / 2, place, AFTER_MOST);
	recording_place_free(place);
	recording_close(recording);
	release(&heard);
}

/* Of the same size, but what is packed in it cannot be unpacked any more. */
static void a_file_that_was_overwritten_says_so(void **state)
{
	struct recording_place *place;
	struct recording *recording;
	struct heard heard;
	struct error err;
	size_t size;
	char *bytes;
	int fd;

	(void)state;
	if (!can_read(DAT "seven_long.dat"))
		skip();
	bytes = read_file(DAT "seven_long.dat", &size);
	put(bytes, size);
	heard = hear_all(path);
	recording = read_half(&heard, &place);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	memset(bytes, 0, size);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	assert_int_equal(recording_return(recording, place, &err), -1);
	assert_non_null(strstr(err.text, "cannot go back: the file was changed meanwhile"));
	recording_place_free(place);
	recording_close(recording);
	release(&heard);
	free(bytes);
}

#define file_test(test) cmocka_unit_test_setup_teardown(test, setup_scratch, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_our_own),
		cmocka_unit_test(in_files_of_trace_cmd),
		cmocka_unit_test(in_printed_traces),
		file_test(in_a_packed_one_of_many_frames),
		file_test(in_a_long_file_of_trace_cmd),
		file_test(in_a_file_that_was_cut_before),
		file_test(in_a_damaged_one_of_ours),
		file_test(a_pipe_has_no_places),
		file_test(a_file_that_was_cut_says_so),
		file_test(a_file_that_was_removed_is_still_read),
		file_test(a_file_that_was_overwritten_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
