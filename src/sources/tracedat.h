/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACEDAT_H
#define IOMMUTOP_TRACEDAT_H

#include <stdbool.h>
#include <stdint.h>

#include "../error.h"
#include "../event.h"
#include "own_ticks.h"

/*
 * A file of trace-cmd, of version 6 or 7, as a source of its own. Of several instances in it the
 * one with the most data is shown.
 */
struct tracedat;

/* fd: of a file, taken over, closed in any case. NULL and a sentence that begins with "it". */
struct tracedat *tracedat_open(int fd, struct error *err);

/*
 * Passes to ticks what the next pages tell, at most a bounded number; at first START and what is
 * known from the beginning, and ticks is told what the times are. False: that was all; a HEALTH has
 * told what to think of it.
 */
bool tracedat_read(struct tracedat *tracedat, struct own_ticks *ticks);

/* How much of its records has been read, in thousandths. */
int tracedat_position(const struct tracedat *tracedat);

/*
 * A place to come back to, between two reads. It is of no use to another one, nor for longer than
 * this one is open. -1: the file has changed, and cannot be read from there any more; then nothing
 * else has.
 */
struct tracedat_place;
struct tracedat_place *tracedat_here(const struct tracedat *tracedat);
void tracedat_place_free(struct tracedat_place *place);
size_t tracedat_place_bytes(const struct tracedat_place *place);
int tracedat_return(struct tracedat *tracedat, const struct tracedat_place *place);

void tracedat_close(struct tracedat *tracedat);

#endif
