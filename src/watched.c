// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watched: one recording from its beginning to its end, in a model of its own. In: a file. Out:
 * a snapshot. Must never know: the screen, options.
 */
#include "watched.h"

#include "model.h"
#include "playback.h"

/* Of what comes without ticks. */
#define TICK_NS 1000000000u

/* Attributes and health of long ago carry times of their own, or none. */
static bool tells_time(const struct event *ev)
{
	return ev->kind == EVENT_TICK || ev->kind == EVENT_MAP || ev->kind == EVENT_UNMAP ||
	       ev->kind == EVENT_COUNTS;
}

struct watching {
	struct model *model;
	uint64_t last_ns;
};

static void watch(void *context, const struct event *ev)
{
	struct watching *watching = context;

	model_apply(watching->model, ev);
	if (tells_time(ev) && ev->ts_ns > watching->last_ns)
		watching->last_ns = ev->ts_ns;
}

static void watch_traffic(void *context, const struct event *events, size_t count)
{
	struct watching *watching = context;

	model_apply_traffic(watching->model, events, count);
	for (size_t i = 0; i < count; i++)
		if (events[i].ts_ns > watching->last_ns)
			watching->last_ns = events[i].ts_ns;
}

int watched_read(const char *path, struct snapshot *snap, uint64_t *watched_ns, struct error *err)
{
	const struct snapshot_want want = {.sizes = true, .domain = NO_DOMAIN, .fault = NO_FAULT};
	struct model_limits limits = model_default_limits;
	struct playback *playback = playback_open(path, TICK_NS, SPEED_MAX, err);
	struct watching watching = {0};
	const struct event_sink sink = {
		.emit = watch, .context = &watching, .emit_traffic = watch_traffic};

	if (!playback)
		return -1;
	limits.history_bytes = 0; /* nobody asks where an address came from */
	watching.model = model_new(&limits);
	playback_hear(playback, &sink);
	model_snapshot(watching.model, &want, snap);
	*watched_ns = snap->start_ns && watching.last_ns > snap->start_ns
	                      ? watching.last_ns - snap->start_ns
	                      : 0;
	model_free(watching.model);
	playback_close(playback);
	return 0;
}
