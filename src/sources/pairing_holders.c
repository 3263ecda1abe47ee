// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairing_holders: which process a task is of, and whether that holds a group.
 * In: struct event. Out: processes. Must never know: records, domains, /proc. Pure.
 */
#include "pairing_private.h"

#include <stdlib.h>
#include <string.h>

#include "../owned.h"
#include "../util.h"

/*
 * Tasks are told of again when those who know them forgot them all, which is before there are as
 * many as here is room for. Of a set the one told first gives way.
 */
enum { SETS = 512, WAYS = 8 };

struct task {
	int32_t pid; /* 0: none */
	int32_t process;
};

struct held {
	uint32_t group;
	int32_t process;
};

struct holders {
	struct task (*tasks)[WAYS]; /* SETS, made when the first comes; of a set the newest first */
	struct held *held;
	size_t count, capacity;
};

struct holders *holders_new(void)
{
	return xcalloc(1, sizeof(struct holders));
}

void holders_owned(struct holders **holders, struct owned *owned)
{
	OWNED_BEGIN(owned, *holders, 1, 1);
	OWNED_ARRAY(owned, (*holders)->tasks, SETS, SETS);
	OWNED_ARRAY(owned, (*holders)->held, (*holders)->count, (*holders)->capacity);
	owned_end(owned, holders);
}

static size_t set_of(int32_t pid)
{
	return (uint32_t)pid * 0x9e3779b1u >> 16 & (SETS - 1);
}

static void set_task(struct holders *holders, int32_t pid, int32_t process)
{
	struct task *set;
	size_t at = 0;

	if (!holders->tasks)
		holders->tasks = xcalloc(SETS, sizeof(*holders->tasks));
	set = holders->tasks[set_of(pid)];
	while (at < WAYS - 1 && set[at].pid != pid)
		at++;
	memmove(set + 1, set, at * sizeof(*set));
	set[0] = (struct task){.pid = pid, .process = process};
}

static bool holds(const struct holders *holders, int32_t process)
{
	for (size_t i = 0; i < holders->count; i++)
		if (holders->held[i].process == process)
			return true;
	return false;
}

int32_t holders_process(const struct holders *holders, int32_t pid)
{
	const struct task *set;

	if (!holders->count || !holders->tasks)
		return 0;
	set = holders->tasks[set_of(pid)];
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].pid == pid)
			return holds(holders, set[i].process) ? set[i].process : 0;
	return 0;
}

static struct held *find_hold(struct holders *holders, uint32_t group)
{
	for (size_t i = 0; i < holders->count; i++)
		if (holders->held[i].group == group)
			return &holders->held[i];
	return NULL;
}

static void end_hold(struct pairing *pairing, struct held *held)
{
	struct holders *holders = pairing->holders;
	int32_t process = held->process;

	*held = holders->held[--holders->count];
	if (!holds(holders, process))
		pairing_end_process(pairing, process);
}

static void begin_hold(struct holders *holders, uint32_t group, int32_t process)
{
	if (holders->count >= PAIRING_HOLDERS)
		return;
	holders->held =
		grow(holders->held, &holders->capacity, holders->count, sizeof(*holders->held));
	holders->held[holders->count++] = (struct held){.group = group, .process = process};
}

/* process: 0 for nobody. */
static void set_holder(struct pairing *pairing, uint32_t group, int32_t process)
{
	struct held *held = find_hold(pairing->holders, group);

	if (held && held->process == process)
		return;
	if (held)
		end_hold(pairing, held);
	if (process)
		begin_hold(pairing->holders, group, process);
}

/* 0: not known, or nobody. */
static int32_t process_of(const struct event *ev)
{
	return ev->attr.value <= INT32_MAX ? (int32_t)ev->attr.value : 0;
}

void pairing_hear(struct pairing *pairing, const struct event *ev)
{
	bool attr = ev->kind == EVENT_ATTR;

	pairing->lone = 0;
	if (attr && ev->attr.attribute == ATTR_TASK_PROCESS)
		set_task(pairing->holders, (int32_t)ev->attr.id, process_of(ev));
	else if (attr && ev->attr.attribute == ATTR_GROUP_HOLDER)
		set_holder(pairing, ev->attr.id, process_of(ev));
	else if (ev->kind == EVENT_GONE && ev->attr.subject == SUBJECT_GROUP)
		set_holder(pairing, ev->attr.id, 0);
}
