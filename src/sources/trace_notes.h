/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACE_NOTES_H
#define IOMMUTOP_TRACE_NOTES_H

#include <stdbool.h>
#include <stdio.h>

#include "../error.h"

#define TRACE_NOTES_OWNER_SIZE 40

/* Notes in an instance that is not named as ours. Zero: nothing is noted, all calls do nothing. */
struct trace_notes {
	/* What the names of all our triggers in this instance begin with; empty: they have none. */
	char owner[TRACE_NOTES_OWNER_SIZE];
	int directory_fd; /* of the instance; not closed by us */
};

void trace_notes_open(struct trace_notes *notes, int directory_fd);

/* Notes that we made the instance. */
void trace_notes_add_made(const struct trace_notes *notes);

/*
 * Notes what a switch of the instance ("tracing_on", "events/SYSTEM/EVENT/enable") was when we
 * came, before we set it. Where the kernel has no histograms it cannot be noted.
 */
void trace_notes_add(const struct trace_notes *notes, const char *file, bool was_on);

/* It is so again. Only system calls: also for handlers of fatal signals. */
void trace_notes_drop(const struct trace_notes *notes, const char *file, bool was_on);

/*
 * In the instances whose lock can be had: removes the triggers named as ours, sets back what is
 * noted, removes those noted as made by us. Says which on out (NULL: quietly). Returns how many, or
 * -1.
 */
int trace_notes_sweep(const char *tracefs, FILE *out, struct error *err);

#endif
