/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RECORDING_H
#define IOMMUTOP_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "../error.h"
#include "../event.h"

/*
 * What --replay shows, told apart by what it begins with: a recording of our own, a file of
 * trace-cmd (tracedat.h), or text (tracetext.h). No other source is beside it, so nothing has to be
 * merged.
 */
struct recording;

/*
 * path "-": standard input; packed: only one of our own. delay_ns: the ticks of what comes without.
 * NULL: there is no such file, or it is none of these.
 */
struct recording *recording_open(const char *path, uint64_t delay_ns, struct error *err);

/*
 * The events that come next, borrowed until others are asked for. *count of them, not all there
 * are: 0 at the end, where a pipe has not brought any yet (recording_waits_for), or where much was
 * passed over (recording_rests). They come again and again until they are passed.
 */
const struct event *recording_peek(struct recording *recording, size_t *count);
/* The first count of these were taken. */
void recording_pass(struct recording *recording, size_t count);

/* After none: it goes on with the next call, and only rests so that keys are answered. */
bool recording_rests(const struct recording *recording);
/* After none, where it does not rest: the descriptor that turns readable when there is more; -1: it
 * was the end. */
int recording_waits_for(const struct recording *recording);

/*
 * A place to come back to, behind the last event that was passed. NULL: it can be read but once, a
 * pipe. It is of no use for longer than the recording is open.
 */
struct recording_place;
struct recording_place *recording_here(const struct recording *recording);
void recording_place_free(struct recording_place *place);
/* Memory that it takes. */
size_t recording_place_bytes(const struct recording_place *place);
/* What followed there follows again. -1: the file has changed; then it is left as it is. */
int recording_return(struct recording *recording, const struct recording_place *place,
                     struct error *err);

/* How much of the file has been read, in thousandths; -1: it is no file but a pipe. */
int recording_position(const struct recording *recording);

/* Our own: it has all that was known of its machine. */
bool recording_is_own(const struct recording *recording);

void recording_close(struct recording *recording);

#endif
