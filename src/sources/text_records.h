/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TEXT_RECORDS_H
#define IOMMUTOP_TEXT_RECORDS_H

#include "../event.h"
#include "log_line.h"
#include "own_ticks.h"
#include "text_line.h"

/*
 * Records that were printed, and events of the log among them, into one timeline. What was recorded
 * the first ones show, which wait until then.
 */
struct text_records;
struct owned;

struct text_records *text_records_new(void);
void text_records_free(struct text_records *records);
/* All their memory, for a copy of them (owned.h). */
void text_records_owned(struct text_records **records, struct owned *owned);

/* A line of kind EVENT, LOST, BROKEN or CUT; takes over its text. Whether it is an event of ours
 * that cannot be read. */
bool text_records_take(struct text_records *records, const struct text_line *line,
                       struct own_ticks *ticks);

/* The time of a line of the log: its own, or that of the lines before. */
uint64_t text_records_log_time(struct text_records *records, const struct log_stamp *stamp);
void text_records_hear_log(struct text_records *records, const struct event *ev);

/* Nothing more comes for a while: what waits is told, and ticks told what the times are. */
void text_records_decide(struct text_records *records, struct own_ticks *ticks);

/* Passes on what is complete; paused: there is no more for a while, what there is is. */
void text_records_release(struct text_records *records, bool paused, struct own_ticks *ticks);

/* There is no more: tells what to think of it all. problem: what came in between; "". */
void text_records_end(struct text_records *records, struct own_ticks *ticks, const char *problem);

#endif
