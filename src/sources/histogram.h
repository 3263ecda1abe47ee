/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_HISTOGRAM_H
#define IOMMUTOP_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The text of a tracefs "hist" file (hist_show in kernel/trace/trace_events_hist.c, 5.10 to 7.3),
 * taken apart. Pure.
 */

#define HISTOGRAM_KEYS      3
#define HISTOGRAM_VALUES    3
#define HISTOGRAM_TEXT_MAX  64
#define HISTOGRAM_STACK_MAX 32 /* the kernel's own bound: 16, from 6.18 on 31 */

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
 * Whether what the kernel says of a trigger (a line of a "trigger" file, a "trigger info" of a
 * "hist" file; up to size bytes) means the trigger that was set with this text. The kernel fills in
 * what was left out and writes "common_stacktrace" since 6.3. The size of the table is not looked
 * at: the kernel, too, takes two that differ in it alone for the same.
 */
bool histogram_is(const char *info, size_t size, const char *trigger);

/*
 * An event can have several histograms; their texts follow each other. Calls take for each entry of
 * the one that was set with the text trigger. The entry lives for the call. Returns false, after
 * what was taken so far, if there is no such histogram, if the text is cut off, or if something in
 * it is not understood.
 */
bool histogram_parse(const char *text, size_t size, const char *trigger,
                     void (*take)(void *context, const struct histogram_entry *entry),
                     void *context, struct histogram_totals *totals);

#endif
