/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_APP_H
#define IOMMUTOP_APP_H

/*
 * The hall: one run of the program, and the rooms that walk it through the house. For these rooms
 * only, which are
 *
 *	main.c     which run it is; builds it up and takes it down; the one error, the exit code
 *	app.c      what a run starts with; the picture that is taken of its model
 *	intake.c   what it hears: opens the sources, brings their events into the model
 *	turn.c     the loop: waits, drains, ticks
 *	obey.c     what a key asks for is done
 *	output.c   what it shows: screen, frames without one, files
 *	runs.c     runs without a loop: -1, diff, --recipe, --cleanup
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "canvas.h"
#include "choice.h"
#include "error.h"
#include "event.h"
#include "frame.h"
#include "live.h"
#include "model.h"
#include "options.h"
#include "past.h"
#include "playback.h"
#include "recorder.h"
#include "screen.h"
#include "sinks/outfile.h"
#include "sinks/prometheus.h"
#include "snapshot.h"
#include "sources/kernel_log.h"
#include "sources/saved_topology.h"
#include "ui.h"

enum exit_code { EXIT_FINE = 0, EXIT_RUNTIME = 1, EXIT_USAGE = 2 };

#define MS 1000000ull /* nanoseconds */

struct app {
	struct options options;
	struct model *model;
	struct snapshot snap, since;
	bool has_since, since_waits; /* since, until there is what it is to be a copy of */
	struct ui ui;
	struct canvas canvas;

	struct live *live; /* one of these three */
	struct playback *playback;
	struct past *past; /* of the playback, where there is a screen; else NULL */
	struct kernel_log *kernel_log;
	struct saved_topology *topology; /* names of the machine that the last two are about */
	bool replay_ended;               /* or the saved log */
	bool kernel_log_waits;           /* for whoever writes to it */
	bool class_on[CLASS_COUNT];      /* as the sources told last */
	struct recorder recorder;        /* stopped: app->error says why */
	struct screen *screen;           /* NULL: output without one */
	FILE *out;                       /* frames without a screen; flushed after each */
	struct outfile *file;            /* in the place of out, if asked for */
	struct prometheus *prometheus;
	struct choice choice; /* of the rows of output, where a text was asked for */
	bool titles_told;     /* to out */
	bool file_failing;    /* as of the last frame; the first that failed was told */

	uint64_t next_drain_ns, next_tick_ns, drain_gap_ns; /* CLOCK_MONOTONIC */
	uint64_t watermark_ns; /* on the timeline: all up to here has been applied */
	uint64_t frames;
	uint32_t looked; /* the open group, of which more is read; NO_GROUP */
	bool dirty;      /* the screen has to be drawn */
	bool stale;      /* the snapshot has to be taken anew, tick or not */
	bool gone_back;  /* the snapshot is of the model before */
	bool done, events_after_tick;
	int exit_code;
	struct error error; /* said at the end, if that is not a fine one */
};

/* ---- app.c ---- */

/* Behind options, which have been read. */
void app_init(struct app *app);
void app_release(struct app *app);

/* The run ends, with this code and app->error. */
void app_fail(struct app *app, enum exit_code code);

/* Gone back, and not there yet: what the model has is of a moment that nobody asked for. */
bool app_is_on_its_way_back(const struct app *app);

/* Takes app->snap, not to be asked for on the way back; everything: for whatever screen may be
 * looked at while it is held still. */
void app_snapshot(struct app *app, bool everything);

/* What was heard so far, the since-mark with it, is forgotten, but for what this model knows, which
 * is the app's from now on; NULL: all of it. */
void app_forget(struct app *app, struct model *model);

/* The group that was asked for, NULL: none. */
const uint32_t *app_wanted_group(const struct app *app);

/* ---- intake.c ---- */

/* Files that are read or recorded to. -1: app->error says why; so do the next ones. */
int intake_open_files(struct app *app);
/* The sources of this machine, where no file is in their place. */
int intake_open_live(struct app *app);
/* The first events of what was opened, and the names of a machine that is not this one. */
void intake_start(struct app *app);

/* What sources tell goes through this door, into the model and what is being recorded. */
void intake_event(struct app *app, const struct event *ev);
struct event_sink intake_sink(struct app *app);

/* Takes what this machine's sources have; tick: and ends an interval. now_ns is CLOCK_MONOTONIC. */
void intake_drain(struct app *app, uint64_t now_ns, bool tick);
/* Ends the interval that is, early if need be; the next tick is a whole one away. Live only. */
void intake_begin_interval(struct app *app);

/* Names of the machine that a recording or a log is about. */
void intake_tell_names(struct app *app);

/* What has been heard so far is heard again: all of it, or, not NULL, what this model has not
 * heard.
 */
void intake_go_back(struct app *app, struct model *model);

/* More is read of a group that is open, once an opening: nothing is read that nobody looks at. */
void intake_look(struct app *app);

/* ---- turn.c ---- */

/* Until the run is over. */
void turn_loop(struct app *app);

/* ---- obey.c ---- */

/* The keys that have been pressed; not all of them, if they are many. */
void obey_keys(struct app *app);

/* Hands the terminal back, and is stopped until somebody wants us again. */
void obey_suspend(struct app *app);

/* ---- output.c ---- */

/* A screen, a file or standard output. -1: app->error says why. */
int output_open(struct app *app);

/* What a frame is made of, borrowed from app. */
struct frame_input output_input(const struct app *app);

/* Brings the panes up to date, so that a key finds the rows it is meant for. */
void output_compose(struct app *app);
/* Composes, and shows it on the screen. */
void output_draw(struct app *app);

/* One frame, object or set of rows, where there is no screen. */
void output_frame(struct app *app);

/* What is written once, at the end; a run may succeed or fail with it. */
void output_end(struct app *app);

/* For app->snap as it is now. */
struct output_filter output_filter(struct app *app);

/* Standard output could not be written to; errno says why. */
void output_failed(struct app *app);

/* ---- runs.c ---- */

/* Groups and units as they are, or as a recording leaves them. */
void runs_list(struct app *app);
void runs_diff(struct app *app);
void runs_recipe(struct app *app);
void runs_cleanup(struct app *app);

#endif
