// SPDX-License-Identifier: GPL-2.0-or-later
/* ui: keys in, decisions out, on a machine that has some of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "scene.h"
#include "ui.h"
#include "util.h"

struct desk {
	struct model *model;
	struct snapshot snap;
	struct ui ui;
	struct canvas canvas;
};

static struct frame_input input_of(const struct desk *desk)
{
	return (struct frame_input){.snap = &desk->snap};
}

/* As main does: a key meets the rows of the frame before it. */
static void draw(struct desk *desk)
{
	struct frame_input input = input_of(desk);

	canvas_resize(&desk->canvas, 40, 120);
	frame_draw(&desk->canvas, &desk->ui, &input);
}

static enum request press(struct desk *desk, uint32_t input_key)
{
	struct frame_input input = input_of(desk);
	struct view_context context = frame_context(&input, &desk->ui);
	enum request request = ui_key(&desk->ui, input_key, &context);

	draw(desk);
	return request;
}

static void type(struct desk *desk, const char *text)
{
	while (*text)
		press(desk, text_next_rune(&text));
}

static int make_desk(void **state)
{
	struct desk *desk = xcalloc(1, sizeof(*desk));

	desk->model = model_new(&model_default_limits);
	say_everything(desk->model);
	look(desk->model, &desk->snap);
	ui_init(&desk->ui, NO_GROUP);
	draw(desk);
	*state = desk;
	return 0;
}

static int free_desk(void **state)
{
	struct desk *desk = *state;

	model_free(desk->model);
	snapshot_release(&desk->snap);
	ui_release(&desk->ui);
	canvas_release(&desk->canvas);
	free(desk);
	return 0;
}

static enum screen_id screen_of(const struct desk *desk)
{
	return ui_place(&desk->ui)->screen;
}

/* What an open pane says of itself, to see whether a key did anything. */
struct trace_of_a_key {
	struct place place;
	size_t depth, focus, selected, folded;
	enum prompt prompt;
	int sort;
	bool invert, follow;
	char notice[NOTICE_MAX];
};

static struct trace_of_a_key take_trace(struct desk *desk)
{
	const struct pane *pane = ui_pane(&desk->ui);
	struct trace_of_a_key trace;

	memset(&trace, 0, sizeof(trace));
	trace.place.screen = screen_of(desk);
	trace.place.group = ui_place(&desk->ui)->group;
	trace.depth = desk->ui.depth;
	trace.focus = desk->ui.focus[screen_of(desk)];
	trace.selected = pane->selected;
	trace.folded = pane->folded_count;
	trace.prompt = desk->ui.prompt;
	trace.sort = pane->sort_column;
	trace.invert = pane->invert;
	trace.follow = pane->follow;
	memcpy(trace.notice, desk->ui.notice, sizeof(trace.notice));
	return trace;
}

/* A row in the middle that is foldable, something to unfold, to go back to, to search for. */
static void stand_in_the_middle(struct desk *desk)
{
	struct pane *pane = ui_pane(&desk->ui);

	while (!pane->shown.rows[pane->selected].foldable)
		press(desk, 'j');
	strcpy(pane->search, "0000");
}

static bool does_something(struct desk *desk, const struct key_binding *binding)
{
	struct trace_of_a_key before, after;

	stand_in_the_middle(desk);
	if (binding->request == REQUEST_UNFOLD)
		press(desk, INPUT_LEFT);
	if (binding->request == REQUEST_BACK) {
		press(desk, 'e');
		assert_int_equal(screen_of(desk), SCREEN_LOG);
	}
	if (binding->request == REQUEST_SORT_LEFT)
		press(desk, '>');
	before = take_trace(desk);
	if (press(desk, binding->input) != REQUEST_NONE)
		return true;
	after = take_trace(desk);
	return memcmp(&before, &after, sizeof(before)) != 0;
}

static void every_binding_leads_to_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_binding_count; i++) {
		void *fresh;

		if (key_bindings[i].mode != MODE_PANES)
			continue;
		make_desk(&fresh);
		if (!does_something(fresh, &key_bindings[i]))
			fail_msg("%s does nothing", key_bindings[i].name);
		free_desk(&fresh);
	}
}

static void what_main_has_to_do_comes_out(void **state)
{
	static const struct {
		uint32_t input;
		enum request request;
	} outs[] = {
		{'q', REQUEST_QUIT},
		{' ', REQUEST_PAUSE},
		{'z', REQUEST_SINCE},
		{'+', REQUEST_SLOWER},
		{'-', REQUEST_FASTER},
		{'3', REQUEST_CLASS_MAP},
		{'c', REQUEST_COLLECT},
		{'w', REQUEST_CALLERS},
		{INPUT_CONTROL('l'), REQUEST_REDRAW},
		{INPUT_CONTROL('z'), REQUEST_SUSPEND},
		{'j', REQUEST_NONE},
		{'x', REQUEST_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(outs); i++)
		assert_int_equal(press(*state, outs[i].input), outs[i].request);
}

/* ---- moving and folding ---- */

static void moving_stops_at_the_ends(void **state)
{
	struct desk *desk = *state;
	const struct pane *pane = ui_pane(&desk->ui);

	press(desk, 'k');
	assert_int_equal(pane->selected, 0);
	press(desk, 'G');
	assert_int_equal(pane->selected, pane->shown.count - 1);
	press(desk, 'j');
	press(desk, INPUT_PAGE_DOWN);
	assert_int_equal(pane->selected, pane->shown.count - 1);
	press(desk, 'g');
	assert_int_equal(pane->selected, 0);
	press(desk, INPUT_PAGE_UP);
	press(desk, INPUT_CONTROL('u'));
	assert_int_equal(pane->selected, 0);
}

static void folding_a_child_folds_its_parent(void **state)
{
	struct desk *desk = *state;
	struct pane *pane = ui_pane(&desk->ui);
	size_t before = pane->shown.count;
	uint64_t parent;

	stand_in_the_middle(desk);
	parent = pane->selected_id;
	press(desk, 'j');
	press(desk, 'j');
	press(desk, INPUT_LEFT);
	assert_true(pane->selected_id == parent);
	assert_int_equal(pane->shown.count, before - 3);
	press(desk, INPUT_RIGHT);
	assert_int_equal(pane->shown.count, before);
}

/* The place of a parent is another one after sorting. */
static void folding_a_child_folds_its_parent_when_sorted_too(void **state)
{
	struct desk *desk = *state;
	struct pane *pane = ui_pane(&desk->ui);
	uint64_t parent;

	press(desk, '>');
	press(desk, 'I');
	press(desk, 'g');
	stand_in_the_middle(desk);
	press(desk, 'j');
	while (pane->shown.rows[pane->selected].parent != NO_PARENT)
		press(desk, 'j');
	stand_in_the_middle(desk);
	parent = pane->selected_id;
	press(desk, 'j');
	assert_int_not_equal(pane->shown.rows[pane->selected].parent, NO_PARENT);
	press(desk, INPUT_LEFT);
	assert_true(pane->selected_id == parent);
	assert_true(pane_is_folded(pane, parent));
	assert_int_equal(pane->folded_count, 1);
}

/* The kernel's other words have no pane while there are none. */
static void panes_take_turns(void **state)
{
	struct desk *desk = *state;
	const struct view *first = ui_view(&desk->ui);

	for (size_t i = 1; i < screens[SCREEN_OVERVIEW].pane_count - 1; i++) {
		press(desk, INPUT_TAB);
		assert_ptr_not_equal(ui_view(&desk->ui), first);
		assert_ptr_not_equal(ui_view(&desk->ui), &notes_view);
	}
	press(desk, INPUT_TAB);
	assert_ptr_equal(ui_view(&desk->ui), first);
	press(desk, INPUT_BACK_TAB);
	assert_ptr_equal(ui_view(&desk->ui), &faults_view);
}

/* ---- opening and going back ---- */

static void enter_opens_the_group_and_escape_leaves_it(void **state)
{
	struct desk *desk = *state;

	press(desk, INPUT_ENTER);
	assert_int_equal(screen_of(desk), SCREEN_GROUP);
	assert_int_equal(ui_place(&desk->ui)->group, 0);
	press(desk, INPUT_ESCAPE);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
	press(desk, INPUT_ESCAPE);
	assert_int_equal(desk->ui.depth, 1);
}

static void what_has_no_room_in_its_pane_has_a_screen_of_its_own(void **state)
{
	struct desk *desk = *state;

	press(desk, INPUT_ENTER);
	assert_ptr_equal(ui_view(&desk->ui), &answers_view);
	press(desk, INPUT_ENTER);
	assert_int_equal(screen_of(desk), SCREEN_ANSWERS);
	assert_int_equal(ui_place(&desk->ui)->group, 0);
	press(desk, INPUT_ENTER);
	assert_string_equal(desk->ui.notice, "there is nothing behind this row");
	press(desk, INPUT_ESCAPE);
	assert_int_equal(screen_of(desk), SCREEN_GROUP);
	assert_ptr_equal(ui_view(&desk->ui), &answers_view);
}

static void enter_on_a_domain_opens_its_screen(void **state)
{
	struct desk *desk = *state;

	press(desk, INPUT_TAB);
	press(desk, INPUT_ENTER);
	assert_int_equal(screen_of(desk), SCREEN_DOMAIN);
	assert_int_equal(ui_place(&desk->ui)->domain, 1);
	assert_int_equal(ui_place(&desk->ui)->group, NO_GROUP);
	press(desk, INPUT_ESCAPE);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
	assert_int_equal(ui_place(&desk->ui)->domain, NO_DOMAIN);
}

/* Another domain's screen is not found scrolled and filtered as the one before was left. */
static void each_domain_starts_afresh(void **state)
{
	struct desk *desk = *state;

	press(desk, INPUT_TAB);
	press(desk, INPUT_ENTER);
	press(desk, INPUT_TAB);
	press(desk, 'f');
	type(desk, "x");
	press(desk, INPUT_ENTER);
	assert_string_equal(ui_pane(&desk->ui)->filter, "x");
	press(desk, INPUT_ESCAPE);
	press(desk, INPUT_ESCAPE);
	press(desk, 'j');
	press(desk, INPUT_ENTER);
	assert_int_equal(ui_place(&desk->ui)->domain, 2);
	assert_ptr_equal(ui_view(&desk->ui), &domain_facts_view);
}

static uint32_t meant(struct desk *desk)
{
	struct frame_input input = input_of(desk);
	struct view_context context = frame_context(&input, &desk->ui);

	return ui_domain(&desk->ui, &context);
}

static void a_domain_is_meant_by_its_row_or_its_screen(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(meant(desk), NO_DOMAIN); /* a group */
	press(desk, INPUT_TAB);
	press(desk, 'j');
	assert_int_equal(meant(desk), 2);
	press(desk, INPUT_ENTER);
	assert_int_equal(meant(desk), 2);
	press(desk, INPUT_TAB);
	assert_int_equal(meant(desk), 2);
}

static void a_row_without_group_says_so(void **state)
{
	struct desk *desk = *state;

	press(desk, 'G'); /* a device behind no IOMMU */
	press(desk, INPUT_ENTER);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
	assert_string_equal(desk->ui.notice, "this row belongs to no known group");
	press(desk, 'k');
	assert_string_equal(desk->ui.notice, "");
}

static void to_the_first_fault(struct desk *desk)
{
	press(desk, INPUT_BACK_TAB);
	press(desk, 'g');
	assert_ptr_equal(ui_view(&desk->ui), &faults_view);
}

static void a_fault_leads_to_its_screen_and_on_to_the_group(void **state)
{
	struct desk *desk = *state;

	to_the_first_fault(desk);
	press(desk, INPUT_ENTER);
	assert_int_equal(screen_of(desk), SCREEN_FAULT);
	assert_int_equal(ui_place(&desk->ui)->fault, desk->snap.faults_seen[0].id);
	press(desk, INPUT_ENTER);
	assert_int_equal(screen_of(desk), SCREEN_GROUP);
	assert_int_equal(ui_place(&desk->ui)->group, 2);
	press(desk, INPUT_ESCAPE);
	press(desk, INPUT_ESCAPE);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
	assert_int_equal(ui_place(&desk->ui)->fault, NO_FAULT);
}

/* ---- muting and acknowledging ---- */

static size_t faults_shown(const struct desk *desk)
{
	return desk->ui.panes[SCREEN_OVERVIEW][2].shown.count;
}

static void m_offers_device_or_reason(void **state)
{
	struct desk *desk = *state;

	to_the_first_fault(desk);
	assert_int_equal(faults_shown(desk), 3);
	press(desk, 'm');
	assert_int_equal(desk->ui.prompt, PROMPT_MUTE);
	assert_int_equal(press(desk, 'q'), REQUEST_NONE);
	assert_int_equal(desk->ui.prompt, PROMPT_NONE);
	assert_int_equal(faults_shown(desk), 3);
	press(desk, 'm');
	press(desk, 'd');
	assert_int_equal(faults_shown(desk), 2);
	assert_string_equal(desk->ui.mutes.list[0].text, "0000:00:03.0");
	press(desk, 'm');
	press(desk, 'r');
	assert_int_equal(faults_shown(desk), 0);
	assert_string_equal(desk->ui.mutes.list[1].text, "PTE Read access is not set");
}

static void a_fault_without_device_can_be_muted_by_its_reason_alone(void **state)
{
	struct desk *desk = *state;

	press(desk, INPUT_BACK_TAB);
	press(desk, 'G');
	press(desk, 'm');
	press(desk, 'm');
	assert_int_equal(desk->ui.mutes.count, 0);
	assert_string_equal(desk->ui.notice, "the message names no device");
}

static void on_its_screen_a_fault_can_be_muted_too(void **state)
{
	struct desk *desk = *state;

	to_the_first_fault(desk);
	press(desk, INPUT_ENTER);
	press(desk, INPUT_TAB);
	press(desk, 'm');
	press(desk, 'm');
	assert_true(mutes_has(&desk->ui.mutes, MUTE_DEVICE, "0000:00:03.0"));
}

static void what_is_muted_is_listed_and_unmuted_there(void **state)
{
	struct desk *desk = *state;

	to_the_first_fault(desk);
	press(desk, 'm');
	press(desk, 'm');
	press(desk, 'm');
	press(desk, 'r');
	press(desk, 'M');
	assert_int_equal(screen_of(desk), SCREEN_MUTED);
	assert_int_equal(ui_pane(&desk->ui)->shown.count, 2);
	press(desk, 'm');
	assert_int_equal(ui_pane(&desk->ui)->shown.count, 1);
	press(desk, INPUT_ENTER);
	assert_int_equal(desk->ui.mutes.count, 0);
	press(desk, INPUT_ENTER);
	assert_string_equal(desk->ui.notice, "nothing is muted");
	press(desk, 'M');
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
	assert_int_equal(faults_shown(desk), 3);
}

static void a_knows_all_faults_that_there_are(void **state)
{
	struct desk *desk = *state;
	const struct snapshot_fault *last = &desk->snap.faults_seen[desk->snap.fault_count - 1];

	press(desk, 'a');
	assert_int_equal(desk->ui.acknowledged_id, last->id);
	assert_int_equal(desk->ui.acknowledged_ns, last->last_ns);
	press(desk, 'a');
	assert_string_equal(desk->ui.notice, "there is no fault that is not acknowledged");
}

static void no_way_leads_deeper_than_the_stack(void **state)
{
	static const uint32_t keys[] = {INPUT_ENTER, 'e', 'h', 'j', INPUT_TAB, INPUT_ENTER, 'G'};
	struct desk *desk = *state;
	unsigned int seed = 2;

	for (int i = 0; i < 5000; i++) {
		press(desk, keys[(size_t)rand_r(&seed) % ARRAY_SIZE(keys)]);
		assert_in_range(desk->ui.depth, 1, UI_DEPTH_MAX);
	}
}

static void a_full_stack_takes_no_more(void **state)
{
	struct desk *desk = *state;

	while (desk->ui.depth < UI_DEPTH_MAX)
		desk->ui.places[desk->ui.depth++] =
			(struct place){SCREEN_OVERVIEW, NO_GROUP, NO_DOMAIN, NO_FAULT};
	press(desk, INPUT_ENTER);
	press(desk, 'e');
	press(desk, 'h');
	assert_int_equal(desk->ui.depth, UI_DEPTH_MAX);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
}

static void the_log_opens_and_closes_with_the_same_key(void **state)
{
	struct desk *desk = *state;

	press(desk, 'e');
	assert_int_equal(screen_of(desk), SCREEN_LOG);
	press(desk, 'e');
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
}

static void help_scrolls_and_any_other_key_leaves_it(void **state)
{
	struct desk *desk = *state;

	press(desk, '?');
	assert_int_equal(screen_of(desk), SCREEN_HELP);
	press(desk, 'j');
	press(desk, 'j');
	assert_int_equal(ui_pane(&desk->ui)->selected, 2);
	press(desk, INPUT_RESIZE);
	assert_int_equal(screen_of(desk), SCREEN_HELP);
	assert_int_equal(press(desk, 'q'), REQUEST_NONE);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
}

static void starting_on_a_group_leaves_the_overview_behind_it(void **state)
{
	struct desk *desk = *state;

	ui_release(&desk->ui);
	ui_init(&desk->ui, 7);
	draw(desk);
	assert_int_equal(screen_of(desk), SCREEN_GROUP);
	press(desk, INPUT_BACKSPACE);
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
}

/* ---- prompts ---- */

static void a_filter_works_while_it_is_typed(void **state)
{
	struct desk *desk = *state;
	const struct pane *pane = ui_pane(&desk->ui);

	press(desk, 'f');
	type(desk, "nvme");
	assert_string_equal(pane->filter, "nvme");
	assert_int_equal(pane->shown.count, 1);
	press(desk, INPUT_ENTER);
	assert_int_equal(desk->ui.prompt, PROMPT_NONE);
	assert_string_equal(pane->filter, "nvme");
	press(desk, INPUT_ESCAPE);
	assert_string_equal(pane->filter, "");
}

static void keys_that_mean_something_elsewhere_are_text_in_a_prompt(void **state)
{
	struct desk *desk = *state;

	press(desk, 'f');
	type(desk, "q1 h?");
	assert_int_equal(press(desk, INPUT_TAB), REQUEST_NONE);
	assert_int_equal(press(desk, INPUT_UP), REQUEST_NONE);
	assert_int_equal(press(desk, INPUT_CONTROL('z')), REQUEST_NONE);
	assert_string_equal(ui_pane(&desk->ui)->filter, "q1 h?");
}

static void characters_are_erased_whole(void **state)
{
	struct desk *desk = *state;
	const struct pane *pane = ui_pane(&desk->ui);

	press(desk, 'f');
	type(desk, "aé漢😀");
	assert_string_equal(pane->filter, "aé漢😀");
	press(desk, INPUT_BACKSPACE);
	assert_string_equal(pane->filter, "aé漢");
	press(desk, INPUT_BACKSPACE);
	press(desk, INPUT_BACKSPACE);
	assert_string_equal(pane->filter, "a");
	press(desk, INPUT_BACKSPACE);
	press(desk, INPUT_BACKSPACE);
	assert_string_equal(pane->filter, "");
	type(desk, "abc");
	press(desk, INPUT_CONTROL('u'));
	assert_string_equal(pane->filter, "");
	assert_int_equal(desk->ui.prompt, PROMPT_FILTER);
}

static void a_prompt_is_full_between_characters(void **state)
{
	struct desk *desk = *state;
	const struct pane *pane = ui_pane(&desk->ui);

	press(desk, 'f');
	for (int i = 0; i < 100; i++)
		press(desk, 0x6f22);
	assert_int_equal(strlen(pane->filter), FILTER_MAX / 3 * 3);
	assert_true(is_clean(pane->filter));
}

static void escape_ends_a_prompt_and_undoes_it(void **state)
{
	struct desk *desk = *state;
	const struct pane *pane = ui_pane(&desk->ui);

	press(desk, '/');
	type(desk, "nvme");
	press(desk, INPUT_ENTER);
	press(desk, '/');
	type(desk, "other");
	press(desk, INPUT_ESCAPE);
	assert_int_equal(desk->ui.prompt, PROMPT_NONE);
	assert_string_equal(pane->search, "nvme");
	press(desk, 'f');
	type(desk, "x");
	assert_int_equal(press(desk, INPUT_F10), REQUEST_NONE);
	assert_int_equal(desk->ui.prompt, PROMPT_NONE);
	assert_string_equal(pane->filter, "");
	assert_int_equal(desk->ui.depth, 1);
}

static void search_goes_to_what_it_finds(void **state)
{
	struct desk *desk = *state;
	struct pane *pane = ui_pane(&desk->ui);
	size_t first;

	press(desk, 'n');
	assert_string_equal(desk->ui.notice, "nothing to search for yet: / asks");
	press(desk, '/');
	type(desk, "0000:00:02");
	press(desk, INPUT_ENTER);
	first = pane->selected;
	press(desk, 'n');
	assert_int_equal(pane->selected, first + 1);
	press(desk, 'N');
	assert_int_equal(pane->selected, first);
	press(desk, '/');
	type(desk, "absent");
	press(desk, INPUT_ENTER);
	assert_string_equal(desk->ui.notice, "not found: absent");
	assert_int_equal(pane->selected, first);
}

static void a_filter_for_all_panes_spares_the_help(void **state)
{
	struct desk *desk = *state;

	ui_filter_all(&desk->ui, "nvme");
	draw(desk);
	assert_int_equal(ui_pane(&desk->ui)->shown.count, 1);
	press(desk, 'h');
	assert_int_equal(ui_pane(&desk->ui)->filter[0], '\0');
	press(desk, 'x');
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
}

/* ---- sort and follow ---- */

static void sorting_skips_what_cannot_be_sorted_by(void **state)
{
	struct desk *desk = *state;
	const struct view *view = ui_view(&desk->ui);
	const struct pane *pane = ui_pane(&desk->ui);

	for (size_t i = 0; i < view->column_count * 2; i++) {
		press(desk, '>');
		assert_in_range(pane->sort_column, 0, view->column_count - 1);
		assert_non_null(view->columns[pane->sort_column].cmp);
	}
	for (size_t i = 0; i < view->column_count * 2; i++)
		press(desk, '<');
	assert_int_equal(pane->sort_column, UNSORTED);
}

static struct pane *go_to_faults(struct desk *desk)
{
	press(desk, INPUT_BACK_TAB);
	assert_ptr_equal(ui_view(&desk->ui), &faults_view);
	return ui_pane(&desk->ui);
}

static void the_newest_fault_is_followed_until_one_reads(void **state)
{
	struct desk *desk = *state;
	struct pane *pane = go_to_faults(desk);

	assert_true(pane->follow);
	press(desk, 'k');
	assert_false(pane->follow);
	press(desk, '<'); /* is unsorted already: nothing to do, and no jump */
	assert_false(pane->follow);
	press(desk, 'G');
	assert_true(pane->follow);
	press(desk, 'F');
	assert_false(pane->follow);
	press(desk, 'F');
	assert_true(pane->follow);
}

/* Its last row is what one looked for: it stays selected when newer ones come, or all come back. */
static void a_filtered_pane_is_followed_only_when_asked(void **state)
{
	struct desk *desk = *state;
	struct pane *pane = go_to_faults(desk);

	copy_text(pane->filter, FILTER_MAX, "00:");
	press(desk, 'k');
	press(desk, 'G');
	assert_false(pane->follow);
	press(desk, 'F');
	assert_true(pane->follow);
}

/* Sorted by something else, the last row is not the newest one; it must not be stuck to. */
static void a_sorted_pane_is_not_followed(void **state)
{
	struct desk *desk = *state;
	struct pane *pane = go_to_faults(desk);

	press(desk, '>');
	assert_false(pane->follow);
	press(desk, 'G');
	assert_false(pane->follow);
	press(desk, 'F');
	assert_true(pane->follow);
	assert_int_equal(pane->sort_column, UNSORTED);
}

static void only_what_grows_is_followed(void **state)
{
	struct desk *desk = *state;

	press(desk, 'F');
	assert_string_equal(desk->ui.notice, "only lists that grow at their end can be followed");
	assert_false(ui_pane(&desk->ui)->follow);
}

static void panes_without_rows_take_every_key(void **state)
{
	struct desk *desk = *state;

	model_free(desk->model);
	desk->model = model_new(&model_default_limits);
	snapshot_release(&desk->snap);
	look(desk->model, &desk->snap);
	for (int pane = 0; pane < 3; pane++) {
		press(desk, INPUT_TAB);
		for (size_t i = 0; i < key_binding_count; i++) {
			press(desk, key_bindings[i].input);
			press(desk, INPUT_ESCAPE);
			press(desk, INPUT_ESCAPE);
		}
	}
	assert_int_equal(screen_of(desk), SCREEN_OVERVIEW);
}

static void a_saved_log_begins_with_its_faults(void **state)
{
	struct desk *desk = *state;

	assert_string_equal(ui_view(&desk->ui)->title, "Groups");
	ui_begin_with_faults(&desk->ui);
	draw(desk);
	assert_string_equal(ui_view(&desk->ui)->title, "Faults");
	press(desk, 'j');
	assert_int_equal(press(desk, INPUT_ENTER), REQUEST_NONE);
	assert_int_equal(screen_of(desk), SCREEN_FAULT);
}

static void any_keys_in_any_order_do_no_harm(void **state)
{
	struct desk *desk = *state;
	unsigned int seed = 9;

	for (int i = 0; i < 3000; i++) {
		if (rand_r(&seed) % 8 == 0)
			press(desk, (uint32_t)rand_r(&seed) % 0x120000);
		else
			press(desk, key_bindings[(size_t)rand_r(&seed) % key_binding_count].input);
		if (rand_r(&seed) % 50 == 0) {
			say_fault(desk->model, 80 * SECOND, "0000:00:02.0", FAULT_HAS_IOVA);
			say_gone(desk->model, SUBJECT_DEVICE, "0000:00:02.1", 0);
			look(desk->model, &desk->snap);
			draw(desk);
		}
	}
	assert_in_range(desk->ui.depth, 1, UI_DEPTH_MAX);
}

#define desk_test(name) cmocka_unit_test_setup_teardown(name, make_desk, free_desk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_binding_leads_to_something),
		desk_test(what_main_has_to_do_comes_out),
		desk_test(moving_stops_at_the_ends),
		desk_test(folding_a_child_folds_its_parent),
		desk_test(folding_a_child_folds_its_parent_when_sorted_too),
		desk_test(panes_take_turns),
		desk_test(enter_opens_the_group_and_escape_leaves_it),
		desk_test(what_has_no_room_in_its_pane_has_a_screen_of_its_own),
		desk_test(enter_on_a_domain_opens_its_screen),
		desk_test(each_domain_starts_afresh),
		desk_test(a_domain_is_meant_by_its_row_or_its_screen),
		desk_test(a_row_without_group_says_so),
		desk_test(a_fault_leads_to_its_screen_and_on_to_the_group),
		desk_test(m_offers_device_or_reason),
		desk_test(a_fault_without_device_can_be_muted_by_its_reason_alone),
		desk_test(on_its_screen_a_fault_can_be_muted_too),
		desk_test(what_is_muted_is_listed_and_unmuted_there),
		desk_test(a_knows_all_faults_that_there_are),
		desk_test(no_way_leads_deeper_than_the_stack),
		desk_test(a_full_stack_takes_no_more),
		desk_test(the_log_opens_and_closes_with_the_same_key),
		desk_test(help_scrolls_and_any_other_key_leaves_it),
		desk_test(starting_on_a_group_leaves_the_overview_behind_it),
		desk_test(a_filter_works_while_it_is_typed),
		desk_test(keys_that_mean_something_elsewhere_are_text_in_a_prompt),
		desk_test(characters_are_erased_whole),
		desk_test(a_prompt_is_full_between_characters),
		desk_test(escape_ends_a_prompt_and_undoes_it),
		desk_test(search_goes_to_what_it_finds),
		desk_test(a_filter_for_all_panes_spares_the_help),
		desk_test(sorting_skips_what_cannot_be_sorted_by),
		desk_test(the_newest_fault_is_followed_until_one_reads),
		desk_test(a_filtered_pane_is_followed_only_when_asked),
		desk_test(a_sorted_pane_is_not_followed),
		desk_test(only_what_grows_is_followed),
		desk_test(panes_without_rows_take_every_key),
		desk_test(a_saved_log_begins_with_its_faults),
		desk_test(any_keys_in_any_order_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
