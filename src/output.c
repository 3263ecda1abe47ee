// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * output: what a run shows: its screen; frames, objects and rows without one; files of them.
 *
 * In: snapshots. Out: the terminal, standard output, a file. Must never know: where events come
 * from.
 */
#include "app.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "doctor.h"
#include "lines.h"
#include "signals.h"
#include "sinks/csv.h"
#include "sinks/json.h"
#include "sinks/list.h"
#include "util.h"

#define BATCH_COLUMNS 120
/* So much a pipe takes whole where it takes any (PIPE_BUF). */
#define OUT_BYTES 4096

/* ---- the screen ---- */

static struct frame_playback frame_playback(const struct app *app)
{
	return (struct frame_playback){
		.position = playback_position(app->playback),
		.elapsed_ns = playback_elapsed_ns(app->playback),
		.speed = app->options.speed,
		.held = playback_is_held(app->playback),
	};
}

struct frame_input output_input(const struct app *app)
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
	                                        : clock_utc_offset_s(app->snap.wall_ns),
		.whole = !app->screen,
	};
}

void output_compose(struct app *app)
{
	struct frame_input input = output_input(app);
	int rows, columns;

	screen_size(app->screen, &rows, &columns);
	canvas_resize(&app->canvas, rows, columns);
	frame_draw(&app->canvas, &app->ui, &input);
}

void output_draw(struct app *app)
{
	output_compose(app);
	signals_begin_write();
	screen_flush(app->screen, &app->canvas);
	signals_end_write();
	app->dirty = false;
}

/* ---- without one ---- */

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
	struct frame_input input = output_input(app);
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

struct output_filter output_filter(struct app *app)
{
	const struct options *options = &app->options;

	if (options->filter)
		choice_make(&app->choice, &app->snap, options->group, options->filter,
		            output_input(app).utc_offset_s);
	return (struct output_filter){
		.group = options->group, .needle = options->filter, .choice = &app->choice.rows};
}

/* A reader that has gone (head, less) is no error; a full disk is one. */
void output_failed(struct app *app)
{
	if (errno != EPIPE)
		error_set(&app->error, errno, "cannot write to standard output: %s",
		          strerror(errno));
	app_fail(app, errno == EPIPE ? EXIT_FINE : EXIT_RUNTIME);
}

static int write_form(struct app *app, FILE *out, bool titles)
{
	struct output_filter filter;

	if (app->options.prometheus)
		return prometheus_write(app->prometheus, out, &app->snap);
	/* Its tables are filtered as those of the screen are. */
	if (!app->options.json && !app->options.csv)
		return write_text_frame(app, out);
	filter = output_filter(app);
	return app->options.json ? json_write(out, &app->snap, &filter)
	                         : csv_write(out, &app->snap, &filter, titles);
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

void output_frame(struct app *app)
{
	if (app->file)
		write_file_frame(app);
	else if (write_form(app, app->out, !app->titles_told))
		output_failed(app);
	app->titles_told = true;
}

static void write_verdict(struct app *app)
{
	struct lines lines = {0};
	enum doctor_verdict verdict;
	int result;

	app_snapshot(app, false);
	verdict = doctor_say(&app->snap, &lines);
	result = app->options.json ? json_doctor(app->out, doctor_verdict_word(verdict), &lines)
	                           : list_lines(app->out, &lines);
	lines_release(&lines);
	if (result)
		output_failed(app);
	else
		app->exit_code = (int)verdict;
}

/* ---- opening ---- */

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

int output_open(struct app *app)
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

void output_end(struct app *app)
{
	if (app->options.output == OUTPUT_DOCTOR && !app->exit_code && !signals_end())
		write_verdict(app);
	if (app->options.last_only && !signals_end() && !app->exit_code) {
		app_snapshot(app, false);
		output_frame(app);
	}
	if (app->file_failing)
		app->exit_code = EXIT_RUNTIME;
}
