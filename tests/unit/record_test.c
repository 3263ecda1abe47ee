// SPDX-License-Identifier: GPL-2.0-or-later
/* record: a new file of its own, lines in it at every tick, a disk that is full. */
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
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event_text.h"
#include "sinks/record.h"
#include "util.h"

static char directory[] = "/tmp/iommutop-record-XXXXXX";
static char path[64], other[64];

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/a.rec", directory);
	snprintf(other, sizeof(other), "%s/other", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(directory);
}

static struct record *open_record(void)
{
	struct error err;
	struct record *record = record_open(path, &err);

	assert_non_null(record);
	return record;
}

/* The whole file; the caller frees it. */
static char *contents(void)
{
	FILE *file = fopen(path, "r");
	char *text = xcalloc(1, 1u << 20);

	assert_non_null(file);
	text[fread(text, 1, (1u << 20) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void contents_are(const char *expected)
{
	char *text = contents();

	assert_string_equal(text, expected);
	free(text);
}

static int record_map(struct record *record, struct error *err)
{
	const struct event ev = {.ts_ns = 5, .kind = EVENT_MAP, .map = {.size_bytes = 4096}};

	return record_event(record, &ev, err);
}

static int record_tick(struct record *record, struct error *err)
{
	const struct event ev = {.ts_ns = 9, .kind = EVENT_TICK};

	return record_event(record, &ev, err);
}

static void an_empty_recording_is_a_header(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(record_close(open_record(), &err), 0);
	contents_are(EVENT_TEXT_HEADER "\n");
}

static void lines_reach_the_file_at_the_tick(void **state)
{
	struct record *record = open_record();
	struct error err;

	(void)state;
	assert_int_equal(record_map(record, &err), 0);
	contents_are("");
	assert_int_equal(record_tick(record, &err), 0);
	contents_are(EVENT_TEXT_HEADER "\nm5 0 0 0 0 1000 0 0 0\nt9 0\n");
	assert_int_equal(record_map(record, &err), 0);
	assert_int_equal(record_close(record, &err), 0);
	contents_are(EVENT_TEXT_HEADER "\nm5 0 0 0 0 1000 0 0 0\nt9 0\nm-4 0 0 0 0 1000 0 0 0\n");
}

/* More between two ticks than the buffer holds, with the longest of lines among them. */
static void any_amount_fits_between_two_ticks(void **state)
{
	struct record *record = open_record();
	char longest[256] = "", *text;
	struct event ev = event_attr_text(0, ATTR_DEVICE_NAME, longest, 0, longest);
	size_t lines = 0;
	struct error err;

	(void)state;
	memset(longest, '\n', 255);
	longest[255] = '\0';
	for (int i = 0; i < 300; i++) {
		assert_int_equal(record_event(record, &ev, &err), 0);
		assert_int_equal(record_map(record, &err), 0);
	}
	assert_int_equal(record_close(record, &err), 0);
	text = contents();
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 601);
	free(text);
}

static void only_its_owner_may_read_it(void **state)
{
	struct error err;
	struct stat found;
	mode_t before = umask(0);

	(void)state;
	record_close(open_record(), &err);
	umask(before);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
}

static void a_file_that_exists_is_left_alone(void **state)
{
	struct error err;
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	(void)state;
	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	assert_null(record_open(path, &err));
	assert_int_equal(err.code, EEXIST);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "name a new file"));
	contents_are("precious");
	assert_null(record_open("/dev/null", &err));
}

static void a_link_is_not_followed(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(symlink(other, path), 0);
	assert_null(record_open(path, &err));
	assert_int_equal(access(other, F_OK), -1);
}

static void a_place_that_is_not_there_is_named(void **state)
{
	struct error err;

	(void)state;
	assert_null(record_open("/nonexistent/dir/a.rec", &err));
	assert_int_equal(err.code, ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/dir/a.rec"));
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_failure_is_told_once_and_full_lines_stay(void **state)
{
	struct record *record = open_record();
	struct error err = {0};
	char *text;
	int failures = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	limit_files(1000);
	for (int i = 0; i < 200; i++) {
		failures += record_map(record, &err) != 0;
		failures += record_tick(record, &err) != 0;
	}
	failures += record_close(record, &err) != 0;
	limit_files(RLIM_INFINITY);
	assert_int_equal(failures, 1);
	assert_int_equal(err.code, EFBIG);
	assert_non_null(strstr(err.text, path));
	text = contents();
	assert_in_range(strlen(text), 900, 1000);
	assert_int_equal(strncmp(text, EVENT_TEXT_HEADER "\n", sizeof(EVENT_TEXT_HEADER)), 0);
	free(text);
}

static void a_failure_at_the_end_is_told_too(void **state)
{
	struct record *record = open_record();
	struct error err = {0};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	limit_files(0);
	assert_int_equal(record_map(record, &err), 0);
	assert_int_equal(record_close(record, &err), -1);
	limit_files(RLIM_INFINITY);
	assert_int_equal(err.code, EFBIG);
	contents_are("");
}

static void closing_nothing_is_fine(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(record_close(NULL, &err), 0);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(an_empty_recording_is_a_header),
		file_test(lines_reach_the_file_at_the_tick),
		file_test(any_amount_fits_between_two_ticks),
		file_test(only_its_owner_may_read_it),
		file_test(a_file_that_exists_is_left_alone),
		file_test(a_link_is_not_followed),
		file_test(a_place_that_is_not_there_is_named),
		file_test(a_failure_is_told_once_and_full_lines_stay),
		file_test(a_failure_at_the_end_is_told_too),
		cmocka_unit_test(closing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
