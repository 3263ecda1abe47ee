/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CHECKPOINTS_H
#define IOMMUTOP_CHECKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

/*
 * Moments of a recording that one can go back to without hearing again all that was before: a copy
 * of the model, and the place where the recording goes on. They are so many and take so much memory
 * at most: when there is no room, every second one goes, and from then on they are made half as
 * often. The first one always stays.
 */
struct checkpoints;

struct playback_place; /* only kept here */

struct checkpoint {
	uint64_t time_ns; /* in the recording */
	uint64_t events;  /* so many were heard from its beginning on */
	struct model *model;
	struct playback_place *place;
	size_t bytes; /* of both */
};

struct checkpoint_limits {
	size_t count; /* at least 2 */
	size_t bytes; /* of all of them; the first may be more */
	/* How far apart two are at first; and so many bytes are copied for an event. */
	uint64_t spacing_ns;
	size_t bytes_an_event;
};

extern const struct checkpoint_limits checkpoint_default_limits;

struct checkpoints *checkpoints_new(const struct checkpoint_limits *limits,
                                    void (*free_place)(struct playback_place *place));
void checkpoints_free(struct checkpoints *checkpoints);

/* Whether one is to be made here. Time is never less after more events. */
bool checkpoints_is_due(const struct checkpoints *checkpoints, uint64_t time_ns, uint64_t events);

/* Makes one, where it is due: copies the model, and takes the place, which takes so many bytes. */
void checkpoints_add(struct checkpoints *checkpoints, uint64_t time_ns, uint64_t events,
                     const struct model *model, struct playback_place *place, size_t place_bytes);

/* The newest that is not after this time, borrowed until one is added; NULL: there is none. */
const struct checkpoint *checkpoints_before(const struct checkpoints *checkpoints,
                                            uint64_t time_ns);

/* How many there are, and what they take. */
size_t checkpoints_count(const struct checkpoints *checkpoints);
size_t checkpoints_bytes(const struct checkpoints *checkpoints);

#endif
