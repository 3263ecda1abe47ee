/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CELLS_H
#define IOMMUTOP_CELLS_H

#include "../view.h"

/*
 * What several views write in the same way. A figure that is not exact says so: '-' unknown, "off"
 * switched off in the kernel, a leading greater-or-equal sign where something was missed.
 */

#define GLYPH_AT_LEAST "≥"
#define GLYPH_FOLDED   "▸"
#define GLYPH_UNFOLDED "▾"

void cell_set(struct cell_text *out, enum role role, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void cell_count(struct cell_text *out, struct count count);
void cell_bytes(struct cell_text *out, struct count bytes);
void cell_rate(struct cell_text *out, struct rate rate);
void cell_byte_rate(struct cell_text *out, struct rate rate);

/* The same figures into running text. Return out. */
char *text_count(char *out, size_t size, struct count count);
char *text_rate(char *out, size_t size, struct rate rate);
char *text_byte_rate(char *out, size_t size, struct rate rate);

/* Time of day of a moment on the timeline; another day with its date; without a wall clock the
 * seconds since boot. digits: of the second, 3 or 6. */
void cell_time(struct cell_text *out, const struct view_context *context, uint64_t ts_ns,
               int digits);

/* A device's name in words: class and model, or what its bus calls it. */
void cell_device_words(struct cell_text *out, const struct snapshot *snap,
                       const struct snapshot_device *device);

int compare_u64(uint64_t a, uint64_t b);
int compare_double(double a, double b);

#endif
