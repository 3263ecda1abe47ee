// SPDX-License-Identifier: GPL-2.0-or-later
/* wrap: sentences broken between words, a row of a pane each. Pure. */
#include "wrap.h"

#include <stdio.h>
#include <string.h>

/* Longer rows are hard to read back from; what the narrowest usual terminal leaves is enough where
 * nobody says how wide it is. */
#define WIDTH_MOST  100
#define WIDTH_USUAL 64

/* No row is longer, whatever the width: marks of no width could follow each other for ever. */
#define ROW_BYTES_MAX 800

int wrap_width(const struct view_context *context, int before)
{
	int left = context->columns - before - 1;

	if (!context->columns)
		return WIDTH_USUAL;
	if (left > WIDTH_MOST)
		return WIDTH_MOST;
	return left > WRAP_LEAST ? left : WRAP_LEAST;
}

size_t wrap_length(const char *text, int width)
{
	size_t fits = 0;

	for (size_t end = 0; text[end];) {
		char line[ROW_BYTES_MAX];

		end += strspn(text + end, " ");
		end += strcspn(text + end, " ");
		snprintf(line, sizeof(line), "%.*s", (int)end, text);
		if (fits && canvas_text_width(line) > width)
			break;
		fits = end;
	}
	return fits;
}

const char *wrap_skip(const char *text, uint32_t rows, int width)
{
	for (uint32_t i = 0; i < rows && *text; i++) {
		text += wrap_length(text, width);
		text += strspn(text, " ");
	}
	return text;
}
