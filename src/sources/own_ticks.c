// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * own_ticks: ticks by the time of the events themselves.
 * In: events in order of time. Out: the same, and TICKs among them.
 * Must never know: where they come from, the model.
 */
#include "own_ticks.h"

/* So many delays without an event are told one by one; clocks can leap by years. */
#define EMPTY_MOST 100u

static void tick(struct own_ticks *ticks, uint64_t ts_ns)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_TICK};

	if (ticks->wall_offset_ns && !ticks->timeless)
		ev.tick.wall_ns = ts_ns + ticks->wall_offset_ns;
	ticks->told_ns = ts_ns;
	ticks->news = false;
	event_emit(&ticks->out, &ev);
}

/* What ends at until_ns belongs to the interval that does. */
static void tick_until(struct own_ticks *ticks, uint64_t until_ns)
{
	while (until_ns > ticks->next_ns) {
		uint64_t due = (until_ns - ticks->next_ns - 1) / ticks->delay_ns;

		tick(ticks, ticks->next_ns);
		if (due > EMPTY_MOST)
			ticks->next_ns += due * ticks->delay_ns;
		else if (ticks->next_ns > UINT64_MAX - ticks->delay_ns)
			ticks->next_ns = UINT64_MAX;
		else
			ticks->next_ns += ticks->delay_ns;
	}
}

/* Without a time there is none between a call and its tracepoint either. */
static struct event with_less_time(const struct own_ticks *ticks, const struct event *ev)
{
	struct event out = *ev;

	if (ticks->timeless)
		out.ts_ns = 0;
	if (ev->kind == EVENT_MAP)
		out.map.inside_ns = 0;
	if (ev->kind == EVENT_UNMAP)
		out.unmap.inside_ns = 0;
	return out;
}

void own_ticks_pass(void *context, const struct event *ev)
{
	struct own_ticks *ticks = context;
	struct event less;

	if (ticks->begun && !ticks->timeless && ev->ts_ns > ticks->next_ns)
		tick_until(ticks, ev->ts_ns);
	ticks->news = true;
	if (ticks->timeless || ticks->coarse) {
		less = with_less_time(ticks, ev);
		ev = &less;
	}
	ticks->last_ns = ev->ts_ns;
	event_emit(&ticks->out, ev);
}

void own_ticks_pass_traffic(void *context, const struct event *events, size_t count)
{
	struct own_ticks *ticks = context;
	uint64_t last_ns = events[count - 1].ts_ns;

	if (!ticks->begun || ticks->timeless || ticks->coarse || last_ns > ticks->next_ns) {
		for (size_t i = 0; i < count; i++)
			own_ticks_pass(ticks, &events[i]);
		return;
	}
	ticks->news = true;
	ticks->last_ns = last_ns;
	event_emit_traffic(&ticks->out, events, count);
}

void own_ticks_begin(struct own_ticks *ticks)
{
	uint64_t now_ns = ticks->last_ns;

	ticks->begun = true;
	ticks->next_ns =
		now_ns > UINT64_MAX - ticks->delay_ns ? UINT64_MAX : now_ns + ticks->delay_ns;
	tick(ticks, now_ns);
}

void own_ticks_end(struct own_ticks *ticks)
{
	if (ticks->news)
		tick(ticks, ticks->last_ns);
}
