/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_WRAP_H
#define IOMMUTOP_WRAP_H

#include "../view.h"

/* Sentences in a column that go on in the rows below, broken between words. */

/* Columns of the screen that a row of text has behind a first column of before columns: no more
 * than reads well, no fewer than fit a word. */
int wrap_width(const struct view_context *context, int before);

#define WRAP_LEAST 20

/* How many bytes of text stand in one row: as many words as fit. */
size_t wrap_length(const char *text, int width);
/* What is left of text behind so many rows; "" where it has no more. */
const char *wrap_skip(const char *text, uint32_t rows, int width);

#endif
