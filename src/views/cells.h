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
/* Goes on with its text. */
void cell_add(struct cell_text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

void cell_count(struct cell_text *out, struct count count);
void cell_bytes(struct cell_text *out, struct count bytes);
void cell_rate(struct cell_text *out, struct rate rate);
void cell_byte_rate(struct cell_text *out, struct rate rate);

/* The same figures into running text. Return out. */
char *text_count(char *out, size_t size, struct count count);
char *text_bytes(char *out, size_t size, struct count bytes);
char *text_rate(char *out, size_t size, struct rate rate);
char *text_byte_rate(char *out, size_t size, struct rate rate);

/* Time of day of a moment on the timeline; another day with its date; without a wall clock the
 * seconds since boot. digits: of the second, 3 or 6. */
void cell_time(struct cell_text *out, const struct view_context *context, uint64_t ts_ns,
               int digits);

/* The same into running text, to the second. Returns out. */
char *text_clock(char *out, size_t size, const struct view_context *context, uint64_t ts_ns);

/* 950ns, 2.1us, 13ms; '-' for 0, which stands for not known. Returns out. */
char *text_short_time(char *out, size_t size, uint64_t ns);

/* "12.5 %"; '-' of nothing. Returns out. */
char *text_share(char *out, size_t size, uint64_t part, uint64_t whole);

/*
 * Text that goes on in the next row: how many bytes of it stand in a row of so many columns, as
 * many words as fit; and where it goes on after so many rows. At most TEXT_ROWS_MAX bytes.
 */
#define TEXT_ROWS_MAX 800
size_t text_line_length(const char *text, int width);
const char *text_skip_lines(const char *text, uint32_t lines, int width);

/* EINVAL, or "errno 71" where there is no word for it here. Returns out. */
char *text_errno(char *out, size_t size, int32_t error);

/* What a domain of this type does, in words; NULL where nothing is to be said. */
const char *domain_type_meaning(uint8_t type);
/* Whether the domain serves the group, or did so last. */
bool domain_has_group(const struct snapshot *snap, const struct snapshot_domain *domain,
                      uint32_t group);
/* What to say where the snapshot has no detail of the domain: it was held before it was opened, or
 * the domain is no longer told by itself. Returns out. */
char *text_no_detail(char *out, size_t size, const struct view_context *context);

/* A bar of block characters, as long as value is of highest, in the cell's room. */
#define BAR_WIDTH 24
void cell_bar(struct cell_text *out, uint64_t value, uint64_t highest);

/* A device's name in words: class and model, or what its bus calls it. */
void cell_device_words(struct cell_text *out, const struct snapshot *snap,
                       const struct snapshot_device *device);

int compare_u64(uint64_t a, uint64_t b);
int compare_double(double a, double b);

#endif
