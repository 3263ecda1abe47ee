// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_notes: what else the kernel's log says of IOMMUs and of the devices shown. Pure.
 *
 * A line about some device may come before the device is known, so those that are in no group are
 * kept, too, but in a ring of their own: they push out none that are shown.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static uint32_t device_of(struct model *model, text_id name)
{
	const char *text = model->texts.pool + name;
	const char *colon = strchr(text, ':');
	bool no_segment = colon && !strchr(colon + 1, ':');
	bool ambiguous;

	return name ? model_topology_find(model, text, no_segment, &ambiguous) : NO_NUMBER;
}

static bool is_shown(struct model *model, const struct snapshot_note *note)
{
	uint32_t device = device_of(model, note->device);

	return note->topic != NOTE_DEVICE ||
	       (device != NO_NUMBER && model->topology.devices[device].group != NO_GROUP);
}

void model_notes_add(struct model *model, const struct event *ev)
{
	struct snapshot_note shown = {
		.ts_ns = ev->ts_ns,
		.device = model_texts_id(&model->texts, ev->note.device),
		.device_index = NO_NUMBER,
		.topic = ev->note.topic,
		.level = ev->note.level,
		.before_start = model->start_ns && ev->ts_ns < model->start_ns,
	};
	struct note_ring *ring = &model->notes[!is_shown(model, &shown)];
	struct note *note;

	if (!model->limits.notes || shown.topic >= NOTE_TOPIC_COUNT || !ev->note.text)
		return;
	if (!ring->notes)
		ring->notes = xcalloc(model->limits.notes, sizeof(*ring->notes));
	shown.id = model->note_next++;
	note = &ring->notes[ring->count++ % model->limits.notes];
	free(note->text);
	*note = (struct note){.shown = shown, .text = xstrdup(ev->note.text)};
}

static size_t kept_of(const struct model *model, const struct note_ring *ring)
{
	return ring->count < model->limits.notes ? (size_t)ring->count : model->limits.notes;
}

/* Behind the names: lines are too many to be kept with them for good. */
static text_id put_text(struct snapshot *snap, const char *text)
{
	size_t size = strlen(text) + 1, need = snap->pool_bytes + size;
	text_id id = (text_id)snap->pool_bytes;

	model_reserve(&snap->pool, &snap->pool_capacity,
	              need > snap->pool_capacity ? need * 2 : need, 1);
	memcpy(snap->pool + id, text, size);
	snap->pool_bytes = need;
	return id;
}

static void put_ring(struct model *model, const struct note_ring *ring, struct snapshot *snap)
{
	size_t kept = kept_of(model, ring);

	for (size_t i = 0; i < kept; i++) {
		const struct note *note =
			&ring->notes[(ring->count - kept + i) % model->limits.notes];
		struct snapshot_note *out = &snap->notes[snap->note_count];
		uint32_t device = device_of(model, note->shown.device);

		if (!is_shown(model, &note->shown))
			continue;
		*out = note->shown;
		out->text = put_text(snap, note->text);
		if (device != NO_NUMBER)
			out->device_index = model->topology.places[device];
		snap->note_count++;
	}
}

static int compare_notes(const void *left, const void *right)
{
	const struct snapshot_note *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

void model_notes_snapshot(struct model *model, struct snapshot *snap)
{
	size_t kept = kept_of(model, &model->notes[0]) + kept_of(model, &model->notes[1]);

	model_reserve(&snap->notes, &snap->note_capacity, kept, sizeof(*snap->notes));
	snap->note_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(model->notes); i++)
		put_ring(model, &model->notes[i], snap);
	if (snap->note_count)
		qsort(snap->notes, snap->note_count, sizeof(*snap->notes), compare_notes);
}
