/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_SWITCHES_H
#define IOMMUTOP_TRACE_SWITCHES_H

#include <stdbool.h>

struct trace_notes;

struct trace_switches {
	const struct trace_notes *notes;
	int directory_fd;         /* of the instance, whose files these are; not closed by us */
	int tracing_fd, clock_fd; /* tracing_on and trace_clock, to look at */
	bool recording;           /* tracing_on, as last seen; until then, on */
	bool started_recording;   /* it was off when we came */
	char clock[32];           /* as last seen; empty: not known */
};

/* Nothing is open. notes: where it is noted what they were; must outlive switches. */
void trace_switches_init(struct trace_switches *switches, const struct trace_notes *notes);

void trace_switches_open(struct trace_switches *switches, int directory_fd);
void trace_switches_close(struct trace_switches *switches);

/* Only system calls: for handlers of fatal signals. */
void trace_switches_emergency_close(const struct trace_switches *switches);

/* Sets the clock of an own instance, before anything is recorded; needs nothing open. */
void trace_switches_set_clock(int directory_fd);

/* Once open: switches recording on, if it is not. */
void trace_switches_start(struct trace_switches *switches);

/* Back to not recording, if that is how it was found. */
void trace_switches_restore(const struct trace_switches *switches);

/* Looks what others did meanwhile. False where recording cannot be read: it is as last seen. */
bool trace_switches_look(struct trace_switches *switches);

#endif
