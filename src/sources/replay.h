/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_REPLAY_H
#define IOMMUTOP_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

#include "../error.h"
#include "../event.h"

/*
 * A recording of our own as a source. Not a struct source: its events carry their times and its
 * ticks are the only ones, so nothing has to be merged.
 */
struct replay;

/* NULL: no such file, or not a recording. */
struct replay *replay_open(const char *path, struct error *err);
/* The same of a file that is open, at its beginning; taken over, closed in any case. */
struct replay *replay_open_file(FILE *file, const char *path, struct error *err);
/*
 * The next event, borrowed until the next call; false at the end. A line that cannot be read is a
 * LOST event of one, at least; kinds of a later version are passed over. A HEALTH event at the end
 * tells how many there were of either.
 */
bool replay_next(struct replay *replay, struct event *ev);
void replay_close(struct replay *replay);

#endif
