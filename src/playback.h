/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PLAYBACK_H
#define IOMMUTOP_PLAYBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "event.h"

/*
 * A recording at some pace: which of its events are due by now. Time that passes is the caller's
 * (CLOCK_MONOTONIC, nanoseconds); time in the recording is that of its events.
 */
struct playback;

/* In thousandths of the recording's own pace. */
#define SPEED_OWN 1000u
#define SPEED_MAX 0u /* all of it as fast as it can be read */

/* path and delay_ns as recording_open has them. */
struct playback *playback_open(const char *path, uint64_t delay_ns, uint32_t speed,
                               struct error *err);
void playback_close(struct playback *playback);

/*
 * Passes to sink what is due at now_ns, at most so many events, and no further than to a TICK.
 * Returns how many; 0 where none is due. The first one of all always is.
 */
size_t playback_take(struct playback *playback, uint64_t now_ns, size_t most,
                     const struct event_sink *sink);
/* When the next one is due: 0 at once; UINT64_MAX: never, by itself. */
uint64_t playback_due_ns(const struct playback *playback);

/* All that is left of it, at once, however long whoever writes it takes. */
void playback_hear(struct playback *playback, const struct event_sink *sink);

/* Much was passed over, and nothing came of it: it goes on with the next call, when others have had
 * their turn. */
bool playback_rests(const struct playback *playback);

/* The descriptor that turns readable when the next event may have come, of a pipe that has not
 * brought it yet; else -1. */
int playback_waits_for(const struct playback *playback);

/* One of iommutop, which has all that was known of its machine. */
bool playback_is_own(const struct playback *playback);

/* There is no more. */
bool playback_ended(const struct playback *playback);

/* Holds it, or lets it go on. At the end there is nothing to hold. */
void playback_hold(struct playback *playback, bool held);
bool playback_is_held(const struct playback *playback);

/* To the end of the next interval, and holds it there. On its way to a place, or to where a step
 * before leads: from there. */
void playback_step(struct playback *playback);

/*
 * A place to come back to, right behind the last event that was taken. NULL: the recording can be
 * read but once (a pipe). Of no use once the playback is closed.
 */
struct playback_place *playback_here(const struct playback *playback);
void playback_place_free(struct playback_place *place);
/* Memory that it takes. */
size_t playback_place_bytes(const struct playback_place *place);
/* In the recording's time, of the last event. */
uint64_t playback_place_ns(const struct playback_place *place);
/* Goes on from there. -1: the file cannot be read there any more; err says so, and all is as it
 * was. */
int playback_return(struct playback *playback, const struct playback_place *place,
                    struct error *err);

enum playback_leap { PLACE_FORWARD, PLACE_BACK, PLACE_BEGINNING, PLACE_END };

/* How far the first two go. */
#define PLAYBACK_LEAP_NS 10000000000ull

/* The time that it leads to. */
uint64_t playback_leap_ns(const struct playback *playback, enum playback_leap leap);

/*
 * Goes there: what lies between is due at once. 1: back, by beginning anew or, not NULL, from a
 * place that is not behind; whoever heard the events so far has to know what it did there. 0: it
 * goes on from where it is; -1: it cannot be read there (a pipe, a file that was cut), err says so.
 */
int playback_go(struct playback *playback, enum playback_leap leap,
                const struct playback_place *from, struct error *err);
/* On its way to a place: nothing on the way needs to be shown. */
bool playback_is_leaping(const struct playback *playback);

/* How much of the file has been read, in thousandths; -1: it is a pipe. */
int playback_position(const struct playback *playback);
/* In the recording's time, of the last event that was due. */
uint64_t playback_time_ns(const struct playback *playback);
/* The same, since the beginning of the recording. */
uint64_t playback_elapsed_ns(const struct playback *playback);

#endif
