/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CANVAS_H
#define IOMMUTOP_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Door 3: a sheet of cells. What a cell means is its role; which colour that is, only the screen
 * knows. Text is untrusted: control characters, broken UTF-8 and characters that would reorder the
 * line die here.
 */

/* role, its letter in role dumps (golden tests) */
#define ROLES(X)                                                                \
	X(NORMAL, '.')                                                          \
	X(DIM, 'd')     /* present but not the point: units, old rows, hints */ \
	X(TITLE, 'T')   /* the program's name, a pane's name */                 \
	X(FOCUS, 'P')   /* the name of the pane that has the keyboard */        \
	X(HEADING, 'h') /* column titles */                                     \
	X(SORTED, 'o')  /* the title of the column that orders the rows */      \
	X(STRONG, 's')  /* the figure one looks for first */                    \
	X(GOOD, 'g')                                                            \
	X(WARN, 'w')     /* partial, off, lost */                               \
	X(BAD, 'b')      /* a fault, a source that does not work */             \
	X(BRANCH, 'v')   /* lines of trees and between panes */                 \
	X(KEY, 'k')      /* a key one can press */                              \
	X(SELECTED, 'S') /* the selected row of the pane with the keyboard */   \
	X(MARKED, 'M')   /* the selected row of another pane */

enum role {
#define X(name, letter) ROLE_##name,
	ROLES(X)
#undef X
		ROLE_COUNT
};

struct cell {
	uint32_t rune; /* 0: covered by the wide character to its left */
	uint8_t role;
};

struct canvas {
	struct cell *cells;
	int rows, columns;
	bool ascii; /* runes beyond ASCII become look-alikes */
};

/* Sets the size and blanks all cells. Sizes below 1 are taken as 1. */
void canvas_resize(struct canvas *canvas, int rows, int columns);
void canvas_release(struct canvas *canvas);

/*
 * Writes text from (row, column), at most width columns, nothing outside the sheet. Text that does
 * not fit ends with an ellipsis. Returns the columns used.
 */
int canvas_put(struct canvas *canvas, int row, int column, int width, enum role role,
               const char *text);
/* The same, flush right within width. */
void canvas_put_right(struct canvas *canvas, int row, int column, int width, enum role role,
                      const char *text);
/* Fills width cells with one rune. */
void canvas_fill(struct canvas *canvas, int row, int column, int width, enum role role,
                 uint32_t rune);
/* Gives width cells another role, their runes stay. */
void canvas_paint(struct canvas *canvas, int row, int column, int width, enum role role);

/* Columns that text would take. */
int canvas_text_width(const char *text);

/* One row as UTF-8 without the blanks at its end; out holds at least 4 * columns + 1 bytes.
 * Returns the length. */
size_t canvas_row_text(const struct canvas *canvas, int row, char *out);
/* One row as role letters, '.' at its end cut; out holds at least columns + 1 bytes. */
size_t canvas_row_roles(const struct canvas *canvas, int row, char *out);

#endif
