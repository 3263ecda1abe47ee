// SPDX-License-Identifier: GPL-2.0-or-later
/* faults: a row a fault, the newest at the end. Pure. */
#include <inttypes.h>
#include <string.h>

#include "../util.h"
#include "cells.h"

static const struct snapshot_fault *fault_row(const struct view_context *context,
                                              const struct row *row)
{
	return &context->snap->faults_seen[row->index];
}

static uint32_t group_of(const struct view_context *context, const struct row *row)
{
	return snapshot_group_of(context->snap, fault_row(context, row)->device_index);
}

static void list(const struct view_context *context, struct rows *rows)
{
	for (size_t i = 0; i < context->snap->fault_count; i++) {
		struct row row = {
			.id = context->snap->faults_seen[i].id,
			.index = (uint32_t)i,
			.parent = NO_PARENT,
		};

		if (context->group == NO_GROUP || group_of(context, &row) == context->group)
			rows_add(rows, row);
	}
}

static void put_time(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_time(out, context, fault_row(context, row)->last_ns, 3);
}

static void put_device(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);
	const struct snapshot *snap = context->snap;
	text_id name = fault->device_index == NO_NUMBER ? fault->device
	                                                : snap->devices[fault->device_index].name;

	cell_set(out, fault->before_start ? ROLE_DIM : ROLE_BAD, "%s",
	         name ? snapshot_text(snap, name) : "-");
}

static void put_name(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	if (fault->ambiguous)
		cell_set(out, ROLE_WARN, "several PCI segments have such a device");
	else if (fault->device_index == NO_NUMBER)
		cell_set(out, ROLE_DIM, "-");
	else
		cell_device_words(out, context->snap, &context->snap->devices[fault->device_index]);
}

static void put_direction(const struct view_context *context, const struct row *row,
                          struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	cell_set(out, ROLE_NORMAL, "%s",
	         fault->flags & FAULT_INTERRUPT ? "intr" : direction_names[fault->direction]);
}

static void put_address(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_fault *fault = fault_row(context, row);

	if (fault->flags & FAULT_INTERRUPT)
		cell_set(out, ROLE_STRONG, "index 0x%" PRIx64, fault->iova);
	else if (fault->flags & FAULT_HAS_IOVA)
		cell_set(out, ROLE_STRONG, "0x%" PRIx64, fault->iova);
	else
		cell_set(out, ROLE_DIM, "-");
}

static void put_reason(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const char *reason = snapshot_text(context->snap, fault_row(context, row)->reason);

	cell_set(out, *reason ? ROLE_NORMAL : ROLE_DIM, "%s", *reason ? reason : "-");
}

static void put_source(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	cell_set(out, ROLE_DIM, "%s",
	         source_names[fault_row(context, row)->traced ? SOURCE_TRACE : SOURCE_LOG]);
}

static int cmp_time(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(fault_row(context, a)->last_ns, fault_row(context, b)->last_ns);
}

static int cmp_device(const struct view_context *context, const struct row *a, const struct row *b)
{
	struct cell_text left = {.role = ROLE_NORMAL}, right = {.role = ROLE_NORMAL};

	put_device(context, a, &left);
	put_device(context, b, &right);
	return strcmp(left.text, right.text);
}

static int cmp_direction(const struct view_context *context, const struct row *a,
                         const struct row *b)
{
	return compare_u64(fault_row(context, a)->direction, fault_row(context, b)->direction);
}

static int cmp_address(const struct view_context *context, const struct row *a, const struct row *b)
{
	return compare_u64(fault_row(context, a)->iova, fault_row(context, b)->iova);
}

static int cmp_reason(const struct view_context *context, const struct row *a, const struct row *b)
{
	return strcmp(snapshot_text(context->snap, fault_row(context, a)->reason),
	              snapshot_text(context->snap, fault_row(context, b)->reason));
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot *snap = context->snap;

	if (snap->faults.known == KNOWN_NOT)
		copy_text(out, size,
		          "faults cannot be seen: neither kernel log nor trace is readable");
	else if (snap->faults.known == KNOWN_OFF)
		copy_text(out, size, "off (5 switches fault events on)");
	else
		copy_text(out, size, "no faults");
}

static const struct column columns[] = {
	{"TIME", 12, 12, .put = put_time, .cmp = cmp_time, .drop = 1,
         .help = "when it was reported; grey devices faulted before iommutop started"},
	{"DEVICE", 12, 24, .put = put_device, .cmp = cmp_device, .help = "who asked"},
	{"NAME", 10, 0, .put = put_name, .drop = 2, .help = "class and model of the device"},
	{"WAY", 5, 5, .put = put_direction, .cmp = cmp_direction,
         .help = "read, write, or intr for a refused interrupt"},
	{"ADDRESS", 10, 18, .put = put_address, .cmp = cmp_address, .right = true,
         .help = "I/O virtual address; VT-d reports the page, not the byte"},
	{"REASON", 12, 50, .put = put_reason, .cmp = cmp_reason, .help = "as the hardware says it"},
	{"FROM", 5, 5, .put = put_source, .drop = 3,
         .help = "log: the kernel's log; trace: the io_page_fault tracepoint"},
};

const struct view faults_view = {
	.title = "Faults",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
	.group_of = group_of,
	.follows = true,
};
