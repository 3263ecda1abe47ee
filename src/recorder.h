/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RECORDER_H
#define IOMMUTOP_RECORDER_H

#include <stdbool.h>

#include "error.h"
#include "event.h"
#include "model.h"

/* What is being recorded, and where to: begun by an option or by a key, ended by either end. Starts
 * as {0}: nothing is. */
struct recorder {
	struct record *record; /* NULL: nothing is recorded */
	char path[200];
	uint64_t events; /* so many are in it */
	bool stopped;    /* it failed; the rest of it says nothing any more */
};

/* All events from the first on. */
int recorder_open(struct recorder *recorder, const char *path, struct error *err);

/*
 * From now on, in a new file of the working directory named by the time. It begins with all that
 * the model knows (model_tell), so that it stands alone. To be called when the model has just taken
 * a tick, at ts_ns: in the middle of an interval it would not, as what the kernel counted in all of
 * it comes with its end.
 *
 * No mark of its own is needed there: START has the time from which on things were seen, and
 * counts that are told with that very time are where they begin. Totals, what is mapped, verdicts
 * on faults and journeys are all reckoned from START, whether the program or only its recording
 * began then.
 */
int recorder_begin(struct recorder *recorder, const struct model *model, uint64_t ts_ns,
                   struct error *err);

/* Nothing where nothing is recorded. -1: it stopped with this event, and err says why. */
int recorder_event(struct recorder *recorder, const struct event *ev, struct error *err);

/* -1 when the last of it could not be written. */
int recorder_end(struct recorder *recorder, struct error *err);

#endif
