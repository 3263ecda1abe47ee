// SPDX-License-Identifier: GPL-2.0-or-later
/* outfile: whole frames, whatever happens to the disk and to the name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sinks/outfile.h"
#include "util.h"

static char directory[] = "/tmp/iommutop-outfile-XXXXXX";
static char path[64], other[64];

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/a.prom", directory);
	snprintf(other, sizeof(other), "%s/other", directory);
	return 0;
}

/* Fails where more than these two are left. */
static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(directory);
}

static struct outfile *open_at(const char *name, bool replace)
{
	struct error err = {0};
	struct outfile *file = outfile_open(name, replace, &err);

	if (!file)
		fail_msg("%s", err.text);
	return file;
}

static void write_text(struct outfile *file, const char *text)
{
	struct error err = {0};

	if (outfile_write(file, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

static void contents_are(const char *name, const char *expected)
{
	char text[4096] = "";
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void mode_is(const char *name, mode_t expected)
{
	struct stat found;

	assert_int_equal(lstat(name, &found), 0);
	assert_int_equal(found.st_mode & 07777, expected);
}

static size_t files_in_directory(void)
{
	DIR *dir = opendir(directory);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void does_not_fit(struct outfile *file)
{
	struct error err = {0};
	char big[100];

	memset(big, 'x', sizeof(big));
	limit_files(50);
	assert_int_equal(outfile_write(file, big, sizeof(big), &err), -1);
	limit_files(RLIM_INFINITY);
	assert_int_equal(err.code, EFBIG);
	assert_non_null(strstr(err.text, path));
}

/* ---- appended to ---- */

static void frames_go_to_the_end(void **state)
{
	struct outfile *file = open_at(path, false);

	(void)state;
	assert_true(outfile_is_empty(file));
	write_text(file, "one\n");
	assert_false(outfile_is_empty(file));
	write_text(file, "two\n");
	outfile_close(file, true);
	contents_are(path, "one\ntwo\n");
	mode_is(path, 0600);
	file = open_at(path, false);
	assert_false(outfile_is_empty(file));
	write_text(file, "three\n");
	outfile_close(file, false);
	contents_are(path, "one\ntwo\nthree\n");
}

static void after_a_rotation_the_new_file_is_written(void **state)
{
	struct outfile *file = open_at(path, false);

	(void)state;
	write_text(file, "one\n");
	assert_int_equal(rename(path, other), 0);
	write_text(file, "two\n");
	outfile_reopen(file);
	assert_true(outfile_is_empty(file));
	write_text(file, "three\n");
	outfile_close(file, false);
	contents_are(other, "one\ntwo\n");
	contents_are(path, "three\n");
}

static void of_a_frame_that_does_not_fit_nothing_stays(void **state)
{
	struct outfile *file = open_at(path, false);

	(void)state;
	write_text(file, "one\n");
	does_not_fit(file);
	contents_are(path, "one\n");
	write_text(file, "two\n");
	outfile_close(file, false);
	contents_are(path, "one\ntwo\n");
}

static void neither_links_nor_pipes_are_written(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(symlink(other, path), 0);
	assert_null(outfile_open(path, false, &err));
	assert_int_equal(access(other, F_OK), -1);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_null(outfile_open(other, false, &err));
	assert_null(outfile_open(directory, false, &err));
	assert_non_null(strstr(err.text, directory));
}

/* ---- replaced ---- */

static void a_frame_replaces_the_one_before(void **state)
{
	mode_t before = umask(077);
	struct outfile *file = open_at(path, true);

	(void)state;
	assert_int_equal(files_in_directory(), 0);
	write_text(file, "one, and long\n");
	contents_are(path, "one, and long\n");
	write_text(file, "two\n");
	contents_are(path, "two\n");
	umask(before);
	mode_is(path, 0644);
	assert_int_equal(files_in_directory(), 1);
	outfile_close(file, false);
	contents_are(path, "two\n");
}

/* Whoever has it open goes on to read the frame that he began with. */
static void a_reader_has_a_whole_frame(void **state)
{
	struct outfile *file = open_at(path, true);
	char text[16] = "";
	int reader;

	(void)state;
	write_text(file, "one\n");
	reader = open(path, O_RDONLY);
	write_text(file, "2\n");
	assert_int_equal(read(reader, text, sizeof(text)), 4);
	assert_string_equal(text, "one\n");
	close(reader);
	outfile_close(file, false);
}

static void a_frame_that_does_not_fit_leaves_the_one_before(void **state)
{
	struct outfile *file = open_at(path, true);

	(void)state;
	write_text(file, "one\n");
	does_not_fit(file);
	contents_are(path, "one\n");
	assert_int_equal(files_in_directory(), 1);
	write_text(file, "two\n");
	contents_are(path, "two\n");
	outfile_close(file, false);
}

static void a_link_is_replaced_and_not_followed(void **state)
{
	struct outfile *file;

	(void)state;
	assert_int_equal(symlink(other, path), 0);
	file = open_at(path, true);
	write_text(file, "one\n");
	outfile_close(file, false);
	assert_int_equal(access(other, F_OK), -1);
	mode_is(path, 0644);
}

/* One who knows the name of the temporary file puts a link there. */
static void a_link_that_lies_in_wait_is_not_followed(void **state)
{
	struct outfile *file = open_at(path, true);
	char temporary[128];

	(void)state;
	snprintf(temporary, sizeof(temporary), "%s/.a.prom.%ld.tmp", directory, (long)getpid());
	assert_int_equal(symlink(other, temporary), 0);
	write_text(file, "one\n");
	outfile_close(file, false);
	assert_int_equal(access(other, F_OK), -1);
	contents_are(path, "one\n");
	assert_int_equal(files_in_directory(), 1);
}

static void what_is_outdated_goes(void **state)
{
	struct outfile *file = open_at(path, true);

	(void)state;
	write_text(file, "one\n");
	outfile_close(file, true);
	assert_int_equal(files_in_directory(), 0);
}

static void what_another_put_there_stays(void **state)
{
	struct outfile *file = open_at(path, true), *another = open_at(path, true);

	(void)state;
	write_text(file, "one\n");
	write_text(another, "two\n");
	outfile_close(file, true);
	contents_are(path, "two\n");
	outfile_close(another, false);
	file = open_at(path, true);
	outfile_close(file, true); /* it has written nothing */
	contents_are(path, "two\n");
}

static void a_place_where_nothing_can_be_is_told_at_once(void **state)
{
	struct error err;

	(void)state;
	assert_null(outfile_open("/nonexistent/dir/a.prom", true, &err));
	assert_int_equal(err.code, ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/dir/a.prom"));
	assert_null(outfile_open(directory, true, &err));
	assert_int_equal(err.code, EISDIR);
	assert_null(outfile_open("/dev/null", true, &err));
	assert_int_equal(files_in_directory(), 0);
}

static void a_directory_that_comes_back_is_found(void **state)
{
	struct outfile *file = open_at(path, true);
	struct error err;

	(void)state;
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(outfile_write(file, "one\n", 4, &err), -1);
	assert_int_equal(mkdir(directory, 0700), 0);
	outfile_reopen(file);
	write_text(file, "two\n");
	contents_are(path, "two\n");
	outfile_close(file, false);
}

static void a_name_without_a_slash_is_here(void **state)
{
	struct outfile *file;
	char here[4096];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(directory), 0);
	file = open_at("a.prom", true);
	write_text(file, "one\n");
	outfile_close(file, false);
	assert_int_equal(chdir(here), 0);
	contents_are(path, "one\n");
	outfile_close(NULL, true);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(frames_go_to_the_end),
		file_test(after_a_rotation_the_new_file_is_written),
		file_test(of_a_frame_that_does_not_fit_nothing_stays),
		file_test(neither_links_nor_pipes_are_written),
		file_test(a_frame_replaces_the_one_before),
		file_test(a_reader_has_a_whole_frame),
		file_test(a_frame_that_does_not_fit_leaves_the_one_before),
		file_test(a_link_is_replaced_and_not_followed),
		file_test(a_link_that_lies_in_wait_is_not_followed),
		file_test(what_is_outdated_goes),
		file_test(what_another_put_there_stays),
		file_test(a_place_where_nothing_can_be_is_told_at_once),
		file_test(a_directory_that_comes_back_is_found),
		file_test(a_name_without_a_slash_is_here),
	};

	return cmocka_run_group_tests_name("outfile", tests, NULL, NULL);
}
