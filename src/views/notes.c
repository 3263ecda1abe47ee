// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * notes: what else the kernel's log says about devices and IOMMUs, the newest at the end: a row for
 * what it means, and under it the line. Pure.
 */
#include <string.h>

#include "../util.h"
#include "cells.h"
#include "fault_cells.h"

#define LEVEL_ERROR 3 /* of the kernel's log: KERN_ERR and worse */

static const struct snapshot_note *note_row(const struct view_context *context,
                                            const struct row *row)
{
	return &context->snap->notes[row->index];
}

/* Of the fault's device; where that is not known, of whatever has the name that was told. */
static bool is_of_fault(const struct view_context *context, const struct snapshot_note *note)
{
	const struct snapshot *snap = context->snap;
	const struct snapshot_fault *fault = fault_by_id(snap, context->fault);

	if (!fault)
		return false;
	if (fault->device_index != NO_NUMBER)
		return note->device_index == fault->device_index;
	return fault->device && note->device == fault->device;
}

/*
 * On the overview, what a boot says by the way is no news; what stops a passthrough is, however
 * old.
 */
static bool is_shown(const struct view_context *context, const struct snapshot_note *note)
{
	if (context->fault != NO_FAULT)
		return is_of_fault(context, note);
	if (context->group != NO_GROUP)
		return snapshot_group_of(context->snap, note->device_index) == context->group;
	return !note->before_start || (note->topic != NOTE_DEVICE && note->topic != NOTE_RAW);
}

static void add_note(const struct snapshot *snap, size_t index, struct rows *rows)
{
	struct row row = {
		.id = 2 * snap->notes[index].id, .index = (uint32_t)index, .parent = NO_PARENT};
	size_t parent = rows_add(rows, row);

	row.id++;
	row.parent = (uint32_t)parent;
	rows_add(rows, row);
}

static bool is_line(const struct row *row)
{
	return row->parent != NO_PARENT;
}

static void list(const struct view_context *context, struct rows *rows)
{
	const struct snapshot *snap = context->snap;

	for (size_t i = 0; i < snap->note_count; i++)
		if (is_shown(context, &snap->notes[i]))
			add_note(snap, i, rows);
}

static enum role role_of(const struct snapshot_note *note)
{
	if (note->before_start)
		return ROLE_DIM;
	return note->level <= LEVEL_ERROR ? ROLE_BAD : ROLE_NORMAL;
}

static void put_time(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	if (is_line(row))
		return;
	out->role = ROLE_DIM;
	text_clock(out->text, sizeof(out->text), context, note_row(context, row)->ts_ns);
}

/* It takes the row. */
static void put_line(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	const struct snapshot_note *note = note_row(context, row);

	cell_set(out, ROLE_DIM, "  %s", snapshot_text(context->snap, note->text));
	out->spans = true;
}

static void put_device(const struct view_context *context, const struct row *row,
                       struct cell_text *out)
{
	const struct snapshot_note *note = note_row(context, row);
	const struct snapshot *snap = context->snap;
	text_id name = note->device_index != NO_NUMBER ? snap->devices[note->device_index].name
	                                               : note->device;

	if (is_line(row))
		put_line(context, row, out);
	else
		cell_set(out, name ? role_of(note) : ROLE_DIM, "%s",
		         name ? snapshot_text(snap, name) : "-");
}

static void put_meaning(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	const struct snapshot_note *note = note_row(context, row);

	if (is_line(row)) /* where there was no room for the device's column */
		put_line(context, row, out);
	else
		cell_set(out, note->before_start ? ROLE_DIM : ROLE_NORMAL, "%s",
		         note_meaning((enum note_topic)note->topic));
}

static int cmp_time(const struct view_context *context, const struct row *a, const struct row *b)
{
	(void)context;
	return compare_u64(a->id, b->id);
}

static int cmp_device(const struct view_context *context, const struct row *a, const struct row *b)
{
	struct cell_text left = {.role = ROLE_NORMAL}, right = {.role = ROLE_NORMAL};

	put_device(context, a, &left);
	put_device(context, b, &right);
	return strcmp(left.text, right.text);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "nothing");
}

static const struct column columns[] = {
	{"TIME", 8, 12, .put = put_time, .cmp = cmp_time, .drop = 1,
         .help = "when; grey lines are older than iommutop's start"},
	{"DEVICE", 12, 24, .put = put_device, .cmp = cmp_device, .drop = 2,
         .help = "which device it is about; under it the line as the kernel wrote it"},
	{"MEANING", 20, 0, .put = put_meaning, .help = "what that means"},
};

const struct view notes_view = {
	.title = "Kernel says",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
	.follows = true,
};
