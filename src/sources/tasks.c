// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tasks: thread id to name and process.
 * In: procfs, and the names the tracer saved when tasks were switched. Out: what is news of them.
 * Must never know: who asks and why.
 */
#include "tasks.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "files.h"
#include "owners.h"

/* Slots are few enough to be forgotten all at once when they fill up. A power of two. */
#define SLOT_BITS 12
#define SLOTS     (1u << SLOT_BITS)

/* After so long an id may belong to another task, and a name may have changed. */
#define ASK_AGAIN_NS 5000000000ull

/* A kernel worker's name in /proc, with its work, can be longer than TASK_COMM_LEN. */
#define NAME_SIZE 64

struct task {
	uint64_t asked_ns;
	int32_t pid;
	int32_t process; /* 0: nobody knew */
	bool used;
	char name[NAME_SIZE]; /* empty: nobody knew */
};

struct tasks {
	const char *procfs;
	const char *tracefs;
	char *saved; /* text of saved_cmdlines, NULL until it is needed */
	bool saved_is_fresh;
	size_t count;
	bool proc_has_our_ids;
	struct task_news news;
	struct task slots[SLOTS];
};

/* What is behind key in the line that starts with it, or NULL. */
static const char *value_of(const char *status, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length))
			return line + length;
	}
	return NULL;
}

/* status writes a line's end in a name as \n and a backslash as two (fs/proc/array.c). */
static void copy_name(char name[NAME_SIZE], const char *text)
{
	size_t length = 0;

	for (; *text && *text != '\n' && length < NAME_SIZE - 1; text++) {
		bool escaped = *text == '\\' && (text[1] == 'n' || text[1] == '\\');

		text += escaped;
		name[length++] = escaped && *text == 'n' ? '\n' : *text;
	}
	name[length] = '\0';
}

/* Both from one read, so that they are of one task even if the id changes hands. */
static bool ask_proc(const struct tasks *tasks, struct task *task)
{
	/* Of some 1500 bytes; the process is told in the first 200. */
	char path[PATH_MAX], status[1024];
	const char *name, *process;
	uint64_t id;

	if (!tasks->proc_has_our_ids)
		return false;
	snprintf(path, sizeof(path), "%s/%d/status", tasks->procfs, (int)task->pid);
	files_read(AT_FDCWD, path, status, sizeof(status));
	name = value_of(status, "Name:\t");
	process = value_of(status, "Tgid:\t");
	if (!name)
		return false;
	copy_name(task->name, name);
	if (process && parse_decimal(process, &process, &id) && *process == '\n' && id <= INT32_MAX)
		task->process = (int32_t)id;
	return task->name[0] != '\0';
}

static const char *saved_names(struct tasks *tasks)
{
	/* 128 names unless somebody raised saved_cmdlines_size; a line is some 20 bytes. */
	enum { ROOM = 1 << 18 };
	char path[PATH_MAX];

	if (tasks->saved_is_fresh)
		return tasks->saved;
	if (!tasks->saved)
		tasks->saved = xmalloc(ROOM);
	snprintf(path, sizeof(path), "%s/saved_cmdlines", tasks->tracefs);
	files_read(AT_FDCWD, path, tasks->saved, ROOM);
	tasks->saved_is_fresh = true;
	return tasks->saved;
}

/* Lines of "PID NAME"; names may hold spaces. */
static void name_from_saved(struct tasks *tasks, int32_t pid, char name[NAME_SIZE])
{
	for (const char *line = saved_names(tasks); *line;) {
		size_t length = strcspn(line, "\n");
		const char *end;
		uint64_t number;

		if (parse_decimal(line, &end, &number) && number == (uint64_t)pid && *end == ' ') {
			snprintf(name, NAME_SIZE, "%.*s", (int)(line + length - end - 1), end + 1);
			return;
		}
		line += length + (line[length] == '\n');
	}
}

/* A living task is asked itself; a dead one may have been remembered by the tracer. */
static void ask(struct tasks *tasks, struct task *task)
{
	if (task->pid == 0)
		copy_text(task->name, NAME_SIZE, "<idle>");
	else if (!ask_proc(tasks, task))
		name_from_saved(tasks, task->pid, task->name);
}

static struct task *find_slot(struct tasks *tasks, int32_t pid)
{
	uint32_t at = ((uint32_t)pid * 2654435761u) >> (32 - SLOT_BITS);

	while (tasks->slots[at].used && tasks->slots[at].pid != pid)
		at = (at + 1) & (SLOTS - 1);
	return &tasks->slots[at];
}

static struct task *new_slot(struct tasks *tasks, int32_t pid)
{
	struct task *task;

	if (tasks->count >= SLOTS / 4 * 3) {
		memset(tasks->slots, 0, sizeof(tasks->slots));
		tasks->count = 0;
	}
	task = find_slot(tasks, pid);
	*task = (struct task){.pid = pid, .used = true};
	tasks->count++;
	return task;
}

struct tasks *tasks_new(const char *procfs, const char *tracefs)
{
	struct tasks *tasks = xcalloc(1, sizeof(*tasks));

	tasks->procfs = procfs;
	tasks->tracefs = tracefs;
	tasks->proc_has_our_ids = owners_see_all(procfs);
	return tasks;
}

void tasks_free(struct tasks *tasks)
{
	if (!tasks)
		return;
	free(tasks->saved);
	free(tasks);
}

void tasks_forget_saved(struct tasks *tasks)
{
	tasks->saved_is_fresh = false;
}

/*
 * What is asked now, against what was told. Of a task that has ended nothing is taken back - unless
 * its id has another name now.
 */
static const struct task_news *compare(struct tasks *tasks, struct task *told,
                                       const struct task *now)
{
	struct task_news *news = &tasks->news;
	bool renamed = now->name[0] && strcmp(now->name, told->name) != 0;

	*news = (struct task_news){0};
	if (renamed) {
		copy_text(told->name, sizeof(told->name), now->name);
		news->name = told->name;
	}
	if (now->process != told->process && (now->process || renamed)) {
		told->process = now->process;
		news->process = now->process ? now->process : -1;
	}
	return news->name || news->process ? news : NULL;
}

const struct task_news *tasks_news(struct tasks *tasks, int32_t pid, uint64_t ts_ns)
{
	struct task *told = find_slot(tasks, pid);
	struct task now = {.pid = pid};

	if (told->used && ts_ns < told->asked_ns + ASK_AGAIN_NS)
		return NULL;
	if (!told->used)
		told = new_slot(tasks, pid);
	told->asked_ns = ts_ns;
	ask(tasks, &now);
	return compare(tasks, told, &now);
}
