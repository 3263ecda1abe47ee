// SPDX-License-Identifier: GPL-2.0-or-later
/* help: the keys and the columns, drawn from their own tables. Pure. */
#include <stdio.h>
#include <string.h>

#include "../keys.h"
#include "../screens.h"
#include "../util.h"
#include "cells.h"

static const struct view *const explained[] = {
	&domains_view, &groups_view,  &faults_view,      &log_view,   &sizes_view, &tasks_view,
	&callers_view, &journey_view, &occurrences_view, &notes_view, &muted_view,
};

/* A row is a key, or a column of a view; which one is in its id. */
enum row_kind { ROW_KEY, ROW_HEADING, ROW_COLUMN };

static uint64_t row_id(enum row_kind kind, size_t view, size_t column)
{
	return (uint64_t)kind << 32 | view << 16 | column;
}

static enum row_kind kind_of(const struct row *row)
{
	return (enum row_kind)(row->id >> 32);
}

static const struct view *view_of(const struct row *row)
{
	return explained[row->id >> 16 & 0xffff];
}

static void list(const struct view_context *context, struct rows *rows)
{
	(void)context;
	for (size_t i = 0; i < key_binding_count; i++)
		if (key_bindings[i].help)
			rows_add(rows, (struct row){.id = row_id(ROW_KEY, 0, i),
			                            .index = (uint32_t)i,
			                            .parent = NO_PARENT});
	for (size_t i = 0; i < ARRAY_SIZE(explained); i++) {
		rows_add(rows, (struct row){.id = row_id(ROW_HEADING, i, 0), .parent = NO_PARENT});
		for (size_t j = 0; j < explained[i]->column_count; j++)
			if (explained[i]->columns[j].title[0])
				rows_add(rows, (struct row){.id = row_id(ROW_COLUMN, i, j),
				                            .index = (uint32_t)j,
				                            .parent = NO_PARENT});
	}
}

/* Keys for the same thing follow each other; only the first has words. */
static void put_key_names(size_t first, struct cell_text *out)
{
	cell_set(out, ROLE_KEY, "%s", key_bindings[first].name);
	for (size_t i = first + 1;
	     i < key_binding_count && !key_bindings[i].help && key_bindings[i].mode == MODE_PANES;
	     i++) {
		size_t length = strlen(out->text);

		snprintf(out->text + length, sizeof(out->text) - length, " %s",
		         key_bindings[i].name);
	}
}

static void put_what(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	if (kind_of(row) == ROW_KEY)
		put_key_names(row->index, out);
	else if (kind_of(row) == ROW_COLUMN)
		cell_set(out, ROLE_NORMAL, "  %s", view_of(row)->columns[row->index].title);
	else
		cell_set(out, ROLE_TITLE, "%s", view_of(row)->title);
}

static void put_meaning(const struct view_context *context, const struct row *row,
                        struct cell_text *out)
{
	(void)context;
	if (kind_of(row) == ROW_KEY)
		cell_set(out, ROLE_NORMAL, "%s", key_bindings[row->index].help);
	else if (kind_of(row) == ROW_COLUMN)
		cell_set(out, ROLE_NORMAL, "%s", view_of(row)->columns[row->index].help);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "");
}

static const struct column columns[] = {
	{"KEY", 14, 14, .put = put_what, .help = "what to press; then the columns of each pane"},
	{"MEANING", 20, 0, .put = put_meaning, .help = "what it does"},
};

const struct view help_view = {
	.title = "Help",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
};
