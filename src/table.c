// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table: rows and columns, filtered, sorted, laid out, scrolled and drawn, for all views.
 * In: a view, what the user decided. Out: cells. Must never know: which view it is.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

#define COLUMNS_MAX 16
#define GAP         1

size_t rows_add(struct rows *rows, struct row row)
{
	rows->rows = grow(rows->rows, &rows->capacity, rows->count, sizeof(*rows->rows));
	rows->rows[rows->count] = row;
	return rows->count++;
}

void rows_release(struct rows *rows)
{
	free(rows->rows);
	lines_release(&rows->said);
	*rows = (struct rows){0};
}

void pane_release(struct pane *pane)
{
	free(pane->folded);
	rows_release(&pane->shown);
	*pane = (struct pane){0};
}

bool pane_is_folded(const struct pane *pane, uint64_t id)
{
	for (size_t i = 0; i < pane->folded_count; i++)
		if (pane->folded[i] == id)
			return true;
	return false;
}

void pane_fold(struct pane *pane, uint64_t id, bool fold)
{
	size_t at = 0;

	while (at < pane->folded_count && pane->folded[at] != id)
		at++;
	if ((at < pane->folded_count) == fold)
		return;
	if (!fold) {
		pane->folded[at] = pane->folded[--pane->folded_count];
		return;
	}
	pane->folded = grow(pane->folded, &pane->folded_capacity, pane->folded_count,
	                    sizeof(*pane->folded));
	pane->folded[pane->folded_count++] = id;
}

bool table_row_has(const struct view *view, const struct view_context *context,
                   const struct row *row, const char *needle)
{
	for (size_t i = 0; i < view->column_count; i++) {
		struct cell_text cell = {.role = ROLE_NORMAL};

		view->columns[i].put(context, row, &cell);
		if (text_has(cell.text, needle))
			return true;
	}
	return view->also_has && view->also_has(context, row, needle);
}

/* ---- filter and folds ---- */

/* Marks what stays: rows that match, the children of those, and the parents of those. */
static void mark_matching(struct pane *pane, const struct view *view,
                          const struct view_context *context, bool *stays)
{
	const struct rows *all = &pane->shown;

	pane->matching = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct row *row = &all->rows[i];
		bool matches = table_row_has(view, context, row, pane->filter);

		pane->matching += matches;
		stays[i] = matches || (row->parent != NO_PARENT && stays[row->parent]);
	}
	for (size_t i = 0; i < all->count; i++)
		if (stays[i] && all->rows[i].parent != NO_PARENT)
			stays[all->rows[i].parent] = true;
}

static void filter_rows(struct pane *pane, const struct view *view,
                        const struct view_context *context, bool *stays)
{
	memset(stays, 1, pane->shown.count);
	pane->total = pane->shown.count;
	pane->matching = pane->total;
	if (pane->filter[0])
		mark_matching(pane, view, context, stays);
}

/* A filter looks into folded rows, too: what it finds is shown. */
static void fold_rows(struct pane *pane, bool *stays)
{
	struct rows *all = &pane->shown;

	for (size_t i = 0; i < all->count; i++) {
		struct row *row = &all->rows[i];

		row->folded = row->foldable && !pane->filter[0] && pane_is_folded(pane, row->id);
		if (row->parent != NO_PARENT && all->rows[row->parent].folded)
			stays[i] = false;
	}
}

static void drop_rows(struct rows *rows, const bool *stays)
{
	uint32_t *moved = xmalloc(rows->count * sizeof(*moved));
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (!stays[i])
			continue;
		moved[i] = (uint32_t)kept;
		rows->rows[kept] = rows->rows[i];
		if (rows->rows[kept].parent != NO_PARENT)
			rows->rows[kept].parent = moved[rows->rows[kept].parent];
		kept++;
	}
	rows->count = kept;
	free(moved);
}

/* ---- order ---- */

struct order {
	const struct column *column;
	const struct view_context *context;
	const struct row *rows;
	bool reverse;
};

static int compare_siblings(const struct order *order, const struct row *a, const struct row *b)
{
	int result = order->column->cmp(order->context, a, b);

	if (order->reverse)
		result = -result;
	if (result)
		return result;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* Trees are two levels deep: a child goes where its parent goes, behind it. */
static int compare_rows(const void *left, const void *right, void *context)
{
	const struct order *order = context;
	const struct row *a = left, *b = right;
	const struct row *a_top = a->parent == NO_PARENT ? a : &order->rows[a->parent];
	const struct row *b_top = b->parent == NO_PARENT ? b : &order->rows[b->parent];

	if (a_top->id != b_top->id)
		return compare_siblings(order, a_top, b_top);
	if (a->id == a_top->id || b->id == b_top->id)
		return (b->id == b_top->id) - (a->id == a_top->id);
	return compare_siblings(order, a, b);
}

/* Children stand behind their parent, wherever that has gone. */
static void name_parents(struct rows *rows)
{
	uint32_t parent = NO_PARENT;

	for (size_t i = 0; i < rows->count; i++) {
		if (rows->rows[i].parent == NO_PARENT)
			parent = (uint32_t)i;
		else
			rows->rows[i].parent = parent;
	}
}

static void sort_rows(const struct pane *pane, const struct view *view,
                      const struct view_context *context, struct rows *rows)
{
	struct order order = {.context = context};
	struct row *copy;

	if (pane->sort_column < 0 || (size_t)pane->sort_column >= view->column_count ||
	    !view->columns[pane->sort_column].cmp || !rows->count)
		return;
	copy = xmalloc(rows->count * sizeof(*copy));
	memcpy(copy, rows->rows, rows->count * sizeof(*copy));
	order.rows = copy; /* parents are named by their place before the sort */
	order.column = &view->columns[pane->sort_column];
	order.reverse = order.column->descending != pane->invert;
	qsort_r(rows->rows, rows->count, sizeof(*rows->rows), compare_rows, &order);
	free(copy);
	name_parents(rows);
}

/*
 * What was on show stays in the order it had, and what is new comes behind it: while a person reads
 * in a list that moves by itself, nothing moves under the cursor.
 */
static void hold_order(struct rows *rows, const struct row *before, size_t count)
{
	size_t held = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = held;
		struct row row;

		while (at < rows->count && rows->rows[at].id != before[i].id)
			at++;
		if (at == rows->count)
			continue;
		row = rows->rows[at];
		memmove(&rows->rows[held + 1], &rows->rows[held], (at - held) * sizeof(row));
		rows->rows[held++] = row;
	}
}

static bool is_held(const struct pane *pane, const struct view *view)
{
	return view->moves && pane->has_selection && !pane->follow && pane->sort_column < 0;
}

/* Children follow each other behind their parent: the last is where the parent changes. */
static void mark_last(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		rows->rows[i].last =
			i + 1 == rows->count || rows->rows[i + 1].parent != rows->rows[i].parent;
}

/* ---- selection ---- */

static void scroll_to_selection(struct pane *pane)
{
	size_t count = pane->shown.count, body = pane->body_rows;

	if (pane->selected < pane->top)
		pane->top = pane->selected;
	if (body && pane->selected >= pane->top + body)
		pane->top = pane->selected - body + 1;
	if (pane->top + body > count)
		pane->top = count > body ? count - body : 0;
}

void table_select(struct pane *pane, size_t place)
{
	if (!pane->shown.count)
		return;
	pane->selected = place < pane->shown.count ? place : pane->shown.count - 1;
	pane->selected_id = pane->shown.rows[pane->selected].id;
	pane->has_selection = true;
	scroll_to_selection(pane);
}

static void find_selection(struct pane *pane)
{
	size_t count = pane->shown.count;

	if (pane->follow && count) {
		table_select(pane, count - 1);
		return;
	}
	for (size_t i = 0; pane->has_selection && i < count; i++) {
		if (pane->shown.rows[i].id == pane->selected_id) {
			pane->selected = i;
			scroll_to_selection(pane);
			return;
		}
	}
	pane->selected = count && pane->selected >= count ? count - 1 : pane->selected;
	if (count && pane->has_selection)
		table_select(pane, pane->selected);
	else
		scroll_to_selection(pane);
}

void table_update(struct pane *pane, const struct view *view, const struct view_context *context)
{
	size_t count = is_held(pane, view) ? pane->shown.count : 0;
	struct row *before = xmalloc(count * sizeof(*before));
	bool *stays;

	if (count)
		memcpy(before, pane->shown.rows, count * sizeof(*before));
	pane->shown.count = 0;
	lines_release(&pane->shown.said);
	view->list(context, &pane->shown);
	stays = xmalloc(pane->shown.count);
	filter_rows(pane, view, context, stays);
	fold_rows(pane, stays);
	drop_rows(&pane->shown, stays);
	free(stays);
	sort_rows(pane, view, context, &pane->shown);
	hold_order(&pane->shown, before, count);
	free(before);
	mark_last(&pane->shown);
}

void table_fit(struct pane *pane, int height)
{
	pane->body_rows = height > 1 ? (size_t)height - 1 : 0;
	find_selection(pane);
}

bool table_search(const struct pane *pane, const struct view *view,
                  const struct view_context *context, bool backwards, size_t *place)
{
	size_t count = pane->shown.count;

	for (size_t step = 1; pane->search[0] && step <= count; step++) {
		size_t at = (pane->selected + (backwards ? count - step : step)) % count;

		if (table_row_has(view, context, &pane->shown.rows[at], pane->search)) {
			*place = at;
			return true;
		}
	}
	return false;
}

/* ---- layout ---- */

struct layout {
	int width[COLUMNS_MAX]; /* 0: left out */
};

/* A table of few rows is measured whole, so that its columns stay while one scrolls; a long one
 * only where it is seen. */
#define MEASURE_WHOLE 1000

/* How wide the column would like to be: as its widest cell, between its bounds. */
static int wanted_width(const struct pane *pane, const struct view_context *context,
                        const struct column *column)
{
	bool whole = pane->shown.count <= MEASURE_WHOLE;
	size_t first = whole ? 0 : pane->top;
	size_t last = whole ? pane->shown.count : pane->top + pane->body_rows;
	int widest = column->min;

	for (size_t i = first; i < last && i < pane->shown.count && widest < column->max; i++) {
		struct cell_text cell = {.role = ROLE_NORMAL};
		int width;

		column->put(context, &pane->shown.rows[i], &cell);
		width = cell.spans ? 0 : canvas_text_width(cell.text);
		if (width > widest)
			widest = width;
	}
	return widest < column->max ? widest : column->max;
}

static int needed_width(const struct view *view, const struct layout *layout)
{
	int sum = 0;

	for (size_t i = 0; i < view->column_count; i++)
		sum += layout->width[i] ? layout->width[i] + GAP : 0;
	return sum - GAP;
}

/* The column to do without next; column_count when none may go. */
static size_t column_to_drop(const struct view *view, const struct layout *layout)
{
	size_t worst = view->column_count;

	for (size_t i = 0; i < view->column_count; i++)
		if (layout->width[i] && view->columns[i].drop &&
		    (worst == view->column_count ||
		     view->columns[i].drop > view->columns[worst].drop))
			worst = i;
	return worst;
}

/* A column without bound takes what is left, but no more than one can still follow with the eye. */
#define UNBOUND_MOST 100

/*
 * All columns at their least, the dispensable ones left out until that fits; then, from left to
 * right, what the contents want; then the unbound column.
 */
static void lay_out(const struct pane *pane, const struct view *view,
                    const struct view_context *context, int width, struct layout *layout)
{
	size_t drop;
	int left;

	for (size_t i = 0; i < view->column_count; i++)
		layout->width[i] = view->columns[i].min;
	while (needed_width(view, layout) > width &&
	       (drop = column_to_drop(view, layout)) < view->column_count)
		layout->width[drop] = 0;
	left = width - needed_width(view, layout);
	for (size_t i = 0; i < view->column_count && left > 0; i++) {
		const struct column *column = &view->columns[i];
		int more;

		if (!layout->width[i] || column->max <= column->min)
			continue;
		more = wanted_width(pane, context, column) - column->min;
		more = more < left ? more : left;
		layout->width[i] += more;
		left -= more;
	}
	for (size_t i = 0; i < view->column_count; i++) {
		if (!layout->width[i] || view->columns[i].max)
			continue;
		layout->width[i] += left;
		if (layout->width[i] > UNBOUND_MOST)
			layout->width[i] = UNBOUND_MOST;
		break;
	}
}

/* ---- drawing ---- */

static void draw_title(const struct pane *pane, const struct column *column, size_t index,
                       struct canvas *canvas, int row, int x, int width)
{
	bool sorted = pane->sort_column == (int)index;
	enum role role = sorted ? ROLE_SORTED : ROLE_HEADING;

	canvas_fill(canvas, row, x, width, role, ' ');
	if (column->right)
		canvas_put_right(canvas, row, x, width, role, column->title);
	else
		canvas_put(canvas, row, x, width, role, column->title);
}

static void draw_cells(const struct view *view, const struct view_context *context,
                       const struct row *row, const struct layout *layout, struct canvas *canvas,
                       int y, int x, int end)
{
	for (size_t i = 0; i < view->column_count; i++) {
		int width = layout->width[i];
		struct cell_text cell = {.role = ROLE_NORMAL, .room = width};

		if (!width)
			continue;
		view->columns[i].put(context, row, &cell);
		if (cell.spans) {
			canvas_put(canvas, y, x, end - x, cell.role, cell.text);
			return;
		}
		if (view->columns[i].right)
			canvas_put_right(canvas, y, x, width, cell.role, cell.text);
		else
			canvas_put(canvas, y, x, width, cell.role, cell.text);
		x += width + GAP;
	}
}

static void draw_empty(const struct pane *pane, const struct view *view,
                       const struct view_context *context, struct canvas *canvas, int y, int x,
                       int width)
{
	char text[CELL_TEXT_MAX] = "";

	if (pane->total)
		copy_text(text, sizeof(text), "nothing matches the filter (Esc clears it)");
	else
		view->empty(context, text, sizeof(text));
	canvas_put(canvas, y, x, width, ROLE_DIM, text);
}

void table_draw(const struct pane *pane, const struct view *view,
                const struct view_context *context, struct canvas *canvas, int row, int column,
                int height, int width, bool focus)
{
	struct layout layout;
	int x = column;

	if (height < 1)
		return;
	lay_out(pane, view, context, width, &layout);
	canvas_fill(canvas, row, column, width, ROLE_HEADING, ' ');
	for (size_t i = 0; i < view->column_count; i++) {
		if (!layout.width[i])
			continue;
		draw_title(pane, &view->columns[i], i, canvas, row, x, layout.width[i]);
		x += layout.width[i] + GAP;
	}
	for (size_t i = 0; i + 1 < (size_t)height && pane->top + i < pane->shown.count; i++) {
		size_t place = pane->top + i;
		int y = row + 1 + (int)i;

		draw_cells(view, context, &pane->shown.rows[place], &layout, canvas, y, column,
		           column + width);
		if (place == pane->selected && (focus || (pane->has_selection && !pane->follow)))
			canvas_paint(canvas, y, column, width, focus ? ROLE_SELECTED : ROLE_MARKED);
	}
	if (!pane->shown.count && height > 1)
		draw_empty(pane, view, context, canvas, row + 1, column, width);
}
