// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_tasks: names and processes of the threads that make events, in a table that forgets, and
 * which of them did most in a domain. In: events. Out: rows of a detail. Must never know: /proc.
 * Pure.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define TASK_PROBES 8u

/* The task's place: its own, else a free one, else the first of those where it could be. */
static struct task *task_place(const struct model *model, int32_t pid)
{
	size_t mask = model->limits.tasks - 1;
	size_t home = (uint32_t)pid * 2654435761u >> 7;
	struct task *free_one = NULL;

	for (size_t i = 0; i < TASK_PROBES; i++) {
		struct task *task = &model->tasks[(home + i) & mask];

		if (task->used && task->pid == pid)
			return task;
		if (!task->used && !free_one)
			free_one = task;
	}
	return free_one ? free_one : &model->tasks[home & mask];
}

const struct task *model_tasks_find(const struct model *model, int32_t pid)
{
	const struct task *task = task_place(model, pid);

	return task->used && task->pid == pid ? task : NULL;
}

void model_tasks_attr(struct model *model, const struct event *ev)
{
	int32_t pid = (int32_t)ev->attr.id;
	struct task *task = task_place(model, pid);

	if (!task->used || task->pid != pid)
		*task = (struct task){.pid = pid, .used = true, .process = NO_PROCESS};
	if (ev->attr.attribute == ATTR_TASK_COMM)
		copy_text(task->comm, sizeof(task->comm), ev->attr.text ? ev->attr.text : "");
	else
		task->process = ev->attr.value < NO_PROCESS ? (uint32_t)ev->attr.value : NO_PROCESS;
}

/* ---- the busiest of a domain ---- */

static uint64_t weight(const struct task_counter *counter)
{
	return counter->floor + counter->maps + counter->unmaps;
}

static struct task_counter *lightest(struct figures *figures)
{
	struct task_counter *least = &figures->tasks[0];

	for (size_t i = 1; i < figures->task_count; i++)
		if (weight(&figures->tasks[i]) < weight(least))
			least = &figures->tasks[i];
	return least;
}

/* Space saving: one that is new takes the place of the lightest and weighs as much, so that a heavy
 * one is never pushed out by many light ones. What it is shown with is what was seen of it. */
static struct task_counter *new_counter(const struct model *model, struct figures *figures,
                                        int32_t pid)
{
	const struct task *task = model_tasks_find(model, pid);
	struct task_counter *counter;
	uint64_t floor = 0;

	if (figures->task_count < TASK_COUNTERS) {
		counter = &figures->tasks[figures->task_count++];
	} else {
		counter = lightest(figures);
		floor = weight(counter);
		figures->task_evicted = true;
	}
	*counter = (struct task_counter){
		.pid = pid, .process = task ? task->process : NO_PROCESS, .floor = floor};
	if (task)
		memcpy(counter->comm, task->comm, sizeof(counter->comm));
	return counter;
}

/* The one that is found moves forward by a place: the busy ones are found at once. */
static struct task_counter *find_counter(struct figures *figures, int32_t pid)
{
	for (size_t i = 0; i < figures->task_count; i++) {
		struct task_counter found;

		if (figures->tasks[i].pid != pid)
			continue;
		if (!i)
			return &figures->tasks[0];
		found = figures->tasks[i];
		figures->tasks[i] = figures->tasks[i - 1];
		figures->tasks[i - 1] = found;
		return &figures->tasks[i - 1];
	}
	return NULL;
}

struct task_counter *model_tasks_counter(const struct model *model, struct figures *figures,
                                         int32_t pid)
{
	struct task_counter *counter = find_counter(figures, pid);

	return counter ? counter : new_counter(model, figures, pid);
}

uint32_t model_tasks_process(const struct model *model, int32_t pid)
{
	const struct task *task = model_tasks_find(model, pid);

	return task ? task->process : NO_PROCESS;
}

uint32_t model_tasks_top_mapper(const struct model *model, const struct figures *figures)
{
	const struct task_counter *most = NULL;

	for (size_t i = 0; i < figures->task_count; i++)
		if (figures->tasks[i].maps && (!most || figures->tasks[i].maps > most->maps))
			most = &figures->tasks[i];
	if (!most)
		return NO_PROCESS;
	return most->process != NO_PROCESS ? most->process : model_tasks_process(model, most->pid);
}

/* Equal ones by their number, so that they stay where they are. */
static int compare_counters(const void *left, const void *right)
{
	const struct task_counter *a = left, *b = right;
	uint64_t had = a->maps + a->unmaps, has = b->maps + b->unmaps;

	if (had != has)
		return had > has ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void put_task(const struct model *model, const struct task_counter *counter,
                     struct snapshot_task *out)
{
	const struct task *task = model_tasks_find(model, counter->pid);

	*out = (struct snapshot_task){
		.pid = counter->pid,
		.maps = counter->maps,
		.unmaps = counter->unmaps,
	};
	if (counter->comm[0])
		memcpy(out->comm, counter->comm, sizeof(out->comm));
	else if (task)
		memcpy(out->comm, task->comm, sizeof(out->comm));
}

void model_tasks_top_put(const struct model *model, const struct figures *figures,
                         struct snapshot_detail *out)
{
	struct task_counter sorted[TASK_COUNTERS];

	memcpy(sorted, figures->tasks, sizeof(sorted));
	qsort(sorted, figures->task_count, sizeof(*sorted), compare_counters);
	out->tasks_exact = !figures->task_evicted;
	while (out->task_count < figures->task_count && out->task_count < TOP_TASKS) {
		put_task(model, &sorted[out->task_count], &out->tasks[out->task_count]);
		out->task_count++;
	}
}
