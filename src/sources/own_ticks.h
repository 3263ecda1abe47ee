/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_OWN_TICKS_H
#define IOMMUTOP_OWN_TICKS_H

#include <stdbool.h>
#include <stdint.h>

#include "../event.h"

/*
 * Ticks for events that come without: one a delay of the events' own time. A long time in which
 * nothing happens gets one where it begins and one where it ends. Pure.
 */
struct own_ticks {
	/* given */
	struct event_sink out;
	uint64_t delay_ns;
	uint64_t wall_offset_ns; /* from the timeline to the wall clock; 0: not known */
	bool timeless;           /* the clock of the events counts something else */
	bool coarse;             /* it has microseconds only: what takes less is not known */
	/* own */
	bool begun, news;
	uint64_t next_ns, last_ns, told_ns;
};

/* An event on its way to out, and the ticks that are due before it. Its times are taken away where
 * they are none. context: struct own_ticks. */
void own_ticks_pass(void *context, const struct event *ev);

/* The same for maps and unmaps that come together (struct event_sink). */
void own_ticks_pass_traffic(void *context, const struct event *events, size_t count);

/* The tick that opens the first interval, behind what has passed so far. */
void own_ticks_begin(struct own_ticks *ticks);

/* The last interval ends with the last event. */
void own_ticks_end(struct own_ticks *ticks);

#endif
