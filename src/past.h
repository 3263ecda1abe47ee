/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_PAST_H
#define IOMMUTOP_PAST_H

#include <stddef.h>

#include "checkpoints.h"
#include "error.h"
#include "model.h"
#include "playback.h"

/* The way back in a recording that is played into a model. */
struct past;

/* The playback outlives it. */
struct past *past_new(struct playback *playback, const struct checkpoint_limits *limits);
void past_free(struct past *past);

/* The model heard so many events more. */
void past_heard(struct past *past, size_t events);
/* The last of them was a TICK: where one may want to go back to. */
void past_tick(struct past *past, const struct model *model);

/*
 * Goes to a place, as playback_go does and with its result. 1: *model is the model that goes on
 * there, the caller's from now on, or NULL: then it begins anew.
 */
int past_go(struct past *past, enum playback_leap leap, struct model **model, struct error *err);

#endif
