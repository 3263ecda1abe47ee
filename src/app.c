// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * app: what one run of the program is made of, and the picture that is taken of its model.
 *
 * In: options. Out: struct app. Must never know: what fills the model, who looks at the picture.
 */
#include "app.h"

#include <langinfo.h>
#include <string.h>

static struct model *make_model(const struct options *options)
{
	struct model_limits limits = model_default_limits;

	if (options->history_bytes != HISTORY_DEFAULT)
		limits.history_bytes = options->history_bytes;
	return model_new(&limits);
}

void app_init(struct app *app)
{
	const struct options *options = &app->options;

	app->model = make_model(options);
	app->looked = NO_GROUP;
	app->canvas.ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	ui_init(&app->ui, options->group);
	if (options->kernel_log)
		ui_begin_with_faults(&app->ui);
	if (options->filter)
		ui_filter_all(&app->ui, options->filter);
}

void app_release(struct app *app)
{
	model_free(app->model);
	snapshot_release(&app->snap);
	snapshot_release(&app->since);
	choice_release(&app->choice);
	ui_release(&app->ui);
	canvas_release(&app->canvas);
}

void app_fail(struct app *app, enum exit_code code)
{
	app->exit_code = code;
	app->done = true;
}

bool app_is_on_its_way_back(const struct app *app)
{
	return app->gone_back && playback_is_leaping(app->playback);
}

void app_snapshot(struct app *app, bool everything)
{
	struct snapshot_want want = {
		.log = everything || ui_place(&app->ui)->screen == SCREEN_LOG,
		.sizes = app->options.json,
		.domain = ui_place(&app->ui)->domain,
		.fault = ui_place(&app->ui)->fault,
	};

	/* What it has of names and topology is another model's. */
	if (app->gone_back)
		snapshot_release(&app->snap);
	app->gone_back = false;
	model_snapshot(app->model, &want, &app->snap);
	app->stale = false;
	if (!app->since_waits)
		return;
	snapshot_copy(&app->since, &app->snap);
	app->has_since = true;
	app->since_waits = false;
}

void app_forget(struct app *app, struct model *model)
{
	model_free(app->model);
	app->model = model ? model : make_model(&app->options);
	app->gone_back = true;
	snapshot_release(&app->since);
	app->has_since = app->since_waits = false;
}

const uint32_t *app_wanted_group(const struct app *app)
{
	return app->options.group == NO_GROUP ? NULL : &app->options.group;
}
