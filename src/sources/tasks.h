/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TASKS_H
#define IOMMUTOP_TASKS_H

#include <stdint.h>

/*
 * What tasks are called. The trace knows them by thread id only, and an id is reused and its name
 * changes, so a name is asked for again after some seconds.
 */
struct tasks;

/* procfs: "/proc"; tracefs: where saved_cmdlines is. Both are borrowed. */
struct tasks *tasks_new(const char *procfs, const char *tracefs);
void tasks_free(struct tasks *tasks);

/* From here on, the tasks that the kernel saved names of are looked at anew when one is missed. */
void tasks_forget_saved(struct tasks *tasks);

/*
 * The name of a task seen at ts_ns, when it is not the one given last; else NULL: it is known, or
 * nobody knows. Valid until the next call. Fast for a task that was seen just before.
 */
const char *tasks_news(struct tasks *tasks, int32_t pid, uint64_t ts_ns);

#endif
