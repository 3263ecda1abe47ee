// SPDX-License-Identifier: GPL-2.0-or-later
/* tasks: names that change, ids that are reused, more tasks than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/tasks.h"

#define SECOND 1000000000ull

/* A directory that is procfs and tracefs at once. */
static char root[] = "/tmp/iommutop-tasks-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void drop(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	remove(path);
}

static int make_root(void **state)
{
	char path[128];

	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/7", root);
	return mkdir(path, 0755);
}

static int remove_root(void **state)
{
	(void)state;
	drop("7/comm");
	drop("7");
	drop("saved_cmdlines");
	return rmdir(root);
}

static void a_name_is_news_once(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/comm", "qemu\n");
	assert_string_equal(tasks_news(tasks, 7, 1), "qemu");
	assert_null(tasks_news(tasks, 7, 2));
	assert_null(tasks_news(tasks, 7, 60 * SECOND));
	tasks_free(tasks);
	tasks_free(NULL);
}

static void another_name_is_news(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/comm", "sh\n");
	assert_string_equal(tasks_news(tasks, 7, 1), "sh");
	put("7/comm", "qemu\n");
	assert_null(tasks_news(tasks, 7, SECOND));
	assert_string_equal(tasks_news(tasks, 7, 10 * SECOND), "qemu");
	drop("7/comm");
	assert_null(tasks_news(tasks, 7, 20 * SECOND));
	tasks_free(tasks);
}

static void saved_names_are_read_anew_when_told(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("saved_cmdlines", "9 one\n");
	assert_null(tasks_news(tasks, 8, 1));
	assert_string_equal(tasks_news(tasks, 9, 1), "one");
	put("saved_cmdlines", "8 two words\n9 one");
	assert_null(tasks_news(tasks, 8, 10 * SECOND));
	tasks_forget_saved(tasks);
	assert_string_equal(tasks_news(tasks, 8, 20 * SECOND), "two words");
	tasks_free(tasks);
}

static void many_tasks_find_room(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/comm", "qemu\n");
	for (int32_t pid = 0; pid < 100000; pid++) {
		const char *name = tasks_news(tasks, pid, 1);

		if (pid == 0)
			assert_string_equal(name, "<idle>");
		else if (pid == 7)
			assert_string_equal(name, "qemu");
		else
			assert_null(name);
	}
	assert_string_equal(tasks_news(tasks, 7, 1), "qemu");
	assert_null(tasks_news(tasks, -1, 1));
	tasks_free(tasks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_is_news_once, make_root, remove_root),
		cmocka_unit_test_setup_teardown(another_name_is_news, make_root, remove_root),
		cmocka_unit_test_setup_teardown(saved_names_are_read_anew_when_told, make_root,
	                                        remove_root),
		cmocka_unit_test_setup_teardown(many_tasks_find_room, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
