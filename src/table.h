/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TABLE_H
#define IOMMUTOP_TABLE_H

#include "canvas.h"
#include "view.h"

/*
 * Rows and columns to a pane of cells, for every view: filter, fold, sort, select, scroll, draw.
 * What the user decided comes in as struct pane and goes out with the places the rows really have.
 */

#define FILTER_MAX 128
#define UNSORTED   -1 /* in the view's own order */

struct pane {
	/* what the user decided */
	int sort_column; /* index into the view's columns, or UNSORTED */
	bool invert;
	bool follow;
	char filter[FILTER_MAX];
	char search[FILTER_MAX];
	uint64_t *folded; /* ids of rows */
	size_t folded_count, folded_capacity;
	uint64_t selected_id;
	bool has_selection;

	/* what table_update and table_fit found: the rows on show in their order */
	struct rows shown;
	size_t total;     /* rows before the filter */
	size_t matching;  /* rows that match the filter by themselves */
	size_t selected;  /* place of the selected row in shown */
	size_t top;       /* first row on the screen */
	size_t body_rows; /* how many fit */
};

void pane_release(struct pane *pane);
bool pane_is_folded(const struct pane *pane, uint64_t id);
void pane_fold(struct pane *pane, uint64_t id, bool fold);

/*
 * Brings pane->shown up to date with the snapshot; table_fit has to follow.
 */
void table_update(struct pane *pane, const struct view *view, const struct view_context *context);

/*
 * Selects and scrolls among pane->shown. The selection stays with its row's id; if that is gone,
 * with its place. height: rows of the screen for titles and body.
 */
void table_fit(struct pane *pane, int height);

/* Selects the row at this place (clipped) and scrolls it into sight. */
void table_select(struct pane *pane, size_t place);

/* The next place (from the selection on, around the end) whose text has the search text in it;
 * false where there is none. */
bool table_search(const struct pane *pane, const struct view *view,
                  const struct view_context *context, bool backwards, size_t *place);

/* Whether a row has the text in one of its cells, shown or not, or beside them (view.also). */
bool table_row_has(const struct view *view, const struct view_context *context,
                   const struct row *row, const char *needle);

/* Draws titles and rows of an updated pane. focus: it has the keyboard. */
void table_draw(const struct pane *pane, const struct view *view,
                const struct view_context *context, struct canvas *canvas, int row, int column,
                int height, int width, bool focus);

#endif
