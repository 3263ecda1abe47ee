/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_STAGE_H
#define IOMMUTOP_TESTS_STAGE_H

/* For tests of views: one view of one machine. Behind cmocka.h. */

#include <string.h>

#include "scene.h"
#include "table.h"
#include "util.h"

/* Its rows, and what stands in their columns. */
struct stage {
	struct model *model;
	struct snapshot snap;
	struct pane pane;
	struct view_context context;
};

static inline int make_stage(void **state)
{
	struct stage *stage = xcalloc(1, sizeof(*stage));

	stage->model = model_new(&model_default_limits);
	stage->pane.sort_column = UNSORTED;
	stage->context =
		(struct view_context){.snap = &stage->snap, .group = NO_GROUP, .domain = NO_DOMAIN};
	*state = stage;
	return 0;
}

static inline int free_stage(void **state)
{
	struct stage *stage = *state;

	model_free(stage->model);
	snapshot_release(&stage->snap);
	pane_release(&stage->pane);
	free(stage);
	return 0;
}

/* Of the snapshot as it is, for those drawn by hand. */
static inline size_t rows_now(struct stage *stage, const struct view *view)
{
	table_update(&stage->pane, view, &stage->context);
	table_fit(&stage->pane, 50);
	return stage->pane.shown.count;
}

static inline size_t rows_of(struct stage *stage, const struct view *view)
{
	look(stage->model, &stage->snap);
	return rows_now(stage, view);
}

static inline const char *cell_of(struct stage *stage, const struct view *view, size_t row,
                                  const char *title)
{
	static struct cell_text cell;

	assert_true(row < stage->pane.shown.count);
	for (size_t i = 0; i < view->column_count; i++) {
		if (strcmp(view->columns[i].title, title) != 0)
			continue;
		cell = (struct cell_text){.role = ROLE_NORMAL};
		view->columns[i].put(&stage->context, &stage->pane.shown.rows[row], &cell);
		return cell.text;
	}
	fail_msg("no column %s", title);
	return "";
}

static inline const char *note_of(struct stage *stage, const struct view *view)
{
	static char note[CELL_TEXT_MAX];

	note[0] = '\0';
	view->note(&stage->context, note, sizeof(note));
	return note;
}

static inline const char *empty_of(struct stage *stage, const struct view *view)
{
	static char words[CELL_TEXT_MAX];

	view->empty(&stage->context, words, sizeof(words));
	return words;
}

#endif
