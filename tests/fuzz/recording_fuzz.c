// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recording_fuzz: bytes as a recording, of our own or of others, played into a model that is looked
 * at, left in the middle and come back to.
 * In: libFuzzer's bytes. Out: nothing, or an abort where the second time ends in another way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "frame.h"
#include "model.h"
#include "playback.h"
#include "sinks/json.h"

/* Small, so that every edge is met, and soon. */
static const struct model_limits little = {
	.faults = 8,
	.occurrences = 4,
	.notes = 4,
	.history_bytes = 16384,
	.log = 32,
	.boot = 8,
	.tasks = 16,
	.domains = 8,
	.former = 4,
	.transitions = 8,
	.units = 4,
	.groups = 16,
	.devices = 16,
	.pool_bytes = 65536,
};

/* A moment to come back to; which tick it is the bytes say. */
struct moment {
	size_t tick;
	struct model *model;
	struct playback_place *place;
};

struct hearing {
	struct model *model;
	size_t ticks;
	struct moment *moment;
	struct playback *playback;
};

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void hear(void *context, const struct event *ev)
{
	struct hearing *hearing = context;

	expect(ev->kind < EVENT_KIND_COUNT);
	model_apply(hearing->model, ev);
	hearing->ticks += ev->kind == EVENT_TICK;
}

static char *json_of(struct model *model)
{
	const struct snapshot_want want = {.log = true, .sizes = true, .domain = NO_DOMAIN};
	const struct output_filter all = {.group = NO_GROUP};
	struct snapshot snap = {0};
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	model_snapshot(model, &want, &snap);
	expect(out && !json_write(out, &snap, &all));
	fclose(out);
	snapshot_release(&snap);
	return text;
}

static void draw(struct model *model)
{
	const struct snapshot_want want = {.log = true, .domain = NO_DOMAIN};
	struct frame_input input = {.playback = {.position = -1}};
	struct snapshot snap = {0};
	struct canvas canvas = {0};
	struct ui ui;

	model_snapshot(model, &want, &snap);
	input.snap = &snap;
	ui_init(&ui, NO_GROUP);
	canvas_resize(&canvas, 40, 120);
	frame_draw(&canvas, &ui, &input);
	canvas_release(&canvas);
	ui_release(&ui);
	snapshot_release(&snap);
}

/* The end of what is left, as JSON. */
static char *hear_all(struct hearing *hearing)
{
	const struct event_sink sink = {.emit = hear, .context = hearing};
	struct moment *moment = hearing->moment;

	while (playback_take(hearing->playback, 0, 1000, &sink))
		if (moment && !moment->model && hearing->ticks >= moment->tick) {
			moment->model = model_copy(hearing->model);
			moment->place = playback_here(hearing->playback);
			draw(hearing->model);
		}
	draw(hearing->model);
	return json_of(hearing->model);
}

static void play(struct playback *playback, size_t tick)
{
	struct moment moment = {.tick = tick};
	struct hearing hearing = {
		.model = model_new(&little), .moment = &moment, .playback = playback};
	char *first = hear_all(&hearing), *second;
	struct error err;

	model_free(hearing.model);
	if (moment.place && !playback_return(playback, moment.place, &err)) {
		hearing = (struct hearing){.model = moment.model, .playback = playback};
		second = hear_all(&hearing);
		expect(!strcmp(first, second));
		free(second);
	}
	model_free(moment.model);
	playback_place_free(moment.place);
	free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", 0);
	struct error err = {.text = ""};
	struct playback *playback;
	char path[40];

	expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	playback = playback_open(path, 1000000000u, SPEED_MAX, &err);
	expect(playback || err.text[0]);
	if (playback)
		play(playback, size ? data[size - 1] % 8 : 0);
	playback_close(playback);
	close(fd);
	return 0;
}
