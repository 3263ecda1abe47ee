// SPDX-License-Identifier: GPL-2.0-or-later
/* lines: a list of lines to be read, each with a tone. Pure. */
#include "lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "util.h"

const char *const tone_words[TONE_COUNT] = {
	[TONE_PLAIN] = "plain", [TONE_GOOD] = "good",       [TONE_WARN] = "warning",
	[TONE_BAD] = "bad",     [TONE_UNKNOWN] = "unknown", [TONE_COMMAND] = "command",
};

void lines_add(struct lines *lines, enum tone tone, const char *format, ...)
{
	char text[LINE_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	lines->lines = grow(lines->lines, &lines->capacity, lines->count, sizeof(*lines->lines));
	lines->lines[lines->count++] = (struct line){.text = xstrdup(text), .tone = tone};
}

void lines_release(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->lines[i].text);
	free(lines->lines);
	*lines = (struct lines){0};
}
