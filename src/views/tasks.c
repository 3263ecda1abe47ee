// SPDX-License-Identifier: GPL-2.0-or-later
/* tasks: which threads make the maps and unmaps of a domain. Pure. */
#include <inttypes.h>
#include <string.h>

#include "../util.h"
#include "cells.h"

static const struct snapshot_detail *the_detail(const struct view_context *context)
{
	const struct snapshot_detail *detail = &context->snap->detail;

	return context->domain != NO_DOMAIN && detail->domain == context->domain ? detail : NULL;
}

static const struct snapshot_task *task_row(const struct view_context *context,
                                            const struct row *row)
{
	return &context->snap->detail.tasks[row->index];
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot_detail *detail = the_detail(context);

	for (size_t i = 0; detail && i < detail->task_count; i++)
		rows_add(rows, (struct row){.id = (uint32_t)detail->tasks[i].pid,
		                            .index = (uint32_t)i,
		                            .parent = NO_PARENT});
}

static uint64_t events_of(const struct snapshot_task *task)
{
	return task->maps + task->unmaps;
}

/* Of all events whose task is known; counts made in the kernel have none. */
static uint64_t all_events(const struct snapshot_detail *detail)
{
	uint64_t sum = 0;

	if (detail->context_total != UINT64_MAX && detail->context_total + detail->context_unknown)
		return detail->context_total + detail->context_unknown;
	for (size_t i = 0; i < detail->task_count; i++)
		sum += events_of(&detail->tasks[i]);
	return sum;
}

static void put_task(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_task *task = task_row(context, row);

	cell_set(out, task->comm[0] ? ROLE_STRONG : ROLE_DIM, "%s",
	         task->comm[0] ? task->comm : "-");
}

static void put_pid(const struct view_context *context, const struct row *row,
                    struct cell_text *out)
{
	cell_set(out, ROLE_NORMAL, "%" PRId32, task_row(context, row)->pid);
}

static void put_maps(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_count(out, (struct count){task_row(context, row)->maps, KNOWN_EXACT});
}

static void put_unmaps(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	cell_count(out, (struct count){task_row(context, row)->unmaps, KNOWN_EXACT});
}

static void put_share(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	text_share(out->text, sizeof(out->text), events_of(task_row(context, row)),
	           all_events(&context->snap->detail));
}

static int cmp_task(const struct view_context *context, const struct row *a, const struct row *b)
{
	return strcmp(task_row(context, a)->comm, task_row(context, b)->comm);
}

static int cmp_pid(const struct view_context *context, const struct row *a, const struct row *b)
{
	return (task_row(context, a)->pid > task_row(context, b)->pid) -
	       (task_row(context, a)->pid < task_row(context, b)->pid);
}

static int cmp_maps(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(task_row(context, a)->maps, task_row(context, b)->maps);
}

static int cmp_unmaps(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(task_row(context, a)->unmaps, task_row(context, b)->unmaps);
}

static int cmp_share(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(events_of(task_row(context, a)), events_of(task_row(context, b)));
}

static void note(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot_detail *detail = the_detail(context);

	if (!detail || !detail->task_count)
		return;
	if (!detail->tasks_exact)
		copy_text(out, size, "estimates: too many to count");
	else if (detail->context_unknown)
		copy_text(out, size,
		          "at most: the trace does not tell what interrupts did meanwhile");
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	if (!the_detail(context))
		text_no_detail(out, size, context);
	else if (context->snap->collect == COLLECT_COUNTS)
		copy_text(out, size, "not in counts mode: it has no tasks (c changes the mode)");
	else
		copy_text(out, size, "no task has mapped or unmapped yet");
}

static const struct column columns[] = {
	{"TASK", 15, 15, .put = put_task, .cmp = cmp_task, .help = "name of the thread"},
	{"PID", 7, 7, .put = put_pid, .cmp = cmp_pid, .right = true, .help = "id of the thread"},
	{"MAPS", 7, 7, .put = put_maps, .cmp = cmp_maps, .right = true, .descending = true,
         .help = "maps it made since the start"},
	{"UNMAPS", 7, 7, .put = put_unmaps, .cmp = cmp_unmaps, .right = true, .descending = true,
         .help = "unmaps it made since the start"},
	{"SHARE", 7, 7, .put = put_share, .cmp = cmp_share, .right = true, .descending = true,
         .help = "of all maps and unmaps of the domain, those in interrupts included"},
};

const struct view tasks_view = {
	.title = "Tasks",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
};
