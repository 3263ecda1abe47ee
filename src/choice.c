// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * choice: which rows an output shows, as the screen would.
 * In: a snapshot, a text. Out: marks. Must never know: how a row is written, what a table draws.
 */
#include "choice.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "util.h"

/* Marks of the next list. */
static bool *take(bool **marks, size_t count)
{
	bool *taken = *marks;

	*marks += count;
	return taken;
}

static void make_room(struct choice *choice, const struct snapshot *snap)
{
	size_t all = snap->group_count + snap->device_count + snap->domain_count +
	             snap->fault_count + snap->note_count;
	bool *marks;

	if (all > choice->capacity) {
		choice->marks = xrealloc(choice->marks, all * sizeof(*choice->marks));
		choice->capacity = all;
	}
	if (all)
		memset(choice->marks, 0, all * sizeof(*choice->marks));
	marks = choice->marks;
	choice->rows = (struct output_choice){.groups = take(&marks, snap->group_count),
	                                      .devices = take(&marks, snap->device_count),
	                                      .domains = take(&marks, snap->domain_count),
	                                      .faults = take(&marks, snap->fault_count),
	                                      .notes = take(&marks, snap->note_count)};
}

/* A row of a group stands for its only device, too; of several, each has a row of its own. */
static void mark_group(struct choice *choice, const struct snapshot *snap, uint32_t id)
{
	const struct snapshot_group *group = snapshot_group_by_id(snap, id);

	if (!group)
		return;
	choice->rows.groups[group - snap->groups] = true;
	if (group->device_count == 1)
		choice->rows.devices[group->first_device] = true;
}

/* Who is in a group that was found stays with it. */
static void mark_groups(struct choice *choice, const struct view_context *context,
                        const char *needle)
{
	struct pane pane = {.sort_column = UNSORTED};

	copy_text(pane.filter, sizeof(pane.filter), needle);
	table_update(&pane, &groups_view, context);
	for (size_t i = 0; i < pane.shown.count; i++) {
		const struct row *row = &pane.shown.rows[i];

		if (row->parent != NO_PARENT || context->group != NO_GROUP)
			choice->rows.devices[row->index] = true;
		else
			mark_group(choice, context->snap, groups_view.group_of(context, row));
	}
	pane_release(&pane);
}

/* Of tables whose rows are one each; some the screen leaves out for what they are, not for a
 * text. */
static void mark_rows(const struct view *view, const struct view_context *context, bool *marks,
                      size_t count, const char *needle)
{
	for (size_t i = 0; i < count; i++) {
		const struct row row = {.index = (uint32_t)i, .parent = NO_PARENT};

		marks[i] = table_row_has(view, context, &row, needle);
	}
}

/* The line has a row of its own. */
static void mark_notes(struct choice *choice, const struct view_context *context,
                       const char *needle)
{
	for (size_t i = 0; i < context->snap->note_count; i++) {
		const struct row meaning = {.index = (uint32_t)i, .parent = NO_PARENT},
				 line = {.index = (uint32_t)i, .parent = 0};

		choice->rows.notes[i] = table_row_has(&notes_view, context, &meaning, needle) ||
		                        table_row_has(&notes_view, context, &line, needle);
	}
}

void choice_make(struct choice *choice, const struct snapshot *snap, uint32_t group,
                 const char *needle, int32_t utc_offset_s)
{
	const struct view_context context = {.snap = snap,
	                                     .group = group,
	                                     .domain = NO_DOMAIN,
	                                     .fault = NO_FAULT,
	                                     .utc_offset_s = utc_offset_s};

	make_room(choice, snap);
	mark_groups(choice, &context, needle);
	mark_rows(&domains_view, &context, choice->rows.domains, snap->domain_count, needle);
	mark_rows(&faults_view, &context, choice->rows.faults, snap->fault_count, needle);
	mark_notes(choice, &context, needle);
}

void choice_release(struct choice *choice)
{
	free(choice->marks);
	*choice = (struct choice){0};
}
