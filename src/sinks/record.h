/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RECORD_H
#define IOMMUTOP_RECORD_H

#include <stdbool.h>

#include "../error.h"
#include "../event.h"

/* Writes what passes door 1 to a file, a line an event (event_text.h). */
struct record;

/* A new file, readable by its owner alone: it tells what a machine does; "-" is standard output. A
 * name that ends in .zst is compressed by zstd, in frames that stand by themselves and end at a
 * TICK. NULL: the file exists, is a link or cannot be made, or there is no zstd in this build. */
struct record *record_open(const char *path, struct error *err);
/* Whether names that end in .zst can be had. */
bool record_can_pack(void);

/* Lines reach the file at every TICK at the latest. -1: this one did not, and none will any more
 * (the file is whole up to its last full line); later calls do nothing and return 0. */
int record_event(struct record *record, const struct event *ev, struct error *err);
/* -1 when the last lines could not be written. record may be NULL. */
int record_close(struct record *record, struct error *err);

#endif
