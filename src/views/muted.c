// SPDX-License-Identifier: GPL-2.0-or-later
/* muted: what a person muted among the faults, and how much that hides. Pure. */
#include <string.h>

#include "../util.h"
#include "cells.h"
#include "fault_cells.h"

static const struct mute *mute_row(const struct view_context *context, const struct row *row)
{
	return &context->mutes->list[row->index];
}

static void list(const struct view_context *context, struct rows *rows)
{
	for (size_t i = 0; context->mutes && i < context->mutes->count; i++)
		rows_add(rows, (struct row){.id = context->mutes->list[i].id,
		                            .index = (uint32_t)i,
		                            .parent = NO_PARENT});
}

static void put_kind(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_set(out, ROLE_DIM, "%s", mute_kind_words[mute_row(context, row)->kind]);
}

static void put_what(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_set(out, ROLE_STRONG, "%s", mute_row(context, row)->text);
}

/* Of what it hides: rows, faults since the start, the newest. */
struct hidden {
	uint64_t rows, faults, last_ns;
};

static struct hidden count_hidden(const struct view_context *context, const struct row *row)
{
	const struct snapshot *snap = context->snap;
	const struct mute *mute = mute_row(context, row);
	struct hidden hidden = {0};
	char text[FAULT_NAME_MAX];

	for (size_t i = 0; i < snap->fault_count; i++) {
		const struct snapshot_fault *fault = &snap->faults_seen[i];

		fault_mute_text(snap, fault, (enum mute_kind)mute->kind, text, sizeof(text));
		if (strncmp(text, mute->text, MUTE_TEXT_MAX - 1) != 0)
			continue;
		hidden.rows++;
		hidden.faults += fault->count;
		if (fault->last_ns > hidden.last_ns)
			hidden.last_ns = fault->last_ns;
	}
	return hidden;
}

static void put_rows(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	cell_count(out, (struct count){count_hidden(context, row).rows, KNOWN_EXACT});
}

static void put_count(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	bool more = context->snap->faults.known == KNOWN_AT_LEAST;

	cell_count(out, (struct count){count_hidden(context, row).faults,
	                               more ? KNOWN_AT_LEAST : KNOWN_EXACT});
}

static void put_last(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	struct hidden hidden = count_hidden(context, row);

	out->role = ROLE_DIM;
	if (hidden.rows)
		text_clock(out->text, sizeof(out->text), context, hidden.last_ns);
}

static void note(const struct view_context *context, char *out, size_t size)
{
	copy_text(out, size, context->mutes && context->mutes->count ? "m or Enter unmutes" : "");
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "nothing is muted: m on a fault mutes its device or its reason");
}

static const struct column columns[] = {
	{"KIND", 6, 6, .put = put_kind, .help = "device or reason"},
	{"MUTED", 20, 70, .put = put_what, .help = "which rows of faults do not show"},
	{"ROWS", 5, 5, .put = put_rows, .right = true, .help = "how many rows that hides"},
	{"COUNT", 6, 6, .put = put_count, .right = true,
         .help = "faults since the start in these; the header counts them all the same"},
	{"LAST", 8, 12, .put = put_last, .drop = 1, .help = "when such a fault was seen last"},
};

const struct view muted_view = {
	.title = "Muted faults",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.note = note,
	.empty = empty,
};
