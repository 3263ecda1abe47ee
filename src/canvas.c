// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * canvas: cells, clipping, cleaning. In: text from anywhere. Out: cells, text dumps.
 * Must never know: terminals, colours, what the text means.
 */
#include "canvas.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

#define RUNE_ELLIPSIS 0x2026

/* What --ascii shows instead; anything else beyond ASCII becomes '?'. */
static const struct {
	uint32_t rune;
	char ascii;
} look_alikes[] = {
	{0x2026, '~'}, /* ellipsis */
	{0x2500, '-'}, /* horizontal line */
	{0x2502, '|'}, /* vertical line */
	{0x2514, '`'}, /* last branch */
	{0x251c, '|'}, /* branch */
	{0x2265, '>'}, /* at least */
	{0x25b8, '+'}, /* folded */
	{0x25be, '-'}, /* unfolded */
	{0x2193, 'v'}, /* descending */
	{0x2191, '^'}, /* ascending */
	{0x00b7, '.'}, {0x00d7, 'x'}, {0x2192, '>'}, {0x2013, '-'}, {0x2581, '_'},
	{0x2582, '.'}, {0x2583, ':'}, {0x2584, '-'}, {0x2585, '='}, {0x2586, '+'},
	{0x2587, '*'}, {0x2588, '#'}, {0x2248, '~'}, {0x258f, ' '}, {0x258e, '.'},
	{0x258d, ':'}, {0x258c, '-'}, {0x258b, '='}, {0x258a, '+'}, {0x2589, '*'},
};

static uint32_t shown_rune(const struct canvas *canvas, uint32_t rune)
{
	if (!canvas->ascii || rune < 0x80)
		return rune;
	for (size_t i = 0; i < ARRAY_SIZE(look_alikes); i++)
		if (look_alikes[i].rune == rune)
			return (unsigned char)look_alikes[i].ascii;
	return '?';
}

void canvas_resize(struct canvas *canvas, int rows, int columns)
{
	size_t count;

	canvas->rows = rows < 1 ? 1 : rows;
	canvas->columns = columns < 1 ? 1 : columns;
	count = (size_t)canvas->rows * (size_t)canvas->columns;
	canvas->cells = xrealloc(canvas->cells, count * sizeof(*canvas->cells));
	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = (struct cell){' ', ROLE_NORMAL};
}

void canvas_release(struct canvas *canvas)
{
	free(canvas->cells);
	*canvas = (struct canvas){0};
}

static struct cell *cell_at(const struct canvas *canvas, int row, int column)
{
	if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns)
		return NULL;
	return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

/* Half a wide character is none: what is left of one that is written over becomes blank. */
static void split_wide(struct canvas *canvas, int row, int column)
{
	struct cell *right = cell_at(canvas, row, column);
	struct cell *left = cell_at(canvas, row, column - 1);

	if (!right || right->rune)
		return;
	right->rune = ' ';
	if (left)
		left->rune = ' ';
}

static void set_cell(struct canvas *canvas, int row, int column, enum role role, uint32_t rune)
{
	struct cell *cell = cell_at(canvas, row, column);

	if (!cell)
		return;
	split_wide(canvas, row, column);
	split_wide(canvas, row, column + 1);
	*cell = (struct cell){rune, (uint8_t)role};
}

/* Columns on this sheet: with --ascii every mark is dropped and every look-alike narrow. */
static int shown_width(const struct canvas *canvas, uint32_t rune)
{
	int width = text_rune_width(rune);

	return canvas->ascii && width > 1 ? 1 : width;
}

static int shown_text_width(const struct canvas *canvas, const char *text)
{
	int width = 0;

	while (*text)
		width += shown_width(canvas, text_next_rune(&text));
	return width;
}

int canvas_text_width(const char *text)
{
	int width = 0;

	while (*text)
		width += text_rune_width(text_next_rune(&text));
	return width;
}

int canvas_put(struct canvas *canvas, int row, int column, int width, enum role role,
               const char *text)
{
	bool cut;
	int room, used = 0;

	if (width > canvas->columns - column)
		width = canvas->columns - column;
	if (width <= 0)
		return 0;
	cut = shown_text_width(canvas, text) > width;
	room = cut ? width - 1 : width;
	while (*text) {
		uint32_t rune = text_next_rune(&text);
		int cells = shown_width(canvas, rune);

		if (used + cells > room)
			break;
		if (cells)
			set_cell(canvas, row, column + used, role, shown_rune(canvas, rune));
		if (cells == 2)
			set_cell(canvas, row, column + used + 1, role, 0);
		used += cells;
	}
	if (cut)
		set_cell(canvas, row, column + used++, role, shown_rune(canvas, RUNE_ELLIPSIS));
	return used;
}

void canvas_put_right(struct canvas *canvas, int row, int column, int width, enum role role,
                      const char *text)
{
	int needed = shown_text_width(canvas, text);
	int indent = needed < width ? width - needed : 0;

	canvas_put(canvas, row, column + indent, width - indent, role, text);
}

void canvas_fill(struct canvas *canvas, int row, int column, int width, enum role role,
                 uint32_t rune)
{
	for (int i = 0; i < width; i++)
		set_cell(canvas, row, column + i, role, shown_rune(canvas, rune));
}

void canvas_paint(struct canvas *canvas, int row, int column, int width, enum role role)
{
	for (int i = 0; i < width; i++) {
		struct cell *cell = cell_at(canvas, row, column + i);

		if (cell)
			cell->role = (uint8_t)role;
	}
}

size_t canvas_row_text(const struct canvas *canvas, int row, char *out)
{
	size_t length = 0, ink = 0;

	for (int column = 0; column < canvas->columns; column++) {
		const struct cell *cell = cell_at(canvas, row, column);

		if (!cell->rune)
			continue;
		length += text_encode(cell->rune, out + length);
		if (cell->rune != ' ')
			ink = length;
	}
	out[ink] = '\0';
	return ink;
}

size_t canvas_row_roles(const struct canvas *canvas, int row, char *out)
{
	static const char letters[] = {
#define X(name, letter) [ROLE_##name] = letter,
		ROLES(X)
#undef X
	};
	size_t ink = 0;

	for (int column = 0; column < canvas->columns; column++) {
		out[column] = letters[cell_at(canvas, row, column)->role];
		if (out[column] != '.')
			ink = (size_t)column + 1;
	}
	out[ink] = '\0';
	return ink;
}
