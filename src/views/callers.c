// SPDX-License-Identifier: GPL-2.0-or-later
/* callers: which functions of the kernel asked for the maps and unmaps of a domain. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "cells.h"

static const struct snapshot_detail *the_detail(const struct view_context *context)
{
	const struct snapshot_detail *detail = &context->snap->detail;

	return context->domain != NO_DOMAIN && detail->domain == context->domain ? detail : NULL;
}

static const struct snapshot_caller *caller_row(const struct view_context *context,
                                                const struct row *row)
{
	return &context->snap->detail.callers[row->index];
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot_detail *detail = the_detail(context);

	for (size_t i = 0; detail && i < detail->caller_count; i++)
		rows_add(rows, (struct row){.id = detail->callers[i].name,
		                            .index = (uint32_t)i,
		                            .parent = NO_PARENT});
}

static void put_calls(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	cell_count(out, (struct count){caller_row(context, row)->count, KNOWN_EXACT});
}

static void put_share(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	const struct snapshot_detail *detail = &context->snap->detail;
	uint64_t sum = 0;

	for (size_t i = 0; i < detail->caller_count; i++)
		sum += detail->callers[i].count;
	text_share(out->text, sizeof(out->text), caller_row(context, row)->count, sum);
}

static void put_functions(const struct view_context *context, const struct row *row,
                          struct cell_text *out)
{
	cell_set(out, ROLE_NORMAL, "%s",
	         snapshot_text(context->snap, caller_row(context, row)->name));
}

static int cmp_calls(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(caller_row(context, a)->count, caller_row(context, b)->count);
}

static int cmp_functions(const struct view_context *context, const struct row *a,
                         const struct row *b)
{
	return strcmp(snapshot_text(context->snap, caller_row(context, a)->name),
	              snapshot_text(context->snap, caller_row(context, b)->name));
}

static void note(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot_detail *detail = the_detail(context);

	if (detail && detail->caller_count && detail->callers_s)
		snprintf(out, size, "seen in %" PRIu64 " s", detail->callers_s);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot_detail *detail = the_detail(context);

	if (detail && detail->callers_s)
		snprintf(out, size, "nobody called in the %" PRIu64 " s watched; w watches anew",
		         detail->callers_s);
	else
		copy_text(out, size, "w watches who calls for five seconds");
}

static const struct column columns[] = {
	{"CALLS", 7, 7, .put = put_calls, .cmp = cmp_calls, .right = true, .descending = true,
         .help = "maps and unmaps asked for in the seconds watched"},
	{"SHARE", 7, 7, .put = put_share, .cmp = cmp_calls, .right = true, .descending = true,
         .help = "of the calls in this list"},
	{"FUNCTIONS", 30, 0, .put = put_functions, .cmp = cmp_functions,
         .help = "who called: the driver's function, then who called that"},
};

const struct view callers_view = {
	.title = "Callers",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
};
