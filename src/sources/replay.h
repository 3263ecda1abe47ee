/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_REPLAY_H
#define IOMMUTOP_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../error.h"
#include "../event.h"

/*
 * A recording of our own as a source. Not a struct source: its events carry their times and its
 * ticks are the only ones, so nothing has to be merged.
 */
struct replay;

/* Before some line. All zero: nowhere. */
struct replay_place {
	uint64_t offset; /* in what is unpacked */
	uint64_t last_ns;
	uint64_t line, first_bad_line, bad, unknown;
	bool another; /* the line behind it is the first of another recording */
	bool ended;
};

/* Plain or compressed (zst_file.h); "-": standard input. NULL: no such file, or not a recording. */
struct replay *replay_open(const char *path, struct error *err);
/* The same of what is open, as zst_file_open_fd has it. */
struct replay *replay_open_fd(int fd, const char *start, size_t size, const char *path,
                              struct error *err);
/*
 * The next event, borrowed until the next call; false at the end, where a pipe has not brought it
 * yet (replay_waits_for), or where much was passed over meanwhile (replay_rests). A line that
 * cannot be read is a LOST event of one, at least; kinds of a later version are passed over. Where
 * another recording begins it ends: what is told there is of other groups and domains, which may
 * have the same numbers. A HEALTH event at the end tells of all of these.
 */
bool replay_next(struct replay *replay, struct event *ev);
/* After a false: it goes on with the next call, and only rests so that keys are answered. */
bool replay_rests(const struct replay *replay);
/* Behind the last event; before: before it. */
struct replay_place replay_here(const struct replay *replay, bool before);
/* -1: it cannot be read there. */
int replay_return(struct replay *replay, const struct replay_place *place);
/* After a false: the descriptor that turns readable when there is more; -1: it was the end. */
int replay_waits_for(const struct replay *replay);
/* How much of the file has been read, in thousandths; -1: it is no file but a pipe. */
int replay_position(const struct replay *replay);
void replay_close(struct replay *replay);

#endif
