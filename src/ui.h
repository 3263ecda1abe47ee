/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_UI_H
#define IOMMUTOP_UI_H

#include "keys.h"
#include "screens.h"
#include "table.h"

/*
 * The desk: what the user decided. A key changes it, or comes out as a request to main. None of it
 * reaches the model.
 */

#define UI_DEPTH_MAX 8
#define NOTICE_MAX   240

enum prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_MUTE };

struct place {
	enum screen_id screen;
	uint32_t group;  /* NO_GROUP: the whole machine */
	uint32_t domain; /* SCREEN_DOMAIN: which; else NO_DOMAIN */
	uint64_t fault;  /* SCREEN_FAULT: which row of faults; else NO_FAULT */
};

struct ui {
	struct place places[UI_DEPTH_MAX]; /* the last is where we are */
	size_t depth;
	struct pane panes[SCREEN_COUNT][SCREEN_PANES_MAX];
	size_t focus[SCREEN_COUNT];
	enum prompt prompt;
	char before_prompt[FILTER_MAX]; /* what Esc brings back */
	struct mutes mutes;
	/* PROMPT_MUTE: between these one chooses; "" where there is nothing to go by */
	char offered[MUTE_KIND_COUNT][MUTE_TEXT_MAX];
	/* Rows of faults up to this id, and faults up to this moment of the timeline, are known. */
	uint64_t acknowledged_id, acknowledged_ns;
	int columns; /* of the last frame */
	bool paused;
	char notice[NOTICE_MAX]; /* one line, until the next key */
};

/* group: start on this group's screen; NO_GROUP: the overview. */
void ui_init(struct ui *ui, uint32_t group);
void ui_release(struct ui *ui);

const struct place *ui_place(const struct ui *ui);
/* The pane with the keyboard and its view. */
struct pane *ui_pane(struct ui *ui);
const struct view *ui_view(const struct ui *ui);

/*
 * Takes one key. context: what the panes show now (its group is that of ui_place). Returns what
 * main has to do; REQUEST_NONE when the desk has done it all.
 */
enum request ui_key(struct ui *ui, uint32_t input, const struct view_context *context);

/* The domain that is meant: of the selected row, or of the screen; NO_DOMAIN. */
uint32_t ui_domain(struct ui *ui, const struct view_context *context);

/* A pane that is rare and has nothing to show is not there; the one with the keyboard is. */
bool ui_is_absent(const struct ui *ui, size_t pane);

/* The keyboard goes to the overview's faults: what a saved log is read for. */
void ui_begin_with_faults(struct ui *ui);

/* Sets the filter of every pane (option -f). */
void ui_filter_all(struct ui *ui, const char *filter);

void ui_notice(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
