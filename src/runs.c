// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runs: what is done and over, without a loop: lists, comparisons, recipes, sweeping.
 *
 * In: options, what they name. Out: standard output. Must never know: a clock, a terminal.
 */
#include "app.h"

#include <errno.h>
#include <sys/utsname.h>

#include "compare.h"
#include "sinks/diff.h"
#include "sinks/json.h"
#include "sinks/list.h"
#include "sources/recipe.h"
#include "sources/sysfs.h"
#include "sources/trace.h"
#include "watched.h"

/* This machine, or a copy of another one's /sys. */
static int walk(struct app *app, const struct event_sink *sink)
{
	const struct options *options = &app->options;
	const struct sysfs_options sysfs = {
		.root = options->sysfs ? options->sysfs : "/sys",
		.pci_ids = options->pci_ids,
		.look = app_wanted_group(app),
		.procfs = options->procfs  ? options->procfs
	                  : options->sysfs ? NULL
	                                   : "/proc",
	};

	if (sysfs_walk_once(&sysfs, sink, &app->error))
		return -1;
	live_tell_machine(options, 0, sink);
	return 0;
}

static int hear_what_is_listed(struct app *app)
{
	const struct event_sink sink = intake_sink(app);

	if (!app->options.replay && !app->options.topology)
		return walk(app, &sink);
	if (intake_open_files(app))
		return -1;
	if (!app->playback) {
		saved_topology_tell(app->topology, true, &sink);
		return 0;
	}
	intake_tell_names(app);
	playback_hear(app->playback, &sink);
	return 0;
}

void runs_list(struct app *app)
{
	const struct options *options = &app->options;
	struct output_filter filter;

	if (hear_what_is_listed(app)) {
		app_fail(app, EXIT_RUNTIME);
		return;
	}
	app_snapshot(app, false);
	filter = output_filter(app);
	if (filter.group != NO_GROUP && !snapshot_group_by_id(&app->snap, filter.group)) {
		error_set(&app->error, ENOENT, "--group: there is no group %u here", filter.group);
		app_fail(app, EXIT_RUNTIME);
		return;
	}
	if (options->json ? json_write(stdout, &app->snap, &filter)
	                  : list_write(stdout, &app->snap, &filter))
		output_failed(app);
}

void runs_cleanup(struct app *app)
{
	if (trace_sweep(app->options.tracefs, stdout, &app->error) < 0)
		app_fail(app, EXIT_RUNTIME);
}

void runs_recipe(struct app *app)
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

void runs_diff(struct app *app)
{
	struct snapshot snaps[2] = {0};
	uint64_t watched_ns[2];

	if (watched_read(app->options.diff[0], &snaps[0], &watched_ns[0], &app->error) ||
	    watched_read(app->options.diff[1], &snaps[1], &watched_ns[1], &app->error))
		app_fail(app, EXIT_RUNTIME);
	else
		write_diff(app, snaps, watched_ns);
	snapshot_release(&snaps[0]);
	snapshot_release(&snaps[1]);
}
