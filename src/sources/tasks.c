// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tasks: thread id to name.
 * In: procfs, and the names the tracer saved when tasks were switched. Out: names that are news.
 * Must never know: who asks and why.
 */
#include "tasks.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"

/* Slots are few enough to be forgotten all at once when they fill up. A power of two. */
#define SLOT_BITS 12
#define SLOTS     (1u << SLOT_BITS)

/* After so long an id may belong to another task, and a name may have changed. */
#define ASK_AGAIN_NS 5000000000ull

/* A kernel worker's name in /proc, with its work, can be longer than TASK_COMM_LEN. */
#define NAME_SIZE 64

/* PROC_PID_INIT_INO, include/linux/proc_ns.h: ids in the trace are those of the first namespace. */
#define INITIAL_PID_NAMESPACE "pid:[4026531836]"

struct task {
	uint64_t asked_ns;
	int32_t pid;
	bool used;
	char name[NAME_SIZE]; /* empty: nobody knew */
};

struct tasks {
	const char *procfs;
	const char *tracefs;
	char *saved; /* text of saved_cmdlines, NULL until it is needed */
	size_t count;
	bool proc_has_our_ids;
	struct task slots[SLOTS];
};

/* Reads a small file whole; returns its length, 0 for none. */
static size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	text[0] = '\0';
	if (fd < 0)
		return 0;
	while (length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	close(fd);
	text[length] = '\0';
	return length;
}

/* A kernel without namespaces has no such link, and but one set of ids. */
static bool in_initial_namespace(const char *procfs)
{
	char path[PATH_MAX], target[64];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/self/ns/pid", procfs);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return true;
	target[length] = '\0';
	return strcmp(target, INITIAL_PID_NAMESPACE) == 0;
}

static bool name_from_proc(const struct tasks *tasks, int32_t pid, char name[NAME_SIZE])
{
	char path[PATH_MAX];

	if (!tasks->proc_has_our_ids)
		return false;
	snprintf(path, sizeof(path), "%s/%d/comm", tasks->procfs, (int)pid);
	read_text(path, name, NAME_SIZE);
	name[strcspn(name, "\n")] = '\0';
	return name[0] != '\0';
}

static const char *saved_names(struct tasks *tasks)
{
	/* 128 names unless somebody raised saved_cmdlines_size; a line is some 20 bytes. */
	enum { ROOM = 1 << 18 };
	char path[PATH_MAX];
	size_t length;

	if (tasks->saved)
		return tasks->saved;
	tasks->saved = xmalloc(ROOM);
	snprintf(path, sizeof(path), "%s/saved_cmdlines", tasks->tracefs);
	length = read_text(path, tasks->saved, ROOM);
	tasks->saved = xrealloc(tasks->saved, length + 1);
	return tasks->saved;
}

/* Lines of "PID NAME"; names may hold spaces. */
static bool name_from_saved(struct tasks *tasks, int32_t pid, char name[NAME_SIZE])
{
	for (const char *line = saved_names(tasks); *line;) {
		size_t length = strcspn(line, "\n");
		const char *end;
		uint64_t number;

		if (parse_decimal(line, &end, &number) && number == (uint64_t)pid && *end == ' ') {
			snprintf(name, NAME_SIZE, "%.*s", (int)(line + length - end - 1), end + 1);
			return name[0] != '\0';
		}
		line += length + (line[length] == '\n');
	}
	return false;
}

/* A living task is asked itself; a dead one may have been remembered by the tracer. */
static void ask(struct tasks *tasks, int32_t pid, char name[NAME_SIZE])
{
	if (pid == 0)
		copy_text(name, NAME_SIZE, "<idle>");
	else if (!name_from_proc(tasks, pid, name) && !name_from_saved(tasks, pid, name))
		name[0] = '\0';
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
	tasks->proc_has_our_ids = in_initial_namespace(procfs);
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
	free(tasks->saved);
	tasks->saved = NULL;
}

const char *tasks_news(struct tasks *tasks, int32_t pid, uint64_t ts_ns)
{
	struct task *task = find_slot(tasks, pid);
	char name[NAME_SIZE];

	if (task->used && ts_ns < task->asked_ns + ASK_AGAIN_NS)
		return NULL;
	if (!task->used)
		task = new_slot(tasks, pid);
	task->asked_ns = ts_ns;
	ask(tasks, pid, name);
	if (!name[0] || strcmp(name, task->name) == 0)
		return NULL;
	copy_text(task->name, sizeof(task->name), name);
	return task->name;
}
