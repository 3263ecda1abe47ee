// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * turn: the loop. Waits for what comes next, hears it, tells what an interval has brought, and
 * hands the keys on.
 *
 * In: time, descriptors, signals. Out: everybody else, called in turn. Must never know: what an
 * event means.
 */
#include "app.h"

#include <poll.h>

#include "clock.h"
#include "signals.h"

/* A recording is replayed in portions, so that keys are answered meanwhile. */
#define REPLAY_PORTION 20000
/* So many ticks the doctor waits for the first walk of sysfs. */
#define DOCTOR_TICKS 100

/* Looks until sysfs has been read, or does not answer; recordings and logs are read to the end. */
static void tell_doctor(struct app *app)
{
	app_snapshot(app, false);
	if (app->live && (app->snap.health[SOURCE_SYSFS].state != HEALTH_STARTING ||
	                  ++app->frames >= DOCTOR_TICKS))
		app->done = true;
}

/* An interval has ended. */
static void tell(struct app *app)
{
	app->stale = true; /* the screen takes one a turn, however many ticks a turn replays */
	if (app->options.output == OUTPUT_DOCTOR) {
		tell_doctor(app);
		return;
	}
	if (!app->screen && !app->options.last_only && app->options.output != OUTPUT_RECORD) {
		app_snapshot(app, false);
		output_frame(app);
	}
	if (app->options.iterations && ++app->frames >= app->options.iterations)
		app->done = true;
}

/* Ticks keep their beat; one that came very late starts a new beat instead of a burst. */
static void turn_live(struct app *app)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t delay_ns = app->options.delay_ms * MS;
	bool tick = now_ns >= app->next_tick_ns;

	if (tick || now_ns >= app->next_drain_ns)
		intake_drain(app, now_ns, tick);
	if (!tick)
		return;
	app->next_tick_ns += delay_ns;
	if (app->next_tick_ns <= now_ns)
		app->next_tick_ns = now_ns + delay_ns;
	tell(app);
}

/* What somebody at the screen may want to go back to. */
static void remember(struct app *app, size_t events)
{
	if (!app->past)
		return;
	past_heard(app->past, events);
	if (!app->events_after_tick)
		past_tick(app->past, app->model);
}

/* On the screen a frame a portion, in batch one a tick of the recording. */
static void turn_replay(struct app *app)
{
	const struct event_sink sink = intake_sink(app);
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	size_t left = REPLAY_PORTION, taken;

	for (bool rests = false; left && !rests && !app->done; left -= taken) {
		taken = playback_take(app->playback, now_ns, left, &sink);
		if (!taken)
			break;
		rests = playback_rests(app->playback);
		remember(app, taken);
		if (!app->events_after_tick) /* it went as far as to one */
			tell(app);
	}
	app->replay_ended = playback_ended(app->playback);
	app->stale = true;
	if (app->replay_ended && !app->screen)
		app->done = true;
}

/* A log that still grows gets its ticks while somebody looks on; in batch its end is what counts.
 */
static void tick_kernel_log(struct app *app, const struct event_sink *sink)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	if (!app->screen || !kernel_log_grew(app->kernel_log) || now_ns < app->next_tick_ns)
		return;
	kernel_log_tick(app->kernel_log, sink);
	tell(app);
}

static void turn_kernel_log(struct app *app)
{
	const struct event_sink sink = intake_sink(app);
	bool grew = kernel_log_grew(app->kernel_log);
	enum kernel_log_state state = kernel_log_read(app->kernel_log, &sink);

	app->kernel_log_waits = state == KERNEL_LOG_WAITS;
	app->replay_ended = state == KERNEL_LOG_ENDED;
	if (!grew)
		app->next_tick_ns = clock_ns(CLOCK_MONOTONIC) + app->options.delay_ms * MS;
	app->stale = true;
	if (app->kernel_log_waits)
		tick_kernel_log(app, &sink);
	if (!app->replay_ended)
		return;
	tell(app);
	if (!app->screen)
		app->done = true;
}

static size_t source_fds(const struct app *app, struct pollfd fds[LIVE_FDS_MAX])
{
	if (app->live)
		return live_fds(app->live, fds);
	if (app->playback) {
		fds[0] = (struct pollfd){.fd = playback_waits_for(app->playback), .events = POLLIN};
		return fds[0].fd >= 0;
	}
	if (!app->kernel_log_waits)
		return 0;
	fds[0] = (struct pollfd){.fd = kernel_log_fd(app->kernel_log), .events = POLLIN};
	return 1;
}

/* When something is due though nobody has sent anything; 0: at once. */
static uint64_t next_work_ns(const struct app *app)
{
	if (app->live)
		return app->next_drain_ns < app->next_tick_ns ? app->next_drain_ns
		                                              : app->next_tick_ns;
	if (app->playback)
		return playback_due_ns(app->playback);
	return app->kernel_log_waits ? app->next_tick_ns : 0;
}

/* Whether only a key or a line of a log can bring more. */
static bool nothing_is_due(const struct app *app)
{
	return app->replay_ended ||
	       (app->playback && playback_due_ns(app->playback) == UINT64_MAX) ||
	       (app->kernel_log_waits && !(app->screen && kernel_log_grew(app->kernel_log)));
}

/* Until the next drain or tick, a key, or something that a source has. */
static void wait_for_work(struct app *app)
{
	struct pollfd fds[LIVE_FDS_MAX + 1];
	size_t count = source_fds(app, fds);
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), next_ns = next_work_ns(app);
	struct timespec timeout = {0};

	if (next_ns > now_ns) {
		timeout.tv_sec = (time_t)((next_ns - now_ns) / 1000000000u);
		timeout.tv_nsec = (long)((next_ns - now_ns) % 1000000000u);
	}
	fds[count] =
		(struct pollfd){.fd = app->screen ? screen_fd(app->screen) : -1, .events = POLLIN};
	ppoll(fds, count + 1, nothing_is_due(app) ? NULL : &timeout, signals_mask());
	for (size_t i = 0; i < count; i++)
		if (fds[i].revents)
			app->next_drain_ns = 0;
	/* A terminal that went away, and HUP was ignored (nohup): nobody is looking any more. */
	if (fds[count].revents & (POLLHUP | POLLERR | POLLNVAL))
		app->done = true;
}

static void take_signals(struct app *app)
{
	if (signals_end())
		app->done = true;
	if (signals_take_resize() && app->screen) {
		screen_resize(app->screen);
		app->dirty = true;
	}
	if (signals_take_suspend())
		obey_suspend(app);
	if (signals_take_reopen())
		outfile_reopen(app->file);
}

/* The end of the first walk of sysfs, a fault, a class: on the screen without waiting for a tick.
 * On the way back the sheet stays as it was left: rows that are not there yet would take the
 * selection along. */
static void refresh_snapshot(struct app *app)
{
	if (!app->screen || !app->stale || app->ui.paused)
		return;
	if (!app_is_on_its_way_back(app))
		app_snapshot(app, false);
	app->dirty = true;
}

void turn_loop(struct app *app)
{
	while (!app->done) {
		wait_for_work(app);
		take_signals(app);
		if (app->live)
			turn_live(app);
		else if (!app->replay_ended && app->kernel_log)
			turn_kernel_log(app);
		else if (!app->replay_ended)
			turn_replay(app);
		refresh_snapshot(app);
		/* Keys are meant for what is on the screen: it has to be the newest. */
		if (app->screen && app->dirty && !app->done)
			output_draw(app);
		obey_keys(app);
		if (app->screen && app->dirty && !app->done)
			output_draw(app);
	}
	/* What came after the recording's last tick belongs to its end. */
	if (app->playback && !app->screen && app->replay_ended && app->events_after_tick)
		tell(app);
}
