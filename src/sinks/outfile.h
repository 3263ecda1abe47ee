/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_OUTFILE_H
#define IOMMUTOP_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "../error.h"

/*
 * A file that frames go to, a whole frame at a time.
 *
 * Appended to: the file is made for its owner alone if it is not there, and each frame goes to its
 * end; of one that does not fit nothing stays. A link is not followed.
 * Replaced: each frame takes the place of the one before in one step (a temporary file beside it,
 * and rename), readable by all; whoever reads it always has one whole frame.
 */
struct outfile;

/* Fails where frames could not go there now. */
struct outfile *outfile_open(const char *path, bool replace, struct error *err);

/* Nothing was written yet to what stands there: titles are due. */
bool outfile_is_empty(struct outfile *file);

/* One frame. -1 and a sentence where it could not be written; the next one may be. */
int outfile_write(struct outfile *file, const char *text, size_t size, struct error *err);

/* The next frame goes to whatever has the name by then (log rotation). */
void outfile_reopen(struct outfile *file);

/* outdated: a replaced file says what is no longer true, and goes, too. file may be NULL. */
void outfile_close(struct outfile *file, bool outdated);

#endif
