/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_EVENT_TEXT_H
#define IOMMUTOP_EVENT_TEXT_H

#include <stddef.h>

#include "event.h"

/*
 * One event, one line: recordings and the golden tests are written in it. A line is the letter of
 * the event's kind, the time and the fields in the order of one table, hexadecimal where a field is
 * a number. Times are distances from the line before, except a TICK's, which stands by itself, so
 * that a damaged stretch costs no more than the events up to the next tick. Texts are escaped
 * (\xNN) and cut at EVENT_TEXT_MAX bytes; '-' is none.
 *
 * Format 1. Fields are only ever appended: a reader takes the ones it knows and leaves the rest.
 */
#define EVENT_TEXT_START  "iommutop-recording " /* of every version */
#define EVENT_TEXT_HEADER EVENT_TEXT_START "1"
#define EVENT_TEXT_MAX    255
#define EVENT_LINE_MAX    2400

/* Where the writer or the reader stands on the timeline, and where texts that were read live. */
struct event_line {
	uint64_t last_ns;
	char texts[2][EVENT_TEXT_MAX + 1];
};

/* Writes the line without its newline; out holds EVENT_LINE_MAX bytes. Returns its length. */
size_t event_to_line(struct event_line *at, const struct event *ev, char *out);

enum event_line_result {
	EVENT_LINE_OK,
	EVENT_LINE_UNKNOWN, /* a kind, attribute or word of a later version: skip it */
	EVENT_LINE_CORRUPT
};

/*
 * Reads one line (NUL-terminated, no newline). The event's texts live in *at until the next call.
 * Nothing but OK changes *ev in a way that may be used.
 */
enum event_line_result event_from_line(struct event_line *at, const char *line, struct event *ev);

#endif
