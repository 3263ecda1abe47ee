// SPDX-License-Identifier: GPL-2.0-or-later
/* occurrences: the faults of one row, one by one, the newest at the end. Pure. */
#include <inttypes.h>
#include <stdio.h>

#include "../util.h"
#include "cells.h"
#include "fault_cells.h"

static const struct snapshot_occurrence *occurrence_row(const struct view_context *context,
                                                        const struct row *row)
{
	return &context->snap->occurrences[row->index];
}

/* The snapshot has those of the row that was wanted when it was taken. */
static bool has_ours(const struct view_context *context)
{
	return context->fault != NO_FAULT && context->snap->fault_wanted == context->fault;
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;

	for (size_t i = 0; has_ours(context) && i < snap->occurrence_count; i++)
		rows_add(rows, (struct row){.id = snap->occurrences[i].id,
		                            .index = (uint32_t)i,
		                            .parent = NO_PARENT});
}

static void calm_down(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	if (occurrence_row(context, row)->before_start)
		out->role = ROLE_DIM;
}

static void put_time(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_time(out, context, occurrence_row(context, row)->ts_ns, 3);
}

static void put_address(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_occurrence *occurrence = occurrence_row(context, row);
	const struct snapshot_fault *fault = fault_by_id(context->snap, context->fault);

	if (fault)
		cell_fault_address(out, fault, occurrence->iova, occurrence->flags);
	calm_down(context, row, out);
}

static void put_verdict(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_occurrence *fault = occurrence_row(context, row);

	cell_verdict(out, &fault->verdict, fault->ts_ns);
	calm_down(context, row, out);
}

static void put_task(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_verdict *verdict = &occurrence_row(context, row)->verdict;

	if (verdict->pid)
		cell_set(out, ROLE_NORMAL, "%s %" PRId32, verdict->comm[0] ? verdict->comm : "-",
		         verdict->pid);
	calm_down(context, row, out);
}

static void put_pasid(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	const struct snapshot_occurrence *fault = occurrence_row(context, row);

	if (fault->flags & FAULT_HAS_PASID)
		cell_set(out, ROLE_NORMAL, "0x%" PRIx32, fault->pasid);
	calm_down(context, row, out);
}

static void put_source(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_occurrence *fault = occurrence_row(context, row);

	cell_set(out, ROLE_DIM, "%s%s", fault_source(fault->logged, fault->traced),
	         fault->before_start ? ", before the start" : "");
}

static int cmp_time(const struct view_context *context, const struct row *a, const struct row *b)
{
	(void)context;
	return compare_u64(a->id, b->id);
}

static int cmp_address(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(occurrence_row(context, a)->iova, occurrence_row(context, b)->iova);
}

static void note(const struct view_context *context, char *out, size_t size)
{
	if (has_ours(context) && context->snap->occurrences_gone)
		snprintf(out, size, "%" PRIu64 " older ones are no longer kept",
		         context->snap->occurrences_gone);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	copy_text(out, size,
	          has_ours(context) || !fault_by_id(context->snap, context->fault)
	                  ? "none is kept"
	                  : "not in what is held (Space goes on)");
}

static const struct column columns[] = {
	{"TIME", 12, 12, .put = put_time, .cmp = cmp_time, .help = "when it was reported"},
	{"ADDRESS", 10, 18, .put = put_address, .cmp = cmp_address, .right = true,
         .help = "I/O virtual address, or the index of an interrupt"},
	{"ADDRESS WAS", 14, 26, .put = put_verdict,
         .help = "where the address came from, as was known then; ? uncertain"},
	{"BY TASK", 12, 24, .put = put_task, .drop = 2,
         .help = "the task that made that map or unmap"},
	{"PASID", 8, 8, .put = put_pasid, .drop = 3, .help = "process address space, if any"},
	{"TOLD BY", 10, 0, .put = put_source, .drop = 1,
         .help = "log: the kernel's log; trace: an event of the kernel's; both: one fault"},
};

const struct view occurrences_view = {
	.title = "Occurrences",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
	.group_of = open_fault_group,
	.follows = true,
};
