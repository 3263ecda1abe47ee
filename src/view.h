/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_VIEW_H
#define IOMMUTOP_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "canvas.h"
#include "lines.h"
#include "mutes.h"
#include "snapshot.h"

/*
 * A view is one constant: which rows there are and what stands in their columns. It neither sorts,
 * filters, scrolls nor draws; table.c does that for all of them.
 */

/* What a view may look at. */
struct view_context {
	const struct snapshot *snap;
	const struct snapshot *since; /* totals count from here; NULL: from the start */
	uint32_t group;               /* only what belongs to it; NO_GROUP: everything */
	uint32_t domain;              /* the same; NO_DOMAIN: everything */
	uint64_t fault;               /* the row of faults that is open; NO_FAULT: none */
	const struct mutes *mutes;    /* what is not to be shown of the faults; NULL: nothing */
	/* Faults up to these, in rows and on the timeline, have been acknowledged; 0: none. */
	uint64_t acknowledged_id, acknowledged_ns;
	int32_t utc_offset_s;
	int columns; /* of the screen, for text that goes on in the next row; 0: as usual */
};

struct row {
	uint64_t id;     /* stays the same as long as the thing does */
	uint32_t index;  /* for the view: where the thing is in the snapshot */
	uint32_t parent; /* index of the parent among the rows, NO_PARENT */
	bool foldable;   /* has children */
	bool folded;     /* set by the table before put is called */
	bool last;       /* of its parent's children on show; also set by the table */
	/* Of a row that is a part of a sentence: the rest of it, from here on, and its tone; a line
	 * of the rows' own said. Else NULL. */
	const char *text;
	uint8_t tone;
};

#define NO_PARENT     UINT32_MAX
#define CELL_TEXT_MAX 320

struct cell_text {
	char text[CELL_TEXT_MAX];
	enum role role;
	int room; /* columns there are, for cells that are drawn to measure; 0: as many as wished */
	bool spans; /* it takes the columns to its right, too, which are not asked */
};

struct column {
	const char *title;
	uint8_t min, max; /* columns of the screen; max 0: takes what is left */
	uint8_t drop;     /* 0: never left out; the highest goes first when it gets narrow */
	bool right;
	/* Fills in the text; out starts as "" in ROLE_NORMAL. */
	void (*put)(const struct view_context *context, const struct row *row,
	            struct cell_text *out);
	/* Order of two rows, as strcmp; NULL: not to be sorted by. Ties go by the row's id. */
	int (*cmp)(const struct view_context *context, const struct row *a, const struct row *b);
	bool descending; /* the useful order first: figures from the highest */
	const char *help;
};

struct rows {
	struct row *rows;
	size_t count, capacity;
	/* What rows of sentences are parts of, said once for all cells; lives until rows are listed
	 * anew. */
	struct lines said;
};

/* Appends a row; returns its place. */
size_t rows_add(struct rows *rows, struct row row);
/* Leaves {0}. */
void rows_release(struct rows *rows);

struct view {
	const char *title;
	const struct column *columns;
	size_t column_count;
	/* Appends the rows; a parent stands before its children, which follow it. */
	void (*list)(const struct view_context *context, struct rows *rows);
	/* What holds for all rows and is no column's matter, for the pane's title; NULL: nothing.
	 */
	void (*note)(const struct view_context *context, char *out, size_t size);
	/* What to say in a pane without rows. */
	void (*empty)(const struct view_context *context, char *out, size_t size);
	/* The group a row leads to on Enter, NO_GROUP; NULL: none of them does. */
	uint32_t (*group_of)(const struct view_context *context, const struct row *row);
	/* The domain a row leads to on Enter, NO_DOMAIN; asked before group_of; NULL: none. */
	uint32_t (*domain_of)(const struct view_context *context, const struct row *row);
	/* The row of faults a row leads to on Enter, NO_FAULT; asked first; NULL: none. */
	uint64_t (*fault_of)(const struct view_context *context, const struct row *row);
	/* Whether a text is in what no column shows of a row; search and filter ask. NULL: there is
	 * nothing. */
	bool (*also_has)(const struct view_context *context, const struct row *row,
	                 const char *needle);
	bool follows; /* the newest row is at the end and F keeps it in sight */
	bool moves;   /* its own order changes: held still while a row is selected */
};

extern const struct view groups_view, domains_view, log_view, faults_view, facts_view;
extern const struct view domain_facts_view, sizes_view, tasks_view, callers_view, journey_view;
extern const struct view answers_view, fault_facts_view, occurrences_view, notes_view, muted_view;
extern const struct view doctor_view;

#endif
