// SPDX-License-Identifier: GPL-2.0-or-later
/* tasks: names and processes that change, ids that are reused or of another namespace, more tasks
 * than there is room for. */
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

static void make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

/* Puts us into the pid namespace of that number. */
static void enter_namespace(const char *number)
{
	char path[128], target[64];

	drop("self/ns/pid");
	snprintf(path, sizeof(path), "%s/self/ns/pid", root);
	snprintf(target, sizeof(target), "pid:[%s]", number);
	assert_int_equal(symlink(target, path), 0);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	assert_non_null(mkdtemp(root));
	make("7");
	make("self");
	make("self/ns");
	enter_namespace("4026531836");
	return 0;
}

static void assert_news(const struct task_news *news, const char *name, int32_t process)
{
	assert_non_null(news);
	if (name)
		assert_string_equal(news->name, name);
	else
		assert_null(news->name);
	assert_int_equal(news->process, process);
}

static int remove_root(void **state)
{
	(void)state;
	drop("7/status");
	drop("7");
	drop("self/ns/pid");
	drop("self/ns");
	drop("self");
	drop("saved_cmdlines");
	return rmdir(root);
}

static void a_task_is_news_once(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/status", "Name:\tqemu\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t5\nNgid:\t0\n");
	assert_news(tasks_news(tasks, 7, 1), "qemu", 5);
	assert_null(tasks_news(tasks, 7, 2));
	assert_null(tasks_news(tasks, 7, 60 * SECOND));
	tasks_free(tasks);
	tasks_free(NULL);
}

static void another_name_is_news(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/status", "Name:\tsh\nTgid:\t7\n");
	assert_news(tasks_news(tasks, 7, 1), "sh", 7);
	put("7/status", "Name:\tqemu\nTgid:\t7\n");
	assert_null(tasks_news(tasks, 7, SECOND));
	assert_news(tasks_news(tasks, 7, 10 * SECOND), "qemu", 0);
	put("7/status", "Name:\tqemu\nTgid:\t6\n");
	assert_news(tasks_news(tasks, 7, 20 * SECOND), NULL, 6);
	drop("7/status");
	assert_null(tasks_news(tasks, 7, 30 * SECOND));
	tasks_free(tasks);
}

/* It had ended, and somebody had its id, before we could ask: whose thread it was nobody knows. */
static void another_tasks_process_is_taken_back(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/status", "Name:\tqemu\nTgid:\t5\n");
	assert_news(tasks_news(tasks, 7, 1), "qemu", 5);
	drop("7/status");
	put("saved_cmdlines", "7 dd\n");
	assert_news(tasks_news(tasks, 7, 10 * SECOND), "dd", -1);
	assert_null(tasks_news(tasks, 7, 20 * SECOND));
	tasks_free(tasks);
}

static void odd_status_is_read_with_care(void **state)
{
	static const struct {
		const char *status, *name;
		int32_t process;
	} rows[] = {
		{"Name:\ta\\nb\\\\n\\c\nTgid:\t3\n", "a\nb\\n\\c", 3},
		{"Name:\tTgid:\t9\nTgid:\t3\n", "Tgid:\t9", 3},
		{"Name:\tno process\n", "no process", 0},
		{"Name:\tcut off\nTgid:\t12", "cut off", 0},
		{"Name:\ttoo large\nTgid:\t4294967296\n", "too large", 0},
		{"Name:\tnegative\nTgid:\t-1\n", "negative", 0},
		{"\n\nName:\tlate\n\nTgid:\t3\n", "late", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tasks *tasks = tasks_new(root, root);

		put("7/status", rows[i].status);
		assert_news(tasks_news(tasks, 7, 1), rows[i].name, rows[i].process);
		put("7/status", "");
		assert_null(tasks_news(tasks, 7, 10 * SECOND));
		tasks_free(tasks);
	}
}

/* In a container, the ids of /proc are others than those of the trace. */
static void another_namespace_is_not_asked(void **state)
{
	struct tasks *tasks;

	(void)state;
	put("7/status", "Name:\twrong\nTgid:\t7\n");
	put("saved_cmdlines", "7 right\n");
	enter_namespace("4026532200");
	tasks = tasks_new(root, root);
	assert_news(tasks_news(tasks, 7, 1), "right", 0);
	tasks_free(tasks);
}

static void saved_names_are_read_anew_when_told(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("saved_cmdlines", "9 one\n");
	assert_null(tasks_news(tasks, 8, 1));
	assert_news(tasks_news(tasks, 9, 1), "one", 0);
	put("saved_cmdlines", "8 two words\n9 one");
	assert_null(tasks_news(tasks, 8, 10 * SECOND));
	tasks_forget_saved(tasks);
	assert_news(tasks_news(tasks, 8, 20 * SECOND), "two words", 0);
	tasks_free(tasks);
}

static void many_tasks_find_room(void **state)
{
	struct tasks *tasks = tasks_new(root, root);

	(void)state;
	put("7/status", "Name:\tqemu\nTgid:\t5\n");
	for (int32_t pid = 0; pid < 100000; pid++) {
		const struct task_news *news = tasks_news(tasks, pid, 1);

		if (pid == 0)
			assert_news(news, "<idle>", 0);
		else if (pid == 7)
			assert_news(news, "qemu", 5);
		else
			assert_null(news);
	}
	assert_news(tasks_news(tasks, 7, 1), "qemu", 5);
	assert_null(tasks_news(tasks, -1, 1));
	tasks_free(tasks);
}

#define TASKS_TEST(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TASKS_TEST(a_task_is_news_once),
		TASKS_TEST(another_name_is_news),
		TASKS_TEST(another_tasks_process_is_taken_back),
		TASKS_TEST(odd_status_is_read_with_care),
		TASKS_TEST(another_namespace_is_not_asked),
		TASKS_TEST(saved_names_are_read_anew_when_told),
		TASKS_TEST(many_tasks_find_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
