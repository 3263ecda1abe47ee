// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_topology: the machine, units, groups and devices, as ATTR and GONE events tell them. Pure.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "fact_places.h"
#include "util.h"

/* What there is no room for, in the table or in the pool of names, is not kept: that is said. */
static bool has_room(struct topology *t, size_t count, size_t limit)
{
	t->cut |= count >= limit;
	return count < limit;
}

static struct unit *find_unit(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	text_id id = model_texts_id(&model->texts, name);
	size_t at = 0;

	t->cut |= !id && name && *name;
	if (!id)
		return NULL;
	while (at < t->unit_count && strcmp(model->texts.pool + t->units[at].shown.name, name) < 0)
		at++;
	if (at < t->unit_count && t->units[at].shown.name == id)
		return &t->units[at];
	if (!has_room(t, t->unit_count, model->limits.units))
		return NULL;
	t->units = grow(t->units, &t->unit_capacity, t->unit_count, sizeof(*t->units));
	memmove(t->units + at + 1, t->units + at, (t->unit_count++ - at) * sizeof(*t->units));
	t->units[at] = (struct unit){.shown = {.name = id, .address_bits = NO_NUMBER}};
	return &t->units[at];
}

static size_t group_place(const struct topology *t, uint32_t id)
{
	return place_of_id(t->groups, t->group_count, sizeof(*t->groups), id);
}

struct group *model_topology_find_group(struct model *model, uint32_t id)
{
	struct topology *t = &model->topology;
	size_t at = group_place(t, id);

	return at < t->group_count && t->groups[at].shown.id == id ? &t->groups[at] : NULL;
}

struct group *model_topology_group(struct model *model, uint32_t id)
{
	struct topology *t = &model->topology;
	struct group *found = model_topology_find_group(model, id);
	size_t at = group_place(t, id);

	if (found)
		return found;
	if (!has_room(t, t->group_count, model->limits.groups))
		return NULL;
	t->groups = grow(t->groups, &t->group_capacity, t->group_count, sizeof(*t->groups));
	memmove(t->groups + at + 1, t->groups + at, (t->group_count++ - at) * sizeof(*t->groups));
	t->groups[at] = (struct group){
		.shown = {.id = id,
	                  .domain = NO_DOMAIN,
	                  .default_domain = NO_DOMAIN,
	                  .holder = NO_PROCESS},
		.detached_from = NO_DOMAIN,
	};
	t->version++;
	t->membership++;
	return &t->groups[at];
}

static struct snapshot_device *find_device(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	struct text_slot *slot = model_texts_intern(&model->texts, name);

	t->cut |= !slot && name && *name;
	if (!slot)
		return NULL;
	if (slot->device != NO_NUMBER)
		return &t->devices[slot->device];
	if (!has_room(t, t->device_count, model->limits.devices))
		return NULL;
	t->devices = grow(t->devices, &t->device_capacity, t->device_count, sizeof(*t->devices));
	slot->device = (uint32_t)t->device_count++;
	t->membership++;
	t->devices[slot->device] = (struct snapshot_device){
		.name = slot->text,
		.group = NO_GROUP,
		.class_code = NO_NUMBER,
		.vendor_id = NO_NUMBER,
		.device_id = NO_NUMBER,
		.revision = NO_NUMBER,
		.vfs = NO_NUMBER,
		.numa = NO_NUMBER,
		.multifunction = NO_NUMBER,
	};
	return &t->devices[slot->device];
}

static void *find_subject(struct model *model, const struct event *ev)
{
	switch (ev->attr.subject) {
	case SUBJECT_MACHINE:
		return &model->topology.machine;
	case SUBJECT_UNIT:
		return find_unit(model, ev->attr.name);
	case SUBJECT_GROUP:
		return ev->attr.id == NO_GROUP ? NULL : model_topology_group(model, ev->attr.id);
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

void model_topology_init(struct topology *topology)
{
	topology->machine = (struct snapshot_machine){
		.physical_bits = NO_NUMBER,
		.dma_entries = NO_NUMBER,
		.driverctl = NO_NUMBER,
		.log_since_boot = NO_NUMBER,
	};
}

void model_topology_attr(struct model *model, const struct event *ev)
{
	const struct fact_place *place = &fact_places[ev->attr.attribute];
	uint32_t value = value_of(model, ev);
	void *subject = place->where == FACT_AS_TOLD ? find_subject(model, ev) : NULL;
	uint32_t old;

	if (!subject)
		return;
	memcpy(&old, (char *)subject + place->offset, sizeof(old));
	memcpy((char *)subject + place->offset, &value, sizeof(value));
	model->topology.version++;
	/* A group that nobody announced is there all the same, or its devices would not be shown.
	 */
	if (ev->attr.attribute == ATTR_DEVICE_GROUP && value != NO_GROUP)
		model_topology_group(model, value);
	model->topology.membership += ev->attr.attribute == ATTR_DEVICE_GROUP && old != value;
	if (ev->attr.attribute == ATTR_DEVICE_DRIVER && old != value && model->topology_known)
		model_log_add(model, ev);
}

bool model_topology_fact(enum attribute attribute, const void *of, uint32_t *value)
{
	if (fact_places[attribute].where == FACT_AS_TOLD)
		*value = fact_value(attribute, of);
	return fact_places[attribute].where == FACT_AS_TOLD;
}

static void unit_gone(struct model *model, const char *name)
{
	struct topology *t = &model->topology;
	text_id id = model_texts_id(&model->texts, name);

	for (size_t i = 0; i < t->unit_count; i++) {
		if (t->units[i].shown.name != id)
			continue;
		memmove(t->units + i, t->units + i + 1, (--t->unit_count - i) * sizeof(*t->units));
		return;
	}
}

static void group_gone(struct model *model, uint32_t id)
{
	struct topology *t = &model->topology;
	size_t at = group_place(t, id);

	if (at == t->group_count || t->groups[at].shown.id != id)
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
	t->membership++;
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

static int compare_members(const void *left, const void *right, void *of)
{
	const struct model *model = of;
	const struct snapshot_device *a = &model->topology.devices[*(const uint32_t *)left];
	const struct snapshot_device *b = &model->topology.devices[*(const uint32_t *)right];

	if (a->group != b->group) /* NO_GROUP is the greatest */
		return a->group < b->group ? -1 : 1;
	return strcmp(model->texts.pool + a->name, model->texts.pool + b->name);
}

static void slice_members(struct topology *t)
{
	size_t at = 0;

	for (size_t i = 0; i < t->group_count; i++) {
		struct snapshot_group *group = &t->groups[i].shown;

		while (at < t->device_count && t->devices[t->members[at]].group < group->id)
			at++;
		group->first_device = (uint32_t)at;
		while (at < t->device_count && t->devices[t->members[at]].group == group->id)
			at++;
		group->device_count = (uint32_t)at - group->first_device;
	}
}

static void sort_members(struct model *model)
{
	struct topology *t = &model->topology;

	if (t->sorted_from == t->membership)
		return;
	t->members = xrealloc(t->members, t->device_count * sizeof(*t->members));
	t->places = xrealloc(t->places, t->device_count * sizeof(*t->places));
	for (uint32_t i = 0; i < t->device_count; i++)
		t->members[i] = i;
	if (t->device_count)
		qsort_r(t->members, t->device_count, sizeof(*t->members), compare_members, model);
	for (uint32_t i = 0; i < t->device_count; i++)
		t->places[t->members[i]] = i;
	t->member_count = t->device_count;
	slice_members(t);
	t->sorted_from = t->membership;
}

struct snapshot_device *model_topology_device(struct model *model, text_id name)
{
	const struct text_slot *slot = model_texts_intern(&model->texts, model->texts.pool + name);

	return slot && slot->device != NO_NUMBER ? &model->topology.devices[slot->device] : NULL;
}

struct group *model_topology_group_of(struct model *model, text_id device)
{
	const struct snapshot_device *found = model_topology_device(model, device);

	return found && found->group != NO_GROUP ? model_topology_find_group(model, found->group)
	                                         : NULL;
}

size_t model_topology_members(struct model *model, const struct group *group)
{
	sort_members(model);
	return group->shown.device_count;
}

struct snapshot_device *model_topology_member(struct model *model, const struct group *group,
                                              size_t at)
{
	struct topology *t = &model->topology;

	return &t->devices[t->members[group->shown.first_device + at]];
}

/* Base class 06, sub class 04. */
bool model_topology_is_bridge(const struct snapshot_device *device)
{
	return device->class_code != NO_NUMBER && device->class_code >> 8 == 0x0604;
}

void model_topology_invalidations(struct model *model, const struct event *ev)
{
	struct unit *unit = find_unit(model, ev->attr.name);

	if (!unit)
		return;
	if (ev->attr.value == VALUE_UNKNOWN) {
		unit->shown.invalidations = (struct count){0, KNOWN_NOT};
		unit->counted_before = false;
		return;
	}
	if (model->start_ns && ev->ts_ns == model->start_ns)
		unit->before_start = ev->attr.value;
	unit->shown.invalidations =
		(struct count){ev->attr.value - unit->before_start, KNOWN_EXACT};
}

/* A rate needs two readings; one that is lower than the one before began anew. */
static void unit_tick(const struct model *model, struct unit *unit)
{
	const struct count *now = &unit->shown.invalidations;
	bool known = now->known == KNOWN_EXACT && unit->counted_before && model->interval_ns &&
	             now->n >= unit->before_tick;

	unit->shown.invalidations_per_s = (struct rate){0, KNOWN_NOT};
	if (known)
		unit->shown.invalidations_per_s = (struct rate){
			(double)(now->n - unit->before_tick) * 1e9 / (double)model->interval_ns,
			KNOWN_EXACT};
	unit->before_tick = now->n;
	unit->counted_before = now->known == KNOWN_EXACT;
}

void model_topology_tick(struct model *model)
{
	for (size_t i = 0; i < model->topology.unit_count; i++)
		unit_tick(model, &model->topology.units[i]);
}

/* What units count changes with each tick, so they are copied each time. */
static void units_snapshot(const struct topology *t, struct snapshot *snap)
{
	model_reserve(&snap->units, &snap->unit_capacity, t->unit_count, sizeof(*snap->units));
	for (size_t i = 0; i < t->unit_count; i++)
		snap->units[i] = t->units[i].shown;
	snap->unit_count = t->unit_count;
}

static void groups_snapshot(const struct topology *t, struct snapshot *snap)
{
	model_reserve(&snap->groups, &snap->group_capacity, t->group_count, sizeof(*snap->groups));
	for (size_t i = 0; i < t->group_count; i++)
		snap->groups[i] = t->groups[i].shown;
	snap->group_count = t->group_count;
}

static void devices_snapshot(const struct topology *t, struct snapshot *snap)
{
	model_reserve(&snap->devices, &snap->device_capacity, t->device_count,
	              sizeof(*snap->devices));
	for (size_t i = 0; i < t->device_count; i++)
		snap->devices[i] = t->devices[t->members[i]];
	snap->device_count = t->device_count;
}

void model_topology_snapshot(struct model *model, struct snapshot *snap)
{
	struct topology *t = &model->topology;

	snap->topology_known = model->topology_known;
	snap->topology_cut = t->cut;
	snap->machine = t->machine;
	units_snapshot(t, snap);
	sort_members(model);
	if (snap->topology_version == t->version)
		return;
	groups_snapshot(t, snap);
	devices_snapshot(t, snap);
	snap->topology_version = t->version;
}
