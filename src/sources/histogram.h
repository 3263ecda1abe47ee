/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_HISTOGRAM_H
#define IOMMUTOP_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The text of a tracefs "hist" file (kernel/trace/trace_events_hist.c, 5.10 to 7.3), taken apart.
 * Pure.
 */

#define HISTOGRAM_KEYS      3
#define HISTOGRAM_VALUES    3
#define HISTOGRAM_TEXT_MAX  64
#define HISTOGRAM_STACK_MAX 16

struct histogram_entry {
	uint64_t keys[HISTOGRAM_KEYS]; /* in the trigger's order; of ".log2" the exponent */
	uint64_t hits;
	uint64_t values[HISTOGRAM_VALUES];
	char text[HISTOGRAM_TEXT_MAX];          /* the key that is a text, such as a unit's name */
	const char *stack[HISTOGRAM_STACK_MAX]; /* lines of a stack key, not NUL-ended */
	uint8_t stack_lengths[HISTOGRAM_STACK_MAX];
	uint8_t stack_count;
};

struct histogram_totals {
	uint64_t hits, entries, dropped;
};

/*
 * Calls take for each entry of the first histogram in text whose group of keys and values it
 * understands. Returns false (with what was taken so far) if the text is cut off or is none.
 */
bool histogram_parse(const char *text, size_t size,
                     void (*take)(void *context, const struct histogram_entry *entry),
                     void *context, struct histogram_totals *totals);

#endif
