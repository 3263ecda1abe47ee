/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SCREENS_H
#define IOMMUTOP_SCREENS_H

#include "view.h"

/* A screen is a list of panes, nothing more. */

#define SCREEN_PANES_MAX 7

enum screen_id {
	SCREEN_OVERVIEW,
	SCREEN_GROUP,
	SCREEN_ANSWERS,
	SCREEN_DOMAIN,
	SCREEN_FAULT,
	SCREEN_MUTED,
	SCREEN_LOG,
	SCREEN_HELP,
	SCREEN_DOCTOR,
	SCREEN_COUNT
};

struct pane_spec {
	const struct view *view;
	const char *title; /* NULL: the view's own */
	uint8_t least;     /* rows of the screen it wants at least, titles included */
	uint8_t weight;    /* its share of what is left; 0: never more than it needs */
	bool rare;         /* not there while it has no rows */
	/* What Enter shows where the row itself leads nowhere, of the same group; the overview:
	 * nothing. */
	uint8_t opens; /* enum screen_id */
};

struct screen_spec {
	struct pane_spec panes[SCREEN_PANES_MAX];
	size_t pane_count;
};

extern const struct screen_spec screens[SCREEN_COUNT];
extern const struct view help_view;

#endif
