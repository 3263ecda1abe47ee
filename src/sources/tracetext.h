/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRACETEXT_H
#define IOMMUTOP_TRACETEXT_H

#include <stddef.h>

#include "../error.h"
#include "own_ticks.h"
#include "recording.h"

/*
 * A trace as text (text_line.h), perhaps with lines of the kernel's log among them, as a source of
 * its own.
 */
struct tracetext;

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
enum recording_state tracetext_read(struct tracetext *text, struct own_ticks *ticks);

/* Readable when there is more. */
int tracetext_fd(const struct tracetext *text);

void tracetext_close(struct tracetext *text);

#endif
