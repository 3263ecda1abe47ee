// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checkpoints: moments to go back to, few enough to be cheap and close enough to be of use. In:
 * models, places, times. Out: the best one to start from. Must never know: how a recording is
 * read. Pure.
 *
 * How often one is made has two sides. Going back means to hear again what lies behind the moment
 * that one starts from, so what counts is not how much time that is but how many events. And what
 * a copy costs is its bytes; at full speed an hour flies by in a second, and copies by the clock of
 * the recording would be most of the work. So beside the time that has to pass, events have to
 * come: one for so many bytes of the last copy. A byte takes half a nanosecond, the fastest event
 * eighty, most some hundreds: with sixteen bytes an event copying is a tenth of the whole at most,
 * whatever the size of the model and the speed. And going back takes a small multiple of a copy,
 * a fraction of a second mostly; a recording of few events gets few moments, and needs no more.
 */
#include "checkpoints.h"

#include <stdlib.h>

#include "util.h"

#define MIB (1u << 20)

const struct checkpoint_limits checkpoint_default_limits = {
	.count = 32,
	.bytes = 256u * MIB,
	.spacing_ns = 1000000000u,
	.bytes_an_event = 16,
};

struct checkpoints {
	struct checkpoint_limits limits;
	void (*free_place)(struct playback_place *place);
	struct checkpoint *list; /* by time; limits.count of them */
	size_t count, bytes;
	unsigned int thinned; /* so many times */
};

struct checkpoints *checkpoints_new(const struct checkpoint_limits *limits,
                                    void (*free_place)(struct playback_place *place))
{
	struct checkpoints *checkpoints = xcalloc(1, sizeof(*checkpoints));

	checkpoints->limits = *limits;
	checkpoints->free_place = free_place;
	checkpoints->list = xcalloc(limits->count, sizeof(*checkpoints->list));
	return checkpoints;
}

static void drop(struct checkpoints *checkpoints, struct checkpoint *checkpoint)
{
	checkpoints->bytes -= checkpoint->bytes;
	model_free(checkpoint->model);
	checkpoints->free_place(checkpoint->place);
}

void checkpoints_free(struct checkpoints *checkpoints)
{
	if (!checkpoints)
		return;
	for (size_t i = 0; i < checkpoints->count; i++)
		drop(checkpoints, &checkpoints->list[i]);
	free(checkpoints->list);
	free(checkpoints);
}

/* Every second one goes; the others are twice as far apart, and so will be those to come. */
static void thin_out(struct checkpoints *checkpoints)
{
	size_t kept = 0;

	for (size_t i = 0; i < checkpoints->count; i++) {
		if (i % 2)
			drop(checkpoints, &checkpoints->list[i]);
		else
			checkpoints->list[kept++] = checkpoints->list[i];
	}
	checkpoints->count = kept;
	checkpoints->thinned++;
}

static bool is_full(const struct checkpoints *checkpoints)
{
	return checkpoints->count == checkpoints->limits.count ||
	       checkpoints->bytes > checkpoints->limits.bytes;
}

bool checkpoints_is_due(const struct checkpoints *checkpoints, uint64_t time_ns, uint64_t events)
{
	const struct checkpoint_limits *limits = &checkpoints->limits;
	const struct checkpoint *newest;

	if (!checkpoints->count)
		return true;
	newest = &checkpoints->list[checkpoints->count - 1];
	return events > newest->events &&
	       (time_ns - newest->time_ns) >> checkpoints->thinned >= limits->spacing_ns &&
	       (events - newest->events) >> checkpoints->thinned >=
	               newest->bytes / limits->bytes_an_event;
}

void checkpoints_add(struct checkpoints *checkpoints, uint64_t time_ns, uint64_t events,
                     const struct model *model, struct playback_place *place, size_t place_bytes)
{
	struct checkpoint *checkpoint = &checkpoints->list[checkpoints->count++];

	*checkpoint = (struct checkpoint){
		.time_ns = time_ns,
		.events = events,
		.model = model_copy(model),
		.place = place,
	};
	checkpoint->bytes = model_bytes(checkpoint->model) + place_bytes;
	checkpoints->bytes += checkpoint->bytes;
	while (is_full(checkpoints) && checkpoints->count > 1)
		thin_out(checkpoints);
}

const struct checkpoint *checkpoints_before(const struct checkpoints *checkpoints, uint64_t time_ns)
{
	size_t count = checkpoints->count;

	while (count && checkpoints->list[count - 1].time_ns > time_ns)
		count--;
	return count ? &checkpoints->list[count - 1] : NULL;
}

size_t checkpoints_count(const struct checkpoints *checkpoints)
{
	return checkpoints->count;
}

size_t checkpoints_bytes(const struct checkpoints *checkpoints)
{
	return checkpoints->bytes;
}
