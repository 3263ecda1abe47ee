/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RECORD_H
#define IOMMUTOP_RECORD_H

#include "../error.h"
#include "../event.h"

/* Writes what passes door 1 to a file, a line an event (event_text.h). */
struct record;

/* A new file, readable by its owner alone: it tells what a machine does. NULL: the file exists, is
 * a link or cannot be made. */
struct record *record_open(const char *path, struct error *err);
/* Lines reach the file at every TICK at the latest. -1: this one did not, and none will any more
 * (the file is whole up to its last full line); later calls do nothing and return 0. */
int record_event(struct record *record, const struct event *ev, struct error *err);
/* -1 when the last lines could not be written. record may be NULL. */
int record_close(struct record *record, struct error *err);

#endif
