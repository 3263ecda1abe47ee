// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * past: brings playback and model back to a moment that both remember. In: what was heard, wishes.
 * Out: the model of that moment. Must never know: keys, the screen.
 */
#include "past.h"

#include <stdlib.h>

#include "util.h"

struct past {
	struct playback *playback;
	struct checkpoints *checkpoints;
	uint64_t events; /* heard from the recording's beginning on */
};

struct past *past_new(struct playback *playback, const struct checkpoint_limits *limits)
{
	struct past *past = xcalloc(1, sizeof(*past));

	past->playback = playback;
	past->checkpoints = checkpoints_new(limits, playback_place_free);
	return past;
}

void past_free(struct past *past)
{
	if (!past)
		return;
	checkpoints_free(past->checkpoints);
	free(past);
}

void past_heard(struct past *past, size_t events)
{
	past->events += events;
}

void past_tick(struct past *past, const struct model *model)
{
	uint64_t time_ns = playback_time_ns(past->playback);
	struct playback_place *place;

	if (!checkpoints_is_due(past->checkpoints, time_ns, past->events))
		return;
	place = playback_here(past->playback);
	if (place)
		checkpoints_add(past->checkpoints, time_ns, past->events, model, place,
		                playback_place_bytes(place));
}

/* To its first TICK is not far; and that may be where the first one was made, behind the goal. */
static const struct checkpoint *start_of(const struct past *past, enum playback_leap leap)
{
	return leap == PLACE_BACK ? checkpoints_before(past->checkpoints,
	                                               playback_leap_ns(past->playback, leap))
	                          : NULL;
}

int past_go(struct past *past, enum playback_leap leap, struct model **model, struct error *err)
{
	const struct checkpoint *start = start_of(past, leap);
	int result = playback_go(past->playback, leap, start ? start->place : NULL, err);

	*model = NULL;
	if (result <= 0)
		return result;
	/* Of a copy, as it may be gone back to again. */
	if (start)
		*model = model_copy(start->model);
	past->events = start ? start->events : 0;
	return result;
}
