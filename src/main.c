// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main: builds the pipe, turns the loop, owns the clock, prints the one error, chooses the exit
 * code. Everything it does in detail is another room's.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "canvas.h"
#include "demo.h"
#include "doctor.h"
#include "frame.h"
#include "live.h"
#include "model.h"
#include "options.h"
#include "playback.h"
#include "recorder.h"
#include "screen.h"
#include "signals.h"
#include "sinks/csv.h"
#include "sinks/diff.h"
#include "sinks/json.h"
#include "sinks/list.h"
#include "sinks/outfile.h"
#include "sinks/prometheus.h"
#include "sources/kernel_log.h"
#include "sources/recipe.h"
#include "sources/sysfs.h"
#include "sources/trace.h"
#include "ui.h"
#include "util.h"
#include "watched.h"

enum exit_code { EXIT_FINE = 0, EXIT_RUNTIME = 1, EXIT_USAGE = 2 };

#define MS 1000000ull
/* How long trace buffers may fill between two drains: short when they were found full. */
#define DRAIN_LEAST_NS (2 * MS)
#define DRAIN_MOST_NS  (100 * MS)
/* No buffers: ticks and descriptors are enough. */
#define DRAIN_NEVER_NS (3600 * 1000 * MS)
/* A recording is replayed in portions, so that keys are answered meanwhile. */
#define REPLAY_PORTION 20000
#define BATCH_COLUMNS  120
/* For so long the doctor waits for the first walk of sysfs, looking that often. */
#define DOCTOR_TICK_MS 100
#define DOCTOR_TICKS   100
#define KEYS_A_TURN    32

struct app {
	struct options options;
	struct model *model;
	struct snapshot snap, since;
	bool has_since;
	struct ui ui;
	struct canvas canvas;

	struct live *live; /* one of these three */
	struct playback *playback;
	struct kernel_log *kernel_log;
	bool replay_ended;          /* or the saved log */
	bool kernel_log_waits;      /* for whoever writes to it */
	bool class_on[CLASS_COUNT]; /* as the sources told last */
	struct recorder recorder;   /* stopped: app->error says why */
	struct screen *screen;      /* NULL: output without one */
	FILE *out;                  /* frames without a screen; flushed after each */
	struct outfile *file;       /* in the place of out, if asked for */
	struct prometheus *prometheus;
	bool titles_told;  /* to out */
	bool file_failing; /* as of the last frame; the first that failed was told */

	uint64_t next_drain_ns, next_tick_ns, drain_gap_ns; /* CLOCK_MONOTONIC */
	uint64_t watermark_ns; /* on the timeline: all up to here has been applied */
	uint64_t frames;
	uint32_t looked; /* the open group, of which more is read; NO_GROUP */
	bool dirty;      /* the screen has to be drawn */
	bool stale;      /* the snapshot has to be taken anew, tick or not */
	bool done, events_after_tick;
	int exit_code;
	struct error error;
};

static struct model *make_model(const struct options *options)
{
	struct model_limits limits = model_default_limits;

	if (options->history_bytes != HISTORY_DEFAULT)
		limits.history_bytes = options->history_bytes;
	return model_new(&limits);
}

/* ---- clock ---- */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int32_t utc_offset_s(uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / 1000000000u);
	struct tm local;

	return localtime_r(&seconds, &local) ? (int32_t)local.tm_gmtoff : 0;
}

/* ---- events in ---- */

static void fail(struct app *app, enum exit_code code)
{
	app->exit_code = code;
	app->done = true;
}

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

static void on_event(void *context, const struct event *ev)
{
	struct app *app = context;

	model_apply(app->model, ev);
	app->events_after_tick = ev->kind != EVENT_TICK;
	if (is_news(ev))
		take_news(app, ev);
	keep(app, ev);
}

static void on_traffic(void *context, const struct event *events, size_t count)
{
	struct app *app = context;

	model_apply_traffic(app->model, events, count);
	app->events_after_tick = true;
	for (size_t i = 0; app->recorder.record && i < count; i++)
		keep(app, &events[i]);
}

static void apply_tick(struct app *app, uint64_t watermark_ns, uint64_t wall_ns)
{
	struct event tick = {.ts_ns = watermark_ns, .kind = EVENT_TICK};

	tick.tick.wall_ns = wall_ns;
	on_event(app, &tick);
}

/* ---- frames out ---- */

static void take_snapshot(struct app *app, bool everything)
{
	struct snapshot_want want = {
		.log = everything || ui_place(&app->ui)->screen == SCREEN_LOG,
		.sizes = app->options.json,
		.domain = ui_place(&app->ui)->domain,
		.fault = ui_place(&app->ui)->fault,
	};

	model_snapshot(app->model, &want, &app->snap);
	app->stale = false;
}

static struct frame_playback frame_playback(const struct app *app)
{
	return (struct frame_playback){
		.position = playback_position(app->playback),
		.elapsed_ns = playback_elapsed_ns(app->playback),
		.speed = app->options.speed,
		.held = playback_is_held(app->playback),
	};
}

static struct frame_input frame_input(const struct app *app)
{
	const char *path = app->kernel_log ? app->options.kernel_log : app->options.replay;
	const char *slash = path ? strrchr(path, '/') : NULL;

	return (struct frame_input){
		.snap = &app->snap,
		.since = app->has_since ? &app->since : NULL,
		.recording =
			!path || strcmp(path, "-") ? (slash ? slash + 1 : path) : "standard input",
		.recording_ended = app->replay_ended,
		.playback = app->playback ? frame_playback(app)
	                                  : (struct frame_playback){.position = -1},
		.recording_is_log = app->kernel_log,
		.problem = app->recorder.stopped ? app->error.text : NULL,
		.recording_to =
			app->recorder.record && !app->recorder.stopped ? app->recorder.path : NULL,
		.utc_offset_s = app->kernel_log ? kernel_log_utc_offset_s(app->kernel_log)
	                                        : utc_offset_s(app->snap.wall_ns),
		.whole = !app->screen,
	};
}

/* Brings the panes up to date, so that a key finds the rows it is meant for. */
static void compose(struct app *app)
{
	struct frame_input input = frame_input(app);
	int rows, columns;

	screen_size(app->screen, &rows, &columns);
	canvas_resize(&app->canvas, rows, columns);
	frame_draw(&app->canvas, &app->ui, &input);
}

static void draw(struct app *app)
{
	compose(app);
	signals_begin_write();
	screen_flush(app->screen, &app->canvas);
	signals_end_write();
	app->dirty = false;
}

/* So much a pipe takes whole where it takes any (PIPE_BUF). */
#define OUT_BYTES 4096

static bool out_takes_more(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) != 0;
}

/* A reader that has stopped (less, ^S) holds us up for as long as it likes: what may be on for a
 * moment only must not wait for it. */
static ssize_t write_out(void *context, const char *bytes, size_t size)
{
	const struct app *app = context;
	size_t done = 0;

	while (done < size) {
		size_t part = size - done < OUT_BYTES ? size - done : OUT_BYTES;
		ssize_t written;

		if (app->live && !out_takes_more())
			live_rest(app->live);
		written = write(STDOUT_FILENO, bytes + done, part);
		if (written < 0)
			return 0; /* for stdio that is the error */
		done += (size_t)written;
	}
	return (ssize_t)size;
}

static int open_out(struct app *app)
{
	app->out = fopencookie(app, "w", (cookie_io_functions_t){.write = write_out});
	if (!app->out)
		return error_set(&app->error, errno, "no stream for frames: %s", strerror(errno));
	setvbuf(app->out, NULL, _IOFBF, OUT_BYTES);
	return 0;
}

static int batch_columns(void)
{
	const char *text = getenv("COLUMNS");
	uint64_t columns;

	return text && parse_decimal(text, NULL, &columns) && columns >= 20 && columns <= 1000
	               ? (int)columns
	               : BATCH_COLUMNS;
}

static int write_text_frame(struct app *app, FILE *out)
{
	struct frame_input input = frame_input(app);
	int columns = batch_columns();
	char *text = xmalloc((size_t)columns * 4 + 1);

	canvas_resize(&app->canvas, frame_rows(&app->ui, &input, columns), columns);
	frame_draw(&app->canvas, &app->ui, &input);
	for (int row = 0; row < app->canvas.rows; row++) {
		canvas_row_text(&app->canvas, row, text);
		fprintf(out, "%s\n", text);
	}
	free(text);
	fputc('\n', out);
	return fflush(out) || ferror(out) ? -1 : 0;
}

static struct output_filter output_filter(const struct app *app)
{
	return (struct output_filter){.group = app->options.group, .needle = app->options.filter};
}

/* A reader that has gone (head, less) is no error; a full disk is one. */
static void output_failed(struct app *app)
{
	if (errno != EPIPE)
		error_set(&app->error, errno, "cannot write to standard output: %s",
		          strerror(errno));
	fail(app, errno == EPIPE ? EXIT_FINE : EXIT_RUNTIME);
}

static int write_form(struct app *app, FILE *out, bool titles)
{
	struct output_filter filter = output_filter(app);

	if (app->options.json)
		return json_write(out, &app->snap, &filter);
	if (app->options.csv)
		return csv_write(out, &app->snap, &filter, titles);
	if (app->options.prometheus)
		return prometheus_write(app->prometheus, out, &app->snap);
	return write_text_frame(app, out);
}

/* Whoever reads that file goes on to read it: so a full disk is told, and tried again. */
static void write_file_frame(struct app *app)
{
	struct error error;
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);
	bool failed;

	if (!memory || write_form(app, memory, outfile_is_empty(app->file)) || fclose(memory))
		abort(); /* no memory */
	failed = outfile_write(app->file, text, size, &error);
	if (failed && !app->file_failing)
		fprintf(stderr, "iommutop: %s\n", error.text);
	app->file_failing = failed;
	free(text);
}

static void write_frame(struct app *app)
{
	if (app->file)
		write_file_frame(app);
	else if (write_form(app, app->out, !app->titles_told))
		output_failed(app);
	app->titles_told = true;
}

static void write_doctor(struct app *app)
{
	struct lines lines = {0};
	enum doctor_verdict verdict;
	int result;

	take_snapshot(app, false);
	verdict = doctor_say(&app->snap, &lines);
	result = app->options.json ? json_doctor(app->out, doctor_verdict_word(verdict), &lines)
	                           : list_lines(app->out, &lines);
	lines_release(&lines);
	if (result)
		output_failed(app);
	else
		app->exit_code = (int)verdict;
}

/* Looks until sysfs has been read, or does not answer; recordings and logs are read to the end. */
static void tell_doctor(struct app *app)
{
	take_snapshot(app, false);
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
		take_snapshot(app, false);
		write_frame(app);
	}
	if (app->options.iterations && ++app->frames >= app->options.iterations)
		app->done = true;
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

static void drain_live(struct app *app, uint64_t now_ns, bool tick)
{
	const struct event_sink sink = {
		.emit = on_event, .context = app, .emit_traffic = on_traffic};
	/* Both clocks are read together: the drain reads the watermark first of all. */
	uint64_t wall_ns = clock_ns(CLOCK_REALTIME), watermark_ns;
	int fullness = live_drain(app->live, &sink, tick, &watermark_ns);

	app->watermark_ns = watermark_ns;
	app->drain_gap_ns = next_gap_ns(app->drain_gap_ns, fullness);
	app->next_drain_ns = now_ns + app->drain_gap_ns;
	if (tick)
		apply_tick(app, watermark_ns, wall_ns);
}

/* ---- keys ---- */

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
	take_snapshot(app, app->ui.paused);
}

static void toggle_since(struct app *app)
{
	app->has_since = !app->has_since;
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
	drain_live(app, clock_ns(CLOCK_MONOTONIC), false);
	if (!app->ui.paused)
		take_snapshot(app, false);
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
	drain_live(app, clock_ns(CLOCK_MONOTONIC), false);
	if (!app->ui.paused)
		take_snapshot(app, false);
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

/* Once an opening: nothing is read that nobody looks at. */
static void look_at_open_group(struct app *app)
{
	uint32_t group = ui_place(&app->ui)->group;

	if (group == app->looked)
		return;
	app->looked = group;
	if (app->live && group != NO_GROUP)
		live_look(app->live, group, false);
}

static void toggle_record(struct app *app)
{
	struct recorder *recorder = &app->recorder;
	struct error error;

	if (is_past(app))
		return;
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
	app->options.delay_ms = options_step_delay(app->options.delay_ms, longer);
	app->next_tick_ns = clock_ns(CLOCK_MONOTONIC) + app->options.delay_ms * MS;
	ui_notice(&app->ui, "interval %.1f s", (double)app->options.delay_ms / 1000);
}

/* NULL: none. */
static const uint32_t *wanted_group(const struct app *app)
{
	return app->options.group == NO_GROUP ? NULL : &app->options.group;
}

/* Whose the addresses of a saved log or trace are tells only a copy of that machine's /sys. */
static void tell_names(struct app *app)
{
	const struct sysfs_options sysfs = {.root = app->options.sysfs,
	                                    .pci_ids = app->options.pci_ids,
	                                    .look = wanted_group(app)};
	const struct event_sink sink = {.emit = on_event, .context = app};
	const struct event off = event_health(
		0, SOURCE_SYSFS, HEALTH_OFF,
		app->kernel_log ? "a log tells no groups: --sysfs DIR has them, with a copy of its "
				  "machine's /sys"
				: "a trace tells no groups: --sysfs DIR has them, with a copy of "
				  "its machine's /sys");

	if (app->playback && playback_is_own(app->playback))
		return;
	if (!sysfs.root)
		on_event(app, &off);
	else if (sysfs_walk_once(&sysfs, &sink, &app->error))
		fail(app, EXIT_RUNTIME);
}

/* What has been heard so far is heard again. */
static void begin_anew(struct app *app)
{
	model_free(app->model);
	app->model = make_model(&app->options);
	snapshot_release(&app->snap);
	snapshot_release(&app->since);
	app->snap = app->since = (struct snapshot){0};
	app->has_since = false;
	tell_names(app);
	take_snapshot(app, false);
}

static void go_to(struct app *app, enum playback_leap leap)
{
	struct error error;
	int result = playback_go(app->playback, leap, NULL, &error);

	if (result < 0)
		ui_notice(&app->ui, "%s", error.text);
	if (result > 0)
		begin_anew(app);
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

static void suspend(struct app *app)
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
		suspend(app);
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
static void take_keys(struct app *app)
{
	for (int i = 0; i < KEYS_A_TURN && app->screen && !app->done; i++) {
		struct frame_input input = frame_input(app);
		struct view_context context = frame_context(&input, &app->ui);
		enum screen_id before = ui_place(&app->ui)->screen;
		uint32_t key = screen_key(app->screen), domain;

		if (key == INPUT_NONE)
			break;
		domain = ui_domain(&app->ui, &context);
		obey(app, ui_key(&app->ui, key, &context), domain);
		/* Opening the log wants it filled; and the next key of a quick typist must meet the
		 * rows of the screen that this one led to. */
		if (ui_place(&app->ui)->screen != before && !app->ui.paused)
			take_snapshot(app, false);
		look_at_open_group(app);
		compose(app);
		app->dirty = true;
	}
}

/* ---- the loop ---- */

/* Ticks keep their beat; one that came very late starts a new beat instead of a burst. */
static void turn_live(struct app *app)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t delay_ns = app->options.delay_ms * MS;
	bool tick = now_ns >= app->next_tick_ns;

	if (tick || now_ns >= app->next_drain_ns)
		drain_live(app, now_ns, tick);
	if (!tick)
		return;
	app->next_tick_ns += delay_ns;
	if (app->next_tick_ns <= now_ns)
		app->next_tick_ns = now_ns + delay_ns;
	tell(app);
}

/* On the screen a frame a portion, in batch one a tick of the recording. */
static void turn_replay(struct app *app)
{
	const struct event_sink sink = {
		.emit = on_event, .context = app, .emit_traffic = on_traffic};
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	size_t left = REPLAY_PORTION, taken;

	for (; left && !app->done; left -= taken) {
		taken = playback_take(app->playback, now_ns, left, &sink);
		if (!taken)
			break;
		if (!app->events_after_tick)
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
	const struct event_sink sink = {.emit = on_event, .context = app};
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
		suspend(app);
	if (signals_take_reopen())
		outfile_reopen(app->file);
}

/* The end of the first walk of sysfs, a fault, a class: on the screen without waiting for a tick.
 */
static void refresh_snapshot(struct app *app)
{
	if (!app->screen || !app->stale || app->ui.paused)
		return;
	take_snapshot(app, false);
	app->dirty = true;
}

static void turn_loop(struct app *app)
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
			draw(app);
		take_keys(app);
		if (app->screen && app->dirty && !app->done)
			draw(app);
	}
}

/* ---- up and down ---- */

static void emergency(void)
{
	trace_emergency_cleanup();
	screen_emergency_restore();
}

static bool wants_colour(const struct options *options)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	if (options->colour != COLOUR_AUTO)
		return options->colour == COLOUR_ALWAYS;
	return !(no_colour && *no_colour) && !(term && !strcmp(term, "dumb"));
}

static int open_output_file(struct app *app)
{
	app->file = outfile_open(app->options.output_file, app->options.prometheus, &app->error);
	if (app->file)
		signals_reopen_on_hup();
	return app->file ? 0 : -1;
}

static int open_screen(struct app *app)
{
	if (app->options.output == OUTPUT_RECORD)
		return 0;
	if (app->options.prometheus)
		app->prometheus = prometheus_new(options_version);
	if (app->options.output_file)
		return open_output_file(app);
	if (app->options.output != OUTPUT_SCREEN)
		return open_out(app);
	app->screen = screen_open(wants_colour(&app->options), &app->error);
	return app->screen ? 0 : -1;
}

static struct kernel_log *open_kernel_log(struct app *app)
{
	uint64_t wall_ns = clock_ns(CLOCK_REALTIME);

	return kernel_log_open(app->options.kernel_log, wall_ns, utc_offset_s(wall_ns),
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
	if (app->options.sysfs)
		return error_set(&app->error, EINVAL,
		                 "--replay and --sysfs: a recording of iommutop has the names of "
		                 "its own machine; choose one of them");
	if (app->options.record)
		return error_set(&app->error, EINVAL,
		                 "--record and --replay: a recording is already a file; copy it");
	return 0;
}

static int open_files(struct app *app)
{
	const struct options *options = &app->options;

	if (options->replay)
		app->playback = open_playback(app);
	if (options->kernel_log)
		app->kernel_log = open_kernel_log(app);
	if ((options->replay && !app->playback) || (options->kernel_log && !app->kernel_log))
		return -1;
	if (app->playback && playback_is_own(app->playback) && check_own_recording(app))
		return -1;
	return options->record ? recorder_open(&app->recorder, options->record, &app->error) : 0;
}

static int open_live(struct app *app)
{
	if (app->playback || app->kernel_log)
		return 0;
	app->live = live_open(&app->options, &app->error);
	return app->live ? 0 : -1;
}

static void start_live(struct app *app)
{
	const struct event_sink sink = {.emit = on_event, .context = app};

	app->drain_gap_ns = DRAIN_LEAST_NS;
	live_start(app->live, &sink);
	look_at_open_group(app);
	app->next_tick_ns = clock_ns(CLOCK_MONOTONIC) + app->options.delay_ms * MS;
	/* The first tick opens the first interval. */
	drain_live(app, clock_ns(CLOCK_MONOTONIC), true);
}

static void close_all(struct app *app)
{
	struct error error;

	/* The machine first: a terminal that takes nothing can hold up the rest. */
	live_close(app->live);
	app->live = NULL;
	if (app->out)
		fclose(app->out);
	signals_begin_write();
	screen_close(app->screen);
	signals_end_write();
	playback_close(app->playback);
	kernel_log_close(app->kernel_log);
	if (recorder_end(&app->recorder, &error) && !app->error.text[0]) {
		app->error = error;
		app->exit_code = EXIT_RUNTIME;
	}
	/* Who asked for so many frames has them; metrics of one who is gone look like peace. */
	outfile_close(app->file, signals_end() || app->exit_code);
	prometheus_free(app->prometheus);
	model_free(app->model);
	snapshot_release(&app->snap);
	snapshot_release(&app->since);
	ui_release(&app->ui);
	canvas_release(&app->canvas);
}

static void run(struct app *app)
{
	signals_install(emergency);
	/* A library that calls exit() must not leave a trace instance behind. */
	atexit(emergency);
	/* The screen before the trace: in the background it stops us, and nothing must be on then.
	 */
	if (open_files(app) || open_screen(app) || open_live(app)) {
		fail(app, EXIT_RUNTIME);
		return;
	}
	if (app->live)
		start_live(app);
	if (app->kernel_log || app->playback)
		tell_names(app);
	if (app->screen && !app->done) {
		take_snapshot(app, false);
		draw(app);
	}
	turn_loop(app);
	/* What came after the recording's last tick belongs to its end. */
	if (app->playback && !app->screen && app->replay_ended && app->events_after_tick)
		tell(app);
	if (app->options.output == OUTPUT_DOCTOR && !app->exit_code && !signals_end())
		write_doctor(app);
	if (app->options.last_only && !signals_end() && !app->exit_code) {
		take_snapshot(app, false);
		write_frame(app);
	}
	if (app->file_failing)
		app->exit_code = EXIT_RUNTIME;
}

/* -1: no loop, no clock; groups and units as they are, or as a recording leaves them. */
static void run_list(struct app *app)
{
	const struct options *options = &app->options;
	const struct sysfs_options sysfs = {
		.root = options->sysfs ? options->sysfs : "/sys",
		.pci_ids = options->pci_ids,
		.look = wanted_group(app),
		.procfs = options->procfs  ? options->procfs
	                  : options->sysfs ? NULL
	                                   : "/proc",
	};
	const struct event_sink sink = {
		.emit = on_event, .context = app, .emit_traffic = on_traffic};
	struct output_filter filter = output_filter(app);

	if (options->replay) {
		if (open_files(app)) {
			fail(app, EXIT_RUNTIME);
			return;
		}
		tell_names(app);
		playback_hear(app->playback, &sink);
	} else if (sysfs_walk_once(&sysfs, &sink, &app->error)) {
		fail(app, EXIT_RUNTIME);
		return;
	} else {
		live_tell_machine(options, 0, &sink);
	}
	take_snapshot(app, false);
	if (filter.group != NO_GROUP && !snapshot_group_by_id(&app->snap, filter.group)) {
		error_set(&app->error, ENOENT, "--group: there is no group %u here", filter.group);
		fail(app, EXIT_RUNTIME);
		return;
	}
	if (options->json ? json_write(stdout, &app->snap, &filter)
	                  : list_write(stdout, &app->snap, &filter))
		output_failed(app);
}

static void run_cleanup(struct app *app)
{
	if (trace_sweep(app->options.tracefs, stdout, &app->error) < 0)
		fail(app, EXIT_RUNTIME);
}

static void run_recipe(struct app *app)
{
	const struct options *options = &app->options;
	struct recipe_options recipe = {
		.procfs = options->procfs ? options->procfs : "/proc",
		.sysfs = options->sysfs ? options->sysfs : "/sys",
	};
	struct utsname name = {0};

	uname(&name);
	recipe.release = name.release;
	if (recipe_write(stdout, &recipe))
		output_failed(app);
}

static void write_diff(struct app *app, struct snapshot snaps[2], const uint64_t watched_ns[2])
{
	struct comparison comparison = {0};
	struct diff diff = {.comparison = &comparison};

	for (size_t i = 0; i < 2; i++) {
		diff.names[i] = app->options.diff[i];
		diff.sides[i] = (struct compare_side){&snaps[i], watched_ns[i]};
	}
	compare(&diff.sides[0], &diff.sides[1], &comparison);
	if (app->options.json ? json_diff(stdout, &diff)
	                      : diff_write(stdout, &diff, app->canvas.ascii))
		output_failed(app);
	compare_release(&comparison);
}

static void run_diff(struct app *app)
{
	struct snapshot snaps[2] = {0};
	uint64_t watched_ns[2];

	if (watched_read(app->options.diff[0], &snaps[0], &watched_ns[0], &app->error) ||
	    watched_read(app->options.diff[1], &snaps[1], &watched_ns[1], &app->error))
		fail(app, EXIT_RUNTIME);
	else
		write_diff(app, snaps, watched_ns);
	snapshot_release(&snaps[0]);
	snapshot_release(&snaps[1]);
}

static void finish_output(struct app *app)
{
	if (fflush(stdout))
		output_failed(app);
}

static void print_version(void)
{
	printf("iommutop %s\n", options_version);
}

static void run_output(struct app *app)
{
	switch (app->options.output) {
	case OUTPUT_HELP:
		options_print_help(stdout);
		finish_output(app);
		break;
	case OUTPUT_VERSION:
		print_version();
		finish_output(app);
		break;
	case OUTPUT_CLEANUP:
		run_cleanup(app);
		break;
	case OUTPUT_LIST:
		run_list(app);
		break;
	case OUTPUT_RECIPE:
		run_recipe(app);
		break;
	case OUTPUT_DIFF:
		run_diff(app);
		break;
	case OUTPUT_DOCTOR:
		app->options.delay_ms = DOCTOR_TICK_MS;
		run(app);
		break;
	default:
		run(app);
		break;
	}
}

static int check_usage(struct app *app, int argc, char **argv)
{
	const char *past;

	if (options_parse(&app->options, argc, argv, &app->error))
		return -1;
	past = app->options.kernel_log ? app->options.kernel_log : app->options.replay;
	if (app->options.output == OUTPUT_SCREEN && !isatty(STDOUT_FILENO))
		return error_set(
			&app->error, EINVAL,
			"standard output is no terminal: use -b, -1, --json or --csv for output "
			"without one");
	if (app->options.output == OUTPUT_SCREEN && past && !strcmp(past, "-") &&
	    isatty(STDIN_FILENO))
		return error_set(&app->error, EINVAL,
		                 "--%s -: standard input is the terminal, which the screen needs: "
		                 "give a file or a pipe",
		                 app->options.kernel_log ? "kernel-log" : "replay");
	return 0;
}

/* Closed by whoever started us, the next file opened would take their numbers, and our output. */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	static struct app app;

	open_standard_files();
	/* Only the character set is taken from the locale: a decimal comma would break output. */
	setlocale(LC_CTYPE, "");
	if (check_usage(&app, argc, argv)) {
		fprintf(stderr, "iommutop: %s\n", app.error.text);
		return EXIT_USAGE;
	}
	app.model = make_model(&app.options);
	app.looked = NO_GROUP;
	app.canvas.ascii = app.options.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	ui_init(&app.ui, app.options.group);
	if (app.options.kernel_log)
		ui_begin_with_faults(&app.ui);
	if (app.options.filter)
		ui_filter_all(&app.ui, app.options.filter);
	run_output(&app);
	close_all(&app);
	if (app.error.text[0] && app.exit_code)
		fprintf(stderr, "iommutop: %s\n", app.error.text);
	if (trace_left_behind(&app.error))
		fprintf(stderr, "iommutop: %s\n", app.error.text);
	if (signals_end())
		signals_raise(signals_end());
	return app.exit_code;
}
