// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * golden: screens as they should be. Each argument is a script of lines:
 *
 *	recording FILE		what to replay
 *	machine NAME		or one look at a machine of tests/fixtures/machines
 *	size ROWS COLUMNS
 *	group N			start on a group's screen
 *	ascii
 *	play N | play all	on to the next N ticks, or to the end
 *	key NAME...		as the key table names them, or single characters
 *	screen			the sheet, each line behind a '|', up to "end"
 *	roles			the same as role letters
 *	json | list		what --json and -1 would say, up to "end"
 *
 * With UPDATE=1 in the environment the expected blocks are written anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "frame.h"
#include "live.h"
#include "model.h"
#include "sinks/json.h"
#include "sinks/list.h"
#include "sources/replay.h"
#include "sources/sysfs.h"
#include "ui.h"
#include "util.h"

#define LINE_BYTES 65536

#define MACHINES "build/machines" /* made by tests/fixtures/make_machine */

struct stage {
	struct model *model;
	struct replay *replay;
	struct snapshot snap, since;
	bool has_since;
	struct ui ui;
	struct canvas canvas;
	char recording[512];
	int rows, columns;
};

/* The script as read, and as it would have to be. */
struct script {
	const char *path;
	FILE *in;
	char *fresh;
	size_t fresh_bytes;
	FILE *out;
	unsigned int line, failures;
};

static void die(const struct script *script, const char *why)
{
	fprintf(stderr, "%s:%u: %s\n", script->path, script->line, why);
	exit(2);
}

static struct frame_input input_of(const struct stage *stage)
{
	const char *slash = strrchr(stage->recording, '/');

	return (struct frame_input){
		.snap = &stage->snap,
		.since = stage->has_since ? &stage->since : NULL,
		.recording = !stage->recording[0] ? NULL
	                     : slash              ? slash + 1
	                                          : stage->recording,
	};
}

static void look(struct stage *stage)
{
	const struct snapshot_want want = {.log = true,
	                                   .sizes = true,
	                                   .domain = ui_place(&stage->ui)->domain,
	                                   .fault = ui_place(&stage->ui)->fault};

	if (!stage->ui.paused)
		model_snapshot(stage->model, &want, &stage->snap);
}

static void draw(struct stage *stage)
{
	struct frame_input input = input_of(stage);

	canvas_resize(&stage->canvas, stage->rows, stage->columns);
	frame_draw(&stage->canvas, &stage->ui, &input);
}

static void play(struct stage *stage, uint64_t ticks)
{
	struct event ev;

	while (ticks && replay_next(stage->replay, &ev)) {
		model_apply(stage->model, &ev);
		ticks -= ev.kind == EVENT_TICK;
	}
	look(stage);
	draw(stage);
}

static uint32_t input_named(const char *name)
{
	if (!name[1])
		return (unsigned char)name[0];
	for (size_t i = 0; i < key_binding_count; i++)
		if (!strcmp(key_bindings[i].name, name))
			return key_bindings[i].input;
	return INPUT_NONE;
}

static void press(const struct script *script, struct stage *stage, const char *name)
{
	struct frame_input input = input_of(stage);
	struct view_context context = frame_context(&input, &stage->ui);
	uint32_t key = input_named(name);
	enum request request;

	if (key == INPUT_NONE)
		die(script, "no such key");
	request = ui_key(&stage->ui, key, &context);
	if (request == REQUEST_PAUSE)
		stage->ui.paused = !stage->ui.paused;
	if (request == REQUEST_SINCE) {
		stage->has_since = !stage->has_since;
		snapshot_copy(&stage->since, &stage->snap);
	}
	look(stage);
	draw(stage);
}

static bool read_line(struct script *script, char *line)
{
	if (!fgets(line, LINE_BYTES, script->in))
		return false;
	line[strcspn(line, "\n")] = '\0';
	script->line++;
	return true;
}

/* Compares a block of the script with what is so, and writes what is so. */
static void expect(struct script *script, const char *really)
{
	static char line[LINE_BYTES];
	unsigned int first_line = script->line;
	char *expected = NULL;
	size_t bytes = 0;
	FILE *block = open_memstream(&expected, &bytes);

	while (read_line(script, line) && strcmp(line, "end") != 0)
		fprintf(block, "%s\n", line);
	fclose(block);
	if (strcmp(expected, really) != 0 && !getenv("UPDATE")) {
		script->failures++;
		printf("%s:%u: differs; expected\n%sreally\n%s", script->path, first_line, expected,
		       really);
	}
	fprintf(script->out, "%send\n", really);
	free(expected);
}

static void expect_sheet(struct script *script, struct stage *stage, bool roles)
{
	char *text = xmalloc((size_t)stage->columns * 4 + 1);
	char *really = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&really, &bytes);

	for (int row = 0; row < stage->canvas.rows; row++) {
		if (roles)
			canvas_row_roles(&stage->canvas, row, text);
		else
			canvas_row_text(&stage->canvas, row, text);
		fprintf(out, "|%s\n", text);
	}
	fclose(out);
	expect(script, really);
	free(really);
	free(text);
}

static void expect_output(struct script *script, struct stage *stage,
                          int (*write)(FILE *, const struct snapshot *,
                                       const struct output_filter *))
{
	const struct output_filter filter = {.group = ui_place(&stage->ui)->group};
	char *really = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&really, &bytes);

	write(out, &stage->snap, &filter);
	fclose(out);
	expect(script, really);
	free(really);
}

static void open_recording(const struct script *script, struct stage *stage, const char *path)
{
	struct error err;

	copy_text(stage->recording, sizeof(stage->recording), path);
	stage->replay = replay_open(path, &err);
	if (!stage->replay)
		die(script, err.text);
}

static void apply(void *model, const struct event *ev)
{
	model_apply(model, ev);
}

/* As if each of its groups had been opened once. */
static void look_at_groups(const struct script *script, struct stage *stage,
                           struct sysfs_options options, const struct event_sink *sink)
{
	struct error err;

	look(stage);
	for (size_t i = 0; i < stage->snap.group_count; i++) {
		options.look = &stage->snap.groups[i].id;
		if (sysfs_walk_once(&options, sink, &err))
			die(script, err.text);
	}
}

static void look_at_machine(const struct script *script, struct stage *stage, const char *name)
{
	const struct event_sink sink = {.emit = apply, .context = stage->model};
	const struct event tick = {.kind = EVENT_TICK, .tick.wall_ns = 1700000000000000000};
	char sysfs[512], procfs[512];
	const struct options given = {.sysfs = sysfs, .procfs = procfs};
	const struct sysfs_options options = {
		.root = sysfs, .pci_ids = "tests/fixtures/pci.ids", .procfs = procfs};
	struct error err;

	snprintf(sysfs, sizeof(sysfs), MACHINES "/%s/sys", name);
	snprintf(procfs, sizeof(procfs), MACHINES "/%s/proc", name);
	live_tell_machine(&given, 0, &sink);
	if (sysfs_walk_once(&options, &sink, &err))
		die(script, err.text);
	look_at_groups(script, stage, options, &sink);
	model_apply(stage->model, &tick);
	look(stage);
	draw(stage);
}

static void obey(struct script *script, struct stage *stage, char *line)
{
	char *save = NULL;
	const char *word = strtok_r(line, " ", &save);
	char *rest = strtok_r(NULL, " ", &save);

	if (!word || *word == '#')
		return;
	if (!strcmp(word, "recording") && rest)
		open_recording(script, stage, rest);
	else if (!strcmp(word, "machine") && rest)
		look_at_machine(script, stage, rest);
	else if (!strcmp(word, "size") && rest) {
		stage->rows = atoi(rest);
		rest = strtok_r(NULL, " ", &save);
		stage->columns = rest ? atoi(rest) : 80;
		if (stage->canvas.cells)
			draw(stage);
	} else if (!strcmp(word, "group") && rest) {
		ui_release(&stage->ui);
		ui_init(&stage->ui, (uint32_t)atoi(rest));
	} else if (!strcmp(word, "ascii"))
		stage->canvas.ascii = true;
	else if (!strcmp(word, "play") && rest)
		play(stage, strcmp(rest, "all") ? (uint64_t)atoi(rest) : UINT64_MAX);
	else if (!strcmp(word, "key"))
		for (; rest; rest = strtok_r(NULL, " ", &save))
			press(script, stage, rest);
	else if (!strcmp(word, "screen") || !strcmp(word, "roles"))
		expect_sheet(script, stage, *word == 'r');
	else if (!strcmp(word, "json"))
		expect_output(script, stage, json_write);
	else if (!strcmp(word, "list"))
		expect_output(script, stage, list_write);
	else
		die(script, "what is this line to do?");
}

static void release(struct stage *stage)
{
	model_free(stage->model);
	replay_close(stage->replay);
	snapshot_release(&stage->snap);
	snapshot_release(&stage->since);
	ui_release(&stage->ui);
	canvas_release(&stage->canvas);
}

static void write_back(const struct script *script)
{
	FILE *file = fopen(script->path, "we");

	if (!file || fwrite(script->fresh, 1, script->fresh_bytes, file) != script->fresh_bytes ||
	    fclose(file))
		die(script, "cannot be written");
}

static unsigned int run(const char *path)
{
	static char line[LINE_BYTES];
	struct script script = {.path = path, .in = fopen(path, "re")};
	struct stage stage = {.model = model_new(&model_default_limits), .rows = 24, .columns = 80};

	if (!script.in)
		die(&script, "cannot be read");
	script.out = open_memstream(&script.fresh, &script.fresh_bytes);
	ui_init(&stage.ui, NO_GROUP);
	while (read_line(&script, line)) {
		fprintf(script.out, "%s\n", line);
		obey(&script, &stage, line);
	}
	fclose(script.in);
	fclose(script.out);
	if (getenv("UPDATE"))
		write_back(&script);
	printf("%s %s\n", script.failures ? "not ok" : "ok", path);
	free(script.fresh);
	release(&stage);
	return script.failures;
}

int main(int argc, char **argv)
{
	unsigned int failures = 0;

	for (int i = 1; i < argc; i++)
		failures += run(argv[i]) > 0;
	return failures > 0;
}
