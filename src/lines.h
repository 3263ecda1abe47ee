/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LINES_H
#define IOMMUTOP_LINES_H

#include <stddef.h>

/*
 * What is to be said of one thing, as whole lines a person reads: each room of the answers about a
 * group, and the doctor, adds to such a list; screens, lists and JSON show it. Starts as {0}.
 */

enum tone {
	TONE_PLAIN,
	TONE_GOOD,
	TONE_WARN,    /* look at it before you go on */
	TONE_BAD,     /* it stands in the way */
	TONE_UNKNOWN, /* it cannot be said, and why */
	TONE_COMMAND, /* to be typed as it is, by a person */
	TONE_COUNT
};

/* "plain", "good", "warning", "bad", "unknown", "command": for machines. */
extern const char *const tone_words[TONE_COUNT];

/* Longer ones are cut. */
#define LINE_TEXT_MAX 512

struct line {
	char *text; /* owned */
	enum tone tone;
};

struct lines {
	struct line *lines;
	size_t count, capacity;
};

void lines_add(struct lines *lines, enum tone tone, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Leaves {0}. */
void lines_release(struct lines *lines);

#endif
