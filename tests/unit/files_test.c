// SPDX-License-Identifier: GPL-2.0-or-later
/* files: what is too long, what is not there, what must not be opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/files.h"

static char root[64];
static int directory;

static int set_up(void **state)
{
	int fd;

	(void)state;
	strcpy(root, "/tmp/iommutop-files-XXXXXX");
	directory = mkdtemp(root) ? files_open_directory(AT_FDCWD, root) : -1;
	fd = openat(directory, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "12345", 5) != 5)
		return -1;
	close(fd);
	return symlinkat("../a/1234", directory, "link");
}

static int tear_down(void **state)
{
	(void)state;
	unlinkat(directory, "file", 0);
	unlinkat(directory, "link", 0);
	unlinkat(directory, "fifo", 0);
	close(directory);
	return rmdir(root);
}

static void text_fits_or_is_cut(void **state)
{
	char text[6];

	(void)state;
	assert_int_equal(files_read(directory, "file", text, 6), 5);
	assert_string_equal(text, "12345");
	assert_int_equal(files_read(directory, "file", text, 5), 4);
	assert_string_equal(text, "1234");
	assert_int_equal(files_read(directory, "file", text, 1), 0);
	assert_string_equal(text, "");
}

/* Opening the FIFO would wait for ever. */
static void only_regular_files_are_opened(void **state)
{
	static const char *const names[] = {"none", "fifo", ".", "/dev/zero", "link"};
	char text[6];

	(void)state;
	assert_int_equal(mkfifoat(directory, "fifo", 0600), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		strcpy(text, "old");
		assert_int_equal(files_open(directory, names[i]), -1);
		assert_int_equal(files_read(directory, names[i], text, sizeof(text)), 0);
		assert_string_equal(text, "");
	}
	assert_int_equal(files_open_directory(directory, "file"), -1);
}

static void links_fit_or_are_none(void **state)
{
	char target[10];

	(void)state;
	assert_true(files_link(directory, "link", target, 10));
	assert_string_equal(target, "../a/1234");
	assert_string_equal(files_last_part(target), "1234");
	assert_string_equal(files_last_part("1234"), "1234");
	assert_string_equal(files_last_part("a/"), "");
	assert_false(files_link(directory, "link", target, 9));
	assert_int_equal(errno, ENAMETOOLONG);
	assert_false(files_link(directory, "none", target, 10));
	assert_int_equal(errno, ENOENT);
	assert_false(files_link(directory, "file", target, 10));
}

/* 5 bytes: it is whole with a limit of 6, which is never reached. */
static void all_of_a_file_or_nothing(void **state)
{
	static char many[100000];
	char *text;
	int fd;

	(void)state;
	text = files_read_all(directory, "file", 6);
	assert_string_equal(text, "12345");
	free(text);
	assert_null(files_read_all(directory, "file", 5));
	assert_null(files_read_all(directory, "none", 6));
	assert_null(files_read_all(directory, ".", 6));
	memset(many, 'x', sizeof(many));
	fd = openat(directory, "file", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, many, sizeof(many)), sizeof(many));
	close(fd);
	text = files_read_all(directory, "file", sizeof(many) + 1);
	assert_int_equal(strlen(text), sizeof(many));
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_fits_or_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_regular_files_are_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_of_a_file_or_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_fit_or_are_none, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
