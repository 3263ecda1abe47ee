/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACETEXT_H
#define IOMMUTOP_TRACETEXT_H

#include <stddef.h>

#include "../error.h"
#include "own_ticks.h"

/*
 * A trace as text (text_line.h), perhaps with lines of the kernel's log among them, as a source of
 * its own.
 */
struct tracetext;

enum tracetext_state {
	TRACETEXT_MORE,  /* there may be */
	TRACETEXT_WAITS, /* not now: a pipe whose writer is still there */
	TRACETEXT_ENDED,
};

/*
 * fd is taken over, and closed in any case; start: size bytes that were read of it already, copied;
 * 0: none were, and it can be read twice. NULL and a sentence that begins with "none" where nothing
 * near its beginning is of a trace.
 */
struct tracetext *tracetext_open(int fd, const char *start, size_t size, struct error *err);

/*
 * Passes to ticks what the next piece tells, a bounded one; never blocks. START and what is known
 * from the beginning come when the first lines have shown it; what its times are ticks is told
 * then. At the end a HEALTH tells what to think of it all.
 */
enum tracetext_state tracetext_read(struct tracetext *text, struct own_ticks *ticks);

/* How much of the file has been read, in thousandths; -1: it is no file but a pipe. */
int tracetext_position(const struct tracetext *text);

/* Readable when there is more. */
int tracetext_fd(const struct tracetext *text);

/*
 * A place to come back to, between two reads of a file. It is of no use to another one, nor for
 * longer than this one is open. -1: it cannot be read there any more; then nothing has changed.
 */
struct tracetext_place;
struct tracetext_place *tracetext_here(const struct tracetext *text);
void tracetext_place_free(struct tracetext_place *place);
size_t tracetext_place_bytes(const struct tracetext_place *place);
int tracetext_return(struct tracetext *text, const struct tracetext_place *place);

void tracetext_close(struct tracetext *text);

#endif
