// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * obey: what a key asks for is done.
 *
 * In: keys, and what the desk (ui) makes of them. Out: sources switched, recordings gone through,
 * notices. Must never know: how keys are bound.
 */
#include "app.h"

#include <inttypes.h>

#include "clock.h"
#include "signals.h"

#define KEYS_A_TURN 32

static void toggle_pause(struct app *app)
{
	if (app->playback) {
		if (app->replay_ended)
			ui_notice(&app->ui, "the recording is at its end; { goes to its beginning");
		else
			playback_hold(app->playback, !playback_is_held(app->playback));
		return;
	}
	app->ui.paused = !app->ui.paused;
	/* What is held still is held whole, so that one can look around in it. */
	app_snapshot(app, app->ui.paused);
}

/* On the way back it is set where that ends. */
static void toggle_since(struct app *app)
{
	bool on = !app->has_since && !app->since_waits;

	app->since_waits = on && app_is_on_its_way_back(app);
	app->has_since = on && !app->since_waits;
	if (app->has_since)
		snapshot_copy(&app->since, &app->snap);
}

/* Nothing can be switched in what is over. */
static bool is_past(struct app *app)
{
	if (app->kernel_log)
		ui_notice(&app->ui, "a saved log has the lines that it has");
	else if (app->playback)
		ui_notice(&app->ui, "a recording has the events that it has");
	return !app->live;
}

/* At once, held screen or not: what is pressed twice has to be off and on again. */
static void toggle_class(struct app *app, enum event_class class)
{
	const struct snapshot_class *shown = &app->snap.classes[class];

	if (is_past(app))
		return;
	if (!shown->known) {
		ui_notice(&app->ui, "no source can deliver %s events here",
		          event_class_names[class]);
		return;
	}
	live_set_class(app->live, class, !app->class_on[class]);
	intake_drain(app, clock_ns(CLOCK_MONOTONIC), false);
	if (!app->ui.paused)
		app_snapshot(app, false);
	if (class == CLASS_FAULT) /* the kernel's log cannot be told to be silent */
		ui_notice(&app->ui, "faults are %s", app->class_on[class] ? "shown" : "ignored");
	else
		ui_notice(&app->ui, "%s events are %s", event_class_names[class],
		          app->class_on[class] ? "on" : "off in the kernel");
}

/* auto, events, counts, and round again. */
static void change_collect(struct app *app)
{
	enum collect_choice *choice = &app->options.collect;

	if (is_past(app))
		return;
	*choice = (enum collect_choice)((*choice + 1) % CHOICE_COUNT);
	live_set_collect(app->live, *choice);
	intake_drain(app, clock_ns(CLOCK_MONOTONIC), false);
	if (!app->ui.paused)
		app_snapshot(app, false);
	ui_notice(&app->ui, "collecting %s",
	          *choice == CHOICE_AUTO     ? "as the rate allows"
	          : *choice == CHOICE_EVENTS ? "every event"
	                                     : "counts made in the kernel");
}

static void watch_callers(struct app *app, uint32_t id)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(&app->snap, id);
	struct error error;
	char name[NOTICE_MAX / 2];

	if (is_past(app))
		return;
	if (!domain || id == DOMAIN_UNATTRIBUTED)
		ui_notice(&app->ui, "select a domain first: w watches who maps for it");
	else if (!live_watch_callers(app->live, id, &error))
		ui_notice(&app->ui, "%s", error.text);
	else
		ui_notice(&app->ui, "watching who maps for %s: five seconds",
		          snapshot_domain_name(&app->snap, domain, name, sizeof(name)));
}

static void wake_devices(struct app *app)
{
	uint32_t group = ui_place(&app->ui)->group;

	if (is_past(app))
		return;
	if (group == NO_GROUP) {
		ui_notice(&app->ui, "open a group first: W reads its sleeping devices, too");
		return;
	}
	live_look(app->live, group, true);
	ui_notice(&app->ui, "reading the devices of group %u, asleep or not: this wakes them",
	          group);
}

static void toggle_record(struct app *app)
{
	struct recorder *recorder = &app->recorder;
	struct error error;

	if (!app->live) {
		ui_notice(&app->ui, "what is replayed is a file already: copy it");
		return;
	}
	/* All that is between two keys is in it, as whole intervals. */
	intake_begin_interval(app);
	if (recorder->record) {
		if (recorder_end(recorder, &error))
			ui_notice(&app->ui, "%s", error.text);
		else
			ui_notice(&app->ui, "%" PRIu64 " events are in %s", recorder->events,
			          recorder->path);
	} else if (recorder_begin(recorder, app->model, app->watermark_ns, &error)) {
		ui_notice(&app->ui, "%s", error.text);
	} else {
		ui_notice(&app->ui, "recording to %s; R ends it", recorder->path);
	}
}

static void change_delay(struct app *app, bool longer)
{
	if (app->playback) {
		ui_notice(&app->ui, "a recording has the intervals that it has");
		return;
	}
	app->options.delay_ms = options_step_delay(app->options.delay_ms, longer);
	app->next_tick_ns = clock_ns(CLOCK_MONOTONIC) + app->options.delay_ms * MS;
	ui_notice(&app->ui, "interval %.1f s", (double)app->options.delay_ms / 1000);
}

/* What is heard again would be in the file twice, and time would go back in it. */
static bool is_recorded_once(const struct app *app, enum playback_leap leap)
{
	return (leap == PLACE_BACK || leap == PLACE_BEGINNING) && app->recorder.record &&
	       !app->recorder.stopped;
}

static void go_to(struct app *app, enum playback_leap leap)
{
	struct error error;
	struct model *model;
	int result;

	if (is_recorded_once(app, leap)) {
		ui_notice(&app->ui, "no way back while it is recorded: go back without --record");
		return;
	}
	result = past_go(app->past, leap, &model, &error);
	if (result < 0)
		ui_notice(&app->ui, "%s", error.text);
	if (result > 0)
		intake_go_back(app, model);
	app->replay_ended = playback_ended(app->playback);
}

static void go_through(struct app *app, enum request request)
{
	if (!app->playback) {
		ui_notice(&app->ui, "only a recording can be gone through (--replay)");
		return;
	}
	if (request == REQUEST_STEP)
		playback_step(app->playback);
	else
		go_to(app, (enum playback_leap)(request - REQUEST_LEAP_FORWARD));
}

void obey_suspend(struct app *app)
{
	if (app->live)
		live_rest(app->live);
	if (app->screen)
		screen_leave(app->screen);
	signals_stop();
	if (app->screen)
		screen_return(app->screen);
	app->dirty = true;
}

/* domain: what the selected row or the screen is about. */
static void obey(struct app *app, enum request request, uint32_t domain)
{
	switch (request) {
	case REQUEST_QUIT:
		app->done = true;
		break;
	case REQUEST_PAUSE:
		toggle_pause(app);
		break;
	case REQUEST_SINCE:
		toggle_since(app);
		break;
	case REQUEST_SLOWER:
	case REQUEST_FASTER:
		change_delay(app, request == REQUEST_SLOWER);
		break;
	case REQUEST_REDRAW:
		screen_redraw(app->screen);
		break;
	case REQUEST_SUSPEND:
		obey_suspend(app);
		break;
	case REQUEST_CLASS_GROUP:
	case REQUEST_CLASS_DEVICE:
	case REQUEST_CLASS_MAP:
	case REQUEST_CLASS_UNMAP:
	case REQUEST_CLASS_FAULT:
		toggle_class(app, (enum event_class)(request - REQUEST_CLASS_GROUP));
		break;
	case REQUEST_COLLECT:
		change_collect(app);
		break;
	case REQUEST_CALLERS:
		watch_callers(app, domain);
		break;
	case REQUEST_WAKE:
		wake_devices(app);
		break;
	case REQUEST_STEP:
	case REQUEST_LEAP_FORWARD:
	case REQUEST_LEAP_BACK:
	case REQUEST_LEAP_BEGINNING:
	case REQUEST_LEAP_END:
		go_through(app, request);
		break;
	case REQUEST_RECORD:
		toggle_record(app);
		break;
	default:
		break;
	}
}

/* Bounded, so that a pasted page of text starves neither ticks nor signals. */
void obey_keys(struct app *app)
{
	for (int i = 0; i < KEYS_A_TURN && app->screen && !app->done; i++) {
		struct frame_input input = output_input(app);
		struct view_context context = frame_context(&input, &app->ui);
		enum screen_id before = ui_place(&app->ui)->screen;
		uint32_t key = screen_key(app->screen), domain;

		if (key == INPUT_NONE)
			break;
		domain = ui_domain(&app->ui, &context);
		obey(app, ui_key(&app->ui, key, &context), domain);
		/* Opening the log wants it filled; and the next key of a quick typist must meet the
		 * rows of the screen that this one led to. */
		if (ui_place(&app->ui)->screen != before && !app->ui.paused &&
		    !app_is_on_its_way_back(app))
			app_snapshot(app, false);
		intake_look(app);
		output_compose(app);
		app->dirty = true;
	}
}
