// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_topology: units, groups and devices, as ATTR and GONE events tell them. Pure.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Where an attribute is kept: one row each. Texts as text_id, numbers as uint32_t. */
static const struct attribute_place {
	uint8_t offset;
	bool kept;
} places[ATTRIBUTE_COUNT] = {
	[ATTR_UNIT_VENDOR] = {offsetof(struct snapshot_unit, vendor), true},
	[ATTR_GROUP_DEFAULT_TYPE] = {offsetof(struct snapshot_group, default_type), true},
	[ATTR_GROUP_NAME] = {offsetof(struct snapshot_group, name), true},
	[ATTR_GROUP_SLOW_S] = {offsetof(struct snapshot_group, slow_s), true},
	[ATTR_DEVICE_GROUP] = {offsetof(struct snapshot_device, group), true},
	[ATTR_DEVICE_BUS] = {offsetof(struct snapshot_device, bus), true},
	[ATTR_DEVICE_UNIT] = {offsetof(struct snapshot_device, unit), true},
	[ATTR_DEVICE_NAME] = {offsetof(struct snapshot_device, model), true},
	[ATTR_DEVICE_CLASS_NAME] = {offsetof(struct snapshot_device, class_name), true},
	[ATTR_DEVICE_DRIVER] = {offsetof(struct snapshot_device, driver), true},
	[ATTR_DEVICE_CLASS] = {offsetof(struct snapshot_device, class_code), true},
	[ATTR_DEVICE_VENDOR_ID] = {offsetof(struct snapshot_device, vendor_id), true},
	[ATTR_DEVICE_DEVICE_ID] = {offsetof(struct snapshot_device, device_id), true},
	[ATTR_DEVICE_REVISION] = {offsetof(struct snapshot_device, revision), true},
	[ATTR_DEVICE_SLOW_S] = {offsetof(struct snapshot_device, slow_s), true},
};

static struct snapshot_unit *find_unit(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	text_id id = model_texts_id(&model->texts, name);
	size_t at = 0;

	if (!id)
		return NULL;
	while (at < t->unit_count && strcmp(model->texts.pool + t->units[at].name, name) < 0)
		at++;
	if (at < t->unit_count && t->units[at].name == id)
		return &t->units[at];
	t->units = grow(t->units, &t->unit_capacity, t->unit_count, sizeof(*t->units));
	memmove(t->units + at + 1, t->units + at, (t->unit_count++ - at) * sizeof(*t->units));
	t->units[at] = (struct snapshot_unit){.name = id};
	return &t->units[at];
}

/* Where the group is, or where it would have to go. */
static size_t group_place(const struct topology *t, uint32_t id)
{
	size_t low = 0, high = t->group_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->groups[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct snapshot_group *find_group(struct model *model, uint32_t id)
{
	struct topology *t = &model->topology;
	size_t at = group_place(t, id);

	if (at < t->group_count && t->groups[at].id == id)
		return &t->groups[at];
	t->groups = grow(t->groups, &t->group_capacity, t->group_count, sizeof(*t->groups));
	memmove(t->groups + at + 1, t->groups + at, (t->group_count++ - at) * sizeof(*t->groups));
	t->groups[at] = (struct snapshot_group){
		.id = id, .domain = NO_DOMAIN, .default_domain = NO_DOMAIN, .holder = NO_PROCESS};
	return &t->groups[at];
}

static struct snapshot_device *find_device(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	struct text_slot *slot = model_texts_intern(&model->texts, name);

	if (!slot)
		return NULL;
	if (slot->device != NO_NUMBER)
		return &t->devices[slot->device];
	t->devices = grow(t->devices, &t->device_capacity, t->device_count, sizeof(*t->devices));
	slot->device = (uint32_t)t->device_count++;
	t->devices[slot->device] = (struct snapshot_device){
		.name = slot->text,
		.group = NO_GROUP,
		.class_code = NO_NUMBER,
		.vendor_id = NO_NUMBER,
		.device_id = NO_NUMBER,
		.revision = NO_NUMBER,
	};
	return &t->devices[slot->device];
}

static void *find_subject(struct model *model, const struct event *ev)
{
	switch (ev->attr.subject) {
	case SUBJECT_UNIT:
		return find_unit(model, ev->attr.name);
	case SUBJECT_GROUP:
		return ev->attr.id == NO_GROUP ? NULL : find_group(model, ev->attr.id);
	case SUBJECT_DEVICE:
		return find_device(model, ev->attr.name);
	default:
		return NULL;
	}
}

static uint32_t value_of(struct model *model, const struct event *ev)
{
	if (attribute_infos[ev->attr.attribute].type == VALUE_TEXT)
		return model_texts_id(&model->texts, ev->attr.text);
	if (ev->attr.value < NO_NUMBER)
		return (uint32_t)ev->attr.value;
	/* "not slow" is 0; every other number that is not known is NO_NUMBER (= NO_GROUP) */
	return ev->attr.attribute == ATTR_DEVICE_SLOW_S || ev->attr.attribute == ATTR_GROUP_SLOW_S
	               ? 0
	               : NO_NUMBER;
}

void model_topology_attr(struct model *model, const struct event *ev)
{
	const struct attribute_place *place = &places[ev->attr.attribute];
	uint32_t value = value_of(model, ev);
	void *subject = place->kept ? find_subject(model, ev) : NULL;
	uint32_t old;

	if (!subject)
		return;
	memcpy(&old, (char *)subject + place->offset, sizeof(old));
	memcpy((char *)subject + place->offset, &value, sizeof(value));
	model->topology.version++;
	/* A group that nobody announced is there all the same, or its devices would not be shown.
	 */
	if (ev->attr.attribute == ATTR_DEVICE_GROUP && value != NO_GROUP)
		find_group(model, value);
	if (ev->attr.attribute == ATTR_DEVICE_DRIVER && old != value && model->topology_known)
		model_log_add(model, ev);
}

static void unit_gone(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	text_id id = model_texts_id(&model->texts, name);

	for (size_t i = 0; i < t->unit_count; i++) {
		if (t->units[i].name != id)
			continue;
		memmove(t->units + i, t->units + i + 1, (--t->unit_count - i) * sizeof(*t->units));
		return;
	}
}

static void group_gone(struct model *model, uint32_t id)
{
	struct topology *t = &model->topology;
	size_t at = group_place(t, id);

	if (at == t->group_count || t->groups[at].id != id)
		return;
	memmove(t->groups + at, t->groups + at + 1, (--t->group_count - at) * sizeof(*t->groups));
}

/* The last device moves into the place that becomes free. */
static void device_gone(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	struct text_slot *slot = model_texts_intern(&model->texts, name);
	uint32_t at = slot ? slot->device : NO_NUMBER;

	if (at == NO_NUMBER)
		return;
	slot->device = NO_NUMBER;
	if (at == --t->device_count)
		return;
	t->devices[at] = t->devices[t->device_count];
	model_texts_intern(&model->texts, model->texts.pool + t->devices[at].name)->device = at;
}

void model_topology_gone(struct model *model, const struct event *ev)
{
	model->topology.version++;
	switch (ev->attr.subject) {
	case SUBJECT_UNIT:
		unit_gone(model, ev->attr.name);
		break;
	case SUBJECT_GROUP:
		group_gone(model, ev->attr.id);
		break;
	case SUBJECT_DEVICE:
		device_gone(model, ev->attr.name);
		break;
	default:
		break;
	}
}

/* "00:02.0" is the end of "0000:00:02.0" and of "10000:00:02.0". */
static bool fits_any_segment(const char *device, const char *bdf)
{
	size_t device_length = strlen(device), length = strlen(bdf);

	return device_length > length && device[device_length - length - 1] == ':' &&
	       !strcmp(device + device_length - length, bdf);
}

uint32_t model_topology_find(struct model *model, const char *name, bool no_segment,
                             bool *ambiguous)
{
	const struct topology *t = &model->topology;
	const struct text_slot *slot;
	uint32_t found = NO_NUMBER;

	*ambiguous = false;
	if (!no_segment) {
		slot = model_texts_intern(&model->texts, name);
		return slot ? slot->device : NO_NUMBER;
	}
	for (uint32_t i = 0; i < t->device_count; i++) {
		if (!fits_any_segment(model->texts.pool + t->devices[i].name, name))
			continue;
		*ambiguous = found != NO_NUMBER;
		if (*ambiguous)
			return NO_NUMBER;
		found = i;
	}
	return found;
}

static int compare_devices(const void *left, const void *right, void *pool)
{
	const struct snapshot_device *a = left, *b = right;

	if (a->group != b->group) /* NO_GROUP is the greatest */
		return a->group < b->group ? -1 : 1;
	return strcmp((const char *)pool + a->name, (const char *)pool + b->name);
}

static void slice_devices(struct snapshot *snap)
{
	size_t at = 0;

	for (size_t i = 0; i < snap->group_count; i++) {
		struct snapshot_group *group = &snap->groups[i];

		while (at < snap->device_count && snap->devices[at].group < group->id)
			at++;
		group->first_device = (uint32_t)at;
		while (at < snap->device_count && snap->devices[at].group == group->id)
			at++;
		group->device_count = (uint32_t)at - group->first_device;
	}
}

#define TAKE(array, count, capacity)                                                       \
	do {                                                                               \
		model_reserve(&snap->array, &snap->capacity, t->count, sizeof(*t->array)); \
		if (t->count)                                                              \
			memcpy(snap->array, t->array, t->count * sizeof(*t->array));       \
		snap->count = t->count;                                                    \
	} while (0)

static void note_places(struct model *model, const struct snapshot *snap)
{
	struct topology *t = &model->topology;

	t->places = xrealloc(t->places, snap->device_count * sizeof(*t->places));
	for (size_t i = 0; i < snap->device_count; i++) {
		const char *name = snapshot_text(snap, snap->devices[i].name);

		t->places[model_texts_intern(&model->texts, name)->device] = (uint32_t)i;
	}
}

void model_topology_snapshot(struct model *model, struct snapshot *snap)
{
	struct topology *t = &model->topology;

	snap->topology_known = model->topology_known;
	if (snap->topology_version == t->version)
		return;
	TAKE(units, unit_count, unit_capacity);
	TAKE(groups, group_count, group_capacity);
	TAKE(devices, device_count, device_capacity);
	if (snap->device_count)
		qsort_r(snap->devices, snap->device_count, sizeof(*snap->devices), compare_devices,
		        snap->pool);
	slice_devices(snap);
	note_places(model, snap);
	snap->topology_version = t->version;
}

void model_topology_release(struct topology *topology)
{
	free(topology->units);
	free(topology->groups);
	free(topology->devices);
	free(topology->places);
}
