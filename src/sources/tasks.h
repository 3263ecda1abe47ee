/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TASKS_H
#define IOMMUTOP_TASKS_H

#include <stdint.h>

/*
 * What tasks are called, and whose threads they are. The trace knows them by thread id only, and an
 * id is reused and its name changes, so they are asked for again after some seconds.
 */
struct tasks;

/* What is to be told of a task. */
struct task_news {
	const char *name; /* NULL: as told before, or nobody knows */
	/* The process it is a thread of; 0: as told before, or nobody knows; -1: what was told is
	 * not to be relied on any more, the id may have gone to another task. */
	int32_t process;
};

/*
 * procfs: "/proc"; tracefs: where saved_cmdlines is. Both are borrowed. A procfs of another pid
 * namespace than the trace's is never asked: its ids are other tasks'. Then there are only the
 * names that the tracer saved.
 */
struct tasks *tasks_new(const char *procfs, const char *tracefs);
void tasks_free(struct tasks *tasks);

/* From here on, the tasks that the kernel saved names of are looked at anew when one is missed. */
void tasks_forget_saved(struct tasks *tasks);

/*
 * What is new about a task seen at ts_ns, or NULL. Valid until the next call. Fast for a task that
 * was seen just before.
 */
const struct task_news *tasks_news(struct tasks *tasks, int32_t pid, uint64_t ts_ns);

#endif
