/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_PICTURE_H
#define IOMMUTOP_TESTS_PICTURE_H

/* All that can be seen of a model, as one text: every screen with its log, the details of every
 * domain and row of faults, the object that --json writes. Behind cmocka.h. */

#include <stdio.h>
#include <stdlib.h>

#include "frame.h"
#include "model.h"
#include "sinks/json.h"

static inline void paint_place(FILE *out, const struct snapshot *snap, const struct place *place)
{
	const struct frame_input input = {
		.snap = snap, .playback = {.position = -1}, .whole = true};
	struct canvas canvas = {0};
	struct ui ui;
	char text[200 * 4 + 1];

	ui_init(&ui, NO_GROUP);
	ui.places[ui.depth - 1] = *place;
	canvas_resize(&canvas, frame_rows(&ui, &input, 200), 200);
	frame_draw(&canvas, &ui, &input);
	for (int row = 0; row < canvas.rows; row++) {
		canvas_row_text(&canvas, row, text);
		fprintf(out, "%s\n", text);
		canvas_row_roles(&canvas, row, text);
		fprintf(out, "%s\n", text);
	}
	canvas_release(&canvas);
	ui_release(&ui);
}

static inline void paint(FILE *out, struct model *model, struct snapshot *snap, struct place place)
{
	const struct snapshot_want want = {
		.log = true, .sizes = true, .domain = place.domain, .fault = place.fault};

	model_snapshot(model, &want, snap);
	paint_place(out, snap, &place);
}

/* To be freed. */
static inline char *picture_of(struct model *model)
{
	struct place all = {SCREEN_OVERVIEW, NO_GROUP, NO_DOMAIN, NO_FAULT}, place = all;
	const struct output_filter filter = {.group = NO_GROUP};
	struct snapshot snap = {0};
	char *picture = NULL;
	size_t bytes;
	FILE *out = open_memstream(&picture, &bytes);

	paint(out, model, &snap, place);
	place.screen = SCREEN_LOG;
	paint(out, model, &snap, place);
	for (size_t i = 0; i < snap.group_count; i++) {
		place.screen = SCREEN_GROUP;
		place.group = snap.groups[i].id;
		paint(out, model, &snap, place);
	}
	place = all;
	for (size_t i = 0; i < snap.domain_count; i++) {
		place.screen = SCREEN_DOMAIN;
		place.domain = snap.domains[i].id;
		paint(out, model, &snap, place);
	}
	place = all;
	for (size_t i = 0; i < snap.fault_count; i++) {
		place.screen = SCREEN_FAULT;
		place.fault = snap.faults_seen[i].id;
		paint(out, model, &snap, place);
	}
	json_write(out, &snap, &filter);
	fclose(out);
	snapshot_release(&snap);
	return picture;
}

#endif
