// SPDX-License-Identifier: GPL-2.0-or-later
/* table: filter, folds, order, selection and layout, with a view made for the purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "screens.h"
#include "table.h"
#include "util.h"

/* ---- a view of little things in two levels ---- */

struct thing {
	uint64_t id;
	const char *name;
	int parent; /* index, -1 */
	int size;
};

static void update(struct pane *pane, const struct view *view, const struct view_context *context,
                   int height)
{
	table_update(pane, view, context);
	table_fit(pane, height);
}

static struct thing things[400];
static size_t thing_count;

static void list(const struct view_context *context, struct rows *rows)
{
	(void)context;
	for (size_t i = 0; i < thing_count; i++)
		rows_add(rows,
		         (struct row){
				 .id = things[i].id,
				 .index = (uint32_t)i,
				 .parent = things[i].parent < 0 ? NO_PARENT
		                                                : (uint32_t)things[i].parent,
				 .foldable = i + 1 < thing_count && things[i + 1].parent == (int)i,
			 });
}

static void put_name(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	copy_text(out->text, sizeof(out->text), things[row->index].name);
}

static void put_size(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	snprintf(out->text, sizeof(out->text), "%d", things[row->index].size);
}

static int cmp_name(const struct view_context *context, const struct row *a, const struct row *b)
{
	(void)context;
	return strcmp(things[a->index].name, things[b->index].name);
}

static int cmp_size(const struct view_context *context, const struct row *a, const struct row *b)
{
	(void)context;
	return things[a->index].size - things[b->index].size;
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "nothing there");
}

static const struct column columns[] = {
	{"NAME", 6, 12, .put = put_name, .cmp = cmp_name},
	{"WORDS", 4, 0, .put = put_name},
	{"SIZE", 5, 5, .put = put_size, .cmp = cmp_size, .right = true, .descending = true,
         .drop = 1},
	{"AGAIN", 5, 5, .put = put_size, .drop = 3},
	{"MORE", 5, 5, .put = put_size, .drop = 2},
};

static const struct view view = {
	.title = "Things",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
};

enum { NAME = 0, SIZE = 2 };

static const struct view_context context = {.group = NO_GROUP};

/* Two parents with children, a thing of its own. */
static void usual_things(void)
{
	static const struct thing usual[] = {
		{10, "pear", -1, 5}, {11, "seed", 0, 1}, {12, "skin", 0, 9}, {20, "apple", -1, 7},
		{21, "stalk", 3, 2}, {22, "core", 3, 2}, {30, "nut", -1, 5},
	};

	memcpy(things, usual, sizeof(usual));
	thing_count = ARRAY_SIZE(usual);
}

static int make_pane(void **state)
{
	struct pane *pane = xcalloc(1, sizeof(*pane));

	usual_things();
	pane->sort_column = UNSORTED;
	*state = pane;
	return 0;
}

static int free_pane(void **state)
{
	pane_release(*state);
	free(*state);
	return 0;
}

/* A parent stands before its children and is the one they name. */
static void parents_are_right(const struct pane *pane)
{
	for (size_t i = 0; i < pane->shown.count; i++) {
		const struct row *row = &pane->shown.rows[i];
		int parent = things[row->index].parent;

		if (parent < 0) {
			assert_int_equal(row->parent, NO_PARENT);
			continue;
		}
		assert_true(row->parent < i);
		assert_int_equal(pane->shown.rows[row->parent].id, things[parent].id);
		for (size_t j = row->parent + 1u; j < i; j++)
			assert_int_equal(pane->shown.rows[j].parent, row->parent);
	}
}

static void shows(struct pane *pane, const char *expected)
{
	char names[512] = "";

	update(pane, &view, &context, 20);
	for (size_t i = 0; i < pane->shown.count; i++) {
		strcat(names, i ? " " : "");
		strcat(names, things[pane->shown.rows[i].index].name);
	}
	assert_string_equal(names, expected);
	parents_are_right(pane);
}

/* ---- order ---- */

static void unsorted_is_the_order_of_the_view(void **state)
{
	shows(*state, "pear seed skin apple stalk core nut");
}

static void children_stay_under_their_parents_when_sorted(void **state)
{
	struct pane *pane = *state;

	pane->sort_column = NAME;
	shows(pane, "apple core stalk nut pear seed skin");
	pane->invert = true;
	shows(pane, "pear skin seed nut apple stalk core");
}

static void figures_start_from_the_highest_and_ties_go_by_id(void **state)
{
	struct pane *pane = *state;

	pane->sort_column = SIZE;
	shows(pane, "apple stalk core pear skin seed nut");
	pane->invert = true;
	shows(pane, "pear seed skin nut apple stalk core");
}

static void what_cannot_be_sorted_by_is_not(void **state)
{
	struct pane *pane = *state;

	pane->sort_column = 1;
	shows(pane, "pear seed skin apple stalk core nut");
	pane->sort_column = 99;
	shows(pane, "pear seed skin apple stalk core nut");
	pane->sort_column = NAME;
	thing_count = 0;
	shows(pane, "");
}

static void random_trees_stay_trees(void **state)
{
	struct pane *pane = *state;
	unsigned int seed = 5;

	for (int round = 0; round < 300; round++) {
		int parent = -1;

		thing_count = (size_t)rand_r(&seed) % ARRAY_SIZE(things);
		for (size_t i = 0; i < thing_count; i++) {
			bool child = i && rand_r(&seed) % 3;

			if (!child)
				parent = (int)i;
			things[i] = (struct thing){i * 7919 % 401, rand_r(&seed) % 2 ? "a" : "b",
			                           child ? parent : -1, rand_r(&seed) % 4};
			pane_fold(pane, things[i].id, rand_r(&seed) % 9 == 0);
		}
		pane->sort_column = rand_r(&seed) % 3 - 1;
		pane->invert = rand_r(&seed) % 2;
		strcpy(pane->filter, rand_r(&seed) % 3 ? "" : "a");
		update(pane, &view, &context, rand_r(&seed) % 10);
		parents_are_right(pane);
		assert_true(!pane->shown.count || pane->selected < pane->shown.count);
	}
}

/* ---- filter and folds ---- */

static void a_filter_keeps_the_parents_of_what_it_finds(void **state)
{
	struct pane *pane = *state;

	strcpy(pane->filter, "STALK");
	shows(pane, "apple stalk");
	assert_int_equal(pane->matching, 1);
	assert_int_equal(pane->total, 7);
}

static void a_filter_keeps_the_children_of_what_it_finds(void **state)
{
	struct pane *pane = *state;

	strcpy(pane->filter, "pear");
	shows(pane, "pear seed skin");
	assert_int_equal(pane->matching, 1);
	strcpy(pane->filter, "s");
	shows(pane, "pear seed skin apple stalk");
	assert_int_equal(pane->matching, 3);
	strcpy(pane->filter, "nothing has this");
	shows(pane, "");
	assert_int_equal(pane->total, 7);
}

static void folded_rows_hide_their_children(void **state)
{
	struct pane *pane = *state;

	pane_fold(pane, 10, true);
	shows(pane, "pear apple stalk core nut");
	assert_true(pane->shown.rows[0].folded);
	pane->sort_column = NAME;
	shows(pane, "apple core stalk nut pear");
	pane_fold(pane, 10, false);
	shows(pane, "apple core stalk nut pear seed skin");
}

static void a_filter_looks_into_folded_rows(void **state)
{
	struct pane *pane = *state;

	pane_fold(pane, 10, true);
	strcpy(pane->filter, "seed");
	shows(pane, "pear seed");
	assert_false(pane->shown.rows[0].folded);
	pane->filter[0] = '\0';
	shows(pane, "pear apple stalk core nut");
}

static void folding_twice_is_folding_once(void **state)
{
	struct pane *pane = *state;

	for (uint64_t id = 0; id < 100; id++) {
		pane_fold(pane, id, true);
		pane_fold(pane, id, true);
	}
	assert_int_equal(pane->folded_count, 100);
	pane_fold(pane, 50, false);
	pane_fold(pane, 50, false);
	pane_fold(pane, 1000, false);
	assert_int_equal(pane->folded_count, 99);
	assert_false(pane_is_folded(pane, 50));
	assert_true(pane_is_folded(pane, 99));
}

static void what_has_no_children_does_not_fold(void **state)
{
	struct pane *pane = *state;

	pane_fold(pane, 30, true);
	shows(pane, "pear seed skin apple stalk core nut");
	assert_false(pane->shown.rows[6].folded);
}

/* ---- selection ---- */

static void the_selection_follows_its_row(void **state)
{
	struct pane *pane = *state;

	update(pane, &view, &context, 20);
	table_select(pane, 4);
	assert_int_equal(pane->selected_id, 21);
	pane->sort_column = NAME;
	update(pane, &view, &context, 20);
	assert_int_equal(pane->shown.rows[pane->selected].id, 21);
	assert_int_equal(pane->selected, 2);
}

static void a_selection_that_vanishes_keeps_its_place(void **state)
{
	struct pane *pane = *state;

	update(pane, &view, &context, 20);
	table_select(pane, 6);
	thing_count = 3;
	update(pane, &view, &context, 20);
	assert_int_equal(pane->selected, 2);
	assert_int_equal(pane->selected_id, 12);
	thing_count = 0;
	update(pane, &view, &context, 20);
	usual_things();
	update(pane, &view, &context, 20);
	assert_int_equal(pane->shown.rows[pane->selected].id, 12);
}

static void following_selects_the_last_row(void **state)
{
	struct pane *pane = *state;

	pane->follow = true;
	thing_count = 3;
	update(pane, &view, &context, 3);
	assert_int_equal(pane->selected_id, 12);
	usual_things();
	update(pane, &view, &context, 3);
	assert_int_equal(pane->selected_id, 30);
	assert_int_equal(pane->top, 5);
}

static void the_selected_row_is_in_sight(void **state)
{
	struct pane *pane = *state;

	for (int height = 0; height < 9; height++) {
		for (size_t place = 0; place < 10; place++) {
			update(pane, &view, &context, height);
			table_select(pane, place);
			if (height < 2)
				continue;
			assert_true(pane->selected >= pane->top);
			assert_true(pane->selected < pane->top + pane->body_rows);
			assert_true(pane->top == 0 || pane->top + pane->body_rows <= 7);
		}
	}
}

static void selecting_in_an_empty_pane_selects_nothing(void **state)
{
	struct pane *pane = *state;

	thing_count = 0;
	update(pane, &view, &context, 5);
	table_select(pane, 3);
	assert_false(pane->has_selection);
}

/* ---- search ---- */

static void search_goes_around_the_end_both_ways(void **state)
{
	struct pane *pane = *state;
	size_t place = 99;

	update(pane, &view, &context, 20);
	strcpy(pane->search, "s");
	table_select(pane, 4);
	assert_true(table_search(pane, &view, &context, false, &place));
	assert_int_equal(place, 1);
	assert_true(table_search(pane, &view, &context, true, &place));
	assert_int_equal(place, 2);
	table_select(pane, 1);
	assert_true(table_search(pane, &view, &context, true, &place));
	assert_int_equal(place, 4);
}

static void search_finds_the_selected_row_last(void **state)
{
	struct pane *pane = *state;
	size_t place = 99;

	update(pane, &view, &context, 20);
	strcpy(pane->search, "NUT");
	table_select(pane, 6);
	assert_true(table_search(pane, &view, &context, false, &place));
	assert_int_equal(place, 6);
	strcpy(pane->search, "absent");
	assert_false(table_search(pane, &view, &context, false, &place));
	pane->search[0] = '\0';
	assert_false(table_search(pane, &view, &context, false, &place));
	strcpy(pane->search, "nut");
	thing_count = 0;
	update(pane, &view, &context, 20);
	assert_false(table_search(pane, &view, &context, true, &place));
}

/* ---- layout ---- */

static void draw(struct pane *pane, struct canvas *canvas, int rows, int width)
{
	canvas_resize(canvas, rows, width);
	update(pane, &view, &context, rows);
	table_draw(pane, &view, &context, canvas, 0, 0, rows, width, true);
}

static void titles_are(struct pane *pane, int width, const char *expected)
{
	struct canvas canvas = {0};
	char text[1024];

	draw(pane, &canvas, 5, width);
	canvas_row_text(&canvas, 0, text);
	assert_string_equal(text, expected);
	canvas_release(&canvas);
}

static void columns_are_left_out_in_the_order_of_their_drop(void **state)
{
	struct pane *pane = *state;

	titles_are(pane, 40, "NAME   WORDS            SIZE AGAIN MORE");
	titles_are(pane, 29, "NAME   WOR…  SIZE AGAIN MORE");
	titles_are(pane, 28, "NAME   WORDS      SIZE MORE");
	titles_are(pane, 22, "NAME   WORDS      SIZE");
	titles_are(pane, 16, "NAME   WORDS");
	titles_are(pane, 8, "NAME   …");
}

static void a_column_is_as_wide_as_what_it_holds(void **state)
{
	things[2].name = "a skin of some length";
	titles_are(*state, 60, "NAME         WORDS                          SIZE AGAIN MORE");
}

/* A sentence about nuts in the place of their words. */
static void put_sentence(const struct view_context *where, const struct row *row,
                         struct cell_text *out)
{
	put_name(where, row, out);
	if (strcmp(out->text, "nut") != 0)
		return;
	copy_text(out->text, sizeof(out->text), "a nut takes all there is");
	out->spans = true;
}

static void a_cell_that_spans_has_the_rest_of_its_row(void **state)
{
	static const struct column sentences[] = {
		{"NAME", 6, 12, .put = put_name},
		{"WORDS", 4, 9, .put = put_sentence},
		{"SIZE", 5, 5, .put = put_size, .right = true},
	};
	struct pane *pane = *state;
	struct view wordy = view;
	struct canvas canvas = {0};
	char text[1024];

	wordy.columns = sentences;
	wordy.column_count = ARRAY_SIZE(sentences);
	canvas_resize(&canvas, 9, 26);
	update(pane, &wordy, &context, 9);
	table_draw(pane, &wordy, &context, &canvas, 0, 0, 9, 26, true);
	canvas_row_text(&canvas, 0, text);
	assert_string_equal(text, "NAME   WORDS  SIZE"); /* no column gets wider by it */
	canvas_row_text(&canvas, 1, text);
	assert_string_equal(text, "pear   pear      5");
	canvas_row_text(&canvas, 7, text);
	assert_string_equal(text, "nut    a nut takes all th…");
	assert_int_equal(canvas.cells[7 * 26 + 25].rune, 0x2026);
	canvas_release(&canvas);
}

static void an_empty_pane_says_why(void **state)
{
	struct pane *pane = *state;
	struct canvas canvas = {0};
	char text[1024];

	strcpy(pane->filter, "zzz");
	draw(pane, &canvas, 3, 60);
	canvas_row_text(&canvas, 1, text);
	assert_string_equal(text, "nothing matches the filter (Esc clears it)");
	thing_count = 0;
	draw(pane, &canvas, 3, 60);
	canvas_row_text(&canvas, 1, text);
	assert_string_equal(text, "nothing there");
	canvas_release(&canvas);
}

static void the_selected_row_is_painted_from_edge_to_edge(void **state)
{
	struct pane *pane = *state;
	struct canvas canvas = {0};
	char roles[64];

	draw(pane, &canvas, 9, 10);
	table_select(pane, 1);
	table_draw(pane, &view, &context, &canvas, 0, 0, 9, 10, true);
	canvas_row_roles(&canvas, 2, roles);
	assert_string_equal(roles, "SSSSSSSSSS");
	table_draw(pane, &view, &context, &canvas, 0, 0, 9, 10, false);
	canvas_row_roles(&canvas, 2, roles);
	assert_string_equal(roles, "MMMMMMMMMM");
	canvas_release(&canvas);
}

/* ---- the real views ---- */

static void nothing_is_drawn_outside(const struct canvas *canvas, int first, int last)
{
	char text[4 * 200 + 1];

	for (int row = 0; row < canvas->rows; row++) {
		if (row >= first && row < last)
			continue;
		assert_int_equal(canvas_row_text(canvas, row, text), 0);
	}
}

static void view_fits(const struct view *some, const struct view_context *where)
{
	struct canvas canvas = {0};

	for (int width = 1; width <= 200; width += width < 60 ? 1 : 7) {
		for (int rows = 1; rows <= 60; rows += rows < 8 ? 1 : 13) {
			struct pane pane = {.sort_column = (width + rows) % 4 - 1};

			canvas_resize(&canvas, rows + 2, width);
			update(&pane, some, where, rows);
			table_select(&pane, (size_t)width);
			table_draw(&pane, some, where, &canvas, 1, 0, rows, width, rows % 2);
			nothing_is_drawn_outside(&canvas, 1, rows + 1);
			pane_release(&pane);
		}
	}
	canvas_release(&canvas);
}

static void every_view_stays_in_its_pane_at_any_size(void **state)
{
	static const struct view *const views[] = {&groups_view, &domains_view, &log_view,
	                                           &faults_view, &facts_view,   &help_view};
	static const uint32_t scopes[] = {NO_GROUP, 7, 9, 12345};
	struct model *model = model_new(&model_default_limits);
	struct snapshot snap = {0}, nothing = {0};

	(void)state;
	say_everything(model);
	look(model, &snap);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(scopes); j++) {
			struct view_context where = {.snap = &snap, .group = scopes[j]};

			view_fits(views[i], &where);
			where.snap = &nothing;
			view_fits(views[i], &where);
		}
	}
	model_free(model);
	snapshot_release(&snap);
}

#define pane_test(name) cmocka_unit_test_setup_teardown(name, make_pane, free_pane)

int main(void)
{
	const struct CMUnitTest tests[] = {
		pane_test(unsorted_is_the_order_of_the_view),
		pane_test(children_stay_under_their_parents_when_sorted),
		pane_test(figures_start_from_the_highest_and_ties_go_by_id),
		pane_test(what_cannot_be_sorted_by_is_not),
		pane_test(random_trees_stay_trees),
		pane_test(a_filter_keeps_the_parents_of_what_it_finds),
		pane_test(a_filter_keeps_the_children_of_what_it_finds),
		pane_test(folded_rows_hide_their_children),
		pane_test(a_filter_looks_into_folded_rows),
		pane_test(folding_twice_is_folding_once),
		pane_test(what_has_no_children_does_not_fold),
		pane_test(the_selection_follows_its_row),
		pane_test(a_selection_that_vanishes_keeps_its_place),
		pane_test(following_selects_the_last_row),
		pane_test(the_selected_row_is_in_sight),
		pane_test(selecting_in_an_empty_pane_selects_nothing),
		pane_test(search_goes_around_the_end_both_ways),
		pane_test(search_finds_the_selected_row_last),
		pane_test(columns_are_left_out_in_the_order_of_their_drop),
		pane_test(a_column_is_as_wide_as_what_it_holds),
		pane_test(an_empty_pane_says_why),
		pane_test(a_cell_that_spans_has_the_rest_of_its_row),
		pane_test(the_selected_row_is_painted_from_edge_to_edge),
		pane_test(every_view_stays_in_its_pane_at_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
