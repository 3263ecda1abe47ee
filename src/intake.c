// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * intake: what a run hears. Opens its sources (this machine, a recording, or a saved log), and
 * brings their events into the model and into what is being recorded.
 *
 * In: options, events. Out: the model, told. Must never know: how anything looks.
 */
#include "app.h"

#include <errno.h>

#include "clock.h"
#include "demo.h"
#include "sources/sysfs.h"

/* How long trace buffers may fill between two drains: short when they were found full. */
#define DRAIN_LEAST_NS (2 * MS)
#define DRAIN_MOST_NS  (100 * MS)
/* No buffers: ticks and descriptors are enough. */
#define DRAIN_NEVER_NS (3600 * 1000 * MS)

/* ---- events in ---- */

/* What one wants to see before the next tick: everything but the stream of maps and unmaps. */
static inline bool is_news(const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_HEALTH:
	case EVENT_CLASS:
	case EVENT_FAULT:
	case EVENT_GONE:
	case EVENT_COLLECT:
	case EVENT_CALLER:
	case EVENT_NOTE:
		return true;
	case EVENT_ATTR:
		return ev->attr.subject != SUBJECT_TASK;
	default:
		return false;
	}
}

static void take_news(struct app *app, const struct event *ev)
{
	app->stale = true;
	if (ev->kind == EVENT_CLASS)
		app->class_on[ev->class.class] = ev->class.on;
}

/* A reader that has gone is no error; without frames nothing is left to do. */
static void record_stopped(struct app *app)
{
	app->exit_code = app->error.code == EPIPE ? EXIT_FINE : EXIT_RUNTIME;
	app->done |= app->options.output == OUTPUT_RECORD;
}

/* Watching goes on; the sentence stays on the screen and is said again at the end. */
static void keep(struct app *app, const struct event *ev)
{
	if (recorder_event(&app->recorder, ev, &app->error))
		record_stopped(app);
}

void intake_event(struct app *app, const struct event *ev)
{
	model_apply(app->model, ev);
	app->events_after_tick = ev->kind != EVENT_TICK;
	if (is_news(ev))
		take_news(app, ev);
	keep(app, ev);
}

static void on_event(void *context, const struct event *ev)
{
	intake_event(context, ev);
}

static void on_traffic(void *context, const struct event *events, size_t count)
{
	struct app *app = context;

	model_apply_traffic(app->model, events, count);
	app->events_after_tick = true;
	for (size_t i = 0; app->recorder.record && i < count; i++)
		keep(app, &events[i]);
}

struct event_sink intake_sink(struct app *app)
{
	return (struct event_sink){.emit = on_event, .context = app, .emit_traffic = on_traffic};
}

static void apply_tick(struct app *app, uint64_t watermark_ns, uint64_t wall_ns)
{
	struct event tick = {.ts_ns = watermark_ns, .kind = EVENT_TICK};

	tick.tick.wall_ns = wall_ns;
	intake_event(app, &tick);
}

/* ---- draining ---- */

/* Buffers found a quarter full are drained twice as often, almost empty ones half as often. */
static uint64_t next_gap_ns(uint64_t gap_ns, int fullness)
{
	if (fullness < 0)
		return DRAIN_NEVER_NS;
	if (fullness > 25)
		return gap_ns / 2 > DRAIN_LEAST_NS ? gap_ns / 2 : DRAIN_LEAST_NS;
	if (fullness < 5)
		return gap_ns * 2 < DRAIN_MOST_NS ? gap_ns * 2 : DRAIN_MOST_NS;
	return gap_ns;
}

void intake_drain(struct app *app, uint64_t now_ns, bool tick)
{
	const struct event_sink sink = intake_sink(app);
	/* Both clocks are read together: the drain reads the watermark first of all. */
	uint64_t wall_ns = clock_ns(CLOCK_REALTIME), watermark_ns;
	int fullness = live_drain(app->live, &sink, tick, &watermark_ns);

	app->watermark_ns = watermark_ns;
	app->drain_gap_ns = next_gap_ns(app->drain_gap_ns, fullness);
	app->next_drain_ns = now_ns + app->drain_gap_ns;
	if (tick)
		apply_tick(app, watermark_ns, wall_ns);
}

/* ---- opening ---- */

static struct kernel_log *open_kernel_log(struct app *app)
{
	uint64_t wall_ns = clock_ns(CLOCK_REALTIME);

	return kernel_log_open(app->options.kernel_log, wall_ns, clock_utc_offset_s(wall_ns),
	                       &app->error);
}

static struct playback *open_playback(struct app *app)
{
	const struct options *options = &app->options;
	const char *path = options->replay;
	char demo[PATH_MAX];

	if (path == options_demo && demo_find(demo, &app->error))
		return NULL;
	return playback_open(path == options_demo ? demo : path, options->delay_ms * MS,
	                     options->speed, &app->error);
}

/* What only a recording of somebody else can do with. */
static int check_own_recording(struct app *app)
{
	const char *replayed = app->options.replay == options_demo ? "demo" : "replay";

	if (app->options.sysfs || app->options.topology)
		return error_set(&app->error, EINVAL,
		                 "--%s and --%s: a recording of iommutop has the names of its "
		                 "own machine; choose one of them",
		                 replayed, app->options.sysfs ? "sysfs" : "topology");
	if (app->options.delay_asked)
		return error_set(&app->error, EINVAL,
		                 "--delay and --%s: a recording of iommutop has the intervals that "
		                 "it has; leave --delay away",
		                 replayed);
	if (app->options.record)
		return error_set(&app->error, EINVAL,
		                 "--record and --%s: a recording is already a file; copy it",
		                 replayed);
	return 0;
}

int intake_open_files(struct app *app)
{
	const struct options *options = &app->options;

	if (options->replay)
		app->playback = open_playback(app);
	if (options->kernel_log)
		app->kernel_log = open_kernel_log(app);
	if (options->topology)
		app->topology = saved_topology_open(options->topology, &app->error);
	if ((options->replay && !app->playback) || (options->kernel_log && !app->kernel_log) ||
	    (options->topology && !app->topology))
		return -1;
	if (app->playback && playback_is_own(app->playback) && check_own_recording(app))
		return -1;
	if (app->playback && options->output == OUTPUT_SCREEN)
		app->past = past_new(app->playback, &checkpoint_default_limits);
	return options->record ? recorder_open(&app->recorder, options->record, &app->error) : 0;
}

int intake_open_live(struct app *app)
{
	if (app->playback || app->kernel_log)
		return 0;
	app->live = live_open(&app->options, &app->error);
	return app->live ? 0 : -1;
}

void intake_look(struct app *app)
{
	uint32_t group = ui_place(&app->ui)->group;

	if (group == app->looked)
		return;
	app->looked = group;
	if (app->live && group != NO_GROUP)
		live_look(app->live, group, false);
}

void intake_begin_interval(struct app *app)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	app->next_tick_ns = now_ns + app->options.delay_ms * MS;
	app->stale = true;
	intake_drain(app, now_ns, true);
}

static void start_live(struct app *app)
{
	const struct event_sink sink = intake_sink(app);

	app->drain_gap_ns = DRAIN_LEAST_NS;
	live_start(app->live, &sink);
	intake_look(app);
	intake_begin_interval(app);
}

/* ---- names ---- */

/* Whose the addresses of a saved log or trace are is told by what was saved of that machine. */
void intake_tell_names(struct app *app)
{
	const struct sysfs_options sysfs = {.root = app->options.sysfs,
	                                    .pci_ids = app->options.pci_ids,
	                                    .look = app_wanted_group(app)};
	const struct event_sink sink = intake_sink(app);
	const struct event off = event_health(
		0, SOURCE_SYSFS, HEALTH_OFF,
		app->kernel_log ? "a log tells no groups: --topology FILE has them, saved on its "
				  "machine by iommutop -1 --json, or --sysfs DIR, a copy of its "
				  "/sys"
				: "a trace tells no groups: --topology FILE has them, saved on its "
				  "machine by iommutop -1 --json, or --sysfs DIR, a copy of its "
				  "/sys");

	if (app->playback && playback_is_own(app->playback))
		return;
	if (app->topology)
		saved_topology_tell(app->topology, false, &sink);
	else if (!sysfs.root)
		intake_event(app, &off);
	else if (sysfs_walk_once(&sysfs, &sink, &app->error))
		app_fail(app, EXIT_RUNTIME);
}

void intake_go_back(struct app *app, struct model *model)
{
	app_forget(app, model);
	if (!model)
		intake_tell_names(app);
}

void intake_start(struct app *app)
{
	if (app->live)
		start_live(app);
	if (app->kernel_log || app->playback)
		intake_tell_names(app);
}
