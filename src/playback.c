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
	struct recording *recording;
	struct recording_place *start; /* NULL: it can be read but once */
	uint32_t speed;
	bool held, ended;

	const struct event *next; /* read, and not yet due: next_count of them */
	size_t next_count;

	uint64_t first_ns, at_ns; /* in the recording; of the first event and the last */
	bool begun;
	/* At this moment outside the recording was at base_ns; 0: it takes its pace up anew. */
	uint64_t clock_ns, base_ns;

	enum goal goal; /* due at once until it is reached */
	uint64_t goal_ns;
	unsigned int steps; /* so many ticks further from there */
};

struct playback *playback_open(const char *path, uint64_t delay_ns, uint32_t speed,
                               struct error *err)
{
	struct recording *recording = recording_open(path, delay_ns, err);
	struct playback *playback;

	if (!recording)
		return NULL;
	playback = xcalloc(1, sizeof(*playback));
	playback->recording = recording;
	playback->start = recording_here(recording);
	playback->speed = speed;
	return playback;
}

void playback_close(struct playback *playback)
{
	if (!playback)
		return;
	recording_place_free(playback->start);
	recording_close(playback->recording);
	free(playback);
}

/* ---- what is due ---- */

static bool peek(struct playback *playback)
{
	if (!playback->next_count && !playback->ended) {
		playback->next = recording_peek(playback->recording, &playback->next_count);
		playback->ended = !playback->next_count && playback_waits_for(playback) < 0 &&
		                  !recording_rests(playback->recording);
	}
	return playback->next_count;
}

/* Whatever its time. */
static bool all_is_due(const struct playback *playback)
{
	return playback->goal == GOAL_END || playback->goal == GOAL_TICK ||
	       (playback->goal == GOAL_NONE && !playback->held && playback->speed == SPEED_MAX);
}

static bool is_due(struct playback *playback, uint64_t time_ns, uint64_t now_ns)
{
	uint64_t passed_ns;

	if (playback->goal == GOAL_TIME)
		return time_ns <= playback->goal_ns;
	if (playback->held)
		return false;
	if (!playback->clock_ns) {
		playback->clock_ns = now_ns;
		playback->base_ns = playback->at_ns;
	}
	passed_ns = now_ns - playback->clock_ns;
	return time_ns <= playback->base_ns ||
	       (double)(time_ns - playback->base_ns) <= (double)passed_ns * playback->speed / 1000;
}

/* How many of those that were read are due, at most so many. */
static size_t count_due(struct playback *playback, uint64_t now_ns, size_t most)
{
	size_t count = 0;

	if (playback->next_count < most)
		most = playback->next_count;
	if (!playback->begun)
		return most ? 1 : 0;
	if (all_is_due(playback))
		return most;
	while (count < most && is_due(playback, playback->next[count].ts_ns, now_ns))
		count++;
	return count;
}

/* Behind the end there is nothing to go on to. */
static void set_goal(struct playback *playback, enum goal goal, unsigned int steps)
{
	playback->goal = playback->ended ? GOAL_NONE : goal;
	playback->steps = playback->ended ? 0 : steps;
}

static void reach_goal(struct playback *playback)
{
	unsigned int steps = playback->steps;

	playback->clock_ns = 0;
	if (steps)
		set_goal(playback, GOAL_TICK, steps - 1);
	else
		set_goal(playback, GOAL_NONE, 0);
}

static void pass(struct playback *playback, size_t count)
{
	const struct event *next = playback->next;

	if (!playback->begun)
		playback->first_ns = next->ts_ns;
	playback->begun = true;
	for (size_t i = 0; i < count; i++)
		if (next[i].ts_ns > playback->at_ns)
			playback->at_ns = next[i].ts_ns;
	playback->next += count;
	playback->next_count -= count;
	recording_pass(playback->recording, count);
}

static size_t count_traffic(const struct event *events, size_t count)
{
	size_t traffic = 0;

	while (traffic < count && event_is_traffic(&events[traffic]))
		traffic++;
	return traffic;
}

/* The first of those that are due: traffic, or else one that is none. */
static size_t hand_on(struct playback *playback, size_t due, const struct event_sink *sink)
{
	const struct event *events = playback->next;
	size_t traffic = count_traffic(events, due);

	if (traffic)
		event_emit_traffic(sink, events, traffic);
	else
		event_emit(sink, events);
	return traffic ? traffic : 1;
}

/* At the end, or at a time, there is nothing left to go through at once, unless steps are. */
static bool goes_on(struct playback *playback)
{
	if (playback->ended || (playback->next_count && playback->goal == GOAL_TIME))
		reach_goal(playback);
	return playback->next_count && playback->goal == GOAL_TICK;
}

size_t playback_take(struct playback *playback, uint64_t now_ns, size_t most,
                     const struct event_sink *sink)
{
	size_t taken = 0;
	bool tick = false;

	while (taken < most && !tick) {
		size_t due = peek(playback) ? count_due(playback, now_ns, most - taken) : 0;

		if (!due && goes_on(playback))
			continue;
		if (!due)
			break;
		tick = playback->next->kind == EVENT_TICK;
		due = hand_on(playback, due, sink);
		pass(playback, due);
		taken += due;
	}
	if (tick && playback->goal == GOAL_TICK)
		reach_goal(playback);
	return taken;
}

uint64_t playback_due_ns(const struct playback *playback)
{
	uint64_t time_ns;

	if (playback->ended || playback_waits_for(playback) >= 0)
		return UINT64_MAX;
	if (playback->goal != GOAL_NONE || !playback->begun)
		return 0;
	if (playback->held)
		return UINT64_MAX;
	if (playback->speed == SPEED_MAX || !playback->clock_ns || !playback->next_count)
		return 0;
	time_ns = playback->next->ts_ns;
	if (time_ns <= playback->base_ns)
		return 0;
	return playback->clock_ns +
	       (uint64_t)((double)(time_ns - playback->base_ns) * 1000 / playback->speed);
}

int playback_waits_for(const struct playback *playback)
{
	return playback->next_count || playback->ended ? -1
	                                               : recording_waits_for(playback->recording);
}

bool playback_rests(const struct playback *playback)
{
	return !playback->next_count && recording_rests(playback->recording);
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

/* Of a pipe the end may never come: a step ends the way there. */
void playback_step(struct playback *playback)
{
	playback->held = true;
	if (playback->goal == GOAL_NONE || playback->goal == GOAL_END)
		set_goal(playback, GOAL_TICK, 0);
	else
		playback->steps++;
}

/* ---- going to a place ---- */

struct playback_place {
	struct recording_place *within;
	uint64_t at_ns;
	bool begun;
};

static void stand_at(struct playback *playback, uint64_t at_ns, bool begun)
{
	playback->next_count = 0;
	playback->at_ns = at_ns;
	playback->begun = begun;
	playback->ended = false;
	playback->clock_ns = 0;
}

struct playback_place *playback_here(const struct playback *playback)
{
	struct recording_place *within = recording_here(playback->recording);
	struct playback_place *place;

	if (!within)
		return NULL;
	place = xcalloc(1, sizeof(*place));
	place->within = within;
	place->at_ns = playback->at_ns;
	place->begun = playback->begun;
	return place;
}

void playback_place_free(struct playback_place *place)
{
	if (!place)
		return;
	recording_place_free(place->within);
	free(place);
}

size_t playback_place_bytes(const struct playback_place *place)
{
	return sizeof(*place) + recording_place_bytes(place->within);
}

uint64_t playback_place_ns(const struct playback_place *place)
{
	return place->at_ns;
}

int playback_return(struct playback *playback, const struct playback_place *place,
                    struct error *err)
{
	if (recording_return(playback->recording, place->within, err))
		return -1;
	stand_at(playback, place->at_ns, place->begun);
	return 0;
}

/* Its first time is known from now on, for it does not change. */
static int begin_anew(struct playback *playback, struct error *err)
{
	if (!playback->start)
		return error_set(err, ESPIPE, "a pipe cannot be gone back in: save it to a file");
	if (recording_return(playback->recording, playback->start, err))
		return -1;
	stand_at(playback, 0, false);
	return 0;
}

uint64_t playback_leap_ns(const struct playback *playback, enum playback_leap leap)
{
	uint64_t first_ns = playback->first_ns;
	uint64_t at_ns = playback->begun ? playback->at_ns : first_ns;

	/* Keys are quicker than what lies between: on its way it is as good as there. */
	if (playback->goal == GOAL_TIME)
		at_ns = playback->goal_ns;
	switch (leap) {
	case PLACE_FORWARD:
		return at_ns + PLAYBACK_LEAP_NS;
	case PLACE_BACK:
		return at_ns > first_ns + PLAYBACK_LEAP_NS ? at_ns - PLAYBACK_LEAP_NS : first_ns;
	case PLACE_BEGINNING:
		return first_ns;
	default:
		return UINT64_MAX;
	}
}

int playback_go(struct playback *playback, enum playback_leap leap,
                const struct playback_place *from, struct error *err)
{
	uint64_t goal_ns = playback_leap_ns(playback, leap);
	bool back = leap == PLACE_BACK || leap == PLACE_BEGINNING;

	if (back && (from ? playback_return(playback, from, err) : begin_anew(playback, err)))
		return -1;
	set_goal(playback,
	         leap == PLACE_END         ? GOAL_END
	         : leap == PLACE_BEGINNING ? GOAL_TICK
	                                   : GOAL_TIME,
	         0);
	playback->goal_ns = goal_ns;
	return back;
}

bool playback_is_leaping(const struct playback *playback)
{
	return playback->goal != GOAL_NONE && !playback->ended;
}

void playback_hear(struct playback *playback, const struct event_sink *sink)
{
	struct pollfd more = {.events = POLLIN};
	int result = 0;

	playback->goal = GOAL_END;
	while (!playback->ended && result >= 0) {
		if (playback_take(playback, 0, SIZE_MAX, sink))
			continue;
		more.fd = playback_waits_for(playback);
		if (more.fd >= 0)
			result = poll(&more, 1, -1);
	}
}

/* ---- where it is ---- */

int playback_position(const struct playback *playback)
{
	return playback->ended ? 1000 : recording_position(playback->recording);
}

uint64_t playback_time_ns(const struct playback *playback)
{
	return playback->at_ns;
}

uint64_t playback_elapsed_ns(const struct playback *playback)
{
	return playback->at_ns > playback->first_ns ? playback->at_ns - playback->first_ns : 0;
}
