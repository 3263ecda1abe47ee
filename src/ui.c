// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ui: keys in, decisions out. Pure: no terminal, no clock, no model.
 */
#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "util.h"
#include "views/fault_cells.h"

void ui_notice(struct ui *ui, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ui->notice, sizeof(ui->notice), format, args);
	va_end(args);
}

const struct place *ui_place(const struct ui *ui)
{
	return &ui->places[ui->depth - 1];
}

struct pane *ui_pane(struct ui *ui)
{
	enum screen_id screen = ui_place(ui)->screen;

	return &ui->panes[screen][ui->focus[screen]];
}

const struct view *ui_view(const struct ui *ui)
{
	enum screen_id screen = ui_place(ui)->screen;

	return screens[screen].panes[ui->focus[screen]].view;
}

static void reset_panes(struct ui *ui, enum screen_id screen)
{
	for (size_t i = 0; i < screens[screen].pane_count; i++) {
		struct pane *pane = &ui->panes[screen][i];

		pane_release(pane);
		pane->sort_column = UNSORTED;
		pane->follow = screens[screen].panes[i].view->follows;
	}
	ui->focus[screen] = 0;
}

static void enter(struct ui *ui, struct place place)
{
	enum screen_id screen = place.screen;

	if (ui->depth == UI_DEPTH_MAX)
		return;
	/* Another group's, domain's or fault's screen starts afresh; overview, log and help are
	 * found as they were left. */
	if (screen != SCREEN_OVERVIEW && screen != SCREEN_LOG && screen != SCREEN_HELP)
		reset_panes(ui, screen);
	ui->places[ui->depth++] = place;
}

static void enter_screen(struct ui *ui, enum screen_id screen)
{
	enter(ui, (struct place){screen, NO_GROUP, NO_DOMAIN, NO_FAULT});
}

static void enter_group(struct ui *ui, uint32_t group)
{
	enter(ui, (struct place){SCREEN_GROUP, group, NO_DOMAIN, NO_FAULT});
}

/* The whole of what a pane has no room for; false where there is no such screen. */
static bool enter_whole(struct ui *ui)
{
	enum screen_id screen = ui_place(ui)->screen;
	uint8_t whole = screens[screen].panes[ui->focus[screen]].opens;

	if (whole != SCREEN_OVERVIEW)
		enter(ui, (struct place){whole, ui_place(ui)->group, NO_DOMAIN, NO_FAULT});
	return whole != SCREEN_OVERVIEW;
}

static void enter_domain(struct ui *ui, uint32_t domain)
{
	enter(ui, (struct place){SCREEN_DOMAIN, NO_GROUP, domain, NO_FAULT});
}

static void enter_fault(struct ui *ui, uint64_t fault)
{
	enter(ui, (struct place){SCREEN_FAULT, NO_GROUP, NO_DOMAIN, fault});
}

void ui_init(struct ui *ui, uint32_t group)
{
	*ui = (struct ui){0};
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		reset_panes(ui, (enum screen_id)i);
	enter_screen(ui, SCREEN_OVERVIEW);
	if (group != NO_GROUP)
		enter_group(ui, group);
}

void ui_release(struct ui *ui)
{
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		for (size_t j = 0; j < SCREEN_PANES_MAX; j++)
			pane_release(&ui->panes[i][j]);
}

void ui_begin_with_faults(struct ui *ui)
{
	const struct screen_spec *overview = &screens[SCREEN_OVERVIEW];

	for (size_t i = 0; i < overview->pane_count; i++)
		if (overview->panes[i].view == &faults_view)
			ui->focus[SCREEN_OVERVIEW] = i;
}

void ui_filter_all(struct ui *ui, const char *filter)
{
	for (size_t i = 0; i < SCREEN_HELP; i++)
		for (size_t j = 0; j < screens[i].pane_count; j++)
			copy_text(ui->panes[i][j].filter, FILTER_MAX, filter);
}

/* ---- moving ---- */

static void move_to(struct pane *pane, const struct view *view, size_t place)
{
	/* At the end of a list that grows one stays with it; anywhere else one reads. Sorted by
	 * something else, the newest is not at the end; of a filtered list the end is what one
	 * looked for. */
	pane->follow = view->follows && pane->sort_column == UNSORTED && !pane->filter[0] &&
	               place + 1 >= pane->shown.count;
	table_select(pane, place);
}

static void move_by(struct pane *pane, const struct view *view, size_t rows, bool up)
{
	size_t at = pane->selected;

	if (up)
		move_to(pane, view, at > rows ? at - rows : 0);
	else
		move_to(pane, view, at + rows);
}

bool ui_is_absent(const struct ui *ui, size_t pane)
{
	enum screen_id screen = ui_place(ui)->screen;

	return screens[screen].panes[pane].rare && !ui->panes[screen][pane].total &&
	       pane != ui->focus[screen];
}

static void next_pane(struct ui *ui, bool back)
{
	enum screen_id screen = ui_place(ui)->screen;
	size_t count = screens[screen].pane_count, next = ui->focus[screen];

	do {
		next = (next + (back ? count - 1 : 1)) % count;
	} while (ui_is_absent(ui, next));
	ui->focus[screen] = next;
}

static const struct row *selected_row(const struct pane *pane)
{
	return pane->selected < pane->shown.count ? &pane->shown.rows[pane->selected] : NULL;
}

/* On a child, folding folds its parent and goes there, as in file managers. */
static void fold(struct pane *pane, bool folded)
{
	const struct row *row = selected_row(pane);

	if (row && row->parent != NO_PARENT && folded) {
		table_select(pane, row->parent);
		row = selected_row(pane);
	}
	if (row && row->foldable)
		pane_fold(pane, row->id, folded);
}

/* ---- opening and going back ---- */

static uint32_t domain_behind(const struct ui *ui, const struct row *row,
                              const struct view_context *context)
{
	const struct view *view = ui_view(ui);

	return row && view->domain_of ? view->domain_of(context, row) : NO_DOMAIN;
}

uint32_t ui_domain(struct ui *ui, const struct view_context *context)
{
	uint32_t domain = domain_behind(ui, selected_row(ui_pane(ui)), context);

	return domain == NO_DOMAIN ? ui_place(ui)->domain : domain;
}

static uint64_t fault_behind(const struct ui *ui, const struct row *row,
                             const struct view_context *context)
{
	const struct view *view = ui_view(ui);

	return row && view->fault_of ? view->fault_of(context, row) : NO_FAULT;
}

/* What stands on the list of what is muted is no more muted when it is chosen. */
static bool unmute(struct ui *ui)
{
	const struct row *row = selected_row(ui_pane(ui));
	const struct mute *mute = row ? mutes_by_id(&ui->mutes, row->id) : NULL;

	if (ui_place(ui)->screen != SCREEN_MUTED)
		return false;
	if (mute) {
		ui_notice(ui, "no longer muted: %s", mute->text);
		mutes_remove(&ui->mutes, row->id);
	} else {
		ui_notice(ui, "nothing is muted");
	}
	return true;
}

static void open_row(struct ui *ui, const struct view_context *context)
{
	const struct view *view = ui_view(ui);
	const struct row *row = selected_row(ui_pane(ui));
	uint64_t fault = fault_behind(ui, row, context);
	uint32_t domain = domain_behind(ui, row, context);
	uint32_t group = row && view->group_of ? view->group_of(context, row) : NO_GROUP;

	if (unmute(ui) || enter_whole(ui))
		return;
	if (fault != NO_FAULT)
		enter_fault(ui, fault);
	else if (domain != NO_DOMAIN)
		enter_domain(ui, domain);
	else if (group == NO_GROUP)
		ui_notice(ui, !row              ? "nothing is selected"
		              : view->domain_of ? "these domains are no longer told one by one"
		              : view->group_of  ? "this row belongs to no known group"
		                                : "there is nothing behind this row");
	else if (group != ui_place(ui)->group)
		enter_group(ui, group);
}

static void go_back(struct ui *ui)
{
	struct pane *pane = ui_pane(ui);

	if (pane->filter[0])
		pane->filter[0] = '\0';
	else if (ui->depth > 1)
		ui->depth--;
}

static void toggle_screen(struct ui *ui, enum screen_id screen)
{
	if (ui_place(ui)->screen == screen)
		ui->depth--;
	else
		enter_screen(ui, screen);
}

/* ---- muting and acknowledging ---- */

/* The fault that is meant: of the selected row, or of the screen; NULL. */
static const struct snapshot_fault *fault_meant(struct ui *ui, const struct view_context *context)
{
	uint64_t id = fault_behind(ui, selected_row(ui_pane(ui)), context);

	return fault_by_id(context->snap, id == NO_FAULT ? ui_place(ui)->fault : id);
}

static void offer_mute(struct ui *ui, const struct view_context *context)
{
	const struct snapshot_fault *fault = fault_meant(ui, context);

	if (unmute(ui))
		return;
	if (!fault) {
		ui_notice(ui, "select a fault first: m mutes its device or its reason");
		return;
	}
	for (int kind = 0; kind < MUTE_KIND_COUNT; kind++)
		fault_mute_text(context->snap, fault, (enum mute_kind)kind, ui->offered[kind],
		                sizeof(ui->offered[kind]));
	ui->prompt = PROMPT_MUTE;
}

static void mute(struct ui *ui, enum mute_kind kind)
{
	const char *text = ui->offered[kind];

	if (!*text)
		ui_notice(ui, "the message names no %s", mute_kind_words[kind]);
	else if (!mutes_add(&ui->mutes, kind, text))
		ui_notice(ui, "no more than %d can be muted (M shows them)", MUTES_MAX);
	else
		ui_notice(ui, "muted: %s (M shows what is muted)", text);
}

/* As dd in vi: the same key twice does the likeliest. */
static void mute_key(struct ui *ui, uint32_t input)
{
	ui->prompt = PROMPT_NONE;
	if (input == 'm' || input == 'd')
		mute(ui, MUTE_DEVICE);
	else if (input == 'r')
		mute(ui, MUTE_REASON);
}

static void acknowledge(struct ui *ui, const struct view_context *context)
{
	const struct snapshot *snap = context->snap;
	uint64_t id = ui->acknowledged_id, at_ns = ui->acknowledged_ns;

	for (size_t i = 0; i < snap->fault_count; i++) {
		const struct snapshot_fault *fault = &snap->faults_seen[i];

		id = fault->id > id ? fault->id : id;
		at_ns = fault->last_ns > at_ns ? fault->last_ns : at_ns;
	}
	if (id == ui->acknowledged_id && at_ns == ui->acknowledged_ns)
		ui_notice(ui, "there is no fault that is not acknowledged");
	else
		ui_notice(ui, "acknowledged: what is new from now on stands out");
	ui->acknowledged_id = id;
	ui->acknowledged_ns = at_ns;
}

/* ---- search, filter, sort ---- */

static void search(struct ui *ui, const struct view_context *context, bool backwards)
{
	struct pane *pane = ui_pane(ui);
	size_t place;

	if (!pane->search[0])
		ui_notice(ui, "nothing to search for yet: / asks");
	else if (table_search(pane, ui_view(ui), context, backwards, &place))
		move_to(pane, ui_view(ui), place);
	else
		ui_notice(ui, "not found: %s", pane->search);
}

static void start_prompt(struct ui *ui, enum prompt prompt)
{
	struct pane *pane = ui_pane(ui);
	char *text = prompt == PROMPT_FILTER ? pane->filter : pane->search;

	ui->prompt = prompt;
	copy_text(ui->before_prompt, sizeof(ui->before_prompt), text);
	if (prompt == PROMPT_SEARCH)
		text[0] = '\0';
}

static char *prompt_text(struct ui *ui)
{
	struct pane *pane = ui_pane(ui);

	return ui->prompt == PROMPT_FILTER ? pane->filter : pane->search;
}

static void type_character(char *text, uint32_t input)
{
	char bytes[4];
	size_t length = strlen(text), more;

	if (input < ' ' || input >= INPUT_UP)
		return;
	more = text_encode(input, bytes);
	if (length + more >= FILTER_MAX)
		return;
	memcpy(text + length, bytes, more);
	text[length + more] = '\0';
}

static void erase_character(char *text)
{
	size_t length = strlen(text);

	while (length && ((unsigned char)text[--length] & 0xc0) == 0x80)
		;
	text[length] = '\0';
}

static void end_prompt(struct ui *ui, const struct view_context *context)
{
	enum prompt prompt = ui->prompt;

	ui->prompt = PROMPT_NONE;
	if (prompt != PROMPT_SEARCH)
		return;
	/* Nothing typed: once more what was searched for last. */
	if (!ui_pane(ui)->search[0])
		copy_text(ui_pane(ui)->search, FILTER_MAX, ui->before_prompt);
	search(ui, context, false);
}

static void prompt_key(struct ui *ui, uint32_t input, const struct view_context *context)
{
	char *text = prompt_text(ui);

	if (ui->prompt == PROMPT_MUTE) {
		mute_key(ui, input);
		return;
	}
	switch (input) {
	case INPUT_ENTER:
		end_prompt(ui, context);
		break;
	case INPUT_ESCAPE:
	case INPUT_F10:
		copy_text(text, FILTER_MAX, ui->prompt == PROMPT_FILTER ? "" : ui->before_prompt);
		ui->prompt = PROMPT_NONE;
		break;
	case INPUT_BACKSPACE:
		erase_character(text);
		break;
	case INPUT_CONTROL('u'):
		text[0] = '\0';
		break;
	default:
		type_character(text, input);
		break;
	}
}

static void sort_by(struct pane *pane, const struct view *view, int step)
{
	int column = pane->sort_column;

	do {
		column += step;
	} while (column >= 0 && column < (int)view->column_count && !view->columns[column].cmp);
	column = column < 0 ? UNSORTED : column;
	if (column >= (int)view->column_count || column == pane->sort_column)
		return;
	pane->sort_column = column;
	pane->invert = false;
	pane->follow = view->follows && pane->sort_column == UNSORTED;
}

static void toggle_follow(struct ui *ui)
{
	struct pane *pane = ui_pane(ui);

	if (!ui_view(ui)->follows) {
		ui_notice(ui, "only lists that grow at their end can be followed");
		return;
	}
	pane->follow = !pane->follow;
	if (pane->follow)
		pane->sort_column = UNSORTED;
}

/* ---- requests ---- */

static enum request move(struct ui *ui, enum request request)
{
	struct pane *pane = ui_pane(ui);
	const struct view *view = ui_view(ui);
	size_t page = pane->body_rows > 1 ? pane->body_rows - 1 : 1;

	switch (request) {
	case REQUEST_UP:
	case REQUEST_DOWN:
		move_by(pane, view, 1, request == REQUEST_UP);
		return REQUEST_NONE;
	case REQUEST_HALF_UP:
	case REQUEST_HALF_DOWN:
		move_by(pane, view, page / 2 + 1, request == REQUEST_HALF_UP);
		return REQUEST_NONE;
	case REQUEST_PAGE_UP:
	case REQUEST_PAGE_DOWN:
		move_by(pane, view, page, request == REQUEST_PAGE_UP);
		return REQUEST_NONE;
	case REQUEST_FIRST:
		move_to(pane, view, 0);
		return REQUEST_NONE;
	case REQUEST_LAST:
		move_to(pane, view, pane->shown.count);
		return REQUEST_NONE;
	case REQUEST_FOLD:
	case REQUEST_UNFOLD:
		fold(pane, request == REQUEST_FOLD);
		return REQUEST_NONE;
	default:
		return request;
	}
}

static enum request arrange(struct ui *ui, enum request request, const struct view_context *context)
{
	struct pane *pane = ui_pane(ui);

	switch (request) {
	case REQUEST_SEARCH:
		start_prompt(ui, PROMPT_SEARCH);
		return REQUEST_NONE;
	case REQUEST_FILTER:
		start_prompt(ui, PROMPT_FILTER);
		return REQUEST_NONE;
	case REQUEST_NEXT_MATCH:
	case REQUEST_PREVIOUS_MATCH:
		search(ui, context, request == REQUEST_PREVIOUS_MATCH);
		return REQUEST_NONE;
	case REQUEST_SORT_LEFT:
	case REQUEST_SORT_RIGHT:
		sort_by(pane, ui_view(ui), request == REQUEST_SORT_LEFT ? -1 : 1);
		return REQUEST_NONE;
	case REQUEST_INVERT:
		pane->invert = !pane->invert;
		return REQUEST_NONE;
	case REQUEST_FOLLOW:
		toggle_follow(ui);
		return REQUEST_NONE;
	default:
		return request;
	}
}

static enum request walk(struct ui *ui, enum request request, const struct view_context *context)
{
	switch (request) {
	case REQUEST_NEXT_PANE:
	case REQUEST_PREVIOUS_PANE:
		next_pane(ui, request == REQUEST_PREVIOUS_PANE);
		return REQUEST_NONE;
	case REQUEST_OPEN:
		open_row(ui, context);
		return REQUEST_NONE;
	case REQUEST_BACK:
		go_back(ui);
		return REQUEST_NONE;
	case REQUEST_LOG:
		toggle_screen(ui, SCREEN_LOG);
		return REQUEST_NONE;
	case REQUEST_DOCTOR:
		toggle_screen(ui, SCREEN_DOCTOR);
		return REQUEST_NONE;
	case REQUEST_MUTED:
		toggle_screen(ui, SCREEN_MUTED);
		return REQUEST_NONE;
	case REQUEST_HELP:
		toggle_screen(ui, SCREEN_HELP);
		return REQUEST_NONE;
	default:
		return request;
	}
}

static enum request put_aside(struct ui *ui, enum request request,
                              const struct view_context *context)
{
	switch (request) {
	case REQUEST_MUTE:
		offer_mute(ui, context);
		return REQUEST_NONE;
	case REQUEST_ACKNOWLEDGE:
		acknowledge(ui, context);
		return REQUEST_NONE;
	default:
		return request;
	}
}

enum request ui_key(struct ui *ui, uint32_t input, const struct view_context *context)
{
	enum key_mode mode = ui_place(ui)->screen == SCREEN_HELP ? MODE_HELP : MODE_PANES;
	enum request request;

	ui->notice[0] = '\0';
	if (ui->prompt != PROMPT_NONE) {
		prompt_key(ui, input, context);
		return REQUEST_NONE;
	}
	request = move(ui, keys_find(mode, input));
	request = arrange(ui, request, context);
	request = put_aside(ui, request, context);
	return walk(ui, request, context);
}
