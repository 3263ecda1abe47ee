// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * playback: when the events of a recording are due. In: a recording, time that passes, wishes. Out:
 * events. Must never know: the model, keys.
 */
#include "playback.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "sources/recording.h"
#include "util.h"

enum goal { GOAL_NONE, GOAL_TICK, GOAL_TIME, GOAL_END };

struct playback {
	char *path;
	uint64_t delay_ns;
	struct recording *recording;
	uint32_t speed;
	bool held, ended;

	struct event pending; /* read, and not yet due */
	bool has_pending;

	uint64_t first_ns, at_ns; /* in the recording; of the first event and the last */
	bool begun;
	/* At this moment outside the recording was at base_ns; 0: it takes its pace up anew. */
	uint64_t clock_ns, base_ns;

	enum goal goal; /* due at once until it is reached */
	uint64_t goal_ns;
};

struct playback *playback_open(const char *path, uint64_t delay_ns, uint32_t speed,
                               struct error *err)
{
	struct recording *recording = recording_open(path, delay_ns, err);
	struct playback *playback;

	if (!recording)
		return NULL;
	playback = xcalloc(1, sizeof(*playback));
	playback->path = xstrdup(path);
	playback->delay_ns = delay_ns;
	playback->recording = recording;
	playback->speed = speed;
	return playback;
}

void playback_close(struct playback *playback)
{
	if (!playback)
		return;
	recording_close(playback->recording);
	free(playback->path);
	free(playback);
}

/* ---- what is due ---- */

static bool peek(struct playback *playback)
{
	if (!playback->has_pending && !playback->ended) {
		playback->has_pending = recording_next(playback->recording, &playback->pending);
		playback->ended = !playback->has_pending && playback_waits_for(playback) < 0;
	}
	return playback->has_pending;
}

static bool is_due(struct playback *playback, uint64_t now_ns)
{
	uint64_t passed_ns, time_ns = playback->pending.ts_ns;

	if (!playback->begun || playback->goal == GOAL_END || playback->goal == GOAL_TICK)
		return true;
	if (playback->goal == GOAL_TIME)
		return time_ns <= playback->goal_ns;
	if (playback->held)
		return false;
	if (playback->speed == SPEED_MAX)
		return true;
	if (!playback->clock_ns) {
		playback->clock_ns = now_ns;
		playback->base_ns = playback->at_ns;
	}
	passed_ns = now_ns - playback->clock_ns;
	return time_ns <= playback->base_ns ||
	       (double)(time_ns - playback->base_ns) <= (double)passed_ns * playback->speed / 1000;
}

static void reach_goal(struct playback *playback)
{
	playback->goal = GOAL_NONE;
	playback->clock_ns = 0;
}

bool playback_next(struct playback *playback, uint64_t now_ns, struct event *ev)
{
	if (!peek(playback)) {
		if (playback->ended)
			reach_goal(playback);
		return false;
	}
	if (!is_due(playback, now_ns)) {
		if (playback->goal == GOAL_TIME)
			reach_goal(playback);
		return false;
	}
	*ev = playback->pending;
	playback->has_pending = false;
	if (!playback->begun)
		playback->first_ns = ev->ts_ns;
	playback->begun = true;
	if (ev->ts_ns > playback->at_ns)
		playback->at_ns = ev->ts_ns;
	if (playback->goal == GOAL_TICK && ev->kind == EVENT_TICK)
		reach_goal(playback);
	return true;
}

uint64_t playback_due_ns(const struct playback *playback)
{
	uint64_t time_ns = playback->pending.ts_ns;

	if (playback->ended || playback_waits_for(playback) >= 0)
		return UINT64_MAX;
	if (playback->goal != GOAL_NONE || !playback->begun)
		return 0;
	if (playback->held)
		return UINT64_MAX;
	if (playback->speed == SPEED_MAX || !playback->clock_ns || !playback->has_pending ||
	    time_ns <= playback->base_ns)
		return 0;
	return playback->clock_ns +
	       (uint64_t)((double)(time_ns - playback->base_ns) * 1000 / playback->speed);
}

int playback_waits_for(const struct playback *playback)
{
	return playback->has_pending || playback->ended ? -1
	                                                : recording_waits_for(playback->recording);
}

bool playback_is_own(const struct playback *playback)
{
	return recording_is_own(playback->recording);
}

bool playback_ended(const struct playback *playback)
{
	return playback->ended;
}

/* ---- wishes ---- */

void playback_hold(struct playback *playback, bool held)
{
	playback->held = held;
	playback->clock_ns = 0;
}

bool playback_is_held(const struct playback *playback)
{
	return playback->held && !playback->ended;
}

void playback_step(struct playback *playback)
{
	playback->held = true;
	playback->goal = GOAL_TICK;
}

/* The file again from its first event on. */
static int begin_anew(struct playback *playback, struct error *err)
{
	struct recording *recording;

	if (recording_position(playback->recording) < 0)
		return error_set(err, ESPIPE, "a pipe cannot be gone back in: save it to a file");
	recording = recording_open(playback->path, playback->delay_ns, err);
	if (!recording)
		return -1;
	recording_close(playback->recording);
	playback->recording = recording;
	playback->has_pending = playback->begun = playback->ended = false;
	playback->at_ns = 0;
	return 1;
}

int playback_go(struct playback *playback, enum playback_place place, struct error *err)
{
	uint64_t at_ns = playback->at_ns, first_ns = playback->first_ns;
	bool back = place == PLACE_BACK || place == PLACE_BEGINNING;
	int result = back ? begin_anew(playback, err) : 0;

	if (result < 0)
		return -1;
	playback->goal = place == PLACE_END         ? GOAL_END
	                 : place == PLACE_BEGINNING ? GOAL_TICK
	                                            : GOAL_TIME;
	if (place == PLACE_FORWARD)
		playback->goal_ns = at_ns + PLAYBACK_LEAP_NS;
	else if (place == PLACE_BACK)
		playback->goal_ns =
			at_ns > first_ns + PLAYBACK_LEAP_NS ? at_ns - PLAYBACK_LEAP_NS : first_ns;
	return result;
}

bool playback_is_leaping(const struct playback *playback)
{
	return playback->goal != GOAL_NONE && !playback->ended;
}

void playback_hear(struct playback *playback, const struct event_sink *sink)
{
	struct pollfd more = {.events = POLLIN};
	struct event ev;

	playback->goal = GOAL_END;
	do {
		while (playback_next(playback, 0, &ev))
			event_emit(sink, &ev);
		more.fd = playback_waits_for(playback);
	} while (more.fd >= 0 && poll(&more, 1, -1) >= 0);
}

/* ---- where it is ---- */

int playback_position(const struct playback *playback)
{
	return playback->ended ? 1000 : recording_position(playback->recording);
}

uint64_t playback_elapsed_ns(const struct playback *playback)
{
	return playback->at_ns > playback->first_ns ? playback->at_ns - playback->first_ns : 0;
}
