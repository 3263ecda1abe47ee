// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main: chooses what runs, builds it up and takes it down, prints the one error, chooses the exit
 * code. Everything in between is another room's; app.h says which.
 *
 * In: argv. Out: the exit code. Must never know: an event, a cell.
 */
#include "app.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"
#include "sources/trace.h"

/* The doctor looks that often whether all has been read. */
#define DOCTOR_TICK_MS 100

static void emergency(void)
{
	trace_emergency_cleanup();
	screen_emergency_restore();
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
	past_free(app->past);
	playback_close(app->playback);
	kernel_log_close(app->kernel_log);
	if (recorder_end(&app->recorder, &error) && !app->error.text[0]) {
		app->error = error;
		app->exit_code = EXIT_RUNTIME;
	}
	/* Who asked for so many frames has them; metrics of one who is gone look like peace. */
	outfile_close(app->file, signals_end() || app->exit_code);
	prometheus_free(app->prometheus);
	app_release(app);
}

static void run(struct app *app)
{
	signals_install(emergency);
	/* A library that calls exit() must not leave a trace instance behind. */
	atexit(emergency);
	/* The screen before the trace: in the background it stops us, and nothing must be on then.
	 */
	if (intake_open_files(app) || output_open(app) || intake_open_live(app)) {
		app_fail(app, EXIT_RUNTIME);
		return;
	}
	intake_start(app);
	if (app->screen && !app->done) {
		app_snapshot(app, false);
		output_draw(app);
	}
	turn_loop(app);
	output_end(app);
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
		runs_cleanup(app);
		break;
	case OUTPUT_LIST:
		runs_list(app);
		break;
	case OUTPUT_RECIPE:
		runs_recipe(app);
		break;
	case OUTPUT_DIFF:
		runs_diff(app);
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
	app_init(&app);
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
